"""Contract awards: each a number under which actions were taken, with what was obligated and to whom."""

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


def award(register: Register, number: str) -> list[dict[str, Any]]:
    """Return the awards of this number or key, each with its actions and their citations; also orders under it."""
    rows = register.dicts(
        """
        select a.*, (select list(distinct c.category order by c.category) from award_categories c where c.award =
          a.award) as categories
        from awards a where upper(piid) = upper($number) or upper(award) = upper($number) order by award
        """,
        {"number": number},
    )
    found = []
    for row in rows:
        actions = register.dicts(
            """
            select action_date, modification, obligation, recipient, description, release, "row",
              (select c.name from release_columns c where c.release = t.release and c.field = 'obligation') as "column"
            from transactions t
            where is_current and not repeats and piid = $piid and agency = $agency
              and award_id(award_key, agency, piid) = $id
            order by action_date, modification, obligation, release, "row"
            """,
            {"piid": row["piid"], "agency": row["agency"], "id": row["award"]},
        )
        for action in actions:
            action["citation"] = {name: action.pop(name) for name in ("release", "row", "column")}
            action["obligation"] = f"{action['obligation']:.2f}"
            action["action_date"] = action["action_date"].isoformat()
        found.append(_as_data(row) | {"acts": actions, "summaries": _summaries(register, row["award"])})
    return found


def _summaries(register: Register, key: str) -> list[dict[str, Any]]:
    """Return what bulk downloads say of an award: its values as they stood on the day of the download, its competition."""
    rows = register.dicts(
        """
        select release, "row", uei, parent_name, obligated, outlayed, current_value, potential_value, competition,
          limited_sources, not_competed_because, offers, url,
          (select count(*) from subawards s where s.award_key = a.award_key and not s.repeats) as subawards
        from award_summaries a where award_key = $key order by release, "row"
        """,
        {"key": key},
    )
    for row in rows:
        for name in ("obligated", "outlayed", "current_value", "potential_value"):
            row[name] = f"{row[name]:.2f}" if row[name] is not None else None
    return rows


def _as_data(row: dict[str, Any]) -> dict[str, Any]:
    return {"id": row["award"], **{name: value for name, value in row.items() if name != "award"}} | {
        "categories": row["categories"] or [],
        "obligations": f"{row['obligations']:.2f}",
        "first_action": row["first_action"].isoformat(),
        "last_action": row["last_action"].isoformat(),
    }
