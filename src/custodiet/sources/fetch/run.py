"""Fetch a time of a source, and keep it as a release of the user's own: whole, or not at all."""

import datetime as dt
import json
from pathlib import Path

from custodiet.model.dates import fiscal_days, fiscal_year
from custodiet.model.errors import FetchError
from custodiet.sources.bureaus import Office, find_office
from custodiet.sources.fetch import usaspending
from custodiet.sources.fetch.client import Client
from custodiet.sources.fetch.federal_register import DOCUMENTS, Documents
from custodiet.sources.fetch.partial import Partial
from custodiet.sources.fetch.sam import SEARCH, Opportunities
from custodiet.sources.fetch.slices import Interface, Progress, fetch_whole
from custodiet.sources.own import Specs, keep, take
from custodiet.sources.spec import Query


def fetch_pages(
    source: str, query: Query, client: Client, releases: Path, specs: Specs, *, fresh: bool = False, progress: Progress
) -> str:
    """Fetch all pages of a query, and return the name of the release; the same bytes are kept once.

    Raises:
        FetchError: there is nothing, or the pages can't be brought to fit the publisher's count.

    """
    office = find_office(query.agency) if query.agency else None
    if source == "usaspending" and query.since < usaspending.FIRST_DAY:
        raise FetchError(f"The search knows nothing before {usaspending.FIRST_DAY}; fetch a later time, or with `--bulk`.")
    interface, path = _interface(source, client, office)
    with Partial(
        releases, source, {"source": source, "base": client.base, **query.model_dump(mode="json")}, fresh=fresh
    ) as partial:
        if partial.resumes:
            progress("going on where an earlier fetch stopped")
        whole = fetch_whole(interface, query.since, query.until, partial, progress)
        if whole.counted == 0:
            partial.finish()
            raise _nothing(source, query)
        content = "".join(json.dumps(page, ensure_ascii=False) + "\n" for page in whole.pages).encode()
        name = _keep(content, source, query, f"{client.base}{path}", whole.counted, releases, specs)
        partial.finish()
    return name


def fetch_downloads(
    query: Query, client: Client, releases: Path, specs: Specs, *, fresh: bool = False, progress: Progress
) -> list[str]:
    """Fetch the site's own downloads of a query, one a fiscal year, and return the names of the releases.

    Raises:
        FetchError: the site can't make one, or it has not the rows that the site says.

    """
    assert query.agency is not None
    office = find_office(query.agency)
    names = []
    for year in range(fiscal_year(query.since.isoformat()), fiscal_year(query.until.isoformat()) + 1):
        first, last = fiscal_days(year)
        part = Query(agency=query.agency, since=max(first, query.since), until=min(last, query.until))
        key = {"source": "usaspending", "base": client.base, "bulk": True, **part.model_dump(mode="json")}
        with Partial(releases, "usaspending", key, fresh=fresh) as partial:
            place, rows = usaspending.download(client, office, part.since, part.until, partial, progress)
            if rows > 0:
                url = f"{client.base}{usaspending.ORDER}"
                names.append(_keep(place.read_bytes(), "usaspending", part, url, rows, releases, specs))
            partial.finish()
    if not names:
        raise _nothing("usaspending", query)
    return names


def _interface(source: str, client: Client, office: Office | None) -> tuple[Interface, str]:
    if source == "usaspending":
        if office is None:
            raise FetchError("Say whose contracts to fetch with `--agency`.")
        return usaspending.Search(client, office), usaspending.SEARCH
    if source == "federal-register":
        if office is not None and office.federal_register is None:
            known = "https://www.federalregister.gov/agencies"
            raise FetchError(
                f"The Federal Register's name for {office.name!r} is not known here; {known} lists the names it has."
            )
        return Documents(client, office.federal_register if office else None), DOCUMENTS
    return Opportunities(client, office.name.removeprefix("U.S. ") if office else None), SEARCH


def _keep(content: bytes, source: str, query: Query, url: str, counted: int, releases: Path, specs: Specs) -> str:
    shown = f"what {source} sent"
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    taken = take(content, shown, specs, retrieved=now, url=url, query=query, counted=counted, source=source)
    if taken.reading.faults:
        raise FetchError(f"{source}: not whole ({'; '.join(taken.reading.faults)}); nothing was kept, so fetch it again.")
    name, _ = keep(releases, taken)
    return name


def _nothing(source: str, query: Query) -> FetchError:
    whose = f" of {query.agency!r}" if query.agency else ""
    return FetchError(f"{source} has nothing{whose} from {query.since} to {query.until}; check the name and the days.")
