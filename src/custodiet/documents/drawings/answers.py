"""Answers by year: what one entry's form was asked, and what it answered, with every change marked."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from textwrap import shorten
from typing import Any

from markupsafe import Markup

from custodiet.documents.drawings.signs import Links, drawing, link, look, write, write_fitted
from custodiet.model.markup import join, tag

LABEL, CELL, ROW, HEAD, MARGIN = 230, 190, 34, 84, 24
# A cell's look, and the words that stand in it where it has no value.
STATES = {
    "reported": ("o-cannot-tell", ""),
    "in-progress": ("g-inferred", "in progress"),
    "blank": ("o-gap", "blank"),
    "withheld": ("o-clear", "withheld"),
    "not-applicable": ("o-not-applicable", "not applicable"),
    "placeholder": ("g-unknown", "placeholder"),
    "not-asked": ("d-band", "not asked"),
    "unreadable": ("g-unknown", "unreadable"),
}


def draw_answers(
    rows: Sequence[Mapping[str, Any]], title: str, *, links: Links = lambda _kind, _key: None, ident: str = "answers"
) -> Markup:
    """Return a grid of questions and years.

    A row is `{question, cells}`, a cell `{year, value, state}`. Between two years whose answers differ stands a ≠; where one
    of the years did not put the question to this case, nothing is compared. What no year asked is left out.
    """
    rows = [row for row in rows if any(cell["state"] != "not-asked" for cell in row["cells"])]
    years = sorted({cell["year"] for row in rows for cell in row["cells"]})
    width = 2 * MARGIN + LABEL + CELL * len(years)
    height = HEAD + ROW * len(rows) + MARGIN
    parts = [
        write(MARGIN + LABEL + CELL * number + 14, HEAD - 12, str(year), 13, bold=True) for number, year in enumerate(years)
    ]
    changes = 0
    for number, row in enumerate(rows):
        y = HEAD + ROW * number
        cells = {cell["year"]: cell for cell in row["cells"]}
        parts.append(write_fitted(MARGIN, y + 20, row["question"], LABEL - 12, 12))
        for column, year in enumerate(years):
            if year in cells:
                parts.append(_cell(MARGIN + LABEL + CELL * column, y, row["question"], cells[year], links))
        for column, (before, after) in enumerate(pairwise(years), start=1):
            if _differs(cells.get(before), cells.get(after)):
                changes += 1
                parts.append(
                    write(MARGIN + LABEL + CELL * column, y + 21, "≠", 15, of="gt-disputed", bold=True, anchor="middle")
                )
    spans = " and ".join(map(str, years)) if len(years) < 3 else f"{years[0]} to {years[-1]}"
    says = f"Questions: {len(rows)}, {spans}. Answers that changed: {changes}."
    return drawing(
        width, height, title, says,
        write_fitted(MARGIN, 32, title, width - 2 * MARGIN, 16, bold=True),
        write(MARGIN, 50, says, 12, of="d-soft"),
        *parts,
        ident=ident, has_links=any(links("answer", str(year)) for year in years),
    )  # fmt: skip


def was_put(cell: Mapping[str, Any]) -> bool:
    """Return whether a form put its question to this case; an agency that answers "not applicable" was asked."""
    return cell["state"] != "not-asked" and (cell["state"] != "not-applicable" or cell["value"] is not None)


def _differs(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> bool:
    if before is None or after is None or not (was_put(before) and was_put(after)):
        return False
    return (before["value"], before["state"]) != (after["value"], after["state"])


def _cell(x: float, y: float, question: str, cell: Mapping[str, Any], links: Links) -> Markup:
    kind, words = STATES[cell["state"]]
    shown = cell["value"] or words or cell["state"]
    of = "d-paper" if cell["state"] == "withheld" else "d-soft" if cell["state"] != "reported" else "d-ink"
    box = tag("rect", x=x + 12, y=y + 3, width=CELL - 24, height=ROW - 8, rx=3, stroke_width=1.2, **look(kind))
    # What is pointed at says an answer in short; the table has all of it.
    said = shorten(cell["value"], 140, placeholder="…") if cell["value"] else words
    says = f"{question}, {cell['year']}: {said} ({cell['state']})"
    return link(
        links("answer", f"{question}/{cell['year']}"),
        says,
        join(box, write_fitted(x + 20, y + 20, shown, CELL - 40, 11, of=of)),
    )
