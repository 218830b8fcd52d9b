"""How texts are compared, in one place: white space put in order, and names folded."""

import re


def tidy(text: str) -> str:
    """Return a text with its white space put in order; nothing else is changed."""
    return " ".join(text.split())


def fold_name(name: str) -> str:
    """Return a name as it is compared: tidy, lower case, no trailing full stop."""
    return tidy(name).rstrip(".").casefold()


def normalise_name(name: str) -> str:
    """Return a use case's name as it is compared: lower case, runs of anything but letters and digits one space."""
    return re.sub(r"[^a-z0-9]+", " ", name.casefold()).strip()
