"""Write lists of records as JSON, CSV or XLSX. Same records, same bytes."""

import csv
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from custodiet.model.errors import CustodietError

# A spreadsheet reads a text that begins with one of these as a formula; a quote in front keeps it a text.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# The longest text that a spreadsheet's cell holds.
XLSX_CELL_LIMIT = 32_767

Record = Mapping[str, Any]


def to_json(data: Any) -> str:
    """Return data as indented JSON; days as ISO text."""
    return json.dumps(data, ensure_ascii=False, indent=2, default=_as_json) + "\n"


def _as_json(value: object) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"no JSON form for {type(value).__name__}")


def flatten(record: Record) -> dict[str, Any]:
    """Return a record as one row: nested names joined by "_", citations as text, other lists joined by "; "."""
    row: dict[str, Any] = {}
    for name, value in record.items():
        if _is_citation(value):
            row[name] = cite_as_text(value)
        elif name == "numbers" and isinstance(value, Mapping):
            row[name] = json.dumps(value, ensure_ascii=False, sort_keys=True)
        elif isinstance(value, Mapping):
            row.update({f"{name}_{inner}": item for inner, item in flatten(value).items()})
        elif isinstance(value, list):
            row[name] = "; ".join(_item_as_text(item) for item in value)
        else:
            row[name] = value
    return row


def _is_citation(value: object) -> bool:
    return isinstance(value, Mapping) and set(value) == {"release", "row", "column"}


def cite_as_text(citation: Record) -> str:
    """Return a citation as people write it."""
    return f"{citation['release']} row {citation['row']} {citation['column']}"


def _item_as_text(item: object) -> str:
    if _is_citation(item):
        assert isinstance(item, Mapping)
        return cite_as_text(item)
    return json.dumps(item, ensure_ascii=False, default=_as_json) if isinstance(item, Mapping) else str(item)


def neutralise(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return value


def _rows(records: Sequence[Record]) -> tuple[list[str], list[list[Any]]]:
    flat = [flatten(record) for record in records]
    names = list(dict.fromkeys(name for row in flat for name in row))
    return names, [[neutralise(row.get(name)) for name in names] for row in flat]


def write_csv(records: Sequence[Record], stream: TextIO) -> None:
    """Write records as CSV with a header."""
    names, rows = _rows(records)
    writer = csv.writer(stream, lineterminator="\n")
    if names:
        writer.writerow(names)
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows)


def write_xlsx(records: Sequence[Record], path: Path, title: str) -> None:
    """Write records as a workbook of one sheet, with a frozen header and a filter.

    Raises:
        CustodietError: the file can't be written.

    """
    import xlsxwriter  # noqa: PLC0415 - only this export needs it
    from xlsxwriter.exceptions import FileCreateError  # noqa: PLC0415

    names, rows = _rows(records)
    workbook = xlsxwriter.Workbook(
        str(path),
        {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True},
    )
    # A fixed day: a workbook records when it was made, and the same register should give the same bytes.
    workbook.set_properties({"title": title, "created": dt.datetime(2000, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)})
    sheet = workbook.add_worksheet(title[:31])
    bold = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
    sheet.write_row(0, 0, names, bold)
    for number, row in enumerate(rows, start=1):
        for position, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(number, position, cell[:XLSX_CELL_LIMIT], wrapped)
            elif isinstance(cell, dt.date):
                sheet.write_string(number, position, cell.isoformat(), wrapped)
            elif cell is not None:
                sheet.write(number, position, cell, wrapped)
    for position, name in enumerate(names):
        longest = max((len(str(row[position] or "")) for row in rows[:200]), default=0)
        sheet.set_column(position, position, min(max(len(name) + 2, longest), 60))
    sheet.freeze_panes(1, 0)
    if names:
        sheet.autofilter(0, 0, len(rows), len(names) - 1)
    try:
        workbook.close()
    except (FileCreateError, OSError) as error:
        raise CustodietError(f"{path}: can't be written ({error}); choose another file.") from None
