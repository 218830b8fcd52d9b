"""The stack of an agency on one page: what flows in, what is done with it, its steps of a case, and what controls it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from markupsafe import Markup

from custodiet.documents.drawings.letters import cut_words, fit, width_of, wrap
from custodiet.documents.drawings.signs import (
    LETTERS,
    OUTCOME_WORDS,
    Links,
    drawing,
    grade_mark,
    link,
    look,
    outcome_mark,
    write,
    write_fitted,
    write_lines,
)
from custodiet.documents.drawings.stack_layout import PAPER, SCREEN, Box, Layout, lay_out
from custodiet.model.markup import join, tag

# Names over the columns stand aslant, so that each is read without turning the page.
SLANT = -38
COUNT_NAMES = {"disputed": "Disputed", "unknown": "Open"}
GROUPS = (
    ("steps", "3  Decisions: the step of a case"),
    ("covers", "4  Controls of the data"),
    ("practices", "5  Controls by its inventory entries"),
    ("counts", "6  In doubt"),
)


def draw_stack(
    data: Mapping[str, Any],
    *,
    links: Links = lambda _kind, _key: None,
    note: str = "",
    ident: str = "stack",
    on_paper: bool = False,
) -> Markup:
    """Return the drawing of what `questions.stack` gives; `links` say where a system, feed, claim or finding is found.

    Everything drawn stands in the data as well, so a table of it is the same answer in words. `on_paper` draws it for half a
    page of a document that brings its own heading: closer, and with the short names that its table begins with.
    """
    at = lay_out(data, PAPER if on_paper else SCREEN)
    margin = at.sizes.margin
    feeds = {feed["id"]: feed for feed in data["feeds"]}
    systems = {system["id"]: system for system in data["systems"]}
    title = f"The surveillance AI stack of {data['agency']}, as far as it is on record"
    says = (
        f"{len(feeds)} feeds of data flow into {len(systems)} systems by {len(data['flows'])} flows. "
        "Each system has its steps of a case and its controls; a dashed empty square is a gap in the record."
    )
    has_links = any(links("system", key) for key in systems)
    return drawing(
        at.width, at.bottom + at.sizes.foot, title, says,
        "" if on_paper else write(margin, 42, title, 22, bold=True),
        "" if on_paper else write_fitted(margin, 64, says, at.width - 2 * margin, 12.5, of="d-soft"),
        _heads(at, data),
        _flows(at, data, links),
        *(_feed(at, feed, links) for feed in feeds.values()),
        *(_row(at, system, data, links) for system in systems.values()),
        _legend_on_paper(at) if on_paper else _legend(at, data, note),
        ident=ident, has_links=has_links,
    )  # fmt: skip


def _heads(at: Layout, data: Mapping[str, Any]) -> Markup:
    first, sizes = next(iter(at.systems.values())), at.sizes
    # Where columns are narrow, their headings stand apart by more than a space.
    size, apart = (13, 0) if sizes is SCREEN else (12, 10)
    parts = [
        write(sizes.margin, sizes.feed_head - 14, "1  Feeds of data", 13, bold=True),
        write(first.x, sizes.head - 14, "2  Processing: systems", 13, bold=True),
    ]
    for group, name in GROUPS:
        columns: dict[str, float] = getattr(at, group)
        shown = data.get(group, COUNT_NAMES)
        width = sizes.step if group == "steps" else sizes.cell
        left, right = min(columns.values()) - width / 2, max(columns.values()) + width / 2
        parts.append(
            tag("rect", x=left, y=sizes.head, width=right - left, height=at.bottom - sizes.head, rx=4, **look("d-band"))
        )
        parts.append(write_lines(left, max(14, sizes.head - 112), name, right - left + sizes.gap - apart, size, 2, bold=True))
        parts += [write(x + 3, sizes.head - 8, shown[key], 11.5, of="d-soft", turned=SLANT) for key, x in columns.items()]
    return join(*parts)


def _flows(at: Layout, data: Mapping[str, Any], links: Links) -> Markup:
    """Return all flows, those of one grade together; the many inferred ones lie below the others."""
    names = {thing["id"]: thing["name"] for thing in (*data["feeds"], *data["systems"])}
    groups = {grade: [flow for flow in data["flows"] if flow["grade"] == grade] for grade in reversed(LETTERS)}
    return join(
        *(
            tag("g", *(_flow(at, flow, names, links) for flow in flows), **look(f"g-{grade.lower()}"))
            for grade, flows in groups.items()
            if flows
        )
    )


def _flow(at: Layout, flow: Mapping[str, Any], names: Mapping[str, str], links: Links) -> Markup:
    (x, y), (to_x, to_y) = at.flows[flow["feed"], flow["system"]]
    bend = (to_x - x) * 0.5
    path = f"M{x:g} {y:.1f}C{x + bend:g} {y:.1f} {to_x - bend:g} {to_y:.1f} {to_x - 5:g} {to_y:.1f}"
    covers = "; ".join(
        f"{name.replace('-', ' ')}: {cell['outcome'] or 'not judged'}" for name, cell in flow["covers"].items()
    )
    says = (
        f"{names[flow['feed']]} into {names[flow['system']]}. {flow['grade']}: "
        + ("a claim names both." if flow["names_both"] else "no claim names both; it rests on the system's page.")
        + f" {covers[:1].upper()}{covers[1:]}."
    )
    return link(
        links("claim", flow["claims"][0]) if flow["claims"] else links("system", flow["system"]),
        says,
        # A broad line that nobody sees, so that a thin one can be pointed at.
        tag("path", d=path, stroke="none", stroke_width=9, pointer_events="stroke"),
        tag("path", d=path, stroke_width=1.8 if flow["names_both"] else 1.2),
        tag("path", d=f"M{to_x - 6:g} {to_y - 3:.1f}l6 3l-6 3", stroke_width=1.2, stroke_dasharray="none"),
    )


def _frame(box: Box, grade: str) -> Markup:
    frame = tag(
        "rect", x=box.x, y=box.y, width=box.width, height=box.height, rx=4, stroke_width=1.4, **look(f"b-{grade.lower()}")
    )
    return join(frame, grade_mark(box.x + 15, box.middle, grade))


def _feed(at: Layout, feed: Mapping[str, Any], links: Links) -> Markup:
    box = at.feeds[feed["id"]]
    disputed, unknown = (_about(feed, about) for about in ("disputed", "unknown"))
    asides = " · ".join(
        f"{sign} {len(claims)}" for sign, claims in (("≠", disputed), ("?", unknown)) if claims
    )  # fmt: skip
    sellers = ", ".join(supplier["name"] for supplier in feed["suppliers"])
    says = f"{feed['name']}. {feed['grade']}. Supplied by: {sellers or 'nobody named'}."
    if asides:
        says += f" {len(disputed)} disputed, {len(unknown)} open."
    short = _short_name(at, feed["id"], box)
    left = box.x + 30 + short.width
    room, size = box.x + box.width - 6 - left, 12 if short.mark else 12.5
    lines, pitch = wrap(feed["name"], room, size, 2, bold=True), 13 if short.mark else 14.5
    # The block of two or three lines stands in the middle of its box.
    top = box.middle - pitch * len(lines) / 2 + 4
    last = top + (pitch - 0.5) * len(lines)
    return link(
        links("feed", feed["id"]),
        says,
        _frame(box, feed["grade"]),
        short.mark,
        *(write(left, top + pitch * number, line, size, bold=True) for number, line in enumerate(lines)),
        write_fitted(left, last, f"from {sellers}" if sellers else "no supplier named", room - 54, 11, of="d-soft"),
        write(box.x + box.width - 6, last, asides, 11, of="gt-disputed" if disputed else "gt-unknown", anchor="end"),
    )


class _Short(NamedTuple):
    """A short name as it is written, and how much room it takes; nothing on a page that has no table beside it."""

    mark: Markup
    width: float


def _short_name(at: Layout, key: str, box: Box) -> _Short:
    if at.sizes is SCREEN:
        return _Short(Markup(""), 0)
    return _Short(write(box.x + 28, box.middle + 4, at.label()[key], 11, of="d-soft"), 22)


def _about(page: Mapping[str, Any], about: str) -> list[Mapping[str, Any]]:
    return [claim for claim in page["claims"] if claim["about"] == about]


def _row(at: Layout, system: Mapping[str, Any], data: Mapping[str, Any], links: Links) -> Markup:
    box = at.systems[system["id"]]
    y = box.middle
    status = system["status"].replace("-", " ")
    makers = ", ".join(vendor["name"] for vendor in system["vendors"]) or "no vendor on record"
    # The line that leads along a row ends before words, which it would strike through.
    line_end = max((at.practices if system["entries"] else at.covers).values())
    parts = [
        tag("path", d=f"M{box.x + box.width:g} {y:g}H{line_end:g}", stroke_width=1, **look("d-line")),
        link(
            links("system", system["id"]),
            f"{system['name']}. {system['grade']}. Status: {status}. Vendors: {makers}.",
            _frame(box, system["grade"]),
            _system_name(at, system, f"{status} · {makers}"),
        ),
        _steps(at, system, data, links, y),
    ]
    parts += [_cell(at.covers[key], y, data["covers"][key], cell, system, links) for key, cell in system["covers"].items()]
    if system["entries"]:
        parts += [
            _cell(at.practices[key], y, data["practices"][key], cell, system, links)
            for key, cell in system["practices"].items()
        ]
    else:
        middle = sum(at.practices.values()) / len(at.practices)
        why = next(iter(system["practices"].values()))["reasons"][0]
        parts.append(link(None, why, write(middle, y + 4, "no entry in the inventory", 11, of="d-soft", anchor="middle")))
    for about, x in at.counts.items():
        claims = _about(system, about)
        shown = write(
            x, y + 4, f"{'≠' if about == 'disputed' else '?'} {len(claims)}", 12, of=f"gt-{about}", anchor="middle", bold=True
        )
        if claims:
            parts.append(link(links("claim", claims[0]["id"]), cut_words(" ".join(claim["says"] for claim in claims)), shown))
    return join(*parts)


def _system_name(at: Layout, system: Mapping[str, Any], about: str) -> Markup:
    """Return a system's name and what stands beneath it; on paper, where rows are low, behind it."""
    box = at.systems[system["id"]]
    y, short = box.middle, _short_name(at, system["id"], box)
    left = box.x + 30 + short.width
    room = box.x + box.width - 6 - left
    if not short.mark:
        name = write_fitted(left, y - 2, system["name"], room, 12.5, bold=True)
        return join(name, write_fitted(left, y + 11.5, about, room, 11, of="d-soft"))
    shown = fit(system["name"], room * 0.68, 12, bold=True)
    used = width_of(shown, 12, bold=True) + 10
    return join(
        short.mark,
        write(left, y + 4, shown, 12, bold=True),
        write_fitted(left + used, y + 4, about, room - used, 11, of="d-soft"),
    )


def _steps(at: Layout, system: Mapping[str, Any], data: Mapping[str, Any], links: Links, y: float) -> Markup:
    claim = next((claim for claim in system["claims"] if claim["about"] == "workflow"), None)
    places = [at.steps[step] for step in system["steps"]]
    if not places:
        return Markup("")
    line = tag(
        "path", d=f"M{places[0]:g} {y:g}H{places[-1]:g}", stroke_width=1.5, **look(f"g-{system['steps_grade'].lower()}")
    )
    dots = [tag("circle", cx=x, cy=y, r=5.5, **look(f"gt-{system['steps_grade'].lower()}")) for x in places]
    served = ", ".join(data["steps"][step].lower() for step in system["steps"])
    says = f"{system['name']} serves {served}. {system['steps_grade']}."
    return link(
        links("claim", claim["id"]) if claim else None, f"{says} {claim['says'] if claim else ''}".strip(), line, *dots
    )


def _cell(x: float, y: float, name: str, cell: Mapping[str, Any], system: Mapping[str, Any], links: Links) -> Markup:
    outcome = cell["outcome"]
    if outcome is None:
        return Markup("")
    counted = ", ".join(f"{number} {outcome}" for outcome, number in cell["counts"].items())
    through = " Only a paper about a feed covers it." if cell.get("through") == "feed" else ""
    says = f"{system['name']}, {name.lower()}: {counted}.{through} {cut_words(cell['reasons'][0])}"
    address = links("finding", cell["findings"][0]) if cell["findings"] else None
    return link(address, says, outcome_mark(x, y, outcome, only_feed=cell.get("through") == "feed"))


# Signs of outcomes with their words, and how much room they take on a screen.
OUTCOME_SIGNS = (
    ("clear", False, OUTCOME_WORDS["clear"], 136), ("clear", True, "only by a paper about a feed", 196),
    ("gap", False, OUTCOME_WORDS["gap"], 144), ("cannot-tell", False, OUTCOME_WORDS["cannot-tell"], 100),
    ("not-applicable", False, OUTCOME_WORDS["not-applicable"], 110),
)  # fmt: skip
HINTS = (
    "A broad line is a flow of which one claim names both ends. Of several findings a cell shows the first of: "
    "gap, cannot tell, clear, not applicable. ≠ counts disputed claims, ? open questions."
)


def _legend(at: Layout, data: Mapping[str, Any], note: str) -> Markup:
    y, margin = at.bottom + 30, at.sizes.margin
    signs = _signs(margin, y, size=12, line=34, grade_room=128, squeeze=1)
    texts = (
        write_fitted(margin, y + 32 + 19 * number, text, at.width - 2 * margin, 12, of="d-soft")
        for number, text in enumerate((HINTS, data["does_not_show"], note))
    )
    return join(signs, *texts)


def _legend_on_paper(at: Layout) -> Markup:
    y, margin = at.bottom + 16, at.sizes.margin
    signs = _signs(margin, y, size=11.5, line=22, grade_room=106, squeeze=0.92)
    return join(signs, write_fitted(margin, y + 24, HINTS, at.width - 2 * margin, 11.5, of="d-soft"))


def _signs(x: float, y: float, *, size: float, line: float, grade_room: float, squeeze: float) -> Markup:
    parts = [write(x, y + 4, "Grade", size, bold=True)]
    x += 62 * squeeze
    for grade in LETTERS:
        parts += [
            grade_mark(x, y, grade),
            tag("path", d=f"M{x + 13:g} {y:g}h{line:g}", stroke_width=1.8, **look(f"g-{grade.lower()}")),
            write(x + line + 19, y + 4, grade, size),
        ]
        x += grade_room
    x += 10
    parts.append(write(x, y + 4, "Control", size, bold=True))
    x += 66 * squeeze
    for outcome, only_feed, words, room in OUTCOME_SIGNS:
        parts += [outcome_mark(x, y, outcome, only_feed=only_feed), write(x + 14, y + 4, words, size)]
        x += room * squeeze
    return join(*parts)
