"""Build the register: find the files, read them, resolve, link, run the rules, and publish one file."""

import contextlib
import gc
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import custodiet
from custodiet.catalogue.lexicon import read_lexicon
from custodiet.catalogue.read import read_catalogue
from custodiet.model.errors import InputError, RegisterError
from custodiet.organisations.aliases import read_aliases
from custodiet.register import settings
from custodiet.register.audits import Audit, load_audit_findings, load_audits, read_audits
from custodiet.register.bench import load_bench, read_bench
from custodiet.register.catalogue import load_catalogue
from custodiet.register.categories import load_categories
from custodiet.register.inventories import load_inventories
from custodiet.register.judgements import judgement_files, read_judgements
from custodiet.register.matching import match_years
from custodiet.register.mentions import load_mentions
from custodiet.register.money import load_awards, load_bulk, load_transactions
from custodiet.register.notices import load_notices, load_solicitations
from custodiet.register.organisations import load_organisations, load_vendor_names
from custodiet.register.releases import find_files, load_releases, read_releases
from custodiet.register.reports import Report
from custodiet.register.texts import load_texts
from custodiet.rules.logs import read_every_rule
from custodiet.rules.page import as_record, read_rules
from custodiet.rules.run import run_rules
from custodiet.sources.obtain import Finder, Obtained
from custodiet.sources.own import with_own
from custodiet.sources.spec import SourceSpec, read_specs
from custodiet.store import Register, building, open_register

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Built:
    """What a build did: where the register is, and whether anything had changed."""

    path: Path
    changed: bool
    # Releases that the register held before, and that are not at hand now.
    lost: tuple[str, ...] = ()


def build(
    register: Path | str | None = None,
    mirror: Path | str | None = None,
    *,
    fresh: bool = False,
    offline: bool = False,
    judgements: Path | str | None = None,
    releases: Path | str | None = None,
    bench: Path | str | None = None,
    audits: Path | str | None = None,
    progress: Progress = lambda _: None,
) -> Built:
    """Build the register, unless nothing has changed since the last build.

    Args:
        register: its file; by default `CUSTODIET_REGISTER`, or one in the user's data folder.
        mirror: a folder of published files; by default `CUSTODIET_MIRROR`, or the official URLs.
        fresh: build even if nothing has changed.
        offline: use no network; files come from the mirror or from earlier downloads.
        judgements: the user's own judgement file.
        releases: the folder of the user's own releases (`custodiet add`, `custodiet fetch`).
        bench: a folder of the test bench's reports; by default `CUSTODIET_BENCH`, or none.
        audits: a folder of audits of query logs; by default `CUSTODIET_AUDITS`, or none.
        progress: is told each step in a few words.

    Raises:
        CustodietError: an input is not what it should be; the register that was there stays as it was.

    """
    path = settings.register_path(register)
    own_releases = settings.releases_path(releases)
    specs = with_own(read_specs(), own_releases)
    progress("finding files")
    finder = Finder(settings.mirror_path(mirror), settings.cache_path(), offline=offline, own=own_releases)
    files = find_files(specs, finder)
    own = settings.judgements_path(judgements)
    if judgements is not None and not own.is_file():
        raise InputError(f"{own}: there is no such judgement file; give its path with `--judgements FILE`.")
    judged = judgement_files(own)
    tests = read_bench(settings.bench_path(bench))
    logs = read_audits(settings.audits_path(audits))
    reports = [*(test.path for test in tests), *(log.report.path for log in logs)]
    fingerprint = _fingerprint(specs, files, [*judged, *reports])
    before, held = _previous(path)
    if not fresh and before == fingerprint:
        return Built(path, changed=False)
    with _without_collector():
        lost = _build(path, specs, files, judged, tests, logs, fingerprint, held, progress)
    return Built(path, changed=True, lost=lost)


def _build(
    path: Path,
    specs: list[tuple[SourceSpec, Path]],
    files: dict[str, Obtained],
    judged: list[Path],
    tests: list[Report],
    logs: list[Audit],
    fingerprint: str,
    held: set[str],
    progress: Progress,
) -> tuple[str, ...]:
    """Build the register anew, and return the releases that it held before and no longer has."""
    progress("reading releases")
    releases = read_releases(specs, files)
    catalogue = read_catalogue()
    lexicon = read_lexicon()
    rules = read_rules()
    verdicts = read_judgements(judged)
    with building(path) as draft:
        progress("typing cells")
        load_releases(draft, releases, specs)
        load_inventories(draft, releases.inventories)
        progress("loading transactions")
        load_transactions(draft, releases.transactions)
        load_awards(draft)
        load_bulk(draft, releases.bulk)
        load_vendor_names(draft, releases.vendor_names)
        load_notices(draft, releases.notices)
        load_solicitations(draft, releases.solicitations)
        load_bench(draft, tests)
        load_audits(draft, logs)
        progress("matching years")
        match_years(draft, verdicts)
        progress("loading the catalogue")
        load_catalogue(draft, catalogue)
        progress("resolving organisations")
        load_organisations(draft, catalogue, read_aliases(), verdicts)
        progress("finding what awards buy")
        load_categories(draft, lexicon)
        load_mentions(draft, lexicon)
        progress("running rules")
        titles = {slug: entry.page.name for slug, entry in catalogue.entries.items()}
        for rule in read_every_rule():
            record = as_record(rule) | {"duty_title": titles.get(rule.front.duty, rule.front.duty)}
            _load_rule(draft, record)
        run_rules(draft, rules)
        load_audit_findings(draft, logs)
        progress("publishing")
        load_texts(draft)
        draft.index()
        draft.run("insert into meta values ('fingerprint', $value)", {"value": fingerprint})
        draft.run("insert into meta values ('version', $value)", {"value": version("custodiet")})
    reports = {report.release for report in (*tests, *(log.report for log in logs))}
    return tuple(sorted(held - {each.release.release for each in releases.loaded} - reports))


@contextlib.contextmanager
def _without_collector() -> Iterator[None]:
    """Keep the cycle collector away while millions of cells are read: it finds nothing, and takes a fifth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _load_rule(draft: Register, record: dict[str, object]) -> None:
    section = record.pop("duty_section")
    if section:
        record["duty_title"] = f"{record['duty_title']}, {section}"
    draft.run(
        "insert into rules values ($rule, $page, $title, $duty, $duty_title, $subjects, $needs, $grade, $due, $jurisdiction, "
        "$in_force_from, $unverified, $checks, $does_not_show, $ask_for, $text)",
        record,
    )


def _fingerprint(specs: list[tuple[SourceSpec, Path]], files: dict[str, Obtained], judged: list[Path]) -> str:
    """Return a hash of everything that a register is made from: inputs, pages, and this program itself."""
    digest = hashlib.sha256()
    # What is known of a user's file (the query above all) counts as much as its bytes.
    for own in (release for spec, _ in specs for release in spec.releases if release.is_own):
        digest.update(f"{own.model_dump_json()}\n".encode())
    for release, found in sorted(files.items()):
        digest.update(f"{release} {found.sha256} {found.why_missing}\n".encode())
    root = Path(custodiet.__file__).parent
    parts = [p for p in root.rglob("*") if p.suffix in {".py", ".yml", ".md", ".jsonl"}]
    for path in [*sorted(parts), *judged]:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        name = path.relative_to(root) if path.is_relative_to(root) else path.name
        digest.update(f"{name} {content}\n".encode())
    return digest.hexdigest()


def _previous(path: Path) -> tuple[str | None, set[str]]:
    """Return the fingerprint of the register that is there, if one is, and the releases that it holds."""
    try:
        with open_register(path) as register:
            fingerprints = register.rows("select value from meta where key = 'fingerprint'")
            held = {release for (release,) in register.rows("select release from releases where status = 'read'")}
    except RegisterError:
        return None, set()
    return fingerprints[0][0] if fingerprints else None, held
