"""`custodiet compare`."""

from typing import Annotated, Any

import typer

from custodiet import questions
from custodiet.cli.output import CsvOption, JsonOption, RegisterOption, XlsxOption, console, print_list, print_table
from custodiet.register.settings import register_path
from custodiet.store import open_register


def compare(
    first: Annotated[str, typer.Argument(help="An agency, such as DHS.")],
    second: Annotated[str, typer.Argument(help="Another, such as DOJ.")],
    register: RegisterOption = None,
    json: JsonOption = False,
    csv: CsvOption = False,
    xlsx: XlsxOption = None,
) -> None:
    """Lay two agencies' disclosure side by side."""
    with open_register(register_path(register)) as opened:
        found = questions.compare(opened, first, second)
    codes = [agency["agency"] for agency in found["agencies"]]
    if not (json or csv or xlsx):
        _print_counts(found)
    print_list(
        found["questions"], as_json=json, as_csv=csv, xlsx=xlsx, title="Cells by question", json_data=found,
        columns=[("question", lambda q: q["question"]), *((code, lambda q, c=code: _states(q[c])) for code in codes)],
    )  # fmt: skip
    if not (json or csv or xlsx):
        print_table(
            found["one_sided"], "\nAnswered by one, and by the other for no case that was asked",
            [("question", lambda q: q["question"]), ("answered by", lambda q: q["answered_by"]),
             ("not by", lambda q: f"{q['not_by']}: {q['asked_there']} asked, {q['withheld_there']} withheld, "
                                  f"{q['blank_there']} blank")],
        )  # fmt: skip


def _states(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {state}" for state, number in counts.items() if number)


def _print_counts(found: dict[str, Any]) -> None:
    out = console()
    for agency in found["agencies"]:
        out.print(f"{agency['agency']}, {agency['name']}", style="bold", markup=False)
        out.print(
            f"  {agency['use_cases']} use cases in {found['year']}, {agency['deployed_high_impact']} deployed and high-impact"
        )
        out.print(f"  by stage: {_states(agency['by_stage'])}", soft_wrap=True)
        out.print(f"  by impact: {_states(agency['by_impact'])}", soft_wrap=True)
        out.print(f"  gaps: {_states(agency['gaps'])}\n", soft_wrap=True)
