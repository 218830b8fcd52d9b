"""Read lists of privacy notices: the number of the system of records, the day, and what the notice does."""

import re
from dataclasses import dataclass
from typing import Literal

from custodiet.model.errors import InputError
from custodiet.model.text import tidy
from custodiet.sources.reading import Reading, check_table, place_columns, tell_faults
from custodiet.sources.spec import Form, Release
from custodiet.sources.tables import Table

Action = Literal["new", "modified", "rescinded", "not-said"]

# "DHS/ICE-011": anchored, because a bare "ICE-0" also stands in "United States Secret Service-003".
_NUMBER = re.compile(r"\b(DHS/[A-Z&]+-\d{3})\b")
_ACTIONS: tuple[tuple[Action, str], ...] = (
    ("rescinded", r"\brescind|\brescission|\bdiscontinu"),
    ("modified", r"\bmodif|\brevis|\bupdat|\bamend|\breissu|\balter"),
    ("new", r"\bnew (?:privacy act )?system of records|\bestablish"),
)


@dataclass(frozen=True)
class Notice:
    """One notice: `number` is its system's, where its title gives one; `published` is an ISO day."""

    row: int
    title: str
    number: str | None
    published: str
    action: Action
    url: str
    agencies: str | None


@dataclass(frozen=True, kw_only=True)
class NoticeReading(Reading):
    """A list of notices, read."""

    notices: tuple[Notice, ...]


def action_of(text: str) -> Action:
    """Return what a notice does, as far as its own words say; rescinding comes before modifying before establishing."""
    for action, pattern in _ACTIONS:
        if re.search(pattern, text, re.IGNORECASE):
            return action
    return "not-said"


def read_notices(table: Table, release: Release, form: Form, shown: str) -> NoticeReading:
    """Return the notices of a list.

    Raises:
        InputError: a column is missing, a day can't be read, or the release does not hold what its source asserts.

    """
    names, columns, position = place_columns(table, form, shown)
    notices = []
    for number, row in enumerate(table.rows, start=1):
        day = row[position["published"]].strip()
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", day):
            place = names[position["published"]]
            raise InputError(f"{shown}, row {number}, column {place!r}: {day[:40]!r} is no day; fetch the file again.")
        title = tidy(row[position["title"]])
        found = _NUMBER.search(title)
        prose = " ".join(tidy(row[position[name]]) for name in ("action", "abstract") if name in position).strip()
        agencies = row[position["agencies"]] if "agencies" in position else None
        notices.append(Notice(
            number, title, found[1] if found else None, day, action_of(f"{title} {prose}") if prose else "not-said",
            row[position["url"]].strip(), "; ".join(re.findall(r'"name": "([^"]+)"', agencies)) if agencies else None,
        ))  # fmt: skip
    return NoticeReading(
        notices=tuple(notices),
        columns=tuple(zip(names, columns, strict=True)),
        cells=table.rows,
        assertions_held=check_table(table, position, release, shown),
        faults=tell_faults(table, release),
    )
