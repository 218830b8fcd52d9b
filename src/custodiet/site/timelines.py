"""The small drawings of a vendor's money and of a use case's answers, by year: each with its table, as any figure has."""

from collections.abc import Mapping, Sequence
from typing import Any

from custodiet.documents.drawings.answers import draw_answers, was_put
from custodiet.documents.drawings.money import draw_money
from custodiet.questions.diff import COMPARABLE
from custodiet.questions.matrix import EVERY_OFFICE
from custodiet.questions.sales import sales
from custodiet.questions.show import answers_of, whole_use_cases
from custodiet.site.downloads import Figure
from custodiet.site.site import Site
from custodiet.store.schema import QUESTIONS

NOT_ASKED = {"value": None, "state": "not-asked", "text": None}


def list_timelines(site: Site) -> dict[str, tuple[str, str]]:
    """Return the names of the drawings by year with the kind and key of their page: "answers-dhs-2577", "money-palantir".

    They are several thousands, and five files each. So a published site has those of the catalogue's vendors, and of the
    bureaus whose systems are in the catalogue; a server draws any.
    """
    kept: dict[str, tuple[str, str]] | None = site.kept.get(("timelines", ""))
    if kept is None:
        kept = site.kept["timelines", ""] = _find_timelines(site)
    return kept


def _find_timelines(site: Site) -> dict[str, tuple[str, str]]:
    # Each form asks for the stage; so a pair whose two entries were asked has something to lay side by side.
    cases = site.register.rows(
        """
        with asked as (
          select u.use_case_id from use_cases u join answers a on a.release = u.release and a."row" = u."row"
          where a.field = 'stage' and a.state <> 'not-asked'
        ), pairs as (
          select m.earlier, m.later from matches m join asked a on a.use_case_id = m.earlier
          join asked b on b.use_case_id = m.later
        )
        select use_case_id from use_cases
        where use_case_id in (select earlier from pairs union select later from pairs) and ($all or (
          inventory_year = (select max(inventory_year) from use_cases) and bureau in (select unnest($offices))
          and impact.value = 'high-impact'))
        """,
        {"all": site.options.is_served, "offices": EVERY_OFFICE},
    )
    vendors = site.register.rows(
        """
        select coalesce(o.page, o.organisation) from transactions t join organisation_names n on n.name = t.recipient
          join organisations o using (organisation)
        where t.is_current and ($all or o.page is not null) group by 1 having count(distinct t.fiscal_year) > 1
        """,
        {"all": site.options.is_served},
    )
    pages = [("use-case", key) for (key,) in cases] + [("vendor", key) for (key,) in vendors]
    named = [(_name(path), kind, key) for kind, key in pages if (path := site.path(kind, key))]
    return {name: (kind, key) for name, kind, key in sorted(named)}


def _name(path: str) -> str:
    folder, _, page = path.removesuffix(".html").partition("/")
    return f"{'answers' if folder == 'use-cases' else 'money'}-{page}"


def timeline(site: Site, kind: str, key: str) -> Figure | None:
    """Return the drawing of a page, or None where there are no two years to draw."""
    if kind == "vendor":
        rows = site.register.rows("select organisation, name from organisations where page = $key or organisation = $key "
                                  "order by organisation", {"key": key})  # fmt: skip
        name = site.register.rows("select name from pages where slug = $key", {"key": key}) or [(rows[0][1],)]
        sold = sales(site.register, {key: [organisation for organisation, _ in rows]})
        return figure_of_money(site, key, name[0][0], sold.get(key, {"years": []})["years"])
    (case,) = whole_use_cases(site.register, [key])
    return figure_of_answers(
        site, case, by_year(case, answers_of(site.register, [each["use_case"] for each in case["other_years"]]))
    )


def figure_of_money(site: Site, key: str, name: str, years: Sequence[Mapping[str, Any]]) -> Figure | None:
    """Return the drawing of what `questions.sales` has of a vendor's years."""
    if len({row["year"] for row in years}) < 2:
        return None
    rows = [
        {"agency": row["agency"], "year": row["year"], "actions": row["actions"], "obligations": str(row["obligations"]),
         "complete": not row["truncated"] and site.is_over(row["year"]),
         "until": f"the end of FY{row['year']}" if site.is_over(row["year"]) else f"{site.newest_day}"}
        for row in years
    ]  # fmt: skip
    table = [
        {"agency": row["agency"], "year": row["year"], "actions": row["actions"], "obligations": str(row["obligations"]),
         "complete": not row["truncated"], "is_over": site.is_over(row["year"])}
        for row in years
    ]  # fmt: skip
    title = f"{name}: obligated by fiscal year"
    return Figure(_name(site.contents["vendor"][key]), title, draw_money(rows, title), table)


def figure_of_answers(site: Site, case: Mapping[str, Any], found: Mapping[str, Any]) -> Figure | None:
    """Return the drawing of what `by_year` gave."""
    if not found["rows"]:
        return None
    rows = [
        {"question": row["question"],
         "cells": [{"year": year, **cell} for year, cell in zip(found["years"], row["cells"], strict=True)]}
        for row in found["rows"]
    ]  # fmt: skip
    table = [
        {"question": row["question"], "year": cell["year"], "value": cell["value"], "state": cell["state"],
         "text": cell["text"], "citation": cell.get("citation")}
        for row in rows for cell in row["cells"]
    ]  # fmt: skip
    title = f"{case['name']}: answers by year"
    return Figure(_name(site.contents["use-case"][case["key"]]), title, draw_answers(rows, title), table)


def by_year(case: Mapping[str, Any], earlier: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the answers of a use case beside those of other years: {years, rows: [{question, cells, differs}]}.

    Only questions that can be laid side by side, and that at least two of the years put.
    """
    others = [other for other in case["other_years"] if other["use_case"] in earlier]
    here = {answer["field"]: answer for answer in case["answers"]}
    entries = sorted([(case["year"], case["id"], here),
                      *((other["year"], other["id"], earlier[other["use_case"]]) for other in others)],
                     key=lambda entry: entry[:2])  # fmt: skip
    years = [year for year, _, _ in entries]
    # Where entries were merged or split, one year has two of them.
    columns = [(str(year) if years.count(year) == 1 else f"{year}, {name}", answers) for year, name, answers in entries]
    rows = []
    for field in COMPARABLE if others else ():
        cells = [column.get(field, NOT_ASKED) for _, column in columns]
        if sum(cell["state"] != "not-asked" for cell in cells) > 1:
            said = {cell["value"] or cell["state"] for cell in cells if was_put(cell)}
            rows.append({"question": QUESTIONS[field], "cells": cells, "differs": len(said) > 1})
    return {"years": [year for year, _ in columns] if rows else [], "rows": rows}
