"""Estimates from a sample of true clusters: what labels of a few entities say about a whole linkage.

Design-weighted ratio estimators after Binette and others 2022, "Estimating the performance of entity resolution algorithms"
(arXiv:2210.01230), for sampling of whole clusters; bias and variance of a ratio after Cochran 1977, chapter 6. A weight is
one over the chance with which a cluster came into the sample (up to a factor). An estimate outside 0 to 1 is cut to the
nearer of them: the ratio's correction for bias can overshoot, and no rate does.
"""

import math
from dataclasses import dataclass

import numpy as np

from custodiet.bench.arrays import Floats, Ints
from custodiet.bench.clusters import number_clusters

MEASURES = (
    "pairwise_precision", "pairwise_recall", "pairwise_f", "b_cubed_precision", "b_cubed_recall",
    "cluster_precision", "cluster_recall", "cluster_f",
)  # fmt: skip


@dataclass(frozen=True)
class Estimate:
    """An estimate with its standard error (None with one cluster, or nothing found) and how many clusters it rests on."""

    value: float
    se: float | None
    clusters: int
    was_cut: bool

    def interval(self, z: float) -> tuple[float, float] | None:
        """Return value ± z standard errors, within 0 and 1."""
        if self.se is None:
            return None
        return max(0.0, self.value - z * self.se), min(1.0, self.value + z * self.se)


@dataclass(frozen=True)
class SampleCounts:
    """Per sampled cluster, in the order of its number: sizes, and sums over its overlaps with predicted clusters."""

    sizes: Floats
    links: Floats
    extra: Floats
    precision: Floats
    recall: Floats
    is_exact: Floats
    records: int
    predicted_clusters: int


def count_sample(predicted: Ints, sampled: Ints) -> SampleCounts:
    """Return the counts of the sampled clusters.

    `predicted` is every record's predicted cluster; `sampled` its true cluster, or -1 where the truth is not known.
    """
    p, p_sizes = number_clusters(predicted)
    known = sampled >= 0
    t, sizes = number_clusters(sampled[known])
    own = p[known].astype(np.int64)
    keys, shared = np.unique(t.astype(np.int64) * p_sizes.size + own, return_counts=True)
    cluster, of = keys // p_sizes.size, p_sizes[keys % p_sizes.size]

    def summed(weights: Floats) -> Floats:
        return np.asarray(np.bincount(cluster, weights, minlength=sizes.size), dtype=np.float64)

    return SampleCounts(
        sizes=sizes.astype(np.float64),
        links=summed(shared * (shared - 1) / 2),
        extra=summed(shared * (of - shared)),
        precision=summed(shared * shared / of) / sizes,
        recall=summed(shared * shared / sizes[cluster]) / sizes,
        is_exact=summed(((shared == of) & (shared == sizes[cluster])).astype(np.float64)),
        records=predicted.size,
        predicted_clusters=p_sizes.size,
    )


def estimate(counts: SampleCounts, weights: Floats, measure: str) -> Estimate:
    """Return one of MEASURES, estimated from a sample of clusters with these weights."""
    top, bottom = _terms(counts, measure)
    return ratio(weights * top, weights * bottom)


def _terms(counts: SampleCounts, measure: str) -> tuple[Floats, Floats]:
    one = np.ones_like(counts.sizes)
    pairs = counts.sizes * (counts.sizes - 1) / 2
    per_cluster = counts.records / counts.predicted_clusters
    return {
        # A false link leads out of the sampled cluster at one end, and is met from both ends: it counts half.
        "pairwise_precision": (counts.links, counts.links + counts.extra / 2),
        "pairwise_recall": (counts.links, pairs),
        "pairwise_f": (counts.links, pairs + (counts.links + counts.extra / 2 - pairs) / 2),
        "b_cubed_precision": (counts.precision, one),
        "b_cubed_recall": (counts.recall, one),
        "cluster_precision": (per_cluster * counts.is_exact, counts.sizes),
        "cluster_recall": (counts.is_exact, one),
        "cluster_f": (2 * per_cluster * counts.is_exact, per_cluster + counts.sizes),
    }[measure]


def ratio(top: Floats, bottom: Floats) -> Estimate:
    """Return mean(top)/mean(bottom) with Cochran's correction for bias, and its standard error."""
    n, a, b = top.size, float(bottom.mean()), float(top.mean())
    if a == 0 or b == 0:
        return Estimate(0.0, None, n, was_cut=False)
    if n == 1:
        return Estimate(min(1.0, b / a), None, n, was_cut=b > a)
    correction = 1 + float(np.mean(bottom * (top / b - bottom / a))) / ((n - 1) * a)
    spread = float(np.sum((bottom / a) ** 2 + (top / b) ** 2 - 2 * top * bottom / (a * b))) / (n * (n - 1))
    value = correction * b / a
    return Estimate(min(max(value, 0.0), 1.0), b / a * math.sqrt(max(spread, 0.0)), n, was_cut=not 0 <= value <= 1)
