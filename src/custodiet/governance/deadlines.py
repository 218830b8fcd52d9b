"""When an answer is due: each step of a request with its date, its rule, its citation and how well we know it.

Two rules of caution. Where a law can be read in two ways, a date by which an office must act is the later one, so that nobody
complains a day early; a date by which a requester must act is moved back to a business day, so that nobody is a day late. A
count leaves out the day it starts from. `docs/records-requests.md` says which readings these are.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from custodiet.governance.records_laws import Appeal, Clock, Extension, Law, Provision
from custodiet.model.calendar import (
    DAY,
    Calendar,
    Count,
    count_business_days,
    count_calendar_days,
    days_between,
    inauguration_day,
    last_business_day,
    local_day,
    next_business_day,
)
from custodiet.model.errors import QuestionError

Actor = Literal["agency", "requester", "clock"]
Day = dt.date | dt.datetime


@dataclass(frozen=True)
class Stop:
    """A time in which the clock stood still: from the day on which the agency asked to that of the answer (None: not yet)."""

    asked: dt.date
    answered: dt.date | None
    why: str = "the agency waits for the requester's answer"


@dataclass(frozen=True)
class Step:
    """One step: what happens by which day (None: there is none), who acts, on what ground, and how the day was counted."""

    key: str
    label: str
    actor: Actor
    date: dt.date | None
    provision: Provision | None = None
    count: Count | None = None
    notes: tuple[str, ...] = ()

    @property
    def verified(self) -> bool:
        """Whether the step rests on a text that was read."""
        return self.provision is None or self.provision.verified

    @property
    def working(self) -> str | None:
        """How the day was counted, in brackets; None where nothing was."""
        return _explain(self.count) if self.count else None

    @property
    def sentence(self) -> str:
        """The step as text; one that is not verified begins by saying so, and ends with what to check."""
        when = f"{_long(self.date)}: " if self.date else ""
        parts = [f"{when}{self.label}"]
        if self.working:
            parts.append(self.working)
        if self.provision:
            parts.append(f"{self.provision.rule} {self.provision.cite}.")
        parts.extend(self.notes)
        text = " ".join(parts)
        return text if self.verified or not self.provision else f"Not verified. {text} {self.provision.mark}"

    def as_record(self) -> dict[str, Any]:
        """Return the step as plain data."""
        return {
            "key": self.key, "date": self.date, "actor": self.actor, "label": self.label,
            "rule": self.provision.rule if self.provision else None,
            "citation": self.provision.cite if self.provision else None,
            "grade": self.provision.grade if self.provision else None,
            "seen": self.provision.seen if self.provision else None,
            "verified": self.verified,
            "counted_from": self.count.start if self.count else None,
            "days": self.count.days if self.count else None,
            "day_type": ("business" if self.count.business else "calendar") if self.count else None,
            "passed_over": [f"{day} {why}" for day, why in self.count.skipped] if self.count else [],
            "notes": list(self.notes), "text": self.sentence,
        }  # fmt: skip


@dataclass(frozen=True)
class Trace:
    """Every step of a request under one law."""

    law: Law
    received: dt.date
    steps: tuple[Step, ...]

    def find(self, key: str) -> Step | None:
        """Return a step by its key: `acknowledgement`, `determination`, `appeal` and so on."""
        return next((step for step in self.steps if step.key == key), None)

    @property
    def due(self) -> dt.date | None:
        """The day by which the agency must say whether it complies, or, where the law has no such day, must acknowledge."""
        found = [step for key in ("determination", "production", "acknowledgement") if (step := self.find(key)) and step.date]
        return found[0].date if found else None


def day_received(law: Law, sent: Day, *, by_post: bool = False) -> dt.date:
    """Return the day on which a message reaches an office, as the office's own calendar has it.

    A moment must know its zone: a request sent at 22:00 in Los Angeles reaches Washington on the next day. Where the law says
    that electronic mail is received some business days after it was sent, they are added.

    Raises:
        QuestionError: the moment has no zone, or the post was used, whose arrival nobody can compute.

    """
    if by_post:
        raise QuestionError("A letter is received on the day on which the office has it; give that day as received.")
    try:
        day = local_day(sent, law.zone) if isinstance(sent, dt.datetime) else sent
    except ValueError:
        raise QuestionError(f"{sent}: a time without a time zone; add its offset, as in 2026-11-20T22:00-08:00.") from None
    if law.receipt and law.receipt.electronic_days:
        return count_business_days(calendar_of(law), day, law.receipt.electronic_days).end
    return day


def calendar_of(law: Law) -> Calendar:
    """Return the calendar that a law's days are counted by; federal offices are taken to be those in Washington."""
    return Calendar(law.calendar, inauguration=law.calendar == "us")


def trace_deadline(
    law: Law,
    sent: Day,
    *,
    received: dt.date | None = None,
    routed: dt.date | None = None,
    misdirected: bool = False,
    stops: Iterable[Stop] = (),
    extended: bool = False,
    expedited: bool = False,
    determined: dt.date | None = None,
    appealed: dt.date | None = None,
) -> Trace:
    """Return the steps of a request.

    `received` is the day on which the agency first had it (from `sent` where it is left out, for electronic mail), `routed`
    that on which the right component had it, `misdirected` says that it went to a wrong one and no such day is known. `stops`
    are times in which the clock stood still, `extended` says that the agency took its extension, `expedited` that the request
    asks for expedited handling, `determined` is the day of a refusal and `appealed` that on which an appeal was received.

    Raises:
        QuestionError: days in an order that cannot be, or a time without a zone.

    """
    first = received or day_received(law, sent)
    day_sent = sent.date() if isinstance(sent, dt.datetime) else sent
    _check_order(day_sent, first, routed, determined, appealed)
    stops = tuple(stops)
    calendar = calendar_of(law)
    steps = [_received_step(law, sent, first)]
    start = first
    if law.routing and (routed or misdirected):
        step = _routing_step(law.routing, calendar, first, routed)
        start = step.date or first
        steps.append(step)
    if expedited and law.expedition_decision:
        steps.append(
            _clock_step("expedition", "An answer on expedited handling is due.", law.expedition_decision, calendar, day_sent)
        )
    steps += _answer_steps(law, calendar, start, stops, extended)
    if law.production:
        steps.append(_production_step(law, calendar, start))
    if law.silence:
        steps.append(_silence_step(law, calendar, steps, start, extended))
    if law.appeal:
        silent = next((step.date for step in steps if step.key == "silence"), None)
        # For the requester the earlier reading is safe: the refusal is of the last day on which an answer could have come.
        deemed = silent - DAY if silent and law.silence and law.silence.is_refusal == "yes" and not determined else None
        steps.append(_appeal_step(law.appeal, calendar, determined or deemed, is_deemed=deemed is not None))
    if appealed and law.appeal_decision:
        steps.append(
            _clock_step("appeal decision", "A decision on the appeal is due.", law.appeal_decision, calendar, appealed)
        )
    return Trace(law, first, tuple(steps))


def _check_order(
    sent: dt.date, received: dt.date, routed: dt.date | None, determined: dt.date | None, appealed: dt.date | None
) -> None:
    # A letter sent late in the evening may be received on the day before, further west.
    if received < sent - DAY:
        raise QuestionError(
            f"The request was sent on {sent}, and can't have been received on {received}; mend one of the days."
        )
    for name, day in (("routed to the right office", routed), ("answered", determined), ("appealed", appealed)):
        if day and day < received:
            raise QuestionError(
                f"The request was received on {received}, and can't have been {name} on {day}; mend one of the days."
            )
    if determined and appealed and appealed < determined:
        raise QuestionError(
            f"The answer came on {determined}, and can't have been appealed on {appealed}; mend one of the days."
        )


def _received_step(law: Law, sent: Day, first: dt.date) -> Step:
    calendar, notes = calendar_of(law), []
    if isinstance(sent, dt.datetime):
        notes.append(f"It was sent at {sent:%Y-%m-%d %H:%M %z}; the day is the office's own, in {law.zone}.")
    if why := calendar.closed(first):
        later = next_business_day(calendar, first)
        notes.append(
            f"That is no business day ({why}). Days are counted after the day of receipt: of business days {_long(later)} is "
            "the first."
        )
    return Step("received", "The request is received.", "clock", first, law.receipt, notes=tuple(notes))


def _routing_step(clock: Clock, calendar: Calendar, first: dt.date, routed: dt.date | None) -> Step:
    # The Act says "ten days", agencies' regulations say "ten working days" (7 CFR 1.6(a), for one): the later one is taken.
    latest = count_business_days(calendar, first, clock.days)
    plain = count_calendar_days(first, clock.days).end
    start = min(routed, latest.end) if routed else latest.end
    notes = (
        f"The Act's ten days, read as calendar days, end on {_long(plain)}; agencies' regulations read them as working days, "
        f"which end on {_long(latest.end)}, and the later day is taken.",
    )
    return Step("routed", "The clock starts with the appropriate component.", "clock", start, clock, notes=notes)


def _answer_steps(law: Law, calendar: Calendar, start: dt.date, stops: tuple[Stop, ...], extended: bool) -> list[Step]:
    steps: list[Step] = []
    if law.acknowledgement:
        steps.append(
            _clock_step(
                "acknowledgement", "A first answer or an acknowledgement is due.", law.acknowledgement, calendar, start
            )
        )
    if not law.determination:
        return steps
    if law.tolling:
        steps += [_stop_step(law.tolling, stop) for stop in stops]
    notes: tuple[str, ...] = ()
    if stops and not law.tolling:
        # Where the pack knows no rule that stops the clock, a question stops none.
        stops, notes = (), ("This pack knows no rule by which an office's question stops this clock; none is taken off.",)
    if any(stop.answered is None for stop in stops):
        label = "The answer has no day yet: the clock stands still until the requester answers."
        return [*steps, Step("determination", label, "agency", None, law.determination)]
    begun = start
    if law.determination.starts == "acknowledgement" and steps and (acknowledged := steps[0].date):
        begun = acknowledged
    paused = [day for stop in stops for day in days_between(stop.asked, stop.answered or stop.asked)]
    step = _clock_step("determination", "An answer is due.", law.determination, calendar, begun, paused=paused)
    steps.append(replace(step, notes=(*step.notes, *notes)))
    if law.determination.extension and step.date:
        steps += _extension_steps(law.determination.extension, calendar, step.date, extended)
    return steps


def _extension_steps(extension: Extension, calendar: Calendar, due: dt.date, extended: bool) -> list[Step]:
    step = _clock_step(
        "extension",
        "With the extension, an answer is due." if extended else "If the office takes its extension, an answer is due.",
        extension, calendar, due,
    )  # fmt: skip
    return [step]


def _stop_step(tolling: Provision, stop: Stop) -> Step:
    until = f"until {_long(stop.answered)}" if stop.answered else "and has not gone on yet"
    label = f"The clock stood still from the day after {_long(stop.asked)} {until}: {stop.why}."
    return Step("stop", label, "clock", stop.answered, tolling)


def _production_step(law: Law, calendar: Calendar, start: dt.date) -> Step:
    production = law.production
    assert production
    if production.days is None:
        return Step("production", "The records follow; no day is given.", "agency", None, production)
    count = _count(calendar, start, production.days, production.day_type == "business")
    return _rolled(Step("production", "The records are due.", "agency", count.end, production, count), calendar)


def _silence_step(law: Law, calendar: Calendar, steps: list[Step], start: dt.date, extended: bool) -> Step:
    silence = law.silence
    assert silence
    label = "If nothing has come by then, this follows."
    if silence.days is not None:
        begun = next((step.date for step in steps if step.key == silence.starts and step.date), start)
        count = _count(calendar, begun, silence.days, silence.day_type == "business")
        return Step("silence", label, "requester", count.end + DAY, silence, count)
    keys = ("acknowledgement", "determination", "extension") if extended else ("acknowledgement", "determination")
    answers = [step.date for step in steps if step.key in keys]
    if not answers or None in answers:
        return Step("silence", "If nothing comes, this follows; it has no day yet.", "requester", None, silence)
    return Step("silence", label, "requester", max(day for day in answers if day) + DAY, silence)


def _appeal_step(appeal: Appeal, calendar: Calendar, refused: dt.date | None, *, is_deemed: bool) -> Step:
    label = f"A refusal may be taken to {appeal.to}."
    if appeal.days is None:
        return Step("appeal", label, "requester", None, appeal)
    if refused is None:
        note = f"That is {appeal.days} {appeal.day_type} days after the refusal, which has no day yet."
        return Step("appeal", label, "requester", None, appeal, notes=(note,))
    count = _count(calendar, refused, appeal.days, appeal.day_type == "business")
    what = "if nothing comes, the silence" if is_deemed else "the refusal"
    notes: tuple[str, ...] = ()
    if why := calendar.closed(count.end):
        before = last_business_day(calendar, count.end)
        notes = (f"That day is no business day ({why}); have it there by {_long(before)}.",)
    return Step("appeal", f"Last day: {what} may be taken to {appeal.to}.", "requester", count.end, appeal, count, notes)


def _clock_step(
    key: str, label: str, clock: Clock | Extension, calendar: Calendar, start: dt.date, *, paused: Iterable[dt.date] = ()
) -> Step:
    count = _count(calendar, start, clock.days, clock.day_type == "business", paused)
    return _rolled(Step(key, label, "agency", count.end, clock, count), calendar)


def _count(calendar: Calendar, start: dt.date, days: int, business: bool, paused: Iterable[dt.date] = ()) -> Count:
    return count_business_days(calendar, start, days, paused) if business else count_calendar_days(start, days, paused)


def _rolled(step: Step, calendar: Calendar) -> Step:
    """Return an office's step with the later reading where its last day is none of business, and with what to know of it."""
    count = step.count
    assert count
    notes = list(step.notes)
    date = count.end
    if not count.business and (why := calendar.closed(count.end)):
        date = next_business_day(calendar, count.end)
        notes.append(
            f"The last day, {_long(count.end)}, is no business day ({why}); where the law is silent, offices take the next "
            "business day, and so does this date."
        )
    if count.business and calendar.code != "us":
        notes.append(
            "The state's holidays are those that the `holidays` package knows; check them against the office's own list."
        )
    if count.business and calendar.inauguration and (day := _inauguration_in(count)):
        notes.append(
            f"{_long(day)} is a holiday of federal offices in and around Washington, for pay and leave (5 U.S.C. 6103(c)); "
            "if it stops no clock here, the date is one business day earlier."
        )
    return replace(step, date=date, notes=tuple(notes))


def _inauguration_in(count: Count) -> dt.date | None:
    for day, why in count.skipped:
        if why == "Inauguration Day" and day == inauguration_day(day.year):
            return day
    return None


def _explain(count: Count) -> str:
    kind = "business" if count.business else "calendar"
    days = f"{count.days} {kind} day{'s' if count.days != 1 else ''} after {_long(count.start)}"
    stopped = sum(why == "clock stopped" for _, why in count.skipped)
    named = [f"{_long(day)} ({why})" for day, why in count.holidays if why != "clock stopped"]
    weekend = len(count.skipped) - len(count.holidays)
    passed = [f"{weekend} days of weekends"] if weekend else []
    passed += named + ([f"{stopped} days on which the clock stood still"] if stopped else [])
    return f"({days}{'; passed over: ' + '; '.join(passed) if passed else ''}.)"


def _long(day: dt.date) -> str:
    return f"{day:%B} {day.day}, {day.year}"
