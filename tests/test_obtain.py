"""Downloads: what a server may do, and what becomes of it."""

import gzip
import hashlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer

import pytest

from command import run
from custodiet.sources import obtain
from custodiet.sources.obtain import Finder
from custodiet.sources.spec import Assertions, Release

BODY = b"id,name\n1,one\n2,two\n" * 1000
Answer = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """A server on the loopback that gives each path its list of answers, the last of them for ever."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.requests: list[str] = []
        self.stopping = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                earlier = server.requests.count(self.path)
                server.requests.append(self.path)
                answers = server.answers[self.path]
                answers[min(earlier, len(answers) - 1)](self)

            def log_message(self, *arguments: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.http.server_port}"
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.05,))

    def release(self, path: str, *answers: Answer, content: bytes = BODY) -> Release:
        self.answers[path] = list(answers)
        return a_release(self.address + path, content)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    server = Server()
    server.thread.start()
    yield server
    server.stopping.set()
    server.http.shutdown()
    server.http.server_close()
    server.thread.join()


@pytest.fixture
def finder(tmp_path: Path) -> Finder:
    return Finder(None, tmp_path / "cache")


def a_release(url: str, content: bytes = BODY) -> Release:
    return Release(
        release="made-up-2025", folder="made-up-2025", file="list.csv", url=url,
        sha256=hashlib.sha256(content).hexdigest(), published=None, covers="2025", layout="csv", form="form",
        assertions=Assertions(rows=2),
    )  # fmt: skip


def sends(
    body: bytes = BODY, status: int = 200, claims: int | None = None, **headers: str
) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body) if claims is None else claims))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_file_is_downloaded_once_and_then_comes_from_the_cache(server: Server, tmp_path: Path):
    release = server.release("/list.csv", sends())
    first = Finder(None, tmp_path / "cache").find(release)
    second = Finder(None, tmp_path / "cache").find(release)
    offline = Finder(None, tmp_path / "cache", offline=True).find(release)
    assert first.content == second.content == offline.content == BODY
    assert first.matches
    assert second.matches
    assert first.why_missing is None
    assert server.requests == ["/list.csv"]


def test_damaged_file_in_the_cache_is_downloaded_again(server: Server, tmp_path: Path):
    release = server.release("/list.csv", sends())
    Finder(None, tmp_path / "cache").find(release)
    (cached,) = (path for path in (tmp_path / "cache").rglob("*") if path.is_file())
    cached.write_bytes(BODY[:100])
    assert Finder(None, tmp_path / "cache").find(release).content == BODY
    assert cached.read_bytes() == BODY


def test_cache_that_can_not_be_written_costs_nothing_else(server: Server, tmp_path: Path):
    (tmp_path / "cache").write_text("a file where the folder should be", "utf-8")
    found = Finder(None, tmp_path / "cache").find(server.release("/list.csv", sends()))
    assert found.content == BODY


@pytest.mark.parametrize(("status", "attempts"), [(404, 1), (403, 1), (500, 2), (503, 2), (429, 2)])
def test_refusals_are_told_and_only_passing_ones_are_tried_again(
    status: int, attempts: int, server: Server, finder: Finder, tmp_path: Path
):
    found = finder.find(server.release("/list.csv", sends(b"no", status)))
    assert found.content is None
    assert not found.matches
    assert str(status) in found.why_missing
    assert "127.0.0.1" in found.why_missing
    assert len(server.requests) == attempts
    assert files_in(tmp_path) == []


@pytest.mark.parametrize("status", [500, 429])
def test_a_passing_failure_is_got_over(status: int, server: Server, finder: Finder):
    found = finder.find(server.release("/list.csv", sends(b"wait", status), sends()))
    assert found.content == BODY
    assert found.matches
    assert len(server.requests) == 2


def test_connection_cut_in_the_body_gives_no_half_file(server: Server, finder: Finder, tmp_path: Path):
    found = finder.find(server.release("/list.csv", sends(BODY[:500], claims=len(BODY))))
    assert found.content is None
    assert found.why_missing
    assert files_in(tmp_path) == []


def test_connection_cut_once_is_got_over(server: Server, finder: Finder):
    found = finder.find(server.release("/list.csv", sends(BODY[:500], claims=len(BODY)), sends()))
    assert found.content == BODY


def test_another_file_than_the_pinned_one_is_told_and_not_kept(server: Server, finder: Finder, tmp_path: Path):
    found = finder.find(server.release("/list.csv", sends(b"<html>Please log in to this network</html>")))
    assert found.content is not None
    assert not found.matches
    assert files_in(tmp_path) == []


def test_redirect_is_followed(server: Server, finder: Finder):
    server.answers["/new.csv"] = [sends()]
    found = finder.find(server.release("/list.csv", sends(b"", 302, Location="/new.csv")))
    assert found.content == BODY
    assert server.requests == ["/list.csv", "/new.csv"]


def test_redirect_in_a_circle_ends(server: Server, finder: Finder):
    found = finder.find(server.release("/list.csv", sends(b"", 302, Location="/list.csv")))
    assert found.content is None
    assert found.why_missing


def test_body_beyond_the_limit_is_not_read_to_its_end(
    server: Server, finder: Finder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(obtain, "FILE_LIMIT", 1_000)
    found = finder.find(server.release("/list.csv", sends()))
    assert found.content is None
    assert "1,000 bytes" in found.why_missing
    assert files_in(tmp_path) == []


def test_packed_body_is_measured_unpacked(server: Server, finder: Finder, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(obtain, "FILE_LIMIT", 1_000_000)
    bomb = gzip.compress(bytes(50_000_000))
    found = finder.find(server.release("/list.csv", sends(bomb, Content_Encoding="gzip")))
    assert found.content is None
    assert "1,000,000 bytes" in found.why_missing


def test_server_that_drips_is_given_up(server: Server, finder: Finder, monkeypatch: pytest.MonkeyPatch):
    sent_to_the_end = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(BODY)))
        handler.end_headers()
        for position in range(40):
            handler.wfile.write(BODY[position : position + 1])
            if server.stopping.wait(0.1):
                return
        sent_to_the_end.set()

    monkeypatch.setattr(obtain, "FILE_SECONDS", 0.5)
    found = finder.find(server.release("/list.csv", drip))
    assert found.content is None
    assert found.why_missing
    assert not sent_to_the_end.is_set()


def test_host_that_never_answers_is_waited_for_once(server: Server, finder: Finder, monkeypatch: pytest.MonkeyPatch):
    def say_nothing(_: BaseHTTPRequestHandler) -> None:
        server.stopping.wait(20)

    monkeypatch.setattr(obtain, "SILENCE_SECONDS", 0.5)
    first = finder.find(server.release("/list.csv", say_nothing))
    second = finder.find(server.release("/other.csv", say_nothing))
    assert first.content is second.content is None
    assert first.why_missing
    assert second.why_missing
    assert "/other.csv" not in server.requests


def test_unreachable_host_is_tried_once(server: Server, finder: Finder):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        first = finder.find(a_release(f"http://127.0.0.1:{port}/list.csv"))
    answering = ThreadingHTTPServer(("127.0.0.1", port), BaseHTTPRequestHandler)
    with answering:
        answering.socket.settimeout(0.2)
        second = finder.find(a_release(f"http://127.0.0.1:{port}/other.csv"))
        with pytest.raises(TimeoutError):
            answering.get_request()
    assert first.content is second.content is None
    assert first.why_missing == second.why_missing
    assert "can't be reached" in first.why_missing


def test_host_whose_name_does_not_resolve_is_unreachable(server: Server, finder: Finder):
    found = finder.find(a_release("http://no-such-host.invalid/list.csv"))
    assert found.content is None
    assert "no-such-host.invalid can't be reached" in found.why_missing


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "socks5h://127.0.0.1:9", "what://127.0.0.1:9", "::"])
def test_proxy_that_can_not_be_used_is_a_reason_and_no_crash(
    proxy: str, server: Server, finder: Finder, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ALL_PROXY", proxy)
    found = finder.find(a_release("http://no-such-host.invalid/list.csv"))
    assert found.content is None
    assert found.why_missing


# --- A whole build


def assert_is_whole_without_sources(register: Path, home: Path) -> None:
    done = run("findings", "--summary", "--json", "--register", register, home=home)
    assert done.returncode == 0, done.stderr
    rules = json.loads(done.stdout)["rules"]
    assert len(rules) > 15
    # A rule on claims of the bench has no subjects until a report makes some.
    assert not any(rules.pop("claim-not-shown").values())
    for rule, counts in rules.items():
        assert counts == {"gap": 0, "clear": 0, "not-applicable": 0, "cannot-tell": 1}, rule
    listed = json.loads(run("findings", "--json", "--register", register, home=home).stdout)
    assert {finding["grade"] for finding in listed} == {"Unknown"}
    assert all("missing" in finding["reason"] or "not complete" in finding["reason"] for finding in listed)
    shown = run("show", "immigrationos", "--register", register, home=home)
    assert shown.returncode == 0, shown.stderr
    assert "ImmigrationOS" in shown.stdout


def assert_tells_each_missing_release_once(stderr: str) -> None:
    lines = stderr.splitlines()
    assert [line.partition(" is missing ")[0] for line in lines] == [
        "dhs-inventory", "federal-register", "fpds", "omb-inventory", "sorn-index", "usaspending",
    ]  # fmt: skip
    named = [name for line in lines for name in line.partition(" is missing ")[2].partition(": ")[0].split(", ")]
    assert sum(name.startswith("usaspending-") for name in named) == 13
    assert [name for name in named if "inventory" in name] == [
        "dhs-inventory-2025", "omb-inventory-2023", "omb-inventory-2024", "omb-inventory-2025",
        "omb-inventory-2025-common",
    ]  # fmt: skip
    assert all(line.partition(": ")[2] for line in lines)


def test_build_offline_without_a_mirror_is_whole_and_says_what_is_missing(tmp_path: Path):
    register = tmp_path / "register.duckdb"
    done = run("build", "--offline", "--register", register, home=tmp_path, timeout=30)
    assert done.returncode == 0, done.stderr
    assert_tells_each_missing_release_once(done.stderr)
    assert_is_whole_without_sources(register, tmp_path)


def test_build_without_a_network_is_whole_and_says_what_is_missing(tmp_path: Path):
    register = tmp_path / "register.duckdb"
    nowhere = "http://127.0.0.1:9"
    done = run("build", "--register", register, home=tmp_path, timeout=30, HTTPS_PROXY=nowhere, ALL_PROXY=nowhere)
    assert done.returncode == 0, done.stderr
    assert_tells_each_missing_release_once(done.stderr)
    assert_is_whole_without_sources(register, tmp_path)


def test_build_behind_a_proxy_that_refuses_says_so_in_one_line_a_source(server: Server, tmp_path: Path):
    proxy = server.address
    done = run("build", "--register", tmp_path / "r.duckdb", home=tmp_path, timeout=30, HTTPS_PROXY=proxy)
    assert done.returncode == 0, done.stderr
    assert_tells_each_missing_release_once(done.stderr)


def test_build_behind_a_proxy_that_hangs_up_says_so_in_one_line_a_source(tmp_path: Path):
    class HangUp(BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(1000)

    with ThreadingTCPServer(("127.0.0.1", 0), HangUp) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, args=(0.05,))
        thread.start()
        address = f"http://127.0.0.1:{proxy.server_address[1]}"
        done = run("build", "--register", tmp_path / "r.duckdb", home=tmp_path, timeout=30, HTTPS_PROXY=address)
        proxy.shutdown()
        thread.join()
    assert done.returncode == 0, done.stderr
    assert_tells_each_missing_release_once(done.stderr)


def test_build_in_the_default_place_goes_to_the_users_data_folder(tmp_path: Path):
    assert run("build", "--offline", home=tmp_path).returncode == 0
    assert run("show", "immigrationos", home=tmp_path).returncode == 0
    assert [path.name for path in tmp_path.rglob("*.duckdb")] == ["register.duckdb"]
    assert run("sources", home=tmp_path, CUSTODIET_REGISTER=str(tmp_path / "other.duckdb")).returncode == 2
