"""`custodiet diff`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from custodiet import questions
from custodiet.cli.output import (
    AgencyOption,
    CsvOption,
    JsonOption,
    RegisterOption,
    XlsxOption,
    console,
    print_list,
    print_table,
    shorten,
)
from custodiet.model.errors import QuestionError
from custodiet.register.settings import register_path
from custodiet.store import open_register


def diff(
    first: Annotated[str | None, typer.Argument(help="A year, such as 2024, or a source, such as omb-inventory.")] = None,
    second: Annotated[str | None, typer.Argument(help="The next year, or the other source.")] = None,
    transactions: Annotated[
        int | None, typer.Option("--transactions", help="Instead: the states of this fiscal year's contract actions.")
    ] = None,
    agency: AgencyOption = None,
    register: RegisterOption = None,
    json: JsonOption = False,
    csv: CsvOption = False,
    xlsx: XlsxOption = None,
) -> None:
    """Show what changed between two years, where two publishers' files disagree, or how a year of actions changed."""
    if transactions is not None and first is None:
        with open_register(register_path(register)) as opened:
            _print_transactions(questions.diff_transactions(opened, transactions, agency=agency), json, csv, xlsx)
        return
    if first is None or second is None or transactions is not None:
        raise QuestionError("Name two years or two sources, or give `--transactions YEAR`.")
    with open_register(register_path(register)) as opened:
        found = questions.diff(opened, first, second, agency=agency)
    if "cells" in found:
        _print_cells(found, json, csv, xlsx)
    else:
        _print_years(found, json, csv, xlsx)


def _said(cell: Mapping[str, Any]) -> str:
    return shorten(cell["value"], 60) if cell["value"] is not None else f"({cell['state']})"


def _print_cells(found: dict[str, Any], json: bool, csv: bool, xlsx: Path | None) -> None:
    first = found["cells"][0]["first"]["release"] if found["cells"] else ""
    second = found["cells"][0]["second"]["release"] if found["cells"] else ""
    print_list(
        found["cells"], as_json=json, as_csv=csv, xlsx=xlsx, title="disagreements", json_data=found,
        columns=[
            ("case", lambda c: c["id"]), ("bureau", lambda c: c["bureau"]), ("question", lambda c: c["question"]),
            (f"{first} (primary)", lambda c: f"{_said(c['first'])} · row {c['first']['row']}"),
            (second, lambda c: f"{_said(c['second'])} · row {c['second']['row']}"),
        ],
    )  # fmt: skip
    if not (json or csv or xlsx):
        console().print(f"{len(found['cells']):,} cells of {found['cases']:,} common cases disagree.")


def _print_years(found: dict[str, Any], json: bool, csv: bool, xlsx: Path | None) -> None:
    changes = ("added", "gone", "renamed", "changed", "asked_once")
    rows = [{"change": change, **row} for change in changes for row in found[change]]
    if json or csv or xlsx:
        print_list(rows, as_json=json, as_csv=csv, xlsx=xlsx, title="changes", columns=[], json_data=found)
        return
    named = [
        ("id", lambda r: r["id"]), ("agency", lambda r: r["agency"]), ("bureau", lambda r: r["bureau"]),
        ("name", lambda r: r["name"]), ("stage", lambda r: r["stage"]), ("impact", lambda r: r["impact"]),
    ]  # fmt: skip
    print_table(found["added"], _heading(found, "added", "second", "first"), named)
    print_table(found["gone"], "\n" + _heading(found, "gone", "first", "second"), named)
    print_table(
        found["renamed"], f"\nRenamed, by a reader's judgement: {len(found['renamed']):,}",
        [("id", lambda r: r["id"]), ("before", lambda r: r["before"]), ("after", lambda r: r["after"]),
         ("why", lambda r: r["reason"])],
    )  # fmt: skip
    print_table(
        found["changed"], f"\nChanged answers: {len(found['changed']):,}",
        [("id", lambda r: r["id"]), ("name", lambda r: r["name"]), ("question", lambda r: r["question"]),
         (str(found["first"]), lambda r: _said(r["before"])), (str(found["second"]), lambda r: _said(r["after"]))],
    )  # fmt: skip
    console().print(
        f"{len(found['asked_once']):,} more answers stand in one year only, because the other year's form does not put the "
        "question to the case; --json, --csv and --xlsx have them. The two years' forms differ: a changed category need not "
        "be a new decision.",
        soft_wrap=True,
    )


def _print_transactions(found: dict[str, Any], json: bool, csv: bool, xlsx: Path | None) -> None:
    changes = ("vanished", "missing", "returned", "changed", "appeared")
    if json or csv or xlsx:
        rows = [{"change": change, **row} for change in changes for row in found[change]]
        print_list(rows, as_json=json, as_csv=csv, xlsx=xlsx, title="changes", columns=[], json_data=found)
        return
    print_table(
        found["states"], f"States of fiscal year {found['year']}",
        [("agency", lambda s: s["agency"]), ("release", lambda s: s["release"]), ("day", lambda s: s["day"]),
         ("rows", lambda s: f"{s['rows']:,}"), ("twice", lambda s: s["repeats"]),
         ("proves absence", lambda s: "yes" if s["complete"] else "no")],
    )  # fmt: skip
    titles = {
        "vanished": "Vanished: in none of the last two states, neither cut off nor with rows that stand twice",
        "missing": "Not in the latest state, which proves nothing without two such states",
        "returned": "Missing from a state between two that have it",
        "changed": "Changed amounts",
        "appeared": "Appeared since the first state",
    }
    for change in changes:
        print_table(
            found[change], f"\n{titles[change]}: {len(found[change]):,}",
            [("agency", lambda r: r["agency"]), ("id", lambda r: r["id"]), ("mod", lambda r: r["modification"]),
             ("day", lambda r: r["action_date"]), ("recipient", lambda r: shorten(r["recipient"], 40)),
             ("before $", lambda r: f"{float(r['before']):,.2f}"), ("after $", lambda r: f"{float(r['after']):,.2f}"),
             ("seen", _seen)],
        )  # fmt: skip
    console().print(
        "A row that is missing from one state proves nothing: pages that overlap lose rows, and nearly all come back.",
        soft_wrap=True,
    )


def _seen(row: Mapping[str, Any]) -> str:
    if "missing_on" in row:
        return f"not on {', '.join(row['missing_on'])}"
    if "last_seen" in row:
        return f"last on {row['last_seen']}, not in {row['later_states']} later"
    return f"first on {row['first_seen']}" if "first_seen" in row else ""


def _heading(found: dict[str, Any], change: str, year: str, other: str) -> str:
    waiting = sum(1 for row in found[change] if row["proposals_waiting"])
    wait = f", {waiting:,} of them with a proposed match that waits for a reader" if waiting else ""
    return f"In {found[year]}, not matched with {found[other]}: {len(found[change]):,}{wait}"
