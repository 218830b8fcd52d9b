"""Damaged files in a mirror: one sentence, exit 2, and the register stays as it was."""

import csv
import io
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from command import COMMAND, assert_one_sentence, environment, run, sha256

DHS = "dhs-inventory-2025/2025_0128_ocio-dhs-ai-use-case-inventory.xlsx"
OMB_2023 = "omb-inventory-2023/2023_consolidated_ai_inventory_raw.csv"
OMB_2024 = "omb-inventory-2024/2024_consolidated_ai_inventory_raw_v2.csv"
OMB_2025 = "omb-inventory-2025/2025_individually_reported_AI_use_cases.csv"
COMMON = "omb-inventory-2025/2025_consolidated_COTS_AI_use_cases.csv"
FOLDERS = ("dhs-inventory-2025", "omb-inventory-2023", "omb-inventory-2024", "omb-inventory-2025")
SHEET = "All Use Cases"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def register(register_file: Path, home: Path) -> Path:
    return shutil.copy(register_file, home / "register.duckdb")


@pytest.fixture
def copy(mirror: Path, tmp_path: Path) -> Path:
    """A mirror whose files point to the published ones, so that one of them can be replaced."""
    folder = tmp_path / "mirror"
    for name in FOLDERS:
        (folder / name).mkdir(parents=True)
        for file in (mirror / name).resolve().iterdir():
            (folder / name / file.name).symlink_to(file)
    return folder


def replace(copy: Path, file: str, content: bytes | None) -> None:
    (copy / file).unlink()
    if content is not None:
        (copy / file).write_bytes(content)


def record_ends(content: bytes, encoding: str) -> list[int]:
    """Return the byte at which the header and each data record end; record n ends at [n]."""
    lines = io.StringIO(content.decode(encoding), newline="").readlines()
    reader = csv.reader(lines)
    ends, done, position = [], 0, 0
    for _ in reader:
        position += sum(len(line.encode(encoding)) for line in lines[done : reader.line_num])
        done = reader.line_num
        ends.append(position)
    return ends


def edit_csv(content: bytes, encoding: str, edit: Callable[[list[list[str]]], object]) -> bytes:
    rows = list(csv.reader(io.StringIO(content.decode(encoding), newline="")))
    edit(rows)
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode(encoding)


def edit_workbook(content: bytes, edit: Callable[[list[list[object]]], object]) -> bytes:
    """Write the sheet of a workbook anew, all cells as text."""
    cells = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name(SHEET).to_python()
    edit(cells)
    return workbook(SHEET, [[str(cell) for cell in row] for row in cells])


def workbook(sheet: str, rows: list[list[str]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_urls": False}) as book:
        page = book.add_worksheet(sheet)
        for number, row in enumerate(rows):
            for position, cell in enumerate(row):
                page.write_string(number, position, cell)
    return out.getvalue()


def change_one_digit(content: bytes) -> bytes:
    place = content.rindex(b"2025")
    return content[:place] + b"2024" + content[place + 4 :]


def cut_after_first_cell_of_record_1001(content: bytes) -> bytes:
    end = record_ends(content, "utf-8")[1000]
    return content[: content.index(b",", end) + 1]


def cut_inside_quotes_of_record_5(content: bytes) -> bytes:
    ends = record_ends(content, "utf-8")
    quote = content.index(b',"', ends[4], ends[5])
    return content[: quote + 12]


def grow_cell(rows: list[list[str]]) -> None:
    rows[7][3] = "x" * 10_000_000


def rename_column(rows: list[list[str]]) -> None:
    rows[0][5] = "A new name"


def drop_column(rows: list[list[str]]) -> None:
    for row in rows:
        del row[5]


def drop_last_ten(rows: list[list[object]]) -> None:
    del rows[-10:]


def drop_first_row(rows: list[list[object]]) -> None:
    del rows[0]


def other_zip(_: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("letter.txt", "Dear agency, ...")
    return out.getvalue()


# file, what happens to it, and what the sentence must say beside the file's name.
CSV_DAMAGES = {
    "a changed byte": (OMB_2025, change_one_digit, "sha256"),
    "a changed byte in the common list": (COMMON, lambda b: b.replace(b"e", b"f", 1), ""),
    "cut off in the middle of a row": (
        OMB_2025, cut_after_first_cell_of_record_1001, r"row 1,?001, column '.+': .*cut off",
    ),
    "cut off at the end of a row": (OMB_2025, lambda b: b[: record_ends(b, "utf-8")[1000]], r"row 1,?000\b.*cut off"),
    "cut off inside quotes": (OMB_2025, cut_inside_quotes_of_record_5, r"row 5, column '.+': .*quoted cell"),
    "2024 cut off at the end of a row": (
        OMB_2024, lambda b: b[: record_ends(b, "cp1252")[2000]], r"row 2,?000\b.*cut off",
    ),
    "2023 added to": (OMB_2023, lambda b: b + b[record_ends(b, "utf-8-sig")[0] :], r"row 1,?420\b"),
    "a renamed column": (OMB_2025, lambda b: edit_csv(b, "utf-8", rename_column), "column '.+' is missing.*'A new name'"),
    "a renamed column of 2023": (OMB_2023, lambda b: b.replace(b"Department_Code", b"Dept", 1), "'Department_Code'"),
    "a dropped column": (OMB_2025, lambda b: edit_csv(b, "utf-8", drop_column), "column '.+' is missing"),
    "saved as UTF-16": (OMB_2025, lambda b: b.decode("utf-8").encode("utf-16"), "UTF-16"),
    "saved as UTF-16 without a mark": (OMB_2023, lambda b: b.decode("utf-8-sig").encode("utf-16-le"), "encoding"),
    "cp1252 saved as UTF-8": (OMB_2024, lambda b: b.decode("cp1252").encode(), "UTF-8"),
    "cp1252 saved as UTF-8 with a mark": (OMB_2024, lambda b: b.decode("cp1252").encode("utf-8-sig"), "UTF-8"),
    "UTF-8 saved as cp1252": (
        OMB_2025, lambda b: b.decode("utf-8").encode("cp1252", "replace"), r"row \d[\d,]*, column '.+': .*encoding",
    ),
    "UTF-8 saved as Latin-1": (
        OMB_2025, lambda b: b.decode("utf-8").encode("latin-1", "replace"), r"row \d[\d,]*, column '.+': .*encoding",
    ),
    "a cell of 10 MB": (OMB_2025, lambda b: edit_csv(b, "utf-8", grow_cell), r"row 7, column '.+': .*cell"),
    "empty": (OMB_2025, lambda _: b"", "empty"),
    "nothing but line ends": (OMB_2025, lambda _: b"\n\n\n", ""),
    "a first line of nothing": (OMB_2025, lambda b: b"\n" + b, "row 0"),
    "a picture": (OMB_2025, lambda _: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 50, ""),
}  # fmt: skip
WORKBOOK_DAMAGES = {
    "a changed byte": (lambda b: b[:-1] + b"\x01", ""),
    "a text file": (lambda _: b"This is not a workbook.\n" * 20, "XLSX"),
    "an empty file": (lambda _: b"", "XLSX"),
    "a zip that is no workbook": (other_zip, "workbook"),
    "a workbook without the sheet": (lambda _: workbook("Sheet1", [["a"], ["b"]]), f"sheet '{SHEET}'"),
    "a sheet with no rows": (lambda _: workbook(SHEET, []), f"sheet '{SHEET}'"),
    "cut off": (lambda b: b[: len(b) // 2], "XLSX"),
    "ten rows fewer": (lambda b: edit_workbook(b, drop_last_ten), r"row \d+\b.*cut off"),
    "no row of sections": (lambda b: edit_workbook(b, drop_first_row), "column '.+' is missing"),
}


def assert_refused(copy: Path, register: Path, home: Path, file: str, says: str) -> None:
    before = sha256(register)
    done = run("build", "--mirror", copy, "--register", register, home=home)
    sentence = assert_one_sentence(done)
    assert file in sentence
    assert re.search(says, sentence), sentence
    assert "fetch" in sentence
    assert sha256(register) == before
    assert not list(register.parent.glob(".*.building-*"))


@pytest.mark.parametrize("damage", CSV_DAMAGES)
def test_damaged_csv_is_refused_in_one_sentence(damage: str, copy: Path, register: Path, home: Path, mirror: Path):
    file, change, says = CSV_DAMAGES[damage]
    replace(copy, file, change((mirror / file).read_bytes()))
    assert_refused(copy, register, home, file, says)


@pytest.mark.parametrize("damage", WORKBOOK_DAMAGES)
def test_damaged_workbook_is_refused_in_one_sentence(damage: str, copy: Path, register: Path, home: Path, mirror: Path):
    change, says = WORKBOOK_DAMAGES[damage]
    replace(copy, DHS, change((mirror / DHS).read_bytes()))
    assert_refused(copy, register, home, DHS, says)


@pytest.mark.parametrize("file", [OMB_2023, DHS])
def test_missing_file_in_its_folder_is_refused(file: str, copy: Path, register: Path, home: Path):
    replace(copy, file, None)
    before = sha256(register)
    sentence = assert_one_sentence(run("build", "--mirror", copy, "--register", register, home=home))
    assert file in sentence
    assert "no such file" in sentence
    assert sha256(register) == before


def test_folder_in_the_place_of_a_file_is_refused(copy: Path, register: Path, home: Path):
    replace(copy, COMMON, None)
    (copy / COMMON).mkdir()
    before = sha256(register)
    sentence = assert_one_sentence(run("build", "--mirror", copy, "--register", register, home=home))
    assert COMMON in sentence
    assert sha256(register) == before


@pytest.mark.parametrize("by_variable", [False, True])
def test_mirror_that_does_not_exist_is_refused(by_variable: bool, register: Path, home: Path):
    before = sha256(register)
    if by_variable:
        done = run("build", "--register", register, home=home, CUSTODIET_MIRROR="no-such-folder")
    else:
        done = run("build", "--register", register, "--mirror", "no-such-folder", home=home)
    sentence = assert_one_sentence(done)
    assert "no-such-folder" in sentence
    assert ("CUSTODIET_MIRROR" if by_variable else "--mirror") in sentence
    assert sha256(register) == before


@pytest.mark.parametrize(
    ("line", "says"),
    [(b'{"verdict": "accept"}\n', "line 1"), (b"not JSON\n", "line 1"), (b"\xff\xfe\x00\n", "UTF-8")],
)
def test_damaged_judgement_file_is_refused(line: bytes, says: str, mirror: Path, register: Path, home: Path):
    own = home / "mine.jsonl"
    own.write_bytes(line)
    before = sha256(register)
    done = run("build", "--mirror", mirror, "--register", register, "--judgements", own, home=home)
    sentence = assert_one_sentence(done)
    assert "mine.jsonl" in sentence
    assert says in sentence
    assert sha256(register) == before


def build_with_bounds(copy: Path, register: Path, home: Path) -> tuple[subprocess.CompletedProcess[str], float, float]:
    """Run a build that may take 8 GB at most; return it, its seconds, and its peak in bytes."""
    errors = home / "stderr.txt"
    command = [COMMAND, "build", "--mirror", copy, "--register", register]
    started = time.monotonic()
    with errors.open("w", encoding="utf-8") as stream:
        process = subprocess.Popen(
            ["/bin/sh", "-c", 'ulimit -v 8000000 2>/dev/null; exec "$@"', "sh", *command],
            env=environment(home), cwd=home, stdout=subprocess.DEVNULL, stderr=stream,
        )  # fmt: skip
        guard = threading.Timer(60, process.kill)
        guard.start()
        _, status, usage = os.wait4(process.pid, 0)
        guard.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
    done = subprocess.CompletedProcess(command, process.returncode, "", errors.read_text("utf-8", "replace"))
    return done, time.monotonic() - started, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def add_zeros(content: bytes) -> bytes:
    """Return a workbook with a member that unpacks to more than 1 GB."""
    out = io.BytesIO(content)
    with (
        zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("xl/media/image1.bin", "w", force_zip64=True) as member,
    ):
        block = bytes(1 << 24)
        for _ in range(66):
            member.write(block)
    return out.getvalue()


def spread_two_cells(_: bytes) -> bytes:
    """Return a workbook of a few kilobytes whose two cells stand in the first and the last corner of the sheet."""
    small = zipfile.ZipFile(io.BytesIO(workbook(SHEET, [["a"], ["b"]])))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in small.namelist():
            content = small.read(name)
            if name.endswith("sheet1.xml"):
                content = content.replace(b'<row r="2"', b'<row r="1048576"').replace(b'r="A2"', b'r="XFD1048576"')
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize("bomb", [add_zeros, spread_two_cells])
def test_decompression_bomb_is_refused_soon_and_in_bounded_memory(
    bomb: Callable[[bytes], bytes], copy: Path, register: Path, home: Path, mirror: Path
):
    content = bomb((mirror / DHS).read_bytes())
    assert len(content) < 2_000_000
    replace(copy, DHS, content)
    before = sha256(register)
    done, seconds, peak = build_with_bounds(copy, register, home)
    assert DHS in assert_one_sentence(done)
    assert seconds < 20
    assert peak < 1_000_000_000
    assert sha256(register) == before
