"""One-to-one comparison: FMR, FNMR, thresholds, DET, EER and AUC, exact on the scores that were observed.

A comparison is accepted when its score is at least the threshold T. FMR(T) is the share of impostor scores that are
accepted, FNMR(T) the share of genuine scores that are not (ISO/IEC 19795-1). Where low is better, scores are negated when
they are read, and nowhere else.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from custodiet.bench.arrays import BLOCK, Floats, Ints

# Below this size a copy costs nothing, and plain numpy is as quick.
SMALL = 1 << 18
# Rows of a drawn or printed DET beyond which more points change nothing that an eye sees.
DET_POINTS = 2_000
RUNS = 2


@dataclass(frozen=True)
class Sorted:
    """Scores in ascending runs. The runs are not merged: every question is a sum of binary searches."""

    runs: tuple[Floats, ...]

    @property
    def size(self) -> int:
        """How many scores there are."""
        return sum(run.size for run in self.runs)

    def count_at_least(self, thresholds: Floats) -> Ints:
        """Return how many scores are at least each threshold."""
        # In the scores' own precision: another one would have every run copied.
        below = [np.searchsorted(run, thresholds.astype(run.dtype), side="left") for run in self.runs]
        return np.asarray(self.size - np.sum(below, axis=0), dtype=np.int64)

    def count_above(self, thresholds: Floats) -> Ints:
        """Return how many scores are above each threshold."""
        below = [np.searchsorted(run, thresholds.astype(run.dtype), side="right") for run in self.runs]
        return np.asarray(self.size - np.sum(below, axis=0), dtype=np.int64)


def sort_scores(scores: Floats, *, in_place: bool = False) -> Sorted:
    """Return scores as ascending runs, each sorted in a thread of its own; with `in_place` no copy is made."""
    owned = scores if in_place else scores.copy()
    if owned.size < SMALL:
        owned.sort()
        return Sorted((owned,))
    runs = tuple(np.array_split(owned, RUNS))
    with ThreadPoolExecutor(RUNS) as pool:
        list(pool.map(lambda run: run.sort(), runs))
    return Sorted(runs)


@dataclass(frozen=True)
class OperatingPoint:
    """What a threshold does: counts beside rates. The threshold is infinite where no observed score meets the target."""

    threshold: float
    false_matches: int
    impostors: int
    false_non_matches: int
    genuines: int

    @property
    def fmr(self) -> float:
        """False match rate."""
        return self.false_matches / self.impostors

    @property
    def fnmr(self) -> float:
        """False non-match rate."""
        return self.false_non_matches / self.genuines


def _blocks(scores: Floats) -> Iterator[Floats]:
    return (scores[start : start + BLOCK] for start in range(0, scores.size, BLOCK))


def count_at_least(scores: Floats, threshold: float) -> int:
    """Return how many scores are at least the threshold, in one pass."""
    return sum(int(np.count_nonzero(block >= threshold)) for block in _blocks(scores))


def rates_at(genuine: Floats, impostor: Floats, threshold: float) -> OperatingPoint:
    """Return FMR and FNMR at a fixed threshold."""
    return OperatingPoint(
        threshold=threshold,
        false_matches=count_at_least(impostor, threshold),
        impostors=impostor.size,
        false_non_matches=genuine.size - count_at_least(genuine, threshold),
        genuines=genuine.size,
    )


def allowed_errors(target: float, trials: int) -> int:
    """Return the largest k with k/trials at most the target."""
    k = min(int(target * trials) + 1, trials)
    # The product may be rounded over or under a whole number; the quotient of two whole numbers is what is compared.
    while k / trials > target:
        k -= 1
    return k


def largest(scores: Floats, k: int) -> Floats:
    """Return the k largest scores, ascending, and perhaps some more below them, without a copy of the scores.

    A sample tells about where the k-th largest lies; one pass gathers what lies above.
    """
    if scores.size > SMALL:
        sample = np.sort(scores[:: scores.size // SMALL])
        place = sample.size * (1 - k / scores.size)
        # Six standard errors of a sampled rank, and a few places for ties at the end.
        low = int(place - 6 * np.sqrt(max(place * (1 - place / sample.size), 1)) - 8)
        if low > 0:
            held = [block[block >= sample[low]] for block in _blocks(scores)]
            found = np.concatenate(held)
            if found.size >= k:
                return np.asarray(np.sort(found))
    return np.asarray(np.sort(scores))


def threshold_at_fmr(genuine: Floats, impostor: Floats, target: float) -> OperatingPoint:
    """Return the smallest observed score, of either kind, whose FMR is at most the target.

    Where even the highest observed score is accepted for too many impostors, the threshold is infinite: so few
    comparisons can't show so small a rate. A target that lets most impostors pass takes a copy of their scores.
    """
    k = allowed_errors(target, impostor.size)
    if k == impostor.size:
        threshold, accepted = float(min(genuine.min(), impostor.min())), k
    else:
        # One more than may pass: the highest score that is too low is the barrier.
        tail = largest(impostor, k + 1)
        barrier = tail[tail.size - k - 1]
        passing = tail[np.searchsorted(tail, barrier, side="right") :]
        own = float(passing[0]) if passing.size else np.inf
        threshold = min(own, _next_above(genuine, float(barrier)))
        accepted = passing.size if threshold <= own else 0
    missed = genuine.size - count_at_least(genuine, threshold)
    return OperatingPoint(threshold, accepted, impostor.size, missed, genuine.size)


def _next_above(scores: Floats, barrier: float) -> float:
    smallest = np.inf
    for block in _blocks(scores):
        above = block[block > barrier]
        if above.size:
            smallest = min(smallest, float(above.min()))
    return smallest


@dataclass(frozen=True)
class Det:
    """Points of a DET curve in the order of their thresholds; the last threshold is infinite (nothing is accepted).

    Every point is exact. `is_whole` tells whether every distinct observed score is there.
    """

    thresholds: Floats
    false_matches: Ints
    false_non_matches: Ints
    impostors: int
    genuines: int
    is_whole: bool

    @property
    def fmr(self) -> Floats:
        """FMR at each threshold."""
        return np.asarray(self.false_matches / self.impostors)

    @property
    def fnmr(self) -> Floats:
        """FNMR at each threshold."""
        return np.asarray(self.false_non_matches / self.genuines)


def det_curve(genuine: Sorted, impostor: Sorted, points: int = DET_POINTS) -> Det:
    """Return the DET curve at every distinct observed score, or at about `points` of them where there are more.

    Thinned, the thresholds are observed scores whose ranks are evenly spaced on a logarithmic scale from both ends, which
    keeps every step of the tails; the rates at each are counted over all scores.
    """
    if genuine.size + impostor.size <= points:
        return whole_det(np.concatenate(genuine.runs), np.concatenate(impostor.runs))
    chosen = [run[_log_ranks(run.size, points // 4)] for run in (*genuine.runs, *impostor.runs)]
    thresholds = np.append(np.unique(np.concatenate(chosen)).astype(np.float64), np.inf)
    return Det(
        thresholds=thresholds,
        false_matches=impostor.count_at_least(thresholds),
        false_non_matches=genuine.size - genuine.count_at_least(thresholds),
        impostors=impostor.size,
        genuines=genuine.size,
        is_whole=False,
    )


def whole_det(genuine: Floats, impostor: Floats) -> Det:
    """Return the DET curve at every distinct score, in any order given: one sort, and about three times the scores' memory.

    Ranks among all scores, less those among the smaller kind, are the ranks among the other.
    """
    size = genuine.size + impostor.size
    # Touching new memory takes longer than counting does: what is made is made once, in half the width where that is enough.
    count = np.int32 if size < np.iinfo(np.int32).max else np.int64
    thresholds = np.empty(size + 1, dtype=np.result_type(genuine, impostor, np.float64))
    thresholds[: genuine.size], thresholds[genuine.size : -1], thresholds[-1] = genuine, impostor, np.inf
    thresholds[:-1].sort()
    is_new = np.empty(size + 1, dtype=bool)
    is_new[0] = is_new[-1] = True
    np.not_equal(thresholds[1:-1], thresholds[:-2], out=is_new[1:-1])
    if is_new.all():
        rank: Ints = np.arange(size + 1, dtype=count)
    else:
        rank, thresholds = np.flatnonzero(is_new).astype(count), thresholds[is_new]
    smaller = min(genuine, impostor, key=lambda side: side.size)
    # How many of the smaller kind lie below each threshold: each counts from the threshold after its own score on.
    below: Ints = np.zeros(rank.size, dtype=count)
    np.add.at(below, np.searchsorted(thresholds, np.sort(smaller)) + 1, count(1))
    np.cumsum(below, out=below)
    rank -= below
    missed, rejected = (below, rank) if smaller is genuine else (rank, below)
    return Det(
        thresholds, np.subtract(impostor.size, rejected, out=rejected), missed, impostor.size, genuine.size, is_whole=True
    )


def _log_ranks(size: int, count: int) -> Ints:
    if not size:
        return np.zeros(0, dtype=np.int64)
    tail = np.unique(np.geomspace(1, size, max(count, 2)).astype(np.int64)) - 1
    return np.unique(np.concatenate([tail, size - 1 - tail]))


@dataclass(frozen=True)
class EqualError:
    """Where FMR and FNMR cross. On scores with ties they jump past each other, so the EER is an interval.

    `low` and `high` are the means of both rates at the last threshold before the crossing and the first after it.
    """

    low: float
    high: float
    before: OperatingPoint
    after: OperatingPoint

    @property
    def middle(self) -> float:
        """The middle of the interval."""
        return (self.low + self.high) / 2


def equal_error(genuine: Sorted, impostor: Sorted) -> EqualError:
    """Return the equal error rate as an interval (the two thresholds of Maio and others 2002, FVC2000, section 5.1)."""
    before = -np.inf
    after = np.inf
    for run in (*genuine.runs, *impostor.runs):
        crossing = _first_index(run, genuine, impostor, strict=True)
        if crossing:
            before = max(before, float(run[crossing - 1]))
        crossing = _first_index(run, genuine, impostor, strict=False)
        if crossing < run.size:
            after = min(after, float(run[crossing]))
    points = [_point(genuine, impostor, threshold) for threshold in (before, after)]
    means = sorted((point.fmr + point.fnmr) / 2 for point in points)
    return EqualError(means[0], means[1], points[0], points[1])


def _point(genuine: Sorted, impostor: Sorted, threshold: float) -> OperatingPoint:
    at = np.array([threshold])
    return OperatingPoint(
        threshold,
        int(impostor.count_at_least(at)[0]),
        impostor.size,
        genuine.size - int(genuine.count_at_least(at)[0]),
        genuine.size,
    )


def _first_index(run: Floats, genuine: Sorted, impostor: Sorted, *, strict: bool) -> int:
    """Return the first place of an ascending run at which FNMR reaches (or, strictly, exceeds) FMR."""
    low, high = 0, run.size
    while low < high:
        middle = (low + high) // 2
        point = _point(genuine, impostor, float(run[middle]))
        # Compared as whole numbers: a quotient of floats could tip a tie.
        fnmr, fmr = point.false_non_matches * point.impostors, point.false_matches * point.genuines
        if fnmr > fmr or (fnmr == fmr and not strict):
            high = middle
        else:
            low = middle + 1
    return low


def auc(genuine: Sorted, impostor: Sorted) -> float:
    """Return the chance that a genuine score exceeds an impostor's, ties counted half (Mann-Whitney)."""
    pairs = genuine.size * impostor.size
    doubled = 0
    for run in genuine.runs:
        for block in _blocks(run):
            above = int(impostor.count_at_least(block).sum()) + int(impostor.count_above(block).sum())
            doubled += 2 * impostor.size * block.size - above
    return doubled / (2 * pairs)


def decidability(genuine: Floats, impostor: Floats) -> float:
    """Return d' = (mean genuine - mean impostor) / sqrt((their variances) / 2) (Daugman 2000)."""
    return float((genuine.mean() - impostor.mean()) / np.sqrt((genuine.var() + impostor.var()) / 2))
