"""A made-up docket to try things on, with a trap of each kind; nothing in it is real."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from custodiet.docket import acts
from custodiet.docket.entry import make_request
from custodiet.docket.sales import add_sale
from custodiet.docket.writing import Writer
from custodiet.model.errors import InputError

VERIFIED = {
    "by": "R. Example",
    "on": "2026-03-03",
    "how": "called the switchboard",
    "contact": "found-independently",
}
ICE = "U.S. Immigration and Customs Enforcement"
COURT = "United States District Court for the Example District"
# Papers of each kind, and those whose title or haste would mislead.
PAPERS: tuple[Mapping[str, Any], ...] = (
    {"issuer": COURT, "signatory_title": "United States Magistrate Judge", "title": "Search and Seizure Warrant", "form_number": "AO 93",
     "case": "26-mj-0001", "signed": "yes", "signature_date": "2026-03-01", "execution_until": "2026-03-15", "place_described": "yes",
     "records": "contents of one mailbox", "data": ["content"], "accounts": 1, "verified": VERIFIED},
    {"issuer": ICE, "signatory_title": "Supervisory Detention and Deportation Officer", "title": "Warrant for Arrest of Alien",
     "form_number": "I-200", "signed": "yes", "signature_date": "2026-03-01", "subject": "named"},
    {"issuer": ICE, "signatory_title": "Field Office Director", "title": "Warrant of Removal/Deportation", "form_number": "I-205",
     "signed": "yes", "signature_date": "2026-03-01", "subject": "named"},
    {"issuer": ICE, "signatory_title": "Deportation Officer", "title": "Immigration Enforcement Subpoena", "form_number": "I-138",
     "authority": "8 U.S.C. § 1225(d)(4)(A)", "signed": "yes", "signature_date": "2026-03-01", "return_date": "2026-03-20",
     "records": "addresses of customers", "data": ["subscriber"], "accounts": 3},
    {"issuer": "Homeland Security Investigations", "signatory_title": "Special Agent", "title": "Summons", "authority": "19 U.S.C. § 1509",
     "predicate": "investigation of protest activity", "signed": "yes", "signature_date": "2026-03-01", "return_date": "2026-03-12",
     "records": "payments", "data": ["records"], "breadth": ["all-records"]},
    {"issuer": "Example City Police Department", "signatory_title": "Detective", "title": "EMERGENCY", "command": "disclose-in-emergency",
     "predicate": "imminent danger of death", "records": "location of a phone", "data": ["location"], "accounts": 1},
    {"issuer": "Federal Bureau of Investigation", "signatory_title": "Special Agent in Charge", "authority": "18 U.S.C. § 2709",
     "signed": "yes", "signature_date": "2026-02-27", "records": "subscriber records", "data": ["subscriber"], "accounts": 1,
     "gag": {"ground": "statute", "authority": "18 U.S.C. § 2709(c)"}},
    {"issuer": "United States Attorney's Office", "signatory_title": "Assistant United States Attorney", "authority": "18 U.S.C. § 2703(f)",
     "records": "one account", "accounts": 1},
    {"issuer": COURT, "signatory_title": "United States District Judge", "authority": "18 U.S.C. § 2703(d)", "signed": "yes",
     "signature_date": "2026-03-01", "records": "log-in records", "data": ["records"], "accounts": 1, "return_date": "2026-03-30",
     "gag": {"ground": "court-order", "authority": "18 U.S.C. § 2705(b)", "expires": "2026-09-01"}, "verified": VERIFIED},
    {"issuer": "Example County Sheriff", "signatory_title": "Sergeant", "title": "Warrant request", "command": "produce",
     "records": "everything on one customer"},
)  # fmt: skip
ENTRY = """\
# A paper that was served. What it does not say is left out. There is no field for whom it seeks.
paper: paper.txt
title: Administrative Warrant
issuer: U.S. Immigration and Customs Enforcement
signatory_title: Deportation Officer
signed: yes
signature_date: 2026-03-01
form_number: I-200
subject: named
received: 2026-03-02
received_by: Front desk
service: in person
addressed_to_us: unknown
"""
PAPER = "A made-up paper, to try `custodiet docket add entry.yml`.\n"


def write_model(folder: Path) -> tuple[Path, Path]:
    """Write a made-up paper and its entry, to try `docket add` on; return both files.

    Raises:
        InputError: one is there already, or can't be written.

    """
    files = folder / "entry.yml", folder / "paper.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in zip(files, (ENTRY, PAPER), strict=True):
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
    except FileExistsError as error:
        raise InputError(f"{error.filename}: is there already; name another folder.") from None
    except OSError as error:
        raise InputError(f"{folder}: can't be written to ({error.strerror}); name another folder.") from None
    return files


def fill(writer: Writer, papers: int, received: dt.date, now: dt.datetime) -> None:
    """Add so many made-up papers to a docket, in turns of each kind; see the first of them through to its end, and list a sale."""
    requests = [make_request({**PAPERS[i % len(PAPERS)], "received": received}, "sample") for i in range(papers)]
    numbers = acts.add_requests(writer, requests, now)
    if not numbers:
        return
    first = numbers[0]
    acts.decide(writer, first, "disclose", "R. Example", "A warrant of a court, verified, for one mailbox.", now)
    acts.approve(writer, first, "R. Example", now)
    acts.approve(writer, first, "S. Sample", now)
    acts.do_step(writer, first, "produce", "S. Sample", received, now, accounts=1, note="One mailbox, for the days named.")
    acts.do_step(writer, first, "close", "S. Sample", received, now)
    sale = {
        "buyer": ICE,
        "product": "Example vehicle sightings",
        "signed": received,
        "usd": 100000,
        "data": ["location"],
        "by": "S. Sample",
    }
    add_sale(writer, sale, now)
