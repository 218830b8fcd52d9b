"""Draft a document: one kind, one subject, one register, one day; the same ones give the same text."""

import datetime as dt
import importlib
import importlib.metadata
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from custodiet.documents.answers import read_answers
from custodiet.documents.author import Answers, Author
from custodiet.documents.check import check
from custodiet.documents.docket import Docket, open_docket
from custodiet.documents.kind import Kind, Page, find_kind
from custodiet.documents.markdown import BEGIN, END, Tree, escape, parse, plain
from custodiet.documents.notes import Notes
from custodiet.documents.picture import Pictures
from custodiet.documents.subject import find
from custodiet.documents.words import WORDS, Language, say_day
from custodiet.model.errors import DocumentError
from custodiet.store import Register

HASH = 12


@dataclass(frozen=True)
class Request:
    """What a context builder is given: the register, what the document is about, the day, and what else was handed over."""

    register: Register
    kind: Kind
    subject: Mapping[str, Any]
    as_of: dt.date
    finding: Mapping[str, Any] | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    audit: Path | None = None
    bench: Path | None = None
    docket: Docket | None = None


@dataclass(frozen=True)
class Document:
    """A drafted document: Markdown, and what its other forms say at the top and the foot of each page."""

    kind: Kind
    title: str
    as_of: dt.date
    markdown: str
    header: str
    footer: str
    # The Markdown, parsed.
    tree: Tree = field(compare=False, repr=False)
    pictures: Pictures = field(default_factory=dict)

    @property
    def language(self) -> Language:
        """The language that it is written in."""
        return self.kind.language


def draft(
    kind: str,
    register: Register,
    subject: str | None = None,
    *,
    as_of: dt.date,
    language: Language = "en",
    finding: str | None = None,
    answers: Path | None = None,
    audit: Path | None = None,
    bench: Path | None = None,
    docket: Path | None = None,
    key: Path | None = None,
    set_answers: Sequence[str] = (),
) -> Document:
    """Return a document of a kind about a subject.

    `finding` is a finding's id; `answers` a YAML file with what a person fills in, `set_answers` more such answers as
    `name=answer`; `audit` and `bench` folders that those commands wrote, `docket` and `key` a docket's. What nobody gave is a
    visible blank.

    Raises:
        DocumentError: no such kind, a subject that it does not take, an answer that it does not ask for, or a page at fault.
        QuestionError: the register has no such subject or finding.
        DocketError: the docket is missing, was tampered with, or has no such entry.

    """
    page = find_kind(kind, language)
    for name, folder in (("audit", audit), ("bench", bench), ("docket", docket)):
        if folder is not None and name not in page.kind.takes:
            raise DocumentError(f"{kind} reads no folder of `custodiet {name}`; leave `--{name}` out.")
    if docket is None and page.kind.rests_on == "docket":
        raise DocumentError(f"{kind} is drafted from a docket; name its folder with `--docket`.")
    held = open_docket(docket, key) if docket is not None else None
    about, found = find(register, page.kind, subject, finding, held)
    given, source = read_answers(page.kind, answers, set_answers)
    request = Request(register, page.kind, about, as_of, found, given, audit, bench, held)
    notes = Notes(register, language, quotes=page.kind.quotes)
    author = Author(page, notes)
    ours: dict[str, Any] = {
        "subject": about, "finding": found, "as_of": as_of, "answer": Answers(page, author, given, source),
        "audit": audit, "bench": bench,
    }  # fmt: skip
    context = {**ours, **build_context(request)}
    body = author.render(context)
    origin = _origin(register, held if page.kind.rests_on == "docket" else None)
    marked = _assemble(page, body, notes, origin, as_of)
    tree = parse(marked)
    check(tree, kind=kind, context=context, proposals=page.kind.proposals, language=language)
    words = WORDS[language]
    shown = [page.kind.title, say_day(as_of, language)]
    foot = [f"Custodiet, {words[page.kind.rests_on]} {origin}", *([words["not_advice"]] if page.kind.legal else [])]
    text = marked.replace(BEGIN, "").replace(END, "")
    whole = parse(text)
    return Document(
        page.kind, plain(whole.blocks[0]), as_of, text, " · ".join(shown), " · ".join(foot), whole, author.pictures
    )


def build_context(request: Request) -> Mapping[str, Any]:
    """Return what a kind's page prints, gathered by the module of contexts/ that its front matter names."""
    if request.kind.context is None:
        return {}
    module = importlib.import_module(f"custodiet.documents.contexts.{request.kind.context}")
    build = cast("Callable[[Request], Mapping[str, Any]]", module.build)
    return build(request)


def _origin(register: Register, docket: Docket | None) -> str:
    """Return the beginning of the hash of what a document was drafted from."""
    if docket is not None:
        return docket.root[:HASH]
    (fingerprint,) = register.rows("select value from meta where key = 'fingerprint'")[0]
    return str(fingerprint)[:HASH]


def _assemble(page: Page, body: str, notes: Notes, fingerprint: str, as_of: dt.date) -> str:
    """Return the whole text: heading, a line that says what this is, the body, the files cited, and the footnotes."""
    words = WORDS[page.kind.language]
    day = say_day(as_of, page.kind.language)
    heading, _, rest = body.lstrip().partition("\n")
    if not heading.startswith("# "):
        raise DocumentError(f"{page.path}: its text begins with no heading of the first level; give it one.")
    line = f"*{escape(page.kind.title)} · {day} · {words[page.kind.rests_on]} {fingerprint}*"
    drafted = words["drafted" if page.kind.rests_on == "register" else "drafted_docket"]
    about = [drafted.format(day=day, version=importlib.metadata.version("custodiet"), fingerprint=fingerprint)]
    about += [words["gap"]] if page.kind.gaps else []
    about += [words["advice"]] if page.kind.legal else []
    about += [words["blanks"]] if "**\\[ " in body else []
    files = "".join(f"- {BEGIN}{each}{END}\n" for each in notes.files())
    parts = [heading, line, re.sub(r"\n{3,}", "\n\n", rest.strip()), f"## {words['about']}", f"{BEGIN}{' '.join(about)}{END}"]
    parts += [f"### {words['files']}", files.strip()] if files else []
    parts[1] = f"{BEGIN}{line}{END}"
    return notes.settle("\n\n".join(part for part in parts if part))
