"""Every command as a user runs it, on the real inventories."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import custodiet
from custodiet import questions
from custodiet.cli.output import tell_steps

COMMAND = Path(sys.executable).parent / "custodiet"


def run(*arguments: str, register: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "CUSTODIET_REGISTER": str(register),
        "CUSTODIET_JUDGEMENTS": str(register.parent / "own.jsonl"),
    }
    done = subprocess.run(
        [COMMAND, *arguments], capture_output=True, text=True, env=environment, check=False, timeout=120, encoding="utf-8"
    )
    if check:
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
    return done


LISTS = [
    ["sources"],
    ["findings", "--rule", "m-25-21-appeal", "--agency", "ICE"],
    ["findings", "--bureau", "ICE", "--outcome", "gap"],
    ["search", "palantir"],
    ["diff", "2024", "2025", "--agency", "ICE"],
    ["diff", "2023", "2024"],
    ["diff", "omb-inventory", "dhs-inventory"],
    ["compare", "DHS", "DOJ"],
    ["rules"],
    ["spend"],
    ["notices", "DHS/ICE"],
    ["spend", "--by", "vendor", "--agency", "ICE", "--year", "2026"],
    ["awards", "--words", "skip tracing"],
    ["judge", "--agency", "DHS"],
    ["judge", "--judged"],
]


@pytest.mark.parametrize("arguments", LISTS, ids=" ".join)
def test_lists_print_a_table_json_csv_and_a_workbook(arguments: list[str], register_file: Path, tmp_path: Path) -> None:
    assert len(run(*arguments, register=register_file).stdout.splitlines()) > 3
    assert json.loads(run(*arguments, "--json", register=register_file).stdout)
    assert len(list(csv.reader(io.StringIO(run(*arguments, "--csv", register=register_file).stdout)))) > 1
    run(*arguments, "--xlsx", str(tmp_path / "out.xlsx"), register=register_file)
    assert (tmp_path / "out.xlsx").stat().st_size > 1000


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", "DHS-2577"], ["show", "DHS-2577", "DHS-2731"], ["show", "immigrationos"], ["show", "palantir"],
        ["show", "dmv-photos"], ["show", "m-25-21"], ["show", "ICM"], ["show", "DOJ-0160"], ["show", "Mobile Fortify"],
        ["show", "70CDCR26FR0000015"],
        ["cite", "omb-inventory-2025", "1", "id"], ["rules", "m-25-21-appeal"], ["findings", "--summary"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_single_answers_print_text_and_json(arguments: list[str], register_file: Path) -> None:
    assert run(*arguments, register=register_file).stdout.strip()
    assert json.loads(run(*arguments, "--json", register=register_file).stdout)


def test_the_summary_has_the_four_counts_of_every_rule(register_file: Path) -> None:
    rules = json.loads(run("findings", "--summary", "--json", "--agency", "DHS", register=register_file).stdout)["rules"]
    assert len(rules) == 29
    assert all(set(counts) == {"gap", "clear", "not-applicable", "cannot-tell"} for counts in rules.values())
    assert rules["m-25-21-assessment"]["gap"] == 12
    by_name = json.loads(
        run("findings", "--summary", "--json", "--agency", "Department of Homeland Security", register=register_file).stdout
    )["rules"]
    assert by_name == rules
    ice = [
        json.loads(run("findings", "--summary", "--json", *scope, register=register_file).stdout)["rules"]
        for scope in (
            ["--agency", "ICE"],
            ["--bureau", "ice"],
            ["--agency", "Immigration and Customs Enforcement"],
            ["--agency", "DHS", "--bureau", "ICE"],
        )
    ]
    assert ice[0] == ice[1] == ice[2] == ice[3]
    assert ice[0]["m-25-21-assessment"] == {"gap": 3, "clear": 5, "not-applicable": 43, "cannot-tell": 0}


def test_a_finding_has_its_parts(register_file: Path) -> None:
    (finding,) = [
        f
        for f in json.loads(
            run("findings", "--json", "--rule", "m-25-21-testing", "--agency", "ICE", register=register_file).stdout
        )
        if f["subject"]["id"] == "DHS-2577"
    ]
    assert set(finding) == {
        "id", "rule", "subject", "outcome", "timing", "reason", "grade", "unverified", "citations", "numbers",
        "does_not_show",
    }  # fmt: skip
    assert {"kind", "id", "name", "agency", "bureau"} <= set(finding["subject"])
    assert (finding["outcome"], finding["timing"], finding["grade"]) == ("gap", "not-yet-due", "Known")


def test_a_later_day_can_be_asked_of_all_rules_at_once(register_file: Path) -> None:
    for scope in ([], ["--agency", "DHS"], ["--summary"]):
        assert run("findings", *scope, "--as-of", "2026-05-01", "--json", register=register_file).stdout
    listed = json.loads(run("findings", "--agency", "ICE", "--as-of", "2026-05-01", "--json", register=register_file).stdout)
    on_contracts = [f for f in listed if f["rule"] in {"source-incomplete", "contract-number-unresolved"}]
    assert on_contracts
    assert not any("inventory is known" in f["reason"] for f in on_contracts)


def test_a_later_day_says_that_no_later_inventory_is_known(register_file: Path) -> None:
    arguments = ["findings", "--json", "--rule", "m-25-21-testing", "--agency", "ICE", "--outcome", "gap"]
    for finding in json.loads(run(*arguments, "--as-of", "2026-11-22", register=register_file).stdout):
        assert finding["timing"] == "not-yet-due"
        assert "no later inventory is known" in finding["reason"]
        assert "2026-04-03, has passed" in finding["reason"]
    early = run(*arguments, "--as-of", "2026-01-01", register=register_file, check=False)
    assert (early.returncode, early.stderr.count("\n")) == (2, 1)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["findings", "--agency", "Atlantis"], "no agency or bureau"),
        (["findings", "--rule", "no-such-rule"], "the rules are"),
        (["findings", "--outcome", "violation"], "choose one of"),
        (["show", "Mobil Fortify"], "Did you mean Mobile Fortify"),
        (["cite", "omb-inventory-2025", "99999", "id"], "rows 1 to 3,611"),
        (["cite", "omb-inventory-2025", "1", "nothing"], "its columns are"),
        (["cite", "nothing", "1", "id"], "the releases are"),
        (["diff", "2023", "2025"], "neighbouring years"),
        (["diff", "omb-inventory", "x"], "the sources are"),
        (["compare", "DHS", "Atlantis"], "no department"),
        (["compare", "DHS", "EEOC"], "no use case of 2025"),
        (["findings", "--agency", "DHS", "--bureau", "FBI"], "no bureau of DHS"),
        (["findings", "--summary", "--outcome", "gap"], "leave `--outcome` out"),
        (["findings", "--json", "--csv"], "Choose"),
        (["judge", "accept", "x", "--by", " ", "--because", "B"], "who decides"),
        (["diff", "omb-inventory", "omb-inventory"], "agrees with itself"),
        (["rules", "x"], "the rules are"),
        (["judge", "accept", "x", "--by", "A", "--because", "B"], "lists them"),
        (["search", " "], "at least one word"),
        (["awards", "--agency", "zz"], "CBP and ICE"),
        (["awards", "--vendor", "John Smith"], "reads as a person's name"),
        (["spend", "--year", "1800"], "2021, 2022, 2023"),
        (["frobnicate"], "No such command 'frobnicate'"),
        (["spend", "--bogus"], "No such option: --bogus; `custodiet spend --help`"),
        (["spend", "--year", "abc"], "Invalid value for '--year'"),
        (["show"], "Missing argument 'names'"),
        (["fetch", "foo"], "nothing to fetch from 'foo'"),
        (["fetch", "usaspending", "--agency", "ZZ", "--since", "2025-10-01"], "'ZZ' is no bureau that is known"),
    ],
)
def test_a_wrong_question_gets_one_sentence(arguments: list[str], says: str, register_file: Path) -> None:
    done = run(*arguments, register=register_file, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("custodiet: ")
    assert done.stderr.count("\n") == 1
    assert says in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["{}"], ["--{}"], ["show", "{}"], ["findings", "--agency", "{}"], ["findings", "--rule", "{}"],
     ["cite", "{}", "1", "id"],
     ["diff", "omb-inventory", "{}"], ["awards", "--agency", "{}"], ["awards", "--category", "{}"], ["fetch", "{}"],
     ["resolve", "--explain", "{}"], ["spend", "--agency", "{}"], ["notices", "--kind", "{}"]],
    ids=" ".join,
)  # fmt: skip
def test_an_error_does_not_repeat_a_long_name(arguments: list[str], register_file: Path) -> None:
    done = run(*(each.format("x" * 5000) for each in arguments), register=register_file, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "xxx…" in done.stderr
    assert "x" * 61 not in done.stderr


def test_help_and_version_end_well_and_no_question_shows_the_help(register_file: Path) -> None:
    assert run("--version", register=register_file).stdout.strip()
    assert "--year" in run("spend", "--help", register=register_file).stdout
    nothing = run(register=register_file, check=False)
    assert nothing.returncode == 2
    assert "custodiet [OPTIONS] COMMAND" in nothing.stdout + nothing.stderr
    assert "custodiet: " not in nothing.stderr


def test_a_part_of_a_firms_name_that_reads_as_a_persons_is_looked_for(register_file: Path) -> None:
    assert json.loads(run("awards", "--vendor", "Booz Allen", "--json", register=register_file).stdout)


def test_an_award_says_what_the_lexicon_takes_it_for(register_file: Path) -> None:
    shown = run("show", "70CTD022FR0000170", register=register_file).stdout
    assert "Shows, by the lexicon: " in shown
    with custodiet.open_register(register_file) as register:
        ((single,),) = register.rows("select min(award) from awards where actions = 1")
    assert "1 action obligates $" in run("show", single, register=register_file).stdout


def test_a_judgement_is_appended_applied_and_undone(register_file: Path, mirror: Path, tmp_path: Path) -> None:
    with custodiet.open_register(register_file) as register:
        proposal = questions.proposals(register, agency="DHS")[0]
    own = tmp_path / "own.jsonl"
    shared = ["--by", "A reader", "--because", "the same words", "--judgements", str(own)]
    run("judge", "accept", proposal["id"], *shared, register=register_file)
    mine = tmp_path / "register.duckdb"
    custodiet.build(mine, mirror, judgements=own)
    with custodiet.open_register(mine) as register:
        assert proposal["id"] not in [p["id"] for p in questions.proposals(register, agency="DHS")]
        renamed = questions.diff(register, "2024", "2025", agency="DHS")["renamed"]
        assert proposal["later"]["id"] in [row["id"] for row in renamed if row["by_whom"] == "A reader"]
    run("judge", "undo", proposal["id"], *shared, register=mine)
    custodiet.build(mine, mirror, judgements=own)
    with custodiet.open_register(mine) as register:
        assert proposal["id"] in [p["id"] for p in questions.proposals(register, agency="DHS")]
    assert len(own.read_text().splitlines()) == 2


def test_a_judgement_about_another_name_is_refused(mirror: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.jsonl"
    own.write_text(
        '{"kind":"same-use-case","earlier":{"release":"omb-inventory-2024","row":1,"name":"Not its name"},'
        '"later":{"release":"omb-inventory-2025","row":1,"name":"Nor this"},"verdict":"accept","by":"x",'
        '"date":"2026-01-01","reason":"y"}\n'
    )
    with pytest.raises(custodiet.CustodietError, match="judge the pair again"):
        custodiet.build(tmp_path / "register.duckdb", mirror, judgements=own)
    assert not (tmp_path / "register.duckdb").exists()


def test_the_same_inputs_give_the_same_bytes(register_file: Path, mirror: Path, tmp_path: Path) -> None:
    again = tmp_path / "register.duckdb"
    (tmp_path / "none.jsonl").touch()
    custodiet.build(again, mirror, judgements=tmp_path / "none.jsonl")
    for arguments in (
        ["findings", "--agency", "DHS", "--json"], ["findings", "--csv", "--outcome", "gap"], ["sources", "--json"],
        ["diff", "2024", "2025", "--json"], ["search", "face", "--json"], ["judge", "--json"], ["show", "palantir", "--json"],
        ["awards", "--agency", "ICE", "--json"], ["spend", "--by", "vendor,year", "--json"],
    ):  # fmt: skip
        assert run(*arguments, register=register_file).stdout == run(*arguments, register=again).stdout
    for register, name in ((register_file, "a.xlsx"), (again, "b.xlsx")):
        run("findings", "--agency", "ICE", "--xlsx", str(tmp_path / name), register=register)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_an_unchanged_build_does_nothing_and_a_fresh_one_does(register_file: Path, mirror: Path) -> None:
    own = register_file.parent / "none.jsonl"
    before = register_file.stat().st_mtime_ns
    assert not custodiet.build(register_file, mirror, judgements=own).changed
    assert register_file.stat().st_mtime_ns == before


def test_a_closed_pipe_is_no_error(register_file: Path) -> None:
    environment = {**os.environ, "CUSTODIET_REGISTER": str(register_file)}
    done = subprocess.run(
        f"'{COMMAND}' findings --csv | head -n 1", shell=True, capture_output=True, text=True, env=environment, check=False
    )
    assert "Traceback" not in done.stderr
    assert done.stdout.startswith("id,")


def test_steps_are_told_on_a_terminal_alone_and_wiped(monkeypatch, capsys):
    for is_terminal in (True, False):
        monkeypatch.setattr("sys.stderr.isatty", lambda is_terminal=is_terminal: is_terminal, raising=False)
        with tell_steps() as tell:
            tell("Reading")
        with tell_steps(quiet_seconds=60) as tell:
            tell("never told")
        said = capsys.readouterr().err
        assert ("Reading …" in said) == is_terminal
        assert "never told" not in said
        assert said.endswith("\r\x1b[K") == is_terminal
