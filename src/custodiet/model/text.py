"""How texts are compared, in one place: white space put in order, and names folded."""


def tidy(text: str) -> str:
    """Return a text with its white space put in order; nothing else is changed."""
    return " ".join(text.split())


def fold_name(name: str) -> str:
    """Return a name as it is compared: tidy, lower case, no trailing full stop."""
    return tidy(name).rstrip(".").casefold()
