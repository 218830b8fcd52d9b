"""What a description says of whom to call is masked before it is stored; what it says of the purchase stays."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custodiet.sources.solicitations.read import without_people
from custodiet.sources.usaspending.contacts import withhold_contacts, withhold_name


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("SCANNERS. COR: JANE PLANTED", "SCANNERS. COR: [name withheld]"),
        ("ACOR JANE DOE, JANE.DOE@ICE.DHS.GOV. 202.555.2970", "ACOR [name withheld], [e-mail withheld]. [phone withheld]"),
        ("COR XANTHE Q. PLANTED (202) 555-2006 & ACOR", "COR [name withheld] [phone withheld] & ACOR"),
        ("CHANGE COR FROM XANTHE DOE TO ZORBA ROE.", "CHANGE COR FROM [name withheld] TO [name withheld]"),
        ("ATTN: JANE DOE- 44 MAIN RD", "ATTN: [name withheld] 44 MAIN RD"),
        ("TABLETS. JANE DOE / JANE@ACME.COM", "TABLETS. [name withheld] / [e-mail withheld]"),
        ("Printers, poc: Jane Doe (202)555-4811", "Printers, poc: [name withheld] [phone withheld]"),
        ("ACOR JANE.DOE@ICE.DHS.GOV 2025552970", "ACOR [e-mail withheld] [phone withheld]"),
        ("CHANGE CO TO JANE DOE", "CHANGE CO TO [name withheld]"),
        ("CHANGE COR FROM JANE A. DOE TO JOHN A ROE", "CHANGE COR FROM [name withheld] TO [name withheld]"),
        ("COTR: TERESA A PLANTED-J.P@ICE.DHS.GOV", "COTR: [name withheld]-[e-mail withheld]"),
        ("FINANCIAL POC-MARILYN PLANTED", "FINANCIAL POC-[name withheld]"),
        ("COR TO DWAYNE PLANTED", "COR TO [name withheld]"),
        ("ADD JONATHAN PLANTED AS COR", "ADD [name withheld] AS COR"),
        ("CALL MR. PLANTED, OR MS. XANTHE PLANTED", "CALL MR. [name withheld], OR MS. [name withheld]"),
    ],
)
def test_contacts_are_masked(text: str, kept: str) -> None:
    def plain(words: str) -> str:
        return words.replace(".", "").replace("-", "").replace(" ", "")

    assert plain(withhold_contacts(text)) == plain(kept)


@pytest.mark.parametrize(
    "text",
    [
        "CHANGE THE COR FOR DELIVERY ORDER 70B04C24F00000029. POP: 12/31/2023 - 12/30/2024",
        "ORDER 70CMSD25FR0000089 UNDER HSCEMD-17-D-00001, NSN 8465-01-525-0577, $1,234,567.00",
        "58,000 ROUNDS @ $255.03/30,000; PART 268-900-12 COST 2025552970",
        "GROUNDS SERVICES, DENVER, CO TO SUPPORT ICE",
        "CONTRACTING OFFICER'S REPRESENTATIVE (COR) AND IPP APPROVER",
        "CONTACT CENTER PLATFORMS; CO-TERM EQUIPMENT",
        "COR TO SUPPORT ICE-ERO OFFICE LOCATED IN HARLINGEN, TX.",
        "REMOVE THE COR AND THE CONTRACTING OFFICER.",
        "DUNS 804886729, QUOTE 2025552970",
        "MS OFFICE LICENSES AND MS PROJECT",
        "COR TO SUPPORT THE OFFICE; A. AND B. PARTS",
        "",
    ],
)
def test_what_names_nobody_stays(text: str) -> None:
    assert withhold_contacts(text) == text


PIECES = st.sampled_from([
    "COR", "COR:", "POC", "CO", "ATTN", "FROM", "TO", "AND", "&", ",", "/", "JANE", "DOE", "Q.", "XANTHE", "(202) 555-4811",
    "202-555-48", "J.DOE@X.GOV", "@", "[name withheld]", "[phone withheld]", "2025552970", "PHONE:", "OFFICER", "É", "\n",
])  # fmt: skip


@settings(deadline=None)
@given(st.one_of(st.text(), st.lists(PIECES).map(" ".join), st.lists(PIECES).map("".join)))
def test_masking_twice_is_masking_once(text: str) -> None:
    once = withhold_contacts(text)
    assert withhold_contacts(once) == once


def test_a_notice_s_title_is_masked_as_well() -> None:
    page = without_people({"totalRecords": 1, "opportunitiesData": [{"title": "Guards, POC: Jane Planted 202-555-2142"}]})
    assert page["opportunitiesData"][0]["title"] == "Guards, POC: [name withheld] [phone withheld]"


def test_a_person_who_is_paid_is_not_named_in_the_description_either() -> None:
    text = "ARBITRATION SERVICES - XANTHE PLANTED, CASE PLANTED XANTHE 4; XANTHE RIVER"
    kept = "ARBITRATION SERVICES - [name withheld], CASE [name withheld] 4; XANTHE RIVER"
    assert withhold_name(text, "PLANTED, XANTHE Q") == kept
