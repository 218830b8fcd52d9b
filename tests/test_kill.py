"""Builds that are killed, stopped, or run at once: the register is always a whole one."""

import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from command import run, sha256, start
from custodiet.model.beside import Beside
from custodiet.store import memory_register, open_register

KILLS = 26
SEED = 20260128
# A statement of a minute or more, and the seconds within which it ends.
LONG = "select sum(a.range * b.range) from range(40000) a, range(400000) b"
HEARD_WITHIN = 2


def findings_in(register: Path) -> int:
    with open_register(register) as opened:
        ((count,),) = opened.rows("select count(*) from findings")
    return count


def drafts_beside(register: Path) -> list[str]:
    return sorted(path.name for path in register.parent.glob(".*building-*"))


def wait_until_it_writes(process: "subprocess.Popen[str]", register: Path) -> None:
    """Wait for a build's draft: how long a build takes depends on what else the machine does."""
    while not drafts_beside(register) and process.poll() is None:
        time.sleep(0.05)
    time.sleep(1)
    assert process.poll() is None


@pytest.fixture(autouse=True)
def hears_ctrl_c() -> Iterator[None]:
    """Ctrl-C as on a terminal: a run in the background may have been told to ignore it, and its children inherit that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def built(mirror: Path, tmp_path: Path) -> tuple[Path, float]:
    """A register, and the seconds that its build took."""
    register = tmp_path / "place" / "register.duckdb"
    started = time.monotonic()
    done = run("build", "--mirror", mirror, "--register", register, home=tmp_path, timeout=120)
    assert done.returncode == 0, done.stderr
    return register, time.monotonic() - started


@pytest.mark.long
def test_register_survives_builds_that_are_killed_at_any_moment(built: tuple[Path, float], mirror: Path, tmp_path: Path):
    register, seconds = built
    build = ("build", "--fresh", "--mirror", mirror, "--register", register)
    count = findings_in(register)
    whole = sha256(register)
    generator = random.Random(SEED)
    step = (seconds - 0.1) / KILLS
    delays = [0.1 + step * (number + generator.random()) for number in range(KILLS)]
    generator.shuffle(delays)
    left_a_draft = untouched = 0
    for delay in delays:
        process = start(*build, home=tmp_path)
        try:
            process.wait(delay)
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
        left_a_draft += bool(drafts_beside(register))
        assert findings_in(register) == count, delay
        if sha256(register) == whole:
            untouched += 1
        else:
            # Only a build that had come to its end may have put another register there, and then a whole one.
            assert not [name for name in drafts_beside(register) if str(process.pid) in name], delay
            assert delay > seconds / 3
            whole = sha256(register)
    # Else the moments of this test are not the ones that it is about.
    assert untouched >= KILLS / 2
    assert left_a_draft >= KILLS / 5
    done = run(*build, home=tmp_path, timeout=120)
    assert done.returncode == 0, done.stderr
    assert findings_in(register) == count
    assert drafts_beside(register) == []
    assert [path.name for path in register.parent.iterdir()] == [register.name]


@pytest.mark.long
def test_first_build_that_is_killed_leaves_no_register(mirror: Path, tmp_path: Path):
    register = tmp_path / "new" / "register.duckdb"
    process = start("build", "--mirror", mirror, "--register", register, home=tmp_path)
    wait_until_it_writes(process, register)
    process.kill()
    process.communicate()
    assert not register.exists()
    assert run("sources", "--register", register, home=tmp_path).returncode == 2


@pytest.mark.long
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_build_that_is_stopped_leaves_the_register_and_no_traceback(
    sign: signal.Signals, built: tuple[Path, float], mirror: Path, tmp_path: Path
):
    register, _ = built
    before = sha256(register)
    process = start("build", "--fresh", "--mirror", mirror, "--register", register, home=tmp_path)
    wait_until_it_writes(process, register)
    process.send_signal(sign)
    _, errors = process.communicate(timeout=30)
    assert process.returncode != 0
    assert "Traceback" not in errors
    assert sha256(register) == before
    if sign == signal.SIGINT:
        assert process.returncode == 130
        assert errors.splitlines() == ["custodiet: stopped; the register is as it was."]
        assert drafts_beside(register) == []


@pytest.mark.long
def test_two_builds_at_once_leave_a_whole_register(built: tuple[Path, float], mirror: Path, tmp_path: Path):
    register, _ = built
    count = findings_in(register)
    both = [start("build", "--fresh", "--mirror", mirror, "--register", register, home=tmp_path) for _ in range(2)]
    errors = [process.communicate(timeout=120)[1] for process in both]
    codes = [process.returncode for process in both]
    assert 0 in codes, errors
    for code, text in zip(codes, errors, strict=True):
        assert code in (0, 2), text
        assert len(text.splitlines()) == (0 if code == 0 else 1), text
    assert findings_in(register) == count
    assert drafts_beside(register) == []


@pytest.mark.parametrize("delay", [0.02, 0.1, 0.4])
def test_ctrl_c_within_a_statement_is_ctrl_c(delay: float):
    # DuckDB reports it as a RuntimeError or as an error of its own, depending on the moment.
    with memory_register() as register:
        timer = threading.Timer(delay, lambda: signal.raise_signal(signal.SIGINT))
        started = time.monotonic()
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            register.rows(LONG)
        timer.join()
        assert time.monotonic() - started < delay + HEARD_WITHIN
        # Nothing of it is left for the next statement.
        assert register.rows("select sum(range) from range(100000)") == [(4999950000,)]


def test_ctrl_c_within_a_stream_is_ctrl_c():
    with memory_register() as register:
        rows = register.stream(f"select 1 union all {LONG}")
        timer = threading.Timer(0.1, lambda: signal.raise_signal(signal.SIGINT))
        started = time.monotonic()
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            list(rows)
        timer.join()
        assert time.monotonic() - started < 0.1 + HEARD_WITHIN


def test_another_threads_statement_is_ended_by_whoever_waits_for_it():
    with memory_register() as register:
        other = register.beside()
        task = Beside(lambda: other.rows(LONG))
        started = time.monotonic()
        task.end(other.interrupt)
        assert time.monotonic() - started < HEARD_WITHIN
        with pytest.raises(duckdb.InterruptException):
            task.result()


def test_process_that_heard_ctrl_c_ends_without_a_complaint(tmp_path: Path):
    program = f"""
import os, signal, threading
from custodiet.store import memory_register

threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
with memory_register() as register:
    try:
        register.rows({LONG!r})
    except KeyboardInterrupt:
        print("heard")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.stderr, done.returncode) == ("heard\n", "", 0)
