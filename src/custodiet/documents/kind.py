"""Kinds of documents: one Markdown-and-Jinja page each, with a front matter that says who sends it to whom, about what."""

import difflib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from custodiet.documents.words import Language
from custodiet.model.errors import DocumentError
from custodiet.model.plain_yaml import YamlError, first_fault, load_yaml
from custodiet.model.text import echo

NAME = "[a-z]+(-[a-z]+)*"
FOLDER = Path(__file__).parent / "kinds"
SubjectKind = Literal[
    "use-case", "system", "vendor", "feed", "authority", "award", "agency", "stack", "finding", "docket-entry", "none"
]  # fmt: skip
Flag = Annotated[bool, BeforeValidator(lambda value: {"yes": True, "no": False}.get(value, value))]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Input(_Part):
    """What a person fills in: what is asked, and whether the answer states a fact, which then gets a footnote."""

    asks: str
    fact: Flag = False


def _as_inputs(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return {name: {"asks": asks} if isinstance(asks, str) else asks for name, asks in value.items()}


class Kind(_Part):
    """The front matter of a kind's page."""

    kind: Annotated[str, Field(pattern=f"^{NAME}$")]
    title: str
    sender: str
    to: str
    subjects: Annotated[tuple[SubjectKind, ...], Field(min_length=1)]
    # What it is for, in a sentence, for the list of kinds.
    about: str
    language: Language = "en"
    # The module of documents/contexts that gathers what the page prints; none where the subject itself is enough.
    context: str | None = None
    # Folders of other commands that it reads: any other that is handed over is refused, not ignored.
    takes: tuple[Literal["audit", "bench", "docket"], ...] = ()
    # What it is drafted from: a docket is private, and its documents cite no register.
    rests_on: Literal["register", "docket"] = "register"
    answers: Annotated[dict[str, Input], BeforeValidator(_as_inputs)] = {}
    # Second-level headings under which the text is proposed wording: its figures are terms, and no facts.
    proposals: tuple[str, ...] = ()
    # How much of a cell a footnote quotes, in characters: a report of many short rows quotes less of each.
    quotes: Annotated[int, Field(ge=20)] = 220
    # Whether it speaks of law, and so says that it is no legal advice; and of findings, that a gap is no violation.
    legal: Flag = False
    gaps: Flag = False
    # Whether it begins with one page on its side that stands alone: its notes come at the end, as an annex's do.
    sheet: Flag = False


@dataclass(frozen=True)
class Page:
    """A kind with its template."""

    kind: Kind
    template: str
    path: Path


def read_page(path: Path) -> Page:
    """Return a kind's page.

    Raises:
        DocumentError: it has no front matter, or one that does not hold together.

    """
    found = re.fullmatch(r"---\n(.*?\n)---\n(.*)", path.read_text("utf-8"), re.DOTALL)
    if found is None:
        raise DocumentError(f"{path}: begins with no front matter between two lines of ---; give it one.")
    try:
        kind = Kind.model_validate(load_yaml(found[1]))
    except YamlError as error:
        raise DocumentError(f"{path}{error.place}: {error.problem}; mend its front matter.") from None
    except ValidationError as error:
        place, fault = first_fault(error, "the front matter")
        raise DocumentError(f"{path}: {place}: {fault}; mend its front matter.") from None
    if path.name not in (f"{kind.kind}.md", f"{kind.kind}.{kind.language}.md"):
        raise DocumentError(
            f"{path}: is of the kind {kind.kind} in {kind.language}, and its name does not say so; rename it."
        )
    # So many empty lines in front, that a fault's line is that of the file.
    return Page(kind, "\n" * (found[1].count("\n") + 2) + found[2], path)


def list_kinds() -> list[Page]:
    """Return all kinds in all languages, by name."""
    return [read_page(path) for path in sorted(FOLDER.glob("*.md"))]


def find_kind(name: str, language: Language = "en") -> Page:
    """Return the page of a kind.

    Raises:
        DocumentError: no such kind, or none in this language.

    """
    # The file's name is the kind's, so that most of the time no other is read.
    for path in (FOLDER / f"{name}.{language}.md", FOLDER / f"{name}.md"):
        if re.fullmatch(NAME, name) and path.is_file() and (page := read_page(path)).kind.language == language:
            return page
    pages = {(page.kind.kind, page.kind.language): page for page in list_kinds()}
    names = sorted({kind for kind, _ in pages})
    if name not in names:
        close = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(close)}?" if close else f"the kinds are {', '.join(names)}."
        raise DocumentError(f"{echo(name)} is no kind of document; {hint}")
    spoken = ", ".join(code for kind, code in pages if kind == name)
    raise DocumentError(f"{name} is not there in {language!r}, but in {spoken}; choose with `--language`.")
