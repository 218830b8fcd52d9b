"""The published cells behind what a page shows, looked up at once for many pages."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from custodiet.exports.cells import is_citation
from custodiet.questions.cite import published_cells
from custodiet.store import Register

Cells = dict[tuple[str, int, str], str | None]


def list_citations(data: Any) -> Iterator[Mapping[str, Any]]:
    """Give every citation in nested data that does not come with the text of its cell."""
    if is_citation(data):
        yield data
    elif isinstance(data, Mapping):
        # An answer carries its cell's text along.
        if "text" not in data or "state" not in data:
            for item in data.values():
                yield from list_citations(item)
    elif isinstance(data, Sequence) and not isinstance(data, str):
        for item in data:
            yield from list_citations(item)


def cells_behind(register: Register, data: Any) -> Cells:
    """Return the published text of every cell that the data cites."""
    return published_cells(register, list_citations(data))


def releases_behind(data: Any) -> list[str]:
    """Return the names of the releases that the data cites, also in its answers."""
    found: set[str] = set()

    def look(item: Any) -> None:
        if isinstance(item, Mapping):
            if isinstance(item.get("release"), str) and "row" in item:
                found.add(item["release"])
            for inner in item.values():
                look(inner)
        elif isinstance(item, Sequence) and not isinstance(item, str):
            for inner in item:
                look(inner)

    look(data)
    return sorted(found - {"catalogue"})
