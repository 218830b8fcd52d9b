"""Accounts to review: outliers among user tokens by robust statistics. No token leaves; only how many there are."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from custodiet.access_log.statistics import binomial_tail, discoveries, median, upper_tail

# An account of fewer searches says too little; fewer accounts give no spread to compare with.
LEAST_SEARCHES = 20
LEAST_ACCOUNTS = 5
FALSE_DISCOVERIES = 0.05
# The median absolute deviation of a normal distribution, in standard deviations (Rousseeuw and Croux 1993).
MAD_OF_NORMAL = 0.6745


def screen_accounts(rows: Sequence[Mapping[str, Any]]) -> dict[str, int | None]:
    """Return how many accounts there are, were tested, and are candidates: by volume, and as shared by several people."""
    tested = [row for row in rows if row["n"] >= LEAST_SEARCHES]
    found: dict[str, int | None] = {
        "accounts": len(rows), "tested": len(tested), "volume_candidates": None, "shared_candidates": None,
    }  # fmt: skip
    if len(tested) < LEAST_ACCOUNTS:
        return found
    rates = [math.log(float(row["n"]) / row["days"]) for row in tested]
    centre = median(rates)
    spread = median([abs(rate - centre) for rate in rates]) / MAD_OF_NORMAL
    if spread > 0:
        p_values = [upper_tail((rate - centre) / spread) for rate in rates]
        found["volume_candidates"] = sum(discoveries(p_values, FALSE_DISCOVERIES))
    days = sum(row["days"] for row in tested)
    # One more of each, so that a log without a single long day has a rate all the same.
    pooled = (sum(row["long_days"] for row in tested) + 1) / (days + 1)
    p_values = [binomial_tail(row["long_days"], row["days"], pooled) for row in tested]
    found["shared_candidates"] = sum(discoveries(p_values, FALSE_DISCOVERIES))
    return found
