"""Hard files: what nobody should hand in and somebody will. Each is one sentence with its place, or stands in the report."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from command import assert_one_sentence, run
from custodiet.bench import differentials, faces, linkage, nist, places, searches
from custodiet.bench.confidence import ConfidenceOptions, read_claims, report_confidence
from custodiet.bench.faces_groups import FacesOptions
from custodiet.bench.faces_report import report_identification, report_verification
from custodiet.bench.faces_reverse import report_claimed
from custodiet.bench.linkage_report import LinkageOptions, report_linkage
from custodiet.model.errors import InputError
from custodiet.store.columns import Columns, refuse_too_large
from test_bench_verbs import write

SEARCHES = "search,mated,score,is_mate,rank,subject,gallery,sex"
PLACES = "claimed_lat,claimed_lon,true_lat,true_lon"


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (["a,0,.5,0,1,p,10,F", "a,1,.4,0,2,p,10,F"], "row 2, column 'mated': is not what the search's first row says"),
        (["a,0,.5,0,1,p,10,F", "a,0,.4,0,2,q,10,F"], "row 2, column 'subject': is not what the search's first row says"),
        (["a,0,.5,0,1,p,10,F", "a,0,.4,0,2,p,99,F"], "row 2, column 'gallery': is not what the search's first row says"),
        (["a,0,.5,0,1,p,10,F", "b,0,.5,0,1,p,10,M", "a,0,.4,0,2,p,10,M"], "row 3, column 'sex': is not what the search's"),
        (["a,0,.5,0,1,p,10,F", "a,0,.4,0,1,p,10,F"], "row 2, column 'rank': stands twice in this search"),
        (["a,0,.5,0,1.5,p,10,F"], "row 1, column 'rank': is no whole number"),
        (["a,1,.5,1,1,p,10,F", "a,1,.4,1,2,p,10,F"], "row 1, column 'is_mate': the mate stands in the search twice"),
        (["a,0,.5,1,1,p,10,F"], "row 1, column 'is_mate': names the mate of a search that is not mated"),
    ],
)  # fmt: skip
def test_rows_of_a_search_that_contradict_each_other_have_a_place(tmp_path: Path, rows: list[str], problem: str) -> None:
    path = write(tmp_path / "s.csv", SEARCHES, rows)
    with pytest.raises(InputError) as error:
        searches.read_searches(path, ("sex",))
    assert problem in str(error.value)


def test_scores_that_run_the_other_way_are_spoken_of_and_not_turned(tmp_path: Path) -> None:
    rows = [f"q{n},1,{0.1 if mate else 0.9},{int(mate)}" for n in range(5) for mate in (True, False)]
    path = write(tmp_path / "s.csv", "search,mated,score,is_mate", [*rows, "z,0,0.5,0"])
    options = FacesOptions(pairing="all", targets=(0.5,), draws=100)
    report = report_identification(searches.read_searches(path), [path], options)
    assert any("--low-is-better" in text for section in report.sections for text in section.paragraphs)
    turned = report_identification(
        searches.read_searches(path, low_is_better=True),
        [path],
        FacesOptions(pairing="all", targets=(0.5,), low_is_better=True),
    )
    assert not any("--low-is-better" in text for section in turned.sections for text in section.paragraphs)


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (f"{PLACES},licensePlate", "1,1,1,1,x"), (f"{PLACES},licenseplate", "1,1,1,1,x"), (f"{PLACES},LPN", "1,1,1,1,x"),
        (f"{PLACES},phonenumber", "1,1,1,1,5"), (f"{PLACES},home_address", "1,1,1,1,x"), (f"{PLACES},Nombre", "1,1,1,1,x"),
        (f"{PLACES},date_of_birth", "1,1,1,1,x"), (f"{PLACES},driversLicense", "1,1,1,1,x"),
    ],
)  # fmt: skip
def test_columns_named_like_personal_data_are_refused_however_they_are_written(tmp_path: Path, header: str, row: str) -> None:
    path = write(tmp_path / "p.csv", header, [row])
    with pytest.raises(InputError, match=r"p\.csv, row 0, column .*named like personal data"):
        places.read_positions(path)


def test_cells_that_look_like_people_are_refused_in_columns_that_nobody_asked_for(tmp_path: Path) -> None:
    first, last = ["Ann", "Bob", "Cleo", "Dan", "Eve"], ["Archer", "Baker", "Cooper", "Dyer", "Elder", "Fuller"]
    names = [f"{a} {b}" for a in first for b in last]
    for cells, what in (
        (names, "a person's name"), ([name.upper().replace(" ", ", ") for name in names], "a person's name"),
        ([f"x{n}@example.org" for n in range(30)], "an e-mail address"),
        ([f"555-010-{n:04}" for n in range(30)], "a phone number"),
        ([f"{chr(65 + n % 26)}BC{n:04}" for n in range(30)], "a number plate"),
    ):  # fmt: skip
        path = write(tmp_path / "p.csv", f"{PLACES},note", [f'1,1,1,1,"{cell}"' for cell in cells])
        with pytest.raises(InputError, match=rf"p\.csv, row 1, column 'note': looks like {what}"):
            places.read_positions(path)
    path = write(tmp_path / "p.csv", f"{PLACES},subject", ["1,1,1,1,Ann Archer"])
    with pytest.raises(InputError, match="looks like a person's name"):
        places.read_positions(path)


def test_pseudonyms_templates_and_regions_are_no_personal_data(tmp_path: Path) -> None:
    regions = ["East Asia", "West Africa", "East Europe", "South Asia"]
    rows = [f"1,1,1,1,S{n:03},T{n:04},{regions[n % 4]}" for n in range(40)]
    path = write(tmp_path / "p.csv", f"{PLACES},subject,template_id,region", rows)
    assert len(places.read_positions(path, ("region",)).groupings[0].names) == 4


def test_what_a_file_lacks_for_a_measure_is_said(tmp_path: Path) -> None:
    path = write(tmp_path / "p.csv", f"{PLACES},age_days,match_level", ["1,1,1,1,5,rooftop"])
    options = places.PlacesOptions(draws=100)
    report = places.report_places(places.read_positions(path), [path], options)
    text = " ".join(report.sections[0].paragraphs)
    assert "no 'moved', so staleness was not measured" in text
    assert "no 'correct', so the error of match levels was not measured" in text


def test_groups_of_a_sample_do_not_disappear(tmp_path: Path) -> None:
    rows = ["a,1,1,F", "b,1,1,F", "c,,2,M", "d,2,3,M", "e,2,4,M", "f,3,1,F", "g,4,9,X"]
    path = write(tmp_path / "l.csv", "record,true,predicted,sex", rows)
    records = linkage.read_records(path, ("sex",))
    report = report_linkage(records, None, None, [path], LinkageOptions(by=("sex",), sampling="uniform"))
    found = {(m.name, m.group): m for m in report.measures if m.by == "sex"}
    # Group M has one sampled entity of two records, which are not linked; X has no link at all, and stands there.
    assert found["link_recall", "sex=M"].value == 0
    assert found["link_precision", "sex=X"].value is None
    assert found["link_precision", "sex=X"].subjects == 1
    known = write(tmp_path / "w.csv", "record,true,predicted", ["a,1,1", "b,1,1"])
    whole = linkage.read_records(known)
    with pytest.raises(InputError, match="nothing is estimated"):
        report_linkage(whole, None, None, [known], LinkageOptions(sampling="uniform"))


def test_a_sample_of_all_entities_gives_the_groups_own_rates(tmp_path: Path) -> None:
    generator = np.random.default_rng(2)
    true = np.arange(300) // 3
    predicted = np.where(generator.random(300) < 0.8, true, generator.integers(0, 100, 300))
    sex = np.where(true % 2, "F", "M")
    rows = [f"r{n},e{t},c{p},{s}" for n, (t, p, s) in enumerate(zip(true, predicted, sex, strict=True))]
    whole = write(tmp_path / "w.csv", "record,true,predicted,sex", rows)
    # One record more of unknown truth makes it a sample, of all entities but that one's.
    part = write(tmp_path / "p.csv", "record,true,predicted,sex", [*rows, "more,,c1000,F"])
    exact = report_linkage(linkage.read_records(whole, ("sex",)), None, None, [whole], LinkageOptions(by=("sex",)))
    guess = report_linkage(
        linkage.read_records(part, ("sex",)), None, None, [part], LinkageOptions(by=("sex",), sampling="uniform")
    )
    own = {(m.name, m.group): m.value for m in exact.measures if m.by == "sex"}
    for measure in guess.measures:
        if measure.by == "sex":
            # The correction for bias is of the order of one over the number of entities.
            assert measure.value == pytest.approx(own[measure.name, measure.group], abs=0.03)


@pytest.mark.parametrize("row", ["a,1,1", "a,7,1"])
def test_one_record_is_a_report_and_no_traceback(tmp_path: Path, row: str) -> None:
    path = write(tmp_path / "l.csv", "record,true,predicted", [row])
    report = report_linkage(linkage.read_records(path), None, None, [path], LinkageOptions(draws=100))
    assert {m.name: m.value for m in report.measures}["pairwise_precision"] is None


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"thresholds": (float("nan"),)}, "`--threshold` is not a finite number"),
        ({"targets": (0.0,)}, "The target 0 is no rate"),
        ({"targets": (0.1,), "gallery": float("inf")}, "`--gallery` is not a finite number"),
        ({"targets": (0.1,), "nist_folder": Path("/no/such/folder")}, "there is no such folder"),
        ({}, "No operating point was asked for"),
    ],
)  # fmt: skip
def test_an_option_that_is_no_number_is_one_sentence(tmp_path: Path, given: dict[str, object], problem: str) -> None:
    path = write(tmp_path / "c.csv", "score,genuine", ["1,1", "0,0"])
    comparisons = faces.read_comparisons(path)
    with pytest.raises(InputError) as error:
        report_verification(comparisons, [path], FacesOptions(pairing="all", **given))
    assert problem in str(error.value)


def test_thresholds_of_confidences_are_on_their_scale(tmp_path: Path) -> None:
    path = write(tmp_path / "c.csv", "confidence,held", ["90,1", "50,0", "99,1"])
    with pytest.raises(InputError, match="threshold 90 is not from 0 to 1"):
        report_confidence(read_claims(path, scale=100), [path], ConfidenceOptions(thresholds=(90,), scale=100))
    report = report_confidence(read_claims(path, scale=100), [path], ConfidenceOptions(scale=100, draws=100))
    # What a threshold yields is told without being asked for.
    assert {m.conditions["threshold"] for m in report.measures if m.name == "yield"} == {0.5, 0.8, 0.9, 0.95}


def test_a_claimed_rate_is_reckoned_with_its_interval_or_without(tmp_path: Path) -> None:
    asked = ("bench", "faces", "--pairing", "same-sex", "--gallery", 200_000, "--searches-a-year", 1000, "--json")
    done = run(*asked, "--fmr", "0.00001", "--fmr", "F=3/100000", home=tmp_path)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    (table,) = [table for section in report["sections"] for table in section["tables"]]
    rows = {row[0]: dict(zip(table["columns"], row, strict=True)) for row in table["rows"]}
    assert rows["all"]["innocent people a year"] == pytest.approx(0.00001 * 200_000 * 1000)
    assert rows["all"]["year low"] is None
    low, high = binom_bounds(3, 100_000)
    assert rows["F"]["year low"] == pytest.approx(low * 200_000 * 1000)
    assert rows["F"]["year high"] == pytest.approx(high * 200_000 * 1000)
    options = FacesOptions(pairing="all", gallery=100)
    for wrong in ("2", "x", "5/3", "1/0", "F=", "nan"):
        with pytest.raises(InputError, match="is no false match rate"):
            report_claimed([wrong], options)
    with pytest.raises(InputError, match="stands twice"):
        report_claimed(["0.1", "0.2"], options)
    bare = run("bench", "faces", "--pairing", "all", "--fmr", "0.1", home=tmp_path)
    assert "give its size with `--gallery`" in assert_one_sentence(bare)


def binom_bounds(errors: int, trials: int) -> tuple[float, float]:
    """Return the two-sided exact bounds at 95 % by search on the binomial itself."""
    from scipy.optimize import brentq
    from scipy.stats import binom

    low = brentq(lambda p: binom.sf(errors - 1, trials, p) - 0.025, 1e-12, 0.5, xtol=1e-15)
    return low, brentq(lambda p: binom.cdf(errors, trials, p) - 0.025, 1e-12, 0.5, xtol=1e-15)


def test_nists_tables_place_every_differential_that_they_have(reference: Path) -> None:
    folder = reference / "nist"
    with (folder / "fpir_8_groups.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    for measure, table in nist.TABLES.items():
        figures = nist.read_figures(measure, folder)
        assert figures.size >= 11
        assert nist.place(measure, float(np.median(figures)), folder).better <= figures.size / 2
        best = figures[-1] + 1 if table.is_high_better else -1.0
        assert nist.place(measure, best, folder).better == 0
    # What we compute of the groups is what NIST published of them, within its rounding.
    ratios = sorted(float(row["MXOG_published"]) for row in rows)
    own = sorted(
        differentials.mxog(np.array([float(row[name]) for name in nist.FPIR_GROUPS])) for row in rows
    )  # fmt: skip
    assert own == pytest.approx(ratios, rel=0.03)
    by_hand = sorted(max(f) / min(f) for f in ([float(row[name]) for name in nist.FPIR_GROUPS] for row in rows))
    assert nist.read_figures("fpir_max_over_min", folder).tolist() == pytest.approx(by_hand)


def test_a_searchs_trade_is_what_counting_gives(tmp_path: Path) -> None:
    generator = np.random.default_rng(9)
    rows = [f"n{n},0,{generator.random():.4f},0" for n in range(30)]
    rows += [f"m{n},1,{generator.random() + 0.3:.4f},1" for n in range(20)] + ["m99,1,,0"]
    path = write(tmp_path / "s.csv", "search,mated,score,is_mate", rows)
    found = searches.read_searches(path)
    report = report_identification(found, [path], FacesOptions(pairing="all", targets=(0.1,), draws=100))
    (chart,) = [chart for section in report.sections for chart in section.charts if chart.name == "det-search"]
    cells = [row.split(",") for row in rows]
    points = set()
    for threshold in {float(cell[2]) for cell in cells if cell[2]}:
        false = sum(cell[1] == "0" and float(cell[2]) >= threshold for cell in cells) / 30
        missed = sum(cell[1] == "1" and (not cell[2] or float(cell[2]) < threshold) for cell in cells) / 21
        points.add((round(false, 9), round(missed, 9)))
    drawn = {(round(x, 9), round(y, 9)) for _, x, y in chart.table.rows}
    assert drawn == {point for point in points if min(point) > 0}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_mark_of_byte_order_and_other_line_ends_are_read(tmp_path: Path, end: str) -> None:
    path = tmp_path / "c.csv"
    path.write_bytes(("\ufeff" + end.join(["score,genuine,sex", "1,1,F", "0,0,M"]) + end).encode())
    found = faces.read_comparisons(path, ("sex",))
    assert found.genuine.scores.tolist() == [1]
    # Both groups stand in both kinds of comparison, one of them with n = 0.
    report = report_verification(found, [path], FacesOptions(pairing="all", targets=(0.5,), by=("sex",), draws=100))
    assert {(m.name, m.group): m.trials for m in report.measures if m.name == "fnmr"}["fnmr", "sex=M"] == 0


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("e.csv", b"", "is empty"), ("n.csv", b"score,\n1,1\n", "a column has no name"),
        ("l.csv", "score,genuine,sex\n1,1,é\n".encode("latin-1"), "byte 22: not UTF-8"),
        ("x.xlsx", b"x", "neither .csv, .tsv nor .parquet"), ("p.parquet", b"x", "can't be read"),
        ("s.csv", b"score;genuine\n1;1\n", "has no column 'score'"), ("c.csv", b"score,genuine\n1\n", "line 2: has 1 cells"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_is_one_sentence(tmp_path: Path, name: str, content: bytes, problem: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError) as error:
        faces.read_comparisons(path)
    assert problem in str(error.value)
    assert "LINE 1" not in str(error.value)
    assert str(error.value).count(".") < 8


def test_memory_that_is_withheld_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "g.npy"
    np.save(path, np.zeros(20_000_000))
    limit = "import resource; resource.setrlimit(resource.RLIMIT_AS, (250_000_000,) * 2)"
    code = f"{limit}\nfrom pathlib import Path\nfrom custodiet.store.columns import read_npy\nread_npy(Path({str(path)!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert (
        "InputError: g.npy: 0.2 GB of numbers, and there are 0.2 GB of memory here" in done.stderr
        or "does not fit" in done.stderr
    )
    refuse_too_large(1000, "x")


def test_an_interval_of_a_differential_holds_its_figure_and_says_what_was_drawn() -> None:
    from custodiet.bench.differences import differ
    from custodiet.bench.measure import share

    rates = [share("fmr", hits, 1000, "", group=name, by="sex") for name, hits in (("F", 3), ("M", 0))]
    for each in differ(rates, "sex"):
        found = each.interval()
        assert found is not None
        assert each.value is not None
        assert found[0] <= each.value <= found[1], each.name
        assert found[2] == "Jeffreys posterior of each group, 1,000 draws"
    even = [share("fmr", 50, 1000, "", group=name, by="sex", draws=np.full(1000, 0.05), subjects=90) for name in "FM"]
    for each in differ(even, "sex"):
        assert (each.interval() or ("", "", ""))[2] == "bootstrap of subjects in each group, 1,000 draws"


def test_a_years_searches_are_reckoned_from_what_was_tested_and_a_gallery_is_never_passed_over(tmp_path: Path) -> None:
    rows = [f"q{n},0,{n / 100},0" for n in range(100)]
    path = write(tmp_path / "s.csv", "search,mated,score,is_mate", rows)
    options = FacesOptions(pairing="all", targets=(0.05,), draws=100, gallery=10_000, searches_a_year=2000)
    report = report_identification(searches.read_searches(path), [path], options).as_data()
    by_title = {section["title"]: section for section in report["sections"]}
    (row,) = by_title["Searches that return somebody innocent"]["tables"][0]["rows"]
    assert row[6] == pytest.approx(2000 * 5 / 100)
    assert row[7] < row[6] < row[8]
    assert "no column `gallery`" in by_title["How the gallery's size matters"]["paragraphs"][0]


def test_a_years_searches_need_a_gallery(tmp_path: Path) -> None:
    path = write(tmp_path / "c.csv", "score,genuine", ["0.9,1", "0.1,0"])
    options = FacesOptions(pairing="all", targets=(0.5,), draws=100, searches_a_year=10)
    with pytest.raises(InputError, match="--gallery"):
        report_verification(faces.read_comparisons(path), [path], options)


def test_too_little_address_space_is_a_sentence_and_no_crash(tmp_path: Path) -> None:
    path = write(tmp_path / "c.csv", "score,genuine", ["0.9,1", "0.1,0"])
    command = [
        sys.executable,
        "-m",
        "custodiet",
        "bench",
        "faces",
        "--scores",
        str(path),
        "--pairing",
        "all",
        "--target",
        "0.5",
    ]
    script = 'ulimit -v 900000; exec "$@"'
    done = subprocess.run(["bash", "-c", script, "bash", *command], capture_output=True, text=True, check=False, timeout=60)
    assert_one_sentence(done)
    assert "address space" in done.stderr


def test_a_file_that_is_held_and_one_that_is_read_by_column_give_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "c.csv", "score,held,word", [f" {n / 7} ,{n % 2},w{n % 5}" for n in range(50)])
    found = []
    for share in (1.0, 0.0):
        monkeypatch.setattr("custodiet.store.columns.HELD_SHARE", share)
        with Columns(path) as columns:
            found.append((columns.numbers("score"), columns.flags("held"), columns.labels("word").codes))
    for held, read in zip(*found, strict=True):
        np.testing.assert_array_equal(held, read)
