"""`custodiet audit`."""

import importlib.metadata
import os
import platform
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from custodiet.cli.output import JsonOption, console, note, print_json, print_table, tell_steps
from custodiet.model.errors import InputError, QuestionError

MANIFEST = "manifest.json"
# What an earlier audit of another log may have left, and this one need not write.
OUTPUTS = ("publishable.csv",)

if TYPE_CHECKING:
    from custodiet.access_log.log import Log, Options
    from custodiet.store.key import Key


def audit(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Released logs: CSV, XLSX, PDF with text, or zips of these.")
    ] = None,
    producer: Annotated[str | None, typer.Option("--producer", help='Whose log it is, such as "Town WA PD".')] = None,
    jurisdiction: Annotated[
        str | None, typer.Option("--jurisdiction", help="Whose law applies, such as us-wa. Default: the producer's state.")
    ] = None,
    policy: Annotated[Path | None, typer.Option("--policy", help="The agency's own policy, as YAML.")] = None,
    sharing: Annotated[
        Path | None, typer.Option("--sharing", help="The list of shared networks, with its date in its name.")
    ] = None,
    time_zone: Annotated[
        str | None, typer.Option("--time-zone", help="The agency's own, such as America/Los_Angeles.")
    ] = None,
    profile: Annotated[
        Path | None,
        typer.Option("--profile", help="Your own profile of the columns, as YAML; or the id of a shipped one."),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option("--key", help="The project's key. Default: CUSTODIET_KEY_FILE, or one in your config folder."),
    ] = None,
    k: Annotated[int, typer.Option("--k", min=2, help="The fewest searches that a breakdown shows.")] = 10,
    out: Annotated[Path | None, typer.Option("--out", help="Write the report and the kept log into this folder.")] = None,
    against: Annotated[
        Path | None, typer.Option("--against", help="The `--out` folder of another audit, to compare.")
    ] = None,
    release_check: Annotated[
        bool, typer.Option("--release-check", help="Say what of it can be published; with `--out`, write that file.")
    ] = False,
    make_sample: Annotated[
        int | None, typer.Option("--make-sample", help="Write a made-up log of so many rows to the file named, and stop.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Measure released query logs of plate readers, and hold them against law and policy, exposing nobody."""
    given = files or []
    if make_sample is not None:
        _make_sample(make_sample, given)
        return
    if not given:
        raise QuestionError("Name the released files, as in `custodiet audit log.csv`.")
    from custodiet.access_log.key import load_key  # noqa: PLC0415 - other verbs need none of it
    from custodiet.access_log.log import Options  # noqa: PLC0415
    from custodiet.access_log.policy import read_policy  # noqa: PLC0415
    from custodiet.access_log.profiles import find_profile  # noqa: PLC0415

    options = Options(
        producer=producer, jurisdiction=jurisdiction, time_zone=time_zone, sharing=sharing, k=k,
        policy=read_policy(policy) if policy else None, profile=find_profile(profile) if profile else None,
    )  # fmt: skip
    _check_jurisdiction(jurisdiction)
    loaded = load_key(key)
    if loaded.is_new:
        note(
            f"Made a new key in {loaded.path}. Keep it, and keep it apart from the data: under another key no token matches."
        )
    try:
        result = _run(given, options, loaded, out, against, release_check=release_check)
    except KeyboardInterrupt:
        note("custodiet: stopped; nothing was written.")
        raise typer.Exit(130) from None
    if json:
        print_json(result)
    else:
        _print(result, out)


def _make_sample(rows: int, files: list[Path]) -> None:
    from custodiet.access_log.sample import make_sample  # noqa: PLC0415

    if len(files) != 1:
        raise QuestionError("Name one file for the sample, as in `custodiet audit --make-sample 1000 sample.csv`.")
    make_sample(rows, files[0])
    note(f"Wrote {rows:,} made-up rows to {files[0]}.")


def _check_jurisdiction(given: str | None) -> None:
    import re  # noqa: PLC0415

    from custodiet.access_log.searchers import read_words  # noqa: PLC0415

    if given and not (re.fullmatch(r"us-[a-z]{2}", given.lower()) and given[3:].upper() in read_words().states):
        raise QuestionError(f"{given!r} is no jurisdiction that this version knows; write it like us-wa.")


def _run(
    files: list[Path], options: "Options", key: "Key", out: Path | None, against: Path | None, *, release_check: bool
) -> dict[str, Any]:
    from custodiet.access_log.compare import compare_logs  # noqa: PLC0415
    from custodiet.access_log.integrity import check_integrity  # noqa: PLC0415
    from custodiet.access_log.log import open_log  # noqa: PLC0415
    from custodiet.access_log.measures import list_organisations, measure  # noqa: PLC0415
    from custodiet.access_log.release_check import check_release  # noqa: PLC0415
    from custodiet.rules.logs import judge_log  # noqa: PLC0415

    with tell_steps() as tell:
        tell("Reading the log")
        with open_log(files, key, options) as log:
            tell("Measuring")
            measures = measure(log)
            result: dict[str, Any] = {
                "about": {"producer": options.producer, "jurisdiction": log.jurisdiction, "k": options.k},
                "measures": [one.as_record() for one in measures],
                "organisations": list_organisations(log),
                "integrity": check_integrity(log),
            }
            tell("Running the rules")
            result["findings"] = [finding.as_record() for finding in judge_log(log)]
            if against:
                result["against"] = compare_logs(log, measures, against, key)
            if release_check:
                result["release_check"] = check_release(log)
            result["manifest"] = _manifest(log, key)
            if out:
                tell("Writing the report")
                _write(log, key, result, out)
    return result


def _manifest(log: "Log", key: "Key") -> dict[str, Any]:
    """Return what made this result: the same files, settings and versions give the same bytes."""
    import duckdb  # noqa: PLC0415

    from custodiet.access_log.lexicons import read_lexicons  # noqa: PLC0415

    options = log.options
    return {
        "files": [
            {"file": file.reading.name, "sha256": file.reading.released.sha256, "bytes": file.reading.released.size,
             "profile": file.reading.fit.profile.id, "profile_evidence": file.reading.fit.profile.evidence}
            for file in log.files
        ],
        "sharing": {"file": log.sharing.name, "sha256": log.sharing.sha256} if log.sharing else None,
        "settings": {
            "producer": options.producer, "jurisdiction": log.jurisdiction, "time_zone": options.time_zone, "k": options.k,
            "policy": options.policy.model_dump(mode="json") if options.policy else None,
        },
        "versions": {
            "custodiet": importlib.metadata.version("custodiet"), "duckdb": duckdb.__version__,
            "python": platform.python_version(),
            "lexicons": {one.id: one.version for one in read_lexicons()},
        },
        # Nothing here is drawn at random; a survey drawn from this log takes this seed.
        "seed": log.merkle_root[:16],
        "key_fingerprint": key.fingerprint(),
        "merkle_root": log.merkle_root,
        "merkle_salt": log.merkle_salt.hex(),
    }  # fmt: skip


def _write(log: "Log", key: "Key", result: dict[str, Any], out: Path) -> None:
    """Write everything beside its place, and move it there when all of it is whole."""
    from custodiet.access_log.keep import keep_log, open_kept  # noqa: PLC0415
    from custodiet.access_log.release_check import PUBLISHABLE, write_publishable  # noqa: PLC0415
    from custodiet.documents.audit_report import render_report  # noqa: PLC0415
    from custodiet.model.beside import Beside  # noqa: PLC0415
    from custodiet.store.drafts import remove_abandoned  # noqa: PLC0415

    draft = out / f".audit.building-{os.getpid()}"
    try:
        out.mkdir(parents=True, exist_ok=True)
        remove_abandoned(out / "audit", "building")
        draft.mkdir()
        with open_kept(log, draft):
            # Drawing and typesetting keep one processor busy.
            report = Beside(lambda: render_report(result))
            try:
                keep_log(log, key)
            finally:
                report.wait()
        for name, content in report.result().items():
            (draft / name).write_bytes(content)
        if "release_check" in result:
            write_publishable(log, draft / PUBLISHABLE)
        _publish(draft, out)
    except OSError as error:
        raise InputError(f"{out}: can't be written to ({error.strerror}); choose another folder with `--out DIR`.") from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _publish(draft: Path, out: Path) -> None:
    """Move what was written to its place: all of it, and nothing of an earlier audit stays.

    The manifest goes first and comes last, so that a folder with a manifest is of one audit; of two that end at once, one
    waits for the other.
    """
    from custodiet.store.drafts import locked  # noqa: PLC0415

    with locked(out):
        for name in (MANIFEST, *OUTPUTS):
            (out / name).unlink(missing_ok=True)
        for name in sorted((path.name for path in draft.iterdir()), key=lambda name: (name == MANIFEST, name)):
            (draft / name).replace(out / name)


def _print(result: dict[str, Any], out: Path | None) -> None:
    from custodiet.access_log.figures import list_figures  # noqa: PLC0415

    for warning in result["integrity"]["warnings"]:
        note(warning)
    figures = list_figures(result["measures"])
    print_table(
        figures, "Measures",
        [("measure", lambda r: r["measure"]), ("part", lambda r: r["part"]),
         ("value", lambda r: r["value"] if r["state"] == "measured" else "undefined"), ("n", lambda r: r["n"]),
         ("why", lambda r: r["why"])],
        all_rows=True,
    )  # fmt: skip
    if result["findings"]:
        print_table(
            result["findings"], "Findings",
            [("rule", lambda r: r["rule"]), ("outcome", lambda r: r["outcome"]),
             ("law", lambda r: "unverified" if r["unverified"] else ""), ("reason", lambda r: r["reason"])],
        )  # fmt: skip
        console().print("A gap is not a violation: it needs an explanation.")
    if "against" in result:
        print_table(
            result["against"]["differences"], "Differences",
            [("measure", lambda r: r["measure"]), ("part", lambda r: r["part"]), ("here", lambda r: r["here"]),
             ("there", lambda r: r["there"])],
        )  # fmt: skip
    if "release_check" in result:
        print_table(
            result["release_check"], "Before a release",
            [("column", lambda r: r["title"]), ("do", lambda r: r["action"]), ("because it", lambda r: r["why"]),
             ("now", lambda r: r["now"] + (" (needlessly)" if r["withheld_needlessly"] else ""))],
        )  # fmt: skip
    if out:
        console().print(f"Wrote the report to {out}.", soft_wrap=True)
