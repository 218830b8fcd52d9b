"""Every figure a second way: recounted from the published file with the csv module and the issue's own definitions."""

import ast
import csv
from collections import Counter
from pathlib import Path

import pytest

from custodiet import Register, questions

PRACTICES = {
    "testing": "hi_testing_conducted",
    "assessment": "hi_assessment_completed",
    "independent-review": "hi_independent_review",
    "monitoring": "hi_ongoing_monitoring",
    "training": "hi_training_established",
    "oversight": "hi_failsafe_presence",
    "appeal": "hi_appeal_process",
    "feedback": "hi_public_consultation",
}
DONE = {
    "Yes", "Internal Independent Review", "CAIO Review", "Oversight Board Review", "Yes - Monitoring Established",
    "Training Established", "Appeal Process Established", "Appeal Precluded by Law",
}  # fmt: skip
UNDONE = {"", "No", "In-progress", "Training In-progress", "Appeal Process In-progress"}


@pytest.fixture(scope="module")
def rows(mirror: Path) -> list[dict[str, str]]:
    path = mirror / "omb-inventory-2025" / "2025_individually_reported_AI_use_cases.csv"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def is_due(row: dict[str, str]) -> bool:
    return row["development_stage"] == "Deployed" and row["is_high_impact"] == "High-impact"


def expected(row: dict[str, str], practice: str, publishing: set[str]) -> str:
    answer = row[PRACTICES[practice]]
    if not row["development_stage"] or (row["development_stage"] == "Deployed" and not row["is_high_impact"]):
        return "cannot-tell"
    if not is_due(row):
        return "not-applicable"
    if row["agency"] not in publishing:
        return "cannot-tell"
    if practice == "feedback":
        listed = ast.literal_eval(answer)
        if not listed or listed == ["In-progress"]:
            return "gap"
        elsewhere = any("appeal process" in item or "PII inadvertently disclosed" in item for item in listed)
        return "cannot-tell" if elsewhere or listed == ["Other"] else "clear"
    if answer == "CAIO Waived" or (answer == "Not Applicable" and practice in {"oversight", "appeal"}):
        return "not-applicable"
    return "clear" if answer in DONE else "gap" if answer in UNDONE else "cannot-tell"


def test_all_eight_practices_equal_a_recount_for_every_agency(rows: list[dict[str, str]], register: Register) -> None:
    publishing = {row["agency"] for row in rows if is_due(row) and any(row[c] not in {"", "[]"} for c in PRACTICES.values())}
    agencies = {row["agency"] for row in rows}
    assert len(agencies) == 41
    for agency in sorted(agencies):
        counts = questions.count_findings(register, agency=agency)["rules"]
        mine = [row for row in rows if row["agency"] == agency]
        for practice in PRACTICES:
            recount = Counter(expected(row, practice, publishing) for row in mine)
            found = {outcome: number for outcome, number in counts[f"m-25-21-{practice}"].items() if number}
            assert found == dict(recount), (agency, practice)


def test_dhs_figures_of_the_issue(register: Register) -> None:
    counts = questions.count_findings(register, agency="DHS")["rules"]
    assert (counts["m-25-21-assessment"]["clear"], counts["m-25-21-assessment"]["gap"]) == (26, 12)
    assert (counts["m-25-21-appeal"]["clear"], counts["m-25-21-appeal"]["gap"]) == (13, 5)
    training = counts["m-25-21-training"]
    assert (training["clear"], training["gap"], training["cannot-tell"]) == (28, 8, 2)


def test_every_gap_of_a_practice_is_not_yet_due_on_the_day_of_publication(register: Register) -> None:
    counts = questions.count_findings(register)
    for rule, timing in counts["timing"].items():
        assert timing == {"not-yet-due": counts["rules"][rule]["gap"], "overdue": 0}


def test_agencies_that_publish_none_of_the_eight_answers(rows: list[dict[str, str]], register: Register) -> None:
    due = Counter(row["agency"] for row in rows if is_due(row))
    silent = {
        agency
        for agency in due
        if not any(
            row[c] not in {"", "[]"} for row in rows if row["agency"] == agency and is_due(row) for c in PRACTICES.values()
        )
    }
    found = questions.findings(register, rule="answers-not-published", outcome="gap")
    assert {finding["subject"]["id"] for finding in found} == silent == {"VA", "NCUA", "FDIC", "NASA"}
    assert next(f["numbers"]["due"] for f in found if f["subject"]["id"] == "VA") == due["VA"] == 94


def test_presumed_and_overridden(rows: list[dict[str, str]], register: Register) -> None:
    def words(row: dict[str, str]) -> str:
        return " ".join(row["HI_justification"].split()).casefold()

    shared = Counter(words(row) for row in rows)
    overridden = [row for row in rows if row["is_high_impact"].startswith("Presumed")]
    gaps = [row for row in overridden if not words(row) or shared[words(row)] > 1]
    counts = questions.count_findings(register, rule="presumption-overridden")["rules"]["presumption-overridden"]
    assert (counts["gap"], counts["clear"]) == (len(gaps), len(overridden) - len(gaps))
    assert len(overridden) == 110


def test_personal_data_without_a_linked_notice(rows: list[dict[str, str]], register: Register) -> None:
    asked = [row for row in rows if row["development_stage"] in {"Pilot", "Deployed"} and row["has_pii"] == "Yes"]
    for agency, expected_gaps in (("DHS", 21), ("ICE", 8), ("CBP", 8)):
        column = "agency" if agency == "DHS" else "agency_bureau"
        mine = [row for row in asked if row[column] == agency and not row["pia_url"]]
        counts = questions.count_findings(register, rule="privacy-notice-not-linked", agency=agency)
        assert counts["rules"]["privacy-notice-not-linked"]["gap"] == len(mine) == expected_gaps


def test_authority_to_operate(rows: list[dict[str, str]], register: Register) -> None:
    asked = Counter(row["have_ato"] for row in rows if row["development_stage"] in {"Pilot", "Deployed"})
    counts = questions.count_findings(register, rule="no-authority-to-operate")["rules"]["no-authority-to-operate"]
    assert (counts["gap"], counts["clear"]) == (asked["No"], asked["Yes"])


def test_use_cases_by_agency_and_year(rows: list[dict[str, str]], register: Register) -> None:
    summary = questions.summarise(register)
    recount = Counter(row["agency"] for row in rows)
    assert {agency: years["2025"] for agency, years in summary["use_cases"].items() if years["2025"]} == dict(recount)
    assert sum(years["2024"] for years in summary["use_cases"].values()) == 2133
    assert sum(years["2023"] for years in summary["use_cases"].values()) == 710


def test_every_use_case_of_a_year_has_one_finding_of_every_rule_about_that_year(register: Register) -> None:
    counts = questions.count_findings(register)["rules"]
    subjects = {rule["id"]: rule["subjects"] for rule in questions.rules(register)}
    of_2024 = {"contract-number-unresolved", "impact-downgraded", "no-longer-listed"}
    for rule, numbers in counts.items():
        if subjects[rule] == "use_cases":
            assert sum(numbers.values()) == (2133 if rule in of_2024 else 3611), rule
