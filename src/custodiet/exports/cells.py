"""How a value of the register stands in a cell of a file: flat, exact, no formula, and never cut in silence."""

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import itemgetter
from typing import Any

from custodiet.store.database import Column

# A spreadsheet reads a text that begins with one of these as a formula (OWASP, CSV Injection; the broad forms count where
# Chinese or Japanese is written); a quote in front keeps it a text.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# The longest text that a spreadsheet's cell holds.
XLSX_CELL_LIMIT = 32_767
# Kinds whose cells are numbers.
NUMBERS = frozenset({"integer", "bigint", "double", "decimal"})


@dataclass(frozen=True)
class Flat:
    """A column of a flat file: its kind ("citation", or DuckDB's word), and where in a row it is taken from."""

    name: str
    kind: str
    position: int
    path: tuple[str, ...] = ()

    def pick(self, row: Sequence[Any]) -> Any:
        """Return its value in a row; nothing where a struct on the way is missing."""
        cell = row[self.position]
        for name in self.path:
            if cell is None:
                return None
            cell = cell[name]
        return cell

    def reader(self) -> Callable[[Sequence[Any]], str | None]:
        """Return what reads its text from a row."""
        if self.kind == "varchar" and not self.path:
            return itemgetter(self.position)
        return lambda row: as_text(self.pick(row), self.kind)


def neutralise(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return value


def cut(text: str) -> str:
    """Return a text that is too long for a spreadsheet's cell as much of it as fits, and that it was cut."""
    mark = f" [cut here: {len(text):,} characters]"
    return text[: XLSX_CELL_LIMIT - len(mark)] + mark


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


def flat_columns(columns: Sequence[Column]) -> list[Flat]:
    """Return the columns of a flat file.

    A struct becomes one column a field, named as both joined by "_"; a citation stays one column, as people write it.
    """
    return [flat for position, column in enumerate(columns) for flat in _flat(column, column.name, position, ())]


def _flat(column: Column, name: str, position: int, path: tuple[str, ...]) -> Iterator[Flat]:
    if column.kind != "struct":
        yield Flat(name, column.kind, position, path)
    elif {field.name for field in column.fields} == {"release", "row", "column"}:
        yield Flat(name, "citation", position, path)
    else:
        for field in column.fields:
            yield from _flat(field, f"{name}_{field.name}", position, (*path, field.name))


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
