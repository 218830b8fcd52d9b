"""What changed between the states of a year of contract actions that were fetched on different days."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from custodiet.model.errors import QuestionError
from custodiet.store import Register

# Later states, complete, in which an action must be missing before it counts as gone.
CONSECUTIVE = 2


def diff_transactions(register: Register, year: int, *, agency: str | None = None) -> dict[str, Any]:
    """Return what the states of a fiscal year show, from the earliest to the latest, by agency.

    `states` are the files that hold the whole year as it stood on a day; one is complete if it was not cut off and no row
    stands twice in it, because where pages overlap, as many rows are lost. Actions are the same that have the same award and
    modification. `appeared`: not in the first state, in the latest. `changed`: another amount than in the first state that
    has it. `vanished`: in none of the last two states, both complete. `missing`: not in the latest state, without two
    complete ones to prove it; in August 2026, 1,457 of 1,491 actions that were missing on one day came back. `returned`:
    missing between two states that have it.

    Raises:
        QuestionError: fewer than two states of this year, or no such agency.

    """
    states = register.dicts(
        """
        select p.agency, p.release, r.published as day, p."rows", p.repeats, not p.is_truncated and p.repeats = 0 as complete
        from release_parts p join releases r using (release)
        where p.fiscal_year = $year and p.covers = 'year' and ($agency is null or p.agency = upper($agency))
        order by p.agency, r.published, p.release
        """,
        {"year": year, "agency": agency},
    )
    by_agency: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for state in states:
        state["day"] = state["day"].isoformat()
        by_agency[state["agency"]].append(state)
    found: dict[str, Any] = {
        "year": year,
        "states": [],
        "appeared": [],
        "changed": [],
        "vanished": [],
        "missing": [],
        "returned": [],
    }
    for name, of_agency in by_agency.items():
        if len(of_agency) > 1:
            found["states"] += of_agency
            _compare(_actions(register, name, year, of_agency), of_agency, found)
    if not found["states"]:
        several = register.rows(
            "select fiscal_year from release_parts where covers = 'year' group by agency, fiscal_year having count(*) > 1"
        )
        years = ", ".join(str(known) for known in sorted({known for (known,) in several})) or "none"
        whose = f" of {agency}" if agency else ""
        raise QuestionError(f"There are no two states of fiscal year {year}{whose} to compare; there are of: {years}.")
    return found


def _actions(
    register: Register, agency: str, year: int, states: list[dict[str, Any]]
) -> dict[tuple[str, str, int], dict[int, dict[str, Any]]]:
    """Return every action, by the number of each state that has it."""
    number = {state["release"]: position for position, state in enumerate(states)}
    rows = register.dicts(
        """
        select release, award_key, piid, coalesce(t.modification, '') as modification, action_date, obligation, recipient,
          min("row") as "row"
        from transactions t where agency = $agency and fiscal_year = $year and list_contains($releases, release)
        group by release, award_key, piid, t.modification, action_date, obligation, recipient, product_service, industry,
          description
        order by release, action_date, obligation, "row"
        """,
        {"agency": agency, "year": year, "releases": list(number)},
    )
    # Where one state lacks the awards' keys, their numbers stand in.
    has_keys = all(row["award_key"] for row in rows)
    found: dict[tuple[str, str, int], dict[int, dict[str, Any]]] = defaultdict(dict)
    seen: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in rows:
        award = row["award_key"] if has_keys else row["piid"]
        place = seen[row["release"], award, row["modification"]]
        seen[row["release"], award, row["modification"]] += 1
        found[award, row["modification"], place][number[row["release"]]] = row
    return found


def _compare(
    actions: dict[tuple[str, str, int], dict[int, dict[str, Any]]], states: list[dict[str, Any]], found: dict[str, Any]
) -> None:
    last = len(states) - 1
    proof = all(state["complete"] for state in states[-CONSECUTIVE:])
    for _, present in sorted(actions.items()):
        first, latest = min(present), max(present)
        said = _said(states[0]["agency"], present[first], present[latest])
        if latest < last:
            is_gone = proof and latest < last - CONSECUTIVE + 1
            found["vanished" if is_gone else "missing"].append(
                said | {"last_seen": states[latest]["day"], "later_states": last - latest}
            )
        elif first > 0:
            found["appeared"].append(said | {"first_seen": states[first]["day"]})
        elif present[first]["obligation"] != present[latest]["obligation"]:
            found["changed"].append(said)
        absent = [position for position in range(first, latest) if position not in present]
        if absent:
            found["returned"].append(said | {"missing_on": [states[position]["day"] for position in absent]})


def _said(agency: str, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return {
        "agency": agency, "id": after["piid"], "modification": after["modification"], "recipient": after["recipient"],
        "action_date": after["action_date"].isoformat(), "before": _dollars(before["obligation"]),
        "after": _dollars(after["obligation"]), "release": after["release"], "row": after["row"],
    }  # fmt: skip


def _dollars(amount: Decimal) -> str:
    return f"{amount:.2f}"
