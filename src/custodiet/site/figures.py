"""The figures of a site by name: each a drawing and the table that says the same, so that both can be taken along."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from custodiet import questions
from custodiet.documents.drawings.chain import draw_chain
from custodiet.documents.drawings.matrix import draw_matrix
from custodiet.documents.drawings.money import draw_money
from custodiet.documents.drawings.outcomes import draw_outcomes
from custodiet.documents.drawings.signs import Links
from custodiet.documents.drawings.stack import draw_stack
from custodiet.model.errors import QuestionError
from custodiet.questions.matrix import COLUMNS, OFFICES
from custodiet.questions.stack import count_stacks
from custodiet.site.downloads import Figure
from custodiet.site.site import Site
from custodiet.site.timelines import list_timelines, timeline


def list_figures(site: Site) -> list[str]:
    """Return the names of all figures of a site: "stack-ice", "money", "chain-palantir", "answers-dhs-2577"; found once."""
    kept: list[str] | None = site.kept.get(("figures", ""))
    if kept is None:
        kept = site.kept["figures", ""] = [*_list_large(site), *list_timelines(site)]
    return kept


def _list_large(site: Site) -> list[str]:
    has_money = bool(site.register.rows("select 1 from transactions where is_current limit 1"))
    vendors = site.register.rows("select distinct page from organisations where page is not null order by 1")
    return [
        *(f"stack-{agency.lower()}" for agency in stack_agencies(site)),
        *(f"matrix-{bureau.lower()}" for bureau in OFFICES),
        *(["money"] if has_money else []),
        "outcomes",
        *(f"chain-{slug}" for (slug,) in vendors),
    ]


def stack_agencies(site: Site) -> list[str]:
    """Return the agencies that have a stack: those that run systems, without offices of another of them."""
    return list(count_stacks(site.register))


def figure(site: Site, name: str, *, root: str | None = None) -> Figure:
    """Return a figure. `root` leads from its page to the site's root ("../"); without it, only a public site's links stay.

    Raises:
        QuestionError: no such figure.

    """
    if name not in list_figures(site):
        raise QuestionError(f"There is no figure {name[:100]!r}; the list of figures has their names.")
    if place := list_timelines(site).get(name):
        if (found := timeline(site, *place)) is None:
            raise QuestionError(f"{name}: there are no two years to draw.")
        return found
    kind, _, key = name.partition("-")
    return _KINDS[kind](site, key, links_of(site, root))


def links_of(site: Site, root: str | None) -> Links:
    """Return what says where a thing of a drawing has its page; without root and public address nothing has one."""
    base = root if root is not None else site.options.base_url or None
    rows = dict(site.register.rows('select claim, "row" from claims')) if base is not None else {}

    def find(kind: str, key: str) -> str | None:
        if base is None:
            return None
        slug, _, part = key.rpartition("/")
        if kind == "claim":
            path, anchor = site.page_path(slug), f"#claim-{rows.get(key, part)}"
        elif kind == "cell":
            path, anchor = site.page_path(slug), ""
        else:
            path, anchor = site.path(kind, key), ""
        return f"{base}{path}{anchor}" if path else None

    return find


def _stack(site: Site, key: str, links: Links) -> Figure:
    return figure_of_stack(site, questions.stack(site.register, key), links)


def figure_of_stack(site: Site, found: Mapping[str, Any], links: Links) -> Figure:
    """Return the figure of what `questions.stack` gave."""
    drawn = draw_stack(found, links=links, note=f"Register {site.short_hash}.")
    return Figure(f"stack-{found['agency'].lower()}", f"The stack of {found['agency']}", drawn, table_of_stack(found))


def table_of_stack(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of a stack: one a flow, and one for each system into which nothing is known to flow."""
    feeds = {feed["id"]: feed for feed in found["feeds"]}
    rows = []
    for system in found["systems"]:
        own = {
            "system": system["name"], "system_grade": system["grade"], "status": system["status"],
            "vendors": "; ".join(vendor["name"] for vendor in system["vendors"]),
            "steps": "; ".join(found["steps"][step] for step in system["steps"]),
        }  # fmt: skip
        ends = {
            **{name: cell["outcome"] or "no entry" for name, cell in system["practices"].items()},
            "entries": "; ".join(entry["id"] for entry in system["entries"]),
            "disputed": "; ".join(claim["says"] for claim in system["claims"] if claim["about"] == "disputed"),
            "open": "; ".join(claim["says"] for claim in system["claims"] if claim["about"] == "unknown"),
        }
        for flow in [flow for flow in found["flows"] if flow["system"] == system["id"]] or [None]:
            covers = flow["covers"] if flow else system["covers"]
            rows.append({
                "feed": feeds[flow["feed"]]["name"] if flow else None,
                "flow_grade": flow["grade"] if flow else None,
                "claims": "; ".join(flow["claims"]) if flow else None,
                **own,
                **{name: cell["outcome"] or "not judged" for name, cell in covers.items()},
                **ends,
            })  # fmt: skip
    return rows


def _matrix(site: Site, key: str, links: Links) -> Figure:
    return figure_of_matrix(key, questions.matrix(site.register, agency=key), links)


def figure_of_matrix(key: str, rows: Sequence[Mapping[str, Any]], links: Links) -> Figure:
    """Return the figure of what `questions.matrix` gave."""
    table = [
        {"kind": row["kind"], "name": row["name"]}
        | {column: "cannot tell" if row[column]["count"] is None else row[column]["count"] for column in COLUMNS}
        | {f"{column}_why": row[column]["why"] for column in COLUMNS}
        for row in rows
    ]
    return Figure(f"matrix-{key.lower()}", f"The matrix of {key.upper()}", draw_matrix(rows, COLUMNS, links=links), table)


def _money(site: Site, _: str, links: Links) -> Figure:
    rows = [row | {"is_over": site.is_over(row["year"])} for row in questions.spend(site.register)]
    drawn = [row | {"complete": row["complete"] and row["is_over"]} for row in rows]
    title = "What contract actions obligated, by agency and fiscal year"
    return Figure("money", title, draw_money(drawn, title, links=links), rows)


def _outcomes(site: Site, _: str, links: Links) -> Figure:
    counts = questions.count_findings(site.register)["rules"]
    rules = [{"rule": rule, "title": site.rules[rule]["title"], "counts": number} for rule, number in counts.items()]
    table = [{"rule": rule["rule"], "title": rule["title"], **rule["counts"]} for rule in rules]
    return Figure("outcomes", "What the rules found", draw_outcomes(rules, "What the rules found", links=links), table)


def _chain(site: Site, key: str, links: Links) -> Figure:
    found = questions.exposure(site.register, key)
    title = f"{found['name']}: companies, contracts and systems"
    table = [{"part": "purchase", **row} for row in found["purchases"]] + [
        {"part": "system", **row} for row in found["systems"]
    ]
    return Figure(f"chain-{key}", title, draw_chain(found, links=links, ident=f"chain-{key}"), table)


_KINDS: dict[str, Callable[[Site, str, Links], Figure]] = {
    "stack": _stack, "matrix": _matrix, "money": _money, "outcomes": _outcomes, "chain": _chain,
}  # fmt: skip
