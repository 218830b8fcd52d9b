"""Sharing lists: with which organisations a producer shared on a day, and by which door a search came in.

The doors are those of the University of Washington Center for Human Rights, "Leaving the Door Wide Open" (2025).
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from custodiet.access_log.cells import Reading, read_released
from custodiet.access_log.files import open_released
from custodiet.access_log.profiles import Profile
from custodiet.access_log.searchers import bare_sql
from custodiet.model.errors import InputError

if TYPE_CHECKING:
    from custodiet.access_log.log import Log

MONTHS = {name: number for number, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1)}  # fmt: skip


@dataclass(frozen=True)
class SharingList:
    """The organisations with which a producer shared, as one file says; `day` is None where the file's name has no date."""

    name: str
    sha256: str
    day: dt.date | None
    shared: frozenset[str]
    rows: int


def read_sharing(path: Path, profiles: Sequence[Profile]) -> SharingList:
    """Return a sharing list.

    Raises:
        InputError: the file is no sharing list.

    """
    readings = [reading for released in open_released([path]) for reading in read_released(released, profiles)]
    lists = [reading for reading in readings if reading.fit.profile.kind == "sharing"]
    if len(lists) != 1 or len(readings) != 1:
        raise InputError(f"{path.name}: is no sharing list; give the vendor's list of shared networks with `--sharing FILE`.")
    return from_reading(lists[0])


def from_reading(reading: Reading) -> SharingList:
    """Return the sharing list that a reading holds."""
    rows = reading.rows if reading.rows is not None else ()
    columns = reading.fit.columns
    organisation, sharing = columns.index("organisation"), columns.index("sharing")
    shared = frozenset(row[organisation] for row in rows if row[sharing].strip())
    return SharingList(reading.name, reading.released.sha256, date_of(reading.name), shared, len(rows))


def date_of(name: str) -> dt.date | None:
    """Return the day that a file's name gives ("SharedNetworks_2025_December_1.xlsx", "2025-12-01"), or None."""
    stem = PurePosixPath(name).name
    found = re.search(r"(20\d\d)[-_. ]([A-Za-z]{3,9})[-_. ](\d{1,2})(?!\d)", stem)
    if found and found[2][:3].lower() in MONTHS:
        parts = int(found[1]), MONTHS[found[2][:3].lower()], int(found[3])
    elif found := re.search(r"(20\d\d)[-_.](\d{1,2})[-_.](\d{1,2})(?!\d)", stem):
        parts = int(found[1]), int(found[2]), int(found[3])
    else:
        return None
    try:
        return dt.date(*parts)
    except ValueError:
        return None


def count_doors(log: "Log") -> tuple[dict[str, int | None], int, str | None]:
    """Return searches by door, how many searches were considered, and why some can't be told."""
    hits = "coalesce(r.immigration, false) or coalesce(r.federal_agency, false)"
    rows = log.database.rows(f"""
        select w.id, w.kind = 'federal' as is_federal, count(*) as n,
          count(*) filter (where {hits}) as hits
        from searches s join words_organisation w on w.id = s.organisation
        left join words_reason r on r.id = s.reason
        where w.state = 'value' group by w.id, w.kind
    """)
    side = sum(hits for _, is_federal, _, hits in rows if not is_federal)
    federal = {number: n for number, is_federal, n, _ in rows if is_federal}
    total = sum(row[2] for row in rows)
    listing = log.sharing
    if listing is None or listing.day is None:
        why = "front and back door need a dated sharing list (`--sharing FILE`, with a date in its name)"
        return {"front": None, "back": None, "side": side, "cannot_tell": sum(federal.values())}, total, why
    names = log.texts("organisation", list(federal))
    bare = dict(log.database.rows(f"select name, {bare_sql('name')} from (select unnest($names::varchar[]) as name)",
                                  {"names": sorted({*names.values(), *listing.shared})}))  # fmt: skip
    shared = {bare[name] for name in listing.shared}
    front = sum(n for number, n in federal.items() if bare[names[number]] in shared)
    why = f"by the sharing list of {listing.day.isoformat()}; what was shared on other days it does not say"
    return {"front": front, "back": sum(federal.values()) - front, "side": side, "cannot_tell": 0}, total, why
