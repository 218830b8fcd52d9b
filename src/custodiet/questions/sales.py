"""What organisations were obligated: their awards and their money by fiscal year, of many organisations at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from custodiet.store import Register


def sales(register: Register, groups: Mapping[str, Sequence[str]]) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Return, by group of organisations, `awards` (the largest sums first) and `years`.

    An award's sum is of all its actions, whoever they were with; a year's is of the actions under the organisations' own
    names, because an award may have passed from one firm to another. `truncated` says that the file of a year is cut off.
    """
    members = {organisation: group for group, organisations in groups.items() for organisation in organisations}
    names = register.rows(
        "select name, organisation from organisation_names where organisation in $organisations",
        {"organisations": list(members)},
    )
    named = {"names": [name for name, _ in names], "keys": [members[organisation] for _, organisation in names]}
    paid = register.rows(
        """
        with t as materialized (select * from transactions where recipient in $names)
        select distinct n.key, award_id(t.award_key, t.agency, t.piid)
        from t join (select unnest($names) as name, unnest($keys) as key) n on n.name = t.recipient
        where t.is_current and not t.repeats
        """,
        named,
    )
    awards = register.dicts(
        """
        with a as materialized (
          select award, agency, piid, recipients, obligations, first_action, last_action, description, citation from awards
          where award in $awards
        )
        select n.key, a.*
        from a join (select unnest($awards) as award, unnest($keys) as key) n using (award)
        order by n.key, a.obligations desc, a.award
        """,
        {"keys": [key for key, _ in paid], "awards": [award for _, award in paid]},
    )
    years = register.dicts(
        """
        with t as materialized (select * from transactions where recipient in $names),
        parts as (
          select release, agency, fiscal_year, bool_or(is_truncated) as is_truncated from release_parts group by all
        )
        select n.key, t.agency, t.fiscal_year as year, count(*) as actions, sum(t.obligation)::decimal(18, 2) as obligations,
          bool_or(p.is_truncated) as truncated
        from t join (select unnest($names) as name, unnest($keys) as key) n on n.name = t.recipient
        join parts p on p.release = t.release and p.agency = t.agency and p.fiscal_year = t.fiscal_year
        where t.is_current and not t.repeats group by all order by all
        """,
        named,
    )
    found: dict[str, dict[str, list[dict[str, Any]]]] = {group: {"awards": [], "years": []} for group in groups}
    for part, rows in (("awards", awards), ("years", years)):
        for row in rows:
            found[row.pop("key")][part].append(row)
    return found
