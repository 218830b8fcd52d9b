"""`custodiet stack`."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from custodiet import questions
from custodiet.cli.output import JsonOption, RegisterOption, console, note, print_json, print_table
from custodiet.exports.describe import made_by, read_origin
from custodiet.exports.place import placing_file
from custodiet.register.settings import register_path
from custodiet.store import open_register

SIGNS = {"gap": "GAP", "clear": "clear", "cannot-tell": "?", "not-applicable": "·", None: "no entry"}


def stack(
    agency: Annotated[str, typer.Argument(help="An agency that runs systems of the catalogue: ICE, CBP, OBIM …")],
    out: Annotated[Path | None, typer.Option("--out", help="Draw it, on one page, to this SVG file.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that no Custodiet made.")] = False,
    register: RegisterOption = None,
    json: JsonOption = False,
) -> None:
    """Show an agency's stack: feeds, systems, the steps of a case that they serve, and what controls each."""
    with open_register(register_path(register)) as opened:
        found = questions.stack(opened, agency)
        origin = read_origin(opened, None)
    if out is not None:
        from custodiet.documents.drawings.stack import draw_stack  # noqa: PLC0415 - only a drawing needs it

        with placing_file(out, force=force) as draft:
            draft.write_text(draw_stack(found, note=made_by(origin)), "utf-8")
        note(f"Drew {len(found['systems'])} systems and {len(found['feeds'])} feeds to {out}.")
    if json:
        print_json(found)
    elif out is None:
        _print(found)


def _print(found: Mapping[str, Any]) -> None:
    print_table(
        found["systems"], f"the stack of {found['agency']}",
        [
            ("system", lambda s: s["name"]), ("grade", lambda s: s["grade"]), ("status", lambda s: s["status"]),
            ("feeds", lambda s: sum(flow["system"] == s["id"] for flow in found["flows"])),
            ("steps", lambda s: ", ".join(found["steps"][step] for step in s["steps"]) or "?"),
            *((name.lower(), lambda s, key=key: _cell(s["covers"][key])) for key, name in found["covers"].items()),
            ("practices", lambda s: _practices(s["practices"])),
            ("disputed", lambda s: sum(claim["about"] == "disputed" for claim in s["claims"])),
            ("open", lambda s: sum(claim["about"] == "unknown" for claim in s["claims"])),
        ],
        all_rows=True,
    )  # fmt: skip
    console().print(
        f"{found['does_not_show']} `--json` has every claim, flow and citation; `--out FILE.svg` draws it.", soft_wrap=True
    )


def _cell(cell: Mapping[str, Any]) -> str:
    return SIGNS[cell["outcome"]] + (" (feed's)" if cell.get("through") == "feed" else "")


def _practices(cells: Mapping[str, Mapping[str, Any]]) -> str:
    counted = Counter(cell["outcome"] for cell in cells.values())
    if set(counted) == {None}:
        return SIGNS[None]
    return ", ".join(f"{number} {outcome}" for outcome, number in counted.items())
