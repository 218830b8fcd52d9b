"""Ask a publisher's interface politely: one request at a time, with a pause, and again where a fault may pass."""

import contextlib
import datetime as dt
import json
import logging
import random
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import httpx
import stamina
import stamina.instrumentation

from custodiet.model.errors import FetchError
from custodiet.sources.tables import FILE_LIMIT

# Seconds between two requests, unless a setting says otherwise, and seconds to wait for an answer to begin or to go on.
PAUSE = 0.5
SILENCE_SECONDS = 60.0
CONNECT_SECONDS = 10.0
ATTEMPTS = 6
FIRST_WAIT = 1.0
LONGEST_WAIT = 30.0
# A server that asks for more patience than this is left alone: whoever fetches can come back.
PATIENCE_SECONDS = 300.0
PAGE_LIMIT = 50_000_000
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Client:
    """Requests to one interface. `secrets` are parameters that go along with each, and into no sentence, log or file."""

    def __init__(self, base: str, *, pause: float = PAUSE, secrets: Mapping[str, str] | None = None) -> None:
        parts = urlsplit(base)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise FetchError(f"{base!r} is no address of an interface; give one such as https://api.usaspending.gov.")
        if secrets and parts.scheme != "https" and parts.hostname not in LOOPBACK:
            raise FetchError(f"{parts.hostname}: a key is not sent over plain http; give an https address.")
        self.base = base.rstrip("/")
        self.host = parts.hostname
        self.requests = 0
        self._pause = pause
        self._secrets = dict(secrets or {})
        self._ready = 0.0
        self._has_answered = False
        # A retry is nobody's business, and httpx would log each address with what is secret in it.
        stamina.instrumentation.set_on_retry_hooks([])
        logging.getLogger("httpx").setLevel(logging.WARNING)
        try:
            self._http = httpx.Client(
                timeout=httpx.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS),
                headers={"User-Agent": f"custodiet/{version('custodiet')}", "Accept": "application/json, */*;q=0.5"},
            )
        except (ImportError, ValueError, httpx.InvalidURL):
            raise FetchError("The proxy that the environment names is of no use; mend or unset it.") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return the JSON object at a path.

        Raises:
            FetchError: no answer after several attempts, a refusal, or no JSON object.

        """
        return self._ask("GET", path, params={**parameters, **self._secrets})

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the JSON object that answers a JSON body."""
        return self._ask("POST", path, json=body)

    def _ask(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        def ask() -> dict[str, Any]:
            with self._http.stream(method, f"{self.base}{path}", **arguments) as response:
                self._check(response, path)
                kind = response.headers.get("Content-Type", "nothing").partition(";")[0].strip()
                if not kind.endswith("json"):
                    raise FetchError(f"{self.host}{path} answered with {kind} where JSON is due; try again later.")
                content = self._read(response, path, PAGE_LIMIT)
            try:
                found = json.loads(content)
            except (ValueError, RecursionError):
                raise FetchError(f"{self.host}{path} answered with what is no JSON; try again later.") from None
            if not isinstance(found, dict):
                raise FetchError(f"{self.host}{path} answered with no object; its interface may have changed.")
            return found

        found: dict[str, Any] = self._try(ask, path)
        return found

    def download(self, address: str, place: Path) -> int:
        """Write the file at an address (of the interface's own site) to `place`, and return its bytes.

        Raises:
            FetchError: another site, no answer after several attempts, a body that is cut off, or one that is too large.

        """
        url = urljoin(f"{self.base}/", address)
        host = urlsplit(url).hostname or ""
        site = ".".join(self.host.split(".")[-2:])
        is_named = not self.host.rpartition(".")[2].isdigit() and self.host not in LOOPBACK
        if host != self.host and not (is_named and host.endswith(f".{site}")):
            raise FetchError(f"{self.host} sends its file from another site, {host!r}; it is not fetched.")

        def load() -> int:
            with self._http.stream("GET", url) as response:
                self._check(response, urlsplit(url).path)
                content = self._read(response, urlsplit(url).path, FILE_LIMIT)
            place.write_bytes(content)
            return len(content)

        size: int = self._try(load, urlsplit(url).path)
        return size

    def _try(self, ask: Any, path: str) -> Any:
        try:
            for attempt in stamina.retry_context(
                on=self._may_pass, attempts=ATTEMPTS, timeout=None, wait_initial=FIRST_WAIT, wait_max=LONGEST_WAIT,
                wait_jitter=FIRST_WAIT,
            ):  # fmt: skip
                with attempt:
                    self._wait()
                    return ask()
        except httpx.HTTPStatusError as error:
            raise self._refusal(error.response, path) from None
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise FetchError(
                f"{self.host} can't be reached; check the network, and fetch again: what is there is kept."
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise FetchError(
                f"{self.host}{path} broke off {ATTEMPTS} times ({type(error).__name__}); fetch again: what is there is kept."
            ) from None
        raise AssertionError("the last attempt returns or raises")

    def _wait(self) -> None:
        if (rest := self._ready - time.monotonic()) > 0:
            time.sleep(rest)
        # Not to the beat: many who fetch at once should not ask at once.
        self._ready = time.monotonic() + self._pause * random.uniform(0.9, 1.1)  # noqa: S311
        self.requests += 1

    def _may_pass(self, error: Exception) -> bool:
        if isinstance(error, httpx.HTTPStatusError):
            status = error.response.status_code
            if status in {429, 503}:
                asked = _seconds(error.response.headers.get("Retry-After"))
                if asked > PATIENCE_SECONDS:
                    return False
                self._ready = max(self._ready, time.monotonic() + asked)
            return status == 429 or status >= 500
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
            # A host that never answered will not do so in a minute; one that did may be back.
            return self._has_answered
        return isinstance(error, httpx.TransportError)

    def _check(self, response: httpx.Response, path: str) -> None:
        self._has_answered = True
        if response.is_redirect:
            raise FetchError(f"{self.host}{path} has moved; its interface may have changed.")
        response.raise_for_status()

    def _read(self, response: httpx.Response, path: str, limit: int) -> bytes:
        parts = []
        size = 0
        for part in response.iter_bytes():
            size += len(part)
            if size > limit:
                raise FetchError(f"{self.host}{path} sent more than {limit:,} bytes; ask for less time.")
            parts.append(part)
        return b"".join(parts)

    def _refusal(self, response: httpx.Response, path: str) -> FetchError:
        status = response.status_code
        if status == 404:
            return NothingThereError(f"{self.host}{path} answered 404: there is nothing there.")
        if status in (401, 403):
            return FetchError(f"{self.host}{path} answered {status}: it wants another key, or none of your requests.")
        if status == 429:
            return FetchError(
                f"{self.host} answers no more requests for now (429); fetch again later: what is there is kept."
            )
        if status >= 500:
            return FetchError(
                f"{self.host}{path} answered {status} {ATTEMPTS} times; fetch again later: what is there is kept."
            )
        return FetchError(
            f"{self.host}{path} answered {status}: it does not understand the request; its interface may have changed."
        )


class NothingThereError(FetchError):
    """The interface answered 404, by which some say that a question has no answer."""


def _seconds(header: str | None) -> float:
    """Return the seconds of a `Retry-After`, which may be a number or a date; what can't be read is no reason to wait."""
    if header is None:
        return 0.0
    with contextlib.suppress(ValueError):
        return max(0.0, float(header))
    with contextlib.suppress(TypeError, ValueError):
        return max(0.0, (parsedate_to_datetime(header) - dt.datetime.now(dt.UTC)).total_seconds())
    return 0.0
