"""`llms.txt`: what this site is, in plain words and with addresses, for programs that read it for people (llmstxt.org)."""

from custodiet.site.feeds import list_feeds
from custodiet.site.links import SECTIONS
from custodiet.site.site import Site
from custodiet.site.tables import list_tables

WHAT = (
    "Custodiet reads what agencies have published about their own surveillance AI (inventories, contract actions, privacy "
    "notices) and checks it against what the government's own memos demand. Every value has a citation: release, row and "
    "column of a file with a hash."
)
HOW = (
    "A gap is not a violation: it says what a public record does not show. Quote it with its limits, which stand beside it.",
    "`cannot-tell` is an answer. An empty cell can be blank, not applicable, or not asked; these differ.",
    "What was procured, what is deployed and what is used are three claims, never one.",
    "A grade (Known, Likely, Inferred, Disputed, Unknown) is derived from the sources, and belongs to its claim.",
    "Sums of obligations are no award's value, and a year whose file was cut off says so.",
    "Nothing here is about a private person, and nothing here finds one.",
)


def write_llms(site: Site) -> str:
    """Return the text of the file."""
    base = site.options.base_url
    feeds = [path for path, (kind, _) in list_feeds(site).items() if kind == "rule"]
    tables = [name for name in list_tables(site) if not name.startswith("gaps-")]
    lines = [
        "# Custodiet",
        "",
        f"> {WHAT}",
        "",
        f"Register {site.fingerprint}. A permalink with `?register={site.short_hash}` says which register it was made from.",
        "",
        *(f"- {sentence}" for sentence in HOW),
        "",
        "## Pages",
        "",
        *(
            f"- [{name}]({base}{path})"
            for name, path in (("Front", "index.html"), *SECTIONS, ("How to read this", "how-to-read.html"))
        ),
        "",
        "## Data",
        "",
        *(f"- [{name} as JSON]({base}tables/{name}.json): also as .csv and .xlsx" for name in tables),
        "",
        "## Feeds",
        "",
        *(f"- [{site.rules[path.split('/')[-1].removesuffix('.xml')]['title']}]({base}{path})" for path in feeds),
    ]
    return "\n".join(lines) + "\n"
