"""What a vendor fills in before a sale: the record's own words about the product, the federal terms, and the scenarios."""

from collections.abc import Mapping
from typing import Any

from custodiet.documents.contexts.entries import answer_lines, answers_of
from custodiet.documents.contexts.local import ABOUT, PACK
from custodiet.documents.contexts.scenarios import scenario_lines
from custodiet.documents.draft import Request
from custodiet.documents.duties import statements
from custodiet.governance.packs import load_packs
from custodiet.questions.show import show

RECORDED = ("classification", "outputs", "vendor", "data_description", "demographics", "testing", "independent_review")


def build(request: Request) -> Mapping[str, Any]:
    """Return what is on record, what a federal buyer asks by contract, and the scenarios with their commands."""
    subject = request.subject
    pages = [subject] if subject.get("claims") else [show(request.register, each["id"]) for each in subject.get("pages", [])]
    pack = load_packs()[PACK]
    return {
        "recorded": answer_lines(answers_of(subject), RECORDED),
        "claims": [claim for page in pages for claim in page["claims"] if claim["about"] in (*ABOUT, "identity", "content")],
        "terms": [{"title": duty.title, "statements": statements(pack, duty)} for duty in pack.at("term")],
        "scenarios": scenario_lines(),
    }
