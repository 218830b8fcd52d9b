"""Read a published file into text cells, strictly: every row whole, every header accounted for.

Nothing is repaired. A file that is cut off, re-saved in another encoding or re-arranged is refused with the
place where that first shows.
"""

import contextlib
import csv
import io
import lzma
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from custodiet.model.errors import InputError
from custodiet.model.text import tidy

# The largest file, cell and unpacked workbook that we read: an inventory is a few megabytes.
FILE_LIMIT = 500_000_000
CELL_LIMIT = 1_000_000
UNPACKED_LIMIT = 500_000_000
UNPACK_RATIO_LIMIT = 200
# Cells in the rectangle that a sheet spans.
SPAN_LIMIT = 20_000_000


@dataclass(frozen=True)
class Table:
    """A file's cells as text. `rows` are the data records; record 1 is `rows[0]`."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    # How many records the file itself says that there are, and what in its frame shows that it is not whole.
    counted: int | None = None
    faults: tuple[str, ...] = ()


def letter_of(position: int) -> str:
    """Return the spreadsheet letter of a 0-based column position: 0 is A, 26 is AA."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_names(headers: tuple[str, ...]) -> tuple[str, ...]:
    """Return how each column is cited: by its header, or by its letter where headers repeat or are empty.

    A header that is itself the letter of such a column gives way to its own letter, so that no two names are one.
    """
    folded = [tidy(header) for header in headers]
    counts = Counter(name.casefold() for name in folded)
    by_letter = {position for position, name in enumerate(folded) if not name or counts[name.casefold()] > 1}
    while True:
        letters = {letter_of(position).casefold() for position in by_letter}
        more = {position for position, name in enumerate(folded) if name.casefold() in letters} - by_letter
        if not more:
            break
        by_letter |= more
    return tuple(letter_of(position) if position in by_letter else name for position, name in enumerate(folded))


def read_bytes(path: Path, shown: str) -> bytes:
    """Return the bytes of a file, or say why it can't be read."""
    try:
        if path.exists() and not path.is_file():
            raise InputError(f"{shown}: is no file; put the published file there, or point the mirror elsewhere.")
        if path.stat().st_size > FILE_LIMIT:
            raise InputError(f"{shown}: larger than {FILE_LIMIT:,} bytes; this is not the published file.")
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{shown}: there is no such file; put it there, or point the mirror elsewhere.") from None
    except OSError as error:
        raise InputError(f"{shown}: can't be read ({error.strerror}); check the file and its rights.") from None


def read_csv(content: bytes, encoding: str, shown: str) -> Table:
    """Return the cells of a CSV file.

    Raises:
        InputError: another encoding, a row with too few or too many cells (so also a file that is cut off), a
            cell beyond the limit, or no header.

    """
    text = decode(content, encoding, shown)
    rows = _csv_rows(text, shown)
    if not rows or not rows[0]:
        empty = "the file is empty" if not rows else "the file begins without a header"
        raise InputError(f"{shown}, row 0: {empty}; fetch it again.")
    headers = rows[0]
    for number, row in enumerate(rows[1:], start=1):
        if len(row) != len(headers):
            last = headers[min(len(row), len(headers)) - 1]
            raise InputError(
                f"{shown}, row {number}, column {tidy(last)!r}: {len(row)} cells where the header has "
                f"{len(headers)}; the file is cut off or damaged there, so fetch it again."
            )
    return Table(tuple(headers), tuple(tuple(row) for row in rows[1:]))


def read_tsv(content: bytes, columns: int, shown: str) -> Table:
    """Return the cells of a tab-separated file that has no header; its columns are cited by their letters.

    Raises:
        InputError: another encoding, or a row with too few or too many cells.

    """
    rows = [tuple(line.split("\t")) for line in decode(content, "utf-8", shown).removesuffix("\n").split("\n")]
    for number, row in enumerate(rows, start=1):
        if len(row) != columns:
            raise InputError(
                f"{shown}, row {number}: {len(row)} cells where there should be {columns}; the file is cut off or damaged "
                "there, so fetch it again."
            )
    return Table(tuple(letter_of(position) for position in range(columns)), tuple(rows))


def decode(content: bytes, encoding: str, shown: str) -> str:
    """Return a file's text.

    Raises:
        InputError: it is in another encoding.

    """
    for mark, other in ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16")):
        if content.startswith(mark):
            raise InputError(f"{shown}, row 0, column 1: saved as {other}, published as {encoding}; fetch it again.")
    if encoding != "utf-8" and not content.isascii():
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            raise InputError(
                f"{shown}: saved as UTF-8, published as {encoding}; fetch the file again instead of re-saving it."
            )
    mark_length = 3 if encoding == "utf-8" and content.startswith(b"\xef\xbb\xbf") else 0
    body = content[mark_length:]
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        rows = _read_loosely(body[: error.start].decode(encoding, "replace"))
        row, column = (len(rows) - 1, len(rows[-1])) if rows else (0, 1)
        name = rows[0][column - 1] if rows and 0 < column <= len(rows[0]) else str(column)
        raise InputError(
            f"{shown}, row {row}, column {tidy(name)!r}: byte {error.start + mark_length:,} is not {encoding}; the "
            "file was saved in another encoding, so fetch it again."
        ) from None


@contextlib.contextmanager
def cell_limit(limit: int) -> Iterator[None]:
    """Let the reader of CSV take cells of so many characters, and no longer ones, for a while."""
    # The standard reader's limit belongs to the whole process: set it, and give it back.
    before = csv.field_size_limit(limit)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def csv_problem(error: csv.Error) -> str:
    """Return what a strict reader of CSV gave up on, in words for a person."""
    problem = str(error)
    if "field larger" in problem:
        return f"a cell is longer than {CELL_LIMIT:,} characters"
    return "the file ends inside a quoted cell" if "unexpected end" in problem else problem


def _read_loosely(text: str) -> list[list[str]]:
    """Return the rows of a text that is not whole, to say where it breaks."""
    with cell_limit(FILE_LIMIT):
        return list(csv.reader(io.StringIO(text, newline="")))


def _csv_rows(text: str, shown: str) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        with cell_limit(CELL_LIMIT):
            rows.extend(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        problem = csv_problem(error)
        rows = _read_loosely(text)
        row, column = _find_fault(text, rows)
        name = rows[0][column] if rows and column < len(rows[0]) else letter_of(column)
        raise InputError(f"{shown}, row {row}, column {tidy(name)[:80]!r}: {problem}; fetch the file again.") from None
    return rows


def _find_fault(text: str, rows: list[list[str]]) -> tuple[int, int]:
    """Return the row and 0-based column at which the strict reader gave up."""
    good = 0
    with cell_limit(CELL_LIMIT), contextlib.suppress(csv.Error):
        for _ in csv.reader(io.StringIO(text, newline=""), strict=True):
            good += 1
    cells = rows[good] if good < len(rows) else [""]
    long = [position for position, cell in enumerate(cells) if len(cell) > CELL_LIMIT]
    return good, long[0] if long else max(len(cells) - 1, 0)


def read_xlsx(content: bytes, sheet: str | None, header_row: int, shown: str) -> Table:
    """Return the cells of one sheet of a workbook as text; `header_row` is the 1-based row of the headers.

    Raises:
        InputError: no workbook, a workbook that unpacks to far more than it should, no such sheet, a cell
            beyond the limit, or no header.

    """
    _check_unpacked_size(content, shown)
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 - only a build needs it

    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    except (CalamineError, OSError, ValueError) as error:
        raise InputError(f"{shown}: not a readable workbook ({error}); fetch it again.") from None
    if sheet is None or sheet not in workbook.sheet_names:
        names = ", ".join(repr(name) for name in workbook.sheet_names)
        raise InputError(f"{shown}: has no sheet {sheet!r} (it has {names}); fetch the published workbook.")
    try:
        cells = workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError) as error:
        raise InputError(f"{shown}, sheet {sheet!r}: can't be read ({error}); fetch it again.") from None
    if len(cells) < header_row:
        raise InputError(f"{shown}, sheet {sheet!r}: ends before its header in row {header_row}; fetch it again.")
    headers = tuple(str(cell) for cell in cells[header_row - 1])
    rows = [tuple(_as_text(cell) for cell in row) for row in cells[header_row:]]
    for number, row in enumerate(rows, start=1):
        for name, cell in zip(headers, row, strict=True):
            if len(cell) > CELL_LIMIT:
                raise InputError(
                    f"{shown}, sheet {sheet!r}, row {number}, column {tidy(name)!r}: a cell is longer than "
                    f"{CELL_LIMIT:,} characters; fetch the file again."
                )
    return Table(headers, tuple(rows))


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook: all of its rows as text, whether it is hidden, and the 0-based rows that merged cells span."""

    name: str
    cells: list[tuple[str, ...]]
    is_hidden: bool
    merged: tuple[tuple[int, int], ...]


def read_sheets(content: bytes, shown: str, unpacked_limit: int = UNPACKED_LIMIT) -> Iterator[Sheet]:
    """Yield every sheet of a workbook that holds cells.

    Raises:
        InputError: no workbook, or a workbook that unpacks to far more than it should.

    """
    _check_unpacked_size(content, shown, unpacked_limit)
    # Only who reads a workbook needs it.
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum  # noqa: PLC0415

    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for about in workbook.sheets_metadata:
            if about.typ != SheetTypeEnum.WorkSheet:
                continue
            sheet = workbook.get_sheet_by_name(about.name)
            merged = tuple((start[0], end[0]) for start, end in sheet.merged_cell_ranges or ())
            cells = [tuple(map(_as_text, row)) for row in sheet.to_python(skip_empty_area=False)]
            yield Sheet(about.name, cells, about.visible != SheetVisibleEnum.Visible, merged)
    except (CalamineError, OSError, ValueError) as error:
        raise InputError(f"{shown}: not a readable workbook ({error}); fetch it again.") from None


def _as_text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _check_unpacked_size(content: bytes, shown: str, unpacked_limit: int = UNPACKED_LIMIT) -> None:
    """Refuse an archive that unpacks to far more than it should, or whose sheets span far too many cells, unopened.

    Both are counted, not believed: the workbook's reader makes room for the whole rectangle between its outermost cells.
    """
    limit = min(unpacked_limit, max(len(content) * UNPACK_RATIO_LIMIT, 10_000_000))
    unpacked = 0
    name = ""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist():
                name = member.filename
                sheet = bytearray()
                with archive.open(member) as stream:
                    while block := stream.read(1 << 20):
                        unpacked += len(block)
                        if unpacked > limit:
                            raise InputError(
                                f"{shown}: unpacks to more than {limit:,} bytes in {name!r}; this is not the published "
                                "workbook, so fetch it again."
                            )
                        if "worksheets/" in name:
                            sheet += block
                _check_span(bytes(sheet), f"{shown}, {name!r}")
    except InputError:
        raise
    except zipfile.BadZipFile:
        raise InputError(f"{shown}: not an XLSX workbook, or a damaged one; fetch it again.") from None
    except (zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        inside = f" {name!r} inside" if name else ""
        raise InputError(f"{shown}:{inside} the workbook is damaged ({error}); fetch it again.") from None


def _check_span(sheet: bytes, shown: str) -> None:
    columns, rows = 1, 1
    # Cells and rows name their places, and a sheet its dimension, which readers believe before they see a cell.
    places = re.findall(rb'\br="([A-Za-z]*)(\d+)"', sheet) + re.findall(rb'<dimension[^>]*?([A-Za-z]+)(\d+)"', sheet)
    for letters, number in places:
        # No sheet has columns of more than three letters or rows of more than seven digits; both would overflow a reader.
        column = 0
        for letter in letters[:4].upper():
            column = column * 26 + letter - ord("A") + 1
        columns, rows = max(columns, column), max(rows, int(number[:9]))
    if columns * rows > SPAN_LIMIT:
        raise InputError(
            f"{shown}: its cells lie {rows:,} rows and {columns:,} columns apart, more than {SPAN_LIMIT:,} cells; this "
            "is not the published workbook, so fetch it again."
        )
