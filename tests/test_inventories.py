"""The traps of the real files, one by one."""

import csv
from pathlib import Path

import pytest

from custodiet import CustodietError, Register, questions


def answer(register: Register, name: str, field: str) -> dict:
    return next(a for a in questions.show(register, name)["answers"] if a["field"] == field)


def test_a_header_that_stands_nine_times_is_named_by_letters(register: Register) -> None:
    with pytest.raises(CustodietError, match="9 times; name one by its letter: Z, AD"):
        questions.cite(register, "omb-inventory-2024", 1, "If Other, please explain.")
    assert questions.cite(register, "omb-inventory-2024", 1, "AD")["column"] == "AD"


def test_cited_cells_equal_the_published_file(mirror: Path, register: Register) -> None:
    for release, file, encoding in (
        ("omb-inventory-2023", "2023_consolidated_ai_inventory_raw.csv", "utf-8-sig"),
        ("omb-inventory-2024", "2024_consolidated_ai_inventory_raw_v2.csv", "cp1252"),
        ("omb-inventory-2025", "2025_individually_reported_AI_use_cases.csv", "utf-8-sig"),
    ):
        with (mirror / release / file).open(encoding=encoding, newline="") as stream:
            rows = list(csv.reader(stream))
        columns = register.rows(
            "select position, name from release_columns where release = $r and not personal", {"r": release}
        )
        for number in (1, 2, len(rows) // 2, len(rows) - 1):
            for position, name in columns:
                assert questions.cite(register, release, number, name)["text"] == rows[number][position]


def test_every_raw_cell_of_2024_survives_its_line_breaks(mirror: Path, register: Register) -> None:
    path = mirror / "omb-inventory-2024" / "2024_consolidated_ai_inventory_raw_v2.csv"
    with path.open(encoding="cp1252", newline="") as stream:
        published = [tuple(row) for row in csv.reader(stream)][1:]
    kept = [row[1:] for row in register.rows('select * from raw."omb-inventory-2024" order by _row')]
    assert kept == published


def test_blank_and_repeated_ids(register: Register) -> None:
    assert register.rows("select count(*) from use_cases where inventory_year = 2025 and published_id is null") == [(704,)]
    for name in ("DOJ-0160", "DOJ-0357"):
        assert len(questions.show(register, name)["candidates"]) == 2
    assert register.rows("select count(*), count(distinct handle) from use_cases") == [(6454, 6454)]
    assert register.rows("select count(*) from use_cases where inventory_year = 2024 and published_id is not null") == [(0,)]


def test_an_empty_list_is_a_blank_and_not_due_is_not_applicable(register: Register) -> None:
    states = dict(
        register.rows(
            "select state, count(*) from answers where release = 'omb-inventory-2025' and field = 'feedback' group by state"
        )
    )
    assert states["blank"] + states["not-applicable"] == 3346
    due = register.rows(
        "select count(*) from use_cases where inventory_year = 2025 and stage.value = 'deployed' "
        "and impact.value = 'high-impact' and feedback.state = 'blank'"
    )
    assert due == [(101,)]


def test_a_question_that_a_year_did_not_ask(register: Register) -> None:
    assert register.rows("select distinct vendor.state from use_cases where inventory_year = 2024") == [("not-asked",)]
    assert register.rows("select distinct appeal.state from use_cases where inventory_year = 2023") == [("not-asked",)]


def test_withheld_is_neither_blank_nor_reported(register: Register) -> None:
    assert answer(register, "DHS-2457", "vendor")["state"] == "withheld"
    gaps = questions.findings(register, rule="vendor-withheld", agency="DHS", outcome="gap")
    assert {gap["subject"]["id"] for gap in gaps} == {"DHS-2457", "DHS-2458", "DHS-2459", "DHS-362", "DHS-2517"}


def test_a_wrong_dropdown_is_unreadable_and_reported(register: Register) -> None:
    training = answer(register, "DHS-2577", "training")
    assert (training["value"], training["state"]) == (None, "unreadable")
    (omb,) = [r for r in questions.sources(register) if r["release"] == "omb-inventory-2025"]
    strange = {value["column"] for value in omb["unknown_values"]}
    assert strange == {"hi_training_established", "hi_ongoing_monitoring", "hi_public_consultation"}


def test_an_answer_given_though_not_asked_is_kept(register: Register) -> None:
    (case,) = register.rows(
        "select handle, testing.value from use_cases where inventory_year = 2025 and agency = 'DHS' "
        "and stage.value = 'pilot' and testing.state <> 'not-applicable'"
    )
    assert case == ("DHS-2745", "in-progress")


def test_the_agency_s_own_cell_comes_first_and_omb_s_is_kept(register: Register) -> None:
    demographics = answer(register, "DHS-2577", "demographics")
    assert (demographics["value"], demographics["citation"]["release"]) == ("none", "dhs-inventory-2025")
    cells = questions.diff(register, "omb-inventory", "dhs-inventory")["cells"]
    assert sum(cell["field"] == "demographics" for cell in cells) == 112
    assert {cell["second"]["state"] for cell in cells if cell["field"] == "demographics"} == {"blank"}


def test_a_lone_backtick_under_the_last_record_is_no_record(register: Register) -> None:
    (dhs,) = [r for r in questions.sources(register) if r["release"] == "dhs-inventory-2025"]
    assert dhs["rows"] == 238
    assert dhs["stray_cells"] == ["row 241 System(s) Name: '`'"]


def test_every_column_is_taken_or_named_as_left_out(register: Register) -> None:
    for release in questions.sources(register):
        assert len(release["taken"]) + len(release["left_out"]) == release["columns"]
        assert release["unknown_columns"] == 0
        assert all(left["why"] for left in release["left_out"])


def test_contact_addresses_are_nowhere_in_the_register(mirror: Path, register: Register) -> None:
    path = mirror / "omb-inventory-2025" / "2025_individually_reported_AI_use_cases.csv"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        contacts = {row["contact_email"] for row in csv.DictReader(stream) if "@" in row["contact_email"]}
    assert len(contacts) > 100
    assert "contact_email" not in [c for (c,) in register.rows("select column_name from information_schema.columns")]
    held = {text for (text,) in register.rows("select distinct text from answers where contains(text, '@')")}
    assert not contacts & held
    with pytest.raises(CustodietError, match="not kept"):
        questions.cite(register, "omb-inventory-2025", 1, "contact_email")


def test_mobile_fortify_s_contradictions(register: Register) -> None:
    ice, cbp = questions.show(register, "DHS-2577"), questions.show(register, "DHS-2731")
    sides = {a["field"]: (a["value"], b["value"]) for a, b in zip(ice["answers"], cbp["answers"], strict=True)}
    assert sides["appeal"] == ("in-progress", "not-applicable")
    assert sides["testing"] == ("in-progress", "yes")
    assert sides["oversight"] == ("in-progress", "yes")
    assert sides["stage"] == ("deployed", "deployed")
    (finding,) = [
        f for f in questions.findings(register, rule="components-disagree", agency="ICE") if "fortify" in f["subject"]["id"]
    ]
    assert (finding["outcome"], finding["grade"]) == ("gap", "Known")
    for citation in finding["citations"]:
        assert questions.cite(register, **citation)["text"]


def test_every_citation_of_every_finding_resolves(register: Register) -> None:
    dangling = register.rows(
        """
        with cited as (select distinct unnest(citations) as c from findings)
        select c from cited left join release_columns k on k.release = c.release and k.name = c."column"
        left join releases r on r.release = c.release
        left join claims l on c.release = 'catalogue' and l.slug = c."column" and l."row" = c."row"
        where l.claim is null and (k.name is null or c."row" not between 1 and r.records)
        """
    )
    assert dangling == []
    silent = register.rows("select rule, subject from findings where len(citations) = 0 and subject_kind <> 'agency'")
    assert silent == []


def test_years_are_matched_by_name_and_by_judgement_only(register: Register) -> None:
    bases = dict(
        register.rows("select basis, count(*) from matches where starts_with(earlier, 'omb-inventory-2024') group by 1")
    )
    assert set(bases) == {"same-name", "judgement", "agency-reference"}
    renamed = questions.diff(register, "2024", "2025", agency="DHS")["renamed"]
    assert {row["basis"] for row in renamed} == {"judgement"}
    (finding,) = questions.findings(register, rule="impact-downgraded", agency="ICE", outcome="gap")
    assert finding["subject"]["name"].startswith("Biometric Check-in")
    assert "DHS-407" in finding["reason"]
