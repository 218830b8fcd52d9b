"""What a records request asks for, of whom, under which law: from a finding, a subject, an audit, or kinds of record."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from custodiet.governance.addresses import Address, Office, addresses_of, find_office
from custodiet.governance.deadlines import Trace, trace_deadline
from custodiet.governance.packs.schema import Strict
from custodiet.governance.records_laws import PACK, Law, law_of
from custodiet.model.errors import NothingAskedError, PackError, QuestionError
from custodiet.model.plain_yaml import YamlError, first_fault, load_yaml
from custodiet.model.text import echo, tidy
from custodiet.questions.awards import current_piids
from custodiet.store import Register

# The description, and each explanation, that the form of foia.gov takes (its field list, `request_description` and others).
PORTAL_LIMIT = 10_000
HINT = re.compile(r"\s*\((?:letter: `?(?P<letter>[\w/-]+)`?|no letter: (?P<none>[^)]*))\)\s*$")


class Ask(Strict):
    """A kind of record, and how it is asked for of a federal office and of another."""

    id: Annotated[str, Field(pattern=r"^[a-z]+$")]
    title: str
    letters: tuple[str, ...]
    federal: Annotated[tuple[str, ...], Field(min_length=1)]
    elsewhere: Annotated[tuple[str, ...], Field(min_length=1)]


@dataclass(frozen=True)
class Question:
    """What a rule's page asks for, about one subject, and the findings that raise it."""

    text: str
    about: str
    findings: tuple[Mapping[str, Any], ...]

    @property
    def points(self) -> tuple[str, ...]:
        """The titles of the rules that raise it, where several do: one document a title is asked for."""
        titles = tuple(dict.fromkeys(finding["title"] for finding in self.findings))
        return titles if len(titles) > 1 else ()

    @property
    def whole(self) -> str:
        """The question with what it is about, in one paragraph."""
        return f"{self.text} ({self.about}{': ' + '; '.join(self.points) if self.points else ''})"


@dataclass(frozen=True)
class Section:
    """One kind of record in a letter: its title and its items."""

    id: str
    title: str
    items: tuple[str, ...]


@dataclass(frozen=True)
class RecordsRequest:
    """What a letter says: under which law, to which office, which questions and records, and when what is due."""

    law: Law
    office: Office | None
    addresses: tuple[Address, ...]
    subject: str
    questions: tuple[Question, ...]
    sections: tuple[Section, ...]
    deadlines: Trace

    @property
    def is_federal(self) -> bool:
        """Whether it goes to a federal office."""
        return self.law.calendar == "us"

    def describe(self) -> str:
        """Return the description of the records as plain text, numbered, as a portal's form takes it."""
        items = [question.whole for question in self.questions]
        items += [item for section in self.sections for item in section.items]
        return "\n".join(f"{number}. {item}" for number, item in enumerate(items, start=1))


@lru_cache(maxsize=1)
def load_asks() -> tuple[Ask, ...]:
    """Return the kinds of record that the package ships.

    Raises:
        PackError: their file does not hold together.

    """
    path = PACK / "asks.yml"
    try:
        return TypeAdapter(tuple[Ask, ...]).validate_python(load_yaml(path.read_text("utf-8")))
    except YamlError as error:
        raise PackError(f"records-laws/{path.name}{error.place}: {error.problem}; mend the YAML there.") from None
    except ValidationError as error:
        where, says = first_fault(error, "file")
        raise PackError(f"records-laws/{path.name}: {where}: {says}.") from None


def choose_law(code: str | None, *, agency: str | None = None, jurisdiction: str | None = None) -> Law:
    """Return the law that a request is made under: the one named, that of an audit's jurisdiction, or the agency's.

    Raises:
        QuestionError: there is no such law, or nothing tells which one.

    """
    if code:
        return law_of(code.strip())
    if jurisdiction and jurisdiction.startswith("us-"):
        return law_of(jurisdiction.removeprefix("us-"))
    if agency:
        return law_of("us-dhs" if agency == "DHS" else "us")
    raise QuestionError("Nothing tells under which law to ask; name it: us, us-dhs, or a state such as ca.")


def ask_of(rule_asks: str) -> tuple[str | None, str | None]:
    """Return a rule's question without the mark of its letter, and the mark; no question where the record is public.

    A mark `correction/…` asks for no record by itself: what can be asked for is the record behind the published entry.
    """
    found = HINT.search(rule_asks)
    text = rule_asks[: found.start()] if found else rule_asks
    if found and found["none"] is not None:
        return None, None
    letter = found["letter"].rpartition("/")[2] if found else None
    if found and found["letter"].startswith("correction/"):
        return "The record from which the published entry was filled in, and any correction of that entry.", letter
    return tidy(text), letter


def build_request(
    *,
    law: Law,
    subject: str,
    findings: Sequence[Mapping[str, Any]] = (),
    kinds: Sequence[str] | None = None,
    contracts: Sequence[str] = (),
    period: str,
    agency: str | None = None,
    bureau: str | None = None,
    as_of: dt.date,
    expedited: bool = False,
) -> RecordsRequest:
    """Return what a letter about a subject says on a day.

    `findings` are findings of the register or of an audit, each with its rule's `title` and `ask_for`; `kinds` are kinds of
    record, or None for those that the findings' rules point to, or all where there are no findings. `contracts` are numbers
    of awards.

    Raises:
        QuestionError: a kind is none.
        NothingAskedError: nothing is asked for.

    """
    questions, letters = _gather(findings)
    chosen = _choose_kinds(kinds, letters, has_findings=bool(findings))
    federal = law.calendar == "us"
    numbers = f" (among them {', '.join(contracts)})" if contracts else ""
    sections = tuple(
        Section(
            ask.id,
            ask.title,
            tuple(
                tidy(text).format(subject=subject, period=period, numbers=numbers)
                for text in (ask.federal if federal else ask.elsewhere)
            ),
        )
        for ask in chosen
    )
    if not questions and not sections:
        raise NothingAskedError(f"Nothing is asked for about {echo(subject)}: what its findings ask for is public already.")
    office = find_office(agency, bureau) if federal else None
    return RecordsRequest(
        law, office, addresses_of(office, as_of) if office else (), subject, questions, sections,
        trace_deadline(law, as_of, expedited=expedited),
    )  # fmt: skip


def _gather(findings: Sequence[Mapping[str, Any]]) -> tuple[tuple[Question, ...], set[str]]:
    """Return the questions, each once with all findings that raise it, and the letters that their rules name."""
    gathered: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    letters = set()
    for finding in findings:
        text, letter = ask_of(finding["ask_for"])
        if letter:
            letters.add(letter)
        if text:
            gathered.setdefault((text, _name(finding["subject"])), []).append(finding)
    return tuple(Question(text, about, tuple(found)) for (text, about), found in gathered.items()), letters


def _name(subject: Mapping[str, Any] | str) -> str:
    """Return what a finding is about: its published id and name, or its name where the id is one of ours."""
    if isinstance(subject, str):
        return subject
    name, handle = subject["name"], subject["id"]
    if not name or name == handle:
        return str(handle)
    return str(name) if ":" in handle else f"{handle}, {name}"


def _choose_kinds(kinds: Sequence[str] | None, letters: set[str], *, has_findings: bool) -> tuple[Ask, ...]:
    asks = load_asks()
    if kinds is not None:
        known = {ask.id for ask in asks}
        for kind in kinds:
            if kind not in known:
                raise QuestionError(f"{echo(kind)} is no kind of record; choose from {', '.join(sorted(known))}.")
        return tuple(ask for ask in asks if ask.id in kinds)
    if has_findings:
        return tuple(ask for ask in asks if letters & set(ask.letters))
    return asks


def list_contracts(register: Register, page: str | None, cases: Sequence[str]) -> list[str]:
    """Return the numbers of awards that are on record of a system: those that its page's claims cite, and its cases'.

    `page` is the system's slug, `cases` are keys of use cases; numbers come in order, each once.
    """
    rows = register.rows(
        """
        select unnest(regexp_extract_all(concat_ws(' ', title, place, url), '[0-9A-Z]{13,17}')) from claim_sources
        where kind = 'award' and starts_with(claim, $page || '/')
        """,
        {"page": page or ""},
    )
    rows += register.rows("select contract_number.value from use_cases where use_case_id in $cases", {"cases": list(cases)})
    return sorted(current_piids(register, {number for (number,) in rows if number}))


def check_portal(field: str, text: str) -> str:
    """Return a text that the form of foia.gov takes in a field.

    Raises:
        QuestionError: it is longer than the form's limit.

    """
    if len(text) > PORTAL_LIMIT:
        raise QuestionError(
            f"The {field} has {len(text):,} characters, and the form of foia.gov takes {PORTAL_LIMIT:,}; ask for fewer kinds "
            "of record, or send two requests."
        )
    return text
