"""How a value of the register stands in a cell of a file: flat, exact, and for spreadsheets neither formula nor cut in silence."""

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from custodiet.store.database import Column

# A spreadsheet reads a text that begins with one of these as a formula; a quote in front keeps it a text.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# The longest text that a spreadsheet's cell holds.
XLSX_CELL_LIMIT = 32_767

# A flat column: its name, DuckDB's kind, and the path to it within a row's cell.
Flat = tuple[str, str, tuple[str, ...]]


def neutralise(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return value


def cut(text: str) -> tuple[str, bool]:
    """Return a text as a spreadsheet's cell can hold it, and whether it was cut; what is cut ends by saying so."""
    if len(text) <= XLSX_CELL_LIMIT:
        return text, False
    mark = f" [cut here: {len(text):,} characters]"
    return text[: XLSX_CELL_LIMIT - len(mark)] + mark, True


def is_citation(value: object) -> bool:
    """Tell whether a value is a release, row and column."""
    return isinstance(value, Mapping) and set(value) == {"release", "row", "column"}


def cite_as_text(citation: Mapping[str, Any]) -> str:
    """Return a citation as people write it."""
    return f"{citation['release']} row {citation['row']} {citation['column']}"


def item_as_text(item: object) -> str:
    """Return one item of a list as text."""
    if is_citation(item):
        assert isinstance(item, Mapping)
        return cite_as_text(item)
    return to_json_line(item) if isinstance(item, Mapping) else str(item)


def flat_columns(columns: tuple[Column, ...]) -> list[tuple[int, Flat]]:
    """Return the columns of a flat file, each with the position of the cell that it is taken from.

    A struct becomes one column a field, named as both joined by "_"; a citation stays one column, as people write it.
    """
    return [(position, flat) for position, column in enumerate(columns) for flat in _flat(column, column.name, ())]


def _flat(column: Column, name: str, path: tuple[str, ...]) -> Iterator[Flat]:
    if column.kind != "struct":
        yield name, column.kind, path
    elif {field.name for field in column.fields} == {"release", "row", "column"}:
        yield name, "citation", path
    else:
        for field in column.fields:
            yield from _flat(field, f"{name}_{field.name}", (*path, field.name))


def pick(cell: Any, path: tuple[str, ...]) -> Any:
    """Return what stands at a path within a cell; nothing where a struct on the way is missing."""
    for name in path:
        if cell is None:
            return None
        cell = cell[name]
    return cell


def as_text(value: Any, kind: str) -> str | None:
    """Return a flat value as text: amounts exact, days as ISO text, true or false, lists joined by "; "."""
    if value is None:
        return None
    if kind == "citation":
        return cite_as_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "; ".join(item_as_text(item) for item in value)
    return str(value)


def plain(value: Any) -> Any:
    """Return a value as JSON holds it: amounts as text, so that no cent is lost to a float; days as ISO text."""
    if isinstance(value, Decimal | dt.date):
        return str(value)
    raise TypeError(f"no JSON form for {type(value).__name__}")


def to_json_line(data: Any) -> str:
    """Return data as JSON on one line, without spaces."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=plain)
