"""Organisations: by any of their names, with what makes the names one, identifiers, and relations to others."""

from collections.abc import Sequence
from typing import Any

from custodiet.model.errors import QuestionError
from custodiet.model.text import echo
from custodiet.organisations.names import core_name, plain_name
from custodiet.questions.show import by_key
from custodiet.sources.usaspending.recipients import kind_of
from custodiet.store import Register

# How a relation is said of the organisation that stands second in it.
_BACK = {"successor": "successor-of", "parent": "parent-of", "reseller-of": "resold-by"}


def organisations(register: Register, name: str | None = None) -> list[dict[str, Any]]:
    """Return the organisations that a name may mean, or all: slug, name, page of the catalogue, how many names.

    A name is looked for as a slug, then in its plain form (case, punctuation and the spelling of the legal form aside), then
    without its legal form, then as the first words of a name; the first that finds any decides.

    Raises:
        QuestionError: no organisation has the name, or it is a natural person's, whom Custodiet never looks up.

    """
    columns = "select organisation, name, page, names from organisations"
    if name is None:
        return register.dicts(f"{columns} order by organisation")
    slugs = [
        row["organisation"] for row in register.dicts(f"{columns} where organisation = lower(trim($name))", {"name": name})
    ]
    return register.dicts(
        f"{columns} where list_contains($slugs, organisation) order by organisation",
        {"slugs": slugs or _named(register, name)},
    )


def _named(register: Register, name: str) -> list[str]:
    """Return the slugs of the organisations that a name may mean."""
    plain, core = plain_name(name), core_name(name)
    known = register.rows("select organisation, name from organisation_names") if plain else []
    found = {slug for slug, published in known if plain_name(published) == plain}
    found = found or {slug for slug, published in known if core_name(published) == core}
    if not found and plain and kind_of(name) == "individual":
        raise QuestionError(f"{echo(name)} reads as a person's name, and Custodiet looks up no person; name an organisation.")
    found = found or {slug for slug, published in known if core_name(published).startswith(f"{core} ")}
    if not found:
        raise QuestionError(f"No organisation is named {echo(name)}; give its name as published, or its first words.")
    return sorted(found)


def organisation(register: Register, name: str) -> dict[str, Any]:
    """Return one organisation whole, or `{"candidates": [...]}` where the name may mean several.

    `names` each have their `basis` (`identifier`, `same-name`, `alias`, `judgement`), reason and citation; `ids` a scheme.
    `relations` read from this organisation on: its `successor`, its `parent`, that it is `reseller-of` another, or from the
    other's side `successor-of`, `parent-of`, `resold-by`. `since` and `until` are the first and last day on which a source
    shows a relation. A citation names a release's row; a `url` is the address of an official record.

    Raises:
        QuestionError: as for `organisations`.

    """
    found = organisations(register, name)
    if len(found) > 1:
        return {"candidates": found}
    return whole_organisations(register, [found[0]["organisation"]])[0]


def whole_organisations(register: Register, slugs: Sequence[str]) -> list[dict[str, Any]]:
    """Return the organisations of these slugs, each whole, in the order of the slugs' letters."""
    wanted = {"slugs": list(slugs)}
    names = register.dicts(
        'select organisation as key, name, basis, reason, release, "row", url from organisation_names '
        "where organisation in (select unnest($slugs)) order by name",
        wanted,
    )
    ids = register.dicts(
        'select organisation as key, scheme, id, release, "row", null as url from organisation_ids '
        "where organisation in (select unnest($slugs)) order by scheme, id",
        wanted,
    )
    relations = register.dicts(
        """
        select r.organisation as key, r.relation, r.other as organisation, o.name, o.page, r.since, r.until, r.basis,
          r.reason, r.release, r."row", r.url, false as is_back
        from organisation_relations r join organisations o on o.organisation = r.other
        where r.organisation in (select unnest($slugs))
        union all
        select r.other, r.relation, r.organisation, o.name, o.page, r.since, r.until, r.basis, r.reason, r.release, r."row",
          r.url, true
        from organisation_relations r join organisations o on o.organisation = r.organisation
        where r.other in (select unnest($slugs))
        order by is_back, 2, 3, since, reason
        """,
        wanted,
    )
    for row in relations:
        if row.pop("is_back"):
            row["relation"] = _BACK[row["relation"]]
        for day in ("since", "until"):
            row[day] = row[day].isoformat() if row[day] else None
    for row in (*names, *ids, *relations):
        release, number = row.pop("release"), row.pop("row")
        row["citation"] = {"release": release, "row": number} if release else None
    parts = [by_key(rows) for rows in (names, ids, relations)]
    found = register.dicts(
        "select organisation, name, page, names from organisations where organisation in (select unnest($slugs)) "
        "order by organisation",
        wanted,
    )
    return [
        row
        | {part: rows.get(row["organisation"], []) for part, rows in zip(("names", "ids", "relations"), parts, strict=True)}
        for row in found
    ]
