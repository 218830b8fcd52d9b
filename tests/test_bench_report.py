"""The bench's reports as files: whole, the same bytes twice, no word of the input read as markup, plots with their tables."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pypdfium2
import pytest
import yaml

from command import run
from custodiet.documents.bench_report import PRINTED_ROWS, build_view, write_model_card, write_report
from custodiet.documents.charts import draw
from custodiet.documents.tables import lay_out, show
from custodiet.model.errors import CustodietError
from test_bench_verbs import write, write_comparisons

# A group whose name would be markup on a page, in a table of Markdown, and to a typesetter.
NASTY = "<script>x|`#emph[*_$"


def test_a_run_writes_every_form_twice_alike(tmp_path: Path) -> None:
    rows = write_comparisons(tmp_path / "plain.csv", 30).read_text("utf-8").splitlines()
    path = write(tmp_path / "c.csv", rows[0], [row.replace(",F", f",{NASTY}") for row in rows[1:]])
    for name in ("one", "two"):
        done = run(
            "bench", "faces", "--scores", path, "--pairing", "same-sex", "--target", "0.05", "--by", "sex", "--gallery", 500,
            "--out", tmp_path / name, home=tmp_path,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    names = {file.name for file in (tmp_path / "one").iterdir()}
    assert {"report.json", "report.html", "report.pdf", "model-card.md", "det.svg"} < names
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name
    report = json.loads((tmp_path / "one" / "report.json").read_text("utf-8"))
    page = (tmp_path / "one" / "report.html").read_text("utf-8")
    charts = [chart for section in report["sections"] for chart in section["charts"]]
    assert "<script" not in page
    assert page.count("<main>") == page.count("<h1>") == 1
    assert not re.search(r'(src|href)="', page)
    assert page.count("<svg") == page.count("<summary>Table of this plot</summary>") == len(charts) > 1
    # Clipping paths of one plot are not those of another.
    marks = re.findall(r'id="([^"]+)"', page)
    assert len(marks) == len(set(marks)) > 0
    assert {chart["file"] for chart in charts} == {name for name in names if name.endswith(".svg")}
    assert report["manifest"]["options"]["seed"] == 0
    for chart in charts:
        assert chart["alternative"]
        assert chart["table"]["rows"]
        assert f'aria-label="{chart["title"]}' in page
        ElementTree.fromstring((tmp_path / "one" / chart["file"]).read_text("utf-8"))
    text = pdf_text(tmp_path / "one" / "report.pdf")
    assert NASTY in text
    assert report["manifest"]["inputs"][0]["sha256"][:20] in text
    assert text.rindex("Manifest") > text.rindex("What this does not show")


def pdf_text(path: Path) -> str:
    document = pypdfium2.PdfDocument(path)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_every_figure_of_the_data_is_on_the_page(tmp_path: Path) -> None:
    done = run("bench", "coverage", "--share", "a=0.3", "--share", "b=0.5", "--json", "--out", tmp_path / "o", home=tmp_path)
    page = (tmp_path / "o" / "report.html").read_text("utf-8")
    for measure in json.loads(done.stdout)["measures"]:
        assert f">{show(measure['value'])}</td>" in page, measure["measure"]


def report_of(own: dict[str, object], **chart: object) -> dict[str, object]:
    return {
        "bench": "places", "title": "T", "gates": [], "measures": [], "manifest": {"inputs": []},
        "model_card": [{"group": NASTY, "measure": "m", "value": 0.5, "low": 0.25, "high": None, "confidence": 0.95,
                        "interval": "i", "trials": 4, "subjects": None, "conditions": {"threshold": 2}}],
        "sections": [{"title": "S", "paragraphs": ["P"], "tables": [own], "charts": [chart] if chart else []}],
    }  # fmt: skip


def test_what_all_rows_share_is_said_once_and_nothing_is_lost() -> None:
    layout = lay_out({
        "title": "t", "columns": ["group", "measure", "threshold", "pairing", "value", "low", "high", "n", "definition",
                    "none"],
        "rows": [["a", "fmr", 2.5, "all", 0.123456, 0.1, 0.2, 12345, "D1", None],
                 ["b", "fmr", 2.5, "same-sex", None, None, None, 0, "D1", None]],
    })  # fmt: skip
    assert layout.headings == ("group", "measure", "pairing", "value", "low to high", "n")
    assert layout.rows == (("a", "fmr", "all", "0.1235", "0.1 to 0.2", "12,345"), ("b", "fmr", "same-sex", "", "", "0"))
    assert layout.kinds == ("", "", "", "number", "number", "number")
    assert layout.above == "threshold 2.5"
    assert layout.beneath == ("fmr: D1",)


def test_ways_of_finding_intervals_are_told_apart() -> None:
    layout = lay_out({"title": "t", "columns": ["measure", "interval"], "rows": [["x", "one"], ["y", "two"], ["z", None]]})
    assert layout.rows == (("x", "a"), ("y", "b"), ("z", ""))
    assert layout.beneath == ("Interval a: one.", "Interval b: two.")


def test_paper_has_both_ends_of_each_line_of_a_long_plot() -> None:
    rows = [[name, float(n), float(n)] for name in ("p", "q") for n in range(300)]
    table = {"title": "t", "columns": ["series", "x", "y"], "rows": rows}
    spec = {"mark": "line", "data": {"values": [{"x": 1, "y": 2}]}, "encoding": {"x": {"field": "x", "type": "quantitative"}}}
    report = report_of(table, name="c", title="C", alternative="A", file="c.svg", table=table, spec=spec)
    (chart,) = build_view(report)["sections"][0]["charts"]
    assert len(chart["table"]["rows"]) == 600
    assert len(chart["table"]["printed"]) <= PRINTED_ROWS
    assert {(row[0], row[1]) for row in chart["table"]["printed"]} >= {("p", "0"), ("p", "299"), ("q", "0"), ("q", "299")}


def test_a_model_card_is_yaml_and_markdown_that_no_name_breaks() -> None:
    card = write_model_card(report_of({"title": "t", "columns": [], "rows": []}))
    _, head, body = card.split("---\n", 2)
    assert yaml.safe_load(head)["measures"][0]["group"] == NASTY
    line = next(line for line in body.splitlines() if "script" in line)
    assert "<" not in line.replace("\\<", "")
    assert len(re.findall(r"(?<!\\)\|", line)) == body[: body.index("| --- |")].splitlines()[-1].count("|")


def test_a_chart_is_the_same_however_many_were_drawn_before() -> None:
    spec = {"mark": {"type": "line", "clip": True}, "data": {"values": [{"x": 1, "y": 2}, {"x": 2, "y": 3}]},
            "encoding": {axis: {"field": axis, "type": "quantitative"} for axis in "xy"}}  # fmt: skip
    assert draw(spec, "a-") == draw(spec, "a-")
    assert 'id="a-clip0"' in draw(spec, "a-")


def test_a_plot_of_an_earlier_run_is_taken_away_and_nothing_else(tmp_path: Path) -> None:
    report = dict(report_of({"title": "t", "columns": ["a"], "rows": [["b"]]}))
    (tmp_path / "mine.svg").write_text("mine", "utf-8")
    (tmp_path / "old.svg").write_text("old", "utf-8")
    former = {"sections": [{"charts": [{"file": "old.svg"}, {"file": "../beside.svg"}, {"file": "mine.txt"}]}]}
    (tmp_path / "out").mkdir()
    for name in ("old.svg", "mine.svg", "mine.txt"):
        (tmp_path / "out" / name).write_text("x", "utf-8")
    (tmp_path / "beside.svg").write_text("x", "utf-8")
    (tmp_path / "out" / "report.json").write_text(json.dumps(former), "utf-8")
    write_report(report, tmp_path / "out")
    assert not (tmp_path / "out" / "old.svg").exists()
    assert all((tmp_path / name).exists() for name in ("beside.svg", "out/mine.svg", "out/mine.txt"))


def test_a_folder_that_can_t_be_written_to_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CustodietError, match="can't be written to"):
        write_report(report_of({"title": "t", "columns": ["a"], "rows": [["b"]]}), tmp_path / "file" / "o")
