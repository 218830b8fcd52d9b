"""Mask the people whom an agency wrote into a description: phone numbers, e-mail addresses, and names beside a mark.

A description says what was bought; who may be called about it is nobody's business here. A name is masked where a mark such
as "COR:" or "POC", or an address, shows that it is one; a name that nothing marks stays.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from custodiet.sources.spec import Column
from custodiet.sources.usaspending.given import GIVEN

PHONE, EMAIL, NAME = "[phone withheld]", "[e-mail withheld]", "[name withheld]"
DESCRIPTIONS = ("description", "description_before_2022", "award_description")
_HEADER = re.compile(r"(transaction|subaward|award|requirement)[_ ]description", re.IGNORECASE)

_ROLES = (
    r"A?COT?RS?|[AT]?POCS?|ATTN|ATTENTION|CONTACTS?|C/O|CO|CS|KO|SPECIALIST|(?:SALES )?REP|REPRESENTATIVE|"
    r"OFFICER(?:'S)?|MANAGER|APPROVER|APPOINT|PHONE|TEL|FAX|CELL"
)
# Most descriptions have nothing of this, and cost one look: first for these letters, which is quick, then for the words.
_LETTERS = (
    "@", "COR", "COTR", "POC", "ATTN", "ATTENTION", "CONTACT", "C/O", "CO ", "CO:", "CS ", "CS:", "KO ", "KO:", "SPECIALIST",
    "REP", "CO,", "CO-", "CO/", "CO'", "CO.", "CS,", "CS-", "CS/", "CS'", "KO,",
    "OFFICER", "MANAGER", "APPROVER", "APPOINT", "PHONE", "TEL", "FAX", "CELL", "MR. ", "MS. ", "MRS. ",
)  # fmt: skip
_NUMBER = re.compile(r"\d{3}\)? ?[-./ ]? ?\d{3} ?[-. ] ?\d{4}")
_SIGNS = re.compile(rf"\b(?:{_ROLES})\b|\bM(?:R|S|RS)\. ", re.IGNORECASE)

_EMAIL = re.compile(
    r"(?:\b\w+\.\w\. )?[\w.,%+'-]*\w@[A-Z][\w-]*(?:\.[\w-]+)+|\b\w+[.,][\w.]*\w@(?:[A-Z][\w-]*|(?=\s|$))", re.IGNORECASE
)
# NANP: neither part begins with 0 or 1. Stock numbers (4-2-3-4), award numbers and amounts have other digits beside them.
_PHONE = re.compile(
    r"(?<![\d$#])(?<!\d[-.,/])(?:\+?1[-. ])?(?:\([2-9]\d\d\) ?[-.]?|[2-9]\d\d ?[-./ ] ?)"
    r"[2-9]\d\d ?[-. ] ?\d{4}(?:/\d{4})?(?!\d|[-.,/]\d)"
    r"|\([2-9]\d\d\) ?[2-9]\d{6}(?!\d)"
)
# What is left of a number that was cut off, or has no dashes, is known by what stands before it.
_CUT_PHONE = re.compile(
    r"((?:\[(?:name|e-mail|phone) withheld\]|\b(?:PHONE|TEL|FAX|CELL|MOBILE)\b)[\s,;:.#-]*(?:AT )?)"
    r"(?:[2-9]\d{9}|\(?[2-9]\d\d\)?[-. ]{1,2}\d{2,3}(?:[-. ]\d{1,4})?)(?!\d|[-.,/]\d)",
    re.IGNORECASE,
)

_WORD = r"['\"]?[A-Z][A-Z'’\-]*['\"]?\.?"
_WORDS = rf"{_WORD}(?:,? {_WORD}){{0,4}}"
_LINKS = (
    r"(?:(?: AND)? IPP(?: INVOICE)? APPROVER| CHANGE| APPOINTMENT| IN IPP| REPRESENTATIVE)?"
    r"(?:'S)?(?: NAME)?(?: IS)?(?: \((?:A?COT?R|CO)(?:'S)?\))?(?:'S)?(?: NAME)?"
)
_MARKED = re.compile(
    rf"(?P<before>\b(?:{_ROLES})\b\)?{_LINKS}(?P<link>\s*[:;.,/&-]+\s*|\s+(?:FROM|FORM|TO|AND REMOVE|WITH)\s+|\s+))"
    rf"(?P<words>{_WORDS})",
    re.IGNORECASE,
)
_NEXT = re.compile(
    rf"(?P<before>\[name withheld\](?:,? (?P<link>TO|AND|WITH|FOR COR|&) |\s*[/&,;]\s*(?:AND )?))(?P<words>{_WORDS})",
    re.IGNORECASE,
)
_ADDRESSED = re.compile(
    rf"(?P<words>{_WORDS})(?P<after>\s*[,;:/(-]*\s*(?:\(?(?:A?COT?R|T?POC)\)\s*)?(?:AT |EMAIL:? ?|PHONE:? ?)?"
    r"\[(?:phone|e-mail) withheld\])",
    re.IGNORECASE,
)
# "JANE DOE AS COR", and "MR. DOE": the stop keeps Microsoft's Office apart.
_APPOINTED = re.compile(
    rf"(?P<words>{_WORDS})(?P<after> AS (?:THE |AN? |NEW )*(?:A?COT?R|T?POC|CO|CS|CONTRACT(?:ING)?|PROGRAM|PROJECT)\b)",
    re.IGNORECASE,
)
_TITLED = re.compile(rf"\b(?P<before>(?:MR|MRS|MS)\. )(?P<words>{_WORD}(?: {_WORD})?)", re.IGNORECASE)
# Words that no name has, where a mark is no certain sign.
_COMMON = frozenset(
    """
    A ACOR ADD ADDED ADDITION ADDITIONAL ADMIN ADMINISTRATIVE ALL ALT ALTERNATE AN AND ANY APPOINT APPOINTMENT APPROVAL
    APPROVER APPROVING ARE AREA AS ASSIGNED ASSIGNMENT AT ATTACHED AWARD BACK BASE BE BRANCH BUILDING BY CBP CENTER CHANGE
    CHANGED CHANGES CLAUSES CLOSEOUT CO CONTACT CONTRACT CONTRACTING CONTRACTOR COR CORRECTION CORRESPONDENCE COTR CS
    CURRENT CUSTOMER DATE DELIVERY DEOBLIGATE DEPARTMENT DHS DIVISION DUTIES EFFECTIVE EMAIL EQUIPMENT ERO EXERCISE EXTEND
    EXTENSION FAX FIELD FOR FROM FUNDING GOVERNMENT GROUNDS HAS HSI ICE IN INFORMATION INVOICE INVOICES INVOICING IPP IS
    IT ITS LEASE LICENSE LICENSES LIST LOCATION MAINTENANCE MANAGEMENT MANAGER MISSION MOD MODIFICATION NAME NAMES NEW NO
    NOT OF OFFICE OFFICER ON ONLY OPTION OR ORDER ORIGINAL PER PERFORMANCE PERIOD PHASE PHONE POC POINT POP PRIMARY
    PROCESS PROGRAM PROJECT PROVIDE PURCHASE REMOVE REPLACE REPLACEMENT REPRESENTATIVE REQUIREMENT ROUTING SECONDARY SEE
    SERVICE SERVICES SHIPPING SITE SPC SPECIALIST STATEMENT SUPPORT SYSTEM TASK TBD TEAM TECHNICAL TERMINATE THAT THE THIS
    TO TRAINING UNIT UPDATE UPDATED UPDATES UPGRADE USE VENDOR VIA WAS WEBVIEW WILL WITH WITHHELD WORK YEAR
    """.split()  # noqa: SIM905
)


# Earlier states of a file say most of it again.
@lru_cache(maxsize=100_000)
def withhold_contacts(text: str) -> str:
    """Return a description with `[phone withheld]`, `[e-mail withheld]` and `[name withheld]` for what it says of people."""
    folded = text.upper()
    has_letters = any(letters in folded for letters in _LETTERS)
    if not (has_letters and ("@" in text or _SIGNS.search(text))) and not _NUMBER.search(text):
        return text
    masked = _mask_addresses(text)
    while True:
        # What is masked shows what stands beside it, until nothing more is found.
        before = masked
        masked = _mask_all_marked(_MARKED, masked)
        masked = _TITLED.sub(_mask_titled, masked)
        # The words come before their mark there: it is looked for first, since looking for any words takes long.
        if " AS " in masked.upper():
            masked = _APPOINTED.sub(_mask_addressed, masked)
        if " withheld]" in masked:
            masked = _mask_all_marked(_NEXT, masked)
            masked = _ADDRESSED.sub(_mask_addressed, masked)
        masked = _mask_addresses(_CUT_PHONE.sub(rf"\1{PHONE}", masked))
        if masked == before:
            return masked


def _mask_addresses(text: str) -> str:
    masked = _PHONE.sub(PHONE, text)
    return _EMAIL.sub(EMAIL, masked) if "@" in masked else masked


def _mask_all_marked(pattern: re.Pattern[str], text: str) -> str:
    start = 0
    while found := pattern.search(text, start):
        length = _name_length(found)
        # The words behind a mark may hold the next mark.
        start = found.end("before")
        if length:
            text = text[:start] + NAME + text[start + length :]
            start += len(NAME)
    return text


def _name_length(found: re.Match[str]) -> int:
    """Return how many characters of the words after a mark are a name; 0 where they begin with none."""
    words = found["words"]
    link = (found["link"] or "").strip().upper()
    parts = list(re.finditer(_WORD, words, re.IGNORECASE))
    folded = [_fold(part[0]) for part in parts]
    length = 0
    for word in folded[:4]:
        # "LLOYD A. BURTON": behind a name, an A is an initial.
        if word in _COMMON and not (length and len(word) == 1):
            break
        length += 1
        # A stop behind a whole word ends a name; one behind an initial does not.
        if parts[length - 1][0].endswith(".") and len(word) > 1:
            break
    role = re.match(r"\W*([\w/]+)", found["before"])
    is_marked = link in (":", "::", "FROM", "FORM") and role is not None and role[1].upper() not in ("CO", "CS", "KO", "C")
    is_marked = is_marked or (link in ("TO", "&") and found["before"].startswith(NAME))
    rest = found.string[found.start("words") + (parts[length - 1].end() if length else 0) :]
    is_addressed = re.match(r"\W{0,4}(?:AT )?\[(?:phone|e-mail) withheld\]", rest)
    has_given = bool(length) and (folded[0] in GIVEN or (length > 1 and folded[1] in GIVEN and len(folded[0]) > 1))
    has_initial = length > 2 and len(folded[1]) == 1
    if not length or (length == 1 and not is_addressed) or not (is_marked or is_addressed or has_given or has_initial):
        return 0
    if has_given or has_initial:
        # GIVEN SURNAME or GIVEN M SURNAME: what follows belongs to the sentence.
        length = min(length, 3 if len(folded[1 if length > 1 else 0]) == 1 or is_addressed else 2)
    return parts[length - 1].end()


def _mask_addressed(found: re.Match[str]) -> str:
    """Mask the name right before an address, from the last given name on that has a word behind it."""
    parts = list(re.finditer(_WORD, found["words"], re.IGNORECASE))
    folded = [_fold(part[0]) for part in parts]
    for first in range(max(0, len(parts) - 3), len(parts) - 1):
        if folded[first] in GIVEN and not _COMMON & set(folded[first:]):
            return found["words"][: parts[first].start()] + NAME + found["after"]
    return found[0]


def _mask_titled(found: re.Match[str]) -> str:
    """Mask one or two words behind a title, up to a word that no name has."""
    parts = list(re.finditer(_WORD, found["words"], re.IGNORECASE))
    length = 0
    for part in parts:
        if _fold(part[0]) in _COMMON:
            break
        length = part.end()
    return f"{found['before']}{NAME}{found['words'][length:]}" if length else found[0]


def withhold_name(text: str, name: str) -> str:
    """Return a description without this person's name: two or more parts of it side by side, in any order."""
    parts = [re.escape(part) for part in re.findall(r"[A-Za-z'’-]{3,}", name)]
    if len(parts) < 2:
        return text
    part = rf"(?:{'|'.join(parts)})"
    return re.sub(rf"\b{part}(?:[ ,.]+(?:[A-Z]\.? )?{part})+\b", NAME, text, flags=re.IGNORECASE)


def _fold(word: str) -> str:
    return word.strip("'\".’").upper()


def described_at(columns: Sequence[Column | None], names: Sequence[str]) -> tuple[int, ...]:
    """Return where a file's cells are descriptions in an agency's or a prime's own words, of columns left out as well."""
    return tuple(
        i
        for i, (column, name) in enumerate(zip(columns, names, strict=True))
        if (column and column.field in DESCRIPTIONS) or _HEADER.search(name)
    )


def without_contacts(row: tuple[str, ...], at: Sequence[int]) -> tuple[str, ...]:
    """Return a row whose descriptions, at these places, name nobody to call; the same row where there is nothing to mask."""
    masked = {i: text for i in at if (text := withhold_contacts(row[i])) != row[i]}
    return tuple(masked.get(i, cell) for i, cell in enumerate(row)) if masked else row
