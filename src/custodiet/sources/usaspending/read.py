"""Read contract transactions, and measure how complete each agency's year is."""

import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from custodiet.model.errors import InputError
from custodiet.sources.reading import Reading, check_assertions, pair_columns
from custodiet.sources.spec import Form, Release
from custodiet.sources.tables import Table, column_names
from custodiet.sources.usaspending.recipients import WITHHELD, kind_of

# The API gives a hundred rows a page, largest amounts first.
PAGE = 100
_AMOUNT = re.compile(r"-?\d+(\.\d{1,2}0*)?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Part:
    """One agency's fiscal year in a release: what was measured, and what that says of its completeness."""

    agency: str
    fiscal_year: int
    rows: int
    repeats: int
    negatives: int
    net: Decimal
    is_truncated: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class TransactionReading(Reading):
    """A file of transactions, read; individuals' names are withheld in its cells."""

    recipient_kinds: dict[str, str]
    parts: tuple[Part, ...]


def fiscal_year(day: str) -> int:
    """Return the federal fiscal year of an ISO day: it begins on 1 October of the year before."""
    year, month = int(day[:4]), int(day[5:7])
    return year + (month >= 10)


def read_transactions(table: Table, release: Release, form: Form, shown: str) -> TransactionReading:
    """Return the rows of a transaction file and the measure of its parts.

    Raises:
        InputError: a column is missing, an amount or a day can't be read, or the release does not hold what its
            source asserts.

    """
    names = column_names(table.headers)
    columns = pair_columns(table.headers, form, shown)
    position = {str(column.field): i for i, column in enumerate(columns) if column and column.field}
    amount_at, day_at, recipient_at = position["obligation"], position["action_date"], position["recipient"]
    kinds: dict[str, str] = {}
    rows = []
    for number, row in enumerate(table.rows, start=1):
        if not _AMOUNT.fullmatch(row[amount_at]):
            raise InputError(
                f"{shown}, row {number}, column {names[amount_at]!r}: {row[amount_at][:40]!r} is no amount in dollars; "
                "fetch the file again."
            )
        if not _DAY.fullmatch(row[day_at]):
            raise InputError(
                f"{shown}, row {number}, column {names[day_at]!r}: {row[day_at][:40]!r} is no day such as 2025-10-01; "
                "fetch the file again."
            )
        name = row[recipient_at]
        kind = kinds.get(name) or kind_of(name)
        if kind == "individual":
            kinds[WITHHELD] = kind
            rows.append((*row[:recipient_at], WITHHELD, *row[recipient_at + 1 :]))
        else:
            kinds[name] = kind
            rows.append(row)
    fields = {name: [row[i] for row in table.rows] for name, i in position.items()}
    held = check_assertions(fields, len(table.rows), len(table.headers), release, shown)
    parts = tuple(_measure(table, position))
    return TransactionReading(
        cells=tuple(rows),
        columns=tuple(zip(names, columns, strict=True)),
        recipient_kinds=kinds,
        parts=parts,
        assertions_held=held,
        faults=tuple(f"{part.agency} FY{part.fiscal_year} {part.reason}" for part in parts if part.is_truncated),
    )


def _measure(table: Table, position: dict[str, int]) -> list[Part]:
    by_part: dict[tuple[str, int], list[tuple[str, ...]]] = {}
    for row in table.rows:
        by_part.setdefault((row[position["agency"]], fiscal_year(row[position["action_date"]])), []).append(row)
    parts = []
    for (agency, year), rows in sorted(by_part.items()):
        # What its source counted as one page after another includes the repeats; what is summed does not.
        distinct = Counter(rows)
        amounts = [Decimal(row[position["obligation"]]) for row in distinct]
        negatives = sum(amount < 0 for amount in amounts)
        truncated = len(rows) % PAGE == 0 and negatives == 0
        last = max(row[position["action_date"]] for row in rows)
        reason = (
            f"stops after exactly {len(rows) // PAGE} pages of {PAGE} rows, and takes nothing back: the fetch broke off"
            if truncated
            else f"{len(rows):,} rows to {last}, {negatives:,} of them taking money back; no sign of a fetch that broke off"
        )
        repeats = len(rows) - len(distinct)
        if repeats:
            reason += f"; {repeats:,} rows repeat another cell for cell and count once"
        parts.append(Part(agency, year, len(rows), repeats, negatives, sum(amounts, Decimal(0)), truncated, reason))
    return parts
