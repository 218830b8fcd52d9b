"""Gates: claims about a system, held against what a test showed. The bound of confidence must meet the claim, not the figure.

For a claim of at most b: *pass* if the one-sided upper bound is at most b; *fail* if the measured value is above b; else
*insufficient*: the value meets it, and the sample is too small to show it. A sample in which not even a spotless result could
have passed is insufficient whatever its value, unless the lower bound alone is above b. Claims of at least b mirror this.
Every group that the claim names, and every one that the test has, gets an outcome.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from custodiet.bench import nist
from custodiet.bench.intervals import errors_for, lower_bound, rule_of_three, upper_bound
from custodiet.bench.measure import ALL, Measure, plain
from custodiet.model.errors import InputError
from custodiet.sources.forms import read_form

GateOutcome = Literal["pass", "fail", "insufficient"]
# No search for a sufficient sample goes beyond this.
MOST_TRIALS = 10**12


class Strict(BaseModel):
    """A frozen part of a gate that refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NistBound(Strict):
    """A bound taken from NIST's published tables: a quantile of the algorithms there."""

    nist: str
    quantile: Annotated[float, Field(ge=0, le=1)] = 0.5

    @model_validator(mode="after")
    def _is_in_a_table(self) -> Self:
        if self.nist not in nist.TABLES:
            raise ValueError(f"NIST's tables have no {self.nist!r}; there are {', '.join(nist.TABLES)}")
        return self


class Claim(Strict):
    """One claim: a measure, of all, of one group or of each of a division, at most or at least a bound, at a confidence."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    measure: str
    # "all", or a group as the report names it ("sex=F").
    group: str | None = None
    # Or every group of this division ("sex", "sex+region"); `groups` are those that must be there.
    each: str | None = None
    groups: tuple[str, ...] = ()
    # Conditions that choose among measures of one name: target_fmr, threshold, radius_m, safeguards, ...
    where: dict[str, str] = Field(default_factory=dict)
    at_most: float | NistBound | None = None
    at_least: float | NistBound | None = None
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    says: str

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.at_most is None) == (self.at_least is None):
            raise ValueError("write at_most or at_least, one of them")
        if self.group is not None and self.each is not None:
            raise ValueError("write group or each, not both")
        if self.groups and self.each is None:
            raise ValueError("groups are those of a division; name it with each")
        return self


class Gate(Strict):
    """A gate file: what is tested, with which verb, and what is claimed of it."""

    title: str
    test: Literal["faces", "linkage", "places", "confidence", "cascade", "coverage", "feedback"]
    system: str | None = None
    claims: Annotated[list[Claim], Field(min_length=1)]

    @model_validator(mode="after")
    def _has_each_id_once(self) -> Self:
        ids = [claim.id for claim in self.claims]
        if twice := [name for name in ids if ids.count(name) > 1]:
            raise ValueError(f"the claim {twice[0]!r} stands twice")
        return self


def read_gate(path: Path) -> Gate:
    """Read a gate from YAML.

    Raises:
        InputError: the file can't be read, or what is in it does not hold together.

    """
    try:
        return Gate.model_validate(read_form(path, "gate", "a gate file (docs/bench.md has the form)"))
    except ValidationError as error:
        # A union tells of each of its forms; what our own checks say is what helps.
        first = next((each for each in error.errors() if each["type"] == "value_error"), error.errors()[0])
        where = ".".join(str(part) for part in first["loc"]) or "gate"
        raise InputError(
            f"{path.name}, {where}: {first['msg'].removeprefix('Value error, ')}; mend the gate there."
        ) from None


@dataclass(frozen=True)
class Held:
    """A claim held against one group's measure."""

    claim: Claim
    group: str
    outcome: GateOutcome
    reason: str
    measure: Measure | None
    bound: float
    limit: float | None
    more_subjects: int | None = None
    more_trials: int | None = None

    def as_data(self, gate: Gate) -> dict[str, Any]:
        """Return the outcome as plain data."""
        measure = self.measure
        return {
            "gate": gate.title, "system": gate.system, "claim": self.claim.id, "says": self.claim.says,
            "measure": self.claim.measure, "group": self.group, "outcome": self.outcome, "reason": self.reason,
            "value": plain(measure.value) if measure else None,
            "bound": plain(self.limit), "claimed": self.bound,
            "direction": "at most" if self.claim.at_most is not None else "at least",
            "confidence": self.claim.confidence,
            "n": (measure.trials if measure else 0), "subjects": measure.subjects if measure else None,
            "more_subjects": self.more_subjects, "more_trials": self.more_trials,
            "conditions": {name: plain(value) for name, value in measure.conditions.items()} if measure else {},
        }  # fmt: skip


def hold(gate: Gate, verb: str, measures: Sequence[Measure], nist_folder: Path | None = None) -> list[Held]:
    """Return the outcome of every claim for every group that it is about, in the file's order.

    Raises:
        InputError: the gate is for another test, a bound needs NIST's tables, or nothing that was measured has a claim's
        name.

    """
    if gate.test != verb:
        raise InputError(f"The gate {gate.title!r} is for `bench {gate.test}`; hold it against that, not against `{verb}`.")
    found = []
    for claim in gate.claims:
        bound = _bound(claim, nist_folder)
        for group, measure in _groups(claim, measures):
            found.append(_hold(claim, group, measure, bound))
    return found


def _bound(claim: Claim, folder: Path | None) -> float:
    bound = claim.at_most if claim.at_most is not None else claim.at_least
    if not isinstance(bound, NistBound):
        assert bound is not None
        return bound
    if folder is None:
        raise InputError(f"The claim {claim.id!r} is about NIST's figures; give the folder of their tables with `--nist`.")
    return float(np.quantile(nist.read_figures(bound.nist, folder), bound.quantile))


def _groups(claim: Claim, measures: Sequence[Measure]) -> list[tuple[str, Measure | None]]:
    named = [m for m in measures if m.name == claim.measure]
    if not named:
        names = ", ".join(dict.fromkeys(m.name for m in measures))
        raise InputError(f"The claim {claim.id!r} is about {claim.measure!r}, which was not measured; there are {names}.")
    chosen = [m for m in named if all(_is_same(m.conditions.get(name), value) for name, value in claim.where.items())]
    if not chosen:
        stated = ", ".join(f"{name} {value}" for name, value in claim.where.items())
        raise InputError(f"The claim {claim.id!r} is about {claim.measure!r} where {stated}; no measure was made there.")
    if claim.each is None:
        group = claim.group or ALL
        own: list[tuple[str, Measure | None]] = [(m.group, m) for m in chosen if m.group == group]
        found = own or [(group, None)]
    else:
        # Differentials bear their division's name as their group: they are no group of it.
        found = [(m.group, m) for m in chosen if m.by == claim.each and m.group != claim.each]
        there = {group for group, _ in found}
        found += [(group, None) for group in claim.groups if group not in there]
        if not found:
            found = [(f"{claim.each} (no group)", None)]
    repeated = [group for group, _ in found if [g for g, _ in found].count(group) > 1]
    if repeated:
        raise InputError(
            f"The claim {claim.id!r} fits several measures of {repeated[0]!r}; choose one with `where`, such as its "
            "threshold or target."
        )
    return found


def _is_same(have: object, want: str) -> bool:
    if isinstance(have, int | float) and not isinstance(have, bool):
        try:
            return math.isclose(float(want), have, rel_tol=1e-9)
        except ValueError:
            return False
    return str(have) == want


def _hold(claim: Claim, group: str, measure: Measure | None, bound: float) -> Held:
    if measure is None:
        return Held(claim, group, "insufficient", f"{group}: n = 0; nothing was measured of this group", None, bound, None)
    at_most = claim.at_most is not None
    value = measure.value
    limit = measure.bound(claim.confidence, upper=at_most)
    if value is None or math.isnan(value):
        return Held(
            claim, group, "insufficient", f"{group}: n = {measure.trials or 0}; there is no figure", measure, bound, None
        )
    said = f"{group}: {measure.name} {value:.4g}, n = {measure.trials or 0:,}"
    if measure.subjects:
        said += f" of {measure.subjects:,} subjects"
    if limit is None:
        if measure.trials is None and measure.draws is None and measure.conditions.get("exact"):
            met = value <= bound if at_most else value >= bound
            return Held(claim, group, "pass" if met else "fail", f"{said}; reckoned, not sampled", measure, bound, value)
        return Held(claim, group, "insufficient", f"{said}; it has no interval", measure, bound, None)
    side = "upper" if at_most else "lower"
    said += f"; {side} bound {limit:.4g} at {claim.confidence:.0%}, claimed {'at most' if at_most else 'at least'} {bound:g}"
    if (limit <= bound) if at_most else (limit >= bound):
        return Held(claim, group, "pass", said, measure, bound, limit)
    return _not_shown(claim, group, measure, bound, limit, said)


def _not_shown(claim: Claim, group: str, measure: Measure, bound: float, limit: float, said: str) -> Held:
    at_most = claim.at_most is not None
    value = float(measure.value or 0)
    other = measure.bound(claim.confidence, upper=not at_most)
    beyond = other is not None and (other > bound if at_most else other < bound)
    missed = value > bound if at_most else value < bound
    if beyond:
        return Held(claim, group, "fail", f"{said}; beyond chance", measure, bound, limit)
    if math.isinf(value):
        why = f"{said}; a group without an error makes the ratio infinite, and the sample is too small to tell"
        return Held(claim, group, "insufficient", why, measure, bound, limit)
    spotless = _spotless_bound(measure, claim.confidence, upper=at_most)
    if spotless is not None and (spotless > bound if at_most else spotless < bound):
        # A rate that is beyond the bound would never pass; what is reckoned then is the least that any system needs.
        rate = (0.0 if at_most else 1.0) if missed else value
        more, subjects = _needed(measure, rate, bound, claim.confidence, upper=at_most)
        why = f"{said}; so small a sample could not have passed{_more(measure, more, subjects, rate)}"
        return Held(claim, group, "insufficient", why, measure, bound, limit, subjects, more)
    if missed:
        return Held(claim, group, "fail", f"{said}; not beyond what chance could do", measure, bound, limit)
    more, subjects = _needed(measure, value, bound, claim.confidence, upper=at_most)
    why = f"{said}; the figure meets the claim and the sample does not show it{_more(measure, more, subjects, value)}"
    return Held(claim, group, "insufficient", why, measure, bound, limit, subjects, more)


def _spotless_bound(measure: Measure, confidence: float, *, upper: bool) -> float | None:
    """Return the bound that this sample would have had without an error."""
    if not measure.is_share or not measure.trials:
        return None
    return upper_bound(0, measure.trials, confidence) if upper else lower_bound(measure.trials, measure.trials, confidence)


def _more(measure: Measure, trials: int | None, subjects: int | None, rate: float) -> str:
    if trials is None:
        return ""
    condition = "if the rate stays" if rate == measure.value else "without any error"
    text = f"; about {trials:,} more trials would do {condition}"
    if subjects is not None:
        text += f" (about {subjects:,} more subjects)"
    if measure.hits is not None and measure.value:
        text += f"; the rule of 30 asks {errors_for(0.3)} errors, and {measure.hits} were seen"
    return text


def _needed(
    measure: Measure, rate: float, bound: float, confidence: float, *, upper: bool
) -> tuple[int | None, int | None]:  # fmt: skip
    """Return about how many more trials and subjects would show the claim if the rate stays as it is; None if none would.

    Trials are first counted as if independent (with no error, by the rule of 3), then stretched by how much wider the
    resampled
    interval is than the binomial one.
    """
    if not measure.is_share or not measure.trials or (rate >= bound if upper else rate <= bound):
        return None, None
    error_rate, error_bound = (rate, bound) if upper else (1 - rate, 1 - bound)
    if error_bound <= 0:
        return None, None
    needed = rule_of_three(error_bound, confidence) if error_rate == 0 else _search(error_rate, error_bound, confidence)
    if needed is None:
        return None, None
    p, n = float(measure.value or 0), measure.trials
    stretch = 1.0
    if measure.draws is not None and 0 < p < 1:
        stretch = max(1.0, float(np.nanvar(measure.draws)) / (p * (1 - p) / n))
    total = needed * stretch
    subjects = None
    if measure.subjects:
        grown = total / n
        subjects = math.ceil(measure.subjects * (math.sqrt(grown) if measure.is_paired else grown)) - measure.subjects
    return max(math.ceil(total) - n, 1), None if subjects is None else max(subjects, 1)


def _search(rate: float, bound: float, confidence: float) -> int | None:
    low, high = 1, 2
    while upper_bound(math.ceil(rate * high), high, confidence) > bound:
        low, high = high, high * 2
        if high > MOST_TRIALS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        if upper_bound(math.ceil(rate * middle), middle, confidence) > bound:
            low = middle
        else:
            high = middle
    return high
