"""The closed sets of words of a query log: canonical columns, and what a cell of them can tell.

The states are those of the notes on released logs: "masked", "blank", "not exported", "exemption cited" and "placeholder"
are different facts, and a share over a column that was not exported is undefined.
"""

from dataclasses import dataclass
from typing import Literal

CellState = Literal[
    "value", "empty", "placeholder", "masked_vendor_marker", "masked_agency", "exemption_citation", "partial",
    "withheld_by_letter", "not_exported", "shifted", "unparsed", "unreadable",
]  # fmt: skip
STATES: dict[str, str] = {
    "value": "the cell says something",
    "empty": "the column was exported, and the cell is empty",
    "placeholder": "filler, such as n/a, a dash, or test",
    "masked_vendor_marker": "`***`: the vendor's own mark for a masked cell; who masked it, the file does not say",
    "masked_agency": "REDACTED, ###, blocks: masked before release",
    "exemption_citation": "an exemption of a public records law stands in place of the cell",
    "partial": "cut short or masked in part, such as a name as an initial and three letters",
    "withheld_by_letter": "the agency's letter says that it left the column out",
    "not_exported": "the file has no such column",
    "shifted": "the cell stands in another column's place",
    "unparsed": "not a time or number of any form that the profile knows",
    "unreadable": "two readers of the PDF read different things",
}

Kind = Literal["searches", "events", "sharing"]
Role = Literal["text", "time", "count", "id", "window"]


@dataclass(frozen=True, slots=True)
class Canonical:
    """A canonical column: what it holds, how it is read, and whether its text names a person, a vehicle or a case."""

    title: str
    role: Role
    # Tokens replace the text before anything is stored.
    is_secret: bool = False


# Every column that a search can have. Texts become dictionaries of distinct values; the rest is parsed.
COLUMNS: dict[str, Canonical] = {
    "search_id": Canonical("Search ID", "id"),
    "searcher": Canonical("User who searched", "text", is_secret=True),
    "organisation": Canonical("Searching organisation", "text"),
    "networks": Canonical("Networks searched", "count"),
    "devices": Canonical("Cameras or devices searched", "count"),
    "time_frame": Canonical("Window searched", "window"),
    "window_start": Canonical("Start of the window searched", "time"),
    "window_end": Canonical("End of the window searched", "time"),
    "plate": Canonical("Plate", "text", is_secret=True),
    "reason": Canonical("Reason", "text"),
    "case_number": Canonical("Case number", "text", is_secret=True),
    "filters": Canonical("Filters", "text"),
    "offence_type": Canonical("Offence type", "text"),
    "search_type": Canonical("Search type", "text"),
    "prompt": Canonical("Text prompt", "text"),
    "moderation": Canonical("Moderation", "text"),
    "judicial_process": Canonical("Judicial process", "text"),
    "date": Canonical("Day of the search", "time"),
    "time": Canonical("Time of the search", "time"),
}
TEXT_COLUMNS = tuple(name for name, column in COLUMNS.items() if column.role == "text")
COUNT_COLUMNS = ("networks", "devices")
# What a rule or a measure may ask to be there: the file's columns, by what they tell and not by how they are split.
FIELDS = ("search_id", *TEXT_COLUMNS, *COUNT_COLUMNS, "window", "time")

EVENT_COLUMNS = ("event_time", "event_user", "event_type", "entity_type", "entity_details", "event_id")
SHARING_COLUMNS = ("organisation", "shared_with_us", "sharing")

# The written forms of a time, by name: DuckDB's formats, tried in this order, and whether the text itself says UTC.
TIME_FORMS: dict[str, tuple[tuple[str, ...], bool]] = {
    "flock": (("%m/%d/%Y, %I:%M:%S %p UTC",), True),
    "portal": (
        ("%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S+00:00", "%Y-%m-%dT%H:%M:%S.%f+00:00"),
        True,
    ),
    "plain": (("%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S"), False),
    "plain-t": (("%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S"), False),
    "american": (("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y, %I:%M:%S %p"), False),
}
