"""`custodiet bundle`."""

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from custodiet.cli.output import RegisterOption, note
from custodiet.register.settings import register_path
from custodiet.store import open_register


def bundle(
    subject: Annotated[
        str | None, typer.Argument(help="A use case, system, vendor, award or agency, by any of its names.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="The zip to write.")] = Path("bundle.zip"),
    rule: Annotated[str | None, typer.Option("--rule", help="A rule, in place of a subject.")] = None,
    as_of: Annotated[
        dt.datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="The day of the letters. Default: today.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that no Custodiet made.")] = False,
    register: RegisterOption = None,
) -> None:
    """Pack findings, citations, figures, method and letters into a zip that opens from disk."""
    from custodiet.exports.place import placing_file  # noqa: PLC0415 - no other verb needs it
    from custodiet.site.bundle import write_bundle  # noqa: PLC0415

    day = as_of.date() if as_of else dt.date.today()  # noqa: DTZ011 - the user's own day
    with open_register(register_path(register)) as opened, placing_file(out, force=force) as draft:
        draft.write_bytes(write_bundle(opened, as_of=day, subject=subject, rule=rule))
    note(f"Wrote {out}; unpack it and open index.html.")
