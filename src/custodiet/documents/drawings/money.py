"""Money by fiscal year: a bar a year, hollow where the file of that year was cut off or ends before the year does."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from custodiet.documents.drawings.signs import Links, drawing, link, look, write, write_fitted
from custodiet.model.markup import join, tag

WIDTH, HEAD, PLOT, PANEL, LEFT = 640, 58, 96, 168, 24
HINT = (
    "Sums of obligations by fiscal year, no award's value. A hollow bar: that year's file lacks actions, or it is not over."
)
UNITS = ((Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "K"))


def shorten_amount(amount: Decimal) -> str:
    """Return an amount as a chart's label, to three digits at most: $81.1M, -$300K, $12."""
    for unit, letter in UNITS:
        if abs(amount) >= unit:
            parts = abs(amount) / unit
            return f"{'-' if amount < 0 else ''}${parts:.{0 if parts >= 100 else 1}f}{letter}"
    return f"{'-' if amount < 0 else ''}${abs(amount):.0f}"


def draw_money(
    rows: Sequence[Mapping[str, Any]], title: str, *, links: Links = lambda _kind, _key: None, ident: str = "money"
) -> Markup:
    """Return the chart of rows of `questions.spend`: one panel an agency, all on one scale, so that they can be compared.

    A row needs `year`, `obligations` (a decimal text), `complete` (the file is, and the year is over) and `until`; a year
    without a row leaves its place empty.
    """
    agencies = list(dict.fromkeys(str(row.get("agency", "")) for row in rows))
    years = range(min(row["year"] for row in rows), max(row["year"] for row in rows) + 1) if rows else range(0)
    amounts = [Decimal(row["obligations"]) for row in rows]
    top, bottom = max([*amounts, Decimal(0)]), min([*amounts, Decimal(0)])
    unit = PLOT / float(top - bottom or 1)
    # The label of a bar that hangs down needs a line of its own above the years.
    panel = PANEL + (14 if bottom < 0 else 0)
    panels = []
    for number, agency in enumerate(agencies):
        zero = HEAD + number * panel + 34 + float(top) * unit
        panels.append(write(LEFT, HEAD + number * panel + 14, agency, 13, bold=True))
        panels.append(tag("path", d=f"M{LEFT} {zero:.1f}H{WIDTH - LEFT}", stroke_width=1, **look("d-axis")))
        panels += [
            _bar(row, years, zero, unit, links) for row in rows if str(row.get("agency", "")) == agency
        ]  # fmt: skip
        panels += [
            write(
                _middle(year, years),
                HEAD + (number + 1) * panel - 20,
                f"FY{year % 100:02d}",
                11,
                of="d-soft",
                anchor="middle",
            )
            for year in years
        ]
    height = HEAD + len(agencies) * panel + 30
    says = "; ".join(
        f"{row.get('agency', '')} FY{row['year']}: {shorten_amount(Decimal(row['obligations']))}"
        + ("" if row["complete"] else " (incomplete)")
        for row in rows
    )
    return drawing(
        WIDTH, height, title, says or "No contract action.",
        write_fitted(LEFT, 30, title, WIDTH - 2 * LEFT, 16, bold=True),
        *panels,
        write_fitted(LEFT, height - 14, HINT, WIDTH - 2 * LEFT, 11, of="d-soft"),
        ident=ident, has_links=any(links("year", str(year)) for year in years),
    )  # fmt: skip


def _middle(year: int, years: range) -> float:
    each = (WIDTH - 2 * LEFT) / len(years)
    return LEFT + each * (year - years.start + 0.5)


def _bar(row: Mapping[str, Any], years: range, zero: float, unit: float, links: Links) -> Markup:
    amount = Decimal(row["obligations"])
    size = abs(float(amount)) * unit
    wide = min(54.0, (WIDTH - 2 * LEFT) / len(years) - 14)
    x = _middle(row["year"], years)
    y = zero - size if amount >= 0 else zero
    says = (
        f"FY{row['year']}: ${amount:,.2f} in {row['actions']:,} actions, to {row['until']}"
        if "actions" in row
        else f"FY{row['year']}: ${amount:,.2f}"
    )
    kind = "d-bar" if row["complete"] else "d-bar-cut"
    shape = tag("rect", x=x - wide / 2, y=y, width=wide, height=max(size, 1.0), stroke_width=1.5, **look(kind))
    label = write(x, y - 6 if amount >= 0 else y + size + 13, shorten_amount(amount), 11, anchor="middle")
    return link(
        links("year", str(row["year"])),
        says + ("" if row["complete"] else " (not the whole year)"),
        join(shape, label),
    )
