"""Cut a time into slices that an interface gives whole, fetch each, and prove by the publisher's own count that it is."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from custodiet.model.errors import FetchError
from custodiet.sources.fetch.partial import Partial

Body = dict[str, Any]
Progress = Callable[[str], None]
# How often pages that don't fit together are fetched anew, and a total that changes is counted anew.
ATTEMPTS = 3
ROUNDS = 3


@dataclass(frozen=True)
class Slice:
    """Some days, both ends included, with the publisher's count of their records."""

    since: dt.date
    until: dt.date
    count: int

    @property
    def name(self) -> str:
        """How the journal calls it."""
        return f"{self.since}..{self.until}"


class Interface(Protocol):
    """What a publisher's interface can do."""

    # The most records that a slice may have, and the number from which on a count is no count but a cap.
    most: int
    cap: int
    # The longest slice in days, if there is such a limit.
    longest: int | None
    # Whether two records may be alike in all that tells them apart.
    may_repeat: bool

    def count(self, since: dt.date, until: dt.date) -> int:
        """Return how many records the publisher counts."""

    def pages(self, part: Slice, partial: Partial, *, backwards: bool) -> Iterator[Body]:
        """Give a slice's pages in their order, those of the journal first; `backwards` turns the order of records round."""

    def identities(self, body: Body) -> list[str]:
        """Return what tells a page's records apart."""


@dataclass(frozen=True)
class Whole:
    """All pages of a query, and the count that they were held against."""

    pages: list[Body]
    counted: int


def fetch_whole(interface: Interface, since: dt.date, until: dt.date, partial: Partial, progress: Progress) -> Whole:
    """Return every page from one day to another.

    The publisher's count is asked for before and after; the slices whose counts differ are fetched anew.

    Raises:
        FetchError: the pages can't be brought to fit the count, or the count does not stand still.

    """
    progress("counting")
    for _ in range(ROUNDS):
        parts = list(_cut(interface, since, until))
        pages: list[Body] = []
        done = 0
        total = sum(part.count for part in parts)
        for part in parts:
            pages += _fetch(interface, part, partial, _Meter(progress, total, done))
            done += part.count
        progress("counting again")
        changed = [part for part in parts if interface.count(part.since, part.until) != part.count]
        if not changed:
            return Whole(pages, total)
        for part in changed:
            partial.drop(part.name)
    raise FetchError(
        f"The count of the records from {since} to {until} changed {ROUNDS} times while they were fetched; fetch again later."
    )


def _cut(interface: Interface, since: dt.date, until: dt.date) -> Iterator[Slice]:
    days = (until - since).days + 1
    if interface.longest is not None and days > interface.longest:
        middle = since + dt.timedelta(interface.longest - 1)
        yield from _cut(interface, since, middle)
        yield from _cut(interface, middle + dt.timedelta(1), until)
        return
    count = interface.count(since, until)
    if count < interface.cap and (count <= interface.most or days == 1):
        yield Slice(since, until, count)
    elif days == 1:
        raise FetchError(
            f"{since}: the publisher counts {count:,} records on this one day, and gives no more than {interface.cap:,} at a "
            "time; nothing smaller can be asked for."
        )
    else:
        middle = since + dt.timedelta((days - 1) // 2)
        yield from _cut(interface, since, middle)
        yield from _cut(interface, middle + dt.timedelta(1), until)


@dataclass(frozen=True)
class _Meter:
    """Tells how many of all records are there; `done` were there before this slice."""

    progress: Progress
    total: int
    done: int

    def tell(self, more: int) -> None:
        self.progress(f"{self.done + more:,} of {self.total:,} records")

    def after(self, more: int) -> "_Meter":
        return _Meter(self.progress, self.total, self.done + more)


def _fetch(interface: Interface, part: Slice, partial: Partial, meter: _Meter) -> list[Body]:
    """Return a slice's pages, once they hold as many records as were counted and none twice."""
    earlier: Counter[str] | None = None
    problem = ""
    for attempt in range(ATTEMPTS):
        pages: list[Body] = []
        found: Counter[str] = Counter()
        problem = ""
        for body in interface.pages(part, partial, backwards=attempt % 2 == 1):
            identities = interface.identities(body)
            if len(pages) > 0 and identities and identities == interface.identities(pages[-1]):
                problem = f"page {len(pages) + 1} repeats page {len(pages)}"
                break
            pages.append(body)
            found.update(identities)
            meter.tell(found.total())
            if found.total() > part.count:
                break
        if not problem and found.total() == part.count:
            # One page can't overlap itself; and what stands twice in both directions is there twice.
            if found.total() == len(found) or (interface.may_repeat and (len(pages) == 1 or found == earlier)):
                return pages
            problem = f"{found.total() - len(found):,} records stand twice, so as many are lost between pages"
        problem = problem or f"{found.total():,} of {part.count:,} records came"
        earlier = found
        partial.drop(part.name)
    if part.since == part.until:
        raise FetchError(
            f"{part.since}: {problem}, {ATTEMPTS} times over; fetch again later, or try `--bulk` if there is one."
        )
    # Fewer records have fewer edges between pages at which some can be lost.
    middle = part.since + dt.timedelta((part.until - part.since).days // 2)
    halves = ((part.since, middle), (middle + dt.timedelta(1), part.until))
    counts = [interface.count(first, last) for first, last in halves]
    if sum(counts) != part.count:
        raise FetchError(
            f"{part.name}: {part.count:,} records were counted, and {sum(counts):,} in its two halves; fetch again later."
        )
    done = 0
    pages = []
    for (first, last), count in zip(halves, counts, strict=True):
        pages += _fetch(interface, Slice(first, last, count), partial, meter.after(done))
        done += count
    return pages
