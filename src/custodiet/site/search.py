"""What a search on a served site answers: hits by what they are, each with its page."""

from typing import Any

from custodiet import questions
from custodiet.model.errors import QuestionError
from custodiet.site.site import Site

# Hits of one noun that are shown.
SHOWN = 25
LONGEST = 200
NOUNS = {
    "system": "Systems", "vendor": "Vendors", "feed": "Data feeds", "authority": "Laws, memos, notices and reports",
    "agency": "Agencies", "use-case": "Use cases", "award": "Awards", "notice": "Privacy notices",
    "document": "Source documents", "claim": "Claims", "finding": "Findings", "rule": "Rules",
}  # fmt: skip


def find(site: Site, words: str) -> dict[str, Any]:
    """Return `groups` of hits (noun, total, hits) and a sentence where there are none, or the words can't be looked for."""
    if not words.strip():
        return {"groups": [], "sentence": "Give at least one word to search for."}
    try:
        found = questions.search(site.register, words[:LONGEST], shown=SHOWN)
    except QuestionError as error:
        return {"groups": [], "sentence": str(error)}
    groups = []
    for kind, noun in NOUNS.items():
        hits = [{**hit, "path": _path(site, hit)} for hit in found if hit["kind"] == kind]
        hits = [hit for hit in hits if hit["path"]]
        if hits:
            groups.append({"noun": noun, "total": max(hit["total"] for hit in hits), "hits": hits})
    return {"groups": groups, "sentence": None if groups else f"Nothing here holds all of these words: {words[:LONGEST]}"}


def _path(site: Site, hit: dict[str, Any]) -> str | None:
    kind, key = hit["kind"], hit["id"]
    if kind == "use-case":
        return site.path("use-case", site.handles.get(key))
    if kind == "claim":
        return f"{site.page_path(key.partition('/')[0])}#claim-{site.claims[key]}"
    if kind == "vendor":
        return site.path("vendor", site.vendors.get(key, key))
    return site.path(kind, key)
