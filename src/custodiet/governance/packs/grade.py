"""Whether a sentence of a pack may stand by itself, and how it is marked where it may not."""

import datetime as dt

from custodiet.governance.packs.schema import Graded, PackPage

GRADES = {
    "V": "held against the text",
    "S": "unverified: taken from somebody's account of the text",
    "R": "unverified: recalled",
}


def is_flat(entry: Graded) -> bool:
    """Tell whether an entry was held against the text, so that a document may print it without a mark."""
    return entry.grade == "V"


def mark(entry: Graded) -> str:
    """Return what must stand beside an entry: nothing where it is verified, else that it is not, and what to verify."""
    return "" if is_flat(entry) else f"{GRADES[entry.grade]}; verify {entry.verify}"


def is_stale(page: PackPage, as_of: dt.date) -> bool:
    """Tell whether the day by which a pack is to be verified anew has passed."""
    return as_of > page.verify_by
