"""A docket as what a document rests on: its papers, its sales, and the root of its signed log."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from custodiet.docket.cases import Case, find_case, read_cases
from custodiet.docket.identity import Place, load_keys
from custodiet.docket.log import read_log
from custodiet.docket.sales import Listed, list_sales
from custodiet.documents.facts import Measured
from custodiet.documents.kind import Kind
from custodiet.model.errors import DocketError, DocumentError
from custodiet.model.text import echo


@dataclass(frozen=True)
class Docket:
    """A docket that was verified, with the root of its signed log."""

    cases: Mapping[int, Case]
    sales: tuple[Listed, ...]
    root: str

    def source(self, what: str) -> Measured:
        """Return the log as what a sentence rests on, and which part of it.

        How many entries it has is for nobody outside to know: papers whose existence is secret count among them.
        """
        return Measured("our docket", self.root, what)


def open_docket(folder: Path, key: Path | None) -> Docket:
    """Return a docket, verified.

    Raises:
        DocketError: none is there, or it was tampered with.
        InputError: its key is not there.

    """
    place = Place(folder)
    if not place.exists():
        raise DocketError(
            f"{place.folder}: no docket is here; begin one with `custodiet docket add`, or name it with `--docket`."
        )
    keys = load_keys(key, place)
    log = read_log(place, keys.public, keys.cipher)
    return Docket(read_cases(log, keys), tuple(list_sales(log, keys)), log.checkpoint.root.hex())


def find_entry(docket: Docket, kind: Kind, subject: str | None) -> Mapping[str, Any]:
    """Return an entry of the docket as the subject of a document.

    Raises:
        DocumentError: it was not named by its number.
        DocketError: no paper has this number.

    """
    if subject is None:
        raise DocumentError(f"{kind.kind} needs a paper of the docket: its number, as `custodiet docket list` has it.")
    if not subject.isascii() or not subject.isdigit():
        raise DocumentError(f"{echo(subject)} is no number of a paper; `custodiet docket list` has them all.")
    case = find_case(docket.cases, int(subject))
    return {"kind": "docket-entry", "id": case.number, "name": f"entry {case.number}"}
