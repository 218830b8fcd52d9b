"""What the signs of a drawing look like, and how one is put together.

A drawing has no style sheet and no script of its own, so that a strict policy lets it stand in a page: every shape carries
its light colours as attributes, and a class by which the site's `drawings.css` darkens it. Colour is never the only sign: a
grade has a letter and a kind of line, an outcome a shape.
"""

import re
from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from custodiet.documents.drawings.letters import FONT, fit, wrap
from custodiet.model.markup import join, tag

# Where something is found: `links("system", "elite")` is an address, or None where there is no page.
Links = Callable[[str, str], str | None]

# Class of a shape: how it looks on paper.
LOOKS: dict[str, dict[str, Any]] = {
    "d-paper": {"fill": "#ffffff"},
    "d-ink": {"fill": "#1d2329"},
    "d-soft": {"fill": "#545e68"},
    "d-box": {"fill": "#ffffff", "stroke": "#8a949e"},
    "d-band": {"fill": "#f3f5f7"},
    "d-line": {"stroke": "#d5dadf", "fill": "none"},
    "d-axis": {"stroke": "#545e68", "fill": "none"},
    "d-bar": {"fill": "#2f5d8a"},
    "d-bar-cut": {"fill": "#ffffff", "stroke": "#2f5d8a", "stroke_dasharray": "3 2"},
    "d-dot": {"fill": "#2f5d8a"},
    "b-known": {"fill": "#ffffff", "stroke": "#1f5a86"},
    "b-likely": {"fill": "#ffffff", "stroke": "#1f5a86", "stroke_dasharray": "9 3"},
    "b-inferred": {"fill": "#ffffff", "stroke": "#7a5c00", "stroke_dasharray": "4 3"},
    "b-disputed": {"fill": "#ffffff", "stroke": "#a3342c", "stroke_dasharray": "9 3 2 3"},
    "b-unknown": {"fill": "#ffffff", "stroke": "#6a6f75", "stroke_dasharray": "1.5 3"},
    "g-known": {"stroke": "#1f5a86", "fill": "none"},
    "g-likely": {"stroke": "#1f5a86", "fill": "none", "stroke_dasharray": "9 3"},
    "g-inferred": {"stroke": "#7a5c00", "fill": "none", "stroke_dasharray": "4 3"},
    "g-disputed": {"stroke": "#a3342c", "fill": "none", "stroke_dasharray": "9 3 2 3"},
    "g-unknown": {"stroke": "#6a6f75", "fill": "none", "stroke_dasharray": "1.5 3"},
    "gt-known": {"fill": "#1f5a86"},
    "gt-likely": {"fill": "#1f5a86"},
    "gt-inferred": {"fill": "#7a5c00"},
    "gt-disputed": {"fill": "#a3342c"},
    "gt-unknown": {"fill": "#6a6f75"},
    "o-clear": {"fill": "#2f5d8a", "stroke": "#2f5d8a"},
    "o-tick": {"fill": "none", "stroke": "#ffffff"},
    "o-clear-feed": {"fill": "#ffffff", "stroke": "#2f5d8a"},
    "o-tick-feed": {"fill": "none", "stroke": "#2f5d8a"},
    "o-gap": {"fill": "#fbeceb", "stroke": "#a3342c", "stroke_dasharray": "3.5 2.5"},
    "o-cannot-tell": {"fill": "#ffffff", "stroke": "#6a6f75"},
    "o-not-applicable": {"fill": "none", "stroke": "#8a949e"},
}
LETTERS = {"Known": "K", "Likely": "L", "Inferred": "I", "Disputed": "D", "Unknown": "U"}
OUTCOME_WORDS = {
    "gap": "gap: not on record", "clear": "clear: on record",
    "cannot-tell": "cannot tell", "not-applicable": "not applicable",
}  # fmt: skip
BOX = 18


def look(name: str) -> dict[str, Any]:
    """Return the attributes of a class: its name and its light colours."""
    return {"class_": name, **LOOKS[name]}


def write(
    x: float, y: float, text: str, size: float = 12, *,
    of: str = "d-ink", bold: bool = False, anchor: str | None = None, turned: float | None = None,
) -> Markup:  # fmt: skip
    """Return one line of text whose baseline begins at a point."""
    return tag(
        "text", text, x=x, y=y, font_size=size, font_weight="bold" if bold else None, text_anchor=anchor,
        transform=f"rotate({turned:g} {x:g} {y:g})" if turned is not None else None, **look(of),
    )  # fmt: skip


def write_lines(
    x: float, y: float, text: str, width: float, size: float, lines: int, *, of: str = "d-ink", bold: bool = False
) -> Markup:
    """Return a text on several lines under each other; the first has its baseline at the point."""
    broken = wrap(text, width, size, lines, bold=bold)
    return join(*(write(x, y + size * 1.25 * number, line, size, of=of, bold=bold) for number, line in enumerate(broken)))


def write_fitted(x: float, y: float, text: str, width: float, size: float, **kind: Any) -> Markup:
    """Return a text on one line, cut where it would be wider than its place."""
    return write(x, y, fit(text, width, size, bold=kind.get("bold", False)), size, **kind)


def link(href: str | None, says: str, *parts: str) -> Markup:
    """Return parts as one thing that says what it is when pointed at, and leads somewhere where there is an address."""
    if href is None:
        return tag("g", tag("title", says), *parts)
    # An address is ours or a published one: what is no web address and no place on this site leads nowhere.
    safe = href if href.startswith(("https://", "http://", "#", ".", "/")) or ":" not in href.partition("/")[0] else "#"
    return tag("a", tag("title", says), *parts, href=safe)


def grade_mark(x: float, y: float, grade: str) -> Markup:
    """Return a grade as a ring with its letter, around a point."""
    return _use(f"g-{grade.lower()}", x, y)


def outcome_mark(x: float, y: float, outcome: str, *, only_feed: bool = False) -> Markup:
    """Return an outcome as a shape around a point: a tick, a hole, a question mark, or a dash."""
    return _use(f"o-{outcome}" + ("-feed" if only_feed else ""), x, y)


def _use(mark: str, x: float, y: float) -> Markup:
    return tag("use", href=f"#mark-{mark}", x=x, y=y)


def _mark(name: str) -> Markup:
    """Return what a mark looks like around the origin; a drawing has each once, and uses it many times."""
    kind, _, of = name.partition("-")
    if kind == "g":
        letter = write(0, 4, LETTERS[of.capitalize()], 11, of=f"gt-{of}", bold=True, anchor="middle")
        return join(tag("circle", r=8, stroke_width=1.5, **look(name)), letter)
    if of == "not-applicable":
        return tag("path", d="M-5 0h10", stroke_width=1.5, **look(name))
    box = tag("rect", x=-BOX / 2, y=-BOX / 2, width=BOX, height=BOX, rx=3, stroke_width=1.5, **look(name))
    if of == "cannot-tell":
        return join(box, write(0, 4, "?", 11, of="d-soft", bold=True, anchor="middle"))
    if of == "gap":
        return box
    tick = "o-tick-feed" if of == "clear-feed" else "o-tick"
    return join(box, tag("path", d="M-4.5 0.5l3 3.5l6 -7.5", stroke_width=2, **look(tick)))


def drawing(width: float, height: float, title: str, says: str, *body: str, ident: str, has_links: bool = False) -> Markup:
    """Return a whole SVG with its title and description; `ident` keeps names apart where a page has several drawings.

    A drawing with links is a group and no image: what is inside an image can't be reached by keyboard.
    """
    # Ours alone: in a text, the quote before it would be escaped.
    inner = Markup(str(join(*body)).replace('"#mark-', f'"#{ident}-'))  # noqa: S704
    used = sorted(set(re.findall(f'"#{re.escape(ident)}-([go]-[a-z-]+)"', inner)))
    return tag(
        "svg",
        tag("title", title, id=f"{ident}-title"),
        tag("desc", says, id=f"{ident}-desc"),
        tag("defs", *(tag("g", _mark(name), id=f"{ident}-{name}") for name in used)) if used else "",
        tag("rect", width=width, height=height, **look("d-paper")),
        inner,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:g} {height:g}",
        width=width, height=height,
        role="group" if has_links else "img",
        aria_labelledby=f"{ident}-title", aria_describedby=f"{ident}-desc",
        data_made_by="Custodiet", class_="drawing", font_family=FONT,
    )  # fmt: skip
