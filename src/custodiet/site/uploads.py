"""Audit a log that somebody uploads on their own machine: in a process of its own, with everything taken away afterwards.

The file gets a name of ours, is opened by the audit alone (which refuses zip bombs), and is deleted when the audit ends,
however it ends. The audit's own output, which shows no plate and no user, is what stays.
"""

import atexit
import contextlib
import fcntl
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from custodiet.access_log.files import KINDS
from custodiet.model.errors import InputError, QuestionError
from custodiet.model.text import echo
from custodiet.site.links import slug

# The largest upload in bytes; a larger log is audited on the command line, which knows no such limit.
UPLOAD_LIMIT = 500_000_000
# The longest that an audit may take, in seconds.
TIME_LIMIT = 3_600
LONGEST_NAME = 60
# Folders of uploads begin with this, and have a mark that their server holds as long as it lives.
PREFIX = "custodiet-audits-"
HELD = "held"
LONGEST_FIELD = 100
# Audits that are remembered after they have ended.
REMEMBERED = 20
ENDED = ("done", "failed")
BUSY = "An audit is running already; wait until it has ended."


@dataclass
class Job:
    """One audit under way or ended: `state` is running, done or failed."""

    name: str
    size: int
    state: str = "running"
    sentence: str = ""
    result: str = ""
    started: float = field(default_factory=time.monotonic)
    ended: float = 0.0

    @property
    def seconds(self) -> int:
        """How long it has been running, or ran."""
        return int((self.ended or time.monotonic()) - self.started)


class Uploads:
    """The audits of one server: one at a time, written into a folder, or into one that goes when the server does."""

    def __init__(self, audits: Path | None, *, time_limit: float = TIME_LIMIT) -> None:
        _clear_left()
        # Its files go when this object or the process does; what a killed one leaves goes with the next: nobody holds it.
        self._own = tempfile.TemporaryDirectory(prefix=PREFIX)
        self._held = (Path(self._own.name) / HELD).open("w")
        fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self.is_kept = audits is not None
        self.audits = audits if audits is not None else Path(self._own.name) / "audits"
        self.jobs: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._time_limit = time_limit
        atexit.register(self.close)

    def new_place(self, name: str) -> Path:
        """Return where an upload is to be written: in a new folder that nobody else reads, under a name of ours.

        Raises:
            InputError: a file of this kind is not audited.

        """
        suffix = PurePosixPath(name.replace("\\", "/").lower()).suffix
        if suffix not in KINDS:
            raise InputError(f"{echo(name)}: not a CSV, XLSX, PDF or zip file; ask for the log in one of these forms.")
        folder = Path(tempfile.mkdtemp(prefix="upload-", dir=self._own.name))
        stem = slug(PurePosixPath(name.replace("\\", "/")).stem)[:LONGEST_NAME].strip("-") or "log"
        return folder / f"{stem}{suffix}"

    @property
    def is_busy(self) -> bool:
        """Tell whether an audit is running."""
        return any(job.state not in ENDED for job in list(self.jobs.values()))

    def start(self, path: Path, *, producer: str, jurisdiction: str) -> str:
        """Start the audit of a file that lies in a place of `new_place`; return the job's key.

        Raises:
            QuestionError: another one is running, or a field can't be what it should be.

        """
        try:
            options = _options(producer, jurisdiction)
            with self._lock:
                if self.is_busy:
                    raise QuestionError(BUSY)
                key = secrets.token_urlsafe(12)
                job = self.jobs[key] = Job(path.name, path.stat().st_size)
                for old in list(self.jobs)[:-REMEMBERED]:
                    del self.jobs[old]
        except QuestionError:
            shutil.rmtree(path.parent, ignore_errors=True)
            raise
        threading.Thread(target=self._run, args=(job, path, options), daemon=True).start()
        return key

    def _run(self, job: Job, path: Path, options: list[str]) -> None:
        draft = path.parent / "audit"
        try:
            command = [sys.executable, "-m", "custodiet", "audit", f"--out={draft}", *options, "--", str(path)]
            with (path.parent / "said").open("w+b") as said:
                self._child = subprocess.Popen(  # noqa: S603 - our own program; the file is an argument, and never executed
                    command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said, cwd=path.parent
                )
                try:
                    code = self._child.wait(self._time_limit)
                except subprocess.TimeoutExpired:
                    self.stop()
                    job.sentence = f"The audit took longer than {self._time_limit:,.0f} seconds and was stopped."
                    return
                said.seek(0)
                lines = said.read().decode("utf-8", "replace").splitlines()
            if code == 0:
                job.result = self._keep(draft, path)
            else:
                job.sentence = next(
                    (line.partition(": ")[2] for line in reversed(lines) if line.startswith("custodiet: ")), ""
                )
        except OSError as error:
            job.sentence = f"The audit can't be kept ({error.strerror})."
        finally:
            shutil.rmtree(path.parent, ignore_errors=True)
            job.ended = time.monotonic()
            job.sentence = job.sentence or ("" if job.result else "The audit ended without a result.")
            job.state = "done" if job.result else "failed"

    def _keep(self, draft: Path, path: Path) -> str:
        self.audits.mkdir(parents=True, exist_ok=True)
        name = f"{path.stem}-{secrets.token_hex(4)}"
        shutil.move(draft, self.audits / name)
        return name

    def close(self) -> None:
        """End what is running, and take away every file that is not kept."""
        self.stop()
        self._held.close()
        self._own.cleanup()

    def stop(self) -> None:
        """End the audit that is running, if one is."""
        child = self._child
        if child is not None and child.poll() is None:
            child.kill()
            child.wait()


def _clear_left() -> None:
    """Take away the folders of servers that were killed: those of ours whose mark nobody holds any more."""
    for mark in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/{HELD}"):
        with contextlib.suppress(OSError):
            if mark.is_symlink() or mark.parent.is_symlink() or mark.stat().st_uid != os.getuid():
                continue
            with mark.open("r+") as held:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(mark.parent, ignore_errors=True)


def _options(producer: str, jurisdiction: str) -> list[str]:
    """Return what was filled in as options, each in one argument with its name, so that none is taken for another.

    Raises:
        QuestionError: a text that is no name, or no code of a state.

    """
    options = []
    if producer.strip():
        if len(producer) > LONGEST_FIELD or not producer.isprintable():
            raise QuestionError(f"Whose log it is has up to {LONGEST_FIELD} printable letters, such as Town WA PD.")
        options.append(f"--producer={producer.strip()}")
    if jurisdiction.strip():
        if not re.fullmatch(r"us-[a-z]{2}", jurisdiction.strip().lower()):
            raise QuestionError(f"{echo(jurisdiction)} is no jurisdiction; write it like us-wa.")
        options.append(f"--jurisdiction={jurisdiction.strip().lower()}")
    return options
