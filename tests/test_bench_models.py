"""The cascade against a simulation by person, and the urn against what is proven of it."""

from pathlib import Path

import numpy as np
import pytest

from custodiet.bench import cascade
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
        ("plate_used: {low: 0.1, high: 0.4, assumption: share of cases in which a plate is looked up}",
         "plate_used: {low: 0.1, high: 0.4}", "parameters.plate_used: write either its source"),
        ("plate_used: {low: 0.1,", "plate_used: {low: 0.6,", "not in this order"),
        ("plate_used: {low: 0.1,", "plate_used: {hits: 3,", "write hits and trials"),
        ("face_used: {low: 0.05", "face_used: {low: -1", "face_used.low"),
        ("      D men:", "      D boys:", "there is no group"),
        ("correlation: 0.2", "correlation: 1", "correlation"),
        ("title:", "titel:", "title"),
        ("groups:", "groups: [", "line"),
    ):  # fmt: skip
        path = tmp_path / "s.yml"
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")
        with pytest.raises(InputError, match=problem):
            read_scenario(path)


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
