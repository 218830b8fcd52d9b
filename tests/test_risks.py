"""Risks follow from what an entry says of itself, each can be traced, and only what is shown lowers one."""

import csv
import io
import json
import random
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from command import assert_one_sentence, run
from custodiet.cli.app import app
from custodiet.exports.oscal import build_results, token, write_results
from custodiet.governance.answers import read_answers
from custodiet.governance.assess import assess
from custodiet.governance.packs import load_packs
from custodiet.governance.risks import RATINGS, Risk, list_risks
from custodiet.governance.risks import read as reading
from custodiet.governance.risks.read import load_seeds
from custodiet.governance.risks.register import rate
from custodiet.governance.risks.words import _hits, _Text
from custodiet.governance.scenarios import load_scenarios
from custodiet.model.errors import ExportError, InputError, PackError, QuestionError
from custodiet.questions import cite
from custodiet.store import Register
from test_assess import gate, report

PACKS = load_packs()
ROOT = Path(__file__).parent.parent
USES = {
    "address-scoring",
    "broad-plate-queries",
    "device-extraction",
    "location-data",
    "one-to-many-face-search",
    "record-linkage",
}
# What each verb of the bench measures, from its own runs (see the scenario tests below and docs/bench.md).
MEASURES = {
    "fmr", "fpir", "fmr_mxog", "fpir_mxog", "fmr_max_over_min", "fpir_max_over_min", "yield", "smece", "ece",
    "circle_coverage", "hit_rate", "error_m_q95", "pairwise_precision", "link_precision", "link_recall",
    "b_cubed_precision", "over_merge", "wrongly_identified", "wrong_door", "patrol_share",
}  # fmt: skip


def uses(register: Register, subject: str) -> set[str]:
    return {risk.use for risk in list_risks(register, subject)[1]}


def test_seeds_cover_the_high_risk_uses_and_all_four_functions() -> None:
    seeds = load_seeds(PACKS)
    assert set(seeds) == USES
    for seed in seeds.values():
        for risk in seed.risks:
            assert risk.subcategories[0].split()[0] in ("GOVERN", "MAP", "MEASURE", "MANAGE")
            assert any(name.startswith(risk.function) for name in risk.subcategories), risk.id
            assert set(risk.likelihood.bench.measures if risk.likelihood.bench else ()) <= MEASURES, risk.id
            # No text of ours says that something is illegal, or that it happened here.
            for text in (risk.cause, risk.event, risk.consequence, risk.likelihood.because):
                assert not re.search(r"\b(illegal|unlawful|violat|guilty)", text), text
    assert {risk.function for seed in seeds.values() for risk in seed.risks} == {"GOVERN", "MAP", "MEASURE", "MANAGE"}


def test_seeds_follow_from_what_an_entry_says_of_itself(register: Register) -> None:
    assert uses(register, "DHS-2577") == {"one-to-many-face-search"}
    assert uses(register, "DHS-2578") == {"address-scoring"}
    assert uses(register, "DHS-2666") == {"broad-plate-queries"}
    assert uses(register, "DHS-2552") == {"device-extraction"}
    assert uses(register, "DHS-80") == {"record-linkage"}
    assert uses(register, "elite") == {"address-scoring", "record-linkage"}
    # A chat helper of a case system matches nobody, and cargo is no person.
    assert uses(register, "DHS-2423") == set()
    assert uses(register, "DHS-94") == set()


def test_what_an_entry_denies_is_no_reason() -> None:
    text = _Text("X-1", "its name", "the tool does not use facial recognition and reads forms", {})
    assert not list(_hits(("facial recognition",), [text]))
    assert list(_hits(("facial recognition",), [_Text("X-1", "its name", "the tool uses facial recognition", {})]))


def test_every_risk_is_traceable(register: Register) -> None:
    for subject in ("DHS-2577", "DHS-2578", "DHS-2666", "mobile-fortify"):
        _, risks = list_risks(register, subject)
        assert risks
        for risk in risks:
            assert risk.reasons
            assert risk.citations or all(reason.citation is None for reason in risk.reasons)
            for citation in risk.citations:
                assert cite(register, *citation.values())["text"] is not None or cite(register, *citation.values())["state"]
            for name in risk.references:
                ((number,),) = register.rows("select count(*) from findings where finding = $id", {"id": name})
                assert number == 1
            if risk.basis == "finding":
                assert risk.references
            assert risk.likelihood_says.startswith("Assumed") == (risk.basis in ("assumed", "finding"))
        ratings = [RATINGS.index(risk.residual) for risk in risks]
        assert ratings == sorted(ratings, reverse=True)


def by_id(risks: tuple[Risk, ...]) -> dict[str, Risk]:
    return {risk.id.split("/")[1]: risk for risk in risks}


def test_an_override_needs_no_guess(register: Register) -> None:
    risk = by_id(list_risks(register, "DHS-2578")[1])["called-low-impact"]
    assert (risk.likelihood, risk.basis) == ("high", "record")
    assert risk.citations


def test_only_a_figure_moves_a_likelihood(register: Register, tmp_path: Path) -> None:
    def likelihood(*rows: dict[str, Any]) -> tuple[str, str]:
        folder = report(tmp_path, list(rows)) if rows else None
        risk = by_id(list_risks(register, "DHS-2577", bench=folder)[1])["wrong-person-named"]
        return risk.likelihood, risk.basis

    assert likelihood() == ("moderate", "finding")
    assert likelihood(gate("mobile-fortify", "pass")) == ("low", "bench")
    assert likelihood(gate("mobile-fortify", "fail")) == ("high", "bench")
    assert likelihood(gate("mobile-fortify", "pass"), gate("mobile-fortify", "insufficient")) == ("moderate", "bench")
    assert likelihood(gate("mobile-fortify", "pass", "fnmr")) == ("moderate", "finding")
    assert likelihood(gate("elite", "pass")) == ("moderate", "finding")


def test_the_rating_grows_with_both() -> None:
    assert rate("low", "limited") == "very low"
    assert rate("high", "severe") == "very high"
    assert rate("moderate", "serious") == rate("low", "severe") == rate("high", "limited") == "moderate"


def test_nothing_lowers_a_risk_but_controls_that_are_all_shown(register: Register) -> None:
    """CBP reports testing, oversight and training in place; one control has no duty, so nobody says."""
    for subject in ("DHS-2731", "DHS-2412"):
        for risk in list_risks(register, subject)[1]:
            applying = [control for control in risk.controls if control.state != "not-applicable"]
            if any(control.state != "met" for control in applying):
                assert risk.residual == risk.rating
            elif applying and risk.likelihood != "low":
                assert RATINGS.index(risk.residual) < RATINGS.index(risk.rating)
            assert all(control.state == "unknown" for control in risk.controls if control.duty is None)


def test_nobody_owns_a_risk_until_somebody_says_so(register: Register, tmp_path: Path) -> None:
    risk = by_id(list_risks(register, "DHS-2577")[1])["unequal-errors"]
    assert risk.owner.startswith("nobody is named")
    assert str(risk.due) == "2026-04-03"
    path = tmp_path / "answers.yml"
    path.write_text(
        "subject: DHS-2577\nsigned: {name: B. Chief, role: CAIO, date: 2026-05-01}\nrisks:\n"
        "  one-to-many-face-search/unequal-errors: {owner: C. Lead, due: 2026-09-01, treatment: Test by group}\n",
        "utf-8",
    )
    risk = by_id(list_risks(register, "DHS-2577", answers=read_answers(path))[1])["unequal-errors"]
    assert risk.owner == "C. Lead, says B. Chief (CAIO), 2026-05-01"
    assert str(risk.due) == "2026-09-01"
    assert "Treatment by B. Chief (CAIO), 2026-05-01: Test by group." in risk.residual_says
    path.write_text(path.read_text("utf-8").replace("unequal-errors", "no-such-risk"), "utf-8")
    with pytest.raises(InputError, match="no-such-risk"):
        list_risks(register, "DHS-2577", answers=read_answers(path))


def test_a_product_names_its_use() -> None:
    who, risks = list_risks(None, "Acme Match", uses=["one-to-many-face-search"])
    assert who.kind == "product"
    assert {risk.use for risk in risks} == {"one-to-many-face-search"}
    assert all(control.state == "unknown" for risk in risks for control in risk.controls)
    with pytest.raises(QuestionError, match="is no use"):
        list_risks(None, "Acme Match", uses=["mind-reading"])
    with pytest.raises(QuestionError, match="Without a register"):
        list_risks(None, "Acme Match")


BROKEN_SEEDS = {
    "a subcategory": ("MEASURE 2.3, MEASURE 2.5", "MEASURE 2.3, MEASURE 2.99"),
    "a control's duty": ("id: 4(b)(i)}", "id: 4(b)(xi)}"),
    "a category": ("category: plate-readers", "category: plates"),
    "a scenario": ("[plate-o-0]", "[plate-0-0]"),
    "a field": ("title: Broad plate queries", "titel: Broad plate queries"),
    "a level": ("level: severe", "level: terrible"),
}


@pytest.mark.parametrize("fault", BROKEN_SEEDS)
def test_a_broken_seed_gets_one_sentence(fault: str, tmp_path: Path) -> None:
    text = (reading.HERE / "broad-plate-queries.yml").read_text("utf-8")
    before, after = BROKEN_SEEDS[fault]
    assert before in text
    (tmp_path / "broad-plate-queries.yml").write_text(text.replace(before, after, 1), "utf-8")
    with pytest.raises(PackError) as caught:
        load_seeds(PACKS, tmp_path)
    assert str(caught.value).startswith("risks/broad-plate-queries.yml")


# --- OSCAL


def test_oscal_results_load_and_lead_back(register: Register, tmp_path: Path) -> None:
    from trestle.oscal.assessment_results import AssessmentResults

    for subject, pack in (("DHS-2577", "omb-m-25-21"), ("DHS-2578", "omb-m-25-21"), ("DHS-2666", "nist-ai-rmf-1.0")):
        held = assess(register, subject, PACKS[pack])
        _, risks = list_risks(register, subject)
        path = tmp_path / f"{subject}.json"
        write_results(path, held, risks, register)
        loaded = AssessmentResults.oscal_read(path)
        assert loaded is not None
        (result,) = loaded.results
        findings = result.findings or []
        assert len(findings) == sum(judged.status != "not-applicable" for judged in held.judged)
        assert len(result.risks or []) == len(risks)
        observed = {each.uuid for each in result.observations or []}
        assert len(observed) == len(result.observations or [])
        assert {each.observation_uuid for finding in findings for each in finding.related_observations} <= observed
        satisfied = {
            finding.target.target_id for finding in findings if str(finding.target.status.state.value) == "satisfied"
        }
        assert satisfied == {token(pack, judged.duty.id) for judged in held.judged if judged.status == "met"}


def test_oscal_is_the_same_twice_and_takes_no_clock(register: Register, tmp_path: Path) -> None:
    held, (_, risks) = assess(register, "DHS-2666", "omb-m-25-21"), list_risks(register, "DHS-2666")
    first, second = tmp_path / "a.json", tmp_path / "b.json"
    write_results(first, held, risks, register)
    write_results(second, assess(register, "DHS-2666", "omb-m-25-21"), list_risks(register, "DHS-2666")[1], register)
    assert first.read_bytes() == second.read_bytes()
    ((newest,),) = register.rows("select max(greatest(published, coalesce(collected, published))) from releases")
    assert json.loads(first.read_text())["assessment-results"]["metadata"]["last-modified"] == f"{newest}T00:00:00Z"
    # Ours may be replaced, and somebody else's not.
    write_results(first, held, risks, register)
    second.write_text('{"title": "my own"}')
    with pytest.raises(ExportError):
        write_results(second, held, risks, register)
    write_results(second, held, risks, register, force=True)


def test_oscal_names_are_tokens_and_apart() -> None:
    for pack in PACKS.values():
        names = [token(pack.id, duty.id) for duty in pack.duties]
        assert len(set(names)) == len(names)
        assert all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9._-]*", name) for name in names)
    bare = build_results(assess(None, "Acme", "ccops", audit=None, needs_answers=False), (), None)["assessment-results"]
    assert bare["metadata"]["last-modified"] == "2026-11-22T00:00:00Z"


# --- Scenarios


def make_inputs(folder: Path) -> None:
    """Write a small made-up file for every scenario: no face, plate or name."""
    draw = random.Random(3)

    def write(name: str, header: str, rows: list[list[object]]) -> None:
        with (folder / name).open("w", newline="") as stream:
            csv.writer(stream).writerows([header.split(","), *rows])

    write(
        "searches.csv",
        "search,mated,score,is_mate,rank,probe_quality",
        [
            [
                f"q{n}",
                n % 2,
                round(draw.gauss(4 * (n % 2) * (1 - k), 1), 3),
                (n % 2) * (1 - k),
                k + 1,
                "good" if n % 3 else "poor",
            ]
            for n in range(200)
            for k in range(2)
        ],
    )
    pairs = []
    for n in range(300):
        genuine = int(n % 3 == 0)
        score = round(draw.gauss(4 * genuine, 1), 3)
        pairs.append([score, genuine, f"a{n}", f"a{n}" if genuine else f"b{n}", "sibling" if n % 2 else "random"])
    write("comparisons.csv", "score,genuine,subject_a,subject_b,pair_kind", pairs)
    claims = {"line-ups": ["line_up"], "reads": ["state", "confusable"], "alerts": ["entry_age"], "claims": ["source"]}
    for name, groups in claims.items():
        rows = [[round(draw.random(), 3), n % 2, *(draw.choice("ab") for _ in groups)] for n in range(300)]
        write(f"{name}.csv", ",".join(["confidence", "held", *groups]), rows)
    records = [[f"r{n}", f"e{n // 2}", f"c{n // (2 if n % 9 else 4)}", "rare" if n % 2 else "common"] for n in range(300)]
    write("records.csv", "record,true,predicted,commonness", records)
    (folder / "examples").symlink_to(ROOT / "examples")


def test_the_eight_scenarios_have_what_a_tester_needs() -> None:
    scenarios = load_scenarios()
    assert [scenario.id for scenario in scenarios] == [
        "poor-probe", "look-alike", "line-up-contamination", "candidate-list-omitted", "plate-o-0", "stale-hotlist",
        "same-name-merge", "score-as-certainty",
    ]  # fmt: skip
    for scenario in scenarios:
        assert scenario.must
        assert "--out" in scenario.command


@pytest.mark.parametrize("scenario", load_scenarios(), ids=lambda each: each.id)
def test_the_command_of_a_scenario_runs(scenario: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_inputs(tmp_path)
    monkeypatch.chdir(tmp_path)
    arguments = shlex.split(scenario.command)
    assert arguments[:2] == ["custodiet", "bench"]
    done = CliRunner().invoke(app, [*arguments[1:], "--draws", "100"])
    # 1 says that a claim of its gate was not shown.
    assert done.exit_code in ((0, 1) if "--gate" in arguments else (0,)), (done.output, done.exception)
    written = json.loads((tmp_path / arguments[arguments.index("--out") + 1] / "report.json").read_text())
    assert written["bench"] == arguments[2]
    assert written["measures"]


def test_scenarios_that_do_not_hold_together_are_refused(tmp_path: Path) -> None:
    rows = yaml.safe_load((Path(reading.HERE).parent / "scenarios.yml").read_text("utf-8"))
    for spoil in ({"command": "rm -rf x"}, {"must": []}, {"colour": "red"}, {"id": rows[1]["id"]}):
        path = tmp_path / "scenarios.yml"
        path.write_text(yaml.safe_dump([{**rows[0], **spoil}, *rows[1:]]), "utf-8")
        with pytest.raises(PackError):
            load_scenarios(path)


def test_the_command_line_lists_risks_in_every_form(register_file: Path, tmp_path: Path) -> None:
    ask = ("risks", "DHS-2666", "--register", register_file)
    shown = run(*ask, home=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "not reports that something happened" in shown.stdout
    data = json.loads(run(*ask, "--json", home=tmp_path).stdout)
    rows = list(csv.DictReader(io.StringIO(run(*ask, "--csv", "--xlsx", tmp_path / "r.xlsx", home=tmp_path).stdout)))
    assert [row["id"] for row in rows] == [risk["id"] for risk in data["risks"]]
    assert (tmp_path / "r.xlsx").stat().st_size > 1000
    written = run(*ask, "--oscal", tmp_path / "r.json", home=tmp_path)
    assert written.returncode == 0, written.stderr
    assert len(json.loads((tmp_path / "r.json").read_text())["assessment-results"]["results"][0]["risks"]) == len(rows)
    assert len(json.loads(run("risks", "--scenarios", "--json", home=tmp_path).stdout)) == 8
    assert_one_sentence(run("risks", home=tmp_path))
    assert_one_sentence(run("risks", "DHS-2666", "--scenarios", home=tmp_path))
    assert_one_sentence(run("risks", "DHS-0", "--register", register_file, home=tmp_path))
