"""The matrix of an agency as a picture: what is declared, purchased, noticed and logged, with every hole."""

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any

from markupsafe import Markup

from custodiet.documents.drawings.signs import Links, drawing, link, look, outcome_mark, write, write_fitted
from custodiet.model.markup import join, tag

LABEL, CELL, ROW, HEAD, MARGIN = 300, 110, 30, 116, 24
LEAST, MOST = 3.0, 12.5
HEADS = {"category": "Categories", "system": "Systems"}
HINT = "A disc grows with the number of records. A dashed square: none on record. A question mark: it can't be told."


def draw_matrix(
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    *,
    links: Links = lambda _kind, _key: None,
    ident: str = "matrix",
) -> Markup:
    """Return the picture of rows of `questions.matrix`; `links("cell", "elite/noticed")` says where a cell leads."""
    agency = rows[0]["agency"] if rows else ""
    title = f"{agency}: what is declared, purchased, noticed and logged".lstrip(": ")
    width, y, parts = 2 * MARGIN + LABEL + CELL * len(columns), float(HEAD), []
    most = {
        kind: max((row[c]["count"] or 0 for row in rows if row["kind"] == kind for c in columns), default=0) for kind in HEADS
    }
    for kind, heading in HEADS.items():
        of_kind = [row for row in rows if row["kind"] == kind]
        if not of_kind:
            continue
        parts.append(write(MARGIN, y + 4, heading, 13, bold=True))
        y += ROW - 6
        for row in of_kind:
            parts += [_line(y, width), write_fitted(MARGIN, y + 4, row["name"], LABEL - 12, 12)]
            for number, column in enumerate(columns):
                x = MARGIN + LABEL + CELL * (number + 0.5)
                parts.append(_cell(x, y, row, column, most[kind], links))
            y += ROW
        y += 10
    heads = [write(MARGIN + LABEL + CELL * (number + 0.5), HEAD - 20, column.title(), 13, bold=True, anchor="middle")
             for number, column in enumerate(columns)]  # fmt: skip
    holes = sum(row[column]["count"] == 0 for row in rows for column in columns)
    says = f"{len(rows)} rows of {len(columns)} cells; in {holes} of them nothing is on record."
    return drawing(
        width, y + 8, title, says,
        write_fitted(MARGIN, 34, title, width - 2 * MARGIN, 16, bold=True),
        write_fitted(MARGIN, 54, HINT, width - 2 * MARGIN, 11.5, of="d-soft"),
        *heads, *parts,
        ident=ident, has_links=any(links("cell", f"{row['id']}/{column}") for row in rows for column in columns),
    )  # fmt: skip


def _line(y: float, width: float) -> Markup:
    return tag("path", d=f"M{MARGIN} {y + ROW / 2:g}H{width - MARGIN:g}", stroke_width=1, **look("d-line"))


def _cell(x: float, y: float, row: Mapping[str, Any], column: str, most: int, links: Links) -> Markup:
    count, why = row[column]["count"], row[column]["why"]
    says = f"{row['name']}, {column}: {'cannot be told' if count is None else f'{count:,}'}" + (f"; {why}" if why else "")
    if count is None:
        shape = outcome_mark(x - 14, y, "cannot-tell")
    elif count == 0:
        shape = join(outcome_mark(x - 14, y, "gap"), write(x + 6, y + 4, "0", 12))
    else:
        # The area, and not the radius, grows with the number.
        radius = max(LEAST, MOST * sqrt(count / most))
        shape = join(tag("circle", cx=x - 14, cy=y, r=radius, **look("d-dot")), write(x + 6, y + 4, f"{count:,}", 12))
    return link(links("cell", f"{row['id']}/{column}"), says, shape)
