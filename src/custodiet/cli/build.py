"""`custodiet build`."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from custodiet.cli.add import ReleasesOption
from custodiet.cli.output import JsonOption, RegisterOption, console, note, print_json, print_table, tell_steps
from custodiet.model.words import OUTCOMES
from custodiet.questions.summary import summarise
from custodiet.store import open_register


def build(
    register: RegisterOption = None,
    mirror: Annotated[
        Path | None,
        typer.Option("--mirror", help="A folder of published files. Default: CUSTODIET_MIRROR, or the official URLs."),
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Build even if nothing has changed.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Use no network.")] = False,
    judgements: Annotated[
        Path | None,
        typer.Option("--judgements", help="Your judgement file. Default: CUSTODIET_JUDGEMENTS, or one in your data folder."),
    ] = None,
    releases: ReleasesOption = None,
    bench: Annotated[
        Path | None,
        typer.Option("--bench", help="A folder of the bench's reports, for findings. Default: CUSTODIET_BENCH."),
    ] = None,
    audits: Annotated[
        Path | None,
        typer.Option("--audits", help="A folder of `audit --out` folders, for findings. Default: CUSTODIET_AUDITS."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Build the register, and print what is in it."""
    from custodiet.register.build import build as build_register  # noqa: PLC0415 - other verbs need none of it

    started = time.monotonic()
    try:
        with tell_steps() as progress:
            built = build_register(
                register,
                mirror,
                fresh=fresh,
                offline=offline,
                judgements=judgements,
                releases=releases,
                bench=bench,
                audits=audits,
                progress=progress,
            )
    except KeyboardInterrupt:
        note("custodiet: stopped; the register is as it was.")
        raise typer.Exit(130) from None
    with open_register(built.path) as opened:
        summary = summarise(opened)
    if json:
        print_json({"register": str(built.path), "changed": built.changed, **summary})
        return
    for line in missing_lines(summary["sources"], set(built.lost)):
        note(line)
    print_summary(summary)
    what = "Built" if built.changed else "Nothing has changed since the last build of"
    console().print(f"\n{what} {built.path} ({time.monotonic() - started:.1f} s).", soft_wrap=True)


def missing_lines(releases: Sequence[Mapping[str, Any]], lost: set[str]) -> list[str]:
    """Return one line a source that lacks releases: which, why, and whether the register had them until now."""
    lines = []
    for source in dict.fromkeys(release["source"] for release in releases):
        missing = [r for r in releases if r["source"] == source and r["status"] == "missing"]
        if missing:
            names = ", ".join(r["release"] for r in missing)
            whys = "; ".join(dict.fromkeys(r["why"] for r in missing))
            had = " The register had it until now." if any(r["release"] in lost for r in missing) else ""
            lines.append(f"{source} is missing {names}: {whys}.{had}")
    return lines


def print_summary(summary: dict[str, Any]) -> None:
    """Print the register at a glance."""
    out = console()
    print_table(
        summary["sources"], "Sources",
        [("release", lambda r: r["release"]), ("rows", lambda r: f"{r['records']:,}" if r["records"] is not None else "—"),
         ("completeness", lambda r: r["completeness"]), ("why", lambda r: r["completeness_reason"])],
    )  # fmt: skip
    pages = ", ".join(f"{number} {kind} pages" for kind, number in summary["catalogue"]["pages"].items())
    claims = ", ".join(f"{number} {grade}" for grade, number in summary["catalogue"]["claims"].items())
    out.print(f"\n[bold]Catalogue[/bold]\n{pages}\nClaims: {claims}", soft_wrap=True)
    systems = ", ".join(f"{number} {grade}" for grade, number in summary["systems"].items())
    out.print(f"Systems by the grade of what they are: {systems}\n", soft_wrap=True)
    agencies = [{"agency": agency, **years} for agency, years in summary["use_cases"].items()]
    if agencies:
        years = [name for name in agencies[0] if name != "agency"]
        total = {"agency": "all", **{year: sum(row[year] for row in agencies) for year in years}}
        print_table(
            [*agencies, total], "Use cases by agency",
            [("agency", lambda r: r["agency"]), *((year, lambda r, y=year: r[y] or "·") for year in years)],
        )  # fmt: skip
        out.print()
    print_counts(summary["findings"], "Findings by rule")


def print_counts(counts: dict[str, Any], title: str) -> None:
    """Print how many findings of each outcome every rule has, and the split of gaps by their due date."""
    rows = [{"rule": rule, **numbers, **counts["timing"].get(rule, {})} for rule, numbers in counts["rules"].items()]
    print_table(
        rows, title,
        [("rule", lambda r: r["rule"]), *((o, lambda r, o=o: r[o]) for o in OUTCOMES),
         ("not yet due", lambda r: r.get("not-yet-due", "·")), ("overdue", lambda r: r.get("overdue", "·"))],
    )  # fmt: skip
    console().print(
        "A gap is not a violation. 'Not yet due' and 'overdue' compare the day on which the inventory was published with "
        "the day on which the duty falls due.", soft_wrap=True
    )  # fmt: skip
