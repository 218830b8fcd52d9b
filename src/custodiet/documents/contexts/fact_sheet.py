"""Figures about a use case, a system or an agency, each with its date and where it stands."""

from collections.abc import Mapping, Sequence
from typing import Any

from custodiet.documents.contexts.findings import name_field
from custodiet.documents.draft import Request
from custodiet.documents.facts import Count
from custodiet.questions.findings import count_findings, findings_of
from custodiet.questions.matrix import OFFICES, matrix
from custodiet.questions.scope import resolve_scope
from custodiet.questions.show import show
from custodiet.questions.spend import spend
from custodiet.questions.trace import dollars, trace

ENTRY = ("stage", "operational_date", "impact", "justification", "vendor", "contracting", "system_name", "has_ato",
         "has_pii", "privacy_notice", "demographics", "data_description")  # fmt: skip
PRACTICES = ("testing", "assessment", "independent_review", "monitoring", "training", "oversight", "appeal", "feedback")
# The biggest awards; the rest is in `custodiet trace`.
AWARDS = 6
MATRIX = ("declared", "purchased", "noticed")
STATES = {"blank": "the cell is empty", "not-applicable": "not put to this case", "withheld": "withheld"}


def build(request: Request) -> Mapping[str, Any]:
    """Return sections of lines or rows with their citations, and what is not known."""
    subject = request.subject
    if subject["kind"] == "agency":
        return {"title": f"{subject['name']}: AI in use, in figures", "sections": _agency(request), "unknown": []}
    pages = [subject["id"]] if subject["kind"] == "system" else [page["id"] for page in subject["pages"]]
    sections = []
    if subject["kind"] == "use-case":
        sections = _entry(subject)
    lines = [line for page in pages for line in trace(request.register, page)["lines"]]
    sections += _traced(lines, request, subject)
    shown = [show(request.register, page) for page in pages]
    unknown = [claim for page in shown for claim in page["claims"] if claim["about"] == "unknown" and claim["would_settle"]]
    place = {"citation": None}
    return {
        "title": subject["name"] if subject["kind"] == "system" else f"{subject['name']} ({subject['id']})",
        "sections": [section for section in sections if section.get("lines") or section.get("rows")],
        "unknown": [claim | place | {"citation": claim} for claim in unknown],
    }


def _entry(case: Mapping[str, Any]) -> list[dict[str, Any]]:
    answers = {answer["field"]: answer for answer in case["answers"]}

    def lines(fields: Sequence[str]) -> list[dict[str, Any]]:
        return [
            {"label": answers[field]["question"], "said": _said(answers[field]), "citation": answers[field]["citation"]}
            for field in fields
            if answers[field]["state"] != "not-asked"
        ]

    owner = f"{case['bureau'] or case['agency_name']}, {case['agency_name']}"
    return [
        {"title": f"What {owner} says of it", "note": None, "headings": None, "lines": lines(ENTRY)},
        {"title": "What it answers about safeguards", "note": None, "headings": None, "lines": lines(PRACTICES)},
    ]


def _said(answer: Mapping[str, Any]) -> str:
    if answer["state"] in STATES:
        return f"{STATES[answer['state']]}."
    text = " ".join((answer["text"] or "").split())
    return f"“{text if len(text) <= 320 else text[:319].rsplit(' ', 1)[0] + ' …'}”"


def _traced(lines: Sequence[Mapping[str, Any]], request: Request, subject: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        grade = f" ({line['grade']})" if line["grade"] != "Known" else ""
        text = line["text"] if not grade else line["text"] + grade
        found.setdefault(line["section"], []).append({"label": None, "said": text, "citation": line["citation"]})
    claims = [line for line in found.get("claims", []) if not line["said"].startswith("unknown: ")]
    for claim in claims:
        claim["said"] = claim["said"].partition(": ")[2]
    money = "Sums of what awards obligated whose own words, or whose maker, show the system; others may not name it."
    sections = [
        ("What the records say of the system", None, claims),
        ("Money, by fiscal year", money, found.get("money", [])),
        ("The largest awards", None, found.get("awards", [])[:AWARDS]),
        ("Notices", None, found.get("notices", [])),
        ("Findings of gaps", None, _gaps(request, subject, found)),
    ]
    return [{"title": title, "note": note, "headings": None, "lines": rows} for title, note, rows in sections]


def _gaps(request: Request, subject: Mapping[str, Any], found: Mapping[str, Any]) -> list[dict[str, Any]]:
    if subject["kind"] != "use-case":
        return list(found.get("findings", []))
    gaps = [each for each in findings_of(request.register, [subject["key"]]) if each["outcome"] == "gap"]
    return [{"label": None, "said": name_field(each["reason"]), "citation": each["citations"]} for each in gaps]


# --- An agency


def _agency(request: Request) -> list[dict[str, Any]]:
    name = request.subject["id"]
    scope = resolve_scope(request.register, name, None)
    ((year,),) = request.register.rows("select max(inventory_year) from use_cases")
    releases = tuple(
        release
        for (release,) in request.register.rows(
            "select distinct r.release from records r join use_cases u using (use_case_id) "
            f"where u.inventory_year = $year and ({scope.sql}) order by 1",
            {"year": year, **scope.parameters},
        )
    )
    counted = Count(f"custodiet findings --summary --agency {name}", releases)
    sections = [_counts(request, name, year, counted), _practices(request, name, counted)]
    return [*sections, *_money(request, name), *_matrix(request, name, counted)]


def _counts(request: Request, name: str, year: int, counted: Count) -> dict[str, Any]:
    scope = resolve_scope(request.register, name, None)
    ((total, deployed, high, due, overridden),) = request.register.rows(
        f"""
        select count(*), count(*) filter (stage.value = 'deployed'), count(*) filter (impact.value = 'high-impact'),
          count(*) filter (stage.value = 'deployed' and impact.value = 'high-impact'),
          count(*) filter (impact.value = 'presumed-not-high-impact')
        from use_cases where inventory_year = $year and ({scope.sql})
        """,
        {"year": year, **scope.parameters},
    )
    said = [
        f"{name} lists {total:,} uses of AI in the inventory of {year}.",
        f"{deployed:,} of them are deployed.",
        f"{high:,} are high-impact by the agency's own account; {due:,} are both deployed and high-impact.",
        f"{overridden:,} are presumed high-impact, and were determined not to be.",
    ]
    lines = [{"label": None, "said": each, "citation": counted} for each in said]
    return {"title": "The inventory", "note": None, "headings": None, "lines": lines}


def _practices(request: Request, name: str, counted: Count) -> dict[str, Any]:
    counts = count_findings(request.register, agency=name)["rules"]
    titles = dict(request.register.rows("select rule, title from rules"))
    rows = [
        {"cells": [titles[rule], *(str(each[outcome]) for outcome in ("clear", "gap", "cannot-tell"))], "citations": counted}
        for rule, each in counts.items()
        if rule.startswith("m-25-21-") and any(each[outcome] for outcome in ("clear", "gap", "cannot-tell"))
    ]
    return {
        "title": "The minimum practices, over deployed high-impact uses",
        "note": "Shown: the agency says that it is in place. Gap: it answers otherwise, or not at all; no violation follows.",
        "headings": ["Practice", "Shown", "Gap", "Can't be told"],
        "rows": rows,
    }


def _money(request: Request, name: str) -> list[dict[str, Any]]:
    releases = _transactions(request, name)
    if not releases:
        return []
    counted = Count(f"custodiet spend --agency {name}", releases)
    titles = dict(request.register.rows("select category, name from categories"))
    by_category = Count(f"custodiet spend --agency {name} --by category", releases)
    years = [
        {
            "cells": [f"FY{row['year']}", dollars(float(row["obligations"])), f"{row['actions']:,}", row["until"],
                      "yes" if row["complete"] else "no: actions are missing"],
            "citations": counted,
        }
        for row in spend(request.register, agency=name)
    ]  # fmt: skip
    categories = [
        {
            "cells": [titles[row["category"]], dollars(float(row["obligations"])), f"{row['actions']:,}"],
            "citations": by_category,
        }
        for row in spend(request.register, agency=name, by=("category",))
        if row["category"]
    ]
    return [
        {"title": "Obligations of all contracts, by fiscal year", "note": None, "rows": years,
         "headings": ["Year", "Obligated", "Actions", "Until", "Complete"]},
        {"title": "Obligations by category of surveillance technology",
         "note": "An award belongs to a category by the words of its description or by its maker; one may belong to several.",
         "headings": ["Category", "Obligated", "Actions"], "rows": categories},
    ]  # fmt: skip


def _transactions(request: Request, name: str) -> tuple[str, ...]:
    rows = request.register.rows(
        "select distinct release from transactions where is_current and agency = $agency order by 1", {"agency": name}
    )
    return tuple(release for (release,) in rows)


def _matrix(request: Request, name: str, inventory: Count) -> list[dict[str, Any]]:
    if name not in OFFICES:
        return []
    releases = (*inventory.releases, *_transactions(request, name))
    counted = Count(f"custodiet matrix --agency {name}", releases)
    rows = [
        {"cells": [row["name"], *(_cell(row[part]) for part in MATRIX)], "citations": counted}
        for row in matrix(request.register, agency=name)
        if row["kind"] == "category" and any(row[part]["citations"] for part in MATRIX)
    ]  # fmt: skip
    return [
        {"title": "Declared, purchased, noticed", "rows": rows,
         "note": "Entries of the inventory, contract awards, and privacy notices that those entries or the catalogue name.",
         "headings": ["Category", "Declared", "Purchased", "Noticed"]},
    ]  # fmt: skip


def _cell(cell: Mapping[str, Any]) -> str:
    return "can't be told" if cell["count"] is None else f"{cell['count']:,}"
