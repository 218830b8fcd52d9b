"""Take a citation back to the cell as it was published."""

from collections.abc import Iterable, Mapping
from typing import Any

from custodiet.model.errors import QuestionError
from custodiet.model.text import echo, tidy
from custodiet.store import Register
from custodiet.store.database import quoted

# What stands for a release where a finding rests on a claim that was written by hand.
CATALOGUE = "catalogue"


def cite(register: Register, release: str, row: int, column: str) -> dict[str, Any]:
    """Return the cell of a release at a data record (from 1) and a column (its header, or its letter).

    The dictionary has release, row, column, letter, header, text (exactly as published), value, state, file, sha256, url,
    published and collected (the last day on which a consolidator is known to have collected it, where that is later).

    Raises:
        QuestionError: no such release, row or column, a header that stands several times, or a column that was left
            out because it may name a person.

    """
    if release == CATALOGUE:
        return _cite_claim(register, column, row)
    cell = published_cell(register, release, row, column)
    found = _release(register, release)
    typed = register.rows(
        'with a as materialized (select * from answers where "row" = $row) '
        "select value, state from a where release = $release and field = $field",
        {"release": release, "row": row, "field": cell.pop("field")},
    )
    value, state = typed[0] if typed else (None, None)
    return cell | {
        "value": value, "state": state, "file": found["file"], "sha256": found["sha256"], "url": found["url"],
        "published": found["published"].isoformat() if found["published"] else None,
        "collected": found["collected"].isoformat() if found["collected"] else None,
    }  # fmt: skip


def published_cell(register: Register, release: str, row: int, column: str) -> dict[str, Any]:
    """Return a cell as `cite` does, without what was read from it: release, row, column, letter, header, text, and its field.

    Raises:
        QuestionError: as for `cite`.

    """
    if release == CATALOGUE:
        return _cite_claim(register, column, row)
    found = _release(register, release)
    wanted = _find_column(release, _columns(register).get(release, []), column)
    if not 1 <= row <= found["records"]:
        raise QuestionError(f"{release} has rows 1 to {found['records']:,}; there is no row {row:,}.")
    if wanted["personal"]:
        raise QuestionError(f"{release} {wanted['name']}: not kept, because {wanted['left_out']}.")
    ((text,),) = register.rows(f"select {quoted(wanted['name'])} from raw.{quoted(release)} where _row = $row", {"row": row})
    return {
        "release": release, "row": row, "column": wanted["name"], "letter": wanted["letter"],
        "header": tidy(wanted["header"]), "text": text, "field": wanted["field"],
    }  # fmt: skip


def published_cells(register: Register, citations: Iterable[Mapping[str, Any]]) -> dict[tuple[str, int, str], str | None]:
    """Return the text of each cited cell exactly as it was published, by release, row and column.

    A citation of the catalogue gives what the claim says. One that names no cell that the register has is left out.
    """
    wanted: dict[str, dict[str, set[int]]] = {}
    for each in citations:
        wanted.setdefault(each["release"], {}).setdefault(each["column"], set()).add(each["row"])
    found: dict[tuple[str, int, str], str | None] = {}
    known = _columns(register)
    for release, columns in wanted.items():
        if release == CATALOGUE:
            for slug, row, says in register.rows(
                'select slug, "row", says from claims where slug in $slugs', {"slugs": list(columns)}
            ):
                if row in columns[slug]:
                    found[release, row, slug] = says
            continue
        names = sorted(columns.keys() & {each["name"] for each in known.get(release, []) if not each["personal"]})
        rows = sorted({row for name in names for row in columns[name]})
        if not names:
            continue
        for row, *texts in register.rows(
            f"select _row, {', '.join(map(quoted, names))} from raw.{quoted(release)} where _row in (select unnest($rows))",
            {"rows": rows},
        ):
            found.update({
                (release, row, name): text for name, text in zip(names, texts, strict=True) if row in columns[name]
            })  # fmt: skip
    return found


def _cite_claim(register: Register, slug: str, row: int) -> dict[str, Any]:
    """Return a claim of the catalogue as the cell of its page: the page's name is the column, the claim's place the row."""
    rows = register.dicts(
        "select c.claim, c.says, c.grade, c.grade_reason, p.name from claims c join pages p using (slug) "
        'where c.slug = $slug and c."row" = $row',
        {"slug": slug, "row": row},
    )
    if not rows:
        raise QuestionError(f"The catalogue has no page {echo(slug)} with a claim {row:,}; `custodiet search` finds pages.")
    claim = rows[0]
    sources = register.rows(
        "select title || coalesce(' (' || url || ')', '') from claim_sources where claim = $claim order by position",
        {"claim": claim["claim"]},
    )
    return {
        "release": CATALOGUE, "row": row, "column": slug, "letter": None, "header": claim["name"], "text": claim["says"],
        "value": claim["grade"], "state": claim["grade_reason"], "file": f"{claim['claim']}", "sha256": None,
        "url": "; ".join(title for (title,) in sources) or None, "published": None, "collected": None,
    }  # fmt: skip


def _release(register: Register, release: str) -> dict[str, Any]:
    rows = register.keep("releases", lambda: register.dicts("select * from releases order by release"))
    found = next((row for row in rows if row["release"] == release), None)
    if found is None:
        raise QuestionError(f"{echo(release)} is no release; the releases are {', '.join(row['release'] for row in rows)}.")
    if found["status"] != "read":
        raise QuestionError(f"{release} is missing from this register: {found['why']}.")
    return found


def _columns(register: Register) -> dict[str, list[dict[str, Any]]]:
    """Return the columns of every release, in their order."""

    def find() -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for row in register.dicts("select * from release_columns order by release, position"):
            found.setdefault(row["release"], []).append(row)
        return found

    return register.keep("release_columns", find)


def _find_column(release: str, columns: list[dict[str, Any]], wanted: str) -> dict[str, Any]:
    folded = " ".join(wanted.split()).casefold()
    named = [c for c in columns if " ".join(c["header"].split()).casefold() == folded]
    if not named:
        named = [c for c in columns if c["letter"].casefold() == folded]
    if not named:
        names = ", ".join(c["name"] for c in columns)
        raise QuestionError(f"{release} has no column {echo(wanted)}; its columns are {names}.")
    if len(named) > 1:
        letters = ", ".join(c["letter"] for c in named)
        raise QuestionError(f"{release} has the header {echo(wanted)} {len(named)} times; name one by its letter: {letters}.")
    return named[0]
