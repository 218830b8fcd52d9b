"""Append lines to a private file so that none that was acknowledged is lost, whoever else writes or dies meanwhile."""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from custodiet.model.errors import ExportError, InputError

PRIVATE = 0o600
# A line is one event; a file far beyond this is not ours.
FILE_LIMIT = 50_000_000


def append_line(path: Path, compose: Callable[[str], str]) -> str:
    """Add the line that `compose` makes of the whole text so far, and return it once it is on the disk.

    The file is locked meanwhile, so that two writers take turns and each sees what the other wrote. What a killed writer left
    after the last line break was acknowledged to nobody, and is cut off.

    Raises:
        ExportError: the file can't be written to.
        InputError: it is not UTF-8, or far too large.

    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(path) as handle:
            text = _read_whole(handle, path)
            end = len(text.encode())
            line = compose(text)
            os.ftruncate(handle, end)
            # One write of one line; if the disk is full halfway, the part is cut off again.
            try:
                _write_all(handle, (line + "\n").encode(), end)
            except OSError:
                os.ftruncate(handle, end)
                raise
            os.fsync(handle)
            return line
    except OSError as error:
        raise ExportError(f"{path}: can't be written ({error.strerror}); choose another file with `--file`.") from None


def read_lines(path: Path) -> str:
    """Return a file's whole lines; nothing where it is not there yet, and without what a killed writer left at its end.

    Raises:
        InputError: it can't be read, is not UTF-8, or far too large.

    """
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise InputError(f"{path}: can't be read ({error.strerror}); choose another file with `--file`.") from None
    try:
        return _read_whole(handle, path)
    except OSError as error:
        raise InputError(f"{path}: can't be read ({error.strerror}); choose another file with `--file`.") from None
    finally:
        os.close(handle)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE)
    try:
        # Also a file that was made by hand: what is in it is nobody else's business.
        os.fchmod(handle, PRIVATE)
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def _read_whole(handle: int, path: Path) -> str:
    size = os.fstat(handle).st_size
    if size > FILE_LIMIT:
        raise InputError(f"{path}: larger than {FILE_LIMIT:,} bytes; that is no file of requests.")
    content = os.pread(handle, size, 0)
    whole = content[: content.rfind(b"\n") + 1]
    try:
        return whole.decode()
    except UnicodeDecodeError as error:
        raise InputError(f"{path}, byte {error.start}: not UTF-8; mend that line.") from None


def _write_all(handle: int, content: bytes, at: int) -> None:
    while content:
        written = os.pwrite(handle, content, at)
        content, at = content[written:], at + written
