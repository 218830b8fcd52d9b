"""How an agency came to rely on a vendor, and who takes what a vendor sells."""

import re
from typing import Any

from custodiet.model.text import excerpt
from custodiet.model.words import EXTENDED
from custodiet.questions.subjects import Subject, find_subject
from custodiet.questions.trace import money_lines
from custodiet.store import Register

# Words of an action's description, as published, for what dependence asks of them.
PROTOTYPE = r"(?i)\b(prototype|pilot|proof of concept|sbir|other transaction|phase (i|ii|iii))\b"
FOLLOW_ON = r"(?i)\bfollow[- ]?on\b"
NOT_IN_LAYOUT = "the layout of the transaction files does not say, and no bulk download in this register covers these awards"
SHOWN = 10

_OWN = """
  select distinct a.* from awards a, unnest(a.recipients) as r(recipient) join organisation_names n on n.name = r.recipient
  where n.organisation in (select unnest($organisations))
"""


def dependence(register: Register, name: str) -> dict[str, Any]:
    """Return how agencies came to rely on a vendor: `measures`, each with `measure`, `outcome`, `text` and `citations`.

    An outcome is `reported` or `cannot-tell`. Competition and limited sources are as the agency reported them in bulk
    downloads.

    Raises:
        QuestionError: no organisation of that name, or several.

    """
    subject = find_subject(register, name, kinds=("organisation",))
    wanted = {"organisations": list(subject.organisations)}
    keys = [key for (key,) in register.rows(f"select award from ({_OWN}) order by 1", wanted)]
    measures = [
        _growth(register, keys, list(subject.organisations)),
        *_shares(register, wanted),
        *_competition(register, keys),
        _worded(register, keys, "extensions", EXTENDED, "an extension or a bridge"),
        _worded(register, keys, "prototype", PROTOTYPE, "a prototype, a pilot or a phase"),
        _worded(register, keys, "follow-on", FOLLOW_ON, "a follow-on"),
        _longest(register, keys),
    ]
    return {"id": subject.id, "name": subject.name, "awards": len(keys), "measures": measures}


def _measure(name: str, text: str, citations: list[Any], *, told: bool = True) -> dict[str, Any]:
    return {"measure": name, "outcome": "reported" if told else "cannot-tell", "text": text, "citations": citations[:SHOWN]}


def _growth(register: Register, keys: list[str], organisations: list[str]) -> dict[str, Any]:
    lines = money_lines(register, keys, organisations)
    if not lines:
        return _measure("growth", "no contract action of this vendor is in the files", [], told=False)
    return _measure("growth", "; ".join(line["text"] for line in lines), [line["citation"] for line in lines])


def _shares(register: Register, wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the vendor's share of what each bureau obligated for each category of its awards."""
    rows = register.rows(
        f"""
        with own as ({_OWN}),
        paid as (
          select award_id(award_key, agency, piid) as award, sum(obligation) as mine from transactions
          where is_current and not repeats and recipient in (
            select name from organisation_names where organisation in (select unnest($organisations)))
          group by 1
        ),
        sums as (
          select a.agency, c.category, coalesce(sum(p.mine), 0) as mine,
            sum(a.obligations) as whole, count(*) filter (a.award in (select award from own)) as awards, count(*) as others,
            list(a.citation order by a.obligations desc) filter (a.award in (select award from own)) as cells
          from awards a join (select distinct award, category from award_categories) c using (award)
          left join paid p using (award)
          group by all
        )
        select s.agency, k.name, mine, whole, awards, others, cells from sums s join categories k using (category)
        where awards > 0 order by mine desc
        """,
        wanted,
    )
    return [
        _measure(
            "share of a category",
            f"{agency}, {category}: {awards:,} of {others:,} awards, ${mine:,.2f} of ${whole:,.2f} obligated"
            + (f" ({mine / whole:.0%})" if whole > 0 and mine >= 0 else ""),
            cells,
        )
        for agency, category, mine, whole, awards, others, cells in rows
    ]


def _competition(register: Register, keys: list[str]) -> list[dict[str, Any]]:
    return [
        _as_reported(register, keys, name, field, tables)
        for name, field, tables in (
            ("competition", "competition", ("award_summaries", "transactions")),
            ("limited sources", "limited_sources", ("award_summaries", "transactions")),
            ("not competed because", "not_competed_because", ("award_summaries", "transactions")),
            ("offers received", "offers", ("award_summaries",)),
        )
    ]


def _as_reported(register: Register, keys: list[str], name: str, field: str, tables: tuple[str, ...]) -> dict[str, Any]:
    """Return what bulk downloads say in one column: of each award its summary, or else its latest action that says it."""
    selects = {
        "award_summaries": f"""
          select s.award_key as award, s.piid, s.{field}::varchar as said, s.release, s."row", c.name as "column",
            true as is_summary, null::date as day
          from award_summaries s join release_columns c on c.release = s.release and c.field = '{field}'
        """,
        "transactions": f"""
          select award_id(t.award_key, t.agency, t.piid), t.piid, t.{field}, t.release, t."row", c.name, false,
            t.action_date
          from transactions t join release_columns c on c.release = t.release and c.field = '{field}'
          where t.is_current and not t.repeats
        """,
    }
    rows = register.rows(
        f"""
        select piid, said, release, "row", "column" from ({" union all ".join(selects[table] for table in tables)})
        where award in (select unnest($keys))
        qualify row_number() over (
          partition by award order by said is null, is_summary desc, day desc, release desc, "row" desc) = 1
        order by piid, award
        """,
        {"keys": keys},
    )
    if not rows:
        return _measure(name, NOT_IN_LAYOUT, [], told=False)
    told = [row for row in rows if row[1] is not None]
    blank = len(rows) - len(told)
    silence = f"the cell is blank in the bulk download for {_awards(blank)}"
    if not told:
        others = len(keys) - len(rows)
        rest = f"; no bulk download in this register covers {_awards(others)}" if others else ""
        return _measure(name, silence + rest, [], told=False)
    words = "; ".join(f"{piid}: {said}" for piid, said, *_ in told[:SHOWN])
    cells = [{"release": release, "row": row, "column": column} for *_, release, row, column in told]
    text = f"{words} (reported for {len(told):,} of {_awards(len(keys))}{f'; {silence}' if blank else ''})"
    return _measure(name, text, cells)


def _awards(number: int) -> str:
    return f"{number:,} award{'' if number == 1 else 's'}"


def _worded(register: Register, keys: list[str], name: str, pattern: str, says: str) -> dict[str, Any]:
    rows = register.rows(
        """
        select t.piid, t.action_date, t.description, t.release, t."row", c.name
        from transactions t join release_columns c on c.release = t.release and c.field = 'description'
        where t.is_current and not t.repeats and award_id(t.award_key, t.agency, t.piid) in (select unnest($keys))
          and regexp_matches(t.description, $pattern)
        order by t.action_date, t.piid, t.modification
        """,
        {"keys": keys, "pattern": pattern},
    )
    if not rows:
        return _measure(name, "no description says so; a description need not", [], told=False)
    examples = "; ".join(f"{piid} on {day}: {_around(text, pattern)}" for piid, day, text, *_ in rows[:3])
    cells = [{"release": release, "row": row, "column": column} for *_, release, row, column in rows]
    speak = "1 action speaks" if len(rows) == 1 else f"{len(rows):,} actions speak"
    return _measure(name, f"{speak} of {says}, such as {examples}", cells)


def _around(text: str, pattern: str) -> str:
    found = re.search(pattern, text)
    assert found is not None
    return excerpt(text, found)


def _longest(register: Register, keys: list[str]) -> dict[str, Any]:
    rows = register.rows(
        """
        select agency, piid, first_action, last_action, actions, citation from awards where award in (select unnest($keys))
        order by last_action - first_action desc, award limit 1
        """,
        {"keys": keys},
    )
    if not rows:
        return _measure("longest award", "no award", [], told=False)
    agency, piid, first, last, actions, citation = rows[0]
    text = f"{agency} {piid}: actions from {first} to {last} ({actions:,}); the files begin in October 2020"
    return _measure("longest award", text, [citation])


def exposure(register: Register, name: str) -> dict[str, Any]:
    """Return which agencies and systems take what a vendor sells: `purchases` and `systems`, each row with its citation.

    A purchase is by bureau, category and product, from the vendor itself or through others; a system takes it directly (the
    catalogue names the vendor) or through a feed that the vendor supplies.

    Raises:
        QuestionError: no organisation of that name, or several.

    """
    subject = find_subject(register, name, kinds=("organisation",))
    return {
        "id": subject.id, "name": subject.name,
        "purchases": _purchases(register, subject), "systems": _systems(register, subject),
    }  # fmt: skip


def _purchases(register: Register, subject: Subject) -> list[dict[str, Any]]:
    return register.dicts(
        f"""
        with own as ({_OWN}),
        made as (select distinct product from product_makers where organisation in (select unnest($organisations))),
        taken as (
          select a.award, a.agency, a.obligations, a.first_action, a.last_action, a.citation,
            a.award in (select award from own) as direct,
            coalesce(c.category, 'none of the lexicon') as category,
            string_agg(distinct c.product, ', ' order by c.product) as product
          from awards a left join award_categories c on c.award = a.award and (
            a.award in (select award from own) or c.product in (select product from made))
          where a.award in (select award from own)
            or a.award in (select award from award_categories where product in (select product from made))
          group by all
        )
        select agency, category, product, case when direct then 'from the vendor' else 'through others' end as route,
          count(*) as awards, sum(obligations)::decimal(18, 2)::varchar as obligations,
            min(first_action)::varchar as first_action,
          max(last_action)::varchar as last_action, arg_max(citation, obligations) as citation
        from taken group by agency, category, product, direct order by agency, sum(obligations) desc, category, product
        """,
        {"organisations": list(subject.organisations)},
    )


def _systems(register: Register, subject: Subject) -> list[dict[str, Any]]:
    rows = register.dicts(
        """
        select s.slug as id, s.name, 'named as its vendor' as route, s.fields->>'status' as status,
          array_to_string((s.fields->'operators')::varchar[], ', ') as operators
        from page_links l join pages s on s.slug = l.slug and s.kind = 'system'
        where l.target = $page and l.relation = 'vendors'
        union all
        select s.slug, s.name, 'may reach it through the feed ' || f.name || ', which it supplies with others',
          s.fields->>'status',
          array_to_string((s.fields->'operators')::varchar[], ', ')
        from page_links l join pages f on f.slug = l.slug and f.kind = 'feed'
        join page_links t on t.target = f.slug and t.relation = 'feeds' join pages s on s.slug = t.slug and s.kind = 'system'
        where l.target = $page and l.relation = 'suppliers'
        order by 1, 3
        """,
        {"page": subject.page or ""},
    )
    return [row | {"citation": {"release": "catalogue", "row": 1, "column": row["id"]}} for row in rows]
