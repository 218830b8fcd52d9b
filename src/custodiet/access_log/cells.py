"""Read a released file into a header and rows of text, strictly; DuckDB reads large CSV files itself (see `ingest`)."""

import csv
import datetime as dt
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from custodiet.access_log.files import MEMORY_LIMIT, Released
from custodiet.access_log.privacy import show_name
from custodiet.access_log.profiles import Fit, Profile, choose_profile, fit_headerless
from custodiet.access_log.words import COLUMNS
from custodiet.model.errors import InputError
from custodiet.sources.tables import CELL_LIMIT, Sheet, cell_limit, csv_problem, read_sheets

# A header may stand under a few lines of title.
HEADER_SEARCH = 20
DELIMITERS = (",", ";", "\t")
# Days from here, as spreadsheets count them; five digits are the years 1927 to 2173.
SERIAL_START = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's time has no zone
_SERIAL = re.compile(r"\d{5}(\.\d+)?")
COLUMNS_OF_TIME = {name: column.role == "time" for name, column in COLUMNS.items()}


@dataclass(frozen=True)
class Dialect:
    """How a CSV file on disk is written, for DuckDB to read it."""

    delimiter: str
    newline: str


@dataclass(frozen=True)
class Reading:
    """A released file (or sheet) under its profile. `rows` is None where DuckDB is to read it from disk."""

    released: Released
    # The file's name, and the sheet's where a workbook has several.
    name: str
    fit: Fit
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] | None
    dialect: Dialect | None = None
    # Rows that hold nothing at all are no records.
    empty_rows: int = 0
    # Sentences about what was strange, for the reader of the report.
    notes: tuple[str, ...] = ()
    # PDF: (row from 1, 0-based column) of the cells on which two readers differ.
    unreadable: tuple[tuple[int, int], ...] = ()


def read_released(released: Released, profiles: Sequence[Profile]) -> list[Reading]:
    """Return the readings of one file: one, or one a sheet that fits a profile.

    Raises:
        InputError: the file is damaged, or fits no profile.

    """
    if released.kind == "csv":
        readings = [read_text(released, profiles)]
    elif released.kind == "xlsx":
        readings = read_workbook(released, profiles)
    else:
        from custodiet.access_log.pdf import read_pdf  # noqa: PLC0415 - the readers take long to load

        readings = [read_pdf(released, profiles)]
    return [replace(readings[0], notes=(*released.notes, *readings[0].notes)), *readings[1:]]


# --- CSV


def read_text(released: Released, profiles: Sequence[Profile], *, by_duckdb: bool = True) -> Reading:
    """Return the reading of a CSV file; of a UTF-8 file on disk only its header is read here, where `by_duckdb`.

    Raises:
        InputError: a row with too few or too many cells, a quote that is not closed, or no profile that fits.

    """
    shown = released.name
    if released.path is not None and by_duckdb:
        with released.path.open("rb") as stream:
            # By its first part the file is UTF-8; the block may cut a character in two.
            start = stream.read(1 << 20).decode("utf-8-sig", "ignore")
        fit, delimiter, header_row = _find_fit(start, profiles, shown, is_whole=released.size <= 1 << 20)
        first_line = start.partition("\n")[0]
        # Lists of events and of sharing are short, and read whole; so is what is written with bare carriage returns.
        if header_row == 0 and fit.profile.kind == "searches" and "\r" not in first_line.removesuffix("\r"):
            newline = "\\r\\n" if first_line.endswith("\r") else "\\n"
            headers = _first_rows(start, delimiter)[0] if fit.has_header else _columns(fit)
            return Reading(released, shown, fit, tuple(headers), None, Dialect(delimiter, newline))
    content = released.content if released.content is not None else _content(released)
    text = content.decode(released.encoding)
    fit, delimiter, header_row = _find_fit(text, profiles, shown, is_whole=True)
    rows = _strict_rows(text, delimiter, shown)
    if not fit.has_header:
        return _whole(released, fit, _columns(fit), [row for row in rows if any(row)], rows)
    headers = rows[header_row]
    body = [row for row in rows[header_row + 1 :] if any(cell.strip() for cell in row)]
    return _whole(released, fit, headers, body, rows[header_row + 1 :])


def _content(released: Released) -> bytes:
    assert released.path is not None
    try:
        return released.path.read_bytes()
    except OSError as error:
        raise InputError(f"{released.name}: can't be read ({error.strerror}); check the file and its rights.") from None


def _whole(
    released: Released, fit: Fit, headers: Sequence[str], body: Sequence[list[str]], everything: Sequence[list[str]]
) -> Reading:
    for number, row in enumerate(body, start=1):
        if len(row) != len(headers):
            raise ragged(released.name, number, len(row), headers)
    rows = tuple(map(tuple, body))
    return Reading(released, released.name, fit, tuple(headers), rows, empty_rows=len(everything) - len(body))


def ragged(shown: str, number: int, found: int, headers: Sequence[str]) -> InputError:
    """Return the error of a row that has too few or too many cells."""
    position = min(found, len(headers))
    last = show_name(headers[position - 1], f"column {position}")
    return InputError(
        f"{shown}, row {number:,}, column {last!r}: {found} cells where the header has {len(headers)}; the file is cut off, "
        "damaged or shifted there, so ask for it again."
    )


def _columns(fit: Fit) -> tuple[str, ...]:
    """Return the headers that a file without any would have."""
    headers = {name: header for header, name in reversed(fit.profile.columns.items())}
    return tuple(headers.get(name or "", "") for name in fit.columns)


def _find_fit(text: str, profiles: Sequence[Profile], shown: str, *, is_whole: bool) -> tuple[Fit, str, int]:
    """Return the profile that fits, the delimiter, and the 0-based row of the header."""
    if not text.strip():
        raise InputError(f"{shown}: the file is empty; ask for it again.")
    for delimiter in DELIMITERS:
        rows = _first_rows(text, delimiter)
        for number, row in enumerate(rows):
            fit = choose_profile(row, profiles, shown)
            if fit is not None:
                return fit, delimiter, number
        if rows and (fit := fit_headerless(rows[0], profiles, shown)) is not None:
            return fit, delimiter, 0
    raise no_profile(_first_rows(text, ",")[:1], profiles, shown, is_whole=is_whole)


def _first_rows(text: str, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append(row)
            if len(rows) == HEADER_SEARCH:
                break
    except csv.Error:
        pass
    return rows


def no_profile(
    first: Sequence[Sequence[str]], profiles: Sequence[Profile], shown: str, *, is_whole: bool = True
) -> InputError:
    """Return the error of a file that fits no profile: what the nearest one lacks.

    It shows nothing of the file itself: its first row may be no header, and hold a plate or a name.
    """
    cells = first[0] if first else ()
    headers = {" ".join(cell.split()) for cell in cells}
    nearest = max(profiles, key=lambda p: len(headers & set(p.columns)), default=None)
    known = len(headers & set(nearest.columns)) if nearest else 0
    hint = ""
    if nearest and known:
        lacking = [name for name in nearest.columns if name not in headers and name not in nearest.optional]
        hint = f"the nearest, {nearest.id}, has {', '.join(map(repr, lacking[:4]))} besides the {known} that are there; "
    return InputError(
        f"{shown}, row 0: no profile fits its first row of {len(cells)} "
        f"cells{'' if is_whole else ' (as far as it was read)'}; "
        f"{hint}describe the columns in a profile of your own and give it with `--profile FILE`."
    )


def _strict_rows(text: str, delimiter: str, shown: str) -> list[list[str]]:
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        with cell_limit(CELL_LIMIT):
            rows.extend(reader)
    except csv.Error as error:
        problem = csv_problem(error)
        if "expected after" in problem:
            problem = "text stands behind the closing quote of a cell"
        raise InputError(
            f"{shown}, row {len(rows):,}, line {reader.line_num:,}: {problem}; ask for the file again."
        ) from None
    return rows


# --- Workbooks


def read_workbook(released: Released, profiles: Sequence[Profile]) -> list[Reading]:
    """Return a reading for each sheet that fits a profile; the others are named in the first one's notes.

    Raises:
        InputError: the workbook is damaged, or none of its sheets fits.

    """
    assert released.content is not None
    readings: list[Reading] = []
    passed: list[str] = []
    first: list[tuple[str, ...]] = []
    for number, sheet in enumerate(read_sheets(released.content, released.name, MEMORY_LIMIT), start=1):
        name = show_name(sheet.name, f"sheet {number}")
        found = _find_in_sheet(sheet.cells, profiles, f"{released.name}, sheet {name!r}")
        if found is None:
            passed.append(name)
            first = first or sheet.cells[:1]
            continue
        readings.append(_read_sheet(released, sheet, f"{released.name} [{name}]", *found))
    if not readings:
        raise no_profile(first, profiles, f"{released.name}, sheets {', '.join(map(repr, passed[:5]))}")
    if passed:
        note = f"Sheets of {released.name} that fit no profile were not read: {', '.join(map(repr, passed))}."
        readings[0] = replace(readings[0], notes=(note, *readings[0].notes))
    return readings


def _read_sheet(released: Released, sheet: Sheet, name: str, fit: Fit, header_row: int) -> Reading:
    """Return the reading of a sheet whose header is at a 0-based row; -1 stands for a sheet without one."""
    headers = sheet.cells[header_row] if fit.has_header else _columns(fit)
    below = sheet.cells[header_row + 1 :]
    body = tuple(row for row in below if any(cell.strip() for cell in row))
    notes = [f"{name}: the sheet is hidden in the workbook, and was read."] if sheet.is_hidden else []
    if merged := sum(last > first for first, last in sheet.merged if last > header_row):
        notes.append(
            f"{name}: {merged:,} merged cells span several rows; only the first row of each has the text, the others count "
            "as empty."
        )
    body, serials = _write_serials(body, fit.columns)
    if serials:
        notes.append(
            f"{name}: {serials:,} times stand as a spreadsheet's serial numbers, and were read as days from 1899-12-30."
        )
    return Reading(released, name, fit, tuple(headers), body, empty_rows=len(below) - len(body), notes=tuple(notes))


def _write_serials(
    rows: tuple[tuple[str, ...], ...], columns: Sequence[str | None]
) -> tuple[tuple[tuple[str, ...], ...], int]:
    """Return rows with spreadsheet serials in columns of times written as times, to the millisecond, and their number."""
    places = [place for place, name in enumerate(columns) if name is not None and COLUMNS_OF_TIME.get(name)]
    if not any(_SERIAL.fullmatch(row[place]) for row in rows for place in places):
        return rows, 0
    count = 0
    written = []
    for row in rows:
        cells = list(row)
        for place in places:
            if _SERIAL.fullmatch(cells[place]):
                count += 1
                cells[place] = _serial_time(cells[place])
        written.append(tuple(cells))
    return tuple(written), count


def _serial_time(text: str) -> str:
    time = SERIAL_START + dt.timedelta(milliseconds=round(float(text) * 86_400_000))
    return time.isoformat(" ", "milliseconds" if time.microsecond else "seconds")


def _find_in_sheet(cells: Sequence[Sequence[str]], profiles: Sequence[Profile], shown: str) -> tuple[Fit, int] | None:
    for number, row in enumerate(cells[:HEADER_SEARCH]):
        if (fit := choose_profile(row, profiles, shown)) is not None:
            return fit, number
    if cells and any(cells[0]) and (fit := fit_headerless(cells[0], profiles, shown)) is not None:
        return fit, -1
    return None
