"""The register at a glance."""

from typing import Any

from custodiet.model.words import GRADES
from custodiet.questions.findings import count_findings
from custodiet.store import Register


def summarise(register: Register) -> dict[str, Any]:
    """Return sources with their completeness, systems by grade, use cases by agency and year, findings by rule.

    A system's grade is that of the claim which says what it is.
    """
    releases = register.dicts(
        "select release, source, status, records, completeness, completeness_reason, why from releases order by release"
    )
    grades = dict.fromkeys(GRADES, 0)
    for (grade,) in register.rows(
        "select coalesce((select c.grade from claims c where c.slug = p.slug and c.about = 'identity' "
        "order by list_position($grades, c.grade) limit 1), 'Unknown') from pages p where p.kind = 'system'",
        {"grades": list(GRADES)},
    ):
        grades[grade] += 1
    years = [year for (year,) in register.rows("select distinct inventory_year from use_cases order by 1")]
    agencies: dict[str, dict[str, int]] = {}
    for agency, year, number in register.rows(
        "select agency, inventory_year, count(*) from use_cases group by all order by agency, inventory_year"
    ):
        agencies.setdefault(agency, {str(y): 0 for y in years})[str(year)] = number
    pages = dict(register.rows("select kind, count(*) from pages group by kind order by kind"))
    claims = dict.fromkeys(GRADES, 0) | dict(register.rows("select grade, count(*) from claims group by grade"))
    return {
        "sources": releases,
        "catalogue": {"pages": pages, "claims": claims},
        "systems": grades,
        "use_cases": agencies,
        "findings": count_findings(register),
    }
