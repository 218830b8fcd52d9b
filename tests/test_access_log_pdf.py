"""PDFs that are laid out badly: a cell is read as it was written, or is `unreadable`; never as something else."""

import contextlib
import random
import re
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from custodiet.access_log.cells import Reading, read_released
from custodiet.access_log.files import open_released
from custodiet.access_log.profiles import read_profiles
from custodiet.model.errors import InputError
from custodiet.model.text import tidy

HEADERS = ("id", "userId", "searchDate", "cameraCount", "reason")
REASONS = ("stolen vehicle", "", "Stolen Plate ABC0001 - 2026-01-02T17:41:56.783Z", "hit-and-run", "w" * 60, "case of theft")


def made_up(count: int = 40, seed: int = 5) -> list[tuple[str, ...]]:
    draw = random.Random(seed)

    def uuid() -> str:
        return "-".join(f"{draw.getrandbits(4 * n):0{n}x}" for n in (8, 4, 4, 4, 12))

    return [
        (uuid(), uuid(), f"2026-01-{1 + i % 28:02} 10:{i:02}:04.78{i % 10}", str(2510 if i % 3 else 94), REASONS[i % 6])
        for i in range(count)
    ]


def read(path: Path) -> Reading:
    (released,) = open_released([path])
    (reading,) = read_released(released, read_profiles())
    return reading


def by_reportlab(
    path: Path, rows: Sequence[Sequence[str]], widths: Sequence[int], *, ruled: bool = True, headers: Sequence[str] = HEADERS
) -> Path:
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Table, TableStyle

    style = getSampleStyleSheet()["BodyText"]
    style.fontSize, style.leading = 5, 6
    looks = [("VALIGN", (0, 0), (-1, -1), "TOP"), *([("GRID", (0, 0), (-1, -1), 0.25, "grey")] if ruled else [])]
    cells = [[Paragraph(text, style) for text in row] for row in (headers, *rows)]
    SimpleDocTemplate(str(path)).build([Table(cells, colWidths=list(widths), style=TableStyle(looks))])
    return path


def by_typst(path: Path, rows: Sequence[Sequence[str]], page: str, more: str = "") -> Path:
    import typst

    cells = ["table.header(" + ", ".join(f'"{name}"' for name in HEADERS) + ")"]
    cells += [f'"{text}"' for row in rows for text in row]
    source = path.with_suffix(".typ")
    source.write_text(
        f"#set page({page}, margin: 1cm)\n#set text(size: 6pt{more})\n"
        f"#table(columns: (1fr, 1fr, 1fr, 1fr, 1fr), {', '.join(cells)})", "utf-8",
    )  # fmt: skip
    typst.compile(str(source), output=str(path))
    return path


def unlike(reading: Reading, rows: Sequence[Sequence[str]]) -> int:
    """Return how many cells are unreadable; every other cell is what was written."""
    assert reading.rows is not None
    assert len(reading.rows) == len(rows)
    doubtful = set(reading.unreadable)
    for number, (found, written) in enumerate(zip(reading.rows, rows, strict=True), start=1):
        for column, (cell, text) in enumerate(zip(found, written, strict=True)):
            assert (number, column) in doubtful or tidy(cell) == tidy(text)
    return len(doubtful)


@pytest.mark.parametrize("ruled", [True, False])
@pytest.mark.parametrize("widths", [(125, 125, 85, 60, 100), (60, 60, 50, 42, 60), (60, 60, 50, 38, 52)])
def test_narrow_cells_break_words_and_headers(tmp_path: Path, widths: tuple[int, ...], ruled: bool) -> None:
    rows = made_up()
    assert unlike(read(by_reportlab(tmp_path / "log.pdf", rows, widths, ruled=ruled)), rows) <= 2


def test_a_row_goes_on_under_the_header_that_the_next_page_repeats(tmp_path: Path) -> None:
    rows = made_up()
    assert unlike(read(by_typst(tmp_path / "log.pdf", rows, "width: 24cm, height: 7cm")), rows) <= 7


@pytest.mark.parametrize("more", ["", ", hyphenate: true"])
def test_texts_that_run_into_the_next_cell_are_unreadable(tmp_path: Path, more: str) -> None:
    rows = made_up(12)
    # An ID that has no place to break is drawn across the lines, over the user and the time.
    found = unlike(read(by_typst(tmp_path / "log.pdf", rows, "width: 13cm, height: 40cm", more)), rows)
    assert found > 5


def test_a_page_that_begins_with_texts_that_run_into_each_other_is_refused(tmp_path: Path) -> None:
    rows = [(first.replace("-", "a"), user.replace("-", "a"), *rest) for first, user, *rest in made_up(20)]
    with pytest.raises(InputError, match=r"page 2, row .*: texts run into each other"):
        read(by_typst(tmp_path / "log.pdf", rows, "width: 12cm, height: 9cm"))


def _words(end: str, start: str) -> Callable[[Path], Reading]:
    """Return a reading of a table whose reason breaks after `end`, which fills its cell."""

    def make(path: Path) -> Reading:
        from reportlab.pdfbase.pdfmetrics import stringWidth

        width = stringWidth(end, "Helvetica", 5) + 12.5
        rows = [("1a-2b-3c", "u", "2026-01-01 10:00:00", "1", f"{end}{start}"), *made_up(3)]
        return read(by_reportlab(path, rows, (125, 125, 85, 60, width)))

    return make


def test_a_mask_that_its_cell_breaks_is_a_mask_and_two_words_may_be_one(tmp_path: Path) -> None:
    broken = _words("REDACTE", "D")(tmp_path / "mask.pdf")
    assert broken.rows
    assert broken.rows[0][4] == "REDACTED"
    # "investigation theft" and "investigationtheft" look alike in a cell as wide as "investigation".
    doubtful = _words("investigation", " theft")(tmp_path / "words.pdf")
    assert (1, 4) in doubtful.unreadable


def test_a_row_outside_of_the_drawn_lines_is_not_left_out(tmp_path: Path) -> None:
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(tmp_path / "log.pdf"))
    canvas.setFont("Helvetica", 6)
    places = (40, 140, 240, 340, 400, 520)
    canvas.grid(places, (700, 680, 660, 640))
    for line, row in enumerate((HEADERS, *made_up(3))):
        for x, text in zip(places, row, strict=False):
            canvas.drawString(x + 2, 688 - 20 * line, text[:20])
    canvas.save()
    with pytest.raises(InputError, match="page 1: a row stands outside of the drawn lines"):
        read(tmp_path / "log.pdf")


def test_a_page_whose_compressed_text_breaks_off_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = by_typst(tmp_path / "log.pdf", made_up(12), "width: 24cm, height: 40cm")
    content = bytearray(path.read_bytes())
    # The page's own stream is the one that unpacks to marks of text; of its second half nothing can be unpacked.
    for start in re.finditer(rb"stream\n", bytes(content)):
        end = content.index(b"endstream", start.end())
        with contextlib.suppress(zlib.error):
            if b" Tf" in zlib.decompress(bytes(content[start.end() : end])):
                content[(start.end() + end) // 2 : end - 1] = b"\xff" * (end - 1 - (start.end() + end) // 2)
                break
    else:
        pytest.fail("the PDF has no compressed page")
    path.write_bytes(content)
    with pytest.raises(InputError, match="page 1: the PDF is damaged, and text is lost"):
        read(path)
    assert capfd.readouterr().err == ""
