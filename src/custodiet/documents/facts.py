"""What a fact can rest on besides a cell of a release, and a duty that keeps its grade wherever it is printed."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Paper:
    """A document outside the register: a statute, a memo, a page of an office. `where` is the section."""

    title: str
    publisher: str
    url: str | None = None
    date: str | None = None
    where: str | None = None


@dataclass(frozen=True)
class Count:
    """A figure that was counted over whole releases, or the catalogue; `how` is the command that counts it again."""

    how: str
    releases: tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    """One of our rules, by its id, with the duty that it reads records against."""

    id: str
    duty: str


@dataclass(frozen=True)
class Measured:
    """A figure of a file that an audit or a bench wrote: the file, its hash, and which measure of it."""

    file: str
    sha256: str
    what: str


@dataclass(frozen=True)
class Statement:
    """A sentence about what a law, memo or guide says, with how we know it.

    Grade V: read in the primary text. S: told by a secondary source. R: recalled. What is S or R is printed with its mark and
    with what to verify, always: a template that prints such a text flat makes no document.
    """

    text: str
    source: Paper
    grade: Literal["V", "S", "R"]
    verify: str | None = None

    @property
    def is_flat(self) -> bool:
        """Whether it may stand as a plain sentence."""
        return self.grade == "V"
