"""Charts as Vega-Lite specifications that work in print and for colour-blind readers.

Colours are those of Okabe and Ito 2008; series differ by dash or shape as well, and the background is white.
"""

from collections.abc import Sequence
from typing import Any

from custodiet.bench.measure import plain
from custodiet.bench.report import Chart, Table

COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000", "#F0E442"]
DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 1], [1, 3], [10, 2], [3, 6]]
SIZE = {"width": 460, "height": 300}
# More points than a page has room for make a file slow and change no line.
POINTS = 400
# So few whole numbers are all marked on an axis.
FEW = 12


def _base(rows: Sequence[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": "white",
        "data": {"values": [{name: plain(value) for name, value in row.items()} for row in rows]},
        "config": {
            "font": "sans-serif",
            "axis": {"grid": True, "gridColor": "#dddddd", "labelLimit": 0, "labelOverlap": "greedy"},
            "view": {"stroke": None},
        },
        **SIZE,
        **more,
    }


def _axis(
    field: str, title: str, *, log: bool = False, zero: bool = False, domain: Sequence[float] | None = None
) -> dict[str, Any]:
    scale: dict[str, Any] = {"type": "log"} if log else {"zero": zero}
    if domain:
        scale["domain"] = list(domain)
    return {"field": field, "type": "quantitative", "title": title, "scale": scale}


def _series(names: Sequence[str]) -> dict[str, Any]:
    # In the order in which they were given, and not by the alphabet.
    field = {"field": "series", "type": "nominal", "title": None}
    return {
        "color": {
            **field,
            "scale": {"domain": list(names), "range": COLOURS},
            "legend": {"labelLimit": 0} if len(names) > 1 else None,
        },
        "strokeDash": {**field, "scale": {"domain": list(names), "range": DASHES}},
    }


def line_chart(
    name: str,
    title: str,
    alternative: str,
    rows: Sequence[tuple[str, float, float]],
    x: str,
    y: str,
    *,
    log_x: bool = False,
    log_y: bool = False,
    diagonal: bool = False,
    step: bool = False,
) -> Chart:
    """Return a chart of lines from rows of series, x and y; on a logarithmic axis, points at zero are left out."""
    drawn = [row for row in rows if (row[1] > 0 or not log_x) and (row[2] > 0 or not log_y)]
    kept = [
        row for series in dict.fromkeys(row[0] for row in drawn) for row in _thin([row for row in drawn if row[0] == series])
    ]
    names = list(dict.fromkeys(row[0] for row in rows))
    x_axis = _axis("x", x, log=log_x, domain=[0, 1] if diagonal else None)
    if all(float(row[1]).is_integer() for row in rows):
        # Ranks and days have nothing between them.
        places = sorted({row[1] for row in rows})
        x_axis["axis"] = {"values": places} if len(places) <= FEW else {"tickMinStep": 1}
    line = {
        "mark": {"type": "line", "interpolate": "step-after" if step else "linear", "point": len(kept) <= 40, "clip": True},
        "encoding": {
            "x": x_axis,
            "y": _axis("y", y, log=log_y, zero=True, domain=[0, 1] if diagonal else None),
            "order": {"field": "place"},
            **_series(names),
        },
    }
    # Lines follow the order of their rows: several points may lie above one another.
    values = [{"series": s, "x": a, "y": b, "place": place} for place, (s, a, b) in enumerate(kept)]
    if diagonal:
        rule = {
            "data": {"values": [{"x": 0, "y": 0}, {"x": 1, "y": 1}]},
            "mark": {"type": "line", "color": "#777777", "strokeDash": [3, 3]},
            "encoding": {"x": _axis("x", x), "y": _axis("y", y)},
        }
        spec = _base(values, layer=[rule, line], title=title)
    else:
        spec = _base(values, title=title, **line)
    spec["description"] = alternative
    return Chart(name, title, alternative, spec, Table(title, ("series", x, y), tuple(kept)))


def _thin(rows: list[tuple[str, float, float]]) -> list[tuple[str, float, float]]:
    step = max(1, -(-len(rows) // POINTS))
    return rows if step == 1 else [*rows[:-1:step], rows[-1]]


def dot_chart(
    name: str,
    title: str,
    alternative: str,
    rows: Sequence[tuple[str, float | None, float | None, float | None, int]],
    x: str,
    *,
    log: bool = False,
) -> Chart:
    """Return a chart of one dot with its interval a group, from rows of group, value, low, high and n."""
    floor = min((float(v) for row in rows for v in row[1:4] if v), default=1e-6)

    def shown(value: float | None) -> float | None:
        return max(value, floor) if log and value is not None else value

    values = [
        {"group": f"{group} (n={n:,})", "value": shown(value), "low": shown(low), "high": shown(high)}
        for group, value, low, high, n in rows
        if value is not None
    ]
    group = {"field": "group", "type": "nominal", "title": None, "sort": None}
    spec = _base(
        values,
        title=title,
        height={"step": 22},
        layer=[
            {
                "mark": {"type": "rule", "color": "#000000"},
                "encoding": {"x": _axis("low", x, log=log), "x2": {"field": "high"}, "y": group},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 60, "color": COLOURS[0]},
                "encoding": {"x": _axis("value", x, log=log), "y": group},
            },
        ],
    )
    spec["description"] = alternative
    return Chart(name, title, alternative, spec, Table(title, ("group", x, "low", "high", "n"), tuple(rows)))
