"""Publishers' interfaces on the loopback: they answer as their contracts say, and misbehave on demand."""

import datetime as dt
import json
import threading
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Record = dict[str, Any]


class Loopback:
    """A server that keeps what it was asked, and gives each request to `answer`, or first to the next of `faults`."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        # Each takes one request and may answer it (True) or leave it to the interface (False).
        self.faults: list[Callable[[BaseHTTPRequestHandler, str, dict[str, Any]], bool]] = []
        self.stopping = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                server.take(self, parts.path, {name: values[-1] for name, values in parse_qs(parts.query).items()})

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.take(self, urlsplit(self.path).path, body)

            def log_message(self, *arguments: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.http.server_port}"
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.05,))

    def take(self, handler: BaseHTTPRequestHandler, path: str, request: dict[str, Any]) -> None:
        self.asked.append((path, request))
        for fault in list(self.faults):
            if fault(handler, path, request):
                return
        self.answer(handler, path, request)

    def answer(self, handler: BaseHTTPRequestHandler, path: str, request: dict[str, Any]) -> None:
        raise NotImplementedError

    def requests(self, path: str) -> list[dict[str, Any]]:
        return [request for asked, request in list(self.asked) if asked == path]

    def __enter__(self) -> "Loopback":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


def send(
    handler: BaseHTTPRequestHandler,
    body: bytes | dict[str, Any],
    status: int = 200,
    claims: int | None = None,
    **headers: str,
) -> None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    handler.send_response(status)
    if "Content_Type" not in headers:
        handler.send_header("Content-Type", "application/json")
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(content) if claims is None else claims))
    handler.end_headers()
    handler.wfile.write(content)


class UsaSpending(Loopback):
    """The search for transactions, its count, and the download job."""

    SEARCH = "/api/v2/search/spending_by_transaction/"
    COUNT = "/api/v2/search/spending_by_transaction_count/"
    ORDER = "/api/v2/bulk_download/awards/"
    STATUS = "/api/v2/bulk_download/status/"

    def __init__(self, records: Iterable[Record], *, has_cursor: bool = False) -> None:
        super().__init__()
        self.records = list(records)
        self.has_cursor = has_cursor
        self.zip = b""
        self.states = ["ready", "running", "finished"]
        self.total_rows = 0

    def matching(self, filters: dict[str, Any]) -> list[Record]:
        (time,) = filters["time_period"]
        (agency,) = filters["agencies"]
        assert filters["award_type_codes"] == ["A", "B", "C", "D"]
        return [
            record for record in self.records
            if time["start_date"] <= record["Action Date"] <= time["end_date"]
            and record["Awarding Sub Agency"] == agency["name"]
        ]  # fmt: skip

    def page(self, request: dict[str, Any]) -> dict[str, Any]:
        found = sorted(
            self.matching(request["filters"]),
            key=lambda record: (record[request["sort"]], record["Mod"]), reverse=request["order"] == "desc",
        )  # fmt: skip
        assert request["sort"] in request["fields"]
        first = (request["page"] - 1) * request["limit"]
        some = found[first : first + request["limit"]]
        always = ("internal_id", "generated_internal_id")
        results = [{name: record.get(name) for name in (*request["fields"], *always)} for record in some]
        more = first + request["limit"] < len(found)
        metadata: dict[str, Any] = {"page": request["page"], "hasNext": more, "hasPrevious": first > 0}
        if self.has_cursor and some:
            metadata |= {"last_record_unique_id": some[-1]["internal_id"], "last_record_sort_value": some[-1]["Award ID"]}
        return {"limit": request["limit"], "results": results, "page_metadata": metadata}

    def answer(self, handler: BaseHTTPRequestHandler, path: str, request: dict[str, Any]) -> None:
        if path == self.COUNT:
            send(handler, {"results": {"contracts": len(self.matching(request["filters"])), "idvs": 7, "grants": 0}})
        elif path == self.SEARCH:
            send(handler, self.page(request))
        elif path == self.ORDER:
            send(handler, {"file_name": "All_PrimeTransactions.zip", "status_url": "", "file_url": "/files/it.zip"})
        elif path == self.STATUS:
            state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
            done = state == "finished"
            send(handler, {"status": state, "message": None, "file_name": "All_PrimeTransactions.zip",
                           "file_url": "/files/it.zip", "total_rows": self.total_rows if done else None})  # fmt: skip
        elif path == "/files/it.zip":
            send(handler, self.zip, Content_Type="application/zip")
        else:
            send(handler, {"detail": "no such path"}, 404)


class FederalRegister(Loopback):
    """The list of documents, with the cap that the real one has on its count."""

    def __init__(self, records: Iterable[Record], cap: int = 10_000) -> None:
        super().__init__()
        self.records = list(records)
        self.cap = cap

    def answer(self, handler: BaseHTTPRequestHandler, path: str, request: dict[str, Any]) -> None:
        first, last = (request[f"conditions[publication_date][{end}]"] for end in ("gte", "lte"))
        found = [record for record in self.records if first <= record["publication_date"] <= last][: self.cap]
        size, number = int(request["per_page"]), int(request["page"])
        some = found[(number - 1) * size : number * size]
        body: dict[str, Any] = {"description": "Documents", "count": len(found)}
        send(handler, body | ({"results": some} if some else {}))


class Sam(Loopback):
    """The search for opportunities, with the contacts that it gives."""

    def __init__(self, records: Iterable[Record], key: str) -> None:
        super().__init__()
        self.records = list(records)
        self.key = key

    def answer(self, handler: BaseHTTPRequestHandler, path: str, request: dict[str, Any]) -> None:
        if request.get("api_key") != self.key:
            send(handler, {"error": {"code": "API_KEY_INVALID", "message": f"{request.get('api_key')} is invalid"}}, 403)
            return
        first, last = (
            dt.datetime.strptime(request[name], "%m/%d/%Y").replace(tzinfo=dt.UTC).date()
            for name in ("postedFrom", "postedTo")
        )
        if (last - first).days > 365:
            send(handler, {"errorMessage": "Date range must be 1 year(s) apart"}, 400)
            return
        found = [r for r in self.records if first.isoformat() <= r["postedDate"][:10] <= last.isoformat()]
        size, number = int(request["limit"]), int(request["offset"])
        if not found:
            send(handler, {"message": "No Data found"}, 404)
            return
        send(handler, {"totalRecords": len(found), "limit": size, "offset": number,
                       "opportunitiesData": found[number * size : (number + 1) * size],
                       "links": [{"href": f"https://api.sam.gov?api_key={self.key}"}]})  # fmt: skip
