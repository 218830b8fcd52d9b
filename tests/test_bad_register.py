"""Registers that can't be read: one sentence, and a build makes them anew."""

import json
import shutil
import sqlite3
from pathlib import Path

import duckdb
import pytest

from command import assert_one_sentence, run
from custodiet.model.errors import RegisterError
from custodiet.store import building, memory_register, open_register


@pytest.fixture
def register(tmp_path: Path) -> Path:
    path = tmp_path / "register.duckdb"
    with building(path):
        pass
    return path


def change(register: Path, statement: str) -> None:
    with duckdb.connect(str(register)) as connection:
        connection.execute(statement)


def make_older(register: Path) -> None:
    change(register, "update meta set value = '0' where key = 'schema_version'")


def make_text(register: Path) -> None:
    register.write_text("This is a letter, not a register.\n" * 500, "utf-8")


def make_sqlite(register: Path) -> None:
    register.unlink()
    with sqlite3.connect(register) as connection:
        connection.execute("create table meta (key text, value text)")
    connection.close()


def make_folder(register: Path) -> None:
    register.unlink()
    register.mkdir()


def cut_in_half(register: Path) -> None:
    content = register.read_bytes()
    register.write_bytes(content[: len(content) // 2])


DAMAGES = {
    "another version": (make_older, "schema 0"),
    "no version": (lambda path: change(path, "delete from meta"), ""),
    "another DuckDB file": (lambda path: change(path, "drop table meta"), "not a register"),
    "a text file": (make_text, "not a register"),
    "an SQLite file": (make_sqlite, "not a register"),
    "an empty file": (lambda path: path.write_bytes(b""), "not a register"),
    "cut in half": (cut_in_half, "not a register"),
    "missing": (lambda path: path.unlink(), "custodiet build"),
    "a folder": (make_folder, "folder"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_register_that_cannot_be_read_is_refused_in_one_sentence(damage: str, register: Path):
    spoil, says = DAMAGES[damage]
    spoil(register)
    with pytest.raises(RegisterError) as caught:
        open_register(register)
    text = str(caught.value)
    assert len(text.splitlines()) == 1
    assert str(register) in text
    assert says in text


def test_questions_to_a_register_of_another_version_exit_with_the_sentence(register: Path, tmp_path: Path):
    make_older(register)
    assert "schema 0" in assert_one_sentence(run("sources", "--register", register, home=tmp_path))


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7, 0.9])
def test_register_with_damaged_blocks_is_refused_or_answers_in_full(share: float, tmp_path: Path):
    register = tmp_path / "register.duckdb"
    assert run("build", "--offline", "--register", register, home=tmp_path).returncode == 0
    question = ("search", "ICE", "--json", "--register", register)
    whole = run(*question, home=tmp_path)
    content = bytearray(register.read_bytes())
    place = int(len(content) * share)
    content[place : place + 300_000] = bytes(300_000)
    register.write_bytes(content)
    done = run(*question, home=tmp_path)
    if done.returncode == 0:
        assert done.stdout == whole.stdout
    else:
        assert str(register) in assert_one_sentence(done)


def test_register_that_lacks_a_table_is_refused_in_one_sentence(register: Path, tmp_path: Path):
    change(register, "drop table findings")
    assert str(register) in assert_one_sentence(run("findings", "--register", register, home=tmp_path))


def test_build_takes_the_place_of_a_register_of_another_version(tmp_path: Path):
    register = tmp_path / "register.duckdb"
    assert run("build", "--offline", "--register", register, home=tmp_path).returncode == 0
    make_older(register)
    done = run("build", "--offline", "--register", register, "--json", home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["changed"] is True
    with open_register(register) as opened:
        assert opened.rows("select count(*) from pages") > [(0,)]


def test_build_into_a_folder_is_refused_and_leaves_it(tmp_path: Path):
    folder = tmp_path / "register.duckdb"
    folder.mkdir()
    assert str(folder) in assert_one_sentence(run("build", "--offline", "--register", folder, home=tmp_path))
    assert list(folder.iterdir()) == []


def test_build_below_a_file_is_refused(tmp_path: Path):
    (tmp_path / "file").write_text("a file", "utf-8")
    path = tmp_path / "file" / "register.duckdb"
    assert str(tmp_path / "file") in assert_one_sentence(run("build", "--offline", "--register", path, home=tmp_path))


def test_build_that_fails_halfway_leaves_the_old_register_and_no_draft(register: Path):
    before = register.read_bytes()

    def fail() -> None:
        with building(register) as draft:
            draft.run("insert into meta values ('half', 'done')")
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        fail()
    assert register.read_bytes() == before
    assert list(register.parent.iterdir()) == [register]


def test_reader_goes_on_reading_the_old_register_while_a_new_one_is_published(register: Path):
    with open_register(register) as reader:
        with building(register) as draft:
            draft.run("insert into meta values ('fingerprint', 'new')")
        assert reader.rows("select count(*) from meta where key = 'fingerprint'") == [(0,)]
    with open_register(register) as reader:
        assert reader.rows("select value from meta where key = 'fingerprint'") == [("new",)]


def test_register_in_a_folder_with_quotes_and_spaces_in_its_name(register: Path, tmp_path: Path):
    folder = tmp_path / 'it\'s a "folder" of ours'
    with building(folder / "register.duckdb"):
        pass
    with open_register(folder / "register.duckdb") as reader:
        assert reader.rows("select count(*) from findings") == [(0,)]
    shutil.rmtree(folder)


def test_no_register_fetches_extensions_from_the_network(register: Path):
    settings = ("autoinstall_known_extensions", "autoload_known_extensions")
    with open_register(register) as reader, memory_register() as memory:
        for each in (reader, memory):
            for setting in settings:
                assert each.rows(f"select current_setting('{setting}')") == [(False,)], setting
