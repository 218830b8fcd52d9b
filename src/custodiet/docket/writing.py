"""Write to the log: one writer at a time, on the disk before it is acknowledged, and never half of an entry.

An entry counts as acknowledged when it is on the disk and signed. Who is stopped before that leaves a torn line, which the
next writer drops, or a whole one, which the next writer signs if it was sealed with the docket's key.
"""

import contextlib
import datetime as dt
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from custodiet.docket.checkpoint import Checkpoint, sign_checkpoint
from custodiet.docket.identity import Keys, Place
from custodiet.docket.lines import Entry, join_line, read_line, write_line
from custodiet.docket.log import Log, locked, read_log_unlocked
from custodiet.docket.sealed import Head, seal
from custodiet.model.errors import DocketError
from custodiet.model.merkle import root_of
from custodiet.store.drafts import draft_beside, remove, remove_abandoned, sync

PRIVATE = 0o600


@dataclass(frozen=True)
class Draft:
    """An entry to be: its kind, the entry that it is about, its fields, and the entries whose fields it erases."""

    kind: str
    fields: Mapping[str, Any]
    about: int | None = None
    erased: tuple[int, ...] = ()


@dataclass
class Writer:
    """A docket whose lock is held."""

    place: Place
    keys: Keys
    log: Log
    notices: list[str] = field(default_factory=list)

    def append(self, drafts: Sequence[Draft], now: dt.datetime) -> list[Entry]:
        """Add entries, all or none; return them once they are on the disk and signed.

        Raises:
            DocketError: they can't be written; nothing was added.

        """
        lines = self._seal(drafts, now)
        entries = [read_line(line[:-1]) for line in lines]
        try:
            with self.place.log.open("r+b", buffering=0) as file:
                file.seek(self.log.length)
                try:
                    _write(file.fileno(), b"".join(lines))
                    self._sign((*self.log.entries, *entries), self.log.length + sum(map(len, lines)))
                except OSError:
                    # What was never acknowledged is taken back; should that fail too, the next writer does it.
                    with contextlib.suppress(OSError):
                        os.ftruncate(file.fileno(), self.log.length)
                    raise
        except OSError as error:
            raise _unwritten(self.place, error) from None
        return entries

    def replace(self, kept: Mapping[int, frozenset[str]], event: Draft, now: dt.datetime) -> Entry:
        """Erase fields of entries, and add the entry that says so, in one step; return that entry.

        `kept` has the numbers of the entries, and which of their fields stay. Leaves, root and proofs stay as they are.

        Raises:
            DocketError: it can't be written; nothing was erased.

        """
        lines = []
        for entry in self.log.entries:
            stay = kept.get(entry.head.number)
            lines.append(join_line(entry.data, [box.box if stay is None or box.name in stay else "" for box in entry.boxes]))
        lines += self._seal([event], now)
        draft = draft_beside(self.place.log, "writing")
        try:
            _write_new(draft, b"".join(lines))
            self._sign(tuple(read_line(line[:-1]) for line in lines), sum(map(len, lines)), draft)
        except OSError as error:
            remove(draft)
            raise _unwritten(self.place, error) from None
        return self.log.entries[-1]

    def _seal(self, drafts: Sequence[Draft], now: dt.datetime) -> list[bytes]:
        at = now.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        lines = []
        for number, draft in enumerate(drafts, start=len(self.log.entries) + 1):
            head = Head(number, at, draft.kind, draft.about, draft.erased)
            lines.append(write_line(head, seal(self.keys.cipher, self.keys.origin, head, draft.fields)))
        return lines

    def _sign(self, entries: tuple[Entry, ...], length: int, rewritten: Path | None = None) -> None:
        checkpoint = Checkpoint(self.keys.origin, len(entries), root_of([entry.leaf for entry in entries]))
        note = sign_checkpoint(checkpoint, self.keys.signer)
        _publish(self.place, note, rewritten)
        self.log = Log(self.keys.public, checkpoint, note, entries, length)


@contextlib.contextmanager
def writing(place: Place, keys: Keys) -> Iterator[Writer]:
    """Hold a docket to write to it, made if it is not there, verified if it is, and mended where a writer was stopped.

    Raises:
        DocketError: it was tampered with, is of another key, or can't be written to.

    """
    mask = os.umask(0o077)
    try:
        try:
            place.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritten(place, error) from None
        with locked(place, exclusive=True):
            yield _open(place, keys)
    finally:
        os.umask(mask)


def _open(place: Place, keys: Keys) -> Writer:
    try:
        for path in (place.checkpoint, place.log):
            remove_abandoned(path, "writing")
        if not place.exists():
            _begin(place, keys)
        log = read_log_unlocked(place, keys.public, keys.cipher)
        writer = Writer(place, keys, log, list(log.notices))
        if not place.log.exists():
            _write_new(place.log, b"")
            sync(place.folder)
        with place.log.open("r+b") as file:
            # A copy that was put back may have come with other rights.
            os.fchmod(file.fileno(), PRIVATE)
            if file.seek(0, os.SEEK_END) > log.length:
                file.truncate(log.length)
                os.fsync(file.fileno())
        if len(log.entries) > log.checkpoint.size:
            writer._sign(log.entries, log.length)
    except OSError as error:
        raise _unwritten(place, error) from None
    return writer


def _begin(place: Place, keys: Keys) -> None:
    place.folder.chmod(0o700)
    _write_new(place.public_key, (keys.public.as_text() + "\n").encode())
    _publish(place, sign_checkpoint(Checkpoint(keys.origin, 0, root_of([])), keys.signer))


def _publish(place: Place, note: str, rewritten: Path | None = None) -> None:
    """Put a checkpoint in its place; before it a rewritten log, once both are on the disk, which may be full."""
    draft = draft_beside(place.checkpoint, "writing")
    try:
        _write_new(draft, note.encode())
        if rewritten is not None:
            rewritten.replace(place.log)
            sync(place.folder)
        draft.replace(place.checkpoint)
    finally:
        remove(draft)
    # The entries are on the disk already. Should this renaming be lost with the power, the next writer signs them again.
    with contextlib.suppress(OSError):
        sync(place.folder)


def _write_new(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
    try:
        _write(handle, data)
    finally:
        os.close(handle)


def _write(handle: int, data: bytes) -> None:
    """Write all of it, and return when it is on the disk."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]
    os.fsync(handle)


def _unwritten(place: Place, error: OSError) -> DocketError:
    why = error.strerror or str(error)
    return DocketError(
        f"{place.folder}: can't be written to ({why}), and nothing was added; make room, or name another docket."
    )
