"""The report of a run of the bench: HTML that stands alone, PDF, JSON, one SVG a plot, and a fragment of a model card."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from custodiet.documents.charts import draw
from custodiet.documents.forms import render_html, render_pdf
from custodiet.documents.tables import Layout, lay_out
from custodiet.exports.tables import to_json
from custodiet.model.errors import CustodietError

# Rows of a plot's table that are printed on paper; the page and report.json have every row.
PRINTED_ROWS = 20
# Verbs that measure nothing: they reckon from numbers that they were given.
RECKONED = ("cascade", "coverage", "feedback")
Report = Mapping[str, Any]


def write_report(report: Report, folder: Path) -> list[Path]:
    """Write every form of a report, given as plain data, into a folder; return the files.

    Plots of an earlier report there that this one does not have are taken away: they would pass for its own.

    Raises:
        CustodietError: the folder can't be written to.

    """
    view = build_view(report)
    written = {
        "report.json": to_json(dict(report)).encode(),
        "report.html": render_html("bench.html", view).encode(),
        "report.pdf": render_pdf("bench.typ", view),
        "model-card.md": write_model_card(report).encode(),
        **{chart["file"]: chart["svg"].encode() for section in view["sections"] for chart in section["charts"]},
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in _drawn_before(folder) - written.keys():
            (folder / name).unlink(missing_ok=True)
        for name, content in written.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise CustodietError(
            f"{folder}: can't be written to ({error.strerror}); choose another folder with `--out`."
        ) from None
    return [folder / name for name in written]


def _drawn_before(folder: Path) -> set[str]:
    """Return the plots' files that an earlier report in a folder names; of any other file there nothing is known."""
    try:
        before = json.loads((folder / "report.json").read_text("utf-8"))
        files = {str(chart["file"]) for section in before["sections"] for chart in section["charts"]}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    return {name for name in files if name == Path(name).name and name.endswith(".svg")}


def build_view(report: Report) -> dict[str, Any]:
    """Return what both templates show."""
    return {
        "title": report["title"],
        "verb": report["bench"],
        "made": "Reckoned" if report["bench"] in RECKONED else "Measured",
        "sections": [
            {
                "title": section["title"],
                "paragraphs": section["paragraphs"],
                "tables": [lay_out(table).as_view() for table in section["tables"]],
                "charts": [_chart(chart) for chart in section["charts"]],
            }
            for section in report["sections"]
        ],
        "manifest": to_json(report["manifest"]).rstrip(),
    }


def _chart(chart: Mapping[str, Any]) -> dict[str, Any]:
    layout = lay_out(chart["table"])
    return {
        "title": chart["title"],
        "alternative": chart["alternative"],
        "file": chart["file"],
        # Names of their own keep the clipping paths of several charts on one page apart.
        "svg": draw(chart["spec"], f"{chart['name']}-"),
        "table": {**layout.as_view(), "printed": _thin(chart["table"], layout)},
    }


def _thin(table: Mapping[str, Any], layout: Layout) -> list[list[str]]:
    """Return rows of a plot's table for paper: of each series alike many, with its first and last."""
    if len(layout.rows) <= PRINTED_ROWS or table["columns"][0] != "series":
        return [list(row) for row in layout.rows]
    series: dict[str, list[int]] = {}
    for place, row in enumerate(table["rows"]):
        series.setdefault(row[0], []).append(place)
    room = max(2, PRINTED_ROWS // len(series))
    kept = {
        places[round(step * (len(places) - 1) / (room - 1))] for places in series.values() for step in range(room)
    }  # fmt: skip
    return [list(layout.rows[place]) for place in sorted(kept)]


def write_model_card(report: Report) -> str:
    """Return the performance part of a model card (Mitchell and others 2019, "Metrics" and "Quantitative analyses").

    The head is YAML, for programs: measures, gates and manifest. The body is the same in Markdown, for a card's text.
    """
    head = {
        "bench": report["bench"],
        "title": report["title"],
        "measures": report["model_card"],
        "gates": [{name: gate[name] for name in ("claim", "says", "group", "outcome", "reason")} for gate in report["gates"]],
        "manifest": report["manifest"],
    }
    text = yaml.safe_dump(head, sort_keys=False, allow_unicode=True, width=120)
    table = lay_out({
        "title": "Metrics",
        "columns": ["group", "measure", "value", "low", "high", "interval", "of", "subjects", "at"],
        "rows": [
            [m["group"], m["measure"], m["value"], m["low"], m["high"], m["interval"], m["trials"], m["subjects"],
             ", ".join(f"{name} {value}" for name, value in m["conditions"].items() if value is not None) or None]
            for m in report["model_card"]
        ],
    })  # fmt: skip
    parts = [f"---\n{text}---", f"## Performance: {_plain(report['title'])}", _markdown_table(table)]
    limits = [section for section in report["sections"] if section["title"] == "What this does not show"]
    parts += ["\n\n".join(["### What this does not show", *map(_plain, section["paragraphs"])]) for section in limits]
    return "\n\n".join(parts) + "\n"


def _markdown_table(table: Layout) -> str:
    rows = [table.headings, tuple("---" for _ in table.headings), *table.rows]
    lines = ["| " + " | ".join(_plain(cell) for cell in row) + " |" for row in rows]
    return "\n".join(([f"In every row: {_plain(table.above)}.", ""] if table.above else []) + lines)


def _plain(text: str) -> str:
    """Return a text whose words, such as a group's name, mean nothing to a reader of Markdown."""
    line = " ".join(text.split())
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>|#" else sign for sign in line) if line != "---" else line
