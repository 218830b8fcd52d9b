"""The document engine: escaping, footnotes, the checks, four forms with the same bytes, and the command."""

import datetime as dt
import io
import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pdfplumber
import pytest
from hypothesis import given
from hypothesis import strategies as st

from command import assert_one_sentence, call, run
from custodiet.documents import kind as kinds
from custodiet.documents.author import Author
from custodiet.documents.check import check, flat_statements, uncited_figures
from custodiet.documents.draft import draft
from custodiet.documents.facts import Count, Paper, Statement
from custodiet.documents.kind import Kind, Page, list_kinds, read_page
from custodiet.documents.markdown import BEGIN, END, UNSEEN, escape, parse, plain
from custodiet.documents.notes import Notes, link
from custodiet.documents.render import FORMS, render
from custodiet.documents.words import WORDS, say_day
from custodiet.model.errors import DocumentError, QuestionError
from custodiet.model.text import tidy
from custodiet.store import Register, memory_register
from drafts import write_docket

DAY = dt.date(2026, 11, 22)
MEMO = Paper("M-25-21", "Office of Management and Budget", "https://example.org/memo.pdf", "2025-04-03", "section 4(b)")
HOSTILE = [
    "<script>alert(1)</script>", "[click](javascript:alert(1))", "![x](http://e.org/x.png)", "[^1]", "[^1]: note", "**bold**",
    "# heading", "- item", "1. item", "1) item", "+ item", "> quote", "| a | b |", "\\| a", "`code`", "&lt;", "&#42;x&#42;",
    "~~~", "---", "===", "{{ 7 * 7 }}", "{% raw %}", "#set page()", "\\", "a\\", "*", "_x_", "<https://e.org>", "a  \n\nb",
    "[x]: http://e.org", "[ blank ]", "**[ blank ]**", "\u202egnp", "\ue001x\ue002", "a|b", "http://e.org/a_b_c",
]  # fmt: skip


@pytest.fixture
def empty() -> Register:
    return memory_register()


def page(template: str, **front: object) -> Page:
    base = {"kind": "try", "title": "Try", "sender": "me", "to": "you", "subjects": ["none"], "about": "x"}
    return Page(Kind.model_validate(base | front), template, Path("try.md"))


def write(template: str, register: Register, context: dict[str, object] | None = None, **front: object) -> tuple[Author, str]:
    shown = page(template, **front)
    author = Author(shown, Notes(register, shown.kind.language))
    return author, author.notes.settle(author.render(context or {}))


# --- Published text is text


def places(text: str) -> dict[str, str]:
    shown = escape(text)
    return {
        "alone": shown, "inside": f"before {shown} after", "item": f"- {shown}", "numbered": f"1. {shown}",
        "cell": f"| a | b |\n| --- | --- |\n| {shown} | after |", "link": f"[{shown}](<https://e.org>)",
        "note": f"x[^1]\n\n[^1]: {shown}", "strong": f"**\\[ {shown} \\]**", "heading": f"# x {shown}",
    }  # fmt: skip


def assert_inert(text: str) -> None:
    wanted = tidy(UNSEEN.sub("", text))
    allowed = {"text", "inline", "paragraph", "text_special"}
    structure = {
        "item": {"bullet_list", "list_item"}, "numbered": {"ordered_list", "list_item"}, "link": {"link"},
        "cell": {"table", "thead", "tbody", "tr", "th", "td"}, "strong": {"strong"}, "heading": {"heading"},
        "note": {"footnote_ref", "footnote_anchor"},
    }  # fmt: skip
    for place, source in places(text).items():
        tree = parse(source)
        blocks = [*tree.blocks, *(block for note in tree.notes.values() for block in note)]
        kinds_seen = {node.type for block in blocks for node in block.walk()}
        assert kinds_seen <= allowed | structure.get(place, set()), (place, source, kinds_seen)
        seen = tidy(" ".join(plain(block) for block in blocks))
        assert wanted in seen, (place, source, seen)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_letter_by_letter(text):
    assert_inert(text)


@given(st.text(alphabet=st.sampled_from("ab1.)(*_`[]<>#+-=~|\\&;^!:{}$%@\"' \n\t"), max_size=24))
def test_any_text_is_shown_letter_by_letter(text):
    assert_inert(text)


@given(st.text(max_size=40))
def test_any_unicode_is_shown_letter_by_letter(text):
    assert_inert(text)


def test_no_address_but_a_public_one_becomes_a_link():
    assert link("x", "javascript:alert(1)") == "x"
    assert link("x", "https://e.org/a b") == "x"
    assert link("x", "https://e.org/>y") == "x"
    assert link("x", "https://e.org/a_b") == "[x](<https://e.org/a_b>)"


@pytest.mark.parametrize("form", ["html", "pdf", "docx"])
def test_hostile_text_reaches_no_form_as_markup(register, form, monkeypatch, tmp_path):
    hostile = [text for text in HOSTILE if tidy(UNSEEN.sub("", text))]
    folder = tmp_path / "kinds"
    folder.mkdir()
    lines = "\n\n".join(f"{{{{ blank({text!r}) }}}} {{{{ fact({text!r}, paper) }}}}" for text in hostile)
    front = "---\nkind: try\ntitle: Try\nsender: me\nto: you\nsubjects: [none]\nabout: x\n---\n"
    paper = "{% set paper = subject.paper %}"
    (folder / "try.md").write_text(f"{front}# Try\n{paper}\n{lines}\n")
    monkeypatch.setattr(kinds, "FOLDER", folder)
    monkeypatch.setattr("custodiet.documents.draft.find", lambda *_: ({"kind": "none", "paper": MEMO}, None))
    made = render(draft("try", register, as_of=DAY), form)
    text = read(made, form)
    for each in hostile:
        assert squeezed(each) in text, each
    if form == "html":
        assert b"<script" not in made
        assert b"javascript:" not in made.replace(b"(javascript:alert(1))", b"")


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200b]+", "", UNSEEN.sub("", text)).replace("ﬁ", "fi")


def read(made: bytes, form: str) -> str:
    if form == "pdf":
        with pdfplumber.open(io.BytesIO(made)) as opened:
            return squeezed("".join(each.extract_text() for each in opened.pages))
    if form == "docx":
        with zipfile.ZipFile(io.BytesIO(made)) as archive:
            xml = archive.read("word/document.xml").decode() + archive.read("word/footnotes.xml").decode()
    else:
        xml = made.decode().partition("<body>")[2]
    import html

    return squeezed(html.unescape(re.sub(r"<[^>]*>", "", xml)))


# --- What a template can say


def test_a_fact_has_a_footnote_and_the_same_source_the_same_one(empty):
    _, text = write("# T\n{{ fact('A.', paper) }} {{ fact('B.', paper) }} {{ fact('C.', other) }}", empty,
                    {"paper": MEMO, "other": Paper("Other", "X")})  # fmt: skip
    bare = text.replace(BEGIN, "").replace(END, "")
    assert "A.[^1] B.[^1] C.[^2]" in bare
    assert (
        "[^1]: [M-25-21](<https://example.org/memo.pdf>), section 4(b) (Office of Management and Budget, 2025-04-03)." in bare
    )


def test_a_block_of_text_is_cited_and_its_values_escaped(empty):
    _, text = write("# T\n{% call cited(paper) %}It *says* {{ said }}.{% endcall %}", empty, {"paper": MEMO, "said": "*x*"})
    assert "It *says* \\*x\\*." in text


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ missing }}", "'missing' is undefined"),
        ("{{ nothing }}", "prints a NoneType"),
        ("{{ fact('x') }}", "no citation"),
        ("{{ fact('x', 'a text') }}", "is no citation"),
        ("{{ 'a' ~ value }}", "line 1: joins texts"),
        ("{{ 'a' + value }}", "line 1: joins texts"),
        ("{{ value|safe }}", "No filter named 'safe'"),
        ("{% if %}", "line 1"),
    ],
)  # fmt: skip
def test_a_template_that_would_break_a_promise_is_one_sentence(empty, template, said):
    with pytest.raises(DocumentError, match=re.escape(said)):
        write(template, empty, {"nothing": None, "value": "*"})


def test_an_unverified_statement_is_never_flat(empty):
    secondary = Statement("Access falls due every 45 days.", MEMO, "S", "Cal. Civ. Code 1798.99.86")
    _, text = write("# T\n{{ fact(one) }}\n\n{{ one }}", empty, {"one": secondary})
    bare = text.replace(BEGIN, "").replace(END, "")
    assert bare.count("Access falls due every 45 days. **(unverified)**[^1]") == 2
    assert "To verify: Cal. Civ. Code 1798.99.86" in bare
    assert flat_statements(parse(bare), [secondary], "en") == []
    _, flat = write("# T\n{{ fact(one.text, one.source) }}", empty, {"one": secondary})
    assert flat_statements(parse(flat), [secondary], "en") == ["Access falls due every 45 days."]
    with pytest.raises(DocumentError, match="unverified"):
        check(parse(flat), kind="try", context={"deep": [{"one": secondary}]}, proposals=(), language="en")


def test_a_verified_statement_stands_with_its_source(empty):
    _, text = write("# T\n{{ fact(one) }}", empty, {"one": Statement("It says so.", MEMO, "V")})
    assert f"{BEGIN}It says so.{END}[^1]" in text
    assert "unverified" not in text


def test_a_figure_without_a_footnote_is_found(empty):
    _, text = write(
        "# 12 things\n\nThere are 5. {{ fact('There are 6.', paper) }} By {{ own('day 7') }}. {{ blank('8 words') }} "
        "M-25-21.\n\n## Text\n\nWithin 30 days.\n", empty, {"paper": MEMO},
    )  # fmt: skip
    assert uncited_figures(parse(text), ["Text"]) == ["There are 5. By . M-25-21."]
    assert [each for each in uncited_figures(parse(text), []) if "30" in each] == ["Within 30 days."]


def test_a_count_names_the_command_and_the_file(register):
    notes = Notes(register)
    number = notes.number(Count("custodiet findings --summary", ("dhs-inventory-2025",)))
    text = notes.settle(f"There are two.[^{number}]")
    assert "Counted by `custodiet findings --summary` over [dhs-inventory-2025] (sha256 `a22dcafce5e1`)." in text


def test_a_cell_is_quoted_once_and_notes_are_numbered_as_they_are_met(register):
    cell = {"release": "dhs-inventory-2025", "row": 122, "column": "Stage of Development"}
    other = cell | {"column": "Vendor(s) Name"}
    notes = Notes(register)
    first, second = notes.number(cell), notes.number([cell, other])
    text = notes.settle(f"Second.[^{second}] First.[^{first}] Again.[^{second}]")
    assert text.startswith("Second.[^1] First.[^2] Again.[^1]")
    assert "[^1]: [dhs-inventory-2025], row 122, column E (note 2), column O (Vendor(s) Name): “NEC" in text
    assert text.count("c) Deployed") == 1
    notes.number(MEMO)
    with pytest.raises(DocumentError, match="not printed"):
        notes.settle(f"Second.[^{second}] First.[^{first}]")


def test_a_cell_that_is_not_there_is_refused(register):
    with pytest.raises(QuestionError):
        Notes(register).number({"release": "dhs-inventory-2025", "row": 10**6, "column": "A"})


def test_words_are_the_same_in_each_language():
    names = {code: set(words) for code, words in WORDS.items()}
    assert names["en"] == names["es"]
    holes = {code: {name: re.findall(r"{\w+}", text) for name, text in words.items()} for code, words in WORDS.items()}
    assert {n: sorted(h) for n, h in holes["en"].items()} == {n: sorted(h) for n, h in holes["es"].items()}
    assert say_day(DAY) == "November 22, 2026"
    assert say_day(DAY, "es") == "22 de noviembre de 2026"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# No front matter", "begins with no front matter"),
        ("---\nkind: [\n---\n# x\n", "mend its front matter"),
        ("---\nkind: try\n---\n# x\n", "title: Field required"),
        ("---\nkind: other\ntitle: T\nsender: a\nto: b\nsubjects: [none]\nabout: c\n---\n# x\n", "rename it"),
        ("---\nkind: try\ntitle: T\nsender: a\nto: b\nsubjects: [people]\nabout: c\n---\n# x\n", "subjects.0"),
    ],
)
def test_a_page_at_fault_is_one_sentence(tmp_path, text, said):
    path = tmp_path / "try.md"
    path.write_text(text)
    with pytest.raises(DocumentError, match=re.escape(said)):
        read_page(path)


# --- All kinds, on real input

SUBJECTS = {
    "use-case": ("DHS-2577", "DHS-2578", "DHS-2666"), "agency": ("ICE", "CBP"), "system": ("mobile-fortify",),
    "finding": ("--finding",), "none": (None,), "vendor": ("lexisnexis",), "docket-entry": ("2", "5", "6"),
}  # fmt: skip


def everything() -> list[tuple[str, str, str | None, str | None]]:
    """Each kind about each sort of subject that it takes."""
    cases: list[tuple[str, str, str | None, str | None]] = []
    for each in list_kinds():
        for sort in each.kind.subjects:
            for subject in SUBJECTS.get(sort, ()):
                if (each.kind.kind, sort) == ("foia", "none"):
                    # Without a subject it needs answers: what about, and under which law (test_records_letter.py).
                    continue
                if subject == "--finding":
                    cases.append((each.kind.kind, each.kind.language, None, "m-25-21-appeal:DHS-2577"))
                else:
                    cases.append((each.kind.kind, each.kind.language, subject, None))
    return cases


# What a kind can't do without when it is about nothing.
ANSWERS = {"foia": "law: us\nabout: searches of plate readers\nrecords: logs\n"}


@pytest.fixture(scope="module")
def docket(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A made-up docket's folder and its key."""
    return write_docket(tmp_path_factory.mktemp("drafts"))


@pytest.mark.parametrize(("name", "language", "subject", "finding"), everything())
def test_every_kind_drafts_and_cites(register, docket, monkeypatch, tmp_path, name, language, subject, finding):
    own = []
    real = Author.own
    monkeypatch.setattr(Author, "own", lambda author, text: own.append(done := real(author, text)) or done)
    answers = None
    if name in ANSWERS and subject is None and finding is None:
        answers = tmp_path / "answers.yml"
        answers.write_text(ANSWERS[name])
    folder, key = docket if kinds.find_kind(name, language).kind.rests_on == "docket" else (None, None)
    document = draft(
        name, register, subject, as_of=DAY, language=language, finding=finding, answers=answers, docket=folder, key=key
    )
    text = document.markdown
    # Footnotes and their references are each other's.
    used, defined = set(re.findall(r"\[\^(\d+)\](?!:)", text)), set(re.findall(r"^\[\^(\d+)\]:", text, re.MULTILINE))
    assert used == defined
    assert sorted(map(int, defined)) == list(range(1, len(defined) + 1))
    assert not any(mark in text for mark in (BEGIN, END, "\ue003"))
    # A second way to look for what the engine's own check looks for: in the lines of the finished text.
    proposed = find_proposals(name, language)
    body = text.partition(f"## {WORDS[language]['about']}")[0]
    for section in re.split(r"^(?=## )", body, flags=re.MULTILINE):
        if section.partition("\n")[0].removeprefix("## ") in proposed:
            continue
        lines = section.splitlines()
        for line, after in zip(lines, [*lines[1:], ""], strict=True):
            # Headings, also of a table, name things; what they stand above is looked at.
            if line.startswith("#") or re.fullmatch(r"\*.* · .*\*", line) or re.match(r"\|\s*---", after):
                continue
            if "[^" in line or not re.search(r"\d", line):
                continue
            # A blank's default and a command state no figure of fact.
            bare = plain_text(re.sub(r"\*\*\\\[ .*? \\\]\*\*|^\d+\. |`[^`]*`", "", line))
            for each in sorted({plain_text(each) for each in own}, key=len, reverse=True):
                bare = bare.replace(each, "")
            bare = re.sub(r"\bM-\d\d-\d\d\b|ISO/IEC \d+", "", bare)
            assert not re.search(r"\d", bare), line


def plain_text(markdown: str) -> str:
    return tidy(" ".join(plain(block) for block in parse(markdown.replace(BEGIN, "").replace(END, "")).blocks))


def find_proposals(name: str, language: str) -> tuple[str, ...]:
    return kinds.find_kind(name, language).kind.proposals


def test_the_same_input_gives_the_same_bytes_in_all_forms(register):
    one, other = (draft("comment-request", register, "DHS-2577", as_of=DAY) for _ in range(2))
    later = draft("comment-request", register, "DHS-2577", as_of=dt.date(2026, 11, 23))
    for form in FORMS:
        made = render(one, form)
        assert made == render(other, form), form
        assert made != render(later, form), form


def test_html_stands_alone(register):
    text = render(draft("comment-request", register, "DHS-2577", as_of=DAY), "html").decode()
    assert "<script" not in text
    assert "<link" not in text
    assert "<img" not in text
    assert "url(" not in text
    assert text.count("<mark>") == draft("comment-request", register, "DHS-2577", as_of=DAY).markdown.count("**\\[ ")


def test_pdf_pages_are_numbered_and_of_the_paper(register):
    document = draft("comment-request", register, "DHS-2577", as_of=DAY)
    for paper, size in (("letter", (612, 792)), ("a4", (595, 842))):
        with pdfplumber.open(io.BytesIO(render(document, "pdf", paper=paper))) as opened:
            assert (round(opened.pages[0].width), round(opened.pages[0].height)) == size
            total = len(opened.pages)
            for number, each in enumerate(opened.pages, 1):
                assert f"Page {number} of {total}" in each.extract_text()
                # Nothing runs over the edge.
                assert all(char["x1"] < each.width - 20 for char in each.chars)


def test_answers_fill_the_blanks(register, tmp_path):
    answers = tmp_path / "answers.yml"
    answers.write_text("requester: Ada *Reporter*, 555 0100\n")
    document = draft("comment-request", register, "DHS-2577", as_of=DAY, answers=answers)
    assert "From: Ada \\*Reporter\\*, 555 0100" in document.markdown
    answers.write_text("requestor: Ada\n")
    with pytest.raises(DocumentError, match="did you mean requester"):
        draft("comment-request", register, "DHS-2577", as_of=DAY, answers=answers)


def test_word_says_what_it_needs(register, monkeypatch):
    import builtins

    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "pypandoc":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(DocumentError, match=r"custodiet\[word\]"):
        render(draft("comment-request", register, "DHS-2577", as_of=DAY), "docx")


@pytest.mark.long
def test_word_opens_in_libreoffice(register, tmp_path):
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not installed")
    document = draft("comment-request", register, "DHS-2577", as_of=DAY)
    (tmp_path / "a.docx").write_bytes(render(document, "docx"))
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf",
         "--outdir", tmp_path, tmp_path / "a.docx"],
        check=True, capture_output=True, timeout=170, env={**os.environ, "HOME": str(tmp_path)},
    )  # fmt: skip
    with pdfplumber.open(tmp_path / "a.pdf") as opened:
        texts = [each.extract_text() for each in opened.pages]
    whole = " ".join(" ".join(texts).split())
    assert "Request for comment: Mobile Fortify" in whole
    assert "Establishment of an appropriate appeal process is in-progress" in whole
    assert "[ press office of the agency, or of the vendor ]" in whole
    assert f"Page 1 of {len(texts)}" in texts[0]
    # The last footnote's number is there, and a repeated note shows the first one's.
    assert "a22dcafce5e15bba6f2bfa3fb2fcecadee091270190c8ef7db09d28a829d1fbe" in whole.replace(" ", "")


# --- The command


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["coment-request", "DHS-2577"], "did you mean comment-request"),
        (["comment-request", "DHS-25777"], "Did you mean"),
        (["comment-request"], "needs a subject"),
        (["comment-request", "m-25-21"], "is of the kind authority"),
        (["comment-request", "--finding", "m-25-21-appeal:DHS-25"], "is no finding"),
        (["comment-request", "DHS-2577", "--format", "odt"], "is no form of a document"),
        (["comment-request", "DHS-2577", "--format", "pdf"], "--out FILE.pdf"),
        (["comment-request", "DHS-2577", "--out", "x.odt"], "ends in no form"),
        (["comment-request", "DHS-2577", "--out", "x.pdf", "--format", "html"], "mend one of them"),
        (["comment-request", "DHS-2577", "--language", "es"], "choose with `--language`"),
        (["comment-request", "DHS-2577", "--paper", "a3"], "choose letter or a4"),
        (["comment-request", "DHS-2577", "--answers", "missing.yml"], "can't be read"),
        ([], "Name the kind"),
    ],
)
def test_what_goes_wrong_is_one_sentence(register_file, tmp_path, arguments, said):
    done = call("draft", *arguments, "--register", register_file, home=tmp_path)
    assert said in assert_one_sentence(done)


def test_a_letter_is_never_overwritten_in_silence(register_file, tmp_path):
    arguments = (
        "draft",
        "comment-request",
        "DHS-2577",
        "--out",
        "letter.html",
        "--as-of",
        "2026-11-22",
        "--register",
        register_file,
    )
    assert "blanks are for you to fill" in run(*arguments, home=tmp_path).stderr
    (tmp_path / "letter.html").write_text("mine")
    assert "--force" in assert_one_sentence(call(*arguments, home=tmp_path))
    assert (tmp_path / "letter.html").read_text() == "mine"
    assert call(*arguments, "--force", home=tmp_path).returncode == 0
    assert (tmp_path / "letter.html").read_text().startswith("<!doctype html>")


# --- Kinds


def test_every_claim_that_a_paper_rests_on_is_in_the_catalogue(register):
    from custodiet.documents.contexts.know_your_rights import MATCHING
    from custodiet.documents.contexts.local import TOPICS

    wanted = {name for names in (*TOPICS.values(), MATCHING) for name in names}
    known = {name for (name,) in register.rows("select claim from claims")}
    assert wanted - known == set()


def test_the_figures_of_a_fact_sheet_are_those_of_the_raw_file(register, mirror):
    import csv

    with (mirror / "omb-inventory-2025" / "2025_individually_reported_AI_use_cases.csv").open(
        encoding="utf-8-sig", newline=""
    ) as stream:
        rows = [row for row in csv.DictReader(stream) if row["agency_bureau"] == "ICE"]
    deployed = [row for row in rows if row["development_stage"].startswith("Deployed")]
    high = [row for row in rows if row["is_high_impact"] == "High-impact"]
    presumed = [row for row in rows if row["is_high_impact"].startswith("Presumed")]
    both = [row for row in high if row in deployed]
    text = draft("fact-sheet", register, "ICE", as_of=DAY).markdown
    assert f"ICE lists {len(rows)} uses of AI in the inventory of 2025." in text
    assert f"\n- {len(deployed)} of them are deployed." in text
    assert (
        f"\n- {len(high)} are high-impact by the agency's own account; {len(both)} are both deployed and high-impact." in text
    )
    assert f"\n- {len(presumed)} are presumed high-impact, and were determined not to be." in text


def test_rights_are_said_alike_in_both_languages(register):
    texts = {code: draft("know-your-rights", register, as_of=DAY, language=code).markdown for code in ("en", "es")}
    assert texts["en"].count("**(unverified)**") == texts["es"].count("**(sin verificar)**") > 5
    for text in texts.values():
        assert "https://locator.ice.gov/" in text
        assert "https://www.ice.gov/contact/field-offices" in text
    assert "(unverified)" not in texts["es"]


def test_a_memo_shows_what_our_own_log_shows(register_file, tmp_path):
    log = tmp_path / "log.csv"
    log.write_text("Search Time,Reason,User\n" + "".join(f"2026-01-{day:02d} 10:00:00,theft,u1\n" for day in range(1, 29)))
    made = call("audit", log, "--out", tmp_path / "audit", home=tmp_path)
    if not (tmp_path / "audit" / "audit.json").exists():
        pytest.fail(made.stderr)
    arguments = ("draft", "decision-memo", "--audit", tmp_path / "audit", "--register", register_file)
    assert "Searches: 28." in call(*arguments, home=tmp_path).stdout
    refused = call("draft", "comment-request", "DHS-2577", *arguments[2:], home=tmp_path)
    assert "leave `--audit` out" in assert_one_sentence(refused)


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("fact-sheet", "DHS-2666"),
        ("decision-memo", "DHS-2666"),
        ("policy-package", "DHS-2666"),
        pytest.param("stack-explainer", "ICE", marks=pytest.mark.long),
        pytest.param("fact-sheet", "ICE", marks=pytest.mark.long),
    ],
)
def test_no_kind_overflows_its_page(register, name, subject):
    with pdfplumber.open(io.BytesIO(render(draft(name, register, subject, as_of=DAY), "pdf"))) as opened:
        for each in opened.pages:
            assert all(char["x1"] < each.width - 30 and char["bottom"] < each.height - 15 for char in each.chars)
