"""Read the site's own bulk downloads: prime award summaries and subawards, hundreds of columns, some of them about people."""

import re
from dataclasses import dataclass

from custodiet.model.errors import InputError
from custodiet.sources.reading import Reading, check_table, place_columns, read_day, tell_faults
from custodiet.sources.spec import Form, Release
from custodiet.sources.tables import Table
from custodiet.sources.usaspending.contacts import described_at, without_contacts
from custodiet.sources.usaspending.recipients import withhold

DAYS = ("first_action", "last_action", "action_date")
AMOUNTS = ("obligated", "outlayed", "current_value", "potential_value", "amount")


@dataclass(frozen=True, kw_only=True)
class BulkReading(Reading):
    """A bulk file, read. `records` are its fields; days are ISO, amounts texts of dollars, empty ones None."""

    records: tuple[dict[str, str | None], ...]


def read_bulk(table: Table, release: Release, form: Form, shown: str) -> BulkReading:
    """Return the records of a bulk file, the names of individuals withheld in its cells as well.

    A recipient is an individual where the file says so (sole proprietor, "individual" among the business types) or where its
    name is a person's.

    Raises:
        InputError: a column is missing, an amount or a day can't be read, or the release does not hold what its source
            asserts.

    """
    names, columns, position = place_columns(table, form, shown)
    fields_of_form = [str(column.field) for column in form.columns if column.field]
    cells = []
    records = []
    described = described_at(columns, names)
    for number, row in enumerate(table.rows, start=1):
        kept = withhold(without_contacts(row, described), position, described)
        record: dict[str, str | None] = dict.fromkeys(fields_of_form)
        for field, i in position.items():
            text = kept[i].strip()
            if text and field in DAYS:
                record[field] = read_day(text, f"{shown}, row {number}, column {names[i]!r}")
            elif text and field in AMOUNTS and not re.fullmatch(r"-?\d+(\.\d+)?", text):
                raise InputError(
                    f"{shown}, row {number}, column {names[i]!r}: {text[:40]!r} is no amount in dollars; fetch it again."
                )
            else:
                record[field] = text or None
        cells.append(kept)
        records.append(record)
    return BulkReading(
        records=tuple(records),
        columns=tuple(zip(names, columns, strict=True)),
        cells=tuple(cells),
        assertions_held=check_table(table, position, release, shown),
        faults=tell_faults(table, release),
    )
