"""The audit as a whole: its steps on Spark, its rules, its report, its lexicons, and comparing two logs."""

import csv
import hashlib
import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from command import run, start
from custodiet.access_log.for_rules import prepare
from custodiet.access_log.lexicons import fold, fold_sql, read_lexicons
from custodiet.access_log.log import Options, open_log
from custodiet.access_log.measure_steps import count_steps, integrity_steps, people_steps, text_steps, window_steps
from custodiet.access_log.measures import measure, read_definitions
from custodiet.access_log.profiles import Profile
from custodiet.access_log.statistics import wilson
from custodiet.access_log.steps import search_steps, word_steps
from custodiet.rules.log_example import run_log_example
from custodiet.rules.logs import jurisdictions, read_log_rules
from custodiet.rules.page import Rule
from custodiet.store.scratch import open_scratch
from logs import KEY, audit, flock_row, write_log

STEPS = [
    *word_steps(),
    *search_steps(),
    *count_steps(),
    *window_steps(),
    *text_steps(),
    *people_steps(),
    *integrity_steps(["reason"]),
]
# What SQLGlot passes on or rewrites in silence, and Spark reads otherwise or not at all.
NOT_ON_SPARK = (
    "strptime",
    "quantile_cont",
    "percentile_cont",
    "approx_quantile",
    "isodow",
    "histogram",
    "epoch_us",
    "list(",
    "columns(",
)

# --- Steps


@pytest.mark.parametrize("step", STEPS, ids=[step.name for step in STEPS])
def test_every_step_has_a_translation_for_spark(step: Any) -> None:
    (translated,) = sqlglot.transpile(step.sql, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE)
    assert sqlglot.parse_one(translated, read="spark")
    for word in NOT_ON_SPARK:
        assert word not in step.sql.lower()
    unknown = {one.name.upper() for one in sqlglot.parse_one(step.sql, read="duckdb").find_all(exp.Anonymous)}
    assert not unknown


def test_no_two_steps_share_a_name() -> None:
    names = [step.name for step in STEPS]
    assert len(names) == len(set(names))


# --- Lexicons


@pytest.mark.parametrize("lexicon", read_lexicons(), ids=lambda one: one.id)
def test_a_lexicon_matches_what_it_must_and_nothing_that_it_must_not(lexicon: Any) -> None:
    with open_scratch() as database:
        for text, wanted in [*((text, True) for text in lexicon.must), *((text, False) for text in lexicon.must_not)]:
            ((in_sql,),) = database.rows(f"select {lexicon.hit_sql(fold_sql('$text'))}", {"text": text})
            assert lexicon.matches(text) is in_sql is wanted, text


# The reasons of the Eugene log that a reader labelled, by the beginning of the hash of the folded text; all others were read,
# too, and have no label. No text of the log is kept here. The lexicons were written with this log in view.
LABELS = {
    "training_and_test": {"da571079b8", "9f86d08188", "a184268411", "c2fb788c7d", "0ccbe3ba94"},
    "juvenile_and_school": {"c4ea758928"},
}


def test_precision_and_recall_on_the_labelled_log(mirror: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (mirror / "access-logs" / "eugene-or" / "EPDSearchAuditLogs.csv").open(encoding="utf-8", newline="") as stream:
        reasons = {fold(row["reason"]) for row in csv.DictReader(stream)}
    lines = []
    for lexicon in read_lexicons():
        hits = {text for text in reasons if lexicon.matches(text)}
        labelled = LABELS.get(lexicon.id, set())
        true = {text for text in reasons if hashlib.sha256(text.encode()).hexdigest()[:10] in labelled}
        assert len(true) == len(labelled)
        lines.append(
            f"{lexicon.id}: {len(hits & true)} of {len(hits)} hits right{_interval(len(hits & true), len(hits))}, "
            f"{len(hits & true)} of {len(true)} labels found{_interval(len(hits & true), len(true))}"
        )
        assert hits == true
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")


def _interval(found: int, n: int) -> str:
    return " ({:.2f} to {:.2f})".format(*wilson(found, n)) if n else ""


# --- Rules


@pytest.mark.parametrize("rule", read_log_rules(), ids=lambda rule: rule.id)
def test_the_examples_of_the_page_hold(rule: Rule) -> None:
    assert run_log_example(rule) == []


def test_an_example_that_does_not_hold_is_told() -> None:
    (rule,) = [rule for rule in read_log_rules() if rule.id == "us-wa-retention"]
    changed = Rule(**{**rule.__dict__, "sql": rule.sql.replace("21,", "210,")})
    assert any("far is clear, and the page says gap" in problem for problem in run_log_example(changed))


@pytest.mark.parametrize("rule", read_log_rules(), ids=lambda rule: rule.id)
def test_no_page_calls_a_gap_a_violation(rule: Rule) -> None:
    text = rule.text.casefold()
    assert len(re.findall(r"\bviolation\b", text)) == len(re.findall(r"not\s+a\s+violation", text))
    assert not re.search(r"\b(illegal|unlawful|non-compliant)\b", text)
    assert rule.front.unverified == ("*unverified*" in rule.sections["What it cannot show"])


def test_every_state_of_the_notes_has_a_rule() -> None:
    states = "ar ca co fl ga il md me mn mt nc ne nh nj or tn ut va vt wa"
    assert jurisdictions() == tuple(f"us-{state}" for state in states.split())


def test_findings_of_a_jurisdiction_and_of_a_policy(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yml"
    policy.write_text("retention_days: 30\nforbidden_purposes: [immigration]\nsharing:\n  federal: no\n", "utf-8")
    rows = [
        flock_row(1, Reason="ICE ERO"),
        flock_row(2, TimeFrame="01/01/2026, 09:00:00 AM UTC\n04/08/2026, 09:00:00 AM UTC"),
    ]
    found = audit(tmp_path, write_log(tmp_path / "log.csv", rows), "--producer", "Town WA PD", "--policy", policy)
    outcomes = {one["rule"]: one["outcome"] for one in found["findings"]}
    assert outcomes["us-wa-retention"] == outcomes["policy-retention"] == outcomes["policy-purposes"] == "gap"
    assert outcomes["us-wa-sharing"] == "not-applicable"
    assert outcomes["policy-required-fields"] == "not-applicable"
    assert all(one["reason"] and one["citations"] for one in found["findings"])
    (retention,) = [one for one in found["findings"] if one["rule"] == "us-wa-retention"]
    assert retention["citations"] == [{"release": "log.csv", "row": 2, "column": "window"}]
    assert retention["numbers"]["beyond"] == 1


def test_an_unverified_law_says_so_in_every_form(tmp_path: Path) -> None:
    log = write_log(tmp_path / "log.csv", [flock_row(1)])
    done = run("audit", log, "--jurisdiction", "us-ut", "--out", tmp_path / "out", home=tmp_path)
    assert "unverified" in done.stdout
    (finding,) = json.loads((tmp_path / "out" / "audit.json").read_text("utf-8"))["findings"]
    assert finding["unverified"] is True
    assert "unverified" in (tmp_path / "out" / "report.html").read_text("utf-8")


# --- The report


def test_no_sign_of_markdown_is_left_in_a_report(tmp_path: Path) -> None:
    write_log(tmp_path / "log.csv", [flock_row(1)])
    found = audit(tmp_path, "log.csv", "--jurisdiction", "us-co", "--release-check", "--out", "out")
    told = [finding["does_not_show"] for finding in found["findings"] if finding["unverified"]]
    assert told
    assert not any("*" in text for text in told)
    html = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "unverified" in html
    assert "`" not in html
    # Every table scrolls by itself where the page is narrow.
    assert html.count("<table>") == html.count('class="scroll"')


def test_the_report_stands_alone_and_is_the_same_every_time(tmp_path: Path) -> None:
    rows = [flock_row(n, Reason=["stolen vehicle", "<script>alert(1)</script>"][n % 2]) for n in range(40)]
    log = write_log(tmp_path / "log.csv", rows)
    arguments = (
        "audit",
        log,
        "--producer",
        "Town <b>WA</b> PD",
        "--time-zone",
        "America/Los_Angeles",
        "--jurisdiction",
        "us-wa",
    )
    for name in ("one", "two"):
        done = run(*arguments, "--out", tmp_path / name, home=tmp_path)
        assert done.returncode == 0, done.stderr
    names = {path.name for path in (tmp_path / "one").iterdir()}
    assert names == {
        "audit.json", "report.html", "report.pdf", "measures.csv", "findings.csv", "organisations.csv", "months.csv",
        "manifest.json", "searches.duckdb",
    }  # fmt: skip
    for name in names - {"searches.duckdb"}:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name
    page = (tmp_path / "one" / "report.html").read_text("utf-8")
    assert "<script" not in page
    assert "<b>WA" not in page
    assert not re.search(r'(src|href)="http', page)
    assert page.index("What this log can and cannot answer") < page.index("Findings")
    assert page.count("<svg") == page.count("<summary>Table</summary>") > 1
    assert "records law I request" in page


def test_the_manifest_says_what_made_the_report(tmp_path: Path) -> None:
    log = write_log(tmp_path / "log.csv", [flock_row(1)])
    manifest = audit(tmp_path, log, "--k", "20")["manifest"]
    assert manifest["files"][0]["sha256"] == hashlib.sha256(log.read_bytes()).hexdigest()
    assert manifest["settings"]["k"] == 20
    assert {"versions", "seed", "merkle_root", "merkle_salt", "key_fingerprint"} <= set(manifest)


def test_two_logs_side_by_side(tmp_path: Path) -> None:
    first = write_log(tmp_path / "a.csv", [flock_row(n) for n in range(3)])
    second = write_log(tmp_path / "b.csv", [flock_row(n) for n in range(1, 6)])
    assert run("audit", first, "--out", tmp_path / "out", home=tmp_path).returncode == 0
    found = audit(tmp_path, second, "--against", tmp_path / "out")["against"]
    assert found["shared_searches"] == 2
    assert {"measure": "rows", "part": "value", "here": 5, "there": 3} in found["differences"]
    other = audit(tmp_path, second, "--against", tmp_path / "out", "--key", tmp_path / "other.key")["against"]
    assert other["shared_searches"] is None
    assert "another key" in other["why"]


def test_two_logs_side_by_side_do_not_tell_of_the_few_searches_that_one_lacks(tmp_path: Path) -> None:
    hours = [9] * 30 + [10] * 40 + [11] * 12
    rows = [flock_row(number, SearchTime=f"04/08/2026, {hour:02}:00:00 AM UTC") for number, hour in enumerate(hours, start=1)]
    write_log(tmp_path / "part.csv", rows[1:])
    audit(tmp_path, "part.csv", "--time-zone", "UTC", "--out", "part")
    write_log(tmp_path / "log.csv", rows)
    found = audit(tmp_path, "log.csv", "--time-zone", "UTC", "--against", "part")["against"]["differences"]
    # The totals tell that one search is missing; the breakdowns do not tell at what hour, or for what reason.
    assert {"measure": "rows", "part": "value", "here": 82, "there": 81} in found
    assert not [one for one in found if one["measure"] in ("hours", "reason_top")]


def test_an_audit_that_is_stopped_leaves_no_report_and_can_be_run_again(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    assert run("audit", "--make-sample", 60_000, log, home=tmp_path).returncode == 0
    process = start("audit", log, "--out", tmp_path / "out", home=tmp_path)
    try:
        process.wait(timeout=0.9)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
    left = {path.name for path in (tmp_path / "out").glob("*")} if (tmp_path / "out").exists() else set()
    assert not any(not name.startswith(".") for name in left) or "report.html" in left
    assert run("audit", log, "--out", tmp_path / "out", home=tmp_path).returncode == 0
    assert not [path for path in (tmp_path / "out").iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Name the released files"), (("--make-sample", "5"), "Name one file"),
        (("log.csv", "--jurisdiction", "mars"), "jurisdiction"),
        (("log.csv", "--time-zone", "Mars/Olympus"), "time zone"), (("log.csv", "--against", "nowhere"), "holds no audit"),
        (("log.csv", "--policy", "nowhere.yml"), "can't be read"), (("log.csv", "--sharing", "log.csv"), "sharing list"),
        (("log.csv", "log.csv"), "give it once"), (("nowhere.csv",), "no such file"),
    ],
)  # fmt: skip
def test_what_is_asked_wrongly_gets_one_sentence(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    write_log(tmp_path / "log.csv", [flock_row(1)])
    done = run("audit", *arguments, home=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert words in done.stderr.splitlines()[-1]


def test_every_measure_of_the_definitions_is_there_once(tmp_path: Path) -> None:
    with open_log([write_log(tmp_path / "log.csv", [flock_row(1)])], KEY) as log:
        found = measure(log)
    assert [one.id for one in found] == list(read_definitions())
    assert all(one.definition and one.title for one in found)
    assert all((one.value is None) == (one.state == "undefined") for one in found)
    assert all(one.why for one in found if one.value is None)


@pytest.mark.parametrize("rule", read_log_rules(), ids=lambda rule: rule.id)
def test_the_day_in_force_is_the_one_that_the_sql_holds_searches_against(rule: Rule) -> None:
    days = set(re.findall(r"date '(\d{4}-\d\d-\d\d)'", rule.sql))
    assert days == ({rule.front.in_force_from.isoformat()} if rule.front.in_force_from else set())


def test_laws_that_the_notes_cite_from_memory_are_unverified_and_every_law_has_an_address() -> None:
    unverified = {rule.id for rule in read_log_rules() if rule.front.unverified}
    assert unverified == {
        "us-ca-immigration", "us-ca-highway-patrol-retention", "us-co-immigration", "us-ga-retention", "us-mn-retention",
        "us-mt-retention", "us-nc-retention", "us-ne-retention", "us-nj-retention", "us-ut-retention", "us-va-audit-trail",
        "us-vt-retention",
    }  # fmt: skip
    for rule in read_log_rules():
        assert rule.front.jurisdiction == "policy" or all(at.startswith("http") for at in rule.front.sources)
        assert ("*unverified*" in rule.text) == rule.front.unverified


@pytest.mark.parametrize(
    "statement", ["judge_words(['immigration'], date '2025-07-01')", "judge_fields(['reason'], date '2025-07-01')"]
)
def test_a_log_without_times_cannot_be_held_against_a_law_with_a_day(tmp_path: Path, statement: str) -> None:
    path = write_log(tmp_path / "log.csv", [{"Reason": "ICE ERO", "Org": "Town CA PD"}])
    profile = Profile(id="own", title="own", columns={"Reason": "reason", "Org": "organisation"})
    with open_log([path], KEY, Options(jurisdiction="us-ca", profile=profile)) as log:
        prepare(log)
        (row,) = log.database.dicts(f"select * from {statement}")
        assert row["outcome"] == "cannot-tell"
        assert "No search has a time" in row["reason"]
        (row,) = log.database.dicts("select * from judge_sharing(['federal'], date '2025-07-01')")
        assert "No search has a time" in row["reason"]


def test_a_measure_of_which_a_part_is_missing_is_among_what_the_log_cannot_answer(tmp_path: Path) -> None:
    rows = [flock_row(n, OrgName="US Border Patrol [Federal]") for n in range(12)]
    audit(tmp_path, write_log(tmp_path / "log.csv", rows), "--producer", "Town WA PD", "--out", tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    can, _, rest = page.partition("It cannot:")
    assert "door" not in can.partition("It can:")[2]
    assert "Front, back and side door, in part" in rest
