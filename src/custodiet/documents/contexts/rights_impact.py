"""A rights impact assessment: Article 27's six elements and the federal minimum, with what the record answers to each."""

from collections.abc import Mapping
from typing import Any

from custodiet.documents.contexts.entries import answer_lines, answers_of
from custodiet.documents.contexts.judged import hold_against, lines_of
from custodiet.documents.draft import Request
from custodiet.documents.duties import statements
from custodiet.documents.facts import Paper, Statement
from custodiet.documents.words import say_day
from custodiet.governance.packs import load_packs
from custodiet.governance.packs.read import Pack
from custodiet.governance.risks import list_risks
from custodiet.questions.show import show

EU, FEDERAL = "eu-fria", "omb-m-25-21"
ASSESSMENT = "4(b)(ii)"
# The questions of the inventory that speak to each part of the federal assessment; its parts are told by the memo's digest.
PARTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "benefit": ("Purpose and benefit", ("purpose", "benefits")),
    "data_model": ("Data and model", ("classification", "data_description", "demographics", "testing")),
    "rights": ("Privacy, civil rights, civil liberties", ("potential_impacts", "has_pii", "privacy_notice")),
    "again": ("When it is assessed anew", ("monitoring",)),
    "cost": ("Cost", ("contracting", "contract_number")),
    "review": ("Independent review", ("independent_review",)),
    "acceptance": ("Risk accepted, and signed", ()),
}
# Claims of a system's page that say whom it touches, and how it has gone.
ABOUT = ("population", "role", "used", "accuracy", "disputed", "unknown")
SHOWN_STATUS = {
    "met": "reported in place", "partly": "under way or in part", "not": "not shown", "not-applicable": "not put to it",
    "unknown": "unknown",
}  # fmt: skip


def build(request: Request) -> Mapping[str, Any]:
    """Return the elements, the federal parts and practices, the risks, and the days that matter."""
    packs = load_packs()
    answers = answers_of(request.subject)
    elements = lines_of(request, hold_against(request, packs[EU]))
    duties = {duty.id: duty for duty in packs[EU].duties}
    federal = packs[FEDERAL]
    practices = lines_of(request, hold_against(request, federal)) if request.subject["id"] else []
    practice = federal.find(ASSESSMENT)
    return {
        "elements": [
            {**line, "name": f"element_{line['id'][-2]}", "heading": duties[line["id"]].title,
             "asks_for": statements(packs[EU], duties[line["id"]]), "is_silent": not line["cites"]}
            for line in elements
        ],
        "eu_dates": [_date(packs[EU], date) for date in packs[EU].page.dates],
        "eu_applies_to": packs[EU].page.applies_to,
        "eu_paper": Paper(packs[EU].page.source.title, packs[EU].page.source.publisher, packs[EU].page.source.url),
        "federal_says": statements(federal, practice),
        "parts": [
            {"name": name, "heading": heading, "lines": answer_lines(answers, fields)}
            for name, (heading, fields) in PARTS.items()
        ],
        "practices": [
            {**line, "status": SHOWN_STATUS[line["status"]]}
            for line in practices if any(each["cites"] for each in practices)
        ],
        "risks": _risks(request),
        "claims": [claim | {"on": f"On {page['name']}: "} for page in _pages(request) for claim in page["claims"]
                   if claim["about"] in ABOUT],
    }  # fmt: skip


def _date(pack: Pack, date: Any) -> Statement:
    text = f"{say_day(date.date)}: {date.what}."
    source = pack.page.source
    return Statement(text, Paper(source.title, source.publisher, source.url, where=date.cite), date.grade, date.verify)


def _pages(request: Request) -> list[Mapping[str, Any]]:
    if request.subject["kind"] == "system":
        return [request.subject]
    return [show(request.register, page["id"]) for page in request.subject.get("pages", [])]


def _risks(request: Request) -> list[dict[str, Any]]:
    if not request.subject["id"]:
        return []
    _, risks = list_risks(request.register, request.subject["id"], audit=request.audit, bench=request.bench)
    return [
        {
            "title": risk.seed.title,
            "course": f"{risk.seed.cause} {risk.seed.event} {risk.seed.consequence}",
            "affected": ", ".join(risk.seed.affected),
            "likelihood": f"{risk.likelihood} ({risk.basis}), {risk.severity}",
            "controls": "; ".join(f"{control.title}: {SHOWN_STATUS[control.state]}" for control in risk.controls),
            "residual": risk.residual,
            "cites": [each for each in risk.citations if not each["release"].startswith("bench-")],
        }
        for risk in risks
    ]
