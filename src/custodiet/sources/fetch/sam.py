"""Notices of what agencies mean to buy, from SAM.gov; contacts and addresses are gone before a page is kept.

Contract: open.gsa.gov, get-opportunities-public-api: a key, days as MM/dd/yyyy at most one year apart, `limit` to 1,000, and
`offset` as the number of the page from 0. 404 means that there is nothing.
"""

import datetime as dt
from collections.abc import Iterator

from custodiet.model.errors import FetchError
from custodiet.sources.fetch.client import Client, NothingThereError
from custodiet.sources.fetch.partial import Partial
from custodiet.sources.fetch.slices import Body, Slice
from custodiet.sources.solicitations.read import without_people

SEARCH = "/opportunities/v2/search"
PAGE = 1_000


class Opportunities:
    """The search for opportunities, as an interface that is fetched slice by slice."""

    most = 10_000
    cap = 1_000_000
    longest: int | None = 364
    may_repeat = False

    def __init__(self, client: Client, organisation: str | None) -> None:
        self._client = client
        self._organisation = organisation

    def _page(self, since: dt.date, until: dt.date, number: int, size: int) -> Body:
        parameters: dict[str, str | int] = {
            "postedFrom": f"{since:%m/%d/%Y}", "postedTo": f"{until:%m/%d/%Y}", "limit": size, "offset": number,
        }  # fmt: skip
        if self._organisation:
            parameters["organizationName"] = self._organisation
        try:
            body = self._client.get(SEARCH, parameters)
        except NothingThereError:
            return {"totalRecords": 0, "opportunitiesData": []}
        if not str(body.get("totalRecords")).isdigit():
            raise FetchError(f"{self._client.host}{SEARCH} answered with no count; its interface may have changed.")
        return without_people(body)

    def count(self, since: dt.date, until: dt.date) -> int:
        """Return how many notices the interface counts."""
        return int(self._page(since, until, 0, 1)["totalRecords"])

    def pages(self, part: Slice, partial: Partial, *, backwards: bool) -> Iterator[Body]:  # noqa: ARG002 - it has one order
        """Give a slice's pages, the journal's first."""
        for number in range(-(-part.count // PAGE)):
            body = partial.page(part.name, number)
            if body is None:
                body = self._page(part.since, part.until, number, PAGE)
                partial.add(part.name, number, body)
            yield body

    def identities(self, body: Body) -> list[str]:
        """Return the notices' own ids."""
        return [str(record.get("noticeId")) for record in body["opportunitiesData"]]
