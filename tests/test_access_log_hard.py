"""Hard files, one trap each: how people write, cut, re-save and pack logs."""

import datetime as dt
import io
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from custodiet.access_log.files import SNIFFED
from custodiet.access_log.log import Options, open_log
from custodiet.access_log.privacy import show_name
from custodiet.access_log.profiles import find_profile, read_profiles
from custodiet.access_log.time_zones import offset_changes, read_zone
from custodiet.model.beside import Beside, wait_for_all
from custodiet.model.errors import CustodietError
from logs import FLOCK_14, KEY, flock_row, integrity_of, measures_of, records_of, to_csv, write_log

ROWS = [flock_row(i, Reason=("ICE", "burglary", "", "inv")[i % 4], CaseNo="" if i % 2 else "26-1") for i in range(1, 13)]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the rows give as an ordinary CSV file."""
    return measures_of(write_log(tmp_path_factory.mktemp("plain") / "log.csv", ROWS))


# --- CSV


@pytest.mark.parametrize(
    ("change", "empty_rows"),
    [
        (lambda text: text.replace("\n", "\r"), 0),
        (lambda text: text + "," * 13 + "\n" + "," * 13 + "\n", 2),
        (lambda text: text + "\n\n", 2),
        (lambda text: text.replace("00-0000-4000", "00-0000-4000", 1) + " ," + "," * 12 + "\n", 1),
    ],
    ids=["bare carriage returns", "rows of commas", "blank lines", "a row of a blank"],
)
def test_rows_that_hold_nothing_are_no_searches_and_bare_returns_end_lines(
    tmp_path: Path, plain: dict[str, Any], change: Callable[[str], str], empty_rows: int
) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(change(to_csv(ROWS)).encode())
    assert measures_of(path) == plain
    found = integrity_of(path)
    assert found["files"][0]["empty_rows"] == empty_rows
    assert bool(empty_rows) == any("hold nothing" in warning for warning in found["warnings"])


def test_a_large_file_whose_last_row_is_not_utf_8_is_read_all_the_same(tmp_path: Path) -> None:
    rows = [flock_row(i) for i in range(1, SNIFFED // 150)]
    path = tmp_path / "log.csv"
    path.write_bytes(to_csv(rows).encode() + to_csv([flock_row(0, Reason="Peña")]).partition("\n")[2].encode("cp1252"))
    assert path.stat().st_size > SNIFFED
    assert measures_of(path)["rows"] == len(rows) + 1
    assert integrity_of(path)["files"][0]["encoding"] == "cp1252"
    path.write_bytes(path.read_bytes()[:-3] + b"\x00\n\n")
    with pytest.raises(CustodietError, match="holds a NUL"):
        measures_of(path)


def test_a_header_without_rows_is_told(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(",".join(FLOCK_14) + "\n", "utf-8")
    assert any("no rows" in warning for warning in integrity_of(path)["warnings"])


def test_a_narrow_space_before_am_is_a_space(tmp_path: Path, plain: dict[str, Any]) -> None:
    rows = [row | {"Search Time": row["Search Time"].replace(" AM", "\u202fAM")} for row in ROWS]
    assert measures_of(write_log(tmp_path / "log.csv", rows)) == plain


def test_a_count_below_zero_is_no_count(tmp_path: Path) -> None:
    rows = [*(flock_row(i) for i in range(1, 2001)), flock_row(0, TotalNetworksSearched="-5")]
    path = write_log(tmp_path / "log.csv", rows)
    assert measures_of(path)["networks"]["sum"] == 10_000
    assert integrity_of(path)["files"][0]["states"]["networks"]["unparsed"] == 1


def test_times_of_another_millennium_are_told(tmp_path: Path) -> None:
    path = write_log(tmp_path / "log.csv", [flock_row(1, SearchTime="04/08/9026, 01:00:00 PM UTC")])
    assert any("9026" in warning for warning in integrity_of(path, options=Options(time_zone="America/Denver"))["warnings"])


def test_windows_from_the_year_one_do_not_hold_up_a_local_log(tmp_path: Path) -> None:
    row = {"Time": "2026-04-08 09:00:00", "From": "0001-01-01 00:00:00", "To": "2026-04-08 09:00:00"}
    path = write_log(tmp_path / "log.csv", [row])
    profile = tmp_path / "own.yml"
    profile.write_text(
        "id: own\ntitle: own\ntimes: [plain]\ncolumns: {Time: time, From: window_start, To: window_end}\n", "utf-8"
    )
    options = Options(time_zone="America/Los_Angeles", profile=find_profile(profile))
    assert measures_of(path, options=options)["lookback"]["365"]["beyond"] == 1


@pytest.mark.parametrize(
    "name", ["America/Los_Angeles", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kolkata"]
)
def test_every_change_of_an_offset_is_found(name: str) -> None:
    zone = read_zone(name)
    first, last = dt.datetime.fromisoformat("2023-02-05T07:30"), dt.datetime.fromisoformat("2027-01-01")
    changes = offset_changes(first, last, zone)
    at = first
    while at < last:
        (_, seconds) = [one for one in changes if one[0] <= at.replace(minute=0)][-1]
        assert at.replace(minute=0, tzinfo=zone).utcoffset() == dt.timedelta(seconds=seconds), at
        at += dt.timedelta(hours=7)


# --- Without a header


@pytest.mark.parametrize("headers", [FLOCK_14, FLOCK_14[1:], [name for name in FLOCK_14 if name != "Total Devices Searched"]])
def test_a_form_is_known_by_what_its_columns_hold(tmp_path: Path, headers: list[str]) -> None:
    whole = write_log(tmp_path / "whole.csv", ROWS, headers)
    bare = tmp_path / "bare.csv"
    bare.write_bytes(whole.read_bytes().partition(b"\n")[2])
    assert measures_of(bare) == measures_of(whole)
    assert not integrity_of(bare)["files"][0]["has_header"]


def test_two_forms_that_look_alike_without_a_header_are_told_and_one_can_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("0b1c-22,u1,2026-04-08 09:00:00.000,12,burglary\n", "utf-8")
    with pytest.raises(CustodietError, match="several profiles fit"):
        measures_of(path)
    found = measures_of(path, options=Options(profile=find_profile(Path("portal-cameras"))))
    assert (found["devices"]["sum"], found["networks"]) == (12, None)


def test_profiles_that_were_not_read_in_a_file_say_so() -> None:
    inferred = {profile.id for profile in read_profiles() if profile.evidence == "inferred"}
    assert inferred == {
        "flock-2026", "flock-offence-type", "flock-processed-6", "flock-release-5", "flock-split-time", "generic",
    }  # fmt: skip


# --- Workbooks


def _write_book(path: Path, fill: Callable[[Any], None]) -> Path:
    book = xlsxwriter.Workbook(str(path))
    fill(book)
    book.close()
    return path


def _fill(sheet: Any, rows: list[dict[str, str]], serials: bool = False) -> None:
    for column, header in enumerate(FLOCK_14):
        sheet.write_string(0, column, header)
        for number, row in enumerate(rows, start=1):
            if serials and header == "Search Time":
                # 2026-04-08 09:00:00, as spreadsheets count days.
                sheet.write_number(number, column, 46120.375)
            else:
                sheet.write_string(number, column, row[header])


def test_serial_numbers_of_a_spreadsheet_are_times(tmp_path: Path, plain: dict[str, Any]) -> None:
    path = _write_book(tmp_path / "log.xlsx", lambda book: _fill(book.add_worksheet(), ROWS, serials=True))
    assert measures_of(path) == plain
    assert any("12 times stand as a spreadsheet's serial numbers" in warning for warning in integrity_of(path)["warnings"])


def test_hidden_sheets_and_merged_cells_are_told(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        _fill(book.add_worksheet("Shown"), ROWS[:6])
        hidden = book.add_worksheet("Kept back")
        _fill(hidden, ROWS[6:])
        hidden.merge_range(2, 7, 4, 7, "one reason for three")
        hidden.hide()

    path = _write_book(tmp_path / "log.xlsx", fill)
    assert measures_of(path)["rows"] == 12
    warnings = " ".join(integrity_of(path)["warnings"])
    # A sheet may be named after somebody; which one it is its number says.
    assert "[sheet 2]: the sheet is hidden" in warnings
    assert "1 merged cells span several rows" in warnings


def test_a_workbook_under_another_name_is_named(tmp_path: Path) -> None:
    path = _write_book(tmp_path / "log.xlsx", lambda book: _fill(book.add_worksheet(), ROWS)).rename(tmp_path / "log.csv")
    with pytest.raises(CustodietError, match="is a workbook under another name"):
        measures_of(path)


def test_two_copies_in_one_zip_are_one_file_too_many(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.csv", to_csv(ROWS))
        archive.writestr("b.csv", to_csv(ROWS))
    path = tmp_path / "log.zip"
    path.write_bytes(stream.getvalue())
    with pytest.raises(CustodietError, match=r"log.zip/b.csv: the same file as log.zip/a.csv"):
        measures_of(path)


# --- What few searches would tell


@pytest.mark.parametrize(
    ("counts", "shown"), [([95, 5], False), ([30] * 9, False), ([30] * 20, True), ([1] * 10 + [500], False)]
)
def test_concentration_tells_of_no_single_user(tmp_path: Path, counts: list[int], shown: bool) -> None:
    rows = [flock_row(Name=f"user{user}") for user, n in enumerate(counts) for _ in range(n)]
    for number, row in enumerate(rows):
        row["ID"] = f"00000000-0000-4000-8000-{number:012}"
    found = records_of(write_log(tmp_path / "log.csv", rows))["concentration"]
    assert found["value"]["members"] == len(counts)
    assert (found["value"]["gini"] is not None) == (found["value"]["top_tenth_share"] is not None) == shown
    assert shown or "not shown" in found["why"]


def test_an_error_in_the_middle_leaves_no_thread_that_uses_the_log(tmp_path: Path) -> None:
    path = write_log(tmp_path / "log.csv", [flock_row(1, SearchTime="never")])
    for _ in range(3):
        with pytest.raises(CustodietError, match="not a time"), open_log([path], KEY):
            pass


# --- Windows whose ends have columns of their own


def _windows(path: Path, *ends: str | None) -> Path:
    rows = [
        {"User": "u", "Search From": "2026-01-01 10:00:00", **({} if end is None else {"Search To": end}),
         "Search Time": "2026-03-01 10:00:00"} for end in ends
    ]  # fmt: skip
    return write_log(path, rows)


@pytest.mark.parametrize("end", [None, ""])
def test_without_an_end_of_the_window_nothing_is_said_of_windows_wholly_older(tmp_path: Path, end: str | None) -> None:
    found = records_of(_windows(tmp_path / "log.csv", end, end))["lookback"]
    assert found["value"]["30"] == {
        "beyond": 2, "beyond_with_tolerance": 2, "beyond_one_network": None, "wholly_older": None,
    }  # fmt: skip
    assert "no row has the end of its window" in found["why"]


def test_an_end_that_is_no_time_is_told_with_its_column(tmp_path: Path) -> None:
    with pytest.raises(CustodietError, match="row 2, column 'Search To': 1 of 2 cells are not a time"):
        measures_of(_windows(tmp_path / "log.csv", "2026-01-02 10:00:00", "next week"))


def test_years_of_two_digits_are_refused(tmp_path: Path) -> None:
    rows = [{"User": "u", "Reason": "theft", "Search Time": f"6/{day}/25 10:00"} for day in (2, 3)]
    with pytest.raises(CustodietError, match="row 1, column 'Search Time': the year has two digits"):
        measures_of(write_log(tmp_path / "log.csv", rows))


def test_an_offence_type_beside_the_columns_of_the_older_form_is_read(tmp_path: Path) -> None:
    path = write_log(tmp_path / "log.csv", [row | {"Offense Type": "Stalking"} for row in ROWS])
    (file,) = integrity_of(path)["files"]
    assert (file["profile"], file["columns_left_out"]) == ("flock-offence-type", [])
    assert file["states"]["offence_type"] == {"value": len(ROWS)}


# --- Names that a release gives its parts


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Sheet1", "Sheet1"), ("12_1_2025-12_31_2025-Town WA PD-Network-Audit", None), ("Search Audit 2025", None),
     ("Smith", "sheet 7"), ("ABC1234", "sheet 7"), ("Audit of J. Smith", "sheet 7"), ("03-04-1987", "sheet 7"),
     ("5415550100", "sheet 7"), ("", "sheet 7")],
)  # fmt: skip
def test_a_name_of_unknown_words_is_shown_by_its_number(name: str, shown: str | None) -> None:
    assert show_name(name, "sheet 7") == (shown or name)


def test_a_zip_s_notices_are_passed_over_and_named(tmp_path: Path) -> None:
    path = tmp_path / "log.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("README.txt", "What is in here")
        archive.writestr("folder/License.md", "CC0")
        archive.writestr("Zorvath 5415550100.csv", to_csv(ROWS))
    assert measures_of(path)["rows"] == len(ROWS)
    found = integrity_of(path)
    assert found["files"][0]["file"] == "log.zip/file 3.csv"
    assert "Notices in log.zip were not read: log.zip/README.txt, log.zip/folder/License." in found["warnings"]


def test_a_zip_of_notices_holds_no_log(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "log.zip", "w") as archive:
        archive.writestr("readme", "What is in here")
    with pytest.raises(CustodietError, match="holds no file of a log"):
        measures_of(tmp_path / "log.zip")


def test_a_header_that_no_profile_knows_is_shown_by_its_number(tmp_path: Path) -> None:
    rows = [row | {"Zorvath 541-555-0100": "x"} for row in ROWS]
    (file,) = integrity_of(write_log(tmp_path / "log.csv", rows))["files"]
    assert file["columns_left_out"] == [f"column {len(rows[0])}"]
    # Its last row lacks its last cell.
    (tmp_path / "log.csv").write_text(to_csv(rows).rsplit(",", 1)[0], "utf-8")
    with pytest.raises(CustodietError, match="column") as caught:
        measures_of(tmp_path / "log.csv")
    assert "Zorvath" not in str(caught.value)


def test_a_failed_command_waits_for_the_work_beside_it() -> None:
    is_done = threading.Event()
    Beside(lambda: (time.sleep(0.2), is_done.set()))
    assert not is_done.is_set()
    wait_for_all(10)
    assert is_done.is_set()
