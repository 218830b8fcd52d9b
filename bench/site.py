"""Measure the explorer on the register of the mirror: pages from the server, search, and publication.

`python bench/site.py` prints the table; `--write` puts it into docs/explorer.md. Needs a mirror: set CUSTODIET_MIRROR.
"""

import os
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

import custodiet
from custodiet.site.app import AHEAD
from custodiet.site.page import Page
from custodiet.site.pages import KINDS
from custodiet.site.publish import publish
from custodiet.site.render import Renderer
from custodiet.site.search import find
from custodiet.site.site import Options, Site
from custodiet.store import open_register

ROOT = Path(__file__).parent.parent
BEGIN, END = "<!-- site: begin -->\n", "<!-- site: end -->"
# Pages of a kind that are asked for, one by one, as a server does.
SAMPLE = 40
PROMISED_MS, PROMISED_KB, PROMISED_SEARCH_MS = 50, 150, 100
WORDS = ("face recognition", "palantir", "a", "70CDCR26FR0000015", "license plate reader", "skip tracing", "mobile fortify")


def p95(values: list[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]


def time_pages(register: Path) -> list[str]:
    """Return a line a kind of page: how many there are, the time that one takes, and the largest."""
    lines = []
    with open_register(register) as opened:
        site = Site(opened, KINDS, Options(is_served=True))
        renderer = Renderer(site)
        for kind, keys in site.contents.items():
            some = list(keys)[:: max(1, len(keys) // SAMPLE)][:SAMPLE]
            took, sizes = [], []
            for key in some:
                started = time.perf_counter()
                page: Page = site.page(kind, key)
                html = renderer.render(page)
                took.append((time.perf_counter() - started) * 1000)
                sizes.append(len(html.encode()) / 1000)
            over = p95(took) > PROMISED_MS
            fast = "" if not over else " (written ahead)" if kind in AHEAD else " (over)"
            lines.append(
                f"| {kind} | {len(keys):,} | {statistics.median(took):.1f} | {p95(took):.1f}{fast} | {max(sizes):.0f} |"
            )
        took = []
        for words in WORDS * 3:
            started = time.perf_counter()
            find(site, words)
            took.append((time.perf_counter() - started) * 1000)
        lines.append(f"| search | {len(WORDS)} questions | {statistics.median(took):.1f} | {p95(took):.1f} | |")
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
    with tempfile.TemporaryDirectory() as folder:
        register = Path(folder) / "register.duckdb"
        none = Path(folder) / "none.jsonl"
        none.touch()
        custodiet.build(register, Path(os.environ["CUSTODIET_MIRROR"]), judgements=none, releases=Path(folder) / "none")
        lines = [
            f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}. Each page is made anew, as for the first who asks; a "
            "server writes the heaviest ahead and keeps the rest. Promised: "
            f"{PROMISED_MS} ms at the 95th percentile and {PROMISED_KB} KB a page before pictures, "
            f"{PROMISED_SEARCH_MS} ms a search, 60 s and 1,536 MiB for 30,000 pages, 10 s where nothing changed.",
            "",
            "| page | how many | median ms | 95th percentile ms | largest KB |",
            "| --- | ---: | ---: | ---: | ---: |",
            *time_pages(register),
            "",
            *time_publication(register, Path(folder) / "site"),
        ]
    text = "\n".join(lines)
    print(text)
    if "--write" in sys.argv:
        page = ROOT / "docs" / "explorer.md"
        before, _, rest = page.read_text("utf-8").partition(BEGIN)
        page.write_text(before + BEGIN + "\n" + text + "\n\n" + END + rest.partition(END)[2], "utf-8")


if __name__ == "__main__":
    main()
