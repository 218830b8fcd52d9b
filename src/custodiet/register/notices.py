"""Put privacy notices into the register."""

from custodiet.register.releases import Loaded
from custodiet.sources.notices.read import NoticeReading
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
