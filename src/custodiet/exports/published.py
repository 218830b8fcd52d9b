"""The tables of a register as they are exported: what each is, its columns, its key, and which of its rows are wanted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from custodiet.exports.cells import Flat, flat_columns
from custodiet.model.errors import QuestionError
from custodiet.model.plain_yaml import load_yaml
from custodiet.questions.scope import resolve_scope
from custodiet.store import Register
from custodiet.store.database import Column, literal, quoted
from custodiet.store.schema import QUESTIONS, TABLES

# What the parts of an answer are; docs/words.md defines the states.
ANSWER_PARTS = {"value": "the answer", "state": "state of the cell", "text": "as published", "citation": "where it stands"}


@dataclass(frozen=True)
class Table:
    """A table with its description; `where` is a condition on its rows, as SQL."""

    name: str
    columns: tuple[Column, ...]
    about: str
    notes: Mapping[str, str]
    key: tuple[str, ...]
    references: Mapping[str, str]
    search: tuple[str, ...]
    where: str
    rows: int

    @property
    def sql(self) -> str:
        """The query for its rows, always in the same order."""
        order = ", ".join(map(quoted, self.key)) or "all"
        return f"select * from {quoted(self.name)} where {self.where} order by {order}"

    @cached_property
    def flat(self) -> list[Flat]:
        """Its columns in a flat file."""
        return flat_columns(self.columns)

    def describe(self, flat: str) -> str:
        """Return what a column, or a part of one, is."""
        if flat in self.notes:
            return self.notes[flat]
        field, _, part = flat.rpartition("_")
        return f"{QUESTIONS[field]}: {ANSWER_PARTS[part]}" if field in QUESTIONS and part in ANSWER_PARTS else ""

    def texts(self, register: Register) -> tuple[list[str], Iterator[list[str | None]]]:
        """Return the flat columns' names, and the rows as exact text, one by one."""
        readers = [column.reader() for column in self.flat]
        rows = ([read(row) for read in readers] for row in register.stream(self.sql))
        return [column.name for column in self.flat], rows


@cache
def _described() -> dict[str, Any]:
    described: dict[str, Any] = load_yaml(Path(__file__).with_name("descriptions.yml").read_text("utf-8"))
    return described


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def published_tables(register: Register, *, names: tuple[str, ...] = (), agency: str | None = None) -> list[Table]:
    """Return the tables by these names, or all, narrowed to an agency's rows where a table has any agency's.

    Raises:
        QuestionError: no such table or agency.

    """
    if unknown := [name for name in names if name not in TABLES]:
        raise QuestionError(f"There is no table {', '.join(unknown)}; the tables are {', '.join(TABLES)}.")
    conditions = narrow(register, agency) if agency is not None else {}
    return [_table(register, name, conditions.get(name, "true")) for name in TABLES if not names or name in names]


def _table(register: Register, name: str, where: str) -> Table:
    described = _described()
    page = described["tables"].get(name, {})
    ((rows,),) = register.rows(f"select count(*) from {quoted(name)} where {where}")
    return Table(
        name=name,
        columns=register.columns(name),
        about=page.get("about", ""),
        notes=described["columns"] | QUESTIONS | page.get("columns", {}),
        key=_listed(page.get("key")),
        references=page.get("references", {}),
        search=_listed(page.get("search")),
        where=where,
        rows=rows,
    )


def narrow(register: Register, agency: str) -> dict[str, str]:
    """Return the condition, as SQL, for each table whose rows belong to some agency.

    A bureau's contracts stand under its own abbreviation (ICE), a department's under those of its bureaus. Common commercial
    uses are reported by departments; a bureau gets its department's.

    Raises:
        QuestionError: neither an inventory nor a contract names such an agency.

    """
    known = {code for (code,) in register.rows("select distinct agency from transactions")}
    known |= {code for (code,) in register.rows("select distinct agency from award_summaries")}
    try:
        scope = resolve_scope(register, agency, None)
    except QuestionError:
        if agency.upper() not in known:
            raise
        buyers, departments, cases = {agency.upper()}, set[str](), "false"
    else:
        departments = set(scope.parameters.get("agencies", ()))
        offices = [office.split(" ", 1) for office in scope.parameters.get("agency_bureaus", ())]
        if departments:
            offices = [list(pair) for pair in register.rows("select distinct agency, bureau from bureau_names order by all")]
            offices = [pair for pair in offices if pair[0] in departments]
        buyers = {bureau for _, bureau in offices} & known
        departments |= {department for department, _ in offices}
        cases = scope.sql
        for name, values in scope.parameters.items():
            cases = cases.replace(f"${name}", f"[{', '.join(map(literal, values))}]")
    buyer = f"agency in ({_texts(buyers)})"
    own_cases = f"(select use_case_id from use_cases where {cases})"
    awards = (
        f"(select award_key from transactions where {buyer} union all select award_key from award_summaries where {buyer})"
    )
    both = f"earlier in {own_cases} and later in {own_cases}"
    return {
        "release_parts": buyer, "transactions": buyer, "awards": buyer, "award_summaries": buyer,
        "award_categories": f"award in (select award from awards where {buyer})",
        "entry_mentions": f"use_case_id in {own_cases}",
        "subawards": f"award_key in {awards}", "use_cases": cases, "findings": cases,
        "records": f"use_case_id in {own_cases}",
        "answers": f'(release, "row") in (select (release, "row") from records where use_case_id in {own_cases})',
        "matches": both, "proposals": both, "common_uses": f"agency in ({_texts(departments)})",
    }  # fmt: skip


def _texts(values: set[str]) -> str:
    return ", ".join(map(literal, sorted(values))) or "null"
