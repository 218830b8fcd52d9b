"""Measure the money floor at the mirror's size and at ten copies of it: seconds and peak memory of a process each.

A copy is the same transactions under other award numbers, so that none of them repeats another. `make bench` prints the
table; `--write` puts it into docs/performance.md. Needs a mirror: set CUSTODIET_MIRROR.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from custodiet.catalogue.lexicon import read_lexicon
from custodiet.register.categories import load_categories
from custodiet.register.money import load_awards, load_bulk, load_transactions
from custodiet.register.releases import Loaded, Releases, find_files, load_releases, read_releases
from custodiet.sources.obtain import Finder
from custodiet.sources.spec import read_specs
from custodiet.store import building

ROOT = Path(__file__).parent.parent
BEGIN, END = "<!-- money: begin -->\n", "<!-- money: end -->"
TIMES = 10


def with_copies(loaded: Loaded, again: list[Loaded]) -> Loaded:
    """Return a release that also holds the rows of its copies, each under other award numbers and keys."""
    at = {column.field: i for i, (_, column) in enumerate(loaded.reading.columns) if column and column.field}
    cells = list(loaded.reading.cells)
    for number, copy in enumerate(again, start=1):
        for row in copy.reading.cells:
            changed = list(row)
            changed[at["piid"]] = f"C{number}{row[at['piid']]}"
            if "award_key" in at:
                changed[at["award_key"]] = row[at["award_key"]].replace("CONT_AWD_", f"CONT_AWD_C{number}")
            cells.append(tuple(changed))
    return replace(loaded, reading=replace(loaded.reading, cells=tuple(cells)))


def load(copies: int) -> dict[str, float]:
    """Read, load and sort into categories so many copies of the transactions, with the bulk files; return what it took."""
    specs = [pair for pair in read_specs() if pair[0].id == "usaspending"]
    files = find_files(specs, Finder(Path(os.environ["CUSTODIET_MIRROR"]), Path("/nonexistent"), offline=True))
    started = time.perf_counter()
    # Read as often as there are copies, so that reading weighs as much as loading.
    first, *others = (read_releases(specs, files) for _ in range(copies))
    current = [each.release.role == "transactions" for each in first.transactions]
    transactions = [
        with_copies(each, [other.transactions[i] for other in others]) if is_current else each
        for i, (each, is_current) in enumerate(zip(first.transactions, current, strict=True))
    ]
    with tempfile.TemporaryDirectory() as folder, building(Path(folder) / "register.duckdb") as register:
        load_releases(register, Releases(transactions=transactions, bulk=first.bulk), specs)
        load_transactions(register, transactions)
        load_awards(register)
        load_bulk(register, first.bulk)
        loaded = time.perf_counter() - started
        load_categories(register, read_lexicon())
        ((rows,),) = register.rows("select count(*) from transactions where is_current and not repeats")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
    return {"rows": rows, "loaded": loaded, "categories": time.perf_counter() - started - loaded, "peak": peak}


def main() -> None:
    """Print the table, and write it where `--write` asks for that."""
    if len(sys.argv) > 2 and sys.argv[1] == "--copies":
        print(json.dumps(load(int(sys.argv[2]))))
        return
    lines = [
        "| transactions that count | read and loaded, s | per copy, s | sorted into categories, s | peak MiB |",
        "| ---: | ---: | ---: | ---: | ---: |",
    ]
    for copies in (1, TIMES):
        done = subprocess.run([sys.executable, __file__, "--copies", str(copies)], capture_output=True, text=True, check=True)
        found = json.loads(done.stdout.splitlines()[-1])
        lines.append(
            f"| {found['rows']:,.0f} | {found['loaded']:.2f} | {found['loaded'] / copies:.2f} | {found['categories']:.2f} "
            f"| {found['peak']:.0f} |"
        )
    text = "\n".join(lines)
    print(text)
    if "--write" in sys.argv:
        page = ROOT / "docs" / "performance.md"
        before, _, rest = page.read_text("utf-8").partition(BEGIN)
        page.write_text(before + BEGIN + "\n" + text + "\n\n" + END + rest.partition(END)[2], "utf-8")


if __name__ == "__main__":
    main()
