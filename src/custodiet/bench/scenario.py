"""The scenario of a cascade: groups, how often steps err, what safeguards catch, each a distribution with its source."""

from pathlib import Path
from typing import Annotated, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from custodiet.bench.arrays import Floats
from custodiet.model.errors import InputError
from custodiet.model.plain_yaml import first_fault
from custodiet.sources.forms import read_form

Share = Annotated[float, Field(ge=0, le=1)]


class Strict(BaseModel):
    """A frozen part of a scenario that refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Distribution(Strict):
    """What is known of a share from 0 to 1.

    Counts (`hits` of `trials`) give the beta that they leave of a flat start (Bayes' rule); otherwise it is a triangle from
    `low` over `mode` to `high`, even between `low` and `high`, or one `value`.
    """

    hits: Annotated[float, Field(ge=0)] | None = None
    trials: Annotated[float, Field(gt=0)] | None = None
    low: Share | None = None
    mode: Share | None = None
    high: Share | None = None
    value: Share | None = None

    @model_validator(mode="after")
    def _is_one_form(self) -> Self:
        given = {name for name, value in self if value is not None}
        if given not in ({"hits", "trials"}, {"low", "high"}, {"low", "mode", "high"}, {"value"}):
            raise ValueError("write hits and trials, low and high (and mode), or value")
        if self.hits is not None and self.trials is not None and self.hits > self.trials:
            raise ValueError("more hits than trials")
        if self.low is not None and self.high is not None and not self.low <= (self.mode or self.low) <= self.high:
            raise ValueError("low, mode and high are not in this order")
        return self

    def quantile(self, at: Floats) -> Floats:
        """Return the values at these places from 0 to 1."""
        if self.value is not None:
            return np.full_like(at, self.value)
        if self.hits is not None and self.trials is not None:
            from scipy.special import betaincinv  # noqa: PLC0415

            return np.asarray(betaincinv(self.hits + 1, self.trials - self.hits + 1, at))
        assert self.low is not None
        assert self.high is not None
        span = self.high - self.low
        if self.mode is None or span == 0:
            return self.low + at * span
        peak = (self.mode - self.low) / span
        rising = self.low + np.sqrt(at * span * (self.mode - self.low))
        falling = self.high - np.sqrt((1 - at) * span * (self.high - self.mode))
        return np.asarray(np.where(at < peak, rising, falling))


class Parameter(Distribution):
    """A distribution, where it comes from, and how it differs by group. Without a source it must say that it is assumed."""

    source: str | None = None
    assumption: str | None = None
    by_group: dict[str, Distribution] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _has_an_origin(cls, raw: object) -> object:
        if isinstance(raw, dict) and bool(raw.get("source")) == bool(raw.get("assumption")):
            raise ValueError("write either its source, or that it is an assumption and why")
        return raw

    @model_validator(mode="after")
    def _is_one_form(self) -> Self:
        names = ("hits", "trials", "low", "mode", "high", "value")
        given = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        Distribution.model_validate(given)
        return self

    def of_group(self, group: str) -> Distribution:
        """Return the group's own distribution, or that of all."""
        return self.by_group.get(group, self)


class Group(Strict):
    """A group of the population, and how many people of it are looked for in a year."""

    name: str
    cases: Annotated[int, Field(ge=0)]


class Parameters(Strict):
    """How often each step is taken and errs, and what safeguards do. Every one is a share of cases from 0 to 1."""

    link_error: Parameter
    stale_address: Parameter
    plate_used: Parameter
    plate_error: Parameter
    face_used: Parameter
    face_error: Parameter
    review_catches: Parameter
    review_drops_right: Parameter
    chance_corroboration: Parameter
    true_corroboration: Parameter
    threshold_keeps: Parameter
    threshold_misses: Parameter


class Scenario(Strict):
    """A whole scenario."""

    title: str
    groups: Annotated[list[Group], Field(min_length=1)]
    parameters: Parameters
    # How far one person's errors go together: the latent correlation of the steps, from 0 to below 1.
    correlation: Annotated[float, Field(ge=0, lt=1)] = 0.0
    correlation_note: str | None = None

    @model_validator(mode="after")
    def _names_its_groups(self) -> Self:
        names = [group.name for group in self.groups]
        if len(set(names)) < len(names):
            raise ValueError("a group stands twice")
        for name, parameter in self.parameters:
            if strange := sorted(set(parameter.by_group) - set(names)):
                raise ValueError(f"parameters.{name}.by_group: there is no group {strange[0]!r}")
        if not any(group.cases for group in self.groups):
            raise ValueError("no group has a case")
        return self


PARAMETERS = tuple(Parameters.model_fields)


def read_scenario(path: Path) -> Scenario:
    """Read a scenario from YAML.

    Raises:
        InputError: the file can't be read, or what is in it does not hold together.

    """
    try:
        return Scenario.model_validate(read_form(path, "scenario", "a scenario, such as examples/cascade.yml"))
    except ValidationError as error:
        where, says = first_fault(error, "scenario")
        raise InputError(f"{path.name}, {where}: {says.removeprefix('Value error, ')}; mend the scenario there.") from None
