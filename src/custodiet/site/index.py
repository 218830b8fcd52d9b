"""The search index of a published site: headline text only, because tables would make it a hundred times as large.

Pagefind's own client waits a tenth of a second for each record, so that a site of 40,000 pages would take an hour. Its
service speaks a plain protocol: requests and answers in base64, each ended by a comma.
"""

import base64
import json
import subprocess
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from custodiet.model.errors import ExportError

# The folder of the index within the site.
INDEX = "pagefind"
# What Pagefind brings along and a search does not need: we have a page of our own.
INTERFACES = ("pagefind-ui", "pagefind-modular", "pagefind-component", "pagefind-highlight")


@dataclass(frozen=True)
class Record:
    """What a search finds of a page."""

    path: str
    title: str
    about: str
    words: str
    noun: str
    agency: str


def write_index(records: Sequence[Record], folder: Path) -> list[str]:
    """Write the files of an index of these records into a new folder; return their names within it.

    Raises:
        ExportError: the indexer can't be run, or refuses a record.

    """
    from pagefind_bin import get_executable  # noqa: PLC0415 - only a publication needs it

    requests = [
        {"type": "NewIndex", "config": {"keep_index_url": True}},
        *(_request(record) for record in records),
        {"type": "WriteFiles", "index_id": 0, "output_path": str(folder)},
    ]
    try:
        process = subprocess.Popen(  # noqa: S603 - the program of the package that we depend on
            [get_executable(), "--service"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    except OSError as error:
        raise ExportError(f"The search index can't be made ({error.strerror}); install pagefind[bin].") from None
    with process:
        assert process.stdin
        assert process.stdout
        sending = threading.Thread(target=_send, args=(process.stdin, requests), daemon=True)
        sending.start()
        for _, answer in zip(requests, _answers(process.stdout), strict=False):
            if answer["payload"]["type"] == "Error":
                process.kill()
                raise ExportError(f"The search index can't be made ({answer['payload']['message']}); please report it.")
        sending.join()
        process.stdin.close()
        process.terminate()
    found = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(INTERFACES))
    return sorted(path.relative_to(folder).as_posix() for path in found)


def _request(record: Record) -> dict[str, Any]:
    return {
        "type": "AddRecord",
        "index_id": 0,
        "url": record.path,
        "content": f"{record.title}. {record.about} {record.words}",
        "language": "en",
        "meta": {"title": record.title, "noun": record.noun, "about": record.about},
        "filters": {"kind": [record.noun], **({"agency": [record.agency]} if record.agency else {})},
        "sort": {},
    }


def _send(stream: IO[bytes], requests: Sequence[dict[str, Any]]) -> None:
    try:
        for number, payload in enumerate(requests, start=1):
            stream.write(base64.b64encode(json.dumps({"message_id": number, "payload": payload}).encode()) + b",")
        stream.flush()
    except BrokenPipeError:
        # The indexer has gone; the reader of its answers says why.
        return


def _answers(stream: IO[bytes]) -> Iterator[dict[str, Any]]:
    rest = b""
    while chunk := stream.read1(1 << 16):  # type: ignore[attr-defined]
        *whole, rest = (rest + chunk).split(b",")
        for each in whole:
            yield json.loads(base64.b64decode(each))
