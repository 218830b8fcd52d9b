"""How the reports of `bench faces` show groups: rates, differentials, and a place among NIST's algorithms."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from custodiet.bench import charts, nist
from custodiet.bench.differences import differ, differ_together
from custodiet.bench.intervals import DRAWS
from custodiet.bench.measure import ALL, Measure
from custodiet.bench.report import Section, Table

COLUMNS = (
    "group",
    "measure",
    "threshold",
    "N",
    "subjects",
    "pairing",
    "value",
    "low",
    "high",
    "interval",
    "binomial low",
    "binomial high",
)


@dataclass(frozen=True, kw_only=True)
class FacesOptions:
    """What a run of `bench faces` was asked."""

    pairing: str
    by: tuple[str, ...] = ()
    targets: tuple[float, ...] = ()
    thresholds: tuple[float, ...] = ()
    rank: int | None = None
    low_is_better: bool = False
    confidence: float = 0.95
    draws: int = DRAWS
    seed: int = 0
    gallery: float | None = None
    searches_a_year: float | None = None
    nist_folder: Path | None = None


def rate_table(title: str, measures: Sequence[Measure], confidence: float) -> Table:
    """Return measures with what they must be read with: threshold, N, pairing, interval, together."""
    rows = []
    for each in measures:
        data = each.as_data(confidence)
        rows.append(
            (
                each.group,
                each.name,
                data["conditions"].get("threshold"),
                each.trials,
                each.subjects,
                data["conditions"].get("pairing"),
                data["value"],
                data["low"],
                data["high"],
                each.describe_interval(confidence),
                data["binomial_low"],
                data["binomial_high"],
            )
        )
    return Table(title, COLUMNS, tuple(rows))


def find_differentials(measures: Sequence[Measure], groupings: Sequence[Any], options: FacesOptions) -> list[Measure]:
    """Return how each rate differs within each division, at each threshold."""
    found: list[Measure] = []
    points = list(dict.fromkeys((m.conditions.get("threshold"), m.name) for m in measures if m.group != ALL))
    for grouping in groupings:
        own = {
            key: [m for m in measures if m.group in grouping.names and (m.conditions.get("threshold"), m.name) == key]
            for key in points
        }
        for rates in own.values():
            found += differ(rates, grouping.by, seed=options.seed, draws=options.draws)
        for (threshold, name), rates in own.items():
            if name == "fmr" and (threshold, "fnmr") in own:
                found += differ_together(rates, own[threshold, "fnmr"], grouping.by, seed=options.seed, draws=options.draws)
    return found


def group_sections(measures: Sequence[Measure], names: tuple[str, ...], options: FacesOptions) -> list[Section]:
    """Return one section a threshold: the rates of every group, drawn, and their differentials."""
    sections: list[Section] = []
    grouped = [m for m in measures if m.group != ALL and m.name in names]
    for threshold in dict.fromkeys(m.conditions.get("threshold") for m in grouped):
        rates = [m for m in grouped if m.conditions.get("threshold") == threshold]
        differences = [m for m in measures if "by" in m.conditions and m.conditions.get("threshold") == threshold]
        drawn = []
        for name in names:
            rows = []
            for each in (m for m in rates if m.name == name):
                interval = each.interval(options.confidence)
                rows.append((each.group, each.value, *(interval[:2] if interval else (None, None)), each.trials or 0))
            known = [row for row in rows if row[1] is not None]
            if known:
                worst, best = max(known, key=lambda row: row[1]), min(known, key=lambda row: row[1])
                drawn.append(
                    charts.dot_chart(
                        f"{name}-by-group-{len(sections) + 1}",
                        f"{name.upper()} by group at threshold {threshold:g}",
                        f"One dot a group with its interval. Highest: {worst[0]}, {worst[1]:.3g}; lowest: {best[0]}, "
                        f"{best[1]:.3g}.",
                        rows,
                        name.upper(),
                        log=name in ("fmr", "fpir"),
                    )
                )
        tables = [rate_table("Rates by group", rates, options.confidence), difference_table(differences, options.confidence)]
        sections.append(
            Section(
                f"Groups at threshold {threshold:g}",
                ("Every group that the file has is listed with its n, also those too small to say anything.",),
                tuple(tables),
                tuple(drawn),
            )
        )
    return sections


def difference_table(measures: Sequence[Measure], confidence: float) -> Table:
    """Return differentials with their intervals and sources."""
    rows = []
    for each in measures:
        data = each.as_data(confidence)
        rows.append(
            (each.group, each.name, data["value"], data["low"], data["high"], each.conditions.get("groups"), each.definition)
        )
    return Table("Differentials", ("by", "measure", "value", "low", "high", "groups", "source"), tuple(rows))


def nist_section(measures: Sequence[Measure], options: FacesOptions) -> list[Section]:
    """Return where the differentials stand among NIST's algorithms, if a folder of its tables was given."""
    if options.nist_folder is None:
        return []
    rows = []
    for each in measures:
        place = nist.place(each.name, each.value, options.nist_folder)
        if place:
            own = each.conditions.get("groups")
            rows.append((
                each.group, each.name, place.value, own, place.better, place.algorithms, place.median, place.groups,
                place.what,
            ))  # fmt: skip
    table = Table(
        "Among NIST's algorithms",
        (
            "by",
            "measure",
            "value",
            "over",
            "algorithms that do better",
            "algorithms",
            "their median",
            "over groups",
            "definition",
        ),
        tuple(rows),
    )
    return [Section("Beside NIST's published figures", (nist.WARNING,), (table,))]
