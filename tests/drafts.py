"""A made-up docket with its key as files, for documents that are drafted from one."""

import datetime as dt
from pathlib import Path

from custodiet.docket.identity import Place, load_keys
from custodiet.docket.sample import fill
from custodiet.docket.writing import writing

RECEIVED = dt.date(2026, 3, 2)
NOW = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)


def write_docket(folder: Path, papers: int = 10) -> tuple[Path, Path]:
    """Write a docket of made-up papers, one of each kind and trap; return its folder and its key."""
    place, key = Place(folder / "docket"), folder / "docket.key"
    with writing(place, load_keys(key, place)) as writer:
        fill(writer, papers, RECEIVED, NOW)
    return place.folder, key
