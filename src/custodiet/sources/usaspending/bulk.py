"""Read the site's own bulk downloads: prime award summaries and subawards, hundreds of columns, some of them about people."""

import datetime as dt
import re
from dataclasses import dataclass

from custodiet.model.errors import InputError
from custodiet.sources.reading import Reading, check_assertions, pair_columns
from custodiet.sources.spec import Form, Release
from custodiet.sources.tables import Table, column_names
from custodiet.sources.usaspending.recipients import WITHHELD, kind_of

# Columns that carry a recipient's name in some spelling, taken as a field or not: an individual's goes from all of them.
NAMES = re.compile(r"(recipient|awardee)_(doing_business_as_|dba_|parent_)?name(_raw)?")
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
    names = column_names(table.headers)
    columns = pair_columns(table.headers, form, shown)
    position = {str(column.field): i for i, column in enumerate(columns) if column and column.field}
    naming = [i for i, name in enumerate(names) if NAMES.search(name)]
    cells = []
    records = []
    for number, row in enumerate(table.rows, start=1):
        kept = list(row)
        is_individual = _is_individual(row, position)
        for i in naming:
            # A firm's row can hold its owner's name as well, as its trade name or from before it was a firm.
            is_recipient_s = not names[i].startswith("prime_")
            if kept[i].strip() and ((is_individual and is_recipient_s) or kind_of(kept[i]) == "individual"):
                kept[i] = WITHHELD
        record: dict[str, str | None] = {}
        for field, i in position.items():
            text = kept[i].strip()
            if text and field in DAYS:
                record[field] = _day(text, f"{shown}, row {number}, column {names[i]!r}")
            elif text and field in AMOUNTS and not re.fullmatch(r"-?\d+(\.\d+)?", text):
                raise InputError(
                    f"{shown}, row {number}, column {names[i]!r}: {text[:40]!r} is no amount in dollars; fetch it again."
                )
            else:
                record[field] = text or None
        cells.append(tuple(kept))
        records.append(record)
    fields = {name: [row[i] for row in table.rows] for name, i in position.items()}
    return BulkReading(
        records=tuple(records),
        columns=tuple(zip(names, columns, strict=True)),
        cells=tuple(cells),
        assertions_held=check_assertions(fields, len(table.rows), len(table.headers), release, shown),
    )


def _is_individual(row: tuple[str, ...], position: dict[str, int]) -> bool:
    if "is_sole_proprietor" in position and row[position["is_sole_proprietor"]].strip().casefold() in ("t", "true", "yes"):
        return True
    if "business_types" in position and re.search(
        r"\bsole proprietor|\bindividual\b", row[position["business_types"]], re.IGNORECASE
    ):
        return True
    return kind_of(row[position["recipient"]]) == "individual"


def _day(text: str, place: str) -> str:
    """Return the ISO form of a day. Files that Excel re-saved write 12/22/17."""
    plain = re.sub(r"[ T]\d{1,2}:\d{2}.*$", "", text)
    for pattern in ("%Y-%m-%d", "%m/%d/%y", "%m/%d/%Y"):
        try:
            return dt.datetime.strptime(plain, pattern).date().isoformat()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    raise InputError(f"{place}: {text[:40]!r} is no day; fetch the file again.")
