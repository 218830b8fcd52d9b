"""A sheet on rights: sentences with their sources and grades, in the document's language, and official addresses."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from custodiet.documents.contexts.local import claims_named
from custodiet.documents.draft import Request
from custodiet.documents.facts import Paper, Statement
from custodiet.model.plain_yaml import load_yaml

DATA = Path(__file__).parent / "know_your_rights.yml"
# When these sentences were last held against their sources.
CHECKED = "2026-11-22"
SECTIONS = ("papers", "disputed", "rights", "counsel", "locating", "complaint")
# Addresses of offices themselves; what stands there is theirs.
OFFICES = {
    "locator": "https://locator.ice.gov/odls/",
    "field_offices": "https://www.ice.gov/contact/field-offices",
    "courts": "https://acis.eoir.justice.gov/en/",
    "complaint": "https://www.dhs.gov/file-civil-rights-complaint",
    "inspector": "https://hotline.oig.dhs.gov/",
}
MATCHING = ("mobile-fortify/role", "mobile-fortify/appeal-differs", "nist-ir-8280/false-positives")


def build(request: Request) -> Mapping[str, Any]:
    """Return the sentences by section, the offices' addresses, and what is on record about matching by face."""
    read = load_yaml(DATA.read_text("utf-8"))
    sources = {name: Paper(**source) for name, source in read["sources"].items()}
    language = request.kind.language
    return {
        **{section: [_statement(each, sources, language) for each in read[section]] for section in SECTIONS},
        "office": OFFICES,
        "checked": CHECKED,
        "matching": claims_named(request, MATCHING),
    }


def _statement(each: Mapping[str, Any], sources: Mapping[str, Paper], language: str) -> Statement:
    verify = each.get("verify")
    return Statement(each[language], sources[each["source"]], each["grade"], verify[language] if verify else None)
