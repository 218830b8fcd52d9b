"""Which input matters: Sobol indices of a vectorised model, by Saltelli's design.

First order after Saltelli and others 2010 (table 2, formula b), total after Jansen 1999 (formula f).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from custodiet.bench.arrays import Floats

Model = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Indices:
    """Per input: the share of variance that it explains alone, and with all its interactions. NaN if nothing varies."""

    first: Floats
    total: Floats


def sobol_indices(model: Model, inputs: int, *, power: int = 12, seed: int = 0) -> Indices:
    """Return the indices of a model of `inputs` independent uniform numbers.

    `model` takes a table of rows by inputs, each within (0, 1), and returns a number a row; it is asked for
    2^power (inputs + 2) rows.
    """
    from scipy.stats import qmc  # noqa: PLC0415

    points = qmc.Sobol(2 * inputs, scramble=True, rng=np.random.default_rng(seed)).random_base2(power)
    # A scrambled point may be 0, where a quantile would be infinite.
    points = np.clip(points, 1e-12, 1 - 1e-12)
    a, b = points[:, :inputs], points[:, inputs:]
    at_a, at_b = model(a), model(b)
    # Centred, the estimators do not drown in the square of a large mean.
    middle = float(np.mean(np.concatenate([at_a, at_b])))
    at_a, at_b = at_a - middle, at_b - middle
    variance = float(np.mean(np.concatenate([at_a, at_b]) ** 2))
    first, total = np.full(inputs, np.nan), np.full(inputs, np.nan)
    if variance > 0:
        for column in range(inputs):
            mixed = a.copy()
            mixed[:, column] = b[:, column]
            at_mixed = model(mixed) - middle
            first[column] = float(np.mean(at_b * (at_mixed - at_a))) / variance
            total[column] = float(np.mean((at_a - at_mixed) ** 2)) / 2 / variance
    return Indices(first, total)


def ishigami(rows: Floats, a: float = 7.0, b: float = 0.1) -> Floats:
    """Return the function of Ishigami and Homma 1990 of rows of three numbers within (0, 1); its indices are known."""
    x = np.pi * (2 * rows - 1)
    return np.asarray(np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0]))


def sobol_g(rows: Floats, a: Floats) -> Floats:
    """Return Sobol's g function of rows within (0, 1): the product of (|4x - 2| + a)/(1 + a)."""
    return np.asarray(np.prod((np.abs(4 * rows - 2) + a) / (1 + a), axis=1))
