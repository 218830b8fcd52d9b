"""The stack of an agency: the drawing on one page, and everything that it shows as tables, with claims and citations."""

from collections.abc import Iterator, Sequence
from typing import Any

from custodiet import questions
from custodiet.questions.matrix import OFFICES
from custodiet.questions.stack import count_stacks
from custodiet.site.cells import cells_behind
from custodiet.site.figures import figure_of_stack, links_of, stack_agencies
from custodiet.site.links import root_of
from custodiet.site.page import Kind, Page
from custodiet.site.site import Site


def keys(site: Site) -> list[tuple[str, str]]:
    """Return the agencies that have a stack, with the path of its page."""
    return [("index", "stacks/index"), *((agency, f"stacks/{agency.lower()}") for agency in stack_agencies(site))]


def pages(site: Site, keys: Sequence[str]) -> Iterator[Page]:
    """Give the stacks, and their list."""
    for key in keys:
        if key == "index":
            yield _index(site)
            continue
        path = site.contents["stack"][key]
        found = questions.stack(site.register, key)
        names = {thing["id"]: thing["name"] for thing in (*found["feeds"], *found["systems"])}
        says = {claim["id"]: claim for thing in (*found["feeds"], *found["systems"]) for claim in thing["claims"]}
        flows = [
            flow | {"feed_name": names[flow["feed"]], "system_name": names[flow["system"]],
                    "shown": [says[claim] for claim in flow["claims"][:2]]}
            for flow in found["flows"]
        ]  # fmt: skip
        yield Page(
            path,
            f"The stack of {key}",
            "stack.html",
            {
                "stack": found,
                "flows": flows,
                "figure": figure_of_stack(site, found, links_of(site, root_of(path))),
                "in_doubt": [(system, _in_doubt(system)) for system in found["systems"] if _in_doubt(system)],
                "cells": cells_behind(site.register, [flow["shown"] for flow in flows]),
            },
            about=f"What data flows into the systems that {key} runs, which steps of a case they serve, what controls them.",
            noun="stack",
        )


def _in_doubt(system: dict[str, Any]) -> list[dict[str, Any]]:
    return [claim for claim in system["claims"] if claim["about"] in ("disputed", "unknown")]


def _index(site: Site) -> Page:
    counted = count_stacks(site.register)
    rows = [{"agency": agency, "path": site.contents["stack"][agency], **counts} for agency, counts in counted.items()]
    return Page(
        site.contents["stack"]["index"],
        "The stack, on one page",
        "stacks.html",
        {"rows": rows, "offices": OFFICES},
        about="Feeds of data, the systems that take them, the steps of a case that these serve, and what controls each.",
    )


KINDS = (Kind("stack", keys, pages),)
