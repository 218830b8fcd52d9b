"""What an assessment is about: a use case or system of the register, or a product that only its vendor's answers describe."""

from dataclasses import dataclass
from typing import Any, Literal

from custodiet.model.errors import QuestionError
from custodiet.model.text import echo
from custodiet.questions.show import candidates
from custodiet.store import Register


@dataclass(frozen=True)
class Subject:
    """A subject: `cases` are the keys of its inventory entries, `page` its page of the catalogue."""

    kind: Literal["use-case", "system", "product"]
    id: str
    name: str
    agency: str | None = None
    bureau: str | None = None
    cases: tuple[str, ...] = ()
    page: str | None = None

    def as_data(self) -> dict[str, Any]:
        """Return the subject as plain data."""
        return {"kind": self.kind, "id": self.id, "name": self.name, "agency": self.agency, "bureau": self.bureau}


def find_subject(register: Register, name: str) -> Subject:
    """Return the use case or system of an id, slug, alias or name.

    Raises:
        QuestionError: nothing of that name, several things, or something that has no duties of this kind.

    """
    found = candidates(register, name)
    usable = [each for each in found if each["kind"] in ("use-case", "system")]
    if not usable:
        raise QuestionError(
            f"{echo(name)} is a {found[0]['kind']}; name a use case (DHS-2577) or a system (mobile-fortify) to assess."
        )
    # A system and its entries often bear one name; the system's own page gathers them.
    chosen = [each for each in usable if each["kind"] == "system"] or usable
    if len(chosen) > 1:
        listed = ", ".join(f"{each['id']} ({each['agency']} {each['year']})" for each in chosen[:8])
        raise QuestionError(f"{echo(name)} names {len(chosen)} use cases: {listed}; give one of these ids.")
    return _use_case(register, chosen[0]["id"]) if chosen[0]["kind"] == "use-case" else _system(register, chosen[0])


def candidates_of(register: Register, name: str) -> list[dict[str, Any]]:
    """Return what the register has of a name, of any kind; nothing where it has nothing."""
    try:
        return candidates(register, name)
    except QuestionError:
        return []


def product(name: str) -> Subject:
    """Return a product that the register does not know."""
    return Subject("product", name.strip(), name.strip())


def _use_case(register: Register, key: str) -> Subject:
    (row,) = register.dicts("select handle, name, agency, bureau from use_cases where use_case_id = $key", {"key": key})
    pages = register.rows(
        "select l.slug from page_links l join pages p using (slug) where l.relation = 'use_cases' and l.target = $handle "
        "and p.kind = 'system' order by l.slug",
        {"handle": row["handle"]},
    )
    page = pages[0][0] if len(pages) == 1 else None
    return Subject("use-case", row["handle"], row["name"], row["agency"], row["bureau"], (key,), page)


def _system(register: Register, found: dict[str, Any]) -> Subject:
    cases = register.rows(
        "select u.use_case_id from page_links l join use_cases u on u.handle = l.target "
        "where l.slug = $slug and l.relation = 'use_cases' order by u.inventory_year desc, u.handle",
        {"slug": found["id"]},
    )
    return Subject("system", found["id"], found["name"], None, None, tuple(key for (key,) in cases), found["id"])
