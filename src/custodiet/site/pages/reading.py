"""How to read this, and the page of the search."""

from collections.abc import Iterator, Sequence

from custodiet.model.words import CELL_STATES, GRADES, OUTCOMES
from custodiet.site.page import Kind, Page
from custodiet.site.site import Site


def how(_site: Site, keys: Sequence[str]) -> Iterator[Page]:
    """Give the page that says what the words mean."""
    for _ in keys:
        yield Page(
            "how-to-read.html",
            "How to read this",
            "how-to-read.html",
            {"states": CELL_STATES, "outcomes": OUTCOMES, "grades": GRADES},
            about="The words, the grades, the four outcomes, and what Custodiet never does.",
        )


def search(_site: Site, keys: Sequence[str]) -> Iterator[Page]:
    """Give the page of the search, without an answer: a server adds it, and a published site has a script for it."""
    for _ in keys:
        yield Page("search.html", "Search", "search.html", {"query": "", "hits": None})


KINDS = (
    Kind("how", lambda _: [("how", "how-to-read")], how),
    Kind("search", lambda _: [("search", "search")], search),
)
