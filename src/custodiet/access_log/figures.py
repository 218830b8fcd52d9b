"""The measures of a report, figure by figure: for tables, for a comparison of two logs, and for the register."""

from collections.abc import Mapping, Sequence
from typing import Any


def list_figures(measures: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the measures figure by figure: measure, part, value, n, low and high of an interval, state, why."""
    figures = []
    for measure in measures:
        low, high = measure["interval"] or (None, None)
        base = {"n": measure["n"], "low": low, "high": high, "state": measure["state"], "why": measure["why"]}
        for part, value in list_parts(measure["value"]):
            figures.append({"measure": measure["id"], "part": part, "value": value, **base})
    return figures


def list_parts(value: Any, prefix: str = "") -> list[tuple[str, Any]]:
    """Return the parts of a measure's value with their names; names of parts within parts are joined by full stops."""
    if isinstance(value, Mapping):
        return [
            pair for name, part in value.items() for pair in list_parts(part, f"{prefix}.{name}" if prefix else str(name))
        ]
    if isinstance(value, list):
        return [(str(row["reason"]), row["searches"]) for row in value]
    return [(prefix, value)]
