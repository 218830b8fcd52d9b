"""A use case: the card in plain words, every answer with its cell, and lists by agency and year."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from custodiet.questions.show import answers_of, whole_use_cases
from custodiet.site.cells import cells_behind, releases_behind
from custodiet.site.links import part, parts, slug, slugs
from custodiet.site.page import Kind, Page
from custodiet.site.site import Site
from custodiet.site.timelines import by_year, figure_of_answers

LENGTH = 300
# The questions of the form, as people read them.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("What it is", ("stage", "impact", "justification", "withheld_flag", "topic", "commercial_product", "classification",
                    "purpose", "benefits", "outputs")),
    ("When", ("date_initiated", "operational_date", "date_retired", "extension")),
    ("Who made it", ("contracting", "vendor", "contract_number", "has_ato", "system_name")),
    ("Data", ("data_description", "data_link", "has_pii", "privacy_review", "privacy_notice", "demographics")),
    ("Code", ("custom_code", "code_access", "code_link")),
    ("Minimum practices", ("testing", "operational_testing", "assessment", "potential_impacts", "independent_review",
                           "monitoring", "monitoring_plan", "training", "oversight", "autonomous_decision",
                           "notice_to_persons", "adverse_influence", "disparity_mitigation", "appeal", "appeal_process",
                           "opt_out", "feedback")),
)  # fmt: skip
# What the card says, in this order, where the cell answers.
CARD = ("stage", "impact", "vendor", "has_pii", "privacy_notice", "operational_date")


def case_keys(site: Site) -> list[tuple[str, str]]:
    """Return every use case with the path of its page."""
    return slugs(site.register.rows("select use_case_id, handle from use_cases order by use_case_id"), "use-cases")


def case_pages(site: Site, keys: Sequence[str]) -> Iterator[Page]:
    """Give the pages of use cases."""
    cases = whole_use_cases(site.register, keys)
    cells = cells_behind(site.register, [[case["name_citation"], case["findings"]] for case in cases])
    earlier = answers_of(site.register, [other["use_case"] for case in cases for other in case["other_years"]])
    for case in cases:
        answers = {answer["field"]: answer for answer in case["answers"]}
        purpose = answers["purpose"]["value"] or ""
        years = by_year(case, earlier)
        yield Page(
            site.contents["use-case"][case["key"]],
            f"{case['name']} ({case['bureau'] or case['agency']}, {case['year']})",
            "use-case.html",
            {
                "case": case,
                "card": [answers[field] for field in CARD],
                "purpose": answers["purpose"],
                "groups": [(title, _asked(answers, fields)) for title, fields in GROUPS],
                "by_year": years,
                "timeline": figure_of_answers(site, case, years),
                "not_asked": [a["question"] for a in case["answers"] if a["state"] == "not-asked"],
                "cells": cells,
                "files": releases_behind([case["name_citation"], case["records"]]),
            },
            about=" ".join(purpose.split())[:300],
            words=f"{case['id']} {case['published_id'] or ''} {case['agency_name']} {answers['vendor']['value'] or ''}",
            noun="use case",
            agency=case["agency"],
        )


def _asked(answers: Mapping[str, Any], fields: Sequence[str]) -> list[Any]:
    """Return the answers to what that year's form asks."""
    return [answers[field] for field in fields if answers[field]["state"] != "not-asked"]


def list_keys(site: Site) -> list[tuple[str, str]]:
    """Return the lists of use cases: one an agency and year."""
    keys = [("index", "use-cases/index")]
    for name, number in _groups(site):
        keys += parts(name, f"use-cases/lists/{slug(name)}", number, LENGTH)
    return keys


def _groups(site: Site) -> list[tuple[str, int]]:
    rows = site.register.rows(
        "select lower(agency) || '-' || inventory_year as name, count(*) from use_cases group by all order by 1"
    )
    return [(name, number) for name, number in rows]


def list_pages(site: Site, keys: Sequence[str]) -> Iterator[Page]:
    """Give the lists of use cases."""
    sizes = dict(_groups(site))
    for key in keys:
        if key == "index":
            yield _index(site, sizes)
            continue
        name, number = part(key)
        agency, _, year = name.upper().rpartition("-")
        rows = site.register.dicts(
            """
            select u.use_case_id as key, u.handle as id, u.name, u.bureau, u.stage, u.impact, g.gaps
            from use_cases u left join (
              select subject, count(*) as gaps from findings where outcome = 'gap' and subject_kind = 'use-case' group by all
            ) g on g.subject = u.use_case_id
            where u.agency = $agency and u.inventory_year = $year
            order by u.bureau nulls first, u.name, u.use_case_id limit $length offset $skip
            """,
            {"agency": agency, "year": int(year), "length": LENGTH, "skip": (number - 1) * LENGTH},
        )
        yield Page(
            site.contents["use-case-list"][key],
            f"AI use cases of {site.agencies.get(agency, agency)}, {year}",
            "use-case-list.html",
            {
                "rows": rows,
                "agency": agency,
                "year": year,
                "total": sizes[name],
                "pages": site.siblings("use-case-list", name, sizes[name], LENGTH),
            },
            table=f"use-cases-{year}",
        )


def _index(site: Site, sizes: dict[str, int]) -> Page:
    years = [year for (year,) in site.register.rows("select distinct inventory_year from use_cases order by 1")]
    return Page(
        "use-cases/index.html",
        "AI use cases",
        "use-cases.html",
        {
            "years": years,
            "agencies": [
                {"code": code, "name": name, "sizes": {year: sizes.get(f"{code.lower()}-{year}", 0) for year in years}}
                for code, name in site.agencies.items()
            ],
            "total": sum(sizes.values()),
        },
        about="What agencies wrote into their inventories of AI use cases, by agency and year.",
        table="agencies",
    )


KINDS = (Kind("use-case", case_keys, case_pages), Kind("use-case-list", list_keys, list_pages))
