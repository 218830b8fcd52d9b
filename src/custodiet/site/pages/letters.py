"""Letters, ready-made: the records request that a use case, a system or an award gives reason for."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from custodiet.documents.draft import draft
from custodiet.documents.to_html import body_to_html
from custodiet.questions.matrix import EVERY_OFFICE
from custodiet.site.links import slugs
from custodiet.site.page import Kind, Page
from custodiet.site.site import Site

KIND = "foia"


def keys(site: Site) -> list[tuple[str, str]]:
    """Return what has a letter: systems with an entry in an inventory, and use cases of the latest one and awards with a gap.

    A letter takes a tenth of a second, so a published site has those of the bureaus whose systems are in the catalogue; a
    server writes any. An entry tells whose law it is.
    """
    rows = site.register.rows(
        """
        select slug, slug as text from pages
        where kind = 'system' and slug in (
          select l.slug from page_links l join use_cases u on u.handle = l.target where l.relation = 'use_cases')
        union all
        select u.use_case_id, u.handle from use_cases u
        where u.inventory_year = (select max(inventory_year) from use_cases)
          and ($all or u.bureau in (select unnest($offices)))
          and u.use_case_id in (select subject from findings where outcome = 'gap' and subject_kind = 'use-case')
        union all
        select a.award, a.agency || ' ' || a.piid from awards a
        where $all and a.award in (select subject from findings where outcome = 'gap' and subject_kind = 'award')
        order by 1
        """,
        {"all": site.options.is_served, "offices": EVERY_OFFICE},
    )
    return slugs(rows, "letters")


def pages(site: Site, keys: Sequence[str]) -> Iterator[Page]:
    """Give letters. They are dated with the day of the latest file, so that the same register gives the same letter."""
    for key in keys:
        document = draft(KIND, site.register, key, as_of=site.newest_day)
        page = next((kind for kind in ("system", "use-case", "award") if site.path(kind, key)), "system")
        yield Page(
            site.contents["letter"][key],
            document.title,
            "letter.html",
            {
                "letter": Markup(body_to_html(document.tree, document.language, document.pictures)),  # noqa: S704 - as in rules.py
                "key": key,
                "about": site.path(page, key),
                "day": site.newest_day,
            },
            about="A records request, ready to be filled in and sent; each fact with its source.",
        )


KINDS = (Kind("letter", keys, pages),)
