"""Show one thing of the register whole: a use case, system, vendor, feed, authority or award."""

import difflib
import json
from collections.abc import Sequence
from typing import Any

from custodiet.model.errors import QuestionError
from custodiet.model.text import echo, fold_name
from custodiet.questions.awards import award, current_piids
from custodiet.questions.findings import findings_of
from custodiet.questions.scope import missing_releases
from custodiet.store import Register
from custodiet.store.schema import QUESTIONS


def candidates(register: Register, name: str) -> list[dict[str, Any]]:
    """Return everything that a name may mean: by id, key or slug; only if there is none, by name or alias.

    Raises:
        QuestionError: nothing of that name; the sentence suggests what is near.

    """
    if not name.strip():
        raise QuestionError("Name what to show: a published id, a slug, an alias or an award number.")
    wanted = {"name": name.strip(), "folded": fold_name(name)}
    columns = "kind, id, name, agency, bureau, year"
    use_cases = (
        "select 'use-case' as kind, use_case_id as id, handle, published_id, name, agency, bureau, inventory_year as year "
        "from use_cases"
    )
    pages = "select kind, slug as id, name, null as agency, null as bureau, null as year, aliases from pages"
    found = register.dicts(
        f"select {columns} from ({use_cases}) where lower(id) = lower($name) or lower(published_id) = lower($name) "
        f"or lower(handle) = lower($name) union all select {columns} from ({pages}) where id = lower($name) "
        "order by kind, id",
        {"name": wanted["name"]},
    )
    if not found:
        found = register.dicts(
            f"select {columns} from ({pages}) where lower(name) = $folded "
            "or list_contains(list_transform(aliases, lambda a: lower(a)), $folded) order by kind, id",
            {"folded": wanted["folded"]},
        )
    if not found:
        found = register.dicts(
            f"select {columns} from ({use_cases}) where lower(name) = $folded order by year desc, id",
            {"folded": wanted["folded"]},
        )
    if not found:
        found = [
            {"kind": "award", "id": each["id"], "name": ", ".join(each["recipients"]), "agency": "DHS",
             "bureau": each["agency"], "year": None}
            for each in award(register, name.strip())
        ]  # fmt: skip
    if not found:
        raise _unknown(register, name)
    return found


def show(register: Register, name: str) -> dict[str, Any]:
    """Return the whole record of a thing, every value with its citation and state, or `{"candidates": [...]}`.

    Raises:
        QuestionError: nothing of that name.

    """
    found = candidates(register, name)
    if len(found) > 1:
        return {"candidates": found}
    if found[0]["kind"] == "use-case":
        return whole_use_cases(register, [found[0]["id"]])[0]
    if found[0]["kind"] == "award":
        return {"kind": "award", **award(register, found[0]["id"])[0]}
    return _show_page(register, found[0]["id"])


def whole_use_cases(register: Register, keys: Sequence[str]) -> list[dict[str, Any]]:
    """Return the use cases of these keys, in this order, each whole: every value with its citation and state."""
    wanted = {"keys": list(keys)}
    cases = register.dicts("select * from use_cases where use_case_id in $keys", wanted)
    place = {key: position for position, key in enumerate(keys)}
    cases.sort(key=lambda case: place[case["use_case_id"]])
    records = by_key(
        register.dicts(
            'select use_case_id as key, release, "row", is_primary from records where use_case_id in $keys '
            "order by is_primary desc, release",
            wanted,
        )
    )
    several = [key for key in keys if len(records.get(key, [])) > 1]
    differing = by_key(disagreements(register, keys=several), keep=True) if several else {}
    other_years = by_key(
        register.dicts(
            """
            select k.key, v.inventory_year as year, v.handle as id, v.use_case_id as use_case, v.name, m.basis, m.by_whom,
              m.reason
            from (select unnest($keys) as key) k
            join matches m on k.key in (m.earlier, m.later)
            join use_cases v on v.use_case_id = case when m.earlier = k.key then m.later else m.earlier end
            order by year, id
            """,
            wanted,
        )
    )
    pages = by_key(
        register.dicts(
            "select u.use_case_id as key, p.kind, p.slug as id, p.name from page_links l join pages p using (slug) "
            "join use_cases u on u.handle = l.target "
            "where l.relation = 'use_cases' and u.use_case_id in $keys order by p.slug",
            wanted,
        )
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for finding in findings_of(register, list(keys)):
        found.setdefault(finding["subject"]["key"], []).append(finding)
    return [
        {
            "kind": "use-case",
            "id": case["handle"],
            "key": (key := case["use_case_id"]),
            "published_id": case["published_id"],
            "name": case["name"],
            "name_citation": case["name_citation"],
            "agency": case["agency"],
            "agency_name": case["agency_name"],
            "bureau": case["bureau"],
            "year": case["inventory_year"],
            "records": records.get(key, []),
            "answers": [{"field": question, "question": title, **case[question]} for question, title in QUESTIONS.items()],
            "disagreements": differing.get(key, []),
            "other_years": other_years.get(key, []),
            "pages": pages.get(key, []),
            "findings": found.get(key, []),
        }
        for case in cases
    ]


def answers_of(register: Register, keys: Sequence[str]) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the answers of use cases by key and field: value, state and text of the file that comes first."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    if not keys:
        return found
    for key, field, value, state, text in register.rows(
        """
        select u.use_case_id, a.field, a.value, a.state, a.text
        from use_cases u join answers a on a.release = u.release and a."row" = u."row"
        where u.use_case_id in $keys
        """,
        {"keys": list(keys)},
    ):
        found.setdefault(key, {})[field] = {"value": value, "state": state, "text": text}
    return found


def by_key(rows: list[dict[str, Any]], *, keep: bool = False) -> dict[str, list[dict[str, Any]]]:
    """Return rows by their `key`, which they lose unless it is to be kept."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["key"] if keep else row.pop("key"), []).append(row)
    return found


def disagreements(
    register: Register, *, keys: Sequence[str] | None = None, pair: tuple[str, str] | None = None
) -> list[dict[str, Any]]:
    """Return the cells on which two releases of one year disagree about one use case, the primary's side first.

    `keys` asks for some use cases, `pair` for two sources by their names.
    """
    rows = register.dicts(
        """
        select u.use_case_id as key, u.handle as id, u.name, u.agency, u.bureau, a.field,
          struct_pack(release := a.release, "row" := a."row", "column" := a."column", value := a.value, state := a.state,
            text := a.text) as first,
          struct_pack(release := b.release, "row" := b."row", "column" := b."column", value := b.value, state := b.state,
            text := b.text) as second
        from records r
        join records q on q.use_case_id = r.use_case_id and r.is_primary and not q.is_primary
        join use_cases u on u.use_case_id = r.use_case_id
        join answers a on a.release = r.release and a."row" = r."row"
        join answers b on b.release = q.release and b."row" = q."row" and b.field = a.field
        join releases x on x.release = a.release
        join releases y on y.release = b.release
        where (a.value is distinct from b.value or a.state <> b.state)
          and ($keys is null or r.use_case_id in (select unnest($keys::varchar[])))
          and ($one is null or (x.source in ($one, $two) and y.source in ($one, $two)))
        order by u.agency, u.handle, a.field
        """,
        {
            "keys": list(keys) if keys is not None else None,
            "one": pair[0] if pair else None,
            "two": pair[1] if pair else None,
        },
    )
    for row in rows:
        row["question"] = QUESTIONS.get(row["field"], row["field"])
    return rows


def _show_page(register: Register, slug: str) -> dict[str, Any]:
    (page,) = register.dicts("select * from pages where slug = $slug", {"slug": slug})
    links: dict[str, list[dict[str, Any]]] = {}
    for row in register.dicts(
        """
        select l.relation, coalesce(p.kind, 'use-case') as kind, l.target as id, coalesce(p.name, u.name) as name
        from page_links l left join pages p on p.slug = l.target
        left join use_cases u on u.handle = l.target and l.relation = 'use_cases'
        where l.slug = $slug order by l.relation, l.target
        """,
        {"slug": slug},
    ):
        links.setdefault(row.pop("relation"), []).append(row)
    named_by = register.dicts(
        "select p.kind, p.slug as id, p.name, list(l.relation order by l.relation) as relations from page_links l "
        "join pages p using (slug) where l.target = $slug group by all order by p.kind, p.slug",
        {"slug": slug},
    )
    claims = register.dicts("select * from claims where slug = $slug order by rowid", {"slug": slug})
    cited = register.dicts(
        """
        select *, if(kind = 'award', regexp_extract_all(concat_ws(' ', title, place, url), '[0-9A-Z]{13,17}'), []) as award
        from claim_sources where starts_with(claim, $slug || '/') order by claim, position
        """,
        {"slug": slug},
    )
    known = current_piids(register, {number for source in cited for number in source["award"]})
    for source in cited:
        source["award"] = max(known.intersection(source["award"]), default=None)
    return {
        "kind": page["kind"],
        "id": slug,
        "name": page["name"],
        "aliases": page["aliases"],
        "fields": json.loads(page["fields"]),
        "links": links,
        "named_by": named_by,
        "claims": [
            {
                "id": claim["claim"], "about": claim["about"], "says": claim["says"], "grade": claim["grade"],
                "grade_reason": claim["grade_reason"], "public_by": claim["public_by"],
                "public_since": claim["public_since"], "premises": claim["premises"],
                "would_settle": claim["would_settle"],
                "sources": [
                    {name: value for name, value in source.items() if name not in ("claim", "position")}
                    for source in cited
                    if source["claim"] == claim["claim"]
                ],
            }
            for claim in claims
        ],
    }  # fmt: skip


def _unknown(register: Register, name: str) -> QuestionError:
    names = [
        str(row[0])
        for row in register.rows(
            "select slug from pages union select name from pages union select unnest(aliases) from pages "
            "union select handle from use_cases where inventory_year = 2025 union select name from use_cases"
        )
    ]
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.6)
    hint = (
        f" Did you mean {', '.join(close)}?"
        if close
        else f" Try `custodiet search {echo(name)[1:-1]}`.{missing_releases(register)}"
    )
    return QuestionError(f"Nothing here is called {echo(name)}.{hint}")
