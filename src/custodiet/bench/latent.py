"""Facts that go together through one latent normal factor: how to integrate over it."""

import math

import numpy as np

from custodiet.bench.arrays import Floats

REACH = 8.5
MOST_NODES = 20_001


def factor_nodes(correlation: float) -> tuple[Floats, Floats]:
    """Return values of a standard normal factor and their weights, fine enough for a latent correlation from 0 to below 1.

    Given the factor, a fact flips within a width of sqrt((1 - correlation)/correlation): the trapezoidal rule, which for
    smooth
    functions of a normal is exact to the last digits, takes at least two steps in it.
    """
    width = math.sqrt((1 - correlation) / correlation) if correlation else math.inf
    count = min(2 * math.ceil(REACH / min(0.5, width / 2)) + 1, MOST_NODES)
    nodes = np.linspace(-REACH, REACH, count)
    weights = np.exp(-(nodes**2) / 2)
    return nodes, weights / weights.sum()
