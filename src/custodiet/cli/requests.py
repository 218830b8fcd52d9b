"""`custodiet requests`."""

import datetime as dt
import enum
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from custodiet.cli.output import CsvOption, JsonOption, XlsxOption, console, note, print_json, print_list, shorten
from custodiet.governance.awaited import list_due, list_requests
from custodiet.governance.deadlines import Step, trace_deadline
from custodiet.governance.records_laws import Law, law_of, load_laws
from custodiet.governance.requests import Request, add_event, add_request, choose_request, read_requests
from custodiet.model.errors import InputError, QuestionError
from custodiet.model.text import echo
from custodiet.register.settings import requests_path

app = typer.Typer(help="Keep track of records requests: what was sent, what is due, what came back.", no_args_is_help=True)

FileOption = Annotated[
    Path | None,
    typer.Option("--file", help="The file of requests. Default: CUSTODIET_REQUESTS, or one in your data folder."),
]
DateOption = Annotated[str | None, typer.Option("--date", help="The day on which it happened. Default: today.")]
NoteOption = Annotated[
    str | None, typer.Option("--note", help="Anything to remember: a tracking number, a name of an office.")
]
RequestArgument = Annotated[str, typer.Argument(help="The request's id; `custodiet requests list` lists them.")]
LawOption = Annotated[str, typer.Option("--law", help="Whose law: us, us-dhs, ca …; `custodiet requests laws` lists them.")]
AsOfOption = Annotated[str | None, typer.Option("--as-of", help="The day on which to look. Default: today.")]


class By(enum.StrEnum):
    """How a request was sent."""

    portal = "portal"
    email = "email"
    post = "post"
    fax = "fax"
    hand = "hand"


class Kind(enum.StrEnum):
    """What an office answered."""

    acknowledged = "acknowledged"
    extended = "extended"
    question = "question"
    granted = "granted"
    in_part = "in-part"
    denied = "denied"
    no_records = "no-records"


@app.command()
def add(
    law: LawOption,
    to: Annotated[str, typer.Option("--to", help="The office that it was sent to.")],
    subject: Annotated[str, typer.Option("--subject", help="What was asked for, in a few words.")],
    by: Annotated[By, typer.Option("--by", help="How it was sent.")] = By.portal,
    sent: Annotated[
        str | None, typer.Option("--sent", help="Day, or time with its offset (2026-11-20T22:00-08:00). Default: now.")
    ] = None,
    received: Annotated[str | None, typer.Option("--received", help="The day on which the office had it, if known.")] = None,
    expedited: Annotated[bool, typer.Option("--expedited", help="It asks for expedited handling.")] = False,
    finding: Annotated[str | None, typer.Option("--finding", help="The finding that it was written from.")] = None,
    id: Annotated[str | None, typer.Option("--id", help="An id of your own. Default: the next number of the year.")] = None,  # noqa: A002
    said: NoteOption = None,
    file: FileOption = None,
    json: JsonOption = False,
) -> None:
    """Write down a request that was sent."""
    moment = _moment(sent) if sent else dt.datetime.now(dt.UTC).astimezone()
    path = requests_path(file)
    event = add_request(
        path, request=id, law=law.casefold(), to=to, subject=subject, by=by.value,
        date=moment.date() if isinstance(moment, dt.datetime) else moment,
        sent_at=moment if isinstance(moment, dt.datetime) else None,
        received=_day(received, "--received"), expedited=expedited, finding=finding, note=said,
    )  # fmt: skip
    _print_request(read_requests(path)[event.id], json)


@app.command("list")
def list_all(file: FileOption = None, json: JsonOption = False, csv: CsvOption = False, xlsx: XlsxOption = None) -> None:
    """List the requests, and how each stands."""
    rows = list_requests(read_requests(_path(file)))
    print_list(
        rows, as_json=json, as_csv=csv, xlsx=xlsx, title="Requests",
        columns=[
            ("id", lambda r: r["id"]), ("sent", lambda r: r["sent"]), ("to", lambda r: shorten(r["to"], 40)),
            ("subject", lambda r: shorten(r["subject"], 50)), ("law", lambda r: r["law"]), ("state", lambda r: r["state"]),
            ("answer due", lambda r: r["due"] or "unknown"),
        ],
    )  # fmt: skip


@app.command()
def due(
    request: Annotated[str | None, typer.Argument(help="One request: every step, with its working.")] = None,
    as_of: AsOfOption = None,
    file: FileOption = None,
    json: JsonOption = False,
    csv: CsvOption = False,
    xlsx: XlsxOption = None,
) -> None:
    """List what is due, soonest first; of one request, every step with its day, its working and its citation."""
    path = _path(file)
    requests = read_requests(path)
    day = _day(as_of, "--as-of") or _today()
    if request is not None:
        found = choose_request(requests, request, path)
        trace = found.trace()
        if trace is None:
            raise QuestionError(
                f"{request} went by post and has no day of arrival; write that down with `requests answer --received`."
            )
        _print_steps(trace.law, trace.steps, as_json=json, as_csv=csv, xlsx=xlsx, title=f"Request {request}")
        return
    rows = list_due(requests, day)
    print_list(
        rows, as_json=json, as_csv=csv, xlsx=xlsx, title=f"Due as of {day}",
        columns=[
            ("id", lambda r: r["id"]), ("date", lambda r: r["date"] or "unknown"), ("timing", _timing_cell),
            ("who", lambda r: r["actor"]), ("step", lambda r: r["step"]), ("to", lambda r: shorten(r["to"], 30)),
            ("ground", lambda r: (r["citation"] or "") + ("" if r["verified"] in (True, None) else " (not verified)")),
        ],
    )  # fmt: skip
    if rows and not (json or csv or xlsx):
        console().print("`custodiet requests due ID` shows how each day was counted. No legal advice.")


@app.command()
def answer(
    request: RequestArgument,
    kind: Annotated[Kind, typer.Option("--kind", help="What came: a question stops the clock until `requests reply`.")],
    date: DateOption = None,
    received: Annotated[str | None, typer.Option("--received", help="When the office says that it had the request.")] = None,
    said: NoteOption = None,
    file: FileOption = None,
    json: JsonOption = False,
) -> None:
    """Write down what an office answered."""
    _print_request(
        _record("answered", request, date, file, kind=kind.value, received=_day(received, "--received"), note=said), json
    )


@app.command()
def reply(
    request: RequestArgument,
    date: DateOption = None,
    said: NoteOption = None,
    file: FileOption = None,
    json: JsonOption = False,
) -> None:
    """Write down that you answered the office's question; the clock goes on."""
    _print_request(_record("replied", request, date, file, note=said), json)


@app.command()
def appeal(
    request: RequestArgument,
    date: DateOption = None,
    received: Annotated[str | None, typer.Option("--received", help="The day on which the appeal was received.")] = None,
    said: NoteOption = None,
    file: FileOption = None,
    json: JsonOption = False,
) -> None:
    """Write down that a refusal, or silence, was appealed."""
    found = _record("appealed", request, date, file, received=_day(received, "--received"), note=said)
    _print_request(found, json)


@app.command()
def trace(
    law: Annotated[str, typer.Argument(help="Whose law: us, us-dhs, ca …")],
    sent: Annotated[str, typer.Option("--sent", help="Day, or time with its offset (2026-11-20T22:00-08:00).")],
    received: Annotated[str | None, typer.Option("--received", help="The day on which the office had it.")] = None,
    routed: Annotated[str | None, typer.Option("--routed", help="The day on which the right component had it.")] = None,
    misdirected: Annotated[bool, typer.Option("--misdirected", help="It went to a wrong component of the agency.")] = False,
    extended: Annotated[bool, typer.Option("--extended", help="The office took its extension.")] = False,
    expedited: Annotated[bool, typer.Option("--expedited", help="It asks for expedited handling.")] = False,
    refused: Annotated[str | None, typer.Option("--refused", help="The day of a refusal.")] = None,
    appealed: Annotated[str | None, typer.Option("--appealed", help="The day on which an appeal was received.")] = None,
    json: JsonOption = False,
    csv: CsvOption = False,
    xlsx: XlsxOption = None,
) -> None:
    """Count the days of a request under a law, with the working of each step."""
    found = trace_deadline(
        law_of(law), _moment(sent), received=_day(received, "--received"), routed=_day(routed, "--routed"),
        misdirected=misdirected, extended=extended, expedited=expedited, determined=_day(refused, "--refused"),
        appealed=_day(appealed, "--appealed"),
    )  # fmt: skip
    _print_steps(found.law, found.steps, as_json=json, as_csv=csv, xlsx=xlsx, title=found.law.name)


@app.command()
def laws(
    law: Annotated[str | None, typer.Argument(help="One law, whole: us, us-dhs, ca …")] = None,
    json: JsonOption = False,
    csv: CsvOption = False,
    xlsx: XlsxOption = None,
) -> None:
    """List the records laws with their days and how well each is known; or show one, every sentence with its source."""
    if law is not None:
        _print_law(law_of(law), as_json=json, as_csv=csv, xlsx=xlsx)
        return
    print_list(
        [each.as_record() for each in load_laws().values()], as_json=json, as_csv=csv, xlsx=xlsx,
        title="Public records laws (V: read in its text; S: from a page about it; R: recalled)",
        columns=[
            ("id", lambda r: r["code"]), ("jurisdiction", lambda r: r["jurisdiction"]), ("citation", lambda r: r["citation"]),
            ("acknowledge", lambda r: _days(r["ack_days"], r["ack_day_type"])),
            ("answer", lambda r: _days(r["determination_days"], r["determination_day_type"])),
            ("appeal", lambda r: _days(r["appeal_days"], r["appeal_day_type"])), ("grade", lambda r: r["grade"]),
            ("flags", lambda r: len(r["flags"]) or ""),
        ],
    )  # fmt: skip


def _path(file: Path | None) -> Path:
    """Return the file to read; one that was named is there, so that a slip of the pen is not taken for "nothing due"."""
    path = requests_path(file)
    if file is not None and not path.exists():
        raise InputError(f"{path}: there is no such file of requests; `custodiet requests add` makes one.")
    return path


def _record(
    event: Literal["answered", "replied", "appealed"], request: str, date: str | None, file: Path | None, **said: Any
) -> Request:
    return add_event(requests_path(file), event, request, date=_day(date, "--date") or _today(), **said)


def _print_request(request: Request, as_json: bool) -> None:
    (row,) = list_requests({request.sent.id: request})
    if as_json:
        print_json(row)
        return
    out = console()
    out.print(
        f"{row['id']}: {row['state']}. {shorten(row['subject'])} ({row['to']}, {row['citation']})",
        markup=False,
        soft_wrap=True,
    )
    for step in list_due({request.sent.id: request}, row["sent"]):
        out.print(f"  {step['text']}", markup=False, soft_wrap=True)


def _print_steps(law: Law, steps: Sequence[Step], *, as_json: bool, as_csv: bool, xlsx: Path | None, title: str) -> None:
    rows = [step.as_record() for step in steps]
    if as_json or as_csv or xlsx:
        print_list(rows, as_json=as_json, as_csv=as_csv, xlsx=xlsx, title="steps", columns=[])
        return
    out = console()
    out.print(f"{title}: {law.name} ({law.citation})", style="bold", markup=False)
    for step in steps:
        out.print(f"\n{step.sentence}", markup=False, soft_wrap=True)
    for flag in law.flags:
        out.print(f"\nAbout this law: {flag.says} ({flag.source})", markup=False, soft_wrap=True)
    out.print(f"\nTo be verified anew by {law.verify_by}. This is no legal advice.", markup=False)


def _print_law(law: Law, *, as_json: bool, as_csv: bool, xlsx: Path | None) -> None:
    rows = [{"what": name, **each.model_dump(mode="json", exclude={"extension"})} for name, each in law.provisions()]
    whole = {**law.as_record(), "provisions": rows}
    print_list(
        rows, as_json=as_json, as_csv=as_csv, xlsx=xlsx, title=f"{law.name} ({law.jurisdiction}, {law.citation})",
        json_data=whole,
        columns=[
            ("what", lambda r: r["what"].replace("_", " ")), ("says", lambda r: r["rule"]), ("citation", lambda r: r["cite"]),
            ("grade", lambda r: r["grade"]), ("read at", lambda r: shorten(r["seen"] or r["through"] or "", 60)),
        ],
    )  # fmt: skip
    if not (as_json or as_csv or xlsx):
        for flag in law.flags:
            console().print(f"About this law: {flag.says} ({flag.source})", markup=False, soft_wrap=True)
        note("S and R are not verified: hold them against the law before you rely on them.")


def _days(days: int | None, kind: str | None) -> str:
    return f"{days} {kind}" if days else ""


def _timing_cell(row: Mapping[str, Any]) -> str:
    left = row["days_left"]
    if left is None or row["timing"] in ("unknown", "now"):
        return str(row["timing"])
    return f"{row['timing']} ({left} days)" if left >= 0 else f"{row['timing']} ({-left} days ago)"


def _today() -> dt.date:
    """Return the day that it is where the reader is."""
    return dt.datetime.now(dt.UTC).astimezone().date()


def _day(text: str | None, option: str) -> dt.date | None:
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        raise QuestionError(f"{echo(text)} is no day; give {option} as in 2026-11-20.") from None


def _moment(text: str) -> dt.date | dt.datetime:
    if "T" not in text and " " not in text.strip():
        day = _day(text, "--sent")
        assert day
        return day
    try:
        return dt.datetime.fromisoformat(text.strip())
    except ValueError:
        raise QuestionError(f"{echo(text)} is no day or time; give `--sent` as in 2026-11-20T22:00-08:00.") from None
