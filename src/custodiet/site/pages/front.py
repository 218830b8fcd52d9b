"""The front page: what the register holds, how complete it is, and the sharpest of what it shows."""

from collections.abc import Iterator, Sequence

from custodiet import questions
from custodiet.site.page import Kind, Page
from custodiet.site.site import Site


def pages(site: Site, keys: Sequence[str]) -> Iterator[Page]:
    """Give the front page."""
    for _ in keys:
        yield Page(
            "index.html",
            "What surveillance AI the government says it uses",
            "front.html",
            {"summary": questions.summarise(site.register)},
            about="Published records of government surveillance AI, checked against the duties to publish, cited to the cell.",
        )


KINDS = (Kind("front", lambda _: [("front", "index")], pages),)
