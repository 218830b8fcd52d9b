"""`custodiet bench`: measures of what other people's systems returned."""

from pathlib import Path
from typing import Annotated

import typer

from custodiet.cli.bench_output import (
    ByOption,
    ConfidenceOption,
    DrawsOption,
    GateOption,
    OutOption,
    SeedOption,
    print_report,
)
from custodiet.cli.output import JsonOption, console, print_json
from custodiet.model.errors import InputError

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
        print_json(
            {
                "file": str(file),
                "cases": len(verdicts),
                "passed": len(verdicts) - failed,
                "failed": failed,
                "verdicts": [verdict.as_data() for verdict in verdicts],
            }
        )
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


@app.command()
def faces(
    pairing: Annotated[
        str, typer.Option("--pairing", help="How impostors were paired: all, same-sex, or same-sex-region-age. Required.")
    ],
    scores: Annotated[
        Path | None, typer.Option("--scores", help="Comparisons: score, genuine, subject_a, subject_b.")
    ] = None,
    genuine: Annotated[Path | None, typer.Option("--genuine", help="Genuine scores as a .npy array.")] = None,
    impostor: Annotated[Path | None, typer.Option("--impostor", help="Impostor scores as a .npy array.")] = None,
    searches: Annotated[Path | None, typer.Option("--searches", help="Candidates: search, mated, score, is_mate.")] = None,
    target: Annotated[list[float] | None, typer.Option("--target", help="A target FMR (or FPIR); may be repeated.")] = None,
    threshold: Annotated[list[float] | None, typer.Option("--threshold", help="A threshold; may be repeated.")] = None,
    rank: Annotated[int | None, typer.Option("--rank", min=1, help="Candidates that an operator sees, for FNIR.")] = None,
    low_is_better: Annotated[bool, typer.Option("--low-is-better", help="Scores are distances.")] = False,
    gallery: Annotated[float | None, typer.Option("--gallery", min=1, help="People in the gallery to reckon for.")] = None,
    searches_a_year: Annotated[float | None, typer.Option("--searches-a-year", min=0, help="Searches in a year.")] = None,
    nist: Annotated[Path | None, typer.Option("--nist", help="A folder of NIST's tables, to place the result.")] = None,
    by: ByOption = None,
    confidence: ConfidenceOption = 0.95,
    draws: DrawsOption = 1000,
    seed: SeedOption = 0,
    gate: GateOption = None,
    out: OutOption = None,
    json: JsonOption = False,
) -> None:
    """Measure face verification or search: FMR and FNMR, or FPIR and FNIR, thresholds, and how they differ by group."""
    from custodiet.bench import faces as verification  # noqa: PLC0415 - brings numpy
    from custodiet.bench import searches as identification  # noqa: PLC0415
    from custodiet.bench.faces_report import FacesOptions, report_identification, report_verification  # noqa: PLC0415

    if pairing not in verification.PAIRINGS:
        raise InputError(f"{pairing!r} is no pairing of impostors; choose one of {', '.join(verification.PAIRINGS)}.")
    options = FacesOptions(
        pairing=pairing, by=tuple(by or ()), targets=tuple(target or ()), thresholds=tuple(threshold or ()), rank=rank,
        low_is_better=low_is_better, confidence=confidence, draws=draws, seed=seed, gallery=gallery,
        searches_a_year=searches_a_year, nist_folder=nist,
    )  # fmt: skip
    given = [path for path in (scores, genuine, impostor, searches) if path is not None]
    if searches is not None and given == [searches]:
        found = identification.read_searches(searches, options.by, low_is_better=low_is_better)
        report = report_identification(found, given, options)
    elif scores is not None and given == [scores]:
        comparisons = verification.read_comparisons(scores, options.by, low_is_better=low_is_better)
        report = report_verification(comparisons, given, options)
    elif genuine is not None and given == [genuine, impostor]:
        if by:
            raise InputError("Arrays of scores have no groups; leave `--by` out, or give a table with `--scores`.")
        assert impostor is not None
        arrays = verification.read_score_arrays(genuine, impostor, low_is_better=low_is_better)
        report = report_verification(arrays, given, options)
    else:
        raise InputError("Give one test: `--scores FILE`, `--genuine FILE --impostor FILE`, or `--searches FILE`.")
    print_report(report, gate=gate, out=out, as_json=json)
