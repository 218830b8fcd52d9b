"""What `bench cascade` says: counts by group and safeguard, what drives them, and what that means in plain words."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from custodiet.bench import cascade, charts
from custodiet.bench.arrays import Ints
from custodiet.bench.measure import ALL, Measure
from custodiet.bench.report import Report, Section, Table, make_manifest
from custodiet.bench.scenario import PARAMETERS, Scenario

DEFINITIONS = {
    "wrongly_identified": "cases in which a stranger was taken for the person looked for, in a year",
    "wrong_door": "cases that end at a door where the person is not to be found, a stranger's or one they left, in a year",
    "right_dropped": "cases without an error that a safeguard dropped all the same, in a year",
}


def report_cascade(
    scenario: Scenario, inputs: Sequence[Path], *, draws: int = 1000, seed: int = 0, confidence: float = 0.95
) -> Report:
    """Return the report of a scenario."""
    counts = cascade.simulate(scenario, draws, seed)
    measures: list[Measure] = []
    for safeguard, outcomes in counts.items():
        for outcome in cascade.OUTCOMES:
            measures += _measures(scenario, safeguard, outcome, outcomes[outcome])
    sections = [
        _count_section(scenario, measures, confidence),
        _driver_section(scenario, seed),
        _assumption_section(scenario),
        Section(
            "What this does not show",
            (
                "What an agency does or did. The population is synthetic, and a figure is as good as the weakest "
                "number that went in; those "
                "marked as assumptions are nobody's measurement. The victims of a false match are taken to be of the "
                "group of the person "
                "who was looked for, which is so where impostors look alike.",
            ),
        ),
    ]
    manifest = make_manifest(inputs, draws=draws, seed=seed, confidence=confidence)
    return Report("cascade", scenario.title, tuple(sections), tuple(measures), manifest, confidence)


def _measures(scenario: Scenario, safeguard: str, outcome: str, counts: Ints) -> list[Measure]:
    cases = [group.cases for group in scenario.groups]
    columns = [(ALL, counts.sum(axis=1), sum(cases))]
    columns += [(group.name, counts[:, place], group.cases) for place, group in enumerate(scenario.groups)]
    return [
        Measure(
            name=outcome,
            group=name,
            by=None if name == ALL else "group",
            value=float(drawn.mean()),
            trials=total,
            draws=drawn.astype(float),
            drawn="the scenario's distributions",
            definition=DEFINITIONS[outcome],
            conditions={"safeguards": safeguard},
        )
        for name, drawn, total in columns
    ]


def _count_section(scenario: Scenario, measures: Sequence[Measure], confidence: float) -> Section:
    rows = []
    drawn = []
    for each in measures:
        low, high, _ = each.interval(confidence) or (0.0, 0.0, "")
        safeguard = each.conditions["safeguards"]
        per_thousand = 1000 * (each.value or 0) / each.trials if each.trials else None
        # Groups are told for no safeguard and for all; the measures have the rest.
        if (each.group == ALL or safeguard in ("none", "all")) and (each.name, safeguard) != ("right_dropped", "none"):
            rows.append((each.name, safeguard, each.group, each.trials, each.value, low, high, per_thousand))
        if each.name == "wrong_door" and safeguard in ("none", "all"):
            drawn.append(
                (
                    f"{each.group}, safeguards: {safeguard}",
                    per_thousand,
                    1000 * low / each.trials if each.trials else None,
                    1000 * high / each.trials if each.trials else None,
                    each.trials or 0,
                )
            )
    own = {(m.name, m.conditions["safeguards"]): m for m in measures if m.group == ALL}
    doors, guarded = own["wrong_door", "none"], own["wrong_door", "all"]
    people = own["wrongly_identified", "none"]
    cost = own["right_dropped", "all"]
    total = sum(group.cases for group in scenario.groups)
    by_group = [
        m for m in measures if m.group != ALL and m.name == "wrong_door" and m.conditions["safeguards"] == "none" and m.trials
    ]
    rate = {m.group: (m.value or 0) / (m.trials or 1) for m in by_group}
    worst, best = max(rate, key=lambda name: rate[name]), min(rate, key=lambda name: rate[name])
    text = (
        f"Of {total:,} people looked for in a year, under these numbers and without a safeguard, "
        f"{_about(people, confidence)} cases take a stranger for the person, and {_about(doors, confidence)} end at a "
        "wrong door. With review, "
        f"corroboration and a stricter threshold together it is {_about(guarded, confidence)}, and "
        f"{_about(cost, confidence)} cases without an error are dropped.",
        f"By group, from {rate[best]:.2%} of the cases ({best}) to {rate[worst]:.2%} ({worst}) end at a wrong door.",
        f"Ranges are {confidence:.0%} of what the distributions below allow. They do not hold what the scenario left out.",
    )
    chart = charts.dot_chart(
        "wrong-doors",
        "Wrong doors in a thousand cases",
        f"One dot a group, without safeguards and with all of them. Highest without: {worst}, "
        f"{1000 * rate[worst]:.1f} in a thousand; lowest: "
        f"{best}, {1000 * rate[best]:.1f}.",
        drawn,
        "wrong doors in a thousand cases",
    )
    columns = ("outcome", "safeguards", "group", "cases", "mean", "low", "high", "in a thousand cases")
    return Section("What comes of it", text, (Table("Counts in a year", columns, tuple(rows)),), (chart,))


def _about(measure: Measure, confidence: float) -> str:
    low, high, _ = measure.interval(confidence) or (0.0, 0.0, "")
    return f"about {measure.value:,.0f} ({low:,.0f} to {high:,.0f})"


def _driver_section(scenario: Scenario, seed: int) -> Section:
    found = cascade.rank_parameters(scenario, (), "wrong_door", seed=seed)
    guarded = cascade.rank_parameters(scenario, cascade.SAFEGUARDS["all"], "wrong_door", seed=seed)
    measured = np.round(np.column_stack([found.first, found.total, guarded.first, guarded.total]), 4) + 0.0
    order = np.argsort(-np.nan_to_num(measured[:, 3]), kind="stable").tolist()
    rows = tuple((PARAMETERS[i], *measured[i].tolist()) for i in order)
    best, share = rows[0][0], measured[order[0], 3]
    if np.isnan(share):
        return Section("What drives it", ("Every parameter has one value, so nothing is uncertain and no index exists.",))
    text = (
        f"Which unknown matters: of what is uncertain about the number of wrong doors with all safeguards, {best} "
        f"accounts for {share:.0%} (total Sobol index). To know more, measure that first.",
        "A total index near zero: knowing this parameter better would change nothing. It does not say that its error "
        "is harmless.",
    )
    columns = ("parameter", "first order, no safeguard", "total, no safeguard", "first order, all", "total, all")
    return Section("What drives it", text, (Table("Sobol indices of wrong doors", columns, rows),))


def _assumption_section(scenario: Scenario) -> Section:
    rows = []
    at = np.array([0.025, 0.5, 0.975])
    for name, parameter in scenario.parameters:
        for group in (None, *parameter.by_group):
            low, middle, high = (parameter if group is None else parameter.by_group[group]).quantile(at).tolist()
            origin = f"source: {parameter.source}" if parameter.source else f"ASSUMPTION: {parameter.assumption}"
            origin = origin if group is None else "as above"
            rows.append((name, group or "every group without its own", middle, low, high, origin))
    assumed = sum(1 for _, parameter in scenario.parameters if parameter.assumption)
    text = [f"{assumed} of {len(PARAMETERS)} parameters are assumptions, and marked so."]
    if scenario.correlation:
        note = scenario.correlation_note or "assumed"
        text.append(
            f"Errors of one person's steps go together with a latent correlation of {scenario.correlation:g} ({note})."
        )
    table = Table("Parameters", ("parameter", "group", "median", "2.5 %", "97.5 %", "origin"), tuple(rows))
    return Section("What went in", tuple(text), (table,))
