"""`custodiet add`."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from custodiet.cli.output import JsonOption, console, print_json, print_table
from custodiet.model.errors import QuestionError
from custodiet.register.settings import releases_path

ReleasesOption = Annotated[
    Path | None,
    typer.Option(
        "--releases", help="The folder of your own releases. Default: CUSTODIET_RELEASES, or one in your data folder."
    ),
]
DAY = "%Y-%m-%d"


def add(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files that you downloaded: CSV, zip, JSON pages, or a folder of pages.")
    ] = None,
    agency: Annotated[
        str | None, typer.Option("--agency", help="Whose contracts you asked the site for, such as ICE.")
    ] = None,
    since: Annotated[
        dt.datetime | None, typer.Option("--since", help="From which day you asked for all.", formats=[DAY])
    ] = None,
    until: Annotated[
        dt.datetime | None, typer.Option("--until", help="To which day you asked for all.", formats=[DAY])
    ] = None,
    retrieved: Annotated[
        dt.datetime | None,
        typer.Option("--retrieved", help="When you downloaded it. Default: the day in its name, or its date.", formats=[DAY]),
    ] = None,
    show: Annotated[bool, typer.Option("--list", help="List your own releases.")] = False,
    remove: Annotated[list[str] | None, typer.Option("--remove", help="Remove a release of yours.")] = None,
    releases: ReleasesOption = None,
    json: JsonOption = False,
) -> None:
    """Add files that you downloaded; say what you asked the site for, and they can show that a year is whole."""
    from custodiet.register import own  # noqa: PLC0415 - it loads every reader

    folder = releases_path(releases)
    if sum((bool(files), show, bool(remove))) != 1:
        raise QuestionError("Name files to add, or give `--list` or `--remove RELEASE`.")
    if remove:
        removed = own.remove(folder, remove)
        if json:
            print_json({"removed": removed})
        else:
            console().print(f"Removed {', '.join(removed)}. Run `custodiet build`.", soft_wrap=True)
        return
    if files:
        query = own.as_query(agency, since.date() if since else None, until.date() if until else None)
        found = [own.add(folder, path, query=query, retrieved=retrieved.date() if retrieved else None) for path in files]
    else:
        found = own.describe(folder)
    if json:
        print_json(found)
        return
    print_releases(found, "Your releases")
    if files and any(release["new"] for release in found):
        console().print("\nRun `custodiet build` to read them into the register.")


def print_releases(found: list[dict[str, Any]], title: str) -> None:
    """Print own releases as a table."""
    print_table(
        found, title,
        [("release", lambda r: r["release"]), ("form", lambda r: r["form"]), ("rows", lambda r: f"{r['rows']:,}"),
         ("retrieved", lambda r: r["retrieved"][:10]), ("asked for", _asked),
         ("completeness", lambda r: r["completeness"]), ("why", lambda r: r["completeness_reason"]),
         ("", lambda r: ("added" if r["new"] else "there already") if "new" in r else "")],
    )  # fmt: skip


def _asked(release: Mapping[str, Any]) -> str:
    query = release["query"]
    return f"{query['agency'] or 'all'}, {query['since']} to {query['until']}" if query else "not known"
