"""Retention: fields of closed papers are erased by a policy, and every proof about their entries still holds."""

import datetime as dt
from dataclasses import dataclass

from custodiet.docket.cases import read_cases
from custodiet.docket.entry import KEPT
from custodiet.docket.writing import Draft, Writer
from custodiet.model.errors import DocketError


@dataclass(frozen=True)
class Retained:
    """The papers whose fields were erased, those that were left as they are still open, and the entry that says so."""

    erased: tuple[int, ...]
    open: tuple[int, ...]
    entry: int | None


def retain(writer: Writer, before: dt.date, by: str, because: str, now: dt.datetime) -> Retained:
    """Erase the fields of papers received before a day and closed since, and of what was done about them.

    What a transparency report counts stays. Copies that somebody made of the file are out of our reach.

    Raises:
        DocketError: no person or policy is named, or the docket can't be written.

    """
    if not by.strip() or not because.strip():
        raise DocketError("Retention needs who does it (`--by`) and by which policy (`--because`).")
    kept: dict[int, frozenset[str]] = {}
    erased, waiting = [], []
    for case in read_cases(writer.log, writer.keys).values():
        if case.is_erased or dt.date.fromisoformat(case.fields["received"]) >= before:
            continue
        if case.status != "closed":
            waiting.append(case.number)
            continue
        erased.append(case.number)
        kept |= dict.fromkeys([case.number, *(event.number for event in case.events)], KEPT)
    if not erased:
        return Retained((), tuple(waiting), None)
    said = {"before": before.isoformat(), "by": by.strip(), "because": because.strip()}
    entry = writer.replace(kept, Draft("retention", said, erased=tuple(sorted(kept))), now)
    return Retained(tuple(erased), tuple(waiting), entry.head.number)
