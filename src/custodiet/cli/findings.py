"""`custodiet findings`."""

import datetime as dt
from typing import Annotated

import typer

from custodiet import questions
from custodiet.cli.build import print_counts
from custodiet.cli.output import (
    AgencyOption,
    BureauOption,
    CsvOption,
    JsonOption,
    RegisterOption,
    XlsxOption,
    console,
    print_json,
    print_list,
)
from custodiet.register.settings import register_path
from custodiet.store import open_register


def findings(
    rule: Annotated[str | None, typer.Option("--rule", help="Only this rule; `custodiet rules` lists them.")] = None,
    agency: AgencyOption = None,
    bureau: BureauOption = None,
    outcome: Annotated[str | None, typer.Option("--outcome", help="Only gap, clear, not-applicable or cannot-tell.")] = None,
    summary: Annotated[bool, typer.Option("--summary", help="Count them, by rule and outcome.")] = False,
    as_of: Annotated[
        dt.datetime | None,
        typer.Option("--as-of", formats=["%Y-%m-%d"], help="A later day: says that no later inventory is known then."),
    ] = None,
    register: RegisterOption = None,
    json: JsonOption = False,
    csv: CsvOption = False,
    xlsx: XlsxOption = None,
) -> None:
    """List findings: a rule, a subject, an outcome with its reason, and the cells that it rests on."""
    day = as_of.date() if as_of else None
    with open_register(register_path(register)) as opened:
        if summary:
            counts = questions.count_findings(opened, rule=rule, agency=agency, bureau=bureau, as_of=day)
            if json:
                print_json(counts)
                return
            rows = [{"rule": name, **numbers, **counts["timing"].get(name, {})} for name, numbers in counts["rules"].items()]
            if csv or xlsx:
                print_list(rows, as_json=False, as_csv=csv, xlsx=xlsx, title="findings", columns=[])
                return
            print_counts(counts, "Findings" + (f" of {agency or ''} {bureau or ''}".rstrip() if agency or bureau else ""))
            if day:
                console().print(f"As of {day} no later inventory is known.", soft_wrap=True)
            return
        found = questions.findings(opened, rule=rule, agency=agency, bureau=bureau, outcome=outcome, as_of=day)
    print_list(
        found, as_json=json, as_csv=csv, xlsx=xlsx, title="findings",
        columns=[
            ("rule", lambda f: f["rule"]), ("subject", lambda f: f["subject"]["id"]),
            ("bureau", lambda f: f["subject"]["bureau"] or f["subject"]["agency"]), ("name", lambda f: f["subject"]["name"]),
            ("outcome", lambda f: f["outcome"] + (f" ({f['timing']})" if f["timing"] else "")),
            ("grade", lambda f: f["grade"]), ("reason", lambda f: f["reason"]),
        ],
    )  # fmt: skip
    if found and not (json or csv or xlsx):
        console().print("A gap is not a violation. `--json` has the citations and what each finding does not show.")
