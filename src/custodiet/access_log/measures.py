"""Measures: figures with their n, an interval where they are shares, a definition, and whether they could be measured."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from custodiet.access_log.accounts import screen_accounts
from custodiet.access_log.log import Log
from custodiet.access_log.measure_steps import LIMITS, count_steps, people_steps, text_steps, window_steps
from custodiet.access_log.privacy import group_rare, keep_label, keep_organisation, keep_reason, suppress
from custodiet.access_log.sharing import count_doors
from custodiet.access_log.statistics import wilson
from custodiet.access_log.time_zones import to_local
from custodiet.model.plain_yaml import load_yaml

HERE = Path(__file__).parent
MASKS = ("masked_vendor_marker", "masked_agency", "exemption_citation", "partial", "unreadable")
TOP_REASONS = 25


@dataclass(frozen=True)
class Definition:
    """What a measure is, and which fields it needs."""

    title: str
    definition: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Measure:
    """A figure. `value` is a number, an object, or None where `state` is `undefined` and `why` says why."""

    id: str
    value: Any
    n: int | None
    interval: Any
    definition: str
    state: str
    why: str | None = None
    title: str = ""

    def as_record(self) -> dict[str, Any]:
        """Return the measure as JSON has it."""
        return asdict(self)


@dataclass(frozen=True)
class _Found:
    value: Any
    n: int | None = None
    interval: Any = None
    # Why the value, or a part of it, is undefined.
    why: str | None = None


@cache
def read_definitions() -> Mapping[str, Definition]:
    """Return the definitions by measure, in the order of the report."""
    page = load_yaml((HERE / "measures.yml").read_text("utf-8"))
    return {
        name: Definition(part["title"], " ".join(part["definition"].split()), tuple(part.get("needs", ())))
        for name, part in page.items()
    }


def measure(log: Log) -> list[Measure]:
    """Return every measure of a log, in the order of the report. A measure whose field no file has is undefined."""
    steps = {step.name: step.sql for step in (*count_steps(), *window_steps(), *text_steps(), *people_steps())}

    @cache
    def ask(name: str) -> Rows:
        # Several measures take their figures from one step.
        return log.database.dicts(steps[name]) if name in steps else []

    return [_measure(log, name, definition, ask) for name, definition in read_definitions().items()]


def _measure(log: Log, name: str, definition: Definition, ask: "Callable[[str], Rows]") -> Measure:
    missing = [field for field in definition.needs if not log.has(field)]
    if missing:
        whys = "; ".join(f"{field}: {log.why_missing(field)}" for field in missing)
        return Measure(name, None, None, None, definition.definition, "undefined", whys, definition.title)
    source = {"sightings": "rows", "searches": "rows", "outside": "organisations", "doors": "organisations"}.get(name, name)
    found = _SHAPES[name](log, ask(source))
    state = "undefined" if found.value is None else "measured"
    return Measure(name, found.value, found.n, found.interval, definition.definition, state, found.why, definition.title)


Rows = list[dict[str, Any]]


def _one(rows: Rows) -> dict[str, Any]:
    return {name: int(value) if isinstance(value, int) or _is_whole(value) else value for name, value in rows[0].items()}


def _is_whole(value: Any) -> bool:
    """Tell whether a value is a whole decimal: DuckDB sums integers as such."""
    return value is not None and not isinstance(value, float | str | bool | dt.date) and value == int(value)


def _rows(_: Log, rows: Rows) -> _Found:
    count = _one(rows)["rows"]
    return _Found(count, count)


def _sightings(_: Log, rows: Rows) -> _Found:
    one = _one(rows)
    return _Found(one["rows"] - one["repeats"], one["rows"])


def _searches(_: Log, rows: Rows) -> _Found:
    one = _one(rows)
    why = None
    if one["without_id"] == one["rows"]:
        why = "no row has a search ID; rows of one file are taken for searches of their own"
    elif one["without_id"]:
        why = f"{one['without_id']:,} rows have no search ID"
    if one["ambiguous"]:
        why = f"{why}; {one['ambiguous']:,} groups of equal rows can't be paired, and stay apart"
    return _Found(one["searches"], one["rows"], why=why)


def _period(log: Log, rows: Rows) -> _Found:
    one = rows[0]
    if not one["n"]:
        return _Found(None, 0, why="no time could be read")
    first, last = one["first"], one["last"]
    span, why = {"start": _iso(first), "end": _iso(last)}, None
    value: dict[str, dict[str, str] | None] = {"utc": None, "local": span}
    if log.zone == "local":
        why = "the log's times are local ones of no stated zone; UTC needs `--time-zone`"
    elif log.time_zone:
        value["local"] = {"start": _iso(to_local(first, log.time_zone)), "end": _iso(to_local(last, log.time_zone))}
    else:
        value["local"] = None
        why = "local time needs `--time-zone`"
    if log.zone == "UTC":
        value["utc"] = {name: f"{time}Z" for name, time in span.items()}
    return _Found(value, int(one["n"]), why=why)


def _iso(time: dt.datetime) -> str:
    return time.isoformat(timespec="milliseconds" if time.microsecond else "seconds")


def _labels(column: str) -> Callable[[Log, Rows], _Found]:
    def shape(log: Log, rows: Rows) -> _Found:
        texts = log.texts(column, [row["id"] for row in rows])
        counts: dict[str, int] = {}
        for row in rows:
            label = keep_label(column, texts[row["id"]])
            counts[label] = counts.get(label, 0) + int(row["n"])
        ordered = dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
        return _Found(ordered, sum(ordered.values()))

    return shape


def _networks(_: Log, rows: Rows) -> _Found:
    one = _one(rows)
    n = one.pop("n")
    if not n:
        return _Found(None, 0, why="no cell of the column is a number")
    why = None
    if one["zero"] > n / 2:
        why = "most are zero, which in logs of 2022 meant that the number was not recorded"
    return _Found(one | {"sum": one["sum"] or 0}, n, why=why)


def _devices(_: Log, rows: Rows) -> _Found:
    one = _one(rows)
    n = one.pop("n")
    if not n:
        return _Found(None, 0, why="no cell of the column is a number")
    return _Found({"max": one["max"], "median": _plain(one["median"]), "sum": one["sum"]}, n)


def _plain(number: float) -> float | int:
    return int(number) if number == int(number) else number


def _reason(log: Log, rows: Rows) -> _Found:
    one = _one(rows)
    n = one.pop("n") or 0
    masked = log.masked("reason")
    why = f"{masked:,} rows have a mask in place of the reason" if masked else None
    return _Found(one, n, why=why)


def _reason_top(log: Log, rows: Rows) -> _Found:
    counts: dict[str, int] = {}
    for row in rows:
        kept = keep_reason(row["folded"])
        counts[kept] = counts.get(kept, 0) + int(row["n"])
    shown, rest = group_rare(counts, log.k, TOP_REASONS)
    listed = [{"reason": text, "searches": n} for text, n in (*shown, ("[rest]", rest)) if n]
    return _Found(listed, sum(counts.values()))


def _share(name: str) -> Callable[[Log, Rows], _Found]:
    def shape(_: Log, rows: Rows) -> _Found:
        counts = {row["state"]: int(row["n"]) for row in rows}
        filled = counts.get("value", 0)
        told = sum(n for state, n in counts.items() if state not in MASKS)
        main = max(counts, key=lambda state: (counts[state], state), default="empty")
        if not told:
            value = {"state": main, "filled": None, "share": None}
            return _Found(value if name == "case_number" else None, 0, why=f"every cell is {main.replace('_', ' ')}")
        interval = wilson(filled, told)
        if name == "judicial_process":
            return _Found(filled / told, told, interval)
        return _Found({"state": main, "filled": filled, "share": filled / told}, told, interval)

    return shape


def _lookback(_: Log, rows: Rows) -> _Found:
    one = _one(rows)
    if not one["n"]:
        return _Found(None, 0, why="no row has both a time and the start of its window")
    value = {
        str(days): {
            "beyond": one[f"beyond_{days}"], "beyond_with_tolerance": one[f"tolerant_{days}"],
            "beyond_one_network": one[f"alone_{days}"], "wholly_older": one[f"older_{days}"] if one["ended"] else None,
        } for days in LIMITS
    }  # fmt: skip
    why = None if one["ended"] else "no row has the end of its window, so windows that are wholly older can't be told"
    return _Found(value, one["n"], why=why)


def _lookback_of(log: Log, rows: Rows) -> _Found:
    found = _lookback(log, rows)
    if found.value and not log.has("networks"):
        value = {days: parts | {"beyond_one_network": None} for days, parts in found.value.items()}
        why = "networks were not exported, so searches of one network can't be told"
        return _Found(value, found.n, why=f"{why}; {found.why}" if found.why else why)
    return found


def _window(_: Log, rows: Rows) -> _Found:
    one = _one(rows)
    n = one.pop("n")
    if not n:
        return _Found(None, 0, why="no row has both ends of its window")
    return _Found({name: round(value, 3) if name.endswith("hours") else value for name, value in one.items()}, n)


def _end_after(_: Log, rows: Rows) -> _Found:
    one = _one(rows)
    if not one["n"]:
        return _Found(None, 0, why="no row has both a time and the end of its window")
    return _Found(one["found"], one["n"])


def _hours(log: Log, rows: Rows) -> _Found:
    if log.zone == "UTC" and not log.time_zone:
        return _Found(None, None, why="local hours need `--time-zone`, such as America/Los_Angeles")
    counts = {str(hour): 0 for hour in range(24)}
    for row in rows:
        hour = to_local(row["hour"], log.time_zone) if log.zone == "UTC" and log.time_zone else row["hour"]
        counts[str(hour.hour)] += int(row["n"])
    shown = suppress(counts, log.k)
    hidden = sum(1 for value in shown.values() if value is None)
    why = f"{hidden} hours are not shown, so that none of fewer than {log.k} searches can be told" if hidden else None
    return _Found(shown, sum(counts.values()), why=why)


def _lexicons(_: Log, rows: Rows) -> _Found:
    one = _one(rows)
    n = one.pop("n")
    return _Found(one, n or 0) if n else _Found(None, 0, why="no file has a reason, a text prompt or an offence type")


def _outside(log: Log, rows: Rows) -> _Found:
    counts: dict[str, int | None] = dict.fromkeys(("own_state", "other_state", "federal", "tribal", "private", "unknown"), 0)
    for row in rows:
        kind = row["kind"] if row["kind"] != "public" else "unknown"
        if row["kind"] == "public" and row["state_code"] and log.state:
            kind = "own_state" if row["state_code"] == log.state else "other_state"
        counts[kind] = (counts[kind] or 0) + int(row["n"])
    why = None
    if not log.state:
        counts |= {"own_state": None, "other_state": None}
        why = (
            "own and other state need `--jurisdiction`, or a `--producer` that names the state; such searches are in unknown"
        )
    return _Found(counts, sum(int(row["n"]) for row in rows), why=why)


def _doors(log: Log, _: Rows) -> _Found:
    value, n, why = count_doors(log)
    return _Found(value, n, why=why)


def _repeat_targets(_: Log, rows: Rows) -> _Found:
    one = _one(rows)
    n = one.pop("n")
    return _Found(one, n) if n else _Found(None, 0, why="no plate is readable: every cell is empty or masked")


def _accounts(_: Log, rows: Rows) -> _Found:
    if not rows:
        return _Found(None, 0, why="no user is told: every cell is empty or masked")
    return _Found(
        screen_accounts(rows), sum(int(row["n"]) for row in rows), why="candidates for review; duty rosters are unknown"
    )


def _concentration(log: Log, rows: Rows) -> _Found:
    one = _one(rows)
    if not one["n"] or one["members"] < 2:
        return _Found(None, 0, why="fewer than two users are told")
    value = {"members": one["members"], "gini": round(float(one["gini"]), 4), "top_tenth_share": one["top_tenth"] / one["n"]}
    # Of a few users, or where a tenth of them has nearly all or none, these would tell what single users did.
    if one["members"] < log.k or min(one["top_tenth"], one["n"] - one["top_tenth"]) < log.k:
        why = f"not shown, so that no user of fewer than {log.k} searches can be told"
        return _Found(value | {"gini": None, "top_tenth_share": None}, one["n"], why=why)
    return _Found(value, one["n"])


def _audits(log: Log, _: Rows) -> _Found:
    if log.policy is None or log.policy.audits is None:
        return _Found(None, None, why="the log does not carry audits; a policy file can, under `audits`")
    bounds = log.bounds()
    if bounds is None:
        return _Found(None, None, why="the period of the log is not known")
    return _Found(log.policy.audits.count(*bounds))


_SHAPES: dict[str, Callable[[Log, Rows], _Found]] = {
    "rows": _rows, "sightings": _sightings, "searches": _searches, "period": _period, "search_types": _labels("search_type"),
    "moderation": _labels("moderation"), "networks": _networks, "devices": _devices, "reason": _reason,
    "reason_top": _reason_top, "case_number": _share("case_number"), "lookback": _lookback_of, "window": _window,
    "end_after_search": _end_after, "hours": _hours, "lexicons": _lexicons, "outside": _outside, "doors": _doors,
    "repeat_targets": _repeat_targets, "accounts": _accounts, "concentration": _concentration,
    "judicial_process": _share("judicial_process"), "audits": _audits,
}  # fmt: skip


def list_organisations(log: Log) -> list[dict[str, Any]]:
    """Return organisations by searches: those of k searches or more that bear an agency's name, and the rest added up."""
    if not log.has("organisation"):
        return []
    (step,) = [step for step in people_steps() if step.name == "organisations"]
    rows = log.database.dicts(step.sql)
    texts = log.texts("organisation", [row["id"] for row in rows])
    counts: dict[str, int] = {}
    for row in rows:
        name = keep_organisation(texts[row["id"]])
        counts[name] = counts.get(name, 0) + int(row["n"])
    shown, rest = group_rare(counts, log.k, 50)
    listed = [{"organisation": name, "searches": n} for name, n in shown]
    return listed + ([{"organisation": "[rest]", "searches": rest}] if rest else [])
