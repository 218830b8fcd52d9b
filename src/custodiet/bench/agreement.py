"""Do people who judge the same items agree? Cohen, Fleiss, Krippendorff, and Gwet's AC1.

Ratings are a table of judges by items of category codes (numbers); NaN is no judgement.
"""

from typing import Literal

import numpy as np

from custodiet.bench.arrays import Floats

Level = Literal["nominal", "ordinal", "interval", "ratio"]


def cohen_kappa(table: Floats, weights: Literal["none", "linear", "quadratic"] = "none") -> float:
    """Return Cohen's kappa of a square table of counts: one judge's categories by the other's (Cohen 1960, 1968)."""
    share = table / table.sum()
    expected = np.outer(share.sum(axis=1), share.sum(axis=0))
    place = np.arange(len(table))
    distance = np.abs(place[:, None] - place[None, :]).astype(float)
    cost = {"none": (distance > 0).astype(float), "linear": distance, "quadratic": distance**2}[weights]
    bottom = float((cost * expected).sum())
    return 1.0 if bottom == 0 else 1 - float((cost * share).sum()) / bottom


def scott_pi(table: Floats) -> float:
    """Return Scott's pi of a square table of counts: chance by both judges' categories together (Scott 1955)."""
    share = table / table.sum()
    chance = float(np.sum(((share.sum(axis=0) + share.sum(axis=1)) / 2) ** 2))
    return 1.0 if chance == 1 else (float(np.trace(share)) - chance) / (1 - chance)


def cross_tabulate(first: Floats, second: Floats) -> Floats:
    """Return the square table of counts of two judges over the items that both judged."""
    both = ~(np.isnan(first) | np.isnan(second))
    categories = np.unique(np.concatenate([first[both], second[both]]))
    table = np.zeros((categories.size, categories.size))
    np.add.at(table, (np.searchsorted(categories, first[both]), np.searchsorted(categories, second[both])), 1)
    return table


def counts_by_item(ratings: Floats) -> tuple[Floats, Floats]:
    """Return a table of items by categories of how many judges chose each, and the categories."""
    known = ~np.isnan(ratings)
    categories = np.unique(ratings[known])
    counts = np.stack([np.sum(ratings == category, axis=0) for category in categories], axis=1)
    return counts.astype(float), categories


def fleiss_kappa(counts: Floats) -> float:
    """Return Fleiss' kappa of items by categories; every item has the same number of judgements (Fleiss 1971)."""
    judges = counts.sum(axis=1)
    if not np.all(judges == judges[0]) or judges[0] < 2:
        raise ValueError("every item needs the same number of judgements, and at least two")
    within = float(np.mean((np.sum(counts**2, axis=1) - judges) / (judges * (judges - 1))))
    share = counts.sum(axis=0) / counts.sum()
    chance = float(np.sum(share**2))
    return 1.0 if chance == 1 else (within - chance) / (1 - chance)


def krippendorff_alpha(ratings: Floats, level: Level = "nominal") -> float:
    """Return Krippendorff's alpha of judges by items (Krippendorff 2011, "Computing Krippendorff's alpha-reliability").

    Items with fewer than two judgements do not count.
    """
    counts, categories = counts_by_item(ratings)
    counts = counts[counts.sum(axis=1) >= 2]
    judges = counts.sum(axis=1)
    coincidence = (counts / (judges - 1)[:, None]).T @ counts
    coincidence -= np.diag((counts / (judges - 1)[:, None]).sum(axis=0))
    totals = coincidence.sum(axis=1)
    distance = _distance(level, categories, totals)
    expected = np.outer(totals, totals) - np.diag(totals)
    bottom = float((expected * distance).sum())
    observed = float((coincidence * distance).sum())
    return 1.0 if bottom == 0 else 1 - (totals.sum() - 1) * observed / bottom


def _distance(level: Level, values: Floats, totals: Floats) -> Floats:
    first, second = values[:, None], values[None, :]
    if level == "nominal":
        return np.asarray(first != second, dtype=float)
    if level == "interval":
        return np.asarray((first - second) ** 2)
    if level == "ratio":
        both = first + second
        return np.asarray(np.divide(first - second, both, out=np.zeros_like(both), where=both != 0) ** 2)
    # Ordinal: how many judgements lie between two categories, each end counted half.
    reach = np.cumsum(totals)
    between = (
        np.abs(reach[:, None] - reach[None, :]) - (totals[None, :] - totals[:, None]) * np.where(second > first, 1, -1) / 2
    )
    np.fill_diagonal(between, 0)
    return np.asarray(between**2)


def gwet_ac1(ratings: Floats) -> float:
    """Return Gwet's AC1 of judges by items (Gwet 2008), which does not collapse where one category dominates.

    Agreement is over items with two judgements or more; chance is over all judged items.
    """
    counts, categories = counts_by_item(ratings)
    judges = counts.sum(axis=1)
    several = judges >= 2
    within = np.sum(counts * (counts - 1), axis=1)[several] / (judges * (judges - 1))[several]
    share = np.mean(counts[judges > 0] / judges[judges > 0][:, None], axis=0)
    chance = float(np.sum(share * (1 - share))) / max(categories.size - 1, 1)
    return (float(np.mean(within)) - chance) / (1 - chance)
