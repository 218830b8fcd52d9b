"""The tracker of records requests: nothing that was acknowledged is lost, and what is due is computed from the law."""

import datetime as dt
import errno
import json
import multiprocessing
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command import assert_one_sentence, run
from custodiet.governance import journal
from custodiet.governance.awaited import list_due, list_requests
from custodiet.governance.requests import add_event, add_request, read_requests
from custodiet.model.errors import ExportError, InputError, QuestionError


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def send(path: Path, sent: str = "2026-11-25", law: str = "us", **more: object):
    said = {"law": law, "to": "An office", "subject": "Query logs", "by": "portal", "date": day(sent), **more}
    return add_request(path, **said)


def due(path: Path, as_of: str) -> dict[str, tuple[str, str | None]]:
    rows = list_due(read_requests(path), day(as_of))
    return {row["step"]: (row["timing"], str(row["date"]) if row["date"] else None) for row in rows}


def test_a_request_from_sending_to_appeal(tmp_path: Path):
    path = tmp_path / "requests.jsonl"
    assert send(path, law="us-dhs").id == "2026-1"
    assert due(path, "2026-12-24")["determination"] == ("due", "2026-12-24")
    assert due(path, "2026-12-25")["determination"] == ("over", "2026-12-24")
    assert due(path, "2026-12-24")["silence"] == ("later", "2026-12-25")
    assert due(path, "2026-12-25")["silence"] == ("now", "2026-12-25")
    # Ten working days more: 11 January 2027 (25 December and 1 January left out).
    add_event(path, "answered", "2026-1", kind="extended", date=day("2026-12-23"))
    assert due(path, "2026-12-25")["extension"] == ("due", "2027-01-11")
    assert "determination" not in due(path, "2026-12-25")
    # 6 CFR 5.8(a)(1): ninety working days after 30 December.
    assert add_event(path, "answered", "2026-1", kind="denied", date=day("2026-12-30")).state == "refused"
    assert due(path, "2027-01-05") == {"appeal": ("due", "2027-05-10")}
    appealed = add_event(path, "appealed", "2026-1", date=day("2027-01-14"), received=day("2027-01-15"))
    assert appealed.state == "appealed"
    assert due(path, "2027-01-20") == {"appeal decision": ("due", "2027-02-16")}
    assert [json.loads(line)["event"] for line in path.read_text().splitlines()] == [
        "sent", "answered", "answered", "appealed",
    ]  # fmt: skip


def test_a_question_stops_a_federal_clock_until_the_reply(tmp_path: Path):
    path = tmp_path / "requests.jsonl"
    send(path, "2026-01-05")
    assert add_event(path, "answered", "2026-1", kind="question", date=day("2026-01-15")).state == "stopped"
    assert due(path, "2026-03-01") == {"determination": ("unknown", None)}
    add_event(path, "replied", "2026-1", date=day("2026-01-21"))
    assert due(path, "2026-02-01")["determination"] == ("due", "2026-02-06")
    with pytest.raises(QuestionError, match="has asked nothing"):
        add_event(path, "replied", "2026-1", date=day("2026-01-22"))


def test_a_question_stops_no_clock_that_the_pack_knows_no_stop_of(tmp_path: Path):
    path = tmp_path / "requests.jsonl"
    send(path, "2026-11-20", law="ca")
    asked = add_event(path, "answered", "2026-1", kind="question", date=day("2026-11-23"))
    assert asked.state == "open"
    assert due(path, "2026-11-25")["determination"] == ("due", "2026-11-30")
    assert "knows no rule" in asked.trace().find("determination").sentence


def test_silence_that_is_a_refusal_starts_the_days_for_an_appeal(tmp_path: Path):
    """Pennsylvania: five business days to 29 December 2026 (Christmas left out), then 15: 1 and 18 January left out."""
    path = tmp_path / "requests.jsonl"
    send(path, "2026-12-21", law="pa")
    assert due(path, "2027-01-04")["appeal"] == ("due", "2027-01-21")


def test_a_letter_has_no_days_until_its_arrival_is_known(tmp_path: Path):
    path = tmp_path / "requests.jsonl"
    send(path, "2026-11-20", by="post")
    assert due(path, "2027-06-01") == {"unknown": ("unknown", None)}
    assert list_requests(read_requests(path))[0]["due"] is None
    add_event(path, "answered", "2026-1", kind="acknowledged", date=day("2026-12-01"), received=day("2026-11-25"))
    assert due(path, "2026-12-02")["determination"] == ("due", "2026-12-24")


@pytest.mark.parametrize(
    ("event", "said", "says"),
    [
        ("appealed", {"date": day("2026-12-30")}, "nothing to appeal"),
        ("answered", {"kind": "denied", "date": day("2026-11-01")}, "can't come after it"),
        ("answered", {"kind": "perhaps", "date": day("2026-12-30")}, "kind"),
    ],
)
def test_what_cannot_be_is_refused_and_not_written(tmp_path: Path, event: str, said: dict, says: str):
    path = tmp_path / "requests.jsonl"
    send(path)
    add_event(path, "answered", "2026-1", kind="granted", date=day("2026-12-20"))
    before = path.read_bytes()
    with pytest.raises((QuestionError, InputError), match=says):
        add_event(path, event, "2026-1", **said)
    assert path.read_bytes() == before


def test_a_request_that_cannot_be_is_not_written(tmp_path: Path):
    path = tmp_path / "requests.jsonl"
    for wrong in (
        {"received": day("2026-01-01")}, {"sent_at": dt.datetime(2026, 11, 25, 22, 0)}, {"law": "zz"}, {"to": " "},  # noqa: DTZ001
    ):  # fmt: skip
        with pytest.raises((QuestionError, InputError)):
            send(path, **wrong)
    assert read_requests(path) == {}


def test_ids(tmp_path: Path):
    path = tmp_path / "requests.jsonl"
    assert [send(path).id, send(path, request="mine").id, send(path).id, send(path, "2027-01-04").id] == [
        "2026-1", "mine", "2026-2", "2027-1",
    ]  # fmt: skip
    with pytest.raises(InputError, match="already"):
        send(path, request="mine")
    with pytest.raises(QuestionError, match="no request 'nope'"):
        add_event(path, "replied", "nope", date=day("2026-12-01"))


def test_the_file_is_private(tmp_path: Path):
    path = tmp_path / "folder" / "requests.jsonl"
    send(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    send(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_torn_last_line_was_acknowledged_to_nobody(tmp_path: Path):
    path = tmp_path / "requests.jsonl"
    send(path)
    whole = path.read_bytes()
    path.write_bytes(whole + whole[: len(whole) // 2])
    assert list(read_requests(path)) == ["2026-1"]
    assert send(path).id == "2026-2"
    assert path.read_bytes().startswith(whole)
    assert list(read_requests(path)) == ["2026-1", "2026-2"]


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "requests.jsonl"
    send(path)
    before = path.read_bytes()
    real, calls = os.pwrite, []

    def full(handle: int, content: bytes, at: int) -> int:
        calls.append(at)
        if len(calls) > 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(handle, content[:20], at)

    monkeypatch.setattr(journal.os, "pwrite", full)
    with pytest.raises(ExportError, match="No space left"):
        send(path)
    assert path.read_bytes() == before


def _send_many(path: str) -> None:
    for _ in range(10):
        send(Path(path))


def test_writers_take_turns(tmp_path: Path):
    path = tmp_path / "requests.jsonl"
    # Forked here, as two terminals would: each must see what the other wrote, or two requests share a number.
    writers = [multiprocessing.get_context("spawn").Process(target=_send_many, args=(str(path),)) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert sorted(read_requests(path)) == sorted(f"2026-{number}" for number in range(1, 31))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("not json\n", "line 1"),
        ('{"event": "sent"}\n', "line 1: sent.id"),
        ('{"event": "replied", "id": "x", "date": "2026-01-01"}\n', "no request 'x' was sent before"),
        ('{"event": "burned", "id": "x", "date": "2026-01-01"}\n', "line 1"),
        ("[" * 100_000 + "\n", "line 1"),
    ],
)
def test_a_broken_file_gets_one_sentence(tmp_path: Path, content: str, says: str):
    path = tmp_path / "requests.jsonl"
    path.write_text(content)
    with pytest.raises(InputError, match=says) as caught:
        read_requests(path)
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError):
        send(path)
    path.write_bytes(b"\xff\xfe\n")
    with pytest.raises(InputError, match="byte 0"):
        read_requests(path)


@given(st.lists(st.one_of(st.text(max_size=60), st.builds(json.dumps, st.dictionaries(st.sampled_from(
    ["event", "id", "date", "kind", "law", "to", "subject", "by", "sent_at"]), st.sampled_from(
    ["sent", "answered", "replied", "a", "2026-01-01", "us", "portal", "2026-01-01T00:00", 7, None]))))))  # fmt: skip
def test_any_file_is_read_or_refused_in_one_sentence(tmp_path_factory, lines: list[str]):
    path = tmp_path_factory.getbasetemp() / "any.jsonl"
    path.write_bytes("".join(line + "\n" for line in lines).encode("utf-8", "surrogatepass"))
    try:
        list_due(read_requests(path), day("2026-12-01"))
    except (InputError, QuestionError) as error:
        assert "\n" not in str(error)  # noqa: PT017 - a file that can be read is as good


def test_the_commands(tmp_path: Path):
    path = str(tmp_path / "requests.jsonl")
    done = run("requests", "add", "--law", "us-dhs", "--to", "ICE", "--subject", "Logs", "--sent", "2026-11-24T22:30-08:00",
               "--expedited", "--file", path, "--json", home=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    row = json.loads(done.stdout)
    assert (row["id"], row["received"], row["due"]) == ("2026-1", "2026-11-25", "2026-12-24")
    assert (
        run(
            "requests", "answer", "2026-1", "--kind", "denied", "--date", "2026-12-30", "--file", path, home=tmp_path
        ).returncode
        == 0
    )
    done = run("requests", "due", "--as-of", "2027-01-05", "--file", path, "--json", home=tmp_path)
    (row,) = json.loads(done.stdout)
    assert (row["step"], row["date"], row["days_left"], row["timing"]) == ("appeal", "2027-05-10", 125, "due")
    done = run("requests", "due", "2026-1", "--file", path, home=tmp_path)
    assert "6 CFR 5.8(a)(1)" in done.stdout
    for wrong in (
        ["due", "--file", str(tmp_path / "none.jsonl")], ["due", "nope", "--file", path],
        ["due", "--as-of", "soon", "--file", path],
        ["add", "--law", "zz", "--to", "a", "--subject", "b", "--file", path],
        ["add", "--law", "us", "--to", "a", "--subject", "b", "--sent", "2026-11-20T22:00", "--file", path],
        ["trace", "us", "--sent", "2026-02-30"], ["laws", "zz"],
    ):  # fmt: skip
        assert_one_sentence(run("requests", *wrong, home=tmp_path))
