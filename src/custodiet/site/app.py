"""The explorer as a web application: read-only, and one way to a page, its table of contents."""

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from custodiet.model.errors import CustodietError
from custodiet.model.heap import loosen, settle
from custodiet.site.changes import snapshot
from custodiet.site.downloads import TABLE_FORMS, write_table
from custodiet.site.files import File, list_files
from custodiet.site.guard import Guard
from custodiet.site.links import FAULT
from custodiet.site.page import Page
from custodiet.site.pages import KINDS
from custodiet.site.pages.findings import CHOICE, choice_table, choose
from custodiet.site.render import STATIC, Renderer
from custodiet.site.run_routes import RunRoutes
from custodiet.site.search import find
from custodiet.site.site import Options, Site
from custodiet.site.uploads import Uploads
from custodiet.store import open_register
from custodiet.store.drafts import draft_beside

log = logging.getLogger(__name__)
# Pages that a server keeps as they were written; some 20 MB.
KEPT = 600
# The findings that somebody chose, as files.
CHOICE_TABLES = {f"{CHOICE.removesuffix('.html')}.{form}": form for form in TABLE_FORMS}
# Seconds without a request after which a server writes ahead again.
QUIET = 0.2
# Kinds of few pages that rest on the most records: they are written before a server answers.
HEAVIEST = ("front", "matrix", "system", "stack")
# Kinds of pages that are written ahead afterwards.
AHEAD = ("vendor", "feed", "authority")


class Reader:
    """Holds the site of the register at a path; a register that was built anew takes its place whole, between requests."""

    def __init__(self, path: Path, options: Options) -> None:
        self.path = path
        self.options = options
        self.lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._before: dict[str, Any] | None = None
        self._renderer: Renderer | None = None
        self._files: dict[str, File] = {}
        self._is_closed = False
        self._opened = 0
        # Pages of this register as they were written; what replies say may change meanwhile, so findings are not kept.
        self.written: dict[str, str] = {}
        # When somebody last asked for a page, by the monotonic clock.
        self.asked = 0.0
        if not path.is_file():
            open_register(path)
        self.renderer()

    def _look(self) -> tuple[int, int, int]:
        found = self.path.stat()
        return found.st_ino, found.st_mtime_ns, found.st_size

    def file(self, path: str) -> File | None:
        """Return the file at a path, of the register whose pages `renderer` writes."""
        return self._files.get(path)

    def keep(self, path: str, html: str) -> None:
        """Keep a page for the next who asks; of many, the newest."""
        if not path.startswith("findings/"):
            self.written[path] = html
            if len(self.written) > KEPT:
                del self.written[next(iter(self.written))]

    def warm(self) -> None:
        """Write the first page of each kind, and all of the heaviest: templates and packs are at hand for the others then."""
        with self.lock:
            renderer = self.renderer()
            for kind, pages in renderer.site.contents.items():
                for key, path in list(pages.items())[: None if kind in HEAVIEST else 1]:
                    try:
                        self.keep(path, renderer.render(renderer.site.page(kind, key)))
                    except Exception:
                        # Whoever asks for it is told so; the other pages are served.
                        log.exception("%s: this page failed", path)
        settle()
        # Whoever waited for the server comes first.
        self.asked = time.monotonic()

    def write_ahead(self) -> None:
        """Write the few pages that rest on the most records before somebody asks for them, and while nobody else does."""
        with self.lock:
            contents = self.renderer().site.contents
        for kind, key in [(each, key) for each in AHEAD for key in contents[each]]:
            while time.monotonic() - self.asked < QUIET and not self._is_closed:
                time.sleep(QUIET / 4)
            with self.lock:
                if self._is_closed:
                    return
                renderer = self.renderer()
                path = renderer.site.path(kind, key)
                # A vendor of the catalogue has its claims and its chain of evidence; the thousands of others are light.
                if path and path not in self.written and (kind != "vendor" or key in renderer.site.slugs):
                    self.keep(path, renderer.render(renderer.site.page(kind, key)))

    def _open(self, path: Path) -> Renderer:
        register = open_register(path)
        register.path = self.path
        try:
            site = Site(register, KINDS, replace(self.options, before=self._before))
            _ = site.places
        except CustodietError:
            register.close()
            raise
        return Renderer(site)

    def _open_beside(self) -> Renderer:
        """Open the new register while the old one is open.

        DuckDB gives a second connection to one path the file that it has open, even when another has taken its place, and
        it sees through symbolic links. Under a name of its own, the new file is another. No name serves twice: the register
        that is still open was opened under the last one.
        """
        loosen()
        self._opened += 1
        name = draft_beside(self.path, f"reading-{self._opened}")
        name.unlink(missing_ok=True)
        name.hardlink_to(self.path)
        try:
            return self._open(name)
        finally:
            name.unlink(missing_ok=True)

    def renderer(self) -> Renderer:
        """Return what writes the pages of the newest register; one that can't be read leaves the last one in its place.

        Call it with the lock held: the old register is closed when the new one is open.

        Raises:
            RegisterError: no register could be read yet.

        """
        try:
            seen = self._look()
            if self._renderer is None:
                self._renderer, self._seen = self._open(self.path), seen
                self._files = list_files(self._renderer.site)
            elif seen != self._seen:
                # Looked at once: one that can't be read is not tried again at each request.
                self._seen = seen
                old, kept = self._renderer, self._before
                # The new site says what changed since the one that is shown.
                self._before = snapshot(old.site)
                try:
                    opened = self._open_beside()
                except (OSError, CustodietError):
                    self._before = kept
                    raise
                self._renderer, self._files = opened, list_files(opened.site)
                self.written.clear()
                old.site.register.close()
        except (OSError, CustodietError):
            if self._renderer is None:
                raise
        return self._renderer

    def close(self) -> None:
        """Close the register; nothing is written ahead any more."""
        with self.lock:
            self._is_closed = True
            if self._renderer is not None:
                self._renderer.site.register.close()


def make_app(
    register: Path,
    options: Options | None = None,
    *,
    hosts: Sequence[str] = (),
    uploads: Uploads | None = None,
) -> Starlette:
    """Return the application that serves the register at a path; with `uploads`, logs can be audited through it.

    Raises:
        RegisterError: there is none, or it can't be read.

    """
    options = options or Options(is_served=True)
    reader = Reader(register, options)

    def render(page: Page, more: Mapping[str, Any]) -> str:
        with reader.lock:
            return reader.renderer().render(page, more)

    runs = RunRoutes(render, options.audits, options.benches, uploads)

    def answer(path: str, asked: Mapping[str, str]) -> Response:
        reader.asked = time.monotonic()
        with reader.lock:
            renderer = reader.renderer()
            more: Mapping[str, Any] = {}
            if path == "search.html" and "q" in asked:
                more = {"query": asked["q"], "hits": find(renderer.site, asked["q"])}
            elif path == CHOICE and asked:
                more = choose(renderer.site, asked)
            elif path in CHOICE_TABLES:
                form = CHOICE_TABLES[path]
                return Response(
                    write_table(choice_table(renderer.site, asked), form, "findings"), media_type=TABLE_FORMS[form]
                )
            if not more and path in reader.written:
                return HTMLResponse(reader.written[path])
            found = renderer.site.places.get(path)
            if found is None and (file := reader.file(path)):
                return Response(file.write(), media_type=file.media_type)
            if found is None:
                return _fault(renderer, 404, f"There is no page {path[:100]!r} here; the search finds what there is.")
            html = renderer.render(renderer.site.page(*found), more)
            if not more:
                reader.keep(path, html)
            return HTMLResponse(html)

    def fault(sentence: str) -> Response:
        with reader.lock:
            return _fault(reader.renderer(), 500, sentence)

    async def page(request: Request) -> Response:
        path = request.path_params["path"]
        if path == "" or path.endswith("/"):
            path += "index.html"
        try:
            return await run_in_threadpool(answer, path, dict(request.query_params))
        except CustodietError as error:
            return await run_in_threadpool(fault, str(error))
        except Exception:
            log.exception("%s: this page failed", path)
            return await run_in_threadpool(fault, "It failed, and that is a fault of Custodiet's; please report it.")

    app = Starlette(
        routes=[
            Mount("/static", StaticFiles(directory=STATIC)),
            *runs.routes(),
            Route("/{path:path}", page, methods=["GET", "HEAD"]),
        ],
        middleware=[Middleware(Guard, hosts=tuple(hosts))],
    )
    app.state.reader = reader
    return app


def _fault(renderer: Renderer, status: int, sentence: str) -> Response:
    title = "No such page" if status == 404 else "This page can't be made"
    page = Page(FAULT, title, "fault.html", {"sentence": sentence})
    return HTMLResponse(renderer.render(page), status)
