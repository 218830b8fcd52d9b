"""Nobody is exposed: ten thousand planted plates, names, phones and birth dates are in nothing that an audit leaves."""

import csv
import json
import os
import random
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pypdfium2
import pytest

from command import assert_one_sentence, run, start
from custodiet.access_log.key import load_key, pads, token_of, token_sql
from custodiet.model.errors import InputError
from custodiet.store.scratch import open_scratch
from logs import FLOCK_14, KEY, audit, flock_row, to_csv, write_log

PLANTED = 10_000
# Columns of text; times and counts hold what they must, and are spoilt one by one below.
TEXTS = ("ID", "Name", "OrgName", "LicensePlate", "Reason", "CaseNo", "Filters", "SearchType", "TextPrompt", "Moderation")
SYLLABLES = ("bra", "dun", "kel", "mor", "vas", "tin", "zor", "quil", "fen", "gar", "lud", "wex")


def plant() -> Iterator[str]:
    """Yield plates, names, phones and birth dates in turn; the same ones every time."""
    draw = random.Random(4)
    while True:
        yield "".join(
            draw.choices(string.digits, k=1) + draw.choices(string.ascii_uppercase, k=3) + draw.choices(string.digits, k=3)
        )
        yield " ".join("".join(draw.choices(SYLLABLES, k=3)).title() for _ in range(2))
        yield f"{draw.randrange(200, 999)}-555-{draw.randrange(10_000):04}"
        yield f"{draw.randrange(1, 13):02}/{draw.randrange(1, 29):02}/{draw.randrange(1940, 2008)}"


def planted_rows() -> tuple[list[dict[str, str]], set[str]]:
    """Return rows whose every text is planted, some of them amid words that are kept; and the words to look for."""
    source = plant()
    rows, words = [], set()
    for number in range(PLANTED // len(TEXTS) * 2):
        cells = {}
        for name in TEXTS:
            secret = next(source)
            words.update(part.casefold() for part in secret.split())
            cells[name] = secret if number % 2 else f"stolen vehicle {secret} warrant"
        rows.append(flock_row(number, **cells))
    # Some plates often enough for every breakdown.
    rows += [{**rows[1], "ID": f"again{n}"} for n in range(50)]
    return rows, words


def words_in(text: str) -> set[str]:
    """Return everything in a text that could be planted: words, phones, days."""
    folded = text.casefold()
    return {
        *re.findall(r"[a-z0-9]{5,}", folded),
        *re.findall(r"\d{3}-555-\d{4}", folded),
        *re.findall(r"\d\d/\d\d/\d{4}", folded),
    }


def texts_of(path: Path) -> str:
    """Return all that a file says: its bytes as text, a PDF's text, every cell of a database."""
    raw = path.read_bytes().decode("utf-8", "replace")
    if path.suffix == ".pdf":
        document = pypdfium2.PdfDocument(path)
        raw += "\n".join(page.get_textpage().get_text_bounded() for page in document)
    if path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as connection:
            for (table,) in connection.execute("select table_name from information_schema.tables").fetchall():
                raw += str(connection.execute(f'select * from "{table}"').fetchall())
    return raw


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any, set[str]]:
    home = tmp_path_factory.mktemp("home")
    (home / "tmp").mkdir()
    rows, words = planted_rows()
    log = write_log(home.parent / f"{home.name}-log.csv", rows)
    done = run("audit", log, "--producer", "Town WA PD", "--time-zone", "America/Los_Angeles", "--out", home / "out",
               "--release-check", "--json", home=home, TMPDIR=str(home / "tmp"), timeout=120)  # fmt: skip
    return home, done, words


def test_nothing_planted_is_in_what_an_audit_leaves_behind(audited: tuple[Path, Any, set[str]]) -> None:
    home, done, words = audited
    assert done.returncode == 0, done.stderr
    assert len(words) > PLANTED
    files = [path for path in home.rglob("*") if path.is_file()]
    assert {"audit.json", "report.html", "report.pdf", "measures.csv", "searches.duckdb", "publishable.csv"} <= {
        p.name for p in files
    }
    for name, text in [("stdout", done.stdout), ("stderr", done.stderr), *((path.name, texts_of(path)) for path in files)]:
        assert not words & words_in(text), (name, sorted(words & words_in(text))[:5])


def test_the_looking_itself_finds_what_is_there(audited: tuple[Path, Any, set[str]]) -> None:
    home, _, words = audited
    log = home.parent / f"{home.name}-log.csv"
    assert words <= words_in(texts_of(log))


def test_nothing_is_left_in_the_temporary_folder(audited: tuple[Path, Any, set[str]]) -> None:
    home, _, _ = audited
    assert list((home / "tmp").iterdir()) == []
    assert not (home / ".tmp").exists()


def test_duckdb_has_nowhere_to_spill_to() -> None:
    with open_scratch("100MB") as database:
        assert database.rows("select current_setting('temp_directory')") == [("",)]
        with pytest.raises(duckdb.OutOfMemoryException):
            database.run("create table t as select md5(i::varchar) || md5((i + 1)::varchar) as x from range(10000000) r(i)")


@pytest.mark.parametrize("column", ["Search Time", "Time Frame", "Total Networks Searched", "Total Devices Searched"])
def test_an_error_about_a_column_does_not_show_its_cells(tmp_path: Path, column: str) -> None:
    source = plant()
    secrets = [next(source) for _ in range(40)]
    rows = [{**flock_row(n), column: secret} for n, secret in enumerate(secrets)]
    done = run("audit", write_log(tmp_path / "log.csv", rows), home=tmp_path)
    done.stderr = "\n".join(line for line in done.stderr.splitlines() if not line.startswith("Made a new key"))
    assert column in assert_one_sentence(done)
    assert not {secret.casefold() for secret in secrets} & words_in(done.stderr)


def test_an_error_about_a_row_does_not_show_it(tmp_path: Path) -> None:
    text = to_csv([flock_row(n, LicensePlate="7SEC777", Name="Bradunkel Vastin") for n in range(300)])
    (tmp_path / "log.csv").write_text(text + "7SEC777,Bradunkel Vastin\n", "utf-8")
    done = run("audit", tmp_path / "log.csv", home=tmp_path)
    assert done.returncode == 2
    assert not {"7sec777", "bradunkel", "vastin"} & words_in(done.stderr + done.stdout)


# --- The key


def test_tokens_are_hmac_sha256_by_role() -> None:
    plate, case = KEY.derive("plate"), KEY.derive("case_number")
    assert plate != case
    with open_scratch() as database:
        ((token,),) = database.rows(f"select {token_sql('$text')}", {"text": "abc0001", **pads(plate)})
    assert token == token_of(plate, "abc0001") != token_of(case, "abc0001")


def test_hmac_of_the_standard_s_own_case() -> None:
    # RFC 4231, test case 2.
    assert token_of(b"Jefe", "what do ya want for nothing?") == "5bdcc146bf60754e6a042426089575c7"


def test_the_kept_log_has_tokens_and_no_plates(tmp_path: Path) -> None:
    write_log(tmp_path / "log.csv", [flock_row(1, LicensePlate="ABC0001")])
    run("audit", tmp_path / "log.csv", "--out", tmp_path / "out", home=tmp_path)
    path = tmp_path / "out" / "searches.duckdb"
    assert path.stat().st_mode & 0o077 == 0
    key = load_key(next((tmp_path / "config").rglob("access-log.key")))
    with duckdb.connect(str(path), read_only=True) as connection:
        assert connection.execute("select token from plate").fetchall() == [(token_of(key.derive("plate"), "abc0001"),)]


def test_the_first_run_makes_a_key_and_says_so(tmp_path: Path) -> None:
    log = write_log(tmp_path / "log.csv", [flock_row(1)])
    first = run("audit", log, "--json", home=tmp_path)
    again = run("audit", log, "--json", home=tmp_path)
    (path,) = (tmp_path / "config").rglob("access-log.key")
    assert "Made a new key" in first.stderr
    assert str(path) in first.stderr
    assert again.stderr == ""
    assert first.stdout == again.stdout
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_key_s_file_can_be_named(tmp_path: Path) -> None:
    log = write_log(tmp_path / "log.csv", [flock_row(1)])
    run("audit", log, "--json", "--key", tmp_path / "a.key", home=tmp_path)
    run("audit", log, "--json", home=tmp_path, CUSTODIET_KEY_FILE=str(tmp_path / "b.key"))
    assert (tmp_path / "a.key").read_text() != (tmp_path / "b.key").read_text()


@pytest.mark.parametrize("text", ["", "not hex", "abcd"])
def test_an_unreadable_key_ends_the_run(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.key"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(InputError, match="key"):
        load_key(path)
    done = run(
        "audit", write_log(tmp_path / "log.csv", [flock_row(1)]), "--key", path, "--out", tmp_path / "out", home=tmp_path
    )
    assert_one_sentence(done)
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(os.name != "posix", reason="rights of this kind are POSIX's")
def test_a_key_that_others_may_read_ends_the_run(tmp_path: Path) -> None:
    path = load_key(tmp_path / "a.key").path
    path.chmod(0o644)
    with pytest.raises(InputError, match="others may read"):
        load_key(path)


def test_a_folder_is_no_key(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder"):
        load_key(tmp_path)


def test_the_release_file_hides_users_plates_and_times(tmp_path: Path) -> None:
    rows = [flock_row(n, LicensePlate=f"ABC{n:04}", Name="Bradunkel Vastin", CaseNo=f"26-{n:06}") for n in range(20)]
    done = run("audit", write_log(tmp_path / "log.csv", rows), "--release-check", "--out", tmp_path / "out", home=tmp_path)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "out" / "publishable.csv").read_text("utf-8")
    assert text.startswith("day,")
    assert "2026-04-08" in text
    assert not re.search(r"ABC|Bradunkel|26-0000|09:00", text)
    assert "Plate" in done.stdout
    assert FLOCK_14[6] == "License Plate"


def test_the_release_file_names_no_organisation_and_no_reason_of_few_searches(tmp_path: Path) -> None:
    rows = [flock_row(n, OrgName="Town WA PD", Reason="burglary") for n in range(30)]
    rows += [flock_row(30 + n, OrgName="Lonely TX PD", Reason="kidnapping") for n in range(9)]
    rows += [flock_row(40 + n, OrgName="Busy OR PD", Reason="arson Bradunkel") for n in range(9)]
    audit(tmp_path, write_log(tmp_path / "log.csv", rows), "--release-check", "--out", tmp_path / "out")
    with (tmp_path / "out" / "publishable.csv").open(encoding="utf-8", newline="") as stream:
        found = list(csv.DictReader(stream))
    assert sum(int(row["searches"]) for row in found) == len(rows)
    assert {row["organisation"] for row in found} == {"Town WA PD", "[other]"}
    assert {row["reason"] for row in found} == {"burglary", "[other]"}


def test_a_folder_holds_one_audit_and_its_manifest_comes_last(tmp_path: Path) -> None:
    first = write_log(tmp_path / "first.csv", [flock_row(1)])
    second = write_log(tmp_path / "second.csv", [flock_row(2), flock_row(3)])
    out = tmp_path / "out"
    audit(tmp_path, first, "--release-check", "--out", out)
    assert (out / "publishable.csv").is_file()
    audit(tmp_path, second, "--out", out)
    assert not (out / "publishable.csv").exists()
    assert json.loads((out / "manifest.json").read_text())["files"][0]["file"] == "second.csv"
    assert json.loads((out / "audit.json").read_text())["measures"][0]["value"] == 2
    assert not [path for path in out.iterdir() if path.name.startswith(".")]


def test_two_audits_into_one_folder_leave_one_of_them_whole(tmp_path: Path) -> None:
    logs = [write_log(tmp_path / f"{n}.csv", [flock_row(i) for i in range(1, n + 1)]) for n in (3, 4)]
    out = tmp_path / "out"
    audit(tmp_path, logs[0])
    running = [start("audit", log, "--out", out, home=tmp_path) for log in logs]
    for process in running:
        process.communicate()
        assert process.returncode == 0
    rows = {json.loads((out / "audit.json").read_text())["measures"][0]["value"]}
    (file,) = json.loads((out / "manifest.json").read_text())["files"]
    rows.add(int(file["file"].removesuffix(".csv")))
    with duckdb.connect(str(out / "searches.duckdb"), read_only=True) as kept:
        rows.add(kept.execute("select count(*) from searches").fetchone()[0])
    assert len(rows) == 1


def test_a_log_that_does_not_fit_into_memory_is_refused_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from custodiet.access_log import log as floor
    from custodiet.access_log.sample import make_sample

    make_sample(200_000, tmp_path / "log.csv")
    monkeypatch.setattr(floor, "open_scratch", lambda: open_scratch("60MB"))
    with pytest.raises(InputError, match="does not fit into memory"), floor.open_log([tmp_path / "log.csv"], KEY):
        pass
