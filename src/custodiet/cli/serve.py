"""`custodiet serve`."""

from pathlib import Path
from typing import Annotated

import typer

from custodiet.cli.output import RegisterOption, note
from custodiet.register.settings import register_path

RepliesOption = Annotated[
    Path | None, typer.Option("--replies", help="A folder of replies and corrections, one dated YAML file each.")
]


def serve(
    host: Annotated[
        str,
        typer.Option("--host", help="The address to answer at. Other machines reach it only if this is not a loopback's."),
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="The port; 0 takes any that is free.")] = 8420,
    audits: Annotated[Path | None, typer.Option("--audits", help="A folder of audits that `custodiet audit` wrote.")] = None,
    benches: Annotated[
        Path | None, typer.Option("--benches", help="A folder of reports that `custodiet bench` wrote.")
    ] = None,
    replies: RepliesOption = None,
    name: Annotated[
        list[str] | None,
        typer.Option("--name", help="A further host name to answer under; give it several times for several."),
    ] = None,
    register: RegisterOption = None,
) -> None:
    """Open the explorer on this machine: the register as pages, read-only, until you press Ctrl-C."""
    from custodiet.site.replies import read_replies  # noqa: PLC0415 - no other verb needs a server
    from custodiet.site.serve import listen, run  # noqa: PLC0415
    from custodiet.site.site import Options  # noqa: PLC0415

    read_replies(replies)
    options = Options(is_served=True, audits=audits, benches=benches, replies=replies)
    with listen(host, port) as socket:
        shown = f"[{host}]" if ":" in host else host
        address = f"http://{shown}:{socket.getsockname()[1]}/"
        run(
            register_path(register),
            socket,
            options,
            (host, *(name or ())),
            lambda: note(f"The explorer is open at {address}"),
        )
