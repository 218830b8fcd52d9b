"""Which days count: federal and state holidays, business days, and the day that it is where an office stands.

No file is read and no clock is asked. Holidays come from the `holidays` package: for the federal government the days of
5 U.S.C. 6103 with their observed days, for a state the days that the package knows of. Days off that a President or a
governor gives by order (24 December 2025, say) are not in it: a law that skips "legal public holidays" does not skip those.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

SATURDAY = 5
DAY = dt.timedelta(days=1)
# A count that runs on for longer than this has lost its way: no law gives an office years.
LONGEST = 4000


@dataclass(frozen=True)
class Calendar:
    """Whose holidays count: `us` for federal offices, `us-ca` for an office of California.

    `inauguration` says that a federal office stands in the area of 5 U.S.C. 6103(c): the District of Columbia, Montgomery and
    Prince George's Counties, Arlington and Fairfax Counties, Alexandria and Falls Church.
    """

    code: str = "us"
    inauguration: bool = False

    def holiday(self, day: dt.date) -> str | None:
        """Return the name of the holiday that closes the office on a day, an observed one included, or None."""
        return _holidays(self.code, self.inauguration, day.year).get(day)

    def closed(self, day: dt.date) -> str | None:
        """Return why a day is no business day: `Saturday`, `Sunday` or the holiday's name; None where it is one."""
        if day.weekday() >= SATURDAY:
            return f"{day:%A}"
        return self.holiday(day)


@dataclass(frozen=True)
class Count:
    """A count of days: where it begins (that day is not counted), where it ends, and each day that it passed over and why."""

    start: dt.date
    days: int
    end: dt.date
    business: bool
    skipped: tuple[tuple[dt.date, str], ...] = ()

    @property
    def holidays(self) -> tuple[tuple[dt.date, str], ...]:
        """The days passed over that are no Saturday and no Sunday."""
        return tuple((day, why) for day, why in self.skipped if why not in ("Saturday", "Sunday"))


def count_business_days(calendar: Calendar, start: dt.date, days: int, paused: Iterable[dt.date] = ()) -> Count:
    """Return the `days`th business day after `start`; days on which the clock stood still (`paused`) are passed over too."""
    still = frozenset(paused)
    day, left, skipped = start, days, []
    while left:
        day += DAY
        if (day - start).days > LONGEST:
            raise ValueError(f"no end within {LONGEST} days")
        why = calendar.closed(day) or ("clock stopped" if day in still else None)
        if why:
            skipped.append((day, why))
        else:
            left -= 1
    return Count(start, days, day, business=True, skipped=tuple(skipped))


def count_calendar_days(start: dt.date, days: int, paused: Iterable[dt.date] = ()) -> Count:
    """Return the `days`th day after `start`, whatever day of the week that is; paused days are passed over."""
    still = frozenset(paused)
    day, left, skipped = start, days, []
    while left:
        day += DAY
        if (day - start).days > LONGEST:
            raise ValueError(f"no end within {LONGEST} days")
        if day in still:
            skipped.append((day, "clock stopped"))
        else:
            left -= 1
    return Count(start, days, day, business=False, skipped=tuple(skipped))


def next_business_day(calendar: Calendar, day: dt.date) -> dt.date:
    """Return the day itself if it is a business day, or else the first one after it."""
    while calendar.closed(day):
        day += DAY
    return day


def last_business_day(calendar: Calendar, day: dt.date) -> dt.date:
    """Return the day itself if it is a business day, or else the last one before it."""
    while calendar.closed(day):
        day -= DAY
    return day


def days_between(after: dt.date, until: dt.date) -> tuple[dt.date, ...]:
    """Return the days after one day, up to and with another; none where the second is not later."""
    return tuple(after + DAY * number for number in range(1, (until - after).days + 1))


def local_day(moment: dt.datetime, zone: str) -> dt.date:
    """Return the date that it is in a time zone (`America/New_York`) at a moment; the moment must know its own zone.

    Raises:
        ValueError: the moment has no zone.

    """
    if moment.tzinfo is None:
        raise ValueError("the moment has no time zone")
    return moment.astimezone(ZoneInfo(zone)).date()


@lru_cache(maxsize=512)
def _holidays(code: str, inauguration: bool, year: int) -> dict[dt.date, str]:
    import holidays  # noqa: PLC0415 - only counts of days need it

    state = code.partition("-")[2].upper() or None
    found: dict[dt.date, str] = dict(holidays.country_holidays("US", subdiv=state, years=year, categories=(holidays.PUBLIC,)))
    if inauguration and state is None and (day := inauguration_day(year)):
        # In 1997, 2013 and 2025 it fell on the third Monday of January.
        found[day] = "; ".join(filter(None, (found.get(day), "Inauguration Day")))
    return found


def inauguration_day(year: int) -> dt.date | None:
    """Return the day of 5 U.S.C. 6103(c) in a year: 20 January every fourth year after 1965, on a Sunday the day after.

    On a Saturday (2029) no other day takes its place.
    """
    if year <= 1965 or (year - 1965) % 4:
        return None
    day = dt.date(year, 1, 20)
    return day + DAY if day.weekday() == SATURDAY + 1 else day
