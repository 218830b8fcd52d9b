"""Proposed matches between years, with the parts of their scores and what a reader decided."""

from typing import Any

from custodiet.model.errors import QuestionError
from custodiet.model.text import echo
from custodiet.questions.scope import resolve_scope
from custodiet.store import Register


def proposals(register: Register, *, agency: str | None = None, judged: bool = False) -> list[dict[str, Any]]:
    """Return the proposals that wait for a reader (or, with `judged`, those that have been decided), best first.

    Raises:
        QuestionError: no such agency.

    """
    scope = resolve_scope(register, agency, None)
    inside = f"p.earlier in (select use_case_id from use_cases where {scope.sql})"
    return register.dicts(_sql(f"{inside} and (p.verdict is not null) = $judged"), {**scope.parameters, "judged": judged})


def proposal(register: Register, name: str) -> dict[str, Any]:
    """Return one proposal by its id.

    Raises:
        QuestionError: there is no such proposal.

    """
    found = register.dicts(_sql("p.proposal = $name"), {"name": name})
    if not found:
        raise QuestionError(f"{echo(name)} is no proposal; `custodiet judge` lists them.")
    return found[0]


def _sql(condition: str) -> str:
    side = (
        "struct_pack(key := {0}.use_case_id, id := {0}.handle, published_id := {0}.published_id, release := "
        '{0}.name_citation.release, "row" := {0}.name_citation."row", name := {0}.name, bureau := {0}.bureau, stage := '
        "{0}.stage.value, purpose := {0}.purpose.value, outputs := {0}.outputs.value)"
    )
    return f"""
        select p.proposal as id, e.agency, round(p.score, 3) as score, round(p.name_similarity, 3) as name_similarity,
          round(p.text_similarity, 3) as text_similarity, p.same_bureau, {side.format("e")} as earlier,
          {side.format("l")} as later, p.verdict, p.by_whom, p.reason
        from proposals p
        join use_cases e on e.use_case_id = p.earlier
        join use_cases l on l.use_case_id = p.later
        where {condition}
        order by p.score desc, p.proposal
    """
