"""`bench linkage`: a predicted linkage of records against truth, whole or sampled, by group, with entities resampled."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from custodiet.bench import clusters, sampled
from custodiet.bench.arrays import Bools, Floats, Ints
from custodiet.bench.inputs import Grouping, read_groupings, refuse_personal
from custodiet.bench.intervals import DRAWS, draw_by_subject, normal_quantile
from custodiet.bench.measure import ALL, Measure, share
from custodiet.model.errors import InputError
from custodiet.store.columns import Columns, Labels

DEFINITIONS = {
    "pairwise_precision": "share of linked pairs that are truly one entity",
    "pairwise_recall": "share of pairs of one entity that are linked; pairs never compared count as misses",
    "b_cubed_precision": "B-cubed precision, every record weighing the same (Bagga and Baldwin 1998)",
    "b_cubed_recall": "B-cubed recall, every record weighing the same (Bagga and Baldwin 1998)",
    "b_cubed_precision_by_cluster": "B-cubed precision, every true cluster weighing the same",
    "b_cubed_recall_by_cluster": "B-cubed recall, every true cluster weighing the same",
    "over_merge": "share of predicted clusters that hold records of more than one entity",
    "under_merge": "share of entities whose records lie in more than one predicted cluster",
    "link_precision": "of all links seen from the group's records, the share that are true",
    "link_recall": "of all true links seen from the group's records, the share that were made",
}


@dataclass(frozen=True)
class Records:
    """Records with their predicted and true clusters as numbers; `true` is -1 where the truth is not known."""

    ids: Labels
    predicted: Ints | None
    true: Ints
    weights: Floats | None
    groupings: tuple[Grouping, ...]

    @property
    def is_whole(self) -> bool:
        """Whether the truth of every record is known."""
        return bool((self.true >= 0).all())


@dataclass(frozen=True)
class Pairs:
    """Scored pairs of records, by the places of the records."""

    first: Ints
    second: Ints
    scores: Floats | None


def read_records(path: Path, by: Sequence[str] = ()) -> Records:
    """Read records from CSV or Parquet.

    Columns: `record`, `true` (the entity; empty where it is not known), `predicted` (the cluster, unless pairs are given),
    optionally `weight` (of the record's entity, for a sample), and columns to group by.

    Raises:
        InputError: a column is missing, a record stands twice, or nothing is known of any.

    """
    with Columns(path) as columns:
        columns.require(["record", "true"], "a linkage test")
        looked_at = tuple(name for name in ("record", "true", "predicted") if name in columns.names)
        refuse_personal(columns, looked_at)
        ids = columns.labels("record")
        if len(ids.words) < ids.codes.size:
            _, places, counts = np.unique(ids.codes, return_index=True, return_counts=True)
            code = ids.codes[places[np.argmax(counts > 1)]]
            row = int(np.flatnonzero(ids.codes == code)[1]) + 1
            raise InputError(
                f"{columns.shown}, row {row}, column 'record': {ids.words[code]!r} stands twice; give each once."
            )
        true = columns.labels("true", may_be_empty=True).codes
        if not (true >= 0).any():
            raise InputError(
                f"{columns.shown}, column 'true': every cell is empty; write the entity of at least some records."
            )
        predicted = columns.labels("predicted").codes if "predicted" in columns.names else None
        weights = columns.numbers("weight", low=0, empty=-1.0) if "weight" in columns.names else None
        return Records(ids, predicted, true, weights, tuple(read_groupings(columns, tuple(by))))


def read_pairs(path: Path, records: Records) -> Pairs:
    """Read scored or predicted pairs: `record_a`, `record_b`, and optionally `score`.

    Raises:
        InputError: a column is missing, a pair names a record that there isn't, or one record twice.

    """
    with Columns(path) as columns:
        columns.require(["record_a", "record_b"], "a file of pairs")
        refuse_personal(columns)
        places = {word: place for place, word in enumerate(records.ids.words)}
        # From the order of the words to that of the rows.
        rows = np.empty(len(places), dtype=np.int64)
        rows[records.ids.codes] = np.arange(records.ids.codes.size)
        ends = []
        for name in ("record_a", "record_b"):
            labels = columns.labels(name)
            known = np.array([places.get(word, -1) for word in labels.words])[labels.codes]
            if (known < 0).any():
                row = int(np.argmax(known < 0))
                raise InputError(
                    f"{columns.shown}, row {row + 1}, column {name!r}: there is no record "
                    f"{labels.words[labels.codes[row]]!r}; "
                    "name records of the records' file."
                )
            ends.append(rows[known])
        same = ends[0] == ends[1]
        if same.any():
            raise InputError(
                f"{columns.shown}, row {int(np.argmax(same)) + 1}, column 'record_b': a record paired with itself."
            )
        return Pairs(ends[0], ends[1], columns.numbers("score") if "score" in columns.names else None)


def link_pairs(records: Records, pairs: Pairs, threshold: float | None) -> Ints:
    """Return the clusters that pairs at or above a threshold (or all of them) make when links are followed to their end."""
    kept = np.ones(pairs.first.size, dtype=bool)
    if threshold is not None and pairs.scores is not None:
        kept = pairs.scores >= threshold
    return clusters.clusters_of_pairs(pairs.first[kept], pairs.second[kept], records.ids.codes.size)


def count_unscored(records: Records, pairs: Pairs) -> tuple[int, int]:
    """Return how many true pairs were never scored (blocking missed them), and how many there are."""
    n = records.true.size
    low, high = np.minimum(pairs.first, pairs.second), np.maximum(pairs.first, pairs.second)
    keys = np.unique(low.astype(np.int64) * n + high)
    one, other = records.true[keys // n], records.true[keys % n]
    known = records.true[records.true >= 0]
    real = clusters.count_links(clusters.number_clusters(known)[1])
    return real - int(np.count_nonzero((one == other) & (one >= 0))), real


def measure_linkage(
    predicted: Ints, true: Ints, groupings: Sequence[Grouping], *, draws: int = DRAWS, seed: int = 0
) -> list[Measure]:
    """Return the measures of a linkage whose truth is known for every record."""
    table = clusters.tabulate(predicted, true)
    counts = sampled.count_sample(predicted, true)
    entities = counts.sizes.size

    def drawn(top: Floats, bottom: Floats) -> Floats:
        return draw_by_subject(top, bottom, draws, seed)

    by_record, by_cluster = clusters.b_cubed_by_record(table), clusters.b_cubed_by_cluster(table)
    merged = clusters.merges(table)
    one = np.ones(entities)
    linked = counts.links + counts.extra / 2
    measures = [
        share("pairwise_precision", table.true_links, table.predicted_links, DEFINITIONS["pairwise_precision"],
              subjects=entities, draws=drawn(counts.links, linked)),
        share("pairwise_recall", table.true_links, table.real_links, DEFINITIONS["pairwise_recall"], subjects=entities,
              draws=drawn(counts.links, counts.sizes * (counts.sizes - 1) / 2)),
    ]  # fmt: skip
    for name, value, top, bottom in (
        ("b_cubed_precision", by_record.precision, counts.precision * counts.sizes, counts.sizes),
        ("b_cubed_recall", by_record.recall, counts.recall * counts.sizes, counts.sizes),
        ("b_cubed_precision_by_cluster", by_cluster.precision, counts.precision, one),
        ("b_cubed_recall_by_cluster", by_cluster.recall, counts.recall, one),
    ):
        measures.append(Measure(name=name, value=value, trials=table.records, subjects=entities, draws=drawn(top, bottom),
                                definition=DEFINITIONS[name]))  # fmt: skip
    measures.append(share("over_merge", merged.mixed, merged.predicted, DEFINITIONS["over_merge"]))
    measures.append(share("under_merge", merged.split, merged.true, DEFINITIONS["under_merge"]))
    for grouping in groupings:
        measures += _links_by_group(predicted, true, grouping, draws, seed)
    return measures


def _links_by_group(predicted: Ints, true: Ints, grouping: Grouping, draws: int, seed: int) -> list[Measure]:
    made, real, both = count_links_of_records(predicted, true)
    found = []
    for name, trials in (("link_precision", made), ("link_recall", real)):
        for number, group in enumerate(grouping.names):
            rows = grouping.codes == number
            used, entity = np.unique(true[rows], return_inverse=True)
            top = np.bincount(entity, both[rows], minlength=used.size)
            bottom = np.bincount(entity, trials[rows], minlength=used.size)
            drawn = draw_by_subject(top, bottom, draws, seed) if bottom.any() else None
            found.append(
                share(
                    name,
                    int(both[rows].sum()),
                    int(trials[rows].sum()),
                    DEFINITIONS[name],
                    group=group,
                    by=grouping.by,
                    subjects=int(used.size),
                    draws=drawn,
                )
            )
    return found


def count_links_of_records(predicted: Ints, true: Ints) -> tuple[Ints, Ints, Ints]:
    """Return of each record how many others it is linked to, how many it should be, and how many of these it is."""
    p, p_sizes = clusters.number_clusters(predicted)
    t, t_sizes = clusters.number_clusters(true)
    _, cell, shared = np.unique(p.astype(np.int64) * t_sizes.size + t, return_inverse=True, return_counts=True)
    return p_sizes[p] - 1, t_sizes[t] - 1, shared[cell] - 1


def estimate_linkage(
    predicted: Ints, records: Records, sampling: str, *, confidence: float = 0.95
) -> tuple[list[Measure], list[tuple[str, sampled.Estimate, tuple[float, float] | None]]]:
    """Return estimates from a sample of whole true clusters, with normal intervals.

    `sampling` says how clusters came into the sample: `uniform` (each with the same chance), `cluster_size` (through one of
    its records, so in proportion to its size), or `weight` (the column of that name).

    Raises:
        InputError: `weight` was asked for, and the file has none, or several in one cluster.

    """
    counts = sampled.count_sample(predicted, records.true)
    known = records.true >= 0
    if sampling == "weight":
        weights = _own_weights(records, known)
    else:
        weights = np.ones_like(counts.sizes) if sampling == "uniform" else np.asarray(1 / counts.sizes)
    measures, rows = [], []
    for name in sampled.MEASURES:
        found = sampled.estimate(counts, weights, name)
        interval = found.interval(normal_quantile(confidence))
        rows.append((name, found, interval))
        measures.append(Measure(
            name=name, value=found.value, subjects=found.clusters, normal_se=found.se,
            definition="design-weighted ratio estimator from sampled clusters (Binette and others 2022)",
            conditions={"sampling": sampling, "was_cut": found.was_cut},
        ))  # fmt: skip
    for grouping in records.groupings:
        measures += _estimate_links_by_group(predicted, records.true, weights, grouping, sampling)
    return measures, rows


def _estimate_links_by_group(
    predicted: Ints, true: Ints, weights: Floats, grouping: Grouping, sampling: str
) -> list[Measure]:  # fmt: skip
    """Return link precision and recall of each group, from the group's records of the sampled entities."""
    made, real, both = count_links_of_records(predicted, true)
    known = true >= 0
    entity = np.full(true.size, -1)
    entity[known], sizes = clusters.number_clusters(true[known])
    found = []
    for name, trials in (("link_precision", made), ("link_recall", real)):
        for number, group in enumerate(grouping.names):
            rows = known & (grouping.codes == number)
            top = weights * np.bincount(entity[rows], both[rows], minlength=sizes.size)
            bottom = weights * np.bincount(entity[rows], trials[rows], minlength=sizes.size)
            estimate = sampled.ratio(top, bottom) if bottom.any() else None
            found.append(Measure(
                name=name, value=None if estimate is None else estimate.value, group=group, by=grouping.by,
                subjects=int(np.unique(entity[rows]).size), normal_se=None if estimate is None else estimate.se,
                definition=f"{DEFINITIONS[name]}; estimated from sampled entities (Binette and others 2022)",
                conditions={"sampling": sampling},
            ))  # fmt: skip
    return found


def _own_weights(records: Records, known: Bools) -> Floats:
    if records.weights is None:
        raise InputError("The records' file has no column 'weight'; add it, or choose another `--sampling`.")
    numbers, sizes = clusters.number_clusters(records.true[known])
    own = records.weights[known]
    total = np.bincount(numbers, own, minlength=sizes.size) / sizes
    if (own < 0).any() or not np.allclose(own, total[numbers]):
        raise InputError(
            "The column 'weight' is empty or differs within one entity; give every record of an entity its weight."
        )
    return np.asarray(total)


def pairwise_f(measures: Sequence[Measure]) -> float | None:
    """Return the harmonic mean of pairwise precision and recall among measures of all records."""
    own = {m.name: m.value for m in measures if m.group == ALL}
    return clusters.harmonic(own.get("pairwise_precision"), own.get("pairwise_recall"))
