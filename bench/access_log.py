"""Measure `custodiet audit` on a made-up log against what DuckDB alone takes to read, parse and write it, in the same run.

`make bench` prints the table for 5 million rows; `python bench/access_log.py ROWS` for another number. Whole processes: wall
time and peak memory. The reasons of the first million rows are classified twice: every row's with Python's regular
expressions, and each distinct text once with the audit's own step; both find the same.
"""

import csv
import itertools
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import duckdb

from custodiet.access_log.lexicons import fold, read_lexicons
from custodiet.access_log.steps import CODE, GENERIC, NUMBER_ONLY, word_steps
from custodiet.store.scratch import open_scratch

COMMAND = Path(sys.executable).parent / "custodiet"
ROWS = 5_000_000
SCANNED = 1_000_000
# The most that an audit may take: times DuckDB's own work, and for 17 million rows seconds and mebibytes.
PROMISED_RATIO, PROMISED_SECONDS, PROMISED_MEMORY = 3.0, 90.0, 4608
# How much faster distinct texts are classified than rows one by one.
PROMISED_SCAN = 10.0

TIMES = {
    "time": '"Search Time"',
    "opened": 'split_part("Time Frame", chr(10), 1)',
    "closed": 'split_part("Time Frame", chr(10), 2)',
}


def run_baseline(log: Path, table: Path) -> None:
    """Let DuckDB alone read a log, parse its three times and write the table."""
    with log.open(encoding="utf-8", newline="") as stream:
        names = next(csv.reader(stream))
    columns = ", ".join(f"'{name}': 'varchar'" for name in names)
    rest = ", ".join(f'"{name}"' for name in names if name not in ("Search Time", "Time Frame"))
    times = ", ".join(f"try_strptime({text}, '%m/%d/%Y, %I:%M:%S %p UTC') as {name}" for name, text in TIMES.items())
    with duckdb.connect(str(table)) as connection:
        connection.execute(
            f"create table log as select {rest}, {times} from read_csv('{log}', auto_detect = false, header = true, "
            f"delim = ',', quote = '\"', escape = '\"', columns = {{{columns}}})"
        )


def measure(arguments: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Return wall seconds and peak resident mebibytes of one process."""
    started = time.perf_counter()
    process = subprocess.Popen(arguments, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    elapsed = time.perf_counter() - started
    if status != 0:
        sys.exit(f"{' '.join(arguments[:3])} ended with status {status}; run it by hand to see why.")
    return elapsed, usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)


def classify_rows(reasons: list[str]) -> tuple[float, Counter[str]]:
    """Return the seconds that plain Python takes to classify every reason by its row, and the counts."""
    lexicons = [
        (one.id, re.compile("|".join(one.without)) if one.without else None, re.compile("|".join(one.words)))
        for one in read_lexicons()
    ]
    kinds = [
        (name, re.compile(pattern))
        for name, pattern in (("generic_investigation", GENERIC), ("number_only", NUMBER_ONLY), ("code", CODE))
    ]
    found: Counter[str] = Counter()
    started = time.perf_counter()
    for reason in reasons:
        text = fold(reason)
        for name, without, words in lexicons:
            if words.search(without.sub(" ", text) if without else text):
                found[name] += 1
        for name, pattern in kinds:
            if pattern.search(text):
                found[name] += 1
    return time.perf_counter() - started, found


def classify_distinct(reasons: list[str]) -> tuple[float, Counter[str]]:
    """Return the seconds that the audit's own step takes for the same reasons, from their rows to the counts, and these."""
    (step,) = [step for step in word_steps() if step.name == "words_reason"]
    names = [*(one.id for one in read_lexicons()), "generic_investigation", "number_only", "code"]
    with open_scratch() as database:
        database.run("create table log as select unnest($reasons::varchar[]) as reason", {"reasons": reasons})
        started = time.perf_counter()
        database.run("create table counted as select reason, count(*) as n from log group by reason")
        database.run("create table texts_reason as select hash(reason) as id, reason as text from counted")
        database.run(step.sql)
        sums = ", ".join(f"coalesce(sum(c.n) filter (where w.{name}), 0) as {name}" for name in names)
        (row,) = database.dicts(f"select {sums} from counted c join words_reason w on w.id = hash(c.reason)")
        elapsed = time.perf_counter() - started
    return elapsed, Counter({name: int(n) for name, n in row.items() if n})


def read_reasons(log: Path, rows: int) -> list[str]:
    """Return the reasons of the first rows that have one, as the audit classifies no empty cell."""
    with log.open(encoding="utf-8", newline="") as stream:
        return [row["Reason"] for row in itertools.islice(csv.DictReader(stream), rows) if row["Reason"]]


def main() -> None:
    """Print the table."""
    if sys.argv[1:2] == ["--baseline"]:
        run_baseline(Path(sys.argv[2]), Path(sys.argv[3]))
        return
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = folder / "sample.csv"
        environment = dict(os.environ, CUSTODIET_KEY_FILE=str(folder / "bench.key"))
        made, _ = measure([str(COMMAND), "audit", "--make-sample", str(rows), str(log)], environment)
        alone = [sys.executable, __file__, "--baseline", str(log), str(folder / "base.duckdb")]
        base, base_memory = measure(alone, environment)
        arguments = [str(COMMAND), "audit", str(log), "--producer", "Town WA PD", "--time-zone", "America/Los_Angeles"]
        audited, memory = measure([*arguments, "--out", str(folder / "out")], environment)
        # Equal rows and equal work: both find the same hits, or the figure means nothing.
        reasons = read_reasons(log, min(rows, SCANNED))
        by_row, hits = classify_rows(reasons)
        by_text, same_hits = classify_distinct(reasons)
        if hits != same_hits:
            sys.exit(f"Rows one by one give {dict(hits)}, distinct texts {dict(same_hits)}: no comparison.")
        scanned = by_row * rows / min(rows, SCANNED)
        size = log.stat().st_size / 1e9
    print(f"{rows:,} rows, {size:.2f} GB, {os.cpu_count()} cores; the sample was made in {made:.1f} s\n")
    print("| work | s | peak MiB | promised |\n| --- | ---: | ---: | --- |")
    print(f"| DuckDB alone: read, parse, write | {base:.1f} | {base_memory:.0f} | |")
    promised = f"{PROMISED_SECONDS:.0f} s, {PROMISED_MEMORY} MiB for 17 million rows"
    print(f"| the whole audit, with its report | {audited:.1f} | {memory:.0f} | {promised} |")
    print(f"| audit to DuckDB alone | {audited / base:.2f} times | | {PROMISED_RATIO:.0f} times |")
    print(f"| {len(reasons):,} reasons classified row by row, plain Python | {by_row:.2f} | | |")
    print(f"| the same reasons classified by distinct texts, as the audit does | {by_text:.2f} | | |")
    print(f"| row by row to distinct texts | {by_row / by_text:.0f} times | | {PROMISED_SCAN:.0f} times |")
    print(f"| plain Python over all rows, by that, to the whole audit | {scanned / audited:.1f} times | | |")
    print(f"| rows a second, audited | {rows / audited:,.0f} | | |")


if __name__ == "__main__":
    main()
