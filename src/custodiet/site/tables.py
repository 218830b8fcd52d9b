"""The lists of a site by name, each as plain rows for a file: what a page shows in parts, whole."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

from custodiet import questions
from custodiet.site.site import Site

Rows = list[dict[str, Any]]
# What a file says of an answer.
CELL = ("value", "state", "text", "citation")

# Lists that are one statement. A value of an inventory comes with its state, since an empty cell tells nothing without it.
_STATEMENTS = {
    "systems": """
        select p.slug as id, p.name, p.fields->>'status' as status, p.fields->>'category' as category,
          array_to_string((p.fields->'operators')::varchar[], '; ') as operators,
          (select string_agg(target, '; ' order by target) from page_links l where l.slug = p.slug and relation = 'vendors')
            as vendors,
          (select string_agg(target, '; ' order by target) from page_links l where l.slug = p.slug and relation = 'feeds')
            as feeds,
          (select count(*) from claims c where c.slug = p.slug) as claims,
          (select count(*) from claims c where c.slug = p.slug and c.grade = 'Disputed') as disputed,
          (select count(*) from claims c where c.slug = p.slug and c.grade = 'Unknown') as unknown
        from pages p where p.kind = 'system' order by p.slug
    """,
    "feeds": """
        select p.slug as id, p.name,
          (select string_agg(target, '; ' order by target) from page_links l where l.slug = p.slug and relation = 'suppliers')
            as suppliers,
          (select string_agg(slug, '; ' order by slug) from page_links l where l.target = p.slug and relation = 'feeds')
            as systems,
          (select count(*) from claims c where c.slug = p.slug) as claims
        from pages p where p.kind = 'feed' order by p.slug
    """,
    "authorities": """
        select slug as id, name, fields->>'type' as type, fields->>'issuer' as issuer, fields->>'date' as date,
          fields->>'url' as url
        from pages where kind = 'authority' order by slug
    """,
    "claims": """
        select claim as id, kind, slug as page, about, says, grade, grade_reason, public_by, public_since, would_settle
        from claims order by claim
    """,
    "agencies": """
        select agency, agency_name as name, inventory_year as year, count(*) as entries,
          count(*) filter (stage.value = 'deployed') as deployed,
          case when count(*) filter (impact.state <> 'not-asked') > 0 then count(*) filter (impact.value in (
            'high-impact', 'rights-impacting', 'safety-impacting', 'rights-and-safety-impacting')) end as high_impact,
          case when count(*) filter (impact.state <> 'not-asked') > 0 then count(*) filter (impact.value is null) end
            as impact_not_said
        from use_cases group by all order by agency, year
    """,
    "organisations": """
        select organisation as id, name, page, names as published_names,
          (select string_agg(i.scheme || ' ' || i.id, '; ' order by i.scheme, i.id) from organisation_ids i
            where i.organisation = o.organisation) as identifiers
        from organisations o order by organisation
    """,
    "documents": """
        select s.url, min(s.title) as title, min(s.publisher) as publisher, min(s.kind) as kind, min(s.date) as date,
          count(distinct s.claim) as claims, count(distinct s.claim) filter (s.stance <> 'supports') as contradicts
        from claim_sources s where s.kind <> 'inventory'
        group by s.url, case when s.url is null then s.title || s.publisher end order by title, url
    """,
    "awards": """
        select agency, piid, array_to_string(recipients, '; ') as recipients, actions, obligations::varchar as obligations,
          first_action, last_action, description, citation
        from awards order by agency, piid
    """,
}
_USE_CASES = """
    select handle as id, agency, bureau, name, stage.value as stage, stage.state as stage_state, impact.value as impact,
      impact.state as impact_state, vendor.value as vendor, vendor.state as vendor_state, system_name.value as system,
      operational_date.value as operational_since, privacy_notice.value as privacy_notice,
      privacy_notice.state as privacy_notice_state, name_citation as citation
    from use_cases where inventory_year = $year order by agency, handle
"""


def list_tables(site: Site) -> dict[str, Callable[[], Rows]]:
    """Return what gives the rows of every list, by the name of its file: "systems", "use-cases-2025", "gaps"."""
    register = site.register
    years = register.rows("select distinct inventory_year from use_cases order by 1")
    tables: dict[str, Callable[[], Rows]] = {name: partial(register.dicts, sql) for name, sql in _STATEMENTS.items()}
    tables |= {f"use-cases-{year}": partial(register.dicts, _USE_CASES, {"year": year}) for (year,) in years}
    for (first,), (second,) in pairwise(years):
        if second == first + 1:
            tables |= {f"{name}-{first}-{second}": partial(rows, site, str(first), str(second))
                       for name, rows in (("entries", _entries), ("changes", _changes))}  # fmt: skip
    tables |= {f"gaps-{rule}": partial(_gaps, site, rule) for rule in build_rules(site)}
    tables |= {
        "gaps": partial(_gaps, site, None),
        # Named as the outcome is; what a rule does not reach is most of a register, and the command line gives it.
        **{outcome: partial(_judged, site, None, outcome) for outcome in ("cannot-tell", "clear")},
        "notices": partial(questions.notices, register),
        "rules": partial(questions.rules, register),
        "sources": partial(questions.sources, register),
    }
    if register.rows("select 1 from transactions where is_current limit 1"):
        tables["spend"] = partial(questions.spend, register)
        tables["vendors"] = partial(questions.spend, register, by=("vendor",))
    return tables


def _entries(site: Site, first: str, second: str) -> Rows:
    """Return what was added, gone and renamed from one year's inventory to the next."""
    found = questions.diff(site.register, first, second)
    return [
        {"what": what, "agency": row["agency"], "bureau": row["bureau"], "id": row["id"],
         "before": row.get("before", row.get("name") if what == "gone" else None),
         "after": row.get("after", row.get("name") if what == "added" else None), "reason": row.get("reason")}
        for what in ("added", "gone", "renamed") for row in found[what]
    ]  # fmt: skip


def _changes(site: Site, first: str, second: str) -> Rows:
    """Return the answers that differ from one year's inventory to the next, and whether both years asked."""
    found = questions.diff(site.register, first, second)
    return [
        {"agency": row["agency"], "bureau": row["bureau"], "id": row["id"], "name": row["name"], "question": row["question"],
         "both_asked": asked == "changed",
         **{f"{side}_{part}": row[side][part] for side in ("before", "after") for part in CELL}}
        for asked in ("changed", "asked_once") for row in found[asked]
    ]  # fmt: skip


def build_rules(site: Site) -> list[str]:
    """Return the rules that a build runs; those on query logs have no findings in a register."""
    return [name for name, rule in site.rules.items() if rule["run_by"] == "build"]


def _gaps(site: Site, rule: str | None) -> Rows:
    return _judged(site, rule, "gap")


def _judged(site: Site, rule: str | None, outcome: str) -> Rows:
    return without_limits(questions.findings(site.register, rule=rule, outcome=outcome))


def without_limits(findings: Rows) -> Rows:
    """Return findings without what they do not show: the rule's page says it; in every row it would be most of the file."""
    return [{name: value for name, value in row.items() if name != "does_not_show"} for row in findings]
