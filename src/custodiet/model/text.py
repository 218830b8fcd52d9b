"""How texts are compared, in one place: white space put in order, and names folded."""

import re


def tidy(text: str) -> str:
    """Return a text with its white space put in order; nothing else is changed."""
    return " ".join(text.split())


def fold_name(name: str) -> str:
    """Return a name as it is compared: tidy, lower case, no trailing full stop."""
    return tidy(name).rstrip(".").casefold()


def echo(name: str, length: int = 60) -> str:
    """Return a text in quotes for an error to name it by; a long one is cut, and ends in an ellipsis."""
    return repr(name if len(name) <= length else name[: length - 1].rstrip() + "…")


def excerpt(text: str, found: re.Match[str], length: int = 120) -> str:
    """Return whole words of a text around what was found in it, tidy; an ellipsis stands where words are left out.

    About `length` characters are kept besides the found ones, half of them before those.
    """
    before, after = tidy(text[: found.start()]), tidy(text[found.end() :])
    if len(before) > length // 2:
        before = "… " + before[-(length // 2) :].partition(" ")[2]
    if len(after) > length // 2:
        after = after[: length // 2].rpartition(" ")[0] + " …"
    left = " " if text[: found.start()][-1:].isspace() else ""
    right = " " if text[found.end() :][:1].isspace() else ""
    return f"{before}{left}{tidy(found[0])}{right}{after}".strip()


def normalise_name(name: str) -> str:
    """Return a use case's name as it is compared: lower case, runs of anything but letters and digits one space."""
    return re.sub(r"[^a-z0-9]+", " ", name.casefold()).strip()
