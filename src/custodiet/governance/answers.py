"""What a person answers about a subject: signed, dated, and shown as an answer beside the evidence, never as evidence."""

import datetime as dt
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from custodiet.governance.packs.read import Pack
from custodiet.governance.statuses import Status
from custodiet.model.errors import InputError
from custodiet.model.plain_yaml import first_fault
from custodiet.model.text import echo
from custodiet.sources.forms import read_form

Word = Literal["met", "partly", "in-progress", "not", "waived", "not-applicable", "unknown"]
# What is under way is partly there. A waiver takes a practice out, as the rules on M-25-21 see it; it never makes it met.
STATUS_OF: dict[Word, Status] = {
    "met": "met", "partly": "partly", "in-progress": "partly", "not": "not", "waived": "not-applicable",
    "not-applicable": "not-applicable", "unknown": "unknown",
}  # fmt: skip


def _is_printable(text: str) -> str:
    if not "".join(text.split()).isprintable():
        raise ValueError("holds a character that can't be printed; take it out")
    return text


Text = Annotated[str, Field(min_length=1), AfterValidator(_is_printable)]


class Strict(BaseModel):
    """A frozen part of a file of answers that refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Signature(Strict):
    """Who answers, in which role, on which day."""

    name: Text
    role: Text
    date: dt.date


class Answer(Strict):
    """One answer: a status in a word, why, and the documents that show it."""

    status: Word
    because: Text
    documents: tuple[Text, ...] = ()
    signed: Signature | None = None


class RiskAnswer(Strict):
    """What a person decides about a risk of the register: who owns it, by when, and what they accept."""

    owner: Text | None = None
    due: dt.date | None = None
    treatment: Text | None = None
    accepted: Text | None = None
    signed: Signature | None = None


class Answers(Strict):
    """A file of answers. `signed` holds for every answer without a signature of its own."""

    subject: Text
    pack: str | None = None
    signed: Signature | None = None
    answers: dict[str, Answer] = Field(default_factory=dict)
    risks: dict[str, RiskAnswer] = Field(default_factory=dict)

    def signature_of(self, answer: Answer | RiskAnswer) -> Signature:
        """Return who signed an answer; reading the file has made sure that somebody did."""
        signature = answer.signed or self.signed
        assert signature is not None
        return signature


def read_answers(path: Path) -> Answers:
    """Return a file of answers.

    Raises:
        InputError: it can't be read, breaks its form, or has an answer that nobody signed.

    """
    try:
        found = Answers.model_validate(read_form(path, "answers", "a file of answers (docs/governance.md has the form)"))
    except ValidationError as error:
        where, says = first_fault(error, "the file")
        raise InputError(f"{path.name}, {where}: {says.removeprefix('Value error, ')}; mend the answers there.") from None
    signed = {name: each.signed for name, each in found.answers.items()}
    signed |= {name: each.signed for name, each in found.risks.items()}
    for name, signature in signed.items():
        if (signature or found.signed) is None:
            raise InputError(f"{path.name}, {name}: nobody signed this answer; add `signed` with name, role and date.")
    return found


def check_answers(answers: Answers, pack: Pack) -> None:
    """Check that a file of answers is about entries of a pack, with answers that its text allows.

    Raises:
        InputError: it is for another pack, names an entry that the pack does not have, or answers "not applicable" where the
            text knows no such answer.

    """
    if answers.pack is not None and answers.pack != pack.id:
        raise InputError(f"The answers are for the pack {echo(answers.pack)}, not for {pack.id}; give the file for that one.")
    entries = {duty.id: duty for level in pack.page.assessed for duty in pack.at(level)}
    for name, answer in answers.answers.items():
        if name not in entries:
            raise InputError(
                f"The answers name {echo(name)}, which {pack.id} does not assess; `custodiet packs {pack.id}` lists them."
            )
        if answer.status == "not-applicable" and not entries[name].may_not_apply:
            raise InputError(f"{name} is answered not-applicable, which the text does not allow; answer with another word.")
