"""The fast measures against slow and obvious ones, and against facts that hold of all of them."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from custodiet.bench import (
    agreement,
    calibration,
    clusters,
    coverage,
    differentials,
    identification,
    intervals,
    sampled,
    verification,
)

# The first example pays for the import of scipy.
UNHURRIED = settings(deadline=None)
# Whole numbers make ties; halves make none with them.
SCORES = st.lists(st.integers(-4, 4), min_size=1, max_size=30).map(lambda xs: np.array(xs, dtype=float))
FINE = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30).map(np.array)
TARGETS = st.one_of(st.sampled_from([0.001, 0.01, 0.1, 0.5, 0.999]), st.floats(0.001, 0.999))


@UNHURRIED
@given(st.one_of(SCORES, FINE), st.one_of(SCORES, FINE), TARGETS)
def test_the_threshold_is_the_smallest_observed_that_meets_the_target(genuine, impostor, target) -> None:
    point = verification.threshold_at_fmr(genuine, impostor, target)
    observed = sorted({*genuine.tolist(), *impostor.tolist()})
    meeting = [t for t in observed if sum(s >= t for s in impostor) / impostor.size <= target]
    assert point.threshold == (meeting[0] if meeting else math.inf)
    assert point.fmr == sum(s >= point.threshold for s in impostor) / impostor.size
    assert point.fnmr == sum(s < point.threshold for s in genuine) / genuine.size


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 2000), st.floats(1e-6, 0.9), st.integers(0, 2**32 - 1))
def test_the_threshold_of_many_scores_is_what_sorting_gives(levels, target, seed) -> None:
    # Beyond the size at which the tail is gathered from a sample's bracket, with ties of every degree.
    generator = np.random.default_rng(seed)
    impostor = generator.integers(0, levels, verification.SMALL + 5000).astype(float)
    genuine = generator.integers(0, levels, 1000) + 0.5
    point = verification.threshold_at_fmr(genuine, impostor, target)
    ordered = np.sort(impostor)
    observed = np.unique(np.concatenate([genuine, impostor]))
    counts = impostor.size - np.searchsorted(ordered, observed)
    meeting = observed[counts <= target * impostor.size]
    assert point.threshold == (meeting[0] if meeting.size else math.inf)
    assert point.false_matches == int((impostor >= point.threshold).sum())


@UNHURRIED
@given(st.one_of(SCORES, FINE), st.one_of(SCORES, FINE))
def test_the_det_and_auc_are_what_counting_gives(genuine, impostor) -> None:
    own, other = verification.sort_scores(genuine), verification.sort_scores(impostor)
    det = verification.whole_det(genuine, impostor)
    assert verification.det_curve(own, other).fmr.tolist() == det.fmr.tolist()
    assert det.thresholds.tolist() == [*sorted({*genuine.tolist(), *impostor.tolist()}), math.inf]
    for threshold, fmr, fnmr in zip(det.thresholds, det.fmr, det.fnmr, strict=True):
        assert fmr == sum(s >= threshold for s in impostor) / impostor.size
        assert fnmr == sum(s < threshold for s in genuine) / genuine.size
    wins = sum((g > i) + (g == i) / 2 for g, i in itertools.product(genuine, impostor))
    assert verification.auc(own, other) == pytest.approx(wins / genuine.size / impostor.size)


@UNHURRIED
@given(st.one_of(SCORES, FINE), st.one_of(SCORES, FINE))
def test_the_equal_error_lies_where_the_rates_cross(genuine, impostor) -> None:
    found = verification.equal_error(verification.sort_scores(genuine), verification.sort_scores(impostor))
    thresholds = [-math.inf, *sorted({*genuine.tolist(), *impostor.tolist()}), math.inf]
    fmr = [sum(s >= t for s in impostor) / impostor.size for t in thresholds]
    fnmr = [sum(s < t for s in genuine) / genuine.size for t in thresholds]
    before = max(i for i in range(len(thresholds)) if fnmr[i] <= fmr[i])
    after = min(i for i in range(len(thresholds)) if fnmr[i] >= fmr[i])
    means = sorted((fmr[i] + fnmr[i]) / 2 for i in (before, after))
    assert (found.low, found.high) == pytest.approx(tuple(means))


def test_runs_sorted_in_threads_count_as_one() -> None:
    scores = np.random.default_rng(0).integers(0, 1000, 2 * verification.SMALL).astype(float)
    found = verification.sort_scores(scores)
    assert len(found.runs) == 2
    at = np.array([-1.0, 0, 500, 999, 1000])
    assert found.count_at_least(at).tolist() == [int((scores >= t).sum()) for t in at]
    assert found.count_above(at).tolist() == [int((scores > t).sum()) for t in at]


LABELS = st.integers(1, 12).flatmap(
    lambda n: st.tuples(*(st.lists(st.integers(0, 5), min_size=n, max_size=n).map(np.array) for _ in range(2)))
)


@UNHURRIED
@given(LABELS)
def test_clusters_are_measured_as_pairs_and_records_count(labels) -> None:
    predicted, true = labels
    table = clusters.tabulate(predicted, true)
    n = true.size
    linked = {p for p in itertools.combinations(range(n), 2) if predicted[p[0]] == predicted[p[1]]}
    real = {p for p in itertools.combinations(range(n), 2) if true[p[0]] == true[p[1]]}
    found = clusters.pairwise(table)
    assert found.precision == (len(linked & real) / len(linked) if linked else None)
    assert found.recall == (len(linked & real) / len(real) if real else None)
    # B-cubed, record by record, with sets.
    own = [
        ({j for j in range(n) if predicted[j] == predicted[i]}, {j for j in range(n) if true[j] == true[i]}) for i in range(n)
    ]
    precision = [len(p & t) / len(p) for p, t in own]
    recall = [len(p & t) / len(t) for p, t in own]
    record = clusters.b_cubed_by_record(table)
    assert (record.precision, record.recall) == pytest.approx((np.mean(precision), np.mean(recall)))
    cluster = clusters.b_cubed_by_cluster(table)
    by_entity = [[i for i in range(n) if true[i] == t] for t in set(true.tolist())]
    assert cluster.precision == pytest.approx(np.mean([np.mean([precision[i] for i in rows]) for rows in by_entity]))
    merged = clusters.merges(table)
    assert merged.mixed == sum(len({true[i] for i in range(n) if predicted[i] == p}) > 1 for p in set(predicted.tolist()))
    assert merged.split == sum(len({predicted[i] for i in rows}) > 1 for rows in by_entity)


@UNHURRIED
@given(LABELS)
def test_a_sample_of_every_cluster_estimates_the_truth(labels) -> None:
    predicted, true = labels
    counts = sampled.count_sample(predicted, true)
    table = clusters.tabulate(predicted, true)
    # Whole sums: without the correction for bias the ratio is the measure itself.
    assert counts.links.sum() == table.true_links
    assert (counts.links + counts.extra / 2).sum() == pytest.approx(table.predicted_links)
    for name in sampled.MEASURES:
        found = sampled.estimate(counts, np.ones_like(counts.sizes), name)
        assert 0 <= found.value <= 1
        assert found.se is None or found.se >= 0


def test_links_are_followed_to_their_end() -> None:
    assert clusters.clusters_of_pairs(np.array([0, 1]), np.array([1, 2]), 4).tolist() == [0, 0, 0, 1]


RATES = arrays.arrays(float, st.integers(2, 9), elements=st.floats(1e-6, 1))


@UNHURRIED
@given(RATES)
def test_differentials_are_their_definitions(rates) -> None:
    n, mean = rates.size, rates.mean()
    spread = sum(abs(a - b) for a in rates for b in rates)
    assert differentials.gini(rates) == pytest.approx(n / (n - 1) * spread / (2 * n * n * mean), abs=1e-9)
    assert differentials.mxog(rates) == pytest.approx(max(rates) / math.prod(float(r) ** (1 / n) for r in rates))
    assert differentials.max_over_min(rates) >= differentials.mxog(rates) - 1e-9 >= 1 - 2e-9
    assert differentials.garbe(rates, rates) == pytest.approx(differentials.gini(rates))


def test_a_group_without_errors_makes_a_ratio_infinite_and_not_one() -> None:
    assert differentials.max_over_min(np.array([0.0, 0.1])) == math.inf
    assert math.isnan(differentials.max_over_min(np.zeros(2)))


@UNHURRIED
@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_exact_bounds_are_where_the_binomial_says(errors) -> None:
    from scipy.stats import binom

    k, n = errors
    found = intervals.binomial_interval(k, n)
    assert found.low <= k / n <= found.high
    if 0 < k < n:
        assert binom.sf(k - 1, n, found.low) == pytest.approx(0.025)
        assert binom.cdf(k, n, found.high) == pytest.approx(0.025)
    assert intervals.upper_bound(k, n) >= k / n >= intervals.lower_bound(k, n)


@UNHURRIED
@given(st.floats(1e-6, 0.5), st.booleans())
def test_enough_subjects_and_not_one_more(target, ordered) -> None:
    trials = intervals.rule_of_three(target)
    n = intervals.subjects_for(trials, ordered=ordered)

    def pairs(m: int) -> float:
        return m * (m - 1) / (1 if ordered else 2)

    assert pairs(n) >= trials > pairs(n - 1)


def test_resampling_subjects_is_wider_than_the_binomial_where_subjects_differ() -> None:
    generator = np.random.default_rng(3)
    quality = generator.normal(0, 1, 120)
    first, second = np.triu_indices(120, 1)
    scores = generator.normal(0, 1, first.size) + quality[first] + quality[second]
    errors = (scores > 3.5).astype(int)
    drawn = intervals.draw_by_pair(first, second, errors, np.ones_like(errors), 120, 400)
    binomial = math.sqrt(errors.mean() * (1 - errors.mean()) / errors.size)
    assert np.std(drawn) > 2 * binomial
    # The bootstrap by hand: draw subjects, count every pair as often as both were drawn.
    by_hand = []
    for _ in range(400):
        weight = np.bincount(generator.integers(0, 120, 120), minlength=120)
        pair = weight[first] * weight[second]
        by_hand.append((pair * errors).sum() / pair.sum())
    assert np.std(drawn) == pytest.approx(np.std(by_hand), rel=0.2)


@UNHURRIED
@given(arrays.arrays(float, 40, elements=st.floats(0, 1)), st.integers(1, 12), st.integers(0, 99))
def test_calibration_is_what_a_loop_over_bins_gives(p, bins, seed) -> None:
    y = np.random.default_rng(seed).integers(0, 2, 40).astype(float)
    edges = np.linspace(0, 1, bins + 1)
    total = 0.0
    for b in range(bins):
        rows = [i for i in range(40) if (p[i] > edges[b] or b == 0) and (p[i] <= edges[b + 1] or b == bins - 1)]
        if rows:
            total += len(rows) / 40 * abs(np.mean(p[rows]) - np.mean(y[rows]))
    assert calibration.ece(calibration.reliability(y, p, bins)) == pytest.approx(total, abs=1e-9)
    assert 0 <= calibration.smooth_ece(y, p).value <= 1


@UNHURRIED
@given(st.lists(st.sampled_from([0.1, 0.3, 0.7]), min_size=2, max_size=30), st.integers(0, 99))
def test_the_parts_of_brier_add_up_where_bins_have_one_confidence(p, seed) -> None:
    p = np.array(p)
    y = np.random.default_rng(seed).integers(0, 2, p.size).astype(float)
    parts = calibration.brier_parts(y, calibration.reliability(y, p, 10))
    assert parts["reliability"] - parts["resolution"] + parts["uncertainty"] == pytest.approx(calibration.brier(y, p))


RATINGS = st.tuples(st.integers(2, 4), st.integers(2, 8)).flatmap(
    lambda shape: arrays.arrays(float, shape, elements=st.sampled_from([0.0, 1.0, 2.0]))
)


@UNHURRIED
@given(RATINGS)
def test_agreement_is_one_when_all_agree_and_alpha_is_what_pairs_give(ratings) -> None:
    same = np.tile(ratings[:1], (ratings.shape[0], 1))
    assert agreement.krippendorff_alpha(same) == pytest.approx(1)
    assert agreement.fleiss_kappa(agreement.counts_by_item(same)[0]) == pytest.approx(1)
    # Nominal alpha from its definition: observed over expected disagreement of pairs of judgements.
    m, n = ratings.shape
    observed = np.mean([[ratings[a, i] != ratings[b, i] for a, b in itertools.permutations(range(m), 2)] for i in range(n)])
    everything = ratings.ravel()
    expected = np.mean([a != b for a, b in itertools.permutations(everything, 2)])
    alpha = 1 - observed / expected if expected else 1.0
    assert agreement.krippendorff_alpha(ratings) == pytest.approx(alpha)


@UNHURRIED
@example([0.5, 0.625], 0.9999999999999999)
@given(st.lists(st.floats(0.01, 0.99), min_size=2, max_size=5), st.floats(0, 1))
def test_reach_keeps_within_its_bounds(shares, correlation) -> None:
    shares = np.array(shares)
    reach = coverage.reach_any(shares)
    assert reach.low <= reach.independent + 1e-12
    assert reach.independent <= reach.high + 1e-12
    assert coverage.reach_any_correlated(shares, 0) == pytest.approx(reach.independent)
    # Next to a correlation of 1 the integrand is a step, and four digits are left.
    assert reach.low - 1e-4 <= coverage.reach_any_correlated(shares, correlation) <= reach.independent + 1e-4


def test_bounds_under_known_overlaps_are_sharp() -> None:
    shares = np.array([0.5, 0.5])
    assert coverage.pairwise_bounds(shares, {(0, 1): 0.3}) == pytest.approx((0.7, 0.7))
    low, high = coverage.pairwise_bounds(np.array([0.74, 0.74, 0.70]), {})
    assert (low, high) == pytest.approx((0.74, 1.0))
    with pytest.raises(ValueError, match="no population"):
        coverage.pairwise_bounds(shares, {(0, 1): 0.9})


def test_a_tiny_rate_keeps_its_digits_in_a_gallery() -> None:
    # 1 - (1 - 1e-12)^1000 by its series; the naive power is off in the fifth digit.
    assert identification.extrapolate_fpir(1e-12, 1000) == pytest.approx(1e-9 - 1000 * 999 / 2 * 1e-24, rel=1e-14)


def test_a_search_counts_once_and_a_tied_mate_goes_last() -> None:
    found = identification.summarise_searches(
        np.array([0, 0, 0, 1, 1, 2]), np.array([True, False, True]), np.array([5.0, 5, 3, 9, 8, -np.inf]),
        np.array([False, True, False, False, False, False]),
    )  # fmt: skip
    assert found.mate_rank.tolist() == [2, 0, 0]
    assert identification.count_false_positives(found, 8) == (1, 1)
    assert identification.count_misses(found, 5, 1) == (2, 2)
    assert identification.count_misses(found, 5, 2) == (1, 2)
    assert identification.cmc(found, 3).tolist() == [0, 0.5, 0.5]


@UNHURRIED
@given(SCORES, SCORES, TARGETS)
def test_a_threshold_at_a_target_fpir_is_the_smallest_that_meets_it(tops, mates, target) -> None:
    from custodiet.bench.searches import threshold_at_fpir

    size = tops.size + mates.size
    mated = np.arange(size) >= tops.size
    score = np.concatenate([tops, mates])
    held = identification.Searches(mated, score, np.where(mated, score, -np.inf), mated.astype(int))
    meeting = [t for t in sorted({*score.tolist()}) if sum(s >= t for s in tops) / tops.size <= target]
    assert threshold_at_fpir(held, target) == (meeting[0] if meeting else math.inf)


def test_scotts_pi_is_krippendorffs_alpha_of_many_items() -> None:
    generator = np.random.default_rng(1)
    ratings = generator.integers(0, 3, (2, 4000)).astype(float)
    ratings[1, :2500] = ratings[0, :2500]
    pi = agreement.scott_pi(agreement.cross_tabulate(ratings[0], ratings[1]))
    # They differ by the correction for a small sample, of the order of 1/n (Krippendorff 2011).
    n = ratings.size
    assert agreement.krippendorff_alpha(ratings) == pytest.approx(1 - (1 - pi) * (n - 1) / n, rel=1e-12)


def test_drawing_rows_for_a_quantile_is_what_a_bootstrap_by_hand_gives() -> None:
    from custodiet.bench.places import PlacesOptions, Positions, measure_positions

    errors = np.random.default_rng(3).exponential(100, 400)
    held = Positions(errors, None, None, None, None, None, None, None, ())
    found = {m.name: m for m in measure_positions(held, PlacesOptions(draws=20_000))}
    generator = np.random.default_rng(4)
    for name, q in (("error_m_q50", 0.5), ("error_m_q95", 0.95)):
        by_hand = np.quantile(errors[generator.integers(0, 400, (20_000, 400))], q, axis=1, method="inverted_cdf")
        assert found[name].value == np.quantile(errors, q, method="inverted_cdf")
        for share in (0.025, 0.5, 0.975):
            assert np.quantile(found[name].draws, share) == pytest.approx(np.quantile(by_hand, share), rel=0.03)


def test_growth_with_the_gallery_is_fitted() -> None:
    sizes = np.array([1e3, 1e4, 1e5])
    fit = identification.fit_gallery(sizes, 2e-6 * sizes**0.7)
    assert (fit.exponent, fit.at(1e6)) == pytest.approx((0.7, 2e-6 * 1e6**0.7))
