"""Read recorded pages of an API into text cells: one page, one a line, or a list of them."""

import json
from typing import Any

from custodiet.model.errors import InputError
from custodiet.sources.tables import CELL_LIMIT, Table, decode

# Where the publishers' pages have their records, and where they count all that there are.
RECORDS = ("results", "opportunitiesData")
COUNTS = ("count", "totalRecords")


def read_pages(content: bytes, shown: str) -> Table:
    """Return the records of all pages as text cells; an object inside a record gives a column a part ("NAICS.code").

    A cell that is no text is kept as JSON. `counted` is the number that every page gives for the whole.

    Raises:
        InputError: not JSON, not pages with a list of records that all have the same names, or no record at all.

    """
    pages = _parse(content, shown)
    records: list[dict[str, Any]] = []
    counts = set()
    for number, page in enumerate(pages, start=1):
        found = next((page[name] for name in RECORDS if isinstance(page, dict) and isinstance(page.get(name), list)), None)
        if found is None or not all(isinstance(record, dict) for record in found):
            raise InputError(f"{shown}, page {number}: not a recorded page with a list of results; fetch it again.")
        records += found
        counts.add(next((page[name] for name in COUNTS if isinstance(page.get(name), int)), None))
    if not records:
        raise InputError(f"{shown}: its pages hold no record; ask its publisher for another time or agency.")
    names = _columns(records)
    headers = tuple(f"{name}.{part}" if part else name for name, part in names)
    rows = []
    for number, record in enumerate(records, start=1):
        if record.keys() != records[0].keys():
            raise InputError(f"{shown}, record {number}: its fields are not those of the first record; fetch it again.")
        rows.append(tuple(_text(record[name], part) for name, part in names))
        if any(len(cell) > CELL_LIMIT for cell in rows[-1]):
            raise InputError(f"{shown}, record {number}: a cell is longer than {CELL_LIMIT:,} characters; fetch it again.")
    metadata = pages[-1].get("page_metadata")
    more = isinstance(metadata, dict) and metadata.get("hasNext") is True
    return Table(
        headers, tuple(rows),
        counted=counts.pop() if len(counts) == 1 else None,
        faults=("the last page says that more follow",) if more else (),
    )  # fmt: skip


def _parse(content: bytes, shown: str) -> list[Any]:
    text = decode(content, "utf-8", shown)
    try:
        try:
            found = json.loads(text)
        except json.JSONDecodeError as error:
            if error.msg != "Extra data":
                raise
            found = [json.loads(line) for line in text.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        raise InputError(f"{shown}: not JSON, or JSON that is cut off; fetch it again.") from None
    return found if isinstance(found, list) else [found]


def _columns(records: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return the columns as (name, part); the part is empty where no record has an object there."""
    parts: dict[str, dict[str, None]] = {name: {} for name in records[0]}
    for record in records:
        for name, cell in record.items():
            if isinstance(cell, dict):
                parts.setdefault(name, {}).update(dict.fromkeys(cell))
    return [(name, part) for name, found in parts.items() for part in (found or [""])]


def _text(cell: Any, part: str) -> str:
    if part:
        cell = cell.get(part) if isinstance(cell, dict) else cell
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else json.dumps(cell)
