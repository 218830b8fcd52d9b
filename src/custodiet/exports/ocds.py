"""Awards as a release package of the Open Contracting Data Standard, version 1.1.

docs/exports.md has the mapping, docs/decisions/2026-11-22-ocds-obligations.md why it is so. In short: an obligation is
neither a payment nor a value, so each stands under `contracts[].obligations`, an extension of ours; a contract's `value` is
given only where a bulk download states it. A release is what one state of the source says; its date is the day on which that
was published.
"""

import hashlib
import uuid
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

from custodiet.exports.cells import to_json_line
from custodiet.exports.contracts import BUYERS, CURRENCY, DEPARTMENT, USASPENDING_API, Award, Buyer, Supplier, read_awards
from custodiet.model.errors import ExportError
from custodiet.sources.usaspending.recipients import WITHHELD
from custodiet.store import Register

# Not registered with the Open Contracting Partnership, and built so that nobody takes it for a prefix that is.
OCID_PREFIX = "unregistered-custodiet"
EXTENSIONS = ["https://raw.githubusercontent.com/open-contracting-extensions/ocds_memberOf_extension/master/extension.json"]
LICENCE = "https://www.usa.gov/government-works"
# Packages are told apart by the register, and the part of it, that they are made of.
PACKAGES = uuid.UUID("5d6a3f5e-6f6b-5c1c-9a53-2f0b6a4ad4c1")
WITHHELD_ID = "custodiet-withheld"
# Words that say for certain how the award was competed; the others stay as published, in procurementMethodDetails.
METHODS = {"FULL AND OPEN COMPETITION": "open"}


def write_release_package(register: Register, agency: str | None, path: Path) -> int:
    """Write all awards of an agency, or all, as one release package; return how many releases it has.

    Raises:
        QuestionError: no such agency, or no contracts to export.

    """
    awards = read_awards(register, agency)
    ((fingerprint,),) = register.rows("select coalesce((select value from meta where key = 'fingerprint'), '')")
    count = 0
    published = ""
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        head = {
            "uri": f"urn:uuid:{uuid.uuid5(PACKAGES, f'{fingerprint} {agency}')}",
            "version": "1.1",
            "extensions": EXTENSIONS,
            "publisher": {"name": "Custodiet"},
            "license": LICENCE,
        }
        stream.write(to_json_line(head)[:-1] + ',"releases":[')
        for award in awards:
            release = as_release(award)
            stream.write((",\n" if count else "\n") + to_json_line(release))
            published = max(published, release["date"])
            count += 1
        # Not the day of the export: the package is the same as long as what it is made of is.
        stream.write(f'\n],"publishedDate":"{published}"}}\n')
    return count


def as_release(award: Award) -> dict[str, Any]:
    """Return an award as a release."""
    buyer = BUYERS.get(award.agency)
    parties = _parties(award, buyer)
    release: dict[str, Any] = {
        "ocid": f"{OCID_PREFIX}-{award.key}",
        "date": f"{award.published.isoformat()}T00:00:00Z",
        "language": "en",
        "tag": ["award"] if award.is_agreement else ["award", "contract"],
        "initiationType": "tender",
        "parties": parties,
        "buyer": {"id": parties[0]["id"], "name": parties[0]["name"]},
    }
    if tender := _tender(award):
        release["tender"] = tender
    release["awards"] = [_award(award)]
    # In OCDS a contract provides items; an agreement under which contracts are awarded later is an award alone.
    if not award.is_agreement:
        release["contracts"] = [_contract(award)]
    if award.parent_key:
        release["relatedProcesses"] = [
            {
                "id": "1",
                "relationship": ["framework"],
                "scheme": "US-USASPENDING",
                "identifier": award.parent_key,
                "uri": f"{USASPENDING_API}{award.parent_key}/",
            }
        ]
    # The same content has the same identifier, and another content another one.
    digest = hashlib.sha256(to_json_line(release).encode()).hexdigest()[:12]
    return {"ocid": release["ocid"], "id": f"{award.published.isoformat()}-{digest}", **release}


def _parties(award: Award, buyer: Buyer | None) -> list[dict[str, Any]]:
    parties = (
        [_agency(buyer, ["buyer"]) | {"memberOf": [_reference(DEPARTMENT)]}, _agency(DEPARTMENT, [])]
        if buyer
        else [{"id": f"custodiet-agency-{award.agency}", "name": award.agency, "roles": ["buyer"]}]
    )
    if award.supplier:
        parties.append(_supplier(award.supplier))
    elif award.is_withheld:
        parties.append({"id": WITHHELD_ID, "name": WITHHELD, "roles": ["supplier"]})
    return parties


def _agency(agency: Buyer, roles: list[str]) -> dict[str, Any]:
    return {
        **_reference(agency),
        "identifier": {"scheme": "US-USAGOV", "id": agency.index, "legalName": agency.name},
        "additionalIdentifiers": [{"scheme": "US-FPDS", "id": agency.fpds, "legalName": agency.name}],
        "roles": roles,
    }


def _reference(agency: Buyer) -> dict[str, str]:
    return {"id": f"US-USAGOV-{agency.index}", "name": agency.name}


def _supplier(supplier: Supplier) -> dict[str, Any]:
    party: dict[str, Any] = {"id": supplier.id, "name": supplier.name}
    if supplier.uei:
        party["identifier"] = {"scheme": "US-SAM", "id": supplier.uei, "legalName": supplier.name}
    if supplier.cage:
        party["additionalIdentifiers"] = [{"scheme": "US-CAGE", "id": supplier.cage, "legalName": supplier.name}]
    return {**party, "roles": ["supplier"]}


def _tender(award: Award) -> dict[str, Any] | None:
    summary = award.summary
    if summary is None:
        return None
    tender: dict[str, Any] = {"id": award.key}
    if method := METHODS.get(summary["competition"] or ""):
        tender["procurementMethod"] = method
    if summary["competition"]:
        tender["procurementMethodDetails"] = summary["competition"]
    reasons = [summary[name] for name in ("not_competed_because", "limited_sources") if summary[name]]
    if reasons:
        tender["procurementMethodRationale"] = "; ".join(reasons)
    if summary["offers"] is not None:
        tender["numberOfTenderers"] = summary["offers"]
    return tender if len(tender) > 1 else None


def _award(award: Award) -> dict[str, Any]:
    made: dict[str, Any] = {"id": award.key, "title": award.piid}
    if award.description:
        made["description"] = award.description
    if award.signed:
        made["date"] = f"{award.signed.isoformat()}T00:00:00Z"
    if award.supplier:
        made["suppliers"] = [{"id": award.supplier.id, "name": award.supplier.name}]
    elif award.is_withheld:
        made["suppliers"] = [{"id": WITHHELD_ID, "name": WITHHELD}]
    if item := _item(award):
        made["items"] = [item]
    made["documents"] = [
        {
            "id": "usaspending",
            "title": "The award at USAspending.gov",
            "url": award.url,
            "format": "text/html",
            "language": "en",
        }
    ]
    return made


def _item(award: Award) -> dict[str, Any] | None:
    summary = award.summary or {}
    product = {"scheme": "PSC", "id": summary.get("psc"), "description": award.product_service}
    industry = {"scheme": "NAICS", "id": summary.get("naics"), "description": award.industry}
    item: dict[str, Any] = {"id": "1"}
    if award.product_service:
        item["description"] = award.product_service
    if product["id"] or product["description"]:
        item["classification"] = {name: value for name, value in product.items() if value}
    if industry["id"] or industry["description"]:
        item["additionalClassifications"] = [{name: value for name, value in industry.items() if value}]
    return item if len(item) > 1 else None


def _contract(award: Award) -> dict[str, Any]:
    contract: dict[str, Any] = {"id": award.piid, "awardID": award.key}
    if award.signed:
        contract["dateSigned"] = f"{award.signed.isoformat()}T00:00:00Z"
    if award.summary and award.summary["current_value"] is not None:
        contract["value"] = money(award.summary["current_value"])
    # Within an array OCDS merges by id, so that two actions of one number need two.
    numbers = Counter(action.modification for action in award.actions)
    ids = [
        action.modification if numbers[action.modification] == 1 else f"{action.modification} {action.release} {action.row}"
        for action in award.actions
    ]
    amendments = [
        {"id": id_, "date": f"{action.day.isoformat()}T00:00:00Z"}
        | ({"description": action.description} if action.description else {})
        for id_, action in zip(ids, award.actions, strict=True)
        if action.modification != "0"
    ]
    if amendments:
        contract["amendments"] = amendments
    if award.actions:
        contract["obligations"] = [
            {
                "id": id_,
                "date": f"{action.day.isoformat()}T00:00:00Z",
                "value": money(action.obligation),
                "source": {"release": action.release, "row": action.row},
            }
            for id_, action in zip(ids, award.actions, strict=True)
        ]
    return contract


def money(amount: Decimal) -> dict[str, Any]:
    """Return an amount as a Value. JSON has no decimals; a double keeps every cent below 90 trillion dollars.

    Raises:
        ExportError: a double can't hold it.

    """
    number = float(amount)
    if Decimal(repr(number)) != amount:
        raise ExportError(f"The amount {amount} has more digits than a number in JSON keeps; export it as csv or parquet.")
    return {"amount": number, "currency": CURRENCY}
