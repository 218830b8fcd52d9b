"""What changed from one year's inventory to the next, and where two publishers' files disagree."""

from itertools import pairwise
from typing import Any

from custodiet.model.errors import QuestionError
from custodiet.model.text import echo
from custodiet.questions.scope import Scope, missing_releases, resolve_scope
from custodiet.questions.show import disagreements
from custodiet.store import Register
from custodiet.store.schema import QUESTIONS

# Questions whose answers can be laid side by side across years. The others changed their wording or their list of
# answers, so a difference would be the form's.
COMPARABLE = (
    "stage", "impact", "outputs", "operational_date", "contracting", "has_ato", "system_name", "data_description",
    "has_pii", "demographics", "custom_code", "assessment", "independent_review", "potential_impacts", "feedback",
)  # fmt: skip


def diff(register: Register, first: str, second: str, *, agency: str | None = None) -> dict[str, Any]:
    """Return what differs between two neighbouring years, or between two sources that tell of the same cases.

    Years: `added` and `gone` (not matched, with the number of proposals that wait), `renamed`, `changed` (one entry an
    answer, both sides with their citations) and `asked_once` (the same where only one year put the question to the case).
    Use cases are the same where the agency lists the same name in both years or refers to it, or a judgement says so. In
    `changed`, the categories of impact of 2024 and 2025 are laid on one scale. Sources: `cells`.

    Raises:
        QuestionError: these are neither neighbouring years nor sources with common cases, or no such agency.

    """
    scope = resolve_scope(register, agency, None)
    if first.isdigit() and second.isdigit():
        return _diff_years(register, int(first), int(second), scope)
    return _diff_sources(register, first, second, scope)


def _diff_years(register: Register, first: int, second: int, scope: Scope) -> dict[str, Any]:
    years = [year for (year,) in register.rows("select distinct inventory_year from use_cases order by 1")]
    if first not in years or second not in years or second != first + 1:
        known = ", ".join(f"{a} {b}" for a, b in pairwise(years) if b == a + 1) or "none here"
        raise QuestionError(
            f"Compare two neighbouring years that the register has ({known}), not {first} and {second}."
            f"{missing_releases(register)}"
        )
    gone = _unmatched(register, first, "select earlier from matches", scope)
    added = _unmatched(
        register,
        second,
        f"select later from matches join use_cases on use_case_id = earlier where inventory_year = {first}",
        scope,
    )
    parameters = {"first": first, "second": second, **scope.parameters}
    pairs = f"""
        from matches m
        join use_cases a on a.use_case_id = m.earlier and a.inventory_year = $first
        join (select * from use_cases where {scope.sql}) b on b.use_case_id = m.later and b.inventory_year = $second
    """
    renamed = register.dicts(
        f"select b.handle as id, b.agency, b.bureau, a.name as before, b.name as after, m.basis, m.by_whom, m.reason {pairs} "
        "where a.normalised_name <> b.normalised_name order by b.agency, b.name, b.use_case_id",
        parameters,
    )
    changed = []
    for field in COMPARABLE:
        changed += register.dicts(
            f"""
            select b.handle as id, b.name, b.agency, b.bureau, '{field}' as field, a.{field} as before, b.{field} as after
            {pairs}
            where 'not-asked' not in (a.{field}.state, b.{field}.state)
              and {_comparable(field, "a")} is distinct from {_comparable(field, "b")}
              -- A question that neither year's form puts to this case can't have changed.
              and not (a.{field}.value is null and b.{field}.value is null
                and a.{field}.state in ('blank', 'not-applicable') and b.{field}.state in ('blank', 'not-applicable'))
            """,
            parameters,
        )
    changed.sort(key=lambda row: (row["agency"], row["name"], row["id"], COMPARABLE.index(row["field"])))
    for row in changed:
        row["question"] = QUESTIONS[row["field"]]
    both: list[dict[str, Any]] = []
    once: list[dict[str, Any]] = []
    for row in changed:
        (once if _NOT_ASKED & {_unanswered(row["before"]), _unanswered(row["after"])} else both).append(row)
    return {
        "first": first,
        "second": second,
        "added": added,
        "gone": gone,
        "renamed": renamed,
        "changed": both,
        "asked_once": once,
    }


_NOT_ASKED = {"not-applicable"}


def _unanswered(cell: dict[str, Any]) -> str | None:
    """Return the state of a cell that holds no answer of the agency's."""
    return cell["state"] if cell["value"] is None else None


def _comparable(field: str, side: str) -> str:
    """Return SQL for what of a cell is compared. The two years' categories of impact are laid on one scale."""
    cell = f"{side}.{field}"
    if field == "impact":
        return (
            f"case {cell}.value when 'neither' then 'not-high-impact' when 'rights-impacting' then 'high-impact' "
            f"when 'safety-impacting' then 'high-impact' when 'rights-and-safety-impacting' then 'high-impact' "
            f"else coalesce({cell}.value, {cell}.state) end"
        )
    return f"coalesce({cell}.value, {cell}.state)"


def _unmatched(register: Register, year: int, matched: str, scope: Scope) -> list[dict[str, Any]]:
    return register.dicts(
        "select handle as id, use_case_id as key, name, agency, bureau, stage.value as stage, impact.value as impact, "
        "(select count(*) from proposals where verdict is null and use_case_id in (earlier, later)) as proposals_waiting "
        f"from use_cases where inventory_year = $year and {scope.sql} and use_case_id not in ({matched}) "
        "order by agency, name, key",
        {"year": year, **scope.parameters},
    )


def _diff_sources(register: Register, first: str, second: str, scope: Scope) -> dict[str, Any]:
    known = [name for (name,) in register.rows("select source from sources order by source")]
    for name in (first, second):
        if name not in known:
            raise QuestionError(f"{echo(name)} is no year and no source; the sources are {', '.join(known)}.")
    if first == second:
        raise QuestionError(f"{first} agrees with itself; name two sources of {', '.join(known)}.")
    cells = disagreements(register, pair=(first, second))
    if scope.parameters:
        inside = {key for (key,) in register.rows(f"select use_case_id from use_cases where {scope.sql}", scope.parameters)}
        cells = [cell for cell in cells if cell["key"] in inside]
    common = register.rows(
        "select count(*) from records r join records q using (use_case_id) join use_cases using (use_case_id) "
        f"where r.is_primary and not q.is_primary and {scope.sql}",
        scope.parameters,
    )
    if common == [(0,)]:
        raise QuestionError(f"{first} and {second} have no use case in common here.{missing_releases(register)}")
    return {"first": first, "second": second, "cases": common[0][0], "cells": cells}
