"""Federal fiscal years, in one place."""

import datetime as dt


def fiscal_year(day: str) -> int:
    """Return the federal fiscal year of an ISO day: it begins on 1 October of the year before."""
    year, month = int(day[:4]), int(day[5:7])
    return year + (month >= 10)


def fiscal_days(year: int) -> tuple[dt.date, dt.date]:
    """Return the first and the last day of a federal fiscal year."""
    return dt.date(year - 1, 10, 1), dt.date(year, 9, 30)
