"""Measure the lexicon against labels given by reading: precision and recall, with intervals, on awards held back from tuning.

Run by `make bench` with `--write`: it puts its table between the marks in `docs/categories.md`.
"""

import argparse
import csv
import tempfile
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import custodiet
from custodiet.bench.intervals import binomial_interval

HERE = Path(__file__).parent
LABELS = HERE / "labels" / "award-categories.csv"
PAGE = HERE.parent / "docs" / "categories.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def read_labels() -> list[dict]:
    with LABELS.open(encoding="utf-8", newline="") as stream:
        return [row | {"categories": set(filter(None, row["categories"].split("|")))} for row in csv.DictReader(stream)]


def predictions(register: custodiet.Register) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for award, category in register.rows("select distinct award, category from award_categories"):
        found[award].add(category)
    return found


def measure(
    labels: list[dict], predicted: dict[str, set[str]], category: str, *, strict: bool = False
) -> tuple[int, int, int, int]:
    """Return hits, false alarms, misses, and labels left out.

    A label of which its reader was not sure, and against which the lexicon decides, is left out; with `strict` it counts.
    """
    hits = alarms = misses = left_out = 0
    for row in labels:
        is_one, found = category in row["categories"], category in predicted.get(row["award"], set())
        if not strict and row["sure"] == "no" and is_one != found:
            left_out += 1
        elif found:
            hits, alarms = hits + is_one, alarms + (not is_one)
        else:
            misses += is_one
    return hits, alarms, misses, left_out


def _interval(part: int, whole: int) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of a share; of nothing, anything may be the share."""
    if not whole:
        return 0.0, 1.0
    found = binomial_interval(part, whole, method="wilson")
    return found.low, found.high


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2f}" if whole else "none"


def agreement(labels: list[dict]) -> tuple[int, float, float]:
    """Return how many awards three readers labelled, how often two agree wholly, and Fleiss's kappa of any category."""
    triples = [[set(filter(None, one.split("|"))) for one in row["each_reader"].split(";")]
               for row in labels if len(row["readers"]) == 3]  # fmt: skip
    pairs = [a == b for triple in triples for a, b in combinations(triple, 2)]
    counts = [sum(bool(one) for one in triple) for triple in triples]
    observed = sum((k * (k - 1) + (3 - k) * (2 - k)) / 6 for k in counts) / len(counts)
    share = sum(counts) / (3 * len(counts))
    expected = share**2 + (1 - share) ** 2
    return len(triples), sum(pairs) / len(pairs), (observed - expected) / (1 - expected)


def table(register: custodiet.Register) -> str:
    labels = read_labels()
    held = [row for row in labels if row["part"] == "held-out"]
    predicted = predictions(register)
    names = register.rows("select category, name from categories order by name")
    lines = [
        "| category | positives held out | precision | 95 % interval | recall | 95 % interval | left out, reader not sure "
        "| precision, recall if those count |",
        "| --- | ---: | ---: | --- | ---: | --- | ---: | --- |",
    ]
    for category, name in names:
        hits, alarms, misses, left_out = measure(held, predicted, category)
        all_hits, all_alarms, all_misses, _ = measure(held, predicted, category, strict=True)
        low_p, high_p = _interval(hits, hits + alarms)
        low_r, high_r = _interval(hits, hits + misses)
        precision, recall = _share(hits, hits + alarms), _share(hits, hits + misses)
        lines.append(
            f"| {name} | {hits + misses} | {precision} ({hits} of {hits + alarms}) | {low_p:.2f} to {high_p:.2f} "
            f"| {recall} ({hits} of {hits + misses}) | {low_r:.2f} to {high_r:.2f} | {left_out} "
            f"| {_share(all_hits, all_hits + all_alarms)}, {_share(all_hits, all_hits + all_misses)} |"
        )
    triples, same, kappa = agreement(labels)
    beyond = [row for row in labels if row["stratum"].endswith("rest")]
    missed = sum(bool(row["categories"]) for row in beyond)
    low, high = _interval(missed, len(beyond))
    lines += [
        "",
        f"{len(labels):,} awards were read, {len(held):,} of them are held out. Three readers labelled the "
        f"same {triples} awards: two of them give the very same categories in {same:.0%} "
        f"of the pairs; Fleiss's kappa for *any category* is {kappa:.2f}.",
        f"Of {len(beyond)} awards drawn at random from those that the wide net did not catch, {missed} have a category "
        f"({low:.1%} to {high:.1%}): recall beyond the net is lower by what that share leaves out.",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into docs/categories.md")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "register.duckdb"
        custodiet.build(path)
        with custodiet.open_register(path) as register:
            text = table(register)
    print(text)
    if arguments.write:
        page = PAGE.read_text("utf-8")
        before, _, rest = page.partition(BEGIN)
        _, _, after = rest.partition(END)
        PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
