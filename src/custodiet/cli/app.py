"""The command `custodiet`: all verbs in one place, and errors as one sentence."""

import errno
import importlib.metadata
import os
import re
import sys
from typing import Annotated

import typer
from typer._click.exceptions import NoArgsIsHelpError, UsageError

from custodiet.cli import (
    add,
    assess,
    audit,
    awards,
    bench,
    boilerplate,
    build,
    bundle,
    cite,
    compare,
    diff,
    docket,
    draft,
    export,
    fetch,
    findings,
    judge,
    matrix,
    notices,
    packs,
    publish,
    reliance,
    requests,
    resolve,
    risks,
    rules,
    search,
    serve,
    show,
    sources,
    spend,
    stack,
    trace,
)
from custodiet.model.beside import wait_for_all
from custodiet.model.errors import CustodietError
from custodiet.model.text import echo, tidy

# Seconds that a failed command waits for work beside it, such as the hashing of a large file.
LONGEST_TASK = 30.0

app = typer.Typer(
    name="custodiet",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("build")(build.build)
app.command("add")(add.add)
app.command("fetch")(fetch.fetch)
app.command("sources")(sources.sources)
app.command("findings")(findings.findings)
app.command("show")(show.show)
app.command("spend")(spend.spend)
app.command("awards")(awards.awards)
app.command("matrix")(matrix.matrix)
app.command("stack")(stack.stack)
app.command("trace")(trace.trace)
app.command("dependence")(reliance.dependence)
app.command("exposure")(reliance.exposure)
app.command("notices")(notices.notices)
app.command("resolve")(resolve.resolve)
app.command("search")(search.search)
app.command("diff")(diff.diff)
app.command("compare")(compare.compare)
app.command("cite")(cite.cite)
app.command("bundle")(bundle.bundle)
app.command("export")(export.export)
app.command("draft")(draft.draft)
app.command("boilerplate")(boilerplate.boilerplate)
app.command("rules")(rules.rules)
app.command("serve")(serve.serve)
app.command("publish")(publish.publish)
app.command("packs")(packs.packs)
app.command("assess")(assess.assess_subject)
app.command("risks")(risks.risks)
app.command("audit")(audit.audit)
app.add_typer(judge.app, name="judge")
app.add_typer(requests.app, name="requests")
app.add_typer(bench.app, name="bench")
app.add_typer(docket.app, name="docket")


def _print_version(wanted: bool) -> None:
    if wanted:
        print(importlib.metadata.version("custodiet"))  # noqa: T201
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Hold government surveillance AI to account, from published records, with a citation down to the cell."""


def _sentence(error: UsageError) -> str:
    """Return what is wrong with a command line as one sentence that says where the help is."""
    wrong = tidy(error.format_message()).rstrip(".")
    wrong = re.sub(r"'([^']{61,})'|\S{61,}", lambda found: echo(found[1] or found[0]), wrong)
    command = error.ctx.command_path if error.ctx else "custodiet"
    return f"{wrong}; `{command} --help` says how to ask."


def main() -> None:
    """Run the command line; what goes wrong is one sentence on standard error, and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()
        sys.exit(code if isinstance(code, int) else 0)
    except UsageError as error:
        if isinstance(error, NoArgsIsHelpError):
            # Asked nothing, the command shows its help; that error carries it.
            error.show()
        else:
            print(f"custodiet: {_sentence(error)}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    except CustodietError as error:
        print(f"custodiet: {error}", file=sys.stderr)  # noqa: T201
        wait_for_all(LONGEST_TASK)
        sys.exit(2)
    except (MemoryError, ImportError) as error:
        # A library that does not fit is an ImportError; any other of those is a fault of ours.
        if isinstance(error, ImportError) and not re.search("map segment|allocate memory", str(error)):
            raise
        print("custodiet: this takes more memory than there is; use a larger machine, or less data.", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    except OSError as error:
        if error.errno == errno.EPIPE:
            # The reader of our pipe has seen enough.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
        print(f"custodiet: the answer can't be written ({error.strerror}); is the disk full?", file=sys.stderr)  # noqa: T201
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(2)
