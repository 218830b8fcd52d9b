"""The explorer under requests that nobody means well, and under a register that changes all the time."""

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from custodiet.site.app import make_app
from custodiet.site.guard import HEADERS
from custodiet.site.pages import KINDS
from custodiet.site.site import Options, Site
from custodiet.site.uploads import Uploads
from custodiet.store import building, open_register
from sites import PAYLOADS, plant, planted_register
from test_site import check_inert
from test_uploads import make_run

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
HOME = "http://127.0.0.1:8420"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "FOO")
# What a request may come to; nothing else, and never a fault of ours.
STATUSES = {200, 206, 303, 307, 400, 403, 404, 405, 409, 411, 413, 414, 416, 421}
WILD = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=12),
    st.sampled_from(
        ("..", "%2e%2e", "%252e%252e", "%00", "\\", "..\\", "%5c", "//", ";", "#1", "%c0%ae", "\u202e", "-", *PAYLOADS)
    ),
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("hard")
    path = planted_register(folder / "register.duckdb")
    make_run(folder / "audits" / "town")
    (folder / "secret.txt").write_text("the secret of the folder above", "utf-8")
    options = Options(is_served=True, audits=folder / "audits", benches=folder / "benches")
    uploads = Uploads(folder / "audits")
    made = make_app(path, options, uploads=uploads)
    yield TestClient(made, base_url=HOME, client=("127.0.0.1", 50_000), follow_redirects=False)
    made.state.reader.close()
    uploads.close()


@pytest.fixture(scope="module")
def known(app: TestClient) -> list[str]:
    """Addresses that are there: one page of each kind, a file of each form, and what a server has besides."""
    site: Site = app.app.state.reader.renderer().site  # type: ignore[attr-defined]
    pages = [next(iter(keys.values())) for keys in site.contents.values() if keys]
    return [*pages, "", "llms.txt", "tables/awards.csv", "tables/gaps.xlsx", "figures/outcomes.svg", "cards/index.png",
            "feeds/rules/a-rule.xml", "static/style.css", "audits/", "audits/upload", "audits/-/x", "audits/town/index.html",
            "audits/town/audit.json", "benches/", "benches/x/report.html"]  # fmt: skip


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_is_sent_gets_a_page_or_a_sentence(app: TestClient, known: list[str], data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(known))
    if data.draw(st.booleans()):
        at = data.draw(st.integers(0, len(path)))
        path = path[:at] + data.draw(WILD) + path[at + data.draw(st.integers(0, 3)) :]
    target = quote(path, safe="/%;\\#")
    headers = data.draw(
        st.fixed_dictionaries(
            {},
            optional={
                "host": st.sampled_from(("127.0.0.1:8420", "localhost", "evil.example", "127.0.0.1:x", "[::1]", "")),
                "origin": st.sampled_from((HOME, "null", "https://evil.example", "")),
                "sec-fetch-site": st.sampled_from(("same-origin", "cross-site", "none")),
                "range": st.sampled_from(("bytes=0-1", "bytes=-1", "bytes=9-1", "bytes=0-0,2-3", "lines=1", "bytes=,")),
                "content-type": st.sampled_from(("multipart/form-data; boundary=b", "multipart/form-data", "text/plain", "")),
                "cookie": st.sampled_from(("custodiet-upload=x", 'custodiet-upload="a;b', "=;=;")),
                "if-none-match": st.sampled_from(("*", '"x"')),
                "x-forwarded-host": st.just("evil.example"),
            },
        )
    )
    query = data.draw(st.one_of(st.none(), WILD, WILD.map(lambda words: f"q={quote(words)}")))
    body = data.draw(
        st.sampled_from((b"", b"x", b"--b--\r\n", b'--b\r\nContent-Disposition: form-data; name="token"\r\n\r\nx\r\n--b--'))
    )
    method = data.draw(st.sampled_from(METHODS))
    try:
        request = app.build_request(method, f"{HOME}/{target.lstrip('/')}", params=query, headers=headers, content=body)
    except ValueError:
        assume(False)
    answer = app.send(request)
    assert answer.status_code in STATUSES, (method, target, headers, answer.status_code)
    for name in HEADERS:
        assert name in answer.headers, (target, name)
    assert "the secret" not in answer.text
    assert answer.headers.get("location", "/").startswith(("-/", "../", "/", HOME)), answer.headers
    assert method in ("GET", "HEAD", "POST") or answer.status_code not in (200, 206, 303)
    if method == "GET" and "html" in answer.headers.get("content-type", "") and "report" not in path:
        check_inert(answer.text, target)


def test_a_register_that_changes_all_the_time_is_shown_whole_each_time(tmp_path: Path) -> None:
    made = []
    for number in (1, 2):
        made.append(tmp_path / f"{number}.duckdb")
        with building(made[-1]) as register:
            plant(register)
            register.run("update meta set value = $f where key = 'fingerprint'", {"f": f"0{number}" * 32})
            register.run("update pages set name = $n where slug = 'alpha'", {"n": f"Generation 0{number}"})
    path = tmp_path / "register.duckdb"
    shutil.copy(made[0], path)
    served = make_app(path, Options(is_served=True))
    done = threading.Event()
    wrong: list[object] = []
    answered: list[str] = []

    def ask() -> None:
        client = TestClient(served, base_url="http://localhost", raise_server_exceptions=False)
        while not done.is_set():
            answer = client.get("/systems/alpha.html")
            if answer.status_code != 200:
                wrong.append((answer.status_code, answer.text[:500]))
                return
            shown = {number for number in ("01", "02") if f"Generation {number}" in answer.text or number * 32 in answer.text}
            if len(shown) != 1:
                wrong.append(shown)
            answered.append(*shown)
            if (answer := client.get("/tables/systems.json")).status_code != 200:
                wrong.append(answer.status_code)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for turn in range(12):
        beside = tmp_path / "beside"
        shutil.copy(made[turn % 2], beside)
        beside.replace(path)
        # As fast as there are answers: each thread gets about one from every register.
        wanted, until = len(answered) + len(threads), time.monotonic() + 20
        while len(answered) < wanted and not wrong and time.monotonic() < until:
            time.sleep(0.01)
    done.set()
    for thread in threads:
        thread.join(30)
    served.state.reader.close()
    assert wrong == []
    assert min(answered.count("01"), answered.count("02")) >= 6


def test_every_kind_is_planted(tmp_path: Path) -> None:
    """A kind of page without a planted record would be held to nothing."""
    with open_register(planted_register(tmp_path / "register.duckdb")) as register:
        empty = {kind for kind, keys in Site(register, KINDS, Options(is_served=True)).contents.items() if not keys}
    assert empty == set()
