"""`custodiet audit`."""

from pathlib import Path
from typing import Annotated

import typer

from custodiet.cli.output import JsonOption, print_json


def audit(
    files: Annotated[list[Path], typer.Argument(help="Released logs: CSV, XLSX, PDF with text, or zips of these.")],
    producer: Annotated[str | None, typer.Option("--producer", help='Whose log it is, such as "Town WA PD".')] = None,
    jurisdiction: Annotated[str | None, typer.Option("--jurisdiction", help="Whose law applies, such as us-wa.")] = None,
    time_zone: Annotated[
        str | None, typer.Option("--time-zone", help="The agency's own, such as America/Los_Angeles.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Measure released query logs of plate readers, and check them against law and policy, exposing nobody."""
    from custodiet.access_log.integrity import check_integrity
    from custodiet.access_log.key import load_key
    from custodiet.access_log.log import Options, open_log
    from custodiet.access_log.measures import measure

    key = load_key(None)
    with open_log(files, key, Options(producer=producer, jurisdiction=jurisdiction, time_zone=time_zone)) as log:
        result = {"measures": [m.as_record() for m in measure(log)], "findings": [], "integrity": check_integrity(log)}
    print_json(result)
