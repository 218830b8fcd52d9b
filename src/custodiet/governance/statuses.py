"""The five answers of an assessment, and how several pieces of evidence make one."""

from collections.abc import Sequence
from typing import Literal

Status = Literal["met", "partly", "not", "not-applicable", "unknown"]
STATUSES: tuple[Status, ...] = ("met", "partly", "not", "not-applicable", "unknown")


def combine(statuses: Sequence[Status]) -> Status:
    """Return what several parts of a duty say together.

    Parts that do not apply drop out. All that remain must be met for *met*; nothing known is *unknown*; something in place or
    under way besides something that is not is *partly*; and what is nowhere in place, nor under way, is *not*.
    """
    parts = [status for status in statuses if status != "not-applicable"]
    if not parts:
        return "not-applicable" if statuses else "unknown"
    if all(part == "met" for part in parts):
        return "met"
    if any(part in ("met", "partly") for part in parts):
        return "partly"
    return "not" if "not" in parts else "unknown"


def at_most(status: Status, limit: Literal["met", "partly"]) -> Status:
    """Return a status that does not exceed what its evidence can show.

    Evidence of one part of a broad duty can show that part; that the part is missing, or was not asked of this subject, says
    nothing of the whole.
    """
    if limit == "met":
        return status
    return "partly" if status in ("met", "partly") else "unknown"
