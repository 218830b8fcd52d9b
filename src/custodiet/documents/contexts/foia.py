"""What a records request prints: questions and kinds of record, the law's own terms with their grades, and the days."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from custodiet.documents.draft import Request
from custodiet.documents.facts import Measured, Paper, Rule, Statement
from custodiet.documents.words import say_day
from custodiet.governance.addresses import Address
from custodiet.governance.audits import FILE, read_audit
from custodiet.governance.deadlines import Step
from custodiet.governance.foia import (
    PORTAL_LIMIT,
    RecordsRequest,
    Section,
    build_request,
    check_portal,
    choose_law,
    list_contracts,
    load_asks,
)
from custodiet.governance.records_laws import Law, Provision
from custodiet.model.errors import DocumentError
from custodiet.questions.awards import award
from custodiet.questions.findings import findings_of
from custodiet.questions.rules import rules
from custodiet.questions.show import show

# What an entry says of itself that a fee waiver and an officer who searches both need.
DESCRIBED = ("stage", "impact", "purpose")
FORM = "https://github.com/usdoj/foia-api"
NO_PERIOD = "the time from the first use of it to the day on which you search"


def build(request: Request) -> Mapping[str, Any]:
    """Return the letter's parts; every provision of the law is a statement with its grade."""
    cases = _cases(request)
    agency, bureau = _office_of(request, cases)
    found, jurisdiction = _findings(request, cases)
    # Every record of the register is a federal office's; an audited log is a state's or a city's.
    federal = agency or ("federal" if request.finding is not None else None)
    law = choose_law(request.answers.get("law"), agency=federal, jurisdiction=jurisdiction)
    about = _about(request)
    facts = bool(request.answers.get("expedition", "").strip())
    contracts = _contracts(request, cases)
    letter = build_request(
        law=law,
        subject=about,
        findings=found,
        kinds=_kinds(request, found),
        contracts=contracts,
        period=request.answers.get("period", "").strip() or NO_PERIOD,
        agency=agency,
        bureau=bureau,
        as_of=request.as_of,
        expedited=facts,
    )
    cells = {piid: [found["citation"] for found in award(request.register, piid)] for piid in contracts}
    description = check_portal("description of the records", letter.describe())
    check_portal("reason for expedited handling", request.answers.get("expedition", ""))
    check_portal("reason for a fee waiver", request.answers.get("dissemination", ""))
    return {
        "about": about,
        "law": law,
        "law_paper": Paper(law.name, _publisher(law), where=law.citation),
        "is_federal": letter.is_federal,
        "office": letter.office.name if letter.office else None,
        "addresses": [_address(address) for address in letter.addresses],
        "described": _described(cases),
        "questions": _questions(request, letter),
        "sections": [_section(section, cells) for section in letter.sections],
        "length": len(description),
        "portal_limit": PORTAL_LIMIT,
        "form_paper": Paper("Fields of the request form", "foia.gov, Department of Justice", url=FORM),
        **_terms(law),
        "steps": [_step(law, step) for step in sorted(letter.deadlines.steps, key=lambda step: step.date or dt.date.max)],
        "asks_expedition": facts,
        "flags": [(flag.says, _paper(law, flag.source)) for flag in law.flags],
        "verify_by": law.verify_by,
        "is_stale": request.as_of > law.verify_by,
    }


def _terms(law: Law) -> dict[str, Any]:
    """Return what the law says about fees, speed, form, parts, refusals and who may ask; None where the pack has nothing."""
    single = {
        "fee_waiver": law.fee_waiver, "certificate": law.expedition_certificate, "form": law.form,
        "segregation": law.segregation, "appeal": law.appeal, "residency": law.residency, "silence": law.silence,
    }  # fmt: skip
    return {
        **{name: _statement(law, each) if each else None for name, each in single.items()},
        "may_be_barred": law.residency is not None and law.residency.bar != "none",
        "fee_factors": [_statement(law, each) for each in law.fee_factors],
        "grounds": [_statement(law, each) for each in (*law.expedition, *law.further_expedition)],
        "appeal_to": law.appeal.to if law.appeal else None,
        "appeals_by_letter": law.appeal is not None and law.appeal.forum == "office",
    }


def _publisher(law: Law) -> str:
    return "United States" if law.calendar == "us" else law.jurisdiction


def _address(address: Address) -> dict[str, Any]:
    """Return an address with the paper that it comes from, and its warnings as one text."""
    route = address.route
    url = route.source if route.source.startswith("http") else None
    when = route.as_of.isoformat() if route.as_of else None
    source = Paper("Where this address was found", "a page about the office", url=url, date=when)
    return {"to": route.to, "by": route.by, "warning": " ".join(address.warnings), "source": source}


def _statement(law: Law, provision: Provision) -> Statement:
    source = Paper(law.name, _publisher(law), url=provision.seen, where=provision.cite)
    return Statement(provision.rule, source, provision.grade, provision.to_verify)


def _paper(law: Law, source: str) -> Paper:
    url = source if source.startswith("http") else None
    return Paper(f"A note on the {law.name}", _publisher(law), url=url, where=None if url else source)


def _step(law: Law, step: Step) -> dict[str, Any]:
    """Return a step as its day, what is due and how it was counted, and the law's sentence with its grade."""
    return {
        "date": say_day(step.date) if step.date else "No day yet",
        "label": step.label,
        "working": " ".join(filter(None, (step.working, *step.notes))),
        "rule": _statement(law, step.provision) if step.provision else None,
    }


def _cases(request: Request) -> list[Mapping[str, Any]]:
    subject = request.subject
    if subject["kind"] == "use-case":
        return [subject]
    named = subject.get("links", {}).get("use_cases", [])
    shown = [show(request.register, each["id"]) for each in named]
    return [each for each in shown if each["kind"] == "use-case"]


def _office_of(request: Request, cases: Sequence[Mapping[str, Any]]) -> tuple[str | None, str | None]:
    """Return the agency and the bureau to ask; of a system that several bureaus run, their agency."""
    if request.finding is not None and request.finding["subject"]["agency"]:
        return request.finding["subject"]["agency"], request.finding["subject"]["bureau"]
    offices = sorted({(case["agency"], case["bureau"] or "") for case in cases})
    if len({agency for agency, _ in offices}) != 1:
        # The awards at hand are those of the Department of Homeland Security; each names its component.
        return ("DHS", request.subject["agency"]) if request.subject["kind"] == "award" else (None, None)
    return offices[0][0], (offices[0][1] or None) if len(offices) == 1 else None


def _findings(request: Request, cases: Sequence[Mapping[str, Any]]) -> tuple[list[Mapping[str, Any]], str | None]:
    """Return the findings to ask about, each with its rule's title and question, and the jurisdiction of an audit."""
    if request.audit is not None:
        audit = read_audit(request.audit)
        found = [each for each in audit["findings"] if each["outcome"] in ("gap", "cannot-tell")]
        return found, audit["about"].get("jurisdiction")
    pages = {rule["id"]: rule for rule in rules(request.register)}
    if request.finding is not None:
        chosen: Sequence[Mapping[str, Any]] = [request.finding]
    else:
        systems = [page["id"] for case in cases for page in case["pages"] if page["kind"] == "system"]
        systems += [request.subject["id"]] if request.subject["kind"] == "system" else []
        keys = [case["key"] for case in cases]
        keys += sorted({f"{case['agency']}:{page}" for case in cases for page in systems})
        telling = findings_of(request.register, keys)
        chosen = [each for each in telling if each["outcome"] in ("gap", "cannot-tell")]
    return [
        {**each, "title": pages[each["rule"]]["title"], "ask_for": pages[each["rule"]]["ask_for"]} for each in chosen
    ], None


def _about(request: Request) -> str:
    name = request.subject["name"] if request.subject["kind"] != "award" else f"the award {request.subject['piid']}"
    given = request.answers.get("about", "").strip()
    if request.audit is not None and not given and (producer := read_audit(request.audit)["about"].get("producer")):
        return f"the system whose query log {producer} released"
    if not (given or name):
        raise DocumentError("foia about no subject needs `about` in its answers: what the records are about.")
    return given or str(name)


def _kinds(request: Request, found: Sequence[Mapping[str, Any]]) -> list[str] | None:
    """Return the kinds of record that a person chose; of a subject all; of a finding or an audit, those of its rules."""
    given = request.answers.get("records", "").strip()
    if given:
        return [each.strip().casefold() for each in given.split(",") if each.strip()]
    if request.finding is not None or (request.audit is not None and found):
        return None
    return [ask.id for ask in load_asks()]


def _contracts(request: Request, cases: Sequence[Mapping[str, Any]]) -> list[str]:
    if request.subject["kind"] == "award":
        return [request.subject["piid"]]
    pages = [page["id"] for case in cases for page in case["pages"] if page["kind"] == "system"]
    page = request.subject["id"] if request.subject["kind"] == "system" else (pages[0] if len(pages) == 1 else None)
    return list_contracts(request.register, page, [case["key"] for case in cases])


def _described(cases: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what the entries say of themselves, a line a cell that says something."""
    return [
        {"case": case["id"], "question": answer["question"], "said": answer["text"], "citation": answer["citation"]}
        for case in cases
        for answer in case["answers"]
        if answer["field"] in DESCRIBED and answer["state"] == "reported"
    ]


def _section(section: Section, contracts: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """Return a kind of record with its items; one that names contracts cites where each is on record."""
    return {
        "title": section.title,
        "asks": [
            {"text": item, "cites": [cell for piid, cells in contracts.items() if piid in item for cell in cells]}
            for item in section.items
        ],
    }


def _questions(request: Request, letter: RecordsRequest) -> list[dict[str, Any]]:
    """Return the questions with what raises each: the finding's reason, and what it rests on."""
    source = _audit_file(request) if request.audit is not None else None
    return [
        {
            "text": question.whole,
            "cites": [Measured(*source, "its findings")] if source else [_rule(each) for each in question.findings],
            "reasons": [
                {
                    "text": each["reason"],
                    "cites": [Measured(*source, each["rule"])] if source else [each["citations"], _rule(each)],
                }
                for each in question.findings
            ],
        }
        for question in letter.questions
    ]


def _rule(finding: Mapping[str, Any]) -> Rule:
    return Rule(finding["rule"], finding["title"])


def _audit_file(request: Request) -> tuple[str, str]:
    assert request.audit is not None
    return f"{request.audit.name}/{FILE}", hashlib.sha256((request.audit / FILE).read_bytes()).hexdigest()
