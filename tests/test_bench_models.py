"""The cascade against a simulation by person, and the urn against what is proven of it."""

import csv
import time
from pathlib import Path

import numpy as np
import pytest

from custodiet.bench import cascade, sobol
from custodiet.bench.feedback import FeedbackOptions, simulate_urn
from custodiet.bench.scenario import PARAMETERS, read_scenario
from custodiet.model.errors import InputError

EXAMPLE = Path(__file__).parent.parent / "examples" / "cascade.yml"


@pytest.mark.parametrize("correlation", [0.0, 0.5])
@pytest.mark.parametrize("safeguards", cascade.SAFEGUARDS.values(), ids=cascade.SAFEGUARDS)
def test_the_chances_are_what_people_simulated_one_by_one_meet(safeguards: tuple[str, ...], correlation: float) -> None:
    generator = np.random.default_rng(7)
    own = dict(zip(PARAMETERS, generator.uniform(0.05, 0.6, len(PARAMETERS)).tolist(), strict=True))
    people = 400_000
    counts = cascade.simulate_people(own, people, safeguards, correlation, seed=1)
    chances = cascade.find_chances({name: np.array([[value]]) for name, value in own.items()}, safeguards, correlation)
    for outcome in cascade.OUTCOMES:
        chance = float(getattr(chances, outcome)[0, 0])
        spread = np.sqrt(chance * (1 - chance) / people)
        assert counts[outcome] / people == pytest.approx(chance, abs=5 * spread + 1e-9), outcome


def test_a_safeguard_never_adds_a_wrong_person_or_door() -> None:
    scenario = read_scenario(EXAMPLE)
    at = np.random.default_rng(0).random((200, len(PARAMETERS)))
    parameters = cascade.draw_parameters(scenario, at)
    bare = cascade.find_chances(parameters, (), scenario.correlation)
    for safeguards in cascade.SAFEGUARDS.values():
        found = cascade.find_chances(parameters, safeguards, scenario.correlation)
        assert (found.wrongly_identified <= bare.wrongly_identified + 1e-12).all()
        assert (found.wrong_door <= bare.wrong_door + 1e-12).all()
        assert (found.wrong_door >= found.wrongly_identified - 1e-12).all()


def test_a_parameter_without_an_origin_is_refused(tmp_path: Path) -> None:
    text = EXAMPLE.read_text("utf-8")
    for old, new, problem in (
        ("plate_used: {low: 0.1, high: 0.4, assumption: share of cases in which a plate is looked up and there is a hit}",
         "plate_used: {low: 0.1, high: 0.4}", "parameters.plate_used: write either its source"),
        ("plate_used: {low: 0.1,", "plate_used: {low: 0.6,", "not in this order"),
        ("plate_used: {low: 0.1,", "plate_used: {hits: 3,", "write hits and trials"),
        ("face_used: {low: 0.05", "face_used: {low: -1", "face_used.low"),
        ("      West Africa men:", "      West Africa boys:", "there is no group"),
        ("correlation: 0.2", "correlation: 1", "correlation"),
        ("title:", "titel:", "title"),
        ("groups:", "groups: [", "line"),
    ):  # fmt: skip
        path = tmp_path / "s.yml"
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")
        with pytest.raises(InputError, match=problem):
            read_scenario(path)


def test_the_example_says_of_every_parameter_where_it_comes_from() -> None:
    scenario = read_scenario(EXAMPLE)
    for name, parameter in scenario.parameters:
        assert bool(parameter.source) != bool(parameter.assumption), name
        # A source is a study or table with a year or address, or a definition.
        assert not parameter.source or any(word in parameter.source for word in ("20", "NIST", "by definition")), name


def test_nists_groups_in_the_example_are_nists(reference: Path) -> None:
    with (reference / "nist" / "fpir_8_groups.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    own = read_scenario(EXAMPLE).parameters.face_error.by_group
    for group, spread in own.items():
        region, kind = group.rsplit(" ", 1)
        column = f"{region[0]}-{region.split()[1]}_{'F' if kind == 'women' else 'M'}"
        rates = sorted(float(row[column]) for row in rows)
        assert (spread.low, spread.mode, spread.high) == (rates[0], rates[len(rates) // 2], rates[-1]), group


def test_a_million_people_take_under_a_second() -> None:
    scenario = read_scenario(EXAMPLE)
    assert sum(group.cases for group in scenario.groups) == 1_000_000
    assert len(scenario.groups) == 8
    times = []
    for _ in range(3):
        start = time.perf_counter()
        cascade.simulate(scenario, 1000, 0)
        times.append(time.perf_counter() - start)
    assert min(times) < 1


def test_ishigamis_indices_are_those_of_its_integrals_and_of_salib() -> None:
    a, b = 7.0, 0.1
    found = sobol.sobol_indices(sobol.ishigami, 3, power=15)
    # Variances by hand: Ishigami and Homma 1990.
    first = np.array([(1 + b * np.pi**4 / 5) ** 2 / 2, a * a / 8, 0])
    both = b * b * np.pi**8 * (1 / 18 - 1 / 50)
    variance = first.sum() + both
    assert found.first == pytest.approx(first / variance, abs=0.005)
    assert found.total == pytest.approx(np.array([first[0] + both, first[1], both]) / variance, abs=0.005)
    check_against_salib(sobol.ishigami, 3, found)


def test_the_cascades_indices_are_salibs() -> None:
    scenario = read_scenario(EXAMPLE)
    cases = np.array([group.cases for group in scenario.groups], dtype=float)

    def doors(rows: np.ndarray) -> np.ndarray:
        parameters = cascade.draw_parameters(scenario, rows)
        return cascade.find_chances(parameters, cascade.SAFEGUARDS["all"], 0.0).wrong_door @ cases

    found = cascade.rank_parameters(
        scenario.model_copy(update={"correlation": 0.0}), cascade.SAFEGUARDS["all"], "wrong_door", power=12
    )
    check_against_salib(doors, len(PARAMETERS), found)


def check_against_salib(model, inputs: int, found) -> None:
    sample = pytest.importorskip("SALib.sample.sobol")
    analyze = pytest.importorskip("SALib.analyze.sobol")
    problem = {"num_vars": inputs, "names": [f"x{n}" for n in range(inputs)], "bounds": [[1e-12, 1 - 1e-12]] * inputs}
    points = sample.sample(problem, 2**12, calc_second_order=False, seed=1)
    theirs = analyze.analyze(problem, model(points), calc_second_order=False, seed=1)
    assert found.first == pytest.approx(theirs["S1"], abs=0.03)
    assert found.total == pytest.approx(theirs["ST"], abs=0.03)


def test_equal_areas_end_anywhere_as_polya_says() -> None:
    # Every patrol finds: the plain urn, whose share tends to a beta of the balls at the start. One each: every share alike.
    options = FeedbackOptions(rates=(1.0, 1.0), start=(1.0, 1.0), days=2000, runs=4000, seed=4)
    _, shares = simulate_urn(options, is_corrected=False)
    last = shares[-1, :, 0]
    assert last.mean() == pytest.approx(0.5, abs=0.02)
    assert last.var() == pytest.approx(1 / 12, abs=0.005)


def test_the_correction_sends_patrols_where_incidents_are() -> None:
    for rates in ((0.6, 0.3), (0.5, 0.3, 0.2)):
        options = FeedbackOptions(rates=rates, start=tuple(1.0 for _ in rates), days=4000, runs=300, seed=2)
        _, plain = simulate_urn(options, is_corrected=False)
        _, corrected = simulate_urn(options, is_corrected=True)
        true = np.array(rates) / sum(rates)
        assert corrected[-1].mean(axis=0) == pytest.approx(true, abs=0.03)
        # Runaway: the richest area gets far more than its share.
        assert plain[-1, :, 0].mean() > true[0] + 0.1
