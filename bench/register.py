"""Measure the commands of the register as whole processes: wall time and peak memory, against what we promise.

`make bench` prints the table; `python bench/register.py --write` also puts it into docs/performance.md. Needs a mirror:
set CUSTODIET_MIRROR.
"""

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
COMMAND = Path(sys.executable).parent / "custodiet"
RUNS = 5

# What is run, and the most that it may take: seconds, and mebibytes.
PROMISES = [
    ("full build from the mirror", ["build", "--fresh"], 10.0, 1024),
    ("unchanged rebuild", ["build"], 2.0, None),
    ("findings --summary", ["findings", "--summary"], 1.0, None),
    ("findings --summary --agency DHS --json", ["findings", "--summary", "--agency", "DHS", "--json"], 1.0, None),
    ("show DHS-2577", ["show", "DHS-2577"], 0.5, None),
    ("show immigrationos", ["show", "immigrationos"], 0.5, None),
    ("cite omb-inventory-2025 1 id", ["cite", "omb-inventory-2025", "1", "id"], 0.5, None),
    ('trace "AI Solutions 87"', ["trace", "AI Solutions 87"], 1.0, None),
    ("trace palantir", ["trace", "palantir"], 1.0, None),
    ("matrix --agency ICE", ["matrix", "--agency", "ICE"], None, None),
    ("search palantir", ["search", "palantir"], None, None),
    ("diff 2024 2025", ["diff", "2024", "2025"], None, None),
    ("findings --json (all)", ["findings", "--json"], None, None),
]


def measure(arguments: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Return wall seconds and peak resident mebibytes of one run."""
    started = time.perf_counter()
    process = subprocess.Popen([COMMAND, *arguments], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    elapsed = time.perf_counter() - started
    if status != 0:
        sys.exit(f"{' '.join(arguments)} ended with status {status}; run it by hand to see why.")
    per_mebibyte = 1024 * 1024 if sys.platform == "darwin" else 1024
    return elapsed, usage.ru_maxrss / per_mebibyte


def main() -> None:
    """Print the table, and write it where `--write` asks for that."""
    if not os.environ.get("CUSTODIET_MIRROR"):
        sys.exit("Set CUSTODIET_MIRROR to a mirror of the published files; docs/sources.md lists them.")
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ, CUSTODIET_REGISTER=str(Path(folder) / "register.duckdb"))
        measure(["build", "--fresh"], environment)
        lines = [
            "| command | median s | min to max s | promised s | peak MiB | promised MiB |",
            "| --- | ---: | ---: | ---: | ---: | ---: |",
        ]
        for name, arguments, seconds, memory in PROMISES:
            runs = [measure(arguments, environment) for _ in range(RUNS)]
            times = [run[0] for run in runs]
            lines.append(
                f"| {name} | {statistics.median(times):.2f} | {min(times):.2f} to {max(times):.2f} | {seconds or ''} "
                f"| {max(run[1] for run in runs):.0f} | {memory or ''} |"
            )
    table = "\n".join(lines)
    print(table)
    if "--write" in sys.argv:
        page = ROOT / "docs" / "performance.md"
        head = (
            "# How fast\n\nWhole processes, from start to end, as a shell sees them; the median of "
            f"{RUNS} runs after one to warm up. `make bench` measures them anew.\n\n"
            f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}.\n\n"
        )
        # What other benches wrote under the table stays.
        rest = page.read_text("utf-8").partition("## ")
        page.write_text(head + table + "\n\n" + rest[1] + rest[2], "utf-8")


if __name__ == "__main__":
    main()
