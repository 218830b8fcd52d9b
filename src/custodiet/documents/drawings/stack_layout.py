"""Where everything of a stack stands on its page: feeds at the left, systems in rows with their steps and controls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

COUNTS = ("disputed", "unknown")
ROUNDS = 8


@dataclass(frozen=True)
class Sizes:
    """How large the parts are, in pixels.

    Rows begin at `head` and feeds at `feed_head`, from the top; `foot` is the legend's height.
    """

    margin: float
    head: float
    feed_head: float
    foot: float
    row: float
    feed_width: float
    flow_width: float
    system_width: float
    step: float
    cell: float
    gap: float
    box_height: float
    feed_least: float
    feed_most: float


# A page of its own, on a screen or as a file.
SCREEN = Sizes(
    margin=24, head=208, feed_head=208, foot=128, row=38, feed_width=256, flow_width=190, system_width=300, step=35, cell=38,
    gap=20, box_height=32, feed_least=52, feed_most=52,
)  # fmt: skip
# Half a page of a document on Letter paper on its side, of which 736 points are written on: so that the smallest
# letters, of 11 pixels, are printed at 6 points or more, it is no wider than 1,349 pixels.
PAPER = Sizes(
    margin=4, head=112, feed_head=28, foot=44, row=24, feed_width=284, flow_width=118, system_width=404, step=26, cell=24.5,
    gap=15, box_height=20, feed_least=42, feed_most=39,
)  # fmt: skip


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
    sizes: Sizes

    def label(self) -> dict[str, str]:
        """Return a short name for each feed and system by its id, F1 and S1 at the top: what a table calls them too."""
        return {
            key: f"{letter}{number}"
            for letter, boxes in (("F", self.feeds), ("S", self.systems))
            for number, key in enumerate(boxes, 1)
        }


def lay_out(data: Mapping[str, Any], sizes: Sizes = SCREEN) -> Layout:
    """Return where everything stands: systems by the first step that they serve, and feeds where fewest flows cross."""
    steps = list(data["steps"])
    flows = [(flow["feed"], flow["system"]) for flow in data["flows"]]
    rank = {system["id"]: _rank(system["steps"], steps) for system in data["systems"]}
    feeds, systems = _order([feed["id"] for feed in data["feeds"]], rank, flows)
    bottom = max(sizes.head + len(systems) * sizes.row, sizes.feed_head + len(feeds) * sizes.feed_least)
    feed_at = _spread(feeds, sizes.margin, sizes.feed_width, (sizes.feed_head, bottom), sizes.feed_most)
    system_x = sizes.margin + sizes.feed_width + sizes.flow_width
    system_at = _spread(systems, system_x, sizes.system_width, (sizes.head, bottom), sizes.box_height)
    columns: list[dict[str, float]] = []
    x = system_x + sizes.system_width + sizes.gap
    covers, practices, cell = list(data["covers"]), list(data["practices"]), sizes.cell
    for names, width in ((steps, sizes.step), (covers, cell), (practices, cell), (COUNTS, cell)):
        columns.append({name: x + width * (number + 0.5) for number, name in enumerate(names)})
        x += width * len(names) + sizes.gap
    step_at, cover_at, practice_at, count_at = columns
    return Layout(
        feeds=feed_at, systems=system_at, flows=_ends(flows, feed_at, system_at), steps=step_at, covers=cover_at,
        practices=practice_at, counts=count_at, width=x + sizes.margin, bottom=bottom, sizes=sizes,
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


def _spread(ids: Sequence[str], x: float, width: float, reach: tuple[float, float], most: float) -> dict[str, Box]:
    top, bottom = reach
    each = (bottom - top) / len(ids) if ids else 0.0
    height = min(most, each - 4)
    return {name: Box(x, top + each * number + (each - height) / 2, width, height) for number, name in enumerate(ids)}


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
