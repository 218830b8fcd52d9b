"""How `custodiet bench` prints and writes a report."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from custodiet.cli.output import console, note, print_json, print_table, tell_steps
from custodiet.documents.tables import Layout, lay_out

if TYPE_CHECKING:
    from custodiet.bench.report import Report

T = TypeVar("T")

ByOption = Annotated[
    list[str] | None, typer.Option("--by", help="A column to group by; may be repeated; sex+region crosses two.")
]
ConfidenceOption = Annotated[float, typer.Option("--confidence", min=0.5, max=0.9999, help="Confidence of the intervals.")]
DrawsOption = Annotated[int, typer.Option("--draws", min=100, max=100_000, help="Bootstrap draws.")]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="Seed of everything random: same seed, same bytes.")]
GateOption = Annotated[Path | None, typer.Option("--gate", help="A gate file (YAML): claims to hold the result against.")]
OutOption = Annotated[
    Path | None, typer.Option("--out", help="A folder for the report: HTML, PDF, JSON, its plots, a model card's part.")
]


def measured(read: Callable[[], T], measure: Callable[[T], "Report"]) -> "Report":
    """Read and measure, and say on a terminal which of both is being done: long files take a while."""
    with tell_steps() as tell:
        tell("Reading")
        found = read()
        tell("Measuring")
        return measure(found)


def print_report(report: "Report", *, gate: Path | None, out: Path | None, as_json: bool, nist: Path | None = None) -> None:
    """Hold a report against a gate, write it, and print it; exit with 1 if a claim fails or is not shown."""
    if gate is not None:
        from custodiet.bench.report import with_gate  # noqa: PLC0415 - brings numpy

        report = with_gate(report, gate, nist)
    _show(report, out=out, as_json=as_json)
    if any(finding["outcome"] != "pass" for finding in report.findings):
        raise typer.Exit(1)


def _show(report: "Report", *, out: Path | None, as_json: bool) -> None:
    data = report.as_data()
    if out is not None:
        from custodiet.documents.bench_report import write_report  # noqa: PLC0415 - brings the drawing of charts

        written = write_report(data, out)
        note(f"Wrote {len(written)} files to {out}; report.html and report.pdf are for reading.")
    if as_json:
        print_json(data)
        return
    shown = console()
    shown.print(report.title, style="bold")
    for section in data["sections"]:
        shown.print(f"\n{section['title']}", style="bold")
        for paragraph in section["paragraphs"]:
            shown.print(paragraph, markup=False)
        for table in section["tables"]:
            _print_table(lay_out(table))


def _print_table(table: Layout) -> None:
    columns = [(heading, lambda row, at=place: row["cells"][at]) for place, heading in enumerate(table.headings)]
    print_table([{"cells": row} for row in table.rows], table.title, columns)
    shown = console()
    if table.above:
        shown.print(f"In every row: {table.above}.", markup=False)
    for line in table.beneath:
        shown.print(f"- {line}", markup=False)
