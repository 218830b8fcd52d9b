"""Everything on a site that is no page: lists and drawings to take along, feeds, `llms.txt`. Served and published alike.

As with pages, a table of contents is the only way to a file, so that no request reaches the disk.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from custodiet.site.cards import card_at, list_cards
from custodiet.site.downloads import FIGURE_FORMS, TABLE_FORMS, write_figure, write_table
from custodiet.site.feeds import MEDIA_TYPE, feed_at, list_feeds
from custodiet.site.figures import figure, list_figures
from custodiet.site.llms import write_llms
from custodiet.site.site import Site
from custodiet.site.tables import list_tables, table


@dataclass(frozen=True)
class File:
    """A file of a site: what it is for a browser, and what writes it."""

    media_type: str
    write: Callable[[], bytes]


def list_files(site: Site) -> dict[str, File]:
    """Return every file of a site by its path."""
    found = {"llms.txt": File("text/plain; charset=utf-8", lambda: write_llms(site).encode())}
    for path in list_feeds(site):
        found[path] = File(MEDIA_TYPE, partial(feed_at, site, path))
    for name in list_tables(site):
        for form, media_type in TABLE_FORMS.items():
            found[f"tables/{name}.{form}"] = File(media_type, partial(_table, site, name, form))
    for name in list_figures(site):
        for form, media_type in FIGURE_FORMS.items():
            found[f"figures/{name}.{form}"] = File(media_type, partial(_figure, site, name, form))
        for form, media_type in TABLE_FORMS.items():
            found[f"figures/{name}.{form}"] = File(media_type, partial(_figure_table, site, name, form))
    for path in list_cards(site):
        found[path] = File("image/png", partial(card_at, site, path))
    return found


def _table(site: Site, name: str, form: str) -> bytes:
    return write_table(table(site, name), form, name)


def _figure(site: Site, name: str, form: str) -> bytes:
    return write_figure(figure(site, name).drawn, form)


def _figure_table(site: Site, name: str, form: str) -> bytes:
    return write_table(figure(site, name).table, form, name)
