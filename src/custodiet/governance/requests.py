"""The requests that somebody sent: an append-only file of events.

A line is one event: a request was sent, answered, replied to, appealed. Nothing is ever changed; a request's state is what
its events add up to, and its due days are computed anew each time, from the law as the pack has it now.
"""

import datetime as dt
import itertools
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from custodiet.governance.deadlines import Stop, Trace, day_received, trace_deadline
from custodiet.governance.journal import append_line, read_lines
from custodiet.governance.records_laws import Law, law_of
from custodiet.model.errors import InputError, QuestionError
from custodiet.model.plain_yaml import first_fault
from custodiet.model.text import echo

Answer = Literal["acknowledged", "extended", "question", "granted", "in-part", "denied", "no-records"]
# Answers that end the wait for a determination, and those of them that may be appealed.
FINAL: tuple[Answer, ...] = ("granted", "in-part", "denied", "no-records")
ADVERSE: tuple[Answer, ...] = ("in-part", "denied", "no-records")
Text = Annotated[str, Field(min_length=1, max_length=2000)]


class Event(BaseModel):
    """One line of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    id: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[\w.-]+$")]
    date: dt.date
    note: Annotated[str, Field(max_length=2000)] | None = None


class Sent(Event):
    """A request went out: to which office, for what, under which law, how; `received` where that is known."""

    event: Literal["sent"] = "sent"
    law: str
    to: Text
    subject: Text
    by: Literal["portal", "email", "post", "fax", "hand"]
    # The moment with its offset, where that matters: the office's own day counts.
    sent_at: dt.datetime | None = None
    received: dt.date | None = None
    expedited: bool = False
    finding: str | None = None


class Answered(Event):
    """Something came back."""

    event: Literal["answered"] = "answered"
    kind: Answer
    # The day on which the office says that it had the request.
    received: dt.date | None = None


class Replied(Event):
    """The requester answered the office's question, which sets a stopped clock going again."""

    event: Literal["replied"] = "replied"


class Appealed(Event):
    """A refusal was appealed; `received` where that is known."""

    event: Literal["appealed"] = "appealed"
    received: dt.date | None = None


LINE: TypeAdapter[Sent | Answered | Replied | Appealed] = TypeAdapter(
    Annotated[Sent | Answered | Replied | Appealed, Field(discriminator="event")]
)


@dataclass
class Request:
    """One request, and everything that happened to it, in the order of the file."""

    sent: Sent
    events: list[Answered | Replied | Appealed] = field(default_factory=list)

    @property
    def law(self) -> Law:
        """The law that it was made under."""
        return law_of(self.sent.law)

    def last(self, kinds: Iterable[Answer]) -> Answered | None:
        """Return the last answer of one of these kinds."""
        found = [event for event in self.events if isinstance(event, Answered) and event.kind in kinds]
        return found[-1] if found else None

    @property
    def appeal(self) -> Appealed | None:
        """The last appeal, if it came after the last answer that ends a wait."""
        for event in reversed(self.events):
            if isinstance(event, Appealed):
                return event
            if isinstance(event, Answered) and event.kind in FINAL:
                return None
        return None

    @property
    def state(self) -> str:
        """`open`, `stopped` (the office waits for an answer), `granted`, `refused` or `appealed`."""
        final = self.last(FINAL)
        if self.appeal:
            return "appealed"
        if final:
            return "refused" if final.kind in ADVERSE else "granted"
        return "stopped" if self.law.tolling and any(stop.answered is None for stop in self.stops) else "open"

    @property
    def stops(self) -> tuple[Stop, ...]:
        """The times in which the office waited for the requester."""
        found: list[Stop] = []
        for event in self.events:
            waits = bool(found) and found[-1].answered is None
            if isinstance(event, Answered) and event.kind == "question" and not waits:
                found.append(Stop(event.date, None))
            elif isinstance(event, Replied) and waits:
                found[-1] = Stop(found[-1].asked, event.date)
        return tuple(found)

    def trace(self) -> Trace | None:
        """Return the request's steps, or None where it went by post and nobody said when it arrived."""
        moment = self.sent.sent_at or self.sent.date
        said = [event.received for event in self.events if isinstance(event, Answered) and event.received]
        received = self.sent.received or (said[-1] if said else None)
        if received is None:
            if self.sent.by == "post":
                return None
            received = self.sent.date if self.sent.by == "hand" else day_received(self.law, moment)
        final, appeal = self.last(FINAL), self.appeal
        return trace_deadline(
            self.law, moment, received=received, stops=self.stops, extended=self.last(("extended",)) is not None,
            expedited=self.sent.expedited, determined=final.date if final and final.kind in ADVERSE else None,
            appealed=(appeal.received or appeal.date) if appeal else None,
        )  # fmt: skip


def read_requests(path: Path) -> dict[str, Request]:
    """Return the requests of a file, by id, in the order in which they were sent.

    Raises:
        InputError: a line is no event, is about a request that was never sent, or sends one twice.

    """
    return _fold(read_lines(path), path)


def _fold(text: str, path: Path) -> dict[str, Request]:
    found: dict[str, Request] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        where = f"{path.name}, line {number}"
        try:
            event = LINE.validate_json(line)
        except ValidationError as error:
            place, says = first_fault(error, "line")
            raise InputError(f"{where}: {place}: {says}; mend the line.") from None
        if isinstance(event, Sent):
            if event.id in found:
                raise InputError(f"{where}: the request {event.id!r} was sent already; give it another id.")
            found[event.id] = Request(event)
        elif event.id not in found:
            raise InputError(f"{where}: no request {event.id!r} was sent before; mend the id.")
        else:
            found[event.id].events.append(event)
    return found


def add_request(path: Path, *, request: str | None = None, **said: Any) -> Sent:
    """Write down a request that was sent, and return it; without an id of its own it gets the next number of its year.

    Raises:
        InputError: what was said of it does not hold together, or the id is taken.
        QuestionError: there is no such law.
        ExportError: the file can't be written to.

    """
    law_of(str(said["law"]))

    def compose(text: str) -> str:
        known = _fold(text, path)
        name = request or next(
            each for number in itertools.count(1) if (each := f"{said['date'].year}-{number}") not in known
        )
        if name in known:
            raise InputError(f"The request {name!r} is in {path.name} already; give it another id with `--id`.")
        sent = _validate({"event": "sent", "id": name, **said})
        assert isinstance(sent, Sent)
        # Days that cannot be are refused before they are in the file for good.
        Request(sent).trace()
        return _as_line(sent)

    event = LINE.validate_json(append_line(path, compose))
    assert isinstance(event, Sent)
    return event


def add_event(path: Path, event: Literal["answered", "replied", "appealed"], request: str, **said: Any) -> Request:
    """Write down what happened to a request, and return the request as it is then.

    Raises:
        QuestionError: there is no such request, or this can't happen to it now.
        InputError: what was said does not hold together.
        ExportError: the file can't be written to.

    """

    def compose(text: str) -> str:
        found = choose_request(_fold(text, path), request, path)
        line = _validate({"event": event, "id": found.sent.id, **said})
        assert not isinstance(line, Sent)
        _check_may_follow(found, line)
        Request(found.sent, [*found.events, line]).trace()
        return _as_line(line)

    append_line(path, compose)
    return choose_request(read_requests(path), request, path)


def choose_request(requests: dict[str, Request], name: str, path: Path) -> Request:
    """Return a request by its id.

    Raises:
        QuestionError: there is none.

    """
    if name not in requests:
        known = f"the requests are {', '.join(requests)}" if requests else "it holds none; `custodiet requests add` adds one"
        raise QuestionError(f"{path.name} has no request {echo(name)}; {known}.")
    return requests[name]


def _check_may_follow(request: Request, event: Answered | Replied | Appealed) -> None:
    days = [request.sent.date, *(each.date for each in request.events)]
    if event.date < max(days):
        raise QuestionError(f"Something happened to {event.id} on {max(days)}; an event of {event.date} can't come after it.")
    if isinstance(event, Appealed) and request.state == "granted":
        raise QuestionError(f"{event.id} was granted; there is nothing to appeal.")
    if isinstance(event, Replied) and all(stop.answered is not None for stop in request.stops):
        raise QuestionError(f"The office has asked nothing about {event.id}; write its question down with `requests answer`.")


def _validate(said: dict[str, Any]) -> Sent | Answered | Replied | Appealed:
    try:
        return LINE.validate_python(said)
    except ValidationError as error:
        where, says = first_fault(error)
        raise InputError(f"{where.rpartition('.')[2]}: {says}; say it otherwise.") from None


def _as_line(event: Event) -> str:
    return json.dumps(event.model_dump(mode="json", exclude_none=True), ensure_ascii=False)
