"""The log's own verbs: `custodiet docket verify`, `checkpoint`, `prove`, `check-proof`, `retain`."""

import datetime as dt
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from custodiet.cli.docket_output import (
    DocketOption,
    KeyOption,
    PublicKeyOption,
    WhoOption,
    find_docket,
    note_mending,
    read_day,
)
from custodiet.cli.output import JsonOption, console, note, print_json, tell_steps
from custodiet.model.errors import DocketError, InputError, QuestionError
from custodiet.register.settings import docket_path

if TYPE_CHECKING:
    from custodiet.docket.identity import Keys, Place
    from custodiet.docket.log import Log

OutOption = Annotated[Path | None, typer.Option("--out", help="Write it to this file. Default: print it.")]


def find_existing(docket: Path | None, key: Path | None) -> "tuple[Place, Keys]":
    """Return the place and keys of a docket that is there.

    Raises:
        DocketError: none is there.
        InputError: its key is not.

    """
    from custodiet.docket.identity import Place  # noqa: PLC0415 - brings cryptography

    place = Place(docket_path(docket))
    if not place.exists():
        raise DocketError(
            f"{place.folder}: no docket is here; begin one with `custodiet docket add`, or name it with `--docket`."
        )
    return find_docket(docket, key)


def read_existing(docket: Path | None, key: Path | None) -> "tuple[Log, Keys]":
    """Return a docket's verified log and its keys; say what there is to know about it."""
    from custodiet.docket.log import read_log  # noqa: PLC0415

    place, keys = find_existing(docket, key)
    with tell_steps() as tell:
        tell("Verifying the log")
        log = read_log(place, keys.public, keys.cipher)
    for one in log.notices:
        note(one)
    return log, keys


def verify(
    against: Annotated[
        Path | None,
        typer.Option("--checkpoint", help="An earlier checkpoint, kept elsewhere: finds a log that was rewritten."),
    ] = None,
    public_key: PublicKeyOption = None,
    docket: DocketOption = None,
    key: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Verify that nothing in the docket was changed, dropped, reordered or cut off."""
    from custodiet.docket.checkpoint import open_checkpoint  # noqa: PLC0415
    from custodiet.docket.identity import Place  # noqa: PLC0415
    from custodiet.docket.log import check_end  # noqa: PLC0415
    from custodiet.docket.proofs import check_beginning  # noqa: PLC0415

    log, _ = _open(docket, key, public_key)
    check_end(Place(docket_path(docket)), log)
    earlier = None
    if against is not None:
        earlier = open_checkpoint(_read_text(against), log.public)
        check_beginning(log, earlier)
    root = log.checkpoint.root.hex()
    if json:
        print_json(
            {
                "origin": log.checkpoint.origin,
                "entries": len(log.entries),
                "signed": log.checkpoint.size,
                "root": root,
                "begins_with": earlier.size if earlier else None,
                "notices": log.notices,
            }
        )
        return
    out = console()
    out.print(f"{log.checkpoint.size:,} entries, signed, unchanged and in order; root {root}.", markup=False, soft_wrap=True)
    if earlier is not None:
        out.print(f"It begins with the {earlier.size:,} entries of {against}.", markup=False, soft_wrap=True)
    else:
        note(
            "A docket that was rolled back whole is found with `--checkpoint FILE` only: keep checkpoints with somebody else."
        )


def checkpoint(out: OutOption = None, docket: DocketOption = None, key: KeyOption = None, json: JsonOption = False) -> None:
    """Print the signed checkpoint, to be kept with somebody else; `--json` has the public key as well."""
    log, _ = _open(docket, key, None)
    if json:
        found = log.checkpoint
        print_json(
            {
                "origin": found.origin,
                "entries": found.size,
                "root": found.root.hex(),
                "note": log.note,
                "public_key": log.public.as_text(),
            }
        )
    else:
        _give(log.note, out)


def prove(
    number: Annotated[int | None, typer.Argument(help="The entry that is to be proved.")] = None,
    since: Annotated[
        Path | None, typer.Option("--since", help="An earlier checkpoint: prove that the log only grew since.")
    ] = None,
    reveal: Annotated[
        list[str] | None, typer.Option("--reveal", help="A field to open for whoever reads the proof; may be repeated.")
    ] = None,
    out: OutOption = None,
    docket: DocketOption = None,
    key: KeyOption = None,
) -> None:
    """Prove to a third party that an entry is in the log, or that the log only grew."""
    from custodiet.docket.proofs import prove_entry, prove_growth  # noqa: PLC0415

    if (number is None) == (since is None):
        raise QuestionError("Name an entry's number, or an earlier checkpoint with `--since FILE`.")
    log, keys = _open(docket, key, None)
    if number is not None:
        _give(prove_entry(log, keys, number, reveal or ()), out)
    elif since is not None:
        _give(prove_growth(log, _read_text(since)), out)


def check_proof(
    proof: Annotated[Path, typer.Argument(help="The proof's file.")],
    public_key: Annotated[str, typer.Option("--public-key", help="The log's public key: the file docket.vkey, or its line.")],
    json: JsonOption = False,
) -> None:
    """Check a proof: needs no docket, no key and no network, only the log's public key."""
    from custodiet.docket import proofs  # noqa: PLC0415
    from custodiet.docket.log import find_public_key  # noqa: PLC0415

    found = proofs.check_proof(_read_text(proof), find_public_key(public_key))
    if isinstance(found, proofs.Grown):
        data = {"shows": "growth", "origin": found.new.origin, "old_size": found.old.size, "new_size": found.new.size}
        says = f"It holds: the log of {found.new.size:,} entries begins with that of {found.old.size:,}."
    else:
        opened = {one.name: one.value for one in found.opened}
        head = found.head
        data = {
            "shows": "inclusion",
            "origin": found.checkpoint.origin,
            "size": found.checkpoint.size,
            **vars(head),
            "opened": opened,
        }
        said = "".join(f"\n  {name}: {value}" for name, value in opened.items())
        about = f" about entry {head.about}" if head.about else ""
        says = (
            f"It holds: entry {head.number}, a {head.kind}{about}, dated {head.at} by the log's keeper, is in the log of "
            f"{found.checkpoint.size:,} entries.{said}"
        )
    if json:
        print_json(data)
    else:
        console().print(says, markup=False, soft_wrap=True)


def retain(
    before: Annotated[str, typer.Option("--before", help="Erase closed papers that were received before this day.")],
    by: WhoOption,
    because: Annotated[str, typer.Option("--because", help="The policy that says so.")],
    docket: DocketOption = None,
    key: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Erase the fields of old, closed papers; counts stay, and proofs still hold."""
    from custodiet.docket.retention import retain as erase  # noqa: PLC0415
    from custodiet.docket.writing import writing  # noqa: PLC0415

    day = read_day(before, "--before")
    assert day is not None
    place, keys = find_existing(docket, key)
    with writing(place, keys) as writer:
        note_mending(writer)
        found = erase(writer, day, by, because, dt.datetime.now(tz=dt.UTC))
    if json:
        print_json({"erased": list(found.erased), "open": list(found.open), "entry": found.entry})
    else:
        console().print(f"Papers erased: {len(found.erased):,}; still open, and left: {len(found.open):,}.", markup=False)


def _open(docket: Path | None, key: Path | None, public_key: str | None) -> "tuple[Log, Keys | None]":
    from custodiet.docket.identity import Place  # noqa: PLC0415
    from custodiet.docket.log import find_public_key, read_log  # noqa: PLC0415

    if public_key is None:
        place, keys = find_existing(docket, key)
        log = read_log(place, keys.public, keys.cipher)
    else:
        place, keys = Place(docket_path(docket)), None
        log = read_log(place, find_public_key(public_key))
    for one in log.notices:
        note(one)
    return log, keys


def _read_text(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except OSError as error:
        raise InputError(f"{path}: can't be read ({error.strerror}); give the file of a checkpoint or proof.") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: is no text; give the file of a checkpoint or proof.") from None


def _give(text: str, out: Path | None) -> None:
    """Print a text as it is, or write it to a new file that only its owner reads."""
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise InputError(f"{out}: can't be written ({error.strerror}); name another file with `--out`.") from None
    note(f"Wrote {out}.")
