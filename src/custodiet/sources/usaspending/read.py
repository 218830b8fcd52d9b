"""Read contract transactions, and measure how complete each agency's year is."""

import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from custodiet.model.dates import fiscal_year
from custodiet.model.errors import InputError
from custodiet.sources.bureaus import short_name
from custodiet.sources.reading import Reading, check_table, place_columns, read_day, tell_faults
from custodiet.sources.spec import Form, Release
from custodiet.sources.tables import Table
from custodiet.sources.usaspending.contacts import described_at, without_contacts
from custodiet.sources.usaspending.recipients import NAMES, WITHHELD, is_individual, kind_of, withhold

_AMOUNT = re.compile(r"-?\d+(\.\d{1,2}0*)?")


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
    # What our tables call each of the file's agencies.
    agencies: dict[str, str]
    parts: tuple[Part, ...]


def read_transactions(table: Table, release: Release, form: Form, shown: str) -> TransactionReading:
    """Return the rows of a transaction file and the measure of its parts.

    Raises:
        InputError: a column is missing, an amount or a day can't be read, or the release does not hold what its
            source asserts.

    """
    names, columns, position = place_columns(table, form, shown)
    amount_at, day_at, recipient_at = position["obligation"], position["action_date"], position["recipient"]
    kinds: dict[str, str] = {}
    rows = []
    # A file has few days: each is read once.
    days: dict[str, str] = {}
    measured: dict[tuple[str, int], list[tuple[str, tuple[str, ...]]]] = {}
    has_other_names = any(name in position for name in NAMES if name != "recipient")
    described = described_at(columns, names)
    for number, published in enumerate(table.rows, start=1):
        row = without_contacts(published, described)
        if not _AMOUNT.fullmatch(row[amount_at]):
            raise InputError(
                f"{shown}, row {number}, column {names[amount_at]!r}: {row[amount_at][:40]!r} is no amount in dollars; "
                "fetch the file again."
            )
        day = days.get(row[day_at])
        if day is None:
            place = f"{shown}, row {number}, column {names[day_at]!r}"
            day = days[row[day_at]] = read_day(row[day_at], place, is_resaved=form.page is None)
        measured.setdefault((short_name(row[position["agency"]]), fiscal_year(day)), []).append((day, row))
        name = row[recipient_at]
        if is_individual(row, position):
            kinds[WITHHELD] = "individual"
            rows.append(withhold(row, position, described))
        else:
            kinds[name] = kinds.get(name) or kind_of(name)
            rows.append(withhold(row, position, described) if has_other_names else row)
    held = check_table(table, position, release, shown)
    doubts = tell_faults(table, release)
    # Pages that fit the publisher's own count are whole, whatever they look like.
    page = form.page if release.counted is None else None
    if len(table.rows) == form.limit:
        doubts = (*doubts, f"exactly {form.limit:,} rows, at which the publisher's downloads stop")
    parts = tuple(
        _measure(agency, year, dated, amount_at, page, doubts) for (agency, year), dated in sorted(measured.items())
    )
    return TransactionReading(
        cells=tuple(rows),
        columns=tuple(zip(names, columns, strict=True)),
        recipient_kinds=kinds,
        agencies={name: short_name(name) for name in {row[position["agency"]] for row in table.rows}},
        parts=parts,
        assertions_held=held,
        faults=doubts or tuple(f"{part.agency} FY{part.fiscal_year} {part.reason}" for part in parts if part.is_truncated),
    )


def _measure(
    agency: str,
    year: int,
    dated: list[tuple[str, tuple[str, ...]]],
    amount_at: int,
    page: int | None,
    doubts: tuple[str, ...],
) -> Part:
    """Return the measure of an agency's year; `doubts` are those about the whole file."""
    rows = [row for _, row in dated]
    # What its source counted as one page after another includes the repeats; what is summed does not.
    distinct = Counter(rows)
    amounts = [Decimal(row[amount_at]) for row in distinct]
    negatives = sum(amount < 0 for amount in amounts)
    broke_off = page is not None and len(rows) % page == 0 and negatives == 0
    if doubts:
        reason = f"comes from a file that is not whole: {'; '.join(doubts)}"
    elif broke_off:
        pages = f"{len(rows) // (page or 1)} pages of {page} rows"
        reason = f"stops after exactly {pages}, and takes nothing back: the fetch broke off"
    else:
        last = max(day for day, _ in dated)
        reason = f"{len(rows):,} rows to {last}, {negatives:,} of them taking money back; no sign of a fetch that broke off"
    repeats = len(rows) - len(distinct)
    if repeats:
        reason += f"; {repeats:,} rows repeat another cell for cell and count once"
        if page is not None:
            reason += " (where pages overlap, as many may be lost between them)"
    is_truncated = broke_off or bool(doubts)
    return Part(agency, year, len(rows), repeats, negatives, sum(amounts, Decimal(0)), is_truncated, reason)
