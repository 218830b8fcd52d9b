"""Where everything of a stack stands on its page: feeds at the left, systems in rows with their steps and controls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MARGIN, HEAD, ROW = 24, 208, 38
FEED_WIDTH, FLOW_WIDTH, SYSTEM_WIDTH = 256, 190, 300
STEP, CELL, GAP = 35, 38, 20
BOX_HEIGHT, FEED_LEAST, FEED_MOST = 32, 52, 52
COUNTS = ("disputed", "unknown")
ROUNDS = 8


@dataclass(frozen=True)
class Box:
    """A rectangle, in pixels from the upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """Its middle, from top to bottom."""
        return self.y + self.height / 2


@dataclass(frozen=True)
class Layout:
    """The places of feeds and systems by id, of flows by (feed, system) as start and end, and of columns by their middle."""

    feeds: dict[str, Box]
    systems: dict[str, Box]
    flows: dict[tuple[str, str], tuple[tuple[float, float], tuple[float, float]]]
    steps: dict[str, float]
    covers: dict[str, float]
    practices: dict[str, float]
    counts: dict[str, float]
    width: float
    bottom: float


def lay_out(data: Mapping[str, Any]) -> Layout:
    """Return where everything stands: systems by the first step that they serve, and feeds where fewest flows cross."""
    steps = list(data["steps"])
    flows = [(flow["feed"], flow["system"]) for flow in data["flows"]]
    rank = {system["id"]: _rank(system["steps"], steps) for system in data["systems"]}
    feeds, systems = _order([feed["id"] for feed in data["feeds"]], rank, flows)
    body = max(len(systems) * ROW, len(feeds) * FEED_LEAST)
    feed_at = _spread(feeds, MARGIN, FEED_WIDTH, body, FEED_MOST)
    system_x = MARGIN + FEED_WIDTH + FLOW_WIDTH
    system_at = _spread(systems, system_x, SYSTEM_WIDTH, body, BOX_HEIGHT)
    columns: list[dict[str, float]] = []
    x = system_x + SYSTEM_WIDTH + GAP
    for names, width in ((steps, STEP), (list(data["covers"]), CELL), (list(data["practices"]), CELL), (COUNTS, CELL)):
        columns.append({name: x + width * (number + 0.5) for number, name in enumerate(names)})
        x += width * len(names) + GAP
    step_at, cover_at, practice_at, count_at = columns
    return Layout(
        feeds=feed_at, systems=system_at, flows=_ends(flows, feed_at, system_at), steps=step_at, covers=cover_at,
        practices=practice_at, counts=count_at, width=x + MARGIN, bottom=HEAD + body,
    )  # fmt: skip


def _rank(served: Sequence[str], steps: Sequence[str]) -> tuple[int, ...]:
    return tuple(steps.index(step) for step in served) or (len(steps),)


def _order(
    feeds: list[str], rank: Mapping[str, tuple[int, ...]], flows: Sequence[tuple[str, str]]
) -> tuple[list[str], list[str]]:
    """Return both sides in an order with few crossings: each thing goes to the mean place of what it is tied to.

    The barycentre heuristic of Sugiyama, Tagawa and Toda (1981). Systems move only among those of the same first step.
    """
    systems = sorted(rank, key=lambda system: (rank[system], system))
    feeds = sorted(feeds)
    for _ in range(ROUNDS):
        at = {system: number for number, system in enumerate(systems)}
        feeds.sort(key=lambda feed: (_mean([at[end] for start, end in flows if start == feed]), feed))
        place = {feed: number for number, feed in enumerate(feeds)}
        systems.sort(
            key=lambda system: (rank[system][0], _mean([place[start] for start, end in flows if end == system]), system)
        )
    return feeds, systems


def _mean(numbers: Sequence[int]) -> float:
    return sum(numbers) / len(numbers) if numbers else -1.0


def _spread(ids: Sequence[str], x: float, width: float, body: float, most: float) -> dict[str, Box]:
    each = body / len(ids) if ids else 0.0
    height = min(most, each - 6)
    return {name: Box(x, HEAD + each * number + (each - height) / 2, width, height) for number, name in enumerate(ids)}


def _ends(
    flows: Sequence[tuple[str, str]], feeds: Mapping[str, Box], systems: Mapping[str, Box]
) -> dict[tuple[str, str], tuple[tuple[float, float], tuple[float, float]]]:
    """Return where each flow leaves its feed and enters its system: side by side, in the order of the other ends."""
    found = {}
    for feed, system in flows:
        out = sorted((end for start, end in flows if start == feed), key=lambda end: systems[end].y)
        into = sorted((start for start, end in flows if end == system), key=lambda start: feeds[start].y)
        box, target = feeds[feed], systems[system]
        found[feed, system] = (
            (box.x + box.width, box.y + box.height * (out.index(system) + 1) / (len(out) + 1)),
            (target.x, target.y + target.height * (into.index(feed) + 1) / (len(into) + 1)),
        )
    return found
