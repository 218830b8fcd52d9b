"""What became of each paper: its entry, and the events that were added about it since. Nothing is ever edited."""

import datetime as dt
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from custodiet.docket.classify import Classification, classify
from custodiet.docket.entry import Request
from custodiet.docket.identity import Keys
from custodiet.docket.lines import Entry
from custodiet.docket.log import Log
from custodiet.docket.sealed import Head, unseal
from custodiet.docket.types import read_pack
from custodiet.model.errors import DocketError

# What a person may decide, and whether data leave the house on it.
OUTCOMES = {
    "disclose": True,
    "disclose-in-part": True,
    "preserve": False,
    "object": False,
    "reject": False,
    "no-records": False,
}
APPROVERS = 2
# Steps that are done by an act of their own, and not by saying so.
OWN_ACTS = {"receipt": "`docket add`", "approval": "`docket approve`"}
STORED_ONLY = ("type", "classified", "issuer_kind_read")


@dataclass(frozen=True)
class Event:
    """Something that was done: when, what, and its fields as far as they are not erased."""

    number: int
    at: str
    kind: str
    fields: Mapping[str, Any]


@dataclass
class Case:
    """A paper and what was done about it, in order."""

    number: int
    at: str
    fields: Mapping[str, Any]
    is_erased: bool
    events: list[Event] = field(default_factory=list)

    @cached_property
    def request(self) -> Request:
        """The paper's entry.

        Raises:
            DocketError: retention has erased it.

        """
        if self.is_erased:
            raise DocketError(f"Entry {self.number} was erased by retention; only what a transparency report counts is left.")
        try:
            return Request.model_validate({name: said for name, said in self.fields.items() if name not in STORED_ONLY})
        except ValidationError:
            raise DocketError(
                f"Entry {self.number} was written by another version of Custodiet; read it with that."
            ) from None

    def classify(self, as_of: dt.date) -> Classification:
        """Return what the paper is, by the pack of today."""
        return classify(self.request, as_of)

    @property
    def decision(self) -> Event | None:
        """The decision in force: the last one."""
        return next((event for event in reversed(self.events) if event.kind == "decision"), None)

    @property
    def approvers(self) -> list[str]:
        """Who approved the decision in force, each person once and never who decided. An erased name still counts as one."""
        if self.decision is None:
            return []
        about = [one for one in self.events if one.kind == "approval" and one.fields.get("decision") == self.decision.number]
        found = {fold_person(one.fields.get("by", f"#{one.number}")): str(one.fields.get("by", "erased")) for one in about}
        found.pop(fold_person(self.decision.fields.get("by", "")), None)
        return list(found.values())

    @property
    def discloses(self) -> bool:
        """Tell whether data leave the house on the decision in force."""
        return self.decision is not None and OUTCOMES.get(str(self.decision.fields.get("outcome")), False)

    def steps(self) -> dict[str, Event | None]:
        """Return the checklist: each step and the event that did it last, or None."""
        pack = read_pack()
        ids = [step.id for step in pack.checklist]
        if "regulator_notice" in self.fields or any(one.fields.get("step") == "regulator" for one in self.events):
            ids.insert(-1, pack.regulator_step.id)
        done: dict[str, Event | None] = dict.fromkeys(ids)
        done["receipt"] = Event(self.number, self.at, "request", {"by": self.fields.get("received_by")})
        for event in self.events:
            if event.kind == "step" and event.fields.get("step") in done:
                done[event.fields["step"]] = event
        if self.discloses and len(self.approvers) >= APPROVERS:
            done["approval"] = [one for one in self.events if one.kind == "approval"][-1]
        return done

    @property
    def status(self) -> str:
        """Where it stands: `closed`, `answered`, `approved`, `waits-for-approval`, another decision, or `open`."""
        steps = self.steps()
        if steps["close"]:
            return "closed"
        if self.decision is None:
            return "open"
        if not self.discloses:
            return str(self.decision.fields["outcome"])
        produced = steps["produce"]
        if produced and produced.number > self.decision.number:
            return "answered"
        return "approved" if len(self.approvers) >= APPROVERS else "waits-for-approval"


def fold_person(name: str) -> str:
    """Return a person's name as it is compared: without case, accents, spaces and marks, so that no slip makes two of one."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in plain if letter.isalnum()) or plain


class Fields(Mapping[str, Any]):
    """An entry's fields, without those that are erased. Each is opened when it is first asked for.

    Raises:
        DocketError: a field can't be opened.

    """

    def __init__(self, entry: Entry, keys: Keys) -> None:
        self._head = entry.head
        self._keys = keys
        self._boxes = {box.name: box for box in entry.boxes if box.box}
        self._opened: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._opened:
            opened = unseal(self._keys.cipher, self._keys.origin, self._head, self._boxes[name])
            if opened is None:
                raise DocketError(
                    f"Entry {self._head.number}: its field {name} can't be opened; give the key that sealed it."
                )
            self._opened[name] = opened.value
        return self._opened[name]

    def __contains__(self, name: object) -> bool:
        return name in self._boxes

    def __iter__(self) -> Iterator[str]:
        return iter(self._boxes)

    def __len__(self) -> int:
        return len(self._boxes)


def open_entries(log: Log, keys: Keys, is_wanted: Callable[[Head], bool] = lambda _: True) -> Iterator[tuple[Entry, Fields]]:
    """Yield each entry that is wanted by its head, with its fields."""
    for entry in log.entries:
        if is_wanted(entry.head):
            yield entry, Fields(entry, keys)


def read_cases(log: Log, keys: Keys, only: int | None = None) -> dict[int, Case]:
    """Return the papers by their entry's number, each with its events; with `only`, that one, and nothing else is opened."""
    cases: dict[int, Case] = {}
    for entry, fields in open_entries(log, keys, lambda head: only is None or only in (head.number, head.about)):
        head = entry.head
        if head.kind == "request":
            cases[head.number] = Case(head.number, head.at, fields, any(not box.box for box in entry.boxes))
        elif head.about in cases:
            cases[head.about].events.append(Event(head.number, head.at, head.kind, fields))
    return cases


def find_case(cases: Mapping[int, Case], number: int) -> Case:
    """Return a case by its entry's number.

    Raises:
        DocketError: there is none of that number.

    """
    if number not in cases:
        raise DocketError(f"{number} is the number of no paper; `custodiet docket list` has them all.")
    return cases[number]


def steps_left(case: Case) -> Sequence[str]:
    """Return the steps that nobody has done yet."""
    return [id_ for id_, done in case.steps().items() if done is None]
