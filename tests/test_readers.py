"""Readers of published files: whatever comes in, they return words that we have, or one sentence."""

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Callable

import pytest
import xlsxwriter
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from custodiet.model.errors import InputError
from custodiet.model.words import CELL_STATES
from custodiet.sources.inventories.cells import read_cell, read_date
from custodiet.sources.spec import read_form, read_specs
from custodiet.sources.tables import Table, column_names, letter_of, read_csv, read_xlsx

ENCODINGS = ("utf-8", "cp1252")
# Text as a file can hold it: a lone surrogate can't be encoded, and a bare return ends a line.
CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
TABLES = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=6)
)
# Words that the readers take apart: more telling than letters at random.
TELLING = st.lists(
    st.sampled_from([
        "[", "]", "{", "}", "'", '"', ",", "-", "/", ":", "\n", "\\", "a) ", "b)", "yes", "no", "N/A", "TBD", "LES",
        "20", "2025", "00", "01", "13", "31", "Jun", "in-progress", "None", "lambda", "٢", "\xa0", "’",
    ]),
    max_size=12,
).map("".join)  # fmt: skip
ANY_TEXT = st.one_of(st.text(max_size=60), TELLING)
ANY_BYTES = st.one_of(st.binary(max_size=120), TELLING.map(str.encode), st.text('",\n\ra1\xe9', max_size=40).map(str.encode))
QUESTIONS = sorted({
    (column.field, column.kind)
    for spec, folder in read_specs()
    for release in spec.releases
    for column in read_form(folder, release.form).columns
    if column.field and column.kind != "identity"
})  # fmt: skip


def read_or_refuse(read: Callable[[], Table]) -> Table | None:
    """Return a table, or None where the file is refused; a refusal is one sentence."""
    try:
        return read()
    except InputError as refusal:
        if not is_one_sentence(refusal):
            raise
        return None


def is_one_sentence(error: InputError) -> bool:
    return len(str(error).splitlines()) == 1 and str(error).startswith("a/file.csv")


# --- Cells


@pytest.mark.parametrize(("field", "kind"), QUESTIONS)
@settings(max_examples=60)
@given(text=ANY_TEXT)
@example("")
@example("[]")
@example("[ ]")
@example(",")
@example("\n")
@example("[{[]: 1}]")
@example("[" * 5000)
@example("[" + "-" * 50_000 + "1]")
@example("['\\d']")
@example("[1, None, {}]")
@example("\ud800")
def test_cell_of_any_text_has_a_state_and_a_value_only_where_there_is_one(field: str, kind: str, text: str):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value, state = read_cell(field, kind, text)
    assert state in CELL_STATES
    assert state != "not-asked"
    if state == "reported":
        assert value
        assert value == value.strip()
    elif state in ("in-progress", "not-applicable"):
        assert value in (None, state)
    else:
        assert value is None


@pytest.mark.parametrize(("field", "kind"), QUESTIONS)
@pytest.mark.parametrize("text", ["", " ", "\n", "\xa0", "[]", " [] "])
def test_nothing_is_blank_in_every_column(field: str, kind: str, text: str):
    assert read_cell(field, kind, text) == (None, "blank")


# --- Dates


def is_prefix_of_an_iso_date(text: str) -> bool:
    return bool(re.fullmatch(r"(19[5-9]\d|20\d\d|2100)(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", text, re.ASCII))


@given(ANY_TEXT)
def test_date_of_any_text_is_a_prefix_of_an_iso_date_or_nothing(text: str):
    date = read_date(text)
    assert date is None or is_prefix_of_an_iso_date(date)


@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 9999), st.sampled_from(["iso", "american", "month"]))
@example(0, 15, 2025, "american")
@example(0, 15, 2025, "iso")
@example(5, 0, 2025, "iso")
@example(0, 1, 2025, "month")
def test_date_with_a_month_or_day_that_does_not_exist_is_not_read(month: int, day: int, year: int, form: str):
    text = {
        "iso": f"{year:04}-{month:02}-{day:02}",
        "american": f"{month}/{day}/{year:04}",
        "month": f"{month}/{year:04}",
    }[form]
    date = read_date(text)
    if date is None:
        return
    assert is_prefix_of_an_iso_date(date)
    assert date == (f"{year:04}-{month:02}" if form == "month" else f"{year:04}-{month:02}-{day:02}")


@given(st.dates().filter(lambda day: 1950 <= day.year <= 2100))
def test_whole_dates_are_read_as_they_stand(day):
    assert read_date(day.isoformat()) == day.isoformat()
    assert read_date(f"{day.isoformat()} 00:00:00") == day.isoformat()
    assert read_date(f"{day.month}/{day.day}/{day.year}") == day.isoformat()


@given(st.integers(1950, 2100), st.integers(1, 12))
def test_no_day_is_made_up(year: int, month: int):
    assert read_date(f"{year}") == f"{year}"
    assert read_date(f"{month}/{year}") == f"{year}-{month:02}"
    assert read_date(f"{month:02}/{year}") == f"{year}-{month:02}"


@pytest.mark.parametrize("text", ["24-May", "May 2025", "2025-02-30", "31/12/2025", "13/2025", "20251", "1/2/25", "Q1 2025"])
def test_date_that_could_be_read_in_two_ways_or_none_is_not_read(text: str):
    assert read_date(text) is None


# --- CSV


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(
    content=st.one_of(st.binary(max_size=120), TELLING.map(str.encode), st.text('",\n\ra1\xe9', max_size=40).map(str.encode))
)
@example(b"")
@example(b"\n")
@example(b"\n\xff")
@example(b"\na")
@example(b"a\rb")
@example(b"\x00")
@example(b'"')
@example(b"a,b\n" + b"x" * 200_000 + b"\xff")
@example(b"a,b\n" + b"x" * 1_000_001 + b",1\n")
@example(b"\xef\xbb\xbf")
@example("é,b\n".encode("utf-16"))
def test_csv_of_any_bytes_is_a_table_or_one_sentence(encoding: str, content: bytes):
    table = read_or_refuse(lambda: read_csv(content, encoding, "a/file.csv"))
    if table:
        assert table.headers
        assert all(len(row) == len(table.headers) for row in table.rows)


@given(TABLES, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_csv_that_was_written_is_read_as_it_was(rows: list[list[str]], line_end: str, with_mark: bool):
    assume(not rows[0][0].startswith("\ufeff"))
    out = io.StringIO(newline="")
    # With "\n" alone, the standard writer leaves a bare return in a cell unquoted.
    quoting = csv.QUOTE_ALL if line_end == "\n" else csv.QUOTE_MINIMAL
    csv.writer(out, lineterminator=line_end, quoting=quoting).writerows(rows)
    table = read_csv(out.getvalue().encode("utf-8-sig" if with_mark else "utf-8"), "utf-8", "a/file.csv")
    assert [list(table.headers), *map(list, table.rows)] == rows


@given(TABLES.filter(lambda rows: len(rows) > 1 and len(rows[0]) > 1), st.data())
def test_csv_that_lacks_a_cell_is_refused_at_its_row(rows: list[list[str]], data: st.DataObject):
    number = data.draw(st.integers(1, len(rows) - 1))
    damaged = [row[:-1] if position == number else row for position, row in enumerate(rows)]
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(damaged)
    with pytest.raises(InputError, match=rf"^a/file\.csv, row {number}, column ") as caught:
        read_csv(out.getvalue().encode(), "utf-8", "a/file.csv")
    assert is_one_sentence(caught.value)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_byte_of_another_encoding_is_told_with_its_row_column_and_place(mark: bytes):
    content = mark + b"id,name\n1,one\n2,caf\xe9\n"
    with pytest.raises(InputError, match=f"row 2, column 'name': byte {content.index(0xE9)} ") as caught:
        read_csv(content, "utf-8", "a/file.csv")
    assert is_one_sentence(caught.value)


@pytest.mark.parametrize("cell", [b'"' + b"x" * 1_000_001 + b'"', b'"never closed'])
def test_cell_that_can_not_be_read_is_told_with_its_row_and_column(cell: bytes):
    with pytest.raises(InputError, match=r"^a/file\.csv, row 2, column 'name': ") as caught:
        read_csv(b"id,name,more\n1,one,a\n2," + cell, "utf-8", "a/file.csv")
    assert is_one_sentence(caught.value)


def test_reading_leaves_the_limit_of_the_standard_reader_as_it_was():
    before = csv.field_size_limit()
    read_csv(b"a\n1\n", "utf-8", "a/file.csv")
    with pytest.raises(InputError):
        read_csv(b"a\n" + b"x" * 2_000_000, "utf-8", "a/file.csv")
    assert csv.field_size_limit() == before


# --- Columns


@given(st.integers(0, 20_000))
def test_letters_count_columns_as_spreadsheets_do(position: int):
    number = 0
    for letter in letter_of(position):
        number = number * 26 + ord(letter) - ord("A") + 1
    assert number == position + 1


@pytest.mark.parametrize(("position", "letter"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16383, "XFD")])
def test_letters_of_known_columns(position: int, letter: str):
    assert letter_of(position) == letter


@given(st.lists(st.one_of(CELLS, st.sampled_from(["", "A", "b", "Name", "name", " name\n"])), max_size=8))
@example(["", "A"])
@example(["B", "same", "same"])
@example(["", "a"])
def test_every_column_has_a_name_of_its_own(headers: list[str]):
    names = column_names(tuple(headers))
    assert len(names) == len(headers)
    assert all(names)
    assert len({name.casefold() for name in names}) == len(names)


# --- Workbooks


def small_workbook() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet("Cases")
        for number, row in enumerate([["id", "name"], ["1", "one"], ["2", "two"]]):
            page.write_row(number, 0, row)
    return out.getvalue()


WORKBOOK = small_workbook()
# Where the archive's directory says which version of the format, which alphabet, and which name its last member has.
ENTRY = WORKBOOK.rindex(b"PK\x01\x02")
VERSION, ALPHABET, NAME = ENTRY + 6, ENTRY + 9, ENTRY + 46


def test_small_workbook_is_read():
    table = read_xlsx(WORKBOOK, "Cases", 1, "a/file.csv")
    assert table.headers == ("id", "name")
    assert table.rows == (("1", "one"), ("2", "two"))


@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(0, len(WORKBOOK) - 1), st.integers(0, 255)), min_size=1, max_size=4))
@example([(VERSION, 64)])
@example([(ALPHABET, 8), (NAME, 0xFF)])
def test_workbook_with_changed_bytes_is_a_table_or_one_sentence(changes: list[tuple[int, int]]):
    content = bytearray(WORKBOOK)
    for place, byte in changes:
        content[place] = byte
    read_or_refuse(lambda: read_xlsx(bytes(content), "Cases", 1, "a/file.csv"))


@given(st.sampled_from(zipfile.ZipFile(io.BytesIO(WORKBOOK)).namelist()), st.data())
def test_workbook_whose_parts_are_damaged_is_a_table_or_one_sentence(part: str, data: st.DataObject):
    archive = zipfile.ZipFile(io.BytesIO(WORKBOOK))
    content = archive.read(part)
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, len(content)))
    filler = data.draw(st.sampled_from([b"", b"<", b'"', b"&x;", b"\xff", b"\n", b"99999999"]))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as damaged:
        for name in archive.namelist():
            damaged.writestr(name, content[:start] + filler + content[end:] if name == part else archive.read(name))
    read_or_refuse(lambda: read_xlsx(out.getvalue(), "Cases", 1, "a/file.csv"))


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_archive_whose_packed_bytes_are_damaged_is_one_sentence(method: int):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>" * 1000)
    content = bytearray(out.getvalue())
    content[50:70] = b"\xff" * 20
    with pytest.raises(InputError) as caught:
        read_xlsx(bytes(content), "Cases", 1, "a/file.csv")
    assert is_one_sentence(caught.value)
