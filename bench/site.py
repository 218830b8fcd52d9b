"""Measure the explorer on the register of the mirror: pages over HTTP, search, and publication.

`python bench/site.py` prints the tables; `--write` puts them into docs/explorer.md. `--times 10` measures pages and search on
a register with ten times the records instead. Needs a mirror: set CUSTODIET_MIRROR.
"""

import argparse
import contextlib
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
from tenfold import multiply

import custodiet
from custodiet.site.pages import KINDS
from custodiet.site.publish import publish
from custodiet.site.site import Options, Site
from custodiet.store import open_register

ROOT = Path(__file__).parent.parent
# Pages of a kind that are asked for, one by one, as a server does.
SAMPLE = 40
PROMISED_MS, PROMISED_KB, PROMISED_SEARCH_MS = 50, 150, 100
# With more records than the mirror has.
PROMISED_MANY_MS = 150
WORDS = ("face recognition", "palantir", "a", "70CDCR26FR0000015", "license plate reader", "skip tracing", "mobile fortify")


def p95(values: list[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]


@contextlib.contextmanager
def serving(register: Path) -> Iterator[httpx.Client]:
    """Serve a register as people do, with a process of its own, and give a client of it."""
    command = [sys.executable, "-m", "custodiet", "serve", "--port", "0", "--register", str(register)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr
        address = next(found[0] for line in process.stderr if (found := re.search(r"http://\S+", line)))
        with httpx.Client(base_url=address, timeout=60) as client:
            yield client
    finally:
        process.terminate()
        process.wait()


def ask(client: httpx.Client, path: str, **query: str) -> tuple[float, int]:
    """Return the milliseconds until an answer was read, and its kilobytes without the drawings in it."""
    started = time.perf_counter()
    answer = client.get(path, params=query)
    took = (time.perf_counter() - started) * 1000
    answer.raise_for_status()
    return took, len(re.sub(r"<svg.*?</svg>", "", answer.text, flags=re.DOTALL).encode()) // 1000


def time_pages(register: Path, promised: int) -> list[str]:
    """Return a line a kind of page: how many there are, the time of first and second requests, and the largest."""
    with open_register(register) as opened:
        contents = Site(opened, KINDS, Options(is_served=True)).contents
    lines = []
    with serving(register) as client:
        for kind, keys in contents.items():
            paths = list(keys.values())
            # From the middle of each step on: the very first page of a kind is written before anybody asks.
            step = max(1, len(paths) // SAMPLE)
            some = paths[step // 2 :: step][:SAMPLE]
            first, again = ([ask(client, path) for path in some] for _ in range(2))
            took = [each for each, _ in first]
            lines.append(
                f"| {kind} | {len(keys):,} | {statistics.median(took):.1f} | {p95(took):.1f}"
                f"{' (over)' if p95(took) > promised else ''} | {p95([each for each, _ in again]):.1f} | "
                f"{max(size for _, size in first)} |"
            )
        took = [ask(client, "search.html", q=words)[0] for words in WORDS * 3]
        lines.append(f"| search | {len(WORDS)} questions | {statistics.median(took):.1f} | {p95(took):.1f} | | |")
    return lines


def time_publication(register: Path, folder: Path) -> list[str]:
    """Return what a first and an unchanged publication take."""
    lines = []
    for name in ("first", "unchanged"):
        done = publish(register, folder, Options())
        parts = ", ".join(f"{part} {seconds:.1f} s" for part, seconds in done.seconds.items() if part != "all")
        lines.append(
            f"- {name} publication: {done.pages:,} pages in {done.files:,} files, {done.seconds['all']:.1f} s"
            + (f" ({parts}); {30_000 / done.pages * done.seconds['all']:.1f} s for 30,000 pages" if done.written else "")
        )
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    worker = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    lines.append(f"- peak memory: {own:.0f} MiB in the first process, {worker:.0f} MiB in the largest of the others")
    return lines


def main() -> None:
    """Print the figures, and write them where `--write` asks for that."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=1, help="with so many times the records")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/explorer.md")
    wanted = parser.parse_args()
    is_many = wanted.times > 1
    promised = PROMISED_MANY_MS if is_many else PROMISED_MS
    with tempfile.TemporaryDirectory() as folder:
        register = Path(folder) / "register.duckdb"
        none = Path(folder) / "none.jsonl"
        none.touch()
        custodiet.build(register, Path(os.environ["CUSTODIET_MIRROR"]), judgements=none, releases=Path(folder) / "none")
        if is_many:
            multiply(register, Path(folder) / "many.duckdb", wanted.times)
            register = Path(folder) / "many.duckdb"
        lines = [
            f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
            f"{f', {wanted.times} times the records' if is_many else ''}. Over HTTP from a server that has just started, "
            "then once more; kilobytes are before pictures. Promised: "
            f"{promised} ms at the 95th percentile"
            + (
                "."
                if is_many
                else f" and {PROMISED_KB} KB a page, {PROMISED_SEARCH_MS} ms a search, 60 s and 1,536 MiB for 30,000 pages, "
                "10 s where nothing changed."
            ),
            "",
            "| page | how many | median ms | 95th percentile ms | the same, asked again | largest KB |",
            "| --- | ---: | ---: | ---: | ---: | ---: |",
            *time_pages(register, promised),
        ]
        if not is_many:
            lines += ["", *time_publication(register, Path(folder) / "site")]
    text = "\n".join(lines)
    print(text)
    if wanted.write:
        mark = "site-many" if is_many else "site"
        begin, end = f"<!-- {mark}: begin -->\n", f"<!-- {mark}: end -->"
        page = ROOT / "docs" / "explorer.md"
        before, _, rest = page.read_text("utf-8").partition(begin)
        page.write_text(before + begin + "\n" + text + "\n\n" + end + rest.partition(end)[2], "utf-8")


if __name__ == "__main__":
    main()
