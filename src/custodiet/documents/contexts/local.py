"""What a city's papers rest on: claims of the catalogue by topic, the federal memo on buying AI, and the city's own audit."""

from collections.abc import Iterable, Mapping
from typing import Any

from custodiet.documents.contexts.entries import answer_lines
from custodiet.documents.contexts.measures import measures_of
from custodiet.documents.draft import Request
from custodiet.documents.duties import statements
from custodiet.governance.packs import load_packs
from custodiet.questions.show import show

# Claims by topic, in the order in which they are read. A test holds each id against the catalogue.
TOPICS: dict[str, tuple[str, ...]] = {
    "plates": (
        "ice-plate-reader-lookups/identity", "plate-reader-scans/local", "plate-reader-scans/local-claims-disputed",
        "plate-reader-scans/state-law", "washington-plate-reader-law/uses", "washington-plate-reader-law/sharing-and-log",
        "plate-reader-scans/accuracy-unknown",
    ),
    "faces": (
        "nist-ir-8280/false-positives", "nist-ir-8280/differs-by-algorithm", "nist-ir-8280/limits",
        "nist-frte/rank-is-not-a-system", "mobile-fortify/role", "mobile-fortify/error-rate",
    ),
    "brokers": (
        "data-broker-files/suppliers", "location-data/oig", "location-data/bought-data-unsettled",
        "fourth-amendment-not-for-sale/not-law", "california-delete-act/government-sales",
    ),
    "benchmarks": (
        "m-25-21/minimum-practices", "m-25-21/limits", "ccops-model-bill/mechanism", "ccops-model-bill/annual-report",
        "ccops-model-bill/limits",
    ),
    "why": (
        "plate-reader-scans/local", "washington-plate-reader-law/sharing-and-log", "nist-ir-8280/false-positives",
        "nist-ir-8280/limits",
    ),
    "buying": ("m-25-22/when-it-applies", "m-25-22/vendor-terms", "m-25-22/inventory-link"),
    "errors": ("nist-ir-8280/false-positives", "nist-ir-8280/limits", "plate-reader-scans/accuracy-unknown"),
}  # fmt: skip
DESCRIBED = ("stage", "operational_date", "impact", "purpose", "vendor", "has_ato", "privacy_notice")
SAFEGUARDS = ("testing", "assessment", "independent_review", "monitoring", "training", "oversight", "appeal", "feedback")
# What a page says of a system that matters to somebody who would buy one like it.
ABOUT = ("role", "used", "accuracy", "oversight", "audit-log", "disputed", "unknown")
# Measures of an audit that a council asks for; each stands only where the log could show it.
MEASURES = ("searches", "outside", "judicial_process", "case_number", "reason", "lookback", "devices", "accounts", "audits")
PACK = "omb-m-25-22"
PRONOUNS = ("It ", "Its ", "They ", "Their ")


def build(request: Request) -> Mapping[str, Any]:
    """Return the claims by topic, the memo's terms, the subject's own answers, and the audit's measures."""
    subject = request.subject
    pack = load_packs()[PACK]
    answers = {answer["field"]: answer for answer in subject.get("answers", [])}
    pages = [subject["id"]] if subject["kind"] in ("system", "vendor") else [page["id"] for page in subject.get("pages", [])]
    return {
        **{topic: claims_named(request, names) for topic, names in TOPICS.items()},
        "terms": [{"title": duty.title, "statements": statements(pack, duty)} for duty in pack.at("term")],
        "entry": [] if not answers else answer_lines(answers, DESCRIBED),
        "listed_as": f"{subject.get('bureau') or subject.get('agency_name')} lists {subject['name']} as {subject['id']}.",
        "safeguards": [] if not answers else answer_lines(answers, SAFEGUARDS),
        "about": [
            claim | {"on": _named(page["kind"], page["name"], claim["says"])}
            for page in (show(request.register, slug) for slug in pages)
            for claim in page["claims"]
            if claim["about"] in ABOUT
        ],
        "measures": measures_of(request.audit, MEASURES) if request.audit else [],
    }


def claims_named(request: Request, names: Iterable[str]) -> list[dict[str, Any]]:
    """Return claims of the catalogue by their ids, in that order, each with its citation."""
    wanted = list(names)
    rows = request.register.dicts(
        'select claim as id, p.kind, name, says, grade, would_settle, struct_pack(release := \'catalogue\', "row" := "row", '
        '"column" := slug) as citation from claims c join pages p using (slug) where claim in (select unnest($wanted))',
        {"wanted": wanted},
    )
    for row in rows:
        row["on"] = _named(row.pop("kind"), row.pop("name"), row["says"])
    return sorted(rows, key=lambda row: wanted.index(row["id"]))


def _named(kind: str, page: str, says: str) -> str:
    """Return what stands before a claim that does not name what it is about: it is written for its page.

    One about a paper names the paper, one about a system needs its name where it begins with "it".
    """
    name = page.partition(", ")[0]
    needed = name.split()[0] not in says if kind == "authority" else says.startswith(PRONOUNS)
    return f"On {name}:" if needed else ""
