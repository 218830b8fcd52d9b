"""Put the catalogue into the register, and take its references to inventory records to their cells."""

import json
from collections.abc import Iterator
from typing import Any

from custodiet.catalogue.read import Catalogue, Entry
from custodiet.catalogue.schema import Claim, Source
from custodiet.model.errors import CatalogueError
from custodiet.store import Register
from custodiet.store.database import quoted

# Fields of a page that name other pages or use cases; the rest is kept as JSON.
LINKS = ("vendors", "feeds", "authorities", "related", "suppliers", "use_cases")
SINGULAR = {"systems": "system", "vendors": "vendor", "feeds": "feed", "authorities": "authority"}


def load_catalogue(register: Register, catalogue: Catalogue) -> None:
    """Fill the tables of pages, links, claims and their sources.

    Raises:
        CatalogueError: a page names a use case, or a source a cell, that the release at hand does not have.
            Where the release itself is missing, the reference is kept and stays unresolved.

    """
    pages: list[tuple[str, str, str, tuple[str, ...], dict[str, Any]]] = []
    links: list[tuple[str, str, str]] = []
    for entry in catalogue.entries.values():
        fields = entry.page.model_dump(mode="json", exclude={"name", "aliases", "claims", *LINKS})
        pages.append((SINGULAR[entry.kind], entry.slug, entry.page.name, entry.page.aliases, fields))
        links.extend((entry.slug, relation, target) for relation, target in _links(entry))
    for kind, slug, name, aliases, fields in pages:
        register.run(
            "insert into pages values ($kind, $slug, $name, $aliases, $fields)",
            {"kind": kind, "slug": slug, "name": name, "aliases": list(aliases), "fields": json.dumps(fields)},
        )
    register.load("page_links", links)
    register.run(
        'create temp table staged_claims (claim varchar, kind varchar, slug varchar, "row" integer, about varchar, '
        "says varchar, grade varchar, grade_reason varchar, public_by varchar, public_since varchar, premises varchar, "
        "would_settle varchar)"
    )
    # A claim is cited as a row of its page, in the page's own order.
    places = {
        f"{entry.slug}/{claim.id}": row
        for entry in catalogue.entries.values()
        for row, claim in enumerate(entry.page.claims, start=1)
    }
    register.load(
        "staged_claims",
        (
            (
                graded.id, SINGULAR[graded.kind], graded.subject, places[graded.id], graded.claim.about,
                " ".join(graded.claim.says.split()), graded.grade, graded.grade_reason, graded.claim.public_by,
                _public_since(graded.claim), "\n".join(graded.claim.premises), graded.claim.would_settle,
            )
            for graded in catalogue.claims.values()
        ),
    )  # fmt: skip
    register.run(
        "insert into claims select * replace (case when premises = '' then [] else string_split(premises, chr(10)) end "
        "as premises) from staged_claims"
    )
    _check_use_cases(register, catalogue)
    _load_sources(register, catalogue)


def _public_since(claim: Claim) -> str | None:
    """Return when a claim was first public: as its page says, or at the latest with its first dated source."""
    dates = [source.date for source in claim.sources if source.date and source.stance == "supports"]
    return claim.public_since or (min(dates) if dates and claim.public_by else None)


def _links(entry: Entry) -> Iterator[tuple[str, str]]:
    for relation in LINKS:
        for target in getattr(entry.page, relation, ()):
            yield relation, target


def _latest_inventory(register: Register) -> dict[str, tuple[str, int, dict[str, tuple[str, int]]]]:
    """Return the latest year's use cases by published id: OMB's record, and every release's record of it."""
    found: dict[str, tuple[str, int, dict[str, tuple[str, int]]]] = {}
    rows = register.rows(
        'select u.published_id, r.release, r."row" from use_cases u join records r using (use_case_id) '
        "where u.inventory_year = (select max(inventory_year) from use_cases) and u.handle = u.published_id "
        "order by r.release"
    )
    for published_id, release, row in rows:
        known = found.setdefault(published_id, (release, row, {}))
        known[2][release] = (release, row)
    return found


def _check_use_cases(register: Register, catalogue: Catalogue) -> None:
    known = _latest_inventory(register)
    if not known:
        return
    for entry in catalogue.entries.values():
        for published_id in getattr(entry.page, "use_cases", ()):
            if published_id not in known and _agency_is_there(known, published_id):
                raise CatalogueError(
                    f"{entry.file}: use_cases names {published_id!r}, and the latest inventory has no such id; mend it."
                )


def _agency_is_there(known: dict[str, tuple[str, int, dict[str, tuple[str, int]]]], published_id: str) -> bool:
    """Tell whether the inventory at hand has any id of this agency: else its file may just be missing."""
    prefix = published_id.partition("-")[0] + "-"
    return any(other.startswith(prefix) for other in known)


def _load_sources(register: Register, catalogue: Catalogue) -> None:
    known = _latest_inventory(register)
    columns = {
        (release, name): quoted(name)
        for release, name in register.rows("select release, name from release_columns where not personal")
    }
    rows = []
    for graded in catalogue.claims.values():
        for position, source in enumerate(graded.claim.sources, start=1):
            citation = _resolve(source, known, columns, catalogue.entries[graded.subject].file, graded.id)
            cell = None
            if citation:
                release, row, column = citation
                ((cell,),) = register.rows(
                    f"select {columns[release, column]} from raw.{quoted(release)} where _row = $row", {"row": row}
                )
            rows.append((
                graded.id, position, source.title, source.publisher, source.kind, source.date, source.url,
                source.stance, source.repeats, source.where, source.note,
                *(citation or (None, None, None)), cell,
            ))  # fmt: skip
    register.run(
        "create temp table staged_sources (claim varchar, position integer, title varchar, publisher varchar, "
        "kind varchar, date varchar, url varchar, stance varchar, repeats varchar, place varchar, note varchar, "
        'release varchar, "row" integer, "column" varchar, cell varchar)'
    )
    register.load("staged_sources", rows)
    register.run(
        "insert into claim_sources select claim, position, title, publisher, kind, date, url, stance, repeats, place, "
        'note, case when release is not null then struct_pack(release := release, "row" := "row", '
        '"column" := "column") end, cell from staged_sources'
    )


def _resolve(
    source: Source,
    known: dict[str, tuple[str, int, dict[str, tuple[str, int]]]],
    columns: dict[tuple[str, str], str],
    file: str,
    claim: str,
) -> tuple[str, int, str] | None:
    """Return the cell that a source names by record and column, in whichever release has that column."""
    if source.record is None or source.column is None or not known:
        return None
    if source.record not in known:
        if not _agency_is_there(known, source.record):
            return None
        raise CatalogueError(
            f"{file}: claim {claim} cites record {source.record!r}, and the latest inventory has none; mend it."
        )
    for release, row in known[source.record][2].values():
        if (release, source.column) in columns:
            return release, row, source.column
    if any(column == source.column for _, column in columns):
        return None
    raise CatalogueError(f"{file}: claim {claim} cites column {source.column!r}, and no release has it; mend it.")
