"""The stack explainer: one page that can be printed, its annex, and the drawing in each form."""

import io
import re
import xml.etree.ElementTree as ET
import zipfile

import pdfplumber
import pytest

from command import run
from custodiet import questions
from custodiet.documents.draft import Document, draft
from custodiet.documents.drawings.stack_layout import PAPER, lay_out
from custodiet.documents.kind import find_kind
from custodiet.documents.markdown import escape, parse
from custodiet.documents.picture import find_picture
from custodiet.documents.render import FORMS, render
from custodiet.documents.subject import find as find_subject
from custodiet.documents.to_html import to_html
from custodiet.model.errors import DocumentError, QuestionError
from custodiet.questions.stack import count_stacks
from test_documents import DAY

LEAST_POINTS = 6


@pytest.fixture(scope="module")
def stack_of_ice(register) -> Document:
    return draft("stack-explainer", register, "ICE", as_of=DAY)


@pytest.mark.parametrize(
    ("agency", "paper"), [("ICE", "letter"), ("ICE", "a4"), pytest.param("CBP", "letter", marks=pytest.mark.long)]
)
def test_the_first_page_stands_alone_and_is_legible(register, agency, paper):
    document = draft("stack-explainer", register, agency, as_of=DAY)
    labels = lay_out(questions.stack(register, agency), PAPER).label().values()
    with pdfplumber.open(io.BytesIO(render(document, "pdf", paper=paper))) as opened:
        first, second = opened.pages[:2]
        assert first.width > first.height
        # All of the drawing, and all that stands under it, before the annex begins.
        written = "".join(char["text"] for char in first.chars)
        assert [label for label in labels if label not in written] == []
        assert "a gap is not a violation" in first.extract_text()
        assert second.extract_text().startswith("Annex: what goes in")
        # Of aslant letters the reader gives the height of a box around them, and not their size.
        assert min(char["size"] for char in first.chars if char["matrix"][1] == 0) >= LEAST_POINTS
        for each in opened.pages:
            assert all(char["x0"] > 20 and char["x1"] < each.width - 20 for char in each.chars)
            assert all(char["bottom"] < each.height - 18 for char in each.chars)


def test_the_same_stack_gives_the_same_bytes_in_all_forms_and_processes(register, register_file, stack_of_ice, tmp_path):
    again = draft("stack-explainer", register, "ICE", as_of=DAY)
    for form in FORMS:
        made = render(stack_of_ice, form)
        assert made == render(again, form), form
        if form in ("pdf", "docx"):
            file = tmp_path / f"a.{form}"
            run("draft", "stack-explainer", "ICE", "--as-of", DAY, "--register", register_file, "--out", file, home=tmp_path)
            assert file.read_bytes() == made, form


def test_each_form_holds_the_drawing_and_asks_for_nothing(stack_of_ice):
    html = render(stack_of_ice, "html").decode()
    assert html.count("<svg ") == 1
    assert not any(mark in html for mark in ("<script", "<img", "<link", "url(", "<object"))
    ET.fromstring(html[html.index("<svg ") : html.index("</svg>") + 6])
    markdown = render(stack_of_ice, "md").decode()
    assert "![" not in markdown
    assert "`custodiet stack ICE --out stack.svg` draws it." in markdown
    assert stack_of_ice.pictures["stack-ice"].says in markdown
    with zipfile.ZipFile(io.BytesIO(render(stack_of_ice, "docx"))) as archive:
        (picture,) = [name for name in archive.namelist() if name.startswith("word/media/")]
        assert archive.read(picture).startswith(b"\x89PNG")
        text = archive.read("word/document.xml").decode()
        assert stack_of_ice.pictures["stack-ice"].says in text
        assert 'w:orient="landscape"' in text
        # No path of the machine, nor of the folder that it was made in.
        assert not any(b"tmp" in archive.read(name) for name in archive.namelist() if name.endswith((".xml", ".rels")))


def test_a_document_shows_no_image_but_its_own(stack_of_ice):
    tree = parse("# T\n\n![x](https://example.org/x.png)")
    with pytest.raises(DocumentError, match="does not draw itself"):
        to_html(tree, title="T", footer="", language="en", pictures=stack_of_ice.pictures, sheet=False)
    assert find_picture(stack_of_ice.pictures, "stack-ice.svg").name == "stack-ice"


def test_the_figures_of_the_page_are_those_of_the_register(register, stack_of_ice):
    """Recounted from the claims, links and findings themselves, and not from the answer to `stack`."""
    page = stack_of_ice.markdown.partition("## Annex")[0]
    systems = "select slug from pages where kind = 'system' "
    systems += "and list_has_any((fields->'operators')::varchar[], ['ICE', 'ERO', 'HSI'])"
    feeds = f"select distinct target from page_links where relation = 'feeds' and slug in ({systems})"

    def one(sql: str) -> int:
        return int(register.rows(sql)[0][0])

    counted = {
        "supplies of data": one(f"select count(*) from ({feeds})"),
        "systems of ICE": one(f"select count(*) from ({systems})"),
        "flows between them": one(f"select count(*) from page_links where relation = 'feeds' and slug in ({systems})"),
    }
    for what, number in counted.items():
        assert re.search(rf"\b{number} {what}", page), what
    for about, said in (("disputed", "contradict each other in {} claims"), ("unknown", "{} questions are open")):
        number = one(f"select count(*) from claims where about = '{about}' and slug in ({systems} union {feeds})")
        assert said.format(number) in page
    no_log = one(
        "select count(distinct split_part(subject, '/', 1)) from findings where rule = 'path-uncovered' and outcome = 'gap' "
        f"and suffix(subject, '/audit-log') and split_part(subject, '/', 1) in ({systems})"
    )
    assert f"of {no_log} no record that we have read shows an audit log" in page


def test_every_row_that_is_drawn_is_a_row_with_notes(register, stack_of_ice):
    found = questions.stack(register, "ICE")
    labels = lay_out(found, PAPER).label()
    things = {thing["id"]: thing for thing in (*found["feeds"], *found["systems"])}
    tables = stack_of_ice.markdown.split("## Annex")[1:]
    rows = {key: [line for table in tables for line in table.splitlines() if line.startswith(f"| {label} |")]
            for key, label in labels.items()}  # fmt: skip
    for key, lines in rows.items():
        assert lines, key
        assert all("[^" in line and escape(things[key]["name"]) in line for line in lines), key
        doubts = [claim for claim in things[key]["claims"] if claim["about"] in ("disputed", "unknown")]
        assert len(lines) == 1 + bool(doubts)
        for claim in doubts:
            assert escape(claim["says"]) in lines[-1], claim["id"]


def test_the_explainer_takes_the_subjects_that_the_stack_takes(register):
    kind = find_kind("stack-explainer").kind
    for agency in count_stacks(register):
        assert find_subject(register, kind, agency.lower(), None)[0]["id"] == questions.stack(register, agency)["agency"]
    for other in ("DOJ", "nobody"):
        with pytest.raises(QuestionError) as refused:
            find_subject(register, kind, other, None)
        with pytest.raises(QuestionError, match=re.escape(str(refused.value))):
            questions.stack(register, other)
    assert "stack of OBIM" in draft("stack-explainer", register, "OBIM", as_of=DAY).markdown
