"""A model card: what the record says of the model, and what the bench measured, with every section that is left open."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from custodiet.documents.contexts.entries import answer_lines, answers_of
from custodiet.documents.draft import Request
from custodiet.documents.facts import Measured
from custodiet.documents.tables import lay_out, show
from custodiet.model.errors import InputError
from custodiet.questions.show import show as show_subject
from custodiet.register.bench import find_reports
from custodiet.register.reports import read_report, shown

# Sections of Mitchell and others, "Model Cards for Model Reporting" (2019), and the questions that speak to each.
CELLS = {
    "details": ("classification", "contracting", "vendor", "system_name", "operational_date", "custom_code", "code_link"),
    "use": ("stage", "impact", "purpose", "outputs"),
    "factors": ("demographics",),
    "data": ("data_description", "data_link"),
    "ethics": ("has_pii", "privacy_notice", "potential_impacts", "oversight", "appeal"),
    "caveats": ("testing", "independent_review", "monitoring"),
}
CLAIMS = {
    "details": ("identity", "role"), "use": ("used",), "factors": ("population",), "data": ("content",),
    "ethics": ("oversight", "disputed"), "caveats": ("accuracy", "unknown"),
}  # fmt: skip
LIMITS = "What this does not show"
COLUMNS = ("group", "value", "low", "high", "interval", "trials", "subjects")
HEADINGS = {"low to high": "interval (low to high)", "trials": "of trials", "subjects": "of subjects", "interval": "how"}
NAMES = {"fmr": "false match rate (fmr)", "fnmr": "false non-match rate (fnmr)"}
# Measures of one report that a page can carry; the report has them all.
ROWS = 40


def build(request: Request) -> Mapping[str, Any]:
    """Return each section's lines and claims, and the reports of the bench with their measures, gates and limits."""
    subject = request.subject
    answers = answers_of(subject)
    pages = (
        [subject]
        if subject["kind"] == "system"
        else [show_subject(request.register, p["id"]) for p in subject.get("pages", [])]
    )
    claims = [claim for page in pages for claim in page["claims"]]
    return {
        "sections": {
            name: {
                "lines": answer_lines(answers, fields),
                "claims": [claim for claim in claims if claim["about"] in CLAIMS[name]],
            }
            for name, fields in CELLS.items()
        },
        "reports": list(_reports(request.bench)) if request.bench else [],
    }


def _reports(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield each report of the bench in a folder.

    Raises:
        InputError: there is none, or one is not what the bench writes.

    """
    paths = find_reports(folder)
    if not paths:
        raise InputError(f"{folder}: holds no report of the bench; make one with `custodiet bench ... --out {folder}`.")
    for path in paths:
        content = read_report(path)
        try:
            report = json.loads(content)
            source = Measured(shown(path), hashlib.sha256(content).hexdigest(), f"custodiet bench {report['bench']}")
            measures = report["model_card"]
            yield {
                "title": report["title"],
                "verb": f"custodiet bench {report['bench']}",
                "source": source,
                "tables": _tables(measures[:ROWS]),
                "left": max(0, len(measures) - ROWS),
                "gates": [{name: str(gate[name]) for name in ("says", "outcome", "reason")} for gate in report["gates"]],
                "limits": [
                    paragraph
                    for section in report["sections"] if section["title"] == LIMITS
                    for paragraph in section["paragraphs"]
                ],
                "inputs": [f"{file['file']} (sha256 {file['sha256'][:12]})" for file in report["manifest"]["inputs"]],
            }  # fmt: skip
        except (ValueError, KeyError, TypeError, RecursionError):
            raise InputError(
                f"{shown(path)}: no report of the bench; make it anew with `custodiet bench ... --out`."
            ) from None


def _tables(measures: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a table for each set of conditions, such as a threshold: a rate means nothing without its own."""
    by_conditions: dict[str, list[Mapping[str, Any]]] = {}
    for measure in measures:
        said = ", ".join(f"{name} {_exact(value)}" for name, value in measure["conditions"].items() if value is not None)
        by_conditions.setdefault(said, []).append(measure)
    return [_table(conditions, rows) for conditions, rows in by_conditions.items()]


def _exact(value: Any) -> str:
    """Return a condition as text: a threshold keeps more digits than a rate, since it has to be set again."""
    return f"{value:.6g}" if isinstance(value, float) else show(value)


def _table(conditions: str, measures: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    found = lay_out({
        "title": "", "columns": ["measure", *COLUMNS],
        "rows": [[NAMES.get(one["measure"], one["measure"]), *(one[name] for name in COLUMNS)] for one in measures],
    })  # fmt: skip
    return {
        "at": conditions,
        "above": found.above,
        "beneath": found.beneath,
        "headings": [HEADINGS.get(heading, heading) for heading in found.headings],
        "rows": [{"first": row[0], "others": row[1:]} for row in found.rows],
    }
