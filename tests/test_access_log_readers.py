"""Readers of released logs: every form gives the same measures, every damaged file one sentence that shows no cell."""

import csv
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from command import assert_one_sentence, run
from custodiet.access_log.cells import read_released, read_text
from custodiet.access_log.files import open_released
from custodiet.access_log.ingest import merkle_salt
from custodiet.access_log.log import Options, open_log
from custodiet.access_log.merkle import leaf_of
from custodiet.access_log.profiles import choose_profile, read_profile, read_profiles
from custodiet.access_log.sample import make_sample
from custodiet.model.errors import InputError
from custodiet.model.merkle import root_of
from logs import FLOCK_14, KEY, TIME, flock_row, integrity_of, measures_of, to_csv, write_log

PROFILES = read_profiles()
# Reasons that a PDF can carry: it keeps no blanks at the edges of a cell.
REASONS = ["stolen vehicle", "investigation", "", "459PC", "warrant+service", "assist ICE ERO",
           "Daytime search for best result",
           "a reason that is so long that it has to wrap over several lines of its cell, and then some more"]  # fmt: skip


def rows_of_each_kind(count: int = 60) -> list[dict[str, str]]:
    return [
        flock_row(
            n, Reason=REASONS[n % len(REASONS)], TotalDevicesSearched=str(n * 347),
            OrgName=["Town WA PD", "Other OR SO"][n % 2], SearchType=["search", "freeform"][n % 2],
            TimeFrame=f"0{1 + n % 9}/01/2026, 09:00:00 AM UTC\n0{1 + n % 9}/08/2026, 09:00:00 AM UTC",
            SearchTime=f"0{1 + n % 9}/08/2026, 0{n % 9}:10:00 PM UTC".replace(", 00:", ", 12:"),
        )
        for n in range(count)
    ]  # fmt: skip


TRIMMED = ("ID", "Org Name", "Total Networks Searched", "Total Devices Searched", "Time Frame", "Reason", "Search Time",
           "Search Type", "Moderation")  # fmt: skip


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("reference")
    return measures_of(write_log(folder / "log.csv", rows_of_each_kind(), TRIMMED))


# --- CSV


@pytest.mark.parametrize(
    "make",
    [
        lambda text: text.encode(),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.rstrip("\n").encode(),
        lambda text: (text + "\n\n").encode(),
    ],
    ids=["utf-8", "byte order mark", "utf-16", "carriage returns", "no last line feed", "empty last lines"],
)
def test_csv_however_it_is_written(tmp_path: Path, reference: dict[str, Any], make: Callable[[str], bytes]) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(make(to_csv(rows_of_each_kind(), TRIMMED)))
    assert measures_of(path) == reference


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters(tmp_path: Path, reference: dict[str, Any], delimiter: str) -> None:
    assert measures_of(write_log(tmp_path / "log.csv", rows_of_each_kind(), TRIMMED, delimiter=delimiter)) == reference


def test_windows_1252(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(to_csv([flock_row(1, Reason="caf\xe9 burglary")]).encode("cp1252"))
    found = integrity_of(path)
    assert found["files"][0]["encoding"] == "cp1252"
    assert found["files"][0]["states"]["reason"] == {"value": 1}


def test_a_title_above_the_header(tmp_path: Path, reference: dict[str, Any]) -> None:
    path = tmp_path / "log.csv"
    path.write_text("Network Audit\n\n" + to_csv(rows_of_each_kind(), TRIMMED), "utf-8")
    assert measures_of(path) == reference


def test_a_file_without_its_header(tmp_path: Path) -> None:
    headers = FLOCK_14[1:12]
    path = tmp_path / "log.csv"
    whole = to_csv([flock_row(1), flock_row(2)], headers)
    path.write_text(whole.partition("\n")[2], "utf-8")
    found = integrity_of(path)
    assert found["files"][0]["profile"] == "flock-11"
    assert not found["files"][0]["has_header"]
    assert measures_of(path)["rows"] == 2


def test_large_files_are_read_in_order_and_every_row_has_its_leaf(tmp_path: Path) -> None:
    # Large enough that DuckDB reads it with all its threads.
    path = tmp_path / "sample.csv"
    make_sample(150_000, path)
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))[1:]
    (released,) = open_released([path])
    readings = read_released(released, PROFILES)
    salt = merkle_salt(KEY, readings)
    with open_log([path], KEY) as log:
        assert log.merkle_root == root_of([leaf_of(salt, row) for row in rows]).hex()
        assert [n for (n,) in log.database.rows("select networks from log_rows order by position")] == [
            int(row[3]) for row in rows
        ]


def test_the_sample_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        make_sample(100, tmp_path / name)
    make_sample(100, tmp_path / "c.csv", seed=1)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes() != (tmp_path / "c.csv").read_bytes()


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\x1f\r"), max_size=12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(CELLS, CELLS), max_size=5))
@example([('"', ",")])
@example([("a\nb", ' "x"')])
@example([("", "")])
def test_duckdb_and_the_strict_reader_see_the_same_cells(tmp_path: Path, cells: list[tuple[str, str]]) -> None:
    rows = [flock_row(n, Reason=reason, Filters=filters) for n, (reason, filters) in enumerate(cells)]
    path = write_log(tmp_path / "log.csv", rows, FLOCK_14)
    (released,) = open_released([path])
    strict = read_text(released, PROFILES, by_duckdb=False)
    assert strict.rows is not None
    root = root_of([leaf_of(merkle_salt(KEY, [strict]), row) for row in strict.rows]).hex()
    with open_log([path], KEY) as log:
        assert log.merkle_root == root
        assert sum(file.rows for file in log.files) == len(cells)


# --- Workbooks and zips


def workbook(path: Path, rows: list[dict[str, str]], sheet: str = "Log", extra: str | None = None) -> Path:
    book = xlsxwriter.Workbook(str(path))
    if extra:
        book.add_worksheet(extra).write_row(0, 0, ["Cover"])
    page = book.add_worksheet(sheet)
    page.write_row(0, 0, TRIMMED)
    for number, row in enumerate(rows, start=1):
        for column, name in enumerate(TRIMMED):
            text = row[name]
            if text.isdecimal():
                page.write_number(number, column, int(text))
            elif text:
                page.write_string(number, column, text)
    book.close()
    return path


def test_a_workbook_gives_the_same_measures(tmp_path: Path, reference: dict[str, Any]) -> None:
    path = workbook(tmp_path / "log.xlsx", rows_of_each_kind(), extra="Cover")
    assert measures_of(path) == reference
    assert any("'Cover'" in note for note in integrity_of(path)["warnings"])


def test_a_zip_gives_the_same_measures(tmp_path: Path, reference: dict[str, Any]) -> None:
    path = tmp_path / "release.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("folder/log.csv", to_csv(rows_of_each_kind(), TRIMMED))
        archive.writestr("__MACOSX/folder/._log.csv", b"\x00")
    assert measures_of(path) == reference


# --- PDF


def pdf(path: Path, rows: list[dict[str, str]], *, ruled: bool = True, turn: int = 0, wrapped: bool = True) -> Path:
    from reportlab.lib.pagesizes import letter
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Table, TableStyle

    style = getSampleStyleSheet()["BodyText"]
    style.fontSize, style.leading = 4, 5

    def cell(text: str) -> object:
        return Paragraph(text.replace("&", "&amp;").replace("\n", "<br/>"), style) if wrapped else text.replace("\n", " to ")

    looks = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("FONTSIZE", (0, 0), (-1, -1), 4)]
    if ruled:
        looks.append(("GRID", (0, 0), (-1, -1), 0.25, "grey"))
    data = [[cell(name) for name in TRIMMED], *([cell(row[name]) for name in TRIMMED] for row in rows)]
    widths = [95, 45, 42, 42, 60, 70, 50, 40, 45] if wrapped else None
    table = Table(data, repeatRows=1, colWidths=widths, style=TableStyle(looks))

    def rotate(canvas: Any, _: object) -> None:
        canvas.setPageRotation(turn)
        canvas.drawCentredString(300, 20, f"Page {canvas.getPageNumber()}")

    SimpleDocTemplate(str(path), pagesize=letter, leftMargin=40, rightMargin=40).build(
        [table], onFirstPage=rotate, onLaterPages=rotate
    )
    return path


@pytest.mark.parametrize(
    ("ruled", "turn", "wrapped"), [(True, 0, True), (True, 90, True), (True, 180, False), (False, 270, False)]
)
def test_a_pdf_gives_the_same_measures(
    tmp_path: Path, reference: dict[str, Any], ruled: bool, turn: int, wrapped: bool
) -> None:
    # A row that does not wrap has to fit on a page.
    rows = rows_of_each_kind() if wrapped else [row for row in rows_of_each_kind() if len(row["Reason"]) < 40]
    expected = reference if wrapped else measures_of(write_log(tmp_path / "log.csv", rows, TRIMMED))
    path = pdf(tmp_path / "log.pdf", rows, ruled=ruled, turn=turn, wrapped=wrapped)
    assert measures_of(path) == expected
    assert integrity_of(path)["files"][0]["unreadable_cells"] == 0


def test_a_typeset_pdf_whose_rows_break_across_pages(tmp_path: Path, reference: dict[str, Any]) -> None:
    import typst

    cells = [text for row in rows_of_each_kind() for text in (row[name] for name in TRIMMED)]
    quoted = ", ".join(
        '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"' for text in (*TRIMMED, *cells)
    )
    source = tmp_path / "log.typ"
    source.write_text(
        '#set page(width: 30cm, height: 9cm)\n#set text(size: 6pt)\n'
        f"#table(columns: (auto, 1fr, 1fr, 1fr, 2fr, 2fr, 2fr, 1fr, 1fr), {quoted})", "utf-8",
    )  # fmt: skip
    typst.compile(str(source), output=str(tmp_path / "log.pdf"))
    assert measures_of(tmp_path / "log.pdf") == reference


def test_a_cell_on_which_two_readers_differ_is_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from custodiet.access_log import pdf_pages as reader

    path = pdf(tmp_path / "log.pdf", rows_of_each_kind(3))
    true_chars = reader._chars_of_pdfium

    def misread(page: Any) -> list[Any]:
        return [type(c)("5" if c.text == "7" else c.text, c.left, c.right, c.top, c.bottom) for c in true_chars(page)]

    monkeypatch.setattr(reader, "_chars_of_pdfium", misread)
    found = integrity_of(path)
    # 347 * 1 and 347 * 2: the former has a 7.
    assert found["files"][0]["states"]["devices"] == {"unreadable": 1, "value": 2}
    assert any("two readers of the PDF differ" in warning for warning in found["warnings"])


def test_numbers_glued_to_dates_are_told_apart_by_their_places(tmp_path: Path) -> None:
    from reportlab.pdfgen.canvas import Canvas

    path = tmp_path / "log.pdf"
    canvas = Canvas(str(path))
    canvas.setFont("Courier", 8)
    wide = 4.8
    for line, row in enumerate([("id", "userId", "searchDate", "networkCount", "reason"),
                                ("11111111-aaaa", "u1", "2026-01-05 10:00:00", "347", "theft"),
                                ("22222222-bbbb", "u2", "2026-01-06 10:00:00", "12", "")]):  # fmt: skip
        y = 700 - 12 * line
        for x, text in zip((40, 140, 200, 0, 400), row, strict=True):
            # The counts end where the next page's dates would begin: no gap is left to the date.
            canvas.drawString(x or 200 + 19 * wide + (0 if line else 2 * wide), y, text)
    canvas.save()
    found = measures_of(path)
    assert (found["networks"]["max"], found["networks"]["sum"]) == (347, 359)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"%PDF-1.7\ngarbage", "damaged"), (b"%PDF-1.4\n%%EOF", "damaged")],
)
def test_damaged_pdfs(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "log.pdf"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words):
        measures_of(path)


def test_a_pdf_of_pictures_is_refused(tmp_path: Path) -> None:
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(tmp_path / "log.pdf"))
    canvas.rect(10, 10, 100, 100)
    canvas.save()
    with pytest.raises(InputError, match="only pictures"):
        measures_of(tmp_path / "log.pdf")


# --- Profiles


@pytest.mark.parametrize("profile", [one for one in PROFILES if not one.folded], ids=lambda one: one.id)
def test_every_profile_is_chosen_for_its_own_headers(profile: Any) -> None:
    fit = choose_profile(list(profile.columns), PROFILES, "x")
    assert fit is not None
    assert fit.profile.id == profile.id


@pytest.mark.parametrize(
    "lacking", [(), ("caseNumber",), ("offenseType",), ("caseNumber", "offenseType"), ("caseNumber", "offenseType", "reason")]
)
def test_portals_with_and_without_their_optional_columns(lacking: tuple[str, ...]) -> None:
    headers = [
        name
        for name in ("id", "userId", "searchDate", "networkCount", "reason", "caseNumber", "offenseType")
        if name not in lacking
    ]
    fit = choose_profile(headers, PROFILES, "x")
    assert fit is not None
    assert fit.profile.id == "portal-networks"


def test_a_profile_of_one_s_own(tmp_path: Path) -> None:
    page = tmp_path / "learn.yml"
    page.write_text(
        'id: learn\ntitle: Ours\ntimes: ["%d.%m.%Y %H:%M"]\nzone: UTC\ncolumns:\n'
        "  Requestor: searcher\n  Wann: time\n  Warum: reason\n  X: left-out\n",
        "utf-8",
    )
    log = tmp_path / "log.csv"
    log.write_text("Requestor,Wann,Warum,X\nab,31.01.2026 09:30,theft,9\n", "utf-8")
    found = measures_of(log, options=Options(profile=read_profile(page)))
    assert found["period"]["utc"]["start"] == "2026-01-31T09:30:00Z"


def test_a_generic_log_with_common_headings(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("Agency,User Name,Date/Time,Purpose,Case Number\nTown WA PD,ab,01/31/2026 09:30:00 AM,theft,1\n", "utf-8")
    assert measures_of(log)["case_number"]["filled"] == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("columns: {}", "id"),
        ("id: a\ntitle: b\ncolumns:\n  X: nothing\n", "nothing"),
        ("id: a\ntitle: b\ntimes: [never]\ncolumns:\n  X: time\n", "never"),
        ("id: [", "line"),
        ("id: a\ntitle: b\ncolumns:\n  X: time\noptional: [Y]\n", "Y"),
    ],
)
def test_bad_profiles(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "bad.yml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=words):
        read_profile(path)


# --- Files that are not what they should be: one sentence, exit 2, and nothing of a cell in it

SECRET = "ZZZ7788"


def damaged_logs() -> dict[str, bytes]:
    whole = to_csv([flock_row(n, LicensePlate=SECRET) for n in range(3)])
    lines = whole.split("\n")
    shifted = to_csv([flock_row(1), flock_row(2, SearchTime=SECRET, Filters="04/08/2026, 09:00:00 AM UTC")])
    return {
        "empty.csv": b"",
        "blank.csv": b"\n\n",
        "cut.csv": whole[: len(whole) - 30].encode(),
        "open-quote.csv": whole.replace('"04/01', '04/01"x').encode(),
        "more-cells.csv": (whole + f"{SECRET}," * 20 + "\n").encode(),
        # Without a header, and without the times by which a form would be known.
        "no-header.csv": "\n".join(lines[1:]).replace("/", "").encode(),
        "shifted.csv": shifted.encode(),
        "no-times.csv": to_csv([flock_row(n, SearchTime=SECRET) for n in range(3)]).encode(),
        "no-counts.csv": to_csv([flock_row(n, TotalNetworksSearched=SECRET) for n in range(3)]).encode(),
        "twice.csv": to_csv([flock_row(1)], [*FLOCK_14, "Reason"]).encode(),
        "unit-separator.csv": to_csv([flock_row(1, Reason=f"{SECRET}\x1f")]).encode(),
        "nul.csv": whole.encode().replace(b"stolen", b"st\x00len"),
        "binary.csv": bytes(range(128, 256)) * 4,
        "log.docx": b"PK\x03\x04" + SECRET.encode(),
        "log.xlsx": b"PK\x03\x04" + SECRET.encode(),
        "log.zip": b"PK\x05\x06" + bytes(18),
        "log.doc": SECRET.encode(),
        "log.pdf": b"%PDF-1.7 " + SECRET.encode(),
    }


@pytest.mark.parametrize("name", damaged_logs())
def test_a_damaged_file_gets_one_sentence_that_shows_no_cell(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(damaged_logs()[name])
    done = run("audit", path, "--out", tmp_path / "out", home=tmp_path)
    sentence = assert_one_sentence_after_the_key(done)
    assert name in sentence
    assert SECRET.lower() not in done.stderr.lower() + done.stdout.lower()
    assert not (tmp_path / "out").exists()


def assert_one_sentence_after_the_key(done: Any) -> str:
    done.stderr = "\n".join(line for line in done.stderr.splitlines() if not line.startswith("Made a new key"))
    return assert_one_sentence(done)


def test_a_shifted_column_shows_the_shape_of_its_first_rows(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(damaged_logs()["shifted.csv"])
    with pytest.raises(InputError, match=r"row 2, column 'Search Time'.*'aaa9999'.*shifted"):
        measures_of(path)


def test_zips_within_zips_and_bombs_are_refused(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("log.csv", to_csv([flock_row(1)]))
    path = tmp_path / "outer.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("inner.zip", inner.getvalue())
    with pytest.raises(InputError, match="zip within a zip"):
        measures_of(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("log.csv", b"a" * 200_000_000)
    with pytest.raises(InputError, match="unpacks to more"):
        measures_of(path)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=200),
        st.text('",;\n\r\taID19/:é\x00', max_size=80).map(str.encode),
        st.tuples(st.integers(0, 900), st.binary(max_size=3)).map(lambda cut: _spoil(*cut)),
    ),
    st.sampled_from([".csv", ".xlsx", ".pdf", ".zip"]),
)
def test_any_bytes_are_a_log_or_one_sentence(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = tmp_path / f"log{suffix}"
    path.write_bytes(content)
    refusal = None
    try:
        measures_of(path)
    except InputError as error:
        refusal = str(error)
    assert refusal is None or (len(refusal.splitlines()) == 1 and refusal.startswith("log"))


def _spoil(at: int, noise: bytes) -> bytes:
    whole = to_csv([flock_row(n) for n in range(3)]).encode()
    return whole[:at] + noise + whole[at + 2 :]


def test_times_of_the_test_are_those_of_the_form() -> None:
    import datetime as dt

    assert dt.datetime.strptime(flock_row()["Search Time"], TIME).replace(tzinfo=dt.UTC)
