"""`bench confidence`: whether a confidence is a probability, for everybody, and what a threshold on it yields."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from custodiet.bench import calibration, charts
from custodiet.bench.arrays import Bools, Floats, Ints
from custodiet.bench.inputs import Grouping, one_group, read_groupings, refuse_personal
from custodiet.bench.intervals import DRAWS, draw_by_subject
from custodiet.bench.measure import Measure, divided, share
from custodiet.bench.report import Report, Section, Table, make_manifest, measure_table
from custodiet.model.errors import InputError
from custodiet.store.columns import Columns

DEFINITIONS = {
    "ece": "expected calibration error over {bins} equal bins (Naeini and others 2015); depends on the bins",
    "smece": "smooth calibration error, without bins (Błasiok and Nakkiran 2023)",
    "brier": "mean squared difference of confidence and truth (Brier 1950)",
    "log_loss": "mean negative log likelihood, in nats",
    "overconfidence": "mean confidence less the share that held",
}
YIELD = "of the claims at or above the confidence, the share that held"
KEPT = "of the claims that held, the share at or above the confidence"
# Scores are computed anew from every row in each draw: so many draws at most and at least, and rows over all of them.
MOST_DRAWS = 200
# What people put a threshold at; `--threshold` names others.
THRESHOLDS = (0.5, 0.8, 0.9, 0.95)
FEWEST_DRAWS = 50
WORK = 50_000_000


@dataclass(frozen=True)
class Claims:
    """Claims with a confidence from 0 to 1, whether each held, groups, and subjects where known."""

    confidence: Floats
    held: Bools
    groupings: tuple[Grouping, ...]
    subjects: Ints | None


@dataclass(frozen=True, kw_only=True)
class ConfidenceOptions:
    """What a run of `bench confidence` was asked."""

    by: tuple[str, ...] = ()
    bins: int = 15
    thresholds: tuple[float, ...] = THRESHOLDS
    scale: float = 1.0
    confidence: float = 0.95
    draws: int = DRAWS
    seed: int = 0


def read_claims(path: Path, by: Sequence[str] = (), *, scale: float = 1.0) -> Claims:
    """Read claims from CSV or Parquet.

    Columns: `confidence` (from 0 to `scale`, such as 100 for percents), `held` (1 or 0), optionally `subject`, and columns to
    group by.

    Raises:
        InputError: a column is missing, or a cell is unusable or out of range.

    """
    with Columns(path) as columns:
        columns.require(["confidence", "held"], "a test of confidences")
        refuse_personal(columns, ("subject",) if "subject" in columns.names else ())
        subjects = columns.labels("subject").codes if "subject" in columns.names else None
        return Claims(
            columns.numbers("confidence", low=0, high=scale) / scale,
            columns.flags("held"),
            tuple(read_groupings(columns, tuple(by))),
            subjects,
        )


def measure_claims(claims: Claims, options: ConfidenceOptions) -> list[Measure]:
    """Return calibration scores of all and of each group, and what each threshold yields."""
    measures: list[Measure] = []
    for grouping in (one_group(claims.held.size), *claims.groupings):
        for number, group in enumerate(grouping.names):
            rows = grouping.codes == number
            subjects = None if claims.subjects is None else claims.subjects[rows]
            own = _scores(claims.confidence[rows], claims.held[rows], subjects, group, options)
            for threshold in options.thresholds:
                own += _yields(claims.confidence[rows], claims.held[rows], subjects, group, threshold, options)
            measures += divided(own, grouping.by)
    return measures


def _scores(p: Floats, held: Bools, subjects: Ints | None, group: str, options: ConfidenceOptions) -> list[Measure]:
    y = held.astype(float)
    functions: dict[str, Callable[[Floats, Floats], float]] = {
        "ece": lambda y, p: calibration.ece(calibration.reliability(y, p, options.bins)),
        "smece": lambda y, p: calibration.smooth_ece(y, p).value,
        "brier": calibration.brier,
        "log_loss": calibration.log_loss,
        "overconfidence": lambda y, p: float(np.mean(p) - np.mean(y)),
    }
    drawn = _resample(functions, y, p, subjects, options)
    return [
        Measure(
            name=name,
            value=function(y, p),
            group=group,
            trials=p.size,
            draws=drawn[name],
            subjects=None if subjects is None else int(np.unique(subjects).size),
            definition=DEFINITIONS[name].format(bins=options.bins),
            conditions={"bins": options.bins} if name == "ece" else {},
        )
        for name, function in functions.items()
    ]


def _resample(
    functions: dict[str, Callable[[Floats, Floats], float]],
    y: Floats,
    p: Floats,
    subjects: Ints | None,
    options: ConfidenceOptions,
) -> dict[str, Floats]:
    """Return draws of every score, drawing rows, or subjects with all of their rows.

    A draw of ECE or smECE is biased upwards (noise looks like miscalibration), so their intervals lean high.
    """
    generator = np.random.default_rng(options.seed)
    draws = min(options.draws, max(min(MOST_DRAWS, WORK // p.size), FEWEST_DRAWS))
    found: dict[str, Floats] = {name: np.empty(draws) for name in functions}
    if subjects is None:
        order, starts = np.arange(p.size), np.arange(p.size + 1)
    else:
        order = np.argsort(subjects, kind="stable")
        starts = np.append(np.unique(subjects[order], return_index=True)[1], p.size)
    sizes = np.diff(starts)
    for draw in range(draws):
        chosen = generator.integers(0, sizes.size, sizes.size)
        own = sizes[chosen]
        # The rows of the chosen subjects, one after the other.
        within = np.arange(own.sum()) - np.repeat(np.cumsum(own) - own, own)
        rows = order[np.repeat(starts[chosen], own) + within]
        for name, function in functions.items():
            found[name][draw] = function(y[rows], p[rows])
    return found


def _yields(
    p: Floats, held: Bools, subjects: Ints | None, group: str, threshold: float, options: ConfidenceOptions
) -> list[Measure]:
    above = p >= threshold
    found = []
    for name, rows, hits, definition in (("yield", above, held, YIELD), ("kept", held, above, KEPT)):
        count, drawn = None, None
        if subjects is not None and rows.any():
            used, numbers = np.unique(subjects[rows], return_inverse=True)
            count = int(used.size)
            drawn = draw_by_subject(
                np.bincount(numbers, hits[rows], minlength=count), np.bincount(numbers), options.draws, options.seed
            )
        found.append(
            share(
                name,
                int(np.count_nonzero(rows & hits)),
                int(np.count_nonzero(rows)),
                definition,
                group=group,
                subjects=count,
                draws=drawn,
                conditions={"threshold": threshold},
            )
        )
    return found


def report_confidence(claims: Claims, inputs: Sequence[Path], options: ConfidenceOptions) -> Report:
    """Return the report of a test of confidences.

    Raises:
        InputError: a threshold is not from 0 to 1.

    """
    for threshold in options.thresholds:
        if not 0 <= threshold <= 1:
            raise InputError(f"The threshold {threshold:g} is not from 0 to 1; confidences are put on that scale first.")
    measures = measure_claims(claims, options)
    y = claims.held.astype(float)
    table = calibration.reliability(y, claims.confidence, options.bins)
    parts = calibration.brier_parts(y, table)
    value = {measure.name: measure.value for measure in measures[:5]}
    lean = float(value["overconfidence"] or 0)
    text = [
        f"{y.size:,} claims, of which {y.mean():.1%} held; mean confidence {claims.confidence.mean():.1%}: on the whole the "
        f"confidences are {abs(lean):.1%} too {'high' if lean > 0 else 'low'}.",
        f"Over {options.bins} bins the Brier score {value['brier']:.4f} divides into reliability {parts['reliability']:.4f}, "
        f"resolution {parts['resolution']:.4f} and uncertainty {parts['uncertainty']:.4f} (Murphy 1973).",
    ]
    if y.all() or not y.any():
        text.append("Every claim came out the same way, so this file can't tell whether the confidences tell claims apart.")
    names = [name for grouping in claims.groupings for name in grouping.names]
    rows = [("all", float(a), float(b)) for a, b in zip(table.confidence, table.held, strict=True)]
    for grouping in claims.groupings:
        for number, name in enumerate(grouping.names):
            own = grouping.codes == number
            part = calibration.reliability(y[own], claims.confidence[own], options.bins)
            rows += [(name, float(a), float(b)) for a, b in zip(part.confidence, part.held, strict=True)]
    gap = np.abs(table.confidence - table.held)
    worst = int(np.argmax(gap))
    chart = charts.line_chart(
        "reliability",
        "Reliability: the share that held, by confidence",
        f"Points of {len(rows)} bins against the diagonal on which a probability would lie. The largest gap of all "
        "claims is at "
        f"confidence {table.confidence[worst]:.2f}, of which {table.held[worst]:.2f} held.",
        rows,
        "mean confidence of the bin",
        "share that held",
        diagonal=True,
    )
    edges = table.edges
    bins = Table(
        "Bins",
        ("from", "to", "claims", "mean confidence", "held"),
        tuple(
            (float(edges[place]), float(edges[place + 1]), int(n), float(a), float(b))
            for place, n, a, b in zip(table.places, table.counts, table.confidence, table.held, strict=True)
        ),
    )
    sections = [
        Section(
            "All claims",
            tuple(text),
            (measure_table("Scores", [m for m in measures if m.group == "all"], options.confidence), bins),
            (chart,),
        ),
        *(
            [
                Section(
                    "Groups",
                    (),
                    (measure_table("Scores by group", [m for m in measures if m.group in names], options.confidence),),
                )
            ]
            if names
            else []
        ),
        Section(
            "What this does not show",
            (
                "Whether a claim about one person is right. A confidence can be well calibrated over all and wrong "
                "for a group that is "
                "not told apart here.",
            ),
        ),
    ]
    manifest = make_manifest(
        inputs,
        by=list(options.by),
        bins=options.bins,
        thresholds=list(options.thresholds),
        scale=options.scale,
        confidence=options.confidence,
        draws=options.draws,
        seed=options.seed,
    )
    return Report("confidence", "Confidence scores", tuple(sections), tuple(measures), manifest, options.confidence)
