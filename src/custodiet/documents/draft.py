"""Draft a document: one kind, one subject, one register, one day; the same ones give the same text."""

import datetime as dt
import difflib
import hashlib
import importlib
import importlib.metadata
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from custodiet.documents.author import Answers, Author
from custodiet.documents.check import check
from custodiet.documents.facts import Measured
from custodiet.documents.kind import Kind, Page, find_kind
from custodiet.documents.markdown import BEGIN, END, escape, parse, plain
from custodiet.documents.notes import Notes
from custodiet.documents.subject import find
from custodiet.documents.words import WORDS, Language, say_day
from custodiet.model.errors import DocumentError
from custodiet.model.plain_yaml import YamlError, load_yaml
from custodiet.model.text import echo
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


@dataclass(frozen=True)
class Document:
    """A drafted document: Markdown, and what its other forms say at the top and the foot of each page."""

    kind: Kind
    title: str
    as_of: dt.date
    markdown: str
    header: str
    footer: str

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
) -> Document:
    """Return a document of a kind about a subject.

    `finding` is a finding's id; `answers` a YAML file with what a person fills in; `audit` and `bench` folders that
    those commands wrote. What nobody gave is a visible blank.

    Raises:
        DocumentError: no such kind, a subject that it does not take, an answer that it does not ask for, or a page at fault.
        QuestionError: the register has no such subject or finding.

    """
    page = find_kind(kind, language)
    for name, folder in (("audit", audit), ("bench", bench)):
        if folder is not None and name not in page.kind.takes:
            raise DocumentError(f"{kind} reads no folder of `custodiet {name}`; leave `--{name}` out.")
    about, found = find(register, page.kind, subject, finding)
    given, source = _read_answers(page.kind, answers)
    request = Request(register, page.kind, about, as_of, found, given, audit, bench)
    notes = Notes(register, language, quotes=page.kind.quotes)
    author = Author(page, notes)
    ours: dict[str, Any] = {
        "subject": about, "finding": found, "as_of": as_of, "answer": Answers(page, author, given, source),
        "audit": audit, "bench": bench,
    }  # fmt: skip
    context = {**ours, **build_context(request)}
    body = author.render(context)
    (fingerprint,) = register.rows("select value from meta where key = 'fingerprint'")[0]
    marked = _assemble(page, body, notes, fingerprint[:HASH], as_of)
    tree = parse(marked)
    check(tree, kind=kind, context=context, proposals=page.kind.proposals, language=language)
    words = WORDS[language]
    shown = [page.kind.title, say_day(as_of, language)]
    foot = [f"Custodiet, {words['register']} {fingerprint[:HASH]}", *([words["not_advice"]] if page.kind.legal else [])]
    text = marked.replace(BEGIN, "").replace(END, "")
    return Document(page.kind, plain(parse(text).blocks[0]), as_of, text, " · ".join(shown), " · ".join(foot))


def build_context(request: Request) -> Mapping[str, Any]:
    """Return what a kind's page prints, gathered by the module of contexts/ that its front matter names."""
    if request.kind.context is None:
        return {}
    module = importlib.import_module(f"custodiet.documents.contexts.{request.kind.context}")
    build = cast("Callable[[Request], Mapping[str, Any]]", module.build)
    return build(request)


def _assemble(page: Page, body: str, notes: Notes, fingerprint: str, as_of: dt.date) -> str:
    """Return the whole text: heading, a line that says what this is, the body, the files cited, and the footnotes."""
    words = WORDS[page.kind.language]
    day = say_day(as_of, page.kind.language)
    heading, _, rest = body.lstrip().partition("\n")
    if not heading.startswith("# "):
        raise DocumentError(f"{page.path}: its text begins with no heading of the first level; give it one.")
    line = f"*{escape(page.kind.title)} · {day} · {words['register']} {fingerprint}*"
    about = [words["drafted"].format(day=day, version=importlib.metadata.version("custodiet"), fingerprint=fingerprint)]
    about += [words["gap"]] if page.kind.gaps else []
    about += [words["advice"]] if page.kind.legal else []
    about += [words["blanks"]] if "**\\[ " in body else []
    files = "".join(f"- {BEGIN}{each}{END}\n" for each in notes.files())
    parts = [heading, line, re.sub(r"\n{3,}", "\n\n", rest.strip()), f"## {words['about']}", f"{BEGIN}{' '.join(about)}{END}"]
    parts += [f"### {words['files']}", files.strip()] if files else []
    parts[1] = f"{BEGIN}{line}{END}"
    return notes.settle("\n\n".join(part for part in parts if part))


def _read_answers(kind: Kind, path: Path | None) -> tuple[dict[str, str], Measured | None]:
    """Return a person's answers by name, and the file as what they rest on."""
    if path is None:
        return {}, None
    try:
        content = path.read_bytes()
        read = load_yaml(content.decode("utf-8"))
    except OSError as error:
        raise DocumentError(f"{path}: can't be read ({error.strerror or error}); name a file of answers.") from None
    except UnicodeDecodeError as error:
        raise DocumentError(f"{path}: is not UTF-8 at byte {error.start}; save it as UTF-8.") from None
    except YamlError as error:
        raise DocumentError(f"{path}{error.place}: {error.problem}; mend the YAML.") from None
    if not isinstance(read, dict) or not all(isinstance(value, str) or value is None for value in read.values()):
        raise DocumentError(f"{path}: is no list of `name: answer`; {kind.kind} asks for {_asked(kind)}.")
    for name in read:
        if name not in kind.answers:
            close = difflib.get_close_matches(str(name), list(kind.answers), n=2)
            hint = f"did you mean {' or '.join(close)}?" if close else f"it asks for {_asked(kind)}."
            raise DocumentError(f"{path}: {kind.kind} does not ask for {echo(str(name))}; {hint}")
    words = WORDS[kind.language]
    source = Measured(path.name, hashlib.sha256(content).hexdigest(), words["unchecked"])
    return {str(name): value for name, value in read.items() if value is not None}, source


def _asked(kind: Kind) -> str:
    return ", ".join(kind.answers) or "nothing"
