"""What a paper is, by who issued and who signed it. Its title is never looked at: a warrant by name may be none.

Issuer and signatory say which types it can be at all. Among these, the form's number, the authority that it cites and what it
orders tell which one it is. Where they contradict each other, or tell nothing, the answer is that nobody can tell from this.
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from custodiet.docket.defects import URGENT, Remark, find_remarks
from custodiet.docket.entry import Command, Request
from custodiet.docket.types import Answer, Dispute, Fact, Pack, ProcessType, Reading, read_pack

COURT = "court"
LETTER = "letter_or_email_request"
EMERGENCY_COMMAND: Command = "disclose-in-emergency"
# What an entry says of a paper that somebody read and that cites nothing. A field that was left out says no such thing.
CITES_NOTHING = frozenset({"none", "no", "nothing", "none cited", "no authority"})


@dataclass(frozen=True)
class Classification:
    """What a paper is. `type` is None where that can't be told; `candidates` are what it might be then."""

    type: ProcessType | None
    candidates: tuple[ProcessType, ...]
    because: tuple[str, ...]
    issuer_kind: str | None
    signatory_role: str | None
    self_executing: Answer
    reaches: tuple[str, ...]
    facts: tuple[Fact, ...]
    defects: tuple[Remark, ...]
    unknowns: tuple[Remark, ...]
    disputed: tuple[Dispute, ...]

    @property
    def id(self) -> str:
        """The type's id, or `cannot-tell`."""
        return self.type.id if self.type else "cannot-tell"


def classify(request: Request, as_of: dt.date) -> Classification:
    """Return what a paper is, what is wrong with it, and what is not known, as of a day."""
    pack = read_pack()
    kind, kind_remarks = _read_issuer(request, pack)
    role, role_remarks = _read_signatory(request, pack)
    type_, candidates, because, remarks = _choose(request, pack, kind, role)
    found = [*kind_remarks, *role_remarks, *remarks, *find_remarks(request, type_, as_of)]
    shown = (type_,) if type_ else candidates
    is_contradicted = type_ is None and any(one.is_defect for one in (*kind_remarks, *role_remarks, *remarks))
    answers = set() if is_contradicted else {one.self_executing.answer for one in shown}
    return Classification(
        type=type_,
        candidates=candidates,
        because=tuple(because),
        issuer_kind=kind,
        signatory_role=role,
        # Where all that it might be agree, that much can be told.
        self_executing=answers.pop() if len(answers) == 1 else "cannot-tell",
        reaches=type_.reaches if type_ else (),
        facts=(type_.self_executing, *type_.facts) if type_ else (),
        defects=tuple(one for one in found if one.is_defect),
        unknowns=tuple(one for one in found if not one.is_defect),
        disputed=tuple(dispute for one in shown for dispute in one.disputed),
    )


def _read_issuer(request: Request, pack: Pack) -> tuple[str | None, list[Remark]]:
    read = [kind for kind, reading in pack.issuer_kinds.items() if reading.fits(request.issuer)]
    said = request.issuer_kind
    if said is None and len(read) == 1:
        return read[0], []
    if said is None:
        names = " or ".join(pack.issuer_kinds[kind].title for kind in read)
        why = f"its name reads as {names}" if read else "its name tells nothing"
        return None, [Remark("issuer", f"What the issuer is can't be told ({why}); say it as issuer_kind.", is_defect=False)]
    if read and said not in read:
        return None, [_contradiction("issuer", pack.issuer_kinds[said], [pack.issuer_kinds[kind] for kind in read])]
    return said, []


def _read_signatory(request: Request, pack: Pack) -> tuple[str | None, list[Remark]]:
    if request.signed == "no" or not (request.signatory_title or request.signatory_role):
        return "none", []
    title = request.signatory_title
    read = next((role for role, reading in pack.signatory_roles.items() if title and reading.fits(title)), None)
    said = request.signatory_role
    if said is None and read is None:
        return None, [Remark("signatory", "What the signatory is can't be told from the title; say it as signatory_role.")]
    if said is not None and read is not None and said != read:
        if "none" in (said, read):
            return None, [Remark("signatory", "The entry says that nobody signed, and names a signatory.", is_defect=True)]
        return None, [_contradiction("signatory", pack.signatory_roles[said], [pack.signatory_roles[read]])]
    return said or read, []


def _contradiction(what: str, said: Reading, read: Sequence[Reading]) -> Remark:
    names = " or ".join(one.title for one in read)
    return Remark(
        what,
        f"The entry says that the {what} is {said.title}, and the {what}'s own name or title is that of {names}.",
        is_defect=True,
    )


def _choose(
    request: Request, pack: Pack, kind: str | None, role: str | None
) -> tuple[ProcessType | None, tuple[ProcessType, ...], list[str], list[Remark]]:
    if kind is None or role is None:
        return None, (), ["Without issuer and signatory nothing can be told."], []
    who = pack.issuer_kinds[kind].title
    signer = pack.signatory_roles[role].title if role != "none" else "nobody whom the entry names"
    because = [f"Issued by {who}, signed by {signer}."]
    strangers = _check_pair(pack, kind, role)
    fitting = [one for one in pack.types if not strangers and kind in one.issuers and role in one.signatories]
    form, authority = normalise_form(request.form_number), normalise_authority(request.authority)
    by_form = [one for one in pack.types if any(pattern.search(form) for pattern in one.forms)]
    by_authority = [one for one in pack.types if any(pattern.search(authority) for pattern in one.authorities)]
    remarks = [
        Remark(
            "does-not-fit",
            f"Its {what} is that of: {'; '.join(one.name for one in named)}; that takes another issuer or signatory than "
            f"{who} and {signer}.",
            is_defect=True,
        )
        for what, named in (("form", by_form), ("authority", by_authority))
        if named and not any(one in fitting for one in named)
    ]
    remarks += strangers
    told = [[one for one in named if one in fitting] for named in (by_form, by_authority)]
    cited = [one for one in fitting if one in told[0] or one in told[1]]
    if all(told) and not any(one in told[1] or told_over(one, told[1]) for one in told[0]):
        remarks.append(
            Remark(
                "form-and-authority",
                "Its form and the authority that it cites are those of different papers.",
                is_defect=True,
            )
        )
        return None, tuple(cited), because, remarks
    cited = [one for one in cited if not any(one.id in other.specialises for other in cited)]
    if len(cited) == 1:
        because.append("Its form or the authority that it cites says which of these it is.")
        return cited[0], (), because, remarks
    if cited or remarks:
        return None, tuple(cited or fitting), because, remarks
    if not fitting:
        because.append("No paper of our list is issued and signed like this.")
        return None, (), because, remarks
    return _choose_by_command(request, fitting, because)


def told_over(one: ProcessType, others: Sequence[ProcessType]) -> bool:
    """Tell whether a form's type is the general one of which the cited authority is a special case."""
    return any(one.id in other.specialises for other in others)


def _check_pair(pack: Pack, kind: str, role: str) -> list[Remark]:
    """Return what is wrong with a pair: a judge signs for no agency, and an agency's officer for no court."""
    signs_for = pack.signatory_roles[role].signs_for if role != "none" else None
    if not signs_for or kind in signs_for:
        return []
    who, house = pack.signatory_roles[role].title, pack.issuer_kinds[kind].title
    says = f"It is signed by {who}, who signs nothing that is issued by {house}."
    return [Remark("signatory-of-another", says, is_defect=True)]


def _choose_by_command(
    request: Request, fitting: Sequence[ProcessType], because: list[str]
) -> tuple[ProcessType | None, tuple[ProcessType, ...], list[str], list[Remark]]:
    command = request.command
    if command is None and request.predicate and URGENT.search(request.predicate):
        command = EMERGENCY_COMMAND
    ordered = [one for one in fitting if command in one.commands]
    letter = next((one for one in fitting if one.id == LETTER), None)
    if request.form_number or cites(request.authority):
        because.append("It cites a form or an authority that our list does not have.")
        if len(ordered) == 1 and set(ordered[0].issuers) == {COURT}:
            # A State's court cites its State's law; that a judge orders a search makes it a court's warrant all the same.
            because.append("What the court orders in it says which of its papers it is.")
            return ordered[0], (), because, []
        return None, tuple(fitting), because, []
    if letter is not None and (command is None or letter in ordered):
        return _choose_letter(request, letter, ordered or fitting, because)
    if command is not None and not ordered:
        because.append("What it orders, no such paper of our list does.")
        remark = Remark(
            "no-such-order", f"It is to {command}, and no paper with this issuer and signatory is for that.", is_defect=True
        )
        return None, tuple(fitting), because, [remark]
    if len(fitting) == 1 and command is None:
        because.append("No other paper of our list is issued and signed like this.")
        return fitting[0], (), because, []
    if len(ordered) == 1:
        because.append("What it orders says which of these it is.")
        return ordered[0], (), because, []
    because.append("Neither form nor authority nor what it orders says which of these it is.")
    return None, tuple(ordered or fitting), because, []


def _choose_letter(
    request: Request, letter: ProcessType, others: Sequence[ProcessType], because: list[str]
) -> tuple[ProcessType | None, tuple[ProcessType, ...], list[str], list[Remark]]:
    """Return a letter only where the entry says what makes it one: a field left out may be one that nobody filled.

    A letter compels nothing, so a paper that is taken for one by mistake is not answered.
    """
    if request.signed == "no" or (request.authority and not cites(request.authority)):
        because.append("It cites no form and no authority." if request.signed != "no" else "Nobody signed it.")
        says = "If it commands and does not ask, have counsel look on its face for an authority first."
        return letter, (), because, [Remark("no-authority", says)]
    because.append("The entry gives no form and no authority, so it may be any of these.")
    says = (
        "The entry does not say which authority it cites; where somebody looked and there is none, write `authority: none`."
    )
    return None, tuple(others), because, [Remark("unknown-authority", says)]


def cites(authority: str | None) -> bool:
    """Tell whether an entry names an authority; `none` says that somebody looked, and there is none."""
    return bool(authority) and (authority or "").strip().rstrip(".").casefold() not in CITES_NOTHING


def normalise_form(text: str | None) -> str:
    """Return a form's number as patterns read it: lower case, one space for any white space."""
    return " ".join((text or "").casefold().split())


def normalise_authority(text: str | None) -> str:
    """Return a citation as patterns read it: lower case, no white space, section signs or full stops of abbreviations."""
    squeezed = re.sub(r"[\s§]", "", (text or "").casefold())
    return re.sub(r"(?<!\d)\.|\.(?!\d)", "", squeezed)
