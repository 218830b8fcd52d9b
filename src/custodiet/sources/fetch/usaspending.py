"""Contract actions from USAspending: the search's pages, or the download that the site makes.

Contract: usaspending-api, api_contracts/contracts/v2/search/spending_by_transaction.md, spending_by_transaction_count.md,
bulk_download/awards.md and status.md. The search sorts by one field and numbers its pages; where it gives a cursor
(`last_record_unique_id`, `last_record_sort_value`) that goes along with the next request.
"""

import datetime as dt
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from custodiet.model.errors import FetchError
from custodiet.sources.bureaus import Office
from custodiet.sources.fetch.client import Client
from custodiet.sources.fetch.partial import Partial
from custodiet.sources.fetch.slices import Body, Progress, Slice

SEARCH = "/api/v2/search/spending_by_transaction/"
COUNT = "/api/v2/search/spending_by_transaction_count/"
ORDER = "/api/v2/bulk_download/awards/"
STATUS = "/api/v2/bulk_download/status/"
# Contracts: purchase orders, delivery orders, definitive contracts, calls.
TYPES = ["A", "B", "C", "D"]
FIELDS = [
    "Award ID", "Mod", "Recipient Name", "Recipient UEI", "Action Date", "Action Type", "Transaction Amount",
    "Awarding Agency", "Awarding Sub Agency", "Award Type", "PSC", "NAICS", "Transaction Description",
]  # fmt: skip
# Few records share an award's number, so few can change places where a page ends; a sort by amount has thousands of zeros.
SORT = "Award ID"
PAGE = 100
# The search goes no further back; the download does.
FIRST_DAY = dt.date(2007, 10, 1)
# Seconds between two looks at a download that is being made, and in all.
LOOK_SECONDS = 5.0
DOWNLOAD_SECONDS = 3600.0


def _agency(office: Office) -> dict[str, str]:
    if office.code is None and office.department is None and office.federal_register:
        return {"type": "awarding", "tier": "toptier", "name": office.name}
    named = {"type": "awarding", "tier": "subtier", "name": office.name}
    return named | ({"toptier_name": office.department} if office.department else {})


class Search:
    """The search for transactions, as an interface that is fetched slice by slice."""

    most = 2_000
    # 50,000 records in the code that is published, 10,000 by others' experience.
    cap = 10_000
    longest: int | None = None
    # The fields that can be asked for don't hold all that tells two actions apart.
    may_repeat = True

    def __init__(self, client: Client, office: Office) -> None:
        self._client = client
        self._office = office

    def _filters(self, since: dt.date, until: dt.date) -> dict[str, Any]:
        return {
            "award_type_codes": TYPES,
            "time_period": [{"start_date": since.isoformat(), "end_date": until.isoformat()}],
            "agencies": [_agency(self._office)],
        }

    def count(self, since: dt.date, until: dt.date) -> int:
        """Return how many contract actions the site counts."""
        found = self._client.post(COUNT, {"filters": self._filters(since, until)})
        results = found.get("results")
        count = results.get("contracts") if isinstance(results, dict) else None
        if not isinstance(count, int):
            raise FetchError(f"{self._client.host}{COUNT} gives no count of contracts; its interface may have changed.")
        return count

    def pages(self, part: Slice, partial: Partial, *, backwards: bool) -> Iterator[Body]:
        """Give a slice's pages; the journal's first, and never more than its count can fill."""
        body: Body | None = None
        for number in range(1, part.count // PAGE + 3):
            cursor = _cursor(body)
            body = partial.page(part.name, number)
            if body is None:
                request = {
                    "filters": self._filters(part.since, part.until), "fields": FIELDS, "limit": PAGE, "page": number,
                    "sort": SORT, "order": "desc" if backwards else "asc", **cursor,
                }  # fmt: skip
                body = self._client.post(SEARCH, request)
                if not isinstance(body.get("results"), list) or not isinstance(body.get("page_metadata"), dict):
                    raise FetchError(f"{self._client.host}{SEARCH} answered with no page; its interface may have changed.")
                partial.add(part.name, number, body)
            yield body
            if not body["page_metadata"].get("hasNext"):
                return

    def identities(self, body: Body) -> list[str]:
        """Return what tells a page's actions apart: their cells, which hold the award's key and the modification."""
        return [json.dumps(record, sort_keys=True) for record in body["results"]]


def _cursor(body: Body | None) -> dict[str, Any]:
    metadata = body["page_metadata"] if body else {}
    names = ("last_record_unique_id", "last_record_sort_value")
    return {name: metadata[name] for name in names if metadata.get(name) is not None}


def download(
    client: Client, office: Office, since: dt.date, until: dt.date, partial: Partial, progress: Progress
) -> tuple[Path, int]:
    """Order a download of at most a year, wait for it, fetch it, and return where it is and how many rows it should have.

    An order that an earlier run placed is not placed again.

    Raises:
        FetchError: the site can't make it, does not end, or sends another size than it says.

    """
    name = f"{since}..{until}"
    order = partial.page(name, 1)
    if order is None:
        filters = {
            "prime_award_types": TYPES, "date_type": "action_date", "agencies": [_agency(office)],
            "date_range": {"start_date": since.isoformat(), "end_date": until.isoformat()},
        }  # fmt: skip
        order = client.post(ORDER, {"filters": filters, "file_format": "csv"})
        if not isinstance(order.get("file_name"), str):
            raise FetchError(f"{client.host}{ORDER} took no order; its interface may have changed.")
        partial.add(name, 1, order)
    began = time.monotonic()
    while True:
        state = client.get(STATUS, {"file_name": order["file_name"]})
        if state.get("status") == "finished":
            break
        if state.get("status") == "failed":
            partial.drop(name)
            raise FetchError(f"{client.host} could not make the download; fetch again, or without `--bulk`.")
        if time.monotonic() - began > DOWNLOAD_SECONDS:
            raise FetchError(f"{client.host} has not made the download yet; fetch again later: the order stands.")
        progress(f"the site is making the download ({time.monotonic() - began:.0f} s)")
        time.sleep(LOOK_SECONDS)
    rows, address = state.get("total_rows"), state.get("file_url") or order.get("file_url")
    if not isinstance(rows, int) or not isinstance(address, str):
        raise FetchError(f"{client.host}{STATUS} does not say where the download is; its interface may have changed.")
    progress("downloading")
    place = partial.folder / "download.zip"
    client.download(address, place)
    return place, rows
