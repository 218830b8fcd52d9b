"""What a fetch has brought so far: a journal on the disk, so that one that was stopped goes on where it stopped."""

import datetime as dt
import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from custodiet.model.errors import FetchError

FOLDER = ".partial"
# Publishers' data change by the day: pages of different days don't make one state.
STALE_SECONDS = 86_400
FORGOTTEN_SECONDS = 7 * 86_400


class Partial:
    """The journal of one query, in a folder of its own; use it as a context manager, and `finish` it."""

    def __init__(self, releases: Path, source: str, query: Mapping[str, Any], *, fresh: bool = False) -> None:
        text = json.dumps(query, sort_keys=True)
        self.folder = releases / FOLDER / f"{source}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
        self._query = text
        self._fresh = fresh
        self._pages: dict[tuple[str, int], dict[str, Any]] = {}
        self._lock = -1
        # Whether pages of an earlier run were found.
        self.resumes = False

    def __enter__(self) -> Self:
        try:
            _forget(self.folder.parent)
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(self._lock)
                self._lock = -1
                raise FetchError("The same is being fetched already; wait for that to end.") from None
            self._begin()
        except OSError as error:
            raise FetchError(
                f"{self.folder}: can't be written ({error.strerror}); make room, or choose another folder."
            ) from None
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._lock >= 0:
            os.close(self._lock)

    @property
    def _journal(self) -> Path:
        return self.folder / "journal.jsonl"

    def _begin(self) -> None:
        query = self.folder / "query.json"
        is_stale = query.is_file() and time.time() - query.stat().st_mtime > STALE_SECONDS
        if self._fresh or is_stale:
            for path in self.folder.iterdir():
                if path.name != "lock":
                    path.unlink()
        if not query.is_file():
            query.write_text(self._query, "utf-8")
        self._read()

    def _read(self) -> None:
        """Read the journal; a line that a kill cut off is taken away."""
        if not self._journal.is_file():
            return
        content = self._journal.read_bytes()
        good = 0
        for line in content.splitlines(keepends=True):
            try:
                entry = json.loads(line) if line.endswith(b"\n") else None
            except ValueError:
                entry = None
            if entry is None:
                break
            good += len(line)
            self._take(entry)
        if good < len(content):
            os.truncate(self._journal, good)
        self.resumes = bool(self._pages)

    def _take(self, entry: dict[str, Any]) -> None:
        if "dropped" in entry:
            self._pages = {key: body for key, body in self._pages.items() if key[0] != entry["dropped"]}
        else:
            self._pages[entry["slice"], entry["page"]] = entry["body"]

    def page(self, part: str, number: int) -> dict[str, Any] | None:
        """Return a page of a part of the query, if it is there."""
        return self._pages.get((part, number))

    def add(self, part: str, number: int, body: Mapping[str, Any]) -> None:
        """Keep a page."""
        self._append({"slice": part, "page": number, "body": body})

    def drop(self, part: str) -> None:
        """Forget a part whose pages don't fit together."""
        self._append({"dropped": part})

    def _append(self, entry: dict[str, Any]) -> None:
        try:
            with self._journal.open("ab") as stream:
                stream.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise FetchError(f"{self._journal}: can't be written ({error.strerror}); make room, and fetch again.") from None
        self._take(entry)

    def finish(self) -> None:
        """Take the journal away: the release is there."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _forget(folder: Path) -> None:
    for path in folder.glob("*") if folder.is_dir() else ():
        if time.time() - path.stat().st_mtime > FORGOTTEN_SECONDS:
            shutil.rmtree(path, ignore_errors=True)


def today() -> dt.date:
    """Return the day by which a time that is not over ends."""
    return dt.datetime.now(dt.UTC).date()
