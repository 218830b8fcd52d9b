"""What people do about a paper, as entries: each act is checked against what the docket already holds, under its lock."""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from custodiet.docket.cases import APPROVERS, OUTCOMES, OWN_ACTS, Case, find_case, fold_person, read_cases
from custodiet.docket.classify import classify
from custodiet.docket.defects import UNVERIFIED_EMERGENCY
from custodiet.docket.entry import Request, hash_paper
from custodiet.docket.types import read_pack
from custodiet.docket.writing import Draft, Writer
from custodiet.model.errors import DocketError, QuestionError
from custodiet.model.text import echo


def add_request(writer: Writer, request: Request, now: dt.datetime) -> int:
    """Add a paper; return its entry's number.

    Raises:
        DocketError: it is a sale, which is no process, or it renews what is no request to preserve.
        InputError: its file can't be read.

    """
    return add_requests(writer, [request], now)[0]


def add_requests(writer: Writer, requests: Sequence[Request], now: dt.datetime) -> list[int]:
    """Add papers at one stroke; return their entries' numbers."""
    drafts = [Draft("request", _fields_of(writer, request, now)) for request in requests]
    return [entry.head.number for entry in writer.append(drafts, now)]


def _fields_of(writer: Writer, request: Request, now: dt.datetime) -> dict[str, Any]:
    found = classify(request, now.date())
    if found.id == "data_purchase_or_license":
        raise DocketError("A purchase or licence of data is no process; list it with `custodiet docket sales add`.")
    if request.received > now.date() + dt.timedelta(days=1):
        raise DocketError(f"It can't have been received on {request.received}, which is yet to come; mend `received`.")
    if request.renews is not None:
        case = find_case(read_cases(writer.log, writer.keys, request.renews), request.renews)
        if case.fields.get("type") != "preservation_2703_f":
            raise DocketError(f"Entry {request.renews} is no request to preserve, so nothing can renew it; mend `renews`.")
    fields = request.as_fields() | {"type": found.id, "classified": read_pack().as_of.isoformat()}
    if found.issuer_kind:
        fields["issuer_kind_read"] = found.issuer_kind
    if request.paper is not None:
        found_hash = hash_paper(request.paper)
        if request.sha256 not in (None, found_hash):
            raise DocketError(f"{request.paper}: its hash is not the one that the entry gives; see which paper is meant.")
        fields["sha256"] = found_hash
    return fields


def do_step(
    writer: Writer, number: int, step: str, by: str, on: dt.date, now: dt.datetime, *, note: str | None = None,
    accounts: int | None = None, file: Path | None = None,
) -> int:  # fmt: skip
    """Note that somebody did a step of the checklist; return the number of the entry.

    Raises:
        DocketError: there is no such step, it has an act of its own, or its day can't be; or data would leave without
            two approvals, or on an emergency that nobody verified.

    """
    case = _open_case(writer, number)
    if step in OWN_ACTS:
        raise DocketError(f"The step {step} is done by {OWN_ACTS[step]}, and not by saying so.")
    known = [*(one.id for one in read_pack().checklist), read_pack().regulator_step.id]
    if step not in known:
        raise QuestionError(f"{echo(step)} is no step; the steps are {', '.join(known)}.")
    if not dt.date.fromisoformat(case.fields["received"]) <= on <= now.date() + dt.timedelta(days=1):
        raise DocketError(f"A step about entry {number} can't have been done on {on}; it came on {case.fields['received']}.")
    if step == "produce":
        _check_may_produce(case, now.date())
    said = {"step": step, "by": _name(by), "on": on.isoformat(), "note": note, "accounts": accounts}
    if file is not None:
        said["sha256"] = hash_paper(file)
    return _append(writer, Draft("step", _without_none(said), number), now)


def decide(writer: Writer, number: int, outcome: str, by: str, because: str, now: dt.datetime) -> int:
    """Note what a person decided, and why; return the number of the entry. A later decision takes its place.

    Raises:
        DocketError: there is no such outcome, or no person or reason.

    """
    _open_case(writer, number)
    if outcome not in OUTCOMES:
        raise QuestionError(f"{echo(outcome)} is no decision; choose one of {', '.join(OUTCOMES)}.")
    if not because.strip():
        raise DocketError("A decision needs its reason; give it with `--because`.")
    return _append(writer, Draft("decision", {"outcome": outcome, "by": _name(by), "because": because.strip()}, number), now)


def approve(writer: Writer, number: int, by: str, now: dt.datetime) -> int:
    """Note that a person approved the disclosure that was decided; return the number of the entry.

    Raises:
        DocketError: no disclosure was decided, or this person decided it or approved it already.

    """
    case = _open_case(writer, number)
    if not case.discloses or case.decision is None:
        raise DocketError(
            f"No disclosure was decided for entry {number}, so there is nothing to approve; use `docket decide`."
        )
    if fold_person(by) == fold_person(case.decision.fields["by"]):
        raise DocketError(
            f"{echo(by.strip())} decided this, and nobody approves a decision of their own; two others have to."
        )
    if fold_person(by) in map(fold_person, case.approvers):
        raise DocketError(f"{echo(by.strip())} approved this decision already; two different people have to.")
    return _append(writer, Draft("approval", {"by": _name(by), "decision": case.decision.number}, number), now)


def _check_may_produce(case: Case, today: dt.date) -> None:
    if not case.discloses:
        raise DocketError(f"No disclosure was decided for entry {case.number}; nothing may leave before `docket decide`.")
    missing = APPROVERS - len(case.approvers)
    if missing > 0:
        raise DocketError(
            f"{missing} of {APPROVERS} approvals {'is' if missing == 1 else 'are'} missing for entry {case.number}; nothing "
            f"may leave before `docket approve`."
        )
    is_unverified = any(one.id == UNVERIFIED_EMERGENCY for one in case.classify(today).defects)
    if is_unverified and case.steps()["authenticate"] is None:
        raise DocketError(
            f"Nobody has verified the emergency of entry {case.number}; call a number that you found yourself, and note it "
            f"with `docket step {case.number} authenticate`."
        )


def _open_case(writer: Writer, number: int) -> Case:
    case = find_case(read_cases(writer.log, writer.keys, number), number)
    if case.is_erased:
        raise DocketError(f"Entry {number} was erased by retention; nothing more can be done about it.")
    if case.status == "closed":
        raise DocketError(f"Entry {number} is closed; add what came after as a paper of its own.")
    return case


def _name(by: str) -> str:
    if not by.strip():
        raise DocketError("Say who did it with `--by`.")
    return by.strip()


def _without_none(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: said for name, said in fields.items() if said is not None}


def _append(writer: Writer, draft: Draft, now: dt.datetime) -> int:
    return writer.append([draft], now)[0].head.number
