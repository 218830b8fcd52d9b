"""Awards, buyers and recipients as entities of the FollowTheMoney model, one JSON object a line.

docs/exports.md has the mapping. There is never a Person: a contract with a natural person has no supplier here. Identifiers
are made from the publisher's own keys, so that the same thing has the same identifier in every export.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from custodiet.exports.cells import to_json_line
from custodiet.exports.contracts import (
    BUYERS,
    CURRENCY,
    DEPARTMENT,
    PUBLISHER,
    PUBLISHER_URL,
    Action,
    Award,
    Buyer,
    Supplier,
    read_awards,
)
from custodiet.model.text import tidy
from custodiet.store import Register

DATASETS = ["custodiet"]
# A legal form in the name makes a Company; without one it may as well be a county or a charity, and is an Organization.
LEGAL_FORM = re.compile(
    r"\b(INC|INCORPORATED|LLC|L\.L\.C|CORP|CORPORATION|COMPANY|CO|LTD|LIMITED|LP|L\.P|LLP|PLLC|PLC|GMBH|S\.?A\.? DE C\.?V)\b",
    re.IGNORECASE,
)
AGREEMENT = "agreement that orders are placed under"

Entity = dict[str, Any]


def write_entities(register: Register, agency: str | None, path: Path) -> int:
    """Write the entities of all awards of an agency, or of all; return how many there are.

    Raises:
        QuestionError: no such agency, or no contracts to export.

    """
    awards = read_awards(register, agency)
    written: set[str] = set()
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        for entity in _entities(register, awards):
            if entity["id"] not in written:
                written.add(entity["id"])
                stream.write(to_json_line(entity) + "\n")
    return len(written)


def _entities(register: Register, awards: Iterator[Award]) -> Iterator[Entity]:
    yield from _files(register)
    yield _public_body(DEPARTMENT, None)
    # An award that has both actions and a bulk summary is one contract: what each says is put together once both are read.
    contracts: dict[str, Entity] = {}
    suppliers: dict[str, Entity] = {}
    links: dict[str, Entity] = {}
    for award in awards:
        if buyer := BUYERS.get(award.agency):
            yield _public_body(buyer, DEPARTMENT)
        _merge(contracts, _contract(award))
        spans: dict[str, list[Action]] = {}
        for action in award.actions:
            if action.supplier:
                spans.setdefault(action.supplier.id, []).append(action)
                _add_supplier(suppliers, action.supplier)
        if award.supplier:
            spans.setdefault(award.supplier.id, [])
            _add_supplier(suppliers, award.supplier)
        for supplier, actions in spans.items():
            _merge(links, _link(award, supplier, actions))
    for found in (suppliers, contracts, links):
        yield from found.values()


def _entity(id_: str, schema: str, **properties: str | Decimal | list[str] | None) -> Entity:
    """Return an entity; every property of the model has a list of texts, whose white space is in order."""
    kept = {
        name: [tidy(str(each)) for each in (value if isinstance(value, list) else [value])]
        for name, value in properties.items()
        if value not in (None, "", [])
    }
    return {"id": id_, "schema": schema, "properties": kept, "datasets": DATASETS}


def _merge(entities: dict[str, Entity], entity: Entity) -> None:
    known = entities.setdefault(entity["id"], entity)
    if known is not entity:
        for name, values in entity["properties"].items():
            own = known["properties"].setdefault(name, [])
            own += [value for value in values if value not in own]


def _files(register: Register) -> Iterator[Entity]:
    for row in register.dicts(
        "select release, file, url, sha256, published::varchar as published from releases where status = 'read' and "
        "(release in (select release from transactions where is_current) "
        "or release in (select release from award_summaries)) order by release"
    ):
        yield _entity(
            _file_id(row["release"]), "Document", title=row["release"], fileName=row["file"], sourceUrl=row["url"],
            publisher=PUBLISHER, publisherUrl=PUBLISHER_URL, date=row["published"], notes=f"sha256 {row['sha256']}",
        )  # fmt: skip


def _id(*parts: str) -> str:
    """Return an identifier as the model allows them: letters, digits, hyphens and full stops, none of these at an end."""
    return re.sub(r"[^0-9a-zA-Z.-]", ".", "-".join(parts).replace("-NONE-", "NONE"))


def _file_id(release: str) -> str:
    return _id("custodiet-release", release)


def _agency_id(agency: Buyer) -> str:
    return _id("US-USAGOV", agency.index)


def _public_body(agency: Buyer, above: Buyer | None) -> Entity:
    return _entity(
        _agency_id(agency), "PublicBody", name=agency.name, abbreviation=agency.code, country="us", jurisdiction="us",
        parent=_agency_id(above) if above else None, publisher=PUBLISHER, publisherUrl=PUBLISHER_URL,
    )  # fmt: skip


def _add_supplier(suppliers: dict[str, Entity], supplier: Supplier) -> None:
    if supplier.parent_uei and supplier.parent_name:
        parent = Supplier(supplier.parent_name, supplier.parent_uei)
        _merge(suppliers, _organisation(parent, None))
        _merge(suppliers, _organisation(supplier, parent))
    else:
        _merge(suppliers, _organisation(supplier, None))


def _organisation(supplier: Supplier, parent: Supplier | None) -> Entity:
    return _entity(
        supplier.id, "Company" if LEGAL_FORM.search(supplier.name) else "Organization", name=supplier.name,
        uniqueEntityId=supplier.uei, cageCode=supplier.cage, parent=parent.id if parent else None, publisher=PUBLISHER,
        publisherUrl=PUBLISHER_URL,
    )  # fmt: skip


def _contract_id(award: Award) -> str:
    return _id("usaspending", award.key)


def _contract(award: Award) -> Entity:
    summary = award.summary or {}
    value = summary.get("current_value")
    buyer = BUYERS.get(award.agency)
    sources = {action.release for action in award.actions} | ({summary["release"]} if summary else set())
    return _entity(
        _contract_id(award), "Contract", title=award.piid, procedureNumber=award.piid,
        type=AGREEMENT if award.is_agreement else None, description=award.description,
        authority=_agency_id(buyer) if buyer else None, contractDate=award.signed.isoformat() if award.signed else None,
        amount=value, currency=CURRENCY if value is not None else None,
        classification=[text for text in (summary.get("psc"), award.product_service) if text],
        method=summary.get("competition"), sourceUrl=award.url, publisher=PUBLISHER, publisherUrl=PUBLISHER_URL,
        proof=[_file_id(release) for release in sorted(sources)],
        notes="The recipient is a natural person, whose name is withheld." if award.is_withheld else None,
    )  # fmt: skip


def _link(award: Award, supplier: str, actions: list[Action]) -> Entity:
    cited = [
        f"{action.release} row {action.row}: {action.obligation} {CURRENCY} obligated on {action.day}" for action in actions
    ]
    if award.summary:
        cited = [f"{award.summary['release']} row {award.summary['row']}"]
    return _entity(
        _id(_contract_id(award), supplier), "ContractAward", contract=_contract_id(award), supplier=supplier,
        documentNumber=award.piid, recordId=award.key, role="recipient",
        startDate=actions[0].day.isoformat() if actions else None, endDate=actions[-1].day.isoformat() if actions else None,
        # What was obligated is told action by action, each with its cell: a sum would be read as the award's value.
        summary=cited, sourceUrl=award.url, publisher=PUBLISHER, publisherUrl=PUBLISHER_URL,
        proof=[_file_id(release) for release in sorted({action.release for action in actions})]
        or ([_file_id(award.summary["release"])] if award.summary else []),
    )  # fmt: skip
