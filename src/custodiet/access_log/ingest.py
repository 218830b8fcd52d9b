"""Read released files into a database in memory: distinct texts once each, rows as numbers, times and their states.

The plaintext of a row is never kept as a row. Each file is read three times: for its Merkle leaves, for the distinct
values of its columns, and for its rows. This floor's SQL is DuckDB's own (it reads files and parses times); what is
computed from its tables is in `steps`, and runs elsewhere, too.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from custodiet.access_log.cells import Reading, read_text
from custodiet.access_log.merkle import SEPARATOR, leaf_sql
from custodiet.access_log.profiles import Profile
from custodiet.access_log.states import UNREADABLE, parsed_state_sql
from custodiet.access_log.words import COLUMNS, COUNT_COLUMNS, TEXT_COLUMNS
from custodiet.model.errors import InputError
from custodiet.store import Register
from custodiet.store.database import literal
from custodiet.store.key import Key

# What stays of a row once its leaf is hashed: the columns of `read_rows`.
ROW_COLUMNS = (
    "file_no", "search", "time", "time_code", "opened", "closed", "window_code",
    *(f"{name}{part}" for name in COUNT_COLUMNS for part in ("", "_code")), *TEXT_COLUMNS,
)  # fmt: skip
# Cells that go to DuckDB at a time.
BATCH_ROWS = 20_000


@dataclass(frozen=True)
class File:
    """What is known of a file (or sheet) of searches once it is read."""

    number: int
    reading: Reading
    rows: int
    # In the order of the table `read_rows`: its row 1 is row id `first`.
    first: int


class _UncleanError(Exception):
    """DuckDB did not read a file cleanly; `position` is that of its reading."""

    def __init__(self, position: int) -> None:
        super().__init__(position)
        self.position = position


def load_readings(database: Register, readings: Sequence[Reading], profiles: Sequence[Profile], key: Key) -> list[File]:
    """Fill `read_rows`, `text_counts` and one `texts_<column>` each; return the files.

    A file that DuckDB does not read cleanly is read again by the strict reader, which takes it or finds the fault.

    Raises:
        InputError: a file is damaged, or the log does not fit into memory.

    """
    taken = list(readings)
    while True:
        try:
            return _load(database, taken, key)
        except _UncleanError as unclean:
            taken[unclean.position] = read_text(taken[unclean.position].released, profiles, by_duckdb=False)
            for (table,) in database.rows("select table_name from information_schema.tables"):
                database.run(f"drop table {table}")


def _load(database: Register, readings: Sequence[Reading], key: Key) -> list[File]:
    for number, reading in enumerate(readings, start=1):
        if reading.rows is not None:
            _load_cells(database, number, reading)
    _make_dictionaries(database, readings)
    for position, reading in enumerate(readings):
        if reading.rows is None and not reading.released.encoding.startswith("utf-8"):
            raise _UncleanError(position)
    # Sixteen bytes, so that an ID of the usual 36 is hashed as one block with them.
    known = {name for reading in readings for name in reading.fit.columns if name is not None}
    salts = {"search": key.derive("search")[:16], "leaf": merkle_salt(key, readings)}
    files = []
    first = 0
    for number, reading in enumerate(readings, start=1):
        _load_rows(database, number, reading, known, salts)
        ((rows,),) = database.rows("select count(*) from read_rows where file_no = $number", {"number": number})
        _refuse_separators(database, number, reading)
        file = File(number, reading, rows, first)
        first += rows
        if reading.rows is not None:
            database.run(f"drop table cells_{number}")
        elif not _accounts_for_lines(database, file):
            # Rows that hold nothing may be what is missing; few files have any.
            file = replace(file, reading=replace(reading, empty_rows=_count_blank(database, reading)))
            if not _accounts_for_lines(database, file):
                raise _UncleanError(number - 1)
        files.append(file)
    return files


def drop_leaves(database: Register) -> None:
    """Drop the Merkle leaves of the rows, which nobody needs once there is a root, and what was noted of the file's lines."""
    for name in ("leaf", "inner_lines", "is_odd"):
        database.run(f"alter table read_rows drop column {name}")


def _refuse_separators(database: Register, number: int, reading: Reading) -> None:
    """Refuse a file with the separator of the Merkle leaves in a cell: two of its rows could have one leaf."""
    odd = "exists (select 1 from read_rows where is_odd)"
    for column in TEXT_COLUMNS:
        odd += f" or exists (select 1 from texts_{column} where contains(text, chr({ord(SEPARATOR)})))"
    if database.rows(f"select {odd}") == [(True,)]:
        raise InputError(
            f"{reading.name}, file {number}: a cell holds the control character U+001F, which no log has; save the "
            f"file without it."
        )


def _accounts_for_lines(database: Register, file: File) -> bool:
    """Tell whether every line feed of a file on disk is one of its rows' or cells'; its last line may end without one."""
    ((inner,),) = database.rows(
        "select coalesce(sum(inner_lines), 0) from read_rows where file_no = $number", {"number": file.number}
    )
    for column in TEXT_COLUMNS:
        ((more,),) = database.rows(
            f"select coalesce(sum(c.\"rows\" * (strlen(t.text) - strlen(replace(t.text, chr(10), '')))), 0) from "
            f"text_counts c "
            f"join texts_{column} t on t.id = c.id where c.\"column\" = '{column}' and c.file_no = $number "
            "and contains(t.text, chr(10))",
            {"number": file.number},
        )
        inner += more
    reading = file.reading
    lines = file.rows + inner + sum(header.count("\n") for header in reading.headers) + reading.fit.has_header
    return lines + reading.empty_rows - reading.released.scanned.line_feeds in (0, 1)


def _count_blank(database: Register, reading: Reading) -> int:
    """Return how many rows of a file on disk hold nothing."""
    ((count,),) = database.rows(f"select count(*) from {_file_sql(reading)} where {_blank_sql(reading)}")
    return int(count)


def merkle_salt(key: Key, readings: Sequence[Reading]) -> bytes:
    """Return the salt of the leaves: one for these files under this key. It is given with the report."""
    return key.derive("merkle:" + ":".join(reading.released.sha256 for reading in readings))


def source_sql(number: int, reading: Reading) -> str:
    """Return SQL for a file's records, as text columns c0, c1, ...: a table of cells in memory, or the file itself.

    A row that holds nothing at all is no record, here as with the strict reader.
    """
    if reading.rows is not None or reading.dialect is None:
        return f"cells_{number}"
    return f"(select * from {_file_sql(reading)} where not ({_blank_sql(reading)}))"


def _blank_sql(reading: Reading) -> str:
    cells = [f"c{position}" for position in range(len(reading.headers))]
    # Nearly every row has a cell that begins with something visible; the others are looked at as a whole.
    visible = " or ".join(f"{cell} >= '!'" for cell in cells)
    return f"not ({visible}) and trim(concat({', '.join(cells)}), ' \t\r\n') = ''"


def _file_sql(reading: Reading) -> str:
    assert reading.dialect is not None
    columns = ", ".join(f"'c{position}': 'varchar'" for position in range(len(reading.headers)))
    return (
        f"read_csv({literal(str(reading.released.path))}, auto_detect = false, header = "
        f"{str(reading.fit.has_header).lower()}, "
        f"delim = {literal(reading.dialect.delimiter)}, quote = '\"', escape = '\"', new_line = "
        f"{literal(reading.dialect.newline)}, "
        # An empty cell is an empty text, and no null: a file says nothing about nulls.
        f"nullstr = {literal(UNREADABLE * 8)}, strict_mode = true, null_padding = false, max_line_size = 2000000, "
        f"columns = {{{columns}}})"
    )


def _load_cells(database: Register, number: int, reading: Reading) -> None:
    assert reading.rows is not None
    width = len(reading.headers)
    database.run(f"create table cells_{number} ({', '.join(f'c{position} varchar' for position in range(width))})")
    columns = ", ".join(f"unnest($c{position}::varchar[])" for position in range(width))
    unreadable = set(reading.unreadable)
    for start in range(0, len(reading.rows), BATCH_ROWS):
        batch = reading.rows[start : start + BATCH_ROWS]
        lists: dict[str, list[str]] = {
            f"c{position}": [
                UNREADABLE if (start + offset + 1, position) in unreadable else row[position]
                for offset, row in enumerate(batch)
            ]
            for position in range(width)
        }
        database.run(f"insert into cells_{number} select {columns}", lists)


def _run_over(
    database: Register, number: int, reading: Reading, sql: str, parameters: Mapping[str, Any] | None = None
) -> None:
    """Run a statement that reads a file. DuckDB's own message of a fault would show the row, and is dropped."""
    try:
        database.run(sql, parameters)
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:
        if reading.rows is not None:
            raise
        raise _UncleanError(number - 1) from None


def canonical_sql(number: int, reading: Reading, more: str = "") -> str:
    """Return SQL for a file's canonical columns as text, null where it has no such column, and for what else is given."""
    placed = {name: f"c{position}" for position, name in enumerate(reading.fit.columns) if name is not None}
    columns = [f"{placed.get(name, 'null::varchar')} as {name}" for name in COLUMNS]
    return f"(select {', '.join([*columns, more] if more else columns)} from {source_sql(number, reading)})"


def _make_dictionaries(database: Register, readings: Sequence[Reading]) -> None:
    """Make `texts_<column>` (id, text) and `text_counts` (column, id, file_no, rows). A text's id is its hash.

    A join to a table of ids would lose the order of the file's rows, and with it row numbers and the Merkle root.
    """
    database.run('create table read_texts ("column" varchar, id ubigint, text varchar, file_no integer, "rows" bigint)')
    for number, reading in enumerate(readings, start=1):
        present = [name for name in TEXT_COLUMNS if name in reading.fit.columns]
        if not present:
            continue
        # Of each grouping set, one column is not null; a file itself holds no nulls.
        names = " ".join(
            f"when {((1 << len(present)) - 1) ^ (1 << place)} then {literal(name)}"
            for place, name in enumerate(reversed(present))
        )
        _run_over(
            database,
            number,
            reading,
            f"""
            insert into read_texts select "column", hash(text), text, {number}, "rows" from (
              select case grouping_id({", ".join(present)}) {names} end as "column", coalesce({", ".join(present)}) as text,
                count(*) as "rows"
              from {canonical_sql(number, reading)} group by grouping sets ({", ".join(f"({name})" for name in present)})
            )
            """,
        )
    for name in TEXT_COLUMNS:
        distinct = "distinct" if sum(name in reading.fit.columns for reading in readings) > 1 else ""
        database.run(f"create table texts_{name} as select {distinct} id, text from read_texts where \"column\" = '{name}'")
        # With 2 million texts the chance of it is one in 10 million.
        ((texts, ids),) = database.rows(f"select count(*), count(distinct id) from texts_{name}")
        if texts != ids:
            raise InputError(f"{readings[0].name}: two texts of the column {name} have one hash; give its files one by one.")
    database.run('create table text_counts as select "column", id, file_no, "rows" from read_texts')
    database.run("drop table read_texts")


def time_sql(text: str, profile: Profile) -> str:
    """Return SQL for the timestamp that a text writes in one of the profile's forms, or null."""
    first, *others = (literal(form) for form in profile.time_formats)
    # Nearly all cells have the first form and no blanks around it; the rest costs twice as much.
    # Some browsers write a narrow space that does not break before AM and PM.
    plain = f"trim(replace(replace({text}, chr(8239), ' '), chr(160), ' '), ' \r\n')"
    return f"coalesce(try_strptime({text}, {first}), try_strptime({plain}, [{', '.join([first, *others])}]))"


def _half(text: str, number: int) -> str:
    """Return SQL for one of the two times of a time frame: on two lines, joined by "to", or run together by a PDF."""
    apart = (
        f"case when contains({text}, ' to ') then replace({text}, ' to ', chr(10)) else regexp_replace({text}, "
        rf"'(UTC|Z|[AP]M|\d)\s*[-–]?\s+(\d{{1,2}}/\d{{1,2}}/|\d{{4}}-)', '\1' || chr(10) || '\2') end"
    )
    return f"split_part(case when contains({text}, chr(10)) then {text} else {apart} end, chr(10), {number})"


def _load_rows(database: Register, number: int, reading: Reading, known: Set[str], salts: Mapping[str, Any]) -> None:
    profile = reading.fit.profile
    present = {name for name in reading.fit.columns if name is not None}
    written = "split_part(date, ' ', 1) || ' ' || time" if {"date", "time"} <= present else "time"
    if "time" not in present and "date" in present:
        written = "date"
    start, end = (
        (_half("time_frame", 1), _half("time_frame", 2)) if "time_frame" in present else ("window_start", "window_end")
    )
    window = "time_frame" if "time_frame" in present else "window_start"
    values = {"time": time_sql("written", profile), "opened": time_sql(start, profile), "closed": time_sql(end, profile)}
    values |= {
        name: f"coalesce(try_cast({name} as integer), try_cast(replace(trim({name}), ',', '') as integer))"
        for name in COUNT_COLUMNS
    }
    # No count is below zero.
    values |= {name: f"nullif(greatest({values[name]}, -1), -1)" for name in COUNT_COLUMNS}
    parsed = ", ".join(f"{sql} as {name}_value" for name, sql in values.items())
    left = {
        "time": "case when time_value is null then written end",
        "window": f"case when opened_value is null or closed_value is null then {window} end",
        **{name: f"case when {name}_value is null then {name} end" for name in COUNT_COLUMNS},
    }
    has = {"time": bool({"time", "date"} & present), "window": window in present, **{c: c in present for c in COUNT_COLUMNS}}
    codes = {
        name: parsed_state_sql("time_frame" if name == "window" else name, str(has[name]).lower(), f"r.{name}_left")
        for name in left
    }
    # A column that no file has is nulls of the smallest kind, as each takes its whole width in memory.
    none = {name: "null::ubigint" if name in known else "null::utinyint" for name in TEXT_COLUMNS}
    ids = ", ".join(f"{f'hash(r.{name})' if name in present else none[name]} as {name}" for name in TEXT_COLUMNS)
    counts = ", ".join(f"r.{name}_value as {name}, {codes[name]} as {name}_code" for name in COUNT_COLUMNS)
    cells = [f"c{position}" for position in range(len(reading.headers))]
    # Line feeds within texts are counted by distinct text; of the other cells, a time frame has one, between its two times.
    # A cell that was parsed has no separator; texts are looked through one by one, all others here.
    others = [cell for cell, name in zip(cells, reading.fit.columns, strict=True) if name in (None, "search_id", "date")]
    odd = " or ".join(f"contains({cell}, chr({ord(SEPARATOR)}))" for cell in others) or "false"
    lines = " + ".join(
        f"contains({cell}, chr(10))::utinyint"
        for cell, name in zip(cells, reading.fit.columns, strict=True)
        if name in (None, "time_frame")
    )
    more = f"{leaf_sql(cells)} as leaf, ({lines or '0'})::utinyint as inner_lines, {odd} as has_odd"
    left_odd = " or ".join(f"contains(coalesce(r.{name}_left, ''), chr({ord(SEPARATOR)}))" for name in left)
    target = "create table read_rows as" if number == 1 else "insert into read_rows"
    _run_over(
        database,
        number,
        reading,
        f"""
        {target}
        select {number}::usmallint as file_no,
          case when coalesce(r.search_id, '') <> '' then md5_number($search::blob || encode(r.search_id)) end as search,
          r.time_value as time, {codes["time"]} as time_code,
          r.opened_value as opened, r.closed_value as closed, {codes["window"]} as window_code, {counts}, {ids},
          r.leaf, r.inner_lines, r.has_odd or {left_odd} as is_odd
        from (
          select *, {", ".join(f"{sql} as {name}_left" for name, sql in left.items())}
          from (
            select *, {parsed} from (select *, {written} as written from {canonical_sql(number, reading, more)})
          )
        ) r
        """,
        salts,
    )
