"""Find the organisation or system that a name means. Names of people find nothing: the register has none."""

import difflib
from dataclasses import dataclass

from custodiet.model.errors import QuestionError
from custodiet.model.text import normalise_name
from custodiet.store import Register

# Endings that say nothing of which firm is meant.
LEGAL_END = "( (inc|incorporated|llc|ltd|limited|corp|corporation|co|company|lp|llp))+$"


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

    Raises:
        QuestionError: nothing of that name, or several things.

    """
    wanted = normalise_name(name)
    if not wanted:
        raise QuestionError("Give the name of an organisation or a system.")
    found = [subject for subject in _named(register, wanted) if subject.kind in kinds]
    if not found:
        raise QuestionError(f"{name!r} names no {' or '.join(kinds)} of this register.{_hint(register, wanted, kinds)}")
    # A system and its vendor may share a name; the vendor's trace leads to the system, so the organisation comes first.
    first = [subject for subject in found if subject.kind == found[0].kind]
    if len(first) > 1:
        listed = ", ".join(f"{subject.id} ({subject.name})" for subject in first[:8])
        raise QuestionError(f"{name!r} names {len(first)} things: {listed}; give one of these ids.")
    return first[0]


def _named(register: Register, wanted: str) -> list[Subject]:
    rows = register.rows(
        f"""
        with spoken as (
          select organisation, regexp_replace(fold_text(unnest([name, organisation])), '{LEGAL_END}',
            '') as words from organisation_names
          union select organisation, regexp_replace(fold_text(name), '{LEGAL_END}', '') from organisations
        )
        select distinct o.organisation, o.name, o.page from spoken s join organisations o using (organisation)
        where s.words = regexp_replace($wanted, '{LEGAL_END}', '') order by all
        """,
        {"wanted": wanted},
    )
    gathered: dict[str, Subject] = {}
    for organisation, shown, page in rows:
        key = page or organisation
        if key not in gathered:
            gathered[key] = _organisation(register, organisation, shown, page)
    systems = register.rows(
        "select distinct slug, name from (select slug, name, fold_text(unnest([name, slug] || aliases)) as words from pages "
        "where kind = 'system') where words = $wanted order by all",
        {"wanted": wanted},
    )
    return [*gathered.values(), *(Subject("system", slug, shown, (), slug) for slug, shown in systems)]


def _organisation(register: Register, organisation: str, name: str, page: str | None) -> Subject:
    if page is None:
        return Subject("organisation", organisation, name, (organisation,), None)
    rows = register.rows("select organisation from organisations where page = $page order by 1", {"page": page})
    ((shown,),) = register.rows("select name from pages where slug = $page", {"page": page})
    return Subject("organisation", page, shown, tuple(slug for (slug,) in rows), page)


def _hint(register: Register, wanted: str, kinds: tuple[str, ...]) -> str:
    rows = register.rows(
        "select distinct name from organisations union select name from pages where kind = 'system' and $systems",
        {"systems": "system" in kinds},
    )
    spelled = {normalise_name(name): name for (name,) in rows}
    close = [spelled[words] for words in sorted(spelled) if f" {wanted} " in f" {words} "][:4]
    close = close or [spelled[words] for words in difflib.get_close_matches(wanted, spelled, n=3, cutoff=0.75)]
    return f" Did you mean {', '.join(close)}?" if close else " `custodiet awards --vendor WORD` looks for parts of names."
