"""What is due when, for every paper that is open."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from custodiet.docket.cases import Case, steps_left
from custodiet.docket.types import mark, read_pack
from custodiet.model.calendar import Calendar, last_business_day

# Whether an answer may come on the next business day is a question of law; whoever answers on the one before is safe.
DONE_BY_US = frozenset({"return-date", "objection", "notice-to-regulator"})
# A paper that is answered or refused has no answer due; what it forbids or has preserved goes on.
SETTLED = ("closed", "answered", "reject", "no-records")


@dataclass(frozen=True)
class Deadline:
    """A day on which something of an entry is due or ends, and how it was reckoned."""

    number: int
    what: str
    day: dt.date
    how: str
    days_left: int
    steps_left: tuple[str, ...]


def list_deadlines(cases: Mapping[int, Case], as_of: dt.date) -> list[Deadline]:
    """Return the deadlines of papers that are not closed or erased, the earliest first."""
    renewed = {case.fields["renews"] for case in cases.values() if case.fields.get("renews") is not None}
    found = []
    for case in cases.values():
        if case.is_erased or (status := case.status) == "closed":
            continue
        left = tuple(steps_left(case))
        for what, day, how in _deadlines_of(case, status, is_renewed=case.number in renewed):
            says = f"{how}{_mind_closed(day)}" if what in DONE_BY_US else how
            found.append(Deadline(case.number, what, day, says, (day - as_of).days, left))
    return sorted(found, key=lambda one: (one.day, one.number, one.what))


def _mind_closed(day: dt.date) -> str:
    federal = Calendar()
    why = federal.closed(day)
    return f" That is no business day ({why}); have it done by {last_business_day(federal, day)}." if why else ""


def _deadlines_of(case: Case, status: str, *, is_renewed: bool) -> Iterator[tuple[str, dt.date, str]]:
    received = dt.date.fromisoformat(case.fields["received"])
    if status not in SETTLED:
        yield from _answer_days(case, received)
    if ends := _day(case.fields.get("gag"), "expires"):
        yield "end-of-silence", ends, "The day on which its bar on telling ends; then notice may be given."
    days = _preserved_days(case)
    if days:
        says = (
            f"{days} days from its receipt, and {days} more, as it was renewed."
            if is_renewed
            else f"{days} days from its receipt."
        )
        total = days * 2 if is_renewed else days
        yield "end-of-preservation", received + dt.timedelta(days=total), mark(says, "S", "18 U.S.C. 2703(f)(2)")
    notice = case.fields.get("regulator_notice")
    if notice and (day := _day(notice, "due")) and case.steps().get("regulator") is None:
        yield "notice-to-regulator", day, f"Notice to {notice['regulator']}, by {notice['law']}."


def _day(said: Mapping[str, Any] | None, name: str) -> dt.date | None:
    """Return a day as the log holds it: of a whole entry only what is asked for is opened."""
    text = said.get(name) if said else None
    return dt.date.fromisoformat(text) if text else None


def _answer_days(case: Case, received: dt.date) -> Iterator[tuple[str, dt.date, str]]:
    return_date = _day(case.fields, "return_date")
    if return_date:
        yield "return-date", return_date, "The day that the paper states."
    if last := _day(case.fields, "execution_until"):
        yield "end-of-execution", last, "The last day on which it may be executed."
    type_ = next((one for one in read_pack().types if one.id == case.fields.get("type")), None)
    if type_ and type_.objection_days and type_.objection_says:
        day = received + dt.timedelta(days=type_.objection_days)
        earlier = min(day, return_date) if return_date else day
        yield (
            "objection",
            earlier,
            mark(f"{type_.objection_says}; not moved past a weekend or holiday.", "R", "the text of the rule"),
        )


def _preserved_days(case: Case) -> int | None:
    type_ = next((one for one in read_pack().types if one.id == case.fields.get("type")), None)
    return type_.preserves_days if type_ and case.fields.get("renews") is None else None
