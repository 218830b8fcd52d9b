"""Run the explorer on a socket until somebody stops it."""

import ipaddress
import signal
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from custodiet.model.errors import InputError
from custodiet.site.app import make_app
from custodiet.site.site import Options
from custodiet.site.uploads import Uploads

# Seconds that a request under way gets when the server is stopped.
GRACE = 2


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens at an address.

    Raises:
        InputError: the address is not this machine's, or the port is taken.

    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.create_server(found[4][:2], family=found[0])
        # asyncio does this only where a socket names its protocol, and this one does not. Without it the second part of each
        # answer waits for the reader's word that the first has come: 40 ms a page.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        raise InputError(
            f"{host}, port {port}: can't be listened at ({error.strerror}); choose another with --port."
        ) from None
    return listening


def run(register: Path, listening: socket.socket, options: Options, hosts: Sequence[str], ready: Callable[[], None]) -> None:
    """Serve a register on a socket until Ctrl-C; `ready` is called when the first page can be asked for.

    Raises:
        RegisterError: there is no register, or it can't be read.

    """
    import uvicorn  # noqa: PLC0415 - loads slowly

    # A log goes to the machine that it lies on, and to no other.
    uploads = Uploads(options.audits) if ipaddress.ip_address(listening.getsockname()[0]).is_loopback else None
    app = make_app(register, options, hosts=[f"[{host}]" if ":" in host else host for host in hosts], uploads=uploads)
    config = uvicorn.Config(
        app,
        log_level="warning",
        server_header=False,
        # The one parser of the two that bounds a request's head, whatever else is installed; and no sockets of another kind.
        http="h11",
        ws="none",
        date_header=False,
        h11_max_incomplete_event_size=16_384,
        limit_concurrency=64,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=GRACE,
        lifespan="off",
        proxy_headers=False,
    )
    # uvicorn gives a signal back to whom it was for before; by leaving, and not by dying, what is ours is taken away.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    app.state.reader.warm()
    ready()
    threading.Thread(target=app.state.reader.write_ahead, daemon=True).start()
    try:
        uvicorn.Server(config).run(sockets=[listening])
    finally:
        app.state.reader.close()
        if uploads:
            uploads.close()
