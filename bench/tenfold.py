"""A register with many times the records of another, to see what grows with them.

Each record gets copies under ids of their own: inventory entries with their answers, actions and awards, summaries, notices,
and the findings about entries and awards, together with the published rows that all of them cite. The catalogue, the
vendors, the agencies and the rules stay, so that each vendor has as many more awards, and each list as many more lines.
"""

from collections.abc import Mapping
from pathlib import Path

from custodiet.register.texts import load_texts
from custodiet.store import Register, building
from custodiet.store.database import literal, quoted
from custodiet.store.schema import QUESTIONS, TABLES

# Between a published row and its copy: more than the longest release has.
APART = 20_000
FINDINGS = "('use-case', 'award')"


def _named(*columns: str) -> dict[str, str]:
    """Return ids with the number of the copy at their end."""
    return {column: f"t.{column} || if(i = 0, '', '-X' || i)" for column in columns}


def _cell(cell: str) -> str:
    return (
        f"if({cell} is null, null, struct_pack(release := {cell}.release, "
        f'"row" := ({cell}."row" + if({cell}.release = \'catalogue\', 0, i * {APART}))::integer, '
        f'"column" := {cell}."column"))'
    )


def _answer(column: str) -> str:
    parts = ", ".join(f"{part} := t.{column}.{part}" for part in ("value", "state", "text"))
    return f"if(t.{column} is null, null, struct_pack({parts}, citation := {_cell(f't.{column}.citation')}))"


ROW = {'"row"': f't."row" + i * {APART}'}
# What differs in a copy of a record, by table and column.
COPIES: dict[str, Mapping[str, str]] = {
    "transactions": ROW | _named("piid", "award_key", "transaction_key"),
    "awards": _named("award", "piid") | {"citation": _cell("t.citation")},
    "award_categories": _named("award") | {"citation": _cell("t.citation")},
    "award_summaries": ROW | _named("award_key", "piid"),
    "subawards": ROW | _named("award_key", "piid", "number"),
    "notices": ROW | {"url": "t.url || if(i = 0, '', '?copy=' || i)"},
    "answers": ROW,
    "records": ROW | _named("use_case_id"),
    "use_cases": ROW
    | _named("use_case_id", "handle", "published_id")
    | {"name_citation": _cell("t.name_citation")}
    | {question: _answer(question) for question in QUESTIONS},
    "matches": _named("earlier", "later"),
    "entry_mentions": _named("use_case_id") | {"citation": _cell("t.citation")},
    "findings": _named("finding", "subject", "subject_id")
    | {"citations": f"list_transform(t.citations, lambda c: {_cell('c')})"},
}  # fmt: skip


def multiply(register: Path, path: Path, times: int) -> None:
    """Write the register at `path`, with `times` as many records as the one that is given."""
    with building(path) as draft:
        draft.run(f"attach {literal(str(register.resolve()))} as one (read_only)")
        for table in TABLES:
            if table == "meta":
                continue
            copies = f"range({times})" if table in COPIES else "range(1)"
            changed = ", ".join(f"{text} as {column}" for column, text in COPIES.get(table, {}).items())
            kept = f"where i = 0 or t.subject_kind in {FINDINGS}" if table == "findings" else ""
            draft.run(
                f"insert into {table} select t.* {f'replace ({changed})' if changed else ''} "
                f"from one.{table} t, {copies} copies(i) {kept} order by i, t.rowid"
            )
        for (name,) in draft.rows(
            "select table_name from duckdb_tables() where database_name = 'one' and schema_name = 'raw' order by 1"
        ):
            draft.run(
                f"create table raw.{quoted(name)} as select t.* replace ((t._row + i * {APART})::integer as _row) "
                f"from one.raw.{quoted(name)} t, range({times}) copies(i) order by i, t._row"
            )
        _count_anew(draft, times)
        draft.run("insert into meta select * from one.meta where key <> 'schema_version'")
        draft.run("update meta set value = sha256(value || $times) where key = 'fingerprint'", {"times": str(times)})
        draft.run("detach one")
        load_texts(draft)
        draft.index()


def _count_anew(draft: Register, times: int) -> None:
    draft.run(f"update releases set records = records + {(times - 1) * APART}")
    sums = ", ".join(f"{column} = {column} * {times}" for column in ('"rows"', "repeats", "negatives", "obligations"))
    draft.run(f"update release_parts set {sums}")
