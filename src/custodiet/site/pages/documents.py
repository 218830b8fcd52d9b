"""A source document: everything that one notice, award record, report or article supports or contradicts."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from custodiet.site.links import slugs
from custodiet.site.page import Kind, Page
from custodiet.site.site import Site


def document_of(source: Mapping[str, Any]) -> str | None:
    """Return what makes the sources of claims one document: its address, or else its title and publisher."""
    if source["kind"] == "inventory":
        return None
    return str(source["url"] or f"{source['title']}, {source['publisher']}")


DOCUMENT = "coalesce(s.url, s.title || ', ' || s.publisher)"


def keys(site: Site) -> list[tuple[str, str]]:
    """Return every document with the path of its page."""
    rows = site.register.rows(
        f"select {DOCUMENT} as document, min(s.title) from claim_sources s where s.kind <> 'inventory' "
        "group by all order by 1"
    )
    return [("index", "documents/index"), *slugs(rows, "documents")]


def pages(site: Site, keys: Sequence[str]) -> Iterator[Page]:
    """Give the pages of documents, and their list."""
    wanted = [key for key in keys if key != "index"]
    rows = site.register.dicts(
        f"""
        select {DOCUMENT} as document, s.title, s.publisher, s.kind, s.date, s.url, s.place, s.stance, s.note,
          c.slug, c."row", c.says, c.grade, c.about, p.kind as page_kind, p.name
        from claim_sources s join claims c using (claim) join pages p on p.slug = c.slug
        where s.kind <> 'inventory' and document in (select unnest($keys)) order by p.kind, p.name, c."row", s.position
        """,
        {"keys": wanted},
    )
    uses: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        uses.setdefault(row["document"], []).append(row)
    for key in keys:
        if key == "index":
            yield _index(site)
            continue
        first = uses[key][0]
        yield Page(
            site.contents["document"][key],
            first["title"],
            "document.html",
            {
                "document": first,
                "supports": [row for row in uses[key] if row["stance"] == "supports"],
                "contradicts": [row for row in uses[key] if row["stance"] != "supports"],
                "places": sorted({row["place"] for row in uses[key] if row["place"]}),
                "linked_by": _linked_by(site, first["url"]),
            },
            about=f"{first['publisher']}, {first['date'] or 'no date'}: what it supports or contradicts.",
            words=first["publisher"],
            noun="document",
        )


def _linked_by(site: Site, url: str | None) -> list[dict[str, Any]]:
    """Return the use cases that name this address as their privacy notice."""
    if not url:
        return []
    return site.register.dicts(
        "select use_case_id as key, handle, name, bureau, inventory_year as year from use_cases "
        "where privacy_notice.state = 'reported' and same_address(privacy_notice.text) = same_address($url) "
        "order by year desc, handle",
        {"url": url},
    )


def _index(site: Site) -> Page:
    rows = site.register.dicts(
        f"""
        select {DOCUMENT} as document, min(s.title) as title, min(s.publisher) as publisher, min(s.kind) as kind,
          min(s.date) as date, count(distinct s.claim) as claims,
          count(distinct s.claim) filter (s.stance <> 'supports') as against
        from claim_sources s where s.kind <> 'inventory' group by all order by kind, title
        """
    )
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row["kind"], []).append(row)
    return Page(
        "documents/index.html",
        "Source documents",
        "documents.html",
        {"groups": groups},
        about="Every document that a claim of the catalogue rests on, and what it supports or contradicts.",
        table="documents",
    )


KINDS = (Kind("document", keys, pages),)
