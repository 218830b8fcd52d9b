"""Findings: each gap on a page of its own, and lists by rule, agency, outcome, subject and what is missing, with counts."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from custodiet.model.words import OUTCOMES
from custodiet.questions.findings import findings_named
from custodiet.site.bundles import list_bundles
from custodiet.site.cells import cells_behind, releases_behind
from custodiet.site.facets import (
    FACETS,
    HEADS,
    READY_OUTCOMES,
    count,
    find_listed,
    left_over,
    list_ready,
    name_list,
    narrow,
    options,
    read_choice,
    read_facets,
    say,
    say_all,
)  # fmt: skip
from custodiet.site.figures import figure
from custodiet.site.links import part, parts, slug
from custodiet.site.page import Kind, Page
from custodiet.site.replies import replies_to
from custodiet.site.site import Site
from custodiet.site.tables import without_limits

LENGTH = 150
# The page on which a server combines facets as somebody likes.
CHOICE = "findings/select.html"
# Kinds of subjects whose pages hold every finding about them, each at its own place.
TOLD_IN_PLACE = ("use-case", "award", "system", "path")


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
    # What entries of an agency name as one system has a page where the catalogue has one.
    return site.page_path(subject["key"].partition("/")[0].rpartition(":")[2])


def place_of(site: Site, finding: Mapping[str, Any]) -> str | None:
    """Return where a finding stands: a gap on its own page, any other on the page of what it is about."""
    own = site.path("finding", finding["id"])
    if own or (about := subject_path(site, finding["subject"])) is None:
        return own
    return f"{about}#{quote(finding['id'], safe=':/')}" if finding["subject"]["kind"] in TOLD_IN_PLACE else about


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


def list_keys(site: Site) -> list[tuple[str, str]]:
    """Return the lists of findings that are ready-made."""
    keys = [("index", "findings/index")]
    for name, number in list_ready(site).items():
        path = "/".join(f"{facet}-{slug(value)}" for facet, value in read_facets(name).items())
        keys += parts(name, f"findings/by/{path}", number, LENGTH)
    return keys


def list_pages(site: Site, keys: Sequence[str]) -> Iterator[Page]:
    """Give the lists of findings."""
    for key in keys:
        if key == "index":
            yield _index(site)
            continue
        name, number = part(key)
        facets = read_facets(name)
        total = list_ready(site)[name]
        is_gaps = "outcome" not in facets
        yield Page(
            site.contents["finding-list"][key],
            say_all(site, facets),
            "finding-list.html",
            {
                **_listed(site, facets, number),
                # One step wider: the same list without one of its facets.
                "wider": [
                    (say(site, facet, value), site.contents["finding-list"][name_list(**{facet: value})])
                    for facet, value in facets.items() if len(facets) > 1 and facet != "outcome"
                ],
                "total": total,
                "pages": site.siblings("finding-list", name, total, LENGTH),
            },
            table=(f"gaps-{facets['rule']}" if "rule" in facets else "gaps") if is_gaps else facets["outcome"],
        )  # fmt: skip


def _listed(site: Site, facets: Mapping[str, str], number: int) -> dict[str, Any]:
    """Return what each list of findings shows: a part of them, and by what else it can be narrowed."""
    found = findings_named(site.register, find_listed(site, facets, LENGTH, (number - 1) * LENGTH))
    return {
        "findings": [{**finding, "path": place_of(site, finding)} for finding in found],
        "facets": facets,
        "is_gaps": facets.get("outcome", "gap") == "gap",
        "narrower": [
            {"head": group["head"], "values": values}
            for group in narrow(site, facets)
            if (values := [{**value, "path": path} for value in group["values"] if (path := _list_path(site, value["name"]))])
        ],
    }


def _list_path(site: Site, name: str) -> str | None:
    """Return where a list is: ready-made, or on a server made when it is asked for."""
    return site.path("finding-list", name) or (f"{CHOICE}?{name}" if site.options.is_served else None)


def choice_keys(site: Site) -> list[tuple[str, str]]:
    """Return the page of combined facets, which only a server has."""
    return [("choice", CHOICE.removesuffix(".html"))] if site.options.is_served else []


def choice_pages(site: Site, keys: Sequence[str]) -> Iterator[Page]:
    """Give the page of combined facets, before anything was chosen."""
    for _ in keys:
        # Gathered once a site: a request that chose something shows its own choice over it.
        if ("choice", "") not in site.kept:
            site.kept["choice", ""] = choose(site, {})
        yield Page(CHOICE, "Findings, combined", "finding-choice.html", site.kept["choice", ""])


def choose(site: Site, asked: Mapping[str, str]) -> dict[str, Any]:
    """Return what the page of combined facets shows of a request: the form with counts, and a part of the findings."""
    facets = read_choice(asked)
    unknown = left_over(site, facets)
    total = 0 if unknown else count(site, facets)
    last = max(1, -(-total // LENGTH))
    number = min(int(asked["part"]), last) if re.fullmatch(r"[1-9]\d{0,5}", asked.get("part", "")) else 1
    name = name_list(**facets)
    return {
        **_listed(site, facets, number),
        "title": say_all(site, facets),
        "unknown": unknown,
        "total": total,
        "part": number,
        "parts": last,
        "name": name,
        "before": f"{CHOICE}?{name}&part={number - 1}" if number > 1 else None,
        "after": f"{CHOICE}?{name}&part={number + 1}" if number < last else None,
        "form": [
            {"facet": facet, "head": HEADS[facet], "chosen": facets.get(facet, "gap" if facet == "outcome" else ""),
             "values": [(value, say(site, facet, value), found) for value, found in options(site, facets, facet).items()]}
            for facet in FACETS
        ],
    }  # fmt: skip


def choice_table(site: Site, asked: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return all findings of a request, to take along."""
    return without_limits(findings_named(site.register, find_listed(site, read_choice(asked))))


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


def _index(site: Site) -> Page:
    def table(head: str, facet: str, counts: dict[str, dict[str, int]], names: dict[str, str]) -> dict[str, Any]:
        rows = [
            {"name": names.get(value, value), "counts": number, "path": _list_path(site, name_list(**{facet: value})),
             "paths": {outcome: _list_path(site, name_list(**{facet: value, "outcome": outcome}))
                       for outcome in READY_OUTCOMES if number[outcome]}}
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
            "groups": [
                {"head": HEADS[facet], "values": [
                    {"label": say(site, facet, value), "count": number,
                     "path": site.contents["finding-list"][name_list(**{facet: value})]}
                    for value, number in options(site, {}, facet).items()
                ]}
                for facet in ("missing", "subject")
            ],
            "total": len(site.contents["finding"]),
            "figures": [figure(site, "outcomes", root="../")],
            "bundles": [(key, path) for path, (kind, key) in list_bundles(site).items() if kind == "agency"],
        },
        about="What the records do not show of what laws, memos and policies demand. A gap is not a violation.",
        table="gaps",
    )  # fmt: skip


KINDS = (
    Kind("finding", finding_keys, finding_pages),
    Kind("finding-list", list_keys, list_pages),
    Kind("finding-choice", choice_keys, choice_pages),
)
