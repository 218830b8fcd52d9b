"""What a site has besides pages: feeds, tables, figures, cards, the newsroom bundle. Valid, inert, and the same each time."""

import csv
import datetime as dt
import hashlib
import io
import json
import re
import xml.etree.ElementTree as ET
import zipfile
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from custodiet import Register
from custodiet.documents.drawings.outcomes import draw_outcomes
from custodiet.model.errors import QuestionError
from custodiet.site.bundle import write_bundle
from custodiet.site.bundle_parts import letters_about
from custodiet.site.downloads import draw_png, write_figure, write_table
from custodiet.site.feeds import LONGEST, Feed, feed_at, list_feeds, write_feed
from custodiet.site.figures import figure
from custodiet.site.files import list_files
from custodiet.site.linked_data import review_claim, write_script
from custodiet.site.llms import write_llms
from custodiet.site.pages import KINDS
from custodiet.site.render import Renderer
from custodiet.site.site import Options, Site
from custodiet.site.tables import build_rules
from stacks import PAYLOADS, add_claim, add_finding, add_page, small_register

ATOM = "{http://www.w3.org/2005/Atom}"
DAY = dt.date(2026, 11, 22)
FEED = Feed("rule:x", "A rule", "Gaps.", "https://example.org/feeds/x.xml", "https://example.org/rules/x.html")


def add_rule(register: Register, rule: str, title: str = "A rule") -> None:
    columns = {
        "rule": rule, "page": rule, "title": title, "duty": "law", "duty_title": "A law", "subjects": "use_cases",
        "grade": "Known", "checks": "It checks.", "does_not_show": "All else.", "ask_for": "A paper.",
        "text": "## What it checks", "needs": [], "unverified": False,
    }  # fmt: skip
    register.run(f"insert into rules ({', '.join(columns)}) values ({', '.join('$' + name for name in columns)})", columns)


def finding(number: int = 1, outcome: str = "gap", **changes: Any) -> dict[str, Any]:
    subject = {
        "kind": "use-case",
        "id": f"DHS-{number}",
        "key": f"k{number}",
        "name": "Name",
        "agency": "DHS",
        "bureau": None,
    }
    return {
        "id": f"x:DHS-{number}", "rule": "x", "subject": subject, "outcome": outcome, "reason": "Because.", "grade": "Known",
        "citations": [{"release": "r", "row": number, "column": "c"}], "numbers": {}, "does_not_show": "All else.",
    } | changes  # fmt: skip


def entries(feed: bytes) -> list[ET.Element]:
    root = ET.fromstring(feed)
    assert root.tag == f"{ATOM}feed"
    for part in (root, *root.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert part.findtext(f"{ATOM}{name}"), name
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00Z", part.findtext(f"{ATOM}updated") or "")
        assert (part.findtext(f"{ATOM}id") or "").startswith("urn:uuid:")
    found = root.findall(f"{ATOM}entry")
    assert len({entry.findtext(f"{ATOM}id") for entry in found}) == len(found)
    return found


def write(*findings: dict[str, Any], days: dict[str, dt.date] | None = None) -> bytes:
    counts = Counter(finding["outcome"] for finding in findings)
    return write_feed(FEED, findings, counts=counts, days=days or {"r": dt.date(2026, 1, 28)}, page_of=lambda _: None)


def test_a_gap_that_closes_is_a_new_entry_and_what_stays_keeps_its_name():
    before, after = entries(write(finding(1), finding(2))), entries(write(finding(1), finding(2, "clear")))
    names = [{entry.findtext(f"{ATOM}id") for entry in found[1:]} for found in (before, after)]
    assert len(names[0] & names[1]) == 1
    (new,) = [entry for entry in after[1:] if entry.findtext(f"{ATOM}id") not in names[0]]
    assert (new.findtext(f"{ATOM}title") or "").startswith("Clear: ")
    # A gap that leaves the list is told by the counts, whose entry is new then.
    assert before[0].findtext(f"{ATOM}id") != entries(write(finding(1)))[0].findtext(f"{ATOM}id")


def test_a_feed_is_the_same_each_time_and_dated_by_what_it_cites():
    days = {"r": dt.date(2025, 1, 1), "s": dt.date(2026, 8, 1)}
    old, new = finding(1), finding(2, "clear", citations=[{"release": "s", "row": 1, "column": "c"}])
    by_hand = finding(3, citations=[{"release": "catalogue", "row": 1, "column": "elite"}])
    feed = write(old, new, by_hand, days=days)
    assert feed == write(old, new, by_hand, days=days)
    told = [(entry.findtext(f"{ATOM}title"), (entry.findtext(f"{ATOM}updated") or "")[:10]) for entry in entries(feed)[1:]]
    # What is newest comes first, and a gap before what is clear.
    assert told == [("Gap: Name (x)", "2026-08-01"), ("Clear: Name (x)", "2026-08-01"), ("Gap: Name (x)", "2025-01-01")]
    assert ET.fromstring(feed).findtext(f"{ATOM}updated") == "2026-08-01T00:00:00Z"


def test_a_long_feed_says_that_it_is_cut():
    feed = write(*(finding(number) for number in range(LONGEST + 5)))
    assert len(entries(feed)) == LONGEST + 1
    assert f"The first {LONGEST} of {LONGEST + 5}" in (ET.fromstring(feed).findtext(f"{ATOM}subtitle") or "")


def test_what_changed_is_told_first_even_where_a_feed_is_cut():
    many = [finding(number) for number in range(LONGEST + 50)]
    closed, lost = finding(LONGEST + 60, "clear"), finding(LONGEST + 70, "cannot-tell")
    counts = Counter(each["outcome"] for each in (*many, closed, lost))
    days = {"r": dt.date(2026, 1, 28), "s": dt.date(2026, 8, 22)}
    feed = write_feed(
        FEED, [*many, closed, lost], counts=counts, days=days, page_of=lambda _: None, changed={closed["id"], lost["id"]}
    )
    told = entries(feed)[1:]
    assert [entry.findtext(f"{ATOM}title") for entry in told[:2]] == ["Clear: Name (x)", "Cannot tell: Name (x)"]
    # A reader sorts by day: what changed is as new as the newest file.
    assert {(entry.findtext(f"{ATOM}updated") or "")[:10] for entry in told[:2]} == {"2026-08-22"}
    assert len(told) == LONGEST


@pytest.mark.parametrize("payload", PAYLOADS)
def test_published_texts_in_a_feed_stay_texts(payload: str):
    subject = finding()["subject"] | {"name": payload}
    feed = write(finding(reason=payload, subject=subject, does_not_show=payload))
    entry = entries(feed)[1]
    content = entry.find(f"{ATOM}content")
    assert content is not None
    assert content.get("type") == "text"
    shown = payload.replace("\x00", "�").replace("\x07", "�").replace("\ud800", "�")
    assert shown in (content.text or "")
    assert {element.tag.removeprefix(ATOM) for element in ET.fromstring(feed).iter()} <= {
        "feed", "id", "title", "subtitle", "updated", "author", "name", "generator", "link", "entry", "content",
    }  # fmt: skip


def test_the_feeds_of_the_real_register_count_what_the_findings_are(register: Register):
    site = Site(register, KINDS, Options(base_url="https://example.org/"))
    feeds = list_feeds(site)
    for path in ("feeds/rules/m-25-21-appeal.xml", "feeds/agencies/doj.xml", "feeds/systems/mobile-fortify.xml"):
        found = entries(feed_at(site, path, *feeds[path]))
        (gaps,) = re.findall(r"([\d,]+) gap", found[0].findtext(f"{ATOM}content") or "")
        shown = sum((entry.findtext(f"{ATOM}title") or "").startswith("Gap: ") for entry in found)
        assert 0 < shown == min(int(gaps.replace(",", "")), LONGEST) or len(found) == LONGEST + 1
        for link in ET.fromstring(feed_at(site, path, *feeds[path])).iter(f"{ATOM}link"):
            assert (link.get("href") or "").startswith("https://example.org/")
    ((gaps,),) = register.rows("select count(*) from findings where rule = 'm-25-21-appeal' and outcome = 'gap'")
    first = entries(feed_at(site, "feeds/rules/m-25-21-appeal.xml", "rule", "m-25-21-appeal"))[0]
    assert f"{gaps:,} gap" in (first.findtext(f"{ATOM}content") or "")


# --- Tables and drawings as files


@pytest.mark.parametrize("payload", [*PAYLOADS[:-1], "nul \x00", "+1", "-1", "@x", "\tx"])
def test_a_table_holds_no_formula(payload: str):
    rows = [{"name": payload, "citation": {"release": payload, "row": 1, "column": "c"}, "list": [payload]}]
    for cell in [cell for row in csv.reader(io.StringIO(write_table(rows, "csv", "t").decode("utf-8-sig"))) for cell in row]:
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(write_table(rows, "xlsx", "t"))).get_sheet_by_index(0).to_python()
    assert not str(sheet[1][0]).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert json.loads(write_table(rows, "json", "t"))[0]["name"] == payload


def test_the_same_rows_are_the_same_bytes():
    rows = [{"day": DAY, "n": 1, "text": "é"}]
    for form in ("csv", "xlsx", "json"):
        assert write_table(rows, form, "t") == write_table(rows, form, "t")


@pytest.mark.parametrize("write_it", [lambda: write_table([], "exe", "t"), lambda: write_figure("<svg/>", "exe")])
def test_a_form_that_is_none_is_refused(write_it: Any):
    with pytest.raises(QuestionError, match="choose one of"):
        write_it()


def test_a_drawing_stands_alone_as_svg_and_png():
    drawn = draw_outcomes([{"rule": "r", "title": "T", "counts": {"gap": 1, "clear": 3}}], "T")
    svg = write_figure(drawn, "svg")
    assert svg.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<svg ')
    root = ET.fromstring(svg)
    for scale in (1, 2):
        png = draw_png(drawn, scale)
        assert png.startswith(b"\x89PNG\r\n\x1a\n")
        assert png.endswith(b"IEND\xaeB`\x82")
        assert int.from_bytes(png[16:20], "big") == scale * int(root.get("width", 0))
        assert png == draw_png(drawn, scale)


def test_every_file_of_a_small_site_is_written_and_inert():
    register = small_register()
    add_rule(register, "path-uncovered", PAYLOADS[0])
    for number, payload in enumerate(PAYLOADS[:-1]):
        add_page(register, "system", f"s{number}", payload, operators=["ICE"], status="in-use", category=payload)
        add_claim(register, f"s{number}", "identity", "identity", payload)
        add_finding(register, "path-uncovered", f"s{number}/x/notice", "gap", payload)
    files = list_files(Site(register, KINDS))
    for path, file in files.items():
        content = file.write()
        assert content, path
        if path.endswith((".svg", ".xml")):
            names = {element.tag.rpartition("}")[2] for element in ET.fromstring(content).iter()}
            assert "script" not in names
        elif path.endswith(".json"):
            json.loads(content)
    assert {Path(path).suffix for path in files} == {".txt", ".xml", ".csv", ".xlsx", ".json", ".svg", ".png"}


def test_the_tables_of_the_real_register_have_every_row(register: Register):
    files = list_files(Site(register, KINDS))
    for path, statement in (
        ("tables/awards.csv", "select count(*) from awards"),
        ("tables/use-cases-2025.csv", "select count(*) from use_cases where inventory_year = 2025"),
        ("tables/gaps.csv", "select count(*) from findings where outcome = 'gap'"),
        ("tables/gaps-listed-late.csv", "select count(*) from findings where outcome = 'gap' and rule = 'listed-late'"),
        ("figures/stack-ice.csv", "select count(*) from page_links l join pages p using (slug) where relation = 'feeds' and "
         " list_has_any((p.fields->'operators')::varchar[], ['ICE', 'ERO', 'HSI', 'OPLA'])"),
    ):  # fmt: skip
        rows = list(csv.reader(io.StringIO(files[path].write().decode("utf-8-sig"))))
        assert len(rows) - 1 == register.rows(statement)[0][0], path


# Pages that are neither a record nor a list: what they lead to is a list, or a figure with its table.
NO_LISTS = {
    "index.html", "how-to-read.html", "search.html", "matrix/index.html", "stacks/index.html", "years/index.html",
    "findings/select.html",
}  # fmt: skip


def test_a_page_of_a_bureau_can_be_followed(register: Register):
    site = Site(register, KINDS)
    for code in ("ICE", "CBP"):
        assert f'href="../feeds/agencies/{code.lower()}.xml"' in Renderer(site).render(site.page("agency", code))


@pytest.mark.parametrize("is_served", [True, False])
def test_every_list_and_every_figure_of_a_page_can_be_taken_along(register: Register, is_served: bool):
    """A new kind of list or figure fails here until there is a file for it."""
    site = Site(register, KINDS, Options(is_served=is_served))
    renderer, files = Renderer(site), list_files(site)
    lists, figures, without = set(), set(), set()
    for kind, keys in site.contents.items():
        if kind == "letter":
            continue
        names = list(keys)
        wanted = ("palantir", "omb-inventory-2025:146", "rule=m-25-21-appeal&outcome=clear")
        sampled = [key for key in names if key in wanted]
        some = [*names[:2], *names[:: max(1, len(names) // 3)], *sampled]
        for page in site.pages(kind, list(dict.fromkeys(some))):
            html = renderer.render(page)
            drawn = html.count('class="drawing"')
            shown = re.findall(r"<figure.*?</figure>", html, re.DOTALL)
            assert drawn == sum(each.count('class="drawing"') for each in shown), page.path
            for each in shown:
                forms = re.findall(r'href="[./]*(figures/[^"]*)" download', each)
                if forms:
                    figures.add(forms[0].partition(".")[0])
                    assert [form.rpartition(".")[2] for form in forms] == ["svg", "png", "csv", "xlsx", "json"], page.path
                    assert set(forms) <= files.keys(), page.path
                else:
                    without.add(page.noun)
                    assert "<table" in html.partition(each)[2], page.path
            taken = re.findall(r'href="[./]*(tables/[^"]*)" download', html)
            if not page.noun and page.path not in NO_LISTS:
                lists.add(page.table)
                assert [name.rpartition(".")[2] for name in taken] == ["csv", "xlsx", "json"], page.path
            assert set(taken) <= files.keys()
    assert {"gaps", "clear", "awards", "documents", "organisations", "agencies", "changes-2024-2025"} <= lists
    assert {"figures/money", "figures/outcomes", "figures/money-palantir", "figures/stack-ice"} <= figures
    # Of the small drawings by year, a published site has those of the catalogue; the others have their table below.
    assert without == (set() if is_served else {"vendor", "use case"})


def test_a_drawing_by_year_says_what_its_table_says(register: Register):
    site = Site(register, KINDS, Options(is_served=True))
    ((handle,),) = register.rows(
        "select max(u.handle) from matches m join use_cases u on u.use_case_id = m.later where u.inventory_year = 2025 "
        "and u.bureau = 'ICE' and u.stage.value = 'deployed'"
    )
    page = site.page("use-case", site.handles[handle])
    found = page.context["timeline"]
    assert figure(site, found.name) == found
    # Recounted by hand: of each question, the rows of the table that were put to the case and say something else.
    answers: dict[str, list[Any]] = {}
    for row in found.table:
        if row["state"] != "not-asked" and not (row["state"] == "not-applicable" and row["value"] is None):
            answers.setdefault(row["question"], []).append((row["value"], row["state"]))
    changed = sum(len(set(said)) > 1 for said in answers.values())
    assert f"Answers that changed: {changed}." in found.drawn
    assert changed == sum(row["differs"] for row in page.context["by_year"]["rows"])
    money = figure(site, "money-palantir")
    # A year that was not over when the files were made is a hollow bar, as one whose file was cut off is.
    hollow = {row["year"] for row in money.table if not (row["complete"] and row["is_over"])}
    assert 2026 in hollow
    assert money.drawn.count('class="d-bar-cut"') == len(hollow)
    assert money.drawn.count('class="d-bar"') == len(money.table) - len(hollow)
    ((total,),) = register.rows(
        "select sum(t.obligation)::decimal(18, 2)::varchar from transactions t "
        "join organisation_names n on n.name = t.recipient join organisations o using (organisation) "
        "where o.page = 'palantir' and t.is_current and not t.repeats"
    )
    assert str(sum(Decimal(row["obligations"]) for row in money.table)) == total


# --- The bundle


def open_bundle(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert all(re.fullmatch(r"[a-z0-9-]+/[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)?", name) for name in names)
        assert len({name.partition("/")[0] for name in names}) == 1
        return {name.partition("/")[2]: archive.read(name) for name in names}


@pytest.mark.parametrize(
    "about",
    [{"subject": "DHS-2577"}, {"subject": "mobile fortify"}, {"subject": "palantir"}, {"subject": "70CTD022FR0000170"}],
)
def test_a_bundle_opens_from_disk_and_is_the_same_each_time(register: Register, about: dict[str, str]):
    content = write_bundle(register, as_of=DAY, **about)
    if about["subject"] in ("DHS-2577", "70CTD022FR0000170"):
        assert content == write_bundle(register, as_of=DAY, **about)
    files = open_bundle(content)
    sums = dict(reversed(line.split("  ")) for line in files["SHA256SUMS"].decode().splitlines())
    assert sums == {name: hashlib.sha256(held).hexdigest() for name, held in files.items() if name != "SHA256SUMS"}
    page = files["index.html"].decode()
    for address in re.findall(r'(?:href|src)="([^"]*)"', page):
        assert address in files, address
    assert "A gap is not a violation" in page
    # Every cited cell is there, with the hash of its file.
    cells = list(csv.DictReader(io.StringIO(files["citations.csv"].decode("utf-8-sig"))))
    hashes = dict(register.rows("select release, sha256 from releases"))
    assert all(cell["release"] == "catalogue" or cell["sha256"] == hashes[cell["release"]] for cell in cells)
    findings = json.loads(files["findings.json"])
    cited = {(cell["release"], str(cell["row"]), cell["column"]) for each in findings for cell in each["citations"]}
    assert cited <= {(cell["release"], cell["row"], cell["column"]) for cell in cells}
    for rule in {each["rule"] for each in findings}:
        assert b"## Method" in files[f"method/{rule}.md"]


def test_a_bundle_of_a_rule_has_its_gaps_and_letters(register: Register):
    files = open_bundle(write_bundle(register, as_of=DAY, rule="privacy-notice-unusable"))
    found = json.loads(files["findings.json"])
    ((gaps,),) = register.rows("select count(*) from findings where rule = 'privacy-notice-unusable' and outcome = 'gap'")
    assert sum(each["outcome"] == "gap" for each in found) == gaps
    assert not any(each["outcome"] == "not-applicable" for each in found)
    assert any(name.startswith("letters/foia-") for name in files)


@pytest.mark.long
def test_a_gap_of_every_rule_has_its_letters(register: Register):
    site = Site(register, KINDS)
    for rule in build_rules(site):
        gaps = register.rows("select min(finding) from findings where outcome = 'gap' and rule = $rule", {"rule": rule})
        letters = [document for (gap,) in gaps if gap for _, document in letters_about(site, DAY, finding=gap)]
        # What a cut file asks for is the publisher's file, which is public: no request, and only the question to the agency.
        assert len(letters) == (0 if gaps == [(None,)] else 1 if rule == "source-incomplete" else 2), rule
        for letter in letters:
            # An award, a form and a file are no use of artificial intelligence that somebody lists.
            lists_it = "among its uses of artificial intelligence" in letter.markdown
            assert not lists_it or re.search(r"publication about .*\(.*\), which", letter.markdown), letter.title


def test_a_bundle_of_an_agency_says_that_it_has_only_gaps(register: Register):
    page = open_bundle(write_bundle(register, as_of=DAY, subject="OSHRC"))["index.html"].decode()
    ((gaps,),) = register.rows("select count(*) from findings where outcome = 'gap' and agency = 'OSHRC'")
    assert f"{gaps} gap{'' if gaps == 1 else 's'}. What is clear, and what cannot be told, is not in this bundle." in page
    assert "0 clear" not in page
    # It has no letters, and so no day of them.
    assert "Letters are of" not in page


@pytest.mark.parametrize("about", [{}, {"subject": "ELITE", "rule": "listed-late"}, {"rule": "none"}, {"subject": "m-25-21"},
                                   {"subject": "nobody at all"}])  # fmt: skip
def test_a_bundle_of_nothing_is_refused(register: Register, about: dict[str, str]):
    with pytest.raises(QuestionError):
        write_bundle(register, as_of=DAY, **about)


# --- What a page says of itself


def linked(page: str) -> list[dict[str, Any]]:
    return [json.loads(text) for text in re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)]


@pytest.mark.parametrize("payload", ["</script><script>alert(1)</script>", "<!--<script>", "a\u2028b & c"])
def test_linked_data_never_ends_its_element(payload: str):
    written = str(write_script({"name": payload}))
    assert written.count("<") == 2
    assert linked(written) == [{"name": payload}]


def test_only_a_checked_claim_is_reviewed():
    claim = finding(2, "gap", rule="claim-not-shown")
    review = review_claim(claim, "https://example.org/x")
    assert review
    assert review["reviewRating"]["alternateName"] == "Not shown by the test"
    assert review["claimReviewed"] == "Name"
    assert review_claim(finding(1), "x") is None
    assert review_claim(finding(1, "not-applicable", rule="claim-not-shown"), "x") is None


def test_the_front_describes_the_register_and_links_only_what_is_there(register: Register):
    site = Site(register, KINDS, Options(base_url="https://example.org/"))
    page = Renderer(site).render(site.page("front", "front"))
    (data,) = linked(page)
    files = list_files(site)
    for one in data["distribution"]:
        assert one["contentUrl"].removeprefix("https://example.org/") in files
    hashes = {f"sha256:{sha}" for (sha,) in register.rows("select sha256 from releases where status = 'read'")}
    assert {one["identifier"] for one in data["isBasedOn"]} == hashes
    (card,) = re.findall(r'property="og:image" content="https://example.org/([^"]*)"', page)
    assert files[card].write().startswith(b"\x89PNG")
    assert site.fingerprint in page
    # Without a public address, an address is read from the page on which it stands, and nothing claims to have one.
    (beside,) = linked(Renderer(Site(register, KINDS)).render(site.page("release", "index")))
    assert {one["contentUrl"].removeprefix("../") for one in beside["distribution"]} <= files.keys()
    assert all(one["contentUrl"].startswith("../") for one in beside["distribution"])
    assert "og:image" not in Renderer(Site(register, KINDS)).render(site.page("front", "front"))


def test_llms_txt_links_only_what_is_there(register: Register):
    site = Site(register, KINDS, Options(base_url="https://example.org/"))
    there = {*site.places, *list_files(site)}
    links = re.findall(r"\]\(https://example\.org/([^)]*)\)", write_llms(site))
    assert len(links) > 20
    assert set(links) <= there
