"""Differentials: how much a rate differs between groups, in the summaries that ISO/IEC 19795-10 and NIST use.

Rates are per group, in any order; each summary is a number. A group with a rate of zero makes a ratio infinite and a
geometric mean zero: that is the truth about the sample, and `floor` (a rate that the sample could just not resolve, such
as 1/(2n)) is a choice that the caller states.
"""

import math

import numpy as np

from custodiet.bench.arrays import Floats


def max_over_min(rates: Floats) -> float:
    """Return the worst group's rate over the best group's (NIST FRTE demographics page, "max/min")."""
    return _ratio(float(np.max(rates)), float(np.min(rates)))


def max_over_mean(rates: Floats) -> float:
    """Return the worst group's rate over the arithmetic mean (NIST FRTE demographics page, "max/mean")."""
    return _ratio(float(np.max(rates)), float(np.mean(rates)))


def mxog(rates: Floats) -> float:
    """Return the worst group's rate over the geometric mean (ISO/IEC 19795-10:2024; NIST's MXOG)."""
    return _ratio(float(np.max(rates)), geometric_mean(rates))


def geometric_mean(rates: Floats) -> float:
    """Return the geometric mean; zero if one rate is."""
    return 0.0 if np.any(rates <= 0) else float(np.exp(np.mean(np.log(rates))))


def mean_absolute_log(rates: Floats) -> float:
    """Return the mean of |log10(rate / geometric mean)| (NIST FRTE demographics page)."""
    centre = geometric_mean(rates)
    return math.inf if centre == 0 else float(np.mean(np.abs(np.log10(rates / centre))))


def gini(rates: Floats) -> float:
    """Return the Gini coefficient with the correction n/(n-1) that NIST's tables have.

    NIST's page describes the mean absolute difference over the mean, and does not name the correction; its published
    figures hold only with it (Howard and others 2022, "Evaluating proposed fairness models", equation of GARBE).
    """
    n = rates.size
    return 0.0 if n < 2 else n / (n - 1) * gini_uncorrected(rates)


def gini_uncorrected(rates: Floats) -> float:
    """Return sum |xi - xj| / (2 n² mean)."""
    n, mean = rates.size, float(np.mean(rates))
    if mean == 0:
        return 0.0
    ordered = np.sort(rates)
    # Sum over pairs by rank: the i-th smallest is added i-1 times and taken away n-i times.
    spread = float(np.sum((2 * np.arange(1, n + 1) - n - 1) * ordered))
    return spread / (n * n * mean)


def fairness_discrepancy(fmr: Floats, fnmr: Floats, alpha: float = 0.5) -> float:
    """Return FDR = 1 - (alpha range(FMR) + (1 - alpha) range(FNMR)) (Pereira and Marcel 2021); 1 is equal."""
    return 1 - (alpha * float(np.ptp(fmr)) + (1 - alpha) * float(np.ptp(fnmr)))


def inequity_ratio(fmr: Floats, fnmr: Floats, alpha: float = 0.5) -> float:
    """Return IR = (max/min FMR)^alpha (max/min FNMR)^(1 - alpha) (Grother 2021, NIST IR 8429); 1 is equal."""
    return float(max_over_min(fmr) ** alpha * max_over_min(fnmr) ** (1 - alpha))


def garbe(fmr: Floats, fnmr: Floats, alpha: float = 0.5) -> float:
    """Return GARBE = alpha Gini(FMR) + (1 - alpha) Gini(FNMR) (Howard and others 2022); 0 is equal."""
    return alpha * gini(fmr) + (1 - alpha) * gini(fnmr)


def _ratio(top: float, bottom: float) -> float:
    if bottom == 0:
        return math.nan if top == 0 else math.inf
    return top / bottom


# What a rate's differentials are summarised by, in the order in which they are shown, each with its source.
SUMMARIES = {
    "max_over_min": (max_over_min, "NIST FRTE demographics page, max/min"),
    "max_over_mean": (max_over_mean, "NIST FRTE demographics page, max/mean"),
    "mxog": (mxog, "ISO/IEC 19795-10:2024, maximum over geometric mean"),
    "mean_absolute_log10": (mean_absolute_log, "NIST FRTE demographics page, mean |log10(rate/geometric mean)|"),
    "gini": (gini, "ISO/IEC 19795-10:2024, Gini with the n/(n-1) correction"),
}
