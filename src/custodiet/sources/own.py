"""A user's own releases: files that no source pins, kept in the data folder, each beside a `release.json` that describes it.

`<folder>/<source>/<release>/` holds the file and its description. A release gets its place in one step, whole, or not at all.
"""

import csv
import datetime as dt
import hashlib
import io
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from custodiet.model.dates import fiscal_year
from custodiet.model.errors import InputError
from custodiet.sources.files import guess_kind, read_plain
from custodiet.sources.layouts import known_layouts, recognise, refuse_foreign
from custodiet.sources.readers import read_release
from custodiet.sources.reading import Reading
from custodiet.sources.solicitations.read import strip_people
from custodiet.sources.spec import Assertions, Query, Release, SourceSpec

DESCRIPTION = "release.json"
FILES = {"csv": "file.csv", "zip": "file.zip", "pages": "pages.jsonl"}
ABANDONED_SECONDS = 86_400
Specs = list[tuple[SourceSpec, Path]]


@dataclass(frozen=True)
class Taken:
    """A file that was recognised and read: its source, what it is, what is in it, and the bytes to keep."""

    source: str
    release: Release
    reading: Reading
    content: bytes


def take(
    content: bytes,
    shown: str,
    specs: Specs,
    *,
    retrieved: dt.datetime,
    url: str | None = None,
    query: Query | None = None,
    counted: int | None = None,
    source: str | None = None,
) -> Taken:
    """Recognise a file by its columns and read it whole; `source` says of which it must be, where that is known.

    Raises:
        InputError: no layout that is known, or the file can't be read.

    """
    kind = guess_kind(content, shown)
    known = [each for each in known_layouts(specs) if source in (None, each.spec.id)]
    if kind == "csv" and (headers := _first_row(content)):
        # Before the rows are read: an error in one of them names a column.
        refuse_foreign(headers, known, shown)
    table = read_plain(content, kind, "utf-8", shown)
    found = recognise(table.headers, known, shown)
    if found.layout.role == "solicitations":
        if kind != "pages":
            raise InputError(f"{shown}: notices of {found.spec.id} are read as the API's own pages; add those.")
        content = strip_people(content)
        table = read_plain(content, kind, "utf-8", shown)
    digest = hashlib.sha256(content).hexdigest()
    name = f"{found.spec.id}-{retrieved:%Y-%m-%d}-{digest[:8]}"
    last = query.until if query else retrieved.date()
    is_money = found.layout.role not in ("notices", "solicitations")
    release = Release(
        release=name, folder=f"{found.spec.id}/{name}", file=FILES[kind], url=url, sha256=digest, published=retrieved.date(),
        covers=str(fiscal_year(last.isoformat()) if is_money else last.year), layout=kind, form=found.layout.form,
        role=found.layout.role, assertions=Assertions(rows=len(table.rows)), retrieved=retrieved, query=query,
        counted=counted,
    )  # fmt: skip
    return Taken(found.spec.id, release, read_release(table, release, found.form, shown), content)


def _first_row(content: bytes) -> list[str]:
    """Return the first row of a CSV file, empty where it can't be read; reading the whole says why."""
    try:
        return next(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")), [])
    except (UnicodeDecodeError, csv.Error):
        return []


def keep(folder: Path, taken: Taken) -> tuple[str, bool]:
    """Keep a release, and return its name and whether it is new; the same bytes of the same query are kept once.

    Raises:
        InputError: the folder can't be written to.

    """
    release = taken.release
    for _, other in read_own(folder):
        if other.sha256 == release.sha256 and other.role == release.role and other.query == release.query:
            return other.release, False
    place = folder / release.folder
    described = {
        "source": taken.source,
        **release.model_dump(mode="json"),
        "completeness": completeness_of(release, taken.reading),
        "completeness_reason": "; ".join(taken.reading.faults) or "no sign that something is missing",
    }
    draft = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(folder)
        draft = Path(tempfile.mkdtemp(prefix=".adding-", dir=folder))
        _write(draft / release.file, taken.content)
        _write(draft / DESCRIPTION, (json.dumps(described, indent=2, ensure_ascii=False) + "\n").encode())
        place.parent.mkdir(exist_ok=True)
        if place.exists():
            # The same bytes under another query: what is known of the release has changed.
            shutil.rmtree(place)
        draft.rename(place)
    except OSError as error:
        raise InputError(f"{place}: can't be written ({error.strerror}); make room, or choose another folder.") from None
    finally:
        if draft is not None and draft.exists():
            shutil.rmtree(draft, ignore_errors=True)
    return release.release, True


def _remove_abandoned(folder: Path) -> None:
    """Take away what a killed `add` left a day ago or more."""
    for draft in folder.glob(".adding-*"):
        if time.time() - draft.stat().st_mtime > ABANDONED_SECONDS:
            shutil.rmtree(draft, ignore_errors=True)


def completeness_of(release: Release, reading: Reading) -> str:
    """Return `complete`, `incomplete`, or `unknown`: a file without signs of a loss may be a part all the same.

    Only what was asked for can tell what is all.
    """
    if reading.faults:
        return "incomplete"
    return "unknown" if release.is_own and release.query is None else "complete"


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def read_own(folder: Path) -> list[tuple[str, Release]]:
    """Return every own release with its source, the oldest first.

    Raises:
        InputError: a description can't be read.

    """
    found = []
    for path in sorted(folder.glob(f"*/*/{DESCRIPTION}")):
        shown = "/".join(path.parts[-3:])
        try:
            described = json.loads(path.read_text("utf-8"))
            for measured in ("completeness", "completeness_reason"):
                described.pop(measured, None)
            source = str(described.pop("source"))
            release = Release.model_validate(described)
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            first = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error).splitlines()[0]
            raise InputError(f"{shown}: can't be read ({first}); remove that folder, and add the file anew.") from None
        if release.folder != f"{path.parts[-3]}/{path.parts[-2]}" or Path(release.file).name != release.file:
            raise InputError(f"{shown}: describes another folder than its own; remove it, and add the file anew.")
        found.append((source, release))
    return sorted(found, key=lambda pair: (pair[1].retrieved, pair[1].release))


def with_own(specs: Specs, folder: Path) -> Specs:
    """Return the sources with the user's own releases behind the pinned ones.

    Raises:
        InputError: a description can't be read, or is of a source that is not known.

    """
    own = read_own(folder)
    known = {spec.id for spec, _ in specs}
    for source, release in own:
        if source not in known:
            raise InputError(f"{release.folder}/{DESCRIPTION}: there is no source {source!r}; remove that folder.")
    return [
        (spec.model_copy(update={"releases": (*spec.releases, *(r for source, r in own if source == spec.id))}), home)
        for spec, home in specs
    ]


def remove(folder: Path, names: Iterable[str]) -> list[str]:
    """Remove own releases, and return their names.

    Raises:
        InputError: there is no such release.

    """
    own = {release.release: release for _, release in read_own(folder)}
    removed = list(names)
    for name in removed:
        if name not in own:
            known = ", ".join(own) or "none"
            raise InputError(f"{name!r} is no release of yours; they are: {known}.")
    for name in removed:
        try:
            shutil.rmtree(folder / own[name].folder)
        except OSError as error:
            place = folder / own[name].folder
            raise InputError(f"{place}: can't be removed ({error.strerror}); remove it by hand.") from None
    return removed
