"""Put privacy notices, and notices of what agencies mean to buy, into the register."""

from custodiet.register.releases import Loaded
from custodiet.sources.notices.read import NoticeReading
from custodiet.sources.solicitations.read import SolicitationReading
from custodiet.store import Register


def load_notices(register: Register, notices: list[Loaded[NoticeReading]]) -> None:
    """Fill the table of notices."""
    register.load(
        "notices",
        (
            (each.release.release, n.row, n.number, n.title, n.published, n.action, n.url, n.agencies)
            for each in notices
            for n in each.reading.notices
        ),
    )


def load_solicitations(register: Register, solicitations: list[Loaded[SolicitationReading]]) -> None:
    """Fill the table of solicitations; of a notice that stands in several files, the one that was fetched last counts."""
    seen: set[str] = set()
    rows = []
    for each in sorted(solicitations, key=lambda s: (s.release.published, s.release.release), reverse=True):
        for n in each.reading.solicitations:
            rows.append((
                each.release.release, n.row, n.notice, n.number, n.type, n.posted, n.title, n.agency, n.naics, n.psc,
                n.award_number, n.awardee, n.url, str(n.notice in seen).lower(),
            ))  # fmt: skip
            seen.add(n.notice)
    register.load("solicitations", rows)
