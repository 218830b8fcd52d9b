"""A report as plain data: sections of paragraphs, tables and charts, the measures behind them, and the run's manifest.

How it looks on a page is another floor's matter (documents/bench_report.py). Same inputs, same data.
"""

import hashlib
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from custodiet.bench.measure import Measure, plain

PACKAGES = ("custodiet", "numpy", "scipy")


@dataclass(frozen=True)
class Table:
    """A table: its columns' names, and rows of plain values."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class Chart:
    """A chart as a Vega-Lite specification, what it shows in words, and the table of what is drawn."""

    name: str
    title: str
    alternative: str
    spec: Mapping[str, Any]
    table: Table


@dataclass(frozen=True)
class Section:
    """A heading, and what stands under it."""

    title: str
    paragraphs: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()


@dataclass(frozen=True)
class Report:
    """What one run of the bench found."""

    verb: str
    title: str
    sections: tuple[Section, ...]
    measures: tuple[Measure, ...]
    manifest: Mapping[str, Any]
    confidence: float = 0.95
    findings: tuple[Mapping[str, Any], ...] = field(default=())

    def as_data(self) -> dict[str, Any]:
        """Return the report as plain data, as it is written and printed."""
        return {
            "bench": self.verb,
            "title": self.title,
            "gates": list(self.findings),
            "measures": [measure.as_data(self.confidence) for measure in self.measures],
            "sections": [_section_as_data(section) for section in self.sections],
            "model_card": self.model_card(),
            "manifest": dict(self.manifest),
        }

    def model_card(self) -> list[dict[str, Any]]:
        """Return the performance part of a model card (Mitchell and others 2019, "Metrics" and "Quantitative analyses")."""
        kept = ("measure", "group", "value", "low", "high", "confidence", "interval", "trials", "subjects", "conditions")
        return [
            {name: data[name] for name in kept} for data in (measure.as_data(self.confidence) for measure in self.measures)
        ]


def _section_as_data(section: Section) -> dict[str, Any]:
    return {
        "title": section.title,
        "paragraphs": list(section.paragraphs),
        "tables": [_table_as_data(table) for table in section.tables],
        "charts": [
            {
                "name": chart.name,
                "title": chart.title,
                "alternative": chart.alternative,
                "file": f"{chart.name}.svg",
                "table": _table_as_data(chart.table),
                "spec": dict(chart.spec),
            }
            for chart in section.charts
        ],
    }


def _table_as_data(table: Table) -> dict[str, Any]:
    return {
        "title": table.title,
        "columns": list(table.columns),
        "rows": [[plain(cell) for cell in row] for row in table.rows],
    }


def measure_table(title: str, measures: Sequence[Measure], confidence: float) -> Table:
    """Return measures with n, interval and definition."""
    rows = []
    for each in measures:
        data = each.as_data(confidence)
        rows.append(
            (
                each.group,
                each.name,
                ", ".join(f"{name} {value}" for name, value in data["conditions"].items() if value is not None) or None,
                data["value"],
                data["low"],
                data["high"],
                each.describe_interval(confidence),
                each.hits,
                each.trials,
                each.subjects,
                each.definition,
            )
        )
    columns = ("group", "measure", "at", "value", "low", "high", "interval", "hits", "of", "entities", "definition")
    return Table(title, columns, tuple(rows))


def make_manifest(inputs: Sequence[Path], **options: Any) -> dict[str, Any]:
    """Return what it takes to run this again: the inputs' hashes, every option, and the versions of what computed it."""
    return {
        "inputs": [{"file": path.name, "bytes": path.stat().st_size, "sha256": hash_file(path)} for path in inputs],
        "options": {name: plain(value) for name, value in sorted(options.items()) if value is not None},
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
    }


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def with_gate(report: Report, path: Path, nist_folder: Path | None = None) -> Report:
    """Return a report that says first how the claims of a gate file fared.

    Raises:
        InputError: the gate can't be read, or does not fit what was measured.

    """
    from custodiet.bench.gates import hold, read_gate  # noqa: PLC0415 - gates know measures, and reports are measures

    gate = read_gate(path)
    held = hold(gate, report.verb, report.measures, nist_folder)
    rows = tuple((each.outcome, each.claim.id, each.group, each.claim.says, each.reason) for each in held)
    counts = {name: sum(each.outcome == name for each in held) for name in ("pass", "fail", "insufficient")}
    section = Section(
        f"Gate: {gate.title}",
        (
            ", ".join(f"{number} {name}" for name, number in counts.items()) + ".",
            "A claim passes when the bound of confidence meets it, and not the figure alone. Insufficient is no "
            "verdict on the "
            "system: the test was too small to tell.",
        ),
        (Table("Claims", ("outcome", "claim", "group", "what is claimed", "reason"), rows),),
    )
    manifest = {**report.manifest, "gate": {"file": path.name, "sha256": hash_file(path)}}
    return replace(
        report, sections=(section, *report.sections), findings=tuple(each.as_data(gate) for each in held), manifest=manifest
    )
