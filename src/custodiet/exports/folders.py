"""One file a table: CSV for anybody, JSON Lines and Parquet with nested values kept."""

import csv
from collections.abc import Sequence
from pathlib import Path

from custodiet.exports.cells import NUMBERS, neutralise, to_json_line
from custodiet.exports.published import Table
from custodiet.store import Register


def write_csv_files(register: Register, tables: Sequence[Table], folder: Path) -> None:
    """Write each table as CSV: flat columns, exact text, nothing that a spreadsheet takes for a formula."""
    for table in tables:
        # An amount may begin with a minus, and a spreadsheet is to read it as the number that it is.
        amounts = {i for i, column in enumerate(table.flat) if column.kind in NUMBERS}
        names, rows = table.texts(register)
        with (folder / f"{table.name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(names)
            writer.writerows([cell if i in amounts else neutralise(cell) for i, cell in enumerate(row)] for row in rows)


def write_json_lines(register: Register, tables: Sequence[Table], folder: Path) -> None:
    """Write each table as JSON Lines, one object a row: nested values nested, amounts as text."""
    for table in tables:
        names = [column.name for column in table.columns]
        with (folder / f"{table.name}.jsonl").open("w", encoding="utf-8", newline="") as stream:
            for row in register.stream(table.sql):
                stream.write(to_json_line(dict(zip(names, row, strict=True))) + "\n")


def write_parquet_files(register: Register, tables: Sequence[Table], folder: Path) -> None:
    """Write each table as Parquet: nested values as structs and lists, amounts as decimals."""
    for table in tables:
        register.write_parquet(table.sql, folder / f"{table.name}.parquet")
