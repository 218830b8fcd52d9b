"""The whole register as one workbook, a sheet a table."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from custodiet.exports.describe import TERMS, TITLE, Origin, cite_release, fields
from custodiet.exports.published import Table
from custodiet.exports.workbook import XLSX_COLUMN_LIMIT, XLSX_ROW_LIMIT, Workbook
from custodiet.model.errors import ExportError
from custodiet.store import Register

NUMBERS = {"integer", "bigint", "double", "decimal"}
# A double shows no more digits; an amount with more of them stays a text.
EXACT_DIGITS = 15


def write_workbook(register: Register, tables: Sequence[Table], origin: Origin, path: Path) -> int:
    """Write the tables as sheets, after one that says what they are; return how many cells had to be cut.

    Raises:
        ExportError: a table has more rows or columns than a sheet holds.

    """
    for table in tables:
        columns = len(table.flat_kinds)
        if table.rows + 1 > XLSX_ROW_LIMIT or columns > XLSX_COLUMN_LIMIT:
            raise ExportError(
                f"{path}: {table.name} has {table.rows:,} rows and {columns:,} columns, and a sheet holds {XLSX_ROW_LIMIT - 1:,} "
                f"below its header and {XLSX_COLUMN_LIMIT:,}; ask for less with `--tables` or `--agency`, or for csv or parquet."
            )
    workbook = Workbook(path, TITLE)
    workbook.add_sheet("about", ("sheet", "column", "what it is"), _about(tables, origin), (20, 30, 60))
    cuts = 0
    for table in tables:
        kinds = table.flat_kinds
        names, texts = table.texts(register)
        rows = ([_cell(text, kind) for text, kind in zip(row, kinds, strict=True)] for row in texts)
        cuts += workbook.add_sheet(table.name, names, rows, [18] * len(names))
    workbook.close()
    return cuts


def _cell(text: str | None, kind: str) -> Any:
    if text is None or kind not in NUMBERS:
        return text
    if kind == "decimal":
        return float(text) if sum(sign.isdigit() for sign in text) <= EXACT_DIGITS else text
    return float(text) if kind == "double" else int(text)


def _about(tables: Sequence[Table], origin: Origin) -> Iterator[tuple[str, str, str]]:
    yield "", "", TERMS
    yield "", "", f"Made by Custodiet {origin.version} from the register with the fingerprint {origin.fingerprint}."
    if origin.agency:
        yield "", "", f"Only rows of {origin.agency}, where a table's rows are some agency's; other tables are whole."
    for table in tables:
        yield table.name, "", f"{table.about} {table.rows:,} rows."
        for name, _, about in fields(table, is_flat=True):
            yield table.name, name, about
    for release in origin.releases:
        yield "", release["release"], cite_release(release)
