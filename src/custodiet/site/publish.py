"""Write every page of a site into a folder: whole files only, nothing that is not ours, and only what changed."""

import contextlib
import hashlib
import json
import multiprocessing
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import custodiet
from custodiet.model.errors import ExportError
from custodiet.site.changes import read_snapshot, snapshot
from custodiet.site.files import list_files
from custodiet.site.index import INDEX, Record, write_index
from custodiet.site.page import Page
from custodiet.site.pages import KINDS
from custodiet.site.render import STATIC, Renderer
from custodiet.site.site import Options, Site
from custodiet.store import open_register
from custodiet.store.drafts import draft_beside

MANIFEST = "custodiet-site.json"
SNAPSHOT = "custodiet-before.json"
# Where the index is written before its files are moved to their place.
INDEX_DRAFT = ".index.publishing-"
# Pages that one process gathers at once; more take more memory, fewer ask the register more often.
CHUNK = 600
# Files that one process writes at once, and what such a task is called beside the kinds of pages.
FEW_FILES = 25
FILES = "files"
# Below this many pages, starting other processes takes longer than it saves.
FEW = 3_000
Say = Callable[[str], None]


@dataclass(frozen=True)
class Written:
    """A page as it was written: the head of its hash, and what a search finds of it."""

    path: str
    digest: str
    is_new: bool
    record: Record | None


@dataclass
class Published:
    """What a publication did: files and pages in all, files written and taken away, seconds by part."""

    files: int = 0
    pages: int = 0
    written: int = 0
    removed: int = 0
    seconds: dict[str, float] = field(default_factory=dict)


def publish(
    register: Path, folder: Path, options: Options, *, jobs: int | None = None, say: Say = lambda _: None
) -> Published:
    """Write the site of a register into a folder; what has not changed since the last time stays as it is.

    Raises:
        ExportError: the folder is somebody else's, or can't be written to.
        RegisterError: there is no register.

    """
    started = time.perf_counter()
    options = replace(options, is_served=False, base_url=_with_slash(options.base_url))
    before = _claim_folder(folder)
    with open_register(register) as opened:
        fingerprint = Site(opened, ()).fingerprint
    inputs = _hash_inputs(fingerprint, options)
    done = Published()
    if before.get("inputs") == inputs and _is_whole(folder, before["files"]):
        done.files = len(before["files"])
        done.pages = sum(path.endswith(".html") for path in before["files"])
        done.seconds["all"] = time.perf_counter() - started
        return done
    kept = read_snapshot(folder / SNAPSHOT)
    if kept and kept["fingerprint"] == fingerprint:
        kept = kept.get("before")
    options = replace(options, before=kept)
    try:
        done = _publish(register, folder, options, before.get("files", {}), inputs, jobs or os.cpu_count() or 1, say)
    except OSError as error:
        raise ExportError(f"{folder}: can't be written ({error.strerror or error}); choose another folder.") from None
    done.seconds["all"] = time.perf_counter() - started
    return done


def _publish(
    register: Path, folder: Path, options: Options, known: Mapping[str, str], inputs: str, jobs: int, say: Say
) -> Published:
    done = Published()
    files: dict[str, str] = {}
    records: list[Record] = []
    clock = time.perf_counter()
    for written in _write_all(register, folder, options, known, jobs):
        _keep(files, done, written)
        if written.record:
            records.append(written.record)
        if len(files) % 5_000 == 0:
            say(f"{len(files):,} files")
    done.pages = sum(path.endswith(".html") for path in files)
    done.seconds["pages"] = time.perf_counter() - clock
    for static in sorted(STATIC.rglob("*")):
        # htmx asks a server, and a published site has none.
        if static.is_file() and not static.name.startswith("htmx"):
            name = f"static/{static.relative_to(STATIC).as_posix()}"
            _keep(files, done, write_file(folder, name, static.read_bytes(), known))
    clock = time.perf_counter()
    records.sort(key=lambda record: record.path)
    digest = hashlib.sha256(json.dumps([asdict(record) for record in records]).encode()).hexdigest()[:16]
    index = {path: mark for path, mark in known.items() if path.startswith(f"{INDEX}/")}
    if index and set(index.values()) == {digest} and _is_whole(folder, index):
        files.update(index)
    else:
        say("The search index")
        for path in _write_index(records, folder):
            _keep(files, done, Written(path, digest, True, None))
    done.seconds["index"] = time.perf_counter() - clock
    done.files = len(files)
    for path in known.keys() - files.keys():
        with contextlib.suppress(OSError):
            (folder / path).unlink()
            done.removed += 1
    with open_register(register) as opened:
        now = {**snapshot(Site(opened, KINDS)), "before": options.before}
    write_file(folder, SNAPSHOT, json.dumps(now).encode(), {})
    manifest = {"custodiet": "site", "inputs": inputs, "files": dict(sorted(files.items()))}
    write_file(folder, MANIFEST, json.dumps(manifest, indent=0).encode(), {})
    return done


def _write_index(records: Sequence[Record], folder: Path) -> list[str]:
    """Write the search index, each file whole, by renaming; return the paths within the site."""
    for left in folder.glob(f"{INDEX_DRAFT}*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=INDEX_DRAFT, dir=folder) as draft:
        names = write_index(records, Path(draft))
        for parent in {(folder / INDEX / name).parent for name in names}:
            parent.mkdir(parents=True, exist_ok=True)
        for name in names:
            (Path(draft) / name).replace(folder / INDEX / name)
    return [f"{INDEX}/{name}" for name in names]


def _keep(files: dict[str, str], done: Published, written: Written) -> None:
    files[written.path] = written.digest
    done.written += written.is_new


def write_file(folder: Path, path: str, content: bytes, known: Mapping[str, str]) -> Written:
    """Write a file whole, by renaming; one that is known to have this content stays."""
    digest = hashlib.sha256(content).hexdigest()[:16]
    place = folder / path
    if known.get(path) == digest and place.is_file():
        return Written(path, digest, False, None)
    draft = draft_beside(place, "publishing")
    try:
        draft.write_bytes(content)
    except FileNotFoundError:
        place.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(content)
    draft.replace(place)
    return Written(path, digest, True, None)


# --- Pages, by several processes


@dataclass(frozen=True)
class Task:
    """Some pages of one kind."""

    kind: str
    keys: tuple[str, ...]


class _Writer:
    """What one process holds: its own view of the register, and the folder that it writes into."""

    def __init__(self, register: Path, folder: Path, options: Options, known: Mapping[str, str]) -> None:
        self.site = Site(open_register(register), KINDS, options)
        self.renderer = Renderer(self.site)
        self.files = list_files(self.site)
        self.folder = folder
        self.known = known

    def write(self, task: Task) -> list[Written]:
        if task.kind == FILES:
            return [write_file(self.folder, path, self.files[path].write(), self.known) for path in task.keys]
        return [self.write_page(page) for page in self.site.pages(task.kind, task.keys)]

    def write_page(self, page: Page) -> Written:
        written = write_file(self.folder, page.path, self.renderer.render(page).encode(), self.known)
        record = Record(page.path, page.title, page.about, page.words, page.noun, page.agency) if page.noun else None
        return replace(written, record=record)


_writer: _Writer | None = None


def _start(register: Path, folder: Path, options: Options, known: Mapping[str, str]) -> None:
    global _writer  # noqa: PLW0603 - a worker process has one writer for all its tasks
    _writer = _Writer(register, folder, options, known)


def _work(task: Task) -> list[Written]:
    assert _writer
    return _writer.write(task)


def _write_all(register: Path, folder: Path, options: Options, known: Mapping[str, str], jobs: int) -> Iterator[Written]:
    here = _Writer(register, folder, options, known)
    try:
        tasks = list(_list_tasks(here.site))
        if jobs == 1 or sum(len(task.keys) for task in tasks) < FEW:
            for task in tasks:
                yield from here.write(task)
            return
    finally:
        here.site.register.close()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, _start, (register, folder, options, known)) as pool:
        for found in pool.map(_work, tasks):
            yield from found


def _list_tasks(site: Site) -> Iterator[Task]:
    # Pictures take longest, so they come first; the forms of one figure lie together, and it is drawn once.
    rest = iter(sorted(list_files(site)))
    while chunk := tuple(islice(rest, FEW_FILES)):
        yield Task(FILES, chunk)
    for kind, keys in site.contents.items():
        rest = iter(keys)
        while chunk := tuple(islice(rest, CHUNK)):
            yield Task(kind, chunk)


# --- What was there before


def _with_slash(url: str) -> str:
    return url if not url or url.endswith("/") else f"{url}/"


def _claim_folder(folder: Path) -> dict[str, Any]:
    """Return the manifest of an earlier publication; a folder of somebody else's is refused."""
    try:
        if folder.exists() and not folder.is_dir():
            raise ExportError(f"{folder}: is a file; name a folder to publish into.")
        folder.mkdir(parents=True, exist_ok=True)
        found = json.loads((folder / MANIFEST).read_text("utf-8"))
        if found.get("custodiet") == "site" and isinstance(found["files"], dict):
            return dict(found)
    except FileNotFoundError:
        pass
    except (ValueError, KeyError, AttributeError):
        return {"files": {}}
    except OSError as error:
        raise ExportError(f"{folder}: can't be written to ({error.strerror}); choose another folder.") from None
    if any(folder.iterdir()):
        raise ExportError(f"{folder}: holds files that are no site of Custodiet's; name an empty folder.")
    # From here on the folder is ours, so that a publication that is killed can be finished.
    write_file(folder, MANIFEST, json.dumps({"custodiet": "site", "files": {}}).encode(), {})
    return {"files": {}}


def _is_whole(folder: Path, files: Mapping[str, str]) -> bool:
    there = {Path(place, name).relative_to(folder).as_posix() for place, _, names in os.walk(folder) for name in names}
    return files.keys() <= there


def _hash_inputs(fingerprint: str, options: Options) -> str:
    """Return a hash of all that pages are made from: the register, this program, the options, and replies."""
    digest = hashlib.sha256(f"{fingerprint} {options.base_url}".encode())
    program = Path(custodiet.__file__).parent
    replies = sorted(options.replies.glob("*.yml")) if options.replies else []
    for path in (*sorted(p for p in program.rglob("*") if p.is_file() and p.suffix != ".pyc"), *replies):
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
