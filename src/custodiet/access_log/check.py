"""Hold a file to its profile: a shifted column, or one that is not what the profile says, ends the run.

The first offending rows are shown by the shapes of their cells ("99/99/9999", "aaa 999"), never by their text.
"""

import re
from collections.abc import Sequence

from custodiet.access_log.ingest import File, source_sql
from custodiet.access_log.states import CODES
from custodiet.access_log.words import COLUMNS
from custodiet.model.errors import InputError
from custodiet.model.text import tidy
from custodiet.store import Register

# A log of millions of rows may hold a few times that nobody can read; more than one in a thousand is another form.
UNPARSED_SHARE = 0.001
SHOWN_ROWS = 3
SHAPE_LENGTH = 24
_TIME = re.compile(r"\d{1,4}[/-]\d{1,2}[/-]\d{1,4}\D+\d{1,2}:\d{2}")
_PARSED = {
    "time_code": ("time", "date"), "window_code": ("time_frame", "window_start", "window_end"),
    "networks_code": ("networks",),
    "devices_code": ("devices",),
}  # fmt: skip


def check_columns(database: Register, files: Sequence[File]) -> None:
    """Refuse files whose times and counts are not where their profile has them.

    Raises:
        InputError: which column of which file, and the shapes of the first offending rows.

    """
    for file in files:
        for code, names in _PARSED.items():
            _check(database, file, code, [name for name in names if name in file.reading.fit.columns])
        _check_years(database, file)


def _check(database: Register, file: File, code: str, names: Sequence[str]) -> None:
    if not names:
        return
    offending = [
        int(row) for (row,) in database.rows(
            f"select rowid - $first + 1 from read_rows where file_no = $number and {code} = {CODES['unparsed']} "
            f"order by rowid limit {SHOWN_ROWS}",
            {"first": file.first, "number": file.number},
        )
    ]  # fmt: skip
    if not offending:
        return
    ((count,),) = database.rows(
        f"select count(*) from read_rows where file_no = $number and {code} = {CODES['unparsed']}", {"number": file.number}
    )
    cells = _rows(database, file, offending)
    # Of several columns, the first whose cell in the first of these rows is no time.
    positions = [file.reading.fit.columns.index(name) for name in names]
    position = next((at for at in positions if not _TIME.search(cells[offending[0]][at])), positions[0])
    is_shifted = any(
        _TIME.search(cell)
        for row in cells.values()
        for at, cell in enumerate(row)
        if at != position
        and (name := file.reading.fit.columns[at]) is not None
        and COLUMNS[name].role in ("text", "count", "id")
    ) or (code != "time_code" and any(_TIME.search(row[position]) for row in cells.values() if code != "window_code"))
    if not is_shifted and count <= file.rows * UNPARSED_SHARE:
        return
    header = tidy(file.reading.headers[position])
    shapes = "; ".join(f"row {number:,} has {shape(row[position])!r}" for number, row in cells.items())
    what = "a number" if COLUMNS[names[0]].role == "count" else "a time"
    remedy = (
        "the columns are shifted there, so ask for the file again"
        if is_shifted
        else "say how it is written in a profile of your own, with `--profile FILE`"
    )
    raise InputError(
        f"{file.reading.name}, row {offending[0]:,}, column {header!r}: {count:,} of {file.rows:,} cells are not "
        f"{what} of a form "
        f"that the profile {file.reading.fit.profile.id} knows (by their shapes, {shapes}); {remedy}."
    )


def _check_years(database: Register, file: File) -> None:
    """Refuse a file whose years have two digits: a format with four takes them for years of the first century."""
    rows = database.rows(
        f"select rowid - $first + 1 from read_rows where file_no = $number and time < timestamp '0100-01-01' "
        f"and time >= timestamp '0002-01-01' order by rowid limit {SHOWN_ROWS}",
        {"first": file.first, "number": file.number},
    )
    if rows:
        position = next(at for at, name in enumerate(file.reading.fit.columns) if name in ("date", "time"))
        raise InputError(
            f"{file.reading.name}, row {int(rows[0][0]):,}, column {tidy(file.reading.headers[position])!r}: the year has "
            "two digits; say so in a profile of your own, with %y in its times and `--profile FILE`."
        )


def _rows(database: Register, file: File, numbers: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Return the cells of a few rows, by their numbers."""
    if file.reading.rows is not None:
        return {number: file.reading.rows[number - 1] for number in numbers}
    found = database.rows(
        f"select * from (select row_number() over () as row_no, * from {source_sql(file.number, file.reading)}) "
        "where row_no in (select unnest($numbers::bigint[])) order by row_no",
        {"numbers": list(numbers)},
    )
    return {int(row[0]): tuple(row[1:]) for row in found}


def shape(cell: str) -> str:
    """Return what a cell looks like: letters as a, digits as 9, the rest as it is, the first characters only."""
    return re.sub(r"[0-9]", "9", re.sub(r"[^\W\d_]", "a", tidy(cell)))[:SHAPE_LENGTH]
