"""`bench cascade`: how errors of linkage, addresses, plates and face search combine into wrong people and wrong doors.

One case is one person who is looked for. A file is put together (it may join a stranger's record), an address is taken
from it (it
may be stale), a plate may be looked up (and lead to a stranger's car), a face may be searched (and return a stranger who
is taken
for the person). *Wrongly identified*: any of the three led to a stranger. *Wrong door*: a stranger's door, or one that
the person
has left. Safeguards act on this:

- **review**: a person looks at the whole case once, catches a case with an error with `review_catches`, and drops a
right one with
  `review_drops_right`;
- **corroboration**: a lead counts only if a second source agrees, which a wrong lead finds by chance with
`chance_corroboration`,
  and a right case with `true_corroboration`;
- **threshold**: a stricter threshold keeps the share `threshold_keeps` of false face matches, and misses right ones with
  `threshold_misses`.

Cases of a group are independent and alike, so counts are binomial, exactly. Steps of one case may go together: a latent
factor of
the person, integrated out, makes the case's probability; counts over cases stay binomial.
"""

import math
from dataclasses import dataclass

import numpy as np

from custodiet.bench.arrays import Bools, Floats, Ints
from custodiet.bench.latent import factor_nodes
from custodiet.bench.scenario import PARAMETERS, Scenario
from custodiet.bench.sobol import Indices, sobol_indices

SAFEGUARDS: dict[str, tuple[str, ...]] = {
    "none": (),
    "review": ("review",),
    "corroboration": ("corroboration",),
    "threshold": ("threshold",),
    "all": ("review", "corroboration", "threshold"),
}
OUTCOMES = ("wrongly_identified", "wrong_door", "right_dropped")
# Below so small a chance, or above its complement, a quantile would be infinite.
EDGE = 1e-15


@dataclass(frozen=True)
class Chances:
    """Per draw and group, the chance that a case ends in each outcome."""

    wrongly_identified: Floats
    wrong_door: Floats
    right_dropped: Floats


def draw_parameters(scenario: Scenario, at: Floats) -> dict[str, Floats]:
    """Return every parameter as draws by groups, from places between 0 and 1 as draws by parameters.

    A parameter has one place for all groups in a draw: what is not known about it is not known of any group.
    """
    return {
        name: np.stack(
            [getattr(scenario.parameters, name).of_group(group.name).quantile(at[:, column]) for group in scenario.groups],
            axis=1,
        )
        for column, name in enumerate(PARAMETERS)
    }


def find_chances(parameters: dict[str, Floats], safeguards: tuple[str, ...], correlation: float) -> Chances:
    """Return the chances of each outcome for one case."""
    link, stale, plate, face, face_miss, corroborated = _steps(parameters, safeguards)
    if correlation == 0:
        stranger = 1 - (1 - link) * (1 - plate) * (1 - face)
        either = 1 - (1 - stranger) * (1 - stale)
    else:
        from scipy.special import ndtr, ndtri  # noqa: PLC0415

        nodes, weights = factor_nodes(correlation)
        stranger, either = np.zeros_like(link), np.zeros_like(link)
        edges = [ndtri(np.clip(p, EDGE, 1 - EDGE)) for p in (link, plate, face, stale)]
        for node, weight in zip(nodes, weights, strict=True):
            given = [ndtr((edge - math.sqrt(correlation) * node) / math.sqrt(1 - correlation)) for edge in edges]
            misled = 1 - (1 - given[0]) * (1 - given[1]) * (1 - given[2])
            stranger = stranger + weight * misled
            either = either + weight * (1 - (1 - misled) * (1 - given[3]))
    right = (1 - either) * (1 - (1 - face_miss) * corroborated)
    if "review" in safeguards:
        passed = 1 - parameters["review_catches"]
        right = (1 - either) * (1 - (1 - face_miss) * corroborated * (1 - parameters["review_drops_right"]))
        stranger, either = stranger * passed, either * passed
    return Chances(stranger, either, right)


def _steps(
    parameters: dict[str, Floats], safeguards: tuple[str, ...]
) -> tuple[Floats, Floats, Floats, Floats, Floats, Floats]:
    """Return the chances that each step misleads, that a right face is missed, that a right case is corroborated."""
    link, stale = parameters["link_error"], parameters["stale_address"]
    plate = parameters["plate_used"] * parameters["plate_error"]
    face = parameters["face_used"] * parameters["face_error"]
    face_miss, corroborated = np.zeros_like(link), np.ones_like(link)
    if "threshold" in safeguards:
        face = face * parameters["threshold_keeps"]
        face_miss = parameters["face_used"] * parameters["threshold_misses"]
    if "corroboration" in safeguards:
        chance = parameters["chance_corroboration"]
        link, stale, plate, face = link * chance, stale * chance, plate * chance, face * chance
        corroborated = parameters["true_corroboration"]
    return link, stale, plate, face, face_miss, corroborated


def simulate(scenario: Scenario, draws: int, seed: int) -> dict[str, dict[str, Ints]]:
    """Return counts by safeguard and outcome, each as draws by groups.

    A draw takes every parameter from its distribution, and the counts from the binomials that follow.
    """
    generator = np.random.default_rng(seed)
    parameters = draw_parameters(scenario, generator.random((draws, len(PARAMETERS))))
    cases = np.array([group.cases for group in scenario.groups])
    found: dict[str, dict[str, Ints]] = {}
    for name, safeguards in SAFEGUARDS.items():
        chances = find_chances(parameters, safeguards, scenario.correlation)
        found[name] = {outcome: generator.binomial(cases, np.clip(getattr(chances, outcome), 0, 1)) for outcome in OUTCOMES}
    return found


def simulate_people(
    parameters: dict[str, float], people: int, safeguards: tuple[str, ...], correlation: float, seed: int
) -> dict[str, int]:
    """Return counts of each outcome over people who are simulated one by one, with every step a draw of its own.

    It shares no formula with `find_chances`: it is what that is checked against.
    """
    from scipy.special import ndtri  # noqa: PLC0415

    generator = np.random.default_rng(seed)
    factor = math.sqrt(correlation) * generator.standard_normal(people)

    def errs(chance: float) -> Bools:
        own = factor + math.sqrt(1 - correlation) * generator.standard_normal(people)
        return np.asarray(own < ndtri(np.clip(chance, EDGE, 1 - EDGE)))

    def happens(chance: float) -> Bools:
        return np.asarray(generator.random(people) < chance)

    own = parameters
    keeps = own["threshold_keeps"] if "threshold" in safeguards else 1.0
    support = own["chance_corroboration"] if "corroboration" in safeguards else 1.0
    # The latent quantity is that a step misleads and survives its safeguard; how often the step is taken is part of it.
    linked = errs(own["link_error"] * support)
    plated = errs(own["plate_used"] * own["plate_error"] * support)
    faced = errs(own["face_used"] * own["face_error"] * keeps * support)
    stale = errs(own["stale_address"] * support)
    stranger = linked | plated | faced
    wrong = stranger | stale
    missed = (
        happens(own["face_used"]) & happens(own["threshold_misses"]) if "threshold" in safeguards else np.zeros_like(wrong)
    )
    dropped = missed | (~happens(own["true_corroboration"]) if "corroboration" in safeguards else np.zeros_like(wrong))
    if "review" in safeguards:
        passed = ~happens(own["review_catches"])
        stranger, door = stranger & passed, wrong & passed
        dropped |= happens(own["review_drops_right"])
    else:
        door = wrong
    counts = (stranger, door, ~wrong & dropped)
    return {name: int(np.count_nonzero(each)) for name, each in zip(OUTCOMES, counts, strict=True)}


def rank_parameters(
    scenario: Scenario, safeguards: tuple[str, ...], outcome: str, *, power: int = 11, seed: int = 0
) -> Indices:
    """Return Sobol indices of the expected number of an outcome over all groups, by parameter."""
    cases = np.array([group.cases for group in scenario.groups], dtype=float)

    def expected(at: Floats) -> Floats:
        chances = find_chances(draw_parameters(scenario, at), safeguards, scenario.correlation)
        return np.asarray(getattr(chances, outcome) @ cases)

    return sobol_indices(expected, len(PARAMETERS), power=power, seed=seed)
