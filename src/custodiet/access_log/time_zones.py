"""Local time by a named zone."""

import datetime as dt
import zoneinfo

from custodiet.model.errors import InputError

# Two days from either end of what Python's times can say.
EARLIEST, LATEST = dt.datetime(1, 1, 3), dt.datetime(9999, 12, 29)  # noqa: DTZ001 - of no zone


def read_zone(name: str) -> zoneinfo.ZoneInfo:
    """Return a time zone by its name.

    Raises:
        InputError: there is none of this name.

    """
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError(f"{name!r} is no time zone; give a name such as America/Los_Angeles with `--time-zone`.") from None


def to_local(utc: dt.datetime, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """Return the local time, without a zone, of a time in UTC without one."""
    return utc.replace(tzinfo=dt.UTC).astimezone(zone).replace(tzinfo=None)


def offset_changes(first: dt.datetime, last: dt.datetime, zone: zoneinfo.ZoneInfo) -> list[tuple[dt.datetime, int]]:
    """Return the local times from which an offset holds, in seconds, within a span: daylight saving begins and ends there.

    An hour that is there twice is read as its first. Looked for day by day, and on a day that has one hour by hour: windows
    may begin in 1970, or in the year 1.
    """
    day, hour = dt.timedelta(days=1), dt.timedelta(hours=1)
    at = max(first, EARLIEST).replace(hour=0, minute=0, second=0, microsecond=0) - day
    end = min(last, LATEST) + day
    changes = [(at, _offset(at, zone))]
    while at <= end:
        if _offset(at + day, zone) != changes[-1][1]:
            for step in range(1, 25):
                seconds = _offset(at + step * hour, zone)
                if seconds != changes[-1][1]:
                    changes.append((at + step * hour, seconds))
        at += day
    return changes


def _offset(local: dt.datetime, zone: zoneinfo.ZoneInfo) -> int:
    return int((local.replace(tzinfo=zone).utcoffset() or dt.timedelta()).total_seconds())
