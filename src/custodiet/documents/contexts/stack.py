"""An agency's stack: what one page draws and says of it, and the rows of its annex, called what the drawing calls them."""

from collections.abc import Iterable, Mapping
from typing import Any

from custodiet.documents.draft import Request
from custodiet.documents.drawings.stack import draw_stack
from custodiet.documents.drawings.stack_layout import PAPER, lay_out
from custodiet.documents.facts import Count, Rule
from custodiet.documents.picture import Picture
from custodiet.model.words import GRADES
from custodiet.questions.cite import CATALOGUE
from custodiet.questions.rules import rule
from custodiet.questions.stack import stack

SHOWN = {"clear": "shown", "gap": "not shown", "cannot-tell": "open", "not-applicable": "—", None: "—"}
# What stands beside a name; most are in use.
STATUSES = {"piloted": "piloted", "planned": "planned", "procured": "bought", "retired": "retired"}
# Steps at which a person loses liberty or a case ends.
LAST_STEPS = ("custody", "outcome")
DOUBTS = ("disputed", "unknown")


def build(request: Request) -> Mapping[str, Any]:
    """Return the drawing, the figures and examples of its page, and rows of feeds, systems, decisions and doubts."""
    found = stack(request.register, request.subject["id"])
    name = found["agency"]
    at = lay_out(found, PAPER)
    labels = at.label()
    systems = _in_order(found["systems"], at.systems)
    feeds = _in_order(found["feeds"], at.feeds)
    coverage = rule(request.register, "path-uncovered")
    covering = Rule(coverage["id"], coverage["duty_title"])
    releases = {cell["release"] for system in systems for each in system["practices"].values() for cell in each["citations"]}
    drawn = draw_stack(found, on_paper=True)
    doubts = _doubts((*feeds, *systems), labels)
    least_shown = max(systems, key=_count_gaps)
    return {
        "drawing": Picture(f"stack-{name.lower()}", str(drawn), _say(found), f"custodiet stack {name} --out stack.svg"),
        "counted": Count(f"custodiet stack {name}", (CATALOGUE, *sorted(releases))),
        "covering": covering,
        "figures": _figures(found, systems),
        "example": {
            about: next(
                (
                    {**claim, "name": each["name"]}
                    for each in doubts
                    if each["id"] == least_shown["id"]
                    for claim in each[about]
                ),
                None,
            )
            for about in DOUBTS
        },
        "feeds": [_feed(feed, found["flows"], labels) for feed in feeds],
        "systems": [_system(system, found["steps"], labels, covering) for system in systems],
        "parts": [*found["covers"].values(), *found["practices"].values()],
        "doubts": doubts,
        "does_not_show": found["does_not_show"],
    }


def _in_order(things: Iterable[dict[str, Any]], places: Iterable[str]) -> list[dict[str, Any]]:
    known = {thing["id"]: thing for thing in things}
    return [known[key] for key in places]


def _say(found: Mapping[str, Any]) -> str:
    """Return the drawing in words, as much of it as a sentence holds; the annex has the rest."""
    return (
        f"{len(found['feeds'])} supplies of data at the left, lines from them into {len(found['systems'])} systems, and in "
        "the row of each system the steps of a case that it serves, what controls it, and how much is disputed or open. "
        "The tables that follow say the same, row by row."
    )


def _figures(found: Mapping[str, Any], systems: list[dict[str, Any]]) -> dict[str, int]:
    """Return the counts that the page prints; each is of things that the drawing shows."""

    def count_cover(cover: str, outcome: str, through: str | None = None) -> int:
        cells = [system["covers"][cover] for system in systems]
        return sum(cell["outcome"] == outcome and (through is None or cell["through"] == through) for cell in cells)

    claims = [claim for thing in (*systems, *found["feeds"]) for claim in thing["claims"]]
    return {
        "feeds": len(found["feeds"]),
        "systems": len(systems),
        "flows": len(found["flows"]),
        "named": sum(flow["names_both"] for flow in found["flows"]),
        "listed": sum(bool(system["entries"]) for system in systems),
        "last": sum(any(step in LAST_STEPS for step in system["steps"]) for system in systems),
        "stepped": sum(bool(system["steps"]) for system in systems),
        "sure": sum(bool(system["steps"]) and system["steps_grade"] in ("Known", "Likely") for system in systems),
        "authority": count_cover("authority", "clear"),
        "notice": count_cover("notice", "clear", "system"),
        "notice_data": count_cover("notice", "clear", "feed"),
        "log": count_cover("audit-log", "clear"),
        "no_log": count_cover("audit-log", "gap"),
        "disputed": sum(claim["about"] == "disputed" for claim in claims),
        "unknown": sum(claim["about"] == "unknown" for claim in claims),
    }


def _count_gaps(system: Mapping[str, Any]) -> int:
    return sum(cell["outcome"] == "gap" for cell in (*system["covers"].values(), *system["practices"].values()))


def _doubts(things: Iterable[Mapping[str, Any]], labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return of each thing what is disputed and what is open: the claims that the drawing counts, in its order."""
    found = []
    for thing in things:
        claims = {about: [claim for claim in thing["claims"] if claim["about"] == about] for about in DOUBTS}
        if any(claims.values()):
            cites = [claim["citation"] for about in DOUBTS for claim in claims[about]]
            found.append(
                {"id": thing["id"], "name": thing["name"], "label": labels[thing["id"]], "citations": cites, **claims}
            )
    return found


def _best(claims: Iterable[Mapping[str, Any]], about: str) -> Mapping[str, Any] | None:
    """Return the first of the best graded claims about a thing: the catalogue's writer put the plainest one first."""
    return min(
        (claim for claim in claims if claim["about"] == about), key=lambda claim: GRADES.index(claim["grade"]), default=None
    )


def _feed(feed: Mapping[str, Any], flows: Iterable[Mapping[str, Any]], labels: Mapping[str, str]) -> dict[str, Any]:
    out = [flow for flow in flows if flow["feed"] == feed["id"]]
    into = {
        grade: sorted((labels[flow["system"]] for flow in out if flow["grade"] == grade), key=lambda label: int(label[1:]))
        for grade in GRADES
    }
    content = _best(feed["claims"], "content")
    return {
        "label": labels[feed["id"]],
        "name": feed["name"],
        "content": content,
        "suppliers": ", ".join(each["name"] for each in feed["suppliers"]),
        "into": "; ".join(f"{grade}: {', '.join(ends)}" for grade, ends in into.items() if ends),
        "citations": _once([*_cite(content), *(cell for flow in out for cell in flow["citations"])]),
    }


def _system(system: Mapping[str, Any], steps: Mapping[str, str], labels: Mapping[str, str], covering: Rule) -> dict[str, Any]:
    identity, workflow = (_best(system["claims"], about) for about in ("identity", "workflow"))
    covers = [cell for each in system["covers"].values() for cell in each["citations"]]
    makers = ", ".join(each["name"] for each in system["vendors"])
    return {
        "label": labels[system["id"]],
        "name": system["name"],
        "about": "; ".join(filter(None, [STATUSES.get(system["status"], ""), makers])),
        "identity": identity,
        "steps": ", ".join(steps[step] for step in system["steps"]),
        "steps_grade": system["steps_grade"],
        "cells": [
            *(_cover(cell) for cell in system["covers"].values()),
            *(SHOWN[cell["outcome"]] for cell in system["practices"].values()),
        ],
        # The last citation of a finding is the answer that it judges; the ones before are stage and impact, alike in all.
        "citations": [
            _once([*_cite(identity), *_cite(workflow), *covers]), covering,
            *(cell["citations"][-1] for cell in system["practices"].values() if cell["citations"]),
        ],
    }  # fmt: skip


def _cite(claim: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    return [claim["citation"]] if claim else []


def _once(cells: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return list({str(sorted(cell.items())): cell for cell in cells}.values())


def _cover(cell: Mapping[str, Any]) -> str:
    return "data only" if cell["through"] == "feed" else SHOWN[cell["outcome"]]
