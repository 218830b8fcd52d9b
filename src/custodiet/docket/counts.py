"""The counts of a transparency report: kinds, numbers and outcomes, and no name of anybody."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from custodiet.docket.cases import Case
from custodiet.docket.sales import Listed
from custodiet.docket.types import read_pack

CANNOT_TELL = "cannot-tell"
MOSTLY_BARRED = frozenset({"nsl_2709"})
# Silence about these may itself be ordered, and how they may be counted is law; counsel decides.
COUNSEL = (
    "Rows with papers under a bar on telling may be published only as the law lets them be counted, such as in bands for "
    "national security letters; ask counsel."
)


def count_papers(
    cases: Mapping[int, Case], sales: Sequence[Listed], first: dt.date | None, last: dt.date | None, as_of: dt.date
) -> dict[str, Any]:
    """Return the counts of papers received, and sales signed, within a period of days, both included."""
    chosen = [case for case in cases.values() if _is_within(case.fields["received"], first, last)]
    sold = [sale for sale in sales if _is_within(sale.fields["signed"], first, last)]
    names = {one.id: one.name for one in read_pack().types}
    kinds = sorted({str(case.fields["type"]) for case in chosen})
    return {
        "first": first,
        "last": last,
        "papers": len(chosen),
        "by_type": [_count(kind, names, [case for case in chosen if case.fields["type"] == kind], as_of) for kind in kinds],
        "by_issuer_kind": dict(
            sorted(Counter(str(case.fields.get("issuer_kind_read", CANNOT_TELL)) for case in chosen).items())
        ),
        "by_issuer": dict(sorted(Counter(str(case.fields["issuer"]) for case in chosen).items())),
        "data_asked_for": dict(sorted(Counter(kind for case in chosen for kind in case.fields.get("data", ())).items())),
        "sales": len(sold),
        "sales_by_buyer": dict(sorted(Counter(str(sale.fields["buyer"]) for sale in sold).items())),
        "data_sold": dict(sorted(Counter(kind for sale in sold for kind in sale.fields.get("data", ())).items())),
        "note": COUNSEL if any(_is_gagged(case, as_of) for case in chosen) else None,
    }


def leave_out_barred(cases: Mapping[int, Case], as_of: dt.date) -> dict[int, Case]:
    """Return the papers about which nobody is barred from telling on a day: what a draft for the public may count.

    Counsel decides how the others may be counted; a count that held them would tell of them by subtraction. A kind that
    mostly comes with a bar is left out also where its entry forgot to say so.
    """
    return {
        number: case
        for number, case in cases.items()
        if not _is_gagged(case, as_of) and case.fields.get("type") not in MOSTLY_BARRED
    }


def _count(kind: str, names: Mapping[str, str], cases: Sequence[Case], as_of: dt.date) -> dict[str, Any]:
    outcomes = Counter(map(_outcome, cases))
    produced = [step for case in cases if (step := case.steps()["produce"])]
    return {
        "type": kind,
        "name": names.get(kind, "what it is can't be told"),
        "received": len(cases),
        "disclosed": outcomes["disclose"],
        "disclosed_in_part": outcomes["disclose-in-part"],
        "objected": outcomes["object"],
        "rejected": outcomes["reject"],
        "no_records": outcomes["no-records"],
        "preserved": outcomes["preserve"],
        "not_produced_yet": outcomes["not-produced-yet"],
        "undecided": outcomes["undecided"],
        "accounts_asked": sum(int(case.fields.get("accounts", 0)) for case in cases),
        "accounts_produced": sum(int(step.fields.get("accounts", 0)) for step in produced),
        "under_a_bar_on_telling": sum(_is_gagged(case, as_of) for case in cases),
    }


def _outcome(case: Case) -> str:
    """Return how it ended; a decision to disclose is no disclosure before something was produced on it."""
    if case.decision is None:
        return "undecided"
    produced = case.steps()["produce"]
    if case.discloses and (produced is None or produced.number < case.decision.number):
        return "not-produced-yet"
    return str(case.decision.fields["outcome"])


def _is_gagged(case: Case, as_of: dt.date) -> bool:
    gag = case.fields.get("gag")
    if not gag or gag["ground"] == "request":
        return False
    return "expires" not in gag or dt.date.fromisoformat(gag["expires"]) >= as_of


def _is_within(day: str, first: dt.date | None, last: dt.date | None) -> bool:
    found = dt.date.fromisoformat(day)
    return (first is None or found >= first) and (last is None or found <= last)
