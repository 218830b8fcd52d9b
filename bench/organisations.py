"""Measure how well names are resolved, against identifiers: which names stand under one UEI or one ultimate parent.

`make bench` prints the tables; `--write` also puts them into docs/organisations.md and the trained weights into
src/custodiet/organisations/model.json. Needs a mirror and a register: set CUSTODIET_MIRROR and CUSTODIET_REGISTER.

The truth is the FPDS file of names under UEIs, less the names that stand under several. Names of one UEI or one parent are
one group. Groups are split by the hash of their identifier: weights and thresholds come from one half, figures from the
other.
"""

import hashlib
import itertools
import json
import math
import os
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from agreement import (
    SEED,
    Scores,
    Truth,
    accepted_at,
    curve,
    kinds_of,
    measure,
    read_truth,
    recall_at,
    threshold_for,
)
from rapidfuzz import distance, fuzz

from custodiet.organisations.features import Known, describe_names
from custodiet.organisations.model import COMPARISONS, SMOOTHING, TRAINED, Trained, compare, score_pairs
from custodiet.organisations.names import core_name, plain_name
from custodiet.register.settings import register_path
from custodiet.store import open_register

ROOT = Path(__file__).parent.parent
TARGETS = (0.95, 0.90, 0.80)
# A proposal is worth a reader's time while at least so many of those above it are right on the tuning half, and while the
# model itself holds it for as likely as not: the register's many small firms are more alike than these large ones.
FLOOR_PRECISION = 0.8
ROUNDS = 20
FOLDS = 5
SPLITS = 20


# --- the methods: each gives pairs of names a score


def score_equal(names: Sequence[str], fold: Callable[[str], str]) -> Scores:
    """Score 1 for names that fold to the same text."""
    by_fold = defaultdict(list)
    for name in names:
        by_fold[fold(name)].append(name)
    return {pair: 1.0 for same in by_fold.values() for pair in itertools.combinations(sorted(same), 2)}


RAPIDFUZZ: dict[str, Callable[[str, str], float]] = {
    "ratio": fuzz.ratio,
    "token_sort_ratio": fuzz.token_sort_ratio,
    "token_set_ratio": fuzz.token_set_ratio,
    "WRatio": fuzz.WRatio,
    "Jaro-Winkler": lambda a, b: distance.JaroWinkler.similarity(a, b) * 100,
}


def score_rapidfuzz(names: Sequence[str], scorer: str, fold: Callable[[str], str]) -> Scores:
    """Score every pair by a RapidFuzz measure of the folded names."""
    folded = {name: fold(name) for name in names}
    measure = RAPIDFUZZ[scorer]
    return {(a, b): measure(folded[a], folded[b]) for a, b in itertools.combinations(sorted(names), 2)}


def score_untuned_splink(names: Sequence[str], among: Sequence[str]) -> Scores:
    """Score pairs by a Splink model as its guide has it: library comparisons, u by sampling, m by maximisation."""
    import duckdb  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415
    import splink.comparison_library as cl  # noqa: PLC0415
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on  # noqa: PLC0415

    rows = [
        {"unique_id": r["unique_id"], "name": r["core"], "first": r["lead"][0] if r["lead"] else None, "form": r["forms"],
         "blocks": r["blocks"]}
        for r in describe_names([Known(name) for name in names], among)
    ]  # fmt: skip
    with duckdb.connect(":memory:") as connection:
        api = DuckDBAPI(connection)
        linker = Linker(
            api.register(pa.Table.from_pylist(rows)),
            SettingsCreator(
                link_type="dedupe_only",
                comparisons=[cl.NameComparison("name"), cl.ExactMatch("first"), cl.ExactMatch("form")],
                blocking_rules_to_generate_predictions=[block_on("blocks", arrays_to_explode=["blocks"])],
            ),
            log_level=None,
        )
        linker.training.estimate_probability_two_random_records_match([block_on("name")], recall=0.5)
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=SEED)
        linker.training.estimate_parameters_using_expectation_maximisation(block_on("first"))
        linker.training.estimate_parameters_using_expectation_maximisation(block_on("substr(name, 1, 6)"))
        found = linker.inference.predict(threshold_match_weight=-1000)
        rows = found.as_duckdbpyrelation().select("unique_id_l", "unique_id_r", "match_weight").fetchall()
        return {(min(a, b), max(a, b)): weight for a, b, weight in rows}


Levels = Counter[tuple[tuple[str, str], ...]]


def count_unlabelled(names: Sequence[str], among: Sequence[str]) -> Levels:
    """Count which levels hold together among the pairs of names that have no label."""
    records = describe_names([Known(name) for name in names], among)
    return Counter(tuple(sorted(levels.items())) for _, _, levels in compare(records))


def train(truth: Truth, among: Sequence[str], kept: Levels) -> Trained:
    """Count how often each level holds among pairs of one group (m) and among others (u), over the pairs that are looked at.

    A group of n names weighs as n - 1 pairs, so that the largest does not decide alone. The pairs of the register's other
    names (`kept`) have no label; each counts among the others by the chance that it is none of one group, in rounds of
    expectation maximisation, and their prior is the model's.
    """
    size = Counter(truth.group.values())
    labelled = [
        (levels, truth.group[one] == truth.group[other], size[truth.group[one]])
        for one, other, levels in compare(describe_names([Known(name) for name in truth.names], among))
    ]
    counted = [c for c in COMPARISONS if c.by_hand is None]
    prior = 0.05
    chance: dict[tuple[tuple[str, str], ...], float] = dict.fromkeys(kept, prior)
    for _ in range(ROUNDS):
        parameters = {}
        for comparison in counted:
            sums = {level.name: [SMOOTHING, SMOOTHING] for level in comparison.levels}
            for levels, is_same, names in labelled:
                if comparison.name in levels:
                    sums[levels[comparison.name]][0 if is_same else 1] += 2 / names if is_same else 1
            for levels_, count in kept.items():
                if comparison.name in (found := dict(levels_)):
                    sums[found[comparison.name]][1] += count * (1 - chance[levels_])
            totals = [sum(both[side] for both in sums.values()) for side in (0, 1)]
            parameters[comparison.name] = {name: (m / totals[0], u / totals[1]) for name, (m, u) in sums.items()}
        for levels_ in kept:
            odds = prior / (1 - prior)
            for comparison, level in levels_:
                m, u = parameters[comparison][level]
                odds *= m / u
            chance[levels_] = odds / (1 + odds)
        prior = sum(chance[levels_] * count for levels_, count in kept.items()) / sum(kept.values())
    return Trained(parameters, prior, 0.0)


def score_ours(names: Sequence[str], among: Sequence[str], trained: Trained) -> Scores:
    """Score pairs by our model, from the names alone."""
    records = describe_names([Known(name) for name in names], among)
    return {(min(s.one, s.other), max(s.one, s.other)): s.weight for s in score_pairs(records, trained, -1000.0)}


def cross_score(truth: Truth, among: Sequence[str], kept: Levels) -> Scores:
    """Score pairs of the tuning half by models trained without their groups, so that no threshold is flattered."""
    fold = {group: int(hashlib.sha256(f"fold {group}".encode()).hexdigest(), 16) % FOLDS for group in truth.group.values()}
    scores = defaultdict(list)
    for left in range(FOLDS):
        trained = train(truth.where(lambda group, left=left: fold[group] != left), among, kept)
        for (a, b), score in score_ours(truth.names, among, trained).items():
            if left in (fold[truth.group[a]], fold[truth.group[b]]):
                scores[a, b].append(score)
    return {pair: sum(found) / len(found) for pair, found in scores.items()}


# --- the tables


def shown(figure: tuple[float, float, float]) -> str:
    """Return a figure with its interval."""
    return "" if math.isnan(figure[0]) else f"{figure[0]:.2f} ({figure[1]:.2f} to {figure[2]:.2f})"


def all_methods(truth: Truth, among: Sequence[str], trained: Trained) -> dict[str, Scores]:
    """Return each method's scores of the pairs of names of a part of the truth."""
    names = truth.names
    found = {
        "exact after normalising": score_equal(names, plain_name),
        "exact without the legal form": score_equal(names, core_name),
    }
    found |= {f"RapidFuzz {scorer}": score_rapidfuzz(names, scorer, core_name) for scorer in RAPIDFUZZ}
    found["Splink, untuned"] = score_untuned_splink(names, among)
    found["ours"] = score_ours(names, among, trained)
    return found


def other_splits(truth: Truth, among: Sequence[str], kept: Levels, fuzzy: str) -> list[str]:
    """Return a table of the recall at matched precision over other splits of the truth into halves."""
    targets = (0.99, *TARGETS)
    names = ["exact without the legal form", fuzzy, "Splink, untuned", "ours"]
    recalls: dict[str, list[list[float]]] = {name: [] for name in names}
    for salt in range(1, SPLITS + 1):
        tuning, held = truth.half(0, f"{salt} "), truth.half(1, f"{salt} ")
        true = held.pairs()
        scores = {
            names[0]: score_equal(held.names, core_name),
            fuzzy: score_rapidfuzz(held.names, fuzzy.removeprefix("RapidFuzz "), core_name),
            names[2]: score_untuned_splink(held.names, among),
            "ours": score_ours(held.names, among, train(tuning, among, kept)),
        }
        for name in names:
            recalls[name].append([recall_at(scores[name], true, target) for target in targets])
    lines = [
        "",
        f"The same over {SPLITS} other splits of all groups into halves: the mean recall, and in brackets in how many splits "
        "ours finds more, as many, or fewer pairs:",
        "",
        "| method | " + " | ".join(f"at {target:.2f}" for target in targets) + " |",
        "| --- |" + " ---: |" * len(targets),
    ]
    for name in names:
        cells = []
        for i in range(len(targets)):
            mine, theirs = [r[i] for r in recalls["ours"]], [r[i] for r in recalls[name]]
            wins = Counter((a > b) - (a < b) for a, b in zip(mine, theirs, strict=True))
            against = "" if name == "ours" else f" ({wins[1]}, {wins[0]}, {wins[-1]})"
            cells.append(f"{statistics.mean(theirs):.2f}{against}")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def main() -> None:
    """Print the tables, and write them and the model where `--write` asks for that."""
    if not os.environ.get("CUSTODIET_MIRROR"):
        sys.exit("Set CUSTODIET_MIRROR to a mirror of the published files; docs/sources.md lists them.")
    with open_register(register_path()) as register:
        truth, left_out = read_truth(register)
        among = [name for (name,) in register.rows("select name from organisation_names order by name")]
    tuning, held = truth.half(0), truth.half(1)
    kept = count_unlabelled([name for name in among if name not in truth.uei], truth.names)
    trained = train(tuning, among, kept)
    at_tuning, at_held = all_methods(tuning, among, trained), all_methods(held, among, trained)
    at_tuning["ours"] = cross_score(tuning, among, kept)
    true_tuning, true_held = tuning.pairs(), held.pairs()
    # Of RapidFuzz's measures the one that does best on the tuning half stands for all.
    fuzzy = max(
        (name for name in at_tuning if name.startswith("RapidFuzz")),
        key=lambda name: sum(recall_at(at_tuning[name], true_tuning, target) for target in TARGETS),
    )
    methods = ["exact after normalising", "exact without the legal form", fuzzy, "Splink, untuned", "ours"]
    lines = [
        f"{len(truth.names)} names under one UEI each ({left_out} that stand under several are left out), in "
        f"{len(set(truth.group.values()))} groups of one UEI or one parent. Tuning: {len(tuning.names)} names, "
        f"{len(true_tuning)} true pairs. Held out: {len(held.names)} names, {len(true_held)} true pairs; "
        "all below is of these.",
        "",
        "Thresholds chosen on the tuning half, for a precision of",
        "",
        "| wanted | method | pairs found | pairwise precision | pairwise recall | B-cubed precision | B-cubed recall |",
        "| ---: | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for target in TARGETS:
        for method in methods:
            threshold = threshold_for(at_tuning[method], true_tuning, target)
            if threshold is None:
                lines.append(f"| {target:.2f} | {method} | not reached | | | | |")
                continue
            accepted = accepted_at(at_held[method], threshold)
            figures = measure(held, accepted)
            lines.append(
                f"| {target:.2f} | {method} | {len(accepted)} | "
                + " | ".join(shown(figure) for figure in figures.values())
                + " |"
            )
    lines += [
        "",
        "The most recall at a precision that the held-out half itself shows, whatever the threshold:",
        "",
        "| method | "
        + " | ".join(f"at {target:.2f}" for target in (0.99, *TARGETS))
        + " | its best precision | ours there |",
        "| --- |" + " ---: |" * (len(TARGETS) + 3),
    ]
    for method in methods:
        # The precision that this method reaches at all, with the recall that it has there, and ours at no less.
        best = max(precision for _, precision, _ in curve(at_held[method], true_held))
        ours = recall_at(at_held["ours"], true_held, best)
        lines.append(
            f"| {method} | "
            + " | ".join(f"{recall_at(at_held[method], true_held, target):.2f}" for target in (0.99, *TARGETS))
            + f" | {best:.3f}, recall {recall_at(at_held[method], true_held, best):.2f} | {ours:.2f} |"
        )
    lines += other_splits(truth, among, kept, fuzzy)
    threshold = threshold_for(at_tuning["ours"], true_tuning, 0.90) or 0.0
    accepted = accepted_at(at_held["ours"], threshold)
    lines += ["", "What ours finds at its 0.90 threshold, by what makes the pair true:", "", "| pairs | there are | found |"]
    lines += ["| --- | ---: | ---: |"]
    lines += [f"| {kind} | {len(pairs)} | {len(pairs & accepted)} |" for kind, pairs in kinds_of(held).items()]
    wrong = sorted((-score, pair) for pair, score in at_held["ours"].items() if score >= threshold and pair not in true_held)
    lines += ["", f"Of the {len(wrong)} pairs that the truth calls wrong there, the first five by score:", ""]
    lines += [f"- {a} · {b}" for _, (a, b) in wrong[:5]]
    started = time.perf_counter()
    floor = max(threshold_for(at_tuning["ours"], true_tuning, FLOOR_PRECISION) or 0.0, 0.0)
    trained = Trained(trained.parameters, trained.prior, floor)
    found = score_ours(among, (), trained)
    seconds = time.perf_counter() - started
    lines += [
        "",
        f"All {len(among):,} names of the register: {len(found):,} pairs looked at, {seconds:.1f} s, {os.cpu_count()} cores.",
    ]
    text = "\n".join(lines)
    print(text)
    if "--write" in sys.argv:
        write(text, trained)


def write(text: str, trained: Trained) -> None:
    """Put the tables between the marks of docs/organisations.md, and the model beside its code."""
    page = ROOT / "docs" / "organisations.md"
    begin, end = "<!-- measured: begin -->\n", "<!-- measured: end -->"
    before, _, rest = page.read_text("utf-8").partition(begin)
    page.write_text(before + begin + text + "\n" + end + rest.partition(end)[2], "utf-8")
    levels: Mapping[str, Mapping[str, list[float]]] = {
        comparison: {level: [round(m, 6), round(u, 6)] for level, (m, u) in counted.items()}
        for comparison, counted in trained.parameters.items()
    }
    content = {"prior": round(trained.prior, 6), "floor": round(trained.floor, 6), "levels": levels}
    TRAINED.write_text(json.dumps(content, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
