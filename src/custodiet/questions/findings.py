"""Findings, one by one or counted."""

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from custodiet.model.errors import QuestionError
from custodiet.model.text import echo
from custodiet.model.words import OUTCOMES
from custodiet.questions.scope import resolve_scope
from custodiet.store import Register

ORDER = "f.rule, list_position(['gap', 'cannot-tell', 'clear', 'not-applicable'], f.outcome), f.agency, f.subject_id"

_COUNTED = "select f.rule, f.outcome, r.due, f.released, count(*) from findings f join rules r using (rule)"


def findings(
    register: Register,
    *,
    rule: str | None = None,
    agency: str | None = None,
    bureau: str | None = None,
    outcome: str | None = None,
    as_of: dt.date | None = None,
) -> list[dict[str, Any]]:
    """Return findings, gaps first within each rule.

    Each is a dictionary of id, rule, subject (kind, id, key, name, agency, bureau), outcome, timing, reason, grade,
    unverified (not held against the law's official text), citations (release, row, column), numbers and does_not_show.
    `timing` is set on gaps of rules with a due date: `not-yet-due` or `overdue` on the day on which the inventory was
    published. With `as_of`, a later day, the reason says that no later inventory is known.

    Raises:
        QuestionError: no such rule, agency, bureau or outcome, or a day before the inventory was published.

    """
    conditions, parameters = _conditions(register, rule, agency, bureau, outcome)
    rows = register.dicts(
        f"""
        select f.*, r.due, r.does_not_show, r.unverified from findings f join rules r using (rule)
        where {conditions} order by {ORDER}
        """,
        parameters,
    )
    return [_as_data(row, as_of) for row in rows]


def finding(register: Register, name: str) -> dict[str, Any]:
    """Return the finding of an id, such as `m-25-21-appeal:DHS-2577`.

    Raises:
        QuestionError: there is no such finding; the sentence says what is near.

    """
    found = findings_named(register, [name.strip()])
    if not found:
        rule, _, subject = name.partition(":")
        near = [
            each
            for (each,) in register.rows(
                "select finding from findings where lower(subject_id) = lower($subject) or (rule = $rule and $subject = '') "
                "order by outcome <> 'gap', finding limit 4",
                {"subject": subject or rule, "rule": rule},
            )
        ]
        hint = f"did you mean {', '.join(near)}?" if near else "`custodiet findings --json` lists the ids."
        raise QuestionError(f"{echo(name)} is no finding of this register; {hint}")
    return found[0]


def findings_of(register: Register, subjects: Sequence[str]) -> list[dict[str, Any]]:
    """Return every finding about these subjects (by key)."""
    return _where(register, "subject in $wanted", subjects)


# The entries of the latest inventory that a page of the catalogue names.
_ENTRIES = """
  select u.use_case_id from page_links l join use_cases u on u.handle = l.target
  where l.slug = $slug and l.relation = 'use_cases' and u.inventory_year = (select max(inventory_year) from use_cases)
"""


def findings_of_system(register: Register, slug: str) -> list[dict[str, Any]]:
    """Return the findings about a system, the flows of data into it, and the latest inventory's entries about it."""
    rows = register.rows(_ENTRIES, {"slug": slug})
    of_entries = register.rows(
        "select finding from findings where subject in $entries", {"entries": [entry for (entry,) in rows]}
    )
    names = {*findings_of_page(register, slug), *(finding for (finding,) in of_entries), *list_by_entries(register, slug)}
    return findings_named(register, sorted(names))


def findings_of_page(register: Register, slug: str) -> list[str]:
    """Return the ids of the findings about a page of the catalogue: its subject, the flows of data into it, its claims."""
    # Nearly all findings are about entries and awards, whose ids are no page's.
    found = register.keep(
        "findings about no record",
        lambda: register.rows(
            "select finding, subject, subject_id from findings where subject_kind not in ('use-case', 'award') order by 1"
        ),
    )
    return [finding for finding, subject, own in found if own == slug or subject.startswith(f"{slug}/")]


def list_by_entries(register: Register, slug: str) -> list[str]:
    """Return the ids of findings about a system by the name that entries give it, where they cite an entry of this page's.

    So the page of a system tells that two bureaus answer differently about it.
    """
    rows = register.rows(
        f"""
        with named as (
          select finding, unnest(citations) as cell from findings
          where subject_kind = 'system' and subject not in (select slug from pages)
        )
        select distinct finding from named join records r on r.release = cell.release and r."row" = cell."row"
        where r.use_case_id in ({_ENTRIES}) order by finding
        """,
        {"slug": slug},
    )
    return [finding for (finding,) in rows]


def findings_named(register: Register, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return the findings of these ids."""
    return _where(register, "finding in $wanted", names)


def _where(register: Register, condition: str, wanted: Sequence[str]) -> list[dict[str, Any]]:
    rows = register.dicts(
        f"with f as materialized (select * from findings where {condition}) "
        f"select f.*, r.due, r.does_not_show, r.unverified from f join rules r using (rule) order by {ORDER}",
        {"wanted": list(wanted)},
    )
    return [_as_data(row, None) for row in rows]


def count_findings(
    register: Register,
    *,
    rule: str | None = None,
    agency: str | None = None,
    bureau: str | None = None,
    as_of: dt.date | None = None,
) -> dict[str, dict[str, dict[str, int]]]:
    """Return `rules` (counts of each outcome, by rule) and `timing` (how many gaps are not yet due, or overdue).

    Raises:
        QuestionError: no such rule, agency or bureau, or a day before the inventory was published.

    """
    conditions, parameters = _conditions(register, rule, agency, bureau, None)
    # Rules on query logs count where a log was audited; otherwise they say nothing of this register.
    counted = register.keep("counts of findings", lambda: register.rows(f"{_COUNTED} group by all"))
    judged = {name for name, *_ in counted}
    rules = [
        (name, due)
        for name, due, subjects in register.rows("select rule, due, subjects from rules order by rule")
        if subjects != "logs" or name == rule or name in judged
    ]
    counts: dict[str, dict[str, int]] = {
        name: {str(outcome): 0 for outcome in OUTCOMES} for name, _ in rules if rule in (None, name)
    }
    timing = {name: {"not-yet-due": 0, "overdue": 0} for name, due in rules if due and name in counts}
    if agency is not None or bureau is not None:
        counted = register.rows(f"{_COUNTED} where {conditions} group by all", parameters)
    for name, outcome, due, released, number in counted:
        if rule not in (None, name):
            continue
        _check_day(as_of, released)
        counts[name][outcome] += number
        if outcome == "gap" and (when := _timing(due, released)):
            timing[name][when] += number
    return {"rules": counts, "timing": timing}


def _conditions(
    register: Register, rule: str | None, agency: str | None, bureau: str | None, outcome: str | None
) -> tuple[str, dict[str, Any]]:
    scope = resolve_scope(register, agency, bureau)
    # What could not be checked at all holds for every agency.
    conditions, parameters = [f"(({scope.sql}) or f.subject_kind = 'release')"], dict(scope.parameters)
    if rule is not None:
        require_rule(register, rule)
        conditions.append("f.rule = $rule")
        parameters["rule"] = rule
    if outcome is not None:
        if outcome not in OUTCOMES:
            raise QuestionError(f"{echo(outcome)} is no outcome; choose one of {', '.join(OUTCOMES)}.")
        conditions.append("f.outcome = $outcome")
        parameters["outcome"] = outcome
    return " and ".join(conditions), parameters


def require_rule(register: Register, rule: str) -> None:
    """Refuse a rule that the register does not have."""
    names = [name for (name,) in register.rows("select rule from rules order by rule")]
    if rule not in names:
        raise QuestionError(f"{echo(rule)} is no rule; the rules are {', '.join(names)}.")


def _timing(due: dt.date | None, released: dt.date | None) -> str | None:
    if due is None or released is None:
        return None
    return "not-yet-due" if released < due else "overdue"


def _check_day(as_of: dt.date | None, released: dt.date | None) -> None:
    if as_of is not None and released is not None and as_of < released:
        raise QuestionError(f"On {as_of} this inventory was not yet published; ask as of {released} or later.")


def _as_data(row: dict[str, Any], as_of: dt.date | None) -> dict[str, Any]:
    released = row["released"]
    _check_day(as_of, released)
    reason = row["reason"]
    if as_of is not None and released is not None and as_of > released and row["outcome"] != "not-applicable":
        passed = row["due"] is not None and as_of >= row["due"]
        due = f" The due date, {row['due']}, has passed since." if passed and row["outcome"] == "gap" else ""
        reason += f" This was published on {released}; as of {as_of} no later inventory is known.{due}"
    return {
        "id": row["finding"],
        "rule": row["rule"],
        "subject": {
            "kind": row["subject_kind"],
            "id": row["subject_id"],
            "key": row["subject"],
            "name": row["subject_name"],
            "agency": row["agency"],
            "bureau": row["bureau"],
        },
        "outcome": row["outcome"],
        "timing": _timing(row["due"], released) if row["outcome"] == "gap" else None,
        "reason": reason,
        "grade": row["grade"],
        "unverified": row["unverified"],
        "citations": [dict(citation) for citation in row["citations"]],
        "numbers": json.loads(row["numbers"]),
        "does_not_show": row["does_not_show"],
    }
