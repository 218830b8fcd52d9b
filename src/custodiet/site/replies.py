"""Right of reply, and corrections: dated pages of YAML that anybody can propose, shown with the finding they are about."""

import datetime as dt
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from custodiet.model.errors import InputError
from custodiet.model.plain_yaml import YamlError, first_fault, load_yaml


class Reply(BaseModel):
    """What somebody said about a finding, when, and what came of it."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    finding: str
    kind: Literal["reply", "correction"]
    date: dt.date
    # An office or organisation; a person speaks for one.
    by: Annotated[str, Field(min_length=1, max_length=200)]
    says: Annotated[str, Field(min_length=1, max_length=10_000)]
    source: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None
    # What Custodiet did about it.
    outcome: str | None = None


@lru_cache(maxsize=4)
def _read(folder: Path, _state: tuple[tuple[str, int], ...]) -> dict[str, list[Reply]]:
    found: dict[str, list[Reply]] = {}
    for path in sorted(folder.glob("*.yml")):
        try:
            reply = Reply.model_validate(load_yaml(path.read_text("utf-8")))
        except YamlError as error:
            raise InputError(f"{path}{error.place}: {error.problem}; mend it.") from None
        except (UnicodeDecodeError, OSError):
            raise InputError(f"{path}: can't be read as UTF-8; save it as UTF-8.") from None
        except ValidationError as error:
            where, says = first_fault(error, "the page")
            raise InputError(f"{path}: {where}: {says}.") from None
        found.setdefault(reply.finding, []).append(reply)
    return {finding: sorted(replies, key=lambda reply: reply.date) for finding, replies in found.items()}


def read_replies(folder: Path | None) -> dict[str, list[Reply]]:
    """Return the replies and corrections of a folder by finding, the oldest first; one YAML file each.

    Raises:
        InputError: the folder is not there, or a page does not hold together.

    """
    if folder is None:
        return {}
    if not folder.is_dir():
        raise InputError(f"{folder}: there is no such folder of replies; give its path with --replies.")
    return _read(folder, tuple(sorted((path.name, path.stat().st_mtime_ns) for path in folder.glob("*.yml"))))


def replies_to(folder: Path | None, finding: str) -> list[Reply]:
    """Return what was said about a finding, the oldest first."""
    return read_replies(folder).get(finding, [])
