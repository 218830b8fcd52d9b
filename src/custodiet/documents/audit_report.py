"""The report on a query log: HTML that stands alone, PDF, JSON, and CSV of aggregates, all from one plain result."""

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from custodiet.access_log.figures import list_figures, list_parts
from custodiet.documents.charts import draw_bars, draw_months
from custodiet.documents.forms import render_html, render_pdf
from custodiet.exports.tables import to_json, write_csv

Result = Mapping[str, Any]


def render_report(result: Result) -> dict[str, bytes]:
    """Return every form of the report as the bytes of its file, by the file's name."""
    view = build_view(result)
    return {
        "audit.json": to_json(dict(result)).encode(),
        "report.html": render_html("audit.html", view).encode(),
        "report.pdf": render_pdf("audit.typ", view),
        "measures.csv": _to_csv(list_figures(result["measures"])),
        "findings.csv": _to_csv(result["findings"]),
        "organisations.csv": _to_csv(result["organisations"]),
        "months.csv": _to_csv(result["integrity"]["months"]),
        "manifest.json": to_json(dict(result["manifest"])).encode(),
    }


def _to_csv(records: Sequence[Mapping[str, Any]]) -> bytes:
    stream = io.StringIO()
    write_csv(records, stream)
    return stream.getvalue().encode()


# --- What the templates show


def build_view(result: Result) -> dict[str, Any]:
    """Return what both templates show: texts, tables as headings and rows, charts as SVG."""
    measures = {measure["id"]: measure for measure in result["measures"]}
    named = result["about"]["producer"] or ", ".join(file["file"] for file in result["manifest"]["files"])
    answered = [measure for measure in result["measures"] if measure["state"] == "measured"]
    return {
        "title": f"Searches of plate readers: {named}",
        "about": result["about"],
        "period": _period(measures["period"]),
        "can": [measure["title"] for measure in answered if not _is_partial(measure)],
        "cannot": [
            {"title": m["title"] + (", in part" if m["state"] == "measured" else ""), "why": _bare(m["why"])}
            for m in result["measures"]
            if m["state"] != "measured" or _is_partial(m)
        ],
        "warnings": result["integrity"]["warnings"],
        "figures": [
            {
                "title": m["title"],
                "definition": m["definition"],
                "n": say_number(m["n"]),
                "why": _bare(m["why"]),
                "rows": _shown(m),
            }
            for m in answered
        ],
        "charts": _charts(result, measures),
        "findings": [_finding(finding) for finding in result["findings"]],
        "organisations": [[row["organisation"], say_number(row["searches"])] for row in result["organisations"]],
        "comparison": _comparison(result.get("against")),
        "release": [
            [row["title"], row["action"], row["why"], row["now"] + (" (needlessly)" if row["withheld_needlessly"] else "")]
            for row in result.get("release_check") or []
        ],
        "manifest": json.dumps(result["manifest"], indent=2, ensure_ascii=False),
    }


def _bare(why: str | None) -> str | None:
    """Return a reason without the signs around names of options, which a report has no use for."""
    return why.replace("`", "") if why else None


def _is_partial(measure: Mapping[str, Any]) -> bool:
    """Tell whether some part of a measured value could not be measured."""
    return bool(measure["why"]) and any(value is None for _, value in list_parts(measure["value"]))


def _period(measure: Mapping[str, Any]) -> str:
    if measure["value"] is None:
        return "not known"
    span = measure["value"]["utc"] or measure["value"]["local"]
    zone = "UTC" if measure["value"]["utc"] else "local time"
    return f"{span['start'][:10]} to {span['end'][:10]} ({zone})"


def say_number(value: Any) -> str:
    """Return a figure as people write it."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.3f}".rstrip("0").rstrip(".")
    return str(value)


def _shown(measure: Mapping[str, Any]) -> list[list[str]]:
    rows = [[part.replace("_", " "), say_number(value)] for part, value in list_parts(measure["value"])]
    if measure["interval"]:
        low, high = measure["interval"]
        rows.append(["95 % interval of the share", f"{low:.3f} to {high:.3f}"])
    return rows


def _charts(result: Result, measures: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    charts = []
    months = result["integrity"]["months"]
    if len(months) > 1:
        charts.append({
            "title": "Searches by month", "svg": draw_months(months, "searches"), "headings": ["month", "searches"],
            "rows": [[row["month"], say_number(row["searches"])] for row in months],
            "note": "No line crosses a change of form. A month that is not shown has few searches, or hides one that has.",
        })  # fmt: skip
    if hours := measures["hours"]["value"]:
        rows = [{"hour": hour, "searches": n} for hour, n in hours.items()]
        charts.append({
            "title": "Searches by local hour", "svg": draw_bars(rows, "hour", "searches", "searches"),
            "headings": ["hour", "searches"], "rows": [[row["hour"], say_number(row["searches"])] for row in rows],
            "note": measures["hours"]["why"] or "",
        })  # fmt: skip
    if reasons := measures["reason_top"]["value"]:
        charts.append({
            "title": "Most frequent reasons", "svg": draw_bars(reasons, "reason", "searches", "searches", across=True),
            "headings": ["reason", "searches"], "rows": [[row["reason"], say_number(row["searches"])] for row in reasons],
            "note": "After the allow-list; rare reasons are added up.",
        })  # fmt: skip
    if lookback := measures["lookback"]["value"]:
        rows = [{"days": days, "searches": parts["beyond"]} for days, parts in lookback.items()]
        names = ("beyond", "beyond_with_tolerance", "beyond_one_network", "wholly_older")
        charts.append({
            "title": "Searches that reach back more than so many days",
            "svg": draw_bars(rows, "days", "searches", "searches"),
            "headings": ["days", "beyond", "by more than an hour", "of one network", "wholly older"],
            "rows": [[days, *(say_number(parts[name]) for name in names)] for days, parts in lookback.items()],
            "note": "What was asked for, not what was returned.",
        })  # fmt: skip
    return charts


def _finding(finding: Mapping[str, Any]) -> dict[str, Any]:
    section = f", {finding['duty_section']}" if finding["duty_section"] else ""
    return {**finding, "duty_text": f"{finding['duty']}{section}", "request": write_request(finding)}


def write_request(finding: Mapping[str, Any]) -> str:
    """Return a finding's question as the text of a records request."""
    section = f", {finding['duty_section']}" if finding["duty_section"] else ""
    unverified = ", whose official text was not at hand" if finding["unverified"] else ""
    return (
        f"Under the public records law I request the following about the searches of plate readers in the log of "
        f"{finding['subject']}. "
        f"{finding['ask_for']} The question arises because: {finding['reason'].removesuffix('.')} (compared with "
        f"{finding['duty']}{section}{unverified}). "
        "Please give the records in the form in which they are kept, with a citation of the exemption for each part "
        "that is withheld."
    )


def _comparison(against: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if against is None:
        return None
    rows = [
        [row["measure"], row["part"], say_number(row["here"]), say_number(row["there"])] for row in against["differences"]
    ]
    shared = against["why"] or f"{against['shared_searches']:,} searches are in both logs."
    return {"rows": rows, "shared": shared}
