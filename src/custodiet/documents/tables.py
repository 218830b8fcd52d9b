"""Lay out a table of measures for a reader: what all rows share said once, bounds joined, definitions beneath.

A rate means nothing without its threshold, its pairing and its interval, so nothing is dropped that a row says; it is said
where it takes least room.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# What holds of a whole table often enough to be said above it.
SHARED = ("at", "threshold", "pairing", "interval", "gallery", "groups", "cases")
EXPLAINED = ("definition", "source")
# A column with a cell longer than this is prose, which may be broken.
LONG = 28


@dataclass(frozen=True)
class Layout:
    """A table as it is shown: title, headings and cells as text, each column's kind, and what stands above and beneath."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    kinds: tuple[str, ...]
    above: str
    beneath: tuple[str, ...]

    def as_view(self) -> dict[str, Any]:
        """Return it as templates take it."""
        return {
            "title": self.title,
            "headings": list(self.headings),
            "rows": [list(row) for row in self.rows],
            "kinds": list(self.kinds),
            "above": self.above,
            "beneath": list(self.beneath),
        }


def show(value: Any) -> str:
    """Return a cell as text: four digits of a fraction, thousands apart, infinity in words."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 10_000 or (value.is_integer() and abs(value) >= 100) else f"{value:.4g}"
    if isinstance(value, int):
        return f"{value:,}"
    return {"inf": "infinite", "-inf": "minus infinite", "nan": "not defined"}.get(str(value), str(value))


def lay_out(table: Mapping[str, Any]) -> Layout:
    """Return the layout of a table as a report has it: a title, columns' names, and rows of plain values."""
    names: list[str] = list(table["columns"])
    rows: list[Sequence[Any]] = list(table["rows"])
    used = [at for at in range(len(names)) if not rows or any(row[at] is not None for row in rows)]
    explained = [at for at in used if names[at] in EXPLAINED and "measure" in names]
    shared = [at for at in used if names[at] in SHARED and len({show(row[at]) for row in rows}) == 1]
    columns = _columns(names, [at for at in used if at not in {*explained, *shared}])
    marks = _mark([row[names.index("interval")] for row in rows]) if "interval" in names else {}
    cells = tuple(
        tuple(marks.get(text := _cell(row, at), text) if heading == "interval" else _cell(row, at) for heading, at in columns)
        for row in rows
    )
    beneath = [f"Interval {mark}: {text}." for text, mark in marks.items() if "interval" in dict(columns)]
    beneath += [f"{show(row[names.index('measure')])}: {row[at]}" for at in explained for row in rows if row[at] is not None]
    return Layout(
        title=table["title"],
        headings=tuple(heading for heading, _ in columns),
        rows=cells,
        kinds=tuple(_kind([row[at] for row in rows], [row[place] for row in cells]) if isinstance(at, int) else "number"
                    for place, (_, at) in enumerate(columns)),
        above="; ".join(_say(names[at], rows[0][at]) for at in shared),
        beneath=tuple(dict.fromkeys(beneath)),
    )  # fmt: skip


def _say(name: str, value: Any) -> str:
    return show(value) if name in ("interval", "at") else f"{name} {show(value)}"


def _mark(texts: list[Any]) -> dict[str, str]:
    """Return a letter for each way in which intervals were found: they are long to say in every row."""
    return {text: chr(ord("a") + number) for number, text in enumerate(dict.fromkeys(filter(None, texts)))}


def _columns(names: list[str], kept: list[int]) -> list[tuple[str, int | tuple[int, int]]]:
    """Return headings with their places; `x low` and `x high`, one after the other, become one of two places."""
    found: list[tuple[str, int | tuple[int, int]]] = []
    skip = -1
    for at, following in zip(kept, [*kept[1:], -1][: len(kept)], strict=True):
        if at == skip:
            continue
        stem, _, end = f" {names[at]}".rpartition(" ")
        if end == "low" and following >= 0 and f" {names[following]}" == f"{stem} high":
            found.append((f"{stem.strip()} low to high".strip(), (at, following)))
            skip = following
        else:
            found.append((names[at], at))
    return found


def _cell(row: Sequence[Any], at: int | tuple[int, int]) -> str:
    if isinstance(at, int):
        return show(row[at])
    low, high = (row[place] for place in at)
    return "" if low is None and high is None else f"{show(low)} to {show(high)}"


def _kind(values: list[Any], texts: list[str]) -> str:
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, int | float) and not isinstance(value, bool) for value in known):
        return "number"
    return "prose" if max(map(len, texts), default=0) > LONG else ""
