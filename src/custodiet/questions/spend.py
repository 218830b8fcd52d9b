"""What was obligated, by agency, fiscal year and vendor, with the completeness of its parts beside each sum."""

from typing import Any

from custodiet.model.errors import QuestionError
from custodiet.model.text import echo
from custodiet.store import Register

NO_TRANSACTIONS = "There are no contract transactions in this register; `custodiet sources` says what is missing and why."
# What one can group by, as SQL over the table of transactions.
GROUPS = {"agency": "t.agency", "year": "t.fiscal_year", "vendor": "coalesce(o.name, t.recipient)", "category": "c.category"}


def spend(
    register: Register, *, by: tuple[str, ...] = ("agency", "year"), agency: str | None = None, year: int | None = None
) -> list[dict[str, Any]]:
    """Return sums of obligations, each with `actions` and `complete`, and why where it is not complete.

    An obligation is what one action promises or takes back. A sum of them over some years is no award's value, ceiling or
    outlay. Rows that repeat another cell for cell count once. `obligations` is a decimal text in dollars and cents. Years are
    fiscal years. A vendor is the organisation, under whichever names it was paid. An award of several categories counts in
    each of them, and None stands for awards of none. `until` is the day of the last action at hand. `complete` is false where
    a part that was looked through for the sum (an agency's year) was cut off while it was fetched (`truncated_parts`),
      or where
    no file was asked for the whole of it (`partial_parts`); `fuller` is the figure of a state that was not cut off.

    Raises:
        QuestionError: an unknown group, agency or year, or no transactions in this register.

    """
    unknown = [name for name in by if name not in GROUPS]
    if unknown or not by or len(set(by)) < len(by):
        raise QuestionError(f"Group by some of {', '.join(GROUPS)}, each once; not by {', '.join(by) or 'nothing'}.")
    known = [name for (name,) in register.rows("select distinct agency from transactions where is_current order by 1")]
    if not known:
        raise QuestionError(NO_TRANSACTIONS)
    if agency is not None and agency.upper() not in known:
        raise QuestionError(f"The transactions are those of {' and '.join(known)}; there are none of {echo(agency)}.")
    years = [y for (y,) in register.rows("select distinct fiscal_year from transactions where is_current order by 1")]
    if year is not None and year not in years:
        raise QuestionError(f"The transactions are of fiscal years {', '.join(map(str, years))}; there are none of {year}.")
    columns = ", ".join(f"{GROUPS[name]} as {name}" for name in by)
    joins = ""
    if "vendor" in by:
        joins += (
            " left join (select n.name as recipient, min(o.name) as name from organisation_names n join organisations o"
            " using (organisation) group by n.name) o on o.recipient = t.recipient"
        )
    if "category" in by:
        joins += (
            " left join (select distinct award, category from award_categories) c"
            " on c.award = award_id(t.award_key, t.agency, t.piid)"
        )
    rows = register.dicts(
        f"""
        with counted as (
          select {columns}, t.obligation from transactions t{joins}
          where t.is_current and not t.repeats and ($agency is null or t.agency = $agency)
            and ($year is null or t.fiscal_year = $year)
        )
        select {", ".join(by)}, count(*) as actions, sum(obligation)::decimal(18, 2) as obligations
        from counted group by {", ".join(by)} order by all
        """,
        {"agency": agency.upper() if agency else None, "year": year},
    )
    fuller = _fuller(register)
    parts = _parts(register, agency.upper() if agency else None, year)
    for row in rows:
        # A year that was cut off may have lost actions of any vendor and category, also of those that it does not show.
        asked = {name: row[name] for name in ("agency", "year") if name in row}
        looked_at = [part for part in parts if asked.items() <= part.items()]
        row["obligations"] = f"{row['obligations']:.2f}"
        row["truncated_parts"] = [part["name"] for part in looked_at if part["is_truncated"]]
        row["partial_parts"] = [part["name"] for part in looked_at if not part["is_covered"]]
        row["complete"] = not row["truncated_parts"] and not row["partial_parts"]
        row["until"] = max(part["until"] for part in looked_at).isoformat()
        row["fuller"] = fuller.get((row["agency"], row["year"])) if set(by) == {"agency", "year"} else None
        if row["complete"]:
            row["fuller"] = None
    return rows


def _parts(register: Register, agency: str | None, year: int | None) -> list[dict[str, Any]]:
    """Return each bureau's year at hand: whether it was cut off, whether it was asked for whole, and its last day."""
    return register.dicts(
        """
        select p.agency, p.fiscal_year as year, p.agency || ' FY' || p.fiscal_year as name,
          bool_or(p.is_truncated) as is_truncated, bool_or(p.covers = 'year') as is_covered, (
            select max(t.action_date) from transactions t
            where t.is_current and t.agency = p.agency and t.fiscal_year = p.fiscal_year) as until
        from release_parts p
        where p.is_current and ($agency is null or p.agency = $agency) and ($year is null or p.fiscal_year = $year)
          and exists (select 1 from transactions t where t.is_current and t.release = p.release and t.agency = p.agency
            and t.fiscal_year = p.fiscal_year)
        group by p.agency, p.fiscal_year order by all
        """,
        {"agency": agency, "year": year},
    )


def _fuller(register: Register) -> dict[tuple[str, int], dict[str, Any]]:
    """Return, by agency and year, the latest earlier state that has more rows and was not cut off."""
    rows = register.rows(
        """
        select h.agency, h.fiscal_year, h.release, h."rows" - h.repeats, h.obligations
        from release_parts h
        join release_parts c on c.agency = h.agency and c.fiscal_year = h.fiscal_year and c.is_current and c.is_truncated
        where not h.is_current and not h.is_truncated and h."rows" > c."rows" order by h.release
        """
    )
    return {
        (agency, year): {"release": release, "actions": actions, "obligations": f"{amount:.2f}"}
        for agency, year, release, actions, amount in rows
    }
