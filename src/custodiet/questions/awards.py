"""Contract awards: each a number under which actions were taken, with what was obligated and to whom."""

from collections.abc import Iterable, Sequence
from typing import Any

from custodiet.model.errors import QuestionError
from custodiet.model.text import echo
from custodiet.questions.spend import NO_TRANSACTIONS
from custodiet.sources.usaspending.recipients import kind_of
from custodiet.store import Register


def awards(
    register: Register,
    *,
    agency: str | None = None,
    vendor: str | None = None,
    words: str | None = None,
    category: str | None = None,
) -> list[dict[str, Any]]:
    """Return awards, the largest sums first: number, recipients, sum of obligations, first and last action, description.

    `vendor` and `words` are parts of a recipient's name and of any action's description,
      in any case; `category` is one of the
    lexicon, which is an inference from words and names. The sum is of the actions at hand; it is not the award's value.

    Raises:
        QuestionError: there are no transactions in this register, no such agency or category, or the vendor is a natural
            person, whom Custodiet never looks up.

    """
    known = [name for (name,) in register.rows("select distinct agency from transactions where is_current order by 1")]
    if not known:
        raise QuestionError(NO_TRANSACTIONS)
    if agency is not None and agency.upper() not in known:
        raise QuestionError(f"The awards are those of {' and '.join(known)}; there are none of {echo(agency)}.")
    if vendor is not None and kind_of(vendor) == "individual" and not _is_recipient(register, vendor):
        raise QuestionError(
            f"{echo(vendor)} reads as a person's name, and Custodiet looks up no person; name an organisation."
        )
    categories = [slug for (slug,) in register.rows("select category from categories order by 1")]
    if category is not None and category not in categories:
        raise QuestionError(f"{echo(category)} is no category; they are {', '.join(categories)}.")
    rows = register.dicts(
        """
        select a.*, (select list(distinct c.category order by c.category) from award_categories c where c.award =
          a.award) as categories
        from awards a
        where ($agency is null or agency = upper($agency))
          and ($vendor is null or list_bool_or(list_transform(recipients, lambda r: contains(lower(r), lower($vendor)))))
          and ($words is null or exists (select 1 from transactions t where t.is_current and t.piid = a.piid
            and t.agency = a.agency and contains(lower(t.description), lower($words))))
          and ($category is null or exists (select 1 from award_categories c where c.award = a.award and c.category =
            $category))
        order by obligations desc, award
        """,
        {"agency": agency, "vendor": vendor, "words": words, "category": category},
    )
    return [_as_data(row) for row in rows]


def _is_recipient(register: Register, vendor: str) -> bool:
    """Tell whether a text that reads as a person's name is a part of an organisation's, as "Booz Allen" is."""
    found = register.rows(
        "select 1 from awards, unnest(recipients) as r(name) where contains(lower(name), lower($vendor)) limit 1",
        {"vendor": vendor},
    )
    return bool(found)


def current_piids(register: Register, numbers: Iterable[str]) -> set[str]:
    """Return those of some texts that are the numbers of awards with actions in the files at hand."""
    rows = register.rows(
        "with t as materialized (select piid, is_current from transactions where piid in $numbers) "
        "select distinct piid from t where is_current",
        {"numbers": sorted(numbers)},
    )
    return {piid for (piid,) in rows}


def award(register: Register, number: str) -> list[dict[str, Any]]:
    """Return the awards of this number or key, each with its actions and their citations; also orders under it."""
    wanted = number.upper()
    rows = register.rows(
        "select award from awards where piid = $number union select award from awards where award = $number",
        {"number": wanted},
    )
    # Hardly any number is published in small letters, so that the large table is looked up as it is.
    odd = register.keep(
        "awards in small letters",
        lambda: register.rows("select award, piid from awards where upper(piid) <> piid or upper(award) <> award"),
    )
    keys = {key for (key,) in rows} | {key for key, piid in odd if wanted in (piid.upper(), key.upper())}
    return whole_awards(register, sorted(keys))


def whole_awards(register: Register, keys: Sequence[str]) -> list[dict[str, Any]]:
    """Return the awards of these keys, in this order, each with its actions (`acts`) and what bulk downloads say of it."""
    wanted = {"keys": list(keys)}
    rows = register.dicts(
        """
        with a as materialized (select * from awards where award in $keys)
        select a.*, c.categories from a
        left join (
          select award, list(distinct category order by category) as categories from award_categories
          where award in $keys group by award
        ) c using (award)
        """,
        wanted,
    )
    place = {key: position for position, key in enumerate(keys)}
    rows.sort(key=lambda row: place[row["award"]])
    acts = _group(
        register.dicts(
            """
            with t as materialized (select * from transactions where piid in $piids)
            select award_id(t.award_key, t.agency, t.piid) as award, action_date, modification, obligation, recipient,
              description, t.release, t."row", c.name as "column"
            from t join (select release, min(name) as name from release_columns where field = 'obligation'
              group by release) c using (release)
            where is_current and not repeats and award_id(t.award_key, t.agency, t.piid) in $keys
            order by action_date, modification, obligation, t.release, t."row"
            """,
            {**wanted, "piids": [row["piid"] for row in rows]},
        )
    )
    for action in (action for actions in acts.values() for action in actions):
        action["citation"] = {name: action.pop(name) for name in ("release", "row", "column")}
        action["obligation"] = f"{action['obligation']:.2f}"
        action["action_date"] = action["action_date"].isoformat()
    summaries = _summaries(register, keys)
    return [
        _as_data(row) | {"acts": acts.get(row["award"], []), "summaries": summaries.get(row["award"], [])} for row in rows
    ]


def _group(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return rows by their award, which they no longer name."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row.pop("award"), []).append(row)
    return found


def _summaries(register: Register, keys: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Return what bulk downloads say of awards: values as they stood on the day of the download, and the competition."""
    rows = register.dicts(
        """
        select award_key as award, release, "row", uei, parent_name, obligated, outlayed, current_value, potential_value,
          competition, limited_sources, not_competed_because, offers, url, coalesce(s.subawards, 0) as subawards
        from award_summaries a
        left join (
          select award_key, count(*) as subawards from subawards where award_key in $keys and not repeats group by award_key
        ) s using (award_key)
        where award_key in $keys order by release, "row"
        """,
        {"keys": list(keys)},
    )
    for row in rows:
        for name in ("obligated", "outlayed", "current_value", "potential_value"):
            row[name] = f"{row[name]:.2f}" if row[name] is not None else None
    return _group(rows)


def _as_data(row: dict[str, Any]) -> dict[str, Any]:
    return {"id": row["award"], **{name: value for name, value in row.items() if name != "award"}} | {
        "categories": row["categories"] or [],
        "obligations": f"{row['obligations']:.2f}",
        "first_action": row["first_action"].isoformat(),
        "last_action": row["last_action"].isoformat(),
    }
