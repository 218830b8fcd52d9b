"""Proposed organisations: what the model says of real traps, why, how fast, and how a reader decides."""

import time
from pathlib import Path

import pytest

from command import assert_one_sentence, run
from custodiet import Register
from custodiet.organisations.features import Known, describe_names
from custodiet.organisations.model import COMPARISONS, Scored, read_trained, score_pairs
from custodiet.questions.resolving import explain_proposal, organisation_proposals, propose_organisations


def scored(*names: str | Known, among: tuple[str, ...] = ()) -> dict[frozenset[str], Scored]:
    known = [name if isinstance(name, Known) else Known(name) for name in names]
    found = score_pairs(describe_names(known, among), read_trained(), -1000.0)
    return {frozenset((each.one, each.other)): each for each in found}


# Words are rare or common among many names; without company every word is common.
COMPANY = tuple(f"NUMBER{n} SYSTEMS SERVICES SOLUTIONS GROUP INC" for n in range(1000)) + tuple(
    f"FIRM{n} GENERAL INTERNATIONAL TECHNOLOGIES GOVERNMENT LLC" for n in range(1000)
)


def level(one: str, other: str, comparison: str = "name") -> str | None:
    found = scored(one, other, among=COMPANY).get(frozenset((one, other)))
    return next((part.level for part in found.parts if part.comparison == comparison), None) if found else None


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("DAWSON SOLUTIONS, LLC", "DAWSON SOLUTIONS, INC.", "same-words"),
        ("SO PAK CO", "SOPAK INC", "same-words"),
        ("MANTECH ADVANCED SYSTEMS INTER", "MANTECH ADVANCED SYSTEMS INTERNATIONAL, INC.", "cut-off"),
        ("VIRGIN ISLAND PORT AUTHORITY", "VIRGIN ISLANDS PORT AUTHORITY", "one-letter"),
        ("QWEST CORPORATION", "QWEST GOVERNMENT SERVICES INC", "contained"),
        ("BERGER LOUIS GROUP INC", "LOUIS BERGER GROUP, INC., THE", "most-words"),
        ("KBR SERVICES, LLC", "KELLOGG BROWN & ROOT SERVICES, INC.", "initials"),
        ("PARAGON PROFESSIONAL SERVICES LLC", "PARAGON TACTICAL INC", "rare-word-first-of-others"),
        ("NORTHROP GRUMMAN SPACE LLC", "NORTHROP GRUMMAN SHIPBUILDING MISSISSIPPI INC", "two-words"),
        ("CARDINAL HEALTH CARE OHIO", "CARDINAL HEALTH CARE TEXAS BRANCH INC", "three-words"),
        ("RESPONSE AI SOLUTIONS, LLC", "AI SOLUTIONS 87 LLC", "some-words"),
    ],
)
def test_each_level_of_the_name_is_reached(one: str, other: str, expected: str) -> None:
    assert level(one, other) == expected


def test_names_that_share_letters_alone_are_not_compared() -> None:
    assert level("EVIGILANT.COM, LLC", "VIGILANT SOLUTIONS LLC") is None
    assert level("NEC CORPORATION", "AOC CONNECT LLC") is None


def test_a_number_in_one_name_only_speaks_against() -> None:
    assert level("AI SOLUTIONS 87 LLC", "AI SOLUTIONS LLC", "numbers") == "other"
    assert level("STUDIO 54 LLC", "STUDIO 54 INC", "numbers") == "same"
    assert level("DAWSON LLC", "DAWSON INC", "numbers") is None


def test_an_award_or_an_identifier_in_common_speaks_for() -> None:
    alone = scored("VF IMAGEWEAR, INC.", "WORKWEAR OUTFITTERS, LLC", among=COMPANY)
    assert not alone
    (award,) = scored(
        Known("VF IMAGEWEAR, INC.", awards=("A1",)), Known("WORKWEAR OUTFITTERS, LLC", awards=("A1", "A2")), among=COMPANY
    ).values()
    assert [part.level for part in award.parts if part.comparison == "awards"] == ["shared"]
    ours, theirs = (("U1",), ("P1",)), (("U2",), ("P1",))
    levels = {}
    for name, (ueis, parents) in {"same-parent": theirs, "same-uei": ours, "other-ueis": (("U3",), ("P3",))}.items():
        (found,) = scored(
            Known("QWEST CORPORATION", ueis=ours[0], parents=ours[1]), Known("QWEST LLC", ueis=ueis, parents=parents)
        ).values()
        assert [part.level for part in found.parts if part.comparison == "identifiers"] == [name]
        levels[name] = found.weight
    assert levels["same-uei"] > levels["same-parent"] > levels["other-ueis"]


def test_a_score_is_the_sum_of_its_parts() -> None:
    trained = read_trained()
    for each in scored("QWEST CORPORATION", "QWEST GOVERNMENT SERVICES INC", "QWEST LLC", among=COMPANY).values():
        assert each.weight == pytest.approx(trained.prior_weight + sum(part.weight for part in each.parts))


def test_the_trained_model_has_every_counted_level_and_no_other() -> None:
    trained = read_trained().parameters
    counted = {c.name: {level.name for level in c.levels} for c in COMPARISONS if c.by_hand is None}
    assert {name: set(levels) for name, levels in trained.items()} == counted
    for levels in trained.values():
        for side in (0, 1):
            assert sum(both[side] for both in levels.values()) == pytest.approx(1, abs=1e-3)


def test_all_names_are_resolved_in_time_and_then_kept(register: Register, tmp_path: Path) -> None:
    started = time.perf_counter()
    first = propose_organisations(register, cache=tmp_path)
    assert time.perf_counter() - started < 60
    assert first.computed
    started = time.perf_counter()
    again = propose_organisations(register, cache=tmp_path)
    assert time.perf_counter() - started < 2
    assert not again.computed
    assert again.proposals == first.proposals
    # Computed elsewhere it is the same, and a cache that is spoilt is no answer.
    (kept,) = (tmp_path / "organisations").iterdir()
    kept.write_text("[{]", "utf-8")
    assert propose_organisations(register, cache=tmp_path).proposals == first.proposals


def test_the_traps_are_not_proposed_and_plain_pairs_are(register: Register, tmp_path: Path) -> None:
    pairs = {frozenset((p["one"], p["other"])) for p in organisation_proposals(register, cache=tmp_path)}
    for one, other in (
        ("PARAGON SYSTEMS INC", "PARAGON SOLUTIONS (US) INC"),
        ("AI SOLUTIONS 87 LLC", "RESPONSE AI SOLUTIONS, LLC"),
        ("CSRA LLC", "GENERAL DYNAMICS INFORMATION TECHNOLOGY, INC."),
    ):
        assert frozenset((one, other)) not in pairs
    assert frozenset(("GENERAL MOTORS CORPORATION", "GENERAL MOTORS LLC")) in pairs
    assert not any("VIGILANT" in name for pair in pairs for name in pair)


def test_a_proposal_is_explained_part_by_part(register: Register, tmp_path: Path) -> None:
    best = organisation_proposals(register, cache=tmp_path)[0]
    told = explain_proposal(register, best["id"], cache=tmp_path)
    assert told["parts"][0]["comparison"] == "prior"
    assert told["parts"][-1]["sum"] == pytest.approx(told["weight"], abs=0.02)
    assert all(part["words"] for part in told["parts"])


def test_resolve_judge_build_and_undo(register_file: Path, tmp_path: Path) -> None:
    settings = {"CUSTODIET_REGISTER": str(register_file), "CUSTODIET_JUDGEMENTS": str(tmp_path / "own.jsonl")}
    assert "proposals wait" in run("resolve", home=tmp_path, **settings).stdout
    assert "Nothing has changed" in run("resolve", home=tmp_path, **settings).stdout
    waiting = run("resolve", "--list", "--csv", home=tmp_path, **settings).stdout.splitlines()
    name = waiting[1].partition(",")[0]
    assert "prior" in run("resolve", "--explain", name, home=tmp_path, **settings).stdout
    decided = run(
        "judge", "accept", name, "--by", "T", "--because", "x", "--as", "parent", "--json", home=tmp_path, **settings
    )
    assert '"kind": "parent"' in decided.stdout
    assert name in run("resolve", "--judged", "--csv", home=tmp_path, **settings).stdout
    assert name not in run("resolve", "--list", "--csv", home=tmp_path, **settings).stdout
    undone = run("judge", "undo", name, "--by", "T", "--because", "x", "--json", home=tmp_path, **settings)
    assert '"kind": "parent"' in undone.stdout
    assert name in run("resolve", "--list", "--csv", home=tmp_path, **settings).stdout
    assert_one_sentence(run("resolve", "--explain", "o0000000", home=tmp_path, **settings))
    assert_one_sentence(run("judge", "accept", "o0000000", "--by", "T", "--because", "x", home=tmp_path, **settings))
    assert_one_sentence(run("resolve", "--list", "--explain", name, home=tmp_path, **settings))
