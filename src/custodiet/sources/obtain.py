"""Find a release's file: in a mirror folder, in the cache of earlier downloads, or at its official URL."""

import contextlib
import hashlib
import os
import socket
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies

from custodiet.model.errors import InputError
from custodiet.sources.spec import Release
from custodiet.sources.tables import FILE_LIMIT, read_bytes

if TYPE_CHECKING:
    import httpx

UNREACHABLE = "can't be reached (no network, or a name that does not resolve)"

# Seconds to wait for a host's name and for its first word, for more of a file that has begun, and for a file as a whole.
# Without a network the build must still end soon, so a host that fails once is not asked again.
NAME_SECONDS = 4.0
CONNECT_SECONDS = 4.0
SILENCE_SECONDS = 6.0
FILE_SECONDS = 60.0
ATTEMPTS = 2


@dataclass(frozen=True)
class Obtained:
    """A release's bytes, or the reason why there are none. `matches` tells whether they are the pinned ones."""

    content: bytes | None
    shown: str
    why_missing: str | None = None
    sha256: str | None = None
    matches: bool = False


class Finder:
    """Finds the files of releases; remembers which hosts did not answer, so that each is tried once.

    A user's own releases lie in the folder `own`, which neither a mirror nor the network replaces.
    With a mirror the network is never touched. A folder that the mirror lacks is a missing source; a file
    that its folder lacks is an error, because then the mirror itself is damaged.
    """

    def __init__(self, mirror: Path | None, cache: Path, *, offline: bool = False, own: Path | None = None) -> None:
        self._mirror = mirror
        self._own = own
        self._cache = cache
        self._offline = offline
        self._unreachable: dict[str, str] = {}

    def find(self, release: Release) -> Obtained:
        """Return the bytes of a release, or why it is missing."""
        shown = f"{release.folder}/{release.file}"
        if release.is_own and self._own is not None:
            return _obtained(read_bytes(self._own / release.folder / release.file, shown), shown, release)
        if self._mirror is not None:
            folder = self._mirror / release.folder
            if not folder.is_dir():
                return Obtained(None, shown, f"the mirror has no folder {release.folder}")
            return _obtained(read_bytes(folder / release.file, shown), shown, release)
        cached = cached_file(self._cache, release)
        if cached.is_file():
            found = _obtained(read_bytes(cached, shown), shown, release)
            if found.matches:
                return found
        if release.url is None:
            return Obtained(None, shown, "no official address gives this file; put it into a mirror")
        if self._offline:
            return Obtained(None, shown, "not downloaded yet, and the build is offline")
        return self._download(release, shown, cached)

    def _download(self, release: Release, shown: str, cached: Path) -> Obtained:
        assert release.url is not None
        host = urlsplit(release.url).netloc
        if host in self._unreachable:
            return Obtained(None, shown, self._unreachable[host])
        content, problem, is_host = _get(release.url)
        if content is None:
            why = f"{host} {problem}"
            if is_host:
                self._unreachable[host] = why
            return Obtained(None, shown, why)
        found = _obtained(content, f"{release.url}", release)
        if found.matches:
            # A cache that can't be written costs a download next time, and nothing else.
            with contextlib.suppress(OSError):
                write_whole(cached, content)
        return found


def cached_file(cache: Path, release: Release) -> Path:
    """Return where the file of a pinned release is kept once it is at hand."""
    return cache / release.sha256 / release.file


def _get(url: str) -> tuple[bytes | None, str, bool]:
    """Return the body at a URL, or None, what happened, and whether the whole host is to blame."""
    import httpx  # noqa: PLC0415 - most builds read a mirror and never need it
    import stamina  # noqa: PLC0415
    import stamina.instrumentation  # noqa: PLC0415

    # A retry is nobody's business; what comes of it is said in one line.
    stamina.instrumentation.set_on_retry_hooks([])
    if not getproxies() and not _has_name(urlsplit(url).hostname or ""):
        return None, UNREACHABLE, True

    def is_passing(error: Exception) -> bool:
        if isinstance(error, httpx.HTTPStatusError):
            return error.response.status_code == 429 or error.response.status_code >= 500
        return isinstance(error, httpx.ReadError | httpx.RemoteProtocolError)

    try:
        with httpx.Client(timeout=httpx.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS), follow_redirects=True) as client:
            for attempt in stamina.retry_context(on=is_passing, attempts=ATTEMPTS, wait_initial=0.5, wait_max=2.0):
                with attempt:
                    return _read_body(client, url)
        raise AssertionError("the last attempt returns or raises")
    except httpx.HTTPStatusError as error:
        return None, f"answered {error.response.status_code} for {url}", False
    except (httpx.ConnectError, httpx.ConnectTimeout):
        return None, UNREACHABLE, True
    except httpx.TimeoutException:
        return None, "does not answer", True
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return None, f"failed for {url} ({type(error).__name__})", False
    except (ImportError, ValueError) as error:
        return None, f"can't be reached: the proxy that the environment names is of no use ({_first_line(error)})", True


def _read_body(client: "httpx.Client", url: str) -> tuple[bytes | None, str, bool]:
    deadline = time.monotonic() + FILE_SECONDS
    parts: list[bytes] = []
    size = 0
    with client.stream("GET", url) as response:
        response.raise_for_status()
        for part in response.iter_bytes():
            size += len(part)
            if size > FILE_LIMIT:
                return None, f"sent more than {FILE_LIMIT:,} bytes for {url}", False
            if time.monotonic() > deadline:
                return None, f"took longer than {FILE_SECONDS:.0f} seconds for {url}", True
            parts.append(part)
    return b"".join(parts), "", False


def _has_name(host: str) -> bool:
    """Tell whether a host's name resolves; a resolver that never answers counts as a no."""
    found: list[bool] = []

    def look_up() -> None:
        try:
            socket.getaddrinfo(host, None)
        except OSError:
            found.append(False)
        else:
            found.append(True)

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(NAME_SECONDS)
    return found == [True]


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


def _obtained(content: bytes, shown: str, release: Release) -> Obtained:
    digest = hashlib.sha256(content).hexdigest()
    return Obtained(content, shown, None, digest, digest == release.sha256)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def refuse_changed(found: Obtained, release: Release) -> None:
    """Refuse a file that reads well and still isn't the published one.

    Raises:
        InputError: the file's hash is not the pinned one.

    """
    if not found.matches and release.is_own:
        raise InputError(
            f"{found.shown}: changed since it was added; `custodiet add --remove {release.release}`, and add the file anew."
        )
    if not found.matches:
        raise InputError(
            f"{found.shown}: not the file that was published (sha256 {(found.sha256 or '')[:12]}…, pinned "
            f"{release.sha256[:12]}…); fetch it anew, or pin a reissue in the source's source.yml."
        )
