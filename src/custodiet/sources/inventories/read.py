"""Read one release of an inventory: its records, typed, and everything about it that should be known."""

from collections import Counter
from dataclasses import dataclass

from custodiet.model.errors import InputError
from custodiet.model.text import tidy
from custodiet.model.words import Cell
from custodiet.sources.inventories.applicability import CONDITIONS, is_asked
from custodiet.sources.inventories.cells import read_cell
from custodiet.sources.reading import Reading, UnknownValue, check_assertions, pair_columns
from custodiet.sources.spec import Column, Form, Release
from custodiet.sources.tables import Table, column_names


@dataclass(frozen=True)
class Record:
    """One row of a release: who it is about, and the cell of every field that its form has."""

    row: int
    identity: dict[str, str]
    answers: dict[str, Cell]


@dataclass(frozen=True, kw_only=True)
class InventoryReading(Reading):
    """A release of an inventory, read."""

    records: tuple[Record, ...]


def read_inventory(table: Table, release: Release, form: Form, shown: str) -> InventoryReading:
    """Return the records of a release.

    Raises:
        InputError: a column of the form is missing, or the release does not hold what its source asserts.

    """
    names = column_names(table.headers)
    columns = pair_columns(table.headers, form, shown)
    _check_conditions(form, shown)
    taken = [(i, column) for i, column in enumerate(columns) if column and column.field]
    unknown: Counter[tuple[str, str]] = Counter()
    records = []
    rows, stray_cells = _split_trailing(table.rows, columns, names)
    for number, row in enumerate(rows, start=1):
        identity: dict[str, str] = {}
        answers: dict[str, Cell] = {}
        for position, column in taken:
            assert column.field is not None
            text = row[position]
            if column.kind == "identity":
                identity[column.field] = tidy(text)
                answers[column.field] = Cell(
                    tidy(text) or None, "reported" if text.strip() else "blank", text, names[position]
                )
                continue
            value, state = read_cell(column.field, column.kind, text)
            if state == "unreadable":
                unknown[names[position], tidy(text)] += 1
            answers[column.field] = Cell(value, state, text, names[position])
        records.append(Record(number, identity, _apply_conditions(answers, taken)))
    fields = {
        column.field: [record.answers[column.field].text or "" for record in records] for _, column in taken if column.field
    }
    held = check_assertions(fields, len(records), len(table.headers), release, shown)
    return InventoryReading(
        records=tuple(records),
        cells=rows,
        columns=tuple(zip(names, columns, strict=True)),
        unknown_values=tuple(
            UnknownValue(column, text, count)
            for (column, text), count in sorted(unknown.items(), key=lambda item: (item[0][0], -item[1], item[0][1]))
        ),
        assertions_held=held,
        stray_cells=stray_cells,
    )


def _split_trailing(
    rows: tuple[tuple[str, ...], ...], columns: list[Column | None], names: tuple[str, ...]
) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]:
    """Part the records from the rows under them that name nothing, and say what stands in those.

    Spreadsheets end in such rows; DHS's 2025 workbook has a lone backtick in one.
    """
    naming = [i for i, column in enumerate(columns) if column and column.kind == "identity"]
    end = len(rows)
    while end and not any(rows[end - 1][i].strip() for i in naming):
        end -= 1
    stray = tuple(
        f"row {number} {name}: {cell.strip()[:40]!r}"
        for number, row in enumerate(rows[end:], start=end + 1)
        for name, cell in zip(names, row, strict=True)
        if cell.strip()
    )
    return rows[:end], stray


def _check_conditions(form: Form, shown: str) -> None:
    for column in form.columns:
        if column.asked_of not in CONDITIONS:
            raise InputError(f"{shown}: the form asks {column.header!r} of {column.asked_of!r}, which is no condition.")


def _apply_conditions(answers: dict[str, Cell], taken: list[tuple[int, Column]]) -> dict[str, Cell]:
    """Tell a blank from a question that the form does not put to this case; an answer given anyway is kept."""
    typed = dict(answers)
    asked: dict[str, bool | None] = {}
    for _, column in taken:
        assert column.field is not None
        cell = answers[column.field]
        # Filler in a cell that nobody asked for is no filler in place of an answer.
        if cell.state in ("blank", "placeholder"):
            if column.asked_of not in asked:
                asked[column.asked_of] = is_asked(column.asked_of, answers)
            if asked[column.asked_of] is False:
                typed[column.field] = Cell(cell.value, "not-applicable", cell.text, cell.column)
    return typed
