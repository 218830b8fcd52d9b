"""Put organisations into the register: every published name of one, what makes it one, its identifiers and its relations."""

from collections.abc import Iterable
from typing import Any

from custodiet.catalogue.read import Catalogue
from custodiet.model.errors import CatalogueError, InputError
from custodiet.organisations.aliases import Aliases, Relation, Same
from custodiet.organisations.names import plain_name
from custodiet.organisations.resolve import (
    Evidence,
    Identified,
    Link,
    Parentage,
    Place,
    Published,
    Related,
    Resolution,
    Scheme,
    VendorPage,
    resolve,
)
from custodiet.register.judgements import Judgements
from custodiet.register.releases import Loaded
from custodiet.sources.fpds.read import VendorNameReading
from custodiet.sources.usaspending.recipients import WITHHELD, kind_of
from custodiet.store import Register

# Where names of recipients stand. What the subawards file calls the subawardee's trade name is the prime's: it is left out.
# The current transactions come first where a name is cited.
_NAMES = """
  select not is_current as later, recipient as name, release, "row" from transactions where recipient_kind = 'organisation'
  union all select true, name, release, "row" from vendor_names where kind = 'organisation'
  union all select true, unnest([recipient, recipient_raw, dba, parent_name]), release, "row" from award_summaries
  union all select true, unnest([recipient, parent_name, prime]), release, "row" from subawards
"""
_IDENTIFIED = """
  select 'uei' as scheme, uei as id, name, release, "row" from vendor_names where kind = 'organisation'
  union all select 'uei', uei, unnest([recipient, recipient_raw, dba]), release, "row" from award_summaries
  union all select 'uei', parent_uei, parent_name, release, "row" from award_summaries
  union all select 'cage', cage, recipient, release, "row" from award_summaries
  union all select 'uei', uei, recipient, release, "row" from subawards
  union all select 'uei', prime_uei, prime, release, "row" from subawards
  union all select 'uei', parent_uei, parent_name, release, "row" from subawards
"""
# A file that gives no day for a row is a record of the day on which it was published.
_PARENTS = """
  select uei, parent_uei, coalesce(last_action, r.published) as day, release, "row", recipient as name
  from award_summaries join releases r using (release)
  union all select uei, parent_uei, coalesce(action_date, r.published), release, "row", recipient
  from subawards join releases r using (release)
  union all select uei, parent_uei, r.published, release, "row", name
  from vendor_names join releases r using (release) where kind = 'organisation'
"""


def load_vendor_names(register: Register, names: list[Loaded[VendorNameReading]]) -> None:
    """Fill the table of names under identifiers."""
    register.load(
        "vendor_names",
        (
            (each.release.release, n.row, n.uei, n.name, n.kind, n.actions, n.parent_uei)
            for each in names
            for n in each.reading.names
        ),
    )


def load_organisations(register: Register, catalogue: Catalogue, aliases: Aliases, judgements: Judgements) -> None:
    """Fill the tables of organisations, their names, identifiers and relations.

    Natural persons and recipients that are not disclosed have none.

    Raises:
        CatalogueError: the table of aliases cites a claim that the catalogue does not have.
        InputError: it cites an award for what the award's actions do not show.

    """
    published = _published(register)
    known = {each.name for each in published}
    pages = tuple(
        VendorPage(entry.slug, (entry.page.name, *entry.page.aliases))
        for entry in catalogue.entries.values()
        if entry.kind == "vendors"
    )
    links, related = _from_aliases(register, catalogue, aliases)
    unpublished = {name for each in related for name in (each.organisation, each.other)} - known
    here = known | unpublished | {name for page in pages for name in page.names}
    judged = [each for each in judgements.organisations.values() if {each.organisation, each.other} <= here]
    same = [each for each in judged if each.kind == "same-organisation"]
    others = [each for each in judged if each.kind != "same-organisation"]
    links += [
        Link(each.organisation, each.other, "judgement", f"{each.by}: {each.reason}")
        for each in same
        if each.verdict == "accept"
    ]
    refused = {_what(each.kind, each.organisation, each.other) for each in others if each.verdict == "reject"}
    related = [each for each in related if _what(each.relation, each.organisation, each.other) not in refused]
    related += [
        Related(each.organisation, each.kind, each.other, each.since, None, "judgement", f"{each.by}: {each.reason}", Place())
        for each in others
        if each.verdict == "accept"
    ]
    apart = frozenset(frozenset((each.organisation, each.other)) for each in same if each.verdict == "reject")
    _load(register, resolve(Evidence(
        published, _identified(register, known), _parents(register, known), pages, tuple(links), tuple(related), apart,
        frozenset(unpublished),
    )))  # fmt: skip


def _what(kind: str, organisation: str, other: str) -> tuple[str, str, str]:
    """Return what a relation says, however its names are spelt."""
    return kind, plain_name(organisation), plain_name(other)


def _is_organisation(name: str | None) -> bool:
    return bool(name) and name != WITHHELD and kind_of(str(name)) == "organisation"


def _published(register: Register) -> tuple[Published, ...]:
    rows = register.rows(
        f"""
        select name, arg_min(release, (later, release, "row")), arg_min("row", (later, release, "row")), count(*)
        from ({_NAMES}) where name is not null group by name order by name
        """
    )
    return tuple(Published(name, Place(release, row), count) for name, release, row, count in rows if _is_organisation(name))


def _identified(register: Register, known: set[str]) -> tuple[Identified, ...]:
    rows = register.rows(
        f"""
        select scheme, id, name, arg_min(release, (release, "row")), arg_min("row", (release, "row"))
        from ({_IDENTIFIED}) where id is not null and name is not null group by all order by all
        """
    )
    return tuple(
        Identified(scheme, id_, name, Place(release, row)) for scheme, id_, name, release, row in rows if name in known
    )


def identified_names(register: Register) -> list[tuple[Scheme, str, str]]:
    """Return each (scheme, identifier, name) that some record gives together, of organisations only."""
    rows = register.rows(f"select distinct scheme, id, name from ({_IDENTIFIED}) where id is not null and name is not null")
    return sorted((scheme, id_, name) for scheme, id_, name in rows if _is_organisation(name))


def _parents(register: Register, known: set[str]) -> tuple[Parentage, ...]:
    rows = register.rows(
        f"""
        select uei, parent_uei, min(day), max(day), arg_min(release, (release, "row")), arg_min("row", (release, "row")),
          list(distinct name)
        from ({_PARENTS}) where uei is not null and parent_uei is not null group by all order by all
        """
    )
    return tuple(
        Parentage(uei, parent, since, until, Place(release, row))
        for uei, parent, since, until, release, row, names in rows
        if known & set(names)
    )


def _from_aliases(register: Register, catalogue: Catalogue, aliases: Aliases) -> tuple[list[Link], list[Related]]:
    """Return what the table of aliases says, each entry taken to the row that shows it."""
    links: list[Link] = []
    related = []
    actions = _actions(register, [each.award for each in (*aliases.same, *aliases.relations) if each.award])
    for each in aliases.same:
        place, _ = _place(each, each.names[-1], actions, catalogue)
        links += [Link(each.names[0], other, "alias", each.because, place) for other in each.names[1:]]
    for relation in aliases.relations:
        shows = relation.organisation if relation.relation == "reseller-of" else relation.other
        place, day = _place(relation, shows, actions, catalogue)
        related.append(Related(
            relation.organisation, relation.relation, relation.other, relation.since or day, relation.until, "alias",
            relation.because, place,
        ))  # fmt: skip
    return links, related


def _actions(register: Register, keys: Iterable[str]) -> dict[str, list[tuple[Any, ...]]]:
    found: dict[str, list[tuple[Any, ...]]] = {}
    for key, *action in register.rows(
        """
        select award_key, recipient, action_date, upper(coalesce(description, '')), release, "row" from transactions
        where award_key in (select unnest($keys)) and not repeats
        order by not is_current, action_date, modification, release, "row"
        """,
        {"keys": sorted(set(keys))},
    ):
        found.setdefault(key, []).append(tuple(action))
    return found


def _place(
    entry: Same | Relation, name: str, actions: dict[str, list[tuple[Any, ...]]], catalogue: Catalogue
) -> tuple[Place, Any]:
    """Return where an entry's source stands: the first action of its award under `name` that has its words; and a day.

    The day is that of the action, but of a successor that of its first action, which may be before the one that explains it.
    """
    if entry.claim is not None:
        claim = catalogue.claims.get(entry.claim)
        if claim is None:
            raise CatalogueError(f"aliases.yml: cites the claim {entry.claim!r}, and the catalogue has none; mend the entry.")
        return Place(url=next((source.url for source in claim.claim.sources if source.url), None)), None
    if entry.award is None:
        return Place(url=entry.url), None
    url = f"https://www.usaspending.gov/award/{entry.award}"
    if entry.award not in actions:
        # Its release is not at hand; the address still says where it stands.
        return Place(url=url), None
    under = [action for action in actions[entry.award] if action[0] == name]
    for _, day, description, release, row in under:
        if (entry.words or "").upper() in description:
            is_successor = isinstance(entry, Relation) and entry.relation == "successor"
            return Place(release, row, url), min(action[1] for action in under) if is_successor else day
    words = f" with the words {entry.words!r}" if entry.words else ""
    raise InputError(f"aliases.yml: award {entry.award} has no action under {name!r}{words}; mend the entry.")


def _load(register: Register, found: Resolution) -> None:
    register.load("organisations", ((o.slug, o.name, o.page, o.names) for o in found.organisations))
    register.load(
        "organisation_names",
        ((n.name, n.organisation, n.basis, n.reason, *_where(n.place)) for n in found.names),
    )
    register.load("organisation_ids", ((slug, scheme, id_, p.release, p.row) for slug, scheme, id_, p in found.ids))
    register.load(
        "organisation_relations",
        (
            (r.organisation, r.relation, r.other, r.since, r.until, r.basis, r.reason, *_where(r.place))
            for r in found.relations
        ),
    )


def _where(place: Place) -> tuple[str | None, int | None, str | None]:
    return place.release, place.row, place.url
