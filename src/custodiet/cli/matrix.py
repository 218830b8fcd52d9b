"""`custodiet matrix`."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from custodiet import questions
from custodiet.cli.output import CsvOption, JsonOption, RegisterOption, XlsxOption, console, print_list
from custodiet.questions.matrix import COLUMNS, NO_LOG
from custodiet.register.settings import register_path
from custodiet.store import open_register


def matrix(
    agency: Annotated[str, typer.Option("--agency", help="ICE or CBP, or the producer of an audited log.")] = "ICE",
    register: RegisterOption = None,
    json: JsonOption = False,
    csv: CsvOption = False,
    xlsx: XlsxOption = None,
) -> None:
    """Show what is declared, purchased, noticed and logged, for each category and system."""
    with open_register(register_path(register)) as opened:
        rows = questions.matrix(opened, agency=agency)
    print_list(
        rows, as_json=json, as_csv=csv, xlsx=xlsx, title=f"matrix of {agency.upper()}",
        columns=[
            ("kind", lambda r: r["kind"]), ("name", lambda r: r["name"]),
            *((name, lambda r, n=name: _shown(r[n])) for name in COLUMNS),
            ("beside", _beside),
        ],
    )  # fmt: skip
    if not (json or csv or xlsx):
        console().print(
            "Declared: entries of the latest inventory. "
            "Purchased: contract awards whose text or seller shows it. "
            "Noticed: PIAs and SORNs named. "
            "Logged: released logs of its searches, audited. A 0 is a count of what is on record here; "
            "'?' can't be told. `--json` has each cell's citations.",
            soft_wrap=True,
        )  # fmt: skip


def _shown(cell: Mapping[str, Any]) -> str:
    return "?" if cell["count"] is None else f"{cell['count']:,}"


def _beside(row: Mapping[str, Any]) -> str:
    whys = {name: row[name]["why"] for name in COLUMNS}
    return "; ".join(f"{name}: {why}" for name, why in whys.items() if why and why != NO_LOG)
