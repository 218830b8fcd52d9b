"""Run the command as its users do, in a home of its own."""

import contextlib
import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

COMMAND = Path(sys.executable).parent / "custodiet"


def environment(home: Path, **changes: str) -> dict[str, str]:
    """Return an environment without our settings or a proxy, whose user folders lie in `home`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("CUSTODIET_") and not name.lower().endswith("_proxy")
    }
    folders = {f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("DATA", "CACHE", "CONFIG", "STATE")}
    return kept | {"HOME": str(home)} | folders | changes


def run(*arguments: object, home: Path, timeout: float = 60, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run `custodiet` to its end."""
    return subprocess.run(
        [COMMAND, *map(str, arguments)],
        env=environment(home, **changes),
        cwd=home,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=timeout,
        check=False,
    )


def call(*arguments: object, home: Path) -> subprocess.CompletedProcess[str]:
    """Run `custodiet` in this process, as `main` does: for a test of what it says, starting Python is most of the time."""
    from custodiet.cli.app import main

    out, err, code = io.StringIO(), io.StringIO(), 0
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        contextlib.chdir(home),
        mock.patch.dict(os.environ, environment(home), clear=True),
        mock.patch.object(sys, "argv", ["custodiet", *map(str, arguments)]),
    ):
        try:
            main()
        except SystemExit as stopped:
            code = stopped.code if isinstance(stopped.code, int) else 1
    return subprocess.CompletedProcess(sys.argv, code, out.getvalue(), err.getvalue())


def start(*arguments: object, home: Path, **changes: str) -> "subprocess.Popen[str]":
    """Start `custodiet` and leave it running."""
    return subprocess.Popen(
        [COMMAND, *map(str, arguments)],
        env=environment(home, **changes),
        cwd=home,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def sha256(path: Path) -> str:
    """Return the hash of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def assert_one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    """Hold a failed command to the promise of its errors; return the sentence."""
    assert "Traceback" not in done.stderr, done.stderr
    lines = done.stderr.splitlines()
    assert done.returncode == 2, (done.returncode, done.stderr[-2000:])
    assert len(lines) == 1, lines
    assert lines[0].startswith("custodiet: ")
    assert lines[0].endswith((".", "?"))
    assert lines[0].isprintable()
    return lines[0]
