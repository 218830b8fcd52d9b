"""Who searched: the kind and the state of an organisation, by its name, as SQL over distinct names."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from custodiet.model.plain_yaml import load_yaml
from custodiet.store.database import literal

HERE = Path(__file__).parent
# Kinds in the order in which `outside` counts them.
OUTSIDE = ("own_state", "other_state", "federal", "tribal", "private", "unknown")


@dataclass(frozen=True)
class Words:
    """The words of `searchers.yml`."""

    federal_tag: str
    federal: str
    tribal: str
    private: str
    suffix: str
    states: dict[str, str]


@cache
def read_words() -> Words:
    """Return the words by which organisations are told."""
    return Words(**load_yaml((HERE / "searchers.yml").read_text("utf-8")))


def bare_sql(name: str) -> str:
    """Return SQL for a name in capitals without what stands in brackets."""
    return f"trim(regexp_replace(regexp_replace(upper({name}), '[\\[(][^\\])]*[\\])]', ' ', 'g'), '\\s+', ' ', 'g'))"


def state_code_sql(bare: str) -> str:
    """Return SQL for the two letters of the state that a bare name gives, or null."""
    words = read_words()
    codes = "|".join(words.states)
    before = f"nullif(regexp_extract({bare}, {literal(f'^.*[ ,]({codes}) +({words.suffix})$')}, 1), '')"
    last = f"nullif(regexp_extract({bare}, {literal(f'^.+[ ,]({codes})$')}, 1), '')"
    # "SD" at the end is a sheriff's department, and "CO" a county, unless a suffix follows.
    ends = f"case when {last} in ('SD', 'CO') then null else {last} end"
    names = "|".join(sorted(words.states.values(), key=len, reverse=True))
    state_agency = f"^({names}) (STATE|DEPARTMENT|DEPT|DPS|HIGHWAY|PATROL|BUREAU|DIVISION|DOC|GAME)"
    spelt = f"regexp_extract({bare}, {literal(state_agency)}, 1)"
    spelt_codes = " ".join(f"when {literal(name)} then {literal(code)}" for code, name in words.states.items())
    return f"coalesce({before}, {ends}, case {spelt} {spelt_codes} end)"


def kind_sql(name: str, bare: str) -> str:
    """Return SQL for the kind of an organisation: federal, tribal, private, or public."""
    words = read_words()
    return (
        f"case when regexp_matches(upper({name}), {literal(words.federal_tag)}) or regexp_matches({bare}, "
        f"{literal(words.federal)}) "
        f"then 'federal' when regexp_matches({bare}, {literal(words.tribal)}) then 'tribal' "
        f"when regexp_matches({bare}, {literal(words.private)}) then 'private' else 'public' end"
    )


def state_of_producer(producer: str) -> str | None:
    """Return the two letters of the state in a producer's name such as "Town WA PD", or None."""
    words = read_words()
    found = re.search(rf"[ ,]({'|'.join(words.states)}) +({words.suffix})$", producer.upper().strip())
    return found[1] if found else None
