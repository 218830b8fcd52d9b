"""The truth about names, and how far a method's pairs agree with it: pairwise and by clusters, with intervals."""

import hashlib
import itertools
import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from custodiet.organisations.names import core_name
from custodiet.store import Register

RESAMPLES = 2000
SEED = 20261122
Pair = tuple[str, str]
Scores = dict[Pair, float]


@dataclass(frozen=True)
class Truth:
    """Names with the UEI that each stands under and the group of UEIs that have one parent."""

    uei: dict[str, str]
    group: dict[str, str]

    @property
    def names(self) -> list[str]:
        """All names, in order."""
        return sorted(self.uei)

    def pairs(self) -> set[Pair]:
        """Return every pair of names of one group."""
        members = defaultdict(list)
        for name in self.names:
            members[self.group[name]].append(name)
        return {pair for names in members.values() for pair in itertools.combinations(names, 2)}

    def half(self, which: int, salt: str = "") -> "Truth":
        """Return the groups whose hash is even (0: tuning) or odd (1: held out); another salt gives another split."""
        return self.where(lambda group: int(hashlib.sha256(f"{salt}{group}".encode()).hexdigest(), 16) % 2 == which)

    def where(self, is_kept: Callable[[str], bool]) -> "Truth":
        """Return the groups that are kept."""
        kept = {name for name, group in self.group.items() if is_kept(group)}
        return Truth({n: self.uei[n] for n in kept}, {n: self.group[n] for n in kept})


def read_truth(register: Register) -> tuple[Truth, int]:
    """Return the truth, and how many names were left out because they stand under several UEIs."""
    rows = register.rows("select name, uei, parent_uei from vendor_names where uei is not null and kind = 'organisation'")
    ueis = defaultdict(set)
    for name, uei, _ in rows:
        ueis[name].add(uei)
    alone = [row for row in rows if len(ueis[row[0]]) == 1]
    above: dict[str, str] = {}

    def top(uei: str) -> str:
        while above.setdefault(uei, uei) != uei:
            uei = above[uei]
        return uei

    for _, uei, parent in sorted(alone):
        one, other = sorted((top(uei), top(parent or uei)))
        above[other] = one
    return Truth({n: u for n, u, _ in alone}, {n: top(u) for n, u, _ in alone}), sum(len(u) > 1 for u in ueis.values())


def curve(scores: Scores, true: set[Pair]) -> list[tuple[float, float, float]]:
    """Return (threshold, precision, recall) at each distinct score, from the highest."""
    points = []
    right = 0
    ordered = sorted(scores.items(), key=lambda item: -item[1])
    for position, (pair, score) in enumerate(ordered, start=1):
        right += pair in true
        if position == len(ordered) or ordered[position][1] != score:
            points.append((score, right / position, right / len(true)))
    return points


def threshold_for(scores: Scores, true: set[Pair], target: float) -> float | None:
    """Return the lowest threshold whose precision is at least `target`, if any is."""
    reached = [threshold for threshold, precision, _ in curve(scores, true) if precision >= target]
    return min(reached, default=None)


def recall_at(scores: Scores, true: set[Pair], precision: float) -> float:
    """Return the most recall that any threshold gives at this precision or better."""
    return max((recall for _, reached, recall in curve(scores, true) if reached >= precision), default=0.0)


def clusters(names: Sequence[str], pairs: Iterable[Pair]) -> dict[str, str]:
    """Return each name's cluster: names joined by a chain of pairs."""
    above = {name: name for name in names}

    def top(name: str) -> str:
        while above[name] != name:
            name = above[name]
        return name

    for a, b in pairs:
        above[top(a)] = top(b)
    return {name: top(name) for name in names}


def measure(truth: Truth, accepted: set[Pair]) -> dict[str, tuple[float, float, float]]:
    """Return pairwise and B-cubed precision and recall, each with its 95 % interval from resampling groups."""
    groups = sorted(set(truth.group.values()))
    true = truth.pairs()
    right = Counter(truth.group[a] for a, _ in true & accepted)
    all_true = Counter(truth.group[a] for a, _ in true)
    wrong = Counter((truth.group[a], truth.group[b]) for a, b in accepted - true)
    cluster = clusters(truth.names, accepted)
    members = Counter(cluster.values())
    together = Counter((cluster[name], truth.group[name]) for name in truth.names)
    sizes = Counter(truth.group.values())
    pure: dict[str, float] = defaultdict(float)
    found: dict[str, float] = defaultdict(float)
    for name in truth.names:
        group = truth.group[name]
        both = together[cluster[name], group]
        pure[group] += both / members[cluster[name]]
        found[group] += both / sizes[group]

    def figures(weight: Mapping[str, int]) -> list[float]:
        tp = sum(weight[group] * count for group, count in right.items())
        fp = sum(count * weight[one] * weight[other] for (one, other), count in wrong.items())
        there = sum(weight[group] * count for group, count in all_true.items())
        names = sum(weight[group] * count for group, count in sizes.items())
        return [
            tp / (tp + fp) if tp + fp else math.nan,
            tp / there if there else math.nan,
            sum(weight[group] * share for group, share in pure.items()) / names,
            sum(weight[group] * share for group, share in found.items()) / names,
        ]

    dice = random.Random(SEED)
    draws = [figures(Counter(dice.choices(groups, k=len(groups)))) for _ in range(RESAMPLES)]
    keys = ("precision", "recall", "b3 precision", "b3 recall")
    intervals = [sorted(value for value in column if not math.isnan(value)) for column in zip(*draws, strict=True)]
    return {
        key: (point, values[int(0.025 * len(values))], values[int(0.975 * len(values))])
        for key, point, values in zip(keys, figures(Counter(groups)), intervals, strict=True)
    }


def accepted_at(scores: Scores, threshold: float) -> set[Pair]:
    """Return the pairs at or above a threshold."""
    return {pair for pair, score in scores.items() if score >= threshold}


def kinds_of(truth: Truth) -> dict[str, set[Pair]]:
    """Part the true pairs by how they are one group, and by whether their names have a word or initials in common."""
    found: dict[str, set[Pair]] = {
        "same UEI": set(),
        "predecessor (same UEI, no word in common)": set(),
        "same parent": set(),
    }
    found["same parent, no word in common"] = set()
    for a, b in truth.pairs():
        shares = bool(set(core_name(a).split()) & set(core_name(b).split()))
        if truth.uei[a] == truth.uei[b]:
            found["same UEI" if shares else "predecessor (same UEI, no word in common)"].add((a, b))
        else:
            found["same parent" if shares else "same parent, no word in common"].add((a, b))
    return found
