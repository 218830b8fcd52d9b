"""Tell recipients that are organisations from natural persons, and from names that name nobody.

A natural person who sold the government something is no institution: the name is withheld before anything is stored,
and the person is never resolved or traced. The API's pages carry no flag for it, so the name itself is read: by its shape
("SURNAME, GIVEN", "SURNAME GIVEN M JR"), and by the probablepeople model, with any word that marks an organisation deciding
against a person. In doubt about a bare pair of words the model decides; a wrongly withheld small firm is the lesser harm.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal

from custodiet.sources.usaspending.contacts import withhold_name
from custodiet.sources.usaspending.given import GIVEN

WITHHELD = "an individual, name withheld"

RecipientKind = Literal["organisation", "individual", "undisclosed"]

# Recipients by which a publisher says that it does not say: no organisation stands behind the name.
UNDISCLOSED = re.compile(r"^(FOREIGN|DOMESTIC) AWARDEES? \(UNDISCLOSED\)$|^MISCELLANEOUS FOREIGN AWARDEES?$|^REDACTED", re.I)

_MARKS = re.compile(
    r"""\b(INC|INCORPORATED|LLC|L\.L\.C|CORP|CORPORATION|CO|COMPANY|COMPANIES|LTD|LIMITED|LP|L\.P|LLP|PLLC|P\.?A|P\.?C|GMBH|AG
    |SA|SRL|BV|PLC|NV|S\.?A\.? DE C\.?V|JV|JOINT|VENTURE|PARTNERSHIP|PARTNERS|ASSOCIATES|ASSOCIATION|FIRM|CLINIC|FUND
    |SERVICES?|SOLUTIONS?|SYSTEMS?|GROUP|TECHNOLOG\w*|UNIVERSITY|COLLEGE|SCHOOL|ACADEMY|INSTITUTE|CENTER|CENTRE|DEPT|BUREAU|US
    |CITY|COUNTY|STATE|TOWN|VILLAGE|NATION|TRIBE|DEPARTMENT|AUTHORITY|OFFICE|ENTERPRISES?|INTERNATIONAL|HOLDINGS?|INDUSTR\w*
    |FOUNDATION|HOSPITAL|MEDICAL|LABS?|LABORATOR\w*|CLUB|CHURCH|UNION|TRUST|BANK|SECURITY|TRUCKING|TOWING|SHOP|STORE|WORLD
    |RANGES?|RANCH|FARMS?|AUTO|AUTOMOTRIZ|MOTORS?|CHEVROLET|FORD|CLEANING|JANITORIAL|CONSTRUCTION|ENGINEERING|EQUIPMENT
    |PRODUCTS?|SUPPLY|SUITS?|WORKS|CONNECTIONS?|COMMUNICATIONS?|MARKETING|MEDIA|DESIGNS?|DIGITAL|RENTCORP|HOUSE|FIT
    |ALLIANCES?|UNITED|OPERATIONS|FIRSTSOURCE|POWER|HORSES|BODY|SONS|FILS|USA|GLOBAL|ENERGY|AIR|MACHINES?|THERAPY)\b
    |[&@/]|\d|\.(COM|NET|ORG|IO|AI)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_SURNAME_FIRST = re.compile(r"[A-Z][A-Z'’\- ]+, [A-Z][A-Z'’\-.]+( [A-Z'’\-.]+){0,2}\.?", re.IGNORECASE)
_LEGAL_FORM = re.compile(
    r"\b(INC|INCORPORATED|CORP|CORPORATION|CO|COMPANY|LTD|LIMITED|L\.? ?L\.? ?C|L\.?C|L\.?L\.?P|L\.?P|P\.?L\.?L\.?C"
    r"|P\.?A|P\.?S?\.?C)\b"
    r"|[&/]|\bSONS\b",
    re.IGNORECASE,
)
_TITLES = frozenset(("JR", "SR", "II", "III", "IV", "ESQ", "ESQUIRE", "PHD", "MD", "DDS", "DVM", "JD", "ABPP", "ABBP", "CPA"))
_PLACES = frozenset(("SAN", "SANTA", "SANTO", "ST", "SAINT", "FORT", "PORT", "LAKE", "MOUNT", "CAMP"))

# Columns that carry a recipient's name in some spelling: an individual's goes from all of them.
NAMES = ("recipient", "recipient_raw", "dba", "parent_name", "parent_name_raw")
IDENTIFIERS = ("uei", "duns", "cage", "parent_uei")


@lru_cache(maxsize=100_000)
def kind_of(name: str) -> RecipientKind:
    """Tell what a recipient's published name stands for."""
    # "DOE,JANE" is written as well.
    text = " ".join(name.replace(",", ", ").split())
    if not text or UNDISCLOSED.match(text):
        return "undisclosed"
    if _is_surname_first_with_trade(text):
        return "individual"
    if _MARKS.search(text) or " " not in text:
        return "organisation"
    if _SURNAME_FIRST.fullmatch(text) or _has_given_name(text):
        return "individual"
    return "individual" if _is_tagged_person(text) else "organisation"


def is_individual(row: tuple[str, ...], position: Mapping[str, int]) -> bool:
    """Tell whether a row's recipient is a natural person: because its file says so, or because its name is a person's."""
    if "is_sole_proprietor" in position and row[position["is_sole_proprietor"]].strip().casefold() in ("t", "true", "yes"):
        return True
    if "business_types" in position and re.search(
        r"\bsole proprietor|\bindividual\b", row[position["business_types"]], re.IGNORECASE
    ):
        return True
    return kind_of(row[position["recipient"]]) == "individual"


def withhold(row: tuple[str, ...], position: Mapping[str, int], described: Sequence[int]) -> tuple[str, ...]:
    """Return a row without the names and identifiers of natural persons; `described` says where its descriptions stand.

    A firm's row can hold its owner's name as well, as its trade name or from before it was a firm.
    """
    kept = list(row)
    whole = is_individual(row, position)
    for name in (each for each in NAMES if each in position and row[position[each]].strip()):
        if whole or kind_of(row[position[name]]) == "individual":
            kept[position[name]] = WITHHELD
    if "prime" in position and kind_of(row[position["prime"]]) == "individual":
        kept[position["prime"]] = WITHHELD
    if whole:
        for i in described:
            kept[i] = withhold_name(kept[i], row[position["recipient"]])
    for scheme in (each for each in IDENTIFIERS if whole and each in position):
        # An identifier leads to the name.
        kept[position[scheme]] = ""
    return tuple(kept)


def _is_surname_first_with_trade(text: str) -> bool:
    """Tell whether a text is "DOE, JANE PLUMBING SERVICE": one's own name with a trade, and no legal form."""
    surname, _, rest = text.partition(", ")
    given = rest.split(" ")[0].upper()
    return given in GIVEN and surname.replace("'", "").replace("-", "").isalpha() and not _LEGAL_FORM.search(text)


def _has_given_name(text: str) -> bool:
    """Tell whether a text is "DOE JANE", "DOE JANE Q", "DOE JANE ANNE", "JANE DOE" or one of these with a title.

    The model reads a name in this order, as procurement systems write it, as a firm's more often than not.
    """
    if not re.fullmatch(r"[A-Z'’\-]+\.?( [A-Z'’\-]+[.,]?)+", text, re.IGNORECASE):
        return False
    words = [word.strip(".,").upper() for word in text.split(" ")]
    if words[0] in _PLACES:
        return False
    plain = [word for word in words if word not in _TITLES and len(word) > 1]
    given = sum(word in GIVEN for word in plain)
    has_more = len(plain) < len(words)
    # Of three words without an initial or a title two must be given names: a street or a place may have one.
    return len(plain) in (2, 3) and given >= (1 if has_more or len(plain) == 2 else 2)


def _is_tagged_person(text: str) -> bool:
    import warnings  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import probablepeople  # noqa: PLC0415 - only a build needs it, and it takes a moment

        try:
            _, kind = probablepeople.tag(text)
        except probablepeople.RepeatedLabelError:
            return False
    return bool(kind == "Person")
