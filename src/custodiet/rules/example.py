"""Run a rule's example: its small tables in, its findings out."""

import re
from typing import Any

import duckdb

from custodiet.model.errors import RuleError
from custodiet.model.text import normalise_name
from custodiet.model.words import CELL_STATES
from custodiet.rules.page import ExampleTable, Rule
from custodiet.rules.run import run_rules
from custodiet.store import Register, memory_register
from custodiet.store.database import literal, quoted
from custodiet.store.schema import QUESTIONS

# Values that are states of their own, as the sources type them.
WORD_STATES = {"in-progress", "not-applicable"}


def run_example(rule: Rule) -> list[str]:
    """Run the example of a rule's page; return what differs from the findings that the page expects.

    Raises:
        RuleError: the example can't be run.

    """
    expected = {table.rule or rule.id: table.rows for table in rule.example if table.table == "findings"}
    if rule.id not in expected:
        return []
    with memory_register() as register:
        for release in (*rule.front.needs, *rule.front.reads):
            register.run(
                "insert into releases (release, source, role, covers, file, url, sha256, status, completeness, "
                "completeness_reason) values ($release, 'example', 'use-cases', 2025, '', '', '', 'read', 'complete', '')",
                {"release": release},
            )
        for table in rule.example:
            if table.table != "findings":
                _load(register, rule, table)
        run_rules(register, [rule])
        found = {
            subject: (outcome, reason)
            for subject, outcome, reason in register.rows("select subject, outcome, reason from findings")
        }
    return _compare(rule.id, expected[rule.id], found)


def _compare(rule: str, expected: tuple[dict[str, str], ...], found: dict[str, tuple[str, str]]) -> list[str]:
    problems = []
    for row in expected:
        outcome, reason = found.pop(row["subject"], ("no finding", ""))
        if outcome != row["outcome"]:
            problems.append(f"{rule}: {row['subject']} is {outcome}, and the page says {row['outcome']} ({reason})")
        elif row.get("reason", "") not in reason:
            problems.append(f"{rule}: the reason for {row['subject']} lacks {row['reason']!r}: {reason}")
    problems.extend(
        f"{rule}: {subject} is {outcome}, and the page does not have it" for subject, (outcome, _) in found.items()
    )
    return problems


def _load(register: Register, rule: Rule, table: ExampleTable) -> None:
    kinds = dict(
        register.rows(
            "select column_name, data_type from information_schema.columns where table_name = $name",
            {"name": table.table},
        )
    )
    if not kinds:
        raise RuleError(f"{rule.page}: the example has a table {table.table!r}, and a register has none.")
    for number, row in enumerate(table.rows, start=1):
        if strange := [name for name in row if name not in kinds]:
            raise RuleError(f"{rule.page}: the example's {table.table!r} has a column {strange[0]!r}; the table has none.")
        defaults = _use_case(row, number) if table.table == "use_cases" else _DEFAULTS.get(table.table, {})
        values = defaults | {name: _cell(name, text) for name, text in row.items()}
        columns = ", ".join(map(quoted, values))
        try:
            register.run(f"insert into {quoted(table.table)} ({columns}) values ({', '.join(values.values())})")
        except duckdb.Error as error:
            first = str(error).splitlines()[0]
            raise RuleError(f"{rule.page}: row {number} of the example's {table.table!r} does not fit: {first}") from None


_EXAMPLE_CELL = "struct_pack(release := 'example', \"row\" := 1, \"column\" := 'cell')"
# What the rows of an example's other tables leave unsaid, as SQL.
_DEFAULTS = {
    "transactions": {
        "release": "'example'", "row": "1", "is_current": "true", "agency": "'ICE'", "fiscal_year": "2025",
        "action_date": "date '2025-01-01'", "obligation": "1", "recipient": "'Acme'", "recipient_kind": "'organisation'",
        "piid": "'X'", "repeats": "false",
    },
    "bench_claims": {
        "release": "'example'", "row": "1", "gate": "'Example'", "says": "'A claim.'", "measure": "'fmr'", "group": "'all'",
        "reason": "'measured'", "claimed": "0.01", "direction": "'at most'", "confidence": "0.95", "n": "1000",
    },
    "release_parts": {
        "release": "'example'", "is_current": "true", "agency": "'ICE'", "fiscal_year": "2025", "rows": "1", "repeats": "0",
        "negatives": "0", "obligations": "1", "is_truncated": "false", "reason": "'measured'", "covers": "'year'",
        "superseded": "0",
    },
    "releases": {
        "source": "'example'", "role": "'use-cases'", "covers": "2025", "file": "''", "sha256": "''", "status": "'read'",
        "completeness": "'complete'", "completeness_reason": "''",
    },
    "awards": {
        "agency": "'ICE'", "piid": "'X'", "recipients": "['Acme']", "actions": "1", "obligations": "1",
        "first_action": "date '2025-01-01'", "last_action": "date '2025-01-01'", "citation": _EXAMPLE_CELL,
    },
    "award_categories": {"basis": "'words'", "shown_by": "'words'", "citation": _EXAMPLE_CELL},
    "entry_mentions": {"field": "'purpose'", "shown_by": "'words'", "citation": _EXAMPLE_CELL},
    "pages": {"aliases": "[]", "fields": "'{}'"},
    "organisations": {"name": "'Acme'", "names": "1"},
    "organisation_names": {"basis": "'same-name'", "reason": "''"},
    "organisation_relations": {"other": "'other'", "basis": "'alias'", "reason": "''"},
    "claims": {
        "row": "1", "kind": "'system'", "says": "'It is so.'", "grade": "'Known'", "grade_reason": "''", "premises": "[]",
    },
    "claim_sources": {"position": "1", "title": "'t'", "publisher": "'p'", "kind": "'pia'", "stance": "'supports'"},
}  # fmt: skip


def _use_case(row: dict[str, str], number: int) -> dict[str, str]:
    """Return SQL for everything that a use case of an example leaves unsaid."""
    name = row.get("name", row["use_case_id"])
    plain: dict[str, Any] = {
        "handle": row["use_case_id"], "published_id": row["use_case_id"], "inventory_year": "2025",
        "agency": "A", "agency_name": "Agency A", "bureau": "B", "name": name,
        "normalised_name": normalise_name(name), "release": "example", "row": str(number),
    }  # fmt: skip
    values = {column: literal(value) for column, value in plain.items()}
    values["name_citation"] = _citation("name")
    for question in QUESTIONS:
        values[question] = "struct_pack(value := null, state := 'not-asked', text := null, citation := null)"
    return values


def _cell(column: str, text: str) -> str:
    if column not in QUESTIONS:
        return literal(text) if text else "null"
    state, value = ("reported", text) if text else ("blank", None)
    if (found := re.fullmatch(r"\(([a-z-]+)\)", text)) and found[1] in CELL_STATES:
        state, value = found[1], None
    elif text in WORD_STATES:
        state = text
    shown = literal(value) if value is not None else "null"
    return (
        f"struct_pack(value := {shown}, state := {literal(state)}, text := {literal(text)}, citation := {_citation(column)})"
    )


def _citation(column: str) -> str:
    return f'struct_pack(release := \'example\', "row" := 1, "column" := {literal(column)})'
