"""A chain of evidence, of companies and contracts only: who sells, what was bought through whom, by whom, for what."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from custodiet.documents.drawings.money import shorten_amount
from custodiet.documents.drawings.signs import Links, drawing, link, look, write, write_fitted
from custodiet.model.markup import join, tag

MARGIN, HEAD, BOX, ROW, WIDE, GAP = 24, 112, 40, 50, 290, 60
# What one column shows at most; the table beside the drawing has the rest.
MOST = 14
HEADS = ("Company", "Contracts, by what their text names", "Bought by", "Systems of the catalogue")
HINT = "Solid: the record names the company itself. Dashed: only words of an award to others, or a feed, tie them (Inferred)."


def draw_chain(data: Mapping[str, Any], *, links: Links = lambda _kind, _key: None, ident: str = "chain") -> Markup:
    """Return the drawing of what `questions.exposure` gives."""
    purchases = sorted(data["purchases"], key=lambda row: (row["agency"], -Decimal(row["obligations"]), str(row["product"])))
    left_out = max(len(purchases) - MOST, 0)
    purchases = purchases[:MOST]
    agencies = list(dict.fromkeys(row["agency"] for row in purchases))
    systems = _systems(data["systems"])
    rows = max(len(purchases) + bool(left_out), len(agencies), len(systems), 1)
    body = rows * ROW
    columns = [MARGIN + number * (WIDE + GAP) for number in range(4)]
    bought, buyers, taken = (_places(len(things), body) for things in (purchases, agencies, systems))
    middle = HEAD + body / 2
    parts = [write(x, HEAD - 18, text, 13, bold=True) for x, text in zip(columns, HEADS, strict=True)]
    for row, y in zip(purchases, bought, strict=True):
        parts.append(_line(columns[0] + WIDE, middle, columns[1], y, is_direct=_is_direct(row)))
        parts.append(_line(columns[1] + WIDE, y, columns[2], buyers[agencies.index(row["agency"])], is_direct=True))
    for system, y in zip(systems, taken, strict=True):
        parts += [
            _line(columns[2] + WIDE, buyer, columns[3], y, is_direct=system["is_direct"])
            for agency, buyer in zip(agencies, buyers, strict=True)
            if agency in system["operators"]
        ]
    parts.append(
        _box(
            columns[0],
            middle,
            data["name"],
            _say_awards(purchases),
            links("vendor", data["id"]),
        )
    )
    parts += [_purchase(columns[1], y, row, links) for row, y in zip(purchases, bought, strict=True)]
    parts += [
        _box(columns[2], y, agency, _sum(row for row in purchases if row["agency"] == agency), links("agency", agency))
        for agency, y in zip(agencies, buyers, strict=True)
    ]
    parts += [_box(columns[3], y, system["name"], system["says"], system["id"] and links("system", system["id"]))
              for system, y in zip(systems, taken, strict=True)]  # fmt: skip
    title = f"{data['name']}: companies, contracts and systems"
    by = " and ".join(agencies) or "nobody"
    says = f"Groups of awards: {len(data['purchases'])}, by {by}. Ties to systems: {len(data['systems'])}."
    width, height = columns[3] + WIDE + MARGIN, HEAD + body + 56
    notes = [HINT + " Sums are obligations of the awards at hand."]
    if left_out:
        notes.append(f"{left_out} smaller groups of awards are in the table only.")
    return drawing(
        width, height, title, says,
        write_fitted(MARGIN, 36, title, width - 2 * MARGIN, 18, bold=True),
        write_fitted(MARGIN, 58, says, width - 2 * MARGIN, 12, of="d-soft"),
        *parts,
        *(
            write_fitted(MARGIN, height - 32 + 17 * number, note, width - 2 * MARGIN, 11.5, of="d-soft")
            for number, note in enumerate(notes)
        ),
        ident=ident, has_links=bool(links("vendor", data["id"])),
    )  # fmt: skip


def _say_awards(purchases: Sequence[Mapping[str, Any]]) -> str:
    """Return how many of the awards shown are the company's own, and how many show its products under others."""
    own = sum(row["awards"] for row in purchases if _is_direct(row))
    others = sum(row["awards"] for row in purchases) - own
    return f"{own:,} awards to it" + (f", {others:,} through others" if others else "")


def _is_direct(row: Mapping[str, Any]) -> bool:
    return bool(row["route"] == "from the vendor")


def _sum(rows: Any) -> str:
    return f"{shorten_amount(sum((Decimal(row['obligations']) for row in rows), Decimal(0)))} obligated"


def _systems(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return systems that name the vendor, and one box for all that a feed may tie to it."""
    direct = [
        {"id": row["id"], "name": row["name"], "says": row["status"].replace("-", " "), "is_direct": True,
         "operators": row["operators"].split(", ")}
        for row in rows if row["route"] == "named as its vendor"
    ]  # fmt: skip
    named = {system["id"] for system in direct}
    others = {row["id"]: row for row in rows if row["id"] not in named}
    shown = direct[:MOST]
    if len(direct) > MOST:
        shown[-1] = {
            "id": None,
            "name": f"{len(direct) - MOST + 1} more",
            "says": "see the table",
            "is_direct": True,
            "operators": [],
        }
    if others:
        reached = sorted({operator for row in others.values() for operator in row["operators"].split(", ")})
        shown.append({"id": None, "name": f"{len(others)} more, through a feed", "says": "they may reach what it supplies",
                      "is_direct": False, "operators": reached})  # fmt: skip
    return shown


def _places(number: int, body: float) -> list[float]:
    return [HEAD + body * (position + 0.5) / number for position in range(number)]


def _line(x: float, y: float, to_x: float, to_y: float, *, is_direct: bool) -> Markup:
    bend = (to_x - x) / 2
    path = f"M{x:.1f} {y:.1f}C{x + bend:.1f} {y:.1f} {to_x - bend:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"
    return tag("path", d=path, stroke_width=1.5, **look("g-known" if is_direct else "g-inferred"))


def _box(x: float, y: float, name: str, says: str, href: str | None, *, kind: str = "d-box") -> Markup:
    frame = tag("rect", x=x, y=y - BOX / 2, width=WIDE, height=BOX, rx=4, stroke_width=1.3, **look(kind))
    return link(
        href,
        f"{name}. {says}",
        join(
            frame,
            write_fitted(x + 10, y - 3, name, WIDE - 20, 12.5, bold=True),
            write_fitted(x + 10, y + 12, says, WIDE - 20, 11, of="d-soft"),
        ),
    )


def _purchase(x: float, y: float, row: Mapping[str, Any], links: Links) -> Markup:
    name = row["product"] or row["category"].replace("-", " ")
    years = sorted({row["first_action"][:4], row["last_action"][:4]})
    says = (
        f"{row['route']}: {row['awards']:,} award{'' if row['awards'] == 1 else 's'}, "
        f"{shorten_amount(Decimal(row['obligations']))}, {'–'.join(years)}"
    )
    cell = row["citation"]
    return _box(
        x, y, name, says, links("cell", f"{cell['release']}/{cell['row']}/{cell['column']}"),
        kind="b-known" if _is_direct(row) else "b-inferred",
    )  # fmt: skip
