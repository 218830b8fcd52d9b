"""What each name under `expected` means, by the area of a case: the bench's own functions, and nothing else."""

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from custodiet.bench import coverage, differentials, feedback, geodesy, intervals, sobol
from custodiet.bench.arrays import Floats
from custodiet.bench.reference_data import Case, CaseError, is_number, load_columns, unknown
from custodiet.bench.reference_judgement import adjudicate, calibrate
from custodiet.bench.reference_linkage import linkage
from custodiet.bench.reference_scores import identify, verify

RATES = ("fmr", "fnmr", "fpir", "fnir")
NAMES = {
    "max_min": "max_over_min", "max_min_ratio": "max_over_min", "worst_over_best": "max_over_min",
    "max_mean": "max_over_mean", "max_mean_ratio": "max_over_mean", "max_over_geomean": "mxog",
    "max_over_geometric_mean": "mxog", "worst_over_geomean": "mxog", "geometric_mean": "geomean", "gini_corrected": "gini",
    "mean_abs_log10": "mean_absolute_log10", "mean_absolute_log": "mean_absolute_log10", "mad_log10": "mean_absolute_log10",
    "difference": "range", "max_minus_min": "range", "inequity_ratio": "ir", "inequity": "ir",
}  # fmt: skip
TOGETHER: dict[str, Callable[[Floats, Floats, float], float]] = {
    "fdr": differentials.fairness_discrepancy, "ir": differentials.inequity_ratio, "garbe": differentials.garbe,
}  # fmt: skip
SUMMARIES: dict[str, Callable[[Floats], float]] = {
    **{name: function for name, (function, _) in differentials.SUMMARIES.items()},
    "gini_uncorrected": differentials.gini_uncorrected,
    "geomean": differentials.geometric_mean,
    "mean": lambda rates: float(np.mean(rates)),
    "median": lambda rates: float(np.median(rates)),
    "max": lambda rates: float(np.max(rates)),
    "min": lambda rates: float(np.min(rates)),
    "range": lambda rates: float(np.ptp(rates)),
}


def differential(case: Case, measure: str) -> Any:
    """Return a differential: a summary of one rate over groups, or of FMR and FNMR together."""
    name = measure.casefold()
    kind = next((each for each in RATES if name.startswith(f"{each}_") or name.endswith(f"_{each}")), None)
    if kind:
        name = name.removeprefix(f"{kind}_").removesuffix(f"_{kind}")
    name = NAMES.get(name, name)
    if name == "ratio":
        # Of two lists one over the other; of one list, as the field means it, the worst group over the best.
        name = "region_ratio" if case.has("a", "numerator") and case.has("b", "denominator") else "max_over_min"
    if name in TOGETHER:
        alpha = case.number("alpha", "a", default=0.5)
        return TOGETHER[name](_group_rates(case, "fmr"), _group_rates(case, "fnmr"), alpha)
    if name in ("region_ratio", "geomean_ratio"):
        # NIST's ratio of regions: of their geometric means.
        top, bottom = (
            differentials.geometric_mean(case.numbers(*names)) for names in (("a", "numerator"), ("b", "denominator"))
        )
        return top / bottom
    if name == "max_over_mean" and any(each.endswith("_mean") for each in case.inputs):
        top, mean = (next(case.number(name) for name in case.inputs if name.endswith(end)) for end in ("_max", "_mean"))
        return top / mean
    if name in SUMMARIES:
        return SUMMARIES[name](_group_rates(case, kind))
    raise unknown(case, measure)


def _group_rates(case: Case, kind: str | None = None) -> Floats:
    """Return the rates of the groups: of `fmr` or `fnmr` where asked, or else of the only rates that the case has."""
    if kind and case.has(kind, f"{kind}_by_group", f"{kind}s"):
        return case.numbers(kind, f"{kind}_by_group", f"{kind}s")
    if case.has("errors", "hits", "false_matches") and case.has("trials", "comparisons", "n"):
        return case.numbers("errors", "hits", "false_matches") / case.numbers("trials", "comparisons", "n")
    if case.has("csv", "file", "table"):
        return _rates_of_row(case, kind)
    for name, value in case.inputs.items():
        if isinstance(value, dict | list) and not (isinstance(value, list) and value and isinstance(value[0], str)):
            return case.numbers(name)
    extremes = [case.number(name) for name in case.inputs if name.endswith(("_min", "_max"))]
    if len(extremes) == 2:
        return np.array(extremes)
    raise CaseError("has no rates by group")


def _rates_of_row(case: Case, kind: str | None) -> Floats:
    """Return one algorithm's rates from a table like NIST's: a row an algorithm, a column a group."""
    columns = load_columns(case.path(str(case.get("csv", "file", "table"))))
    first = next(iter(columns))
    algorithm = str(case.get("algorithm", "row", "name"))
    if algorithm not in columns[first]:
        raise CaseError(f"the table has no row {algorithm!r}")
    row = columns[first].index(algorithm)
    own = {name: cells[row] for name, cells in columns.items() if name != first and is_number(cells[row])}
    if kind and (prefixed := [name for name in own if name.casefold().startswith(f"{kind}.")]):
        return np.array([float(own[name]) for name in prefixed])
    extremes = [name for name in own if name.endswith(("_min", "_max"))]
    chosen = case.inputs.get("columns") or extremes or [name for name in own if "publish" not in name.casefold()]
    return np.array([float(own[name]) for name in chosen])


METHODS = {
    "exact": "clopper_pearson", "beta": "clopper_pearson", "cp": "clopper_pearson", "normal": "wald", "score": "wilson",
    "wilson_cc": "wilson_continuity", "wilsoncc": "wilson_continuity", "newcombe": "wilson_continuity",
}  # fmt: skip


def uncertainty(case: Case, measure: str) -> Any:
    """Return an interval, or how many subjects or errors a claim needs."""
    confidence = case.number("conf", "confidence", "level", default=0.95)
    if case.has("alpha") and not case.has("conf", "confidence", "level"):
        confidence = 1 - case.number("alpha")
    if case.has("confidence_percent"):
        confidence = case.number("confidence_percent") / 100
    name = measure.casefold().removesuffix("_ci").removesuffix("_interval")
    stem, _, side = name.rpartition("_")
    if side in ("low", "lower", "high", "upper") and METHODS.get(stem, stem) in intervals.METHODS:
        return _interval(case, stem, confidence)[side in ("high", "upper")]
    if METHODS.get(name, name) in intervals.METHODS:
        return _interval(case, name, confidence)
    if name in ("upper_bound", "upper", "lower_bound", "lower", "upper_one_sided", "lower_one_sided"):
        bound = intervals.upper_bound if "upper" in name else intervals.lower_bound
        return bound(*_counts(case), confidence)
    if name in ("se", "standard_error", "binomial_se"):
        k, n = _counts(case)
        return math.sqrt(k / n * (1 - k / n) / n)
    if name == "relative_half_width":
        return intervals.relative_half_width(case.number("errors", "k"), confidence)
    if name in ("errors", "errors_needed"):
        return intervals.errors_for(case.number("relative_half_width", "half_width"), confidence)
    if name in ("rule_of_3", "rule_of_three", "upper_rule_of_3"):
        return 3 / case.number("n", "trials", "comparisons")
    if name in ("largest_pairs", "pairs", "ordered_pairs", "unordered_pairs") and case.has("subjects"):
        pairs = int(case.number("subjects")) * (int(case.number("subjects")) - 1)
        return pairs if name == "ordered_pairs" else pairs // 2
    if name in ("subjects_ordered_pairs", "subjects_unordered_pairs", "subjects", "subjects_ordered", "subjects_unordered",
                "trials", "comparisons", "trials_needed"):  # fmt: skip
        trials = intervals.rule_of_three(case.number("target_fmr", "target", "p", "target_fnmr", "rate"), confidence)
        return intervals.subjects_for(trials, ordered="_ordered" in name) if "subjects" in name else trials
    raise unknown(case, measure)


def _counts(case: Case) -> tuple[int, int]:
    return int(case.get("k", "errors", "x", "count", "hits")), int(case.get("n", "trials", "nobs"))


def _interval(case: Case, method: str, confidence: float) -> list[float]:
    found = intervals.binomial_interval(*_counts(case), confidence, METHODS.get(method, method))
    return [found.low, found.high]


CORNERS = (("lat1", "lon1", "lat2", "lon2"), ("claimed_lat", "claimed_lon", "true_lat", "true_lon"))


def _positions(case: Case) -> tuple[Floats, Floats, Floats, Floats]:
    """Return latitudes and longitudes of one end and of the other: of one pair of positions, or of a list of pairs."""
    corners = next((names for names in CORNERS if case.has(names[0])), None)
    if corners:
        found = [np.array(case.get(name), dtype=float) for name in corners]
    else:
        ends = [case.numbers(*names) for names in (("a", "from", "claimed", "p1"), ("b", "to", "true", "p2"))]
        found = [end[..., place] for end in ends for place in (0, 1)]
    for latitude in found[::2]:
        if not np.all(np.abs(latitude) <= 90):
            raise CaseError(f"a latitude of {latitude.flat[np.argmax(~(np.abs(latitude) <= 90))]:g} is off the globe")
    one, two, three, four = found
    return one, two, three, four


def _distance(case: Case, *, is_sphere: bool) -> Floats:
    positions = _positions(case)
    if not is_sphere:
        return geodesy.geodesic_m(*positions)
    radius = case.number("radius_m", default=1000 * case.number("radius_km", default=geodesy.EARTH_RADIUS_M / 1000))
    return geodesy.great_circle_m(*positions, radius)


def locate(case: Case, measure: str) -> Any:
    """Return a distance in the unit that the name ends with, a hit rate, or a figure of a circular error."""
    name = measure.casefold()
    if found := re.fullmatch(r"(geodesic|vincenty|karney|great_circle|haversine|distance)(?:_distance)?_(\w+)", name):
        if found[2] not in geodesy.METRES:
            raise CaseError(f"{measure}: the unit {found[2]!r} is unknown; there are {', '.join(geodesy.METRES)}")
        metres = _distance(case, is_sphere=found[1] in ("great_circle", "haversine"))
        return (metres / geodesy.METRES[found[2]]).tolist()
    if name in ("hit_rate", "hits"):
        within = next((each for each in geodesy.METRES if f"radius_{each}" in case.inputs), "m")
        return float(np.mean(_distance(case, is_sphere=False) <= case.number(f"radius_{within}") * geodesy.METRES[within]))
    if (found := re.fullmatch(r"(median|mean|max)_error_(\w+)", name)) and found[2] in geodesy.METRES:
        return SUMMARIES[found[1]](_distance(case, is_sphere=False) / geodesy.METRES[found[2]])
    # A figure of a circular error is in the unit of sigma, whichever that is.
    unit = next((each for each in geodesy.METRES if f"sigma_{each}" in case.inputs), None)
    sigma = case.number("sigma", f"sigma_{unit}", default=1.0)
    scale = 1.0
    if unit and (found := re.fullmatch(r"(.+?)_(\w+)", name)) and found[2] in geodesy.METRES:
        name, scale = found[1], geodesy.METRES[unit] / geodesy.METRES[found[2]]
    if found := re.fullmatch(r"(?:r|cep|ce)_?(\d+(?:\.\d+)?)", name):
        digits = found[1]
        share = float(digits) / 100 if "." in digits or len(digits) <= 2 else float(digits) / 10 ** len(digits)
        return geodesy.circular_radius(share, sigma) * scale
    if found := re.fullmatch(r"(?:cdf|share|coverage)_at_([\d.]*)_?sigma", name):
        return geodesy.circular_share(float(found[1] or 1) * sigma, sigma)
    if name in ("cdf", "share", "coverage", "share_within"):
        return geodesy.circular_share(case.number("radius", "r"), sigma)
    if name in ("cep", "median"):
        return geodesy.circular_radius(0.5, sigma) * scale
    if name in ("drms", "rms", "2drms"):
        return sigma * math.sqrt(2) * (2 if name == "2drms" else 1) * scale
    if name in ("radius", "r") and case.has("share", "p"):
        return geodesy.circular_radius(case.number("share", "p"), sigma) * scale
    raise unknown(case, measure)


def sensitivity(case: Case, measure: str) -> Any:
    """Return Sobol indices of a function whose indices are known."""
    name = {"first": "s1", "first_order": "s1", "total": "st", "total_order": "st"}.get(
        measure.casefold(), measure.casefold()
    )
    found = re.fullmatch(r"(s1|st)(?:_x?(\d+))?", name)
    if not found:
        raise unknown(case, measure)
    stated = str(case.inputs.get("function", case.inputs.get("model", ""))).casefold()
    if case.says("ishigami") or "ishigami" in stated:
        a, b = case.number("a", "A", default=7), case.number("b", "B", default=0.1)
        indices = sobol.sobol_indices(lambda rows: sobol.ishigami(rows, a, b), 3, power=15)
    elif case.says("sobol_g", "g function", "g-function", "sobol g") or stated in ("sobol_g", "g", "sobol g", "sobol-g"):
        weights = case.numbers("a", "A")
        indices = sobol.sobol_indices(lambda rows: sobol.sobol_g(rows, weights), weights.size, power=15)
    elif case.says("linear", "additive") or stated in ("linear", "additive"):
        slopes = case.numbers("coefficients", "weights", "a")
        indices = sobol.sobol_indices(lambda rows: np.asarray(rows @ slopes), slopes.size, power=15)
    else:
        raise CaseError("names no function that the bench knows; there are Ishigami's, Sobol's g and a linear one")
    values = (indices.first if found[1] == "s1" else indices.total).tolist()
    return values[int(found[2]) - 1] if found[2] else values


CORRELATIONS = ("correlation", "rho", "phi")


def _shares(case: Case) -> Floats:
    """Return the sources' shares: a list, or else every number of the case that is no correlation."""
    names = ("shares", "p", "coverage", "sources", "rates")
    if case.has(*names):
        return case.numbers(*names)
    numbers = [name for name, value in case.inputs.items() if isinstance(value, int | float)]
    own = [case.number(name) for name in numbers if name not in CORRELATIONS]
    if not own:
        raise CaseError(f"has none of the inputs {', '.join(names)}")
    return np.array(own)


def cover(case: Case, measure: str) -> Any:
    """Return the share that several sources reach."""
    shares = _shares(case)
    name = measure.casefold().removeprefix("union_").removesuffix("_union").removesuffix("_bound")
    if name in ("correlated", "gaussian_copula", "copula"):
        return coverage.reach_any_correlated(shares, case.number(*CORRELATIONS))
    if name in ("correlated_bounds", "bounds_correlated"):
        overlaps = coverage.overlap_of(shares, case.number(*CORRELATIONS))
        return list(coverage.pairwise_bounds(shares, overlaps))
    together = name.startswith(("intersection_", "all_")) or case.says("every source", "intersection", "all of")
    name = name.removeprefix("intersection_").removeprefix("all_")
    reach = coverage.reach_all(shares) if together else coverage.reach_any(shares)
    if name in ("independent", "independence", "any", "share"):
        return reach.independent
    if name in ("bounds", "frechet", "frechet_bounds"):
        return [reach.low, reach.high]
    if name in ("low", "lower", "frechet_low", "frechet_lower", "min"):
        return reach.low
    if name in ("high", "upper", "frechet_high", "frechet_upper", "max"):
        return reach.high
    raise unknown(case, measure)


def feed_back(case: Case, measure: str) -> Any:
    """Return each area's share of incidents, or its mean share of patrols on the last day, with the correction or without."""
    rates = case.numbers("rates", "rate")
    if measure in ("share_of_incidents", "true_share"):
        return (rates / rates.sum()).tolist()
    name, _, area = measure.rpartition("_area_")
    if (name or measure) not in ("patrol_share", "patrol_share_corrected"):
        raise unknown(case, measure)
    start = case.numbers("start", "balls") if case.has("start", "balls") else np.ones_like(rates)
    whole = {key: int(case.number(key)) for key in ("days", "runs", "seed") if case.has(key)}
    options = feedback.FeedbackOptions(
        rates=tuple(rates.tolist()), start=tuple(start.tolist()), reported=case.number("reported", default=0.0), **whole
    )
    _, shares = feedback.simulate_urn(options, is_corrected=measure.startswith("patrol_share_corrected"))
    last = shares[-1].mean(axis=0).tolist()
    return last[int(area) - 1] if name else last


_AREAS: dict[str, Callable[[Case, str], Any]] = {
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
    "feedback": feed_back,
}
# The verbs' own names for the areas, and the field's.
_ALSO = {
    "differential": "differentials", "faces": "verification", "search": "identification", "intervals": "uncertainty",
    "linkage": "entity_resolution", "record_linkage": "entity_resolution", "agreement": "adjudication",
    "confidence": "calibration", "places": "geo", "location": "geo", "sobol": "sensitivity",
}  # fmt: skip
AREAS = _AREAS | {name: _AREAS[area] for name, area in _ALSO.items()}
