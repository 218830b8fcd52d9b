"""`custodiet docket`: the papers that a government served, and what people did about them."""

import datetime as dt
from operator import itemgetter
from pathlib import Path
from typing import Annotated, Any

import typer

from custodiet.cli import docket_log, docket_sales
from custodiet.cli.docket_output import (
    AsOfOption,
    DocketOption,
    KeyOption,
    NumberArgument,
    WhoOption,
    describe_case,
    find_docket,
    note_mending,
    print_case,
    read_day,
    today,
)
from custodiet.cli.output import CsvOption, JsonOption, XlsxOption, console, note, print_json, print_list
from custodiet.model.errors import QuestionError
from custodiet.model.text import tidy

app = typer.Typer(
    help="Log what a government served on you: what it is, what is due, who decided what; verifiable by anybody.",
    no_args_is_help=True,
)
app.command("verify")(docket_log.verify)
app.command("checkpoint")(docket_log.checkpoint)
app.command("prove")(docket_log.prove)
app.command("check-proof")(docket_log.check_proof)
app.command("retain")(docket_log.retain)
app.add_typer(docket_sales.app, name="sales")


@app.command()
def add(
    file: Annotated[Path | None, typer.Argument(help="The entry as YAML; `docket sample` writes a model.")] = None,
    paper: Annotated[Path | None, typer.Option("--paper", help="The paper's file; it stays where it is.")] = None,
    issuer: Annotated[str | None, typer.Option("--issuer", help="Who issued it, as its caption has it.")] = None,
    signatory_title: Annotated[
        str | None, typer.Option("--signatory-title", help="What the signatory is, as the paper has it.")
    ] = None,
    signed: Annotated[str | None, typer.Option("--signed", help="Whether it is signed: yes, no or unknown.")] = None,
    title: Annotated[str | None, typer.Option("--title", help="What it calls itself; recorded, never used.")] = None,
    form_number: Annotated[str | None, typer.Option("--form-number", help="The number of its form, such as I-205.")] = None,
    authority: Annotated[str | None, typer.Option("--authority", help="The authority that it cites.")] = None,
    case: Annotated[str | None, typer.Option("--case", help="The number of its case or docket.")] = None,
    command: Annotated[
        str | None,
        typer.Option(
            "--command",
            help="What it has somebody do: search, arrest, produce, testify, preserve, disclose-in-emergency or purchase.",
        ),
    ] = None,
    gag: Annotated[
        str | None,
        typer.Option("--gag", help="It bars you from telling, on this ground: court-order, statute, request or unknown."),
    ] = None,
    gag_until: Annotated[str | None, typer.Option("--gag-until", help="The day on which that bar ends.")] = None,
    received: Annotated[str | None, typer.Option("--received", help="The day on which it came. Default: today.")] = None,
    return_date: Annotated[str | None, typer.Option("--return-date", help="The day on which it is to be answered.")] = None,
    docket: DocketOption = None,
    key: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Add a paper: its hash, who issued and signed it, and what it wants; print what it is."""
    from custodiet.docket import acts  # noqa: PLC0415 - other verbs need none of it
    from custodiet.docket.cases import read_cases  # noqa: PLC0415
    from custodiet.docket.entry import make_request, read_request  # noqa: PLC0415
    from custodiet.docket.writing import writing  # noqa: PLC0415

    if gag_until is not None and gag is None:
        raise QuestionError("Say the ground of the bar on telling as well, as in `--gag court-order --gag-until 2027-03-01`.")
    given: dict[str, Any] = {
        "paper": paper, "issuer": issuer, "signatory_title": signatory_title, "signed": signed, "title": title,
        "form_number": form_number, "authority": authority, "case": case, "command": command,
        "gag": None if gag is None else {"ground": gag, "expires": read_day(gag_until, "--gag-until")},
        "received": read_day(received, "--received"), "return_date": read_day(return_date, "--return-date"),
    }  # fmt: skip
    said = {name: value for name, value in given.items() if value is not None}
    if file is None and issuer is None:
        raise QuestionError("Name an entry as YAML, or say at least `--issuer`.")
    request = read_request(file, **said) if file else make_request({"received": today()} | said, "the command line")
    place, keys = find_docket(docket, key)
    with writing(place, keys) as writer:
        note_mending(writer)
        number = acts.add_request(writer, request, _now())
        data = describe_case(read_cases(writer.log, keys, number)[number], today())
    if json:
        print_json(data)
    else:
        print_case(data)


@app.command()
def show(
    number: NumberArgument,
    as_of: AsOfOption = None,
    docket: DocketOption = None,
    key: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Show a paper whole: what it is, what is wrong with it or not known, and what was done about it."""
    from custodiet.docket.cases import find_case  # noqa: PLC0415

    data = describe_case(find_case(_read(docket, key, number)[1], number), read_day(as_of, "--as-of") or today())
    if json:
        print_json(data)
    else:
        print_case(data)


@app.command("list")
def list_papers(
    docket: DocketOption = None,
    key: KeyOption = None,
    json: JsonOption = False,
    csv: CsvOption = False,
    xlsx: XlsxOption = None,
) -> None:
    """List the papers: when they came, from whom, what they are, and where they stand."""
    records = [
        {
            "number": case.number,
            "received": case.fields["received"],
            "issuer": case.fields["issuer"],
            "type": case.fields["type"],
            "return_date": case.fields.get("return_date"),
            "status": case.status,
            "is_erased": case.is_erased,
        }
        for case in _read(docket, key)[1].values()
    ]
    print_list(
        records, as_json=json, as_csv=csv, xlsx=xlsx, title="Papers",
        columns=[(name, itemgetter(name)) for name in ("number", "received", "issuer", "type", "status")],
    )  # fmt: skip


@app.command()
def step(
    number: NumberArgument,
    step: Annotated[str, typer.Argument(help="The step of the checklist, such as authenticate or produce.")],
    by: WhoOption,
    on: Annotated[str | None, typer.Option("--on", help="The day on which it was done. Default: today.")] = None,
    remark: Annotated[str | None, typer.Option("--note", help="What was done, in a sentence without names.")] = None,
    accounts: Annotated[int | None, typer.Option("--accounts", min=0, help="Of produce: accounts whose data left.")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="Of produce: what left; its hash is kept.")] = None,
    docket: DocketOption = None,
    key: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Note that somebody did a step of a paper's checklist; nothing is produced without two approvals."""
    from custodiet.docket import acts  # noqa: PLC0415

    day = read_day(on, "--on") or today()
    _act(
        docket, key, json,
        lambda writer: acts.do_step(writer, number, step, by, day, _now(), note=remark, accounts=accounts, file=file),
    )  # fmt: skip


@app.command()
def decide(
    number: NumberArgument,
    outcome: Annotated[str, typer.Argument(help="disclose, disclose-in-part, preserve, object, reject or no-records.")],
    by: WhoOption,
    because: Annotated[str, typer.Option("--because", help="Why.")],
    docket: DocketOption = None,
    key: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Note what a person decided about a paper; a later decision takes its place, and its approvals begin anew."""
    from custodiet.docket import acts  # noqa: PLC0415

    _act(docket, key, json, lambda writer: acts.decide(writer, number, outcome, by, because, _now()))


@app.command()
def approve(
    number: NumberArgument, by: WhoOption, docket: DocketOption = None, key: KeyOption = None, json: JsonOption = False
) -> None:
    """Approve the disclosure that was decided; two people have to, neither of them the one who decided."""
    from custodiet.docket import acts  # noqa: PLC0415

    _act(docket, key, json, lambda writer: acts.approve(writer, number, by, _now()))


@app.command()
def due(
    as_of: AsOfOption = None, docket: DocketOption = None, key: KeyOption = None,
    json: JsonOption = False, csv: CsvOption = False, xlsx: XlsxOption = None,
) -> None:  # fmt: skip
    """List what is due: answers, objections, ends of silence and of preservation, and the steps that nobody has done."""
    from custodiet.docket.due import list_deadlines  # noqa: PLC0415

    found = list_deadlines(_read(docket, key)[1], read_day(as_of, "--as-of") or today())
    records = [{**vars(one), "day": one.day.isoformat(), "steps_left": list(one.steps_left)} for one in found]
    print_list(
        records, as_json=json, as_csv=csv, xlsx=xlsx, title="Due",
        columns=[
            ("day", lambda one: one["day"]),
            ("days", lambda one: one["days_left"]),
            ("entry", lambda one: one["number"]),
            ("what", lambda one: one["what"]),
            ("how", lambda one: one["how"]),
            ("steps left", lambda one: len(one["steps_left"])),
            ("next step", lambda one: one["steps_left"][0] if one["steps_left"] else None),
        ],
    )  # fmt: skip


@app.command()
def export(
    first: Annotated[str | None, typer.Option("--from", help="The first day of receipt.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="The last day of receipt.")] = None,
    to_publish: Annotated[bool, typer.Option("--to-publish", help="Leave out papers under a bar on telling.")] = False,
    as_of: AsOfOption = None,
    docket: DocketOption = None,
    key: KeyOption = None,
    json: JsonOption = False,
    csv: CsvOption = False,
    xlsx: XlsxOption = None,
) -> None:
    """Count papers and sales for a transparency report: kinds, numbers and outcomes, and no name of a person."""
    from custodiet.docket.counts import count_papers, leave_out_barred  # noqa: PLC0415
    from custodiet.docket.sales import list_sales  # noqa: PLC0415

    (log, keys), cases = _read(docket, key)
    day = read_day(as_of, "--as-of") or today()
    cases = leave_out_barred(cases, day) if to_publish else cases
    found = count_papers(cases, list_sales(log, keys), read_day(first, "--from"), read_day(last, "--to"), day)
    print_list(
        found["by_type"], as_json=json, as_csv=csv, xlsx=xlsx, json_data=found,
        title=f"Papers: {found['papers']:,}; sales and licences: {found['sales']:,}",
        columns=[
            (name.replace("_", " "), itemgetter(name))
            for name in ("type", "received", "disclosed", "disclosed_in_part", "objected", "rejected", "no_records",
                         "preserved", "undecided", "accounts_asked", "accounts_produced")
        ],
    )  # fmt: skip
    if found["note"]:
        note(found["note"])


@app.command()
def sample(
    folder: Annotated[Path, typer.Argument(help="A folder for the made-up paper and its entry.")],
    papers: Annotated[
        int | None, typer.Option("--papers", min=1, max=100_000, help="Fill the docket with so many made-up papers as well.")
    ] = None,
    docket: DocketOption = None,
    key: KeyOption = None,
) -> None:
    """Write a made-up paper and its entry to try things on; with `--papers`, a made-up docket in that folder."""
    from custodiet.docket.sample import fill, write_model  # noqa: PLC0415
    from custodiet.docket.writing import writing  # noqa: PLC0415

    entry, _ = write_model(folder)
    if papers is not None:
        # Made-up papers never go into a docket that is in use, and their key lies beside them.
        place, keys = find_docket(docket or folder / "docket", key or folder / "docket.key")
        if place.exists():
            raise QuestionError(f"{place.folder}: a docket is there already; name another place for made-up papers.")
        with writing(place, keys) as writer:
            fill(writer, papers, today(), _now())
    console().print(tidy(f"Wrote {entry}; try `custodiet docket add {entry}`."), markup=False, soft_wrap=True)


def _read(docket: Path | None, key: Path | None, only: int | None = None) -> tuple[tuple[Any, Any], dict[int, Any]]:
    from custodiet.docket.cases import read_cases  # noqa: PLC0415

    log, keys = docket_log.read_existing(docket, key)
    return (log, keys), read_cases(log, keys, only)


def _act(docket: Path | None, key: Path | None, as_json: bool, act: Any) -> None:
    from custodiet.docket.writing import writing  # noqa: PLC0415

    place, keys = docket_log.find_existing(docket, key)
    with writing(place, keys) as writer:
        note_mending(writer)
        number = act(writer)
        entry = writer.log.entries[number - 1]
    if as_json:
        print_json({"entry": number, "at": entry.head.at, "kind": entry.head.kind, "about": entry.head.about})
    else:
        console().print(f"Entry {number} added about entry {entry.head.about}.", markup=False)


def _now() -> dt.datetime:
    return dt.datetime.now(tz=dt.UTC)
