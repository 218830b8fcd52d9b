"""`custodiet spend`."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from custodiet import questions
from custodiet.cli.output import CsvOption, JsonOption, RegisterOption, XlsxOption, console, print_list
from custodiet.register.settings import register_path
from custodiet.store import open_register


def spend(
    by: Annotated[str, typer.Option("--by", help="agency, year, vendor, category, in any combination.")] = "agency,year",
    agency: Annotated[str | None, typer.Option("--agency", help="Only this bureau's contracts, such as ICE.")] = None,
    year: Annotated[int | None, typer.Option("--year", help="Only this fiscal year.")] = None,
    register: RegisterOption = None,
    json: JsonOption = False,
    csv: CsvOption = False,
    xlsx: XlsxOption = None,
) -> None:
    """Sum what contract actions obligated, with the completeness of the files beside each sum."""
    groups = tuple(part.strip() for part in by.split(",") if part.strip())
    with open_register(register_path(register)) as opened:
        found = questions.spend(opened, by=groups, agency=agency, year=year)
    print_list(
        found, as_json=json, as_csv=csv, xlsx=xlsx, title="spend",
        columns=[
            *((name, lambda r, n=name: r[n] if r[n] is not None else "(none)") for name in groups),
            ("actions", lambda r: f"{r['actions']:,}"), ("obligations $", lambda r: f"{float(r['obligations']):,.2f}"),
            ("complete", lambda r: "yes" if r["complete"] else f"no: {'; '.join(_reasons(r))}"),
            ("an earlier, fuller state", lambda r: f"{float(r['fuller']['obligations']):,.2f} ({r['fuller']['release']})"
                                                  if r["fuller"] else ""),
        ],
    )  # fmt: skip
    if found and not (json or csv or xlsx):
        until = max(row["until"] for row in found)
        console().print(
            "Obligations of contract actions (types A to D). A sum is no award's value, ceiling or outlay; a sum that is not "
            f"complete lacks actions, also ones that take money back. "
            f"The last action at hand is of {until}: that year goes on.", soft_wrap=True,
        )  # fmt: skip


def _reasons(row: Mapping[str, Any]) -> list[str]:
    """Return why a sum is not complete."""
    said = (("truncated_parts", "cut off"), ("partial_parts", "known in part"))
    return [f"{', '.join(row[name])} {what}" for name, what in said if row[name]]
