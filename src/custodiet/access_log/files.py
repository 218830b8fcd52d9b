"""Open released files: CSV, XLSX, PDF, and zips of these; hash them, and find out how their text is written."""

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from custodiet.access_log.privacy import show_name
from custodiet.model.beside import Beside
from custodiet.model.errors import InputError
from custodiet.sources.archives import unpack

CHUNK = 1 << 24
# A text on disk is taken for UTF-8 by its first bytes; the scan beside the reading tells whether the rest is.
SNIFFED = 1 << 20
# What is decoded or unpacked in memory; a plain UTF-8 CSV on disk is read by DuckDB and knows no limit.
MEMORY_LIMIT = 2_000_000_000
MEMBERS_LIMIT = 1_000
UNPACK_RATIO_LIMIT = 1_000
KINDS = {
    ".csv": "csv", ".txt": "csv", ".tsv": "csv", ".xlsx": "xlsx", ".xlsm": "xlsx", ".xlsb": "xlsx",
    ".pdf": "pdf", ".zip": "zip",
}  # fmt: skip
# Files that explain what lies beside them in a zip; no release's log has such a name.
NOTICES = re.compile(r"(read[ _-]?me|licen[cs]e|copying|changelog|(sha256|md5)?(check)?sums?)([ _.-].*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Scan:
    """What a pass over a file's bytes tells: of text, how it is encoded, and how many line feeds it has."""

    sha256: str
    encoding: str = ""
    line_feeds: int = 0


@dataclass(frozen=True)
class Released:
    """One released file. `content` is None where it is text that lies on disk, and need not be in memory.

    Such a text is scanned beside other work, as hashing keeps one processor busy; who asks for what the scan tells waits.
    """

    name: str
    kind: str
    size: int
    path: Path | None
    content: bytes | None
    scan: "Scan | Beside[Scan]"
    # What was passed over beside it, in sentences for the reader of the report.
    notes: tuple[str, ...] = ()

    @property
    def scanned(self) -> Scan:
        """The scan, once it is done."""
        return self.scan if isinstance(self.scan, Scan) else self.scan.result()

    @property
    def sha256(self) -> str:
        """The hash of the file, as hexadecimal digits."""
        return self.scanned.sha256

    @property
    def encoding(self) -> str:
        """How a text is encoded."""
        return self.scanned.encoding


def open_released(paths: Sequence[Path]) -> list[Released]:
    """Return the released files, those inside zips one by one, in the order given.

    Raises:
        InputError: a file is missing, of a kind that isn't read, empty, damaged, or given twice.

    """
    found: list[Released] = []
    for path in paths:
        found.extend(_open(path))
    seen: dict[int, list[Released]] = {}
    for one in found:
        # Only files of one size can be one file, so that no other needs to wait for its hash.
        for other in seen.setdefault(one.size, []):
            if one.sha256 == other.sha256:
                raise InputError(f"{one.name}: the same file as {other.name}, byte for byte; give it once.")
        seen[one.size].append(one)
    return found


def _open(path: Path) -> Iterator[Released]:
    name = path.name
    try:
        if not path.exists():
            raise InputError(f"{name}: there is no such file; give the path of a released file.")
        if not path.is_file():
            raise InputError(f"{name}: is no file; give the released files themselves.")
        with path.open("rb") as stream:
            start = stream.read(8)
        kind = _kind(name, start)
        if kind == "csv":
            yield _text_on_disk(path, name)
            return
        if path.stat().st_size > MEMORY_LIMIT:
            raise InputError(f"{name}: larger than {MEMORY_LIMIT:,} bytes; ask for the log as CSV, or split it.")
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{name}: can't be read ({error.strerror}); check the file and its rights.") from None
    if kind == "zip":
        yield from _members(content, name)
    else:
        yield _in_memory(content, name, kind)


def _kind(name: str, start: bytes) -> str:
    """Return what a file is: by its first bytes where they tell, or by its name."""
    kind = KINDS.get(PurePosixPath(name.lower()).suffix)
    if not start:
        raise InputError(f"{name}: the file is empty; ask for it again.")
    if start.startswith(b"%PDF"):
        return "pdf"
    if start.startswith(b"PK\x03\x04"):
        return "xlsx" if kind == "xlsx" else "zip"
    if kind is None or kind == "zip":
        raise InputError(f"{name}: not a CSV, XLSX, PDF or zip file; ask for the log in one of these forms.")
    return kind


def _in_memory(content: bytes, name: str, kind: str) -> Released:
    return Released(name, kind, len(content), None, content, _scan_content(content, name, kind))


def _scan_content(content: bytes, name: str, kind: str) -> Scan:
    digest = hashlib.sha256(content).hexdigest()
    return Scan(digest, _encoding(content, name), content.count(b"\n")) if kind == "csv" else Scan(digest)


def _members(content: bytes, name: str) -> list[Released]:
    unpacked = 0
    limit = min(MEMORY_LIMIT, max(len(content) * UNPACK_RATIO_LIMIT, 50_000_000))
    read: list[Released] = []
    passed: list[str] = []
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if "xl/workbook.xml" in archive.namelist():
                raise InputError(f"{name}: is a workbook under another name; give it the ending .xlsx.")
            members = [one for one in archive.infolist() if not one.is_dir() and not _is_clutter(one.filename)]
            if len(members) > MEMBERS_LIMIT:
                raise InputError(f"{name}: holds {len(members):,} files, more than {MEMBERS_LIMIT:,}; unpack it yourself.")
            for number, member in enumerate(members, start=1):
                path = PurePosixPath(member.filename)
                kept = path.suffix if path.suffix.lower() in KINDS else ""
                shown = f"{name}/{show_name(str(path.with_suffix('')), f'file {number}')}{kept}"
                if NOTICES.fullmatch(path.name):
                    passed.append(shown)
                    continue
                too_much = f"{shown}: the zip unpacks to more than {limit:,} bytes; unpack it yourself."
                inner = unpack(archive, member, limit - unpacked, too_much)
                unpacked += len(inner)
                kind = _kind(shown, inner[:8])
                if kind == "zip":
                    raise InputError(f"{shown}: a zip within a zip; unpack the outer one, and give what is in it.")
                read.append(_in_memory(inner, shown, kind))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise InputError(f"{name}: the zip is damaged or locked ({_line(error)}); ask for it again.") from None
    if not read:
        raise InputError(f"{name}: the zip holds no file of a log; ask for it again.")
    if passed:
        read[0] = replace(read[0], notes=(f"Notices in {name} were not read: {', '.join(passed)}.",))
    return read


def _is_clutter(name: str) -> bool:
    return name.startswith("__MACOSX/") or PurePosixPath(name).name in (".DS_Store", "Thumbs.db")


def _text_on_disk(path: Path, name: str) -> Released:
    """Return a text file; one whose first part is not UTF-8 is read whole."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        start = stream.read(SNIFFED)
    is_utf8, rest = _continue_utf8(start)
    if b"\x00" in start or not is_utf8 or (rest and len(start) == size):
        if size > MEMORY_LIMIT:
            raise too_large(name)
        return _in_memory(path.read_bytes(), name, "csv")
    return Released(name, "csv", size, path, None, Beside(lambda: _scan_text(path, name)))


def too_large(name: str) -> InputError:
    """Return the error of a text that DuckDB can't read, and that is too large to be decoded in memory."""
    return InputError(f"{name}: larger than {MEMORY_LIMIT:,} bytes and not UTF-8; save it as UTF-8 first.")


def _scan_text(path: Path, name: str) -> Scan:
    """Hash a text file, count its lines and find its encoding in one pass, without keeping it."""
    digest = hashlib.sha256()
    line_feeds = size = 0
    is_utf8 = True
    rest = b""
    with path.open("rb") as stream:
        while block := stream.read(CHUNK):
            digest.update(block)
            line_feeds += block.count(b"\n")
            size += len(block)
            if is_utf8 and not (block.isascii() and not rest):
                is_utf8, rest = _continue_utf8(rest + block)
            if is_utf8 and b"\x00" in block:
                is_utf8 = False
    if is_utf8 and not rest:
        with path.open("rb") as stream:
            has_mark = stream.read(3) == b"\xef\xbb\xbf"
        return Scan(digest.hexdigest(), "utf-8-sig" if has_mark else "utf-8", line_feeds)
    if size > MEMORY_LIMIT:
        raise too_large(name)
    return _scan_content(path.read_bytes(), name, "csv")


def _continue_utf8(block: bytes) -> tuple[bool, bytes]:
    """Tell whether bytes are UTF-8; give back the beginning of a character that the block cuts in two."""
    try:
        block.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.end == len(block) and len(block) - error.start < 4:
            return True, block[error.start :]
        return False, b""
    return True, b""


def _encoding(content: bytes, name: str) -> str:
    """Return the encoding of text: by its mark, else UTF-8, else Windows-1252.

    Raises:
        InputError: it is none of these.

    """
    marks = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
    encoding = next((encoding for mark, encoding in marks if content.startswith(mark)), "utf-8")
    if encoding == "utf-8":
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            encoding = "cp1252"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: byte {error.start:,} is neither UTF-8 nor {encoding}; save the file as UTF-8.") from None
    if "\x00" in text:
        row = text.count("\n", 0, text.index("\x00")) + 1
        raise InputError(f"{name}, line {row:,}: holds a NUL, which no text file does; save the file as UTF-8 CSV.")
    return encoding


def _line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
