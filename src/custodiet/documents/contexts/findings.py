"""Findings about a use case or a system, as somebody who is asked for comment should read them: alike ones together."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

from custodiet.documents.draft import Request
from custodiet.documents.facts import Rule
from custodiet.documents.markdown import unmark
from custodiet.documents.words import say_day
from custodiet.questions.findings import findings_of
from custodiet.questions.rules import rules
from custodiet.questions.show import show
from custodiet.store.schema import QUESTIONS

# What an entry says of itself, in the order in which a reader wants it.
DESCRIBED = ("stage", "operational_date", "impact", "justification", "purpose", "outputs", "vendor", "system_name")
# A clear outcome that is worth telling the one who is asked; the rest says no more than that a cell is in order.
WORTH_TELLING = ("presumption-overridden", "privacy-notice-not-linked", "vendor-withheld", "no-authority-to-operate")
# What was asked, by rule, where a finding's reason stands beside its rule's title elsewhere and so does not say it itself.
ASKED = {
    "contract-number-unresolved": "its contract number",
    "impact-downgraded": "how far it affects rights or safety",
    "listed-late": "whether the inventory of 2024 lists it",
    "no-authority-to-operate": "whether the AI system has an authorization to operate",
    "no-longer-listed": "whether the inventory of 2025 lists it",
    "presumption-overridden": "why a use that is presumed high-impact was determined not to be",
    "privacy-notice-not-linked": "whether a privacy notice is linked",
    "privacy-notice-older": "how old the linked privacy notice is",
    "privacy-notice-unusable": "where its privacy notice is found",
    "vendor-withheld": "who the vendor is",
    "vendor-withheld-but-bought": "who the vendor is",
}
# Claims of the catalogue that somebody who is asked for comment can settle.
OPEN = ("disputed", "unknown", "accuracy", "audit-log")


def build(request: Request) -> Mapping[str, Any]:
    """Return the entries' own words, the findings in groups of one page of rules, and what is clear."""
    subject = request.subject
    cases = _cases(request)
    own: list[str] = []
    if request.finding is not None:
        found = [dict(request.finding)]
    else:
        keys = [case["key"] for case in cases]
        systems = [page["id"] for page in subject.get("pages", [])] if cases else []
        agencies = sorted({case["agency"] for case in cases})
        own = [subject["id"]] if subject["kind"] == "system" else systems
        found = findings_of(request.register, [*keys, *(f"{agency}:{page}" for agency in agencies for page in own)])
    pages = {rule["id"]: rule for rule in rules(request.register)}
    telling = [each for each in found if each["outcome"] in ("gap", "cannot-tell")]
    return {
        "about": f"the award {subject['piid']} of {subject['agency']}" if subject["kind"] == "award" else subject["name"],
        "sources": [case["name_citation"] for case in cases] or [each["citations"] for each in found],
        "handles": [case["id"] for case in cases],
        "owner": " and ".join(sorted({case["bureau"] or case["agency_name"] for case in cases})),
        "described": [each for case in cases for each in _described(case)] if len(cases) == 1 else [],
        "groups": _groups(request, telling, pages),
        "clear": [
            {"said": say_alone(each, each["reason"]), "citations": each["citations"]}
            for each in found
            if each["outcome"] == "clear" and each["rule"] in WORTH_TELLING
        ],
        "open": [] if request.finding else _open_claims(request, own),
    }


def _cases(request: Request) -> list[Mapping[str, Any]]:
    subject = request.subject
    if subject["kind"] == "use-case":
        return [subject]
    named = subject.get("links", {}).get("use_cases", [])
    return [shown for each in named if (shown := show(request.register, each["id"]))["kind"] == "use-case"]


def _open_claims(request: Request, pages: Sequence[str]) -> list[Mapping[str, Any]]:
    """Return what the catalogue holds for disputed or unknown of the system."""
    return [
        claim
        for page in pages
        for claim in show(request.register, page)["claims"]
        if claim["about"] in OPEN and claim["grade"] in ("Disputed", "Unknown")
    ]


def _described(case: Mapping[str, Any]) -> list[dict[str, Any]]:
    answers = {answer["field"]: answer for answer in case["answers"]}
    return [
        {"question": answers[field]["question"], "said": answers[field]["text"], "citation": answers[field]["citation"]}
        for field in DESCRIBED
        if answers[field]["state"] == "reported"
    ]


def _groups(
    request: Request, found: Sequence[Mapping[str, Any]], pages: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return findings by the page of their rule: seven practices of one memo are one point with seven lines."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for each in found:
        groups.setdefault(pages[each["rule"]]["page"], []).append(each)
    # The point with most lines first: others refer to the cells that it quotes.
    return [_group(request, each, pages) for each in sorted(groups.values(), key=len, reverse=True)]


def _group(request: Request, found: Sequence[Mapping[str, Any]], pages: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    first = pages[found[0]["rule"]]
    shared = _shared_end([each["reason"] for each in found])
    own = [pages[each["rule"]] for each in found]
    return {
        "title": first["title"] if len(found) == 1 else first["duty_title"],
        "findings": [
            {"said": say_alone(each, each["reason"].removesuffix(shared).strip()),
             "citations": [each["citations"], Rule(rule["id"], rule["duty_title"])]}
            for each, rule in zip(found, own, strict=True)
        ],
        "shared": shared.strip(),
        "timing": _timing(request, found, first),
        "rules": [Rule(rule["id"], rule["duty_title"]) for rule in own],
        "cell": found[0]["citations"][:1],
        "does_not_show": unmark(first["does_not_show"]),
        "question": ask(first),
    }  # fmt: skip


def _shared_end(reasons: Sequence[str]) -> str:
    """Return the sentences with which all reasons end, where there are several: they are said once."""
    shared = ""
    while len(reasons) > 1:
        last = reasons[0].removesuffix(shared).rstrip().rpartition(". ")[2]
        longer = f" {last}{reasons[0][len(reasons[0]) - len(shared) :] if shared else ''}"
        if not last or not all(reason.endswith(longer) and len(reason) > len(longer) for reason in reasons):
            break
        shared = longer
    return shared


def name_field(reason: str) -> str:
    """Return a reason that begins with a field's name with the question's own words in its place."""
    name, colon, rest = reason.partition(": ")
    return f"{QUESTIONS[name]}: {rest}" if colon and name in QUESTIONS else reason


def say_alone(finding: Mapping[str, Any], reason: str) -> str:
    """Return a finding's reason as a statement that can be read alone: whose entry it is about, and what was asked."""
    about = finding["subject"]
    if about["kind"] != "use-case":
        return f"On {about['name']}: {reason}"
    entry = f"{about['bureau'] or about['agency']}'s entry {about['id']}"
    name, colon, rest = reason.partition(": ")
    if colon and name in QUESTIONS:
        return f"{entry}, on “{QUESTIONS[name]}”: {rest}"
    asked = ASKED.get(finding["rule"])
    return f"{entry}, on {asked}: {reason}" if asked else f"{entry}: {reason}"


def _timing(request: Request, found: Sequence[Mapping[str, Any]], rule: Mapping[str, Any]) -> str | None:
    """Return how the day of publication and the day on which the duty fell due lie to each other, where both are known."""
    timings = {each["timing"] for each in found if each["timing"]}
    if not timings:
        return None
    cell = found[0]["citations"][0]
    ((published,),) = request.register.rows(
        "select published from releases where release = $release", {"release": cell["release"]}
    )
    due = dt.date.fromisoformat(rule["due"])
    order = "before" if timings == {"not-yet-due"} else "after"
    later = f" On {say_day(request.as_of)} we know of no later one." if request.as_of > published else ""
    return (
        f"The inventory that we read was published on {say_day(published)}, {order} the day on which the practice falls due, "
        f"{say_day(due)}.{later}"
    )


def ask(rule: Mapping[str, Any]) -> str:
    """Return a rule's question without the mark that says which letter asks it."""
    return without_letter(rule["ask_for"])


def without_letter(asked: str) -> str:
    """Return what a rule asks for without its markup and the mark that says which letter asks it."""
    return unmark(re.sub(r"\s*\(letter: [^)]*\)\s*$", "", asked))
