"""What a page is before it is HTML: an address, a template, and plain data. Nothing here knows of the web."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from custodiet.site.site import Site


@dataclass(frozen=True)
class Page:
    """A page: `path` from the site's root ("awards/ice-70ctd0.html"), what fills its template, and what a search finds."""

    path: str
    title: str
    template: str
    context: Mapping[str, Any]
    # One sentence of plain words: the description of the page, and of its hit in a search.
    about: str = ""
    # What a search reads besides title and sentence: names and numbers, never tables.
    words: str = ""
    # The noun of what the page shows ("award"); a list has none, and a search does not find it.
    noun: str = ""
    agency: str = ""
    # The list of which the page shows a part, by its name in tables.py, to take along whole.
    table: str = ""


@dataclass(frozen=True)
class Kind:
    """A kind of pages: which there are, and how to gather many of them at once.

    `keys` returns the key of each with the path of its page, without ".html". `pages` gives the pages of some keys in their
    order; one page and all of them are gathered by the same few statements.
    """

    name: str
    keys: Callable[["Site"], list[tuple[str, str]]]
    pages: Callable[["Site", Sequence[str]], Iterator[Page]]
