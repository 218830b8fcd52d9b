"""Put the inventories into the register: typed answers, and one use case where two releases tell of one."""

from collections.abc import Iterator

from custodiet.model.text import fold_name, normalise_name
from custodiet.organisations.agencies import agency_aliases, resolve_agency, resolve_bureau, spoken_names
from custodiet.register.releases import Loaded
from custodiet.sources.inventories.read import InventoryReading
from custodiet.store import Register
from custodiet.store.schema import QUESTIONS


def load_inventories(register: Register, inventories: list[Loaded[InventoryReading]]) -> None:
    """Fill every table that comes from the inventories."""
    register.load("answers", _answer_rows(inventories))
    _load_use_cases(register, inventories)
    _load_common_uses(register, inventories)


def _answer_rows(loaded: list[Loaded[InventoryReading]]) -> Iterator[tuple[object, ...]]:
    for each in loaded:
        if each.release.role != "use-cases":
            continue
        for record in each.reading.records:
            for name, cell in record.answers.items():
                yield each.release.release, record.row, name, cell.value, cell.state, cell.text, cell.column


def _load_use_cases(register: Register, loaded: list[Loaded[InventoryReading]]) -> None:
    """Make one use case of each record; an agency's own record and OMB's of the same id are one use case.

    The agency's own cells come first: they are what OMB's file was made from.
    """
    inventories = [each for each in loaded if each.release.role == "use-cases"]
    own_agencies = {code: each for each in inventories for code in each.spec.primary_for}
    own_rows: dict[tuple[int, str, str], tuple[str, int]] = {}
    for code, each in own_agencies.items():
        for record in each.reading.records:
            published = record.identity["published_id"]
            own_rows[int(each.release.covers), code, published] = (each.release.release, record.row)
    records: list[tuple[object, ...]] = []
    cases: list[tuple[object, ...]] = []
    agencies: set[tuple[str, str]] = set(agency_aliases())
    bureaus: set[tuple[str, str, str]] = set()
    claimed: set[tuple[str, int]] = set()
    for each in sorted(inventories, key=lambda each: bool(each.spec.primary_for)):
        year = int(each.release.covers)
        for record in each.reading.records:
            here = (each.release.release, record.row)
            if here in claimed:
                continue
            identity = record.identity
            code = identity.get("agency") or (each.spec.primary_for[0] if each.spec.primary_for else "")
            agency = resolve_agency(code, identity.get("agency_name", ""))
            bureau = resolve_bureau(agency.code, identity["bureau"]) if identity.get("bureau") else None
            key = f"{here[0]}:{here[1]}"
            records.append((*here, key, "true"))
            primary = here
            own = own_rows.get((year, agency.code, identity.get("published_id", "")))
            if own and own != here:
                records[-1] = (*here, key, "false")
                records.append((*own, key, "true"))
                claimed.add(own)
                primary = own
            name = identity["name"] or "(no name)"
            name_column = record.answers["name"].column
            cases.append((
                key, identity.get("published_id") or None, year, agency.code, agency.name,
                bureau.code if bureau else None, name, normalise_name(name), *primary, here[0], here[1], name_column,
            ))  # fmt: skip
            agencies |= {(spoken, agency.code) for spoken in spoken_names(agency)}
            if bureau:
                bureaus |= {(fold_name(alias), agency.code, bureau.code) for alias in bureau.names}
    register.load("records", records)
    register.load("agency_names", sorted(agencies))
    register.load("bureau_names", sorted(bureaus))
    register.run(
        "create temp table cases (use_case_id varchar, published_id varchar, inventory_year integer, agency varchar, "
        'agency_name varchar, bureau varchar, name varchar, normalised_name varchar, release varchar, "row" integer, '
        "name_release varchar, name_row integer, name_column varchar)"
    )
    register.load("cases", cases)
    _pivot_answers(register)


def _pivot_answers(register: Register) -> None:
    """Lay the answers of each use case side by side; a question that its year did not ask says so."""
    cell = (
        "struct_pack(value := a.value, state := a.state, text := a.text, citation := struct_pack("
        'release := a.release, "row" := a."row", "column" := a."column"))'
    )
    not_asked = "struct_pack(value := null::varchar, state := 'not-asked', text := null::varchar, citation := null)"
    # One map a case and a look-up a question takes half the time of a filtered aggregate a question.
    asked = ", ".join(f"coalesce(p.m['{name}'], {not_asked})" for name in QUESTIONS)
    register.run(
        f"""
        insert into use_cases
        select c.use_case_id,
          -- An id that two records share names neither of them.
          case when c.published_id is not null and count(*) over (partition by c.published_id) = 1
            then c.published_id else c.use_case_id end,
          c.published_id, c.inventory_year, c.agency, c.agency_name, c.bureau, c.name, c.normalised_name, c.release, c."row",
          struct_pack(release := c.name_release, "row" := c.name_row, "column" := c.name_column), {asked}
        from cases c join (
          select c.use_case_id, map(list(a.field), list({cell})) as m
          from cases c join answers a on a.release = c.release and a."row" = c."row"
          group by c.use_case_id
        ) p using (use_case_id)
        order by c.inventory_year, c.agency, c.name_release, c.name_row
        """
    )


def _load_common_uses(register: Register, loaded: list[Loaded[InventoryReading]]) -> None:
    rows = []
    for each in loaded:
        if each.release.role != "common-commercial":
            continue
        for record in each.reading.records:
            identity = record.identity
            agency = resolve_agency("", identity["agency_name"])
            rows.append((
                each.release.release, record.row, agency.code, agency.name, identity["name"],
                identity["in_use"] or None, identity["product"] or None, identity["licences"] or None,
            ))  # fmt: skip
    register.load("common_uses", rows)
