"""Privacy notices, and notices of what agencies mean to buy, as the lists at hand have them."""

from collections.abc import Sequence
from typing import Any

from custodiet.questions.show import by_key
from custodiet.store import Register


def notices(register: Register, *, words: str | None = None) -> list[dict[str, Any]]:
    """Return notices in whose number, title or agencies all the words stand, newest first within a number.

    A list says what was published, never what was not: no list here is whole.
    """
    rows = register.dicts(
        """
        select number, title, published, action, agencies, url,
          struct_pack(release := release, "row" := "row", "column" := (
            select name from release_columns c where c.release = notices.release and c.field = 'title')) as citation
        from notices
        where list_bool_and(list_transform($words::varchar[],
          lambda w: contains(lower(concat_ws(' ', number, title, agencies)), w)))
        order by number nulls last, published desc, release, "row"
        """,
        {"words": [word.casefold() for word in (words or "").split()] or [""]},
    )
    for row in rows:
        row["published"] = row["published"].isoformat()
    return rows


def whole_notices(register: Register, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return notices by their key ("release row"), each with the pages and use cases that name its address."""
    rows = register.dicts(
        """
        select release || ' ' || "row" as key, number, title, published, action, agencies, url,
          struct_pack(release := release, "row" := "row", "column" := (
            select name from release_columns c where c.release = notices.release and c.field = 'title')) as citation
        from notices where key in (select unnest($keys))
        """,
        {"keys": list(keys)},
    )
    named = by_key(
        register.dicts(
            """
            with wanted as (
              select release || ' ' || "row" as key, same_address(url) as address from notices
              where release || ' ' || "row" in (select unnest($keys))
            )
            select w.key, 'use-case' as kind, u.use_case_id as id, u.name, u.inventory_year as year, u.bureau
            from wanted w join use_cases u on same_address(u.privacy_notice.text) = w.address
            union all
            select w.key, p.kind, p.slug, p.name, null, null from wanted w join pages p
              on same_address(p.fields->>'url') = w.address
            order by 2, 4
            """,
            {"keys": list(keys)},
        )
    )
    for row in rows:
        row["published"] = row["published"].isoformat()
        row["named_by"] = named.get(row["key"], [])
    return {row["key"]: row for row in rows}


def solicitations(register: Register, *, words: str | None = None) -> list[dict[str, Any]]:
    """Return notices of what agencies mean to buy, in whose number, title, type or agency all the words stand, newest first.

    Of a notice that was fetched several times, the latest state. There are none until `custodiet fetch sam-opportunities`.
    """
    rows = register.dicts(
        """
        select notice, number, type, posted, title, agency, naics, psc, award_number, awardee, url,
          struct_pack(release := release, "row" := "row", "column" := (
            select name from release_columns c where c.release = s.release and c.field = 'title')) as citation
        from solicitations s
        where not repeats and list_bool_and(list_transform($words::varchar[],
          lambda w: contains(lower(concat_ws(' ', number, title, type, agency)), w)))
        order by posted desc, notice
        """,
        {"words": [word.casefold() for word in (words or "").split()] or [""]},
    )
    for row in rows:
        row["posted"] = row["posted"].isoformat()
    return rows
