"""Contract awards: each a number under which actions were taken, with what was obligated and to whom."""

from typing import Any

from custodiet.model.errors import QuestionError
from custodiet.questions.spend import NO_TRANSACTIONS
from custodiet.store import Register

# One award has one key where the layout gives it; without it, its agency and number stand in.
AWARDS = """
  select coalesce(award_key, agency || ' ' || piid) as id, agency, piid, min(parent_piid) as parent_piid,
    list(distinct recipient order by recipient) as recipients, count(*) as actions,
    sum(obligation)::decimal(18, 2) as obligations, min(action_date) as first_action, max(action_date) as last_action,
    arg_min(description, (action_date, modification, release, "row")) as description,
    min(product_service) as product_service, min(industry) as industry
  from transactions where is_current and not repeats group by coalesce(award_key, agency || ' ' || piid), agency, piid
"""


def awards(
    register: Register, *, agency: str | None = None, vendor: str | None = None, words: str | None = None
) -> list[dict[str, Any]]:
    """Return awards, the largest sums first: number, recipients, sum of obligations, first and last action, description.

    `vendor` and `words` are parts of a recipient's name and of any action's description, in any case. The sum is of the
    actions at hand; it is not the award's value.

    Raises:
        QuestionError: there are no transactions in this register.

    """
    if not register.rows("select 1 from transactions where is_current limit 1"):
        raise QuestionError(NO_TRANSACTIONS)
    rows = register.dicts(
        f"""
        select * from ({AWARDS}) a
        where ($agency is null or agency = upper($agency))
          and ($vendor is null or list_bool_or(list_transform(recipients, lambda r: contains(lower(r), lower($vendor)))))
          and ($words is null or exists (select 1 from transactions t where t.is_current and t.piid = a.piid
            and t.agency = a.agency and contains(lower(t.description), lower($words))))
        order by obligations desc, id
        """,
        {"agency": agency, "vendor": vendor, "words": words},
    )
    return [_as_data(row) for row in rows]


def award(register: Register, number: str) -> list[dict[str, Any]]:
    """Return the awards of this number or key, each with its actions and their citations; also orders under it."""
    rows = register.dicts(
        f"select * from ({AWARDS}) a where upper(piid) = upper($number) or upper(id) = upper($number) order by id",
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
              and coalesce(award_key, agency || ' ' || piid) = $id
            order by action_date, modification, obligation, release, "row"
            """,
            {"piid": row["piid"], "agency": row["agency"], "id": row["id"]},
        )
        for action in actions:
            action["citation"] = {name: action.pop(name) for name in ("release", "row", "column")}
            action["obligation"] = f"{action['obligation']:.2f}"
            action["action_date"] = action["action_date"].isoformat()
        found.append(_as_data(row) | {"acts": actions, "summaries": _summaries(register, row["id"])})
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
    return row | {
        "obligations": f"{row['obligations']:.2f}",
        "first_action": row["first_action"].isoformat(),
        "last_action": row["last_action"].isoformat(),
    }
