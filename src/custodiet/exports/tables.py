"""Write lists of records as JSON, CSV or XLSX. Same records, same bytes."""

import csv
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from custodiet.exports.cells import cite_as_text, is_citation, item_as_text, neutralise
from custodiet.exports.workbook import Workbook

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
        if is_citation(value):
            row[name] = cite_as_text(value)
        elif name == "numbers" and isinstance(value, Mapping):
            row[name] = json.dumps(value, ensure_ascii=False, sort_keys=True)
        elif isinstance(value, Mapping):
            row.update({f"{name}_{inner}": item for inner, item in flatten(value).items()})
        elif isinstance(value, list):
            row[name] = "; ".join(item_as_text(item) for item in value)
        else:
            row[name] = value
    return row


def _rows(records: Sequence[Record]) -> tuple[list[str], list[list[Any]]]:
    flat = [flatten(record) for record in records]
    names = list(dict.fromkeys(name for row in flat for name in row))
    return names, [[row.get(name) for name in names] for row in flat]


def write_csv(records: Sequence[Record], stream: TextIO) -> None:
    """Write records as CSV with a header."""
    names, rows = _rows(records)
    writer = csv.writer(stream, lineterminator="\n")
    if names:
        writer.writerow(names)
    writer.writerows(["" if cell is None else neutralise(cell) for cell in row] for row in rows)


def write_xlsx(records: Sequence[Record], path: Path, title: str) -> None:
    """Write records as a workbook of one sheet.

    Raises:
        ExportError: the file can't be written.

    """
    names, rows = _rows(records)
    widths = [max((len(str(row[position] or "")) for row in rows[:200]), default=0) for position in range(len(names))]
    workbook = Workbook(path, title)
    workbook.add_sheet(title, names, rows, widths)
    workbook.close()
