"""Differentials of rates that were measured by group, with intervals from the groups' own draws."""

from collections.abc import Sequence

import numpy as np

from custodiet.bench.arrays import Floats
from custodiet.bench.differentials import SUMMARIES, fairness_discrepancy, garbe, inequity_ratio
from custodiet.bench.intervals import DRAWS
from custodiet.bench.measure import Measure

TOGETHER = {
    "fdr": (fairness_discrepancy, "FDR, Pereira and Marcel 2021, alpha 0.5; 1 is equal"),
    "inequity_ratio": (inequity_ratio, "inequity ratio, Grother 2021 (NIST IR 8429), alpha 0.5; 1 is equal"),
    "garbe": (garbe, "GARBE, Howard and others 2022, alpha 0.5; 0 is equal"),
}


def differ(measures: Sequence[Measure], by: str, *, seed: int = 0, draws: int = DRAWS) -> list[Measure]:
    """Return how one rate differs between its groups: each of SUMMARIES, with draws of it.

    `measures` are the rate of each group. A group without a trial has no rate; it is named in the conditions, and the
    summaries are of the others. With fewer than two groups there is nothing to compare.
    """
    known = [each for each in measures if each.value is not None]
    absent = [each.group for each in measures if each.value is None]
    if len(known) < 2:
        return []
    rates = np.array([each.value for each in known], dtype=float)
    drawn = _draws(known, seed, draws)
    conditions = {**known[0].conditions, "by": by, "groups": len(known), "groups_without_trials": ", ".join(absent) or None}
    trials = sum(each.trials or 0 for each in known)
    return [
        Measure(
            name=f"{known[0].name}_{name}",
            value=function(rates),
            draws=_summarise(function, drawn),
            drawn=_describe(known),
            definition=source,
            group=by,
            by=by,
            trials=trials,
            conditions=conditions,
        )
        for name, (function, source) in SUMMARIES.items()
    ]


def differ_together(
    fmr: Sequence[Measure], fnmr: Sequence[Measure], by: str, *, seed: int = 0, draws: int = DRAWS
) -> list[Measure]:
    """Return the differentials of FMR and FNMR together, over the groups that have both."""
    by_group = {each.group: each for each in fnmr if each.value is not None}
    pairs = [(each, by_group[each.group]) for each in fmr if each.value is not None and each.group in by_group]
    if len(pairs) < 2:
        return []
    first = np.array([one.value for one, _ in pairs], dtype=float)
    second = np.array([other.value for _, other in pairs], dtype=float)
    drawn = (_draws([one for one, _ in pairs], seed, draws), _draws([other for _, other in pairs], seed + 1, draws))
    return [
        Measure(
            name=name,
            value=function(first, second),
            definition=source,
            group=by,
            by=by,
            draws=np.array([function(one, other) for one, other in zip(*drawn, strict=True)]),
            drawn=_describe([each for pair in pairs for each in pair]),
            conditions={**pairs[0][0].conditions, "by": by, "groups": len(pairs)},
        )
        for name, (function, source) in TOGETHER.items()
    ]


def _summarise(function: object, drawn: Floats) -> Floats:
    assert callable(function)
    return np.array([function(row) for row in drawn], dtype=float)


def _draws(measures: Sequence[Measure], seed: int, draws: int) -> Floats:
    """Return a table of draws by groups; those not resampled, or without a hit, come from their Jeffreys posterior."""
    size = min([each.draws.size for each in measures if each.draws is not None] or [draws])
    table = np.empty((size, len(measures)))
    generator = np.random.default_rng(seed)
    for place, each in enumerate(measures):
        hits, trials = each.hits or 0, each.trials or 0
        if _is_resampled(each):
            assert each.draws is not None
            # Groups' draws share a seed; mixed, they are independent.
            table[:, place] = generator.permutation(each.draws)[:size]
        else:
            table[:, place] = generator.beta(hits + 0.5, trials - hits + 0.5, size)
    return table[~np.isnan(table).any(axis=1)]


def _is_resampled(measure: Measure) -> bool:
    return measure.draws is not None and 0 < (measure.hits or 0) < (measure.trials or 0)


def _describe(measures: Sequence[Measure]) -> str:
    """Return in words what draws of several groups are of."""
    resampled = [_is_resampled(each) for each in measures]
    if all(resampled):
        return "bootstrap of subjects in each group"
    return (
        "bootstrap of subjects, or Jeffreys posterior, in each group"
        if any(resampled)
        else "Jeffreys posterior of each group"
    )
