"""Lists of privacy notices: what they say, and that they are not whole."""

import json

import pytest

from custodiet import Register, questions
from custodiet.model.errors import InputError
from custodiet.sources.notices.read import action_of
from custodiet.sources.pages import read_pages
from custodiet.sources.tables import read_tsv


def test_every_notice_of_the_index_is_there(register: Register) -> None:
    assert register.rows("select count(*) from notices where release = 'sorn-index'") == [(4691,)]
    apis = questions.notices(register, words="DHS/CBP-005")
    assert [notice["published"] for notice in apis] == sorted((n["published"] for n in apis), reverse=True)
    for notice in apis:
        assert "DHS/CBP-005" in questions.cite(register, **notice["citation"])["text"]


def test_a_number_is_not_found_inside_another_word(register: Register) -> None:
    wrong = register.rows("select title from notices where number like 'DHS/ICE-%' and title like '%Secret Service-0%'")
    assert wrong == []


def test_a_page_that_counts_more_than_it_holds_is_incomplete(register: Register) -> None:
    (page,) = [r for r in questions.sources(register) if r["source"] == "federal-register"]
    assert page["completeness"] == "incomplete"
    assert "20 of the 206" in page["completeness_reason"]


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("Notice of a new system of records.", "new"),
        ("Notice of a modified system of records.", "modified"),
        ("Notice to rescind a system of records and to modify another.", "rescinded"),
        ("Privacy Act of 1974; System of Records", "not-said"),
    ],
)
def test_what_a_notice_does_is_read_from_its_own_words(text: str, action: str) -> None:
    assert action_of(text) == action


def test_a_damaged_list_is_refused_with_its_row() -> None:
    with pytest.raises(InputError, match="row 2: 2 cells where there should be 3"):
        read_tsv(b"a\tb\tc\nd\te\n", 3, "a/list.tsv")
    for content in (b"[]", b"{", b'{"results": []}', b'{"results": [{"a": 1}, {"b": 2}]}', b"\xff"):
        with pytest.raises(InputError):
            read_pages(content, "a/page.json")
    table = read_pages(json.dumps({"count": 7, "results": [{"a": "x", "b": None, "c": [1]}]}).encode(), "p")
    assert (table.headers, table.rows, table.counted) == (("a", "b", "c"), (("x", "", "[1]"),), 7)
