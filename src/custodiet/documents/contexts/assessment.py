"""A subject against one pack: duties by status, with evidence and reason; what nobody says stands apart."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from custodiet.documents.contexts.judged import hold_against, lines_of
from custodiet.documents.draft import Request
from custodiet.documents.facts import Measured, Rule
from custodiet.governance.assess import Assessment
from custodiet.governance.packs import choose_pack, load_packs
from custodiet.governance.statuses import Status
from custodiet.questions.findings import findings_of
from custodiet.questions.rules import rules

DEFAULT = "omb-m-25-21"
# A reason of more letters is not said twice.
LONG = 400
# What needs an act comes first.
ORDER: tuple[Status, ...] = ("not", "partly", "unknown", "not-applicable", "met")
HEADINGS: dict[Status, str] = {
    "not": "Not met, as the record has it", "partly": "Partly met, or under way", "unknown": "Unknown",
    "not-applicable": "Does not apply", "met": "Met, as the record says",
}  # fmt: skip


def build(request: Request) -> Mapping[str, Any]:
    """Return the pack, the counts, and the duties in groups by status."""
    said = request.answers.get("signed_answers", "").strip()
    signed = Path(said).expanduser() if said else None
    pack = choose_pack(load_packs(), request.answers.get("pack", "").strip() or DEFAULT)
    held = hold_against(request, pack, signed=signed, jurisdiction=request.answers.get("jurisdiction", ""))
    lines = _say_once(lines_of(request, held, signed))
    counts = held.count()
    page = pack.page
    return {
        "name": held.subject.name if request.subject["id"] or held.subject.id != "a product" else None,
        "pack": {
            "id": page.id, "title": page.title, "version": page.version, "date": page.date, "about": page.about,
            "applies_to": page.applies_to, "force": page.force, "verify_by": page.verify_by,
            "source": Measured(f"pack {page.id}", pack.sha256, f"its page, version {page.version}"),
        },
        "is_stale": request.as_of > page.verify_by,
        "notes": [{"says": note, "cites": _cites_of_note(request, held, note)} for note in held.notes],
        "asks": _gather_asks(lines),
        "counts": [(HEADINGS[status], counts[status]) for status in ORDER],
        "total": len(lines),
        "groups": [
            {
                "status": status,
                "heading": HEADINGS[status],
                "shown": [line for line in lines if line["status"] == status and line["cites"]],
                "silent": [line for line in lines if line["status"] == status and not line["cites"]],
            }
            for status in ORDER
            if counts[status]
        ],
    }  # fmt: skip


def _say_once(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the lines with a long reason that several duties share said at the first of them."""
    first: dict[str, str] = {}
    for line in lines:
        line["as_for"] = first.get(line["why"])
        if len(line["why"]) > LONG:
            first.setdefault(line["why"], line["id"])
    return lines


def _gather_asks(lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what to ask for, each thing once, with the duties that it would show."""
    asks: dict[str, list[str]] = {}
    for line in lines:
        for ask in line["asks"]:
            asks.setdefault(ask, []).append(line["id"])
    return [{"says": ask, "duties": ", ".join(duties)} for ask, duties in asks.items()]


def _cites_of_note(request: Request, held: Assessment, note: str) -> list[Any]:
    """Return the cells behind a note about an agency's own determination; other notes speak of the pack, and need none."""
    found = findings_of(request.register, list(held.subject.cases)) if held.subject.cases else []
    titles = {rule["id"]: rule["duty_title"] for rule in rules(request.register)} if found else {}
    return [
        [each["citations"], Rule(each["rule"], titles[each["rule"]])]
        for each in found
        if each["rule"] == "presumption-overridden" and note.startswith(f"{each['subject']['id']} ")
    ]
