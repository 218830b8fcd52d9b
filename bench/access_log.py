"""Measure `custodiet audit` on a made-up log against what DuckDB alone takes to read, parse and write it, in the same run.

`make bench` prints the table for 5 million rows; `python bench/access_log.py ROWS` for another number. Whole processes: wall
time and peak memory. The scan is the same lexicons over every row's reason in plain Python; its time is that of the first
rows, multiplied.
"""

import csv
import itertools
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from custodiet.access_log.lexicons import fold, read_lexicons

COMMAND = Path(sys.executable).parent / "custodiet"
ROWS = 5_000_000
SCANNED = 200_000
# The most that an audit may take: times DuckDB's own work, and for 17 million rows seconds and mebibytes.
PROMISED_RATIO, PROMISED_SECONDS, PROMISED_MEMORY = 3.0, 90.0, 4608

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


def scan(log: Path, rows: int) -> float:
    """Return the seconds that the same lexicons take in plain Python over so many rows."""
    lexicons = [
        (re.compile("|".join(one.without)) if one.without else None, re.compile("|".join(one.words)))
        for one in read_lexicons()
    ]
    started = time.perf_counter()
    with log.open(encoding="utf-8", newline="") as stream:
        for row in itertools.islice(csv.DictReader(stream), rows):
            text = fold(row["Reason"])
            for without, words in lexicons:
                words.search(without.sub(" ", text) if without else text)
    return time.perf_counter() - started


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
        scanned = scan(log, min(rows, SCANNED)) * rows / min(rows, SCANNED)
        size = log.stat().st_size / 1e9
    print(f"{rows:,} rows, {size:.2f} GB, {os.cpu_count()} cores; the sample was made in {made:.1f} s\n")
    print("| work | s | peak MiB | promised |\n| --- | ---: | ---: | --- |")
    print(f"| DuckDB alone: read, parse, write | {base:.1f} | {base_memory:.0f} | |")
    promised = f"{PROMISED_SECONDS:.0f} s, {PROMISED_MEMORY} MiB for 17 million rows"
    print(f"| the whole audit, with its report | {audited:.1f} | {memory:.0f} | {promised} |")
    print(f"| audit to DuckDB alone | {audited / base:.2f} times | | {PROMISED_RATIO:.0f} times |")
    print(f"| the lexicons in plain Python over all rows | {scanned:.1f} | | |")
    print(f"| rows a second, audited | {rows / audited:,.0f} | | |")


if __name__ == "__main__":
    main()
