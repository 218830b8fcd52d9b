"""An agency's stack, as a page for readers who have never seen it whole."""

from collections.abc import Iterable, Mapping
from typing import Any

from custodiet.documents.draft import Request
from custodiet.documents.facts import Rule
from custodiet.questions.rules import rule
from custodiet.questions.stack import stack

SHOWN = {"clear": "shown", "gap": "not shown", "cannot-tell": "open", "not-applicable": "—", None: "—"}
# What stands beside a name; most are in use.
STATUSES = {"piloted": "piloted", "planned": "planned", "procured": "bought", "retired": "retired"}
# A longer name gives way to an alias in tables.
LONG_NAME = 32
COLUMNS = {
    "notice": "privacy-notice-not-linked", "testing": "m-25-21-testing", "assessment": "m-25-21-assessment",
    "monitoring": "m-25-21-monitoring", "oversight": "m-25-21-oversight", "appeal": "m-25-21-appeal",
}  # fmt: skip
# Claims about a person's case; a step that is only inferred stands in the table.
DECIDING = ("workflow", "used")
# Open questions are many; these are the ones that a reader of one paper can use.
UNKNOWNS = 8


def build(request: Request) -> Mapping[str, Any]:
    """Return feeds, systems by step, decisions, controls, and what is unknown."""
    found = stack(request.register, request.subject["id"])
    systems = found["systems"]
    for system in systems:
        system["name"] = _short(system)
    named = {system["id"]: system["name"] for system in systems}
    into: dict[str, list[str]] = {}
    for flow in found["flows"]:
        into.setdefault(flow["feed"], []).append(named[flow["system"]])
    shown = [_system(system, found["steps"]) for system in systems]
    listed = [row for row in shown if any(row["practices"].values())]
    coverage = rule(request.register, "path-uncovered")
    covering = Rule(coverage["id"], coverage["duty_title"])
    return {
        "feeds": [
            {
                "name": feed["name"],
                "content": _best(feed["claims"], "content"),
                "suppliers": ", ".join(each["name"] for each in feed["suppliers"]),
                "systems": ", ".join(into.get(feed["id"], [])),
            }
            for feed in found["feeds"]
        ],
        "systems": shown,
        "flows": len(found["flows"]),
        "decisions": [
            claim for claim in _claims(systems) if claim["about"] in DECIDING and claim["grade"] in ("Known", "Likely")
        ],
        "covers": [_covers(system, covering) for system in systems],
        "practices": [
            {"name": f"{row['name']} ({row['entries']})", "citations": row["cells"], **row["practices"]} for row in listed
        ],
        "unknown": _unknown(systems)[:UNKNOWNS],
        "does_not_show": found["does_not_show"],
    }


def _best(claims: Iterable[Mapping[str, Any]], about: str) -> Mapping[str, Any] | None:
    """Return the first of the best graded claims about a thing: the catalogue's writer put the plainest one first."""
    order = ("Known", "Likely", "Inferred", "Disputed", "Unknown")
    return min((claim for claim in claims if claim["about"] == about), key=lambda c: order.index(c["grade"]), default=None)


def _unknown(systems: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return each system's first open question; those that the agency itself lists come first."""
    firsts: dict[str, dict[str, Any]] = {}
    for claim in _claims(sorted(systems, key=lambda system: not system["entries"])):
        if claim["about"] == "unknown" and claim["would_settle"]:
            firsts.setdefault(claim["system"], claim)
    return list(firsts.values())


def _short(system: Mapping[str, Any]) -> str:
    name = str(system["name"])
    return name if len(name) <= LONG_NAME else min([name, *system["aliases"]], key=len)


def _claims(systems: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**claim, "system": system["name"]} for system in systems for claim in system["claims"]]


def _system(system: Mapping[str, Any], steps: Mapping[str, str]) -> dict[str, Any]:
    return {
        "name": system["name"],
        "steps": "; ".join(steps[step] for step in system["steps"]),
        "status": STATUSES.get(system["status"], ""),
        "identity": _best(system["claims"], "identity"),
        "vendors": ", ".join(each["name"] for each in system["vendors"]),
        "entries": ", ".join(entry["id"] for entry in system["entries"]),
        "practices": {
            name: SHOWN[system["practices"][part]["outcome"]] if system["practices"][part]["outcome"] else ""
            for name, part in COLUMNS.items()
        },
        # The last citation of a finding is the answer that it judges; the ones before are stage and impact, alike in all.
        "cells": [cells[-1] for part in COLUMNS.values() if (cells := system["practices"][part]["citations"])],
    }  # fmt: skip


def _covers(system: Mapping[str, Any], covering: Rule) -> dict[str, Any]:
    covers = system["covers"]
    return {
        "name": system["name"],
        "authority": _cover(covers["authority"]),
        "notice": _cover(covers["notice"]),
        "log": _cover(covers["audit-log"]),
        "citations": [{"release": "catalogue", "row": 1, "column": system["id"]}, covering],
    }


def _cover(cell: Mapping[str, Any]) -> str:
    return "through the data only" if cell["through"] == "feed" else SHOWN[cell["outcome"]]
