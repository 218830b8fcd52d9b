"""Notices from the Federal Register's interface, cut by days so that each slice stays below its cap.

Source: federalregister.gov/developers/documentation/api/v1, documents. The reported count is itself capped, at 10,000 some
say, at 2,000 say others; so a count of 2,000 or more is taken for no count.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from custodiet.model.errors import FetchError
from custodiet.sources.fetch.client import Client
from custodiet.sources.fetch.partial import Partial
from custodiet.sources.fetch.slices import Body, Slice

DOCUMENTS = "/documents.json"
FIELDS = ["title", "type", "abstract", "action", "document_number", "html_url", "publication_date", "agencies"]
PAGE = 1_000


class Documents:
    """The list of documents, as an interface that is fetched slice by slice."""

    most = 1_999
    cap = 2_000
    longest: int | None = None
    may_repeat = False

    def __init__(self, client: Client, slug: str | None) -> None:
        self._client = client
        self._slug = slug

    def _page(self, since: dt.date, until: dt.date, number: int, size: int, *, backwards: bool = False) -> Body:
        parameters: dict[str, Any] = {
            "conditions[type][]": "NOTICE",
            "conditions[publication_date][gte]": since.isoformat(),
            "conditions[publication_date][lte]": until.isoformat(),
            "fields[]": FIELDS, "per_page": size, "page": number, "order": "newest" if backwards else "oldest",
        }  # fmt: skip
        if self._slug:
            parameters["conditions[agencies][]"] = self._slug
        body = self._client.get(DOCUMENTS, parameters)
        if not isinstance(body.get("count"), int):
            raise FetchError(f"{self._client.host}{DOCUMENTS} answered with no count; its interface may have changed.")
        # A search without a result has no list of them.
        body.setdefault("results", [])
        return body

    def count(self, since: dt.date, until: dt.date) -> int:
        """Return how many notices the interface counts."""
        return int(self._page(since, until, 1, 1)["count"])

    def pages(self, part: Slice, partial: Partial, *, backwards: bool) -> Iterator[Body]:
        """Give a slice's pages, the journal's first."""
        for number in range(1, -(-part.count // PAGE) + 1):
            body = partial.page(part.name, number)
            if body is None:
                body = self._page(part.since, part.until, number, PAGE, backwards=backwards)
                partial.add(part.name, number, body)
            yield body

    def identities(self, body: Body) -> list[str]:
        """Return the numbers of a page's documents."""
        return [str(record.get("document_number")) for record in body["results"]]
