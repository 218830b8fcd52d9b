"""`custodiet risks`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from custodiet.cli.assess import AnswersOption, AuditOption, BenchOption, ForceOption, OscalOption, opened
from custodiet.cli.output import CsvOption, JsonOption, RegisterOption, XlsxOption, console, note, print_list
from custodiet.cli.packs import PacksOption
from custodiet.governance.answers import read_answers
from custodiet.governance.assess import assess
from custodiet.governance.risks import Risk, list_risks
from custodiet.governance.scenarios import load_scenarios
from custodiet.governance.subjects import Subject
from custodiet.model.errors import QuestionError
from custodiet.register.settings import bench_path, packs_path

# The pack whose practices the risks' controls are mostly.
PRACTICES = "omb-m-25-21"
READ_SO = (
    "These are risks of this kind of use, not reports that something happened. A rating ranks attention; it is no "
    "probability, and no finding about anybody."
)


def risks(
    subject: Annotated[str | None, typer.Argument(help="A use case, a system, or your own product with --use.")] = None,
    use: Annotated[
        list[str] | None, typer.Option("--use", help="A high-risk use that applies whatever the record says; repeat it.")
    ] = None,
    scenarios: Annotated[
        bool, typer.Option("--scenarios", help="The scenarios of wrongful identification, with the command that tests each.")
    ] = False,
    answers: AnswersOption = None,
    bench: BenchOption = None,
    audit: AuditOption = None,
    packs: PacksOption = None,
    register: RegisterOption = None,
    json: JsonOption = False,
    csv: CsvOption = False,
    xlsx: XlsxOption = None,
    oscal: OscalOption = None,
    force: ForceOption = False,
) -> None:
    """List the risks of a high-risk use: cause, event, consequence, likelihood with its basis, severity, controls, rest."""
    if scenarios:
        _print_scenarios(subject, json=json, csv=csv, xlsx=xlsx)
        return
    if subject is None:
        raise QuestionError("Name a use case or a system, as in `custodiet risks DHS-2577`; or ask for `--scenarios`.")
    given = read_answers(answers) if answers else None
    with opened(register, answers=given, others=(audit, bench, Path() if use else None)) as register_:
        more = {"answers": given, "bench": bench_path(bench), "audit": audit, "packs": packs_path(packs)}
        who, found = list_risks(register_, subject, uses=use or (), **more)  # type: ignore[arg-type]
        if oscal is not None:
            from custodiet.exports.oscal import write_results  # noqa: PLC0415 - only this option needs it

            practices = given if given and given.pack == PRACTICES else None
            held = assess(register_, subject, PRACTICES, **{**more, "answers": practices}, needs_answers=False)  # type: ignore[arg-type]
            write_results(oscal, held, found, register_, force=force)
            note(f"Wrote {oscal}.")
    if oscal is None or json or csv or xlsx:
        _print(who, found, json=json, csv=csv, xlsx=xlsx)


def _print(who: Subject, found: Sequence[Risk], *, json: bool, csv: bool, xlsx: Path | None) -> None:
    rows = [risk.as_data() for risk in found]
    if json or csv or xlsx:
        flat = rows if json else [_flat(row) for row in rows]
        print_list(
            flat, as_json=json, as_csv=csv, xlsx=xlsx, title="risks", columns=[],
            json_data={"subject": who.as_data(), "note": READ_SO, "risks": rows},
        )  # fmt: skip
        return
    _say(f"{who.name} ({who.id}): {len(found)} risks", "bold")
    if not found:
        _say("No seed is about it, by what its entries say of themselves. `--use` names one; docs/governance.md lists them.")
        return
    for risk in rows:
        _say(f"\n{risk['title']} ({risk['id']}) — {risk['function']}: {', '.join(risk['subcategories'])}", "bold")
        _say(f"  {risk['cause']} {risk['event']} {risk['consequence']}")
        _say(f"  affected: {', '.join(risk['affected'])}")
        _say(f"  likelihood {risk['likelihood']} ({risk['likelihood_basis']}). {risk['likelihood_says']}")
        _say(f"  severity {risk['severity']}: {risk['severity_says']}. Rated {risk['rating']}.")
        _say(f"  what remains: {risk['residual']}. {risk['residual_says']}")
        for control in risk["controls"]:
            _say(f"  - {_control(control)}")
        _say(f"  owner: {risk['owner']}; due: {risk['due'] or 'none'} ({risk['due_says']})")
        _say(f"  applies because {risk['applies'][0]['says']}")
    _say(f"\n{READ_SO} `--json` has every reason, reference and citation.")


def _say(text: str, style: str | None = None) -> None:
    console().print(text, style=style, markup=False, soft_wrap=True)


def _control(control: dict[str, Any]) -> str:
    return f"{control['title']}: {control['state']}" + (f" ({control['duty']})" if control["duty"] else "")


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """Return a risk as one row of a sheet: controls and reasons as sentences."""
    return {
        **row,
        "controls": [_control(control) for control in row["controls"]],
        "applies": [reason["says"] for reason in row["applies"]],
    }


def _print_scenarios(subject: str | None, *, json: bool, csv: bool, xlsx: Path | None) -> None:
    if subject is not None:
        raise QuestionError("The scenarios are for every system; ask for them without a subject.")
    rows = [scenario.as_data() for scenario in load_scenarios()]
    if json or csv or xlsx:
        print_list(rows, as_json=json, as_csv=csv, xlsx=xlsx, title="scenarios", columns=[])
        return
    for row in rows:
        _say(f"{row['title']} ({row['id']})", "bold")
        _say(f"  {row['happened']}")
        for test in row["test"]:
            _say(f"  test: {test}")
        _say(f"  {row['command']}")
        _say(f"    reads {row['columns']}")
        for must in row["must"]:
            _say(f"  must: {must}")
        _say(f"  basis: {row['basis']}\n")
