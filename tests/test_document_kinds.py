"""The kinds that assess, report and answer: what fills each part, what is left out, and what goes wrong."""

import datetime as dt
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from command import assert_one_sentence, run
from custodiet.docket import acts
from custodiet.docket.counts import count_papers, leave_out_barred
from custodiet.docket.identity import Place, load_keys
from custodiet.docket.writing import writing
from custodiet.documents.docket import open_docket
from custodiet.documents.draft import draft
from custodiet.documents.words import say_day
from custodiet.governance.packs import load_packs
from custodiet.governance.scenarios import load_scenarios
from custodiet.model.errors import DocketError, DocumentError, InputError
from custodiet.questions.awards import awards
from custodiet.store import Register, memory_register
from docket import paper, warrant
from drafts import NOW, write_docket

DAY = dt.date(2026, 11, 22)
NEW = (
    "annual-report", "impact-report", "assessment", "rights-impact-assessment", "model-card", "incident-response",
    "vendor-template", "due-diligence",
)  # fmt: skip


def section(text: str, heading: str) -> str:
    """Return what stands under a heading of the second level."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


def write_audit(folder: Path) -> Path:
    """Write a made-up audit's result: two measures that the log shows, and one that it can't."""
    measures = [
        {"id": "searches", "state": "measured", "title": "Searches", "value": 12345, "n": 12345, "definition": "All.",
         "why": None},
        {"id": "devices", "state": "measured", "title": "Cameras", "value": {"max": 88}, "n": 12345, "definition": "C.",
         "why": None},
        {"id": "outside", "state": "undefined", "title": "Who searched", "value": None, "n": None, "definition": "W.",
         "why": "organisation: not exported"},
    ]  # fmt: skip
    folder.mkdir()
    result = {"about": {"producer": "Town", "k": 10}, "measures": measures, "findings": [],
              "manifest": {"files": [{"file": "log.csv"}]}}  # fmt: skip
    (folder / "audit.json").write_text(json.dumps(result))
    return folder


@pytest.mark.parametrize("kind", NEW)
def test_the_same_input_gives_the_same_text(register: Register, kind: str):
    subject = None if kind == "due-diligence" else "DHS-2577"
    assert draft(kind, register, subject, as_of=DAY) == draft(kind, register, subject, as_of=DAY)


# --- A city's reports


def test_what_nobody_gives_is_not_provided(register: Register, tmp_path: Path):
    text = draft(
        "annual-report", register, audit=write_audit(tmp_path / "a"), as_of=DAY, set_answers=["cost=9,000 dollars"]
    ).markdown
    # Of 15 fields one is answered, and the log shows two in part: use and objects. 15 - 1 - 2 = 12.
    assert "Of 15 fields the department answers 1. Of the others, records fill 2 at least in part, and 12 are not" in text
    assert text.count("**Not provided.**") == 12
    assert "9,000 dollars[^" in section(text, "11. Cost")
    assert "- Searches: 12,345.[^" in section(text, "1. Use")
    sharing = section(text, "2. Sharing")
    assert "**Not provided.**" in sharing
    assert "can't be told from the log (organisation: not exported).[^" in sharing


def test_each_place_is_asked_what_its_law_asks(register: Register):
    places = load_packs()["ccops"].page.jurisdictions
    assert len(places) > 5
    for place in places:
        text = draft("annual-report", register, as_of=DAY, set_answers=[f"jurisdiction={place.id}"]).markdown
        body = text.partition("## About this document")[0]
        assert len(re.findall(r"[^y] asks? for it\.", body)) == len(place.requires), place.id
        assert len(re.findall(r"may ask for it\. \*\*\(unverified\)\*\*", body)) == len(place.recalled), place.id
        marked = len(re.findall(r" asks for it\. \*\*\(unverified\)\*\*", body))
        assert marked == (0 if place.grade == "V" else len(place.requires)), place.id


def test_a_field_under_way_is_not_filled(register: Register):
    """Of DHS-2577 "in progress" stands in the cells about audits, appeal and oversight, and nothing else fills these."""
    text = draft("annual-report", register, "DHS-2577", as_of=DAY).markdown
    for heading in ("5. Complaints", "6. The use policy", "7. Audits"):
        assert "**Not provided.**" in section(text, heading), heading
        assert "In-progress" in section(text, heading) or "in-progress" in section(text, heading), heading
    assert "NEC is the third" in section(text, "14. Products")
    assert "no city's ordinance binds its agency" in text


def test_the_model_bills_fields_are_marked_as_recalled(register: Register):
    text = draft("impact-report", register, as_of=DAY).markdown
    assert len(re.findall(r"\*Asked for:\* [^\n]*\*\*\(unverified\)\*\*", text)) == 10
    assert text.count("*Shown by:*") == 3


# --- Assessments


def test_an_assessment_counts_what_it_lists(register: Register):
    text = draft("assessment", register, "DHS-2577", as_of=DAY).markdown
    rows = dict(re.findall(r"^\| ([A-Z][^|]*?) \| (\d+) \|$", text, re.MULTILINE))
    assert sum(map(int, rows.values())) == 7
    for heading, number in rows.items():
        shown = len(re.findall(r"^\*\*4\(b\)", section(text, heading), re.MULTILINE)) if int(number) else 0
        assert shown == int(number), heading
    assert 'the answer about testing before deployment is "b) In-progress"' in section(text, "Partly met, or under way")
    assert "violat" not in text.partition("## About this document")[0]


def test_unverified_duties_keep_their_mark(register: Register):
    packs = load_packs()
    for name in ("nist-ai-rmf-1.0", "iso-42001"):
        text = draft("assessment", register, "DHS-2666", as_of=DAY, set_answers=[f"pack={name}"]).markdown
        weak = [duty for duty in packs[name].duties if duty.level in packs[name].page.assessed and duty.grade != "V"]
        body = text.partition("## About this document")[0]
        assert body.count("**(unverified)**") == len(weak), name


def test_signed_answers_are_shown_as_answers(register: Register, tmp_path: Path):
    signed = tmp_path / "signed.yml"
    signed.write_text(
        "subject: Example Matcher\npack: omb-m-25-21\nsigned: {name: A. Person, role: privacy officer, date: 2026-11-01}\n"
        "answers:\n  4(b)(i): {status: met, because: 'The test report of May says so', documents: [report.pdf]}\n"
    )
    text = draft("assessment", register, as_of=DAY, set_answers=[f"signed_answers={signed}"]).markdown
    assert text.startswith("# Assessment: Example Matcher against")
    met = section(text, "Met, as the record says")
    assert "By a person's answer alone, which nobody here has checked. A. Person (privacy officer) answers" in met
    assert "signed.yml (sha256" in text
    assert text.count("**\\[ document, owner, day \\]**") == 6


def test_a_rights_assessment_quotes_the_six_elements(register: Register):
    text = draft("rights-impact-assessment", register, "DHS-2577", as_of=DAY).markdown
    assert len(re.findall(r"^### 27\(1\)\([a-f]\)", text, re.MULTILINE)) == 6
    for duty in load_packs()["eu-fria"].duties:
        assert re.sub(r"\s+", " ", duty.says[0].says) in text
    assert "risks to people" in text
    assert "**\\[ who accepts the remaining risk" in text
    # The day on which the Act applies is not held against its text, and says so.
    assert re.search(r"August 2, 2026: [^*\n]*\*\*\(unverified\)\*\*", text)


def test_many_pieces_are_shown_one_by_one(register: Register):
    """The targeting system is many entries of the inventory, each with its own answers."""
    text = draft("assessment", register, "automated-targeting-system", as_of=DAY).markdown
    assert len(re.findall(r"^- (DHS-\d+): ", text, re.MULTILINE)) > 10


def test_a_system_that_no_inventory_lists_is_assessed_too(register: Register):
    text = draft("rights-impact-assessment", register, "cell-site-simulators", as_of=DAY).markdown
    assert "No entry of an inventory that we read is about it" in text
    assert "### The seven practices" not in text


# --- Tests


def report(folder: Path, **changes: Any) -> Path:
    """Write a made-up report of the bench with one small rate."""
    measure = {
        "measure": "fmr", "group": "sex=M", "value": 0.00018670649738610905, "low": 0.0, "high": 0.001130374578853852,
        "confidence": 0.95, "interval": "bootstrap of subjects", "trials": 5356, "subjects": 104,
        "conditions": {"threshold": 3.99853, "pairing": "same-sex"},
    }  # fmt: skip
    found = {
        "bench": "faces", "title": "One-to-one comparison", "gates": [], "measures": [], "model_card": [measure],
        "sections": [{"title": "What this does not show", "paragraphs": ["Other cameras."]}],
        "manifest": {"inputs": [{"file": "faces.csv", "sha256": "a" * 64}]},
    }  # fmt: skip
    folder.mkdir(parents=True)
    (folder / "report.json").write_text(json.dumps(found | changes))
    return folder


def test_a_small_rate_keeps_its_digits_and_its_threshold(register: Register, tmp_path: Path):
    folder = report(tmp_path / "bench" / "city")
    for given in (folder, folder.parent):
        text = draft("model-card", register, "DHS-2577", bench=given, as_of=DAY).markdown
        metrics = section(text, "Metrics").replace("\\", "")
        assert "| 0.0001867 | 0 to 0.00113 | 5,356 | 104 |" in metrics
        assert "threshold 3.99853" in metrics
        assert "Other cameras." in metrics


def test_a_folder_without_a_report_is_refused(register: Register, tmp_path: Path):
    with pytest.raises(InputError, match="holds no report of the bench"):
        draft("model-card", register, "DHS-2577", bench=tmp_path, as_of=DAY)
    report(tmp_path / "bad", model_card=[{"measure": "fmr"}])
    with pytest.raises(InputError, match="no report of the bench; make it anew"):
        draft("model-card", register, "DHS-2577", bench=tmp_path, as_of=DAY)


def test_a_bench_that_says_nothing_of_a_duty_is_refused(register: Register, tmp_path: Path):
    for kind in ("assessment", "rights-impact-assessment"):
        with pytest.raises(DocumentError, match="held against a gate"):
            draft(kind, register, "DHS-2577", bench=tmp_path, as_of=DAY)
    report(tmp_path / "no-gate")
    with pytest.raises(DocumentError, match="held against a gate"):
        draft("assessment", register, "DHS-2577", bench=tmp_path, as_of=DAY)


@pytest.mark.parametrize("kind", ["vendor-template", "incident-response"])
def test_every_scenario_stands_with_its_command(register: Register, kind: str):
    text = draft(kind, register, as_of=DAY).markdown
    scenarios = load_scenarios()
    assert len(scenarios) == 8
    for scenario in scenarios:
        assert f"`{scenario.command}`" in text
        assert scenario.title in text.replace("\\", "")


# --- A data broker


def test_a_duty_falls_due_on_its_day(register: Register):
    row = r"^\| Delete within 45 days[^\n]*\| (since|from) August 1, 2026 \|"
    for day, word in (("2026-07-31", "from"), ("2026-08-01", "since")):
        text = draft("due-diligence", register, as_of=dt.date.fromisoformat(day)).markdown
        found = re.search(row, text, re.MULTILINE)
        assert found
        assert found[1] == word


def test_sums_are_of_awards_of_nothing_else(register: Register):
    text = draft("due-diligence", register, as_of=DAY).markdown
    found = awards(register, category="data-brokers")
    only = [row for row in found if row["categories"] == ["data-brokers"]]
    total = sum(Decimal(row["obligations"]) for row in only)
    assert f"The files at hand have {len(found)} such awards. {len(only)} of them are of no other" in text
    assert f"obligated ${total:,.2f}." in text
    assert 0 < len(only) < len(found)


def test_a_vendor_may_have_a_name_that_reads_as_a_persons(register: Register):
    """Venntel is known as Gravy Analytics too, which no award names."""
    assert "### Awards to Venntel" in draft("due-diligence", register, "venntel", as_of=DAY).markdown


# --- The docket's documents


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A made-up docket of ten papers, one of them a letter that may not be told of, and its key."""
    return write_docket(tmp_path_factory.mktemp("docket"))


def of_docket(kind: str, made: tuple[Path, Path], subject: str | None = None, **more: Any) -> str:
    return draft(kind, memory_register(), subject, as_of=DAY, docket=made[0], key=made[1], **more).markdown


def test_a_transparency_report_tells_nothing_of_papers_under_a_bar(tmp_path: Path):
    place, key = Place(tmp_path / "docket"), tmp_path / "docket.key"
    gag = {"ground": "court-order", "authority": "18 U.S.C. 2705(b)"}
    letter = {
        "issuer": "Federal Bureau of Investigation",
        "signatory_title": "Special Agent in Charge",
        "authority": "18 USC 2709",
    }
    with writing(place, load_keys(key, place)) as writer:
        acts.add_requests(writer, [
            warrant(data=["biometrics"]), warrant(), paper(form_number="I-200"),
            warrant(gag=gag, issuer="United States District Court for Secret"),
            warrant(gag=gag | {"expires": "2026-04-01"}),
            # Nobody noted that it forbids to tell.
            paper(**letter), paper(**letter, gag={"ground": "statute"}),
        ], NOW)  # fmt: skip
    text = of_docket("transparency-report", (place.folder, key))
    # Seven papers, of which one warrant and two letters are barred on the day.
    assert "The docket counts 4 papers;" in text
    assert re.search(r"\| Search warrant of a court\[\^1\] \| 3 \|", text)
    assert "Federal Bureau" not in text
    assert "Secret" not in text
    assert "2709" not in text
    assert "**Papers under a bar on telling are left out of every count here**" in text
    assert re.search(r"\| faces, [^|]*\| 1 \| 0 \| \*\*\\\[ whether it holds face", text)
    # The command in its note gives the same count.
    done = run(
        "docket", "export", "--to-publish", "--as-of", DAY, "--docket", place.folder, "--key", key, "--json", home=tmp_path
    )
    assert json.loads(done.stdout)["papers"] == 4


def test_the_line_about_bars_stands_also_where_there_are_none(tmp_path: Path):
    made = write_docket(tmp_path, papers=1)
    text = of_docket("transparency-report", made)
    assert "**Papers under a bar on telling are left out of every count here**" in text
    held = open_docket(*made)
    assert len(leave_out_barred(held.cases, DAY)) == len(held.cases) == 1


def test_a_period_counts_the_days_within(made: tuple[Path, Path]):
    for answers, papers in (
        (["first=2026-03-02", "last=2026-03-02"], 9),
        (["first=2026-03-03"], 0),
        (["last=2026-03-01"], 0),
    ):
        assert f"The docket counts {papers} papers;" in of_docket("transparency-report", made, set_answers=answers)
    held = open_docket(*made)
    assert count_papers(leave_out_barred(held.cases, DAY), held.sales, None, None, DAY)["papers"] == 9
    with pytest.raises(DocumentError, match="is no day"):
        of_docket("transparency-report", made, set_answers=["first=March"])


@pytest.mark.parametrize("kind", ["narrow", "object"])
def test_what_is_for_counsel_stands_in_counsels_part_alone(made: tuple[Path, Path], kind: str):
    for number in range(1, 11):
        text = of_docket(kind, made, str(number))
        sent, _, kept = text.partition("## For counsel: take this part out before sending")
        assert kept, number
        for words in ("Nobody has verified", "The entry does not say", "Disputed as of", "our list has no"):
            assert words not in sent, (number, words)
        assert ("It comes from a court" in kept) == (number in (1, 9)), number
        # How many papers there are is for nobody outside to know.
        assert not re.search(r"\d+ entries", text)
    text = of_docket(kind, made, "3")
    assert "Disputed as of 2026-11-22; ask counsel." in text


def test_a_letter_says_what_the_entry_says(made: tuple[Path, Path]):
    text = of_docket("object", made, "5")
    assert "| Issued by | Homeland Security Investigations[^1] |" in text
    assert f"| To be answered by | {say_day(dt.date(2026, 3, 12))}[^1] |" in text
    assert "The purpose that it states has no word of customs in it" in section(text, "Why we object")
    assert "register" not in text.partition("[^1]:")[0].replace("registered", "")
    law = section(text, "What we take the law to be")
    assert law.count("[^") == law.count("\n- ")


def test_a_vague_sentence_of_law_is_marked_in_a_letter(made: tuple[Path, Path]):
    law = section(of_docket("object", made, "2"), "What we take the law to be")
    assert "It compels nobody to hand over records. **(unverified)**[^" in law


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["object"], "needs a paper of the docket"),
        (["object", "DHS-2577"], "is no number of a paper"),
        (["object", "99"], "is the number of no paper"),
        (["object", "2", "--set", "compny=Us"], "did you mean company?"),
        (["object", "2", "--set", "company"], "--set NAME=ANSWER"),
        (["object", "2", "--bench", "."], "reads no folder of `custodiet bench`"),
        (["transparency-report", "DHS-2577"], "takes no subject, and no subject 'DHS-2577'"),
    ],
)
def test_what_goes_wrong_with_a_docket_is_one_sentence(
    made: tuple[Path, Path], tmp_path: Path, arguments: list[str], said: str
):
    done = run("draft", *arguments, "--docket", made[0], "--key", made[1], home=tmp_path)
    assert said in assert_one_sentence(done)


def test_without_a_docket_or_its_key_there_is_one_sentence(made: tuple[Path, Path], tmp_path: Path):
    assert "no docket is here" in assert_one_sentence(run("draft", "object", "2", home=tmp_path))
    assert ".key" in assert_one_sentence(run("draft", "object", "2", "--docket", made[0], home=tmp_path))
    with pytest.raises(DocumentError, match="drafted from a docket"):
        draft("object", memory_register(), "2", as_of=DAY)
    with pytest.raises(DocketError):
        open_docket(tmp_path / "none", None)


def test_an_unknown_place_or_pack_is_one_sentence(register: Register):
    with pytest.raises(DocumentError, match="is no jurisdiction of the pack ccops"):
        draft("annual-report", register, as_of=DAY, set_answers=["jurisdiction=atlantis"])
