"""Search the words of institutions: use cases, the catalogue, and rules. It finds no people; the register has none."""

import re
from typing import Any

from custodiet.model.errors import QuestionError
from custodiet.store import Register

SNIPPET = 90


def search(register: Register, words: str) -> list[dict[str, Any]]:
    """Return everything in which all the words stand, names before texts: kind, id, name, agency, year, snippet.

    Raises:
        QuestionError: there are no words to look for.

    """
    wanted = [word.casefold() for word in re.findall(r"\S+", words)]
    if not wanted:
        raise QuestionError("Give at least one word to search for.")
    rows = register.rows(
        """
        with texts as (
          select 'use-case' as kind, handle as id, name, agency, inventory_year as year,
            concat_ws(' · ', published_id, name, bureau, purpose.value, benefits.value, outputs.value, vendor.value,
              system_name.value, data_description.value, potential_impacts.value, justification.value,
              contract_number.value) as text
          from use_cases
          union all
          select p.kind, p.slug, p.name, null, null, concat_ws(' · ', p.name, array_to_string(p.aliases, ' · '))
          from pages p
          union all
          select 'claim', c.claim, p.name, null, null, c.says from claims c join pages p using (slug)
          union all
          select 'rule', rule, title, null, null, concat_ws(' · ', rule, title, checks) from rules
        )
        select *, list_bool_and(list_transform($words::varchar[], lambda w: contains(lower(name), w))) as in_name
        from texts
        where list_bool_and(list_transform($words::varchar[], lambda w: contains(lower(text), w)))
        order by in_name desc, list_position(['system', 'vendor', 'feed', 'authority', 'claim', 'use-case', 'rule'], kind),
          year desc, agency, id
        """,
        {"words": wanted},
    )
    return [
        {"kind": kind, "id": key, "name": name, "agency": agency, "year": year, "snippet": _snippet(text, wanted)}
        for kind, key, name, agency, year, text, _ in rows
    ]


def _snippet(text: str, wanted: list[str]) -> str:
    tidy = " ".join(text.split())
    place = min((found for word in wanted if (found := tidy.casefold().find(word)) >= 0), default=0)
    start, end = max(place - SNIPPET, 0), place + SNIPPET
    return ("…" if start else "") + tidy[start:end].strip(" ·") + ("…" if end < len(tidy) else "")
