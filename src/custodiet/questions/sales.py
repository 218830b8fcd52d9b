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
    awards = register.dicts(
        """
        with members as (
          select unnest($organisations) as organisation, unnest($groups) as key
        ), names as (
          select n.name, m.key from organisation_names n join members m using (organisation)
        )
        select distinct n.key, a.award, a.agency, a.piid, a.recipients, a.obligations, a.first_action, a.last_action,
          a.description, a.citation
        from (select a.*, unnest(a.recipients) as recipient from awards a) a join names n on n.name = a.recipient
        order by n.key, a.obligations desc, a.award
        """,
        {"organisations": list(members), "groups": list(members.values())},
    )
    years = register.dicts(
        """
        with members as (
          select unnest($organisations) as organisation, unnest($groups) as key
        ), names as (
          select n.name, m.key from organisation_names n join members m using (organisation)
        ), parts as (
          select release, agency, fiscal_year, bool_or(is_truncated) as is_truncated from release_parts group by all
        )
        select n.key, t.agency, t.fiscal_year as year, count(*) as actions, sum(t.obligation)::decimal(18, 2) as obligations,
          bool_or(p.is_truncated) as truncated
        from transactions t join names n on n.name = t.recipient
        join parts p on p.release = t.release and p.agency = t.agency and p.fiscal_year = t.fiscal_year
        where t.is_current and not t.repeats group by all order by all
        """,
        {"organisations": list(members), "groups": list(members.values())},
    )
    found: dict[str, dict[str, list[dict[str, Any]]]] = {group: {"awards": [], "years": []} for group in groups}
    for part, rows in (("awards", awards), ("years", years)):
        for row in rows:
            found[row.pop("key")][part].append(row)
    return found
