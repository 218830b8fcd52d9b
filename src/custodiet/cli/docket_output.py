"""What the verbs of `custodiet docket` share: where the docket is, its keys, and how a paper is printed."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from custodiet.cli.output import console, note, shorten
from custodiet.model.errors import QuestionError
from custodiet.register.settings import docket_path

if TYPE_CHECKING:
    from custodiet.docket.cases import Case
    from custodiet.docket.classify import Classification
    from custodiet.docket.identity import Keys, Place
    from custodiet.docket.writing import Writer

DocketOption = Annotated[
    Path | None,
    typer.Option("--docket", help="The docket's folder. Default: CUSTODIET_DOCKET, or one in your data folder."),
]
KeyOption = Annotated[
    Path | None,
    typer.Option("--key", help="The docket's key. Default: CUSTODIET_DOCKET_KEY_FILE, or one in your config folder."),
]
PublicKeyOption = Annotated[
    str | None, typer.Option("--public-key", help="The log's public key: the file docket.vkey, or its line. Needs no --key.")
]
AsOfOption = Annotated[str | None, typer.Option("--as-of", help="The day to reckon from. Default: today.")]
NumberArgument = Annotated[int, typer.Argument(help="The number of the paper's entry.")]
WhoOption = Annotated[str, typer.Option("--by", help="Who did it: a person's name.")]


def today() -> dt.date:
    """Return the day that it is where the reader is: in the evening in America, UTC has the next one."""
    return dt.datetime.now(tz=dt.UTC).astimezone().date()


def read_day(text: str | None, option: str) -> dt.date | None:
    """Return a day as it was given, or None.

    Raises:
        QuestionError: it is no day.

    """
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise QuestionError(f"{text[:40]!r} is no day; give {option} as in 2026-03-02.") from None


def find_docket(docket: Path | None, key: Path | None) -> "tuple[Place, Keys]":
    """Return the docket's place and keys; a key that is made now is told of."""
    from custodiet.docket.identity import Place, load_keys  # noqa: PLC0415 - brings cryptography

    place = Place(docket_path(docket))
    keys = load_keys(key, place)
    if keys.key.is_new:
        note(f"Made a new key in {keys.key.path}. Keep a copy of it apart from the docket: without it nobody can read that.")
    return place, keys


def note_mending(writer: "Writer") -> None:
    """Say what was mended before something was written."""
    for one in writer.notices:
        note(one)


def describe_case(case: "Case", as_of: dt.date) -> dict[str, Any]:
    """Return a paper, what it is, and what was done about it, as plain data."""
    if case.is_erased:
        return {"number": case.number, "at": case.at, "is_erased": True, "kept": dict(case.fields), "status": case.status}
    return {
        "number": case.number,
        "at": case.at,
        "status": case.status,
        "entry": dict(case.fields),
        "classification": describe_classification(case.classify(as_of)),
        "steps": {id_: _describe_step(event) for id_, event in case.steps().items()},
        "decision": dict(case.decision.fields) if case.decision else None,
        "approved_by": case.approvers,
        "events": [{"number": one.number, "at": one.at, "kind": one.kind, **one.fields} for one in case.events],
    }


def _describe_step(event: Any) -> dict[str, Any] | None:
    return None if event is None else {"entry": event.number, "at": event.at, "by": event.fields.get("by")}


def describe_classification(found: "Classification") -> dict[str, Any]:
    """Return what a paper is, as plain data; every sentence that is not verified carries its mark."""
    return {
        "type": found.id,
        "name": found.type.name if found.type else None,
        "grade": found.type.grade if found.type else None,
        "candidates": [one.id for one in found.candidates],
        "because": list(found.because),
        "issuer_kind": found.issuer_kind,
        "signatory_role": found.signatory_role,
        "self_executing": found.self_executing,
        "reaches": list(found.reaches),
        "facts": [{"says": fact.marked(), "source": fact.source, "grade": fact.grade} for fact in found.facts],
        "defects": [{"id": one.id, "says": one.marked()} for one in found.defects],
        "unknowns": [{"id": one.id, "says": one.marked()} for one in found.unknowns],
        "disputed": [{"id": one.id, "says": one.marked(), "sources": list(one.sources)} for one in found.disputed],
    }


def print_case(data: Mapping[str, Any]) -> None:
    """Print a paper for a person."""
    out = console()

    def say(text: str = "") -> None:
        out.print(text, markup=False, soft_wrap=True)

    if data.get("is_erased"):
        say(f"Entry {data['number']}, {data['status']}: erased by retention; what a transparency report counts is left.")
        for name, value in data["kept"].items():
            say(f"  {name}: {value}")
        return
    entry, found = data["entry"], data["classification"]
    say(f"Entry {data['number']}, received {entry['received']}, {data['status']}")
    say(f"  {entry['issuer']}, {entry.get('signatory_title', 'no signatory told')}")
    if title := entry.get("title"):
        say(f"  titled {shorten(title)!r} (a title tells nothing)")
    say(f"\nWhat it is: {found['name'] or 'cannot tell'}")
    if found["candidates"]:
        say(f"  it may be: {', '.join(found['candidates'])}")
    for sentence in found["because"]:
        say(f"  {sentence}")
    say(
        f"  executes itself: {found['self_executing']}; may reach: {', '.join(found['reaches']) or 'nothing that we know of'}"
    )
    for fact in found["facts"]:
        say(f"  - {fact['says']}")
        say(f"    {fact['source']}")
    for heading, name in (("Disputed", "disputed"), ("Defects", "defects"), ("Not known", "unknowns")):
        if found[name]:
            say(f"\n{heading}")
            for one in found[name]:
                say(f"  - {one['says']}")
    say("\nChecklist")
    for id_, done in data["steps"].items():
        by = f"{done['at'][:10]}{', ' + done['by'] if done['by'] else ''}" if done else ""
        say(f"  [{'x' if done else ' '}] {id_:<14} {by}".rstrip())
    decision = data["decision"]
    if decision:
        say(f"\nDecided: {decision['outcome']}, by {decision['by']}: {decision['because']}")
        say(f"Approved by: {', '.join(data['approved_by']) or 'nobody yet'}")
    say("\nThis sorts papers, and is no legal advice; a person decides.")
