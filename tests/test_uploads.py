"""Audits and benches in the explorer, and the upload of a log: who may, what is refused, and what stays."""

import asyncio
import io
import json
import re
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from custodiet.access_log.sample import make_sample
from custodiet.model.errors import InputError, QuestionError
from custodiet.site.guard import Guard
from custodiet.site.page import Page
from custodiet.site.pages import KINDS
from custodiet.site.render import Renderer
from custodiet.site.run_routes import COOKIE, RunRoutes
from custodiet.site.runs import list_runs
from custodiet.site.site import Options, Site
from custodiet.site.uploads import Uploads
from stacks import small_register

HOME = "http://127.0.0.1:8420"
SAME = {"origin": HOME, "sec-fetch-site": "same-origin"}
RESULT = {
    "about": {"producer": "Town <b>PD</b>", "jurisdiction": "us-wa", "k": 10}, "organisations": [],
    "measures": [{"id": "m", "title": "M", "state": "measured", "value": {"a": 1}, "n": 5, "interval": None, "why": None}],
    "integrity": {"warnings": []},
    "findings": [{"rule": "x", "title": "T", "outcome": "gap", "reason": "<script>alert(1)</script>", "does_not_show": "All.",
                  "unverified": True}],
    "manifest": {"files": [{"file": "log.csv", "sha256": "ab", "bytes": 5, "profile": "p"}]},
}  # fmt: skip


@pytest.fixture
def uploads(tmp_path: Path) -> Iterator[Uploads]:
    made = Uploads(tmp_path / "audits")
    yield made
    made.close()


def client(
    tmp_path: Path,
    uploads: Uploads | None,
    *,
    limit: int = 1_000_000,
    address: str = "127.0.0.1",
    patience: float = 60,
) -> TestClient:
    renderer = Renderer(Site(small_register(), KINDS, Options(is_served=True)))

    def render(page: Page, more: Any) -> str:
        return renderer.render(page, more)

    runs = RunRoutes(render, tmp_path / "audits", tmp_path / "benches", uploads, limit=limit, patience=patience)
    app = Starlette(routes=runs.routes(), middleware=[Middleware(Guard)])
    return TestClient(app, base_url=HOME, client=(address, 50_000), follow_redirects=False)


def token(browser: TestClient) -> str:
    page = browser.get("/audits/").text
    found = re.search(r'name="token" value="([0-9a-f]{64})"', page)
    assert found
    return found[1]


def send(browser: TestClient, *, headers: dict[str, str] = SAME, name: str = "log.csv", content: bytes = b"a,b\n1,2\n",
         given: str | None = None, **fields: str) -> Any:  # fmt: skip
    data = {"token": token(browser) if given is None else given, **fields}
    return browser.post("/audits/upload", data=data, files={"log": (name, content)}, headers=headers)


def leftovers(uploads: Uploads) -> list[Path]:
    return list(Path(uploads._own.name).glob("upload-*"))


def test_a_form_is_answered_only_with_the_token_of_its_cookie(
    tmp_path: Path, uploads: Uploads, monkeypatch: pytest.MonkeyPatch
):
    started: list[Path] = []

    def start(path: Path, **fields: str) -> str:
        started.append(path)
        return "key"

    monkeypatch.setattr(uploads, "start", start)
    browser = client(tmp_path, uploads)
    first = browser.get("/audits/")
    assert "samesite=strict" in first.headers["set-cookie"].lower()
    assert "httponly" in first.headers["set-cookie"].lower()
    assert send(browser, given="").status_code == 403
    assert send(browser, given="0" * 64).status_code == 403
    assert send(browser, given="\u00e9").status_code == 403
    stolen = token(browser)
    other = client(tmp_path, uploads)
    other.cookies.set(COOKIE, "mine")
    assert send(other, given=stolen).status_code == 403
    bare = client(tmp_path, uploads)
    assert (
        bare.post("/audits/upload", data={"token": stolen}, files={"log": ("a.csv", b"x")}, headers=SAME).status_code == 403
    )
    assert not started
    answer = send(browser)
    assert (answer.status_code, answer.headers["location"]) == (303, "-/key")
    assert len(started) == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": HOME, "sec-fetch-site": "same-origin"}, 303),
        ({"origin": "null", "sec-fetch-site": "same-origin"}, 303),
        ({"origin": HOME}, 303),
        ({}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "https://evil.example", "sec-fetch-site": "same-origin"}, 403),
        ({"origin": HOME, "sec-fetch-site": "cross-site"}, 403),
        ({"origin": HOME, "sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://127.0.0.1:8421"}, 403),
        ({"host": "evil.example", "origin": "http://evil.example"}, 421),
    ],
)
def test_a_form_from_elsewhere_is_not_read(
    tmp_path: Path, uploads: Uploads, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], status: int
):
    monkeypatch.setattr(uploads, "start", lambda path, **fields: "key")
    assert send(client(tmp_path, uploads), headers=headers).status_code == status


def test_another_machine_sees_no_form_and_sends_none(tmp_path: Path, uploads: Uploads):
    here = client(tmp_path, uploads)
    there = client(tmp_path, uploads, address="192.0.2.7")
    assert 'name="token"' not in there.get("/audits/").text
    there.cookies.update(here.cookies)
    assert send(there, given=token(here)).status_code == 403
    without = client(tmp_path, None)
    assert 'name="token"' not in without.get("/audits/").text
    assert without.post("/audits/upload", headers=SAME).status_code in (404, 405)


def test_a_body_is_bounded_by_the_limit_and_by_what_it_said(tmp_path: Path, uploads: Uploads):
    browser = client(tmp_path, uploads, limit=2_000)
    assert send(browser, content=b"x" * 3_000).status_code == 413
    given = token(browser)
    head = {**SAME, "content-type": "multipart/form-data; boundary=b"}
    body = f'--b\r\nContent-Disposition: form-data; name="token"\r\n\r\n{given}\r\n'.encode()
    assert browser.post("/audits/upload", content=(body for _ in range(1)), headers=head).status_code == 413
    long = {**head, "content-length": "20"}
    assert browser.post("/audits/upload", content=body * 10, headers=long).status_code in (400, 403)
    assert browser.post("/audits/upload", content=b"nonsense", headers=head).status_code in (400, 403)
    assert leftovers(uploads) == []


@pytest.mark.parametrize("name", ["../../evil.csv", "..\\..\\evil.csv", "/etc/evil.csv", "a/b/evil.csv", "ev\x00il.csv",
                                  "-rf.csv", "$(id).csv", "é" * 300 + ".csv", ".csv"])  # fmt: skip
def test_a_name_is_never_a_path(tmp_path: Path, uploads: Uploads, name: str):
    try:
        place = uploads.new_place(name)
    except InputError:
        assert name == ".csv"
        return
    assert place.parent.parent == Path(uploads._own.name)
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{0,59}\.csv", place.name)
    assert place.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["log.exe", "log", "log.csv.sh", "log.html"])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, uploads: Uploads, name: str):
    answer = send(client(tmp_path, uploads), name=name)
    assert answer.status_code == 400
    assert "not a CSV, XLSX, PDF or zip" in answer.text
    assert leftovers(uploads) == []


@pytest.mark.parametrize("fields", [{"jurisdiction": "--out=/"}, {"jurisdiction": "wa"}, {"producer": "x" * 101},
                                    {"producer": "a\nb"}])  # fmt: skip
def test_what_is_filled_in_is_no_option(tmp_path: Path, uploads: Uploads, fields: dict[str, str]):
    place = uploads.new_place("a.csv")
    place.write_bytes(b"x")
    with pytest.raises(QuestionError):
        uploads.start(place, **{"producer": "", "jurisdiction": "", **fields})
    assert leftovers(uploads) == []


def wait(uploads: Uploads, key: str) -> Any:
    until = time.monotonic() + 60
    while uploads.jobs[key].state == "running" and time.monotonic() < until:
        time.sleep(0.05)
    return uploads.jobs[key]


def test_a_log_is_audited_and_taken_away(tmp_path: Path, uploads: Uploads, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CUSTODIET_KEY_FILE", str(tmp_path / "key"))
    make_sample(60, tmp_path / "sample.csv")
    browser = client(tmp_path, uploads)
    answer = send(browser, name="../Search Log.csv", content=(tmp_path / "sample.csv").read_bytes(), producer="--Town WA PD")
    key = answer.headers["location"].rpartition("/")[2]
    under_way = browser.get(f"/audits/-/{key}")
    assert under_way.status_code == 303 or under_way.headers["refresh"]
    job = wait(uploads, key)
    assert (job.state, job.sentence) == ("done", "")
    assert leftovers(uploads) == []
    assert browser.get(f"/audits/-/{key}").headers["location"] == f"../{job.result}/index.html"
    page = browser.get(f"/audits/{job.result}/index.html")
    assert "--Town WA PD" in page.text
    report = browser.get(f"/audits/{job.result}/report.html")
    assert "sandbox" in report.headers["content-security-policy"]
    assert "script-src" not in report.headers["content-security-policy"]
    # The log that it keeps is for its owner, and not for a browser.
    assert (tmp_path / "audits" / job.result / "searches.duckdb").is_file()
    assert browser.get(f"/audits/{job.result}/searches.duckdb").status_code == 404


def bomb() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("log.csv", b"a" * 80_000_000)
    return held.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [("log.zip", bomb, "unpacks to more than"), ("log.csv", lambda: bytes([0, 255] * 9), "")],
)
def test_what_can_t_be_audited_is_one_sentence(
    tmp_path: Path, uploads: Uploads, monkeypatch: pytest.MonkeyPatch, name: str, content: Any, words: str
):
    monkeypatch.setenv("CUSTODIET_KEY_FILE", str(tmp_path / "key"))
    browser = client(tmp_path, uploads)
    answer = send(browser, name=name, content=content())
    key = answer.headers["location"].rpartition("/")[2]
    job = wait(uploads, key)
    assert job.state == "failed"
    assert words in job.sentence
    assert job.sentence.endswith(".")
    assert "Traceback" not in job.sentence
    assert leftovers(uploads) == []
    assert not list((tmp_path / "audits").glob("*"))


def test_only_one_runs_at_a_time_and_none_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    uploads = Uploads(tmp_path / "audits", time_limit=0.01)
    monkeypatch.setenv("CUSTODIET_KEY_FILE", str(tmp_path / "key"))
    places = [uploads.new_place(f"{number}.csv") for number in range(2)]
    for place in places:
        place.write_bytes(b"a,b\n1,2\n")
    key = uploads.start(places[0], producer="", jurisdiction="")
    with pytest.raises(QuestionError, match="running already"):
        uploads.start(places[1], producer="", jurisdiction="")
    job = wait(uploads, key)
    assert (job.state, "was stopped" in job.sentence) == ("failed", True)
    uploads.close()
    assert not Path(uploads._own.name).exists()


def make_run(folder: Path, result: Any = RESULT) -> Path:
    folder.mkdir(parents=True)
    (folder / "audit.json").write_text(result if isinstance(result, str) else json.dumps(result), "utf-8")
    return folder


def test_runs_are_found_by_what_they_hold_and_opened_by_a_list(tmp_path: Path):
    make_run(tmp_path / "audits" / "good")
    make_run(tmp_path / "audits" / "broken", "{}")
    make_run(tmp_path / "audits" / "white space")
    (tmp_path / "audits" / "other").mkdir()
    (tmp_path / "secret").write_text("secret", "utf-8")
    (tmp_path / "audits" / "good" / "report.html").symlink_to(tmp_path / "secret")
    (tmp_path / "audits" / "good" / "notes.txt").write_text("secret", "utf-8")
    browser = client(tmp_path, None)
    listed = browser.get("/audits/").text
    assert "Town &lt;b&gt;PD&lt;/b&gt;" in listed
    assert "can't be read" in listed or "can&#39;t be read" in listed
    page = browser.get("/audits/good/index.html").text
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "no result of an audit" in browser.get("/audits/broken/index.html").text
    for path in ("good/report.html", "good/notes.txt", "good/%2e%2e%2fbroken%2faudit.json", "../secret", "none/audit.json",
                 "white%20space/index.html", "good/..%2f..%2fsecret"):  # fmt: skip
        assert browser.get(f"/audits/{path}").status_code == 404, path
    assert browser.get("/audits/good/audit.json").json() == RESULT


def test_a_link_leads_to_no_run_and_no_file(tmp_path: Path):
    make_run(tmp_path / "elsewhere" / "secret")
    (tmp_path / "audits" / "linked").mkdir(parents=True)
    (tmp_path / "audits" / "linked" / "audit.json").symlink_to(tmp_path / "elsewhere" / "secret" / "audit.json")
    (tmp_path / "audits" / "town").symlink_to(tmp_path / "elsewhere" / "secret")
    browser = client(tmp_path, None)
    assert "Nothing is here yet" in browser.get("/audits/").text
    for path in ("linked/audit.json", "town/audit.json", "town/index.html"):
        assert browser.get(f"/audits/{path}").status_code == 404, path


def places_of(data: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the way to every part of a result."""
    yield way
    parts = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for name, part in parts:
        yield from places_of(part, (*way, name))


def put(data: Any, way: tuple[Any, ...], value: Any) -> Any:
    """Return a result with another value in one place; without that place, where the value is ..."""
    if not way:
        return None if value is ... else value
    items = dict(data) if isinstance(data, dict) else dict(enumerate(data))
    if len(way) == 1 and value is ...:
        del items[way[0]]
    else:
        items[way[0]] = put(items[way[0]], way[1:], value)
    return items if isinstance(data, dict) else list(items.values())


def test_whatever_a_result_holds_is_shown_or_said_to_be_at_fault(tmp_path: Path):
    folder = make_run(tmp_path / "audits" / "town")
    browser = client(tmp_path, None)
    for way in places_of(RESULT):
        for value in (..., None, 7, "<script>alert(1)</script>", [], [None], {"a": None}):
            (folder / "audit.json").write_text(json.dumps(put(RESULT, way, value)), "utf-8")
            for path in ("", "town/index.html"):
                answer = browser.get(f"/audits/{path}")
                assert answer.status_code == 200, (way, value)
                assert "<script>alert" not in answer.text


def asks(browser: TestClient, length: int) -> tuple[dict[str, Any], bytes]:
    """Return a request to upload as a server passes it on, and how its form begins."""
    given = token(browser)
    headers = {**SAME, "host": "127.0.0.1:8420", "cookie": f"{COOKIE}={browser.cookies[COOKIE]}",
               "content-type": "multipart/form-data; boundary=b", "content-length": str(length)}  # fmt: skip
    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
             "path": "/audits/upload", "raw_path": b"/audits/upload", "query_string": b"", "root_path": "",
             "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
             "client": ("127.0.0.1", 50_000), "server": ("127.0.0.1", 8420)}  # fmt: skip
    head = 'Content-Disposition: form-data; name="{}"{}\r\n\r\n{}'
    form = "--b\r\n" + head.format("token", "", given) + "\r\n--b\r\n" + head.format("log", '; filename="a.csv"', "a,b\n")
    return scope, form.encode()


def ask(app: Any, scope: dict[str, Any], messages: list[dict[str, Any]]) -> list[int]:
    """Return the status of the answer to messages that come one by one, and then no more."""
    answered: list[int] = []

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop(0)
        return await asyncio.Future()

    async def send_back(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answered.append(message["status"])

    asyncio.run(asyncio.wait_for(app(scope, receive, send_back), 20))
    return answered


def test_an_upload_that_breaks_off_or_never_ends_leaves_nothing(tmp_path: Path, uploads: Uploads):
    browser = client(tmp_path, uploads, patience=0.3)
    scope, form = asks(browser, 5_000)
    part = {"type": "http.request", "body": form, "more_body": True}
    assert ask(browser.app, scope, [part, {"type": "http.disconnect"}]) == [400]
    assert ask(browser.app, scope, [part]) == [408]
    assert leftovers(uploads) == []
    # And the next one is read.
    assert send(browser, given="0" * 64).status_code == 403


def test_what_a_killed_server_left_is_taken_away_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    living = Uploads(None)
    living.new_place("a.csv").write_text("a log", "utf-8")
    # As a killed server leaves its folder: the log lies there, and nobody holds the mark.
    left = tmp_path / "custodiet-audits-killed" / "upload-x"
    left.mkdir(parents=True)
    (left / "log.csv").write_text("a log", "utf-8")
    (left.parent / "held").touch()
    (tmp_path / "custodiet-audits-link").symlink_to(tmp_path)
    (tmp_path / "held").touch()
    (tmp_path / "mine.txt").touch()
    Uploads(None).close()
    assert not left.parent.exists()
    assert len(leftovers(living)) == 1
    assert (tmp_path / "mine.txt").exists()
    living.close()
    assert not list(tmp_path.glob("custodiet-audits-*/upload-*"))


def test_one_upload_at_a_time_is_read(tmp_path: Path, uploads: Uploads, monkeypatch: pytest.MonkeyPatch):
    browser = client(tmp_path, uploads)
    monkeypatch.setattr(Uploads, "is_busy", True)
    made: list[str] = []
    monkeypatch.setattr(uploads, "new_place", made.append)
    answer = send(browser)
    assert answer.status_code == 409
    assert "running already" in answer.text
    assert not made


def test_a_folder_that_is_itself_a_run_is_one(tmp_path: Path):
    assert list(list_runs(make_run(tmp_path / "town"), "audit")) == ["town"]
    assert list_runs(None, "audit") == {}
    assert list_runs(tmp_path / "none", "bench") == {}
