"""What the model compares of two names: their words, how rare each is among all names, and what else is known of them."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from custodiet.organisations.names import FORMS, core_name, plain_name

# Words that say nothing of who somebody is.
_FILLERS = frozenset({"a", "an", "and", "for", "in", "of", "the"})
# The procurement system of before 2022 broke names off after thirty characters; a space at the end was lost.
_CUT_LENGTHS = range(28, 31)
# Pairs are compared where they share a word that at most so many names have, their first two words, initials, or an award.
_RARE = 80
_INITIALS = range(3, 6)


@dataclass(frozen=True, slots=True)
class Known:
    """A name, and what the records say of it beside its letters."""

    name: str
    awards: tuple[str, ...] = ()
    ueis: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()


def describe_names(names: Sequence[Known], among: Iterable[str] = ()) -> list[dict[str, object]]:
    """Return one record a name for the model, in the order given.

    A word's `bits` are log2 of how many names there are for each one that has it: 1 for a word of every second name. They are
    counted over `names` and `among`, each core counted once.
    """
    cores = {core_name(name) for name in (*(known.name for known in names), *among)}
    count = Counter(word for core in cores for word in set(core.split()))
    return [_describe(known, count, len(cores)) for known in names]


def _describe(known: Known, count: Counter[str], total: int) -> dict[str, object]:
    plain, core = plain_name(known.name), core_name(known.name)
    words = [word for word in core.split() if word not in _FILLERS] or core.split()
    bits = {word: math.log2(total / count[word]) for word in words}
    lead = [" ".join(words[: i + 1]) for i in range(len(words))]
    lead_bits = [sum(bits[word] for word in words[: i + 1]) for i in range(len(words))]
    initials = "".join(word[0] for word in plain.split() if word not in _FILLERS)
    first = words[0] if words else ""
    is_short = len(first) in _INITIALS and not first.isdigit() and bits[first] >= math.log2(total / _RARE)
    blocks = {f"word {word}" for word in words if count[word] <= _RARE}
    blocks |= {f"lead {lead[1]}"} if len(lead) > 1 else set()
    blocks |= {f"letters {core.replace(' ', '')[:12]}"}
    blocks |= {f"initials {first}"} if is_short else set()
    blocks |= {f"initials {initials[:length]}" for length in _INITIALS if len(initials) >= length}
    blocks |= {f"award {award}" for award in known.awards} | {f"uei {uei}" for uei in known.ueis}
    return {
        "unique_id": known.name,
        "plain": plain,
        "core": core,
        "letters": core.replace(" ", ""),
        "cut": plain if len(known.name) in _CUT_LENGTHS else None,
        "words": sorted(set(words)),
        "word_bits": list(bits.items()),
        "bits": sum(bits.values()),
        "lead": lead,
        "lead_bits": lead_bits,
        "initials": initials if len(initials) >= min(_INITIALS) else None,
        "short": first if is_short else None,
        "numbers": " ".join(word for word in words if any(sign.isdigit() for sign in word)) or None,
        "forms": " ".join(sorted(word for word in set(plain.split()) if word in FORMS)) or None,
        "awards": list(known.awards) or None,
        "ueis": list(known.ueis) or None,
        "parents": list(known.parents) or None,
        "blocks": sorted(blocks),
    }
