"""The closed sets of words that every floor shares (docs/words.md says what each means)."""

from dataclasses import dataclass
from typing import Literal

CellState = Literal[
    "reported", "blank", "withheld", "not-applicable", "in-progress", "placeholder", "not-asked", "unreadable",
]  # fmt: skip
CELL_STATES: tuple[CellState, ...] = (
    "reported", "blank", "withheld", "not-applicable", "in-progress", "placeholder", "not-asked", "unreadable",
)  # fmt: skip

Outcome = Literal["gap", "clear", "not-applicable", "cannot-tell"]
OUTCOMES: tuple[Outcome, ...] = ("gap", "clear", "not-applicable", "cannot-tell")

# From strongest to weakest. *Disputed* and *Unknown* stand beside the scale: nothing follows from them.
GRADES = ("Known", "Likely", "Inferred", "Disputed", "Unknown")

# Words of an action's description that speak of an extension. A bridge alone is mostly a place ("PEACE BRIDGE").
EXTENDED = r"(?i)\b(extend|extends|extending|extension|bridge\s+(contract|order|action|extension|award|task))\b"


@dataclass(frozen=True, slots=True)
class Cell:
    """What one cell tells: a value where it has one, and always a state.

    `text` is the cell as published; `value` is a canonical word, an ISO date (possibly only a year
    or a month), a list joined by "; ", or the text with its white space put in order.
    """

    value: str | None
    state: CellState
    text: str | None
    column: str | None
