"""Read the catalogue: every page, its claims with derived grades, and how the pages refer to each other."""

from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from pydantic import ValidationError

from custodiet.catalogue.grade import grade_of
from custodiet.catalogue.schema import KINDS, Authority, Claim, Feed, Page, System, Vendor
from custodiet.model.errors import CatalogueError
from custodiet.model.plain_yaml import first_fault
from custodiet.sources.forms import read_form

HERE = Path(__file__).parent
# A page is a few kilobytes; anything far beyond is not a page.
PAGE_LIMIT = 1_000_000


@dataclass(frozen=True)
class Entry:
    """A page with its place in the catalogue."""

    kind: str
    slug: str
    file: str
    page: Page


@dataclass(frozen=True)
class GradedClaim:
    """A claim with the grade that its sources and premises give it."""

    id: str
    kind: str
    subject: str
    claim: Claim
    grade: str
    grade_reason: str


@dataclass(frozen=True)
class Catalogue:
    """All pages, by slug, and all their claims, by id (`slug/claim-id`)."""

    entries: dict[str, Entry]
    claims: dict[str, GradedClaim]


def catalogue_files(folder: Path = HERE) -> list[Path]:
    """Return the files of the catalogue in a stable order."""
    return sorted(path for kind in KINDS for path in (folder / kind).glob("*.yml"))


def read_catalogue(folder: Path = HERE) -> Catalogue:
    """Return the catalogue in `folder`.

    Raises:
        CatalogueError: a page can't be read, has a field that it should not, or names a page,
            claim or premise that isn't there.

    """
    entries: dict[str, Entry] = {}
    for path in catalogue_files(folder):
        entry = _read_page(path)
        if entry.slug in entries:
            raise CatalogueError(
                f"{entry.file}: the slug {entry.slug!r} is taken by {entries[entry.slug].file}; rename one of them."
            )
        entries[entry.slug] = entry
    for entry in entries.values():
        for field, slug, kind in _references(entry.page):
            if slug not in entries or (kind and entries[slug].kind != kind):
                raise CatalogueError(
                    f"{entry.file}: {field} names {slug!r}, and there is no {kind or 'page'} of that slug; "
                    "write the page, or take the name out."
                )
    return Catalogue(entries, _grade_claims(entries))


def _read_page(path: Path) -> Entry:
    kind = path.parent.name
    file = f"{kind}/{path.name}"
    if path.stat().st_size > PAGE_LIMIT:
        raise CatalogueError(f"{file}: larger than {PAGE_LIMIT:,} bytes; a page holds claims, not documents.")
    content = read_form(path, "file", "a page of the catalogue", shown=file, error=CatalogueError)
    try:
        page = KINDS[kind].model_validate(content)
    except ValidationError as error:
        where, says = first_fault(error, "the page")
        raise CatalogueError(f"{file}: {where}: {says}.") from None
    return Entry(kind, path.stem, file, page)


def _references(page: Page) -> Iterator[tuple[str, str, str | None]]:
    """Yield field, slug and wanted kind of everything that a page refers to."""
    if isinstance(page, System):
        yield from (("vendors", slug, "vendors") for slug in page.vendors)
        yield from (("feeds", slug, "feeds") for slug in page.feeds)
        yield from (("authorities", slug, "authorities") for slug in page.authorities)
        yield from (("related", slug, None) for slug in page.related)
    elif isinstance(page, Vendor):
        yield from (("related", slug, None) for slug in page.related)
    elif isinstance(page, Feed):
        yield from (("suppliers", slug, "vendors") for slug in page.suppliers)
        yield from (("authorities", slug, "authorities") for slug in page.authorities)
    else:
        assert isinstance(page, Authority)


def _grade_claims(entries: dict[str, Entry]) -> dict[str, GradedClaim]:
    """Grade every claim after its premises, so that none rises above them."""
    found = {f"{entry.slug}/{claim.id}": (entry, claim) for entry in entries.values() for claim in entry.page.claims}
    for claim_id, (entry, claim) in found.items():
        for premise in claim.premises:
            if premise not in found:
                raise CatalogueError(f"{entry.file}: claim {claim_id} follows from {premise!r}, and there is no such claim.")
    sorter = TopologicalSorter({claim_id: claim.premises for claim_id, (_, claim) in found.items()})
    try:
        order = list(sorter.static_order())
    except CycleError as error:
        raise CatalogueError(f"claims follow from each other in a circle: {' <- '.join(error.args[1])}.") from None
    graded: dict[str, GradedClaim] = {}
    for claim_id in order:
        entry, claim = found[claim_id]
        grade, reason = grade_of(claim.sources, [graded[premise].grade for premise in claim.premises])
        graded[claim_id] = GradedClaim(claim_id, entry.kind, entry.slug, claim, grade, reason)
    return {claim_id: graded[claim_id] for claim_id in found}
