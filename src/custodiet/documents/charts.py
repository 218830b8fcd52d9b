"""Charts as SVG text, drawn from Vega-Lite's grammar without a browser. Each stands beside its table, and says no more."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

WIDTH, HEIGHT = 560, 200
COLOUR = "#2f5d8a"
SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"


def draw_bars(rows: Sequence[Mapping[str, Any]], label: str, value: str, title: str, *, across: bool = False) -> str:
    """Return a bar chart as SVG; rows without a value leave a gap. With `across`, labels stand at the left, for long ones."""
    labels = _labels([str(row[label]) for row in rows])
    sizes = {"field": "value", "type": "quantitative", "title": title}
    return _to_svg(
        [{"label": str(row[label]), "value": row[value]} for row in rows],
        {"type": "bar", "color": COLOUR},
        {"y": labels, "x": sizes} if across else {"x": labels, "y": sizes},
        max(HEIGHT, 18 * len(rows)) if across else HEIGHT,
    )


def draw_months(rows: Sequence[Mapping[str, Any]], title: str) -> str:
    """Return a line chart of months as SVG: one line a segment, so that none crosses a change of form."""
    return _to_svg(
        [{"label": row["month"], "value": row["searches"], "segment": str(row["segment"])} for row in rows],
        {"type": "line", "point": True, "color": COLOUR},
        {
            "x": _labels([row["month"] for row in rows]),
            "y": {"field": "value", "type": "quantitative", "title": title},
            "detail": {"field": "segment", "type": "nominal"},
        },
        HEIGHT,
    )


def _labels(names: list[str]) -> dict[str, Any]:
    return {"field": "label", "type": "ordinal", "sort": names, "title": None}


def _to_svg(values: list[dict[str, Any]], mark: dict[str, Any], encoding: dict[str, Any], height: int) -> str:
    return draw({
        "$schema": SCHEMA, "width": WIDTH, "height": height, "data": {"values": values}, "mark": mark, "encoding": encoding,
    })  # fmt: skip


def draw(spec: Mapping[str, Any], name: str = "") -> str:
    """Return a Vega-Lite specification as SVG: the same text for the same chart, however many were drawn before.

    Several charts of one page need names of their own, so that none takes another's clipping paths.
    """
    import vl_convert  # noqa: PLC0415 - loads slowly, and only a report draws

    svg: str = vl_convert.vegalite_to_svg(json.dumps(spec))
    # The converter numbers clipping paths on and on through a process.
    numbers: dict[str, int] = {}
    return re.sub(
        r'(id="|url\(#)clip(\d+)', lambda found: f"{found[1]}{name}clip{numbers.setdefault(found[2], len(numbers))}", svg
    )
