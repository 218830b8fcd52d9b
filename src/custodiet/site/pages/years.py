"""Year to year: what was added, gone, renamed and changed between two inventories, agency by agency, rewording included."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from custodiet import questions
from custodiet.site.links import part, parts, slug
from custodiet.site.page import Kind, Page
from custodiet.site.site import Site
from custodiet.site.wording import mark_changes

# Changed answers on one page.
LENGTH = 80
PARTS = ("added", "gone", "renamed", "changed", "asked_once")


def year_pairs(site: Site) -> list[tuple[int, int]]:
    """Return the pairs of neighbouring years that the register has."""
    years = [year for (year,) in site.register.rows("select distinct inventory_year from use_cases order by 1")]
    return [(first, second) for first, second in pairwise(years) if second == first + 1]


def compare_years(site: Site, pair: str) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Return what differs between two years ("2024-2025"), by agency; found once a site, because all pages read of it."""
    kept = site.kept.get(("years", pair))
    if kept is None:
        first, second = pair.split("-")
        found = questions.diff(site.register, first, second)
        kept = {}
        for name in PARTS:
            for row in found[name]:
                kept.setdefault(row["agency"], {each: [] for each in PARTS})[name].append(row)
        site.kept["years", pair] = kept
    return kept


def year_keys(site: Site) -> list[tuple[str, str]]:
    """Return the pages of pairs of years, and of every agency in each."""
    keys = [("index", "years/index")]
    for first, second in year_pairs(site):
        pair = f"{first}-{second}"
        rows = site.register.rows(
            "select distinct agency from use_cases where inventory_year in ($first, $second) order by 1",
            {"first": first, "second": second},
        )
        keys += [(pair, f"years/{pair}/index"), *((f"{pair} {code}", f"years/{pair}/{slug(code)}") for (code,) in rows)]
    return keys


def year_pages(site: Site, keys: Sequence[str]) -> Iterator[Page]:
    """Give the pages of pairs of years."""
    for key in keys:
        if key == "index":
            pairs = [f"{first}-{second}" for first, second in year_pairs(site)]
            yield Page(
                "years/index.html", "Year to year", "years.html", {"pairs": pairs},
                about="What changed from one year's inventory to the next: added, gone, renamed, reworded.",
            )  # fmt: skip
            continue
        pair, _, code = key.partition(" ")
        by_agency = compare_years(site, pair)
        first, second = pair.split("-")
        if code:
            found = by_agency.get(code, {name: [] for name in PARTS})
            number = len(found["changed"]) + len(found["asked_once"])
            yield Page(
                site.contents["year"][key],
                f"{site.agencies.get(code, code)}: {first} to {second}",
                "year.html",
                {
                    "found": found, "pair": pair, "code": code, "first": first, "second": second,
                    "changes": site.siblings("change-list", key, number, LENGTH) if number else [],
                },
                table=f"entries-{pair}",
            )  # fmt: skip
            continue
        yield Page(
            site.contents["year"][key],
            f"{first} to {second}",
            "year-pair.html",
            {
                "rows": [
                    (code, site.agencies.get(code, code), {name: len(rows) for name, rows in found.items()})
                    for code, found in sorted(by_agency.items(), key=lambda item: site.agencies.get(item[0], item[0]))
                ],
                "pair": pair,
                "first": first,
                "second": second,
            },
            about=f"What changed from the inventories of {first} to those of {second}.",
            table=f"entries-{pair}",
        )


def change_keys(site: Site) -> list[tuple[str, str]]:
    """Return the lists of changed answers."""
    keys = []
    for first, second in year_pairs(site):
        pair = f"{first}-{second}"
        for code, found in sorted(compare_years(site, pair).items()):
            number = len(found["changed"]) + len(found["asked_once"])
            if number:
                keys += parts(f"{pair} {code}", f"years/{pair}/{slug(code)}-changes", number, LENGTH)
    return keys


def change_pages(site: Site, keys: Sequence[str]) -> Iterator[Page]:
    """Give the lists of changed answers, with the changed words marked."""
    for key in keys:
        name, number = part(key)
        pair, _, code = name.partition(" ")
        first, second = pair.split("-")
        found = compare_years(site, pair)[code]
        everything = [*((row, True) for row in found["changed"]), *((row, False) for row in found["asked_once"])]
        shown = everything[(number - 1) * LENGTH : number * LENGTH]
        rows = [
            {**row, "both_asked": both, "words": mark_changes(row["before"]["value"], row["after"]["value"])}
            for row, both in shown
        ]
        yield Page(
            site.contents["change-list"][key],
            f"{code}: changed answers, {first} to {second}",
            "change-list.html",
            {
                "rows": rows, "pair": pair, "code": code, "first": first, "second": second, "total": len(found["changed"]),
                "once": len(found["asked_once"]), "pages": site.siblings("change-list", name, len(everything), LENGTH),
            },
            table=f"changes-{pair}",
        )  # fmt: skip


KINDS = (Kind("year", year_keys, year_pages), Kind("change-list", change_keys, change_pages))
