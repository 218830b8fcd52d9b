"""`custodiet show`."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from custodiet import questions
from custodiet.cli.output import JsonOption, RegisterOption, console, print_json, print_table, shorten
from custodiet.exports.cells import cite_as_text
from custodiet.register.settings import register_path
from custodiet.store import open_register


def show(
    names: Annotated[
        list[str],
        typer.Argument(help="Published ids, slugs, aliases or award numbers. Two use cases are shown side by side."),
    ],
    register: RegisterOption = None,
    json: JsonOption = False,
) -> None:
    """Show a use case, system, vendor, feed, authority or award whole, every value with its citation and state."""
    with open_register(register_path(register)) as opened:
        found = [questions.show(opened, name) for name in names]
    if json:
        print_json(found[0] if len(found) == 1 else found)
    elif len(found) > 1 and all(each.get("kind") == "use-case" for each in found):
        _print_side_by_side(found)
    else:
        for name, each in zip(names, found, strict=True):
            if "candidates" in each:
                print_table(
                    each["candidates"], f"{name!r} may mean any of these; show one by its id",
                    [("id", lambda c: c["id"]), ("kind", lambda c: c["kind"]), ("year", lambda c: c["year"]),
                     ("agency", lambda c: c["agency"]), ("bureau", lambda c: c["bureau"]), ("name", lambda c: c["name"])],
                )  # fmt: skip
            elif each["kind"] == "use-case":
                _print_use_case(each)
            elif each["kind"] == "award":
                _print_award(each)
            else:
                _print_page(each)


def _said(answer: Mapping[str, Any], length: int = 400) -> str:
    if answer["value"] is None:
        text = f' "{shorten(answer["text"], 80)}"' if answer["text"] and answer["text"].strip() else ""
        return f"({answer['state']}){text}"
    if answer["value"] == answer["state"]:
        return f"{answer['value']}, by the agency's answer" if answer["value"] == "not-applicable" else answer["value"]
    return shorten(answer["value"], length)


def _where(answer: Mapping[str, Any]) -> str:
    citation = answer["citation"]
    return f"row {citation['row']} {shorten(citation['column'], 34)}" if citation else ""


def _heading(case: Mapping[str, Any]) -> str:
    return f"{case['id']}  {case['name']} — {case['bureau'] or ''} ({case['agency_name']}), {case['year']}"


def _print_use_case(case: Mapping[str, Any]) -> None:
    out = console()
    out.print(_heading(case), style="bold", markup=False)
    for record in case["records"]:
        place = "first" if record["is_primary"] else "also"
        out.print(f"  {place}: {record['release']} row {record['row']}", markup=False)
    asked = [answer for answer in case["answers"] if answer["state"] != "not-asked"]
    print_table(
        asked, f"\nAnswers ({len(case['answers']) - len(asked)} questions that this year's form does not ask are left out)",
        [("question", lambda a: a["question"]), ("answer", _said), ("cell", _where)], all_rows=True,
    )  # fmt: skip
    if case["disagreements"]:
        print_table(
            case["disagreements"], "\nCells on which the releases disagree",
            [("question", lambda d: d["question"]), ("first", lambda d: f"{_said(d['first'], 80)} · {d['first']['release']}"),
             ("also", lambda d: f"{_said(d['second'], 80)} · {d['second']['release']}")],
        )  # fmt: skip
    for other in case["other_years"]:
        by = f", judged by {other['by_whom']}" if other["by_whom"] else ""
        out.print(f"\nIn {other['year']}: {other['id']} {other['name']} ({other['basis']}{by})", markup=False, soft_wrap=True)
    for page in case["pages"]:
        out.print(f"\nIn the catalogue: {page['kind']} {page['id']} ({page['name']})", markup=False)
    _print_findings(case["findings"])


def _print_findings(found: Sequence[Mapping[str, Any]]) -> None:
    telling = [finding for finding in found if finding["outcome"] != "not-applicable"]
    print_table(
        telling, f"\nFindings ({len(found) - len(telling)} rules do not apply)",
        [("rule", lambda f: f["rule"]),
         ("outcome", lambda f: f["outcome"] + (f" ({f['timing']})" if f["timing"] else "")),
         ("grade", lambda f: f["grade"]), ("reason", lambda f: f["reason"])],
        all_rows=True,
    )  # fmt: skip
    if telling:
        console().print("A gap is not a violation; `custodiet rules RULE` says what a rule cannot show.")


def _print_side_by_side(cases: Sequence[Mapping[str, Any]]) -> None:
    for case in cases:
        console().print(_heading(case), style="bold", markup=False)
    rows = []
    for answers in zip(*(case["answers"] for case in cases), strict=True):
        if any(answer["state"] != "not-asked" for answer in answers):
            same = len({(answer["value"], answer["state"]) for answer in answers}) == 1
            rows.append({"question": answers[0]["question"], "answers": answers, "differs": not same})
    differing = sum(row["differs"] for row in rows)
    print_table(
        rows, f"\n{differing} of {len(rows)} answers differ (≠)",
        [("", lambda r: "≠" if r["differs"] else "="), ("question", lambda r: r["question"]),
         *((case["id"], lambda r, i=i: f"{_said(r['answers'][i], 220)}  [{_where(r['answers'][i])}]")
           for i, case in enumerate(cases))],
        all_rows=True,
    )  # fmt: skip
    for case in cases:
        console().print(f"\n{case['id']}", style="bold", markup=False)
        _print_findings(case["findings"])


def _print_award(award: Mapping[str, Any]) -> None:
    out = console()
    out.print(f"Award {award['piid']} of {award['agency']} to {'; '.join(award['recipients'])}", style="bold", markup=False)
    if award["parent_piid"]:
        out.print(f"  under {award['parent_piid']}", markup=False)
    out.print(f"  {shorten(award['description'], 300)}", markup=False, soft_wrap=True)
    out.print(f"  {award['product_service']}; {award['industry']}", markup=False, soft_wrap=True)
    if award["categories"]:
        out.print(f"  Shows, by the lexicon: {', '.join(award['categories'])}", markup=False, soft_wrap=True)
    print_table(
        award["acts"], "\nActions",
        [("day", lambda a: a["action_date"]), ("modification", lambda a: a["modification"]),
         ("obligation $", lambda a: f"{float(a['obligation']):,.2f}"), ("recipient", lambda a: a["recipient"]),
         ("description", lambda a: shorten(a["description"], 120)),
         ("cell", lambda a: f"{a['citation']['release']} row {a['citation']['row']}")],
    )  # fmt: skip
    for summary in award["summaries"]:
        out.print(
            f"\nIn {summary['release']} row {summary['row']}: obligated ${float(summary['obligated'] or 0):,.2f}, "
            f"current value ${float(summary['current_value'] or 0):,.2f}, "
            f"potential value ${float(summary['potential_value'] or 0):,.2f}; "
            f"{summary['competition'] or 'competition not said'}; offers {summary['offers'] or 'not said'}; "
            f"subawards {summary['subawards']}.",
            markup=False, soft_wrap=True,
        )  # fmt: skip
    actions = "1 action obligates" if award["actions"] == 1 else f"{award['actions']:,} actions obligate"
    out.print(
        f"{actions} ${float(award['obligations']):,.2f} in the files at hand. That is not the "
        "award's value, ceiling or outlay.", soft_wrap=True,
    )  # fmt: skip


def _print_page(page: Mapping[str, Any]) -> None:
    out = console()
    out.print(f"{page['name']} — {page['kind']} {page['id']}", style="bold", markup=False)
    if page["aliases"]:
        out.print(f"  also: {', '.join(page['aliases'])}", markup=False, soft_wrap=True)
    for name, value in page["fields"].items():
        if value:
            shown = ", ".join(map(str, value)) if isinstance(value, list) else value
            out.print(f"  {name.replace('_', ' ')}: {shown}", markup=False, soft_wrap=True)
    for relation, targets in page["links"].items():
        shown = ", ".join(f"{target['id']}" + (f" ({target['name']})" if target["name"] else "") for target in targets)
        out.print(f"  {relation.replace('_', ' ')}: {shown}", markup=False, soft_wrap=True)
    if page["named_by"]:
        out.print(f"  named by: {', '.join(each['id'] for each in page['named_by'])}", markup=False, soft_wrap=True)
    for claim in page["claims"]:
        out.print(f"\n[{claim['grade']}] {claim['about']}: {claim['says']}", markup=False, soft_wrap=True)
        route = f"public by {claim['public_by']}" if claim["public_by"] else ""
        since = f" since {claim['public_since']}" if claim["public_since"] else ""
        out.print(
            f"    {claim['grade_reason']}{'; ' + route + since if route else ''}",
            style="dim",
            markup=False,
            soft_wrap=True,
        )
        for premise in claim["premises"]:
            out.print(f"    follows from: {premise}", markup=False, soft_wrap=True)
        for source in claim["sources"]:
            out.print(f"    {_source(source)}", markup=False, soft_wrap=True)
        if claim["would_settle"]:
            out.print(f"    would settle it: {claim['would_settle']}", markup=False, soft_wrap=True)


def _source(source: Mapping[str, Any]) -> str:
    mark = "against: " if source["stance"] == "contradicts" else ""
    place = source["url"] or source["place"] or ""
    if source["citation"]:
        cell = f' "{shorten(source["cell"], 120)}"' if source["cell"] else " (an empty cell)"
        place = f"{cite_as_text(source['citation'])}:{cell}"
    date = f", {source['date']}" if source["date"] else ""
    repeats = f" (repeats {source['repeats']})" if source["repeats"] else ""
    held = "" if source["citation"] else " [cited, not held here]"
    if source["award"]:
        held = f" [held here: show {source['award']}]"
    return f"{mark}{source['title']} ({source['publisher']}{date}){repeats} {place}{held}"
