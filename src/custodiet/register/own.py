"""Add, list and remove a user's own releases: files that no source pins."""

import datetime as dt
import hashlib
import json
import re
from pathlib import Path
from typing import Any

from custodiet.model.errors import InputError, QuestionError
from custodiet.register import settings
from custodiet.sources import own
from custodiet.sources.archives import pack
from custodiet.sources.bureaus import find_office
from custodiet.sources.obtain import cached_file, write_whole
from custodiet.sources.spec import Query, read_specs
from custodiet.sources.tables import read_bytes

_NAMED_DAY = re.compile(r"(20\d{2})-?(\d{2})-?(\d{2})")
remove = own.remove


def as_query(agency: str | None, since: dt.date | None, until: dt.date | None) -> Query | None:
    """Return what a user says that a file was asked for, or None where nothing is said.

    Raises:
        QuestionError: only a part of it, or a time that ends before it begins.

    """
    if agency is None and since is None and until is None:
        return None
    if agency is None or since is None or until is None:
        raise QuestionError("Say all of `--agency`, `--since` and `--until`, or none of them.")
    if until < since:
        raise QuestionError(f"The time from {since} to {until} ends before it begins.")
    return Query(agency=find_office(agency).short, since=since, until=until)


def add(folder: Path, path: Path, *, query: Query | None = None, retrieved: dt.date | None = None) -> dict[str, Any]:
    """Recognise, read and keep a file (or a folder of pages as one release); return its description, and whether it is `new`.

    A file that a source pins is put where `build` looks for earlier downloads, and stays what its source says that it is.

    Raises:
        InputError: it can't be read, or has no layout that is known.

    """
    content = _pack_folder(path) if path.is_dir() else read_bytes(path, str(path))
    if pinned := _pinned(content):
        return pinned
    when = dt.datetime.combine(retrieved or _day_of(path), dt.time.min, dt.UTC)
    taken = own.take(content, path.name, read_specs(), retrieved=when, query=query)
    name, is_new = own.keep(folder, taken)
    kept = next(each for each in describe(folder) if each["release"] == name)
    return kept | {"new": is_new}


def _pinned(content: bytes) -> dict[str, Any] | None:
    """Put a pinned release's file among the earlier downloads, and return its description; None where it is none."""
    digest = hashlib.sha256(content).hexdigest()
    for spec, _ in read_specs():
        for release in spec.releases:
            if release.sha256 == digest:
                place = cached_file(settings.cache_path(), release)
                is_new = not place.is_file()
                try:
                    write_whole(place, content)
                except OSError as error:
                    raise InputError(f"{place}: can't be written ({error.strerror}); put the file into a mirror.") from None
                return {
                    "release": release.release, "source": spec.id, "form": release.form, "role": release.role,
                    "rows": release.assertions.rows, "retrieved": str(release.published or ""), "url": release.url,
                    "query": None, "sha256": digest, "completeness": "pinned",
                    "completeness_reason": "the file that its source pins; `build` finds it among the earlier downloads",
                    "new": is_new,
                }  # fmt: skip
    return None


def describe(folder: Path) -> list[dict[str, Any]]:
    """Return the description of every own release, the oldest first.

    Raises:
        InputError: one can't be read.

    """
    found = []
    for source, release in own.read_own(folder):
        described = json.loads((folder / release.folder / own.DESCRIPTION).read_text("utf-8"))
        found.append({
            "release": release.release, "source": source, "form": release.form, "role": release.role,
            "rows": release.assertions.rows, "retrieved": described["retrieved"], "url": release.url,
            "query": described["query"], "sha256": release.sha256, "completeness": described["completeness"],
            "completeness_reason": described["completeness_reason"],
        })  # fmt: skip
    return found


def _pack_folder(folder: Path) -> bytes:
    files = {path.name: read_bytes(path, path.name) for path in sorted(folder.iterdir()) if path.is_file()}
    if not files:
        raise InputError(f"{folder}: the folder is empty; name one with the files of one download.")
    return pack(files)


def _day_of(path: Path) -> dt.date:
    """Return the day of a download: the one in its name, which USAspending writes there, else the file's own."""
    if found := _NAMED_DAY.search(path.name):
        try:
            return dt.date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            pass
    try:
        return dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC).date()
    except OSError as error:
        raise InputError(f"{path}: can't be read ({error.strerror}); check the file and its rights.") from None
