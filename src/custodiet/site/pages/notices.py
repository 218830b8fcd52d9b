"""A privacy notice as a list at hand has it, and what cites the same address; and lists of notices by year."""

from collections.abc import Iterator, Sequence

from custodiet.questions.notices import whole_notices
from custodiet.site.cells import cells_behind
from custodiet.site.links import part, parts, slugs
from custodiet.site.page import Kind, Page
from custodiet.site.site import Site

LENGTH = 250


def notice_keys(site: Site) -> list[tuple[str, str]]:
    """Return every notice, by its release and row, with the path of its page."""
    rows = site.register.rows(
        "select release || ' ' || \"row\", published || ' ' || left(title, 70) from notices order by release, \"row\""
    )
    return slugs(rows, "notices")


def notice_pages(site: Site, keys: Sequence[str]) -> Iterator[Page]:
    """Give the pages of notices."""
    found = whole_notices(site.register, keys)
    cells = cells_behind(site.register, found)
    for key in keys:
        notice = found[key]
        yield Page(
            site.contents["notice"][key],
            notice["title"],
            "notice.html",
            {"notice": notice, "cells": cells, "files": [notice["citation"]["release"]]},
            about=f"Privacy notice of {notice['published']}, {notice['agencies'] or 'agency not named in the list'}.",
            words=notice["number"] or "",
            noun="notice",
        )


def list_keys(site: Site) -> list[tuple[str, str]]:
    """Return the lists of notices: the first, and one a year."""
    keys = [("index", "notices/index")]
    for name, number in _years(site):
        keys += parts(name, f"notices/lists/{name}", number, LENGTH)
    return keys


def _years(site: Site) -> list[tuple[str, int]]:
    rows = site.register.rows("select year(published)::varchar, count(*) from notices group by all order by 1 desc")
    return [(name, number) for name, number in rows]


def list_pages(site: Site, keys: Sequence[str]) -> Iterator[Page]:
    """Give the lists of notices."""
    sizes = dict(_years(site))
    for key in keys:
        if key == "index":
            numbered = site.register.dicts(
                "select release || ' ' || \"row\" as key, number, title, published, action from notices "
                "where number is not null order by number, published desc"
            )
            solicitations = site.register.dicts(
                "select notice, number, type, posted, title, agency, url from solicitations where not repeats "
                "order by posted desc limit 200"
            )
            yield Page(
                "notices/index.html",
                "Notices",
                "notices.html",
                {
                    "years": [
                        {"label": year, "count": number, "path": site.contents["notice-list"][year]}
                        for year, number in sizes.items()
                    ],
                    "numbered": numbered,
                    "solicitations": solicitations,
                    "total": sum(sizes.values()),
                },
                about="Privacy notices as the lists at hand have them. No list here is whole.",
                table="notices",
            )
            continue
        year, number = part(key)
        rows = site.register.dicts(
            "select release || ' ' || \"row\" as key, number, title, published, action, agencies from notices "
            "where year(published) = $year order by published desc, title limit $length offset $skip",
            {"year": int(year), "length": LENGTH, "skip": (number - 1) * LENGTH},
        )
        yield Page(
            site.contents["notice-list"][key],
            f"Privacy notices of {year}",
            "notice-list.html",
            {"rows": rows, "total": sizes[year], "pages": site.siblings("notice-list", year, sizes[year], LENGTH)},
            table="notices",
        )


KINDS = (Kind("notice", notice_keys, notice_pages), Kind("notice-list", list_keys, list_pages))
