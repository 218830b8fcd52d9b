"""Local time by a named zone."""

import datetime as dt
import zoneinfo

from custodiet.model.errors import InputError


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

    An hour that is there twice is read as its first.
    """
    changes: list[tuple[dt.datetime, int]] = []
    at = first.replace(minute=0, second=0, microsecond=0) - dt.timedelta(days=1)
    while at <= last + dt.timedelta(days=1):
        offset = at.replace(tzinfo=zone).utcoffset() or dt.timedelta()
        seconds = int(offset.total_seconds())
        if not changes or changes[-1][1] != seconds:
            changes.append((at, seconds))
        at += dt.timedelta(hours=1)
    return changes
