"""An assessment agrees with the findings and with the raw answers, and nothing that nobody says is met."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command import assert_one_sentence, run
from custodiet.governance.answers import read_answers
from custodiet.governance.assess import Assessment, assess
from custodiet.governance.packs import load_packs
from custodiet.governance.statuses import STATUSES, Status, at_most, combine
from custodiet.model.errors import InputError, QuestionError
from custodiet.questions import cite
from custodiet.store import Register

PACKS = load_packs()
MEMO = PACKS["omb-m-25-21"]
# The answer that each practice with one field of the form rests on.
FIELDS = {
    "4(b)(i)": "testing", "4(b)(iii)": "monitoring", "4(b)(iv)": "training", "4(b)(v)": "oversight", "4(b)(vi)": "appeal",
    "4(b)(vii)": "feedback",
}  # fmt: skip


@given(st.lists(st.sampled_from(STATUSES)))
def test_parts_make_met_only_if_every_part_that_applies_is(parts: list[Status]) -> None:
    whole = combine(parts)
    applying = [part for part in parts if part != "not-applicable"]
    assert (whole == "met") == (bool(applying) and set(applying) == {"met"})
    if "unknown" in applying:
        assert whole != "met"
    if not parts:
        assert whole == "unknown"
    assert combine(parts) == combine(list(reversed(parts)))


@given(st.sampled_from(STATUSES))
def test_evidence_of_a_part_shows_that_part_and_nothing_else(status: Status) -> None:
    assert at_most(status, "partly") in ("partly", "unknown")
    assert (at_most(status, "partly") == "partly") == (status in ("met", "partly"))
    assert at_most(status, "met") == status


def expected(value: str | None, state: str, practice: str) -> str:
    """Read an answer of a deployed, high-impact case as the memo does; written without the code that it tests."""
    if state == "in-progress":
        return "partly"
    if value == "precluded-by-law" or (value == "not-applicable" and practice in ("4(b)(v)", "4(b)(vi)")):
        return "not-applicable"
    if value is None or (practice == "4(b)(vii)" and value == "other"):
        return "unknown"
    return "met"


def test_practices_agree_with_the_raw_answers_of_every_due_case_of_dhs(register: Register) -> None:
    rows = register.dicts(
        "select * from use_cases where agency = 'DHS' and inventory_year = 2025 and stage.value = 'deployed' "
        "and impact.value = 'high-impact' order by use_case_id"
    )
    assert len(rows) == 38
    counted: Counter[tuple[str, str]] = Counter()
    for row in rows:
        found = assess(register, row["handle"], MEMO)
        for practice, field in FIELDS.items():
            judged = found.find(practice)
            assert judged is not None
            assert judged.status == expected(row[field]["value"], row[field]["state"], practice), (row["handle"], practice)
            counted[practice, judged.status] += 1
    # In DHS's own file: ten appeals established, three precluded by law, twenty not applicable, five under way.
    assert [counted["4(b)(vi)", status] for status in ("met", "not-applicable", "partly", "unknown")] == [10, 23, 5, 0]


def test_an_assessment_agrees_with_the_findings(register: Register) -> None:
    """A gap is never met, and what is clear is met, unless the answer is that law precludes it."""
    for handle in ("DHS-2577", "DHS-2578", "DHS-2666", "DHS-2731", "DHS-2412"):
        for judged in assess(register, handle, MEMO).judged:
            for piece in judged.evidence:
                if piece.kind != "finding":
                    assert piece.status is None
                    continue
                ((outcome,),) = register.rows("select outcome from findings where finding = $id", {"id": piece.reference})
                allowed = {
                    "gap": {"partly", "not", "unknown"}, "clear": {"met", "not-applicable"},
                    "not-applicable": {"not-applicable"}, "cannot-tell": {"unknown"},
                }[outcome]  # fmt: skip
                assert piece.status in allowed
                assert judged.status != "met" or outcome != "gap"


def test_every_citation_leads_to_its_cell(register: Register) -> None:
    for pack in ("omb-m-25-21", "nist-ai-rmf-1.0", "eu-fria"):
        found = assess(register, "DHS-2666", PACKS[pack])
        cited = [citation for judged in found.judged for piece in judged.evidence for citation in piece.citations]
        assert cited
        for citation in {tuple(each.values()) for each in cited}:
            assert cite(register, *citation)["release"] == citation[0]


def test_an_override_is_told_and_not_called_met(register: Register) -> None:
    found = assess(register, "DHS-2578", MEMO)
    assert found.count() == {"met": 0, "partly": 0, "not": 0, "not-applicable": 7, "unknown": 0}
    assert any("the agency determined that it is not" in note for note in found.notes)
    # The memo's practices are not owed; that says nothing of a voluntary framework.
    assert found.count()["not-applicable"] == 7
    assert assess(register, "DHS-2578", PACKS["nist-ai-rmf-1.0"]).count()["not-applicable"] == 0


def test_a_system_is_all_of_its_entries(register: Register) -> None:
    found = assess(register, "mobile-fortify", MEMO)
    testing = found.find("4(b)(i)")
    assert testing is not None
    assert {piece.subject for piece in testing.evidence} == {"DHS-2577", "DHS-2731"}
    # ICE's is in progress, CBP's is done: for the system that is a part.
    assert testing.status == "partly"
    assert "DHS-2577: " in testing.why
    assert "DHS-2731: " in testing.why


def test_what_indirect_evidence_does_not_show_stays_unknown(register: Register) -> None:
    """A missing authorisation is no proof that security was never evaluated."""
    judged = assess(register, "DHS-2666", PACKS["nist-ai-rmf-1.0"]).find("MEASURE 2.7")
    assert judged is not None
    assert "there is none" in judged.why
    assert judged.status == "unknown"


ANSWERS = """
subject: Acme Match
pack: nist-ai-rmf-1.0
signed: {name: A. Officer, role: chief privacy officer, date: 2026-10-01}
answers:
  GOVERN 1.1: {status: met, because: We keep a list of the laws., documents: [Register of laws, 2026-09-01]}
  MEASURE 2.11: {status: in-progress, because: "A test by group is under way."}
  MAP 3.5: {status: waived, because: The board set it aside.}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "answers.yml"
    path.write_text(text, "utf-8")
    return path


def test_a_product_stands_on_its_answers_alone(tmp_path: Path) -> None:
    found = assess(None, "Acme Match", "nist-ai-rmf-1.0", answers=read_answers(written(tmp_path, ANSWERS)))
    by_id = {judged.duty.id: judged for judged in found.judged}
    assert (by_id["GOVERN 1.1"].status, by_id["GOVERN 1.1"].basis) == ("met", "answer")
    assert "A. Officer (chief privacy officer) answers on 2026-10-01" in by_id["GOVERN 1.1"].why
    assert "nobody here has checked" in by_id["GOVERN 1.1"].why
    assert by_id["MEASURE 2.11"].status == "partly"
    assert by_id["MAP 3.5"].status == "not-applicable"
    assert found.count()["unknown"] == 69
    assert {judged.basis for judged in found.judged if judged.status == "unknown"} == {"none"}


def test_an_answer_does_not_overrule_the_record(register: Register, tmp_path: Path) -> None:
    text = ANSWERS.replace("nist-ai-rmf-1.0", "omb-m-25-21")
    text = text[: text.index("answers:")] + (
        "answers:\n  4(b)(i): {status: met, because: We tested it.}\n  4(b)(iv): {status: met, because: All were trained.}\n"
    )
    found = assess(register, "DHS-2577", MEMO, answers=read_answers(written(tmp_path, text)))
    testing, training = found.find("4(b)(i)"), found.find("4(b)(iv)")
    assert testing is not None
    assert training is not None
    assert (testing.status, testing.basis) == ("partly", "evidence")
    assert "A person answers otherwise, and the record stands" in testing.why
    # The record can't be read on training, so that the answer is all there is.
    assert (training.status, training.basis) == ("met", "answer")


BAD_ANSWERS = {
    "nobody signed": (
        ANSWERS.replace("signed: {name: A. Officer, role: chief privacy officer, date: 2026-10-01}\n", ""),
        "signed",
    ),
    "an entry that is not assessed": (ANSWERS.replace("GOVERN 1.1:", "GOVERN 1:"), "GOVERN 1"),
    "another pack's": (ANSWERS.replace("nist-ai-rmf-1.0", "iso-42001"), "iso-42001"),
    "a word of its own": (ANSWERS.replace("status: met", "status: mostly"), "status"),
    "no reason": (ANSWERS.replace("because: We keep a list of the laws.", "because: ''"), "because"),
    "a field of its own": (ANSWERS + "colour: red\n", "colour"),
    "no date": (ANSWERS.replace("2026-10-01", "last week"), "date"),
    "not YAML": ("answers: {", "answers.yml"),
    "an escape for the terminal": (ANSWERS.replace("A. Officer", '"A\\u001b[31m"'), "printed"),
}


@pytest.mark.parametrize("fault", BAD_ANSWERS)
def test_bad_answers_get_one_sentence(fault: str, tmp_path: Path) -> None:
    text, names = BAD_ANSWERS[fault]
    with pytest.raises(InputError) as caught:
        assess(None, "Acme Match", "nist-ai-rmf-1.0", answers=read_answers(written(tmp_path, text)))
    assert names in str(caught.value)


def test_not_applicable_is_refused_where_the_memo_knows_no_such_answer(tmp_path: Path) -> None:
    text = ANSWERS.replace("nist-ai-rmf-1.0", "omb-m-25-21")
    text = text[: text.index("answers:")] + "answers:\n  4(b)(i): {status: not-applicable, because: It is small.}\n"
    with pytest.raises(InputError, match="does not allow"):
        assess(None, "Acme Match", MEMO, answers=read_answers(written(tmp_path, text)))


def gate(system: str | None, outcome: str, measure: str = "fmr") -> dict[str, Any]:
    return {
        "gate": "A gate", "system": system, "claim": "at-most", "says": "At most one in a million.", "measure": measure,
        "group": "all", "outcome": outcome, "reason": "all: fmr 0.01, n = 100", "value": 0.01, "bound": 0.05, "claimed": 1e-6,
        "direction": "at most", "confidence": 0.95, "n": 100, "subjects": 10, "more_subjects": None,
    }  # fmt: skip


def report(folder: Path, rows: list[dict[str, Any]], verb: str = "faces") -> Path:
    place = folder / "bench" / "one"
    place.mkdir(parents=True, exist_ok=True)
    (place / "report.json").write_text(json.dumps({"bench": verb, "gates": rows}))
    return folder / "bench"


def test_gates_count_for_their_own_system_only(register: Register, tmp_path: Path) -> None:
    pack = PACKS["nist-ai-rmf-1.0"]

    def status(rows: list[dict[str, Any]], verb: str = "faces") -> tuple[str, int]:
        judged = assess(register, "DHS-2577", pack, bench=report(tmp_path, rows, verb)).find("MEASURE 2.5")
        assert judged is not None
        return judged.status, sum(piece.kind == "bench" for piece in judged.evidence)

    assert status([gate("mobile-fortify", "pass")]) == ("partly", 1)
    assert status([gate(None, "pass")]) == ("partly", 1)
    assert status([gate("elite", "pass")]) == ("unknown", 0)
    assert any("left aside" in note for note in assess(register, "DHS-2577", pack, bench=tmp_path / "bench").notes)
    assert status([gate("mobile-fortify", "fail")]) == ("unknown", 1)
    assert status([gate("mobile-fortify", "pass"), gate("mobile-fortify", "insufficient")])[0] == "partly"
    assert status([gate("mobile-fortify", "pass")], "feedback") == ("unknown", 0)


def audit_folder(folder: Path) -> Path:
    place = folder / "audit"
    place.mkdir(exist_ok=True)
    measures = [
        {"id": "searches", "title": "Searches", "state": "measured", "value": 12, "why": None},
        {"id": "audits", "title": "Audits done and due", "state": "undefined", "value": None, "why": "no policy was given"},
    ]
    finding = {
        "rule": "us-xx-reason", "title": "A reason", "reason": "3 of 12 have none.", "outcome": "gap", "unverified": True,
        "grade": "Known", "does_not_show": "Why.",
    }  # fmt: skip
    about = {"producer": "Town PD"}
    manifest = {"files": [{"file": "log.csv"}]}
    content = {"about": about, "measures": measures, "findings": [finding], "manifest": manifest}
    (place / "audit.json").write_text(json.dumps(content))
    return place


def test_an_audit_fills_what_it_can_and_no_more(tmp_path: Path) -> None:
    found = assess(None, "Town PD plate readers", "ccops", audit=audit_folder(tmp_path), jurisdiction="san-francisco")
    by_id = {judged.duty.id: judged.status for judged in found.judged}
    assert len(by_id) == 10
    assert by_id["use"] == "partly"
    # An audit that could not be measured, and a gap in a rule on the law: neither shows that no audit was made.
    assert by_id["audits"] == "unknown"
    assert by_id["cost"] == "unknown"
    assert any("San Francisco" in note for note in found.notes)
    (tmp_path / "audit" / "audit.json").write_text("{}")
    with pytest.raises(InputError, match="no result of an audit"):
        assess(None, "Town PD plate readers", "ccops", audit=tmp_path / "audit")


def test_what_is_not_known_is_asked_back(register: Register) -> None:
    for subject, pack, jurisdiction in (
        ("DHS-99999", "omb-m-25-21", None), ("palantir", "omb-m-25-21", None), ("DHS-2577", "gdpr", None),
        ("DHS-2577", "records-laws", None), ("DHS-2577", "ccops", "atlantis"), ("DHS-2577", "ccops", "san-diego"),
    ):  # fmt: skip
        with pytest.raises(QuestionError) as caught:
            assess(register, subject, pack, jurisdiction=jurisdiction)
        assert str(caught.value).endswith((".", "?"))
    with pytest.raises(QuestionError, match="Without a register"):
        assess(None, "Acme Match", "iso-42001")


def as_json(found: Assessment) -> str:
    return json.dumps(found.as_data(), default=str)


def test_the_same_question_has_the_same_answer(register: Register) -> None:
    assert as_json(assess(register, "DHS-2577", MEMO)) == as_json(assess(register, "DHS-2577", MEMO))


def test_the_command_line_tells_it_in_every_form(register_file: Path, tmp_path: Path) -> None:
    ask = ("assess", "DHS-2577", "--pack", "omb-m-25-21", "--register", register_file)
    shown = run(*ask, home=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "Unknown is never met" in shown.stdout
    data = json.loads(run(*ask, "--json", home=tmp_path).stdout)
    assert data["counts"] == {"met": 0, "partly": 6, "not": 0, "not-applicable": 0, "unknown": 1}
    assert len(data["pack"]["sha256"]) == 64
    sheet = run(*ask, "--csv", "--xlsx", tmp_path / "a.xlsx", home=tmp_path)
    assert len(sheet.stdout.splitlines()) == 8
    assert (tmp_path / "a.xlsx").stat().st_size > 1000
    assert_one_sentence(run("assess", "Nobody Inc", "--pack", "omb-m-25-21", "--register", register_file, home=tmp_path))
    own = run("assess", "Acme", "--pack", "nist-ai-rmf-1.0", "--answers", written(tmp_path, ANSWERS), "--json", home=tmp_path)
    assert json.loads(own.stdout)["counts"]["met"] == 1, own.stderr
