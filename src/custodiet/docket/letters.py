"""What a letter that narrows or objects to a paper says, as plain data; the templates of documents make the letter."""

import datetime as dt
from typing import Any, Literal

from custodiet.docket.cases import Case
from custodiet.docket.entry import Request

Purpose = Literal["narrow", "object"]
NOT_FOR_LETTERS = frozenset({"unknown-signed", "unknown-addressee", "no-paper"})


def letter_context(case: Case, purpose: Purpose, as_of: dt.date) -> dict[str, Any]:
    """Return what a letter about a paper needs: plain data, with a mark in every sentence that is not verified.

    `points` are what is wrong with it or disputed, `questions` what nobody knows of it yet, and `asks` what its issuer is
    asked to do.

    Raises:
        DocketError: retention has erased the paper.

    """
    request = case.request
    found = case.classify(as_of)
    return {
        "purpose": purpose,
        "as_of": as_of,
        "entry": case.number,
        "to": {"issuer": request.issuer, "signatory": request.signatory, "signatory_title": request.signatory_title},
        "paper": {
            "title": request.title,
            "form_number": request.form_number,
            "authority": request.authority,
            "case": request.case,
            "signature_date": request.signature_date,
            "received": request.received,
            "return_date": request.return_date,
            "sha256": case.fields.get("sha256"),
        },
        "type": {"id": found.id, "name": found.type.name if found.type else None, "because": list(found.because)},
        "self_executing": found.self_executing,
        "facts": [{"says": fact.marked(), "source": fact.source, "is_verified": fact.grade == "V"} for fact in found.facts],
        "points": [{"id": one.id, "says": one.marked(), "is_verified": one.grade == "V"} for one in found.defects]
        + [{"id": one.id, "says": one.marked(), "is_verified": False} for one in found.disputed],
        "questions": [{"id": one.id, "says": one.marked()} for one in found.unknowns if one.id not in NOT_FOR_LETTERS],
        "asks": _asks(request, purpose),
        "is_advice": False,
    }


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
