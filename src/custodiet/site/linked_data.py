"""What a page says of itself to machines: JSON-LD in schema.org's words, Open Graph's tags, and a citation for people."""

import json
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from custodiet.site.downloads import TABLE_FORMS
from custodiet.site.links import root_of
from custodiet.site.page import Page
from custodiet.site.site import Site

CONTEXT = "https://schema.org"
OURSELVES = {"@type": "Organization", "name": "Custodiet"}
# Lists that are offered as data of the whole register.
DISTRIBUTED = ("claims", "gaps", "rules", "sources", "systems")
# What a test of a claim came to, in words and on a scale on which higher is better supported (schema.org, ClaimReview).
RATINGS = {
    "gap": (1, "Not shown by the test"),
    "cannot-tell": (2, "The test was too small to tell"),
    "clear": (3, "Shown by the test"),
}
# The rule whose findings check what somebody claimed of a system.
CHECKS_CLAIMS = "claim-not-shown"
# A script element ends at the first "</script", wherever it stands; so no sign of markup stands in it as itself.
ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def write_script(data: Mapping[str, Any]) -> Markup:
    """Return data as the element that holds JSON-LD; it is data to a browser, and never run."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=str)
    for sign, escaped in ESCAPES.items():
        text = text.replace(sign, escaped)
    return Markup(f'<script type="application/ld+json">{text}</script>')  # noqa: S704 - escaped above


def describe_dataset(site: Site, path: str) -> dict[str, Any]:
    """Return the register as a Dataset, for a page: what it is made from, by file and hash, and how it can be taken along."""
    # Without a public address, an address is read as beside the page on which it stands.
    base = site.options.base_url or root_of(path)
    return {
        "@context": CONTEXT,
        "@type": "Dataset",
        "name": "Custodiet register: what agencies have published about their surveillance AI",
        "description": (
            "Inventories, contract actions, privacy notices and a catalogue with sources, checked by rules against the duty "
            "to publish, each value with a citation to its cell. A gap is not a violation."
        ),
        "creator": OURSELVES,
        "version": site.fingerprint,
        "isAccessibleForFree": True,
        "isBasedOn": [
            {"@type": "Dataset", "name": f"{release['title']}: {name}", "identifier": f"sha256:{release['sha256']}"}
            | ({"url": release["url"]} if release["url"] else {})
            | ({"datePublished": str(release["published"])} if release["published"] else {})
            for name, release in sorted(site.releases.items())
            if release["status"] == "read"
        ],
        "distribution": [
            {"@type": "DataDownload", "name": name, "contentUrl": f"{base}tables/{name}.{form}",
             "encodingFormat": media_type.partition(";")[0]}
            for name in DISTRIBUTED
            for form, media_type in TABLE_FORMS.items()
        ],
    }  # fmt: skip


def review_claim(finding: Mapping[str, Any], url: str) -> dict[str, Any] | None:
    """Return the review of a claim that somebody made and a test of the bench checked; None for any other finding.

    A finding about a record checks no claim of anybody's, so it is no ClaimReview.
    """
    if finding["rule"] != CHECKS_CLAIMS or finding["outcome"] not in RATINGS:
        return None
    value, words = RATINGS[finding["outcome"]]
    return {
        "@context": CONTEXT,
        "@type": "ClaimReview",
        "url": url,
        "author": OURSELVES,
        "claimReviewed": finding["subject"]["name"],
        "reviewBody": f"{finding['reason']} {finding['does_not_show']}",
        "reviewRating": {"@type": "Rating", "ratingValue": value, "worstRating": 1, "bestRating": 3, "alternateName": words},
    }


def describe_page(site: Site, page: Page) -> Markup:
    """Return what the head of a page says to machines: the dataset on the front and the sources, a review on its finding."""
    if page.path in ("index.html", "sources/index.html"):
        return write_script(describe_dataset(site, page.path))
    finding = page.context.get("finding")
    review = review_claim(finding, f"{site.options.base_url}{page.path}") if isinstance(finding, Mapping) else None
    return write_script(review) if review else Markup("")


def cite_page(site: Site, page: Page) -> str:
    """Return how a page is cited: what, from which register, and where."""
    where = f" {site.options.base_url}{page.path}?register={site.short_hash}" if site.options.base_url else ""
    return f"Custodiet, “{page.title}”, register {site.fingerprint}.{where}"
