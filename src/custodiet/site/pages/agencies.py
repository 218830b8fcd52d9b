"""An agency: what it wrote into its inventories, what it bought where contracts are at hand, and what is not shown."""

from collections.abc import Iterator, Sequence
from typing import Any

from custodiet import questions
from custodiet.questions.matrix import OFFICES
from custodiet.site.facets import name_list
from custodiet.site.links import slug
from custodiet.site.page import Kind, Page
from custodiet.site.pages.findings import count_by
from custodiet.site.site import Site

NAMES = {"ICE": "Immigration and Customs Enforcement", "CBP": "Customs and Border Protection"}


def agency_keys(site: Site) -> list[tuple[str, str]]:
    """Return every agency with an inventory, and the two bureaus whose contracts are at hand."""
    codes = [*site.agencies, *(code for code in bureaus(site) if code not in site.agencies)]
    return [("index", "agencies/index"), *((code, f"agencies/{slug(code)}") for code in codes)]


def bureaus(site: Site) -> list[str]:
    """Return the bureaus whose contract actions the register holds."""
    return [name for (name,) in site.register.rows("select distinct agency from awards order by 1") if name in OFFICES]


def agency_pages(site: Site, keys: Sequence[str]) -> Iterator[Page]:
    """Give the pages of agencies, and their list."""
    for key in keys:
        if key == "index":
            yield _index(site)
        elif key in site.agencies:
            yield _department(site, key)
        else:
            yield _bureau(site, key)


def _sizes(site: Site, condition: str, code: str) -> list[dict[str, Any]]:
    return site.register.dicts(
        f"""
        select agency, inventory_year as year, count(*) as entries, count(*) filter (stage.value = 'deployed') as deployed,
          count(*) filter (impact.value in ('high-impact', 'rights-impacting', 'safety-impacting',
            'rights-and-safety-impacting')) as high_impact,
          count(*) filter (impact.value is null) as no_impact,
          count(*) filter (impact.state <> 'not-asked') > 0 as asks_impact
        from use_cases where {condition} group by all order by year
        """,
        {"code": code},
    )


def _rules_table(site: Site, counts: dict[str, dict[str, int]], agency: str) -> dict[str, Any]:
    return {
        "head": "rule",
        "rows": [
            {
                "name": site.rules[rule]["title"],
                "counts": number,
                "path": site.path("finding-list", name_list(rule=rule, agency=agency)) or site.contents["rule"][rule],
            }
            for rule, number in sorted(counts.items(), key=lambda item: -item[1]["gap"])
        ],
    }


def _department(site: Site, code: str) -> Page:
    offices = site.register.dicts(
        "select bureau, max(inventory_year) as last, arg_max(entries, inventory_year) as entries from ("
        "  select bureau, inventory_year, count(*) as entries from use_cases where agency = $code and bureau is not null "
        "  group by all) group by all order by last desc, entries desc, bureau",
        {"code": code},
    )
    return Page(
        site.contents["agency"][code],
        site.agencies[code],
        "agency.html",
        {
            "code": code,
            "parent": None,
            "years": _sizes(site, "agency = $code", code),
            "offices": offices,
            "bureaus": bureaus(site) if code == "DHS" else [],
            "counts": _rules_table(site, count_by(site, "rule", agency=code), code),
            "spend": [],
            "systems": [],
            "has_list": site.path("finding-list", name_list(agency=code)),
        },
        about=f"What {site.agencies[code]} wrote into its inventories of AI, and what the record does not show.",
        words=code,
        noun="agency",
        agency=code,
    )


def _bureau(site: Site, code: str) -> Page:
    systems = site.register.dicts(
        "select slug, name from pages where kind = 'system' and list_has_any((fields->'operators')::varchar[], $offices) "
        "order by name",
        {"offices": list(OFFICES[code])},
    )
    return Page(
        site.contents["agency"][code],
        f"{NAMES[code]} ({code})",
        "agency.html",
        {
            "code": code,
            "parent": "DHS",
            "years": _sizes(site, "agency = 'DHS' and bureau = $code", code),
            "offices": [],
            "bureaus": [],
            "counts": _rules_table(site, count_by(site, "rule", agency="DHS", bureau=code), "DHS"),
            "spend": questions.spend(site.register, agency=code),
            "systems": systems,
            "has_list": None,
        },
        about=f"{NAMES[code]}: its systems, its inventory, its contract awards, and what the record does not show.",
        words=code,
        noun="agency",
        agency=code,
    )


def _index(site: Site) -> Page:
    rows = site.register.rows("select agency, inventory_year, count(*) from use_cases group by all order by all")
    years = sorted({year for _, year, _ in rows})
    sizes: dict[str, dict[int, int]] = {}
    for agency, year, number in rows:
        sizes.setdefault(agency, {})[year] = number
    gaps = count_by(site, "agency")
    return Page(
        "agencies/index.html",
        "Agencies",
        "agencies.html",
        {
            "years": years,
            "rows": [
                (code, name, sizes.get(code, {}), gaps.get(code, {}).get("gap", 0)) for code, name in site.agencies.items()
            ],
            "bureaus": [(code, NAMES[code]) for code in bureaus(site)],
        },
        about="Agencies with an inventory of AI use cases, and the two bureaus whose contracts are at hand.",
        table="agencies",
    )


KINDS = (Kind("agency", agency_keys, agency_pages),)
