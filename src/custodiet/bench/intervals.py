"""How sure a rate is: binomial intervals, intervals that respect subjects, and how many subjects a claim needs.

A binomial interval takes every comparison for independent. Comparisons that share a subject are not: on 300 subjects
compared with each other the true standard error is a multiple of the binomial one. Where subjects are known, the subject
bootstrap is the interval; the binomial one is shown beside it and named so.
"""

import math
from dataclasses import dataclass

import numpy as np

from custodiet.bench.arrays import Floats, Ints

DRAWS = 1_000
# Draws that are computed together: more would only take memory.
BATCH = 64
# Cells times draws beyond which fewer draws are made, and never fewer than so many.
WORK = 4_000_000_000
FEWEST_DRAWS = 200
METHODS = ("wilson", "clopper_pearson", "wald", "agresti_coull", "jeffreys", "wilson_continuity")


@dataclass(frozen=True)
class Interval:
    """A lower and an upper bound at a confidence, and how they were found."""

    low: float
    high: float
    confidence: float
    method: str


def normal_quantile(confidence: float) -> float:
    """Return the two-sided standard normal quantile: 1.96 for 0.95."""
    from scipy.special import ndtri  # noqa: PLC0415

    return float(ndtri((1 + confidence) / 2))


def binomial_interval(errors: int, trials: int, confidence: float = 0.95, method: str = "clopper_pearson") -> Interval:
    """Return a binomial interval of errors/trials.

    `wilson`, `wald`, `agresti_coull` and `clopper_pearson` are as in Brown, Cai and DasGupta 2001; `wilson_continuity` is
    method 4 of Newcombe 1998.
    """
    low, high = _BOUNDS[method](errors, trials, confidence)
    return Interval(max(low, 0.0), min(high, 1.0), confidence, method)


def upper_bound(errors: int, trials: int, confidence: float = 0.95) -> float:
    """Return the one-sided exact upper bound (Clopper-Pearson); with no errors and 0.95 it is about 3/trials."""
    from scipy.special import betaincinv  # noqa: PLC0415

    return 1.0 if errors >= trials else float(betaincinv(errors + 1, trials - errors, confidence))


def lower_bound(errors: int, trials: int, confidence: float = 0.95) -> float:
    """Return the one-sided exact lower bound (Clopper-Pearson)."""
    from scipy.special import betaincinv  # noqa: PLC0415

    return 0.0 if errors <= 0 else float(betaincinv(errors, trials - errors + 1, 1 - confidence))


def _wilson(k: int, n: int, confidence: float) -> tuple[float, float]:
    z, p = normal_quantile(confidence), k / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    # At the ends the bound is the rate itself; subtraction would leave a crumb.
    return 0.0 if k == 0 else centre - half, 1.0 if k == n else centre + half


def _wilson_continuity(k: int, n: int, confidence: float) -> tuple[float, float]:
    z, p = normal_quantile(confidence), k / n
    q, base = 1 - p, 2 * (n + z * z)
    low = (2 * n * p + z * z - 1 - z * math.sqrt(max(z * z - 2 - 1 / n + 4 * p * (n * q + 1), 0))) / base
    high = (2 * n * p + z * z + 1 + z * math.sqrt(max(z * z + 2 - 1 / n + 4 * p * (n * q - 1), 0))) / base
    return 0.0 if k == 0 else low, 1.0 if k == n else high


def _clopper_pearson(k: int, n: int, confidence: float) -> tuple[float, float]:
    from scipy.special import betaincinv  # noqa: PLC0415

    tail = (1 - confidence) / 2
    low = 0.0 if k == 0 else float(betaincinv(k, n - k + 1, tail))
    high = 1.0 if k == n else float(betaincinv(k + 1, n - k, 1 - tail))
    return low, high


def _wald(k: int, n: int, confidence: float) -> tuple[float, float]:
    p = k / n
    half = normal_quantile(confidence) * math.sqrt(p * (1 - p) / n)
    return p - half, p + half


def _agresti_coull(k: int, n: int, confidence: float) -> tuple[float, float]:
    z = normal_quantile(confidence)
    total = n + z * z
    p = (k + z * z / 2) / total
    half = z * math.sqrt(p * (1 - p) / total)
    return p - half, p + half


def _jeffreys(k: int, n: int, confidence: float) -> tuple[float, float]:
    from scipy.special import betaincinv  # noqa: PLC0415

    tail = (1 - confidence) / 2
    low = 0.0 if k == 0 else float(betaincinv(k + 0.5, n - k + 0.5, tail))
    high = 1.0 if k == n else float(betaincinv(k + 0.5, n - k + 0.5, 1 - tail))
    return low, high


_BOUNDS = {
    "wilson": _wilson,
    "clopper_pearson": _clopper_pearson,
    "wald": _wald,
    "agresti_coull": _agresti_coull,
    "jeffreys": _jeffreys,
    "wilson_continuity": _wilson_continuity,
}


def draw_by_subject(errors: Ints | Floats, trials: Ints | Floats, draws: int = DRAWS, seed: int = 0) -> Floats:
    """Return draws of sum(errors)/sum(trials), each with whole subjects drawn with replacement; NaN without a trial.

    `errors` and `trials` are counts per subject, in the same order. Subjects with the same counts are drawn together, from
    a multinomial, so that what a draw costs depends on how many kinds of counts there are (Efron and Tibshirani 1993,
    chapter 13). For comparisons between two subjects, use `draw_by_pair`.
    """
    kinds, frequency = np.unique(np.stack([errors, trials]), axis=1, return_counts=True)
    subjects = errors.size
    weights = np.random.default_rng(seed).multinomial(subjects, frequency / subjects, size=draws)
    return _quotients(weights @ kinds[0], weights @ kinds[1])


def draw_by_pair(
    first: Ints, second: Ints, errors: Ints, trials: Ints, subjects: int, draws: int = DRAWS, seed: int = 0
) -> Floats:
    """Return draws of a rate over comparisons between subjects: subjects are drawn, and not comparisons.

    `first` and `second` name the two subjects of each cell by their numbers from 0; `errors` and `trials` are its counts.
    A cell weighs as often as both of its subjects were drawn together (Bolle, Ratha and Pankanti 2004; Owen 2007).
    """
    from scipy.sparse import coo_array  # noqa: PLC0415

    draws = max(min(draws, WORK // max(trials.size, 1)), min(draws, FEWEST_DRAWS))
    shape = (subjects, subjects)
    hit = np.flatnonzero(errors)
    wrong = coo_array((errors[hit].astype(float), (first[hit], second[hit])), shape=shape).tocsr()
    tried = coo_array((trials.astype(float), (first, second)), shape=shape).tocsr()
    generator = np.random.default_rng(seed)
    found = []
    for start in range(0, draws, BATCH):
        size = min(BATCH, draws - start)
        weights = generator.multinomial(subjects, np.full(subjects, 1 / subjects), size=size).T.astype(float)
        found.append(_quotients((weights * (wrong @ weights)).sum(axis=0), (weights * (tried @ weights)).sum(axis=0)))
    return np.concatenate(found)


def _quotients(top: Floats | Ints, bottom: Floats | Ints) -> Floats:
    return np.asarray(np.divide(top, bottom, out=np.full(bottom.shape, np.nan), where=bottom > 0))


def percentile_interval(rates: Floats, confidence: float, method: str = "subject bootstrap") -> Interval:
    """Return the percentile interval of draws; those without a trial do not count."""
    known = rates[~np.isnan(rates)]
    if not known.size:
        return Interval(0.0, 1.0, confidence, f"{method}, in which no draw had a trial")
    tail = (1 - confidence) / 2
    return Interval(quantile(known, tail), quantile(known, 1 - tail), confidence, method)


def quantile(draws: Floats, share: float) -> float:
    """Return a quantile as one of the draws, the outer of two neighbours: some draws of a ratio are infinite."""
    return float(np.quantile(draws, share, method="lower" if share < 0.5 else "higher"))


def rule_of_three(target: float, confidence: float = 0.95) -> int:
    """Return how many independent trials without an error show that a rate is at most the target.

    At 0.95 this is the rule of 3 as it is used (3/target); at others -ln(1 - confidence)/target (ISO/IEC 19795-1, Annex B).
    """
    needed = 3.0 if confidence == 0.95 else -math.log1p(-confidence)
    return math.ceil(round(needed / target, 9))


def subjects_for(trials: int, *, ordered: bool) -> int:
    """Return the smallest number of subjects that gives so many comparisons between different ones.

    Ordered pairs number n(n-1), unordered n(n-1)/2.
    """
    doubled = trials if ordered else 2 * trials
    n = math.isqrt(doubled)
    while n * (n - 1) < doubled:
        n += 1
    return n


def relative_half_width(errors: float, confidence: float = 0.9) -> float:
    """Return the relative half width of a rate known from so many errors: 0.3 for 30 at 90 % (the rule of 30)."""
    return normal_quantile(confidence) / math.sqrt(errors)


def errors_for(half_width: float, confidence: float = 0.9) -> int:
    """Return how many errors must be seen so that a rate is known within a relative half width."""
    return math.ceil((normal_quantile(confidence) / half_width) ** 2)
