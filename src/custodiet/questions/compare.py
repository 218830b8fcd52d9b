"""Two agencies' disclosure side by side."""

from typing import Any

from custodiet.model.errors import QuestionError
from custodiet.model.words import CELL_STATES
from custodiet.questions.scope import missing_releases, resolve_agency
from custodiet.store import Register
from custodiet.store.schema import QUESTIONS

ANSWERED = ("reported", "in-progress")


def compare(register: Register, first: str, second: str, *, year: int = 2025) -> dict[str, Any]:
    """Return counts, the states of every question's cells, and what one agency answers and the other does not.

    A question counts as put to a case where its cell is neither `not-asked` nor `not-applicable`; an agency's own "not
    applicable" is counted apart, as an answer.

    Raises:
        QuestionError: no such agency, or it has no use case of that year.

    """
    agencies = [resolve_agency(register, name) for name in (first, second)]
    counts = [_counts(register, agency, year) for agency in agencies]
    for count in counts:
        if not count["use_cases"]:
            raise QuestionError(f"{count['agency']} has no use case of {year} here.{missing_releases(register)}")
    states = [_states(register, agency, year) for agency in agencies]
    questions: list[dict[str, Any]] = [
        {"field": field, "question": title, agencies[0]: states[0][field], agencies[1]: states[1][field]}
        for field, title in QUESTIONS.items()
        if any(sum(side[field].values()) > side[field]["not-asked"] for side in states)
    ]
    one_sided = []
    for row in questions:
        for here, there in ((0, 1), (1, 0)):
            mine, other = row[agencies[here]], row[agencies[there]]
            asked = sum(other[state] for state in CELL_STATES if state not in ("not-asked", "not-applicable"))
            answered = sum(other[state] for state in ANSWERED) + other["answered-not-applicable"]
            if any(mine[state] for state in ANSWERED) and asked and not answered:
                one_sided.append({
                    "field": row["field"], "question": row["question"], "answered_by": agencies[here],
                    "not_by": agencies[there], "asked_there": asked, "withheld_there": other["withheld"],
                    "blank_there": other["blank"],
                })  # fmt: skip
    return {
        "year": year,
        "agencies": counts,
        "questions": questions,
        "one_sided": one_sided,
    }


def _states(register: Register, agency: str, year: int) -> dict[str, dict[str, int]]:
    counted = {field: dict.fromkeys((*CELL_STATES, "answered-not-applicable"), 0) for field in QUESTIONS}
    parts = " union all ".join(
        f"select '{field}', {field}.state, {field}.value = 'not-applicable', count(*) from mine group by all"
        for field in QUESTIONS
    )
    for field, state, answered, number in register.rows(
        f"with mine as (select * from use_cases where agency = $agency and inventory_year = $year) {parts}",
        {"agency": agency, "year": year},
    ):
        counted[field]["answered-not-applicable" if answered else state] += number
    return counted


def _counts(register: Register, agency: str, year: int) -> dict[str, Any]:
    parameters = {"agency": agency, "year": year}
    where = "from use_cases where agency = $agency and inventory_year = $year"

    def grouped(field: str) -> dict[str, int]:
        return dict(
            register.rows(f"select coalesce({field}, 'blank'), count(*) {where} group by 1 order by 2 desc, 1", parameters)
        )

    ((total, due, name),) = register.rows(
        f"select count(*), count(*) filter (stage.value = 'deployed' and impact.value = 'high-impact'), "
        f"any_value(agency_name) {where}",
        parameters,
    )
    gaps = dict(
        register.rows(
            "select rule, count(*) from findings where agency = $agency and outcome = 'gap' group by rule order by rule",
            {"agency": agency},
        )
    )
    return {
        "agency": agency, "name": name, "use_cases": total, "deployed_high_impact": due,
        "by_stage": grouped("stage.value"), "by_impact": grouped("impact.value"), "gaps": gaps,
    }  # fmt: skip
