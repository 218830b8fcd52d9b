"""A made-up docket to try things on, with a trap of each kind; nothing in it is real."""

import datetime as dt
import importlib.resources
from pathlib import Path

from custodiet.docket import acts
from custodiet.docket.entry import make_request
from custodiet.docket.sales import add_sale
from custodiet.docket.writing import Writer
from custodiet.model.errors import InputError
from custodiet.model.plain_yaml import load_yaml

BUYER = "U.S. Immigration and Customs Enforcement"
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
    """Add so many made-up papers to a docket, in turns of each kind; see the first through to its end, and list a sale."""
    text = importlib.resources.files("custodiet.docket").joinpath("sample.yml").read_text("utf-8")
    kinds = [make_request({**one, "received": received}, "sample.yml") for one in load_yaml(text)]
    requests = [kinds[i % len(kinds)] for i in range(papers)]
    numbers = acts.add_requests(writer, requests, now)
    if not numbers:
        return
    first = numbers[0]
    acts.decide(writer, first, "disclose", "R. Example", "A warrant of a court, verified, for one mailbox.", now)
    acts.approve(writer, first, "S. Sample", now)
    acts.approve(writer, first, "T. Instance", now)
    acts.do_step(writer, first, "produce", "S. Sample", received, now, accounts=1, note="One mailbox, for the days named.")
    acts.do_step(writer, first, "close", "S. Sample", received, now)
    sale = {"buyer": BUYER, "product": "Example vehicle sightings", "signed": received, "usd": 100000, "by": "S. Sample"}
    add_sale(writer, sale | {"data": ["location"]}, now)
