"""What a template can say: facts with footnotes, blanks, duties with their grade; everything else that it prints is escaped.

Jinja's escaping is for HTML. Here `finalize` escapes for Markdown, and whatever would mix escaped and raw text on the way
(`~`, `+`, `%`, most filters) is refused when a template is read.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import CodeType
from typing import Any

import jinja2
import jinja2.nodes
from markupsafe import Markup

from custodiet.documents.facts import Measured, Statement
from custodiet.documents.kind import Page
from custodiet.documents.markdown import BEGIN, END, escape
from custodiet.documents.notes import Notes, link, shorten
from custodiet.documents.picture import Picture
from custodiet.documents.words import WORDS, say_day
from custodiet.model.errors import DocumentError
from custodiet.model.text import tidy

MIXING = (jinja2.nodes.Concat, jinja2.nodes.Add, jinja2.nodes.Mod)
# The code of each template that was used, by its text: to make it takes longer than to fill in the document.
_CODE: dict[str, CodeType] = {}


class Author:
    """Renders one kind's template; keeps its footnotes, and marks what needs none."""

    def __init__(self, page: Page, notes: Notes) -> None:
        self._page = page
        self.notes = notes
        self._language = page.kind.language
        self._words = WORDS[page.kind.language]
        # The drawings that the document shows, by name.
        self.pictures: dict[str, Picture] = {}

    def render(self, context: Mapping[str, Any]) -> str:
        """Return the template filled in, as Markdown.

        Raises:
            DocumentError: the template uses what is not there, or prints what has no text.

        """
        environment = jinja2.Environment(
            autoescape=True, undefined=jinja2.StrictUndefined, finalize=self._finalize, trim_blocks=True, lstrip_blocks=True,
            keep_trailing_newline=True, extensions=["jinja2.ext.do"],
        )  # fmt: skip
        environment.filters = {
            "quoted": self.quoted,
            "listed": self.listed,
            "length": len,
            "shortened": shorten,
            "lower": str.lower,
        }
        environment.globals = {
            "fact": self.fact, "cited": self.cited, "blank": self.blank, "own": self.own, "code": self.code,
            "link": self.link, "picture": self.picture, "day": self.day, "range": range,
        }  # fmt: skip
        try:
            code = _CODE.get(self._page.template) or _CODE.setdefault(self._page.template, self._compile(environment))
            return jinja2.Template.from_code(environment, code, environment.make_globals(None)).render(context)
        except jinja2.TemplateSyntaxError as error:
            raise DocumentError(
                f"{self._page.path}, line {error.lineno}: {str(error.message).rstrip('.')}; mend it."
            ) from None
        except jinja2.UndefinedError as error:
            raise DocumentError(
                f"{self._page.path}: {str(error.message).rstrip('.')}; give it in the kind's context."
            ) from None

    def _compile(self, environment: jinja2.Environment) -> CodeType:
        mixing = next(environment.parse(self._page.template).find_all(MIXING), None)
        if mixing is not None:
            raise DocumentError(
                f"{self._page.path}, line {mixing.lineno}: joins texts with an operator, which would "
                "mix escaped and raw text; print them one after the other."
            )
        return environment.compile(self._page.template)

    def _finalize(self, value: Any) -> Any:
        if isinstance(value, Markup | jinja2.Undefined):
            return value
        if isinstance(value, str):
            return Markup(escape(value))  # noqa: S704 - Markup is what is Markdown already
        if isinstance(value, Statement):
            return self.fact(value)
        if isinstance(value, dt.date):
            return self.day(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return Markup(f"{value:,}")  # noqa: S704
        raise DocumentError(f"{self._page.path}: prints a {type(value).__name__}, which has no text; give it one.")

    # --- What templates call

    def fact(self, said: str | Statement | Mapping[str, Any], *cites: object) -> Markup:
        """Return a sentence with the footnote to what it rests on.

        A statement brings its own source, and its mark where it is unverified; a claim of the catalogue its sources, and its
        grade where it is less than *Known*.
        """
        if isinstance(said, Statement):
            return self._statement(said)
        if isinstance(said, Mapping):
            grade = "" if said["grade"] == "Known" else f" *({said['grade']})*"
            return self._noted(escape(said["says"]) + grade, self.notes.number([said.get("citation") or said, *cites]))
        text = said if isinstance(said, Markup) else escape(said)
        return self._noted(text, self.notes.number(cites))

    def cited(self, *cites: object, caller: Callable[[], str]) -> Markup:
        """Return the text of a `call` block with the footnote to what it rests on."""
        return self._noted(caller(), self.notes.number(cites))

    def _statement(self, said: Statement) -> Markup:
        note = self.notes.paper(said.source)
        if said.is_flat:
            return self._noted(escape(said.text), self.notes.note(f"{note}."))
        known = self._words["secondary" if said.grade == "S" else "recalled"]
        note += f". **{self._words['unverified']}** ({known})"
        note += f". {self._words['verify']}: {escape(said.verify)}" if said.verify else ""
        # The mark stands behind the fact's end: bold text that a sign of ours followed would not be read as bold.
        number = self.notes.note(f"{note}.")
        return Markup(f"{BEGIN}{escape(said.text)}{END} **({self._words['unverified']})**[^{number}]")  # noqa: S704

    def _noted(self, text: str, number: int) -> Markup:
        return Markup(f"{BEGIN}{text.strip()}{END}[^{number}]")  # noqa: S704

    def blank(self, asks: str) -> Markup:
        """Return a blank that a person must fill."""
        return Markup(f"**\\[ {escape(asks)} \\]**")  # noqa: S704

    def own(self, text: str | int | dt.date) -> Markup:
        """Return what states no figure of fact: a day or count of the document itself, or a name that holds a digit."""
        shown = self.day(text) if isinstance(text, dt.date) else f"{text:,}" if isinstance(text, int) else text
        return Markup(f"{BEGIN}{escape(str(shown))}{END}")  # noqa: S704

    def code(self, text: str) -> Markup:
        """Return a command or a field's name, letter by letter."""
        line = tidy(text)
        if "`" in line:
            raise DocumentError(f"{self._page.path}: prints a command with a backtick; write it without one.")
        return Markup(f"{BEGIN}`{line}`{END}")  # noqa: S704

    def picture(self, picture: Picture, caption: str, *cites: object) -> Markup:
        """Return a drawing over a caption, whose footnote says what all that is drawn rests on."""
        self.pictures[picture.name] = picture
        shown = f"{BEGIN}![{escape(picture.says)}]({picture.name}.svg){escape(caption)}{END}"
        return Markup(f"{shown}[^{self.notes.number(cites)}]")  # noqa: S704

    def link(self, text: str, url: str) -> Markup:
        """Return a link to a public address."""
        return Markup(link(text, url))  # noqa: S704

    def day(self, day: dt.date) -> str:
        """Return a day as people write it."""
        return say_day(day, self._language)

    def quoted(self, text: str, length: int = 400) -> Markup:
        """Return published words in quotation marks, cut at a word where they are many."""
        return Markup(f"“{escape(shorten(text, length))}”")  # noqa: S704

    def listed(self, items: Iterable[object]) -> Markup:
        """Return "a, b and c"."""
        texts = [item if isinstance(item, Markup) else escape(str(item)) for item in items]
        joint = " and " if self._language == "en" else " y "
        return Markup(", ".join(texts[:-1]) + joint + texts[-1] if len(texts) > 1 else "".join(texts))  # noqa: S704


class Answers(Mapping[str, Markup]):
    """A person's answers to a kind's inputs, by name: the answer, or a visible blank."""

    def __init__(self, page: Page, author: Author, given: Mapping[str, str], source: Measured | None) -> None:
        self._page, self._author, self._given, self._source = page, author, given, source

    def __getitem__(self, name: str) -> Markup:
        wanted = self._page.kind.answers[name]
        said = " ".join(self._given.get(name, "").split())
        if not said:
            return self._author.blank(wanted.asks)
        return self._author.fact(said, self._source) if wanted.fact and self._source else self._author.own(said)

    def __iter__(self) -> Iterator[str]:
        return iter(self._page.kind.answers)

    def __len__(self) -> int:
        return len(self._page.kind.answers)
