"""The explorer: its pages are whole, inert and linked; the server answers nobody else; a publication is exact."""

import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from custodiet import Register, questions
from custodiet.model.errors import CustodietError, ExportError, InputError
from custodiet.model.markup import NEVER_SHOWN, show_signs
from custodiet.model.words import CELL_STATES, GRADES, OUTCOMES
from custodiet.questions.findings import findings_of_system
from custodiet.site import app as app_module
from custodiet.site.app import make_app
from custodiet.site.files import list_files
from custodiet.site.guard import HEADERS
from custodiet.site.links import SERVED_SECTIONS, part, parts, root_of, slug, slugs
from custodiet.site.pages import KINDS
from custodiet.site.publish import MANIFEST, publish
from custodiet.site.render import Renderer, web_address
from custodiet.site.replies import read_replies
from custodiet.site.site import Options, Site
from custodiet.site.wording import mark_changes
from custodiet.store import open_register
from sites import PAYLOADS, planted_register

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
VOID = {"meta", "link", "input", "br", "img", "hr"}


class Reading(HTMLParser):
    """Reads a page as a browser would: elements, attributes, text; and that every element is closed where it should be."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if len(dict(attrs)) < len(attrs):
            self.faults.append(f"an attribute stands twice on <{tag}>")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> at {self.getpos()} closes something else")

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(html: str) -> Reading:
    reading = Reading()
    # A drawing closes its elements as XML does.
    reading.feed(re.sub(r"<(rect|path|circle|use|line)\b([^>]*)/>", r"<\1\2></\1>", html))
    reading.close()
    return reading


def check_inert(html: str, path: str) -> Reading:
    """Hold a page to what every page must be, whatever was published."""
    reading = read(html)
    assert not reading.faults, (path, reading.faults)
    assert not reading.open, (path, reading.open)
    names = [name for name, _ in reading.elements]
    assert names.count("h1") == 1, path
    # A drawing in the body has titles of its own.
    assert names[: names.index("body")].count("title") == 1
    idents = [attrs["id"] for _, attrs in reading.elements if "id" in attrs]
    assert len(idents) == len(set(idents)), (path, sorted(i for i in idents if idents.count(i) > 1))
    for name, attrs in reading.elements:
        assert name not in ("img", "iframe", "object", "embed", "base", "style"), (path, name)
        # What describes a page to machines is data, and never run.
        if name == "script" and attrs.get("type") != "application/ld+json":
            assert (attrs.get("src") or "").lstrip("./").startswith("static/"), path
        for attribute, value in attrs.items():
            assert not attribute.startswith("on"), (path, name, attribute)
            assert attribute != "style", (path, name)
            if attribute in ("href", "src", "action"):
                assert not (value or "").lower().strip().startswith(("javascript", "data", "//")), (path, value)
    return reading


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planted_register(tmp_path_factory.mktemp("planted") / "register.duckdb")


@pytest.fixture(scope="module")
def site(planted: Path) -> Iterator[Site]:
    with open_register(planted) as register:
        yield Site(register, KINDS, Options(is_served=True))


@pytest.fixture(scope="module")
def client(planted: Path) -> TestClient:
    return TestClient(make_app(planted), base_url="http://localhost", raise_server_exceptions=True)


# --- Pages


def test_every_page_is_whole_inert_and_leads_only_to_pages_that_are_there(site: Site) -> None:
    renderer = Renderer(site)
    seen: set[str] = set()
    files = list_files(site)
    pages = {path: check_inert(renderer.render(site.page(*place)), path) for path, place in site.places.items()}
    idents = {path: {attrs.get("id") for _, attrs in reading.elements} for path, reading in pages.items()}
    shown = ""
    for path, reading in pages.items():
        shown += "".join(reading.text)
        for name, attrs in reading.elements:
            target = attrs.get("href")
            if name != "a" or target is None or target.startswith(("http:", "https:")):
                continue
            parts = urlsplit(target)
            place = (PurePosixPath(path).parent / unquote(parts.path)).as_posix() if parts.path else path
            resolved: list[str] = []
            for step in place.split("/"):
                resolved = resolved[:-1] if step == ".." else [*resolved, step]
            there = "/".join(resolved)
            # Audits and benches stand in folders beside the register, and have routes of their own.
            elsewhere = there in files or there in {place for _, place in SERVED_SECTIONS}
            assert there in pages or elsewhere, (path, target)
            if elsewhere:
                continue
            assert not parts.fragment or parts.fragment in idents[there], (path, target)
            seen.add(there)
    # Each payload is shown somewhere as the text that it is; none was run by the template.
    for text in PAYLOADS:
        assert " ".join(show_signs(text).split()) in " ".join(shown.split()), text
    assert str(1234 * 5678) not in shown
    assert not set(shown) & set(NEVER_SHOWN)
    # Every page can be reached from another, without a script or a search.
    assert set(pages) - seen <= {"search.html"}, set(pages) - seen


def test_a_page_alone_is_the_page_among_many(site: Site) -> None:
    renderer = Renderer(site)
    for kind, keys in site.contents.items():
        together = {page.path: renderer.render(page) for page in site.pages(kind, list(keys))}
        for key, path in keys.items():
            assert renderer.render(site.page(kind, key)) == together[path], path


def test_the_words_are_all_explained(site: Site) -> None:
    html = Renderer(site).render(site.page("how", "how"))
    for word in (*CELL_STATES, *OUTCOMES, *GRADES):
        assert f">{word}<" in html or f" {word}</a>" in html, word


def test_published_addresses_are_links_only_where_they_are_web_addresses() -> None:
    assert web_address(" https://example.gov/a?b=c ") == "https://example.gov/a?b=c"
    for text in ("javascript:alert(1)", "data:text/html,x", "//example.org", "https://a b", "ftp://x", "", None, "HTTPS :x"):
        assert web_address(text) is None, text


def test_an_empty_register_has_pages_that_say_so(tmp_path: Path) -> None:
    from custodiet.store import building

    path = tmp_path / "empty.duckdb"
    with building(path) as register:
        register.run("insert into meta values ('fingerprint', 'abc')")
    with open_register(path) as opened:
        site = Site(opened, KINDS)
        renderer = Renderer(site)
        for place in site.places.items():
            check_inert(renderer.render(site.page(*place[1])), place[0])


@settings(deadline=None)
@given(st.text())
def test_a_slug_is_safe_everywhere(text: str) -> None:
    made = slug(text)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", made)
    assert len(made) <= 110


@settings(deadline=None)
@given(st.lists(st.text(max_size=6), unique=True, max_size=20))
def test_slugs_of_different_keys_differ(texts: list[str]) -> None:
    paths = [path for _, path in slugs([(text, text[:2]) for text in texts], "x")]
    assert len(set(paths)) == len(texts)


@settings(deadline=None)
@given(st.text(max_size=8), st.integers(0, 1000))
def test_the_parts_of_a_list_are_found_again(name: str, total: int) -> None:
    keys = [key for key, _ in parts(name, "x", total, 300)]
    if not re.search(r"#\d+$", name):
        assert [part(key) for key in keys] == [(name, n) for n in range(1, len(keys) + 1)]
    assert root_of("a/b/c.html") == "../../"


@settings(deadline=None)
@given(st.lists(st.sampled_from("abcdef")), st.lists(st.sampled_from("abcdef")))
def test_marked_changes_hold_both_texts(old: list[str], new: list[str]) -> None:
    runs = mark_changes(" ".join(old), " ".join(new))
    if runs is not None:
        words = [(kind, word) for kind, text in runs for word in text.split()]
        assert [word for kind, word in words if kind != "del"] == new
        assert [word for kind, word in words if kind != "ins"] == old


# --- The server


def test_only_known_hosts_are_answered(planted: Path) -> None:
    app = make_app(planted, hosts=["box.example"])
    for host, status in (
        ("localhost", 200), ("127.0.0.1:8420", 200), ("[::1]:8420", 200), ("box.example", 200), ("LOCALHOST:1", 200),
        ("evil.example", 421), ("localhost.evil.example", 421), ("evil.example:80@localhost", 421), ("", 421),
        ("127.0.0.1:80@evil.example", 421), ("localhost:", 200), ("localhost:8 x", 421), ("127.0.0.1:123456", 421),
    ):  # fmt: skip
        answer = TestClient(app, base_url="http://localhost").get("/", headers={"host": host})
        assert answer.status_code == status, host
        assert answer.headers["content-security-policy"] == HEADERS["content-security-policy"]
        assert status == 200 or answer.text.count("\n") == 1


def test_every_answer_carries_the_headers(client: TestClient) -> None:
    for path in ("/", "/nothing.html", "/static/style.css", "/static/nothing", "/search.html?q=a", "/awards/"):
        answer = client.get(path)
        for name, value in HEADERS.items():
            assert answer.headers[name] == value, (path, name)
    assert "unsafe" not in HEADERS["content-security-policy"]


def test_no_request_reaches_a_file_or_changes_anything(client: TestClient) -> None:
    for path in (
        "/../app.py", "/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static//etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd", "/templates/base.html", "/static/%00", "/awards/..%2f..%2findex.html",
    ):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code in (404, 400), path
        assert "import" not in answer.text
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert client.request(method, "/").status_code == 405
    assert client.get("/" + "a" * 5000).status_code == 414
    assert client.get("/search.html?q=" + "a" * 5000).status_code == 414
    assert client.head("/").status_code == 200


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.one_of(
        st.text(max_size=40),
        st.lists(st.sampled_from(["awards", "..", "%2e", "index.html", "lists", "a#b", "use-cases", "", "\x00", "é"])).map(
            "/".join
        ),
    ),
    query=st.one_of(st.none(), st.text(max_size=60)),
)
def test_whatever_is_asked_gets_a_page_or_a_sentence(client: TestClient, path: str, query: str | None) -> None:
    try:
        answer = client.get(f"/{path}", params={"q": query} if query is not None else None)
    except (UnicodeEncodeError, __import__("httpx").InvalidURL):
        return
    assert answer.status_code in (200, 307, 400, 404, 405, 414, 421), (path, answer.status_code)
    if answer.status_code in (200, 404) and "html" in answer.headers.get("content-type", ""):
        check_inert(answer.text, path)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.one_of(st.text(min_size=1, max_size=80), st.sampled_from(PAYLOADS)))
def test_whatever_is_searched_for_gets_a_page(client: TestClient, words: str) -> None:
    try:
        answer = client.get("/search.html", params={"q": words})
    except UnicodeEncodeError:
        return
    assert answer.status_code == 200
    reading = check_inert(answer.text, "search.html")
    (box,) = [attrs for _, attrs in reading.elements if attrs.get("id") == "words"]
    assert (box.get("value") or "").strip() == words.strip() or not words.isprintable()


def test_a_register_built_anew_is_picked_up_whole(planted: Path, tmp_path: Path) -> None:
    path = tmp_path / "register.duckdb"
    shutil.copy(planted, path)
    client = TestClient(make_app(path), base_url="http://localhost")
    assert "ab" * 6 in client.get("/").text
    # Half a file leaves the last whole one in its place.
    path.with_name("half").write_bytes(planted.read_bytes()[:5000])
    path.with_name("half").replace(path)
    assert "ab" * 6 in client.get("/").text
    from custodiet.store import building

    with building(path.with_name("new.duckdb")) as register:
        register.run("insert into meta values ('fingerprint', $f)", {"f": "cd" * 32})
    path.with_name("new.duckdb").replace(path)
    assert "cd" * 6 in client.get("/").text
    path.unlink()
    assert "cd" * 6 in client.get("/").text


def test_a_fault_is_a_page_of_one_sentence(planted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = TestClient(make_app(planted), base_url="http://localhost")

    def refuse(*_: Any) -> Any:
        raise CustodietError("A <b>sentence</b>.")

    monkeypatch.setattr(app_module, "find", refuse)
    answer = client.get("/search.html?q=a")
    assert answer.status_code == 500
    assert "A &lt;b&gt;sentence&lt;/b&gt;." in answer.text
    monkeypatch.setattr(app_module, "find", lambda *_: 1 / 0)
    answer = client.get("/search.html?q=a")
    assert answer.status_code == 500
    assert "Traceback" not in answer.text
    check_inert(answer.text, "fault")


@pytest.mark.parametrize("path", ["/nothing.html", "/a/b/c.html", "/a//b/", "/audits/none/index.html", "/audits/x/y.json",
                                  "/benches/none/index.html", "/%2e%2e/x.html"])  # fmt: skip
def test_a_page_that_is_not_there_looks_and_links_like_the_others_at_any_depth(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    reading = check_inert(answer.text, path)
    linked = {attrs["href"] for name, attrs in reading.elements if name in ("link", "a") and "href" in attrs}
    assert any("style.css" in (each or "") for each in linked)
    for each in linked:
        assert each
        assert each.startswith("#") or client.get(urljoin(path, each)).status_code == 200, each


def test_the_search_types_its_hits_and_finds_no_person(client: TestClient) -> None:
    found = client.get("/search.html", params={"q": "70TEST00000000001"}).text
    assert "Awards" in found
    assert 'href="awards/ice-70test00000000001.html"' in found
    refused = client.get("/search.html", params={"q": "Jane Doe"}).text
    assert "looks up no person" in refused


# --- Replies


REPLY = """
finding: a-rule:inv-2025:1
kind: reply
date: 2026-09-01
by: The office <b>
says: <script>alert(1)</script> We filed it.
source: https://example.gov/x
outcome: Looked at again.
"""


def test_a_reply_stands_with_its_finding(planted: Path, tmp_path: Path) -> None:
    (tmp_path / "one.yml").write_text(REPLY)
    (tmp_path / "two.yml").write_text(REPLY.replace("reply", "correction").replace("2026-09-01", "2026-08-01"))
    with open_register(planted) as register:
        site = Site(register, KINDS, Options(replies=tmp_path))
        html = Renderer(site).render(site.page("finding", "a-rule:inv-2025:1"))
        other = Renderer(site).render(site.page("finding", "a-rule:AWD_1"))
    text = "".join(check_inert(html, "finding").text)
    assert "<script>alert(1)</script> We filed it." in text
    assert text.index("Correction of 1 August 2026") < text.index("Reply of 1 September 2026")
    assert "None so far" not in text
    assert "None so far" in other


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (REPLY.replace("2026-09-01", "soon"), "date"),
        (REPLY + "colour: red\n", "colour"),
        (REPLY.replace("https://example.gov/x", "javascript:alert(1)"), "source"),
        ("a: [", "mend it"),
        ("- a\n- b\n", "the page"),
    ],
)
def test_a_reply_at_fault_is_one_sentence(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "one.yml").write_text(text)
    with pytest.raises(InputError, match=says):
        read_replies(tmp_path)


# --- Publishing


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_publication_is_the_served_pages_whole_and_only_what_changed(planted: Path, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    first = publish(planted, folder, Options(base_url="https://example.org/x"), jobs=1)
    files = files_of(folder)
    with open_register(planted) as register:
        places = Site(register, KINDS).places
    assert set(places) == {name for name in files if name.endswith(".html")}
    assert first.pages == len(places)
    for name in places:
        check_inert(files[name].decode(), name)
    assert b"https://example.org/x/findings/" in files["findings/a-rule/inv-2025-1.html"]
    assert "pagefind/pagefind.js" in files
    assert not any("htmx" in name for name in files)
    assert not any(".publishing-" in name for name in files)
    again = publish(planted, folder, Options(base_url="https://example.org/x"), jobs=1)
    assert (again.written, again.removed) == (0, 0)
    assert files_of(folder) == files
    # A page that went missing comes back, alone; one that is no longer there goes.
    (folder / "index.html").unlink()
    (folder / "old.html").write_text("x")
    manifest = (folder / MANIFEST).read_text().replace('"files": {', '"files": {"old.html": "0",')
    (folder / MANIFEST).write_text(manifest.replace('"inputs": "', '"inputs": "0'))
    third = publish(planted, folder, Options(base_url="https://example.org/x"), jobs=1)
    assert files_of(folder) == files
    assert (third.written, third.removed) == (1, 1)


def test_a_folder_of_somebody_else_is_left_alone(planted: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(ExportError, match="no site"):
        publish(planted, tmp_path, Options(), jobs=1)
    assert files_of(tmp_path) == {"mine.txt": b"x"}
    with pytest.raises(ExportError, match="is a file"):
        publish(planted, tmp_path / "mine.txt", Options(), jobs=1)


def test_the_next_publication_says_which_gaps_opened_and_closed(planted: Path, tmp_path: Path) -> None:
    from custodiet.store import building
    from sites import plant

    folder = tmp_path / "site"
    publish(planted, folder, Options(), jobs=1)
    assert "Since register" not in (folder / "index.html").read_text()
    later = tmp_path / "later.duckdb"
    with building(later) as register:
        plant(register)
        register.run("update meta set value = 'ee' || value where key = 'fingerprint'")
        register.run("update findings set outcome = 'clear' where finding = 'a-rule:AWD_1'")
        register.run("update findings set outcome = 'gap' where finding = 'a-rule:inv-2025:3'")
    publish(later, folder, Options(), jobs=1)
    front = (folder / "index.html").read_text()
    assert "1 gap opened, 1 closed" in front
    assert "<del>a-rule:AWD_1</del>" in front
    assert not (folder / "findings/a-rule/awd-1.html").exists()
    again = publish(later, folder, Options(), jobs=1)
    assert again.written == 0


# --- On real records


def test_the_front_counts_what_the_register_holds(register: Register) -> None:
    site = Site(register, KINDS)
    text = " ".join("".join(read(Renderer(site).render(site.page("front", "front"))).text).split())
    for table, noun in (("use_cases", "use cases"), ("awards", "awards"), ("notices", "privacy notices"), ("rules", "rules")):
        ((number,),) = register.rows(f"select count(*) from {table}")
        assert f"{number:,} {noun}" in text
    ((gaps,),) = register.rows("select count(*) from findings where outcome = 'gap'")
    assert f"{gaps:,} gaps" in text


def test_a_value_leads_to_its_cell_as_published(register: Register) -> None:
    site = Site(register, KINDS)
    html = Renderer(site).render(site.page("use-case", site.handles["DHS-2577"]))
    cell = questions.cite(register, "dhs-inventory-2025", 122, "AF")
    text = "".join(read(html).text)
    assert cell["text"] in text
    assert cell["sha256"] in text
    assert f"row {cell['row']}, column {cell['letter']}" in " ".join(text.split())


def test_a_system_s_page_leads_to_where_two_bureaus_answer_differently_about_it(register: Register) -> None:
    found = {finding["id"] for finding in findings_of_system(register, "mobile-fortify")}
    assert "components-disagree:DHS:mobile-fortify" in found
    # Each entry that it cites is one of the page's, and no other system's page has it.
    entries = register.rows("select distinct slug from page_links where target in ('DHS-2577', 'DHS-2731')")
    for (page,) in register.rows("select slug from pages where kind = 'system'"):
        others = {finding["id"] for finding in findings_of_system(register, page)}
        assert ("components-disagree:DHS:mobile-fortify" in others) == ((page,) in entries), page
    site = Site(register, KINDS)
    html = Renderer(site).render(site.page("system", "mobile-fortify"))
    assert "../findings/components-disagree/dhs-mobile-fortify.html" in html


def test_the_pages_of_real_records_are_whole_inert_and_small(register: Register) -> None:
    site = Site(register, KINDS)
    renderer = Renderer(site)
    for kind, keys in site.contents.items():
        some = list(keys)[:: max(1, len(keys) // 12)]
        for page in site.pages(kind, some):
            html = renderer.render(page)
            without_pictures = re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL)
            assert len(without_pictures.encode()) < 150_000, page.path
            check_inert(html, page.path)


def test_the_gaps_of_a_list_are_those_of_the_register(register: Register) -> None:
    site = Site(register, KINDS)
    wanted = {finding["id"] for finding in questions.findings(register, rule="m-25-21-appeal", agency="DHS", outcome="gap")}
    page = site.page("finding-list", "rule=m-25-21-appeal&agency=DHS")
    assert {finding["id"] for finding in page.context["findings"]} == wanted
    assert page.context["total"] == len(wanted)
