"""The outcomes of rules, each a small chart on a scale of its own whole: how much is a gap, cannot be told, or is clear."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from custodiet.documents.drawings.signs import OUTCOME_WORDS, Links, drawing, link, look, outcome_mark, write, write_fitted
from custodiet.model.markup import join, tag

COLUMNS, PANEL, WIDE, HIGH, HEAD, MARGIN = 3, 320, 292, 74, 92, 24
# Those that were judged, in the order of a bar; what a rule does not reach is counted beside it.
JUDGED = ("gap", "cannot-tell", "clear")
LOOKS = {"gap": "o-gap", "cannot-tell": "o-cannot-tell", "clear": "o-clear"}


def draw_outcomes(
    rules: Sequence[Mapping[str, Any]], title: str, *, links: Links = lambda _kind, _key: None, ident: str = "outcomes"
) -> Markup:
    """Return a small bar for each rule; a rule is `{rule, title, counts}`, its counts by outcome."""
    lines = -(-len(rules) // COLUMNS)
    width, height = 2 * MARGIN + PANEL * min(COLUMNS, max(len(rules), 1)) - (PANEL - WIDE), HEAD + HIGH * lines + 20
    panels = [_panel(MARGIN + PANEL * (number % COLUMNS), HEAD + HIGH * (number // COLUMNS), rule, links)
              for number, rule in enumerate(rules)]  # fmt: skip
    says = "; ".join(f"{rule['title']}: {_count(rule['counts'])}" for rule in rules)
    legend, x = [], MARGIN + 10.0
    for outcome, room in (("gap", 150), ("cannot-tell", 110), ("clear", 140)):
        legend += [outcome_mark(x, 58, outcome), write(x + 14, 62, OUTCOME_WORDS[outcome], 12)]
        x += room
    return drawing(
        width, height, title, says,
        write_fitted(MARGIN, 32, title, width - 2 * MARGIN, 16, bold=True), *(legend if len(rules) > 1 else ()), *panels,
        ident=ident, has_links=any(links("rule", rule["rule"]) for rule in rules),
    )  # fmt: skip


def _count(counts: Mapping[str, int]) -> str:
    outcomes = [outcome for outcome in (*JUDGED, "not-applicable") if counts.get(outcome)]
    said = [f"{counts[outcome]:,} {outcome.replace('-', ' ')}" for outcome in outcomes]
    return ", ".join(said) or "nothing judged"


def _panel(x: float, y: float, rule: Mapping[str, Any], links: Links) -> Markup:
    counts = {outcome: rule["counts"].get(outcome, 0) for outcome in JUDGED}
    whole = sum(counts.values())
    parts, left = [], x
    for outcome, number in counts.items():
        if number:
            wide = WIDE * number / whole
            parts.append(tag("rect", x=left, y=y + 8, width=wide, height=14, stroke_width=1.2, **look(LOOKS[outcome])))
            left += wide
    if not whole:
        parts.append(tag("path", d=f"M{x:g} {y + 15:g}h{WIDE}", stroke_width=1, **look("o-not-applicable")))
    return link(
        links("rule", rule["rule"]),
        f"{rule['title']}: {_count(rule['counts'])}",
        write_fitted(x, y, rule["title"], WIDE, 12, bold=True),
        join(*parts),
        write_fitted(x, y + 38, _count(rule["counts"]), WIDE, 11, of="d-soft"),
    )
