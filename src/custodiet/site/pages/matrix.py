"""The matrix of a bureau: what is declared, purchased, noticed and logged. A hole leads to its findings and its request."""

from collections.abc import Iterator, Sequence
from typing import Any

from custodiet import questions
from custodiet.questions.matrix import COLUMNS
from custodiet.site.cells import cells_behind
from custodiet.site.figures import figure_of_matrix, links_of
from custodiet.site.page import Kind, Page
from custodiet.site.pages.agencies import NAMES, bureaus
from custodiet.site.site import Site

# Cells of a count that are shown; the pages behind have the others.
SHOWN = 6
# Which rules ask about a hole, and what one may ask an agency for.
HOLES: dict[str, tuple[tuple[str, ...], str]] = {
    "declared": (
        ("bought-not-declared", "system-bought-not-declared", "no-longer-listed"),
        "Ask for the inventory entry of this system, or the determination by which it was left out.",
    ),
    "purchased": (
        ("contract-number-unresolved", "contract-key-dropped"),
        "Ask for the contract, order or agreement under which this system is used, and its statement of work.",
    ),
    "noticed": (
        ("notice-missing", "privacy-notice-not-linked"),
        "Ask for the privacy threshold analysis and the privacy impact assessment of this system.",
    ),
    "logged": (
        ("path-uncovered",),
        "Ask for the audit log of searches in this system, or for its column names and the policy that requires it.",
    ),
}


def keys(site: Site) -> list[tuple[str, str]]:
    """Return the bureaus whose contracts are at hand, with the path of their matrix."""
    return [("index", "matrix/index"), *((code, f"matrix/{code.lower()}") for code in bureaus(site))]


def pages(site: Site, keys: Sequence[str]) -> Iterator[Page]:
    """Give the matrices, and their list."""
    for key in keys:
        if key == "index":
            yield Page(
                "matrix/index.html", "Declared, purchased, noticed, logged", "matrices.html",
                {"bureaus": [(code, NAMES[code]) for code in bureaus(site)]},
                about="Four records of one system, side by side: its inventory entry, its contracts, its notices, its logs.",
            )  # fmt: skip
            continue
        rows = questions.matrix(site.register, agency=key)
        gaps = _gaps(site, [row["id"] for row in rows])
        shown = [_shown(row, gaps.get(row["id"], {})) for row in rows]
        yield Page(
            site.contents["matrix"][key],
            f"{key}: declared, purchased, noticed, logged",
            "matrix.html",
            {
                "code": key,
                "columns_": COLUMNS,
                "categories": [row for row in shown if row["kind"] == "category"],
                "systems": [row for row in shown if row["kind"] == "system"],
                "holes": {column: asks for column, (_, asks) in HOLES.items()},
                "hole_rules": {
                    column: [rule for rule in rules if rule in site.rules] for column, (rules, _) in HOLES.items()
                },
                "cells": cells_behind(site.register, shown),
                "figures": [figure_of_matrix(key, rows, links_of(site, "../"))],
            },
            about=f"What {key} declared, purchased, noticed and logged, by category and system.",
            noun="matrix",
        )


def _shown(row: dict[str, Any], gaps: dict[str, str]) -> dict[str, Any]:
    cells = {
        column: {**row[column], "citations": row[column]["citations"][:SHOWN], "is_hole": row[column]["count"] == 0}
        for column in COLUMNS
    }
    findings = {column: [gaps[rule] for rule in rules if rule in gaps] for column, (rules, _) in HOLES.items()}
    return {**row, **cells, "findings": findings}


def _gaps(site: Site, slugs: list[str]) -> dict[str, dict[str, str]]:
    """Return, by page of the catalogue, one gap of each rule about it."""
    rows = site.register.rows(
        "select split_part(subject, '/', 1) as slug, rule, min(finding) from findings "
        "where outcome = 'gap' and slug in (select unnest($slugs)) group by all",
        {"slugs": slugs},
    )
    found: dict[str, dict[str, str]] = {}
    for slug, rule, finding in rows:
        found.setdefault(slug, {})[rule] = finding
    return found


KINDS = (Kind("matrix", keys, pages),)
