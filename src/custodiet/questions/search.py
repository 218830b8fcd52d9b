"""Search the words of institutions: catalogue, use cases, awards, notices, findings, rules. There are no people in it."""

import re
from collections.abc import Iterable
from typing import Any

from custodiet.model.errors import QuestionError
from custodiet.model.text import echo
from custodiet.sources.usaspending.recipients import kind_of
from custodiet.store import Register

SNIPPET = 90
# In the order in which hits are listed.
KINDS = (
    "system", "vendor", "feed", "authority", "agency", "claim", "use-case", "award", "notice", "document", "finding", "rule",
)  # fmt: skip


def search(register: Register, words: str, *, shown: int | None = None) -> list[dict[str, Any]]:
    """Return everything in which all the words stand, names before texts: kind, id, name, agency, year, snippet, total.

    `total` is how many hits of its kind there are, of which at most `shown` come back.

    Raises:
        QuestionError: there are no words to look for, or they are a natural person's name, whom Custodiet never looks up.

    """
    wanted = [word.casefold() for word in re.findall(r"\S+", words)]
    if not wanted:
        raise QuestionError("Give at least one word to search for.")
    words_of = {f"word{number}": word for number, word in enumerate(wanted)}
    rows = register.rows(
        f"""
        with hits as materialized (
          select kind, id, name, agency, year, rowid as place, {_holds("lower(name)", words_of)} as in_name
          from search_texts where {_holds("folded", words_of)}
        ),
        best as materialized (
          select *, count(*) over (partition by kind) as total from hits qualify $shown is null
            or row_number() over (partition by kind order by in_name desc, year desc, agency, id) <= $shown
        )
        select b.kind, b.id, b.name, b.agency, b.year, t.text, b.total, b.in_name
        from best b join search_texts t on t.rowid = b.place
        order by b.in_name desc, list_position($kinds, b.kind), b.year desc, b.agency, b.id
        """,
        {**words_of, "shown": shown, "kinds": list(KINDS)},
    )
    # A surname may be a part of a company's name; where it is of none, the words are a person's and nothing is shown.
    if not any(in_name for *_, in_name in rows) and kind_of(words) == "individual":
        raise QuestionError(f"{echo(words)} reads as a person's name, and Custodiet looks up no person.")
    return [
        {
            "kind": kind, "id": key, "name": name, "agency": agency, "year": year, "snippet": _snippet(text, wanted),
            "total": total,
        }
        for kind, key, name, agency, year, text, total, _ in rows
    ]  # fmt: skip


def _holds(column: str, words: Iterable[str]) -> str:
    return " and ".join(f"contains({column}, ${word})" for word in words)


def _snippet(text: str, wanted: list[str]) -> str:
    tidy = " ".join(text.split())
    place = min((found for word in wanted if (found := tidy.casefold().find(word)) >= 0), default=0)
    start, end = max(place - SNIPPET, 0), place + SNIPPET
    return ("…" if start else "") + tidy[start:end].strip(" ·") + ("…" if end < len(tidy) else "")
