"""`custodiet resolve`."""

from pathlib import Path
from typing import Annotated

import typer

from custodiet.cli.output import (
    CsvOption,
    JsonOption,
    RegisterOption,
    XlsxOption,
    console,
    print_json,
    print_list,
    print_table,
    tell_steps,
)
from custodiet.model.errors import QuestionError
from custodiet.register.settings import register_path
from custodiet.store import open_register


def resolve(
    listed: Annotated[bool, typer.Option("--list", help="List the proposals that wait for a reader.")] = False,
    judged: Annotated[bool, typer.Option("--judged", help="List those already decided.")] = False,
    explain: Annotated[str | None, typer.Option("--explain", help="Show one proposal's score, part by part.")] = None,
    judgements: Annotated[
        Path | None,
        typer.Option("--judgements", help="Your judgement file. Default: CUSTODIET_JUDGEMENTS, or one in your data folder."),
    ] = None,
    register: RegisterOption = None,
    json: JsonOption = False,
    csv: CsvOption = False,
    xlsx: XlsxOption = None,
) -> None:
    """Propose which vendors' names may be one organisation; `judge` decides them, and the next build applies that."""
    from custodiet.questions import resolving  # noqa: PLC0415 - other verbs need none of it

    if explain is not None and (listed or judged):
        raise QuestionError("Choose `--explain` or a list: one shows a proposal, the other all.")
    with open_register(register_path(register)) as opened:
        with tell_steps() as tell:
            tell("Comparing names")
            proposed = resolving.propose_organisations(opened)
        if explain is not None:
            _explain(resolving.explain_proposal(opened, explain, judgements=judgements), json)
            return
        waiting = resolving.organisation_proposals(opened, judged=judged, judgements=judgements)
    if listed or judged or csv or xlsx:
        print_list(
            waiting, as_json=json, as_csv=csv, xlsx=xlsx,
            title="Decided proposals" if judged else "Names that may be one organisation",
            columns=[
                ("id", lambda p: p["id"]), ("bits", lambda p: f"{p['weight']:.1f}"), ("one", lambda p: p["one"]),
                ("other", lambda p: p["other"]),
                ("why", lambda p: "; ".join(part["words"] for part in p["parts"][1:] if part["weight"] > 0)),
                *([("verdict", lambda p: f"{p['verdict']} ({p['kind']}): {p['reason']}")] if judged else []),
            ],
        )  # fmt: skip
    elif json:
        print_json({"waiting": len(waiting), "computed": proposed.computed})
    else:
        what = "Compared" if proposed.computed else "Nothing has changed since the names were compared"
        console().print(
            f"{what}: {len(waiting):,} proposals wait. `custodiet resolve --list` shows them, `--explain ID` says why, and "
            "`custodiet judge accept ID` or `reject ID` decides.", markup=False, soft_wrap=True,
        )  # fmt: skip


def _explain(proposal: dict[str, object], as_json: bool) -> None:
    if as_json:
        print_json(proposal)
        return
    parts = proposal["parts"]
    assert isinstance(parts, list)
    print_table(
        parts,
        f"{proposal['one']}  ·  {proposal['other']}",
        [
            ("compared", lambda p: p["comparison"]),
            ("what holds", lambda p: p["words"]),
            ("bits", lambda p: f"{p['weight']:+.1f}"),
            ("sum", lambda p: f"{p['sum']:+.1f}"),
        ],
        all_rows=True,
    )
    console().print(
        f"As a probability {proposal['probability']:.3f}, as far as the parts are independent. Each bit doubles the odds.",
        markup=False, soft_wrap=True,
    )  # fmt: skip
    if proposal["verdict"]:
        console().print(
            f"{proposal['by_whom']}: {proposal['verdict']} ({proposal['kind']}), {proposal['reason']}",
            markup=False,
            soft_wrap=True,
        )
