"""The addresses of audits and benches: lists, one run, its files, and on the own machine the upload of a log.

They are no pages of the register, so they are never published; the server alone has them.
"""

import asyncio
import contextlib
import hashlib
import hmac
import ipaddress
import secrets
import shutil
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Message

from custodiet.model.errors import CustodietError
from custodiet.site.links import FAULT
from custodiet.site.page import Page
from custodiet.site.runs import AUDIT, BENCH, FILES, Run, list_runs
from custodiet.site.uploads import BUSY, ENDED, UPLOAD_LIMIT, Uploads

Render = Callable[[Page, Mapping[str, Any]], str]
COOKIE = "custodiet-upload"
# A report has its own style in it. It may do nothing else, wherever it came from: no script, no form, no address.
REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'none'"
CHUNK = 1 << 20
FOLDERS = {AUDIT: "audits", BENCH: "benches"}
LOOK_AGAIN = 3
# Seconds in which a file must have come: it comes from the same machine.
PATIENCE = 600.0
# Seconds for which the rest of a form that is refused is still taken in: a browser that is cut off shows no answer.
REST = 30.0


class RunRoutes:
    """The routes of one server. Tokens are bound to its secret and to a browser's cookie, and die with it."""

    def __init__(
        self,
        render: Render,
        audits: Path | None,
        benches: Path | None,
        uploads: Uploads | None,
        *,
        limit: int = UPLOAD_LIMIT,
        patience: float = PATIENCE,
    ) -> None:
        self._render = render
        self._places = {AUDIT: uploads.audits if uploads else audits, BENCH: benches}
        self._uploads = uploads
        self._limit = limit
        self._patience = patience
        self._is_reading = False
        self._secret = secrets.token_bytes(32)

    def routes(self) -> list[BaseRoute]:
        """Return the routes, to stand before the pages of the register."""
        found: list[BaseRoute] = []
        for kind, folder in FOLDERS.items():
            found.append(Route(f"/{folder}/index.html", self._list_of(kind), methods=["GET", "HEAD"]))
            found.append(Route(f"/{folder}/", self._list_of(kind), methods=["GET", "HEAD"]))
        if self._uploads:
            found.append(Route("/audits/upload", self._upload, methods=["POST"]))
            found.append(Route("/audits/-/{key}", self._progress, methods=["GET", "HEAD"]))
        for kind, folder in FOLDERS.items():
            found.append(Route(f"/{folder}/{{name}}/index.html", self._one_of(kind), methods=["GET", "HEAD"]))
            found.append(Route(f"/{folder}/{{name}}/{{file}}", self._file_of(kind), methods=["GET", "HEAD"]))
        return found

    async def _page(self, page: Page, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        return HTMLResponse(await run_in_threadpool(self._render, page, {}), status, headers)

    async def _fault(self, sentence: str, status: int) -> Response:
        title = "No such page" if status == 404 else "This can't be done"
        return await self._page(Page(FAULT, title, "fault.html", {"sentence": sentence}), status)

    def _list_of(self, kind: str) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            runs = await run_in_threadpool(list_runs, self._places[kind], kind)
            may_upload = kind == AUDIT and self._uploads is not None and _is_here(request)
            cookie = request.cookies.get(COOKIE) or secrets.token_urlsafe(24)
            title = "Audits of query logs" if kind == AUDIT else "Tests of systems by the bench"
            page = Page(
                f"{FOLDERS[kind]}/index.html", title, "runs.html",
                {"runs": list(runs.values()), "kind": kind, "token": self._token(cookie) if may_upload else "",
                 "is_kept": bool(self._uploads and self._uploads.is_kept), "limit": self._limit,
                 "has_folder": self._places[kind] is not None},
            )  # fmt: skip
            response = await self._page(page)
            if may_upload:
                response.set_cookie(COOKIE, cookie, httponly=True, samesite="strict", path="/audits/")
            return response

        return answer

    def _one_of(self, kind: str) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            run = await self._find(request, kind)
            if run is None:
                return await self._fault("There is no such run here.", 404)
            page = Page(f"{FOLDERS[kind]}/{run.name}/index.html", run.title, "run.html", {"run": run, "kind": kind})
            return await self._page(page)

        return answer

    def _file_of(self, kind: str) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            run, name = await self._find(request, kind), request.path_params["file"]
            if run is None or name not in run.files:
                return await self._fault("There is no such file here.", 404)
            content = await run_in_threadpool((run.folder / name).read_bytes)
            return Response(content, media_type=FILES[name], headers={"content-security-policy": REPORT_POLICY})

        return answer

    async def _find(self, request: Request, kind: str) -> Run | None:
        # Looked up in what the folder holds; what an address says is never made into a path.
        return (await run_in_threadpool(list_runs, self._places[kind], kind)).get(request.path_params["name"])

    def _token(self, cookie: str) -> str:
        return hmac.new(self._secret, cookie.encode(), hashlib.sha256).hexdigest()

    async def _upload(self, request: Request) -> Response:
        assert self._uploads
        refused = self._refuse(request)
        if refused:
            return await self._fault(refused, 403)
        length = request.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > self._limit:
            await _discard(request)
            return await self._fault(self._too_large(), 413)
        if self._is_reading or self._uploads.is_busy:
            # Said before the file is read: ten at once would fill a disk for nothing.
            await _discard(request)
            return await self._fault(BUSY, 409)
        self._is_reading = True
        try:
            async with asyncio.timeout(self._patience):
                return await self._read(request, int(length))
        except ClientDisconnect:
            # Nobody waits for this answer.
            return Response(status_code=400)
        except asyncio.CancelledError:
            # The server is stopped; that is no fault, and is not told as one.
            return Response(status_code=503)
        except TimeoutError:
            return await self._fault("The file did not come in time; try again.", 408)
        finally:
            self._is_reading = False

    async def _read(self, request: Request, length: int) -> Response:
        """Keep the file of a form in a place of its own, and start its audit."""
        assert self._uploads
        place = key = None
        try:
            limited = Request(request.scope, _counted(request, length))
            async with limited.form(max_files=1, max_fields=3, max_part_size=10_000) as form:
                token, file = form.get("token"), form.get("log")
                if not isinstance(token, str) or not hmac.compare_digest(
                    token.encode(), self._token(request.cookies.get(COOKIE, "")).encode()
                ):
                    return await self._fault("This form is not of this server; open the page anew and try again.", 403)
                if not isinstance(file, UploadFile) or not file.filename or not file.size:
                    return await self._fault("Choose the file of a log first.", 400)
                place = self._uploads.new_place(file.filename)
                with place.open("wb") as stream:
                    while chunk := await file.read(CHUNK):
                        await run_in_threadpool(stream.write, chunk)
                fields = {name: str(form.get(name) or "") for name in ("producer", "jurisdiction")}
                key = self._uploads.start(place, **fields)
        except CustodietError as error:
            return await self._fault(str(error), 400)
        except (MultiPartException, HTTPException):
            return await self._fault("The form can't be read; open the page anew and try again.", 400)
        except OSError as error:
            return await self._fault(f"The file can't be kept ({error.strerror}).", 507)
        finally:
            if key is None and place is not None:
                shutil.rmtree(place.parent, ignore_errors=True)
        return RedirectResponse(f"-/{key}", 303)

    def _refuse(self, request: Request) -> str | None:
        """Return why a request may not upload: it comes from elsewhere, or was sent by another site's page.

        A browser that hides the address of a page from others (`Referrer-Policy: no-referrer`) sends the origin "null" from
        our own forms too; then `Sec-Fetch-Site`, which no page can set, must say that it was ours.
        """
        if not _is_here(request):
            return "A log is uploaded on the own machine only."
        site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
        ours = f"{request.url.scheme}://{request.headers.get('host', '')}"
        is_ours = site == "same-origin" if site is not None else origin == ours
        if not is_ours or origin not in (ours, "null", None):
            return "This form was sent by another site's page, so it is not read."
        return None

    def _too_large(self) -> str:
        return (
            f"An upload says its length, and has up to {self._limit:,} bytes; audit a larger log with `custodiet audit FILE`."
        )

    async def _progress(self, request: Request) -> Response:
        assert self._uploads
        job = self._uploads.jobs.get(request.path_params["key"])
        if job is None:
            return await self._fault("There is no such audit here.", 404)
        if job.state == "done":
            return RedirectResponse(f"../{job.result}/index.html", 303)
        page = Page("audits/-/index.html", f"Audit of {job.name}", "running.html", {"job": job})
        return await self._page(page, headers={} if job.state in ENDED else {"refresh": str(LOOK_AGAIN)})


def _is_here(request: Request) -> bool:
    """Tell whether a request comes from this machine."""
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


async def _discard(request: Request) -> None:
    """Take in what is left of a request, for a while."""
    with contextlib.suppress(TimeoutError, ClientDisconnect):
        async with asyncio.timeout(REST):
            async for _ in request.stream():
                pass


def _counted(request: Request, length: int) -> Callable[[], Awaitable[Message]]:
    """Return what receives a body, and no more of it than it said that it would be."""
    seen = 0

    async def receive() -> Message:
        nonlocal seen
        message = await request.receive()
        seen += len(message.get("body", b""))
        if seen > length:
            raise MultiPartException("longer than it said")
        return message

    return receive
