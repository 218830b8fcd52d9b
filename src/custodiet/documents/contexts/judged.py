"""A subject against a pack, as a document prints it: each duty with its mark, its status, why, and what that rests on."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from custodiet.documents.contexts.findings import without_letter
from custodiet.documents.draft import Request
from custodiet.documents.duties import statements
from custodiet.documents.facts import Measured, Paper, Rule, Statement
from custodiet.governance.answers import Answers, read_answers
from custodiet.governance.assess import Assessment, assess
from custodiet.governance.audits import FILE
from custodiet.governance.evidence import Piece
from custodiet.governance.packs import Duty, Pack
from custodiet.governance.why import SHOWN
from custodiet.model.errors import DocumentError
from custodiet.questions.rules import rules
from custodiet.register.bench import read_bench

# So many pieces are read one by one.
MANY = 4
UNCHECKED = "a signed answer, which nobody here has checked"


def hold_against(request: Request, pack: Pack | str, *, signed: Path | None = None, jurisdiction: str = "") -> Assessment:
    """Return the document's subject against a pack. `signed` is a file of signed answers, as `custodiet assess` takes it.

    Without a subject it is the product that the answers name; nobody's, where there are none: each duty is unknown then.

    Raises:
        DocumentError: there is neither a subject nor a product, and answers, an audit or a bench were given about one; or
            the bench's folder holds nothing that speaks to a duty.
        InputError, PackError, QuestionError: as `assess`.

    """
    answers: Answers | None = read_answers(signed) if signed else None
    named = request.subject["id"] or (answers.subject if answers else request.answers.get("product", "").strip())
    if not named and (answers or request.audit or request.bench):
        raise DocumentError(f"{request.kind.kind} needs a subject for what was given with it; name one, or answer `product`.")
    if request.bench and not read_bench(request.bench):
        raise DocumentError(
            f"{request.bench}: holds no report that was held against a gate, and so says nothing of a duty; test anew with "
            "`custodiet bench ... --gate FILE --out`."
        )
    return assess(
        request.register if request.subject["id"] else None, named or "a product", pack, answers=answers,
        bench=request.bench, audit=request.audit, jurisdiction=jurisdiction.strip() or None, needs_answers=False,
    )  # fmt: skip


def lines_of(request: Request, held: Assessment, signed: Path | None = None) -> list[dict[str, Any]]:
    """Return each duty of an assessment as a template prints it."""
    titles = {rule["id"]: rule["duty_title"] for rule in rules(request.register)}
    digests = _digests(request, signed)
    return [
        {
            "id": judged.duty.id,
            "title": title_of(held.pack, judged.duty),
            "says": statements(held.pack, judged.duty),
            "status": judged.status,
            "basis": judged.basis,
            "why": judged.why,
            "decides_nothing": judged.why == SHOWN,
            "cites": list(_cites(judged.evidence, digests, titles)),
            # Where nothing decides, or much does, each piece is shown for the reader to weigh.
            "pieces": [
                {
                    "says": _with_subject(piece, judged.evidence),
                    "grade": _weak(piece),
                    "cites": list(_cites([piece], digests, titles)),
                }
                for piece in (judged.evidence if judged.why == SHOWN or len(judged.evidence) > MANY else ())
            ],
            "asks": [without_letter(ask) for ask in judged.ask_for],
            "due": judged.duty.due,
        }
        for judged in held.judged
    ]


def title_of(pack: Pack, duty: Duty) -> Statement:
    """Return a duty's title with its grade: what nobody held against the text is marked wherever it stands."""
    return Statement(duty.title, _paper(pack, duty), duty.grade, duty.verify)


def _paper(pack: Pack, duty: Duty) -> Paper:
    source = pack.page.source
    seen = duty.seen if duty.seen and duty.seen.startswith("http") else source.url
    return Paper(source.title, source.publisher, seen, pack.page.date.isoformat(), duty.cite)


def _digests(request: Request, signed: Path | None) -> dict[str, Any]:
    """Return the hashes of the files that pieces may come from: the audit, the reports of the bench, the signed answers."""
    return {
        "audit": _hash(request.audit / FILE) if request.audit else "",
        "answer": (signed.name, _hash(signed)) if signed else ("", ""),
        **{report.release: report for report in read_bench(request.bench)},
    }


def _with_subject(piece: Piece, among: Sequence[Piece]) -> str:
    """Return a piece's sentence, with whom it is about where a system is several entries."""
    return f"{piece.subject}: {piece.says}" if len({each.subject for each in among}) > 1 else piece.says


def _weak(piece: Piece) -> str:
    """Return a claim's grade where it is less than Known; a finding's stands in its note."""
    return piece.grade if piece.kind == "claim" and piece.grade and piece.grade != "Known" else ""


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _cites(pieces: Sequence[Piece], digests: dict[str, Any], titles: dict[str, str]) -> Iterator[object]:
    for piece in pieces:
        if piece.kind == "bench":
            report = digests[piece.reference.partition(":")[0]]
            yield Measured(f"{report.path.parent.name}/{report.path.name}", report.sha256, f"gate {piece.reference}")
        elif piece.kind == "audit":
            yield Measured(FILE, digests["audit"], piece.reference)
        elif piece.kind == "answer":
            file, sha256 = digests["answer"]
            yield Measured(file, sha256, UNCHECKED)
        else:
            yield from piece.citations
            rule = piece.reference.partition(":")[0]
            if piece.kind == "finding" and rule in titles:
                yield Rule(rule, titles[rule])
