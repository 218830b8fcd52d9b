"""A measure: a figure with its n, its interval, its definition, and the conditions without which it means nothing."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from custodiet.bench.arrays import Floats
from custodiet.bench.intervals import (
    binomial_interval,
    lower_bound,
    normal_quantile,
    percentile_interval,
    quantile,
    upper_bound,
)

BINOMIAL = "exact binomial, which takes the trials for independent"
ALL = "all"


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One figure of one group.

    `hits` out of `trials` where it is a share; `draws` are resampled values where it was resampled. `subjects` is how many
    different subjects stand behind it, where they are known.
    """

    name: str
    value: float | None
    definition: str
    group: str = ALL
    # The division that the group belongs to ("sex"), and whether a trial is of two subjects.
    by: str | None = None
    is_paired: bool = False
    hits: int | None = None
    trials: int | None = None
    subjects: int | None = None
    draws: Floats | None = None
    # What the draws are of, where it is neither subjects nor rows.
    drawn: str | None = None
    # The standard error, where the interval is value ± z standard errors of a share.
    normal_se: float | None = None
    conditions: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_share(self) -> bool:
        """Whether it is hits out of trials."""
        return self.hits is not None and self.trials is not None

    @property
    def _resampled(self) -> Floats | None:
        # With no hit, or nothing but hits, every draw is the same: that says nothing, and the exact bound does.
        if self.draws is None or (self.is_share and self.hits in (0, self.trials)):
            return None
        return self.draws

    def interval(self, confidence: float = 0.95) -> tuple[float, float, str] | None:
        """Return the two-sided interval and how it was found, or None where there is none."""
        if self._resampled is not None:
            found = percentile_interval(self._resampled, confidence, self._method)
            # Draws of a ratio or a gap lean high, and a group without an error is drawn with one: what was seen is possible.
            own = found.low if self.value is None or math.isnan(self.value) else self.value
            return min(found.low, own), max(found.high, own), found.method
        if self.value is not None and self.normal_se is not None:
            half = normal_quantile(confidence) * self.normal_se
            return max(0.0, self.value - half), min(1.0, self.value + half), "normal, by the estimator's standard error"
        if self.hits is not None and self.trials:
            exact = binomial_interval(self.hits, self.trials, confidence)
            return exact.low, exact.high, BINOMIAL
        return None

    def describe_interval(self, confidence: float = 0.95) -> str | None:
        """Return in words what the interval is, or None where there is none."""
        interval = self.interval(confidence)
        return f"{confidence * 100:g} %, {interval[2]}" if interval else None

    @property
    def _method(self) -> str:
        draws = 0 if self.draws is None else self.draws.size
        drawn = self.drawn or f"bootstrap of {'subjects' if self.subjects else 'rows'}"
        return f"{drawn}, {draws:,} draws"

    def bound(self, confidence: float, *, upper: bool) -> float | None:
        """Return a one-sided bound: the further of the resampled and, for a share, the exact one; or None."""
        found = []
        if self._resampled is not None:
            known = self._resampled[~np.isnan(self._resampled)]
            if known.size:
                found.append(quantile(known, confidence if upper else 1 - confidence))
                found += [] if self.value is None or math.isnan(self.value) else [self.value]
        if self.value is not None and self.normal_se is not None:
            # One-sided at c is two-sided at 2c - 1.
            half = normal_quantile(2 * confidence - 1) * self.normal_se
            found.append(min(1.0, self.value + half) if upper else max(0.0, self.value - half))
        if self.hits is not None and self.trials:
            exact = upper_bound if upper else lower_bound
            found.append(exact(self.hits, self.trials, confidence))
        if not found:
            return None
        return max(found) if upper else min(found)

    def as_data(self, confidence: float = 0.95) -> dict[str, Any]:
        """Return the measure as plain data, with its interval at a confidence."""
        interval = self.interval(confidence)
        exact = binomial_interval(self.hits, self.trials, confidence) if self.hits is not None and self.trials else None
        return {
            "measure": self.name,
            "group": self.group,
            "by": self.by,
            "value": plain(self.value),
            "low": plain(interval[0]) if interval else None,
            "high": plain(interval[1]) if interval else None,
            "confidence": confidence if interval else None,
            "interval": interval[2] if interval else None,
            "binomial_low": exact.low if exact else None,
            "binomial_high": exact.high if exact else None,
            "hits": self.hits,
            "trials": self.trials,
            "subjects": self.subjects,
            "conditions": {name: plain(value) for name, value in self.conditions.items()},
            "definition": self.definition,
        }


def share(name: str, hits: int, trials: int, definition: str, **more: Any) -> Measure:
    """Return a measure that is hits out of trials; without trials it has no value."""
    value = hits / trials if trials else None
    return Measure(name=name, value=value, hits=int(hits), trials=int(trials), definition=definition, **more)


def divided(measures: Sequence[Measure], by: str) -> list[Measure]:
    """Return measures marked as belonging to a division of the rows."""
    return [measure if by == ALL else replace(measure, by=by) for measure in measures]


def plain(value: Any) -> Any:
    """Return a value as JSON has it: infinities as words, numpy's numbers as Python's."""
    if isinstance(value, np.generic):
        value = value.item()
    return str(value) if isinstance(value, float) and not np.isfinite(value) else value
