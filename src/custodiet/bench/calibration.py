"""Is a confidence a probability? Reliability, ECE, a score without bins, Brier and its parts, and log loss.

`p` are confidences from 0 to 1; `y` is 1 where the claim held, else 0.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from custodiet.bench.arrays import Floats, Ints

# The grid on which the binning-free score is computed, and how finely its bandwidth is searched.
GRID = 200
WIDTH_STEPS = 10
SMALLEST_WIDTH = 0.001
# Log loss is finite only if nothing is certain; probabilities are kept this far from 0 and 1.
EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Bins:
    """A reliability diagram: of each bin that has a claim, how many, the mean confidence, and the share that held."""

    edges: Floats
    places: Ints
    counts: Ints
    confidence: Floats
    held: Floats


def reliability(y: Floats, p: Floats, bins: int = 15, strategy: Literal["uniform", "quantile"] = "uniform") -> Bins:
    """Return the reliability diagram. A bin has its right edge and not its left, save the first, which has both."""
    edges = np.linspace(0, 1, bins + 1)
    if strategy == "quantile":
        edges = np.quantile(p, edges)
    place = np.searchsorted(edges[1:-1], p, side="left")
    counts = np.bincount(place, minlength=bins)
    used = counts > 0
    confidence = np.bincount(place, p, minlength=bins)[used] / counts[used]
    held = np.bincount(place, y, minlength=bins)[used] / counts[used]
    return Bins(edges, np.flatnonzero(used), counts[used], confidence, held)


def by_claim(y: Floats, p: Floats) -> Bins:
    """Return the diagram with a bin for every confidence that was claimed; its edges are those confidences."""
    claimed, place, counts = np.unique(p, return_inverse=True, return_counts=True)
    return Bins(claimed, np.arange(claimed.size), counts, claimed, np.bincount(place, y) / counts)


def ece(table: Bins, norm: Literal["l1", "l2", "max"] = "l1") -> float:
    """Return the expected calibration error (Naeini and others 2015): the gaps of the bins, weighed by their counts.

    `l2` is the root of the mean square, `max` the largest gap (MCE). It depends on the bins: name their number with it.
    """
    gaps, share = np.abs(table.confidence - table.held), table.counts / table.counts.sum()
    if norm == "max":
        return float(gaps.max())
    return float(np.sqrt(share @ gaps**2)) if norm == "l2" else float(share @ gaps)


def brier(y: Floats, p: Floats) -> float:
    """Return the mean squared difference of confidence and truth (Brier 1950)."""
    return float(np.mean((p - y) ** 2))


def brier_parts(y: Floats, table: Bins) -> dict[str, float]:
    """Return reliability, resolution and uncertainty (Murphy 1973): Brier = reliability - resolution + uncertainty.

    The sum is exact where all claims of a bin have one confidence; `within` is what the binning leaves over otherwise, and
    is the caller's difference to make.
    """
    share, base = table.counts / table.counts.sum(), float(np.mean(y))
    return {
        "reliability": float(share @ (table.confidence - table.held) ** 2),
        "resolution": float(share @ (table.held - base) ** 2),
        "uncertainty": base * (1 - base),
    }


def log_loss(y: Floats, p: Floats) -> float:
    """Return the mean negative log likelihood, in nats; 0 and 1 are moved inwards by the machine's epsilon."""
    kept = np.clip(p, EPSILON, 1 - EPSILON)
    return float(-np.mean(y * np.log(kept) + (1 - y) * np.log1p(-kept)))


@dataclass(frozen=True)
class Smooth:
    """The smooth calibration error and the bandwidth at which it was read."""

    value: float
    width: float


def smooth_ece(y: Floats, p: Floats) -> Smooth:
    """Return smECE (Błasiok and Nakkiran 2023, "Smooth ECE", definition 1): no bins, and no width to choose.

    Residuals are smoothed by a Gaussian that is reflected at 0 and 1; the width is the one that equals the error itself,
    found by bisection in ten steps. Residuals are first put on a grid, by linear weights.
    """
    low, high = 0.0, 1.0
    for _ in range(WIDTH_STEPS):
        middle = (low + high) / 2
        if _is_wide_enough(y, p, middle):
            high = middle
        else:
            low = middle
    return Smooth(_smoothed_error(y, p, high), high)


def _is_wide_enough(y: Floats, p: Floats, width: float) -> bool:
    return width >= SMALLEST_WIDTH and width >= _smoothed_error(y, p, width)


def _smoothed_error(y: Floats, p: Floats, width: float) -> float:
    points = max(2000, round(20 / width)) // 2 + 1
    at = np.linspace(0, 1, max(round(10 / width), GRID))
    residual = _smooth(_spread(p, p - y, points), width, at)
    density = _smooth(_spread(p, np.ones_like(p), points), width, at) + 1e-4
    return float(np.sum(np.abs(residual)) / np.sum(density))


def _spread(p: Floats, weights: Floats, points: int) -> Floats:
    """Put weights on an even grid over [0, 1], each on its two neighbours by nearness."""
    place = p * (points - 1)
    left = np.minimum(place.astype(np.int64), points - 2)
    right = place - left
    grid = np.bincount(left, (1 - right) * weights, minlength=points)
    return np.asarray(grid + np.bincount(left + 1, right * weights, minlength=points))


def _smooth(grid: Floats, width: float, at: Floats) -> Floats:
    from scipy.signal import fftconvolve  # noqa: PLC0415

    points = grid.size
    t = np.linspace(0, 1, points)
    kernel = np.exp(-((t - 0.5) ** 2) / (2 * width * width)) / (np.sqrt(2 * np.pi) * width)
    mirrored = np.concatenate([grid[::-1][:-1], grid, grid[::-1][1:]])
    smooth = fftconvolve(mirrored, kernel, mode="valid")
    start = points // 2
    return np.asarray(np.interp(at, t, smooth[start : start + points]))
