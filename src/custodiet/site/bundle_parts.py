"""What belongs into a bundle: the findings about a subject or of a rule, its lines of evidence, its figures and letters."""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from custodiet import questions
from custodiet.documents.draft import Document, draft
from custodiet.documents.drawings.answers import draw_answers
from custodiet.documents.drawings.outcomes import draw_outcomes
from custodiet.documents.kind import find_kind
from custodiet.model.errors import NothingAskedError, QuestionError
from custodiet.model.text import echo
from custodiet.questions.findings import findings_named, findings_of, findings_of_system
from custodiet.questions.matrix import OFFICES
from custodiet.site.downloads import Figure
from custodiet.site.figures import figure, list_figures, stack_agencies
from custodiet.site.site import Site
from custodiet.store.schema import QUESTIONS

# Kinds of documents that a newsroom sends, where they take the subject.
LETTERS = ("comment-request", "foia")
# Gaps of a rule for which a letter is made ready; the others' are a command away.
MOST_LETTERS = 5


@dataclass(frozen=True)
class Parts:
    """The content of a bundle before it is files."""

    title: str
    about: str
    findings: Sequence[dict[str, Any]]
    figures: Sequence[Figure] = ()
    lines: Sequence[dict[str, Any]] = ()
    letters: Sequence[tuple[str, Document]] = ()
    # The other outcomes of an agency are thousands, and not in its bundle.
    has_only_gaps: bool = False
    shown: Sequence[dict[str, Any]] = field(default_factory=list)


def gather_rule(site: Site, rule: str, as_of: dt.date) -> Parts:
    """Return what belongs to a rule: everything that it found but what it does not reach, and letters for its first gaps.

    Raises:
        QuestionError: no such rule.

    """
    page = questions.rule(site.register, rule)
    found = [finding for finding in questions.findings(site.register, rule=rule) if finding["outcome"] != "not-applicable"]
    counts: dict[str, int] = questions.count_findings(site.register, rule=rule)["rules"].get(rule, {})
    drawn = draw_outcomes([{"rule": rule, "title": page["title"], "counts": counts}], page["title"], ident="outcomes")
    gaps = [finding["id"] for finding in found if finding["outcome"] == "gap"][:MOST_LETTERS]
    return Parts(
        page["title"], page["checks"], found,
        figures=[Figure("outcomes", page["title"], drawn, [{"rule": rule, **counts}])],
        letters=[letter for gap in gaps for letter in letters_about(site, as_of, finding=gap)],
    )  # fmt: skip


def gather_subject(site: Site, name: str, as_of: dt.date) -> Parts:
    """Return what belongs to a use case, system, vendor, award or agency, by any of its names.

    Raises:
        QuestionError: nothing of that name, or several things; the sentence lists them.

    """
    if name.strip().upper() in (*OFFICES, *stack_agencies(site), *site.agencies):
        return _of_agency(site, name.strip().upper())
    shown = questions.show(site.register, name)
    if "candidates" in shown:
        listed = ", ".join(str(each["id"]) for each in shown["candidates"][:8])
        raise QuestionError(f"{echo(name)} names {len(shown['candidates'])} things: {listed}; give one of these ids.")
    gather = {"use-case": _of_use_case, "system": _of_system, "vendor": _of_vendor, "award": _of_award}.get(shown["kind"])
    if gather is None:
        raise QuestionError(f"{echo(name)} is a page of the kind {shown['kind']}; a bundle is of a use case, system, vendor, "
                            "award, agency or rule.")  # fmt: skip
    return gather(site, shown, as_of)


def letters_about(
    site: Site, as_of: dt.date, *, subject: str | None = None, finding: str | None = None
) -> Iterator[tuple[str, Document]]:
    """Give the letters of `LETTERS` that take a subject or a finding, each with the name of its file."""
    kind_of_subject = "finding" if finding else questions.show(site.register, subject or "")["kind"]
    for kind in LETTERS:
        if kind_of_subject in find_kind(kind).kind.subjects:
            name = kind if subject else f"{kind}-{(finding or '').partition(':')[2]}"
            # What a gap asks for can be public already; then there is no letter to send.
            with suppress(NothingAskedError):
                yield name, draft(kind, site.register, subject, finding=finding, as_of=as_of)


def _of_use_case(site: Site, shown: dict[str, Any], as_of: dt.date) -> Parts:
    cases = site.register.dicts(
        "select * from use_cases where use_case_id = $key or use_case_id in (select earlier from matches where later = $key) "
        "order by inventory_year",
        {"key": shown["key"]},
    )
    rows: list[dict[str, Any]] = [
        {"question": title, "cells": [{"year": case["inventory_year"], **case[question]} for case in cases]}
        for question, title in QUESTIONS.items()
    ]
    table = [{"question": row["question"], **cell} for row in rows for cell in row["cells"]]
    title = f"{shown['name']} ({shown['id']}), {shown['agency']} {shown['bureau'] or ''}".strip()
    return Parts(
        title, "An entry of the agency's AI use case inventory.", shown["findings"],
        figures=[Figure("answers", "Answers by year", draw_answers(rows, f"{shown['name']}: answers by year"), table)],
        lines=[{"section": "answer", "text": f"{answer['question']}: {answer['value'] or answer['state']}", "grade": "Known",
                "citation": answer["citation"]} for answer in shown["answers"] if answer["citation"]],
        letters=list(letters_about(site, as_of, subject=shown["key"])),
    )  # fmt: skip


def _of_system(site: Site, shown: dict[str, Any], as_of: dt.date) -> Parts:
    names = [name for name in list_figures(site) if name.partition("-")[0] == "stack"]
    operators = {operator.lower() for operator in shown["fields"]["operators"]}
    offices = {office.lower(): bureau.lower() for bureau, all_of in OFFICES.items() for office in all_of}
    wanted = {f"stack-{offices.get(operator, operator)}" for operator in operators}
    return Parts(
        shown["name"], shown["claims"][0]["says"], findings_of_system(site.register, shown["id"]),
        figures=[figure(site, name) for name in names if name in wanted],
        lines=questions.trace(site.register, shown["id"])["lines"],
        letters=list(letters_about(site, as_of, subject=shown["id"])),
    )  # fmt: skip


def _of_vendor(site: Site, shown: dict[str, Any], _: dt.date) -> Parts:
    lines = questions.trace(site.register, shown["id"])["lines"]
    awards = site.register.rows(
        "select distinct f.finding from findings f join awards a on a.award = f.subject, "
        "unnest(a.recipients) as r(recipient) join organisation_names n on n.name = r.recipient "
        "join organisations o using (organisation) where o.page = $page",
        {"page": shown["id"]},
    )
    name = f"chain-{shown['id']}"
    return Parts(
        shown["name"], shown["claims"][0]["says"],
        findings_named(site.register, sorted(finding for (finding,) in awards)),
        figures=[figure(site, name)] if name in list_figures(site) else [], lines=lines,
    )  # fmt: skip


def _of_award(site: Site, shown: dict[str, Any], _: dt.date) -> Parts:
    found = findings_of(site.register, [shown["id"]])
    return Parts(
        f"Award {shown['piid']}, {shown['agency']}", "A contract award, as the records of its actions show it.", found
    )


def _of_agency(site: Site, agency: str) -> Parts:
    names = [name for name in list_figures(site) if name in (f"stack-{agency.lower()}", f"matrix-{agency.lower()}")]
    counts = questions.count_findings(site.register, agency=agency)["rules"]
    rules = [{"rule": rule, "title": site.rules[rule]["title"], "counts": number} for rule, number in counts.items()]
    title = f"{site.agencies.get(agency, agency)}: what the rules found"
    table = [{"rule": rule["rule"], "title": rule["title"], **rule["counts"]} for rule in rules]
    found = questions.findings(site.register, agency=agency, outcome="gap")
    return Parts(
        site.agencies.get(agency, agency), "Gaps in the public record of this agency.", found, has_only_gaps=True,
        figures=[*(figure(site, name) for name in names), Figure("outcomes", title, draw_outcomes(rules, title), table)],
    )  # fmt: skip
