"""Pages of the catalogue: systems, feeds, authorities. Each claim with its grade and sources, and the chain of evidence."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from custodiet import questions
from custodiet.model.words import GRADES
from custodiet.questions.findings import findings_named, findings_of_page, list_by_entries
from custodiet.questions.trace import SECTIONS, trace
from custodiet.site.cells import cells_behind, releases_behind
from custodiet.site.page import Kind, Page
from custodiet.site.pages.documents import document_of
from custodiet.site.site import Site

FOLDERS = {"system": "systems", "feed": "feeds", "authority": "authorities"}
TITLES = {
    "system": ("Systems", "Named products and programmes of immigration enforcement, and what is on record of each."),
    "feed": ("Data feeds", "What data the systems take in, from where, and under whose rules."),
    "authority": ("Laws, memos, notices and reports", "What the systems are held against, and what says that they exist."),
}
# What claims are about, as people read them.
ABOUT = {
    "identity": "What it is", "operator": "Who runs it", "role": "What it does", "feed": "What data it takes",
    "authority": "On what legal basis", "workflow": "How it is used", "audit-log": "Whether its use is logged",
    "procured": "What was bought", "deployed": "What is deployed", "used": "What is used", "oversight": "Who watches it",
    "accuracy": "How well it works", "population": "Whom it concerns", "history": "How it came about",
    "content": "What it holds", "limits": "What limits it", "disputed": "What is disputed", "unknown": "What is not known",
}  # fmt: skip
# Lines of one section of a trace that are shown.
LINES = 120
# What the trace adds to the page's own claims.
TRACED = tuple(section for section in SECTIONS if section not in ("claims", "findings"))


def keys_of(kind: str) -> Callable[[Site], list[tuple[str, str]]]:
    """Return what lists the pages of a kind of the catalogue."""

    def keys(site: Site) -> list[tuple[str, str]]:
        rows = site.register.rows("select slug from pages where kind = $kind order by slug", {"kind": kind})
        return [(slug, f"{FOLDERS[kind]}/{slug}") for (slug,) in rows]

    return keys


def group_claims(claims: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return claims under what they are about, each with its place on the page and its sources' documents."""
    for number, claim in enumerate(claims, start=1):
        claim["row"] = number
        for source in claim["sources"]:
            source["document"] = document_of(source)
    groups = [(title, [claim for claim in claims if claim["about"] == about]) for about, title in ABOUT.items()]
    return [group for group in groups if group[1]]


def group_lines(lines: list[dict[str, Any]], wanted: Sequence[str] = TRACED) -> list[tuple[str, list[dict[str, Any]], int]]:
    """Return the lines of a trace by section, the first of many, and how many there are."""
    groups = [(section, [line for line in lines if line["section"] == section]) for section in wanted]
    return [(section, group[:LINES], len(group)) for section, group in groups if group]


def findings_about(site: Site, slug: str) -> list[dict[str, Any]]:
    """Return the findings about a page of the catalogue, and about the ways of data into it."""
    register = site.register
    return findings_named(register, sorted({*findings_of_page(register, slug), *list_by_entries(register, slug)}))


def pages(site: Site, keys: Sequence[str]) -> Iterator[Page]:
    """Give pages of the catalogue."""
    for slug in keys:
        shown = questions.show(site.register, slug)
        lines = trace(site.register, slug)["lines"] if shown["kind"] == "system" else []
        found = findings_about(site, slug)
        first = shown["claims"][0]["says"] if shown["claims"] else ""
        yield Page(
            site.contents[shown["kind"]][slug],
            shown["name"],
            "catalogue.html",
            {
                "shown": shown,
                "noun": shown["kind"],
                "list": (FOLDERS[shown["kind"]], TITLES[shown["kind"]][0]),
                "groups": group_claims(shown["claims"]),
                "lines": group_lines(lines),
                "findings": found,
                "grades": {grade: sum(claim["grade"] == grade for claim in shown["claims"]) for grade in GRADES},
                "cells": cells_behind(site.register, [shown["claims"], lines, found]),
                "files": releases_behind([shown["claims"], lines, found]),
            },
            about=first[:300],
            words=" ".join(shown["aliases"]),
            noun=shown["kind"],
        )


def lists(site: Site, keys: Sequence[str]) -> Iterator[Page]:
    """Give the lists of the catalogue."""
    for kind in keys:
        title, about = TITLES[kind]
        rows = site.register.dicts(
            """
            select p.slug, p.name, p.fields->>'status' as status, p.fields->>'category' as category,
              (p.fields->'operators')::varchar[] as operators, p.fields->>'type' as type, p.fields->>'issuer' as issuer,
              p.fields->>'date' as date,
              (select c.says from claims c where c.slug = p.slug order by c."row" limit 1) as says,
              (select count(*) from claims c where c.slug = p.slug) as claims,
              (select count(*) from claims c where c.slug = p.slug and c.grade in ('Disputed', 'Unknown')) as open,
              (select count(*) from findings f where f.outcome = 'gap'
                and (f.subject_id = p.slug or starts_with(f.subject, p.slug || '/')
                  or (f.subject_kind = 'system' and f.subject = f.agency || ':' || p.slug))) as gaps
            from pages p where p.kind = $kind order by p.name
            """,
            {"kind": kind},
        )
        yield Page(
            site.contents["catalogue-list"][kind],
            title,
            "catalogue-list.html",
            {"rows": rows, "noun": kind},
            about=about,
            table=FOLDERS[kind],
        )


KINDS = (
    *(Kind(kind, keys_of(kind), pages) for kind in FOLDERS),
    Kind("catalogue-list", lambda _: [(kind, f"{folder}/index") for kind, folder in FOLDERS.items()], lists),
)
