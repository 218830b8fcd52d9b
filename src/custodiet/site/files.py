"""Everything on a site that is no page: lists and drawings to take along, feeds, `llms.txt`. Served and published alike.

As with pages, a table of contents is the only way to a file, so that no request reaches the disk.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import Any

from custodiet.site.bundle import write_bundle
from custodiet.site.bundles import list_bundles
from custodiet.site.cards import draw_page_card, list_cards
from custodiet.site.downloads import FIGURE_FORMS, TABLE_FORMS, Figure, write_figure, write_table
from custodiet.site.feeds import MEDIA_TYPE, feed_at, list_feeds
from custodiet.site.figures import figure, list_figures
from custodiet.site.llms import write_llms
from custodiet.site.site import Site
from custodiet.site.tables import list_tables


@dataclass(frozen=True)
class File:
    """A file of a site: what it is for a browser, and what writes it."""

    media_type: str
    write: Callable[[], bytes]


def list_files(site: Site) -> dict[str, File]:
    """Return every file of a site by its path."""
    # A figure is gathered and drawn once for all of its forms.
    drawn = cache(partial(figure, site))
    found = {"llms.txt": File("text/plain; charset=utf-8", lambda: write_llms(site).encode())}
    for path, (kind, key) in list_feeds(site).items():
        found[path] = File(MEDIA_TYPE, partial(feed_at, site, path, kind, key))
    tables = list_tables(site)
    # So is a table; the three forms lie together, and only the last table is kept.
    gathered = lru_cache(maxsize=1)(lambda name: tables[name]())
    for name in tables:
        for form, media_type in TABLE_FORMS.items():
            found[f"tables/{name}.{form}"] = File(media_type, partial(_table, gathered, name, form))
    for name in list_figures(site):
        for form, media_type in FIGURE_FORMS.items():
            found[f"figures/{name}.{form}"] = File(media_type, partial(_figure, drawn, name, form))
        for form, media_type in TABLE_FORMS.items():
            found[f"figures/{name}.{form}"] = File(media_type, partial(_figure_table, drawn, name, form))
    for path, (kind, key) in list_bundles(site).items():
        about = {"rule": key} if kind == "rule" else {"subject": key}
        found[path] = File("application/zip", partial(_bundle, site, about))
    for path, (kind, key) in list_cards(site).items():
        found[path] = File("image/png", partial(draw_page_card, site, kind, key))
    return found


def _table(gathered: Callable[[str], Sequence[Mapping[str, Any]]], name: str, form: str) -> bytes:
    return write_table(gathered(name), form, name)


def _bundle(site: Site, about: Mapping[str, str]) -> bytes:
    return write_bundle(site.register, as_of=site.newest_day, **about)


def _figure(drawn: Callable[[str], Figure], name: str, form: str) -> bytes:
    return write_figure(drawn(name).drawn, form)


def _figure_table(drawn: Callable[[str], Figure], name: str, form: str) -> bytes:
    return write_table(drawn(name).table, form, name)
