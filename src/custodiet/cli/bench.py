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
    measured,
    print_report,
)
from custodiet.cli.output import JsonOption, console, note, print_json
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
            if verdict.unread:
                out.print(f"  not read: {', '.join(verdict.unread)}", markup=False, soft_wrap=True)
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
    fmr: Annotated[
        list[str] | None,
        typer.Option("--fmr", help="No test but a claim: 0.00001, or 12/100000, or F=12/100000; repeatable."),
    ] = None,
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
    from custodiet.bench.faces_groups import FacesOptions  # noqa: PLC0415
    from custodiet.bench.faces_report import report_identification, report_verification  # noqa: PLC0415
    from custodiet.bench.faces_reverse import report_claimed  # noqa: PLC0415

    if pairing not in verification.PAIRINGS:
        raise InputError(f"{pairing!r} is no pairing of impostors; choose one of {', '.join(verification.PAIRINGS)}.")
    options = FacesOptions(
        pairing=pairing, by=tuple(by or ()), targets=tuple(target or ()), thresholds=tuple(threshold or ()), rank=rank,
        low_is_better=low_is_better, confidence=confidence, draws=draws, seed=seed, gallery=gallery,
        searches_a_year=searches_a_year, nist_folder=nist,
    )  # fmt: skip
    given = [path for path in (scores, genuine, impostor, searches) if path is not None]
    if fmr and not given:
        report = report_claimed(fmr, options)
    elif searches is not None and given == [searches] and not fmr:
        report = measured(
            lambda: identification.read_searches(searches, options.by, low_is_better=low_is_better),
            lambda found: report_identification(found, given, options),
        )
    elif scores is not None and given == [scores] and not fmr:
        report = measured(
            lambda: verification.read_comparisons(scores, options.by, low_is_better=low_is_better),
            lambda found: report_verification(found, given, options),
        )
    elif genuine is not None and impostor is not None and given == [genuine, impostor] and not fmr:
        if by:
            raise InputError("Arrays of scores have no groups; leave `--by` out, or give a table with `--scores`.")
        report = measured(
            lambda: verification.read_score_arrays(genuine, impostor, low_is_better=low_is_better),
            lambda found: report_verification(found, given, options),
        )
    else:
        raise InputError(
            "Give one test: `--scores FILE`, `--genuine FILE --impostor FILE`, or `--searches FILE`; or a claim with `--fmr`."
        )
    print_report(report, gate=gate, out=out, as_json=json, nist=nist)


@app.command()
def linkage(
    records: Annotated[Path, typer.Option("--records", help="Records: record, true, predicted.")],
    pairs: Annotated[Path | None, typer.Option("--pairs", help="Compared pairs: record_a, record_b, score.")] = None,
    threshold: Annotated[float | None, typer.Option("--threshold", help="Score from which a pair is a link.")] = None,
    sampling: Annotated[
        str | None, typer.Option("--sampling", help="How known entities were drawn: uniform, cluster_size or weight.")
    ] = None,
    review: Annotated[
        Path | None, typer.Option("--review", help="Write the closest calls here, for people to judge.")
    ] = None,
    items: Annotated[int, typer.Option("--items", min=1, help="Close calls to write.")] = 100,
    judged: Annotated[Path | None, typer.Option("--judged", help="The queue, with judge and verdict filled in.")] = None,
    by: ByOption = None,
    confidence: ConfidenceOption = 0.95,
    draws: DrawsOption = 1000,
    seed: SeedOption = 0,
    gate: GateOption = None,
    out: OutOption = None,
    json: JsonOption = False,
) -> None:
    """Measure a linkage of records: pairwise and B-cubed, over- and under-merging, from whole truth or a sample of it."""
    from custodiet.bench import linkage as reading  # noqa: PLC0415 - brings numpy
    from custodiet.bench import review as reviewing  # noqa: PLC0415
    from custodiet.bench.linkage_report import LinkageOptions, report_linkage  # noqa: PLC0415

    options = LinkageOptions(
        by=tuple(by or ()), threshold=threshold, sampling=sampling, confidence=confidence, draws=draws, seed=seed
    )
    found = reading.read_records(records, options.by)
    compared = None if pairs is None else reading.read_pairs(pairs, found)
    verdicts = None if judged is None else reviewing.read_judged(judged, found)
    if review is not None:
        if compared is None or threshold is None:
            raise InputError("A queue of close calls needs `--pairs` with scores, and `--threshold`.")
        chosen = reviewing.choose_close_calls(compared, threshold, items)
        count, twice = reviewing.write_queue(review, found, compared, chosen, seed=seed)
        note(f"Wrote {count} items to {review}, {twice} of them twice, for two judges.")
    inputs = [path for path in (records, pairs, judged) if path is not None]
    report = measured(lambda: found, lambda known: report_linkage(known, compared, verdicts, inputs, options))
    print_report(report, gate=gate, out=out, as_json=json)


@app.command()
def places(
    positions: Annotated[Path, typer.Option("--positions", help="claimed_lat, claimed_lon, true_lat, true_lon.")],
    radius: Annotated[list[float] | None, typer.Option("--radius", help="A radius in metres; may be repeated.")] = None,
    claimed: Annotated[
        float, typer.Option("--claimed", min=0, max=1, help="Share that claimed circles (radius_m) are to hold.")
    ] = 0.68,
    by: ByOption = None,
    confidence: ConfidenceOption = 0.95,
    draws: DrawsOption = 1000,
    seed: SeedOption = 0,
    gate: GateOption = None,
    out: OutOption = None,
    json: JsonOption = False,
) -> None:
    """Measure claimed positions and addresses against true ones; synthetic or public data only."""
    from custodiet.bench.places import PlacesOptions, read_positions, report_places  # noqa: PLC0415 - brings numpy

    more = {"radii_m": tuple(radius)} if radius else {}
    options = PlacesOptions(by=tuple(by or ()), claimed=claimed, confidence=confidence, draws=draws, seed=seed, **more)
    report = measured(lambda: read_positions(positions, options.by), lambda found: report_places(found, [positions], options))
    print_report(report, gate=gate, out=out, as_json=json)


@app.command("confidence")
def confidence_scores(
    claims: Annotated[Path, typer.Option("--claims", help="Claims: confidence, held (1 or 0).")],
    scale: Annotated[float, typer.Option("--scale", min=1e-9, help="What full confidence is written as: 1, or 100.")] = 1,
    bins: Annotated[int, typer.Option("--bins", min=2, max=1000, help="Bins of the diagram and of ECE.")] = 15,
    threshold: Annotated[list[float] | None, typer.Option("--threshold", help="A threshold from 0 to 1; repeatable.")] = None,
    by: ByOption = None,
    confidence: ConfidenceOption = 0.95,
    draws: DrawsOption = 1000,
    seed: SeedOption = 0,
    gate: GateOption = None,
    out: OutOption = None,
    json: JsonOption = False,
) -> None:
    """Measure whether a "confidence score" is one: reliability, ECE, smooth ECE, Brier, log loss, and thresholds' yield."""
    from custodiet.bench.confidence import ConfidenceOptions, read_claims, report_confidence  # noqa: PLC0415 - brings numpy

    more = {"thresholds": tuple(threshold)} if threshold else {}
    options = ConfidenceOptions(
        by=tuple(by or ()), bins=bins, scale=scale, confidence=confidence, draws=draws, seed=seed, **more
    )  # fmt: skip
    report = measured(
        lambda: read_claims(claims, options.by, scale=scale), lambda found: report_confidence(found, [claims], options)
    )
    print_report(report, gate=gate, out=out, as_json=json)


@app.command()
def cascade(
    scenario: Annotated[Path, typer.Argument(help="A scenario (YAML), such as examples/cascade.yml.")],
    draws: DrawsOption = 1000,
    confidence: ConfidenceOption = 0.95,
    seed: SeedOption = 0,
    gate: GateOption = None,
    out: OutOption = None,
    json: JsonOption = False,
) -> None:
    """Reckon how errors of linkage, addresses, plates and faces combine into wrong people and wrong doors."""
    from custodiet.bench.cascade_report import report_cascade  # noqa: PLC0415 - brings numpy
    from custodiet.bench.scenario import read_scenario  # noqa: PLC0415

    report = measured(
        lambda: read_scenario(scenario),
        lambda found: report_cascade(found, [scenario], draws=draws, seed=seed, confidence=confidence),
    )
    print_report(report, gate=gate, out=out, as_json=json)


@app.command()
def coverage(
    share: Annotated[list[str], typer.Option("--share", help="A source and its share, such as dmv=0.74; repeat it.")],
    correlation: Annotated[
        float | None, typer.Option("--correlation", min=-1, max=1, help="Correlation between each two sources.")
    ] = None,
    gate: GateOption = None,
    out: OutOption = None,
    json: JsonOption = False,
) -> None:
    """Reckon the share of people whom several data sources reach: if independent, at least, at most."""
    from custodiet.bench.coverage_report import read_source, report_coverage  # noqa: PLC0415 - brings numpy

    print_report(report_coverage([read_source(text) for text in share], correlation), gate=gate, out=out, as_json=json)


@app.command()
def feedback(
    rate: Annotated[list[float] | None, typer.Option("--rate", help="An area's rate of finds per patrol; repeat it.")] = None,
    start: Annotated[list[float] | None, typer.Option("--start", help="An area's balls at the start; repeat it.")] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=100_000, help="Days of each run.")] = 1000,
    runs: Annotated[int, typer.Option("--runs", min=1, max=100_000, help="Runs.")] = 1000,
    reported: Annotated[float, typer.Option("--reported", min=0, max=1, help="Chance that residents report a day.")] = 0,
    confidence: ConfidenceOption = 0.95,
    seed: SeedOption = 0,
    gate: GateOption = None,
    out: OutOption = None,
    json: JsonOption = False,
) -> None:
    """Simulate an allocation that learns from its own finds, and the correction."""
    from custodiet.bench.feedback import FeedbackOptions, report_feedback  # noqa: PLC0415 - brings numpy

    rates = tuple(rate or (0.3, 0.2))
    options = FeedbackOptions(
        rates=rates, start=tuple(start or (1.0 for _ in rates)), days=days, runs=runs, reported=reported,
        confidence=confidence, seed=seed,
    )  # fmt: skip
    print_report(report_feedback(options), gate=gate, out=out, as_json=json)
