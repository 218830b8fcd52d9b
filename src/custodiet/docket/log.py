"""The log as it lies on disk: read it, and verify that nothing in it was changed, dropped, or put elsewhere."""

import contextlib
import fcntl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from custodiet.docket.checkpoint import Checkpoint, PublicKey, open_checkpoint, read_public_key
from custodiet.docket.identity import Place
from custodiet.docket.lines import Entry, LineError, read_line
from custodiet.docket.sealed import unseal
from custodiet.model.errors import DocketError
from custodiet.model.merkle import root_of

RESTORE = "restore the docket from a copy that you trust, and keep this one as evidence"


@dataclass(frozen=True)
class Log:
    """The entries of a log that was verified, its last checkpoint, and what there is to know about it."""

    public: PublicKey
    checkpoint: Checkpoint
    note: str
    entries: tuple[Entry, ...]
    # Bytes of the file up to the last entry; what stands behind them was never acknowledged.
    length: int
    notices: list[str] = field(default_factory=list)
    # Whole lines behind the last entry that are none of this docket: no writer that was stopped leaves these.
    foreign: int = 0

    def leaves(self) -> list[bytes]:
        """Return the leaves of the signed entries."""
        return [entry.leaf for entry in self.entries[: self.checkpoint.size]]


@contextlib.contextmanager
def locked(place: Place, *, exclusive: bool = False) -> Iterator[None]:
    """Hold the docket's lock: alone to write, beside others to read. A copy without a lock file is read without one.

    Raises:
        DocketError: the lock can't be had.

    """
    try:
        handle = place.lock.open("ab" if exclusive else "rb")
    except OSError as error:
        if exclusive:
            raise DocketError(
                f"{place.folder}: can't be written to ({error.strerror}); name a docket with `--docket`."
            ) from None
        yield
        return
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
        yield


def read_log(place: Place, public: PublicKey, cipher: AESGCM | None = None) -> Log:
    """Return a docket's log once it is verified; with the cipher, entries behind the checkpoint must open to count.

    Raises:
        DocketError: the docket is missing, was tampered with, or is of another key.

    """
    with locked(place):
        return read_log_unlocked(place, public, cipher)


def read_log_unlocked(place: Place, public: PublicKey, cipher: AESGCM | None = None) -> Log:
    """Return a docket's log, verified, to somebody who holds its lock."""
    note, raw = _read_files(place)
    checkpoint = open_checkpoint(note, public)
    lines = raw.split(b"\n")
    torn = lines.pop()
    size = checkpoint.size
    if len(lines) < size:
        raise DocketError(
            f"{place.log}: {size - len(lines):,} of the {size:,} entries that the checkpoint signs are missing; {RESTORE}."
        )
    signed = [_read_entry(place, number, line) for number, line in enumerate(lines[:size], start=1)]
    if root_of([entry.leaf for entry in signed]) != checkpoint.root:
        raise DocketError(f"{place.log}: {_find_change(signed, cipher, public)}; {RESTORE}.")
    length = sum(len(line) + 1 for line in lines[:size])
    log = _add_unsigned(Log(public, checkpoint, note, tuple(signed), length), lines[size:], torn, cipher)
    # Without the key nobody can tell who wrote what is not signed yet, so it allows nothing.
    _check_erased(place, log.entries, log.entries if cipher else signed)
    return log


def _read_files(place: Place) -> tuple[str, bytes]:
    if not place.exists():
        raise DocketError(
            f"{place.folder}: no docket is here; begin one with `custodiet docket add`, or name it with `--docket`."
        )
    try:
        note = place.checkpoint.read_text("utf-8")
    except FileNotFoundError:
        raise DocketError(f"{place.checkpoint}: the checkpoint is missing, and entries are there; {RESTORE}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise DocketError(f"{place.checkpoint}: can't be read ({_why(error)}); {RESTORE}.") from None
    try:
        return note, place.log.read_bytes()
    except FileNotFoundError:
        # The checkpoint of an empty log is written first, so a log may be missing only then.
        return note, b""
    except OSError as error:
        raise DocketError(f"{place.log}: can't be read ({_why(error)}); see who may read it.") from None


def _why(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or "unknown") if isinstance(error, OSError) else "not UTF-8"


def _read_entry(place: Place, number: int, line: bytes) -> Entry:
    try:
        entry = read_line(line)
    except LineError as error:
        raise DocketError(f"{place.log}, entry {number}: it {error}; {RESTORE}.") from None
    if entry.head.number != number:
        raise DocketError(
            f"{place.log}, entry {number}: entry {entry.head.number} stands in its place, so that entries were dropped, "
            f"repeated or reordered; {RESTORE}."
        )
    return entry


def _find_change(entries: list[Entry], cipher: AESGCM | None, public: PublicKey) -> str:
    """Return which entry was changed: without the key nobody can tell, with it the first whose boxes don't open."""
    if cipher is not None:
        for entry in entries:
            if not is_authentic(entry, cipher, public.name):
                return f"entry {entry.head.number} was changed after it was signed"
    return f"an entry among the {len(entries):,} was changed after they were signed"


def is_authentic(entry: Entry, cipher: AESGCM, origin: str) -> bool:
    """Tell whether whoever holds the key wrote this entry: each box opens, and at least one is there."""
    boxes = [box for box in entry.boxes if box.box]
    return bool(boxes) and all(unseal(cipher, origin, entry.head, box) for box in boxes)


def _check_erased(place: Place, entries: Sequence[Entry], trusted: Sequence[Entry]) -> None:
    """Fields are erased by a retention entry that names them; any other that are gone were taken."""
    allowed = {number for entry in trusted if entry.head.kind == "retention" for number in entry.head.erased}
    for entry in entries:
        gone = [box.name for box in entry.boxes if not box.box]
        if gone and entry.head.number not in allowed:
            raise DocketError(
                f"{place.log}, entry {entry.head.number}: its field {gone[0]} is gone, and no retention entry erased it; "
                f"{RESTORE}."
            )


def _add_unsigned(log: Log, lines: list[bytes], torn: bytes, cipher: AESGCM | None) -> Log:
    """Take in entries that were written whole but not signed: their writer was stopped before it could answer."""
    entries, length, notices = list(log.entries), log.length, []
    for line in lines:
        try:
            entry = read_line(line)
        except LineError:
            break
        if entry.head.number != len(entries) + 1 or (cipher and not is_authentic(entry, cipher, log.public.name)):
            break
        entries.append(entry)
        length += len(line) + 1
    unsigned, dropped = len(entries) - log.checkpoint.size, len(lines) - (len(entries) - log.checkpoint.size)
    if unsigned:
        notices.append(f"{_count(unsigned)} not signed yet, as the writer was stopped; the next one signs.")
    if torn:
        notices.append("A last line that was never acknowledged is torn; the next writer drops it.")
    if dropped:
        notices.append(f"{_count_foreign(dropped)} behind the last entry; the next writer drops that.")
    return Log(log.public, log.checkpoint, log.note, tuple(entries), length, notices, dropped)


def check_end(place: Place, log: Log) -> None:
    """Hold the end of a log against what a stopped writer can leave there.

    Raises:
        DocketError: somebody else wrote behind the last entry, or an entry was repeated there.

    """
    if log.foreign:
        raise DocketError(
            f"{place.log}: {_count_foreign(log.foreign)} behind entry {len(log.entries):,}, so that somebody wrote there or "
            f"repeated an entry; keep a copy as evidence, and the next writer drops that."
        )


def _count_foreign(lines: int) -> str:
    return (
        "A line that is none of this docket stands" if lines == 1 else f"{lines:,} lines that are none of this docket stand"
    )


def _count(entries: int) -> str:
    return "One whole entry is" if entries == 1 else f"{entries:,} whole entries are"


def find_public_key(given: str) -> PublicKey:
    """Return the key to verify with, given as its line or as the file of it.

    Raises:
        DocketError: what was given is no key, or can't be read.

    """
    path = Path(given).expanduser()
    try:
        return read_public_key(path.read_text("utf-8") if path.is_file() else given)
    except (OSError, UnicodeDecodeError) as error:
        raise DocketError(f"{given}: can't be read ({_why(error)}); give the file `docket.vkey` or its line.") from None
