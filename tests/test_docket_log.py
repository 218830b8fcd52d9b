"""The docket's log: whatever is changed is found, and whatever was acknowledged is there."""

import contextlib
import multiprocessing
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from custodiet.docket import writing as writing_module
from custodiet.docket.checkpoint import Checkpoint, open_checkpoint, open_note, read_public_key, sign_checkpoint
from custodiet.docket.identity import Place
from custodiet.docket.lines import LineError, read_line
from custodiet.docket.log import check_end, read_log
from custodiet.docket.proofs import Grown, Included, check_beginning, check_proof, prove_entry, prove_growth
from custodiet.docket.sealed import Head, seal, unseal
from custodiet.docket.writing import Draft, writing
from custodiet.model.errors import DocketError
from custodiet.model.merkle import root_of
from docket import KEYS, NOW, OTHER_KEYS, add_plain, read

# From golang.org/x/mod/sumdb/note, and from the public checksum database of Go.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETERS_NOTE = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
GO = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
GO_NOTE = (
    "go.sum database tree\n63096908\n8lHrQPRYe4KT4WQ9/Qk8/taKnD6IRHbFgfN7vQE2Y54=\n\n"
    "— sum.golang.org Az3gri/oVBN1jAhNZ/iS+W31psFAWRT20/GyrhpU6taFwulQGetBkH5S7wpGXdS935jiIGiUUAXBVHzT/P6fYhqAmAk=\n"
)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "docket")


@pytest.fixture(scope="module")
def seven(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A docket of seven entries, that no test changes."""
    place = Place(tmp_path_factory.mktemp("seven") / "docket")
    add_plain(place, *(f"text {i}" for i in range(7)))
    return place


def copy_of(place: Place, folder: Path) -> Place:
    return Place(Path(shutil.copytree(place.folder, folder / "copy", dirs_exist_ok=True)))


def texts(place: Place) -> list[str]:
    return [
        opened.value
        for entry in read(place).entries
        if (opened := unseal(KEYS.cipher, KEYS.origin, entry.head, entry.boxes[0])) is not None
    ]


# Signed notes


@pytest.mark.parametrize(("line", "note"), [(PETER, PETERS_NOTE), (GO, GO_NOTE)])
def test_signed_notes_of_others_are_verified(line: str, note: str):
    key = read_public_key(line)
    assert key.as_text() == line
    assert note.startswith(open_note(note, key))
    with pytest.raises(DocketError, match="changed after it was signed"):
        open_note(note.replace("o", "0", 1), key)
    with pytest.raises(DocketError, match="not signed with the key"):
        open_note(note, KEYS.public)


def test_a_checkpoint_is_three_lines_and_a_signature():
    root = root_of([b"x" * 32])
    note = sign_checkpoint(Checkpoint(KEYS.origin, 1, root), KEYS.signer)
    text, signature = note.split("\n\n")
    assert text.split("\n")[:2] == [KEYS.origin, "1"]
    assert signature.startswith(f"— {KEYS.origin} ")
    assert open_checkpoint(note, KEYS.public) == Checkpoint(KEYS.origin, 1, root)
    witnessed = note + PETERS_NOTE.split("\n\n")[1]
    assert open_checkpoint(witnessed, KEYS.public).size == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda note: note.replace("\n1\n", "\n2\n"),
        lambda note: note.replace("\n1\n", "\n01\n"),
        lambda note: note.replace("\n\n", "\n"),
        lambda note: note[:-1],
        lambda note: note + "\n",
        lambda note: note.replace("— ", "- "),
        lambda note: "\x00" + note,
        lambda note: note[: note.index("\n\n") + 2],
        lambda _: "",
        lambda _: "\n\n\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(change: Callable[[str], str]):
    note = sign_checkpoint(Checkpoint(KEYS.origin, 1, root_of([b"x" * 32])), KEYS.signer)
    with pytest.raises(DocketError):
        open_checkpoint(change(note), KEYS.public)


@pytest.mark.parametrize(
    "line", ["", "a+b", PETER[:-1], PETER.replace("c74f20a3", "c74f20a4"), PETER.replace("+AR", "+BR"), "a b+1+c"]
)
def test_what_is_no_public_key_is_refused(line: str):
    with pytest.raises(DocketError):
        read_public_key(line)


# Sealed fields


def test_a_box_opens_only_in_its_place():
    head = Head(3, "2026-03-10T12:00:00Z", "request", None)
    (box,) = seal(KEYS.cipher, KEYS.origin, head, {"issuer": "Somebody"})
    opened = unseal(KEYS.cipher, KEYS.origin, head, box)
    assert opened is not None
    assert opened.value == "Somebody"
    assert opened.commitment() == box.commitment
    for other in (
        Head(4, head.at, head.kind, None),
        Head(3, "2026-03-11T12:00:00Z", head.kind, None),
        Head(3, head.at, "step", None),
        Head(3, head.at, head.kind, 1),
        Head(3, head.at, head.kind, None, (1,)),
    ):
        assert unseal(KEYS.cipher, KEYS.origin, other, box) is None
    assert unseal(KEYS.cipher, "another", head, box) is None
    assert unseal(OTHER_KEYS.cipher, KEYS.origin, head, box) is None
    (again,) = seal(KEYS.cipher, KEYS.origin, head, {"issuer": "Somebody"})
    assert again.box != box.box
    assert again.commitment != box.commitment


def test_nothing_that_was_said_is_on_the_disk(place: Place):
    add_plain(place, "Unmistakable Agency")
    for path in place.folder.iterdir():
        assert b"Unmistakable" not in path.read_bytes()
        assert path.stat().st_mode & 0o777 == 0o600, path.name
    assert place.folder.stat().st_mode & 0o777 == 0o700


# Tampering


def test_each_changed_byte_is_found(seven: Place, tmp_path: Path):
    place = copy_of(seven, tmp_path)
    whole = place.log.read_bytes()
    found = 0
    for at in range(0, len(whole), 7):
        changed = bytearray(whole)
        changed[at] ^= 1
        place.log.write_bytes(changed)
        for cipher in (KEYS.cipher, None):
            with pytest.raises(DocketError):
                read_log(place, KEYS.public, cipher)
        found += 1
    assert found > 100
    place.log.write_bytes(whole)
    assert texts(place) == [f"text {i}" for i in range(7)]


@given(data=st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_dropped_repeated_and_reordered_entries_are_found(seven: Place, tmp_path: Path, data: st.DataObject):
    place = copy_of(seven, tmp_path)
    lines = seven.log.read_bytes().splitlines(keepends=True)
    order = data.draw(st.lists(st.integers(0, 6), max_size=9).filter(lambda some: some[:7] != list(range(7))))
    place.log.write_bytes(b"".join(lines[i] for i in order))
    with pytest.raises(DocketError):
        read(place)


def test_the_change_is_named_where_the_key_is_there(seven: Place, tmp_path: Path):
    place = copy_of(seven, tmp_path)
    lines = place.log.read_bytes().splitlines(keepends=True)
    lines[3] = lines[3].replace(b"2026-03-10", b"2026-03-09")
    place.log.write_bytes(b"".join(lines))
    with pytest.raises(DocketError, match="entry 4 was changed"):
        read(place)
    with pytest.raises(DocketError, match="an entry among the 7"):
        read_log(place, KEYS.public)


def test_a_cut_end_is_found(seven: Place, tmp_path: Path):
    place = copy_of(seven, tmp_path)
    lines = place.log.read_bytes().splitlines(keepends=True)
    place.log.write_bytes(b"".join(lines[:5]))
    with pytest.raises(DocketError, match="2 of the 7 entries"):
        read(place)
    with pytest.raises(DocketError, match="2 of the 7 entries"):
        add_plain(place, "more")


def test_a_missing_checkpoint_or_another_key_is_found(seven: Place, tmp_path: Path):
    place = copy_of(seven, tmp_path)
    with pytest.raises(DocketError, match="not signed with the key"):
        read_log(place, OTHER_KEYS.public)
    with pytest.raises(DocketError), writing(place, OTHER_KEYS):
        pass
    place.checkpoint.unlink()
    with pytest.raises(DocketError, match="checkpoint is missing"):
        read(place)
    with pytest.raises(DocketError, match="checkpoint is missing"):
        add_plain(place, "more")


def test_a_log_that_was_rolled_back_whole_is_found_by_a_checkpoint_kept_elsewhere(place: Place, tmp_path: Path):
    add_plain(place, "one", "two")
    before = copy_of(place, tmp_path)
    add_plain(place, "three")
    kept = read(place).checkpoint
    rolled_back = read(before)
    with pytest.raises(DocketError, match="cut off"):
        check_beginning(rolled_back, kept)
    # A rewritten log of the same length, by whoever has the key.
    add_plain(before, "another three")
    with pytest.raises(DocketError, match="rewritten"):
        check_beginning(read(before), kept)
    check_beginning(read(place), kept)


def test_a_field_that_was_taken_out_is_found(seven: Place, tmp_path: Path):
    place = copy_of(seven, tmp_path)
    lines = place.log.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].partition(b"\t")[0] + b"\t\n"
    place.log.write_bytes(b"".join(lines))
    with pytest.raises(DocketError, match="entry 3: its field text is gone"):
        read(place)


# Writers that are stopped


def test_a_torn_last_line_is_dropped_at_each_byte(seven: Place, tmp_path: Path):
    place = copy_of(seven, tmp_path)
    whole, note = place.log.read_bytes(), place.checkpoint.read_text()
    add_plain(place, "never acknowledged")
    line = place.log.read_bytes()[len(whole) :]
    steps = [*range(1, len(line), 23), len(line) - 1]
    for cut in steps:
        place.log.write_bytes(whole + line[:cut])
        place.checkpoint.write_text(note)
        log = read(place)
        assert len(log.entries) == 7
        assert "never acknowledged is torn" in log.notices[0]
        assert add_plain(place, f"after {cut}") == [8]
        assert texts(place) == [*(f"text {i}" for i in range(7)), f"after {cut}"]
        assert not read(place).notices


def test_a_whole_line_without_its_signature_is_signed_by_the_next_writer(seven: Place, tmp_path: Path):
    place = copy_of(seven, tmp_path)
    note = place.checkpoint.read_text()
    add_plain(place, "stopped before the checkpoint")
    place.checkpoint.write_text(note)
    log = read(place)
    assert (len(log.entries), log.checkpoint.size) == (8, 7)
    assert "not signed yet" in log.notices[0]
    assert add_plain(place, "next") == [9]
    assert texts(place)[-2:] == ["stopped before the checkpoint", "next"]


def test_a_forged_line_behind_the_checkpoint_is_not_taken_in(seven: Place, tmp_path: Path):
    place = copy_of(seven, tmp_path)
    lines = place.log.read_bytes().splitlines(keepends=True)
    forged = lines[6].replace(b'"number":7', b'"number":8')
    place.log.write_bytes(b"".join(lines) + forged)
    assert len(read(place).entries) == 7
    with pytest.raises(DocketError, match="behind entry 7, so that somebody wrote there"):
        check_end(place, read(place))
    with writing(place, KEYS) as writer:
        assert writer.notices
        assert len(writer.log.entries) == 7
    assert place.log.read_bytes() == b"".join(lines)


def test_a_docket_that_was_put_back_with_other_rights_is_closed_by_the_next_writer(seven: Place, tmp_path: Path):
    place = copy_of(seven, tmp_path)
    for path in (place.log, place.checkpoint):
        path.chmod(0o644)
    add_plain(place, "next")
    assert {path.name: path.stat().st_mode & 0o777 for path in (place.log, place.checkpoint)} == {
        "log": 0o600, "checkpoint": 0o600,
    }  # fmt: skip


@pytest.mark.parametrize("again", [slice(6, 7), slice(0, 7), slice(2, 3)])
def test_entries_repeated_behind_the_last_one_are_found(seven: Place, tmp_path: Path, again: slice):
    place = copy_of(seven, tmp_path)
    lines = place.log.read_bytes().splitlines(keepends=True)
    check_end(place, read(place))
    place.log.write_bytes(b"".join([*lines, *lines[again]]))
    for log in (read(place), read_log(place, KEYS.public)):
        with pytest.raises(DocketError, match="none of this docket"):
            check_end(place, log)
    # A torn line is what a stopped writer leaves, and no tampering.
    place.log.write_bytes(b"".join(lines) + lines[6][:40])
    check_end(place, read(place))


def test_a_disk_that_is_full_leaves_the_docket_whole(seven: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    place = copy_of(seven, tmp_path)
    whole, note = place.log.read_bytes(), place.checkpoint.read_text()
    real = os.write

    def full_after(budget: int) -> Callable[[int, bytes], int]:
        left = [budget]

        def write(handle: int, data: bytes) -> int:
            if not left[0]:
                raise OSError(28, "No space left on device")
            wrote = real(handle, bytes(data)[: left[0]])
            left[0] -= wrote
            return wrote

        return write

    refused = 0
    for budget in range(0, 900, 60):
        monkeypatch.setattr(writing_module.os, "write", full_after(budget))
        said = ""
        try:
            add_plain(place, "does it fit?")
        except DocketError as error:
            said = str(error)
        finally:
            monkeypatch.setattr(writing_module.os, "write", real)
        if said:
            refused += 1
            assert "No space left" in said
            assert place.log.read_bytes() == whole
            assert place.checkpoint.read_text() == note
        assert sorted(path.name for path in place.folder.iterdir()) == ["checkpoint", "docket.vkey", "lock", "log"]
        read(place)
        if place.log.read_bytes() != whole:
            break
    assert refused >= 5
    assert len(read(place).entries) == 8


WRITE = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from docket import add_plain
from custodiet.docket.identity import Place
for number in range(10_000):
    add_plain(Place(Path({folder!r})), f"{{sys.argv[1]}} {{number}}")
    print(number, flush=True)
"""


def test_a_file_that_may_not_grow_is_one_sentence(place: Place, tmp_path: Path):
    # The kernel itself cuts the write short here.
    code = WRITE.format(tests=str(Path(__file__).parent), folder=str(place.folder))
    done = subprocess.run(
        [sys.executable, "-c", code, "a"],
        capture_output=True, text=True, check=False, timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)),
    )  # fmt: skip
    acknowledged = done.stdout.split()
    assert "DocketError" in done.stderr
    assert "nothing was added" in done.stderr
    assert len(acknowledged) > 2
    assert texts(place) == [f"a {number}" for number in acknowledged]


@pytest.mark.long
def test_writers_that_are_killed_lose_nothing_acknowledged(place: Place):
    code = WRITE.format(tests=str(Path(__file__).parent), folder=str(place.folder))
    acknowledged = 0
    for turn in range(6):
        process = subprocess.Popen([sys.executable, "-c", code, str(turn)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.03 + 0.011 * turn)
        process.send_signal(signal.SIGKILL)
        printed = 1 + len(process.stdout.read().split())
        process.wait()
        kept = [text for text in texts(place) if text.startswith(f"{turn} ")]
        assert kept == [f"{turn} {number}" for number in range(len(kept))]
        # At most one more than was acknowledged: the one that was written and not yet told of.
        assert printed <= len(kept) <= printed + 1
        acknowledged += printed
    assert len(texts(place)) >= acknowledged


def _write_some(folder: Path, name: str, count: int) -> None:
    for number in range(count):
        add_plain(Place(folder), f"{name} {number}")


def test_writers_at_once_lose_nothing(place: Place):
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write_some, args=(place.folder, name, 8)) for name in "abcd"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0, 0, 0]
    found = texts(place)
    assert sorted(found) == sorted(f"{name} {number}" for name in "abcd" for number in range(8))
    for name in "abcd":
        assert [text for text in found if text.startswith(name)] == [f"{name} {number}" for number in range(8)]


# Proofs


def test_a_proof_of_an_entry_shows_what_was_opened_and_no_more(seven: Place):
    log = read(seven)
    for number in range(1, 8):
        proof = prove_entry(log, KEYS, number, ["text"] if number == 3 else [])
        found = check_proof(proof, KEYS.public)
        assert isinstance(found, Included)
        assert found.head.number == number
        assert {one.name: one.value for one in found.opened} == ({"text": "text 2"} if number == 3 else {})
    with pytest.raises(DocketError, match="no signed entry 8"):
        prove_entry(log, KEYS, 8)
    with pytest.raises(DocketError, match="no field 'nothing'"):
        prove_entry(log, KEYS, 1, ["nothing"])


def test_a_proof_is_of_its_log_only(seven: Place, place: Place):
    proof = prove_entry(read(seven), KEYS, 3, ["text"])
    for changed in (
        proof.replace("index 2", "index 3"),
        proof.replace("\n7\n", "\n8\n"),
        proof.replace("extra ", "extra AA"),
        proof.replace("index 2\n", "index 2\n" + "A" * 43 + "=\n"),
        proof[: proof.index("\n\n")],
        "",
        "c2sp.org/tlog-proof@v1\n",
        "custodiet/docket-consistency@v1\n\n\n",
    ):
        with pytest.raises(DocketError):
            check_proof(changed, KEYS.public)
    with pytest.raises(DocketError):
        check_proof(proof, OTHER_KEYS.public)
    add_plain(place, *(f"text {i}" for i in range(7)))
    other = prove_entry(read(place), KEYS, 3)
    mixed = proof.partition("\n\n")[0] + "\n\n" + other.partition("\n\n")[2]
    with pytest.raises(DocketError, match="does not hold"):
        check_proof(mixed, KEYS.public)


def test_an_opened_field_that_is_not_what_was_committed_to_is_refused(seven: Place):
    import base64
    import json

    proof = prove_entry(read(seven), KEYS, 3, ["text"])
    extra = proof.split("\n")[1].removeprefix("extra ")
    said = json.loads(base64.b64decode(extra))
    said["opened"][0]["value"] = "another text"
    forged = base64.b64encode(json.dumps(said).encode()).decode()
    with pytest.raises(DocketError, match="not what the entry commits to"):
        check_proof(proof.replace(extra, forged), KEYS.public)


def test_growth_is_proved_between_any_two_sizes(tmp_path: Path):
    place = Place(tmp_path / "docket")
    notes = []
    for number in range(9):
        add_plain(place, str(number))
        notes.append(read(place).note)
    log = read(place)
    for old, note in enumerate(notes, start=1):
        found = check_proof(prove_growth(log, note), KEYS.public)
        assert isinstance(found, Grown)
        assert (found.old.size, found.new.size) == (old, 9)
    proof = prove_growth(log, notes[4])
    first_step = proof.split("\n")[1]
    with pytest.raises(DocketError, match="does not hold"):
        check_proof(proof.replace(first_step, "A" * 43 + "="), KEYS.public)


def test_a_rewritten_log_has_no_proof_of_growth(seven: Place, place: Place):
    note = read(seven).note
    add_plain(place, *(f"other {i}" for i in range(9)))
    with pytest.raises(DocketError, match="rewritten"):
        prove_growth(read(place), note)


def _mutated(text: str, data: st.DataObject) -> str:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    return text[:start] + data.draw(st.text(max_size=20)) + text[end:]


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_whatever_is_given_as_a_proof_key_or_line_is_told_in_our_own_words(seven: Place, data: st.DataObject):
    log = read(seven)
    proofs = (prove_entry(log, KEYS, 3, ["text"]), prove_growth(log, log.note))
    proof = data.draw(st.sampled_from(proofs))
    mutated = _mutated(proof, data)
    if mutated != proof:
        # What still holds shows no more than the whole proof did: the extra data are not authenticated, opened fields are.
        with contextlib.suppress(DocketError):
            found = check_proof(mutated, KEYS.public)
            assert isinstance(found, Grown) or found.head == log.entries[2].head
    with contextlib.suppress(DocketError):
        assert open_checkpoint(_mutated(log.note, data), KEYS.public) == log.checkpoint
    with contextlib.suppress(DocketError):
        assert read_public_key(_mutated(PETER, data)).as_text() == PETER
    line = _mutated(seven.log.read_bytes().splitlines()[2].decode(), data).encode("utf-8", "replace")
    with contextlib.suppress(LineError):
        read_line(line)


# Speed


@pytest.mark.long
def test_ten_thousand_entries_are_verified_in_two_seconds(place: Place):
    with writing(place, KEYS) as writer:
        writer.append([Draft("request", {f"field {i}": "a value of some length" for i in range(12)})] * 10_000, NOW)
    read(place)
    started = time.process_time()
    log = read(place)
    assert time.process_time() - started < 2
    assert log.checkpoint.size == 10_000
