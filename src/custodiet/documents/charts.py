"""Charts as SVG text, drawn by Vega-Lite without a browser. Each stands beside its table; none says more than it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

WIDTH, HEIGHT = 560, 200
COLOUR = "#2f5d8a"


def draw_bars(rows: Sequence[Mapping[str, Any]], label: str, value: str, title: str, *, across: bool = False) -> str:
    """Return a bar chart as SVG; rows without a value leave a gap. With `across`, labels stand at the left, for long ones."""
    import altair  # noqa: PLC0415 - loads slowly, and only a report draws

    names = [str(row[label]) for row in rows]
    data = altair.Data(values=[{"label": str(row[label]), "value": row[value]} for row in rows])
    category = {"field": "label", "type": "nominal", "sort": names, "title": None}
    size = {"field": "value", "type": "quantitative", "title": title}
    chart = altair.Chart(data, width=WIDTH, height=max(HEIGHT, 18 * len(rows)) if across else HEIGHT).mark_bar(color=COLOUR)
    if across:
        chart = chart.encode(y=altair.Y(**_channel(category)), x=altair.X(**_channel(size)))
    else:
        chart = chart.encode(x=altair.X(**_channel(category)), y=altair.Y(**_channel(size)))
    return _to_svg(chart.to_dict())


def draw_months(rows: Sequence[Mapping[str, Any]], title: str) -> str:
    """Return a line chart of months as SVG: one line a segment, so that none crosses a change of form."""
    import altair  # noqa: PLC0415

    values = [{"label": row["month"], "value": row["searches"], "segment": str(row["segment"])} for row in rows]
    names = [row["month"] for row in rows]
    chart = altair.Chart(altair.Data(values=values), width=WIDTH, height=HEIGHT).mark_line(point=True, color=COLOUR).encode(
        x=altair.X(**_channel({"field": "label", "type": "ordinal", "sort": names, "title": None})),
        y=altair.Y(**_channel({"field": "value", "type": "quantitative", "title": title})),
        detail=altair.Detail(field="segment", type="nominal"),
    )  # fmt: skip
    return _to_svg(chart.to_dict())


def _channel(parts: Mapping[str, Any]) -> dict[str, Any]:
    return dict(parts)


def _to_svg(specification: Mapping[str, Any]) -> str:
    import vl_convert  # noqa: PLC0415

    svg: str = vl_convert.vegalite_to_svg(json.dumps(specification))
    return svg
