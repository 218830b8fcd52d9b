"""A docket for tests: its keys, and short ways to fill it."""

import datetime as dt
from pathlib import Path
from typing import Any

from custodiet.docket import acts
from custodiet.docket.cases import Case, read_cases
from custodiet.docket.entry import Request, make_request
from custodiet.docket.identity import Place, keys_of
from custodiet.docket.log import Log, read_log
from custodiet.docket.writing import Draft, writing
from custodiet.store.key import Key

KEYS = keys_of(Key(Path("test.key"), is_new=False, secret=b"d" * 32))
OTHER_KEYS = keys_of(Key(Path("other.key"), is_new=False, secret=b"o" * 32))
NOW = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
DAY = NOW.date()
COURT = "United States District Court for the Example District"
ICE = "U.S. Immigration and Customs Enforcement"


def paper(**said: Any) -> Request:
    return make_request({"issuer": ICE, "signatory_title": "Deportation Officer", "received": "2026-03-02"} | said, "test")


def warrant(**said: Any) -> Request:
    return paper(**{"issuer": COURT, "signatory_title": "Magistrate Judge", "form_number": "AO 93", "signed": "yes"} | said)


def add(place: Place, *requests: Request, now: dt.datetime = NOW) -> list[int]:
    with writing(place, KEYS) as writer:
        return acts.add_requests(writer, requests, now)


def add_plain(place: Place, *texts: str) -> list[int]:
    """Add entries of one field each: enough for tests of the log."""
    with writing(place, KEYS) as writer:
        return [entry.head.number for entry in writer.append([Draft("note", {"text": text}) for text in texts], NOW)]


def read(place: Place) -> Log:
    return read_log(place, KEYS.public, KEYS.cipher)


def cases(place: Place) -> dict[int, Case]:
    return read_cases(read(place), KEYS)
