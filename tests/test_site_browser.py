"""The explorer in a real browser: what axe-core finds, a reporter's and a resident's way, a site without a server."""

import functools
import shutil
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pypdfium2
import pytest
import uvicorn

from command import run as command
from custodiet import Register
from custodiet.access_log.sample import make_sample
from custodiet.site.app import make_app
from custodiet.site.pages import KINDS
from custodiet.site.publish import publish
from custodiet.site.serve import listen
from custodiet.site.site import Options, Site
from custodiet.site.uploads import Uploads
from sites import planted_register

pytestmark = pytest.mark.long
playwright = pytest.importorskip("playwright.sync_api", reason="the test extras are not installed")
CHROMIUM = shutil.which("chromium")
WIDTHS = (360, 768, 1280)
DOCUMENT = (
    "documents/award-70cdcr18p00000173-modification-p00004-national-law-enforcement-"
    "telecommunication-system-nlets-452c2d17.html"
)
# Pages of each kind, of the real register; what is not there is one of them.
PAGES = (
    "index.html", "how-to-read.html", "search.html", "search.html?q=fortify", "search.html?q=Jane+Doe", "systems/index.html",
    "systems/mobile-fortify.html", "feeds/location-data.html", "authorities/index.html", "authorities/m-25-21.html",
    "vendors/index.html", "vendors/palantir.html", "vendors/lists/b.html", "agencies/index.html", "agencies/dhs.html",
    "agencies/ice.html", "matrix/index.html", "matrix/ice.html", "use-cases/index.html", "use-cases/lists/dhs-2025.html",
    "use-cases/dhs-2577.html", "years/index.html", "years/2024-2025/index.html", "years/2024-2025/dhs.html",
    "years/2024-2025/dhs-changes.html", "awards/index.html", "awards/lists/ice-fy2024.html",
    "awards/ice-70cdcr26fr0000015.html", "notices/index.html", "notices/lists/2008.html",
    "notices/2019-09-30-interior-reclamation-14-land-and-realty-program.html", "findings/index.html",
    "findings/by/rule-m-25-21-appeal.html", "findings/m-25-21-appeal/dhs-2577.html", "rules/index.html",
    "rules/m-25-21-appeal.html", "sources/index.html", "sources/dhs-inventory-2025.html", "documents/index.html",
    "findings/select.html?agency=DOJ&outcome=cannot-tell", "findings/by/rule-path-uncovered/outcome-clear.html",
    "use-cases/dhs-123.html",
    DOCUMENT, "letters/dhs-2577.html", "stacks/index.html", "stacks/ice.html", "audits/index.html", "audits/town/index.html",
    "benches/index.html", "benches/reach/index.html", "nothing.html", "audits/none/index.html",
)  # fmt: skip
MISSING = ("nothing.html", "audits/none/index.html")
REPLY = """
finding: m-25-21-appeal:DHS-2577
kind: reply
date: 2026-09-01
by: The privacy office
says: The appeal process is being written.
source: https://example.gov/reply
"""


@pytest.fixture(scope="module")
def browser() -> Iterator["playwright.Browser"]:
    if not CHROMIUM:
        pytest.skip("there is no chromium on this machine; `apt-get install chromium` brings one")
    with playwright.sync_playwright() as runner:
        opened = runner.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def address(register_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The explorer of the real register, with an audit, a test of the bench, a reply, and uploads."""
    folder = tmp_path_factory.mktemp("served")
    for name in ("audits", "benches", "replies"):
        (folder / name).mkdir()
    make_sample(300, folder / "log.csv")
    command("audit", folder / "log.csv", "--out", folder / "audits" / "town", "--producer", "Town WA PD", home=folder)
    command("bench", "coverage", "--share", "a=0.3", "--share", "b=0.5", "--out", folder / "benches" / "reach", home=folder)
    (folder / "replies" / "one.yml").write_text(REPLY, "utf-8")
    options = Options(
        is_served=True, audits=folder / "audits", benches=folder / "benches", replies=folder / "replies"
    )  # fmt: skip
    uploads = Uploads(folder / "audits")
    listening = listen("127.0.0.1", 0)
    app = make_app(register_file, options, uploads=uploads)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CUSTODIET_KEY_FILE", str(folder / "key"))
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    server.should_exit = True
    thread.join(10)
    app.state.reader.close()
    uploads.close()
    listening.close()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A published site from a plain file server, under a sub-path."""
    root = tmp_path_factory.mktemp("host")
    publish(planted_register(root / "register.duckdb"), root / "public" / "sub" / "path", Options(), jobs=1)
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(root / "public"))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/sub/path/"
        server.shutdown()


def watch(page: "playwright.Page", allowed: str) -> list[str]:
    """Collect what goes wrong on a page: messages of the console, failed requests, and requests to anybody else."""
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith((allowed, "data:")) else wrong.append(request.url))
    return wrong


def too_wide(page: "playwright.Page") -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def test_the_pages_that_are_looked_at_are_of_every_kind(register: Register) -> None:
    site = Site(register, KINDS, Options(is_served=True))
    looked = {path.partition("?")[0] for path in PAGES}
    assert {kind for kind, keys in site.contents.items() if not looked & set(keys.values())} == set()


# WCAG 2.2 asks for a size of what is pointed at; axe-core looks at it only when told to.
AXE = {"rules": {"target-size": {"enabled": True}}}


@pytest.mark.parametrize(("scheme", "width"), [("light", 360), ("dark", 1280), ("dark", 360), ("light", 1280)])
def test_axe_finds_nothing(browser: "playwright.Browser", address: str, scheme: str, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    faults: list[object] = []
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    wrong = watch(page, address)
    # Every page in both lights and at both widths, and a third of them in each.
    for path in PAGES if (scheme, width) in (("light", 360), ("dark", 1280)) else PAGES[::3]:
        answer = page.goto(address + path)
        assert answer
        assert answer.status == (404 if path in MISSING else 200), path
        # Some are opened: all of a long page's would only be more of the same.
        page.evaluate("for (const each of [...document.querySelectorAll('details')].slice(0, 8)) each.open = true")
        found = axe.run(page, options=AXE)
        faults += [(path, each["id"], each["nodes"][0]["html"][:200]) for each in found.response["violations"]]
    page.close()
    assert faults == []
    assert [text for text in wrong if "404" not in text] == []


def test_no_page_is_wider_than_its_window(browser: "playwright.Browser", address: str) -> None:
    wide = []
    for width in WIDTHS:
        page = browser.new_page(viewport={"width": width, "height": 800})
        for path in PAGES:
            page.goto(address + path)
            if too_wide(page):
                wide.append((path, width))
            page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
            if too_wide(page):
                wide.append((path, width, "opened"))
        page.close()
    assert wide == []


@pytest.mark.parametrize("scripts", [True, False])
def test_a_reporter_goes_from_a_question_to_the_cell_and_the_letter(
    browser: "playwright.Browser", address: str, scripts: bool
) -> None:
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    wrong = watch(page, address)
    page.goto(address)
    page.get_by_label("Ask for a system").fill("mobile fortify")
    page.get_by_label("Ask for a system").press("Enter")
    page.locator("#hits").get_by_role("link", name="Mobile Fortify", exact=True).first.click()
    assert page.get_by_role("heading", level=1).inner_text() == "Mobile Fortify"
    # A contradiction: what one bureau answers, and what the other does.
    page.get_by_role("link", name="Two bureaus answer differently about one system").first.click()
    assert page.get_by_role("heading", level=1).inner_text() == "Two bureaus answer differently about one system"
    page.go_back()
    page.locator(".answers").get_by_role("link", name="Mobile Fortify").first.click()
    assert "DHS-2577" in page.locator(".card").inner_text()
    # The cell as it was published: closed before, and open after one press.
    cell = page.locator("#appeal blockquote")
    assert not cell.is_visible()
    page.locator("#appeal summary").click()
    assert cell.is_visible()
    assert cell.inner_text().startswith("c) Establishment of an appropriate appeal process")
    assert "row 122, column AF" in page.locator("#appeal .cell").inner_text()
    appeal = page.locator("article.finding", has=page.get_by_role("link", name="Remedy or appeal"))
    appeal.get_by_role("link", name="The finding, its request, its permalink").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Remedy or appeal"
    assert page.get_by_role("heading", name="What it does not show").is_visible()
    assert "?register=" in page.locator(".permalink code").inner_text()
    assert "The appeal process is being written." in page.locator(".reply").inner_text()
    page.get_by_role("link", name="The letter, ready-made").click()
    letter = page.locator("article.letter").inner_text()
    assert "Freedom of Information Act" in letter
    assert "Mobile Fortify" in letter
    assert "[ your name" in letter
    assert wrong == []
    context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_an_official_uploads_a_log_and_reads_its_report(
    browser: "playwright.Browser", address: str, tmp_path: Path, scripts: bool
) -> None:
    make_sample(200, tmp_path / "Search Log.csv")
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    wrong = watch(page, address)
    page.goto(address)
    page.locator("header").get_by_role("link", name="Audits").click()
    page.get_by_label("The released file").set_input_files(tmp_path / "Search Log.csv")
    page.get_by_label("Whose log it is").fill("Village WA PD")
    page.get_by_role("button", name="Audit it").click()
    # Progress is a page of its own, that looks again by itself until the report is there.
    page.wait_for_url("**/audits/search-log-*/index.html", timeout=120_000)
    assert page.get_by_role("heading", level=1).inner_text() == "Village WA PD"
    assert page.locator("article.finding").count() > 0
    assert "It does not show:" in page.locator("article.finding").first.inner_text()
    page.get_by_role("link", name="report.html").click()
    assert "Village WA PD" in page.locator("body").inner_text()
    page.go_back()
    page.get_by_role("link", name="Audits of query logs").click()
    assert page.get_by_role("link", name="Village WA PD").count() > 0
    assert [text for text in wrong if "sandbox" not in text] == []
    context.close()


def test_a_log_that_is_none_ends_in_a_sentence(browser: "playwright.Browser", address: str, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("a,b\n1,2\n", "utf-8")
    page = browser.new_page()
    page.goto(address + "audits/index.html")
    page.get_by_label("The released file").set_input_files(tmp_path / "log.csv")
    page.get_by_role("button", name="Audit it").click()
    page.get_by_role("alert").wait_for(timeout=120_000)
    assert page.get_by_role("alert").inner_text().endswith(".")
    page.get_by_role("link", name="Back to the audits").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Audits of query logs"
    page.close()


def test_facets_are_combined_on_a_phone_without_a_script(browser: "playwright.Browser", address: str) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page.goto(address + "findings/index.html")
    page.get_by_role("link", name="Combine rule, agency").click()
    page.get_by_label("Agency").select_option("SSA")
    page.get_by_label("What is missing").select_option("blank")
    page.get_by_role("button", name="Show").click()
    assert "Social Security Administration, The cell is blank" in page.locator("h1").inner_text()
    page.locator("ul.rows a").first.click()
    assert page.locator("blockquote, .empty").count()
    page.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_resident_finds_the_way_on_a_phone(browser: "playwright.Browser", address: str, scripts: bool) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True, java_script_enabled=scripts)
    page = context.new_page()
    page.goto(address)
    page.get_by_role("link", name="How to read this").first.tap()
    page.wait_for_url("**/how-to-read.html")
    assert page.get_by_role("heading", name="What a rule answers").is_visible()
    page.go_back()
    page.get_by_role("searchbox", name="Search", exact=True).fill("location data")
    page.get_by_role("searchbox", name="Search", exact=True).press("Enter")
    page.get_by_role("link", name="Commercial location data of phones").first.tap()
    page.wait_for_url("**/feeds/location-data.html")
    assert page.get_by_role("heading", level=1).inner_text() == "Commercial location data of phones"
    context.close()


def test_everything_is_reached_by_keyboard(browser: "playwright.Browser", address: str) -> None:
    page = browser.new_page()
    page.goto(address + "use-cases/dhs-2577.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    page.keyboard.press("Enter")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "SUMMARY":
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.parentElement.open")
    page.close()


def test_no_page_moves_while_it_loads(browser: "playwright.Browser", address: str) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.add_init_script(
        "window.moved = 0; new PerformanceObserver((list) => { for (const e of list.getEntries()) window.moved += e.value })"
        ".observe({type: 'layout-shift', buffered: true})"
    )
    moved = []
    for path in PAGES:
        page.goto(address + path)
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        if page.evaluate("window.moved") > 0.01:
            moved.append(path)
    page.close()
    assert moved == []


def test_harmful_and_endless_words_do_nothing_and_fit(browser: "playwright.Browser", published: str) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740})
    wrong = watch(page, published)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(published)
    seen, waiting, wide = {page.url}, [page.url], []
    while waiting:
        page.goto(waiting.pop())
        page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        if too_wide(page):
            wide.append(page.url)
        targets = "[...document.querySelectorAll('main a[href]')].map((a) => new URL(a.getAttribute('href'), location).href)"
        for target in {each.partition("#")[0] for each in page.evaluate(targets)}:
            if target.startswith(published) and target.endswith(".html") and target not in seen:
                seen.add(target)
                waiting.append(target)
    page.close()
    assert len(seen) > 30
    assert wide == []
    assert dialogs == []
    assert wrong == []


def test_the_stack_prints_on_one_page(browser: "playwright.Browser", address: str, tmp_path: Path) -> None:
    page = browser.new_page()
    page.goto(address + "stacks/ice.html")
    page.pdf(path=tmp_path / "stack.pdf", format="Letter", landscape=True)
    text = pypdfium2.PdfDocument(tmp_path / "stack.pdf")[0].get_textpage().get_text_range()
    for words in ("1 Feeds of data", "Local jail and booking records", "Commercial location data of phones", "Register "):
        assert words in text, words
    page.close()


def test_the_served_search_answers_while_one_types(browser: "playwright.Browser", address: str) -> None:
    page = browser.new_page()
    wrong = watch(page, address)
    page.goto(address + "search.html")
    page.locator("#words").press_sequentially("palantir", delay=20)
    page.locator("#hits h2").first.wait_for(timeout=5_000)
    assert "q=palantir" in page.url
    assert wrong == []
    page.close()


def test_a_published_site_works_under_a_sub_path_and_asks_nobody_else(browser: "playwright.Browser", published: str) -> None:
    page = browser.new_page()
    wrong = watch(page, published)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(published + "search.html")
    page.locator("#words").fill("70TEST00000000001")
    page.locator("#words").press("Enter")
    page.locator("#hits").get_by_role("link", name="ICE award 70TEST00000000001").click()
    assert "70TEST00000000001" in page.get_by_role("heading", level=1).inner_text()
    page.locator("header").get_by_role("link", name="Findings").click()
    for name in ("script", "alert", "svg", "payload"):
        page.goto(published + f"search.html?q={name}")
        page.wait_for_timeout(300)
    assert dialogs == []
    assert wrong == []
    page.close()


def test_a_published_site_is_read_without_a_script(browser: "playwright.Browser", published: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(published)
    page.get_by_label("Ask for a system").fill("anything")
    page.get_by_label("Ask for a system").press("Enter")
    # Without a script there is no search, and the page says so and leads on.
    assert "Without one, the lists lead to every page" in page.locator("#hits").inner_text()
    page.locator("#hits").get_by_role("link", name="systems").click()
    page.locator("main .title").first.click()
    page.get_by_role("link", name="The finding, its request, its permalink").first.click()
    assert page.get_by_role("heading", name="What it does not show").is_visible()
    page.get_by_role("link", name="The letter, ready-made").click()
    assert "Freedom of Information Act" in page.locator("article.letter").inner_text()
    context.close()


def test_a_published_site_opens_from_a_disk(browser: "playwright.Browser", tmp_path: Path) -> None:
    folder = tmp_path / "site"
    publish(planted_register(tmp_path / "register.duckdb"), folder, Options(), jobs=1)
    page = browser.new_page()
    page.goto((folder / "index.html").as_uri())
    page.get_by_role("link", name="Awards", exact=True).click()
    page.get_by_role("link", name="ICE 70TEST00000000001").first.click()
    assert page.locator("main").is_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.card')).borderTopStyle") == "solid"
    page.close()
