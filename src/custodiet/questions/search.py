"""Search the words of institutions: catalogue, use cases, awards, notices, findings, rules. There are no people in it."""

import re
from typing import Any

from custodiet.model.errors import QuestionError
from custodiet.model.text import echo
from custodiet.sources.usaspending.recipients import kind_of
from custodiet.store import Register

SNIPPET = 90
# In the order in which hits are listed.
KINDS = (
    "system", "vendor", "feed", "authority", "agency", "claim", "use-case", "award", "notice", "document", "finding", "rule",
)  # fmt: skip
TEXTS = """
    select 'use-case' as kind, handle as id, name, agency, inventory_year as year,
      concat_ws(' · ', published_id, name, bureau, purpose.value, benefits.value, outputs.value, vendor.value,
        system_name.value, data_description.value, potential_impacts.value, justification.value,
        contract_number.value) as text
    from use_cases
    union all
    select p.kind, p.slug, p.name, null, null, concat_ws(' · ', p.name, array_to_string(p.aliases, ' · '))
    from pages p
    union all
    select 'vendor', o.organisation, o.name, null, null, concat_ws(' · ', o.name, string_agg(n.name, ' · ' order by n.name))
    from organisations o join organisation_names n using (organisation) where o.page is null
    group by o.organisation, o.name
    union all
    select 'agency', agency, max_by(agency_name, inventory_year), agency, null,
      concat_ws(' · ', agency, max_by(agency_name, inventory_year))
    from use_cases group by agency
    union all
    select 'claim', c.claim, p.name, null, null, c.says from claims c join pages p using (slug)
    union all
    select 'award', award, agency || ' ' || piid, agency, year(last_action),
      concat_ws(' · ', piid, parent_piid, array_to_string(recipients, ' · '), description)
    from awards
    union all
    select 'notice', release || ' ' || "row", title, null, year(published), concat_ws(' · ', number, title, agencies)
    from notices
    union all
    select 'document', coalesce(url, title || ', ' || publisher), min(title), null, null,
      concat_ws(' · ', min(title), min(publisher)) from claim_sources where kind <> 'inventory'
    group by coalesce(url, title || ', ' || publisher)
    union all
    select 'finding', f.finding, r.title || ': ' || f.subject_name, f.agency, null,
      concat_ws(' · ', r.title, f.subject_name, f.subject_id, f.bureau, f.reason)
    from findings f join rules r using (rule) where f.outcome = 'gap'
    union all
    select 'rule', rule, title, null, null, concat_ws(' · ', rule, title, checks) from rules
"""


def search(register: Register, words: str, *, shown: int | None = None) -> list[dict[str, Any]]:
    """Return everything in which all the words stand, names before texts: kind, id, name, agency, year, snippet, total.

    `total` is how many hits of its kind there are, of which at most `shown` come back.

    Raises:
        QuestionError: there are no words to look for, or they are a natural person's name, whom Custodiet never looks up.

    """
    wanted = [word.casefold() for word in re.findall(r"\S+", words)]
    if not wanted:
        raise QuestionError("Give at least one word to search for.")
    rows = register.rows(
        f"""
        with texts as ({TEXTS}),
        hits as (
          select *, list_bool_and(list_transform($words::varchar[], lambda w: contains(lower(name), w))) as in_name,
            count(*) over (partition by kind) as total
          from texts where list_bool_and(list_transform($words::varchar[], lambda w: contains(lower(text), w)))
        )
        select kind, id, name, agency, year, text, total, in_name from hits
        qualify $shown is null or row_number() over (partition by kind order by in_name desc, year desc, agency, id) <= $shown
        order by in_name desc, list_position($kinds, kind), year desc, agency, id
        """,
        {"words": wanted, "shown": shown, "kinds": list(KINDS)},
    )
    # A surname may be a part of a company's name; where it is of none, the words are a person's and nothing is shown.
    if not any(in_name for *_, in_name in rows) and kind_of(words) == "individual":
        raise QuestionError(f"{echo(words)} reads as a person's name, and Custodiet looks up no person.")
    return [
        {
            "kind": kind, "id": key, "name": name, "agency": agency, "year": year, "snippet": _snippet(text, wanted),
            "total": total,
        }
        for kind, key, name, agency, year, text, total, _ in rows
    ]  # fmt: skip


def _snippet(text: str, wanted: list[str]) -> str:
    tidy = " ".join(text.split())
    place = min((found for word in wanted if (found := tidy.casefold().find(word)) >= 0), default=0)
    start, end = max(place - SNIPPET, 0), place + SNIPPET
    return ("…" if start else "") + tidy[start:end].strip(" ·") + ("…" if end < len(tidy) else "")
