"""Publish whole files only: written as a draft beside their place, and renamed into it when they are done.

A writer that is killed leaves a draft named `.<file>.<what>-<process>`; the next one for the same place takes it away.
"""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path


def draft_beside(path: Path, what: str) -> Path:
    """Return where this process writes a draft of the file or folder at `path`; `what` is "building" or the like."""
    return path.with_name(f".{path.name}.{what}-{os.getpid()}")


def sync(path: Path) -> None:
    """Return when the file or folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes that do the same out of a folder until the block ends; nothing is left of it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def remove(path: Path) -> None:
    """Take a file or a folder away, if it is there."""
    with contextlib.suppress(OSError):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def remove_abandoned(path: Path, what: str) -> None:
    """Take away the drafts of `path` whose process is gone."""
    for draft in path.parent.glob(f".{path.name}.{what}-*"):
        process = draft.name.rpartition(f".{what}-")[2].partition(".")[0]
        if process.isdigit() and not _is_running(int(process)):
            remove(draft)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
