"""Read what a zip archive holds, and pack files into one; nothing is ever unpacked onto the disk."""

import io
import lzma
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import PurePosixPath

from custodiet.model.errors import InputError
from custodiet.sources.tables import UNPACK_RATIO_LIMIT, UNPACKED_LIMIT

MEMBER_LIMIT = 1_000
# Publishers put notes on the columns beside the data.
NOTES = {".txt", ".md", ".pdf", ".xlsx", ".html"}
# The oldest day that an archive can carry, so that the same files give the same bytes.
NO_DAY = (1980, 1, 1, 0, 0, 0)


def read_zip(content: bytes, shown: str) -> dict[str, bytes]:
    """Return the data files of an archive by name, in the order of their names; notes on the columns are passed over.

    Raises:
        InputError: no archive or a damaged one, a name that leads outside, a file that is locked, or more bytes than an
            archive of its size should hold.

    """
    limit = min(UNPACKED_LIMIT, max(len(content) * UNPACK_RATIO_LIMIT, 10_000_000))
    found: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if len(members) > MEMBER_LIMIT:
                raise InputError(f"{shown}: holds {len(members):,} files, more than {MEMBER_LIMIT:,}; add them in parts.")
            for member in sorted(members, key=lambda member: member.filename):
                _check_name(member, shown)
                if PurePosixPath(member.filename).suffix.lower() in NOTES:
                    continue
                if member.filename in found:
                    raise InputError(f"{shown}: holds {member.filename!r} twice; unpack it, and add the file that you mean.")
                too_much = f"{shown}: unpacks to far more than it should in {member.filename!r}; it is not read."
                found[member.filename] = unpack(archive, member, limit, too_much)
                limit -= len(found[member.filename])
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, ValueError, OSError) as error:
        raise InputError(f"{shown}: not a zip archive, or a damaged one ({error}); fetch it again.") from None
    if not found:
        raise InputError(f"{shown}: the archive holds no data; fetch it again.")
    return found


def _check_name(member: zipfile.ZipInfo, shown: str) -> None:
    path = PurePosixPath(member.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in member.filename:
        raise InputError(f"{shown}: holds {member.filename!r}, a name that leads outside of the archive; it is not read.")


def unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int, too_much: str) -> bytes:
    """Return a member's bytes; they are counted while they come, since what an archive says of itself proves nothing.

    Raises:
        InputError: there are more than `limit`; `too_much` is what it says.

    """
    parts = []
    size = 0
    with archive.open(member) as stream:
        while block := stream.read(1 << 20):
            size += len(block)
            if size > limit:
                raise InputError(too_much)
            parts.append(block)
    return b"".join(parts)


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return an archive of these files; the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, NO_DAY), files[name], zipfile.ZIP_DEFLATED)
    return out.getvalue()
