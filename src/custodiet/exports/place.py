"""Where an export goes: a file or a folder that appears whole, or not at all, and never over somebody else's.

What is there may be replaced if it is an earlier export of ours, or empty; anything else stays, unless it is forced.
"""

import contextlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

from custodiet.model.errors import ExportError
from custodiet.store.drafts import draft_beside, remove, remove_abandoned, sync

# How an export of ours is known again: in a SQLite file's header, a workbook's properties, a package's or an entity's text.
APPLICATION_ID = 0x43555354  # "CUST"
MARK = "Custodiet export"
TEXT_MARKS = (
    b'"publisher":{"name":"Custodiet"}', b'"datasets":["custodiet"]', b'"title": "Custodiet: ', b'data-made-by="Custodiet"',
)  # fmt: skip
DESCRIPTION = "datapackage.json"


@contextlib.contextmanager
def placing_file(path: Path, *, force: bool = False, option: str = "--out") -> Iterator[Path]:
    """Give a place for a file's draft; when the block ends well, the draft takes its place at `path` in one step.

    `option` is the one that named the place, for errors to name it too.

    Raises:
        ExportError: the place is somebody else's, is a folder, or can't be written to.

    """
    with _drafting(path, option) as draft:
        if path.is_dir():
            raise ExportError(f"{path}: is a folder, and this format is one file; name a file with `{option} FILE`.")
        if not force and path.exists() and path.stat().st_size and not is_ours(path):
            raise _taken(path, option)
        yield draft
        sync(draft)
        draft.replace(path)
        sync(path.parent)


@contextlib.contextmanager
def placing_folder(path: Path, *, force: bool = False) -> Iterator[Path]:
    """Give a new folder to fill; when the block ends well, it takes its place at `path`.

    No file system that Python reaches swaps two folders in one step. An earlier export is moved aside first, for an instant;
    the next export puts it back if this one was killed right then.

    Raises:
        ExportError: the place is somebody else's, is a file, or can't be written to.

    """
    with _drafting(path) as draft:
        aside = path.with_name(f".{path.name}.before")
        if aside.exists() and not path.exists():
            aside.rename(path)
        remove(aside)
        if path.exists() and not path.is_dir():
            raise ExportError(f"{path}: is a file, and this format is a folder of files; name a folder with `--out FOLDER`.")
        if not force and path.exists() and any(path.iterdir()) and not is_ours(path):
            raise _taken(path)
        draft.mkdir()
        yield draft
        for file in draft.iterdir():
            sync(file)
        if path.exists():
            path.rename(aside)
        draft.rename(path)
        sync(path.parent)
        remove(aside)


@contextlib.contextmanager
def _drafting(path: Path, option: str = "--out") -> Iterator[Path]:
    draft = draft_beside(path, "exporting")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_abandoned(path, "exporting")
        remove(draft)
        yield draft
    except OSError as error:
        raise ExportError(
            f"{path}: can't be written ({error.strerror or error}); choose another place with `{option}`."
        ) from None
    finally:
        remove(draft)


def is_ours(path: Path) -> bool:
    """Tell whether a file or folder is an export that this program made."""
    if path.is_dir():
        try:
            described = json.loads((path / DESCRIPTION).read_text("utf-8"))
        except (OSError, ValueError):
            return False
        return isinstance(described, dict) and "custodiet" in described
    with path.open("rb") as stream:
        head = stream.read(4096)
    if head.startswith(b"SQLite format 3\0"):
        return int.from_bytes(head[68:72], "big") == APPLICATION_ID
    if head.startswith(b"PK"):
        return _is_our_archive(path)
    return any(mark in head for mark in TEXT_MARKS)


def _is_our_archive(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.comment == MARK.encode() or MARK.encode() in archive.read("docProps/core.xml")
    except (KeyError, zipfile.BadZipFile, OSError):
        return False


def _taken(path: Path, option: str = "--out") -> ExportError:
    return ExportError(
        f"{path}: is there already and is no export of Custodiet; choose another place with `{option}`, or replace it with "
        "`--force`."
    )
