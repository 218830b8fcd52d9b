"""`custodiet fetch`."""

import datetime as dt
from typing import Annotated

import typer

from custodiet.cli.add import DAY, ReleasesOption, print_releases
from custodiet.cli.output import JsonOption, console, note, print_json, tell_steps
from custodiet.model.errors import QuestionError
from custodiet.model.text import echo
from custodiet.register import settings

# What ends sooner shows no progress.
QUIET_SECONDS = 2.0


def _known_source(source: str) -> str:
    from custodiet.sources.spec import read_specs  # noqa: PLC0415 - other verbs need none of it

    known = sorted(spec.id for spec, _ in read_specs() if spec.api)
    if source not in known:
        raise QuestionError(f"There is nothing to fetch from {echo(source)}; fetch from {', '.join(known)}.")
    return source


def fetch(
    source: Annotated[
        str,
        typer.Argument(
            help="usaspending, federal-register or sam-opportunities.",
            # First of all: what else must be said depends on it.
            callback=_known_source,
            is_eager=True,
        ),
    ],
    since: Annotated[dt.datetime, typer.Option("--since", help="The first day.", formats=[DAY])],
    until: Annotated[dt.datetime | None, typer.Option("--until", help="The last day. Default: today.", formats=[DAY])] = None,
    agency: Annotated[
        str | None, typer.Option("--agency", help="A bureau such as ICE, or its name as the source has it.")
    ] = None,
    bulk: Annotated[
        bool, typer.Option("--bulk", help="USAspending: let the site make downloads, one a fiscal year.")
    ] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew, whatever a fetch that was stopped has left.")] = False,
    pause: Annotated[
        float | None, typer.Option("--pause", help="Seconds between two requests. Default: CUSTODIET_PAUSE, or 0.5.")
    ] = None,
    releases: ReleasesOption = None,
    json: JsonOption = False,
) -> None:
    """Fetch a time from a publisher's interface, prove it whole by the publisher's count, and keep it for `build`."""
    from custodiet.register import own  # noqa: PLC0415 - other verbs need none of it
    from custodiet.sources.bureaus import bureau_names, find_office, is_office  # noqa: PLC0415
    from custodiet.sources.fetch.client import PAUSE, Client  # noqa: PLC0415
    from custodiet.sources.fetch.run import fetch_downloads, fetch_pages  # noqa: PLC0415
    from custodiet.sources.spec import Query, read_specs  # noqa: PLC0415

    specs = read_specs()
    interfaces = {spec.id: spec.api for spec, _ in specs if spec.api}
    if bulk and source != "usaspending":
        raise QuestionError("Only USAspending makes downloads; leave `--bulk` out.")
    if source == "usaspending" and agency is None:
        raise QuestionError("Say whose contracts to fetch, such as `--agency ICE`.")
    if source == "usaspending" and agency and not is_office(agency):
        raise QuestionError(
            f"{echo(agency)} is no bureau that is known; name one of {', '.join(bureau_names())}, or give its whole name as "
            "USAspending has it."
        )
    first, last = since.date(), (until or dt.datetime.now(dt.UTC)).date()
    if last < first:
        raise QuestionError(f"The time from {first} to {last} ends before it begins.")
    query = Query(agency=find_office(agency).short if agency else None, since=first, until=last)
    folder = settings.releases_path(releases)
    secrets = {"api_key": settings.interface_key()} if source == "sam-opportunities" else None
    address = settings.interface_address(source, interfaces[source] or "")
    try:
        with (
            tell_steps(quiet_seconds=QUIET_SECONDS) as progress,
            Client(address, pause=settings.pause_seconds(pause, PAUSE), secrets=secrets) as client,
        ):
            if bulk:
                names = fetch_downloads(query, client, folder, specs, fresh=fresh, progress=progress)
            else:
                names = [fetch_pages(source, query, client, folder, specs, fresh=fresh, progress=progress)]
            requests = client.requests
    except KeyboardInterrupt:
        note("custodiet: stopped; the same command goes on from here.")
        raise typer.Exit(130) from None
    found = [release for release in own.describe(folder) if release["release"] in names]
    if json:
        print_json({"requests": requests, "releases": found})
        return
    print_releases(found, "Fetched")
    console().print(f"\n{requests:,} requests. Run `custodiet build` to read it into the register.")
