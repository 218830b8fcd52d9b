"""What is declared, purchased, noticed and logged, by system and category: counts with citations, or why it can't be told."""

from typing import Any

from custodiet.model.errors import QuestionError
from custodiet.model.text import fold_name
from custodiet.store import Register

COLUMNS = ("declared", "purchased", "noticed", "logged")
# Offices of a bureau whose contracts are the bureau's.
OFFICES = {"ICE": ("ICE", "ERO", "HSI", "OPLA"), "CBP": ("CBP", "USBP", "OFO", "AMO")}
# The same as inventories name them, without whose they are.
EVERY_OFFICE = tuple(office for offices in OFFICES.values() for office in offices)
NO_LOG = "no released log of its searches is in this register"


def matrix(register: Register, *, agency: str = "ICE") -> list[dict[str, Any]]:
    """Return a row for each category and each system of a bureau, with four cells; or each category of a producer's logs.

    A cell is `{"count": 3, "citations": [...], "why": None}`; where it can't be told, `count` is None and `why` says why.
    *Declared*: entries of the latest inventory (for a system with a name of its own, those about it; a mention elsewhere is
    told in `why`). *Purchased*: contract awards. *Noticed*: PIAs and SORNs that pages of the catalogue or those entries name.
    *Logged*: audited logs of its own searches (`build --audits`), as far as the audits say whose they are.

    Raises:
        QuestionError: the register has no contracts of this bureau, and no log of such a producer.

    """
    bureau = agency.upper()
    logs = register.dicts("select * from audited_logs order by release")
    if bureau not in OFFICES:
        if own := [log for log in logs if log["producer"] and fold_name(log["producer"]) == fold_name(agency)]:
            return _of_producer(register, own[0]["producer"], logs)
        raise QuestionError(
            f"The matrix is of {' and '.join(OFFICES)}, whose contracts the register holds; not of {agency!r}."
        )
    have = dict(register.rows("select role, bool_or(status = 'read') from releases group by role"))
    declared = _declared(register, bureau) if have.get("use-cases") else None
    purchased = _purchased(register, bureau) if have.get("transactions") else None
    noticed = _noticed(register, bureau)
    bought_by_page = {
        slug for (slug,) in register.rows("select distinct slug from claims where about = 'procured' and grade = 'Known'")
    }
    spoken = _mentions(register, bureau)
    rows = []
    for kind, slug, name, named in _subjects(register, bureau):
        key = (kind, slug)
        cells = {
            "declared": _cell(declared, key, "the inventories are missing", spoken.get(slug) if named else None),
            "purchased": _cell(purchased, key, "the contract actions are missing", None),
            "noticed": _notice_cell(noticed, key, declared),
            "logged": _logged(logs, bureau, slug) if kind == "category" else _no_system(logs, bureau),
        }
        if kind == "system" and named and not cells["purchased"]["count"] and slug in bought_by_page:
            cells["purchased"] = {"count": None, "citations": [], "why": "no award's text names it; its page cites purchases"}
        for column in ("declared", "purchased"):
            if kind == "system" and not named and not cells[column]["count"]:
                cells[column] = {"count": None, "citations": [], "why": "a group under words of our own; see its category"}
        rows.append({"kind": kind, "id": slug, "name": name, "agency": bureau, **cells})
    return rows


def _of_producer(register: Register, producer: str, logs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the categories of a producer's logs; what else it has, this register of federal papers can't tell."""
    untold = {
        "declared": "the inventories are of federal agencies",
        "purchased": "the contract actions are of federal agencies",
        "noticed": "PIAs and SORNs are of federal agencies",
    }
    rows = []
    for slug, name in register.rows("select category, name from categories order by name"):
        logged = _logged(logs, producer, slug)
        if logged["count"]:
            cells: dict[str, Any] = {column: {"count": None, "citations": [], "why": why} for column, why in untold.items()}
            rows.append({"kind": "category", "id": slug, "name": name, "agency": producer, **cells, "logged": logged})
    return rows


def _logged(logs: list[dict[str, Any]], agency: str, category: str) -> dict[str, Any]:
    """Return the audited logs of an agency's own searches; those of others, or of nobody named, answer nothing here."""
    of_kind = [log for log in logs if log["category"] == category]
    own = [log["citation"] for log in of_kind if _is_of(log, agency)]
    if own:
        return {"count": len(own), "citations": own, "why": None}
    if not of_kind:
        return {"count": None, "citations": [], "why": NO_LOG}
    unnamed = sum(log["producer"] is None for log in of_kind)
    others = ", ".join(sorted({log["producer"] for log in of_kind if log["producer"]}))
    whys = [f"the logs in this register are of others ({others})"] if others else []
    if unnamed:
        whys.append(f"whose {unnamed} of the audited logs are, no `audit --producer` said")
    return {"count": None, "citations": [], "why": "; ".join(whys)}


def _is_of(log: dict[str, Any], agency: str) -> bool:
    names = OFFICES.get(agency, (agency,))
    return log["bureau"] == agency or fold_name(log["producer"] or "") in map(fold_name, names)


def _no_system(logs: list[dict[str, Any]], agency: str) -> dict[str, Any]:
    has_own = any(_is_of(log, agency) for log in logs)
    why = "a log does not say which system it is of; see its category" if has_own else NO_LOG
    return {"count": None, "citations": [], "why": why}


def _subjects(register: Register, bureau: str) -> list[tuple[str, str, str, bool]]:
    categories = register.rows("select 'category', category, name, false from categories order by name")
    systems = register.rows(
        """
        select 'system', slug, name, (fields->>'named')::boolean from pages
        where kind = 'system' and list_has_any((fields->'operators')::varchar[], $offices) order by name
        """,
        {"offices": list(OFFICES[bureau])},
    )
    return [*categories, *systems]


def _declared(register: Register, bureau: str) -> dict[tuple[str, str], list[Any]]:
    """Return, by subject, the citations of the latest inventory's entries about it."""
    rows = register.rows(
        """
        with latest as (
          select * from use_cases where inventory_year = (select max(inventory_year) from use_cases) and bureau = $bureau
        ),
        hits as (
          select 'category' as kind, m.name as slug, m.use_case_id from entry_mentions m where m.kind = 'category'
          union select 'system', m.name, m.use_case_id from entry_mentions m
            where m.kind = 'system' and m.field in ('name', 'system_name')
          union select 'system', l.slug, u.use_case_id from page_links l join latest u on u.handle = l.target
            join pages p on p.slug = l.slug and not (p.fields->>'named')::boolean
            where l.relation = 'use_cases'
        )
        select h.kind, h.slug, list(u.name_citation order by u.handle) from hits h join latest u using (use_case_id)
          group by all
        """,
        {"bureau": bureau},
    )
    return {(kind, slug): cells for kind, slug, cells in rows}


def _purchased(register: Register, bureau: str) -> dict[tuple[str, str], list[Any]]:
    rows = register.rows(
        """
        with hits as (
          select distinct 'category' as kind, category as slug, award from award_categories
          union select 'system', system, award from award_categories where system is not null
        )
        select h.kind, h.slug, list(a.citation order by a.last_action desc, a.award)
        from hits h join awards a using (award) where a.agency = $bureau group by all
        """,
        {"bureau": bureau},
    )
    return {(kind, slug): cells for kind, slug, cells in rows}


def _noticed(register: Register, bureau: str) -> dict[tuple[str, str], list[Any]]:
    """Return, by subject, its notices: those that pages link, and those that entries about it link."""
    rows = register.rows(
        """
        with latest as (
          select use_case_id, handle, same_address(privacy_notice.text) as paper, privacy_notice.citation as cell
          from use_cases
          where bureau = $bureau and privacy_notice.state = 'reported'
            and inventory_year = (select max(inventory_year) from use_cases)
        ),
        papers as (
          select l.slug as system, coalesce(same_address(a.fields->>'url'), a.slug) as paper,
            struct_pack(release := 'catalogue', "row" := 1, "column" := a.slug) as cell
          from page_links l
          join pages a on a.slug = l.target and a.kind = 'authority' and a.fields->>'type' in ('pia', 'sorn')
          where l.relation = 'authorities'
        ),
        links as (
          select 'category' as kind, m.name as slug, u.paper, min(u.cell) as cell
          from entry_mentions m join latest u using (use_case_id) where m.kind = 'category' group by all
        ),
        -- A notice that both a page and an entry name is one notice.
        named as (
          select 'system' as kind, system as slug, paper, min(cell) as cell from (
            select * from papers
            union all select l.slug, u.paper, u.cell from page_links l join latest u on u.handle = l.target
            where l.relation = 'use_cases'
          ) group by all
        )
        select kind, slug, list(cell order by paper) from (select * from links union all select * from named) group by all
        """,
        {"bureau": bureau},
    )
    return {(kind, slug): cells for kind, slug, cells in rows}


def _mentions(register: Register, bureau: str) -> dict[str, str]:
    """Return, by system, the entries of the latest inventory that speak of it elsewhere than in their names."""
    rows = register.rows(
        """
        select m.name, string_agg(distinct u.handle, ', ' order by u.handle) from entry_mentions m join use_cases u using
          (use_case_id)
        where m.kind = 'system' and u.bureau = $bureau and m.field not in ('name', 'system_name')
          and u.inventory_year = (select max(inventory_year) from use_cases)
        group by m.name
        """,
        {"bureau": bureau},
    )
    return {slug: f"spoken of in {handles}" for slug, handles in rows}


def _cell(
    found: dict[tuple[str, str], list[Any]] | None, key: tuple[str, str], missing: str, beside: str | None
) -> dict[str, Any]:
    if found is None:
        return {"count": None, "citations": [], "why": missing}
    cells = found.get(key, [])
    return {"count": len(cells), "citations": cells, "why": beside if not cells else None}


def _notice_cell(
    noticed: dict[tuple[str, str], list[Any]], key: tuple[str, str], declared: dict[tuple[str, str], list[Any]] | None
) -> dict[str, Any]:
    cells = noticed.get(key, [])
    if cells:
        return {"count": len(cells), "citations": cells, "why": None}
    if declared and declared.get(key):
        return {"count": 0, "citations": [], "why": "its entries link no assessment"}
    return {"count": None, "citations": [], "why": "nothing was asked: no inventory entry is about it"}
