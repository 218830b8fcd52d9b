"""What every reader does and tells: pair a file's headers with its form, and hold the file to what its source asserts."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from custodiet.model.errors import InputError
from custodiet.model.text import tidy
from custodiet.sources.spec import Column, Form, Release
from custodiet.sources.tables import Table, column_names


@dataclass(frozen=True)
class UnknownValue:
    """A word that a closed vocabulary does not know: kept as published, and reported."""

    column: str
    text: str
    count: int


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A release, read, whatever is in it."""

    # Each column's citable name with its description, or None where the form has none.
    columns: tuple[tuple[str, Column | None], ...]
    # The cells of its records as they may be kept, record by record, in the file's own columns.
    cells: tuple[tuple[str, ...], ...]
    assertions_held: tuple[str, ...]
    unknown_values: tuple[UnknownValue, ...] = ()
    # Cells that stand under the last record and belong to none.
    stray_cells: tuple[str, ...] = ()
    # What shows that the publisher's file is not whole, though it is the pinned one.
    faults: tuple[str, ...] = ()


def pair_columns(headers: Sequence[str], form: Form, shown: str) -> list[Column | None]:
    """Give each header of a file its column of the form (a repeated header, in order), or None if the form has none.

    Raises:
        InputError: a column of the form is missing that is not optional.

    """
    waiting: dict[str, list[Column]] = {}
    for column in form.columns:
        waiting.setdefault(tidy(column.header), []).append(column)
    paired: list[Column | None] = []
    strange: list[str] = []
    for header in headers:
        known = waiting.get(tidy(header))
        found = known.pop(0) if known else form.describe_other(header)
        if found is None:
            strange.append(tidy(header))
        paired.append(found)
    missing = [header for header, left in waiting.items() if not all(column.optional for column in left)]
    if missing:
        hint = f" (it has {strange[0]!r}, which the form has not)" if strange else ""
        raise InputError(
            f"{shown}, row 0: the column {missing[0]!r} is missing{hint}; fetch the published file, or describe the "
            "new form in the source's folder."
        )
    return paired


def place_columns(table: Table, form: Form, shown: str) -> tuple[tuple[str, ...], list[Column | None], dict[str, int]]:
    """Return how each column of a table is cited, what the form says of it, and where each field of the form stands.

    Raises:
        InputError: a column of the form is missing.

    """
    columns = pair_columns(table.headers, form, shown)
    position = {str(column.field): i for i, column in enumerate(columns) if column and column.field}
    return column_names(table.headers), columns, position


def check_table(table: Table, position: Mapping[str, int], release: Release, shown: str) -> tuple[str, ...]:
    """Return what a release was asserted to hold and holds; `position` says where its fields stand.

    Raises:
        InputError: it does not hold something.

    """
    fields = {name: [row[i] for row in table.rows] for name, i in position.items()}
    return check_assertions(fields, len(table.rows), len(table.headers), release, shown)


def check_assertions(
    fields: Mapping[str, Sequence[str]], records: int, columns: int, release: Release, shown: str
) -> tuple[str, ...]:
    """Return what a release was asserted to hold and holds; `fields` are the texts of its fields, record by record.

    Raises:
        InputError: it does not hold something.

    """
    asserted = release.assertions
    if records != asserted.rows:
        raise InputError(
            f"{shown}, row {records}: the file ends after {records:,} records where {asserted.rows:,} were "
            "published; it was cut off or added to, so fetch it again."
        )
    held = [f"{asserted.rows:,} records", f"{columns} columns"]
    for field, share in asserted.filled.items():
        filled = sum(1 for text in fields[field] if text.strip())
        if filled < share * records:
            raise InputError(
                f"{shown}, column for {field!r}: filled in {filled:,} of {records:,} records, fewer than the "
                f"{share:.0%} that the source asserts; the file was damaged, so fetch it again."
            )
        held.append(f"{field} filled in {share:.0%} or more")
    for field, count in asserted.distinct.items():
        distinct = len({" ".join(text.split()) for text in fields[field]})
        if distinct != count:
            raise InputError(
                f"{shown}, column for {field!r}: {distinct} distinct values where {count} were published; the file "
                "was changed, so fetch it again."
            )
        held.append(f"{count} values of {field}")
    return tuple(held)


def read_day(text: str, place: str, *, is_resaved: bool = True) -> str:
    """Return the ISO form of a day. Downloads that Excel re-saved write 12/22/17; what comes from an API never does.

    Raises:
        InputError: it is none; `place` says where it stands.

    """
    plain = re.sub(r"[ T]\d{1,2}:\d{2}.*$", "", text.strip())
    for pattern in ("%Y-%m-%d", "%m/%d/%y", "%m/%d/%Y") if is_resaved else ("%Y-%m-%d",):
        try:
            return dt.datetime.strptime(plain, pattern).date().isoformat()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    raise InputError(f"{place}: {text[:40]!r} is no day such as 2025-10-01; fetch the file again.")


def tell_faults(table: Table, release: Release) -> tuple[str, ...]:
    """Return what a file's frame, or its publisher's own count, says against its being whole."""
    counted = table.counted if release.counted is None else release.counted
    if counted is None or counted == len(table.rows):
        return table.faults
    return (f"{len(table.rows):,} of the {counted:,} records that its publisher counts", *table.faults)
