"""`bench feedback`: what happens when patrols go where patrols found something, and the correction.

The urn model of Ensign, Friedler, Neville, Scheidegger and Venkatasubramanian 2018, "Runaway feedback loops in predictive
policing"; Lum and Isaac 2016, "To predict and serve?", is the case that it explains. Every area has balls in an urn. Each
day one ball is drawn, its area is patrolled, and with the area's own rate an incident is found, which adds a ball for it.

With the correction, a find in an area that is often patrolled is less often counted, so that what is learnt does not depend
on where one looked: with two areas, with the chance 1 less its share of patrols, as published; with more, in proportion to
one over it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from custodiet.bench import charts
from custodiet.bench.arrays import Floats
from custodiet.bench.intervals import quantile
from custodiet.bench.measure import Measure
from custodiet.bench.report import Report, Section, Table, make_manifest
from custodiet.model.errors import InputError

KEPT_DAYS = 200


@dataclass(frozen=True, kw_only=True)
class FeedbackOptions:
    """The model: rates at which a patrol finds something, by area; balls at the start; days; runs; and the seed."""

    rates: tuple[float, ...]
    start: tuple[float, ...]
    days: int = 1000
    runs: int = 1000
    reported: float = 0.0
    confidence: float = 0.95
    seed: int = 0


def simulate_urn(options: FeedbackOptions, *, is_corrected: bool) -> tuple[Floats, Floats]:
    """Return the days that were kept, and each area's share of patrols on them: an array of days by runs by areas.

    `reported` is the chance that a day brings, beside what the patrol finds, an incident that residents reported: it
    comes from an
    area in proportion to its rate, wherever the patrol is, and is never corrected.
    """
    generator = np.random.default_rng(options.seed)
    rates = np.array(options.rates)
    areas = rates.size
    balls = np.tile(np.array(options.start, dtype=float), (options.runs, 1))
    every = max(1, options.days // KEPT_DAYS)
    days, shares = [], []
    row = np.arange(options.runs)
    by_rate = np.cumsum(rates / rates.sum())
    for day in range(options.days + 1):
        share = balls / balls.sum(axis=1, keepdims=True)
        if day % every == 0 or day == options.days:
            days.append(day)
            shares.append(share)
        area = np.minimum((np.cumsum(share, axis=1) < generator.random((options.runs, 1))).sum(axis=1), areas - 1)
        found = generator.random(options.runs) < rates[area]
        if is_corrected:
            own = share[row, area]
            chance = 1 - own if areas == 2 else share.min(axis=1) / own
            found &= generator.random(options.runs) < chance
        balls[row[found], area[found]] += 1
        if options.reported:
            told = generator.random(options.runs) < options.reported
            where = np.minimum(np.searchsorted(by_rate, generator.random(options.runs)), areas - 1)
            balls[row[told], where[told]] += 1
    return np.array(days, dtype=float), np.array(shares)


def report_feedback(options: FeedbackOptions) -> Report:
    """Return the report of both simulations, with and without the correction.

    Raises:
        InputError: fewer than two areas, unequal numbers of rates and balls, or a rate that is none.

    """
    _check(options)
    rates = np.array(options.rates)
    true = rates / rates.sum()
    measures: list[Measure] = []
    lines: list[tuple[str, float, float]] = []
    rows = []
    tail = (1 - options.confidence) / 2
    for label, is_corrected in (("learns from its finds", False), ("corrected", True)):
        days, shares = simulate_urn(options, is_corrected=is_corrected)
        for area in range(rates.size):
            last = shares[-1, :, area]
            name = f"area {area + 1}"
            measures.append(
                Measure(
                    name="patrol_share_corrected" if is_corrected else "patrol_share",
                    group=name,
                    by="area",
                    value=float(last.mean()),
                    draws=last,
                    drawn="runs of the urn",
                    trials=options.runs,
                    definition="share of patrols on the last day, over runs of the urn model (Ensign and others 2018)",
                    conditions={"rate": float(rates[area]), "share_of_incidents": float(true[area])},
                )
            )
            rows.append(
                (
                    label,
                    name,
                    float(true[area]),
                    float(last.mean()),
                    quantile(last, tail),
                    quantile(last, 1 - tail),
                    float(np.mean(last > 0.9)),
                )
            )
        lines += [(f"{label}, mean", float(d), float(s)) for d, s in zip(days, shares[:, :, 0].mean(axis=1), strict=True)]
        for end, share in (("low", tail), ("high", 1 - tail)):
            lines += [(f"{label}, {end}", float(d), quantile(s, share)) for d, s in zip(days, shares[:, :, 0], strict=True)]
    lines += [("share of incidents", 0.0, float(true[0])), ("share of incidents", float(options.days), float(true[0]))]
    table = Table(
        "Patrols on the last day",
        ("allocation", "area", "share of incidents", "mean share", "low", "high", "runs with over 90 % of patrols"),
        tuple(rows),
    )
    mean, corrected = measures[0].value or 0.0, measures[rates.size].value or 0.0
    chart = charts.line_chart(
        "feedback",
        "Area 1's share of patrols, by day",
        f"Area 1 has {true[0]:.0%} of incidents. Learning from its own finds, allocation sends it {mean:.0%} of "
        "patrols on the last day; "
        f"corrected, {corrected:.0%}.",
        lines,
        "day",
        "share of patrols in area 1",
    )
    text = (
        f"Area 1 has {true[0]:.1%} of what patrols could find. After {options.days:,} days an allocation that learns "
        "from its own finds "
        f"sends it {mean:.1%} of patrols on average; with the correction, {corrected:.1%} (over {options.runs:,} runs).",
        "Finds tell where one looked as much as what there is. Where rates differ at all, the uncorrected urn ends "
        "with one area "
        "alone, however small the difference.",
    )
    limits = Section(
        "What this does not show",
        (
            "What a given agency's system does. It is a model with constant rates, one patrol a day, and no "
            "deterrence; its use is to say "
            "what a log of finds can't tell.",
        ),
    )
    manifest = make_manifest(
        [],
        rates=list(options.rates),
        start=list(options.start),
        days=options.days,
        runs=options.runs,
        reported=options.reported,
        seed=options.seed,
        confidence=options.confidence,
    )
    return Report(
        "feedback",
        "Allocation that learns from its own finds",
        (Section("The urn", text, (table,), (chart,)), limits),
        tuple(measures),
        manifest,
        options.confidence,
    )


def _check(options: FeedbackOptions) -> None:
    if len(options.rates) < 2:
        raise InputError("One area leaves nothing to allocate; give two or more with `--rate`.")
    if len(options.start) != len(options.rates):
        raise InputError(f"{len(options.rates)} rates and {len(options.start)} starts; give one `--start` an area, or none.")
    _refuse_outside(options.rates, 0, 1, "rate")
    if not any(options.rates):
        raise InputError("Every rate is 0, so nothing is ever found; give at least one above 0.")
    _refuse_outside(options.start, 1e-9, 1e9, "start")


def _refuse_outside(values: Sequence[float], low: float, high: float, what: str) -> None:
    for value in values:
        if not low <= value <= high:
            raise InputError(f"The {what} {value:g} is not from {low:g} to {high:g}; mend it.")
