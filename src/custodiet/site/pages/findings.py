"""Findings: each gap on a page of its own, and lists by rule, agency and what is missing, with counts."""

from collections.abc import Iterator, Sequence
from typing import Any

from custodiet.model.words import OUTCOMES
from custodiet.questions.findings import findings_named
from custodiet.site.cells import cells_behind, releases_behind
from custodiet.site.figures import figure
from custodiet.site.links import part, parts, slug
from custodiet.site.page import Kind, Page
from custodiet.site.replies import replies_to
from custodiet.site.site import Site

LENGTH = 150
# What a gap is made of, by the state of the cell that it cites last: the one that decides.
MISSING = {
    "blank": "The cell is blank",
    "in-progress": "The answer: under way",
    "not-applicable": "The answer: does not apply",
    "withheld": "Withheld",
    "placeholder": "Filler in place of an answer",
    "unreadable": "A word that the form does not have",
    "reported": "What is reported is the gap",
    "no-cell": "Another record is missing",
}
_STATES = """
    select f.finding, f.rule, f.agency, coalesce(a.state, 'no-cell') as missing
    from findings f left join answers a on a.release = f.citations[-1].release and a."row" = f.citations[-1]."row"
      and a."column" = f.citations[-1]."column"
"""


def finding_keys(site: Site) -> list[tuple[str, str]]:
    """Return every gap with the path of its page."""
    rows = site.register.rows("select finding, rule from findings where outcome = 'gap' order by finding")
    return [(finding, f"findings/{rule}/{slug(finding.partition(':')[2])}") for finding, rule in rows]


def subject_path(site: Site, subject: dict[str, Any]) -> str | None:
    """Return the path of the page of what a finding is about."""
    if subject["kind"] in ("use-case", "award", "agency"):
        return site.path(subject["kind"], subject["key"])
    if subject["kind"] == "part":
        return "awards/index.html"
    return site.page_path(subject["key"].partition("/")[0])


def finding_pages(site: Site, keys: Sequence[str]) -> Iterator[Page]:
    """Give the pages of gaps."""
    found = {finding["id"]: finding for finding in findings_named(site.register, keys)}
    cells = cells_behind(site.register, list(found.values()))
    for key in keys:
        finding = found[key]
        rule = site.rules[finding["rule"]]
        subject = finding["subject"]
        path = site.contents["finding"][key]
        yield Page(
            path,
            f"{rule['title']}: {subject['name']}",
            "finding.html",
            {
                "finding": finding,
                "rule": rule,
                "subject_path": subject_path(site, subject),
                "cells": cells,
                "letter": site.path("letter", subject["key"].partition("/")[0]),
                "replies": replies_to(site.options.replies, key),
                "files": releases_behind(finding),
                "permalink": f"{site.options.base_url}{path}?register={site.short_hash}",
            },
            about=finding["reason"][:300],
            words=f"{subject['id']} {subject['bureau'] or ''}",
            noun="finding",
            agency=subject["agency"] or "",
        )


def name_list(**facets: str) -> str:
    """Return the name of a list: "rule=x", "agency=y", "missing=z", "rule=x&agency=y"."""
    return "&".join(f"{facet}={value}" for facet, value in facets.items())


def read_facets(name: str) -> dict[str, str]:
    """Return the facets of a list by its name. A rule and a state have no "&"; an agency's code comes last."""
    facet, _, rest = name.partition("=")
    if facet == "rule" and "&agency=" in rest:
        rule, _, agency = rest.partition("&agency=")
        return {"rule": rule, "agency": agency}
    return {facet: rest}


def list_keys(site: Site) -> list[tuple[str, str]]:
    """Return the lists of gaps: by rule, by agency, by what is missing, and by rule and agency."""
    keys = [("index", "findings/index")]
    for name, gaps in _lists(site).items():
        path = "/".join(f"{facet}-{slug(value)}" for facet, value in read_facets(name).items())
        keys += parts(name, f"findings/by/{path}", len(gaps), LENGTH)
    return keys


def _lists(site: Site) -> dict[str, list[str]]:
    """Return the gaps of each list in their order, by its name, as `name_list` writes it; found once a site."""
    found: dict[str, list[str]] | None = site.kept.get(("lists", "findings"))
    if found is None:
        found = {}
        for finding, rule, agency, missing in site.register.rows(
            f"{_STATES} where f.outcome = 'gap' order by f.rule, f.agency, f.finding"
        ):
            names = [name_list(rule=rule), name_list(missing=missing)]
            names += [name_list(agency=agency), name_list(rule=rule, agency=agency)] if agency is not None else []
            for name in names:
                found.setdefault(name, []).append(finding)
        found = site.kept["lists", "findings"] = dict(sorted(found.items()))
    return found


def list_pages(site: Site, keys: Sequence[str]) -> Iterator[Page]:
    """Give the lists of gaps."""
    lists = _lists(site)
    sizes = {name: len(gaps) for name, gaps in lists.items()}
    for key in keys:
        if key == "index":
            yield _index(site, sizes)
            continue
        name, number = part(key)
        facets = read_facets(name)
        found = findings_named(site.register, lists[name][(number - 1) * LENGTH : number * LENGTH])
        yield Page(
            site.contents["finding-list"][key],
            f"Gaps: {_title(site, facets)}",
            "finding-list.html",
            {
                "findings": found,
                "facets": facets,
                "titles": {facet: _title(site, {facet: value}) for facet, value in facets.items()},
                "narrower": _narrower(site, sizes, facets),
                "total": sizes[name],
                "pages": site.siblings("finding-list", name, sizes[name], LENGTH),
            },
            table=f"gaps-{facets['rule']}" if "rule" in facets else "gaps",
        )


def _title(site: Site, facets: dict[str, str]) -> str:
    said = []
    for facet, value in facets.items():
        if facet == "rule":
            said.append(str(site.rules[value]["title"]))
        elif facet == "agency":
            said.append(site.agencies.get(value, value))
        else:
            said.append(MISSING.get(value, value).lower())
    return ", ".join(said)


def _narrower(site: Site, sizes: dict[str, int], facets: dict[str, str]) -> list[dict[str, Any]]:
    """Return what a list by rule or by agency alone can be narrowed to, with counts."""
    if len(facets) > 1 or "missing" in facets:
        return []
    ((facet, value),) = facets.items()
    other = "agency" if facet == "rule" else "rule"
    found = []
    for name, number in sizes.items():
        named = read_facets(name)
        if len(named) > 1 and named[facet] == value:
            found.append({
                "label": named[other] if other == "agency" else site.rules[named[other]]["title"],
                "count": number, "path": site.contents["finding-list"][name],
            })  # fmt: skip
    return sorted(found, key=lambda row: -row["count"])


def count_by(
    site: Site, column: str, *, rule: str | None = None, agency: str | None = None, bureau: str | None = None
) -> dict[str, dict[str, int]]:
    """Return how many findings of each outcome there are, by `rule` or `agency`; of one rule, agency or bureau only."""
    rows = site.register.keep(
        "findings by rule, agency and bureau",
        lambda: site.register.dicts(
            "select rule, agency, bureau, outcome, count(*) as number from findings group by all order by all"
        ),
    )
    wanted = [(name, value) for name, value in (("rule", rule), ("agency", agency), ("bureau", bureau)) if value is not None]
    counts: dict[str, dict[str, int]] = {}
    for row in rows:
        if row[column] is not None and all(row[name] == value for name, value in wanted):
            counts.setdefault(row[column], {str(each): 0 for each in OUTCOMES})[row["outcome"]] += row["number"]
    return dict(sorted(counts.items()))


def _index(site: Site, sizes: dict[str, int]) -> Page:
    def table(head: str, facet: str, counts: dict[str, dict[str, int]], names: dict[str, str]) -> dict[str, Any]:
        rows = [
            {"name": names.get(value, value), "counts": number,
             "path": site.path("finding-list", name_list(**{facet: value}))}
            for value, number in sorted(counts.items(), key=lambda item: -item[1]["gap"])
        ]  # fmt: skip
        return {"head": head, "rows": rows}

    titles = {rule: found["title"] for rule, found in site.rules.items()}
    return Page(
        "findings/index.html",
        "Findings",
        "findings.html",
        {
            "by_rule": table("rule", "rule", count_by(site, "rule"), titles),
            "by_agency": table("agency", "agency", count_by(site, "agency"), site.agencies),
            "by_missing": [
                {"name": MISSING[value], "count": sizes[name_list(missing=value)],
                 "path": site.contents["finding-list"][name_list(missing=value)]}
                for value in MISSING if name_list(missing=value) in sizes
            ],
            "total": len(site.contents["finding"]),
            "figures": [figure(site, "outcomes", root="../")],
        },
        about="What the records do not show of what laws, memos and policies demand. A gap is not a violation.",
        table="gaps",
    )  # fmt: skip


KINDS = (Kind("finding", finding_keys, finding_pages), Kind("finding-list", list_keys, list_pages))
