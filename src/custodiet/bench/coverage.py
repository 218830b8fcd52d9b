"""The share of people whom several data sources reach together: if independent, at least, at most, under a correlation.

The shares of single sources do not say how they overlap. Without knowing that, all that holds are the bounds of Fréchet and
Boole: at least the largest share, at most their sum.
"""

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from custodiet.bench.arrays import Floats
from custodiet.bench.latent import factor_nodes


@dataclass(frozen=True)
class Reach:
    """The share reached by at least one source: bounds that always hold, and the figure that independence would give."""

    low: float
    high: float
    independent: float


def reach_any(shares: Floats) -> Reach:
    """Return the share reached by at least one of the sources (Fréchet 1935; Rüschendorf 1981)."""
    with np.errstate(divide="ignore"):
        # In logarithms tiny shares keep their digits; a source that reaches everybody gives minus infinity, which is right.
        independent = float(-np.expm1(np.sum(np.log1p(-shares))))
    return Reach(float(np.max(shares)), min(1.0, math.fsum(shares)), independent)


def reach_all(shares: Floats) -> Reach:
    """Return the share reached by every one of the sources."""
    low = max(0.0, math.fsum(shares) - (len(shares) - 1))
    return Reach(low, float(np.min(shares)), float(np.prod(shares)))


def reach_any_correlated(shares: Floats, correlation: float) -> float:
    """Return the share reached by at least one source when every pair of sources has one latent correlation, from 0 to 1.

    A Gaussian copula with one factor: each source reaches those whose latent normal lies below its share's quantile.
    Correlation 0 is independence; at 1 the sources reach the same people, and the largest share is left.
    """
    from scipy.special import log_ndtr, ndtri  # noqa: PLC0415

    if not 0 <= correlation <= 1:
        raise ValueError("a correlation that all pairs share is from 0 to 1")
    if correlation == 1:
        return float(np.max(shares))
    nodes, weights = factor_nodes(correlation)
    edges = ndtri(shares)
    missed = log_ndtr(-(edges[:, None] - math.sqrt(correlation) * nodes) / math.sqrt(1 - correlation))
    found = float(1 - weights @ np.exp(missed.sum(axis=0)))
    # Next to a correlation of 1 the integrand is a step, and the sum over nodes is off in the fourth digit. What it stands
    # for lies between the largest share and independence (Slepian 1962).
    bounds = reach_any(shares)
    return min(max(found, bounds.low), bounds.independent)


def pairwise_bounds(shares: Floats, overlaps: dict[tuple[int, int], float]) -> tuple[float, float]:
    """Return bounds on the share reached by at least one source when overlaps of pairs are known.

    The sharp bounds are a linear programme over the 2^n groups of people that the sources tell apart (Hailperin 1965).

    Raises:
        ValueError: no population has these shares and overlaps.

    """
    from scipy.optimize import linprog  # noqa: PLC0415

    n = len(shares)
    cells = np.array([[cell >> source & 1 for cell in range(2**n)] for source in range(n)], dtype=float)
    rows, sides = [np.ones(2**n), *cells], [1.0, *map(float, shares)]
    for (one, other), share in sorted(overlaps.items()):
        rows.append(cells[one] * cells[other])
        sides.append(share)
    reached = (cells.sum(axis=0) > 0).astype(float)
    found = [linprog(sign * reached, A_eq=np.array(rows), b_eq=sides, bounds=(0, 1)) for sign in (1, -1)]
    if any(result.status for result in found):
        raise ValueError("no population has these shares and overlaps")
    return float(found[0].fun), float(-found[1].fun)


def overlap_of(shares: Floats, phi: float) -> dict[tuple[int, int], float]:
    """Return the overlap of every pair of sources that has the correlation phi (of the two yes-or-no facts)."""
    return {
        (one, other): shares[one] * shares[other]
        + phi * math.sqrt(shares[one] * (1 - shares[one]) * shares[other] * (1 - shares[other]))
        for one, other in combinations(range(len(shares)), 2)
    }
