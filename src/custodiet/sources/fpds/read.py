"""Read which names stand under which identifiers; a natural person's row loses its name and its identifiers."""

from dataclasses import dataclass

from custodiet.model.errors import InputError
from custodiet.sources.reading import Reading, check_table, place_columns
from custodiet.sources.spec import Form, Release
from custodiet.sources.tables import Table
from custodiet.sources.usaspending.recipients import WITHHELD, RecipientKind, kind_of


@dataclass(frozen=True)
class VendorName:
    """A name under one identifier, in `actions` contract actions; an individual has no identifier here."""

    row: int
    uei: str | None
    name: str
    kind: RecipientKind
    actions: int
    parent_uei: str | None


@dataclass(frozen=True, kw_only=True)
class VendorNameReading(Reading):
    """A file of names under identifiers, read."""

    names: tuple[VendorName, ...]


def read_vendor_names(table: Table, release: Release, form: Form, shown: str) -> VendorNameReading:
    """Return the names of a file, in its order.

    Raises:
        InputError: a column is missing, a count can't be read, or the release does not hold what its source asserts.

    """
    names, columns, position = place_columns(table, form, shown)
    read = []
    cells = []
    for number, row in enumerate(table.rows, start=1):
        count = row[position["actions"]].strip()
        if not (count.isascii() and count.isdigit()):
            raise InputError(
                f"{shown}, row {number}, column {names[position['actions']]!r}: {count[:40]!r} is no count; fetch it again."
            )
        kept = list(row)
        kind = kind_of(row[position["name"]])
        if kind == "individual":
            # An identifier leads to its owner's name, so it goes with the name.
            kept[position["name"]] = WITHHELD
            kept[position["uei"]] = kept[position["parent_uei"]] = ""
        read.append(VendorName(
            number, kept[position["uei"]].strip() or None, kept[position["name"]], kind, int(count),
            kept[position["parent_uei"]].strip() or None,
        ))  # fmt: skip
        cells.append(tuple(kept))
    return VendorNameReading(
        names=tuple(read),
        columns=tuple(zip(names, columns, strict=True)),
        cells=tuple(cells),
        assertions_held=check_table(table, position, release, shown),
    )
