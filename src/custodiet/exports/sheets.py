"""The whole register as one workbook, a sheet a table."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from custodiet.exports.cells import NUMBERS
from custodiet.exports.describe import TERMS, TITLE, Origin, cite_release, fields, made_by
from custodiet.exports.published import Table
from custodiet.exports.workbook import XLSX_COLUMN_LIMIT, XLSX_ROW_LIMIT, Workbook
from custodiet.model.errors import ExportError
from custodiet.store import Register

# A double shows no more digits; an amount with more of them stays a text.
EXACT_DIGITS = 15


def write_workbook(register: Register, tables: Sequence[Table], origin: Origin, path: Path) -> int:
    """Write the tables as sheets, after one that says what they are; return how many cells had to be cut.

    Raises:
        ExportError: a table has more rows or columns than a sheet holds.

    """
    for table in tables:
        columns = len(table.flat)
        if table.rows + 1 > XLSX_ROW_LIMIT or columns > XLSX_COLUMN_LIMIT:
            raise ExportError(
                f"{path}: {table.name} has {table.rows:,} rows and {columns:,} columns, and a sheet holds "
                f"{XLSX_ROW_LIMIT - 1:,} below its header and {XLSX_COLUMN_LIMIT:,}; ask for less with `--tables` or "
                "`--agency`, or for csv or parquet."
            )
    workbook = Workbook(path, TITLE)
    workbook.add_sheet("about", ("sheet", "column", "what it is"), _about(tables, origin), (20, 30, 60))
    cuts = 0
    for table in tables:
        names, rows = table.texts(register)
        cuts += workbook.add_sheet(table.name, names, _with_numbers(table, rows), [18] * len(names))
    workbook.close()
    return cuts


def _with_numbers(table: Table, rows: Iterator[list[Any]]) -> Iterator[list[Any]]:
    numbers = [(position, column.kind) for position, column in enumerate(table.flat) if column.kind in NUMBERS]
    for row in rows:
        for position, kind in numbers:
            if row[position] is not None:
                row[position] = _number(row[position], kind)
        yield row


def _number(text: str, kind: str) -> float | int | str:
    if kind == "decimal":
        return float(text) if sum(sign.isdigit() for sign in text) <= EXACT_DIGITS else text
    return float(text) if kind == "double" else int(text)


def _about(tables: Sequence[Table], origin: Origin) -> Iterator[tuple[str, str, str]]:
    yield "", "", TERMS
    yield "", "", made_by(origin)
    for table in tables:
        yield table.name, "", f"{table.about} {table.rows:,} rows."
        for name, _, about in fields(table, is_flat=True):
            yield table.name, name, about
    for release in origin.releases:
        yield "", release["release"], cite_release(release)
