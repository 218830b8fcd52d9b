"""A rule: its page from its Markdown, with its live counts."""

import itertools
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from markdown_it import MarkdownIt
from markupsafe import Markup

from custodiet import questions
from custodiet.model.words import OUTCOMES
from custodiet.site.facets import name_list
from custodiet.site.page import Kind, Page
from custodiet.site.pages.findings import count_by
from custodiet.site.site import Site


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    """Return what turns Markdown into HTML; HTML within it is shown as text."""
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def to_html(text: str) -> Markup:
    """Return Markdown as HTML. Tables and code scroll inside their box, which a keyboard reaches."""
    html = _markdown().render(text)
    tables = itertools.count(1)
    html = re.sub(
        "<table>",
        lambda _: f'<div class="scroll" tabindex="0" role="region" aria-label="Example, table {next(tables)}"><table>',
        html,
    )
    html = html.replace("</table>", "</table></div>").replace("<pre>", '<pre tabindex="0">')
    return Markup(html)  # noqa: S704 - written by the Markdown writer, which escapes what is not its own


def keys(site: Site) -> list[tuple[str, str]]:
    """Return every rule with the path of its page."""
    return [("index", "rules/index"), *((rule, f"rules/{rule}") for rule in site.rules)]


def pages(site: Site, keys: Sequence[str]) -> Iterator[Page]:
    """Give the pages of rules, and their list."""
    timing = questions.count_findings(site.register)["timing"]
    counts = {rule: {str(outcome): 0 for outcome in OUTCOMES} for rule in site.rules} | count_by(site, "rule")
    for key in keys:
        if key == "index":
            yield Page(
                "rules/index.html", "Rules", "rules.html", {"rules": site.rules, "counts": counts},
                about="Each rule checks records against a duty, and says what it cannot show.", table="rules",
            )  # fmt: skip
            continue
        rule = questions.rule(site.register, key)
        by_agency = count_by(site, "agency", rule=key)
        yield Page(
            site.contents["rule"][key],
            rule["title"],
            "rule.html",
            {
                "rule": rule,
                "text": to_html(rule["text"]),
                "counts": counts[key],
                "timing": timing.get(key),
                "gaps": site.path("finding-list", name_list(rule=key)),
                "by_agency": {
                    "head": "agency",
                    "rows": [
                        {"name": site.agencies.get(code, code), "counts": number,
                         "path": site.path("finding-list", name_list(rule=key, agency=code))}
                        for code, number in sorted(by_agency.items(), key=lambda item: (-item[1]["gap"], item[0]))
                        if number["gap"] or number["cannot-tell"] or number["clear"]
                    ],
                },
            },
            about=rule["checks"][:300],
            words=rule["id"],
            noun="rule",
            table=f"gaps-{key}",
        )  # fmt: skip


KINDS = (Kind("rule", keys, pages),)
