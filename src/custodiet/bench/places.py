"""`bench places`: claimed positions and addresses against true ones, on synthetic or public data only."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from custodiet.bench import charts
from custodiet.bench.arrays import Bools, Floats, Ints
from custodiet.bench.geodesy import geodesic_m
from custodiet.bench.inputs import Grouping, one_group, read_groupings, refuse_personal
from custodiet.bench.intervals import DRAWS, FEWEST_DRAWS, draw_by_subject
from custodiet.bench.measure import Measure, divided, share
from custodiet.bench.report import Report, Section, make_manifest, measure_table
from custodiet.model.errors import InputError
from custodiet.store.columns import Columns

QUANTILES = (0.5, 0.68, 0.95)
DAYS = (30, 180, 365, 730)
# Rows over all draws of a quantile by subjects, beyond which fewer draws are made.
WORK = 500_000_000
# Match levels of a geocoder from finest to coarsest; other words come after them.
LEVELS = ("rooftop", "parcel", "address", "street", "block", "postcode", "zip", "city", "county", "state", "country", "none")

# Columns that tell something only together with another.
PARTNERS = (
    ("age_days", "moved", "staleness"), ("moved", "age_days", "staleness"),
    ("match_level", "correct", "the error of match levels"), ("correct", "match_level", "the error of match levels"),
    ("claimed_share", "radius_m", "the coverage of circles"),
)  # fmt: skip


@dataclass(frozen=True)
class Positions:
    """Errors of claimed positions in metres, and what else each row tells, where the file has it."""

    error_m: Floats
    radius_m: Floats | None
    claimed_share: Floats | None
    age_days: Floats | None
    moved: Bools | None
    levels: tuple[Ints, tuple[str, ...]] | None
    correct: Bools | None
    subjects: Ints | None
    groupings: tuple[Grouping, ...]
    # What the file lacks for a measure that its other columns speak of.
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PlacesOptions:
    """What a run of `bench places` was asked."""

    by: tuple[str, ...] = ()
    radii_m: tuple[float, ...] = (10, 50, 100, 500, 1000)
    claimed: float = 0.68
    confidence: float = 0.95
    draws: int = DRAWS
    seed: int = 0


def read_positions(path: Path, by: Sequence[str] = ()) -> Positions:
    """Read positions from CSV or Parquet.

    Columns: `claimed_lat`, `claimed_lon`, `true_lat`, `true_lon` in degrees; optionally `radius_m` (claimed uncertainty, with
    `claimed_share` from 0 to 1 of positions that it is to hold), `age_days` of the record, `moved` (1 or 0: has who or
    what is
    recorded moved since), `match_level` and `correct` (1 or 0) of an address, `subject` (a pseudonym), and columns to
    group by.

    Raises:
        InputError: a column is missing or looks like personal data, or a position lies off the globe.

    """
    with Columns(path) as columns:
        columns.require(["claimed_lat", "claimed_lon", "true_lat", "true_lon"], "a test of positions")
        refuse_personal(columns, ("subject",))
        latitudes = [columns.numbers(f"{kind}_lat", low=-90, high=90) for kind in ("claimed", "true")]
        longitudes = [columns.numbers(f"{kind}_lon", low=-180, high=180) for kind in ("claimed", "true")]

        def numbers(name: str, **bounds: float) -> Floats | None:
            return columns.numbers(name, **bounds) if name in columns.names else None

        levels = columns.labels("match_level", may_be_empty=True) if "match_level" in columns.names else None
        return Positions(
            error_m=geodesic_m(latitudes[0], longitudes[0], latitudes[1], longitudes[1]),
            radius_m=numbers("radius_m", low=0),
            claimed_share=numbers("claimed_share", low=0, high=1),
            age_days=numbers("age_days", low=0),
            moved=columns.flags("moved") if "moved" in columns.names else None,
            levels=None if levels is None else (levels.codes, levels.words),
            correct=columns.flags("correct") if "correct" in columns.names else None,
            subjects=columns.labels("subject").codes if "subject" in columns.names else None,
            groupings=tuple(read_groupings(columns, tuple(by))),
            lacks=tuple(
                f"The file has {has!r} and no {lacks!r}, so {what} was not measured."
                for has, lacks, what in PARTNERS
                if has in columns.names and lacks not in columns.names
            ),
        )


def measure_positions(positions: Positions, options: PlacesOptions) -> list[Measure]:
    """Return error quantiles, hit rates within radii, coverage of claimed circles and staleness, of all and of each group."""
    measures: list[Measure] = []
    for grouping in (one_group(positions.error_m.size), *positions.groupings):
        for number, group in enumerate(grouping.names):
            rows = grouping.codes == number
            own = [_quantile(positions, rows, group, q, options) for q in QUANTILES]
            for radius in options.radii_m:
                own.append(
                    _share(
                        "hit_rate",
                        positions.error_m <= radius,
                        rows,
                        group,
                        {"radius_m": radius},
                        f"share of positions within {radius:g} m of the truth",
                        positions,
                        options,
                    )
                )
            if positions.radius_m is not None:
                own += _circles(positions, positions.radius_m, rows, group, options)
            own += _staleness(positions, rows, group, options)
            if positions.levels is not None and positions.correct is not None:
                own += _levels(positions, positions.levels, positions.correct, rows, group, options)
            measures += divided(own, grouping.by)
    return measures


def _share(
    name: str,
    hits: Bools,
    rows: Bools,
    group: str,
    conditions: dict[str, object],
    definition: str,
    positions: Positions,
    options: PlacesOptions,
) -> Measure:
    count, drawn = None, None
    if positions.subjects is not None and rows.any():
        used, numbers = np.unique(positions.subjects[rows], return_inverse=True)
        count = int(used.size)
        errors = np.bincount(numbers, hits[rows], minlength=count)
        drawn = draw_by_subject(errors, np.bincount(numbers), options.draws, options.seed)
    found = int(np.count_nonzero(hits & rows))
    return share(
        name, found, int(np.count_nonzero(rows)), definition, group=group, subjects=count, draws=drawn, conditions=conditions
    )


def _quantile(positions: Positions, rows: Bools, group: str, q: float, options: PlacesOptions) -> Measure:
    """Return a quantile of the error, with rows (or subjects) drawn anew."""
    ordered = np.sort(positions.error_m[rows])
    place = min(int(np.ceil(q * ordered.size)) - 1, ordered.size - 1)
    subjects = None if positions.subjects is None else positions.subjects[rows]
    if subjects is None:
        # The k-th of n rows drawn with replacement: n times the k-th of n uniform numbers, which is a beta.
        at = np.random.default_rng(options.seed).beta(place + 1, ordered.size - place, options.draws)
        count, drawn = None, ordered[np.minimum((at * ordered.size).astype(np.int64), ordered.size - 1)]
    else:
        count, drawn = _draw_by_subject(positions.error_m[rows], subjects, q, options)
    return Measure(
        name=f"error_m_q{q * 100:g}",
        value=float(ordered[place]),
        group=group,
        trials=ordered.size,
        subjects=count,
        draws=drawn,
        definition=f"metres within which {q:.0%} of the claimed positions lie of the truth (WGS84 geodesic)",
    )


def _draw_by_subject(errors: Floats, subjects: Ints, q: float, options: PlacesOptions) -> tuple[int, Floats]:
    """Return how many subjects there are, and draws of a quantile in which whole subjects were drawn."""
    numbers = np.unique(subjects, return_inverse=True)[1]
    count = int(numbers.max()) + 1
    order = np.argsort(errors, kind="stable")
    ordered, own = errors[order], numbers[order]
    generator = np.random.default_rng(options.seed)
    drawn = np.empty(max(min(options.draws, WORK // errors.size), min(options.draws, FEWEST_DRAWS)))
    for draw in range(drawn.size):
        # The weighted quantile of the sorted errors: no row is copied.
        reach = np.cumsum(np.bincount(generator.integers(0, count, count), minlength=count)[own])
        drawn[draw] = ordered[min(np.searchsorted(reach, q * reach[-1]), errors.size - 1)]
    return count, drawn


def _circles(positions: Positions, radius: Floats, rows: Bools, group: str, options: PlacesOptions) -> list[Measure]:
    claimed = positions.claimed_share
    inside = positions.error_m <= radius
    found = []
    for each in [options.claimed] if claimed is None else np.unique(claimed[rows]).tolist():
        own = rows if claimed is None else rows & (claimed == each)
        found.append(
            _share(
                "circle_coverage",
                inside,
                own,
                group,
                {"claimed_share": each},
                f"share of claimed uncertainty circles, said to hold {each:.0%}, that hold the truth",
                positions,
                options,
            )
        )
    return found


def _staleness(positions: Positions, rows: Bools, group: str, options: PlacesOptions) -> list[Measure]:
    if positions.age_days is None or positions.moved is None:
        return []
    found = []
    for earlier, later in zip((0, *DAYS), (*DAYS, np.inf), strict=True):
        own = rows & (positions.age_days >= earlier) & (positions.age_days < later)
        found.append(
            _share(
                "stale",
                positions.moved,
                own,
                group,
                {"age_days": f"{earlier} to {later:g}"},
                "share of records of this age whose subject had moved since",
                positions,
                options,
            )
        )
    return found


def _levels(
    positions: Positions,
    levels: tuple[Ints, tuple[str, ...]],
    correct: Bools,
    rows: Bools,
    group: str,
    options: PlacesOptions,
) -> list[Measure]:
    codes, words = levels
    order = sorted(
        range(len(words)),
        key=lambda n: (LEVELS.index(words[n].casefold()) if words[n].casefold() in LEVELS else 99, words[n]),
    )
    found = []
    for number in order:
        found.append(
            _share(
                "address_error",
                ~correct,
                rows & (codes == number),
                group,
                {"match_level": words[number]},
                "share of addresses matched at this level that are wrong",
                positions,
                options,
            )
        )
    return found


def report_places(positions: Positions, inputs: Sequence[Path], options: PlacesOptions) -> Report:
    """Return the report of a test of positions.

    Raises:
        InputError: a radius is not positive.

    """
    if any(radius <= 0 for radius in options.radii_m):
        raise InputError("A radius is not above zero; give metres, such as `--radius 50`.")
    measures = measure_positions(positions, options)
    names = ["all", *(name for grouping in positions.groupings for name in grouping.names)]
    rows = []
    for grouping in (one_group(positions.error_m.size), *positions.groupings):
        for number, name in enumerate(grouping.names):
            own = np.sort(positions.error_m[grouping.codes == number])
            # More points than are drawn would only take memory.
            at = np.unique(np.linspace(0, own.size - 1, min(own.size, charts.POINTS)).astype(np.int64))
            rows += [(name, float(own[place]), float((place + 1) / own.size)) for place in at]
    q = {measure.name: measure.value for measure in measures[: len(QUANTILES)]}
    chart = charts.line_chart(
        "error-cdf",
        "Share of positions within a distance of the truth",
        f"A rising curve a group. Over all, half lie within {q['error_m_q50']:,.0f} m and 95 % within "
        f"{q['error_m_q95']:,.0f} m.",
        rows,
        "error in metres",
        "share of positions",
        log_x=True,
        step=True,
    )
    sections = [
        Section(
            "All positions",
            (f"{positions.error_m.size:,} positions; errors are geodesics on WGS84.", *positions.lacks),
            (measure_table("Measures", [m for m in measures if m.group == "all"], options.confidence),),
            (chart,),
        ),
    ]
    if len(names) > 1:
        sections.append(
            Section(
                "Groups",
                (),
                (measure_table("Measures by group", [m for m in measures if m.group != "all"], options.confidence),),
            )
        )
    sections.append(
        Section(
            "What this does not show",
            (
                "Where anybody is. A position near the truth may still be the wrong door, and one within its circle "
                "says nothing of who is there.",
            ),
        )
    )
    manifest = make_manifest(
        inputs,
        by=list(options.by),
        radii_m=list(options.radii_m),
        claimed=options.claimed,
        confidence=options.confidence,
        draws=options.draws,
        seed=options.seed,
    )
    return Report("places", "Positions and addresses", tuple(sections), tuple(measures), manifest, options.confidence)
