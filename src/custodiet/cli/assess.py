"""`custodiet assess`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from custodiet.cli.output import CsvOption, JsonOption, RegisterOption, XlsxOption, console, note, print_list, print_table
from custodiet.cli.packs import PacksOption
from custodiet.governance.answers import Answers, read_answers
from custodiet.governance.assess import Assessment, assess
from custodiet.register.settings import bench_path, packs_path, register_path
from custodiet.store import Register, open_register

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

AnswersOption = Annotated[
    Path | None, typer.Option("--answers", help="A file of signed answers (YAML); they stand beside the evidence.")
]
BenchOption = Annotated[
    Path | None, typer.Option("--bench", help="A folder of the bench's reports. Default: CUSTODIET_BENCH, or none.")
]
AuditOption = Annotated[Path | None, typer.Option("--audit", help="The `--out` folder of an audit.")]
OscalOption = Annotated[Path | None, typer.Option("--oscal", help="Write OSCAL assessment results (JSON) to this file.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace an OSCAL file that is no export of ours.")]


def assess_subject(
    subject: Annotated[
        str, typer.Argument(help="A use case (DHS-2577), a system (mobile-fortify), or your own product with --answers.")
    ],
    pack: Annotated[str, typer.Option("--pack", help="The pack of duties; `custodiet packs` lists them.")],
    answers: AnswersOption = None,
    bench: BenchOption = None,
    audit: AuditOption = None,
    jurisdiction: Annotated[
        str | None, typer.Option("--jurisdiction", help="Only what this place's own law asks, such as oakland.")
    ] = None,
    packs: PacksOption = None,
    register: RegisterOption = None,
    json: JsonOption = False,
    csv: CsvOption = False,
    xlsx: XlsxOption = None,
    oscal: OscalOption = None,
    force: ForceOption = False,
) -> None:
    """Hold a use case, a system or a vendor's product against a pack: which duties are met, partly, not, or unknown."""
    given = read_answers(answers) if answers else None
    with opened(register, answers=given, others=(audit, bench)) as register_:
        found = assess(
            register_, subject, pack, answers=given, bench=bench_path(bench), audit=audit, jurisdiction=jurisdiction,
            packs=packs_path(packs),
        )  # fmt: skip
        if oscal is not None:
            from custodiet.exports.oscal import write_results  # noqa: PLC0415 - only this option needs it

            write_results(oscal, found, (), register_, force=force)
            note(f"Wrote {oscal}.")
    if oscal is None or json or csv or xlsx:
        _print(found, json=json, csv=csv, xlsx=xlsx)


def opened(
    path: Path | None, *, answers: Answers | None, others: tuple[Path | None, ...]
) -> "AbstractContextManager[Register | None]":
    """Return the register, or nothing where none was built and there is something else to go by."""
    import contextlib  # noqa: PLC0415

    file = register_path(path)
    if path is None and not file.exists() and (answers or any(others)):
        return contextlib.nullcontext()
    return open_register(file)


def _print(found: Assessment, *, json: bool, csv: bool, xlsx: Path | None) -> None:
    data = found.as_data()
    if json or csv or xlsx:
        print_list(data["duties"], as_json=json, as_csv=csv, xlsx=xlsx, title=found.pack.id, columns=[], json_data=data)
        return
    out = console()
    office = f", {found.subject.agency} {found.subject.bureau or ''}".rstrip() if found.subject.agency else ""
    out.print(f"{found.subject.name} ({found.subject.id}{office})", style="bold", markup=False, soft_wrap=True)
    out.print(f"{found.pack.page.title}. Applies to: {found.pack.page.applies_to}.", markup=False, soft_wrap=True)
    out.print(", ".join(f"{status} {number}" for status, number in data["counts"].items()) + ".")
    print_table(
        data["duties"], "",
        [("duty", lambda d: d["duty"]), ("title", lambda d: d["title"] + (" [unverified]" if d["unverified"] else "")),
         ("status", lambda d: d["status"]), ("by", lambda d: d["basis"]), ("due", lambda d: d["due"]),
         ("why", lambda d: d["why"])],
        all_rows=True,
    )  # fmt: skip
    for text in found.notes:
        out.print(text, markup=False, soft_wrap=True)
    out.print(
        "Met means that the record says so. Unknown is never met, and a duty that is not met is no finding of a violation. "
        "`--json` has the evidence with its citations.", soft_wrap=True,
    )  # fmt: skip
