"""Read a published file into text cells, strictly: every row whole, every header accounted for.

Nothing is repaired. A file that is cut off, re-saved in another encoding or re-arranged is refused with the
place where that first shows.
"""

import csv
import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from custodiet.model.errors import InputError

# The largest file, cell and unpacked workbook that we read: an inventory is a few megabytes.
FILE_LIMIT = 500_000_000
CELL_LIMIT = 1_000_000
UNPACKED_LIMIT = 500_000_000
UNPACK_RATIO_LIMIT = 200


@dataclass(frozen=True)
class Table:
    """A file's cells as text. `rows` are the data records; record 1 is `rows[0]`."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def letter_of(position: int) -> str:
    """Return the spreadsheet letter of a 0-based column position: 0 is A, 26 is AA."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def fold_header(header: str) -> str:
    """Return a header with its white space put in order: publishers break lines inside headers."""
    return re.sub(r"\s+", " ", header).strip()


def column_names(headers: tuple[str, ...]) -> tuple[str, ...]:
    """Return how each column is cited: by its header, or by its letter where headers repeat."""
    folded = [fold_header(header) for header in headers]
    counts = Counter(name.casefold() for name in folded)
    return tuple(
        name if name and counts[name.casefold()] == 1 else letter_of(position) for position, name in enumerate(folded)
    )


def read_bytes(path: Path, shown: str) -> bytes:
    """Return the bytes of a file, or say why it can't be read."""
    try:
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
    text = _decode(content, encoding, shown)
    rows = list(_csv_rows(text, shown))
    if not rows:
        raise InputError(f"{shown}: the file is empty; fetch it again.")
    headers = rows[0]
    for number, row in enumerate(rows[1:], start=1):
        if len(row) != len(headers):
            last = headers[min(len(row), len(headers)) - 1]
            raise InputError(
                f"{shown}, row {number}, column {fold_header(last)!r}: {len(row)} cells where the header has "
                f"{len(headers)}; the file is cut off or damaged there, so fetch it again."
            )
    return Table(tuple(headers), tuple(tuple(row) for row in rows[1:]))


def _decode(content: bytes, encoding: str, shown: str) -> str:
    codec = "utf-8-sig" if encoding == "utf-8" else encoding
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
    try:
        return content.decode(codec)
    except UnicodeDecodeError as error:
        before = content[: error.start].decode(codec, "replace")
        rows = list(csv.reader(io.StringIO(before, newline="")))
        row, column = (len(rows) - 1, len(rows[-1])) if rows else (0, 1)
        name = rows[0][column - 1] if rows and column <= len(rows[0]) else str(column)
        raise InputError(
            f"{shown}, row {row}, column {fold_header(name)!r}: byte {error.start:,} is not {encoding}; the file was "
            "saved in another encoding, so fetch it again."
        ) from None


def _csv_rows(text: str, shown: str) -> Iterator[list[str]]:
    # The standard reader's limit belongs to the whole process: set it, and give it back.
    before = csv.field_size_limit(CELL_LIMIT)
    read = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), strict=True):
            yield row
            read += 1
    except csv.Error as error:
        problem = str(error)
        if "field larger" in problem:
            problem = f"a cell is longer than {CELL_LIMIT:,} characters"
        elif "unexpected end" in problem:
            problem = "the file ends inside a quoted cell"
        raise InputError(f"{shown}, row {read}: {problem}; fetch the file again.") from None
    finally:
        csv.field_size_limit(before)


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
                    f"{shown}, sheet {sheet!r}, row {number}, column {fold_header(name)!r}: a cell is longer than "
                    f"{CELL_LIMIT:,} characters; fetch the file again."
                )
    return Table(headers, tuple(rows))


def _as_text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _check_unpacked_size(content: bytes, shown: str) -> None:
    """Refuse an archive that unpacks to far more than it should, by unpacking it and counting."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile:
        raise InputError(f"{shown}: not an XLSX workbook; fetch it again.") from None
    limit = min(UNPACKED_LIMIT, max(len(content) * UNPACK_RATIO_LIMIT, 10_000_000))
    unpacked = 0
    with archive:
        for member in archive.infolist():
            try:
                with archive.open(member) as stream:
                    while block := stream.read(1 << 20):
                        unpacked += len(block)
                        if unpacked > limit:
                            raise InputError(
                                f"{shown}: unpacks to more than {limit:,} bytes in {member.filename!r}; "
                                "this is not the published workbook, so fetch it again."
                            )
            except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
                raise InputError(
                    f"{shown}: {member.filename!r} inside the workbook is damaged ({error}); fetch it again."
                ) from None
