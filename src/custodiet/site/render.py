"""Pages to HTML: every published text is escaped, and nothing on a page comes from elsewhere."""

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import jinja2

from custodiet.model.markup import NEVER_SHOWN, show_signs
from custodiet.site.cards import list_cards
from custodiet.site.feeds import list_feeds
from custodiet.site.linked_data import cite_page, describe_page
from custodiet.site.links import SECTIONS, SERVED_SECTIONS, root_of
from custodiet.site.page import Page
from custodiet.site.site import Site
from custodiet.site.tables import list_tables

HERE = Path(__file__).parent
STATIC = HERE / "static"
# The picture of a page that has none of its own.
FRONT_CARD = "cards/index.png"


@lru_cache(maxsize=1)
def static_marks() -> dict[str, str]:
    """Return each static file with the head of its hash, so that a changed file has a new address."""
    files = sorted(path for path in STATIC.rglob("*") if path.is_file())
    return {path.relative_to(STATIC).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:8] for path in files}


def money(amount: Any) -> str:
    """Return an amount in whole dollars, as a table shows it: $1,000, or -$1,000 where money is taken back."""
    value = Decimal(str(amount))
    return f"{'−' if value < 0 else ''}${abs(value):,.0f}"


def cents(amount: Any) -> str:
    """Return an amount exactly: $1,000.00."""
    value = Decimal(str(amount))
    return f"{'−' if value < 0 else ''}${abs(value):,.2f}"


def count(number: int, noun: str = "", plural: str | None = None) -> str:
    """Return a number with its noun: "1 award", "2,300 awards"."""
    word = noun if number == 1 else plural or f"{noun}s"
    return f"{number:,} {word}".strip()


def day(value: Any) -> str:
    """Return a day as people write it: 28 January 2026; a part of a date stays what it is."""
    try:
        found = value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))
    except ValueError:
        return str(value)
    return f"{found.day} {found:%B %Y}"


def without_letter(text: str) -> str:
    """Return what to ask for without the name of the letter that asks for it: the page has a button for that."""
    return re.sub(r"\s*\(letter: [a-z/-]+\)", "", text)


def web_address(text: Any) -> str | None:
    """Return a published address if it may be a link: http or https; anything else is shown as text."""
    address = str(text or "").strip()
    is_one = address.lower().startswith(("https://", "http://")) and not any(sign.isspace() for sign in address)
    return address if is_one else None


def group_alike(findings: Iterable[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Return findings in groups that share an outcome and what they do not show, so that it is said once beside them."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for finding in sorted(findings, key=lambda each: each["outcome"] != "gap"):
        groups.setdefault((finding["outcome"], finding["does_not_show"]), []).append(finding)
    return list(groups.values())


class Renderer:
    """Writes the pages of one site."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._feeds = {place: path for path, place in list_feeds(site).items()}
        self._cards = {place: path for path, place in list_cards(site).items()}
        self._tables = list_tables(site).keys()
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(
            alike=group_alike,
            without_letter=without_letter,
            money=money,
            cents=cents,
            count=count,
            day=day,
            web=web_address,
            number=lambda value: f"{value:,}",
        )
        self._environment.globals.update(
            path=site.path,
            page_path=site.page_path,
            vendor_path=site.vendor_path,
            releases=site.releases,
            columns=site.columns,
            rules=site.rules,
            handles=site.handles,
            fingerprint=site.fingerprint,
            short_hash=site.short_hash,
            options=site.options,
            marks=static_marks(),
            describe=partial(describe_page, site),
            cited=partial(cite_page, site),
            sections=(*SECTIONS, *(SERVED_SECTIONS if site.options.is_served else ())),
        )

    def render(self, page: Page, more: Mapping[str, Any] | None = None) -> str:
        """Return a page as HTML; `more` is what only a server knows."""
        template = self._environment.get_template(page.template)
        place = self.site.places.get(page.path)
        beside = {
            "page": page,
            "root": root_of(page.path),
            "feed": self._feeds.get(place) if place else None,
            "picture": self._cards.get(place, FRONT_CARD) if place else FRONT_CARD,
            "table": page.table if page.table in self._tables else None,
        }
        html = template.render({**page.context, **(more or {}), **beside})
        return show_signs(html) if any(sign in html for sign in NEVER_SHOWN) else html
