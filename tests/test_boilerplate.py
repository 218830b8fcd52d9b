"""How much of one report stands in another: against a brute count, and over every form that is read."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command import assert_one_sentence, call
from custodiet.documents.boilerplate import WORD, compare_reports
from custodiet.documents.reading import read_report
from custodiet.model.errors import InputError, QuestionError

words = st.lists(st.sampled_from(["the", "City", "uses", "it", "not"]), min_size=4, max_size=40)


@given(words, words, st.integers(2, 4))
def test_the_share_is_that_of_a_brute_count(one, other, length):
    first, _ = compare_reports([("a", " ".join(one)), ("b", " ".join(other))], run=length)
    a, b = [word.casefold() for word in one], [word.casefold() for word in other]
    windows = [b[at : at + length] for at in range(len(b) - length + 1)]
    covered = {i for at in range(len(a) - length + 1) if a[at : at + length] in windows for i in range(at, at + length)}
    assert (first.words, first.shared) == (len(a), len(covered))
    for passage in first.passages:
        said = [word.casefold() for word in passage.text.split()]
        assert len(said) == passage.words >= length
        assert any(b[at : at + len(said)] == said for at in range(len(b)))


def test_a_report_that_holds_all_of_another_is_not_all_of_it():
    short = "The department uses the readers only for the purposes that the council has approved."
    long = f"Introduction in words of our own. {short} And much more that nobody else has written down before us."
    one, other = compare_reports([("short", short), ("long", long)])
    assert one.share == 1
    assert 0.3 < other.share < 0.6
    assert one.passages[0].text == short.rstrip(".")
    assert one.passages[0].words == len(WORD.findall(short)) == 14


def test_case_and_punctuation_do_not_hide_a_copy():
    one, _ = compare_reports(
        [("a", "Data ARE kept; for thirty days—unless evidence."), ("b", "data are kept for thirty days unless evidence")]
    )
    assert one.share == 1


@pytest.mark.parametrize(
    ("reports", "length", "said"),
    [
        ([("a", "x y")], 2, "two reports"),
        ([("a", "x"), ("b", "x y")], 2, "fewer than the 2"),
        ([("a", "x y"), ("b", "x")], 1, "two words"),
    ],
)
def test_what_can_not_be_compared_is_one_sentence(reports, length, said):
    with pytest.raises(QuestionError, match=said):
        compare_reports(reports, run=length)


def word_file(body: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", f"<w:document><w:body>{body}</w:body></w:document>")
    return stream.getvalue()


def test_every_form_is_read(tmp_path):
    from reportlab.pdfgen.canvas import Canvas

    said = "The readers search & keep nothing"
    drawn = io.BytesIO()
    canvas = Canvas(drawn)
    canvas.drawString(72, 700, said)
    canvas.save()
    page = "<html><head><title>no</title><style>p {}</style></head><body><p>The <b>readers</b> search &amp; keep nothing</p>"
    page += "<script>no()</script><!-- no --></body></html>"
    document = (
        "<w:p><w:r><w:t>The rea</w:t></w:r><w:r><w:t>ders search &amp; keep</w:t></w:r></w:p><w:p><w:t>nothing</w:t></w:p>"
    )
    files = {
        "a.txt": said.encode(),
        "a.md": said.encode(),
        "a.html": page.encode(),
        "a.docx": word_file(document),
        "a.pdf": drawn.getvalue(),
    }  # fmt: skip
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        assert " ".join(read_report(tmp_path / name).split()) == said, name


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.pdf", b"%PDF-1.7 nothing", "damaged or locked"),
        ("a.docx", b"PK\x03\x04 nothing", "is no Word file"),
        ("a.txt", b" \n", "holds no text"),
        ("a.png", b"\x89PNG", "is no PDF"),
        ("a.txt", b"\xff\xfe\xfa", "a.txt"),
    ],
)
def test_what_can_not_be_read_is_one_sentence(tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=said):
        read_report(tmp_path / name)


def test_the_command_shows_both_shares(tmp_path):
    (tmp_path / "a.txt").write_text("one two three four five six seven eight nine ten")
    (tmp_path / "b.md").write_text("one two three four five six seven eight and then something else of our own")
    done = call("boilerplate", "a.txt", "b.md", "--csv", home=tmp_path)
    assert done.stdout.splitlines()[1:] == ["a.txt,b.md,10,8,0.8", "b.md,a.txt,15,8,0.5333"]
    assert "one two three four five six seven eight" in call("boilerplate", "a.txt", "b.md", home=tmp_path).stdout
    assert "there is no such file" in assert_one_sentence(call("boilerplate", "a.txt", "c.md", home=tmp_path))
