"""Awards as the exchange formats tell of them: the actions of each, what a bulk download adds, and who the recipient is.

Shared by OCDS and FollowTheMoney, so that both name the same buyer and the same supplier by the same identifiers.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from custodiet.exports.published import narrow
from custodiet.model.errors import ExportError, QuestionError
from custodiet.model.text import echo, fold_name
from custodiet.questions.spend import NO_TRANSACTIONS
from custodiet.sources.usaspending.recipients import WITHHELD, kind_of
from custodiet.store import Register

USASPENDING = "https://www.usaspending.gov/award/"
USASPENDING_API = "https://api.usaspending.gov/api/v2/awards/"
PUBLISHER = "USAspending.gov (U.S. Department of the Treasury)"
PUBLISHER_URL = "https://www.usaspending.gov/"
CURRENCY = "USD"


@dataclass(frozen=True)
class Buyer:
    """A bureau that buys. `index` is its name in the Index of U.S. Government Departments and Agencies (org-id US-USAGOV)."""

    code: str
    name: str
    index: str
    # Agency code of the Federal Procurement Data System, as award keys have it.
    fpds: str


DEPARTMENT = Buyer("DHS", "Department of Homeland Security", "u_s_department_of_homeland_security", "7000")
BUYERS = {
    "ICE": Buyer("ICE", "U.S. Immigration and Customs Enforcement", "u_s_immigration_and_customs_enforcement", "7012"),
    "CBP": Buyer("CBP", "U.S. Customs and Border Protection", "u_s_customs_and_border_protection", "7014"),
}


@dataclass(frozen=True)
class Supplier:
    """An organisation that an award went to; `uei` is missing where no file of the register gives one for this award."""

    name: str
    uei: str | None = None
    cage: str | None = None
    parent_uei: str | None = None
    parent_name: str | None = None

    @property
    def id(self) -> str:
        """An identifier that stays the same: by UEI, else by the name, which proves no identity with another of that name."""
        if self.uei:
            return f"US-SAM-{self.uei}"
        return f"custodiet-name-{hashlib.sha256(fold_name(self.name).encode()).hexdigest()[:16]}"


@dataclass(frozen=True)
class Action:
    """A contract action and where it stands; without a supplier where that is a natural person, or is not disclosed."""

    modification: str
    day: dt.date
    obligation: Decimal
    description: str | None
    release: str
    row: int
    supplier: Supplier | None
    is_withheld: bool


@dataclass(frozen=True)
class Award:
    """An award as one state of a source tells of it: by its actions, or by a bulk summary."""

    key: str
    piid: str
    parent_key: str | None
    agency: str
    # When this state of the source was published.
    published: dt.date
    supplier: Supplier | None
    is_withheld: bool
    description: str | None
    product_service: str | None
    industry: str | None
    actions: tuple[Action, ...] = ()
    summary: dict[str, Any] | None = None

    @property
    def signed(self) -> dt.date | None:
        """The day of the award itself, if it is known: the transaction files begin in fiscal year 2021."""
        if self.summary:
            day: dt.date | None = self.summary["first_action"]
            return day
        return next((action.day for action in self.actions if action.modification == "0"), None)

    @property
    def is_agreement(self) -> bool:
        """Whether it is an agreement that orders are placed under (an indefinite delivery vehicle), and buys nothing."""
        return self.key.startswith("CONT_IDV")

    @property
    def url(self) -> str:
        """The award's page at USAspending.gov."""
        return f"{USASPENDING}{self.key}/"


def parent_key(key: str) -> str | None:
    """Return the key of the agreement that an award's key names as its parent."""
    # CONT_AWD_<number>_<agency>_<number of the parent>_<agency of the parent>, with -NONE- where there is no parent.
    parts = key.split("_")
    if len(parts) != 6 or parts[4] in ("", "-NONE-"):
        return None
    return f"CONT_IDV_{parts[4]}_{parts[5]}"


class Suppliers:
    """Who the recipient of an award is, as far as identifiers go.

    A bulk file gives a UEI for an award's recipient; it holds for the same award's actions where the name is the same.
    Between awards, an organisation of the register that stands under one UEI alone lends it to its names.
    """

    def __init__(self, register: Register) -> None:
        self._by_award: dict[tuple[str, str], Supplier] = {}
        for row in register.dicts(
            "select award_key, recipient, recipient_raw, dba, uei, cage, parent_uei, parent_name from award_summaries "
            'order by release, "row"'
        ):
            if not _is_organisation(row["recipient"]):
                continue
            has_parent = row["parent_uei"] != row["uei"] and _is_organisation(row["parent_name"])
            supplier = Supplier(
                row["recipient"], row["uei"], row["cage"],
                row["parent_uei"] if has_parent else None, row["parent_name"] if has_parent else None,
            )  # fmt: skip
            for name in (row["recipient"], row["recipient_raw"], row["dba"]):
                if name:
                    self._by_award[row["award_key"], fold_name(name)] = supplier
        self._by_name = dict(
            register.rows(
                """
                select n.name, min(i.id) from organisation_names n join organisation_ids i using (organisation)
                where i.scheme = 'uei' group by n.name having count(distinct i.id) = 1
                """
            )
        )

    def find(self, award_key: str, recipient: str) -> Supplier | None:
        """Return the organisation, or None where the name stands for none."""
        if not _is_organisation(recipient):
            return None
        return self._identified(award_key, recipient) or Supplier(recipient, self._by_name.get(recipient))

    def _identified(self, award_key: str, recipient: str) -> Supplier | None:
        return self._by_award.get((award_key, fold_name(recipient)))


def _is_organisation(recipient: str | None) -> bool:
    return bool(recipient) and recipient != WITHHELD and kind_of(str(recipient)) == "organisation"


def read_awards(register: Register, agency: str | None) -> Iterator[Award]:
    """Give every award of an agency, or all: first by their actions, in the order of their keys, then by bulk summaries.

    Raises:
        QuestionError: no such agency, or no contracts in this register, or of this agency.
        ExportError: a file's day is not known.

    """
    where = narrow(register, agency) if agency is not None else {}
    actions = f"is_current and not repeats and award_key is not null and {where.get('transactions', 'true')}"
    summaries = where.get("award_summaries", "true")
    if not register.rows(
        f"select 1 from transactions where {actions} union all select 1 from award_summaries where {summaries} limit 1"
    ):
        raise QuestionError(NO_TRANSACTIONS if agency is None else f"This register has no contracts of {echo(agency)}.")
    return _read_awards(register, actions, summaries)


def _read_awards(register: Register, actions: str, summaries: str) -> Iterator[Award]:
    suppliers = Suppliers(register)
    published = _days(register)
    rows = register.stream(
        f"""
        select award_key, piid, agency, modification, action_date, obligation, description, release, "row", recipient,
          recipient_kind = 'individual', product_service, industry
        from transactions where {actions} order by award_key, action_date, modification, release, "row"
        """
    )
    for key, group in groupby(rows, key=lambda row: row[0]):
        yield _by_actions(str(key), list(group), suppliers, published)
    for row in register.dicts(f'select * from award_summaries where {summaries} order by award_key, release, "row"'):
        yield Award(
            key=row["award_key"], piid=row["piid"], parent_key=parent_key(row["award_key"]), agency=row["agency"],
            published=published[row["release"]], supplier=suppliers.find(row["award_key"], row["recipient"]),
            is_withheld=row["recipient"] == WITHHELD, description=row["description"], product_service=None, industry=None,
            summary=row,
        )  # fmt: skip


def _days(register: Register) -> dict[str, dt.date]:
    """Return when each file was published, or collected where its publisher gives no day."""
    days = dict(
        register.rows(
            "select release, coalesce(published, collected) from releases where status = 'read' and (release in "
            "(select release from transactions) or release in (select release from award_summaries))"
        )
    )
    if undated := sorted(release for release, day in days.items() if day is None):
        raise ExportError(
            f"{', '.join(undated)}: neither the day of publication nor that of collection is known, and an award's state "
            "needs one; give it in the source's `source.yml`, and build again."
        )
    return days


def _by_actions(key: str, rows: list[tuple[Any, ...]], suppliers: Suppliers, published: dict[str, dt.date]) -> Award:
    taken = tuple(
        Action(
            modification=row[3] or "0", day=row[4], obligation=row[5], description=row[6], release=row[7], row=row[8],
            supplier=suppliers.find(key, row[9]), is_withheld=row[10],
        )
        for row in rows
    )  # fmt: skip
    first, last = taken[0], taken[-1]
    return Award(
        key=key, piid=rows[0][1], parent_key=parent_key(key), agency=rows[0][2],
        published=max(published[action.release] for action in taken), supplier=last.supplier, is_withheld=last.is_withheld,
        description=first.description, product_service=rows[0][11], industry=rows[0][12], actions=taken,
    )  # fmt: skip
