"""Write a workbook: sheets of text and numbers, row by row, that hold no formula and cut nothing in silence."""

import datetime as dt
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from custodiet.exports.cells import XLSX_CELL_LIMIT, cut, neutralise
from custodiet.exports.place import MARK
from custodiet.model.errors import ExportError

# What a sheet of a workbook holds (Excel specifications and limits).
XLSX_ROW_LIMIT = 1_048_576
XLSX_COLUMN_LIMIT = 16_384
XLSX_NAME_LIMIT = 31
WIDEST = 60


class Workbook:
    """A workbook that is written once, sheet by sheet.

    Raises:
        ExportError: its folder can't be written to.

    """

    def __init__(self, path: Path, title: str) -> None:
        import xlsxwriter  # noqa: PLC0415 - only workbooks need it

        self._path = path
        try:
            # Rows that wait for the others lie beside the draft and under its name, and are taken away with it.
            self._waiting = tempfile.TemporaryDirectory(prefix=f"{path.name}.", dir=path.parent)
        except OSError as error:
            raise self._refused(error) from None
        # constant_memory: a row goes to the disk when the next one begins.
        self._book = xlsxwriter.Workbook(
            str(path),
            {
                "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "constant_memory": True,
                "tmpdir": self._waiting.name,
            },
        )  # fmt: skip
        # A fixed day: a workbook records when it was made, and the same register should give the same bytes.
        day = dt.datetime(2000, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)
        self._book.set_properties({"title": title, "comments": MARK, "created": day})
        self._bold = self._book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self._wrapped = self._book.add_format({"text_wrap": True, "valign": "top"})

    def add_sheet(self, name: str, names: Sequence[str], rows: Iterable[Sequence[Any]], widths: Sequence[int]) -> int:
        """Write a sheet with a frozen header and a filter; return how many cells had to be cut, and say so."""
        sheet = self._book.add_worksheet(name[:XLSX_NAME_LIMIT])
        for position, width in enumerate(widths):
            sheet.set_column(position, position, min(max(len(names[position]) + 2, width), WIDEST))
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, names, self._bold)
        number = cuts = 0
        for number, row in enumerate(rows, start=1):
            for position, cell in enumerate(row):
                if cell is None:
                    continue
                if isinstance(cell, str):
                    text = neutralise(cell)
                    if len(text) > XLSX_CELL_LIMIT:
                        text, cuts = cut(text), cuts + 1
                    sheet.write_string(number, position, text, self._wrapped)
                elif isinstance(cell, dt.date):
                    sheet.write_string(number, position, cell.isoformat(), self._wrapped)
                else:
                    sheet.write(number, position, cell, self._wrapped)
        if names:
            sheet.autofilter(0, 0, number, len(names) - 1)
        return cuts

    def close(self) -> None:
        """Write the file.

        Raises:
            ExportError: it can't be written.

        """
        from xlsxwriter.exceptions import FileCreateError  # noqa: PLC0415

        try:
            self._book.close()
        except (FileCreateError, OSError) as error:
            raise self._refused(error) from None
        finally:
            self._waiting.cleanup()

    def _refused(self, error: Exception) -> ExportError:
        return ExportError(f"{self._path}: can't be written ({error}); choose another file.")
