"""The register as one SQLite file, which Datasette opens, and the metadata that Datasette shows beside it.

Amounts are text, exact to the cent, and beside each stands the same in cents as an integer to sort and sum by.
"""

import contextlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from custodiet.exports.cells import to_json_line
from custodiet.exports.describe import TERMS, TITLE, Origin, fields, made_by
from custodiet.exports.place import APPLICATION_ID
from custodiet.exports.published import Table
from custodiet.store import Register
from custodiet.store.database import quoted

SQL_TYPES = {"integer": "integer", "bigint": "integer", "boolean": "integer", "double": "real"}
CENTS = "_cents"


def write_sqlite(register: Register, tables: Sequence[Table], path: Path) -> None:
    """Write the tables with their keys, references between them, and full-text indexes over names and descriptions.

    Raises:
        OSError: the file can't be written.

    """
    try:
        with contextlib.closing(sqlite3.connect(path)) as database:
            _fill(register, tables, database)
            database.commit()
    except sqlite3.Error as error:
        raise OSError(str(error)) from None


def _fill(register: Register, tables: Sequence[Table], database: sqlite3.Connection) -> None:
    names = {table.name for table in tables}
    # The file is a draft until it is whole: nothing of it is worth a journal.
    database.execute("pragma journal_mode = off")
    database.execute("pragma synchronous = off")
    database.execute(f"pragma application_id = {APPLICATION_ID}")
    for table in tables:
        database.execute(_create(table, names))
        marks = ", ".join("?" * len(_sql_columns(table)))
        database.executemany(f"insert into {quoted(table.name)} values ({marks})", _rows(register, table))
    for table in tables:
        for column in table.references:
            if column not in table.key[:1]:
                database.execute(
                    f"create index {quoted(f'{table.name}_{column}')} on {quoted(table.name)} ({quoted(column)})"
                )
        if table.search:
            _index_text(database, table)


def _rows(register: Register, table: Table) -> Iterator[list[Any]]:
    for row in register.stream(table.sql):
        cells: list[Any] = []
        for column in table.flat:
            value = column.pick(row)
            cells.append(_cell(value, column.kind))
            if column.kind == "decimal":
                cells.append(None if value is None else _in_cents(value))
        yield cells


def _cell(value: Any, kind: str) -> Any:
    if value is None or kind in SQL_TYPES:
        return value
    # A citation, too, is JSON here, so that a query can take it apart.
    return to_json_line(value) if kind in ("list", "citation") else str(value)


def _in_cents(amount: Decimal) -> int:
    cents = amount * 100
    assert cents == int(cents)
    return int(cents)


def _sql_columns(table: Table) -> list[str]:
    columns = []
    for column in table.flat:
        columns.append(f"{quoted(column.name)} {SQL_TYPES.get(column.kind, 'text')}")
        if column.kind == "decimal":
            columns.append(f"{quoted(column.name + CENTS)} integer")
    return columns


def _create(table: Table, names: set[str]) -> str:
    parts = _sql_columns(table)
    if table.key:
        parts.append(f"primary key ({', '.join(map(quoted, table.key))})")
    for column, target in table.references.items():
        other, _, key = target.partition(".")
        if other in names:
            parts.append(f"foreign key ({quoted(column)}) references {quoted(other)} ({quoted(key)})")
    return f"create table {quoted(table.name)} (\n  " + ",\n  ".join(parts) + "\n)"


def _index_text(database: sqlite3.Connection, table: Table) -> None:
    index = quoted(f"{table.name}_fts")
    columns = ", ".join(map(quoted, table.search))
    database.execute(f"create virtual table {index} using fts5 ({columns}, content={quoted(table.name)})")
    database.execute(f"insert into {index} (rowid, {columns}) select rowid, {columns} from {quoted(table.name)}")


def write_metadata(tables: Sequence[Table], origin: Origin, path: Path, database: str) -> None:
    """Write what Datasette shows of a database by this name: title, source, licence, and what each table and column is."""
    metadata = {
        "title": TITLE,
        "description": f"{TERMS} {made_by(origin)}",
        "source": "; ".join(f"{source['title']} ({source['publisher']})" for source in origin.sources),
        "license": "; ".join(sorted({source["licence"] for source in origin.sources})),
        "databases": {
            database: {
                "tables": {
                    table.name: {"description": table.about, "columns": dict(_column_notes(table))} for table in tables
                }
            }
        },
    }
    path.write_text(json.dumps(metadata, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _column_notes(table: Table) -> Iterator[tuple[str, str]]:
    for name, kind, about in fields(table, is_flat=True):
        yield name, about
        if kind == "decimal":
            yield name + CENTS, f"{about}; in cents, as an integer"
