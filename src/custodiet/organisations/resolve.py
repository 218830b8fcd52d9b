"""Which published names are one organisation, from identifiers, equal names, the table of aliases and judgements.

Nothing is guessed here. Evidence is taken in order: an identifier, an equal name, an alias with its source, a person's
judgement; and no evidence joins two names that a relation or a judgement keeps apart.

A name that stands under several UEIs joins none of them: sites of one firm are registered apart, and a common name may be
that of several firms.
"""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from custodiet.organisations.names import plain_name, slug_of

Basis = Literal["identifier", "same-name", "alias", "judgement"]
Scheme = Literal["uei", "cage"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was published: a row of a release, or an address."""

    release: str | None = None
    row: int | None = None
    url: str | None = None


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Published:
    """A name, the first place that has it, and in how many rows it stands."""

    name: str
    place: Place
    rows: int


@dataclass(frozen=True, slots=True)
class Identified:
    """A name that stands under an identifier."""

    scheme: Scheme
    id: str
    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class Parentage:
    """One UEI's ultimate parent, and the first and last day of the records that say so."""

    uei: str
    parent_uei: str
    since: dt.date | None
    until: dt.date | None
    place: Place


@dataclass(frozen=True, slots=True)
class Link:
    """Evidence that two names are one organisation."""

    one: str
    other: str
    basis: Basis
    reason: str
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Related:
    """`organisation` (a name, in a resolution its slug) has `other` as successor or parent, or is a reseller of it."""

    organisation: str
    relation: str
    other: str
    since: dt.date | None
    until: dt.date | None
    basis: Basis
    reason: str
    place: Place


@dataclass(frozen=True, slots=True)
class VendorPage:
    """A vendor's page of the catalogue, and where it says what the vendor is."""

    slug: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of names when a register is built."""

    published: tuple[Published, ...] = ()
    identified: tuple[Identified, ...] = ()
    parents: tuple[Parentage, ...] = ()
    pages: tuple[VendorPage, ...] = ()
    # Links from the table of aliases and from judgements, in this order.
    links: tuple[Link, ...] = ()
    related: tuple[Related, ...] = ()
    # Pairs of names that a person judged not to be one organisation.
    apart: frozenset[frozenset[str]] = frozenset()
    # Names that no record at hand has, and that stay names though a judgement refused the relation that they stood in.
    unpublished: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Named:
    """A name of an organisation, and what puts it there."""

    name: str
    organisation: str
    basis: Basis
    reason: str
    place: Place


@dataclass(frozen=True, slots=True)
class Organisation:
    """One organisation: its slug, the name that it goes by, the slug of its page in the catalogue, how many names it has."""

    slug: str
    name: str
    page: str | None
    names: int


@dataclass(frozen=True)
class Resolution:
    """Organisations, their names, identifiers (organisation, scheme, id, place) and relations, each in a fixed order."""

    organisations: tuple[Organisation, ...]
    names: tuple[Named, ...]
    ids: tuple[tuple[str, Scheme, str, Place], ...]
    relations: tuple[Related, ...]


class _Groups:
    """Names in groups that only grow; a union that would bring together two names held apart is refused."""

    def __init__(self, names: Iterable[str], apart: Iterable[frozenset[str]]) -> None:
        self._root = {name: name for name in names}
        self._members: dict[str, set[str]] = {name: {name} for name in self._root}
        self._apart: dict[str, set[str]] = defaultdict(set)
        for pair in apart:
            for name in pair:
                self._apart[name] |= pair - {name}

    def root(self, name: str) -> str:
        while self._root[name] != name:
            self._root[name] = self._root[self._root[name]]
            name = self._root[name]
        return name

    def join(self, one: str, other: str) -> bool:
        kept, gone = self.root(one), self.root(other)
        if kept == gone:
            return True
        if len(self._members[kept]) < len(self._members[gone]):
            kept, gone = gone, kept
        if any(self._apart[name] & self._members[kept] for name in self._members[gone] if name in self._apart):
            return False
        self._root[gone] = kept
        self._members[kept] |= self._members.pop(gone)
        return True

    def all(self) -> list[list[str]]:
        return sorted(sorted(members) for members in self._members.values())


@dataclass
class _Identifiers:
    """Which plain names stand under which identifiers."""

    plain: Mapping[str, str]
    names: dict[tuple[Scheme, str], dict[str, Identified]] = field(default_factory=lambda: defaultdict(dict))
    ids: dict[tuple[Scheme, str], set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, found: Identified) -> None:
        self.names[found.scheme, found.id].setdefault(found.name, found)
        self.ids[found.scheme, self.plain[found.name]].add(found.id)

    def only_id(self, scheme: Scheme, name: str) -> str | None:
        known = self.ids.get((scheme, self.plain[name]), set())
        return next(iter(known)) if len(known) == 1 else None

    def links(self) -> list[Link]:
        """Return a link for each two names that one identifier names and that no other identifier does."""
        found = []
        for scheme in ("uei", "cage"):
            for kind, id_ in sorted(key for key in self.names if key[0] == scheme):
                alone = [n for name, n in sorted(self.names[kind, id_].items()) if self.only_id(kind, name) == id_]
                found += [
                    Link(alone[0].name, other.name, "identifier", f"both stand under {kind.upper()} {id_}", other.place)
                    for other in alone[1:]
                    if kind == "uei" or not self._differ(alone[0].name, other.name)
                ]
        return found

    def _differ(self, one: str, other: str) -> bool:
        """Tell whether two names that share a CAGE code stand under different UEIs: the UEI is the stronger."""
        first, second = (self.ids.get(("uei", self.plain[name]), set()) for name in (one, other))
        return bool(first and second and first != second)


def resolve(evidence: Evidence) -> Resolution:
    """Return the organisations that the evidence shows; the same evidence gives the same, whatever its order."""
    rows = {each.name: each for each in evidence.published}
    names = {*rows, *evidence.unpublished, *(n for page in evidence.pages for n in page.names)}
    names |= {name for link in evidence.links for name in (link.one, link.other)}
    names |= {name for each in evidence.related for name in (each.organisation, each.other)}
    plain = {name: plain_name(name) for name in names}
    identifiers = _Identifiers(plain)
    for each in sorted(evidence.identified, key=lambda i: (i.scheme, i.id, i.name, i.place.release or "", i.place.row or 0)):
        identifiers.add(each)
    related = {frozenset((each.organisation, each.other)) for each in evidence.related}
    # Held apart is held apart in every spelling.
    spellings: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        spellings[plain[name]].append(name)
    apart = set(evidence.apart)
    for pair in related:
        one, other = sorted(pair) if len(pair) == 2 else (*pair, *pair)
        if plain[one] != plain[other]:
            apart |= {frozenset((a, b)) for a in spellings[plain[one]] for b in spellings[plain[other]]}
    links = [*identifiers.links(), *_same_names(spellings), *_page_links(evidence.pages), *evidence.links]
    groups = _Groups(sorted(names), apart)
    used = [link for link in links if groups.join(link.one, link.other)]
    return _describe(groups, used, evidence, rows, identifiers)


def _same_names(spellings: Mapping[str, list[str]]) -> list[Link]:
    return [
        Link(same[0], other, "same-name", "the same but for case, punctuation or the spelling of its legal form")
        for _, same in sorted(spellings.items())
        for other in same[1:]
    ]


def _page_links(pages: Iterable[VendorPage]) -> list[Link]:
    return [
        Link(page.names[0], other, "alias", f"the catalogue's page {page.slug} gives both names")
        for page in sorted(pages, key=lambda p: p.slug)
        for other in page.names[1:]
    ]


def _describe(
    groups: _Groups,
    used: list[Link],
    evidence: Evidence,
    rows: Mapping[str, Published],
    identifiers: _Identifiers,
) -> Resolution:
    page_of = {name: page.slug for page in evidence.pages for name in page.names}
    heads = {page.names[0]: page.slug for page in evidence.pages}
    members = groups.all()
    slugs, titles, pages = {}, {}, {}
    plain_slugs: dict[str, int] = defaultdict(int)
    for group in members:
        head = min((name for name in group if name in heads), default=None)
        titles[group[0]] = head or min(group, key=lambda name: (-rows[name].rows if name in rows else 0, name))
        pages[group[0]] = heads[head] if head else next((page_of[name] for name in group if name in page_of), None)
        slugs[group[0]] = heads[head] if head else slug_of(titles[group[0]])
        plain_slugs[slugs[group[0]]] += 1
    for group in members:
        first = group[0]
        if plain_slugs[slugs[first]] > 1 and not any(name in heads for name in group):
            # Two names that fold to one slug and are held apart, or that have no letter: told apart by what they are.
            slugs[first] += "-" + hashlib.sha256("\n".join(group).encode()).hexdigest()[:6]
    slug_by_name = {name: slugs[group[0]] for group in members for name in group}
    reasons: dict[str, Link] = {}
    for link in used:
        if link.one != link.other:
            for name in (link.one, link.other):
                reasons.setdefault(name, link)
    named = []
    for group in members:
        for name in group:
            place = rows[name].place if name in rows else NOWHERE
            if name in reasons:
                link = reasons[name]
                named.append(Named(name, slug_by_name[name], link.basis, link.reason, place if name in rows else link.place))
            elif uei := identifiers.only_id("uei", name):
                named.append(Named(name, slug_by_name[name], "identifier", f"alone under UEI {uei}", place))
            else:
                named.append(Named(name, slug_by_name[name], "same-name", "no other name of it is known", place))
    owners = _owners(identifiers, slug_by_name, rows)
    relations, unnamed = _relations(evidence, owners, slug_by_name)
    organisations = [Organisation(slugs[g[0]], titles[g[0]], pages[g[0]], len(g)) for g in members]
    organisations += [Organisation(_unnamed(uei), f"UEI {uei}", None, 0) for uei in unnamed]
    ids = [(slug, *key, place) for key, (slug, place) in owners.items()]
    ids += [(_unnamed(uei), "uei", uei, place) for uei, place in unnamed.items()]
    return Resolution(
        tuple(sorted(organisations, key=lambda o: o.slug)),
        tuple(sorted(named, key=lambda n: (n.organisation, n.name))),
        tuple(sorted(ids, key=lambda i: i[:3])),
        tuple(relations),
    )


def _owners(
    identifiers: _Identifiers, slug_by_name: Mapping[str, str], rows: Mapping[str, Published]
) -> dict[tuple[Scheme, str], tuple[str, Place]]:
    """Return each identifier's one organisation.

    That is the organisation of the names that stand under no other identifier; where all stand under several, the one name's,
    if it is one. Otherwise the identifier is nobody's: it does not tell which.
    """
    found = {}
    for (scheme, id_), names in sorted(identifiers.names.items()):
        alone = [n for name, n in names.items() if identifiers.only_id(scheme, name) == id_]
        candidates = alone or list(names.values())
        slugs = {slug_by_name[n.name] for n in candidates}
        if len(slugs) == 1 or alone:
            # Held apart under one identifier: it goes to the name that stands in most rows.
            best = min(candidates, key=lambda n: (-rows[n.name].rows if n.name in rows else 0, n.name))
            found[scheme, id_] = (slug_by_name[best.name], best.place)
    return found


def _unnamed(uei: str) -> str:
    return f"uei-{uei.lower()}"


def _relations(
    evidence: Evidence, owners: Mapping[tuple[Scheme, str], tuple[str, Place]], slug_by_name: Mapping[str, str]
) -> tuple[list[Related], dict[str, Place]]:
    """Return the relations between slugs, and the parents' UEIs that no organisation has."""
    unnamed: dict[str, Place] = {}
    by_pair: dict[tuple[str, str], list[Related]] = defaultdict(list)
    for each in evidence.parents:
        owner = owners.get(("uei", each.uei))
        if owner is None or each.uei == each.parent_uei:
            continue
        if ("uei", each.parent_uei) in owners:
            other = owners["uei", each.parent_uei][0]
        else:
            other = _unnamed(each.parent_uei)
            unnamed.setdefault(each.parent_uei, each.place)
        if other != owner[0]:
            reason = f"UEI {each.uei} is recorded with the ultimate parent UEI {each.parent_uei}"
            by_pair[owner[0], other].append(
                Related(owner[0], "parent", other, each.since, each.until, "identifier", reason, each.place)
            )
    found = []
    for records in by_pair.values():
        first = min(records, key=lambda r: (str(r.since), str(r.place.release), r.place.row or 0, r.reason))
        since = min((r.since for r in records if r.since), default=None)
        until = max((r.until for r in records if r.until), default=None)
        found.append(replace(first, since=since, until=until))
    for said in evidence.related:
        one, other = slug_by_name[said.organisation], slug_by_name[said.other]
        if one != other:
            found.append(replace(said, organisation=one, other=other))
    return sorted(found, key=lambda r: (r.organisation, r.relation, r.other, str(r.since), r.reason)), unnamed
