"""Open a register to read it, or build one beside it and publish that by renaming.

A reader never sees half a build: the new file gets its place only when it is whole, in one step of the file system.
A build that is killed leaves a file named `.<register>.building-<process>`; the next build takes it away.
"""

import contextlib
import csv
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import duckdb

from custodiet.model.errors import RegisterError
from custodiet.store.drafts import draft_beside, remove_abandoned, sync
from custodiet.store.schema import INDEXES, SCHEMA_VERSION, TABLES
from custodiet.store.stopping import stoppable

T = TypeVar("T")
Settings = dict[str, str | bool | int | float | list[str]]

# A mark that no published cell holds, so that an empty text and no text stay two things on the way in.
NULL = "\\N"
# A register never fetches code: DuckDB would load an extension by itself for a file that looks like another's.
OFFLINE: Settings = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}

# Rows that are held at once while a table is read through.
BATCH = 5_000


@dataclass(frozen=True)
class Column:
    """A column of a table: `kind` is DuckDB's word, or "json"; a struct has `fields`."""

    name: str
    kind: str
    fields: tuple["Column", ...] = ()


class Register:
    """A register, open for reading or, while it is being built, for writing.

    Use it as a context manager. All questions take one as their first argument.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path, *, for_reading: bool = False) -> None:
        self._connection = connection
        self._for_reading = for_reading
        self._kept: dict[str, Any] = {}
        self.path = path

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Return all rows of a query; `$name` in the text stands for a parameter."""
        return self._ask(sql, parameters)[1]

    def dicts(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Return all rows of a query as dictionaries by column name."""
        names, rows = self._ask(sql, parameters)
        return [dict(zip(names, row, strict=True)) for row in rows]

    def keep(self, name: str, find: Callable[[], T]) -> T:
        """Return what a question found, and found once where nobody writes: for small tables that most questions read.

        What is kept is shared; whoever gets it changes none of it.
        """
        if not self._for_reading:
            return find()
        if name not in self._kept:
            self._kept[name] = find()
        return cast("T", self._kept[name])

    def _ask(self, sql: str, parameters: Mapping[str, Any] | None) -> tuple[list[str], list[tuple[Any, ...]]]:
        try:
            with stoppable(self._connection):
                cursor = self._connection.execute(sql, parameters) if parameters else self._connection.execute(sql)
                return [column[0] for column in cursor.description or ()], cursor.fetchall()
        except duckdb.Error as error:
            raise self._damaged(error) from None

    def beside(self) -> "Register":
        """Return the same database over a connection of its own, for a thread of its own."""
        register = Register(self._connection.cursor(), self.path, for_reading=self._for_reading)
        register._kept = self._kept
        return register

    def interrupt(self) -> None:
        """End the statement that another thread runs on this connection; it gets `duckdb.InterruptException`."""
        self._connection.interrupt()

    def stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """Give the rows of a query one by one, without holding all of them; others may be asked in between."""
        try:
            with self._connection.cursor() as cursor:
                with stoppable(cursor):
                    cursor.execute(sql)
                    batch = cursor.fetchmany(BATCH)
                while batch:
                    yield from batch
                    with stoppable(cursor):
                        batch = cursor.fetchmany(BATCH)
        except duckdb.Error as error:
            raise self._damaged(error) from None

    def columns(self, table: str) -> tuple[Column, ...]:
        """Return the columns of a table in their order."""
        relation = self._connection.table(table)
        return tuple(_column(name, kind) for name, kind in zip(relation.columns, relation.types, strict=True))

    def write_parquet(self, sql: str, path: Path) -> None:
        """Write the rows of a query to a Parquet file; the same rows give the same bytes.

        Raises:
            OSError: the file can't be written.

        """
        copy = f"copy ({sql}) to {literal(str(path))} (format parquet, compression zstd)"
        try:
            if not self._for_reading:
                self.run(copy)
                return
            # A register that is open for reading may touch no other file, so another connection writes.
            with duckdb.connect(":memory:", config=OFFLINE) as writer, stoppable(writer):
                writer.execute(f"attach {literal(str(self.path))} as register (read_only)")
                writer.execute("use register")
                writer.execute(copy)
        except duckdb.IOException as error:
            raise OSError(str(error).splitlines()[0]) from None
        except duckdb.Error as error:
            raise self._damaged(error) from None

    def _damaged(self, error: duckdb.Error) -> Exception:
        if not self._for_reading:
            return error
        return RegisterError(
            f"{self.path}: the register is damaged ({str(error).splitlines()[0]}); run `custodiet build --fresh`."
        )

    def count_statements(self, sql: str) -> int:
        """Return how many statements a text of SQL holds."""
        return len(self._connection.extract_statements(sql))

    def run(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Run a statement that returns nothing."""
        with stoppable(self._connection):
            if parameters:
                self._connection.execute(sql, parameters)
            else:
                self._connection.execute(sql)

    def index(self) -> None:
        """Make the indexes of a register that is whole: rows that come after cost the more."""
        for table, column in INDEXES:
            self.run(f"create index {quoted(f'{table} by {column.strip(chr(34))}')} on {table} ({column})")

    def load(self, table: str, rows: Iterable[Sequence[Any]], *, has_nulls: bool = True) -> None:
        """Append rows of text, numbers and None to a table of scalar columns, in the table's order of columns.

        Without nulls it is faster: millions of cells need not be looked at one by one.
        """
        columns = self.rows(
            "select column_name, data_type from information_schema.columns"
            " where table_schema || '.' || table_name = $name order by ordinal_position",
            {"name": table if "." in table else f"main.{table}"},
        )
        # Beside the draft and under its name, so that what a killed build leaves is taken away with it.
        beside = self.path.parent if self.path.is_file() else None
        with tempfile.TemporaryDirectory(prefix=f"{self.path.name}.", dir=beside) as folder:
            path = Path(folder) / "rows.csv"
            with path.open("w", encoding="utf-8", newline="") as stream:
                writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
                writer.writerows(([NULL if cell is None else cell for cell in row] for row in rows) if has_nulls else rows)
            kinds = ", ".join(f"{quoted(str(i))}: {literal(kind)}" for i, (_, kind) in enumerate(columns))
            schema, _, name = table.rpartition(".")
            target = f"{quoted(schema)}.{quoted(name)}" if schema else quoted(name)
            self.run(
                f"insert into {target} select * from read_csv({literal(str(path))}, header = false, "
                f"delim = ',', quote = '\"', escape = '\"', nullstr = {literal(NULL)}, auto_detect = false, "
                f"new_line = '\\n', parallel = false, max_line_size = 200000000, columns = {{{kinds}}})"
            )


def _column(name: str, kind: Any) -> Column:
    if kind.id == "struct":
        return Column(name, "struct", tuple(_column(inner, type_) for inner, type_ in kind.children))
    return Column(name, "json" if str(kind) == "JSON" else kind.id)


def quoted(name: str) -> str:
    """Return a name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def open_register(path: Path | str) -> Register:
    """Return the register at `path`, open for reading.

    Raises:
        RegisterError: there is none, it can't be read, or another version of Custodiet made it.

    """
    path = Path(path)
    if not path.exists():
        raise RegisterError(f"{path}: there is no register yet; run `custodiet build`.")
    if path.is_dir():
        raise RegisterError(f"{path}: is a folder; give the register's file with `--register FILE`.")
    unreadable = RegisterError(
        f"{path}: not a register that this version can read; run `custodiet build --fresh` to make it anew."
    )
    try:
        connection = duckdb.connect(str(path), read_only=True, config=OFFLINE | {"enable_external_access": "false"})
    except duckdb.Error:
        raise unreadable from None
    register = Register(connection, path, for_reading=True)
    try:
        version = register.rows("select value from meta where key = 'schema_version'")
    except RegisterError:
        connection.close()
        raise unreadable from None
    if version != [(SCHEMA_VERSION,)]:
        connection.close()
        found = version[0][0] if version else "none"
        raise RegisterError(
            f"{path}: made for schema {found}, and this version reads schema {SCHEMA_VERSION}; "
            "run `custodiet build` to make it anew."
        )
    return register


@contextlib.contextmanager
def building(path: Path) -> Iterator[Register]:
    """Give an empty register to fill; when the block ends well, it takes the place of the one at `path`.

    Raises:
        RegisterError: the folder can't be written to.

    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_abandoned(path, "building")
        if path.is_dir():
            raise RegisterError(f"{path}: is a folder; give the register's file with `--register FILE`.")
        if path.exists() and path.stat().st_size and not _is_ours(path):
            raise RegisterError(
                f"{path}: is there already and is no register; move it away, or choose another place with `--register FILE`."
            )
    except OSError as error:
        raise RegisterError(
            f"{path.parent}: can't be written to ({error.strerror}); choose another place with `--register FILE`."
        ) from None
    draft = draft_beside(path, "building")
    try:
        register = _create(draft)
        try:
            yield register
        except BaseException:
            # Nobody reads the draft: it is not worth the seconds of writing it out.
            register.run("pragma disable_checkpoint_on_shutdown")
            raise
        finally:
            register.close()
        sync(draft)
        draft.replace(path)
        sync(path.parent)
    except duckdb.IOException as error:
        raise RegisterError(f"{path}: can't be written ({str(error).splitlines()[0]}); is the disk full?") from None
    except OSError as error:
        raise RegisterError(
            f"{path}: can't be written ({error.strerror}); choose another place with `--register FILE`."
        ) from None
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
            draft.with_name(draft.name + ".wal").unlink(missing_ok=True)


def _create(draft: Path) -> Register:
    draft.unlink(missing_ok=True)
    connection = duckdb.connect(":memory:", config=OFFLINE)
    # The 1.5 format: DuckDB 1.5 can't read what 2.0 writes by default, and both are supported.
    connection.execute(f"attach {literal(str(draft))} as register (storage_version 'v1.5.0')")
    connection.execute("use register")
    return _with_tables(Register(connection, draft))


def memory_register() -> Register:
    """Return an empty register that is kept in memory, for examples and tests."""
    return _with_tables(Register(duckdb.connect(":memory:", config=OFFLINE), Path(":memory:")))


def _with_tables(register: Register) -> Register:
    register.run("create schema raw")
    # For rule pages: a published text on one line.
    register.run("create macro one_line(words) as trim(regexp_replace(words, '\\s+', ' ', 'g'))")
    # One award has one key where the layout gives it; without it, its agency and number stand in.
    register.run("create macro award_id(award_key, agency, piid) as coalesce(award_key, agency || ' ' || piid)")
    # An amount as people write it: $1,000.00, or -$1,000.00 where money is taken back.
    register.run(
        "create macro dollars(amount) as case when amount < 0 then '-' else '' end || format('${:,.2f}', abs(amount))"
    )
    # An address as it is compared: without scheme, www, a fragment or a last stroke.
    register.run(
        "create macro same_address(url) as regexp_replace(regexp_replace(regexp_replace(lower(trim(url)), "
        "'^https?://(www\\.)?', ''), '#.*$', ''), '/+$', '')"
    )
    # Lower case, and one space for everything but letters and digits: how the lexicon reads texts.
    register.run("create macro fold_text(words) as trim(regexp_replace(lower(coalesce(words, '')), '[^a-z0-9]+', ' ', 'g'))")
    for statement in TABLES.values():
        register.run(statement)
    register.run("insert into meta values ('schema_version', $version)", {"version": SCHEMA_VERSION})
    return register


def _is_ours(path: Path) -> bool:
    """Tell whether a file is a register (of any version), or one that is too damaged to say what it was."""
    with path.open("rb") as stream:
        if stream.read(12)[8:12] != b"DUCK":
            return False
    try:
        with duckdb.connect(str(path), read_only=True, config=OFFLINE) as connection:
            return bool(connection.execute("select 1 from meta where key = 'schema_version'").fetchall())
    except duckdb.CatalogException:
        return False
    except duckdb.Error:
        return True
