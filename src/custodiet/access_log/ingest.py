"""Read released files into a database in memory: distinct texts once each, rows as numbers, times and their states.

The plaintext of a row is never kept as a row. Each file is read three times: for its Merkle leaves, for the distinct
values of its columns, and for its rows. This floor's SQL is DuckDB's own (it reads files and parses times); what is
computed from its tables is in `steps`, and runs elsewhere, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from custodiet.access_log.cells import Reading, read_text
from custodiet.access_log.key import Key
from custodiet.access_log.merkle import leaf_sql, root_of_table
from custodiet.access_log.profiles import Profile
from custodiet.access_log.states import UNREADABLE, parsed_state_sql
from custodiet.access_log.words import COLUMNS, COUNT_COLUMNS, TEXT_COLUMNS
from custodiet.model.errors import InputError
from custodiet.store import Register
from custodiet.store.database import literal

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


def load_readings(
    database: Register, readings: Sequence[Reading], profiles: Sequence[Profile], key: Key
) -> tuple[list[File], str]:
    """Fill `read_rows`, `files` and one `texts_<column>` each; return the files, and the Merkle root over their rows as hex.

    Raises:
        InputError: a file is damaged, or a column's cells are not what its profile says.

    """
    salt = merkle_salt(key, readings)
    database.run("create table leaves (leaf blob)")
    taken = [_take(database, number, reading, profiles, salt) for number, reading in enumerate(readings, start=1)]
    root = root_of_table(database, "leaves").hex()
    _make_dictionaries(database, taken)
    search_salt = key.derive("search")
    files = []
    first = 0
    for number, reading in enumerate(taken, start=1):
        rows = _load_rows(database, number, reading, search_salt)
        files.append(File(number, reading, rows, first))
        first += rows
    for file in files:
        if file.reading.rows is not None:
            database.run(f"drop table cells_{file.number}")
    return files, root


def merkle_salt(key: Key, readings: Sequence[Reading]) -> bytes:
    """Return the salt of the leaves: one for these files under this key. It is given with the report."""
    return key.derive("merkle:" + ":".join(reading.released.sha256 for reading in readings))


def source_sql(number: int, reading: Reading) -> str:
    """Return SQL for a file's cells, as text columns c0, c1, ...: a table of cells in memory, or the file itself."""
    if reading.rows is not None or reading.dialect is None:
        return f"cells_{number}"
    columns = ", ".join(f"'c{position}': 'varchar'" for position in range(len(reading.headers)))
    return (
        f"read_csv({literal(str(reading.released.path))}, auto_detect = false, header = {str(reading.fit.has_header).lower()}, "
        f"delim = {literal(reading.dialect.delimiter)}, quote = '\"', escape = '\"', new_line = {literal(reading.dialect.newline)}, "
        # An empty cell is an empty text, and no null: a file says nothing about nulls.
        f"nullstr = {literal(UNREADABLE * 8)}, strict_mode = true, null_padding = false, max_line_size = 2000000, columns = {{{columns}}})"
    )


def _take(database: Register, number: int, reading: Reading, profiles: Sequence[Profile], salt: bytes) -> Reading:
    """Add a file's leaves; a file that DuckDB doesn't read cleanly is read by the strict reader, which finds the fault."""
    if reading.rows is None:
        try:
            if _add_leaves(database, number, reading, salt):
                return reading
        except duckdb.OutOfMemoryException:
            raise too_large() from None
        except duckdb.Error:
            # Its message shows the row. The strict reader's does not.
            pass
        database.run(f"drop table if exists leaves_{number}")
        reading = read_text(reading.released, profiles, by_duckdb=False)
    _load_cells(database, number, reading)
    _add_leaves(database, number, reading, salt)
    return reading


def too_large() -> InputError:
    """Return the error of a log that does not fit into memory."""
    return InputError(
        "The log does not fit into memory, and its text is never written to disk; give fewer files, or use a larger machine."
    )


def _add_leaves(database: Register, number: int, reading: Reading, salt: bytes) -> bool:
    """Append the leaves of a file; tell whether every line feed of a file on disk is accounted for by its rows and cells."""
    names = [f"c{position}" for position in range(len(reading.headers))]
    row = f"concat({', '.join(names)})"
    database.run(
        f"create table leaves_{number} as select {leaf_sql(names)} as leaf, "
        f"strlen({row}) - strlen(replace({row}, chr(10), '')) as inner_lines from {source_sql(number, reading)}",
        {"salt": salt},
    )
    ((rows, inner),) = database.rows(f"select count(*), coalesce(sum(inner_lines), 0) from leaves_{number}")
    if reading.rows is None:
        lines = rows + inner + sum(header.count("\n") for header in reading.headers) + reading.fit.has_header
        # The last line may end without a line feed.
        if lines - reading.released.line_feeds not in (0, 1):
            database.run(f"drop table leaves_{number}")
            return False
    database.run(f"insert into leaves select leaf from leaves_{number} order by rowid")
    database.run(f"drop table leaves_{number}")
    return True


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


def canonical_sql(number: int, reading: Reading) -> str:
    """Return SQL for a file's canonical columns as text; null where the file has no such column."""
    placed = {name: f"c{position}" for position, name in enumerate(reading.fit.columns) if name is not None}
    columns = [f"{placed.get(name, 'null::varchar')} as {name}" for name in COLUMNS]
    return f"(select {', '.join(columns)} from {source_sql(number, reading)})"


def _make_dictionaries(database: Register, readings: Sequence[Reading]) -> None:
    """Make `texts_<column>` (id, text) and `text_counts` (column, id, file_no, rows)."""
    database.run('create table text_counts ("column" varchar, id integer, file_no integer, "rows" bigint)')
    listed = ", ".join(TEXT_COLUMNS)
    for number, reading in enumerate(readings, start=1):
        present = [name for name in TEXT_COLUMNS if name in reading.fit.columns]
        sets = ", ".join(f"({name})" for name in present)
        if present:
            database.run(
                f"create table values_{number} as select {', '.join(present)}, "
                f'grouping_id({", ".join(present)}) as which, count(*) as "rows" '
                f"from (select {listed} from {canonical_sql(number, reading)}) group by grouping sets ({sets})"
            )
    for name in TEXT_COLUMNS:
        parts = []
        for number, reading in enumerate(readings, start=1):
            present = [column for column in TEXT_COLUMNS if column in reading.fit.columns]
            if name in present:
                which = ((1 << len(present)) - 1) ^ (1 << (len(present) - 1 - present.index(name)))
                parts.append(f'select {number} as file_no, {name} as text, "rows" from values_{number} where which = {which}')
        union = " union all ".join(parts) or "select 0 as file_no, '' as text, 0 as \"rows\" where false"
        # Ordered, so that the same files always have the same ids.
        database.run(
            f"create table texts_{name} as select row_number() over (order by text)::integer as id, text "
            f"from (select distinct text from ({union}))"
        )
        database.run(
            f'insert into text_counts select {literal(name)}, t.id, v.file_no, v."rows" from ({union}) v '
            f"join texts_{name} t on t.text = v.text"
        )
    for number, reading in enumerate(readings, start=1):
        if any(name in reading.fit.columns for name in TEXT_COLUMNS):
            database.run(f"drop table values_{number}")


def time_sql(text: str, profile: Profile) -> str:
    """Return SQL for the timestamp that a text writes in one of the profile's forms, or null."""
    first, *others = (literal(form) for form in profile.time_formats)
    bare = f"trim({text}, ' \r\n')"
    # Nearly all cells have the first form, and a list of forms takes twice as long.
    return f"coalesce(try_strptime({bare}, {first}), try_strptime({bare}, [{', '.join(others or [first])}]))"


def _half(text: str, number: int) -> str:
    """Return SQL for one of the two times of a time frame: on two lines, joined by "to", or run together by a PDF."""
    apart = (
        f"case when contains({text}, ' to ') then replace({text}, ' to ', chr(10)) else regexp_replace({text}, "
        rf"'(UTC|Z|[AP]M|\d)\s*[-–]?\s+(\d{{1,2}}/\d{{1,2}}/|\d{{4}}-)', '\1' || chr(10) || '\2') end"
    )
    return f"split_part(case when contains({text}, chr(10)) then {text} else {apart} end, chr(10), {number})"


def _load_rows(database: Register, number: int, reading: Reading, search_salt: bytes) -> int:
    profile = reading.fit.profile
    present = {name for name in reading.fit.columns if name is not None}
    written = "split_part(date, ' ', 1) || ' ' || time" if {"date", "time"} <= present else "time"
    if "time" not in present and "date" in present:
        written = "date"
    start, end = (
        (_half("time_frame", 1), _half("time_frame", 2)) if "time_frame" in present else ("window_start", "window_end")
    )
    window = "time_frame" if "time_frame" in present else "window_start"
    times = {"time": written, "opened": start, "closed": end}
    parsed = {f"{name}_at": time_sql(text, profile) for name, text in times.items()}
    parsed |= {f"{name}_count": f"try_cast(replace(trim({name}), ',', '') as bigint)" for name in COUNT_COLUMNS}
    inner = ", ".join(f"{sql} as {name}" for name, sql in parsed.items())
    joins = " ".join(f"left join texts_{name} on texts_{name}.text = r.{name}" for name in TEXT_COLUMNS if name in present)
    ids = ", ".join(f"{f'texts_{name}.id' if name in present else 'null::integer'} as {name}" for name in TEXT_COLUMNS)
    counts = ", ".join(
        f"r.{name}_count as {name}, {parsed_state_sql(name, f'r.{name}', f'r.{name}_count')} as {name}_code"
        for name in COUNT_COLUMNS
    )
    target = "create table read_rows as" if number == 1 else "insert into read_rows"
    try:
        database.run(
            f"""
            {target}
            select {number}::integer as file_no,
              case when coalesce(r.search_id, '') <> ''
                then substr(sha256($salt::blob || encode(trim(r.search_id))), 1, 32)::uuid end as search,
              r.time_at as time, {parsed_state_sql("time", "r.written", "r.time_at")} as time_code,
              r.opened_at as opened, r.closed_at as closed,
              {parsed_state_sql("time_frame", f"r.{window}", "(r.opened_at + (r.closed_at - r.opened_at))")} as window_code,
              {counts}, {ids}
            from (select *, {written} as written, {inner} from {canonical_sql(number, reading)}) r {joins}
            """,
            {"salt": search_salt},
        )
    except duckdb.OutOfMemoryException:
        raise too_large() from None
    ((rows,),) = database.rows("select count(*) from read_rows where file_no = $number", {"number": number})
    return int(rows)
