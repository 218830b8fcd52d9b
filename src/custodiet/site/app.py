"""The explorer as a web application: read-only, and one way to a page, its table of contents."""

import threading
from collections.abc import Sequence
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from custodiet.model.errors import CustodietError
from custodiet.site.files import File, list_files
from custodiet.site.guard import Guard
from custodiet.site.page import Page
from custodiet.site.pages import KINDS
from custodiet.site.render import STATIC, Renderer
from custodiet.site.search import find
from custodiet.site.site import Options, Site
from custodiet.store import open_register


class Reader:
    """Holds the site of the register at a path; a register that was built anew takes its place whole, between requests."""

    def __init__(self, path: Path, options: Options) -> None:
        self.path = path
        self.options = options
        self.lock = threading.Lock()
        self._seen = self._look()
        self._renderer, self._files = self._open()

    def _look(self) -> tuple[int, int, int]:
        found = self.path.stat()
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _open(self) -> tuple[Renderer, dict[str, File]]:
        site = Site(open_register(self.path), KINDS, self.options)
        _ = site.places
        return Renderer(site), list_files(site)

    def file(self, path: str) -> File | None:
        """Return the file at a path, of the register whose pages `renderer` writes."""
        return self._files.get(path)

    def renderer(self) -> Renderer:
        """Return what writes the pages of the newest register; one that can't be read leaves the last one in its place.

        Call it with the lock held: the old register is closed when the new one is open.
        """
        try:
            seen = self._look()
            if seen != self._seen:
                opened, before = self._open(), self._renderer
                (self._renderer, self._files), self._seen = opened, seen
                before.site.register.close()
        except (OSError, CustodietError):
            pass
        return self._renderer


def make_app(
    register: Path, options: Options | None = None, *, hosts: Sequence[str] = (), routes: Sequence[BaseRoute] = ()
) -> Starlette:
    """Return the application that serves the register at a path.

    Raises:
        RegisterError: there is none, or it can't be read.

    """
    reader = Reader(register, options or Options(is_served=True))

    def answer(path: str, query: str | None) -> Response:
        with reader.lock:
            renderer = reader.renderer()
            more = {"query": query, "hits": find(renderer.site, query)} if path == "search.html" and query is not None else {}
            found = renderer.site.places.get(path)
            if found is None and (file := reader.file(path)):
                return Response(file.write(), media_type=file.media_type)
            if found is None:
                return _fault(renderer, 404, f"There is no page {path[:100]!r} here; the search finds what there is.")
            return HTMLResponse(renderer.render(renderer.site.page(*found), more))

    def fault(sentence: str) -> Response:
        with reader.lock:
            return _fault(reader.renderer(), 500, sentence)

    async def page(request: Request) -> Response:
        path = request.path_params["path"]
        if path == "" or path.endswith("/"):
            path += "index.html"
        try:
            return await run_in_threadpool(answer, path, request.query_params.get("q"))
        except CustodietError as error:
            return await run_in_threadpool(fault, str(error))

    app = Starlette(
        routes=[
            Mount("/static", StaticFiles(directory=STATIC)),
            *routes,
            Route("/{path:path}", page, methods=["GET", "HEAD"]),
        ],
        middleware=[Middleware(Guard, hosts=tuple(hosts))],
    )
    app.state.reader = reader
    return app


def _fault(renderer: Renderer, status: int, sentence: str) -> Response:
    title = "No such page" if status == 404 else "This page can't be made"
    page = Page("fault.html", title, "fault.html", {"sentence": sentence})
    return HTMLResponse(renderer.render(page), status)
