"""A claim of wrongful identification: what is known of such errors, what a user says of safeguards, the scenarios."""

from collections.abc import Mapping
from typing import Any

from custodiet.documents.contexts.entries import answer_lines, answers_of
from custodiet.documents.contexts.local import SAFEGUARDS, claims_named
from custodiet.documents.contexts.scenarios import scenario_lines
from custodiet.documents.draft import Request
from custodiet.questions.show import show

KNOWN = (
    "nist-ir-8280/false-positives", "nist-ir-8280/differs-by-algorithm", "nist-ir-8280/limits",
    "nist-frte/rank-is-not-a-system", "plate-reader-scans/accuracy-unknown", "data-broker-files/accuracy-unknown",
)  # fmt: skip
ABOUT = ("accuracy", "audit-log", "oversight", "disputed", "unknown")


def build(request: Request) -> Mapping[str, Any]:
    """Return what is known of errors, the safeguards as the record answers, and the scenarios."""
    subject = request.subject
    pages = [subject] if subject.get("claims") else [show(request.register, each["id"]) for each in subject.get("pages", [])]
    return {
        "known": claims_named(request, KNOWN),
        "claims": [claim for page in pages for claim in page["claims"] if claim["about"] in ABOUT],
        "safeguards": answer_lines(answers_of(subject), SAFEGUARDS),
        "scenarios": scenario_lines(),
    }
