"""An award: what was obligated, when, to whom and for what, as the records of its actions say. And lists of awards."""

from collections.abc import Iterator, Sequence
from typing import Any

from custodiet import questions
from custodiet.questions.awards import whole_awards
from custodiet.questions.findings import findings_of
from custodiet.site.cells import cells_behind, releases_behind
from custodiet.site.figures import figure
from custodiet.site.links import part, parts, slug, slugs
from custodiet.site.page import Kind, Page
from custodiet.site.site import Site

# Awards on one page of a list.
LENGTH = 300


def award_keys(site: Site) -> list[tuple[str, str]]:
    """Return every award with the path of its page."""
    return slugs(site.register.rows("select award, agency || ' ' || piid from awards order by award"), "awards")


def award_pages(site: Site, keys: Sequence[str]) -> Iterator[Page]:
    """Give the pages of awards."""
    awards = whole_awards(site.register, keys)
    findings: dict[str, list[dict[str, Any]]] = {}
    for finding in findings_of(site.register, keys):
        findings.setdefault(finding["subject"]["key"], []).append(finding)
    claims = _claims(site)
    cells = cells_behind(site.register, [awards, findings])
    for award in awards:
        found = findings.get(award["id"], [])
        who = ", ".join(award["recipients"])
        yield Page(
            site.contents["award"][award["id"]],
            f"{award['agency']} award {award['piid']}",
            "award.html",
            {
                "award": award,
                "findings": found,
                "claims": claims.get(award["piid"], []),
                "cells": cells,
                "files": releases_behind([award, found]),
                "years": _years(award["acts"]),
                "categories": [(each, site.categories.get(each, each)) for each in award["categories"]],
            },
            about=f"{who}: {' '.join((award['description'] or 'no description').split())}"[:300],
            words=f"{award['piid']} {award['parent_piid'] or ''}",
            noun="award",
            agency=award["agency"],
        )


def _years(acts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what was obligated in each fiscal year of the actions at hand."""
    sums: dict[int, float] = {}
    for act in acts:
        year, month = int(act["action_date"][:4]), int(act["action_date"][5:7])
        fiscal = year + (month >= 10)
        sums[fiscal] = sums.get(fiscal, 0) + float(act["obligation"])
    return [{"year": year, "obligations": amount} for year, amount in sorted(sums.items())]


def _claims(site: Site) -> dict[str, list[dict[str, Any]]]:
    """Return the claims of the catalogue that cite an award, by its number; found once a site."""
    found: dict[str, list[dict[str, Any]]] | None = site.kept.get(("claims", "award"))
    if found is None:
        rows = site.register.dicts(
            """
            select s.number, c.slug, p.kind, p.name, c."row", c.says, c.grade
            from (
              select distinct claim,
                unnest(regexp_extract_all(concat_ws(' ', title, place, url), '[0-9A-Z]{13,17}')) as number
              from claim_sources where kind = 'award') s
            join claims c using (claim) join pages p on p.slug = c.slug order by s.number, p.name, c."row"
            """
        )
        found = site.kept["claims", "award"] = {}
        for row in rows:
            found.setdefault(row.pop("number"), []).append(row)
    return found


def list_keys(site: Site) -> list[tuple[str, str]]:
    """Return the lists of awards: one a bureau and fiscal year of the first action, one a category."""
    keys = [("index", "awards/index")]
    for name, number in _groups(site):
        keys += parts(name, f"awards/lists/{slug(name)}", number, LENGTH)
    return keys


def _groups(site: Site) -> list[tuple[str, int]]:
    return site.register.keep("lists of awards", lambda: _find_groups(site))


def _find_groups(site: Site) -> list[tuple[str, int]]:
    rows = site.register.rows(
        """
        select lower(agency) || '-fy' || (year(first_action) + (month(first_action) >= 10)::int) as name, count(*)
        from awards group by all
        union all select category, count(distinct award) from award_categories group by all order by 1
        """
    )
    return [(name, number) for name, number in rows]


def list_pages(site: Site, keys: Sequence[str]) -> Iterator[Page]:
    """Give the lists of awards."""
    sizes = dict(_groups(site))
    for key in keys:
        if key == "index":
            yield _index(site, sizes)
            continue
        name, number = part(key)
        is_category = name in site.categories
        rows = site.register.dicts(
            """
            select award, agency, piid, recipients, obligations, first_action, last_action, description, citation from awards
            where case when $category then award in (select award from award_categories where category = $name)
              else lower(agency) || '-fy' || (year(first_action) + (month(first_action) >= 10)::int) = $name end
            order by obligations desc, award limit $length offset $skip
            """,
            {"category": is_category, "name": name, "length": LENGTH, "skip": (number - 1) * LENGTH},
        )
        agency, _, year = name.upper().partition("-FY")
        title = f"Awards for {site.categories[name].lower()}" if is_category else f"{agency} awards that began in FY{year}"
        yield Page(
            site.contents["award-list"][key],
            title,
            "award-list.html",
            {
                "awards": rows,
                "total": sizes[name],
                "cells": cells_behind(site.register, rows),
                "is_category": is_category,
                "pages": site.siblings("award-list", name, sizes[name], LENGTH),
            },
            table="awards",
        )


def _index(site: Site, sizes: dict[str, int]) -> Page:
    top = site.register.dicts(
        "select award, agency, piid, recipients, obligations, first_action, last_action, description, citation from awards "
        "order by obligations desc, award limit 60"
    )
    has_money = bool(top)
    return Page(
        "awards/index.html",
        "Contract awards",
        "awards.html",
        {
            "spend": questions.spend(site.register) if has_money else [],
            "top": top,
            "total": sum(size for name, size in sizes.items() if name not in site.categories),
            "sizes": sizes,
            "categories": [(each, name) for each, name in site.categories.items() if each in sizes],
            "cells": cells_behind(site.register, top),
            "figures": [figure(site, "money", root="../")] if has_money else [],
        },
        about="Contract awards of ICE and CBP: what was obligated, to whom, for what, and which years are cut off.",
        table="awards",
    )


KINDS = (Kind("award", award_keys, award_pages), Kind("award-list", list_keys, list_pages))
