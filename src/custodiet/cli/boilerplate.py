"""`custodiet boilerplate`."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from custodiet.cli.output import CsvOption, JsonOption, XlsxOption, console, print_list, shorten


def boilerplate(
    reports: Annotated[list[Path], typer.Argument(help="Two reports or more: PDF, Word, HTML, Markdown or plain text.")],
    run: Annotated[int, typer.Option("--run", help="How many words in a row count as shared.")] = 8,
    shown: Annotated[int, typer.Option("--passages", help="How many of the longest passages to show of each pair.")] = 5,
    json: JsonOption = False,
    csv: CsvOption = False,
    xlsx: XlsxOption = None,
) -> None:
    """Tell how much of a submitted report is word for word another's, with the longest passages."""
    from custodiet.documents.boilerplate import compare_reports  # noqa: PLC0415 - no other verb needs it
    from custodiet.documents.reading import read_report  # noqa: PLC0415

    found = compare_reports([(str(path), read_report(path)) for path in reports], run=run, shown=shown)
    records = [
        {
            "report": each.of, "within": each.within, "words": each.words, "shared": each.shared,
            "share": round(each.share, 4), "passages": [asdict(passage) for passage in each.passages],
        }
        for each in found
    ]  # fmt: skip
    flat = [{name: value for name, value in record.items() if name != "passages"} for record in records]
    print_list(
        flat, as_json=json, as_csv=csv, xlsx=xlsx, title=f"Words that stand in runs of {run} or more in another report",
        columns=[("report", lambda r: r["report"]), ("stands in", lambda r: r["within"]),
                 ("words", lambda r: f"{r['words']:,}"), ("shared", lambda r: f"{r['shared']:,}"),
                 ("%", lambda r: f"{100 * r['share']:.1f}")],
        json_data=records,
    )  # fmt: skip
    if json or csv or xlsx:
        return
    # A pair's passages are the same from either side.
    for each in found:
        if each.passages and str(each.of) <= str(each.within):
            console().print(f"\n{each.of} and {each.within}", style="bold", markup=False)
            for passage in each.passages:
                console().print(f"  {passage.words:,} words: {shorten(passage.text, 400)}", markup=False, soft_wrap=True)
    console().print(
        "\nForms, laws that are quoted, and definitions are shared for good reason: read the passages before the share.",
        soft_wrap=True,
    )
