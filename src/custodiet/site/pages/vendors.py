"""A vendor: its names, money by year, awards and systems; and lists of vendors. Organisations only, never a person."""

from collections.abc import Iterator, Sequence
from typing import Any

from custodiet import questions
from custodiet.questions.findings import findings_named
from custodiet.questions.organisations import whole_organisations
from custodiet.questions.sales import sales
from custodiet.questions.trace import trace
from custodiet.site.cells import cells_behind, releases_behind
from custodiet.site.figures import figure
from custodiet.site.links import part, parts, slugs
from custodiet.site.page import Kind, Page
from custodiet.site.pages.catalogue import findings_about, group_claims, group_lines
from custodiet.site.site import Site
from custodiet.site.timelines import figure_of_money

LENGTH = 400
# Awards on a vendor's page.
SHOWN = 120
# What the trace adds where the awards, the money and the names stand in tables of their own.
TRACED = ("relations", "named in awards to others", "systems", "feeds", "use cases")


def vendor_keys(site: Site) -> list[tuple[str, str]]:
    """Return every vendor with the path of its page: those of the catalogue, and every other organisation."""
    rows = site.register.rows(
        "select slug, slug from pages where kind = 'vendor' union all "
        "select organisation, organisation from organisations where page is null order by 1"
    )
    return slugs(rows, "vendors")


def vendor_pages(site: Site, keys: Sequence[str]) -> Iterator[Page]:
    """Give the pages of vendors."""
    register = site.register
    catalogued = {key for key in keys if site.slugs.get(key) == "vendor"}
    members: dict[str, list[str]] = {key: [key] for key in keys if key not in catalogued}
    for page, organisation in register.rows(
        "select page, organisation from organisations where page in (select unnest($pages)) order by organisation",
        {"pages": sorted(catalogued)},
    ):
        members.setdefault(page, []).append(organisation)
    everyone = [organisation for group in members.values() for organisation in group]
    wholes = {whole["organisation"]: whole for whole in whole_organisations(register, everyone)}
    sold = sales(register, members)
    findings = _findings(site, {award["award"] for sale in sold.values() for award in sale["awards"]})
    cells = cells_behind(register, [[sale["awards"][:SHOWN] for sale in sold.values()], findings])
    for key in keys:
        organisations = [wholes[slug] for slug in members.get(key, [])]
        sale = sold.get(key, {"awards": [], "years": []})
        of_awards = [f for award in sale["awards"] for f in findings.get(award["award"], [])]
        context: dict[str, Any] = {
            "organisations": organisations, "awards": sale["awards"][:SHOWN], "total": len(sale["awards"]),
            "years": sale["years"], "findings": of_awards, "cells": cells, "shown": None, "groups": [], "lines": [],
            "files": releases_behind([sale["awards"][:SHOWN], of_awards]), "figures": [], "money": None,
        }  # fmt: skip
        name = organisations[0]["name"] if organisations else key
        about = f"{name}: what ICE and CBP obligated to it, under {len(sale['awards']):,} awards."
        if key in catalogued:
            shown = questions.show(register, key)
            lines = (
                [line for line in trace(register, members[key][0])["lines"] if line["section"] in TRACED]
                if organisations
                else []
            )
            own = findings_about(site, key)
            context |= {
                "shown": shown, "groups": group_claims(shown["claims"]), "lines": group_lines(lines, TRACED),
                "figures": [figure(site, f"chain-{key}", root="../")] if organisations else [],
                "findings": [*own, *of_awards], "cells": cells | cells_behind(register, [shown["claims"], lines, own]),
            }  # fmt: skip
            name, about = shown["name"], shown["claims"][0]["says"]
        context["money"] = figure_of_money(site, key, name, sale["years"])
        names = [each["name"] for organisation in organisations for each in organisation["names"]]
        yield Page(
            site.contents["vendor"][key], name, "vendor.html", context, about=about[:300],
            words=" ".join(names[:12]), noun="vendor",
        )  # fmt: skip


def _findings(site: Site, awards: set[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the gaps about awards, by award: the page of an award has its other outcomes."""
    rows = site.register.rows(
        "select finding from findings where outcome = 'gap' and subject in (select unnest($awards))", {"awards": list(awards)}
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for finding in findings_named(site.register, [name for (name,) in rows]):
        found.setdefault(finding["subject"]["key"], []).append(finding)
    return found


LETTER = "case when regexp_matches(upper(name), '^[A-Z]') then lower(left(name, 1)) else '0-9' end"


def list_keys(site: Site) -> list[tuple[str, str]]:
    """Return the lists of vendors: the first, and one a letter."""
    keys = [("index", "vendors/index")]
    for letter, number in _letters(site):
        keys += parts(letter, f"vendors/lists/{letter}", number, LENGTH)
    return keys


def _letters(site: Site) -> list[tuple[str, int]]:
    rows = site.register.rows(f"select {LETTER} as letter, count(*) from organisations group by all order by 1")
    return [(letter, number) for letter, number in rows]


def list_pages(site: Site, keys: Sequence[str]) -> Iterator[Page]:
    """Give the lists of vendors."""
    sizes = dict(_letters(site))
    letters = [{"label": letter.upper(), "path": site.contents["vendor-list"][letter]} for letter in sizes]
    for key in keys:
        if key == "index":
            yield _index(site, letters)
            continue
        letter, number = part(key)
        rows = site.register.dicts(
            f"select organisation, name, names from organisations where {LETTER} = $letter "
            "order by lower(name), organisation limit $length offset $skip",
            {"letter": letter, "length": LENGTH, "skip": (number - 1) * LENGTH},
        )
        yield Page(
            site.contents["vendor-list"][key],
            f"Vendors: {letter.upper()}" + (f", part {number}" if number > 1 else ""),
            "vendor-list.html",
            {
                "rows": rows,
                "letters": letters,
                "total": sizes[letter],
                "pages": site.siblings("vendor-list", letter, sizes[letter], LENGTH),
            },
            table="organisations",
        )


def _index(site: Site, letters: list[dict[str, str]]) -> Page:
    pages = site.register.dicts(
        """
        select p.slug, p.name, (select c.says from claims c where c.slug = p.slug order by c."row" limit 1) as says,
          (select count(*) from claims c where c.slug = p.slug) as claims,
          (select list(s.name order by s.name) from page_links l join pages s on s.slug = l.slug and s.kind = 'system'
            where l.target = p.slug and l.relation = 'vendors') as systems
        from pages p where p.kind = 'vendor' order by p.name
        """
    )
    top = site.register.dicts(
        """
        select coalesce(o.page, o.organisation) as key, min(o.name) as name, sum(t.obligation)::decimal(18, 2) as obligations,
          count(*) as actions, list(distinct t.agency order by t.agency) as agencies
        from transactions t join organisation_names n on n.name = t.recipient join organisations o using (organisation)
        where t.is_current and not t.repeats group by 1 order by 3 desc limit 60
        """
    )
    return Page(
        "vendors/index.html",
        "Vendors",
        "vendors.html",
        {"pages": pages, "top": top, "letters": letters},
        about="Who sells to ICE and CBP: the vendors of surveillance systems, and every organisation with a contract action.",
        table="vendors",
    )


KINDS = (Kind("vendor", vendor_keys, vendor_pages), Kind("vendor-list", list_keys, list_pages))
