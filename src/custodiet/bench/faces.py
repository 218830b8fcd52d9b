"""`bench faces`, verification: comparisons of two samples, with subjects and groups, to FMR and FNMR."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from custodiet.bench.arrays import Bools, Floats, Ints
from custodiet.bench.inputs import Grouping, one_group, read_groupings, refuse_personal
from custodiet.bench.intervals import DRAWS, draw_by_pair, draw_by_subject
from custodiet.bench.measure import ALL, Measure, share
from custodiet.bench.verification import (
    Det,
    EqualError,
    OperatingPoint,
    Sorted,
    auc,
    det_curve,
    equal_error,
    rates_at,
    sort_scores,
    threshold_at_fmr,
)
from custodiet.model.errors import InputError
from custodiet.store.columns import Columns, read_npy

# How impostors can have been paired; each makes another FMR, so one must be stated.
PAIRINGS = {
    "all": "all impostors, whoever they are",
    "same-sex": "impostors of the same sex",
    "same-sex-region-age": "impostors of the same sex, region of birth and age group",
}
FMR = "FMR: share of impostor comparisons with a score at or above the threshold (ISO/IEC 19795-1)"
FNMR = "FNMR: share of genuine comparisons with a score below the threshold (ISO/IEC 19795-1)"


@dataclass(frozen=True)
class Side:
    """The genuine or the impostor comparisons: scores, groupings of them, and their two subjects where known."""

    scores: Floats
    groupings: tuple[Grouping, ...]
    first: Ints | None = None
    second: Ints | None = None


@dataclass(frozen=True)
class Comparisons:
    """What a verification test returned. High scores are accepted; where low was better, scores stand negated."""

    genuine: Side
    impostor: Side
    low_is_better: bool

    def shown(self, threshold: float) -> float:
        """Return a threshold as the tested system has it."""
        return -threshold if self.low_is_better else threshold


def read_comparisons(path: Path, by: Sequence[str] = (), *, low_is_better: bool = False) -> Comparisons:
    """Read comparisons from CSV or Parquet.

    Columns: `score`; `genuine` (1 or 0); optionally `subject_a` and `subject_b`, and columns to group by.

    Raises:
        InputError: a column is missing, a cell is unusable, a label contradicts the subjects, or a kind is absent.

    """
    with Columns(path) as columns:
        columns.require(["score", "genuine"], "verification")
        subjects = [name for name in ("subject_a", "subject_b") if name in columns.names]
        if len(subjects) == 1:
            raise InputError(f"{columns.shown}: has {subjects[0]!r} alone; give both subjects of a comparison, or neither.")
        refuse_personal(columns, tuple(subjects))
        scores = columns.numbers("score")
        genuine = columns.flags("genuine")
        for kind, rows in (("genuine", genuine), ("impostor", ~genuine)):
            if not rows.any():
                raise InputError(f"{columns.shown}, column 'genuine': no {kind} comparison; a test needs both kinds.")
        first, second = _subjects(columns, genuine) if subjects else (None, None)
        _refuse_repeats(columns)
        groupings = read_groupings(columns, tuple(by))
    if low_is_better:
        scores = -scores

    def side(rows: Bools) -> Side:
        return Side(
            scores[rows],
            tuple(grouping.take(rows) for grouping in groupings),
            None if first is None else first[rows],
            None if second is None else second[rows],
        )

    return Comparisons(side(genuine), side(~genuine), low_is_better)


def _subjects(columns: Columns, genuine: Bools) -> tuple[Ints, Ints]:
    one, other = columns.labels("subject_a"), columns.labels("subject_b")
    numbers = {word: place for place, word in enumerate(sorted({*one.words, *other.words}))}
    first = np.array([numbers[word] for word in one.words])[one.codes]
    second = np.array([numbers[word] for word in other.words])[other.codes]
    wrong = (first == second) != genuine
    if wrong.any():
        row = int(np.argmax(wrong))
        problem = "two subjects in a genuine comparison" if genuine[row] else "a subject compared with itself as an impostor"
        raise InputError(f"{columns.shown}, row {row + 1}, column 'genuine': {problem}; mend the label or the subjects.")
    return first, second


def _refuse_repeats(columns: Columns) -> None:
    if "comparison" in columns.names:
        codes = columns.labels("comparison").codes
        _, places, counts = np.unique(codes, return_index=True, return_counts=True)
        if counts.max() > 1:
            code = codes[places[np.argmax(counts > 1)]]
            row = int(np.flatnonzero(codes == code)[1]) + 1
            raise InputError(f"{columns.shown}, row {row}, column 'comparison': stands twice; give each comparison once.")


def read_score_arrays(genuine: Path, impostor: Path, *, low_is_better: bool = False) -> Comparisons:
    """Read comparisons from two .npy files of scores; they have no subjects and no groups."""
    own, other = read_npy(genuine), read_npy(impostor)
    if own.dtype != other.dtype:
        own, other = own.astype(np.float64), other.astype(np.float64)
    if low_is_better:
        for scores in (own, other):
            np.negative(scores, out=scores)
    return Comparisons(Side(own, ()), Side(other, ()), low_is_better)


@dataclass(frozen=True)
class Verification:
    """What the comparisons show: the curve, where the errors are equal, and measures at each threshold that was asked for."""

    det: Det
    equal: EqualError
    auc: float
    points: tuple[tuple[float | None, OperatingPoint], ...]
    measures: tuple[Measure, ...]


def measure_comparisons(
    comparisons: Comparisons,
    pairing: str,
    *,
    targets: Sequence[float] = (),
    thresholds: Sequence[float] = (),
    draws: int = DRAWS,
    seed: int = 0,
) -> Verification:
    """Return FMR and FNMR, of all and of each group, at the threshold of each target FMR and at each given threshold."""
    genuine, impostor = comparisons.genuine, comparisons.impostor
    points: list[tuple[float | None, OperatingPoint]] = [
        (target, threshold_at_fmr(genuine.scores, impostor.scores, target)) for target in targets
    ]
    for threshold in thresholds:
        own = -threshold if comparisons.low_is_better else threshold
        points.append((None, rates_at(genuine.scores, impostor.scores, own)))
    measures: list[Measure] = []
    for target, point in points:
        conditions: dict[str, object] = {
            "threshold": comparisons.shown(point.threshold),
            "accepted": "score <= threshold" if comparisons.low_is_better else "score >= threshold",
            "pairing": pairing,
            "target_fmr": target,
        }
        for name, side, definition in (("fmr", impostor, FMR), ("fnmr", genuine, FNMR)):
            hits = side.scores >= point.threshold
            if name == "fnmr":
                hits = ~hits
            for grouping in (one_group(hits.size), *side.groupings):
                measures += rate_by_group(name, side, hits, grouping, definition, conditions, draws, seed)
    sorted_genuine, sorted_impostor = sort_scores(genuine.scores), sort_scores(impostor.scores)
    found = (det_curve(sorted_genuine, sorted_impostor), equal_error(sorted_genuine, sorted_impostor))
    return Verification(*found, auc=_auc(sorted_genuine, sorted_impostor), points=tuple(points), measures=tuple(measures))


def _auc(genuine: Sorted, impostor: Sorted) -> float:
    # The smaller side asks the larger one.
    return auc(genuine, impostor) if genuine.size <= impostor.size else 1 - auc(impostor, genuine)


def rate_by_group(
    name: str,
    side: Side,
    hits: Bools,
    grouping: Grouping,
    definition: str,
    conditions: dict[str, object],
    draws: int,
    seed: int,
) -> list[Measure]:
    """Return one rate a group. Without subjects there is nothing to resample, and the interval is binomial."""
    found = []
    trials, counts = grouping.count(), grouping.count(hits)
    several = len(grouping.names) > 1
    for number, group in enumerate(grouping.names):
        rows = grouping.codes == number if several else slice(None)
        subjects, drawn = None, None
        if side.first is not None and side.second is not None and trials[number]:
            subjects, drawn = resample(side.first[rows], side.second[rows], hits[rows], draws, seed)
        found.append(
            share(
                name,
                int(counts[number]),
                int(trials[number]),
                definition,
                group=group,
                by=None if grouping.by == ALL else grouping.by,
                is_paired=name == "fmr",
                subjects=subjects,
                draws=drawn,
                conditions=conditions,
            )
        )
    return found


def resample(first: Ints, second: Ints, hits: Bools, draws: int, seed: int) -> tuple[int, Floats]:
    """Return how many subjects stand behind comparisons, and draws of the share of hits in which subjects were drawn."""
    used, numbers = np.unique(np.concatenate([first, second]), return_inverse=True)
    one, other = numbers[: first.size], numbers[first.size :]
    if (one == other).all():
        trials = np.bincount(one, minlength=used.size)
        errors = np.bincount(one[hits], minlength=used.size)
        return used.size, draw_by_subject(errors, trials, draws, seed)
    keys, cells = np.unique(np.minimum(one, other) * used.size + np.maximum(one, other), return_inverse=True)
    trials, errors = np.bincount(cells), np.bincount(cells[hits], minlength=keys.size)
    return used.size, draw_by_pair(keys // used.size, keys % used.size, errors, trials, used.size, draws, seed)
