"""Duties of a pack as statements that a document can print: each with its source, its grade and what to verify."""

from custodiet.documents.facts import Paper, Statement
from custodiet.governance.packs import Duty, Pack


def statements(pack: Pack, duty: Duty) -> list[Statement]:
    """Return what a pack says of one of its entries."""
    source = pack.page.source
    day = pack.page.date.isoformat()
    return [
        Statement(
            f"“{said.says}”" if said.quoted else said.says,
            Paper(source.title, source.publisher, said.seen or source.url, day, duty.cite),
            said.grade,
            said.verify,
        )
        for said in duty.says
    ]
