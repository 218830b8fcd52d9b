"""The stack of an agency: its feeds, the systems that they flow into, the steps of a case, and what controls each flow."""

from collections.abc import Iterable, Mapping
from typing import Any

from custodiet.model.errors import QuestionError
from custodiet.model.text import echo, normalise_name
from custodiet.model.words import GRADES, OUTCOMES
from custodiet.questions.matrix import OFFICES
from custodiet.store import Register

# Steps of a case as people read them, in their order (catalogue/schema.py has the words).
STEPS = {
    "intake": "Intake of leads",
    "identity-resolution": "Who is it",
    "recognition-lookup": "Recognition",
    "enrichment": "Enrichment",
    "field-operations": "Field work",
    "custody": "Custody",
    "outcome": "Removal, outcome",
}
# What covers a flow of data: the parts of the rule `path-uncovered`.
COVERS = {"authority": "Legal basis", "notice": "Privacy notice", "audit-log": "Audit log"}
# What the agency's own inventory entries say of the system, by rule.
PRACTICES = {
    "privacy-notice-not-linked": "Notice linked",
    "m-25-21-testing": "Testing",
    "m-25-21-assessment": "Impact assessment",
    "m-25-21-monitoring": "Monitoring",
    "m-25-21-oversight": "Fail-safe",
    "m-25-21-appeal": "Appeal",
}
# Where several findings stand in one cell, the cell shows the first of these.
WORST_FIRST = ("gap", "cannot-tell", "clear", "not-applicable")
DOES_NOT_SHOW = (
    "The catalogue is written by hand from public documents: a system, feed or flow that nobody made public is not in it. "
    "An empty cell is no proof that a paper does not exist, and a gap is not a violation."
)


def stack(register: Register, agency: str) -> dict[str, Any]:
    """Return an agency's stack: `steps`, `covers`, `practices`, `feeds`, `systems` and `flows`, each with its claims.

    A claim is `{id, about, says, grade, would_settle, citation}`. A system has `covers` and `practices`: by part, a cell
    `{outcome, counts, findings, reasons, citations}`; `outcome` is the worst of what stands in it, and None where no finding
    is about it, which `reasons` then explains. A cover that is clear stands `through` a paper of the system's own page, or
    only through one about its feeds. A flow, from a feed into a system, has its own `covers`.

    A flow's grade is that of the best claim about feeds that names both ends (`names_both`). Where none does, it rests on the
    system's page alone, and is *Inferred* at best; without any claim about feeds it is *Unknown*.

    Raises:
        QuestionError: no system of the catalogue is run by such an agency.

    """
    bureau = who_runs(register, agency)
    offices = OFFICES.get(bureau, (bureau,))
    systems = register.dicts(
        """
        select slug as id, name, aliases, fields->>'category' as category, fields->>'status' as status,
          (fields->'operators')::varchar[] as operators, coalesce((fields->'steps')::varchar[], []) as steps
        from pages where kind = 'system' and list_has_any((fields->'operators')::varchar[], $offices) order by name
        """,
        {"offices": list(offices)},
    )
    flows = _flows(register, [system["id"] for system in systems])
    feeds = _feeds(register, sorted({flow["feed"] for flow in flows}))
    claims = _claims(register, [thing["id"] for thing in (*systems, *feeds)])
    paths, papers = _path_findings(register), _papers(register)
    entries = _entries(register, [system["id"] for system in systems], offices)
    judged = _practice_findings(register, [entry["key"] for about in entries.values() for entry in about])
    vendors = _vendors(register, [system["id"] for system in systems])
    for feed in feeds:
        feed |= {"grade": _grade(claims[feed["id"]], "content"), "claims": claims[feed["id"]]}
    for system in systems:
        own, about = claims[system["id"]], entries.get(system["id"], [])
        into = [flow["feed"] for flow in flows if flow["system"] == system["id"]]
        system |= {
            "grade": _grade(own, "identity"),
            "steps": [step for step in STEPS if step in system["steps"]],
            "steps_grade": _grade(own, "workflow"),
            "vendors": vendors.get(system["id"], []),
            "entries": about,
            "covers": {cover: _cover(system["id"], into, cover, paths, papers) for cover in COVERS},
            "practices": _practices(about, judged),
            "claims": own,
        }
    names = {thing["id"]: (thing["name"], *thing["aliases"]) for thing in (*systems, *feeds)}
    return {
        "agency": bureau,
        "steps": STEPS, "covers": COVERS, "practices": PRACTICES,
        "feeds": feeds, "systems": systems,
        "flows": [
            flow
            | _grade_flow(flow, claims, names)
            | {"covers": {cover: _cover(flow["system"], [flow["feed"]], cover, paths, papers) for cover in COVERS}}
            for flow in flows
        ],
        "does_not_show": DOES_NOT_SHOW,
    }  # fmt: skip


def count_stacks(register: Register) -> dict[str, dict[str, int]]:
    """Return, by agency that runs systems, how many systems, feeds and flows its stack has, and systems without a log.

    Offices stand with their bureau. `no_log` counts systems of which the audit log of a flow is a gap.
    """
    bureaus = {office: bureau for bureau, offices in OFFICES.items() for office in offices}
    rows = register.rows(
        """
        select p.slug, (p.fields->'operators')::varchar[], list(l.target) filter (l.target is not null),
          p.slug in (select split_part(subject, '/', 1) from findings
            where rule = 'path-uncovered' and outcome = 'gap' and suffix(subject, '/audit-log'))
        from pages p left join page_links l on l.slug = p.slug and l.relation = 'feeds' where p.kind = 'system' group by all
        """
    )
    found: dict[str, dict[str, int]] = {}
    for agency in sorted({bureaus.get(operator, operator) for _, operators, _, _ in rows for operator in operators}):
        own = [row for row in rows if agency in {bureaus.get(operator, operator) for operator in row[1]}]
        feeds = [feed for _, _, targets, _ in own for feed in targets or ()]
        found[agency] = {
            "systems": len(own), "feeds": len(set(feeds)), "flows": len(feeds), "no_log": sum(row[3] for row in own),
        }  # fmt: skip
    return found


def who_runs(register: Register, agency: str) -> str:
    """Return the agency, bureau or office that a stack can be asked of, as the catalogue writes it.

    Raises:
        QuestionError: no system of the catalogue is run by such an agency.

    """
    bureau = agency.strip().upper()
    known = register.rows(
        "select distinct unnest((fields->'operators')::varchar[]) as operator from pages where kind = 'system' order by 1"
    )
    names = [name for (name,) in known]
    if not set(OFFICES.get(bureau, (bureau,))) & set(names):
        raise QuestionError(f"No system of the catalogue is run by {echo(agency)}; ask for one of {', '.join(names)}.")
    return bureau


def _flows(register: Register, systems: list[str]) -> list[dict[str, Any]]:
    return register.dicts(
        "select target as feed, slug as system from page_links where relation = 'feeds' "
        "and slug in (select unnest($systems)) order by slug, target",
        {"systems": systems},
    )


def _feeds(register: Register, slugs: list[str]) -> list[dict[str, Any]]:
    return register.dicts(
        """
        select p.slug as id, p.name, p.aliases, coalesce((
            select list({'id': v.slug, 'name': v.name} order by v.name) from page_links l join pages v on v.slug = l.target
            where l.slug = p.slug and l.relation = 'suppliers'), []) as suppliers
        from pages p where p.kind = 'feed' and p.slug in (select unnest($slugs)) order by p.name
        """,
        {"slugs": slugs},
    )


def _vendors(register: Register, systems: list[str]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in register.dicts(
        "select l.slug, v.slug as id, v.name from page_links l join pages v on v.slug = l.target "
        "where l.slug in (select unnest($systems)) and l.relation = 'vendors' order by v.name",
        {"systems": systems},
    ):
        found.setdefault(row.pop("slug"), []).append(row)
    return found


def _claims(register: Register, slugs: list[str]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {slug: [] for slug in slugs}
    for claim in register.dicts(
        """
        select slug, claim as id, about, says, grade, would_settle,
          struct_pack(release := 'catalogue', "row" := "row", "column" := slug) as citation
        from claims where slug in (select unnest($slugs)) order by slug, "row"
        """,
        {"slugs": slugs},
    ):
        found[claim.pop("slug")].append(claim)
    return found


def _entries(register: Register, systems: list[str], offices: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Return, by system, the entries of the latest inventory that its page names and that the agency made."""
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in register.dicts(
        """
        select l.slug, u.use_case_id as key, u.handle as id, u.name, u.stage.value as stage, u.impact.value as impact,
          u.name_citation as citation
        from page_links l join use_cases u on u.handle = l.target
        where l.relation = 'use_cases' and l.slug in (select unnest($systems)) and u.bureau in (select unnest($offices))
          and u.inventory_year = (select max(inventory_year) from use_cases)
        order by l.slug, u.handle
        """,
        {"systems": systems, "offices": list(offices)},
    ):
        found.setdefault(entry.pop("slug"), []).append(entry)
    return found


def _path_findings(register: Register) -> dict[str, dict[str, Any]]:
    rows = register.dicts(
        "select finding, subject, outcome, reason, citations from findings "
        "where rule = 'path-uncovered' and subject_kind = 'path'"
    )
    return {row["subject"]: row for row in rows}


def _papers(register: Register) -> set[tuple[str, str]]:
    """Return which pages themselves link a paper that covers: a notice, or an authority that grants power to act."""
    rows = register.rows(
        """
        select l.slug, case when a.fields->>'type' in ('pia', 'sorn') then 'notice' else 'authority' end
        from page_links l join pages a on a.slug = l.target and a.kind = 'authority'
        where l.relation = 'authorities' and (a.fields->>'type' in ('pia', 'sorn') or (a.fields->>'grants_power')::boolean)
        """
    )
    return {(slug, cover) for slug, cover in rows}


def _cover(
    system: str, feeds: list[str], cover: str, paths: Mapping[str, dict[str, Any]], papers: set[tuple[str, str]]
) -> dict[str, Any]:
    found = [paths[key] for feed in feeds if (key := f"{system}/{feed}/{cover}") in paths]
    cell = _cell(found, "The catalogue ties no feed to it, or the rule could not be run.")
    # A paper about the feed alone says why the data was collected, and not what this system does with it.
    only_feeds = cell["outcome"] == "clear" and cover != "audit-log" and (system, cover) not in papers
    return cell | {"through": "feed" if only_feeds else "system" if cell["outcome"] == "clear" else None}


def _practice_findings(register: Register, keys: list[str]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the findings of the practices by rule and use case."""
    rows = register.dicts(
        "select rule, finding, outcome, subject, subject_id || ': ' || reason as reason, citations from findings "
        "where rule in (select unnest($rules)) and subject in (select unnest($keys))",
        {"rules": list(PRACTICES), "keys": keys},
    )
    return {(row["rule"], row["subject"]): row for row in rows}


def _practices(entries: list[dict[str, Any]], judged: Mapping[tuple[str, str], dict[str, Any]]) -> dict[str, dict[str, Any]]:
    why = "Not judged." if entries else "No entry of the agency's latest inventory is about it, so no form put the question."
    return {
        rule: _cell([judged[rule, entry["key"]] for entry in entries if (rule, entry["key"]) in judged], why)
        for rule in PRACTICES
    }


def _cell(findings: list[dict[str, Any]], why_empty: str) -> dict[str, Any]:
    counts = {outcome: sum(row["outcome"] == outcome for row in findings) for outcome in OUTCOMES}
    ordered = sorted(findings, key=lambda row: WORST_FIRST.index(row["outcome"]))
    return {
        "outcome": ordered[0]["outcome"] if ordered else None,
        "counts": {outcome: number for outcome, number in counts.items() if number},
        "findings": [row["finding"] for row in ordered],
        "reasons": list(dict.fromkeys(row["reason"] for row in ordered)) or [why_empty],
        "citations": list({str(cell): dict(cell) for row in ordered for cell in row["citations"]}.values()),
    }


def _grade(claims: list[dict[str, Any]], about: str) -> str:
    """Return the best grade of what a page says of its subject itself."""
    return min((claim["grade"] for claim in claims if claim["about"] == about), key=GRADES.index, default="Unknown")


def _grade_flow(
    flow: Mapping[str, str], claims: Mapping[str, list[dict[str, Any]]], names: Mapping[str, tuple[str, ...]]
) -> dict[str, Any]:
    feed, system = flow["feed"], flow["system"]
    from_system = [claim for claim in claims[system] if claim["about"] == "feed"]
    both = [
        claim
        for end, other in ((feed, system), (system, feed))
        for claim in claims[end]
        if claim["about"] == "feed" and _names(claim["says"], names[other])
    ]
    if both:
        grade = min((claim["grade"] for claim in both), key=GRADES.index)
    else:
        # The weakest of what the page says of its feeds, since nobody says which of them this one rests on.
        grade = max((claim["grade"] for claim in from_system), key=GRADES.index, default="Unknown")
        grade = max(grade, "Inferred", key=GRADES.index)
    resting = both or from_system
    return {"grade": grade, "names_both": bool(both), "claims": [claim["id"] for claim in resting],
            "citations": [claim["citation"] for claim in resting]}  # fmt: skip


def _names(says: str, names: Iterable[str]) -> bool:
    words = f" {normalise_name(says)} "
    return any(f" {normalise_name(name)} " in words for name in names)
