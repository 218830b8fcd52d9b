"""A city's reports on a surveillance technology, field by field: what is asked and where, who answers it, what nobody has.

The fields are those of the pack of ordinances: the 15 of yearly reports in one city or another, and ten of impact reports.
A department's own answer, an audit of its log, and what an inventory's entry says fill them; what is left is not provided.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from custodiet.documents.contexts.entries import answer_lines, answers_of
from custodiet.documents.contexts.measures import findings_in, measures_of
from custodiet.documents.draft import Request
from custodiet.documents.facts import Paper, Statement
from custodiet.governance.packs import Duty, Pack, load_packs
from custodiet.governance.packs.schema import Jurisdiction
from custodiet.model.errors import DocumentError
from custodiet.model.text import echo

PACK = "ccops"
LEVELS = {"annual-report": "report-field", "impact-report": "impact-report"}
STANDARDS = "standard-of-approval"
# What an audit's rules found, among the ids of its measures.
RULES = "rules"


@dataclass(frozen=True)
class Field:
    """A field's heading; the questions of the inventory, the measures of an audit, and the claims that speak to it."""

    heading: str
    cells: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()


# By the last part of a duty's id. Measures of yearly fields stand in the pack.
FIELDS: dict[str, Field] = {
    "use": Field("Use", ("stage", "operational_date", "outputs")),
    "shared": Field("Sharing"),
    "objects": Field("What it is installed on"),
    "geo": Field("Places"),
    "complaints": Field("Complaints", ("appeal", "feedback")),
    "policy_adequacy": Field("The use policy", ("oversight",)),
    "audits": Field("Audits", ("monitoring", "independent_review")),
    "breach": Field("Breaches"),
    "effect": Field("Effect", ("benefits",)),
    "pra": Field("Records requests"),
    "cost": Field("Cost", ("contract_number",)),
    "mods": Field("Changes asked for"),
    "equity": Field("Who bears it", ("demographics",)),
    "new_products": Field("Products", ("contracting", "vendor", "system_name")),
    "agreements": Field("Agreements"),
    "description": Field("The technology", ("classification", "outputs", "vendor"), claims=("identity", "role")),
    "purpose": Field("Purpose", ("purpose", "benefits"), ("reason",)),
    "location": Field("Where", ("stage", "operational_date"), ("devices",)),
    "impact": Field("Harm and safeguards", ("impact", "justification", "potential_impacts", "oversight", "appeal")),
    "data_types": Field("Data", ("data_description", "has_pii", "demographics"), ("searches", "lookback"), ("content",)),
    "data_security": Field("Security", ("has_ato",), ("accounts",)),
    "fiscal": Field("Money", ("contract_number",)),
    "third_party": Field("Dependence on others", ("contracting", "vendor"), ("outside", "doors", "networks")),
    "alternatives": Field("Doing without"),
    "track_record": Field(
        "Experience", ("testing", "independent_review"), (RULES,), ("accuracy", "oversight", "disputed", "used")
    ),
}


def build(request: Request) -> Mapping[str, Any]:
    """Return the fields in the pack's order, each with who asks for it and what fills it; and the counts of both."""
    pack = load_packs()[PACK]
    place = _find_place(pack, request.answers.get("jurisdiction", ""))
    fields = [_field(request, pack, duty, place) for duty in pack.at(LEVELS[request.kind.kind])]
    return {
        "fields": fields,
        "place": place.title if place else None,
        "place_says": _say_place(place, pack) if place else [],
        "by_department": sum(field["is_given"] for field in fields),
        "by_records": sum(not field["is_given"] and field["is_filled"] for field in fields),
        "not_provided": [field["heading"] for field in fields if not field["is_given"] and not field["is_filled"]],
        "standards": [_statement(duty.says[0], pack, "San Francisco", duty.cite) for duty in pack.at(STANDARDS)],
    }


def _find_place(pack: Pack, name: str) -> Jurisdiction | None:
    if not name.strip():
        return None
    for place in pack.page.jurisdictions:
        if place.id == name.strip().casefold():
            return place
    known = ", ".join(place.id for place in pack.page.jurisdictions)
    raise DocumentError(f"{echo(name)} is no jurisdiction of the pack {PACK}; answer `jurisdiction` with one of {known}.")


def _say_place(place: Jurisdiction, pack: Pack) -> list[Statement]:
    """Return where a place's law stands and what the pack says of it, each with its grade."""
    law = Statement(
        f"Its law is {place.cite}.", _published(Paper(place.cite, "", place.seen), pack), place.grade, place.verify
    )
    return [law, *(_statement(each, pack, place.title, place.cite) for each in place.says)]


def _field(request: Request, pack: Pack, duty: Duty, place: Jurisdiction | None) -> dict[str, Any]:
    name = duty.id.rpartition("/")[2]
    field = FIELDS[name]
    measures = field.measures or tuple(measure for spec in duty.evidence for measure in spec.audit)
    audited = list(_audited(request, measures))
    measured = [each for each in audited if each["is_measured"]]
    lines = answer_lines(answers_of(request.subject), field.cells)
    # That something is under way, or does not apply, is shown, and fills nothing.
    reported = [line for line in lines if line["state"] == "reported"]
    claims = [claim for claim in _claims(request.subject) if claim["about"] in field.claims]
    return {
        "name": name,
        "heading": field.heading,
        "asked": Statement(duty.title, _seen_in(duty, pack), duty.grade, duty.verify),
        "demand": _demand(duty, place, pack) if place else None,
        "is_given": bool(request.answers.get(name, "").strip()),
        "is_filled": bool(measured or reported or claims),
        "audited": audited,
        "lines": lines,
        "claims": claims,
        "by": " and ".join(
            who for who, has in (("the audit", measured), ("the inventory", reported), ("the catalogue", claims)) if has
        ),
    }


def _audited(request: Request, measures: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    if request.audit is None:
        return
    yield from measures_of(request.audit, measures)
    if RULES in measures:
        yield from (found for found in findings_in(request.audit) if found["is_measured"])


def _claims(subject: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = subject.get("claims", ())
    return found


def _seen_in(duty: Duty, pack: Pack) -> Paper:
    """Return where a field was read: the code of the place whose text it was held against, or the pack's own source."""
    for place in pack.page.jurisdictions:
        if duty.seen and place.seen == duty.seen:
            return Paper(place.cite, place.title, _address(place.seen), pack.page.source.retrieved.isoformat())
    return _published(Paper(pack.page.source.title, "", url=duty.seen), pack)


def _demand(duty: Duty, place: Jurisdiction, pack: Pack) -> Statement | str:
    """Return what a place's own law says about a field, as far as it was seen."""
    paper = _published(Paper(place.cite, "", url=place.seen), pack)
    if duty.id in place.requires:
        return Statement(f"{place.title}, asks for it.", paper, place.grade, place.verify or f"{place.cite} for this field")
    if duty.id in place.recalled:
        verify = place.says[0].verify if place.says else place.verify
        return Statement(f"{place.title}, may ask for it.", paper, "R", verify or f"{place.cite} for this field")
    if not place.requires and not place.recalled:
        return f"We have read no list of fields in the law of {place.title}."
    return f"In what we read of the law of {place.title}, this field is not there."


def _statement(said: Any, pack: Pack, publisher: str, cite: str | None) -> Statement:
    text = f"“{said.says}”" if said.quoted else said.says
    paper = Paper(cite or pack.page.source.title, publisher, url=_address(said.seen))
    return Statement(text, paper, said.grade, said.verify)


def _published(paper: Paper, pack: Pack) -> Paper:
    return Paper(
        paper.title, pack.page.source.publisher, url=_address(paper.url), date=pack.page.source.retrieved.isoformat()
    )


def _address(seen: str | None) -> str | None:
    return seen if seen and seen.startswith("http") else None
