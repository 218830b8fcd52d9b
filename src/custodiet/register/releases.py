"""Put releases into the register as they came: what each is, its columns, and its cells as text."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from custodiet.sources.files import read_table
from custodiet.sources.fpds.read import VendorNameReading
from custodiet.sources.inventories.read import InventoryReading
from custodiet.sources.notices.read import NoticeReading
from custodiet.sources.obtain import Finder, Obtained, refuse_changed
from custodiet.sources.own import completeness_of
from custodiet.sources.readers import read_release
from custodiet.sources.reading import Reading
from custodiet.sources.solicitations.read import SolicitationReading
from custodiet.sources.spec import Release, SourceSpec, read_form
from custodiet.sources.tables import Table, letter_of
from custodiet.sources.usaspending.bulk import BulkReading
from custodiet.sources.usaspending.read import TransactionReading
from custodiet.store import Register
from custodiet.store.database import quoted

R_co = TypeVar("R_co", bound=Reading, covariant=True)


@dataclass(frozen=True)
class Loaded(Generic[R_co]):
    """A release that was found and read."""

    spec: SourceSpec
    release: Release
    table: Table
    reading: R_co
    found: Obtained


@dataclass
class Releases:
    """Everything that a build found of its sources, by what is in it."""

    inventories: list[Loaded[InventoryReading]] = field(default_factory=list)
    transactions: list[Loaded[TransactionReading]] = field(default_factory=list)
    bulk: list[Loaded[BulkReading]] = field(default_factory=list)
    notices: list[Loaded[NoticeReading]] = field(default_factory=list)
    vendor_names: list[Loaded[VendorNameReading]] = field(default_factory=list)
    solicitations: list[Loaded[SolicitationReading]] = field(default_factory=list)
    missing: list[tuple[SourceSpec, Release, Obtained]] = field(default_factory=list)

    @property
    def loaded(self) -> list[Loaded[Reading]]:
        """All releases that were read."""
        return [*self.inventories, *self.transactions, *self.bulk, *self.notices, *self.vendor_names, *self.solicitations]

    def take(self, loaded: Loaded[Reading]) -> None:
        """Put a release that was read among those of its kind."""
        kinds: dict[type[Reading], list[Any]] = {
            InventoryReading: self.inventories, TransactionReading: self.transactions, BulkReading: self.bulk,
            NoticeReading: self.notices, VendorNameReading: self.vendor_names, SolicitationReading: self.solicitations,
        }  # fmt: skip
        kinds[type(loaded.reading)].append(loaded)


def find_files(specs: list[tuple[SourceSpec, Path]], finder: Finder) -> dict[str, Obtained]:
    """Return what was found of every release, by its name."""
    return {release.release: finder.find(release) for spec, _ in specs for release in spec.releases}


def read_releases(specs: list[tuple[SourceSpec, Path]], files: dict[str, Obtained]) -> Releases:
    """Read every release whose file was found.

    A file that is not the pinned one is read all the same, because its first fault (a row cut short, a renamed column) helps
    more than two hashes that differ; then it is refused.

    Raises:
        InputError: a file is not what its source says.

    """
    releases = Releases()
    for spec, folder in specs:
        for release in spec.releases:
            found = files[release.release]
            if found.content is None:
                releases.missing.append((spec, release, found))
                continue
            form = read_form(folder, release.form)
            table = read_table(found.content, release, form, found.shown)
            releases.take(Loaded(spec, release, table, read_release(table, release, form, found.shown), found))
            refuse_changed(found, release)
    return releases


def load_releases(register: Register, releases: Releases, specs: list[tuple[SourceSpec, Path]]) -> None:
    """Fill the tables of sources, releases and columns, and keep each release's cells as they came."""
    register.load("sources", [(s.id, s.title, s.publisher, s.licence, s.about.strip()) for s, _ in specs])
    for loaded in releases.loaded:
        release, reading = loaded.release, loaded.reading
        columns = [column for _, column in reading.columns]
        register.run(
            "insert into releases values ($release, $source, $role, $covers, $file, $url, $commit, $sha256, $bytes, "
            "$published, $collected, 'read', null, $records, $columns, $taken, $left_out, $unknown, $values, $whole, "
            "$reason, $held, $stray)",
            {
                "release": release.release, "source": loaded.spec.id, "role": release.role,
                "covers": int(release.covers), "file": f"{release.folder}/{release.file}", "url": release.url,
                "commit": release.commit, "sha256": release.sha256, "bytes": len(loaded.found.content or b""),
                "published": release.published, "collected": release.collected, "records": len(reading.cells),
                "columns": len(columns),
                "taken": sum(1 for c in columns if c and c.field),
                "left_out": sum(1 for c in columns if c and c.left_out), "unknown": columns.count(None),
                "values": sum(value.count for value in reading.unknown_values),
                "whole": completeness_of(release, reading),
                "reason": "; ".join(reading.faults)
                or f"{_origin(release)}, with all of its {len(reading.cells):,} records",
                "held": list(reading.assertions_held), "stray": list(reading.stray_cells),
            },
        )  # fmt: skip
    for spec, release, found in releases.missing:
        register.run(
            "insert into releases (release, source, role, covers, file, url, commit_id, sha256, published, collected, "
            "status, why, completeness, completeness_reason) values ($release, $source, $role, $covers, $file, $url, "
            "$commit, $sha256, $published, $collected, 'missing', $why, 'missing', $why)",
            {
                "release": release.release, "source": spec.id, "role": release.role, "covers": int(release.covers),
                "file": f"{release.folder}/{release.file}", "url": release.url, "commit": release.commit,
                "sha256": release.sha256, "published": release.published, "collected": release.collected,
                "why": found.why_missing,
            },
        )  # fmt: skip
    for loaded in releases.loaded:
        _load_raw(register, loaded)


def _origin(release: Release) -> str:
    if not release.is_own:
        return "the pinned file"
    if release.query is None:
        return f"your file of {release.published}, and what it was asked for is not known"
    whose = f"{release.query.agency}, " if release.query.agency else ""
    return f"your file of {release.published} ({whose}{release.query.since} to {release.query.until})"


def _load_raw(register: Register, loaded: Loaded[Reading]) -> None:
    """Keep a release as it came, all text, less the columns that may name a person."""
    name = loaded.release.release
    kept = []
    rows = []
    for position, (column_name, column) in enumerate(loaded.reading.columns):
        personal = column is not None and column.personal
        rows.append((
            name, position, letter_of(position), column_name, loaded.table.headers[position],
            column.field if column else None, column.kind if column and column.field else None,
            column.asked_of if column and column.field else None,
            column.left_out if column else "not in the form; reported", str(personal).lower(),
        ))  # fmt: skip
        if not personal:
            kept.append((position, column_name))
    register.load("release_columns", rows)
    columns = ", ".join(f"{quoted(column_name)} varchar" for _, column_name in kept)
    register.run(f"create table raw.{quoted(name)} (_row integer not null, {columns})")
    positions = [position for position, _ in kept]
    if len(kept) == len(loaded.reading.columns):
        records = ((number, *cells) for number, cells in enumerate(loaded.reading.cells, start=1))
    else:
        records = (
            (number, *(cells[position] for position in positions))
            for number, cells in enumerate(loaded.reading.cells, start=1)
        )
    register.load(f"raw.{name}", records, has_nulls=False)
    register.load(
        "unknown_values", ((name, value.column, value.text, value.count) for value in loaded.reading.unknown_values)
    )
