"""`custodiet publish`."""

from pathlib import Path
from typing import Annotated

import typer

from custodiet.cli.output import RegisterOption, note, tell_steps
from custodiet.cli.serve import RepliesOption
from custodiet.register.settings import register_path


def publish(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder, empty or of an earlier publication.")],
    base_url: Annotated[
        str, typer.Option("--base-url", help="Where the site will be on the web; permalinks and feeds carry it.")
    ] = "",
    replies: RepliesOption = None,
    jobs: Annotated[int | None, typer.Option("--jobs", min=1, help="Processes. Default: one a core.")] = None,
    register: RegisterOption = None,
) -> None:
    """Write the explorer as static files for any host, with a search index. What has not changed stays as it is."""
    from custodiet.site.publish import publish as write  # noqa: PLC0415 - no other verb needs it
    from custodiet.site.site import Options  # noqa: PLC0415

    try:
        with tell_steps() as say:
            done = write(register_path(register), folder, Options(base_url=base_url, replies=replies), jobs=jobs, say=say)
    except KeyboardInterrupt:
        note(f"custodiet: stopped; {folder} holds a part of the site, and the next publication finishes it.")
        raise typer.Exit(130) from None
    took = f"{done.seconds['all']:.1f} s"
    note(f"{done.files:,} files in {folder}: {done.written:,} written, {done.removed:,} taken away ({took}).")
