"""`custodiet draft`."""

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from custodiet.cli.docket_output import DocketOption, KeyOption
from custodiet.cli.output import JsonOption, RegisterOption, note, print_json, print_table
from custodiet.model.errors import QuestionError
from custodiet.model.text import echo
from custodiet.register.settings import docket_path, register_path
from custodiet.store import memory_register, open_register

if TYPE_CHECKING:
    from custodiet.documents.render import Form, Paper
    from custodiet.documents.words import Language


def draft(
    kind: Annotated[str | None, typer.Argument(help="The kind of document; `--list` shows them.")] = None,
    subject: Annotated[str | None, typer.Argument(help="What it is about: a use case, system, vendor or agency.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="The file; without one, Markdown goes to standard output.")
    ] = None,
    format: Annotated[  # noqa: A002 - the word of the command line
        str | None, typer.Option("--format", help="docx, pdf, html or md. Default: by the file's name.")
    ] = None,
    finding: Annotated[
        str | None, typer.Option("--finding", help="A finding's id, such as m-25-21-appeal:DHS-2577, in place of a subject.")
    ] = None,
    as_of: Annotated[
        dt.datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="The document's day. Default: today.")
    ] = None,
    answers: Annotated[
        Path | None, typer.Option("--answers", help="A YAML file that fills the blanks, as `--list --json` names them.")
    ] = None,
    audit: Annotated[Path | None, typer.Option("--audit", help="A folder that `custodiet audit` wrote.")] = None,
    bench: Annotated[Path | None, typer.Option("--bench", help="A folder of the bench's reports.")] = None,
    docket: DocketOption = None,
    key: KeyOption = None,
    set_answers: Annotated[
        list[str] | None, typer.Option("--set", help="One more answer, as NAME=ANSWER; may be repeated.")
    ] = None,
    language: Annotated[str, typer.Option("--language", help="en or es, where the kind is there in it.")] = "en",
    paper: Annotated[str, typer.Option("--paper", help="letter or a4, for docx and pdf.")] = "letter",
    list_all: Annotated[bool, typer.Option("--list", help="Show the kinds: who sends them to whom, about what.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the file that is there.")] = False,
    register: RegisterOption = None,
    json: JsonOption = False,
) -> None:
    """Draft a letter, memo or report in which every sentence of fact has a footnote to its citation."""
    from custodiet.documents.draft import draft as write  # noqa: PLC0415 - no other verb needs it
    from custodiet.documents.kind import find_kind  # noqa: PLC0415
    from custodiet.documents.render import render  # noqa: PLC0415
    from custodiet.documents.words import WORDS  # noqa: PLC0415
    from custodiet.exports.place import placing_file  # noqa: PLC0415

    if list_all:
        _list(as_json=json)
        return
    if kind is None:
        raise QuestionError("Name the kind of document to draft; `custodiet draft --list` shows them.")
    form = _form(format, out)
    if language not in WORDS:
        raise QuestionError(f"{echo(language)} is no language of our documents; choose one of {', '.join(WORDS)}.")
    if paper not in ("letter", "a4"):
        raise QuestionError(f"{echo(paper)} is no size of paper; choose letter or a4.")
    day = as_of.date() if as_of else dt.date.today()  # noqa: DTZ011 - the user's own day
    chosen = find_kind(kind, cast("Language", language)).kind
    from_docket = chosen.rests_on == "docket"
    with memory_register() if from_docket else open_register(register_path(register)) as opened:
        document = write(
            kind, opened, subject, as_of=day, language=cast("Language", language), finding=finding, answers=answers,
            audit=audit, bench=bench, docket=docket_path(docket) if from_docket else docket, key=key,
            set_answers=set_answers or (),
        )  # fmt: skip
    content = render(document, form, paper=cast("Paper", paper))
    if out is None:
        sys.stdout.write(content.decode())
        return
    with placing_file(out, force=force) as place:
        place.write_bytes(content)
    blanks = document.markdown.count("**\\[ ")
    filled = f" {blanks} blanks are for you to fill." if blanks > 1 else " 1 blank is for you to fill." if blanks else ""
    note(f"Wrote {out}.{filled}")


def _form(format: str | None, out: Path | None) -> "Form":  # noqa: A002 - the word of the command line
    """Return the form that was asked for, by name or by the file's ending."""
    from custodiet.documents.render import FORMS  # noqa: PLC0415

    named = format.lower() if format else None
    ending = out.suffix.lower().lstrip(".") if out else "md"
    if named is not None and named not in FORMS:
        raise QuestionError(f"{echo(named)} is no form of a document; choose one of {', '.join(FORMS)}.")
    if out is None and named in ("docx", "pdf"):
        raise QuestionError(f"A {named} file goes to a file; name one with `--out FILE.{named}`.")
    if named is not None and out is not None and ending in FORMS and ending != named:
        raise QuestionError(f"{out}: its name says {ending}, and `--format` says {named}; mend one of them.")
    chosen = named or ending
    if chosen not in FORMS:
        raise QuestionError(f"{out}: its name ends in no form of a document; say which with `--format`: {', '.join(FORMS)}.")
    return chosen


def _list(*, as_json: bool) -> None:
    from custodiet.documents.kind import list_kinds  # noqa: PLC0415

    kinds = [page.kind for page in list_kinds()]
    if as_json:
        print_json([kind.model_dump() for kind in kinds])
        return
    print_table(
        [kind.model_dump() for kind in kinds], "Kinds of documents",
        [("kind", lambda k: k["kind"]), ("language", lambda k: k["language"]),
         ("about", lambda k: " or ".join(k["subjects"])),
         ("from", lambda k: k["sender"]), ("to", lambda k: k["to"]), ("what it is", lambda k: k["about"])],
        all_rows=True,
    )  # fmt: skip
