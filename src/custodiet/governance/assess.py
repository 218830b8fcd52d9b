"""Hold a subject against a pack of duties: each is met, partly met, not met, not applicable or unknown, and says why.

Findings of the rules, answers of the inventory, gates of the bench and measures of an audit decide where they can. What an
agency answers about itself is its answer: *met* means that the record says so, and no more. What nobody says is *unknown*.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from custodiet.governance.answers import STATUS_OF, Answers, check_answers
from custodiet.governance.audits import read_audit
from custodiet.governance.evidence import Holdings, Piece, find_pieces, hold
from custodiet.governance.packs.grade import mark
from custodiet.governance.packs.read import Pack, choose_pack, load_packs
from custodiet.governance.packs.schema import Duty
from custodiet.governance.statuses import STATUSES, Status, combine
from custodiet.governance.subjects import Subject, candidates_of, find_subject, product
from custodiet.governance.why import explain
from custodiet.model.errors import QuestionError
from custodiet.model.text import echo
from custodiet.register.bench import read_bench
from custodiet.store import Register

Basis = Literal["evidence", "answer", "none"]


@dataclass(frozen=True)
class Judged:
    """A duty's answer. `basis`: evidence decided, or only a person's answer, or nothing did."""

    duty: Duty
    status: Status
    basis: Basis
    why: str
    evidence: tuple[Piece, ...]
    ask_for: tuple[str, ...]

    def as_data(self) -> dict[str, Any]:
        """Return the answer as plain data; `unverified` is what must stand beside the duty, or None."""
        return {
            "duty": self.duty.id, "title": self.duty.title, "cite": self.duty.cite, "status": self.status,
            "basis": self.basis, "why": self.why, "due": self.duty.due, "grade": self.duty.grade,
            "unverified": mark(self.duty) or None, "ask_for": list(self.ask_for),
            "evidence": [piece.as_data() for piece in self.evidence],
        }  # fmt: skip


@dataclass(frozen=True)
class Assessment:
    """A subject against a pack. `notes` are what else must be known to read it."""

    subject: Subject
    pack: Pack
    judged: tuple[Judged, ...]
    notes: tuple[str, ...]
    jurisdiction: str | None = None

    def count(self) -> dict[str, int]:
        """Return how many duties have each status."""
        counted = Counter(judged.status for judged in self.judged)
        return {status: counted[status] for status in STATUSES}

    def find(self, duty: str) -> Judged | None:
        """Return a duty's answer, or None where the assessment does not go through it."""
        return next((each for each in self.judged if each.duty.id == duty), None)

    def as_data(self) -> dict[str, Any]:
        """Return the assessment as plain data."""
        page = self.pack.page
        return {
            "subject": self.subject.as_data(),
            "pack": {
                "id": page.id, "title": page.title, "version": page.version, "date": page.date, "sha256": self.pack.sha256,
                "force": page.force, "applies_to": page.applies_to, "verify_by": page.verify_by,
            },
            "jurisdiction": self.jurisdiction,
            "counts": self.count(),
            "notes": list(self.notes),
            "duties": [judged.as_data() for judged in self.judged],
        }  # fmt: skip


def assess(
    register: Register | None,
    subject: str,
    pack: Pack | str,
    *,
    answers: Answers | None = None,
    bench: Path | None = None,
    audit: Path | None = None,
    jurisdiction: str | None = None,
    packs: Path | None = None,
    needs_answers: bool = True,
) -> Assessment:
    """Return a use case, a system, or (with answers alone) a vendor's product, held against a pack.

    `bench` is a folder of the bench's reports, `audit` the `--out` folder of an audit, `packs` a folder of packs of your own.
    Without a register, or where it does not know the subject, these are all there is; `needs_answers` refuses to go on with
    none of them.

    Raises:
        QuestionError: no such subject, pack or jurisdiction, or a pack that has nothing to assess.
        InputError: the answers don't fit the pack, or a report or audit is not what it should be.
        PackError: a pack does not hold together.

    """
    chosen = pack if isinstance(pack, Pack) else choose_pack(load_packs(packs), pack)
    duties, asked = _choose_duties(chosen, jurisdiction)
    if answers is not None:
        check_answers(answers, chosen)
    has_more = not needs_answers or bool(answers or audit or bench)
    who, notes = find_who(register, subject, has_more=has_more)
    held = hold(register if who.kind != "product" else None, who, read_bench(bench), read_audit(audit) if audit else None)
    judged = tuple(_judge(duty, held, answers) for duty in duties)
    return Assessment(who, chosen, judged, (*notes, *asked, *_notes(chosen, held)), jurisdiction)


def _choose_duties(pack: Pack, jurisdiction: str | None) -> tuple[Sequence[Duty], tuple[str, ...]]:
    """Return the duties to go through, and what to note of the place whose law asks for them."""
    if not pack.page.assessed:
        raise QuestionError(f"The pack {pack.id} has nothing to assess; `custodiet packs {pack.id}` shows what it is for.")
    duties = [duty for duty in pack.duties if duty.level in pack.page.assessed]
    if jurisdiction is None:
        return duties, ()
    place = next((each for each in pack.page.jurisdictions if each.id == jurisdiction.strip().casefold()), None)
    if place is None:
        known = ", ".join(each.id for each in pack.page.jurisdictions) or "none"
        raise QuestionError(f"{echo(jurisdiction)} is no jurisdiction of the pack {pack.id}; it has {known}.")
    chosen = [duty for duty in duties if duty.id in {*place.requires, *place.recalled}]
    if not chosen:
        raise QuestionError(f"Of {place.title} no entry was seen; {place.verify or 'its text'} would have to be read first.")
    notes = [f"What {place.title} asks: {place.cite}." + (f" This is {mark(place)}." if mark(place) else "")]
    if place.recalled:
        notes.append(f"Recalled, and not seen in its text: {', '.join(place.recalled)}.")
    return chosen, tuple(notes)


def find_who(register: Register | None, subject: str, *, has_more: bool) -> tuple[Subject, tuple[str, ...]]:
    """Return the subject of a name, and what to note of it; with more at hand than a register, it may be a product.

    Raises:
        QuestionError: the register does not know it, and there is nothing else to go by.

    """
    if register is None:
        if not has_more:
            raise QuestionError(
                "Without a register there is nothing to go by; give `--answers`, `--audit` or `--bench`, or build one with "
                "`custodiet build`."
            )
        return product(subject), ("No register was at hand: only what was given with it counts.",)
    try:
        return find_subject(register, subject), ()
    except QuestionError:
        if not has_more or candidates_of(register, subject):
            raise
        return product(subject), (f"The register has nothing called {echo(subject)}: only what was given with it counts.",)


def _judge(duty: Duty, held: Holdings, answers: Answers | None) -> Judged:
    pieces = [piece for spec in duty.evidence for piece in find_pieces(spec, held)]
    status = _decide(pieces)
    given = answers.answers.get(duty.id) if answers else None
    basis: Basis = "evidence" if status != "unknown" else "none"
    if given is not None and answers is not None:
        signed = answers.signature_of(given)
        documents = f" Documents: {'; '.join(given.documents)}." if given.documents else ""
        says = (
            f"{signed.name} ({signed.role}) answers on {signed.date}: {given.status}. {given.because.rstrip('.')}.{documents}"
        )
        pieces.append(Piece("answer", duty.id, says, STATUS_OF[given.status], answers.subject))
        if status == "unknown":
            status, basis = STATUS_OF[given.status], "answer"
    asks = {held.asks[spec.finding] for spec in duty.evidence if spec.finding and spec.finding in held.asks}
    settled = status in ("met", "not-applicable")
    return Judged(duty, status, basis, explain(status, basis, pieces), tuple(pieces), () if settled else tuple(sorted(asks)))


def _decide(pieces: Sequence[Piece]) -> Status:
    """Combine the parts of each subject first, and then the subjects: a system is several entries."""
    by_subject: dict[str, list[Status]] = {}
    for piece in pieces:
        if piece.status is not None:
            by_subject.setdefault(piece.subject, []).append(piece.status)
    return combine([combine(statuses) for statuses in by_subject.values()])


def _notes(pack: Pack, held: Holdings) -> list[str]:
    notes = []
    if pack.page.force == "voluntary":
        notes.append("This pack is voluntary; an unmet entry breaks no duty.")
    if held.left_aside:
        notes.append(f"{held.left_aside} outcomes of gates name another system and are left aside.")
    for finding in held.findings.get("presumption-overridden", ()):
        if finding["outcome"] in ("gap", "clear"):
            notes.append(
                f"{finding['subject']['id']} is presumed high-impact, and the agency determined that it is not; that is why "
                f"it owes no practice. {finding['reason']}"
            )
    return notes
