"""Audits of query logs in the register: what joins it, what stays out of it, and what the matrix may say of a log."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import custodiet
from command import assert_one_sentence, run
from custodiet import questions
from custodiet.model.errors import CustodietError
from custodiet.register.audits import read_audits
from custodiet.rules.logs import read_log_rules
from custodiet.rules.page import read_rules
from logs import audit, flock_row, write_log

FAR = "01/01/2026, 09:00:00 AM UTC\n04/08/2026, 09:00:00 AM UTC"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of audits: of a town whose searches reach far back, of ICE, and of nobody named."""
    home = tmp_path_factory.mktemp("audits")
    for name, row, more in (
        ("town", flock_row(1, TimeFrame=FAR), ["--producer", "Town WA PD"]),
        ("ice", flock_row(2), ["--producer", "ICE"]),
        ("montana", flock_row(3, TimeFrame=FAR), ["--jurisdiction", "us-mt"]),
    ):
        audit(home, write_log(home / f"{name}.csv", [row]), *more, "--out", home / "kept" / name)
    return home / "kept"


@pytest.fixture(scope="module")
def built(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[custodiet.Register]:
    """A register of these audits and nothing else."""
    home = tmp_path_factory.mktemp("built")
    (home / "mirror").mkdir()
    (home / "none.jsonl").touch()
    path = home / "register.duckdb"
    custodiet.build(
        path, home / "mirror", offline=True, judgements=home / "none.jsonl", releases=home / "none", audits=folder
    )
    with custodiet.open_register(path) as register:
        yield register


def test_findings_of_a_log_join_those_of_the_register(built: custodiet.Register) -> None:
    found = {finding["rule"]: finding for finding in questions.findings(built) if finding["subject"]["key"] == "audit-town"}
    assert set(found) == {rule.id for rule in read_log_rules() if rule.front.jurisdiction == "us-wa"}
    gap = found["us-wa-retention"]
    assert (gap["outcome"], gap["subject"]["name"], gap["subject"]["kind"]) == ("gap", "Town WA PD", "log")
    assert gap["numbers"]["beyond"] == 1
    for finding in found.values():
        (place,) = finding["citations"]
        cell = questions.cite(built, place["release"], place["row"], place["column"])
        assert cell["text"] == finding["outcome"]
    counted = questions.count_findings(built)["rules"]
    assert counted["us-wa-retention"]["gap"] == 1
    # A jurisdiction without a log has nothing to count.
    assert "us-ca-sharing" not in counted


def test_a_law_from_memory_says_so_wherever_its_finding_or_rule_stands(built: custodiet.Register) -> None:
    (finding,) = questions.findings(built, rule="us-mt-retention")
    assert finding["unverified"]
    assert "Unverified" in finding["reason"]
    listed = {rule["id"]: rule for rule in questions.rules(built)}
    assert {name for name, rule in listed.items() if rule["unverified"]} == {
        rule.id for rule in read_log_rules() if rule.front.unverified
    }
    assert not questions.findings(built, rule="us-wa-retention")[0]["unverified"]


def test_all_rules_stand_in_one_list(built: custodiet.Register) -> None:
    listed = {rule["id"]: rule for rule in questions.rules(built)}
    assert set(listed) == {rule.id for rule in (*read_rules(), *read_log_rules())}
    assert listed["us-wa-retention"]["run_by"] == "audit"
    assert listed["us-wa-retention"]["in_force_from"] == "2026-03-30"
    assert listed["claim-not-shown"]["run_by"] == "build"
    assert "judge_lookback" in questions.rule(built, "us-wa-retention")["text"]


def test_the_matrix_answers_for_whom_a_log_is_of_and_for_nobody_else(built: custodiet.Register) -> None:
    ice = {row["id"]: row["logged"] for row in questions.matrix(built, agency="ICE")}
    assert ice["plate-readers"]["count"] == 1
    (place,) = ice["plate-readers"]["citations"]
    assert questions.cite(built, place["release"], place["row"], place["column"])["text"] == "1"
    assert ice["location-data"]["count"] is None
    cbp = {row["id"]: row["logged"] for row in questions.matrix(built, agency="CBP")}
    assert cbp["plate-readers"]["count"] is None
    assert "of others (ICE, Town WA PD)" in cbp["plate-readers"]["why"]
    assert "whose 1 of the audited logs are" in cbp["plate-readers"]["why"]
    (town,) = questions.matrix(built, agency="town wa pd")
    assert (town["id"], town["logged"]["count"], town["declared"]["count"]) == ("plate-readers", 1, None)
    with pytest.raises(CustodietError, match="ICE and CBP"):
        questions.matrix(built, agency="Elsewhere WA PD")


def test_nothing_but_aggregates_enters_the_register(built: custodiet.Register, folder: Path) -> None:
    tokens = set()
    for name in ("town", "ice", "montana"):
        tokens |= {str(row["merkle_salt"]) for row in [json.loads((folder / name / "audit.json").read_text())["manifest"]]}
    told = "".join(
        str(built.rows(f'select * from "{schema}"."{table}"'))
        for schema, table in built.rows("select table_schema, table_name from information_schema.tables")
        if table in ("audited_logs", "findings", "releases") or table.startswith("audit-")
    )
    assert "audit-town" in told
    for word in ("ABC0001", "26-000001", "A. Aaa", "00000000-0000-4000", *tokens):
        assert word not in told


def test_one_audit_s_own_folder_will_do_and_one_log_counts_once(folder: Path, tmp_path: Path) -> None:
    assert [audit.report.release for audit in read_audits(folder / "town")] == ["audit-town"]
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "audit.json").write_bytes((folder / "town" / "audit.json").read_bytes())
    with pytest.raises(CustodietError, match="of the same files as first"):
        read_audits(tmp_path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda page: page.pop("measures"), "no audit"),
        (lambda page: page["manifest"].update(files=[]), "no audit"),
        (lambda page: page.update(measures=[]), "no audit"),
        (lambda page: page["findings"][0].update(rule="us-xx-strange"), "no rule on query logs"),
        (lambda page: page["findings"][0].update(outcome="violation"), "no outcome"),
        (lambda page: page.update(about=None), "no audit"),
    ],
)
def test_what_is_no_audit_gets_one_sentence(folder: Path, tmp_path: Path, change, words: str) -> None:
    page = json.loads((folder / "town" / "audit.json").read_text())
    change(page)
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "audit.json").write_text(json.dumps(page))
    with pytest.raises(CustodietError, match=words):
        read_audits(tmp_path)


def test_a_folder_without_audits_is_refused(tmp_path: Path) -> None:
    done = run("build", "--offline", "--audits", tmp_path, "--mirror", tmp_path, home=tmp_path)
    assert "holds no audit" in assert_one_sentence(done)
