"""A released log, opened: its files read into memory, its texts classified, its searches told apart from its rows."""

import contextlib
import datetime as dt
import zoneinfo
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from custodiet.access_log.cells import Reading, read_released
from custodiet.access_log.check import check_columns
from custodiet.access_log.files import open_released
from custodiet.access_log.ingest import ROW_COLUMNS, File, drop_leaves, load_readings, merkle_salt
from custodiet.access_log.merkle import root_of_table
from custodiet.access_log.policy import Policy
from custodiet.access_log.privacy import DEFAULT_K
from custodiet.access_log.profiles import Profile, read_profiles
from custodiet.access_log.searchers import read_words, state_of_producer
from custodiet.access_log.sharing import SharingList, from_reading, read_sharing
from custodiet.access_log.states import CODES
from custodiet.access_log.steps import search_steps, word_steps
from custodiet.access_log.time_zones import offset_changes, read_zone
from custodiet.access_log.words import COUNT_COLUMNS, TEXT_COLUMNS
from custodiet.model.beside import Beside
from custodiet.model.errors import InputError
from custodiet.store import Register
from custodiet.store.key import Key
from custodiet.store.scratch import open_scratch


@dataclass(frozen=True)
class Options:
    """What is known of a log besides its files."""

    producer: str | None = None
    jurisdiction: str | None = None
    time_zone: str | None = None
    policy: Policy | None = None
    sharing: Path | None = None
    profile: Profile | None = None
    k: int = DEFAULT_K


@dataclass(frozen=True)
class Log:
    """An open log. Its database is in memory, and holds the text as released: nothing of it may be printed as it is."""

    database: Register
    files: tuple[File, ...]
    events: tuple[Reading, ...]
    options: Options
    sharing: SharingList | None
    time_zone: zoneinfo.ZoneInfo | None
    # Of the times in the database: UTC, or the agency's own of no stated zone.
    zone: str
    merkle_root: str
    merkle_salt: bytes

    @property
    def k(self) -> int:
        """Fewest searches that a breakdown shows."""
        return self.options.k

    @property
    def policy(self) -> Policy | None:
        """The agency's own policy, where its file was given."""
        return self.options.policy

    @property
    def jurisdiction(self) -> str | None:
        """The jurisdiction, such as us-wa: as given, or by the producer's name."""
        if self.options.jurisdiction:
            return self.options.jurisdiction.lower()
        state = state_of_producer(self.options.producer) if self.options.producer else None
        return f"us-{state.lower()}" if state else None

    @property
    def state(self) -> str | None:
        """The two letters of the producer's state."""
        jurisdiction = self.jurisdiction or ""
        code = jurisdiction.removeprefix("us-").upper()
        return code if code in read_words().states else None

    def has(self, field: str) -> bool:
        """Tell whether some file has a field."""
        return any(field in fields_of(file.reading) for file in self.files)

    def why_missing(self, field: str) -> str:
        """Return the state of a field that no file has."""
        by_letter = set(self.policy.withheld_by_letter) if self.policy else set()
        by_letter |= {name for file in self.files for name in file.reading.fit.profile.withheld_by_letter}
        return "withheld by letter" if field in by_letter else "not exported"

    def masked(self, column: str) -> int:
        """Return how many rows have a mask in place of a text."""
        ((n,),) = self.database.rows(
            f'select coalesce(sum(c."rows"), 0) from text_counts c join words_{column} w on w.id = c.id '
            'where c."column" = $column and w.state in '
            "('masked_vendor_marker', 'masked_agency', 'exemption_citation', 'unreadable')",
            {"column": column},
        )
        return int(n)

    def texts(self, column: str, ids: Sequence[int]) -> dict[int, str]:
        """Return texts as released, by their ids. They stay in memory: what is shown passes `privacy` first."""
        return dict(
            self.database.rows(
                f"select id, text from texts_{column} where id in (select unnest($ids::ubigint[]))", {"ids": list(ids)}
            )
        )

    def bounds(self) -> tuple[dt.date, dt.date] | None:
        """Return the first and last day of the log, as its times are written."""
        ((first, last),) = self.database.rows("select min(time), max(time) from searches")
        return (first.date(), last.date()) if first else None


def fields_of(reading: Reading) -> set[str]:
    """Return the fields that a file has: its columns by what they tell, not by how they are split."""
    names = {name for name in reading.fit.columns if name is not None}
    fields = names - {"time_frame", "window_start", "window_end", "date"}
    if "time_frame" in names or "window_start" in names:
        fields.add("window")
    if "date" in names:
        fields.add("time")
    return fields


@contextlib.contextmanager
def open_log(paths: Sequence[Path], key: Key, options: Options | None = None) -> Iterator[Log]:
    """Give a log made of released files, open until the block ends; nothing of it is written anywhere.

    Raises:
        InputError: a file is damaged, fits no profile, or is not what its profile says.

    """
    options = options or Options()
    profiles = [options.profile] if options.profile else read_profiles()
    readings = [reading for released in open_released(paths) for reading in read_released(released, profiles)]
    if not any(reading.fit.profile.kind == "searches" for reading in readings):
        kinds = ", ".join(sorted({reading.fit.profile.title for reading in readings}))
        raise InputError(f"{readings[0].name}: holds no searches ({kinds}); give the log of searches as well.")
    sharing = [from_reading(reading) for reading in readings if reading.fit.profile.kind == "sharing"]
    if options.sharing:
        sharing.append(read_sharing(options.sharing, read_profiles()))
    with open_readings(readings, key, options, profiles, sharing[-1] if sharing else None) as log:
        yield log


@contextlib.contextmanager
def open_readings(
    readings: Sequence[Reading],
    key: Key,
    options: Options,
    profiles: Sequence[Profile],
    sharing: SharingList | None = None,
) -> Iterator[Log]:
    """Give a log made of readings, open until the block ends."""
    time_zone = read_zone(options.time_zone) if options.time_zone else None
    searches = [reading for reading in readings if reading.fit.profile.kind == "searches"]
    with _within_memory(), open_scratch() as database:
        files = load_readings(database, searches, profiles, key)
        root = Beside(lambda: root_of_table(database.beside(), "read_rows"))
        try:
            zone = _classify(database, files, time_zone)
        finally:
            root.wait()
        merkle_root = root.result().hex()
        drop_leaves(database)
        # Only now, as linking takes memory, too.
        for step in search_steps():
            database.run(step.sql)
        events = tuple(reading for reading in readings if reading.fit.profile.kind == "events")
        salt = merkle_salt(key, searches)
        yield Log(database, tuple(files), events, options, sharing, time_zone, zone, merkle_root, salt)


def _classify(database: Register, files: Sequence[File], time_zone: zoneinfo.ZoneInfo | None) -> str:
    """Classify the distinct texts, check the columns and bring times to UTC; return what the times are."""
    for step in word_steps():
        database.run(step.sql)
    _describe_files(database, files)
    check_columns(database, files)
    zone = _settle_zone(database, files, time_zone)
    database.run(f"create view log_rows as select rowid as position, {', '.join(ROW_COLUMNS)} from read_rows")
    for column in TEXT_COLUMNS:
        database.run(
            f"insert into field_states select c.file_no, '{column}', w.state, sum(c.\"rows\") "
            f"from text_counts c join words_{column} w on w.id = c.id where c.\"column\" = '{column}' group by all"
        )
    return zone


@contextlib.contextmanager
def _within_memory() -> Iterator[None]:
    """Say in a sentence that a log does not fit into memory, wherever that shows."""
    try:
        yield
    except duckdb.OutOfMemoryException:
        raise InputError(
            "The log does not fit into memory, and its text is never written to disk; give fewer files, or use a larger "
            "machine."
        ) from None


def _describe_files(database: Register, files: Sequence[File]) -> None:
    database.run('create table files (file_no integer, name varchar, first_position bigint, "rows" bigint)')
    for file in files:
        database.run(
            "insert into files values ($number, $name, $first, $rows)",
            {"number": file.number, "name": file.reading.name, "first": file.first, "rows": file.rows},
        )
    # The state of every field of every file, by rows: the codes of all four are counted together, in one pass.
    database.run('create table field_states (file_no integer, field varchar, state varchar, "rows" bigint)')
    fields = ("time", "window", *COUNT_COLUMNS)
    names = " ".join(f"when {number} then '{state}'" for state, number in CODES.items())
    each = " union all ".join(
        f"select file_no, '{field}' as field, case {field}_code {names} end as state, n from codes" for field in fields
    )
    codes = ", ".join(f"{field}_code" for field in fields)
    database.run(
        f"insert into field_states with codes as materialized (select file_no, {codes}, count(*) as n from read_rows "
        f"group by all) select file_no, field, state, sum(n) from ({each}) group by all"
    )


def _settle_zone(database: Register, files: Sequence[File], zone: zoneinfo.ZoneInfo | None) -> str:
    """Bring all times to UTC where that can be done; return what they are then."""
    local = [file for file in files if file.reading.fit.profile.zone == "local"]
    if not local:
        return "UTC"
    if zone is None:
        if len(local) < len(files):
            raise InputError(
                f"{local[0].reading.name}: its times are local, and those of "
                f"{next(f for f in files if f not in local).reading.name} "
                "are in UTC; say where, with `--time-zone`."
            )
        return "local"
    numbers = ", ".join(str(file.number) for file in local)
    ((first, last),) = database.rows(
        f"select least(min(time), min(opened), min(closed)), greatest(max(time), max(opened), max(closed)) from read_rows "
        f"where file_no in ({numbers})"
    )
    if first is not None:
        changes = offset_changes(first, last, zone)
        for column in ("time", "opened", "closed"):
            cases = " ".join(
                f"when {column} >= timestamp '{start}' then {column} - to_seconds({offset})"
                for start, offset in reversed(changes)
            )
            database.run(f"update read_rows set {column} = case {cases} else {column} end where file_no in ({numbers})")
    return "UTC"
