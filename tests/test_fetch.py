"""Live retrieval: what publishers' servers may do, and that only a whole release is kept."""

import csv
import datetime as dt
import io
import json
import os
import signal
import time
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

import custodiet
from command import assert_one_sentence, run, start
from custodiet import questions
from custodiet.model.errors import FetchError
from custodiet.sources.fetch import client as client_module
from custodiet.sources.fetch import usaspending as usaspending_module
from custodiet.sources.fetch.client import Client
from custodiet.sources.fetch.run import fetch_downloads, fetch_pages
from custodiet.sources.own import read_own
from custodiet.sources.spec import Query, read_specs
from custodiet.sources.usaspending.recipients import WITHHELD
from loopback import FederalRegister, Loopback, Record, Sam, UsaSpending, send

ICE = "U.S. Immigration and Customs Enforcement"
DAYS = Query(agency="ICE", since=dt.date(2025, 10, 1), until=dt.date(2025, 12, 31))


def an_action(number: int, day: str | None = None, amount: float | None = None, **changes: Any) -> Record:
    piid = f"70CDCR26P{number // 3:08}"
    when = day or (dt.date(2025, 10, 1) + dt.timedelta(number % 92)).isoformat()
    return {
        "Award ID": piid, "Mod": f"P{number % 3:05}", "Recipient Name": f"ACME {number % 7} LLC",
        "Recipient UEI": f"ABCDEFGH{number % 7:04}", "Action Date": when, "Action Type": "A",
        "Transaction Amount": amount if amount is not None else (0.0 if number % 2 else number * 1.25 - 40),
        "Awarding Agency": "Department of Homeland Security", "Awarding Sub Agency": ICE, "Award Type": "PURCHASE ORDER",
        "PSC": {"code": "R499", "description": "SUPPORT"}, "NAICS": {"code": "561611", "description": "INVESTIGATION"},
        "Transaction Description": "SKIP TRACING", "internal_id": number // 3,
        "generated_internal_id": f"CONT_AWD_{piid}_7012_-NONE-_-NONE-",
    } | changes  # fmt: skip


@pytest.fixture(autouse=True)
def _swift(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setattr(client_module, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(client_module, "LONGEST_WAIT", 0.05)
    monkeypatch.setattr(usaspending_module, "LOOK_SECONDS", 0.01)


@pytest.fixture
def server() -> Iterator[UsaSpending]:
    with UsaSpending(an_action(number) for number in range(450)) as serving:
        yield serving


def fetch(server: Loopback, folder: Path, source: str = "usaspending", query: Query = DAYS, **options: Any) -> str:
    secrets = options.pop("secrets", None)
    with Client(server.address, pause=0, secrets=secrets) as client:
        return fetch_pages(source, query, client, folder, read_specs(), progress=lambda _: None, **options)


def records_of(folder: Path) -> list[Record]:
    ((_, release),) = read_own(folder)
    pages = (folder / release.folder / release.file).read_text("utf-8").splitlines()
    return [record for page in pages for record in json.loads(page)["results"]]


def nothing_was_kept(folder: Path) -> bool:
    return read_own(folder) == []


def once(path: str, *answers: Any, after: int = 0) -> Any:
    """Return a fault: the next requests for a path get these answers, once `after` of them went well."""
    waiting = list(answers)
    passed = [0]

    def fault(handler: BaseHTTPRequestHandler, asked: str, request: dict[str, Any]) -> bool:
        if asked != path or not waiting:
            return False
        if passed[0] < after:
            passed[0] += 1
            return False
        return bool(waiting.pop(0)(handler, request))

    return fault


def answers(*body: Any, **headers: Any) -> Any:
    def answer(handler: BaseHTTPRequestHandler, _: dict[str, Any]) -> bool:
        send(handler, *body, **headers)
        return True

    return answer


# --- What goes well


def test_all_pages_come_once_and_make_a_release(server: UsaSpending, tmp_path: Path) -> None:
    fetch(server, tmp_path)
    got = records_of(tmp_path)
    assert sorted((r["Award ID"], r["Mod"]) for r in got) == sorted((r["Award ID"], r["Mod"]) for r in server.records)
    ((source, release),) = read_own(tmp_path)
    assert (source, release.role, release.form) == ("usaspending", "transactions", "form-api-pages")
    assert (release.assertions.rows, release.counted, release.query) == (450, 450, DAYS)
    assert all(request["limit"] == 100 for request in server.requests(UsaSpending.SEARCH))
    assert not list((tmp_path / ".partial").iterdir())


def test_fetching_the_same_again_changes_nothing(server: UsaSpending, tmp_path: Path) -> None:
    assert fetch(server, tmp_path) == fetch(server, tmp_path)
    assert len(read_own(tmp_path)) == 1


def test_the_cursor_goes_along_where_the_search_gives_one(tmp_path: Path) -> None:
    with UsaSpending([an_action(number) for number in range(250)], has_cursor=True) as server:
        fetch(server, tmp_path)
        first, second, third = server.requests(UsaSpending.SEARCH)
        assert "last_record_unique_id" not in first
        assert [second["last_record_unique_id"], third["last_record_unique_id"]] == [33, 66]
        assert second["last_record_sort_value"] == "70CDCR26P00000033"


def test_more_than_a_slice_is_cut_by_days(tmp_path: Path) -> None:
    with UsaSpending(an_action(number) for number in range(4_500)) as server:
        fetch(server, tmp_path)
        times = {request["filters"]["time_period"][0]["start_date"] for request in server.requests(UsaSpending.SEARCH)}
        assert len(times) > 2
        assert len(records_of(tmp_path)) == 4_500
        assert max(request["page"] for request in server.requests(UsaSpending.SEARCH)) <= 20


def test_two_actions_alike_on_one_page_are_two(tmp_path: Path) -> None:
    with UsaSpending([an_action(1), an_action(1), an_action(2)]) as server:
        fetch(server, tmp_path)
        assert len(records_of(tmp_path)) == 3


def test_real_actions_come_back_to_the_cent(mirror: Path, tmp_path: Path) -> None:
    path = mirror / "usaspending-transactions" / "CBP_ICE_FY2026_Contract_Obligations.csv"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = {tuple(row.items()) for row in csv.DictReader(stream) if row["Agency"] == "ICE"}
    real = [
        an_action(number, row["Action Date"], float(row["Federal Action Obligation"]), **{
            "Award ID": row["Award ID"], "Mod": row["Modification"], "Recipient Name": row["Recipient Name"],
            "PSC": {"code": "X", "description": row["Product/Service Description"]},
            "NAICS": {"code": "1", "description": row["NAICS Description"]},
            "Transaction Description": row["Transaction Description"], "generated_internal_id": row["Generated Award ID"],
        })
        for number, row in enumerate(map(dict, sorted(rows)))
    ]  # fmt: skip
    with UsaSpending(real) as server:
        fetch(server, tmp_path / "own", query=Query(agency="ICE", since=dt.date(2025, 10, 1), until=dt.date(2026, 9, 30)))
    (tmp_path / "none.jsonl").touch()
    custodiet.build(tmp_path / "r.duckdb", mirror, judgements=tmp_path / "none.jsonl", releases=tmp_path / "own")
    with custodiet.open_register(tmp_path / "r.duckdb") as register:
        (row,) = questions.spend(register, agency="ICE", year=2026)
        assert Decimal(row["obligations"]) == sum(Decimal(dict(r)["Federal Action Obligation"]) for r in rows)
        assert (row["actions"], row["complete"]) == (len(rows), True)
        by_release = dict(register.rows(
            "select release, count(*) from transactions where is_current and not repeats and agency = 'ICE' and "
            "fiscal_year = 2026 group by all"
        ))  # fmt: skip
        (own,) = [release for release in questions.sources(register) if release["release"] in by_release]
        assert (own["source"], own["completeness"], by_release[own["release"]]) == ("usaspending", "complete", len(rows))
        pinned = next(r for r in questions.sources(register) if r["release"] == "usaspending-transactions-fy2026")
        assert [(s["agency"], s["fiscal_year"], s["by"]) for s in pinned["superseded"]] == [("ICE", 2026, own["release"])]
        assert WITHHELD in {name for (name,) in register.rows("select recipient from transactions where is_current")}


# --- What goes wrong


def test_a_wait_that_the_server_asks_for_is_kept(server: UsaSpending, tmp_path: Path) -> None:
    server.faults.append(once(UsaSpending.SEARCH, answers(b"slow down", 429, Retry_After="1"), after=1))
    began = time.monotonic()
    fetch(server, tmp_path)
    assert time.monotonic() - began >= 1
    assert len(records_of(tmp_path)) == 450


def test_a_server_that_wants_an_hour_is_left_alone(server: UsaSpending, tmp_path: Path) -> None:
    server.faults.append(once(UsaSpending.SEARCH, answers(b"", 429, Retry_After="3600")))
    with pytest.raises(FetchError, match="no more requests for now"):
        fetch(server, tmp_path)
    assert len(server.requests(UsaSpending.SEARCH)) == 1
    assert nothing_was_kept(tmp_path)


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_passing_failures_are_got_over(status: int, server: UsaSpending, tmp_path: Path) -> None:
    server.faults.append(once(UsaSpending.SEARCH, *[answers(b"oops", status)] * 3, after=2))
    fetch(server, tmp_path)
    assert len(records_of(tmp_path)) == 450


def test_a_connection_cut_in_a_body_is_got_over(server: UsaSpending, tmp_path: Path) -> None:
    server.faults.append(once(UsaSpending.SEARCH, answers(b'{"results": [', claims=5_000), after=1))
    fetch(server, tmp_path)
    assert len(records_of(tmp_path)) == 450


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (answers(b"<html>maintenance</html>", Content_Type="text/html"), "answered with text/html where JSON is due"),
        (answers(b"{", Content_Type="application/json"), "no JSON"),
        (answers(b"[1]"), "no object"),
        (answers({"results": 1}), "no page"),
        (answers(b"", 302, Location="http://127.0.0.1:1/elsewhere"), "has moved"),
        (answers(b"no", 400), "does not understand"),
        (answers(b"no", 403), "wants another key"),
    ],
)
def test_an_answer_of_no_use_is_one_sentence(answer: Any, says: str, server: UsaSpending, tmp_path: Path) -> None:
    server.faults.append(once(UsaSpending.SEARCH, answer, after=2))
    with pytest.raises(FetchError, match=says):
        fetch(server, tmp_path)
    assert nothing_was_kept(tmp_path)


def test_a_huge_answer_is_not_read_to_its_end(server: UsaSpending, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "PAGE_LIMIT", 10_000)
    server.faults.append(once(UsaSpending.SEARCH, answers(b" " * 1_000_000)))
    with pytest.raises(FetchError, match="more than 10,000 bytes"):
        fetch(server, tmp_path)


def test_a_page_that_repeats_once_is_fetched_again(server: UsaSpending, tmp_path: Path) -> None:
    def repeat(handler: BaseHTTPRequestHandler, request: dict[str, Any]) -> bool:
        send(handler, server.page(request | {"page": request["page"] - 1}))
        return True

    server.faults.append(once(UsaSpending.SEARCH, repeat, after=2))
    fetch(server, tmp_path)
    got = [(r["Award ID"], r["Mod"]) for r in records_of(tmp_path)]
    assert len(got) == len(set(got)) == 450


def test_a_page_that_always_repeats_is_no_release(server: UsaSpending, tmp_path: Path) -> None:
    def stick(handler: BaseHTTPRequestHandler, path: str, request: dict[str, Any]) -> bool:
        if path == UsaSpending.SEARCH and request["page"] > 1:
            send(handler, server.page(request | {"page": 1}))
            return True
        return False

    server.records = [an_action(number, "2025-10-07") for number in range(450)]
    server.faults.append(stick)
    with pytest.raises(FetchError, match="2025-10-07: page 2 repeats page 1"):
        fetch(server, tmp_path)
    assert nothing_was_kept(tmp_path)


def test_a_page_that_is_lost_once_is_fetched_again(server: UsaSpending, tmp_path: Path) -> None:
    def jump(handler: BaseHTTPRequestHandler, request: dict[str, Any]) -> bool:
        send(handler, server.page(request | {"page": request["page"] + 1}))
        return True

    # The third page comes for the second, and the second never: as from a cursor that jumps.
    server.faults.append(once(UsaSpending.SEARCH, jump, jump, jump, jump, after=1))
    fetch(server, tmp_path)
    got = [(r["Award ID"], r["Mod"]) for r in records_of(tmp_path)]
    assert len(got) == len(set(got)) == 450


def test_ties_that_change_places_between_pages_are_found(server: UsaSpending, tmp_path: Path) -> None:
    """A record lost at a page's edge leaves the number right where another stands twice."""
    lost = server.page({"filters": {"time_period": [{"start_date": "2025-10-01", "end_date": "2025-12-31"}],
        "agencies": [{"name": ICE}], "award_type_codes": ["A", "B", "C", "D"]}, "sort": "Award ID", "order": "asc",
        "fields": ["Award ID", "Mod", "Action Date"], "page": 2, "limit": 100})["results"][0]  # fmt: skip

    def swap(handler: BaseHTTPRequestHandler, path: str, request: dict[str, Any]) -> bool:
        page = server.page(request) if path == UsaSpending.SEARCH else None
        (time_asked,) = request["filters"]["time_period"]
        whole = (time_asked["start_date"], time_asked["end_date"]) == ("2025-10-01", "2025-12-31")
        if page is None or not whole or request["page"] != 2 or request["order"] != "asc":
            return False
        page["results"][0] = page["results"][1]
        send(handler, page)
        return True

    server.faults.append(swap)
    fetch(server, tmp_path)
    got = {(r["Award ID"], r["Mod"]) for r in records_of(tmp_path)}
    assert len(got) == 450
    assert (lost["Award ID"], lost["Mod"]) in got


def test_a_total_that_changes_is_counted_and_fetched_anew(server: UsaSpending, tmp_path: Path) -> None:
    def grow(_: BaseHTTPRequestHandler, __: dict[str, Any]) -> bool:
        server.records.append(an_action(9_000, "2025-12-31"))
        return False

    server.faults.append(once(UsaSpending.COUNT, grow, after=1))
    fetch(server, tmp_path)
    assert len(records_of(tmp_path)) == 451


def test_a_total_that_never_stands_still_is_no_release(server: UsaSpending, tmp_path: Path) -> None:
    def grow(_: BaseHTTPRequestHandler, path: str, __: dict[str, Any]) -> bool:
        if path == UsaSpending.COUNT:
            server.records.append(an_action(9_000 + len(server.records), "2025-12-31"))
        return False

    server.faults.append(grow)
    with pytest.raises(FetchError, match="changed 3 times"):
        fetch(server, tmp_path)
    assert nothing_was_kept(tmp_path)


def test_a_total_that_disagrees_for_good_is_no_release(server: UsaSpending, tmp_path: Path) -> None:
    def overstate(handler: BaseHTTPRequestHandler, path: str, request: dict[str, Any]) -> bool:
        if path == UsaSpending.COUNT:
            send(handler, {"results": {"contracts": len(server.matching(request["filters"])) + 1}})
        return path == UsaSpending.COUNT

    server.records = [an_action(number, "2025-10-07") for number in range(150)]
    server.faults.append(overstate)
    with pytest.raises(FetchError, match=r"150 of 151 records came|halves"):
        fetch(server, tmp_path)
    assert nothing_was_kept(tmp_path)


def test_nothing_there_is_one_sentence(server: UsaSpending, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="nothing of 'CBP'"):
        fetch(server, tmp_path, query=DAYS.model_copy(update={"agency": "CBP"}))
    assert nothing_was_kept(tmp_path)


# --- Stopping, and going on


def test_a_fetch_that_failed_goes_on_where_it_stopped(server: UsaSpending, tmp_path: Path) -> None:
    fault = once(UsaSpending.SEARCH, *[answers(b"", 400)], after=3)
    server.faults.append(fault)
    with pytest.raises(FetchError):
        fetch(server, tmp_path)
    server.asked.clear()
    fetch(server, tmp_path)
    assert [request["page"] for request in server.requests(UsaSpending.SEARCH)] == [4, 5]
    assert len(records_of(tmp_path)) == 450


def test_fresh_begins_anew(server: UsaSpending, tmp_path: Path) -> None:
    server.faults.append(once(UsaSpending.SEARCH, answers(b"", 400), after=3))
    with pytest.raises(FetchError):
        fetch(server, tmp_path)
    server.asked.clear()
    fetch(server, tmp_path, fresh=True)
    assert [request["page"] for request in server.requests(UsaSpending.SEARCH)] == [1, 2, 3, 4, 5]


def test_a_journal_that_was_cut_off_in_a_line_is_read_to_its_last_whole_one(server: UsaSpending, tmp_path: Path) -> None:
    server.faults.append(once(UsaSpending.SEARCH, answers(b"", 400), after=3))
    with pytest.raises(FetchError):
        fetch(server, tmp_path)
    (journal,) = tmp_path.glob(".partial/*/journal.jsonl")
    journal.write_bytes(journal.read_bytes()[:-20])
    server.asked.clear()
    fetch(server, tmp_path)
    assert [request["page"] for request in server.requests(UsaSpending.SEARCH)] == [3, 4, 5]
    assert len(records_of(tmp_path)) == 450


def test_a_journal_of_another_day_is_not_mixed_with_today(server: UsaSpending, tmp_path: Path) -> None:
    server.faults.append(once(UsaSpending.SEARCH, answers(b"", 400), after=3))
    with pytest.raises(FetchError):
        fetch(server, tmp_path)
    (query,) = tmp_path.glob(".partial/*/query.json")
    os.utime(query, (time.time() - 90_000, time.time() - 90_000))
    server.asked.clear()
    fetch(server, tmp_path)
    assert server.requests(UsaSpending.SEARCH)[0]["page"] == 1


def test_a_kill_leaves_no_release_and_the_next_fetch_goes_on(server: UsaSpending, tmp_path: Path) -> None:
    def dawdle(handler: BaseHTTPRequestHandler, path: str, request: dict[str, Any]) -> bool:
        if path == UsaSpending.SEARCH and request["page"] == 3:
            server.stopping.wait(20)
        return False

    server.faults.append(dawdle)
    options = ("--agency", "ICE", "--since", "2025-10-01", "--until", "2025-12-31", "--releases", tmp_path / "own")
    settings = {"CUSTODIET_USASPENDING_URL": server.address, "CUSTODIET_PAUSE": "0"}
    process = start("fetch", "usaspending", *options, home=tmp_path, **settings)
    try:
        until = time.monotonic() + 20
        while not any(r["page"] == 3 for r in server.requests(UsaSpending.SEARCH)) and time.monotonic() < until:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.communicate()
    assert nothing_was_kept(tmp_path / "own")
    server.faults.clear()
    server.asked.clear()
    done = run("fetch", "usaspending", *options, "--json", home=tmp_path, **settings)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert [request["page"] for request in server.requests(UsaSpending.SEARCH)] == [3, 4, 5]
    (release,) = json.loads(done.stdout)["releases"]
    assert (release["rows"], release["completeness"]) == (450, "complete")
    assert len(records_of(tmp_path / "own")) == 450


def test_what_goes_wrong_is_one_sentence_of_the_command(server: UsaSpending, tmp_path: Path) -> None:
    server.faults.append(lambda h, p, r: (send(h, b"<html>", Content_Type="text/html"), True)[1])
    settings = {"CUSTODIET_USASPENDING_URL": server.address, "CUSTODIET_PAUSE": "0"}
    for arguments in (
        ("usaspending", "--agency", "ICE", "--since", "2025-10-01"),
        ("usaspending", "--since", "2025-10-01"),
        ("usaspending", "--agency", "ICE", "--since", "2005-10-01"),
        ("usaspending", "--agency", "ICE", "--since", "2025-10-01", "--until", "2025-09-01"),
        ("elsewhere", "--since", "2025-10-01"),
        ("federal-register", "--since", "2025-10-01", "--bulk"),
        ("federal-register", "--since", "2025-10-01", "--agency", "No Such Office"),
        ("sam-opportunities", "--since", "2025-10-01"),
    ):
        assert_one_sentence(run("fetch", *arguments, home=tmp_path, **settings))


# --- Downloads that the site makes

BULK_HEADER = [
    "contract_transaction_unique_key", "contract_award_unique_key", "award_id_piid", "modification_number",
    "transaction_number", "parent_award_agency_id", "parent_award_id_piid", "federal_action_obligation", "action_date",
    "awarding_sub_agency_code", "awarding_sub_agency_name", "recipient_uei", "recipient_name", "recipient_phone_number",
    "product_or_service_code", "naics_code", "extent_competed",
]  # fmt: skip


def bulk_csv(numbers: range) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(BULK_HEADER)
    for number in numbers:
        a = an_action(number)
        writer.writerow([
            f"7012_-NONE-_{a['Award ID']}_{a['Mod']}_-NONE-_0", a["generated_internal_id"], a["Award ID"], a["Mod"], 0, "",
            "", f"{a['Transaction Amount']:.2f}", a["Action Date"], "7012", ICE, a["Recipient UEI"], a["Recipient Name"],
            "555-0142", "R499", "561611", "FULL AND OPEN",
        ])  # fmt: skip
    return out.getvalue().encode()


def bulk_zip(*parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, part in enumerate(parts, start=1):
            archive.writestr(f"Contracts_PrimeTransactions_2026-01-02_H03M04S05_{number}.csv", part)
        archive.writestr("Assistance_PrimeTransactions_2026-01-02_H03M04S05_1.csv", "assistance_transaction_unique_key\n")
    return out.getvalue()


def order(server: Loopback, folder: Path, query: Query = DAYS) -> list[str]:
    with Client(server.address, pause=0) as client:
        return fetch_downloads(query, client, folder, read_specs(), progress=lambda _: None)


def test_a_download_is_ordered_waited_for_and_kept(server: UsaSpending, tmp_path: Path) -> None:
    server.zip, server.total_rows = bulk_zip(bulk_csv(range(60)), bulk_csv(range(60, 100))), 100
    order(server, tmp_path)
    ((_, release),) = read_own(tmp_path)
    assert (release.form, release.layout, release.assertions.rows) == ("form-transactions", "zip", 100)
    (asked,) = server.requests(UsaSpending.ORDER)
    assert asked["filters"]["date_range"] == {"start_date": "2025-10-01", "end_date": "2025-12-31"}
    assert asked["filters"]["agencies"][0]["name"] == ICE
    assert len(server.requests(UsaSpending.STATUS)) == 3


def test_a_download_and_pages_of_the_same_time_count_once(server: UsaSpending, tmp_path: Path) -> None:
    server.records = [an_action(number) for number in range(100)]
    server.zip, server.total_rows = bulk_zip(bulk_csv(range(100))), 100
    fetch(server, tmp_path / "own")
    order(server, tmp_path / "own")
    (tmp_path / "mirror").mkdir()
    custodiet.build(tmp_path / "r.duckdb", tmp_path / "mirror", releases=tmp_path / "own")
    with custodiet.open_register(tmp_path / "r.duckdb") as register:
        (row,) = questions.spend(register)
        assert row["actions"] == 100
        assert Decimal(row["obligations"]) == sum(Decimal(str(r["Transaction Amount"])) for r in server.records)
        assert not row["complete"]
        assert row["partial_parts"] == ["ICE FY2026"]
        (finding,) = questions.findings(register, rule="source-incomplete")
        assert finding["outcome"] == "cannot-tell"
        assert "555-0142" not in str(register.rows("select * from transactions"))


def test_years_are_ordered_one_by_one(server: UsaSpending, tmp_path: Path) -> None:
    server.zip, server.total_rows = bulk_zip(bulk_csv(range(100))), 100
    order(server, tmp_path, Query(agency="ICE", since=dt.date(2024, 5, 1), until=dt.date(2025, 12, 31)))
    times = [tuple(r["filters"]["date_range"].values()) for r in server.requests(UsaSpending.ORDER)]
    assert times == [("2024-05-01", "2024-09-30"), ("2024-10-01", "2025-09-30"), ("2025-10-01", "2025-12-31")]


def test_a_download_with_fewer_rows_than_told_is_no_release(server: UsaSpending, tmp_path: Path) -> None:
    server.zip, server.total_rows = bulk_zip(bulk_csv(range(60))), 100
    with pytest.raises(FetchError, match="60 of the 100"):
        order(server, tmp_path)
    assert nothing_was_kept(tmp_path)


def test_a_truncated_archive_is_no_release(server: UsaSpending, tmp_path: Path) -> None:
    whole = bulk_zip(bulk_csv(range(60)))
    server.zip, server.total_rows = whole[: len(whole) // 2], 60
    with pytest.raises(custodiet.CustodietError, match=r"not a zip archive|damaged"):
        order(server, tmp_path)
    assert nothing_was_kept(tmp_path)


def test_an_order_that_stands_is_not_placed_again(server: UsaSpending, tmp_path: Path) -> None:
    server.zip, server.total_rows = bulk_zip(bulk_csv(range(60))), 60
    server.faults.append(once("/files/it.zip", answers(b"", 400)))
    with pytest.raises(FetchError):
        order(server, tmp_path)
    order(server, tmp_path)
    assert len(server.requests(UsaSpending.ORDER)) == 1
    assert len(read_own(tmp_path)) == 1


def test_a_job_that_fails_is_told(server: UsaSpending, tmp_path: Path) -> None:
    server.states = ["running", "failed"]
    with pytest.raises(FetchError, match="could not make the download"):
        order(server, tmp_path)


def test_a_file_from_elsewhere_is_not_fetched(server: UsaSpending, tmp_path: Path) -> None:
    state = {"status": "finished", "file_url": "http://files.example.net/it.zip", "total_rows": 1, "file_name": "x"}
    server.faults.append(once(UsaSpending.STATUS, answers(state)))
    with pytest.raises(FetchError, match="another site"):
        order(server, tmp_path)


# --- The Federal Register


def a_notice(number: int, day: str) -> Record:
    return {
        "title": f"Privacy Act of 1974; DHS/ICE-{number % 900:03} System of Records", "type": "Notice", "abstract": None,
        "action": "Notice of a modified system of records.", "document_number": f"2026-{number:05}",
        "html_url": f"https://www.federalregister.gov/d/2026-{number:05}", "publication_date": day,
        "agencies": [{"raw_name": "DHS", "name": "Homeland Security Department"}],
    }  # fmt: skip


def test_notices_are_cut_below_the_cap_and_built(tmp_path: Path) -> None:
    days = [(dt.date(2026, 1, 1) + dt.timedelta(number % 50)).isoformat() for number in range(4_500)]
    query = Query(agency="ICE", since=dt.date(2026, 1, 1), until=dt.date(2026, 2, 28))
    with FederalRegister((a_notice(number, day) for number, day in enumerate(days)), cap=2_000) as server:
        fetch(server, tmp_path / "own", "federal-register", query)
        asked = server.requests("/documents.json")
    assert {request["conditions[agencies][]"] for request in asked} == {"u-s-immigration-and-customs-enforcement"}
    (tmp_path / "mirror").mkdir()
    custodiet.build(tmp_path / "r.duckdb", tmp_path / "mirror", releases=tmp_path / "own")
    with custodiet.open_register(tmp_path / "r.duckdb") as register:
        assert register.rows("select count(*), count(distinct url) from notices") == [(4_500, 4_500)]
        assert {notice["action"] for notice in questions.notices(register, words="DHS/ICE-011")} == {"modified"}
        (release,) = [r for r in questions.sources(register) if r["status"] == "read"]
        assert release["completeness"] == "complete"


def test_a_day_at_the_cap_is_an_error(tmp_path: Path) -> None:
    query = Query(since=dt.date(2026, 1, 1), until=dt.date(2026, 1, 31))
    with (
        FederalRegister((a_notice(number, "2026-01-07") for number in range(2_500)), cap=2_000) as server,
        pytest.raises(FetchError, match="2026-01-07: the publisher counts 2,000"),
    ):
        fetch(server, tmp_path, "federal-register", query)
    assert nothing_was_kept(tmp_path)


def test_the_recorded_page_comes_through(mirror: Path, tmp_path: Path) -> None:
    page = json.loads((mirror / "federal-register" / "documents_2026-07-13.json").read_text("utf-8"))
    query = Query(since=dt.date(1990, 1, 1), until=dt.date(2026, 12, 31))
    with FederalRegister(page["results"]) as server:
        fetch(server, tmp_path, "federal-register", query)
    assert {r["document_number"] for r in records_of(tmp_path)} == {r["document_number"] for r in page["results"]}


# --- SAM.gov

KEY = "planted-key-0123456789"


def an_opportunity(number: int, day: str, **changes: Any) -> Record:
    return {
        "noticeId": f"{number:032x}", "title": "Skip tracing services", "solicitationNumber": f"70CDCR26R{number:08}",
        "fullParentPathName": "HOMELAND SECURITY, DEPARTMENT OF.US IMMIGRATION AND CUSTOMS ENFORCEMENT.ERO",
        "fullParentPathCode": "070.7012", "postedDate": day, "type": "Sources Sought", "baseType": "Sources Sought",
        "archiveType": "auto15", "archiveDate": None, "typeOfSetAsideDescription": None, "typeOfSetAside": None,
        "responseDeadLine": None, "naicsCode": "561611", "classificationCode": "R", "active": "Yes",
        "award": {"number": "70CDCR26FR0000001", "amount": "5", "date": day, "awardee": {
            "name": "PLANTED, PERSON", "location": {"streetAddress": "12 Planted Lane"}}},
        "pointOfContact": [{"fullName": "Planted Officer", "email": "planted@example.gov", "phone": "555-0142"}],
        "description": f"https://api.sam.gov/x?api_key={KEY}", "organizationType": "OFFICE",
        "officeAddress": {"zipcode": "99999-0001"}, "placeOfPerformance": {"streetAddress": "12 Planted Lane"},
        "uiLink": f"https://sam.gov/opp/{number}/view", "links": [{"href": f"https://api.sam.gov?api_key={KEY}"}],
    } | changes  # fmt: skip


def test_opportunities_come_without_people_and_without_the_key(tmp_path: Path) -> None:
    days = [(dt.date(2024, 11, 1) + dt.timedelta(number % 500)).isoformat() for number in range(1_500)]
    settings = {"CUSTODIET_SAM_KEY": KEY, "CUSTODIET_PAUSE": "0"}
    with Sam((an_opportunity(number, day) for number, day in enumerate(days)), KEY) as server:
        settings["CUSTODIET_SAM_URL"] = server.address
        done = run("fetch", "sam-opportunities", "--agency", "ICE", "--since", "2024-11-01", "--until", "2026-06-30",
                   "--json", home=tmp_path, **settings)  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert {request["organizationName"] for _, request in server.asked} == {"Immigration and Customs Enforcement"}
    (tmp_path / "mirror").mkdir()
    built = run("build", "--mirror", tmp_path / "mirror", home=tmp_path)
    assert built.returncode == 0, built.stderr
    shown = run("notices", "--kind", "solicitation", "skip", "tracing", "--json", home=tmp_path)
    found = json.loads(shown.stdout)
    assert len(found) == 1_500
    assert (found[0]["agency"], found[0]["award_number"], found[0]["type"]) == ("ICE", "70CDCR26FR0000001", "Sources Sought")
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for secret in (KEY, "Planted", "PLANTED", "555-0142", "99999-0001", "planted@"):
        assert secret.encode() not in written
        assert secret not in done.stdout + done.stderr + shown.stdout


def test_a_wrong_key_is_not_repeated(tmp_path: Path) -> None:
    with Sam([], KEY) as server:
        done = run("fetch", "sam-opportunities", "--since", "2026-01-01", home=tmp_path, CUSTODIET_PAUSE="0",
                   CUSTODIET_SAM_URL=server.address, CUSTODIET_SAM_KEY="a-wrong-key-987")  # fmt: skip
    assert "a-wrong-key-987" not in assert_one_sentence(done)


def test_a_key_goes_over_no_plain_connection(tmp_path: Path) -> None:
    done = run("fetch", "sam-opportunities", "--since", "2026-01-01", home=tmp_path, CUSTODIET_SAM_KEY=KEY,
               CUSTODIET_SAM_URL="http://sam.example.net")  # fmt: skip
    assert "plain http" in assert_one_sentence(done)
