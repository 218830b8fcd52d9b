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
    note_offices,
    print_list,
)
from custodiet.model.errors import QuestionError
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
    if summary and outcome:
        raise QuestionError("`--summary` counts every outcome; leave `--outcome` out, or `--summary`.")
    with open_register(register_path(register)) as opened:
        note_offices(opened, agency, bureau)
        if summary:
            counts = questions.count_findings(opened, rule=rule, agency=agency, bureau=bureau, as_of=day)
            if json or csv or xlsx:
                rows = [
                    {"rule": name, **number, **counts["timing"].get(name, {})} for name, number in counts["rules"].items()
                ]
                print_list(rows, as_json=json, as_csv=csv, xlsx=xlsx, title="findings", columns=[], json_data=counts)
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
            ("office", lambda f: f"{f['subject']['agency'] or ''} {f['subject']['bureau'] or ''}".strip()),
            ("name", lambda f: f["subject"]["name"]),
            ("outcome", lambda f: f["outcome"] + (f" ({f['timing']})" if f["timing"] else "")),
            ("grade", lambda f: f["grade"]), ("law", lambda f: "unverified" if f["unverified"] else ""),
            ("reason", lambda f: f["reason"]),
        ],
    )  # fmt: skip
    if found and not (json or csv or xlsx):
        console().print("A gap is not a violation. `--json` has the citations and what each finding does not show.")
