"""How an organisation's name is compared: letters and digits, with one spelling for each legal form.

Only what can't part two organisations is evened out. INC and INCORPORATED are one form; INC and LLC are two, and a pair that
differs in them is a question for a reader.
"""

import re
import unicodedata
from functools import lru_cache

# Spelt-out legal forms, longest first, and the short form that stands for each.
_LONG_FORMS = (
    ("professional limited liability company", "pllc"),
    ("limited liability company", "llc"),
    ("limited liability partnership", "llp"),
    ("limited liability co", "llc"),
    ("limited partnership", "lp"),
    ("professional corporation", "pc"),
    ("incorporated", "inc"),
    ("corporation", "corp"),
    ("company", "co"),
    ("limited", "ltd"),
    ("p l l c", "pllc"),
    ("l l c", "llc"),
    ("l l p", "llp"),
    ("l p", "lp"),
)
_FORMS_PATTERN = re.compile(r"\b(" + "|".join(long for long, _ in _LONG_FORMS) + r")\b")
_SHORT_FORM = dict(_LONG_FORMS)
FORMS = frozenset({
    "inc", "corp", "co", "ltd", "llc", "llp", "lp", "lc", "pllc", "pc", "plc", "gmbh", "ag", "sa", "srl", "bv", "nv", "fzco",
})  # fmt: skip
# The procurement system of before 2022 told registrations of one name apart by four digits in brackets at its end.
_SITE = re.compile(r"\s*\(\d{4}\)\s*$")


@lru_cache(maxsize=100_000)
def plain_name(name: str) -> str:
    """Return an organisation's name as it is compared: "The Geo Group, Incorporated" and "GEO GROUP INC" are one.

    Case, accents, punctuation, "&", a "the" at either end, the dots of initials, the spelling of a legal form and the
    procurement system's four digits in brackets are evened out; nothing else. Empty where a name has no letter or digit.
    """
    text = unicodedata.normalize("NFKD", _SITE.sub("", name)).casefold()
    text = "".join(sign for sign in text if not unicodedata.combining(sign))
    text = text.replace("&", " and ")
    text = re.sub(r"['’`´]", "", text)
    text = re.sub(r"\b(?:[a-z]\.){2,}", lambda found: found[0].replace(".", "") + " ", text)
    text = re.sub(r"[^a-z0-9]+", " ", text).strip()
    text = _FORMS_PATTERN.sub(lambda found: _SHORT_FORM[found[0]], text)
    words = text.split()
    if len(words) > 1 and words[-1] == "the":
        words.pop()
    if len(words) > 1 and words[0] == "the":
        words.pop(0)
    return " ".join(words)


def core_name(name: str) -> str:
    """Return a plain name without its legal forms; of a name that is nothing else, the whole."""
    plain = plain_name(name)
    return " ".join(word for word in plain.split() if word not in FORMS) or plain


def slug_of(name: str) -> str:
    """Return a name as it stands in an address: its plain form with hyphens."""
    return plain_name(name).replace(" ", "-") or "unnamed"
