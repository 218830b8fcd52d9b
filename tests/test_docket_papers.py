"""What a paper is, what people do about it, what is due, what is erased, what is counted."""

import contextlib
import datetime as dt
import hashlib
import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from custodiet.docket import acts
from custodiet.docket.cases import read_cases
from custodiet.docket.classify import Classification, classify, normalise_authority
from custodiet.docket.counts import count_papers
from custodiet.docket.due import list_deadlines
from custodiet.docket.entry import KEPT, Request, hash_paper, read_request
from custodiet.docket.identity import Place
from custodiet.docket.letters import FOR_ISSUERS, letter_context
from custodiet.docket.proofs import check_proof, prove_entry, prove_growth
from custodiet.docket.retention import retain
from custodiet.docket.sales import add_sale, list_sales
from custodiet.docket.types import read_pack
from custodiet.docket.writing import Draft, writing
from custodiet.model.errors import DocketError, InputError, QuestionError
from docket import COURT, DAY, ICE, KEYS, NOW, add, cases, paper, read, warrant

PACK = read_pack()
HSI = "Homeland Security Investigations"
VERIFIED = {"by": "A. Person", "on": "2026-03-03", "how": "called the switchboard", "contact": "found-independently"}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "docket")


def defects(found: Classification) -> set[str]:
    return {one.id for one in found.defects}


def unknowns(found: Classification) -> set[str]:
    return {one.id for one in found.unknowns}


# The pack


def test_the_pack_has_what_the_frameworks_have():
    assert (len(PACK.types), len(PACK.distinguishing_fields), len(PACK.checklist)) == (16, 20, 15)
    assert len({one.id for one in PACK.types}) == 16
    for one in PACK.types:
        assert set(one.issuers) <= set(PACK.issuer_kinds), one.id
        assert set(one.signatories) <= {*PACK.signatory_roles, "none"}, one.id
        assert set(one.specialises) <= {other.id for other in PACK.types}, one.id
        assert (one.rank is None) == (one.rank_says is None)
        assert (one.predicate is None) == (one.predicate_says is None)


def test_each_distinguishing_field_is_one_that_we_keep_or_answer():
    answered = set(Classification.__dataclass_fields__)
    for one in PACK.distinguishing_fields:
        assert one.field in Request.model_fields or one.field in answered, one.field


def test_what_is_not_verified_is_always_marked_and_what_is_has_an_address():
    facts = [fact for one in PACK.types for fact in (*one.facts, one.self_executing)]
    assert len(facts) > 40
    for fact in facts:
        assert ("[unverified: verify " in fact.marked()) == (fact.grade != "V"), fact.says
        assert fact.grade == "V" or fact.verify, fact.says
        if fact.grade in "VS":
            assert fact.source.startswith("http"), fact.says
    disputes = [dispute for one in PACK.types for dispute in one.disputed]
    assert [one.id for one in disputes] == ["forced-entry"]
    assert disputes[0].marked().startswith(f"Disputed as of {disputes[0].as_of}; ask counsel.")


def test_a_type_is_as_good_as_its_weakest_sentence():
    for one in PACK.types:
        assert one.grade == sorted((fact.grade for fact in (*one.facts, one.self_executing)), key="VSR".index)[-1]


# What a paper is

KINDS = [
    (warrant(), "judicial_search_warrant", "yes"),
    (warrant(form_number="AO 442"), "judicial_arrest_warrant", "yes"),
    (warrant(form_number=None, authority="18 U.S.C. § 2703(d)"), "sca_2703_d_order", "cannot-tell"),
    (warrant(form_number=None, authority="18 U.S.C. § 2703(a)"), "sca_2703_a_warrant", "cannot-tell"),
    (warrant(authority="18 U.S.C. § 2703(a); Fed. R. Crim. P. 41"), "sca_2703_a_warrant", "cannot-tell"),
    (warrant(form_number=None, command="arrest"), "judicial_arrest_warrant", "yes"),
    (warrant(form_number=None, command="search"), "judicial_search_warrant", "yes"),
    (paper(form_number="Form I-200 (Rev. 09/16)"), "ice_I-200", "no"),
    (paper(form_number="I205", signatory_title="Field Office Director"), "ice_I-205", "no"),
    (paper(authority="8 U.S.C. § 1225(d)(4)(A)"), "immigration_subpoena_I-138", "no"),
    (paper(authority="8 C.F.R. § 287.4", issuer=HSI, signatory_title="Supervisory Special Agent"),
     "immigration_subpoena_I-138", "no"),
    (paper(authority="19 U.S.C. § 1509", issuer=HSI, signatory_title="Special Agent in Charge"),
     "customs_summons_1509", "no"),
    (paper(issuer="U.S. Customs and Border Protection", signatory_title="Port Director", authority="19 USC 1509"),
     "customs_summons_1509", "no"),
    (paper(issuer=COURT, signatory_title="Clerk of Court", form_number="AO 110"), "grand_jury_subpoena", "cannot-tell"),
    (paper(issuer="United States Attorney's Office", signatory_title="Assistant United States Attorney",
           authority="grand jury; 18 USC 2703(c)(2)"), "sca_2703_b_c_subpoena", "cannot-tell"),
    (paper(issuer=COURT, signatory_title="Deputy Clerk", form_number="AO 88B"), "civil_judicial_subpoena", "cannot-tell"),
    (paper(issuer="Example & Partners LLP", signatory_title="Attorney for Plaintiff", authority="Fed. R. Civ. P. 45"),
     "civil_judicial_subpoena", "cannot-tell"),
    (paper(issuer="Example Police Department", signatory_title="Detective", authority="18 U.S.C. 2703(f)"),
     "preservation_2703_f", "yes"),
    (paper(issuer="Example Police Department", signatory_title="Detective", authority="18 U.S.C. 2702(c)(4)"),
     "emergency_2702_b8_c4", "no"),
    (paper(issuer="Example Police Department", signatory_title=None, command="disclose-in-emergency"),
     "emergency_2702_b8_c4", "no"),
    (paper(issuer="Federal Bureau of Investigation", signatory_title="Special Agent in Charge", authority="18 U.S.C. 2709"),
     "nsl_2709", "no"),
    (paper(issuer="Example County Sheriff", signatory_title="Sergeant", authority="none"), "letter_or_email_request", "no"),
    (paper(issuer="Example County Sheriff", signatory_title=None, signed="no"), "letter_or_email_request", "no"),
    # A State's court cites its State's law.
    (warrant(form_number=None, authority="Cal. Penal Code 1546.1", command="search"), "judicial_search_warrant", "yes"),
    (paper(issuer=ICE, signatory_title="Contracting Officer"), "data_purchase_or_license", "no"),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "type_", "executes"), KINDS, ids=[f"{i}-{kind[1]}" for i, kind in enumerate(KINDS)])
def test_what_a_paper_is(request_: Request, type_: str, executes: str):
    found = classify(request_, DAY)
    assert found.id == type_, found.because
    assert found.self_executing == executes


def test_every_type_is_met():
    assert {kind[1] for kind in KINDS} == {one.id for one in PACK.types}


@given(
    index=st.integers(0, len(KINDS) - 1),
    title=st.one_of(
        st.sampled_from(
            ["WARRANT", "Judicial Warrant", "Search and Seizure Warrant", "Order of the Court", "Subpoena", "Letter"]
        ),
        st.text(min_size=1, max_size=60).filter(lambda text: text.strip()),
    ),
)
def test_its_title_never_changes_what_it_is(index: int, title: str):
    request = KINDS[index][0]
    titled = Request.model_validate(request.model_dump() | {"title": title})
    assert classify(titled, DAY) == classify(request, DAY)


@pytest.mark.parametrize(
    ("request_", "defect"),
    [
        # An officer's signature under a court's name, and a judge's on an agency's form.
        (paper(issuer=COURT, signatory_title="Deportation Officer", form_number="AO 93"), "does-not-fit"),
        (paper(signatory_title="United States Magistrate Judge", form_number="I-205"), "does-not-fit"),
        # What it cites is a judge's to give.
        (paper(authority="18 U.S.C. § 2703(d)"), "does-not-fit"),
        # The form of one paper, the authority of another.
        (paper(form_number="I-138", authority="19 U.S.C. 1509"), "form-and-authority"),
        # The entry contradicts the paper.
        (paper(issuer_kind="court"), "issuer"),
        (paper(signatory_role="judge"), "signatory"),
    ],
)
def test_a_paper_that_contradicts_itself_is_not_told(request_: Request, defect: str):
    found = classify(request_, DAY)
    assert found.id == "cannot-tell"
    assert found.self_executing == "cannot-tell"
    assert found.reaches == ()
    assert defect in defects(found)


@pytest.mark.parametrize(
    ("issuer", "title", "role"),
    [
        ("Immigration Court, Executive Office for Immigration Review", "Immigration Judge", "immigration-judge"),
        (ICE, "Immigration Judge", "immigration-judge"),
        (COURT, "Administrative Law Judge", "administrative-judge"),
        (COURT, "Judge Advocate", None),
        (COURT, "Trial Attorney, Department of Justice", "prosecutor"),
        (COURT, "Clerk to Judge Example", "clerk"),
    ],
)
def test_no_judge_by_name_makes_a_judicial_warrant(issuer: str, title: str, role: str | None):
    found = classify(paper(issuer=issuer, signatory_title=title, form_number="AO 93", title="Judicial Warrant"), DAY)
    assert found.signatory_role == role
    assert found.id == "cannot-tell"


def test_an_immigration_judges_warrant_is_an_immigration_warrant():
    found = classify(paper(issuer="Immigration Court", signatory_title="Immigration Judge", form_number="I-200"), DAY)
    assert found.id == "ice_I-200"


@pytest.mark.parametrize(
    ("issuer", "title"),
    [
        ("U.S. Department of Homeland Security", "United States Magistrate Judge"),
        ("Office of the Police Commissioner", "Judge"),
        ("Immigration Court, New York", "Judge"),
        ("Example Police Department", "Clerk of Court"),
        (COURT, "Special Agent"),
    ],
)
def test_nobody_signs_for_another_house(issuer: str, title: str):
    found = classify(paper(issuer=issuer, signatory_title=title, title="Warrant", signed="yes"), DAY)
    assert (found.id, found.candidates, found.self_executing) == ("cannot-tell", (), "cannot-tell")
    assert "signatory-of-another" in defects(found)


def test_an_officers_search_warrant_is_no_search_warrant():
    found = classify(paper(title="SEARCH WARRANT", signed="yes", command="search"), DAY)
    assert found.id == "cannot-tell"
    assert "no-such-order" in defects(found)
    assert "judicial_search_warrant" not in {one.id for one in found.candidates}


def test_a_field_left_out_makes_no_letter():
    # A prosecutor's paper may be a grand jury's subpoena whose authority nobody wrote down.
    found = classify(paper(issuer="United States Attorney's Office", signatory_title="Assistant United States Attorney"), DAY)
    assert found.id == "cannot-tell"
    assert {"grand_jury_subpoena", "letter_or_email_request"} <= {one.id for one in found.candidates}
    assert "unknown-authority" in unknowns(found)


def test_where_all_that_it_may_be_agree_that_much_is_told():
    assert classify(paper(command="arrest", title="Warrant"), DAY).self_executing == "no"
    assert classify(paper(), DAY).self_executing == "cannot-tell"


def test_haste_in_a_mail_is_an_emergency_request():
    mail = paper(issuer="Example Police Department", signatory_title=None, predicate="imminent danger of death")
    assert classify(mail, DAY).id == "emergency_2702_b8_c4"
    assert "emergency-not-verified" in defects(classify(mail, DAY))


@pytest.mark.parametrize(
    ("said", "is_below"),
    [
        ({"authority": "19 U.S.C. 1509", "signatory_title": "Assistant Special Agent in Charge"}, True),
        ({"authority": "19 U.S.C. 1509", "signatory_title": "Deputy Special Agent in Charge"}, True),
        ({"authority": "19 U.S.C. 1509", "signatory_title": "Acting Special Agent in Charge"}, False),
        ({"authority": "18 U.S.C. 2709", "issuer": "FBI", "signatory_title": "Assistant Special Agent in Charge"}, True),
        ({"authority": "18 U.S.C. 2709", "issuer": "FBI", "signatory_title": "Deputy Assistant Director"}, False),
        ({"authority": "8 CFR 1003.35", "issuer": "Immigration Court", "signatory_title": "Immigration Judge"}, False),
        ({"authority": "8 CFR 287.4", "signatory_title": "Deportation Officer"}, True),
        ({"authority": "8 CFR 287.4", "signatory_title": "Supervisory Deportation Officer"}, False),
    ],
)
def test_who_stands_below_the_rank_that_a_law_names(said: dict[str, str], is_below: bool):
    found = classify(paper(**{"issuer": HSI} | said), DAY)
    assert found.type is not None
    assert ("rank" in defects(found)) == is_below


def test_what_cannot_be_told_says_what_it_may_be():
    found = classify(paper(command="arrest", title="Warrant"), DAY)
    assert found.id == "cannot-tell"
    assert [one.id for one in found.candidates] == ["ice_I-200", "ice_I-205"]
    assert [one.id for one in found.disputed] == ["forced-entry"]
    unheard_of = classify(paper(authority="21 U.S.C. § 876"), DAY)
    assert unheard_of.id == "cannot-tell"
    nobody = classify(paper(issuer="The Department"), DAY)
    assert nobody.id == "cannot-tell"
    assert "issuer" in unknowns(nobody)
    both = classify(paper(issuer="Example Police Department and Federal Bureau of Investigation"), DAY)
    assert both.issuer_kind is None
    assert classify(paper(signed="no", form_number="I-200"), DAY).id == "cannot-tell"


def test_an_emergency_that_nobody_verified_is_named():
    police = {"issuer": "Example Police Department", "signatory_title": "Detective", "command": "disclose-in-emergency"}
    assert "emergency-not-verified" in defects(classify(paper(**police), DAY))
    # Haste without the word of the law is the same trap.
    assert "emergency-not-verified" in defects(
        classify(paper(**police | {"command": None, "predicate": "imminent danger"}), DAY)
    )
    assert "emergency-not-verified" not in defects(classify(paper(**police, verified=VERIFIED), DAY))
    own = VERIFIED | {"contact": "given-in-the-paper"}
    assert "verified-by-its-own-contact" in defects(classify(paper(**police, verified=own), DAY))


@pytest.mark.parametrize(
    ("said", "defect"),
    [
        ({"predicate": "student protest"}, "predicate-mismatch"),
        ({"predicate": "undervalued merchandise", "signatory_title": "Special Agent"}, "rank"),
        ({"data": ["content"]}, "content-without-warrant"),
        ({"data": ["location"]}, "location-without-warrant"),
        ({"data": ["biometrics"]}, "beyond-its-reach"),
        ({"breadth": ["geofence"]}, "overbreadth"),
        ({"signature_date": "2026-03-05"}, "signed-later"),
        ({"return_date": "2026-03-01"}, "return-passed"),
        ({"execution_until": "2026-03-01"}, "expired"),
        ({"addressed_to_us": "no"}, "addressee"),
        ({"gag": {"ground": "request"}}, "gag-only-asked"),
    ],
)
def test_each_defect_is_seen_and_none_in_a_clean_paper(said: dict[str, object], defect: str):
    clean = {
        "issuer": HSI, "signatory_title": "Special Agent in Charge", "authority": "19 U.S.C. 1509", "signed": "yes",
        "predicate": "undervalued merchandise", "signature_date": "2026-03-01", "return_date": "2026-03-20",
        "records": "import records", "data": ["records"], "accounts": 1, "range_from": "2025-01-01", "verified": VERIFIED,
        "addressed_to_us": "yes", "sha256": "0" * 64,
    }  # fmt: skip
    assert (defects(classify(paper(**clean), DAY)), unknowns(classify(paper(**clean), DAY))) == (set(), set())
    assert defects(classify(paper(**clean | said), DAY)) == {defect}


def test_a_warrant_open_for_too_long_is_marked_unverified():
    found = classify(warrant(signature_date="2026-03-01", execution_until="2026-03-16"), DAY)
    (window,) = (one for one in found.defects if one.id == "window")
    assert window.marked().startswith("It leaves 15 days for its execution; a federal warrant leaves at most 14.")
    assert "[unverified: verify " in window.marked()
    fourteen = classify(warrant(signature_date="2026-03-01", execution_until="2026-03-15"), DAY)
    assert "window" not in defects(fourteen)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("18 U.S.C. § 2703(d)", "18usc2703(d)"),
        ("8 C.F.R. §287.4", "8cfr287.4"),
        ("Fed. R. Crim. P. 41", "fedrcrimp41"),
        (None, ""),
    ],
)
def test_citations_are_read_as_people_write_them(text: str | None, normal: str):
    assert normalise_authority(text) == normal


# Entries


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("issuer: [", "mend its YAML there"),
        ("received: 2026-03-02", "issuer: Field required"),
        ("issuer: ICE\nreceived: yesterday", "received: Input should be a valid date"),
        ("issuer: ICE\nreceived: 2026-03-02\nname_of_subject: Doe", "name_of_subject: Extra inputs are not permitted"),
        ("issuer: ICE\nreceived: 2026-03-02\nsignatory_role: emperor", "'emperor' is none of"),
        ("issuer: ICE\nreceived: 2026-03-02\nrange_from: 2026-02-02\nrange_to: 2026-01-01", "range_to is before range_from"),
        ("- a\n- b", "an entry is a list of names and values"),
        ("issuer: ICE\nissuer: FBI\nreceived: 2026-03-02", "stands twice"),
    ],
)
def test_what_is_no_entry_is_refused_in_one_sentence(text: str, says: str, tmp_path: Path):
    path = tmp_path / "entry.yml"
    path.write_text(text)
    with pytest.raises(InputError, match=re.escape(says)):
        read_request(path)


@given(text=st.text(max_size=80))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_an_entry_or_is_refused_in_our_own_words(text: str, tmp_path: Path):
    path = tmp_path / "entry.yml"
    path.write_text(f"received: 2026-03-02\nissuer: {text}\n", "utf-8")
    with contextlib.suppress(InputError):
        assert classify(read_request(path), DAY).id in {*(one.id for one in PACK.types), "cannot-tell"}


def test_the_paper_is_hashed_and_stays_where_it_is(place: Place, tmp_path: Path):
    (tmp_path / "order.pdf").write_bytes(b"%PDF made up")
    (tmp_path / "entry.yml").write_text(
        "issuer: ICE\nsignatory_title: Deportation Officer\nreceived: 2026-03-02\npaper: order.pdf\n"
    )
    (number,) = add(place, read_request(tmp_path / "entry.yml"))
    fields = cases(place)[number].fields
    assert fields["sha256"] == hash_paper(tmp_path / "order.pdf")
    assert fields["sha256"] == hashlib.sha256(b"%PDF made up").hexdigest()
    assert not any("order.pdf" in str(value) for value in fields.values())
    assert "no-paper" not in unknowns(cases(place)[number].classify(DAY))
    with pytest.raises(InputError, match="can't be read"):
        add(place, paper(paper=tmp_path / "missing.pdf"))
    with pytest.raises(DocketError, match="its hash is not the one"):
        add(place, paper(paper=tmp_path / "order.pdf", sha256="0" * 64))


def test_no_field_is_for_whom_a_paper_seeks():
    for name in Request.model_fields:
        assert not re.search(r"target|person|plate|address$|subject_name|birth", name), name


# What people do


def test_two_people_approve_and_one_decides_before_anything_leaves(place: Place):
    (number,) = add(place, warrant(accounts=1))
    with writing(place, KEYS) as writer:
        with pytest.raises(DocketError, match="No disclosure was decided"):
            acts.do_step(writer, number, "produce", "A. One", DAY, NOW)
        with pytest.raises(DocketError, match="nothing to approve"):
            acts.approve(writer, number, "A. One", NOW)
        acts.decide(writer, number, "disclose", "A. One", "A warrant, verified.", NOW)
        with pytest.raises(DocketError, match="2 of 2 approvals are missing"):
            acts.do_step(writer, number, "produce", "A. One", DAY, NOW)
        for decider in ("A. One", "  a.  ONE ", "A One", "Á.One"):
            with pytest.raises(DocketError, match="nobody approves a decision of their own"):
                acts.approve(writer, number, decider, NOW)
        acts.approve(writer, number, "B. Two", NOW)
        for same in ("B. Two", "b two", "B.TWO."):
            with pytest.raises(DocketError, match="approved this decision already"):
                acts.approve(writer, number, same, NOW)
        with pytest.raises(DocketError, match="1 of 2 approvals is missing"):
            acts.do_step(writer, number, "produce", "A. One", DAY, NOW)
        acts.approve(writer, number, "C. Three", NOW)
        # A new decision begins anew.
        acts.decide(writer, number, "disclose-in-part", "A. One", "Less will do.", NOW)
        with pytest.raises(DocketError, match="2 of 2 approvals are missing"):
            acts.do_step(writer, number, "produce", "A. One", DAY, NOW)
        acts.approve(writer, number, "B. Two", NOW)
        acts.approve(writer, number, "C. Three", NOW)
        acts.do_step(writer, number, "produce", "B. Two", DAY, NOW, accounts=1)
    case = cases(place)[number]
    assert (case.status, case.approvers) == ("answered", ["B. Two", "C. Three"])
    assert case.steps()["approval"] is not None
    with writing(place, KEYS) as writer:
        acts.do_step(writer, number, "close", "B. Two", DAY, NOW)
        with pytest.raises(DocketError, match="is closed"):
            acts.decide(writer, number, "reject", "A. One", "Late.", NOW)


def test_an_approval_by_who_decided_counts_for_nothing_however_it_came_into_the_log(place: Place):
    (number,) = add(place, warrant())
    with writing(place, KEYS) as writer:
        decision = acts.decide(writer, number, "disclose", "A. One", "Because.", NOW)
        writer.append([Draft("approval", {"by": by, "decision": decision}, number) for by in ("A. One", "B. Two")], NOW)
        with pytest.raises(DocketError, match="1 of 2 approvals is missing"):
            acts.do_step(writer, number, "produce", "B. Two", DAY, NOW)
    assert cases(place)[number].approvers == ["B. Two"]


def test_nothing_leaves_on_an_emergency_that_nobody_verified(place: Place):
    police = {"issuer": "Example Police Department", "command": "disclose-in-emergency", "predicate": "danger of death"}
    fake, checked = add(place, paper(**police), paper(**police, verified=VERIFIED))
    with writing(place, KEYS) as writer:
        for number in (fake, checked):
            acts.decide(writer, number, "disclose", "A. One", "In good faith.", NOW)
            acts.approve(writer, number, "B. Two", NOW)
            acts.approve(writer, number, "C. Three", NOW)
        with pytest.raises(
            DocketError, match=r"Nobody has verified the emergency of entry 1; .* `docket step 1 authenticate`"
        ):
            acts.do_step(writer, fake, "produce", "B. Two", DAY, NOW)
        acts.do_step(writer, checked, "produce", "B. Two", DAY, NOW)
        acts.do_step(writer, fake, "authenticate", "B. Two", DAY, NOW)
        acts.do_step(writer, fake, "produce", "B. Two", DAY, NOW)
    assert [case.status for case in cases(place).values()] == ["answered", "answered"]


@pytest.mark.parametrize("day", ["2026-03-01", "2026-03-12"])
def test_no_step_is_done_before_a_paper_came_or_after_today(place: Place, day: str):
    (number,) = add(place, paper(form_number="I-200"))
    with writing(place, KEYS) as writer, pytest.raises(DocketError, match=f"can't have been done on {day}"):
        acts.do_step(writer, number, "dates", "A. One", dt.date.fromisoformat(day), NOW)


def test_acts_that_make_no_sense_are_refused(place: Place):
    (number,) = add(place, paper(form_number="I-200"))
    with writing(place, KEYS) as writer:
        for act, error in (
            (lambda: acts.decide(writer, 99, "object", "A", "b", NOW), "99 is the number of no paper"),
            (lambda: acts.decide(writer, number, "ignore", "A", "b", NOW), "'ignore' is no decision"),
            (lambda: acts.decide(writer, number, "object", " ", "b", NOW), "Say who"),
            (lambda: acts.decide(writer, number, "object", "A", " ", NOW), "needs its reason"),
            (lambda: acts.do_step(writer, number, "dance", "A", DAY, NOW), "'dance' is no step"),
            (lambda: acts.do_step(writer, number, "approval", "A", DAY, NOW), "is done by"),
            (lambda: acts.add_request(writer, paper(issuer=ICE, signatory_title="Contracting Officer"), NOW), "sales add"),
            (lambda: acts.add_request(writer, paper(received="2027-01-01"), NOW), "yet to come"),
            (lambda: acts.add_request(writer, paper(renews=number), NOW), "no request to preserve"),
            (lambda: add_sale(writer, {"buyer": "ICE"}, NOW), "Field required"),
        ):
            with pytest.raises((DocketError, QuestionError, InputError), match=re.escape(error)):
                act()
        assert len(writer.log.entries) == 1


def test_a_regulators_notice_is_a_step_where_the_entry_asks_for_it(place: Place):
    notice = {"regulator": "Example Privacy Agency", "law": "Example Code 1", "due": "2026-03-30"}
    plain, asked = add(place, paper(form_number="I-200"), paper(form_number="I-200", regulator_notice=notice))
    found = cases(place)
    assert len(found[plain].steps()) == 15
    assert list(found[asked].steps())[-2:] == ["regulator", "close"]
    assert [one.what for one in list_deadlines(found, DAY)] == ["notice-to-regulator"]
    with writing(place, KEYS) as writer:
        acts.do_step(writer, asked, "regulator", "A. One", DAY, NOW)
    assert list_deadlines(cases(place), DAY) == []


# What is due


def test_deadlines_are_those_of_the_calendar(place: Place):
    police = {"issuer": "Example Police Department", "signatory_title": "Detective", "authority": "18 U.S.C. 2703(f)"}
    (first,) = add(place, paper(**police, received="2026-01-10"))
    # 2026 is no leap year: 21 days of January, 28, 31, and 10 of April make 90.
    (one,) = list_deadlines(cases(place), DAY)
    assert (one.what, one.day, one.days_left) == ("end-of-preservation", dt.date(2026, 4, 10), 31)
    add(place, paper(**police, received="2026-03-09", renews=first))
    (one,) = list_deadlines(cases(place), DAY)
    assert one.day == dt.date(2026, 7, 9)
    assert "unverified" in one.how


def test_what_is_due_of_a_civil_subpoena_and_of_silence(place: Place):
    gag = {"ground": "court-order", "authority": "18 U.S.C. 2705(b)", "expires": "2026-09-01"}
    civil = {"issuer": COURT, "signatory_title": "Clerk", "form_number": "AO 88B", "received": "2026-02-20"}
    (number,) = add(place, paper(**civil, return_date="2026-03-20", gag=gag))
    found = {one.what: one for one in list_deadlines(cases(place), DAY)}
    assert {what: one.day.isoformat() for what, one in found.items()} == {
        "return-date": "2026-03-20", "objection": "2026-03-06", "end-of-silence": "2026-09-01",
    }  # fmt: skip
    assert found["objection"].days_left == -4
    assert len(found["objection"].steps_left) == 14
    # A return date before the fourteenth day comes first.
    add(place, paper(**civil, return_date="2026-03-01"))
    assert min(one.day for one in list_deadlines(cases(place), DAY)) == dt.date(2026, 3, 1)
    with writing(place, KEYS) as writer:
        acts.decide(writer, number, "reject", "A. One", "Not ours.", NOW)
    assert [one.what for one in list_deadlines(cases(place), DAY) if one.number == number] == ["end-of-silence"]


@pytest.mark.parametrize(
    ("back", "note"),
    [
        ("2026-03-20", None),
        ("2026-03-21", "(Saturday); have it done by 2026-03-20."),
        ("2026-03-22", "(Sunday); have it done by 2026-03-20."),
        # Independence Day of 2026 is a Saturday, and Friday the 3rd its holiday.
        ("2026-07-03", "have it done by 2026-07-02."),
        ("2027-01-01", "(New Year's Day); have it done by 2026-12-31."),
    ],
)
def test_an_answer_that_is_due_on_a_closed_day_has_a_business_day_before_it(place: Place, back: str, note: str | None):
    add(place, paper(form_number="I-138", return_date=back))
    (one,) = list_deadlines(cases(place), DAY)
    assert one.day.isoformat() == back
    assert one.how == "The day that the paper states." if note is None else one.how.endswith(note)


# Retention


def close(place: Place, number: int) -> None:
    with writing(place, KEYS) as writer:
        acts.decide(writer, number, "disclose", "A. One", "Secret reason.", NOW)
        acts.approve(writer, number, "B. Two", NOW)
        acts.approve(writer, number, "C. Three", NOW)
        acts.do_step(writer, number, "produce", "B. Two", DAY, NOW, accounts=2)
        acts.do_step(writer, number, "close", "B. Two", DAY, NOW)


def test_retention_erases_fields_and_every_proof_still_holds(place: Place):
    old, waiting, young = add(
        place,
        warrant(received="2025-01-01", case="26-mj-9", accounts=3, records="mail"),
        warrant(received="2025-01-02"),
        warrant(),
    )
    close(place, old)
    close(place, young)
    log = read(place)
    note, proof = log.note, prove_entry(log, KEYS, old, ["case"])
    counted = count_papers(cases(place), [], None, None, DAY)
    with writing(place, KEYS) as writer:
        found = retain(writer, dt.date(2026, 1, 1), "A. One", "Policy 7", NOW)
    assert (found.erased, found.open) == ((old,), (waiting,))
    after = read(place)
    assert [entry.leaf for entry in after.entries[:-1]] == [entry.leaf for entry in log.entries]
    assert check_proof(proof, KEYS.public)
    assert check_proof(prove_entry(after, KEYS, old), KEYS.public)
    assert check_proof(prove_growth(after, note), KEYS.public)
    with pytest.raises(DocketError, match="erased"):
        prove_entry(after, KEYS, old, ["case"])
    case = cases(place)[old]
    assert case.is_erased
    assert set(case.fields) <= KEPT
    assert not {"by", "because", "case", "records"} & {name for event in case.events for name in event.fields}
    with pytest.raises(DocketError, match="erased by retention"):
        _ = case.request
    # The report's counts are the same as before.
    assert count_papers(cases(place), [], None, None, DAY) == counted
    assert case.status == "closed"
    with writing(place, KEYS) as writer:
        assert retain(writer, dt.date(2026, 1, 1), "A. One", "Policy 7", NOW).entry is None
        with pytest.raises(DocketError, match="erased by retention"):
            acts.decide(writer, old, "object", "A", "b", NOW)
        with pytest.raises(DocketError, match="by which policy"):
            retain(writer, DAY, "A. One", " ", NOW)
    assert [one.number for one in list_deadlines(cases(place), DAY)] == []


def test_retention_that_is_stopped_before_it_signs_is_finished_by_the_next_writer(place: Place):
    (old,) = add(place, warrant(received="2025-01-01"))
    close(place, old)
    note = place.checkpoint.read_text()
    with writing(place, KEYS) as writer:
        retain(writer, dt.date(2026, 1, 1), "A. One", "Policy 7", NOW)
    place.checkpoint.write_text(note)
    assert read(place).notices
    add(place, paper(form_number="I-200"))
    assert cases(place)[old].is_erased
    assert not read(place).notices


# Counts and sales


def test_retention_on_a_full_disk_erases_nothing(place: Place, monkeypatch: pytest.MonkeyPatch):
    (number,) = add(place, warrant(received="2025-01-01"))
    close(place, number)
    before = {path.name: path.read_bytes() for path in place.folder.iterdir()}
    real = os.write

    def full_for_the_checkpoint(handle: int, data: bytes) -> int:
        if bytes(data).startswith(KEYS.origin.encode()):
            raise OSError(28, "No space left on device")
        return real(handle, data)

    with writing(place, KEYS) as writer:
        monkeypatch.setattr(os, "write", full_for_the_checkpoint)
        with pytest.raises(DocketError, match="No space left on device"):
            retain(writer, dt.date(2026, 1, 1), "A. One", "Policy 1", NOW)
        monkeypatch.undo()
    assert {path.name: path.read_bytes() for path in place.folder.iterdir()} == before
    assert not cases(place)[number].is_erased


def test_counts_are_those_of_the_papers_and_name_nobody(place: Place):
    gag = {"ground": "statute", "authority": "18 U.S.C. 2709(c)"}
    fbi = {
        "issuer": "Federal Bureau of Investigation",
        "signatory_title": "Special Agent in Charge",
        "authority": "18 U.S.C. 2709",
    }
    numbers = add(
        place,
        *(warrant(accounts=2, data=["content"]) for _ in range(3)),
        paper(**fbi, gag=gag),
        warrant(received="2025-12-31"),
    )
    close(place, numbers[0])
    with writing(place, KEYS) as writer:
        acts.decide(writer, numbers[1], "object", "A. One", "Too broad.", NOW)
        acts.decide(writer, numbers[2], "disclose", "A. One", "Soon.", NOW)
        add_sale(writer, {"buyer": ICE, "product": "Feed", "signed": "2026-02-01", "by": "A. One", "data": ["location"]}, NOW)
    found = count_papers(cases(place), list_sales(read(place), KEYS), dt.date(2026, 1, 1), None, DAY)
    rows = {row["type"]: row for row in found["by_type"]}
    assert found["papers"] == 4
    search = rows["judicial_search_warrant"]
    assert [search[name] for name in ("received", "disclosed", "objected", "not_produced_yet", "undecided")] == [
        3,
        1,
        1,
        1,
        0,
    ]
    assert (search["accounts_asked"], search["accounts_produced"]) == (6, 2)
    assert rows["nsl_2709"]["under_a_bar_on_telling"] == 1
    assert "ask counsel" in found["note"]
    assert (found["sales"], found["sales_by_buyer"], found["data_sold"]) == (1, {ICE: 1}, {"location": 1})
    assert sum(found["by_issuer_kind"].values()) == sum(found["by_issuer"].values()) == found["papers"]
    assert "A. One" not in json.dumps(found, default=str)


# Letters


def test_a_letter_keeps_the_grade_of_each_sentence_of_law(place: Place):
    summons = {
        "issuer": HSI, "signatory_title": "Special Agent", "authority": "19 U.S.C. 1509", "predicate": "protest",
        "data": ["content"], "breadth": ["all-records"], "return_date": "2026-03-20", "gag": {"ground": "request"},
    }  # fmt: skip
    numbers = add(place, paper(**summons), paper(form_number="I-205", signatory_title="Field Office Director"))
    context = letter_context(cases(place)[numbers[0]], "narrow", DAY)
    for part in ("facts", "points"):
        assert context[part]
        for one in context[part]:
            assert one["grade"] == "V" or one["verify"]
            assert "[unverified" not in one["says"]
    assert {"rank", "predicate-mismatch", "overbreadth", "gag-only-asked"} <= {one["id"] for one in context["points"]}
    assert any("all-records" in ask for ask in context["asks"])
    assert any("silence" in ask for ask in context["asks"])
    told = letter_context(cases(place)[numbers[1]], "object", DAY)
    # What was reported of such papers is no law, and goes to no issuer.
    assert not any("WIRED" in one["says"] for one in context["facts"])
    assert any("WIRED" in fact.says for fact in classify(paper(**summons), DAY).facts)
    (disputed,) = told["for_counsel"]["disputed"]
    assert disputed["says"].startswith("Disputed as of ")
    # What is contested, and what the docket's keepers have yet to do, is for no issuer to read.
    sent = [one["says"] for part in ("facts", "points", "questions") for one in told[part]] + told["asks"]
    assert not any("Disputed" in says or "Nobody has verified" in says or "The entry" in says for says in sent)
    assert any("Nobody has verified" in says for says in told["for_counsel"]["remarks"])


def test_what_an_entry_leaves_out_is_told_to_no_issuer_in_our_words(place: Place):
    (number,) = add(place, paper(title="Warrant"))
    context = letter_context(cases(place)[number], "object", DAY)
    (said,) = (one["says"] for one in context["questions"] if one["id"] == "unknown-authority")
    assert said == "We find no form and no authority in it."


def test_one_case_is_read_as_it_is_among_all(place: Place):
    numbers = add(place, warrant(), warrant(), paper(form_number="I-200"))
    close(place, numbers[1])
    log = read(place)
    for number in numbers:
        (one,) = read_cases(log, KEYS, number).values()
        assert one == read_cases(log, KEYS)[number]
    assert read_cases(log, KEYS, 99) == {}
    # An event's own number is no paper's.
    assert read_cases(log, KEYS, len(log.entries)) == {}


def test_every_remark_that_is_put_in_other_words_is_one_that_can_be_made():
    folder = Path(acts.__file__).parent
    source = "".join((folder / name).read_text() for name in ("defects.py", "classify.py"))
    for id_ in FOR_ISSUERS:
        assert f'"{id_}"' in source, id_
