"""`custodiet export`."""

from pathlib import Path
from typing import Annotated, cast

import typer

from custodiet.cli.output import AgencyOption, RegisterOption, note, tell_steps
from custodiet.register.settings import register_path
from custodiet.store import open_register


def export(
    format: Annotated[  # noqa: A002 - the word of the command line
        str, typer.Option("--format", help="csv, xlsx, parquet, jsonl, sqlite, ocds or ftm.")
    ],
    out: Annotated[Path, typer.Option("--out", help="A folder for csv, jsonl and parquet; else a file.")],
    agency: AgencyOption = None,
    tables: Annotated[
        str | None,
        typer.Option(
            "--tables", help="Only these tables of docs/register.md, such as use_cases,findings. Not for ocds and ftm."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there, whatever it is.")] = False,
    register: RegisterOption = None,
) -> None:
    """Write the register, or an agency's part of it, for other tools: spreadsheets, Datasette, OCDS, FollowTheMoney."""
    from custodiet.exports.export import Format  # noqa: PLC0415 - no other verb needs it
    from custodiet.exports.export import export as write  # noqa: PLC0415

    names = tuple(name.strip() for name in (tables or "").split(",") if name.strip())
    try:
        with tell_steps() as tell, open_register(register_path(register)) as opened:
            tell(f"Writing {out}")
            done = write(opened, out, format=cast(Format, format), tables=names, agency=agency, force=force)
    except KeyboardInterrupt:
        note(f"custodiet: stopped; nothing was written to {out}.")
        raise typer.Exit(130) from None
    what = f"{done.tables} tables of {done.records:,} rows" if done.tables else f"{done.records:,} records"
    note(f"Wrote {what} to {done.path}.")
    if done.cuts:
        note(
            f"{done.cuts:,} cells are longer than a workbook's cell may be; each is cut, and says so. "
            "csv and parquet have them whole."
        )
