"""What `bench coverage` says."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from custodiet.bench.coverage import overlap_of, pairwise_bounds, reach_all, reach_any, reach_any_correlated
from custodiet.bench.measure import Measure
from custodiet.bench.report import Report, Section, Table, make_manifest
from custodiet.model.errors import InputError

# The bounds under a correlation are a linear programme over 2^n groups of people.
MOST_SOURCES = 12


@dataclass(frozen=True)
class Source:
    """A data source and the share of people that it reaches."""

    name: str
    share: float


def read_source(text: str) -> Source:
    """Return a source from `name=share`, such as `dmv=0.74`.

    Raises:
        InputError: it is not of that form, or the share is not from 0 to 1.

    """
    name, equals, share = text.rpartition("=")
    try:
        value = float(share)
    except ValueError:
        value = np.nan
    if not equals or not name.strip() or not 0 <= value <= 1:
        raise InputError(f"{text!r} is no source; write a name and a share from 0 to 1, such as dmv=0.74.")
    return Source(name.strip(), value)


def report_coverage(sources: Sequence[Source], correlation: float | None) -> Report:
    """Return the report on how many people several sources reach.

    Raises:
        InputError: fewer than two sources, one named twice, too many, or a correlation that their shares don't allow.

    """
    if len(sources) < 2:
        raise InputError("One source reaches its own share; give at least two with `--share name=0.74`.")
    if len(sources) > MOST_SOURCES:
        raise InputError(
            f"{len(sources)} sources are more than {MOST_SOURCES}; put those together that reach the same people."
        )
    names = [source.name for source in sources]
    if twice := [name for name in names if names.count(name) > 1]:
        raise InputError(f"The source {twice[0]!r} stands twice; give each once.")
    shares = np.array([source.share for source in sources])
    reach, every = reach_any(shares), reach_all(shares)
    measures = [
        Measure(name="reached_independent", value=reach.independent, definition="1 - product of (1 - share): if independent"),
        Measure(name="reached_low", value=reach.low, definition="the largest share: the least that can be reached (Fréchet)"),
        Measure(name="reached_high", value=reach.high, definition="the sum of shares, at most 1: the most (Boole, Fréchet)"),
        Measure(name="all_sources_independent", value=every.independent, definition="product of the shares: if independent"),
        Measure(name="all_sources_low", value=every.low, definition="the least that all sources reach together (Fréchet)"),
        Measure(name="all_sources_high", value=every.high, definition="the most that all sources reach together (Fréchet)"),
    ]
    text = [
        f"At least one of {len(sources)} sources reaches {reach.independent:.2%} of people if they are independent. "
        "Without knowing "
        f"how they overlap, all that holds is {reach.low:.2%} to {reach.high:.2%}.",
        "Sources are seldom independent: who has no driving licence is more likely to have no utility account in "
        "their name. The "
        "figure for independence is an illustration, and the bounds are what the shares show.",
    ]
    if correlation is not None:
        measures += _correlated(shares, correlation, text)
    measures = [replace(measure, conditions={"exact": True}) for measure in measures]
    table = Table(
        "People reached", ("measure", "value", "definition"), tuple((m.name, m.value, m.definition) for m in measures)
    )
    given = Table("Sources", ("source", "share"), tuple((source.name, source.share) for source in sources))
    manifest = make_manifest([], shares={source.name: source.share for source in sources}, correlation=correlation)
    limits = Section(
        "What this does not show",
        (
            "Who is reached, how well, or whether a source may be used. Shares of different populations (adults, "
            "drivers, households) can't "
            "be put together.",
        ),
    )
    return Report(
        "coverage",
        "Coverage by several sources",
        (Section("Reach", tuple(text), (given, table)), limits),
        tuple(measures),
        manifest,
    )


def _correlated(shares: np.ndarray[tuple[int], np.dtype[np.float64]], correlation: float, text: list[str]) -> list[Measure]:
    try:
        low, high = pairwise_bounds(shares, overlap_of(shares, correlation))
    except ValueError:
        raise InputError(
            f"No population has these shares and a correlation of {correlation:g} between each two of them; give one "
            "nearer to 0."
        ) from None
    text.append(
        f"With a correlation of {correlation:g} between each two sources (phi, of the two yes-or-no facts), "
        f"{low:.2%} to {high:.2%} are "
        "reached: the bounds are sharp, and what is left open is how three or more overlap."
    )
    found = [
        Measure(
            name="reached_low_correlated",
            value=low,
            definition="sharp lower bound, given every pair's overlap (Hailperin 1965)",
        ),
        Measure(name="reached_high_correlated", value=high, definition="sharp upper bound, given every pair's overlap"),
    ]
    if correlation >= 0:
        found.append(
            Measure(
                name="reached_copula",
                value=reach_any_correlated(shares, correlation),
                definition="one-factor Gaussian copula with this latent correlation: one model among many",
            )
        )
    return found
