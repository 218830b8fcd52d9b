"""Find the organisation or system that a name means. Names of people find nothing: the register has none."""

import difflib
from dataclasses import dataclass
from typing import Any

from custodiet.model.errors import QuestionError
from custodiet.model.text import echo, normalise_name
from custodiet.questions.organisations import organisations
from custodiet.sources.usaspending.recipients import kind_of
from custodiet.store import Register


@dataclass(frozen=True)
class Subject:
    """What a name means: organisations (a vendor's page gathers several) or a system, with its page in the catalogue."""

    kind: str
    id: str
    name: str
    organisations: tuple[str, ...]
    page: str | None


def find_subject(register: Register, name: str, *, kinds: tuple[str, ...] = ("organisation", "system")) -> Subject:
    """Return the one subject of a name, slug, alias or published name of a recipient.

    A system's own name comes before any organisation's: RAVEN is the platform, and no firm whose name begins so.

    Raises:
        QuestionError: nothing of that name, several things, or a person's name.

    """
    wanted = normalise_name(name)
    if not wanted:
        raise QuestionError("Give the name of an organisation or a system.")
    refusal = None
    found = _systems(register, wanted) if "system" in kinds else []
    if not found and "organisation" in kinds:
        try:
            found = _gathered(register, organisations(register, name))
        except QuestionError as error:
            refusal = error
    if not found and refusal is not None and kind_of(name) == "individual":
        raise refusal
    if not found:
        raise QuestionError(f"{echo(name)} names no {' or '.join(kinds)} of this register.{_hint(register, wanted, kinds)}")
    if len(found) > 1:
        listed = ", ".join(f"{subject.id} ({subject.name})" for subject in found[:8])
        raise QuestionError(f"{echo(name)} names {len(found)} things: {listed}; give one of these ids.")
    return found[0]


def _gathered(register: Register, rows: list[dict[str, Any]]) -> list[Subject]:
    """Return one subject a vendor's page, with all of the organisations that it describes, or one an organisation."""
    found: dict[str, Subject] = {}
    for row in rows:
        page = row["page"]
        if page is None:
            found[row["organisation"]] = Subject(
                "organisation", row["organisation"], row["name"], (row["organisation"],), None
            )
        elif page not in found:
            slugs = register.rows("select organisation from organisations where page = $page order by 1", {"page": page})
            ((shown,),) = register.rows("select name from pages where slug = $page", {"page": page})
            found[page] = Subject("organisation", page, shown, tuple(slug for (slug,) in slugs), page)
    return list(found.values())


def _systems(register: Register, wanted: str) -> list[Subject]:
    rows = register.rows(
        "select distinct slug, name from (select slug, name, fold_text(unnest([name, slug] || aliases)) as words from pages "
        "where kind = 'system') where words = $wanted order by all",
        {"wanted": wanted},
    )
    return [Subject("system", slug, shown, (), slug) for slug, shown in rows]


def _hint(register: Register, wanted: str, kinds: tuple[str, ...]) -> str:
    rows = register.rows(
        "select distinct name from organisations union select name from pages where kind = 'system' and $systems",
        {"systems": "system" in kinds},
    )
    spelled = {normalise_name(name): name for (name,) in rows}
    close = [spelled[words] for words in sorted(spelled) if f" {wanted} " in f" {words} "][:4]
    close = close or [spelled[words] for words in difflib.get_close_matches(wanted, spelled, n=3, cutoff=0.75)]
    return f" Did you mean {', '.join(close)}?" if close else " `custodiet awards --vendor WORD` looks for parts of names."
