"""What is wrong with a paper, and what is not known of it. Each remark is something to look into, and no judgement of law."""

import datetime as dt
import re
from dataclasses import dataclass

from custodiet.docket.entry import Request
from custodiet.docket.types import Grade, ProcessType, mark

UNVERIFIED_EMERGENCY = "emergency-not-verified"
EMERGENCY = "emergency_2702_b8_c4"
WARRANTS = ("judicial_search_warrant", "sca_2703_a_warrant")
URGENT = re.compile(r"emergenc|exigent|imminent|danger of death|life.threat|serious (physical|bodily)", re.IGNORECASE)
NAMES = {
    "signature_date": "the day of its signature",
    "return_date": "the day on which it is to be answered",
    "execution_until": "the last day on which it may be executed",
    "place_described": "whether it describes the place",
    "records": "which kinds of records it wants",
    "case": "its case or docket number",
    "predicate": "its purpose or standard",
}


@dataclass(frozen=True)
class Remark:
    """One thing to look into: an id, a sentence, and how well what it rests on is known."""

    id: str
    says: str
    is_defect: bool = False
    grade: Grade = "V"
    verify: str | None = None

    def marked(self) -> str:
        """Return the sentence with the mark that an unverified one always carries."""
        return mark(self.says, self.grade, self.verify)


def find_remarks(request: Request, type_: ProcessType | None, as_of: dt.date) -> list[Remark]:
    """Return what there is to look into, as of a day."""
    found = [
        *_check_issuer(request, type_),
        *_check_days(request, type_, as_of),
        *_check_scope(request, type_),
        *_check_gag(request),
    ]
    if type_ is not None:
        found += _check_rank(request, type_)
        found += [
            Remark(f"unknown-{need}", f"The entry does not say {NAMES[need]}.")
            for need in type_.needs
            if getattr(request, need) in (None, "unknown")
        ]
    return found


def _defect(id_: str, says: str, grade: Grade = "V", verify: str | None = None) -> Remark:
    return Remark(id_, says, is_defect=True, grade=grade, verify=verify)


def _check_issuer(request: Request, type_: ProcessType | None) -> list[Remark]:
    found = []
    is_emergency = (type_ is not None and type_.id == EMERGENCY) or request.command == "disclose-in-emergency"
    is_emergency |= bool(URGENT.search(request.predicate or ""))
    if request.verified is None and is_emergency:
        found.append(
            _defect(
                UNVERIFIED_EMERGENCY,
                "Nobody has verified this emergency out of band; fake ones come from real mailboxes, so call a number that "
                "you found yourself before anything is given.",
            )
        )
    elif request.verified is None:
        found.append(Remark("not-verified", "Nobody has verified the issuer by a contact that you found yourself."))
    elif request.verified.contact == "given-in-the-paper":
        found.append(
            _defect(
                "verified-by-its-own-contact",
                "The issuer was verified by a contact that the paper itself gives, which verifies nothing.",
            )
        )
    if request.signed == "no":
        found.append(_defect("unsigned", "Nobody signed it."))
    elif request.signed == "unknown":
        found.append(Remark("unknown-signed", "The entry does not say whether it is signed."))
    if request.paper is None and request.sha256 is None:
        found.append(Remark("no-paper", "There is no paper, or its file was not given; ask for it in writing."))
    if request.addressed_to_us == "no":
        found.append(_defect("addressee", "It is addressed to another legal entity."))
    elif request.addressed_to_us == "unknown":
        found.append(Remark("unknown-addressee", "The entry does not say whether it is addressed to the right legal entity."))
    return found


def _check_rank(request: Request, type_: ProcessType) -> list[Remark]:
    found = []
    if type_.rank is not None and type_.rank_says is not None and not type_.rank.search(request.signatory_title or ""):
        found.append(_defect("rank", f"The signatory's title is none that we know to suffice: {type_.rank_says}."))
    if type_.predicate is not None and request.predicate and not type_.predicate.search(request.predicate):
        found.append(
            _defect("predicate-mismatch", f"The purpose that it states has no word of customs in it: {type_.predicate_says}.")
        )
    return found


def _check_days(request: Request, type_: ProcessType | None, as_of: dt.date) -> list[Remark]:
    found = []
    signed, until, back = request.signature_date, request.execution_until, request.return_date
    if signed and signed > request.received:
        found.append(_defect("signed-later", f"It was signed on {signed}, after it was received on {request.received}."))
    if back and back < request.received:
        found.append(_defect("return-passed", f"Its return date, {back}, was before it was received on {request.received}."))
    if until and until < request.received:
        found.append(_defect("expired", f"It could be executed until {until}, and was received on {request.received}."))
    elif until and until < as_of:
        found.append(Remark("expired-since", f"It could be executed until {until}; that day has passed."))
    days = type_.window_days if type_ else None
    if days and signed and until and (until - signed).days > days:
        found.append(
            _defect(
                "window",
                f"It leaves {(until - signed).days} days for its execution; a federal warrant leaves at most {days}.",
                grade="S",
                verify="Fed. R. Crim. P. 41(e)(2)(A), or the State's rule",
            )
        )
    return found


def _check_scope(request: Request, type_: ProcessType | None) -> list[Remark]:
    found = []
    if "content" in request.data and type_ is not None and "content" not in type_.reaches:
        found.append(
            _defect(
                "content-without-warrant",
                "It wants contents of communications, and is no warrant for them.",
                grade="R",
                verify="18 U.S.C. 2702(a) and 2703(a) to (c) for this service",
            )
        )
    if "location" in request.data and (type_ is None or type_.id not in (*WARRANTS, EMERGENCY)):
        found.append(
            _defect(
                "location-without-warrant",
                "It wants location, and is no warrant.",
                grade="R",
                verify="Carpenter v. United States, 585 U.S. 296 (2018), and later cases",
            )
        )
    wanted = [kind for kind in request.data if type_ is not None and kind not in (*type_.reaches, "content", "location")]
    # A class of data that "records" covers is not beyond a type that reaches records.
    wanted = (
        [kind for kind in wanted if not (kind in ("subscriber", "records") and "records" in type_.reaches)] if type_ else []
    )
    if wanted:
        found.append(
            _defect(
                "beyond-its-reach",
                f"It wants {', '.join(wanted)}, which we do not know this kind of paper to reach.",
                grade="R",
                verify="with counsel",
            )
        )
    if "biometrics" in request.data:
        found.append(
            Remark(
                "biometrics",
                "It wants biometric data; our list has no federal rule for these, and some States have their own.",
            )
        )
    if request.breadth:
        found.append(_defect("overbreadth", f"It is broad: {', '.join(request.breadth)}."))
    if not request.range_from and not request.range_to and request.data:
        found.append(Remark("no-range", "It names no range of days, or the entry does not say it."))
    if request.accounts is None and request.data:
        found.append(Remark("no-accounts", "The entry does not say how many accounts it covers."))
    return found


def _check_gag(request: Request) -> list[Remark]:
    gag = request.gag
    if gag is None:
        return []
    if gag.ground == "request":
        return [
            _defect(
                "gag-only-asked",
                "It asks for silence without an order or a statute; a request binds nobody.",
                grade="R",
                verify="18 U.S.C. 2705(b) and the law that it cites",
            )
        ]
    found = []
    if gag.ground == "unknown":
        found.append(Remark("gag-ground", "It forbids to tell, and the entry does not say on what ground."))
    if gag.expires is None:
        found.append(Remark("gag-without-end", "It forbids to tell, and no end of that is known; ask for one."))
    if gag.authority and not re.search(r"\d", gag.authority):
        found.append(Remark("gag-authority", "The authority for its silence has no section; ask for it."))
    return found
