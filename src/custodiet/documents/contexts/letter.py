"""A letter about a paper of the docket: what it is, what is wrong with it, what is asked; and what counsel must see first."""

from collections.abc import Mapping
from typing import Any, Literal, cast

from custodiet.docket.letters import letter_context
from custodiet.documents.draft import Request
from custodiet.documents.facts import Paper, Statement
from custodiet.documents.words import say_day

LINES = {
    "title": "Its title, which decides nothing", "form_number": "Form", "authority": "Authority that it cites",
    "case": "Case", "signature_date": "Signed on", "received": "Received on", "return_date": "To be answered by",
}  # fmt: skip
WANTED = {
    "records": "Records", "data": "Kinds of data", "accounts": "Accounts", "range_from": "From", "range_to": "To",
}  # fmt: skip


def build(request: Request) -> Mapping[str, Any]:
    """Return the letter's parts; what is said of law are statements with their grades."""
    assert request.docket is not None
    purpose = cast("Literal['narrow', 'object']", request.kind.kind)
    case = request.docket.cases[request.subject["id"]]
    found = letter_context(case, purpose, request.as_of)
    list_of_types = Paper("Our list of kinds of papers", "Custodiet", date=found["pack_as_of"].isoformat())
    entry = request.docket.source(f"entry {case.number}")
    to = found["to"]
    return {
        "entry": entry,
        "number": case.number,
        "issuer": to["issuer"],
        "signatory": ", ".join(filter(None, (to["signatory"], to["signatory_title"]))) or "the officer who signed it",
        "paper": _lines(found["paper"], LINES),
        "wanted": _lines(found["scope"], WANTED),
        "scope_of": _scope(found["scope"]),
        "received": say_day(found["paper"]["received"]),
        "sha256": found["paper"]["sha256"],
        "name": found["type"]["name"],
        "is_of_court": found["issuer_kind"] == "court",
        "facts": [_statement(fact, _source(fact["source"], list_of_types)) for fact in found["facts"]],
        "points": [_point(one, list_of_types, entry) for one in found["points"]],
        "questions": [_point(one, list_of_types, entry) for one in found["questions"]],
        "asks": found["asks"],
        "disputed": [
            {"says": one["says"], "sources": [_source(each, list_of_types) for each in one["sources"]]}
            for one in found["for_counsel"]["disputed"]
        ],
        "remarks": found["for_counsel"]["remarks"],
        "steps": found["for_counsel"]["steps"],
        "checked": list_of_types,
    }


def _lines(said: Mapping[str, Any], names: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"name": title, "said": _text(said[name])} for name, title in names.items() if said[name] not in (None, ())]


def _scope(scope: Mapping[str, Any]) -> dict[str, str]:
    """Return what a paper says of accounts, days and records, in words."""
    days = [say_day(scope[name]) if scope[name] else "an open end" for name in ("range_from", "range_to")]
    return {
        "accounts": "not said" if scope["accounts"] is None else str(scope["accounts"]),
        "days": " to ".join(days) if scope["range_from"] or scope["range_to"] else "not said",
        "records": "; ".join(filter(None, (scope["records"], ", ".join(scope["data"])))) or "not said",
    }


def _text(said: Any) -> str:
    if hasattr(said, "isoformat"):
        return say_day(said)
    return ", ".join(said) if isinstance(said, tuple) else str(said)


def _point(one: Mapping[str, Any], list_of_types: Paper, entry: object) -> Any:
    """Return a sentence: about the paper it rests on the entry; about law on our list, with its mark where unverified."""
    if one["grade"] == "V":
        return {"says": one["says"], "cites": entry}
    return {"says": _statement(one, list_of_types), "cites": None}


def _statement(said: Mapping[str, Any], source: Paper) -> Statement:
    return Statement(said["says"], source, said["grade"], said["verify"])


def _source(text: str, list_of_types: Paper) -> Paper:
    """Return where a sentence was read: an address, or a citation as our list gives it."""
    if text.startswith("http"):
        return Paper(text, "as we read it", url=text, date=list_of_types.date)
    return Paper(text, "as our list cites it", date=list_of_types.date)
