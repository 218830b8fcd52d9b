"""Put the inventories into the register: raw cells, typed answers, and one use case where two releases tell of one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from custodiet.model.text import fold_name
from custodiet.organisations.agencies import agency_aliases, resolve_agency, resolve_bureau, spoken_names
from custodiet.sources.inventories.read import Reading, read_inventory
from custodiet.sources.obtain import Finder, Obtained, refuse_changed
from custodiet.sources.spec import Release, SourceSpec, read_form
from custodiet.sources.tables import Table, letter_of, read_csv, read_xlsx
from custodiet.store import Register
from custodiet.store.database import quoted
from custodiet.store.schema import QUESTIONS


@dataclass
class Loaded:
    """A release that was found and read."""

    spec: SourceSpec
    release: Release
    table: Table
    reading: Reading
    found: Obtained


@dataclass
class Inventories:
    """Everything that a build found of its sources."""

    loaded: list[Loaded] = field(default_factory=list)
    missing: list[tuple[SourceSpec, Release, Obtained]] = field(default_factory=list)


def read_inventories(specs: list[tuple[SourceSpec, Path]], files: dict[str, Obtained]) -> Inventories:
    """Read every release whose file was found.

    A file that is not the pinned one is read all the same, because its first fault (a row cut short, a
    renamed column) helps more than two hashes that differ; then it is refused.
    """
    inventories = Inventories()
    for spec, folder in specs:
        for release in spec.releases:
            found = files[release.release]
            if found.content is None:
                inventories.missing.append((spec, release, found))
                continue
            if release.layout == "csv":
                table = read_csv(found.content, release.encoding, found.shown)
            else:
                table = read_xlsx(found.content, release.sheet, release.header_row, found.shown)
            reading = read_inventory(table, release, read_form(folder, release.form), found.shown)
            refuse_changed(found, release)
            inventories.loaded.append(Loaded(spec, release, table, reading, found))
    return inventories


def find_files(specs: list[tuple[SourceSpec, Path]], finder: Finder) -> dict[str, Obtained]:
    """Return what was found of every release, by its name."""
    return {release.release: finder.find(release) for spec, _ in specs for release in spec.releases}


def load_inventories(register: Register, inventories: Inventories, specs: list[tuple[SourceSpec, Path]]) -> None:
    """Fill every table that comes from the inventories."""
    register.load("sources", [(s.id, s.title, s.publisher, s.licence, s.about.strip()) for s, _ in specs])
    _load_releases(register, inventories)
    for loaded in inventories.loaded:
        _load_raw(register, loaded)
    register.load("answers", _answer_rows(inventories.loaded))
    _load_use_cases(register, inventories.loaded)
    _load_common_uses(register, inventories.loaded)


def _load_releases(register: Register, inventories: Inventories) -> None:
    for loaded in inventories.loaded:
        release, reading = loaded.release, loaded.reading
        columns = [column for _, column in reading.columns]
        register.run(
            "insert into releases values ($release, $source, $role, $covers, $file, $url, $commit, $sha256, $bytes, "
            "$published, $collected, 'read', null, $records, $columns, $taken, $left_out, $unknown, $values, 'complete', "
            "$reason, $held, $stray)",
            {
                "release": release.release, "source": loaded.spec.id, "role": release.role,
                "covers": int(release.covers), "file": f"{release.folder}/{release.file}", "url": release.url,
                "commit": release.commit, "sha256": release.sha256, "bytes": len(loaded.found.content or b""),
                "published": release.published, "collected": release.collected, "records": len(reading.records),
                "columns": len(columns),
                "taken": sum(1 for c in columns if c and c.field),
                "left_out": sum(1 for c in columns if c and c.left_out), "unknown": columns.count(None),
                "values": sum(value.count for value in reading.unknown_values),
                "reason": f"the pinned file, with all of its {len(reading.records):,} records",
                "held": list(reading.assertions_held), "stray": list(reading.stray_cells),
            },
        )  # fmt: skip
    for spec, release, found in inventories.missing:
        register.run(
            "insert into releases (release, source, role, covers, file, url, commit_id, sha256, published, collected, "
            "status, why, completeness, completeness_reason) values ($release, $source, $role, $covers, $file, $url, "
            "$commit, $sha256, $published, $collected, 'missing', $why, 'missing', $why)",
            {
                "release": release.release, "source": spec.id, "role": release.role, "covers": int(release.covers),
                "file": f"{release.folder}/{release.file}", "url": release.url, "commit": release.commit,
                "sha256": release.sha256, "published": release.published, "collected": release.collected,
                "why": found.why_missing,
            },
        )  # fmt: skip


def _load_raw(register: Register, loaded: Loaded) -> None:
    """Keep a release as it came, all text, less the columns that may name a person."""
    name = loaded.release.release
    kept = []
    rows = []
    for position, (column_name, column) in enumerate(loaded.reading.columns):
        personal = column is not None and column.personal
        rows.append((
            name, position, letter_of(position), column_name, loaded.table.headers[position],
            column.field if column else None, column.kind if column and column.field else None,
            column.asked_of if column and column.field else None,
            column.left_out if column else "not in the form; reported", str(personal).lower(),
        ))  # fmt: skip
        if not personal:
            kept.append((position, column_name))
    register.load("release_columns", rows)
    columns = ", ".join(f"{quoted(column_name)} varchar" for _, column_name in kept)
    register.run(f"create table raw.{quoted(name)} (_row integer not null, {columns})")
    register.load(
        f"raw.{name}",
        (
            (record.row, *(loaded.table.rows[record.row - 1][position] for position, _ in kept))
            for record in loaded.reading.records
        ),
    )
    register.load(
        "unknown_values", ((name, value.column, value.text, value.count) for value in loaded.reading.unknown_values)
    )


def _answer_rows(loaded: list[Loaded]) -> Iterator[tuple[object, ...]]:
    for each in loaded:
        if each.release.role != "use-cases":
            continue
        for record in each.reading.records:
            for name, cell in record.answers.items():
                yield each.release.release, record.row, name, cell.value, cell.state, cell.text, cell.column


def normalise_name(name: str) -> str:
    """Return a use case's name as it is compared: lower case, runs of anything but letters and digits one space."""
    return re.sub(r"[^a-z0-9]+", " ", name.casefold()).strip()


def _load_use_cases(register: Register, loaded: list[Loaded]) -> None:
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
    asked = ",\n".join(
        f"coalesce(any_value({cell}) filter (a.field = '{name}'), struct_pack(value := null::varchar, "
        f"state := 'not-asked', text := null::varchar, citation := null)) as {name}"
        for name in QUESTIONS
    )
    register.run(
        f"""
        insert into use_cases
        select c.use_case_id,
          -- An id that two records share names neither of them.
          case when c.published_id is not null and count(*) over (partition by c.published_id) = 1
            then c.published_id else c.use_case_id end,
          c.published_id, c.inventory_year, c.agency, c.agency_name, c.bureau, c.name, c.normalised_name, c.release, c."row",
          struct_pack(release := c.name_release, "row" := c.name_row, "column" := c.name_column),
          {", ".join(f"p.{name}" for name in QUESTIONS)}
        from cases c join (
          select c.use_case_id, {asked}
          from cases c left join answers a on a.release = c.release and a."row" = c."row"
          group by c.use_case_id
        ) p using (use_case_id)
        order by c.inventory_year, c.agency, c.name_release, c.name_row
        """
    )


def _load_common_uses(register: Register, loaded: list[Loaded]) -> None:
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
