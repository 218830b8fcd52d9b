"""`custodiet judge`."""

import datetime as dt
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from custodiet import questions
from custodiet.cli.output import (
    AgencyOption,
    CsvOption,
    JsonOption,
    RegisterOption,
    XlsxOption,
    console,
    print_json,
    print_list,
)
from custodiet.model.errors import QuestionError
from custodiet.model.text import echo
from custodiet.register.settings import judgements_path, register_path
from custodiet.store import Register, open_register

if TYPE_CHECKING:
    from custodiet.register.judgements import Judgement, OrganisationJudgement, OrganisationKind

app = typer.Typer(
    help="List proposed matches between years, and decide them and proposed organisations.", no_args_is_help=False
)

ProposalArgument = Annotated[str, typer.Argument(help="The proposal's id.")]
ByOption = Annotated[str, typer.Option("--by", help="Who decides.")]
BecauseOption = Annotated[str, typer.Option("--because", help="What in both texts shows it.")]
AsOption = Annotated[
    Literal["same-organisation", "successor", "parent", "reseller-of"],
    typer.Option("--as", help="Of organisations: what the second name is to the first."),
]
FileOption = Annotated[
    Path | None,
    typer.Option("--judgements", help="Your judgement file. Default: CUSTODIET_JUDGEMENTS, or one in your data folder."),
]


@app.command("list")
@app.callback(invoke_without_command=True)
def list_proposals(
    context: typer.Context,
    agency: AgencyOption = None,
    judged: Annotated[bool, typer.Option("--judged", help="Those already decided.")] = False,
    register: RegisterOption = None,
    json: JsonOption = False,
    csv: CsvOption = False,
    xlsx: XlsxOption = None,
) -> None:
    """List proposed matches between years, and decide them; `custodiet resolve --list` lists proposed organisations."""
    if context.invoked_subcommand is not None:
        return
    with open_register(register_path(register)) as opened:
        found = questions.proposals(opened, agency=agency, judged=judged)
    print_list(
        found, as_json=json, as_csv=csv, xlsx=xlsx, title="Decided proposals" if judged else "Proposals that wait",
        columns=[
            ("id", lambda p: p["id"]), ("agency", lambda p: p["agency"]), ("score", lambda p: f"{p['score']:.2f}"),
            ("name · text · bureau", lambda p: f"{p['name_similarity']:.2f} · {p['text_similarity']:.2f} · "
                                              f"{'same' if p['same_bureau'] else 'other'}"),
            ("2024", lambda p: f"{p['earlier']['name']} (row {p['earlier']['row']})"),
            ("2025", lambda p: f"{p['later']['name']} ({p['later']['id']})"),
            *([("verdict", lambda p: f"{p['verdict']}: {p['reason']}")] if judged else []),
        ],
    )  # fmt: skip


@app.command()
def accept(
    proposal: ProposalArgument, by: ByOption, because: BecauseOption, relation: AsOption = "same-organisation",
    register: RegisterOption = None, judgements: FileOption = None, json: JsonOption = False,
) -> None:  # fmt: skip
    """Accept a proposal: the two entries are one use case, the two names one organisation or, with `--as`, related."""
    _decide(proposal, "accept", by, because, register, judgements, json, relation)


@app.command()
def reject(
    proposal: ProposalArgument, by: ByOption, because: BecauseOption, register: RegisterOption = None,
    judgements: FileOption = None, json: JsonOption = False,
) -> None:  # fmt: skip
    """Reject a proposal: they are two."""
    _decide(proposal, "reject", by, because, register, judgements, json)


@app.command()
def undo(
    proposal: ProposalArgument, by: ByOption, because: BecauseOption, register: RegisterOption = None,
    judgements: FileOption = None, json: JsonOption = False,
) -> None:  # fmt: skip
    """Take a decision back: the proposal waits again."""
    _decide(proposal, "undo", by, because, register, judgements, json)


def _decide(
    name: str,
    verdict: Literal["accept", "reject", "undo"],
    by: str,
    because: str,
    register: Path | None,
    judgements: Path | None,
    as_json: bool,
    relation: "OrganisationKind" = "same-organisation",
) -> None:
    from custodiet.register.judgements import append_judgement  # noqa: PLC0415 - listing needs none of it

    if not by.strip() or not because.strip():
        raise QuestionError("A judgement needs who decides (`--by`) and what in both texts shows it (`--because`).")

    judge = _judge_organisations if re.fullmatch(r"o[0-9a-f]{7}", name) else _judge_use_cases
    said = {"verdict": verdict, "by": by, "date": dt.datetime.now(tz=dt.UTC).date(), "reason": because}
    with open_register(register_path(register)) as opened:
        judgement = judge(opened, name, said, relation, judgements)
    path = judgements_path(judgements)
    append_judgement(path, judgement)
    if as_json:
        print_json({"file": str(path), **judgement.model_dump(mode="json")})
    else:
        console().print(f"Written to {path}; the next `custodiet build` applies it.", markup=False, soft_wrap=True)


def _judge_use_cases(
    register: Register, name: str, said: dict[str, Any], relation: "OrganisationKind", _: Path | None
) -> "Judgement":
    from custodiet.register.judgements import Judgement  # noqa: PLC0415

    if relation != "same-organisation":
        raise QuestionError(f"{echo(name)} is a proposal of use cases, and `--as` is for organisations; leave it out.")
    found = questions.proposal(register, name)

    def side(record: dict[str, Any]) -> dict[str, Any]:
        return {
            "release": record["release"],
            "row": record["row"],
            "name": record["name"],
            "id": record["published_id"],
        }

    return Judgement.model_validate({"earlier": side(found["earlier"]), "later": side(found["later"]), **said})


def _judge_organisations(
    register: Register, name: str, said: dict[str, Any], relation: "OrganisationKind", judgements: Path | None
) -> "OrganisationJudgement":
    from custodiet.questions import resolving  # noqa: PLC0415 - it brings the model with it
    from custodiet.register.judgements import OrganisationJudgement  # noqa: PLC0415

    # A proposal that was accepted is gone from the list; its judgement still tells the names.
    before = resolving.judged_pair(name, judgements)
    if before is not None and said["verdict"] == "undo":
        pair = {"kind": before.kind, "organisation": before.organisation, "other": before.other}
    else:
        found = resolving.explain_proposal(register, name, judgements=judgements)
        pair = {"kind": relation, "organisation": found["one"], "other": found["other"]}
    return OrganisationJudgement.model_validate(pair | said)
