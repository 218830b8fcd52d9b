"""How answers are printed: a table for a person, JSON with `--json`, files with `--csv` and `--xlsx`."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from custodiet.exports.tables import to_json, write_csv, write_xlsx
from custodiet.model.errors import QuestionError
from custodiet.questions.scope import resolve_scope
from custodiet.store import Register

if TYPE_CHECKING:
    from rich.console import Console

RegisterOption = Annotated[
    Path | None,
    typer.Option("--register", help="The register's file. Default: CUSTODIET_REGISTER, or one in your data folder."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
CsvOption = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
XlsxOption = Annotated[Path | None, typer.Option("--xlsx", help="Write a spreadsheet to this file.")]
AgencyOption = Annotated[str | None, typer.Option("--agency", help="A department or a bureau, by abbreviation or name.")]
BureauOption = Annotated[str | None, typer.Option("--bureau", help="A bureau, by abbreviation or name.")]

# Columns that a pipe gets: enough for a grep, and the same on every machine.
PIPE_WIDTH = 160
# A column of nothing but these is set flush right.
NUMBER_SIGNS = frozenset("0123456789.,·—")
# Columns that people copy from are never broken in the middle.
WHOLE = frozenset({"rule", "subject", "id", "case", "release", "sha256", "kind", "outcome"})
SHORT = 12
# Rows that a terminal shows of a long list; the files have all of them.
SHOWN_ROWS = 60


def console() -> "Console":
    """Return where answers are printed."""
    from rich.console import Console  # noqa: PLC0415 - JSON and CSV never need it

    return Console(width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False, soft_wrap=False)


def note_offices(register: Register, agency: str | None, bureau: str | None) -> None:
    """Say so where a bureau's name means offices of several agencies."""
    offices = resolve_scope(register, agency, bureau).offices
    if offices:
        note(f"{bureau or agency} is an office of several agencies, and all are counted: {', '.join(offices)}.")


def note(text: str) -> None:
    """Say something beside the answer, on standard error."""
    print(text, file=sys.stderr)  # noqa: T201


@contextlib.contextmanager
def tell_steps(*, quiet_seconds: float = 0) -> Iterator[Callable[[str], None]]:
    """Give a way to say on a terminal what is being done, each step in place of the last; in a pipe nothing is said.

    What ends within `quiet_seconds` says nothing.
    """
    is_terminal = sys.stderr.isatty()
    began = time.monotonic()

    def tell(step: str) -> None:
        if is_terminal and time.monotonic() - began >= quiet_seconds:
            print(f"\r\x1b[K{step} …", end="", file=sys.stderr, flush=True)  # noqa: T201

    try:
        yield tell
    finally:
        if is_terminal:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)  # noqa: T201


def print_json(data: Any) -> None:
    """Print data as JSON."""
    sys.stdout.write(to_json(data))


def print_list(
    records: Sequence[Mapping[str, Any]],
    *,
    as_json: bool,
    as_csv: bool,
    xlsx: Path | None,
    title: str,
    columns: Sequence[tuple[str, Callable[[Mapping[str, Any]], Any]]],
    json_data: Any = None,
) -> None:
    """Print records in whichever form was asked for; `columns` are the table's, as heading and how to get its cell."""
    if as_json and as_csv:
        raise QuestionError("Choose `--json` or `--csv`: both write to standard output.")
    if xlsx is not None:
        write_xlsx(records, xlsx, title)
        note(f"Wrote {len(records):,} rows to {xlsx}.")
    if as_json:
        print_json(json_data if json_data is not None else list(records))
    elif as_csv:
        write_csv(records, sys.stdout)
    elif xlsx is None:
        print_table(records, title, columns)


def print_table(
    records: Sequence[Mapping[str, Any]],
    title: str,
    columns: Sequence[tuple[str, Callable[[Mapping[str, Any]], Any]]],
    *,
    all_rows: bool = False,
) -> None:
    """Print records as a table, the first of them where there are many."""
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    out = console()
    if not records:
        out.print(f"{title}: none.")
        return
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="bold")
    shown = records if all_rows else records[:SHOWN_ROWS]
    rows = [["" if (cell := get(record)) is None else str(cell) for _, get in columns] for record in shown]
    for position, (heading, _) in enumerate(columns):
        is_number = all(set(row[position]) <= NUMBER_SIGNS for row in rows)
        # Numbers, short words and what people copy stay whole; only prose is broken.
        longest = max((len(row[position]) for row in rows), default=0)
        whole = is_number or heading in WHOLE or longest <= SHORT
        table.add_column(
            heading,
            overflow="fold",
            justify="right" if is_number else "left",
            min_width=max(longest, *map(len, heading.split())) if whole and heading else None,
            no_wrap=heading in WHOLE,
        )
    for row in rows:
        table.add_row(*map(Text, row))
    out.print(table)
    if len(shown) < len(records):
        out.print(f"… and {len(records) - len(shown):,} more; narrow the question, or use --csv, --xlsx or --json.")


def shorten(text: str | None, length: int = 90) -> str:
    """Return a text on one line, cut where it is long."""
    line = " ".join((text or "").split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"
