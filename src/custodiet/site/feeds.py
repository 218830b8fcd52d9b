"""Atom feeds (RFC 4287) of findings by rule, agency and system: "tell me when this gap closes".

A register is a state, and a feed tells of changes. So the name of an entry is made from the finding *and* its outcome: a gap
that closes is a new entry, which readers show, and as long as nothing changes the feed stays the same to the byte. A first
entry counts all outcomes, so that one that leaves the list, say because a system was retired, is told as well.
"""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from custodiet.exports.cells import cite_as_text
from custodiet.model.markup import tag
from custodiet.model.words import OUTCOMES
from custodiet.questions.findings import count_findings, findings, findings_named, findings_of_system
from custodiet.questions.matrix import OFFICES
from custodiet.site.changes import changes_since
from custodiet.site.links import slug
from custodiet.site.site import NO_DAY, Site
from custodiet.site.tables import build_rules

MEDIA_TYPE = "application/atom+xml; charset=utf-8"
# What names of feeds and entries are derived from: the same on every machine, and nobody else's.
NAMES = uuid.uuid5(uuid.NAMESPACE_URL, "custodiet:feeds")
# Outcomes that a subscriber waits for; the others are only counted.
TOLD = ("gap", "clear")
ORDER = (*TOLD, *(outcome for outcome in OUTCOMES if outcome not in TOLD))
LONGEST = 200
SHOWN_CITATIONS = 4


@dataclass(frozen=True)
class Feed:
    """One feed: what it is of, where it stands, and the page that it belongs to, as whole or relative addresses."""

    key: str
    title: str
    about: str
    address: str
    page: str | None


def write_feed(
    feed: Feed,
    found: Sequence[Mapping[str, Any]],
    *,
    counts: Mapping[str, int],
    days: Mapping[str, dt.date],
    page_of: Callable[[Mapping[str, Any]], str | None],
    titles: Mapping[str, str] | None = None,
    changed: Container[str] = (),
) -> bytes:
    """Return a feed of findings; `counts` are of all outcomes, `days` of each release's publication, `titles` of rules.

    What `changed` since the register before comes first and has the newest day, whatever its outcome; then what the newest
    files show, and gaps before what is clear. What a claim of the catalogue shows has the day of
    the newest file of all, since the catalogue has no day of its own.
    """
    newest = max(days.values(), default=NO_DAY)

    def day(finding: Mapping[str, Any]) -> dt.date:
        return newest if finding["id"] in changed else _day(finding, days, newest)

    told = sorted(
        (finding for finding in found if finding["outcome"] in TOLD or finding["id"] in changed),
        key=lambda finding: (
            finding["id"] not in changed, -day(finding).toordinal(), ORDER.index(finding["outcome"]), finding["id"]
        ),
    )  # fmt: skip
    left_out = len(told) - LONGEST
    about = feed.about + (f" The first {LONGEST} of {len(told):,} are here." if left_out > 0 else "")
    entries = [_entry(finding, day(finding), page_of(finding), titles or {}) for finding in told[:LONGEST]]
    whole = tag(
        "feed",
        tag("id", _name(feed.key)),
        tag("title", feed.title),
        tag("subtitle", about),
        tag("updated", _moment(newest)),
        tag("author", tag("name", "Custodiet")),
        tag("generator", "Custodiet"),
        tag("link", rel="self", type="application/atom+xml", href=feed.address),
        tag("link", rel="alternate", type="text/html", href=feed.page) if feed.page else Markup(""),
        _counts(feed, counts, newest),
        *entries,
        xmlns="http://www.w3.org/2005/Atom",
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{whole}\n'.encode()


def _counts(feed: Feed, counts: Mapping[str, int], day: dt.date) -> Markup:
    says = ", ".join(f"{counts.get(outcome, 0):,} {outcome.replace('-', ' ')}" for outcome in OUTCOMES)
    return _write_entry(
        f"{feed.key} counts {says}", f"{feed.title}: {says}", f"{says}. A gap is not a violation.", day, feed.page
    )


def _entry(finding: Mapping[str, Any], day: dt.date, page: str | None, titles: Mapping[str, str]) -> Markup:
    subject = finding["subject"]
    cells = [cite_as_text(cell) for cell in finding["citations"]]
    shown = "; ".join(cells[:SHOWN_CITATIONS]) + (
        f" and {len(cells) - SHOWN_CITATIONS} more" if len(cells) > SHOWN_CITATIONS else ""
    )
    text = "\n\n".join((
        finding["reason"],
        f"Grade: {finding['grade']}. Cells: {shown or 'none'}.",
        f"What it does not show: {finding['does_not_show']} A gap is not a violation.",
    ))  # fmt: skip
    outcome, rule = finding["outcome"].capitalize().replace("-", " "), finding["rule"]
    title = f"{outcome}: {subject['name']} ({titles.get(rule, rule)})"
    return _write_entry(f"{finding['id']} {finding['outcome']}", title, text, day, page)


def _write_entry(key: str, title: str, text: str, day: dt.date, page: str | None) -> Markup:
    return tag(
        "entry",
        tag("id", _name(key)),
        tag("title", title),
        tag("updated", _moment(day)),
        # Plain text: a reader shows it as it is, whatever a publisher wrote into a cell.
        tag("content", text, type="text"),
        tag("link", rel="alternate", type="text/html", href=page) if page else Markup(""),
    )


def _day(finding: Mapping[str, Any], days: Mapping[str, dt.date], newest: dt.date) -> dt.date:
    return max((days[cell["release"]] for cell in finding["citations"] if cell["release"] in days), default=newest)


def _name(key: str) -> str:
    return f"urn:uuid:{uuid.uuid5(NAMES, key)}"


def _moment(day: dt.date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def list_feeds(site: Site) -> dict[str, tuple[str, str]]:
    """Return the path of every feed of a site with its kind (rule, agency or system) and key."""
    systems = site.register.rows("select slug from pages where kind = 'system' order by 1")
    return (
        {f"feeds/rules/{rule}.xml": ("rule", rule) for rule in build_rules(site)}
        | {f"feeds/agencies/{slug(agency)}.xml": ("agency", agency) for agency in _agencies(site)}
        | {f"feeds/systems/{slug}.xml": ("system", slug) for (slug,) in systems}
    )


def _agencies(site: Site) -> dict[str, str]:
    """Return the agencies with a feed, and the bureaus that have a page of their own, with their names."""
    pages = site.contents.get("agency", {})
    return {**site.agencies, **{code: code for code in OFFICES if code in pages}}


def feed_at(site: Site, path: str, kind: str, key: str) -> bytes:
    """Return the feed that `list_feeds` has at a path."""
    gather = {"rule": _of_rule, "agency": _of_agency, "system": _of_system}[kind]
    title, counts, found = gather(site, key)
    changes = changes_since(site)
    changed = frozenset((*changes.opened, *changes.closed)) if changes else frozenset()
    base = site.options.base_url
    root = "" if base else "../" * path.count("/")
    page = site.path(kind, key)
    feed = Feed(
        f"{kind}:{key}", title, "Gaps in the public record, and where they are closed.",
        f"{base}{path}" if base else path.rpartition("/")[2], f"{base}{root}{page}" if page else None,
    )  # fmt: skip

    def page_of(finding: Mapping[str, Any]) -> str | None:
        place = site.path("finding", finding["id"])
        return f"{base}{root}{place}" if place else feed.page

    return write_feed(feed, found, counts=counts, days=release_days(site), page_of=page_of,
                      titles={rule: each["title"] for rule, each in site.rules.items()}, changed=changed)  # fmt: skip


def release_days(site: Site) -> dict[str, dt.date]:
    """Return the day on which each release that was read was published or, where that is later, collected."""
    rows = site.register.rows(
        "select release, greatest(coalesce(published, collected), coalesce(collected, published)) as day from releases "
        "where status = 'read' and coalesce(published, collected) is not null"
    )
    return dict(rows)


Gathered = tuple[str, Mapping[str, int], list[dict[str, Any]]]


def _of_rule(site: Site, rule: str) -> Gathered:
    return site.rules[rule]["title"], *_told(site, rule=rule)


def _of_agency(site: Site, agency: str) -> Gathered:
    return f"{_agencies(site)[agency]}: gaps in its public record", *_told(site, agency=agency)


def _of_system(site: Site, slug: str) -> Gathered:
    ((name,),) = site.register.rows("select name from pages where slug = $slug", {"slug": slug})
    found = findings_of_system(site.register, slug)
    return f"{name}: gaps in the public record", Counter(finding["outcome"] for finding in found), found


def _told(
    site: Site, *, rule: str | None = None, agency: str | None = None
) -> tuple[Mapping[str, int], list[dict[str, Any]]]:
    """Return the counts of all outcomes, and the findings that a feed tells; most others are not applicable, and many."""
    counts: Counter[str] = Counter()
    for number in count_findings(site.register, rule=rule, agency=agency)["rules"].values():
        counts.update(number)
    found = [findings(site.register, rule=rule, agency=agency, outcome=outcome) for outcome in TOLD]
    # A gap that closed because nobody can tell any more, or because the rule no longer reaches it, is told once.
    closed = changes.closed if (changes := changes_since(site)) else ()
    found.append([
        finding for finding in findings_named(site.register, closed)
        if finding["outcome"] not in TOLD and rule in (None, finding["rule"])
        and agency in (None, finding["subject"]["bureau" if agency in OFFICES else "agency"])
    ])  # fmt: skip
    return counts, [finding for group in found for finding in group]
