"""The pack of records laws: whole, graded, flagged where tables of such laws mislead; addresses that say how old they are."""

import datetime as dt
from pathlib import Path

import pytest

from custodiet.governance.addresses import addresses_of, find_office, load_offices, read_offices
from custodiet.governance.foia import ask_of, build_request, check_portal, choose_law, load_asks
from custodiet.governance.packs import load_packs
from custodiet.governance.records_laws import Clock, law_of, load_laws, read_laws
from custodiet.model.errors import PackError, QuestionError
from custodiet.rules.logs import read_log_rules
from custodiet.rules.page import plain, read_rules

STATES = [
    "al", "ak", "az", "ar", "ca", "co", "ct", "de", "dc", "fl", "ga", "hi", "id", "il", "in", "ia", "ks", "ky", "la", "me",
    "md", "ma", "mi", "mn", "ms", "mo", "mt", "ne", "nv", "nh", "nj", "nm", "ny", "nc", "nd", "oh", "ok", "or", "pa", "ri",
    "sc", "sd", "tn", "tx", "ut", "vt", "va", "wa", "wv", "wi", "wy",
]  # fmt: skip
DAY = dt.date(2026, 11, 22)
# A law of a state in as few words as the form allows.
LAW = """
code: xx
jurisdiction: Nowhere
name: Records Act
citation: N. Code 1
zone: America/Chicago
calendar: us-tx
verify_by: 2027-01-01
determination: {rule: It answers., cite: N. Code 2, grade: R, days: 5, day_type: business}
"""


def test_every_state_and_the_district_and_the_federal_law_are_there():
    assert sorted(load_laws()) == sorted([*STATES, "us", "us-dhs"])


def test_every_provision_is_backed_by_its_grade():
    provisions = [(law.code, name, each) for law in load_laws().values() for name, each in law.provisions()]
    assert len(provisions) > 150
    for code, name, each in provisions:
        where = f"{code}: {name}"
        assert each.rule.endswith("."), where
        assert (each.grade == "V") == (each.to_verify is None), where
        assert each.grade != "V" or each.seen, where
        assert each.grade == "V" or each.mark, where


@pytest.mark.parametrize(
    ("code", "says"),
    [
        # Tables of these laws print one number a row; each of these is not the day on which records are due.
        ("ny", "acknowledgement"), ("hi", "notice"), ("me", "acknowledgement"), ("or", "acknowledgement"),
        ("wa", "first answer"),
        # Rows of the secondary table that are older than the law.
        ("al", "Act 2024-278"), ("wy", "2019"),
        # Sources that disagree.
        ("az", "disagree"),
    ],
)  # fmt: skip
def test_rows_that_mislead_are_flagged(code: str, says: str):
    assert any(says in flag.says for flag in law_of(code).flags)


def test_acknowledgement_determination_and_production_are_apart():
    for code in ("ny", "hi", "me", "or", "wa", "al", "wy", "in"):
        law = law_of(code)
        assert law.acknowledgement, code
        assert not law.determination or law.determination.starts == "acknowledgement", code
    assert law_of("tx").production.days is None
    assert law_of("tx").determination.days == 10


def test_a_laws_grade_is_that_of_its_days():
    """The Act's 20 days were read, its "promptly" was not; Wyoming's seven days were read, its thirty were not."""
    assert [law_of(code).grade for code in ("us", "wy", "nc", "sd")] == ["V", "S", "V", "R"]


def test_residency():
    """MuckRock's issue names Tennessee and Arkansas; Virginia's and Alabama's texts say so too."""
    barred = {code for code, law in load_laws().items() if law.residency and law.residency.bar != "none"}
    assert {"tn", "ar", "va", "al"} <= barred
    assert "us" not in barred


def test_the_agencys_rules_stand_on_the_law_above_them():
    ours, above = law_of("us-dhs"), law_of("us")
    assert ours.determination == above.determination
    assert (ours.appeal.days, ours.appeal.day_type) == (90, "business")
    assert (above.appeal.days, above.appeal.day_type) == (90, "calendar")


def test_the_pack_is_one_of_the_packs():
    pack = load_packs()["records-laws"]
    assert len(pack.sha256) == 64
    assert pack.page.verify_by >= max(law.verify_by for law in load_laws().values())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("grade: R", "grade: V"), "needs `seen`"),
        (("grade: R", "grade: S"), "needs `seen` or `through`"),
        (("grade: R,", "grade: R, seen: 'https://example.org/'"), "recalled"),
        (("day_type: business", "day_type: working"), "day_type"),
        (("days: 5", "days: 0"), "days"),
        (("calendar: us-tx", "calendar: xx"), "calendar"),
        (("code: xx", "code: yy"), "its `code` is not 'xx'"),
        (("code: xx", "code: xx\nunder: zz"), "no law of this pack"),
        (("determination: {", "appeal: {to: a court, "), "at least one"),
        (("name: Records Act", "name: [Records"), "line"),
    ],
)
def test_a_broken_law_gets_one_sentence(tmp_path: Path, change: tuple[str, str], says: str):
    folder = tmp_path / "laws"
    folder.mkdir()
    text = LAW.replace(*change).replace("'https://example.org/' days", "'https://example.org/', days")
    (folder / "xx.yml").write_text(text)
    with pytest.raises(PackError, match=says) as caught:
        read_laws(tmp_path)
    assert "\n" not in str(caught.value)
    (folder / "xx.yml").write_text(LAW)
    assert isinstance(read_laws(tmp_path)["xx"].determination, Clock)


# --- Addresses


def test_no_address_is_printed_without_its_age():
    """All that ship are undated, old or spoken against on this day; each says so."""
    shown = [address for office in load_offices() for address in addresses_of(office, DAY)]
    assert shown
    for address in shown:
        assert address.text.startswith("CHECK BEFORE SENDING") == bool(address.warnings)
    assert all(address.warnings for address in shown)


def test_a_fresh_address_goes_stale(tmp_path: Path):
    path = tmp_path / "addresses.yml"
    path.write_text(
        "- {id: a, name: An office, agency: A, law: us, routes: [{by: portal, to: 'https://example.gov', "
        "source: 'https://example.gov/foia', says: So., as_of: 2026-06-01}]}\n"
    )
    (office,) = read_offices(path)
    fresh = addresses_of(office, dt.date(2026, 11, 28))[0]
    assert fresh.warnings == ()
    assert fresh.text == "https://example.gov (by portal; as of 2026-06-01; https://example.gov/foia)"
    stale = addresses_of(office, dt.date(2026, 11, 29))[0]
    assert stale.text.startswith("CHECK BEFORE SENDING")
    assert "181 days old" in stale.text


def test_the_contradiction_about_ices_mailbox_is_kept():
    office = find_office("DHS", "ICE")
    mail = [address for address in addresses_of(office, DAY) if address.route.by == "email"]
    assert len(mail) == 2
    assert all("no e-mailed requests since 22 January 2025" in address.text for address in mail)
    assert [address.route.by for address in addresses_of(office, DAY)][-1] == "email"


def test_offices():
    assert find_office("DHS", "USCIS").id == "dhs"
    assert find_office("VA", None) is None


# --- What is asked for


def test_every_rule_has_a_question_that_a_letter_can_ask():
    """Also the rules on query logs. What is public already asks for nothing; no mark of a letter is left in a question."""
    letters = {letter for ask in load_asks() for letter in ask.letters}
    seen = set()
    for rule in [*read_rules(), *read_log_rules()]:
        question, letter = ask_of(plain(rule.sections["What to ask for"]))
        if question is None:
            assert rule.id == "source-incomplete"
            continue
        assert "letter:" not in question
        assert question.endswith("."), rule.id
        seen.add(letter)
    assert letters - {"log", "shared-system"} <= seen


def test_a_correction_asks_for_the_record_behind_the_entry():
    text, letter = ask_of("The corrected entry. (letter: `correction/inventory`)")
    assert text.startswith("The record from which the published entry was filled in")
    assert letter == "inventory"


def test_which_law():
    assert choose_law("CA", agency="DHS").code == "ca"
    assert choose_law(None, jurisdiction="us-or").code == "or"
    assert (choose_law(None, agency="DHS").code, choose_law(None, agency="VA").code) == ("us-dhs", "us")
    with pytest.raises(QuestionError, match="under which law"):
        choose_law(None, jurisdiction="policy")


def finding(**more: object) -> dict:
    return {
        "rule": "a-rule", "title": "A rule", "ask_for": "The notice. (letter: `foia/privacy-notice`)",
        "subject": {"id": "A-1", "name": "Reader"}, **more,
    }  # fmt: skip


def build(**more: object):
    said = {"law": law_of("us"), "subject": "Reader", "period": "2026", "as_of": DAY, **more}
    return build_request(**said)


def test_a_finding_asks_its_question_and_for_the_records_behind_it():
    request = build(findings=[finding(), finding(rule="b", title="Another")])
    assert [section.id for section in request.sections] == ["privacy"]
    (question,) = request.questions
    assert question.whole == "The notice. (A-1, Reader: A rule; Another)"
    assert request.describe().splitlines()[0] == "1. The notice. (A-1, Reader: A rule; Another)"
    assert request.describe().count("\n") == 2


def test_a_subject_asks_for_every_kind_and_names_contracts():
    request = build(contracts=["70CTD022FR0000170"])
    assert [section.id for section in request.sections] == ["privacy", "logs", "contracts", "assessment", "tests", "training"]
    assert "(among them 70CTD022FR0000170)" in request.describe()
    logs = request.sections[1].items
    assert logs[0].startswith("First, the record layout")
    assert "plate numbers, addresses and images are not" in logs[1]
    assert "{" not in request.describe()


def test_a_states_office_is_not_asked_for_federal_papers():
    text = build(law=law_of("ca")).describe()
    assert "privacy impact assessment" not in text
    assert "M-25-21" not in text
    assert "surveillance impact report" in text


def test_what_cannot_be_asked():
    with pytest.raises(QuestionError, match="no kind of record"):
        build(kinds=["secrets"])
    with pytest.raises(QuestionError, match="public already"):
        build(findings=[finding(ask_for="The same year as a bulk download. (no letter: it is public)")])


def test_the_portals_limit():
    assert check_portal("description", "x" * 10_000)
    with pytest.raises(QuestionError, match=r"10,001 characters, and the form of foia.gov takes 10,000"):
        check_portal("description", "x" * 10_001)
