"""`custodiet packs`."""

import datetime as dt
from pathlib import Path
from typing import Annotated, Any

import typer

from custodiet.cli.output import CsvOption, JsonOption, XlsxOption, console, note, print_list, print_table
from custodiet.governance.packs import Pack, choose_pack, load_packs
from custodiet.governance.packs.describe import describe_pack, summarise_pack
from custodiet.governance.packs.texts import read_texts
from custodiet.model.errors import QuestionError
from custodiet.register.settings import packs_path

PacksOption = Annotated[
    Path | None, typer.Option("--packs", help="A folder of packs of your own. Default: CUSTODIET_PACKS, or none.")
]


def packs(
    pack: Annotated[str | None, typer.Argument(help="A pack, to show it whole.")] = None,
    texts: Annotated[
        Path | None, typer.Option("--texts", help="The publisher's own wording as JSON, to stand beside our titles.")
    ] = None,
    folder: PacksOption = None,
    as_of: Annotated[
        dt.datetime | None,
        typer.Option("--as-of", formats=["%Y-%m-%d"], help="The day on which a pack is stale or not. Default: today."),
    ] = None,
    json: JsonOption = False,
    csv: CsvOption = False,
    xlsx: XlsxOption = None,
) -> None:
    """List the packs of duties with their hashes, or show one: its entries, their grades, and what is not yet verified."""
    known = load_packs(packs_path(folder))
    day = as_of.date() if as_of else dt.datetime.now(dt.UTC).date()
    if pack is None:
        if texts is not None:
            raise QuestionError("`--texts` is one pack's wording; name the pack, as in `custodiet packs nist-ai-rmf-1.0`.")
        rows = [summarise_pack(each, day) for each in known.values()]
        print_list(
            rows, as_json=json, as_csv=csv, xlsx=xlsx, title="packs",
            columns=[
                ("pack", lambda r: r["pack"]), ("title", lambda r: r["title"]), ("version", lambda r: r["version"]),
                ("force", lambda r: r["force"]), ("entries", lambda r: r["entries"]), ("verified", lambda r: r["verified"]),
                ("verify by", lambda r: f"{r['verify_by']}{' (stale)' if r['stale'] else ''}"),
                ("sha256", lambda r: r["sha256"][:16]),
            ],
        )  # fmt: skip
        _note_stale(list(known.values()), day)
        return
    chosen = choose_pack(known, pack)
    data = describe_pack(chosen, day, read_texts(texts, chosen) if texts else None)
    _note_stale([chosen], day)
    if json or csv or xlsx:
        print_list(
            data["duties"] or data["laws"], as_json=json, as_csv=csv, xlsx=xlsx, title=chosen.id, columns=[], json_data=data,
        )  # fmt: skip
        return
    _print(data)


def _note_stale(found: list[Pack], day: dt.date) -> None:
    for each in found:
        if day > each.page.verify_by:
            note(
                f"{each.id} was to be verified anew by {each.page.verify_by}, and was not; hold it against its source first."
            )


def _say(text: str, style: str | None = None) -> None:
    console().print(text, style=style, markup=False, soft_wrap=True)


def _print(data: dict[str, Any]) -> None:
    _say(f"{data['title']} ({data['pack']}, version {data['version']})", "bold")
    _say(data["about"])
    _say(f"{data['force']}: {data['applies_to']}")
    source = data["source"]
    _say(f"{source['title']}, {source['publisher']}, {data['date']}. {source['url'] or ''}")
    if source["through"]:
        _say(f"Taken from: {source['through']}.")
    _say(f"Verify again by {data['verify_by']}. sha256 {data['sha256']}")
    for statement in data["says"]:
        _say(f"- {_marked(statement)}")
    for day in data["dates"]:
        _say(f"- {day['date']}: {_marked(day, 'what')}")
    for place in data["jurisdictions"]:
        asked = ", ".join(place["requires"]) or "no field seen"
        recalled = f"; recalled: {', '.join(place['recalled'])}" if place["recalled"] else ""
        _say(f"- {place['id']} ({_marked(place, 'title')}; {place['cite']}): {asked}{recalled}")
    if data["official_texts"] and data["official_texts"]["note"]:
        _say(data["official_texts"]["note"])
    if data["duties"] or not data["laws"]:
        print_table(
            data["duties"], "\nentries",
            [("id", lambda d: d["id"]), ("level", lambda d: d["level"]),
             ("title", lambda d: d["official_text"] or d["title"]), ("cite", lambda d: d["cite"]),
             ("due", lambda d: d["due"]), ("grade", lambda d: d["grade"])],
            all_rows=True,
        )  # fmt: skip
    if data["laws"]:
        print_table(
            data["laws"], "\nlaws (`custodiet requests laws ID` shows one whole)",
            [("id", lambda d: d["code"]), ("law", lambda d: d["law"]), ("cite", lambda d: d["citation"]),
             ("grade", lambda d: d["grade"])],
            all_rows=True,
        )  # fmt: skip
    for crosswalk in data["crosswalks"]:
        print_table(
            crosswalk["rows"], f"\n{crosswalk['title']} ({crosswalk['about']})",
            [("entry", lambda r: r["entry"]), ("cites", lambda r: ", ".join(r["cites"])),
             ("to", lambda r: ", ".join(r["to"])), ("", lambda r: "the row was cut off" if r["is_truncated"] else ""),
             ("grade", lambda r: r["grade"])],
            all_rows=True,
        )  # fmt: skip
    _say(
        "V: held against the text. S: from somebody's account of it. R: recalled. S and R are unverified; `--json` says what "
        "to verify."
    )


def _marked(entry: dict[str, Any], name: str = "says") -> str:
    return f"{entry[name]}" + (f" [{entry['unverified']}]" if entry["unverified"] else "")
