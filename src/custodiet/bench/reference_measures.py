"""What each name under `expected` means, by the area of a case: the bench's own functions, and nothing else."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from custodiet.bench import (
    agreement,
    calibration,
    coverage,
    differentials,
    geodesy,
    identification,
    intervals,
    sobol,
    verification,
)
from custodiet.bench.arrays import Floats
from custodiet.bench.reference_data import Case, CaseError
from custodiet.bench.reference_linkage import linkage


def _unknown(case: Case, measure: str) -> CaseError:
    return CaseError(f"{measure}: no measure of {case.area} that the bench knows")


def _group_rates(case: Case, kind: str | None = None) -> Floats:
    """Return the rates of the groups: of `fmr` or `fnmr` where asked, or else of the only rates that the case has."""
    if kind:
        return case.numbers(kind, f"{kind}_by_group")
    for name, value in case.inputs.items():
        if isinstance(value, dict | list) and not (isinstance(value, list) and value and isinstance(value[0], str)):
            return case.numbers(name)
    extremes = [float(value) for name, value in case.inputs.items() if name.endswith(("_min", "_max"))]
    if len(extremes) == 2:
        return np.array(extremes)
    raise CaseError("has no rates by group")


def differential(case: Case, measure: str) -> Any:
    """Return a differential: a summary of one rate over groups, or of FMR and FNMR together."""
    alpha = case.number("alpha", "a", default=0.5)
    both = {"fdr": differentials.fairness_discrepancy, "ir": differentials.inequity_ratio, "garbe": differentials.garbe}
    if measure in both:
        return both[measure](_group_rates(case, "fmr"), _group_rates(case, "fnmr"), alpha)
    stem, _, kind = measure.rpartition("_")
    if stem in _SUMMARIES and kind in ("fmr", "fnmr", "fpir", "fnir"):
        return _SUMMARIES[stem](_group_rates(case, kind))
    if measure == "max_over_mean" and any(name.endswith("_mean") for name in case.inputs):
        top, mean = (next(float(v) for n, v in case.inputs.items() if n.endswith(end)) for end in ("_max", "_mean"))
        return top / mean
    if measure in _SUMMARIES:
        return _SUMMARIES[measure](_group_rates(case))
    raise _unknown(case, measure)


_SUMMARIES: dict[str, Callable[[Floats], float]] = {
    **{name: function for name, (function, _) in differentials.SUMMARIES.items()},
    "max_min": differentials.max_over_min,
    "max_over_geomean": differentials.mxog,
    "gini_uncorrected": differentials.gini_uncorrected,
    "mean_abs_log10": differentials.mean_absolute_log,
    "geometric_mean": differentials.geometric_mean,
    "geomean": differentials.geometric_mean,
    "mean": lambda rates: float(np.mean(rates)),
    "median": lambda rates: float(np.median(rates)),
    "max": lambda rates: float(np.max(rates)),
    "min": lambda rates: float(np.min(rates)),
}


def verify(case: Case, measure: str) -> Any:
    """Return a measure of genuine and impostor scores."""
    genuine, impostor = case.numbers("genuine", "genuine_scores"), case.numbers("impostor", "impostor_scores")
    case.check_counts(n_genuine=genuine.size, n_impostor=impostor.size)
    if any("<=" in str(case.inputs.get(name, "")) for name in ("accept", "decision")):
        genuine, impostor = -genuine, -impostor
        if measure.endswith("threshold"):
            return -verify_scores(case, measure, genuine, impostor)
    return verify_scores(case, measure, genuine, impostor)


def verify_scores(case: Case, measure: str, genuine: Floats, impostor: Floats) -> Any:
    """Return a measure of scores of which high ones are accepted."""
    if measure == "bob_threshold":
        # bob.measure looks among the impostor scores only.
        return verification.threshold_at_fmr(impostor, impostor, case.number("target_fmr")).threshold
    if measure in ("threshold", "fmr", "fnmr", "tmr", "tar", "far", "frr"):
        if case.has("threshold"):
            point = verification.rates_at(genuine, impostor, case.number("threshold"))
        else:
            point = verification.threshold_at_fmr(genuine, impostor, case.number("target_fmr", "target"))
        accepted = {"tmr": 1 - point.fnmr, "tar": 1 - point.fnmr, "far": point.fmr, "frr": point.fnmr}
        return accepted[measure] if measure in accepted else getattr(point, measure)
    if found := re.fullmatch(r"(threshold|fnmr|fmr)_(?:at_)?fmr_?([\d.e-]+)", measure):
        return getattr(verification.threshold_at_fmr(genuine, impostor, float(found[2])), found[1])
    own, other = verification.sort_scores(genuine), verification.sort_scores(impostor)
    if measure == "auc":
        return verification.auc(own, other)
    if measure.startswith("eer"):
        found_error = verification.equal_error(own, other)
        if measure == "eer_interval":
            return [found_error.low, found_error.high]
        named = {"eer": found_error.middle, "eer_low": found_error.low, "eer_high": found_error.high}
        if measure in named:
            return named[measure]
    raise _unknown(case, measure)


def identify(case: Case, measure: str) -> Any:
    """Return a measure of one-to-many search."""
    if measure in ("fpir", "extrapolated_fpir"):
        return identification.extrapolate_fpir(case.number("fmr", "f"), case.number("N", "n", "gallery", "gallery_size"))
    if measure in ("expected_returns", "expected_false_positives"):
        returns = identification.expected_returns(case.number("fmr", "f"), case.number("N", "n", "gallery", "gallery_size"))
        return returns * case.number("searches", default=1)
    found = re.fullmatch(r"(?:cmc|tpir|hit_rate)?[_@]?(?:at_)?(?:rank)?[_@-]?(\d+)", measure)
    if found or measure == "cmc":
        ranks = int(found[1]) if found else len(case.expected[measure])
        curve = identification.cmc(_searches(case), ranks)
        return float(curve[-1]) if found else curve.tolist()
    raise _unknown(case, measure)


def _searches(case: Case) -> identification.Searches:
    """Return searches from a file of `probe template score` and one of `probe true-template`."""
    files = [value for value in case.inputs.values() if isinstance(value, str) and value.endswith(".txt")]
    listed = [value for value in files if "score" in value]
    if len(files) != 2 or len(listed) != 1:
        raise CaseError("needs a file of scores (probe, template, score) and one of true pairs (probe, template)")
    scores, mates = (
        [line.split() for line in case.path(value).read_text("utf-8").splitlines() if line.strip()]
        for value in (listed[0], next(value for value in files if value != listed[0]))
    )
    probes = {probe: number for number, probe in enumerate(dict.fromkeys(row[0] for row in mates))}
    true = {(row[0], row[1]) for row in mates}
    rows = [row for row in scores if row[0] in probes]
    sign = -1 if case.says("dissimilarity", "distance", "lower is better") else 1
    return identification.summarise_searches(
        np.array([probes[row[0]] for row in rows]),
        np.ones(len(probes), dtype=bool),
        sign * np.array([float(row[2]) for row in rows]),
        np.array([(row[0], row[1]) in true for row in rows]),
    )


def uncertainty(case: Case, measure: str) -> Any:
    """Return an interval, or how many subjects or errors a claim needs."""
    confidence = case.number("conf", "confidence", default=0.95)
    if measure in intervals.METHODS:
        k, n = int(case.get("k", "errors")), int(case.get("n", "trials"))
        found = intervals.binomial_interval(k, n, confidence, measure)
        return [found.low, found.high]
    if measure in ("upper_bound", "upper"):
        return intervals.upper_bound(int(case.get("k", "errors")), int(case.get("n", "trials")), confidence)
    if measure == "relative_half_width":
        return intervals.relative_half_width(case.number("errors", "k"), confidence)
    if measure == "errors":
        return intervals.errors_for(case.number("relative_half_width"), confidence)
    if measure in ("subjects_ordered_pairs", "subjects_unordered_pairs", "trials", "comparisons", "trials_needed"):
        trials = intervals.rule_of_three(case.number("target_fmr", "target", "p"), confidence)
        return intervals.subjects_for(trials, ordered="unordered" not in measure) if "subjects" in measure else trials
    raise _unknown(case, measure)


def adjudicate(case: Case, measure: str) -> Any:
    """Return a measure of agreement."""
    levels = ("nominal", "ordinal", "interval", "ratio")
    plain = measure.removeprefix("krippendorff_").removeprefix("alpha_")
    if plain in levels or measure in ("alpha", "krippendorff_alpha"):
        return float(agreement.krippendorff_alpha(_ratings(case), plain if plain in levels else "nominal"))  # type: ignore[arg-type]
    if measure in ("gwet_ac1", "ac1"):
        return agreement.gwet_ac1(_ratings(case))
    if "fleiss" in measure or (measure == "kappa" and case.says("fleiss")):
        table = case.numbers("counts", "table", "data", "ratings")
        # Items by categories have as many judgements in every row; judges by items have not.
        is_counted = case.has("counts") or case.has("table") or len(set(table.sum(axis=1).tolist())) == 1
        return agreement.fleiss_kappa(table if is_counted else agreement.counts_by_item(table)[0])
    if measure in ("percent_agreement", "observed_agreement", "po"):
        table = case.numbers("table") if case.has("table") else _cross(case)
        return float(np.trace(table) / table.sum())
    if "kappa" in measure:
        table = case.numbers("table") if case.has("table") else _cross(case)
        weights = "linear" if "linear" in measure else "quadratic" if "quadratic" in measure else "none"
        return agreement.cohen_kappa(table, weights)  # type: ignore[arg-type]
    raise _unknown(case, measure)


def _ratings(case: Case) -> Floats:
    return case.numbers("data", "ratings")


def _cross(case: Case) -> Floats:
    rows = _ratings(case) if any(map(case.has, ("data", "ratings"))) else np.array([case.numbers("a"), case.numbers("b")])
    return agreement.cross_tabulate(rows[0], rows[1])


def calibrate(case: Case, measure: str) -> Any:
    """Return a measure of confidences."""
    if case.has("npz"):
        with np.load(case.path(str(case.get("npz")))) as held:
            y, p = held["y"].astype(float), held["p"].astype(float)
    else:
        y, p = case.numbers("y", "target", "labels"), case.numbers("p", "preds", "prob", "confidence")
    if measure in ("brier", "brier_score"):
        return calibration.brier(y, p)
    if measure == "log_loss":
        return calibration.log_loss(y, p)
    if measure in ("smece", "smooth_ece"):
        return calibration.smooth_ece(y, p).value
    table = calibration.reliability(
        y, p, int(case.number("bins", "n_bins", default=15)), case.inputs.get("strategy", "uniform")
    )
    if measure in ("prob_true", "prob_pred"):
        return (table.held if measure == "prob_true" else table.confidence).tolist()
    norm = {"ece": str(case.inputs.get("norm", "l1")), "mce": "max"}.get(measure, measure.removeprefix("ece_"))
    if norm in ("l1", "l2", "max"):
        return calibration.ece(table, norm)  # type: ignore[arg-type]
    parts = calibration.brier_parts(y, table)
    if measure.removeprefix("brier_") in parts:
        return parts[measure.removeprefix("brier_")]
    raise _unknown(case, measure)


def locate(case: Case, measure: str) -> Any:
    """Return a distance in the unit that the name ends with, or a figure of a circular error."""
    if found := re.fullmatch(r"(geodesic|great_circle)_(\w+)", measure):
        if found[2] not in geodesy.METRES:
            raise CaseError(f"{measure}: the unit {found[2]!r} is unknown; there are {', '.join(geodesy.METRES)}")
        distance = geodesy.geodesic_m if found[1] == "geodesic" else geodesy.great_circle_m
        (a, b), (c, d) = case.numbers("a", "from", "claimed"), case.numbers("b", "to", "true")
        return float(distance(np.array(a), np.array(b), np.array(c), np.array(d))) / geodesy.METRES[found[2]]
    sigma = case.number("sigma", default=1.0)
    if found := re.fullmatch(r"r(\d+(?:\.\d+)?)", measure):
        digits = found[1]
        share = float(digits) / 100 if "." in digits or len(digits) <= 2 else float(digits) / 10 ** len(digits)
        return geodesy.circular_radius(share, sigma)
    if found := re.fullmatch(r"cdf_at_([\d.]*)_?sigma", measure):
        return geodesy.circular_share(float(found[1] or 1) * sigma, sigma)
    if measure == "cep":
        return geodesy.circular_radius(0.5, sigma)
    raise _unknown(case, measure)


def sensitivity(case: Case, measure: str) -> Any:
    """Return Sobol indices of a function whose indices are known."""
    if measure not in ("S1", "ST"):
        raise _unknown(case, measure)
    if case.says("ishigami"):
        a, b = case.number("a", default=7), case.number("b", default=0.1)
        found = sobol.sobol_indices(lambda rows: sobol.ishigami(rows, a, b), 3, power=15)
    elif case.says("sobol_g", "g function", "g-function"):
        weights = case.numbers("a")
        found = sobol.sobol_indices(lambda rows: sobol.sobol_g(rows, weights), weights.size, power=15)
    else:
        raise CaseError("names no function that the bench knows; there are Ishigami's and Sobol's g")
    return (found.first if measure == "S1" else found.total).tolist()


def cover(case: Case, measure: str) -> Any:
    """Return the share that several sources reach."""
    shares = case.numbers("shares", "p", "coverage", "sources")
    if measure in ("correlated", "gaussian_copula"):
        return coverage.reach_any_correlated(shares, case.number("correlation", "rho"))
    reach = coverage.reach_all(shares) if case.says("every source", "intersection", "all of") else coverage.reach_any(shares)
    if measure in ("independent", "independence", "union_independent"):
        return reach.independent
    if measure in ("bounds", "frechet", "frechet_bounds"):
        return [reach.low, reach.high]
    if measure in ("low", "lower", "frechet_low", "frechet_lower"):
        return reach.low
    if measure in ("high", "upper", "frechet_high", "frechet_upper"):
        return reach.high
    raise _unknown(case, measure)


AREAS: dict[str, Callable[[Case, str], Any]] = {
    "differentials": differential,
    "verification": verify,
    "identification": identify,
    "uncertainty": uncertainty,
    "entity_resolution": linkage,
    "adjudication": adjudicate,
    "calibration": calibrate,
    "geo": locate,
    "sensitivity": sensitivity,
    "coverage": cover,
}
