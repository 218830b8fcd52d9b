"""`custodiet bench`: measures of what other people's systems returned."""

from pathlib import Path
from typing import Annotated

import typer

from custodiet.cli.output import JsonOption, console, print_json

app = typer.Typer(
    help="Measure what a system returned, against truth that you hold: faces, linkage, places, confidence, and more.",
    no_args_is_help=True,
)


@app.command()
def reference(
    file: Annotated[Path, typer.Argument(help="A JSON list of cases; paths in a case are relative to it.")],
    json: JsonOption = False,
) -> None:
    """Run reference cases with known answers; exit with 1 if one fails."""
    from custodiet.bench.reference import run_cases  # noqa: PLC0415 - brings numpy

    verdicts = run_cases(file)
    failed = sum(not verdict.passed for verdict in verdicts)
    if json:
        print_json({
            "file": str(file), "cases": len(verdicts), "passed": len(verdicts) - failed, "failed": failed,
            "verdicts": [verdict.as_data() for verdict in verdicts],
        })  # fmt: skip
    else:
        out = console()
        for verdict in verdicts:
            out.print("pass" if verdict.passed else "FAIL", verdict.id, markup=False, soft_wrap=True)
            for measure, expected in verdict.expected.items():
                got = verdict.got.get(measure, "nothing")
                out.print(f"  {measure}: expected {expected}, got {got}", markup=False, soft_wrap=True)
            if verdict.why:
                out.print(f"  {verdict.why}.", markup=False, soft_wrap=True)
        out.print(f"{len(verdicts) - failed} of {len(verdicts)} cases pass.")
    if failed:
        raise typer.Exit(1)
