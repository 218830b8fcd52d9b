"""Keep a log: its searches as tokens and classes in a DuckDB file, with no released text but what the allow-list passes.

The file stays on the machine of whoever made it: tokens and exact times are for comparing logs under one key, and are in no
export. It is written beside its place and renamed, so a reader never sees half of it.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from custodiet.access_log.key import pads, token_sql
from custodiet.access_log.lexicons import read_lexicons
from custodiet.access_log.log import Log
from custodiet.access_log.privacy import keep_label, keep_organisation, keep_reason
from custodiet.access_log.words import COLUMNS, TEXT_COLUMNS
from custodiet.model.errors import InputError
from custodiet.store.database import literal
from custodiet.store.key import Key

LOG_FILE = "searches.duckdb"
# Texts of these columns may hold anything, and nothing of them is needed later.
NOT_KEPT = ("filters", "prompt", "moderation", "judicial_process")
BATCH = 50_000
# Searches that are written at a time, in whole row groups; and bytes of memory for that, besides what the log itself takes.
SEARCHES = 122_880 * 16
WRITE_MEMORY = 700_000_000


@contextlib.contextmanager
def open_kept(log: Log, folder: Path) -> Iterator[None]:
    """Attach a new file of `folder` to the log as `kept`; it takes its name when the block ends well.

    Raises:
        InputError: the folder can't be written to.

    """
    draft = folder / f".{LOG_FILE}.building-{os.getpid()}"
    database = log.database
    # The file, and DuckDB's log of changes beside it, are never readable for others, not for a moment.
    mask = os.umask(0o077)
    try:
        draft.unlink(missing_ok=True)
        database.run(f"attach {literal(str(draft))} as kept (storage_version 'v1.5.0')")
        try:
            # DuckDB would keep what it writes in memory too, up to its limit; nobody reads that again.
            ((used,),) = database.rows("select sum(memory_usage_bytes) from duckdb_memory()")
            database.run(f"set memory_limit = '{(int(used) + WRITE_MEMORY) // 1_000_000}MB'")
            yield
        finally:
            database.run("detach kept")
        draft.replace(folder / LOG_FILE)
    except OSError as error:
        raise InputError(
            f"{folder}: can't be written to ({error.strerror}); choose another folder with `--out DIR`."
        ) from None
    finally:
        os.umask(mask)
        draft.unlink(missing_ok=True)
        draft.with_name(draft.name + ".wal").unlink(missing_ok=True)


def keep_log(log: Log, key: Key) -> None:
    """Write the log's searches to what is attached as `kept`."""
    database = log.database
    texts = [name for name in TEXT_COLUMNS if name not in NOT_KEPT]
    # The longest statement comes first: what begins beside it, such as a report, gets the interpreter for itself.
    for column in sorted(texts, key=lambda name: name != "plate"):
        _keep_column(log, key, column)
    database.run("create table kept.files as select * from files")
    columns = ", ".join(("file_no", "search", "time", "opened", "closed", "networks", "devices", *texts))
    ((most,),) = database.rows("select coalesce(max(position), -1) + 1 from log_rows")
    # Most of it is hashes, which nothing makes smaller: to try takes twice as long, and saves a sixth.
    database.run("set force_compression = 'uncompressed'")
    database.run(f"create table kept.searches as select {columns} from searches where false")
    for start in range(0, most, SEARCHES):
        some = f"position >= {start} and position < {start + SEARCHES}"
        database.run(f"insert into kept.searches select {columns} from searches where {some}")
    database.run("reset force_compression")
    database.run("create table kept.meta as select $fingerprint as key_fingerprint", {"fingerprint": key.fingerprint()})


def _keep_column(log: Log, key: Key, column: str) -> None:
    """Write a column's distinct values: tokens of secret ones, kept words of the others, and what they were classified as."""
    database = log.database
    if COLUMNS[column].is_secret:
        database.run(
            f"create table kept.{column} as select w.id, w.state, "
            f"case when w.state in ('value', 'partial') then {token_sql('lower(trim(w.text))')} end as token from "
            f"words_{column} w",
            pads(key.derive(column)),
        )
        return
    extra = {
        "reason": ["generic_investigation", "number_only", "code", *(one.id for one in read_lexicons())],
        "offence_type": [one.id for one in read_lexicons()],
        "organisation": ["kind", "state_code"],
    }.get(column, [])
    database.run("create table kept_words (id ubigint, kept varchar)")
    for ids, words in _kept_words(log, column):
        database.run(
            "insert into kept_words select unnest($ids::ubigint[]), unnest($words::varchar[])", {"ids": ids, "words": words}
        )
    database.run(
        f"create table kept.{column} as select {', '.join(f'w.{name}' for name in ['id', 'state', *extra])}, k.kept "
        f"from words_{column} w left join kept_words k on k.id = w.id"
    )
    database.run("drop table kept_words")


def _kept_words(log: Log, column: str) -> Iterator[tuple[list[int], list[str]]]:
    """Yield what the allow-list leaves of a column's values, in batches of ids and words."""
    keepers: dict[str, Callable[[str], str]] = {
        "organisation": keep_organisation,
        "search_type": partial(keep_label, "search_type"),
    }
    keep = keepers.get(column, keep_reason)
    ((most,),) = log.database.rows(f"select count(*) from texts_{column}")
    for start in range(0, most, BATCH):
        rows = log.database.rows(
            f"select t.id, t.text from texts_{column} t join words_{column} w on w.id = t.id "
            "where t.rowid >= $start and t.rowid < $end and w.state = 'value'",
            {"start": start, "end": start + BATCH},
        )
        yield [row[0] for row in rows], [keep(row[1]) for row in rows]
