"""The kind `foia`: a letter from every rule's findings, for a subject, from an audit, under a state's law."""

import datetime as dt
import json
import re
from pathlib import Path

import pytest

from custodiet.documents.draft import draft
from custodiet.documents.render import render
from custodiet.model.errors import DocumentError, QuestionError
from custodiet.questions import findings
from custodiet.store import Register

DAY = dt.date(2026, 11, 23)


def answers(folder: Path, **said: str) -> Path:
    path = folder / "answers.yml"
    path.write_text("".join(f"{name}: {json.dumps(text)}\n" for name, text in said.items()))
    return path


def section(text: str, heading: str) -> str:
    """Return what stands under a heading of the second level."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


@pytest.mark.long
def test_every_rule_that_found_a_gap_writes_a_letter(register: Register):
    firsts: dict[str, str] = {}
    for each in findings(register, outcome="gap"):
        firsts.setdefault(each["rule"], each["id"])
    assert len(firsts) > 20
    for rule, name in firsts.items():
        if rule == "source-incomplete":
            with pytest.raises(QuestionError, match="public already"):
                draft("foia", register, finding=name, as_of=DAY)
            continue
        text = draft("foia", register, finding=name, as_of=DAY).markdown
        assert "What the published records leave open" in text, rule
        assert "(letter:" not in text, rule


def test_a_subject_is_asked_about_whole(register: Register):
    """DHS-2577: all six kinds of record, ICE's office, and the 20th business day after 23 November 2026.

    24 and 25 November make 2, Friday the 27th 3, the week to 4 December 8, to 11 December 13, to 18 December 18.
    """
    text = draft("foia", register, "DHS-2577", as_of=DAY).markdown
    assert text.count("\n### ") >= 8
    assert "To: U.S. Immigration and Customs Enforcement" in text
    assert "**December 22, 2026.** An answer is due." in text
    assert "6 CFR 5.8(a)(1)" in text
    # Nobody is told that a ground of speed holds: facts and signature are blanks.
    speed = section(text, "Expedited handling: only if you can certify it")
    assert "**\\[ which ground holds" in speed
    assert "**\\[ your name, and the day of signing \\]**" in speed
    assert "An answer on expedited handling is due" not in text


def test_contracts_are_named_with_the_cell_that_holds_them(register: Register):
    text = draft("foia", register, "DHS-2578", as_of=DAY).markdown
    (line,) = [line for line in text.splitlines() if "among them 70CTD022FR0000170" in line]
    (note,) = re.findall(r"\[\^(\d+)\]", line)
    assert "70CTD022FR0000170" in re.search(rf"^\[\^{note}\]: (.*)$", text, re.MULTILINE)[1]


def test_unverified_rows_are_marked_in_every_form(register: Register, tmp_path: Path):
    document = draft("foia", register, "DHS-2577", as_of=DAY)
    for line in document.markdown.splitlines():
        if "6 CFR 5.5(e)" in line or "6 CFR 5.11(k)" in line:
            assert "**unverified**" in line
    assert document.markdown.count("**(unverified)**") >= 8
    assert "(unverified)" in render(document, "html").decode()


def test_no_old_address_stands_bare(register: Register):
    text = draft("foia", register, "DHS-2577", as_of=DAY).markdown
    places = text.partition("### Where to send it")[2].partition("\n## ")[0]
    lines = [line for line in places.splitlines() if line.startswith("- ")]
    assert len(lines) == 4
    assert all(line.startswith("- **Check before sending:**") for line in lines)


def test_facts_for_speed_bring_its_day(register: Register, tmp_path: Path):
    """552(a)(6)(E)(ii)(I): ten days after 23 November."""
    given = answers(tmp_path, expedition="I am a reporter; the app is in use in the street now.")
    text = draft("foia", register, "DHS-2577", as_of=DAY, answers=given).markdown
    assert "**December 3, 2026.** An answer on expedited handling is due." in text


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (
            {"law": "ca", "about": "plate readers", "records": "logs"},
            ["**December 3, 2026.** An answer is due."],
        ),
        ({"law": "va", "about": "plate readers", "records": "logs"}, ["**Who may ask:**", "Ask somebody who may"]),
        ({"law": "al", "about": "plate readers", "records": "training"}, ["reasonable proof"]),
        ({"law": "nc", "about": "plate readers", "records": "tests"}, ["no day is given", "as promptly as possible"]),
    ],
)
def test_states(register: Register, tmp_path: Path, said: dict, text: list[str]):
    shown = draft("foia", register, as_of=DAY, answers=answers(tmp_path, **said)).markdown
    for each in text:
        assert each in shown
    assert "foia.gov takes" not in shown
    assert "5 U.S.C." not in shown
    assert "**\\[ records office and agency that this goes to \\]**" in shown


def test_a_court_takes_no_letter(register: Register, tmp_path: Path):
    text = draft("foia", register, as_of=DAY, answers=answers(tmp_path, law="ca", about="x", records="logs")).markdown
    assert "has no appeal by letter" in text
    assert "To: **\\[ the head of the office \\]**" in text


def test_a_stale_pack_says_so(register: Register):
    text = draft("foia", register, "DHS-2577", as_of=dt.date(2027, 5, 23)).markdown
    assert "**These rows are out of date:**" in text
    assert "out of date:**" not in draft("foia", register, "DHS-2577", as_of=dt.date(2027, 5, 22)).markdown


@pytest.mark.parametrize(
    ("said", "match"),
    [
        ({"signature": "me"}, "under which law"), ({"law": "us"}, "needs `about`"),
        ({"law": "zz", "about": "x"}, "no jurisdiction"),
        ({"law": "us", "about": "x", "records": "secrets"}, "no kind of record"),
        ({"law": "us", "about": "x" * 3000}, "foia.gov takes 10,000"),
        ({"law": "us", "about": "x", "dissemination": "x" * 10_001}, "reason for a fee waiver has 10,001"),
    ],
)  # fmt: skip
def test_what_is_missing_is_one_sentence(register: Register, tmp_path: Path, said: dict, match: str):
    with pytest.raises((DocumentError, QuestionError), match=match):
        draft("foia", register, as_of=DAY, answers=answers(tmp_path, **said))


def test_an_audits_gaps_become_questions(register: Register, tmp_path: Path):
    found = {
        "rule": "us-wa-purpose", "title": "A purpose", "jurisdiction": "us-wa", "subject": "Town WA PD", "outcome": "gap",
        "reason": "12 of 300 searches have no reason.", "ask_for": "The rule on what a searcher must enter.",
    }  # fmt: skip
    folder = tmp_path / "audit"
    folder.mkdir()
    result = {
        "about": {"producer": "Town WA PD", "jurisdiction": "us-wa", "k": 10}, "measures": [],
        "findings": [found, {**found, "outcome": "clear", "ask_for": "Nothing."}],
        "manifest": {"files": [{"name": "log.csv"}]},
    }  # fmt: skip
    (folder / "audit.json").write_text(json.dumps(result))
    text = draft("foia", register, audit=folder, as_of=DAY).markdown
    assert "1. The rule on what a searcher must enter. (Town WA PD)[^" in text
    assert "12 of 300 searches have no reason.[^" in text
    assert "Nothing." not in text
    assert "RCW 42.56.520" in text
    # Five business days after 23 November 2026: Thanksgiving and the day after it are left out in Washington.
    assert "**December 2, 2026.** A first answer or an acknowledgement is due." in text
