"""The few statistics that measures need."""

import math
from collections.abc import Sequence

# The 97.5th percentile of the standard normal distribution.
Z = 1.959963984540054


def wilson(found: int, n: int) -> list[float]:
    """Return the 95 % score interval of a share (Wilson 1927): as if the log were a sample of how the agency searches."""
    share = found / n
    centre = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
    return [max(0.0, centre - half), min(1.0, centre + half)]


def upper_tail(z: float) -> float:
    """Return the chance that a standard normal exceeds z."""
    return math.erfc(z / math.sqrt(2)) / 2


def binomial_tail(k: int, n: int, p: float) -> float:
    """Return the chance of k or more of n at p each."""
    if k <= 0:
        return 1.0
    if p <= 0 or p >= 1:
        return 0.0 if p <= 0 else 1.0
    logs = [
        math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) + i * math.log(p) + (n - i) * math.log1p(-p)
        for i in range(k, n + 1)
    ]
    return min(1.0, math.fsum(math.exp(one) for one in logs))


def discoveries(p_values: Sequence[float], rate: float) -> list[bool]:
    """Tell which p-values are discoveries at a false discovery rate (Benjamini and Hochberg 1995)."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    cut = max((rank for rank, i in enumerate(order, start=1) if p_values[i] <= rate * rank / len(p_values)), default=0)
    chosen = set(order[:cut])
    return [i in chosen for i in range(len(p_values))]


def median(values: Sequence[float]) -> float:
    """Return the median of values, of which there is at least one."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
