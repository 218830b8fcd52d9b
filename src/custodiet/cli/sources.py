"""`custodiet sources`."""

from custodiet import questions
from custodiet.cli.output import CsvOption, JsonOption, RegisterOption, XlsxOption, console, print_list, shorten
from custodiet.register.settings import register_path
from custodiet.store import open_register


def sources(
    register: RegisterOption = None, json: JsonOption = False, csv: CsvOption = False, xlsx: XlsxOption = None
) -> None:
    """Show what the register was made from, and what was strange in it."""
    with open_register(register_path(register)) as opened:
        found = questions.sources(opened)
    print_list(
        found, as_json=json, as_csv=csv, xlsx=xlsx, title="sources",
        columns=[
            ("release", lambda r: r["release"]), ("sha256", lambda r: r["sha256"][:12]),
            ("rows", lambda r: f"{r['rows']:,}" if r["rows"] is not None else "—"), ("taken", lambda r: len(r["taken"])),
            ("left out", lambda r: len(r["left_out"])),
            ("unknown values", lambda r: sum(value["count"] for value in r["unknown_values"])),
            ("assertions held", lambda r: len(r["assertions_held"])),
            ("completeness", lambda r: r["completeness"]),
        ],
    )  # fmt: skip
    if json or csv or xlsx:
        return
    out = console()
    for release in found:
        out.print(
            f"\n[bold]{release['release']}[/bold]  {release['publisher']}, {release['published'] or 'undated'}",
            soft_wrap=True,
        )
        if release["status"] != "read":
            out.print(f"  missing: {release['why']}", soft_wrap=True)
            continue
        out.print(f"  {release['file']}  sha256 {release['sha256']}", soft_wrap=True)
        out.print(f"  held: {'; '.join(release['assertions_held'])}", soft_wrap=True)
        for part in release["superseded"]:
            out.print(
                f"  history: {part['rows']:,} rows of {part['agency']} FY{part['fiscal_year']} gave way to {part['by']}",
                soft_wrap=True,
            )
        for left in release["left_out"]:
            out.print(f"  left out: {shorten(left['column'], 60)} ({left['why']})", soft_wrap=True, markup=False)
        for value in release["unknown_values"]:
            out.print(
                f"  unknown: {shorten(value['column'], 50)} = {shorten(value['text'], 80)!r}, {value['count']} times",
                soft_wrap=True, markup=False,
            )  # fmt: skip
        for cell in release["stray_cells"]:
            out.print(f"  stray, under the last record: {cell}", soft_wrap=True, markup=False)
