"""Audits and benches that lie in a folder: found by what is in them, and opened file by file from a list of ours."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from custodiet.access_log.figures import list_figures
from custodiet.governance.audits import FILE, read_audit
from custodiet.model.errors import CustodietError, InputError
from custodiet.sources.tables import read_bytes

AUDIT, BENCH = "audit", "bench"
BENCH_FILE = "report.json"
# What a browser may have of a run's folder. The log that an audit keeps is not among them: it stays with its owner.
FILES = {
    "report.html": "text/html; charset=utf-8", "report.pdf": "application/pdf", "audit.json": "application/json",
    "report.json": "application/json", "manifest.json": "application/json", "findings.csv": "text/csv; charset=utf-8",
    "measures.csv": "text/csv; charset=utf-8", "months.csv": "text/csv; charset=utf-8",
    "organisations.csv": "text/csv; charset=utf-8", "model-card.md": "text/plain; charset=utf-8",
}  # fmt: skip


class _Gate(BaseModel):
    outcome: str
    reason: str
    says: str | None = None
    claim: str | None = None


class _Section(BaseModel):
    title: str
    paragraphs: list[str]


class _Bench(BaseModel):
    title: str
    gates: list[_Gate]
    sections: list[_Section]


class _Finding(BaseModel):
    rule: str
    title: str
    outcome: str
    reason: str
    does_not_show: str
    unverified: bool


class _About(BaseModel):
    producer: str | None


class _Integrity(BaseModel):
    warnings: list[str]


class _File(BaseModel):
    file: str
    bytes: int
    sha256: str


class _Manifest(BaseModel):
    files: list[_File]


class _Audit(BaseModel):
    about: _About
    findings: list[_Finding]
    integrity: _Integrity
    manifest: _Manifest


# What the pages of runs show of a result; a file that somebody changed may have anything in these places.
_SHAPES: Mapping[str, type[BaseModel]] = {AUDIT: _Audit, BENCH: _Bench}
# The name of a run in an address: its folder's own, where that is plain.
PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


@dataclass(frozen=True)
class Run:
    """One audit or bench: its name in an address, its folder, and what it says; `fault` where it can't be read."""

    name: str
    kind: str
    folder: Path
    result: Mapping[str, Any]
    fault: str | None = None

    @property
    def title(self) -> str:
        """What it is of."""
        if self.fault:
            return self.name
        return str(self.result["title"] if self.kind == BENCH else self.result["about"]["producer"] or self.name)

    @property
    def files(self) -> list[str]:
        """The files of it that may be had, in the order of `FILES`."""
        return [name for name in FILES if (self.folder / name).is_file() and not (self.folder / name).is_symlink()]

    @property
    def figures(self) -> list[dict[str, Any]]:
        """The measures of an audit, figure by figure."""
        return list_figures(self.result["measures"]) if self.kind == AUDIT and not self.fault else []


def list_runs(folder: Path | None, kind: str) -> dict[str, Run]:
    """Return the runs in a folder, or the folder itself where it is one, by name; nothing where there is no folder.

    A folder that should be a run and can't be read is there with its fault, in place of being left out.
    """
    if folder is None or not folder.is_dir():
        return {}
    marker = FILE if kind == AUDIT else BENCH_FILE
    places = [folder] if (folder / marker).is_file() else sorted(folder.iterdir())
    # A link leads out of the folder that was named, so it is no run of it, and no file of a run.
    runs = [_read(place, kind) for place in places if PLAIN.fullmatch(place.name) and _is_own(place, marker, folder)]
    return {run.name: run for run in runs}


def _is_own(place: Path, marker: str, folder: Path) -> bool:
    found = place / marker
    return found.is_file() and not found.is_symlink() and (place == folder or not place.is_symlink())


def _read(folder: Path, kind: str) -> Run:
    try:
        run = Run(folder.name, kind, folder, read_audit(folder) if kind == AUDIT else _read_bench(folder))
        _SHAPES[kind].model_validate(run.result)
        _ = run.figures
        return run
    except (ValidationError, LookupError, TypeError, ValueError):
        fault = f"{folder.name}: its result has not the parts that are shown here; make it anew with the same command."
        return Run(folder.name, kind, folder, {}, fault)
    except CustodietError as error:
        return Run(folder.name, kind, folder, {}, str(error))


def _read_bench(folder: Path) -> Mapping[str, Any]:
    """Return a report of the bench.

    Raises:
        InputError: the file is none.

    """
    try:
        found: Mapping[str, Any] = json.loads(read_bytes(folder / BENCH_FILE, f"{folder.name}/{BENCH_FILE}"))
        whole = bool(found["bench"] and found["title"]) and isinstance(found["gates"], list) and bool(found["manifest"])
    except (ValueError, KeyError, TypeError, RecursionError):
        whole = False
    if not whole:
        raise InputError(
            f"{folder.name}/{BENCH_FILE}: no report of the bench; make it anew with `custodiet bench ... --out FOLDER`."
        )
    return found
