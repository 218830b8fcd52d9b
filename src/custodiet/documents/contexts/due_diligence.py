"""A data broker's own examination: duties and days of the Delete Act, government buyers on record, sales of its docket."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from custodiet.documents.contexts.judged import title_of
from custodiet.documents.contexts.local import claims_named
from custodiet.documents.draft import Request
from custodiet.documents.duties import statements
from custodiet.documents.facts import Count, Paper, Statement
from custodiet.documents.words import say_day
from custodiet.governance.packs import load_packs
from custodiet.governance.packs.read import Pack
from custodiet.model.errors import QuestionError
from custodiet.questions.awards import awards
from custodiet.questions.trace import dollars
from custodiet.store import Register

PACK = "data-broker"
# Categories of the lexicon by which awards for such data are told.
CATEGORIES = ("data-brokers", "location-data")
AWARDS = 6
KNOWN = {
    "law": (
        "california-delete-act/identity", "california-delete-act/limits", "california-delete-act/no-ban",
        "location-data/bill", "location-data/bought-data-unsettled", "location-data/ftc",
    ),
    "buyers": (
        "data-broker-files/suppliers", "data-broker-files/cbp", "data-broker-files/use", "location-data/suppliers",
        "location-data/into-systems", "location-data/oig", "location-data/misuse",
    ),
    "errors": (
        "data-broker-files/entity-resolution", "data-broker-files/accuracy-unknown", "data-broker-files/downstream-unknown",
    ),
}  # fmt: skip


def build(request: Request) -> Mapping[str, Any]:
    """Return the duties with their days as of the document's own, other laws, buyers on record, and the docket's sales."""
    pack = load_packs()[PACK]
    return {
        **{topic: claims_named(request, names) for topic, names in KNOWN.items()},
        "about": [claim for claim in request.subject.get("claims", []) if claim["about"] != "identity"],
        "duties": [
            {
                "title": title_of(pack, duty),
                "says": statements(pack, duty),
                "since": say_day(duty.due) if duty.due else None,
                "is_due": duty.due is None or duty.due <= request.as_of,
            }
            for duty in pack.at("duty")
        ],
        "others": [title_of(pack, duty) for duty in pack.at("other-law")],
        "dates": [_date(pack, date) for date in pack.page.dates],
        "penalties": [Statement(each.says, _source(pack), each.grade, each.verify) for each in pack.page.says],
        "applies_to": Statement(pack.page.applies_to, _source(pack), pack.page.grade, pack.page.verify),
        "groups": _buyers(request),
        "sales": _sales(request),
        "sales_source": request.docket.source("custodiet docket sales list") if request.docket else None,
        "verify_by": pack.page.verify_by,
        "is_stale": request.as_of > pack.page.verify_by,
    }


def _source(pack: Pack) -> Paper:
    return Paper(pack.page.source.title, pack.page.source.publisher, pack.page.source.url, pack.page.date.isoformat())


def _date(pack: Pack, date: Any) -> dict[str, Any]:
    said = Statement(f"{date.what[0].upper()}{date.what[1:]}.", _source(pack), date.grade, date.verify or pack.page.verify)
    return {"day": say_day(date.date), "says": said}


def _buyers(request: Request) -> list[dict[str, Any]]:
    """Return federal awards on record: the vendor's own, or the largest of each category of such data."""
    register = request.register
    releases = tuple(
        release for (release,) in register.rows("select distinct release from transactions where is_current order by 1")
    )
    if not releases:
        return []
    titles = dict(register.rows("select category, name from categories"))
    if request.subject["kind"] == "vendor":
        names = [request.subject["name"], *request.subject["aliases"]]
        rows = {row["id"]: row for name in names for row in _awards_to(register, name)}
        found = sorted(rows.values(), key=lambda row: -Decimal(row["obligations"]))
        how = " and ".join(f"custodiet awards --vendor '{name}'" for name in names)
        return (
            [_group(titles, None, f"Awards to {request.subject['name']}", found, found, Count(how, releases))]
            if found
            else []
        )
    return [
        # An award that buys other things too counts whole in each of its categories: its sum says little of any.
        _group(
            titles,
            category,
            titles[category],
            found,
            [row for row in found if row["categories"] == [category]],
            Count(how, releases),
        )
        for category in CATEGORIES
        if (found := awards(register, category=category)) and (how := f"custodiet awards --category {category}")
    ]


def _awards_to(register: Register, name: str) -> list[dict[str, Any]]:
    """Return a vendor's awards under one of its names; a name that reads as a person's, and that no award has, has none."""
    try:
        return awards(register, vendor=name)
    except QuestionError:
        return []


def _group(
    titles: Mapping[str, str],
    category: str | None,
    title: str,
    found: list[dict[str, Any]],
    only: list[dict[str, Any]],
    counted: Count,
) -> dict[str, Any]:
    """Return a table of awards: how many there are, how many are of nothing else with their sum, and the largest."""
    return {
        "title": title,
        "total": len(found),
        "only": len(only),
        "sum": dollars(sum(Decimal(row["obligations"]) for row in only)),
        "counted": counted,
        "awards": [
            {
                "piid": row["piid"], "agency": row["agency"], "recipients": ", ".join(row["recipients"]),
                "obligated": dollars(Decimal(row["obligations"])), "description": row["description"] or "",
                "also": ", ".join(titles[each] for each in row["categories"] if each != category) or "—",
                "citation": row["citation"],
            }
            for row in found[:AWARDS]
        ],
    }  # fmt: skip


def _sales(request: Request) -> list[dict[str, Any]]:
    if request.docket is None:
        return []
    return [
        {
            "buyer": sale.fields.get("buyer", "erased"), "product": sale.fields.get("product", "erased"),
            "signed": sale.fields.get("signed", "erased"), "data": ", ".join(sale.fields.get("data", ())) or "not said",
            "source": request.docket.source(f"entry {sale.number}"),
        }
        for sale in request.docket.sales
    ]  # fmt: skip
