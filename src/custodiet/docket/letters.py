"""What a letter that narrows or objects to a paper says, as plain data; the templates of documents make the letter.

Remarks are written for whoever keeps the docket. Those that an issuer should read are put in words for a letter; the others
stay with counsel.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any, Literal

from custodiet.docket.cases import Case, steps_left
from custodiet.docket.defects import Remark
from custodiet.docket.entry import Request
from custodiet.docket.types import Fact, read_pack

Purpose = Literal["narrow", "object"]
# By a remark's id, what a letter says in its place; None is for counsel alone. What is not here is said as it stands.
FOR_ISSUERS: dict[str, str | None] = {
    "issuer": None,
    "signatory": None,
    "not-verified": None,
    "unknown-signed": None,
    "unknown-addressee": None,
    "no-paper": None,
    "biometrics": None,
    "expired-since": None,
    "emergency-not-verified": (
        "We have not verified it by a contact that we found ourselves; name a supervisor whom we reach through your agency's "
        "published switchboard."
    ),
    "verified-by-its-own-contact": "We have not verified it by a contact that we found ourselves.",
    "no-authority": "It cites no form and no authority.",
    "unknown-authority": "We find no form and no authority in it.",
    "no-range": "We find no range of days in it.",
    "no-accounts": "We find no number or names of accounts in it.",
    "gag-ground": "It forbids us to tell, and we find no ground for that in it.",
    "gag-without-end": "It forbids us to tell, and we find no end of that in it.",
    "gag-authority": "The authority that it gives for silence has no section.",
}
UNSAID = "The entry does not say "
SCOPE = ("records", "data", "accounts", "range_from", "range_to", "place_described")
PAPER = ("title", "form_number", "authority", "case", "signature_date", "received", "return_date")


def letter_context(case: Case, purpose: Purpose, as_of: dt.date) -> dict[str, Any]:
    """Return what a letter about a paper needs: plain data, each sentence of law with its grade and what to verify.

    `points` are what is wrong with it, `questions` what it leaves open, `asks` what its issuer is asked to do. `for_counsel`
    has what no issuer should read: what is disputed, what nobody knows yet, and the steps that nobody has done.

    Raises:
        DocketError: retention has erased the paper.

    """
    request = case.request
    found = case.classify(as_of)
    pack = read_pack()
    steps = {step.id: step.says for step in (*pack.checklist, pack.regulator_step)}
    kept = [one.marked() for one in (*found.defects, *found.unknowns) if _say(one) is None]
    return {
        "purpose": purpose,
        "as_of": as_of,
        "pack_as_of": pack.as_of,
        "entry": case.number,
        "to": {"issuer": request.issuer, "signatory": request.signatory, "signatory_title": request.signatory_title},
        "paper": {name: getattr(request, name) for name in PAPER} | {"sha256": case.fields.get("sha256")},
        "scope": {name: getattr(request, name) for name in SCOPE},
        "type": {"id": found.id, "name": found.type.name if found.type else None, "because": list(found.because)},
        "issuer_kind": found.issuer_kind,
        "self_executing": found.self_executing,
        "facts": [_fact(fact) for fact in found.facts if fact.is_law],
        "points": list(_remarks(found.defects)),
        "questions": list(_remarks(found.unknowns)),
        "asks": _asks(request, purpose),
        "for_counsel": {
            "disputed": [{"says": one.marked(), "sources": list(one.sources), "as_of": one.as_of} for one in found.disputed],
            "remarks": kept,
            "steps": [steps[id_] for id_ in steps_left(case)],
        },
        "is_advice": False,
    }


def _say(remark: Remark) -> str | None:
    """Return a remark as an issuer reads it, or None where it is none of theirs."""
    said = FOR_ISSUERS.get(remark.id, remark.says)
    return f"We do not find in it {said.removeprefix(UNSAID)}" if said and said.startswith(UNSAID) else said


def _remarks(remarks: Iterable[Remark]) -> Iterable[dict[str, Any]]:
    for one in remarks:
        if (said := _say(one)) is not None:
            yield {"id": one.id, "says": said, "grade": one.grade, "verify": one.verify}


def _fact(fact: Fact) -> dict[str, Any]:
    return {"says": fact.says, "grade": fact.grade, "verify": fact.verify, "source": fact.source}


def _asks(request: Request, purpose: Purpose) -> list[str]:
    asks = []
    if purpose == "narrow":
        if request.breadth:
            asks.append(f"Name the accounts that are sought, in place of {', '.join(request.breadth)}.")
        if request.accounts is None and not request.breadth:
            asks.append("Name the accounts that are sought.")
        if not (request.range_from and request.range_to):
            asks.append("Name the first and the last day of the records that are sought.")
        asks.append("Name the kinds of records that are needed, and leave out the others.")
    else:
        asks.append("Withdraw it, or have it enforced where the law provides for that.")
    if request.gag and (request.gag.ground in ("request", "unknown") or request.gag.expires is None):
        asks.append("Name the order or statute on which silence rests, and the day on which it ends.")
    if request.return_date:
        asks.append("Confirm in writing that nothing is due before this is answered.")
    return asks
