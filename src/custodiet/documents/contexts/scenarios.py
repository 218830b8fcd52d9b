"""The scenarios of wrongful identification as documents print them: what happened in a case is told with its source."""

from typing import Any

from custodiet.documents.facts import Paper, Statement
from custodiet.governance.scenarios import load_scenarios

OURS = "a design of ours"


def scenario_lines() -> list[dict[str, Any]]:
    """Return the scenarios; one that rests on a case or a study says so, as told by others."""
    return [
        {
            "id": scenario.id,
            "title": scenario.title,
            "happened": scenario.happened if scenario.basis.startswith(OURS) else Statement(
                scenario.happened, Paper("Scenarios of wrongful identification", "Custodiet", where=scenario.id),
                "S", scenario.basis,
            ),
            "is_ours": scenario.basis.startswith(OURS),
            "tests": scenario.test,
            "command": scenario.command,
            "columns": scenario.columns,
            "musts": scenario.must,
        }
        for scenario in load_scenarios()
    ]  # fmt: skip
