"""Files that no source pins: told apart by their columns, kept whole, and each action counted once."""

import contextlib
import csv
import datetime as dt
import io
import json
import struct
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import custodiet
from command import assert_one_sentence, run
from custodiet import questions
from custodiet.model.errors import CustodietError, InputError
from custodiet.register import own
from custodiet.register.money import load_transactions
from custodiet.register.releases import Loaded, Releases, load_releases
from custodiet.sources import archives
from custodiet.sources import own as own_files
from custodiet.sources.files import read_table
from custodiet.sources.layouts import known_layouts, recognise
from custodiet.sources.obtain import Obtained
from custodiet.sources.own import read_own
from custodiet.sources.spec import read_form, read_specs
from custodiet.sources.usaspending.recipients import WITHHELD
from custodiet.store import memory_register
from test_fetch import BULK_HEADER, an_action, bulk_csv
from test_money import HEADER as API_HEADER

SPECS = read_specs()
KNOWN = known_layouts(SPECS)
API = API_HEADER.split(",")
BEFORE = API[:-1]


def as_csv(header: list[str], rows: list[list[Any]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue().encode()


def api_row(number: int, amount: str = "10.00", day: str = "2024-11-05", agency: str = "ICE", **changes: str) -> list[str]:
    piid = f"70CDCR25P{number:08}"
    row = {
        "piid": piid, "recipient": "ACME INC", "modification": "0", "psc": "GUARDS", "naics": "SECURITY", "text": "WORK",
        "key": f"CONT_AWD_{piid}_{'7012' if agency == 'ICE' else '7014'}_-NONE-_-NONE-",
    } | changes  # fmt: skip
    return [agency, row["piid"], row["recipient"], amount, day, row["modification"], row["psc"], row["naics"], row["text"],
            row["key"]]  # fmt: skip


def bulk_row(number: int, amount: str = "10.00", day: str = "2024-11-05", **changes: str) -> list[str]:
    piid = f"70CDCR25P{number:08}"
    values = dict.fromkeys(BULK_HEADER, "") | {
        "contract_transaction_unique_key": f"7012_-NONE-_{piid}_0_-NONE-_0",
        "contract_award_unique_key": f"CONT_AWD_{piid}_7012_-NONE-_-NONE-", "award_id_piid": piid, "modification_number": "0",
        "transaction_number": "0", "federal_action_obligation": amount, "action_date": day,
        "awarding_sub_agency_code": "7012", "awarding_sub_agency_name": "U.S. Immigration and Customs Enforcement",
        "recipient_uei": "ABCDEFGHJKL1", "recipient_name": "ACME INC", "recipient_phone_number": "555-0142",
    } | changes  # fmt: skip
    return [values[name] for name in BULK_HEADER]


def as_loaded(taken: own_files.Taken) -> Loaded[Any]:
    release = taken.release
    (spec, home) = next(pair for pair in SPECS if pair[0].id == taken.source)
    table = read_table(taken.content, release, read_form(home, release.form), "it")
    return Loaded(spec, release, table, taken.reading, Obtained(taken.content, "it"))


class Folder:
    """A user's releases, files to add to them, and the register that is built from them alone."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.releases = place / "own"
        (place / "mirror").mkdir()

    def file(self, content: bytes, name: str = "file.csv") -> Path:
        path = self.place / name
        path.write_bytes(content)
        return path

    def add(
        self,
        content: bytes,
        name: str = "file.csv",
        retrieved: str = "2026-01-01",
        covers: tuple[str, str, str] | None = None,
    ) -> dict[str, Any]:
        query = (
            own.as_query(covers[0], dt.date.fromisoformat(covers[1]), dt.date.fromisoformat(covers[2])) if covers else None
        )
        return own.add(self.releases, self.file(content, name), query=query, retrieved=dt.date.fromisoformat(retrieved))

    def build(self) -> custodiet.Register:
        path = self.place / "register.duckdb"
        custodiet.build(path, self.place / "mirror", releases=self.releases)
        return custodiet.open_register(path)

    def spend(self) -> list[tuple[str, int, int, str, bool]]:
        with self.build() as register:
            return [
                (r["agency"], r["year"], r["actions"], r["obligations"], r["complete"]) for r in questions.spend(register)
            ]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


YEAR = ("ICE", "2024-10-01", "2025-09-30")

# --- Which layout it is


@pytest.mark.parametrize(
    ("header", "form"),
    [
        (API, "form-api"),
        (BEFORE, "form-api-before-award-ids"),
        (BULK_HEADER, "form-transactions"),
        ([name for name in BULK_HEADER if name != "recipient_uei"] + ["recipient_duns"], "form-transactions"),
        ([*reversed(API), "Something New"], "form-api"),
        (["noticeId", "title", "solicitationNumber", "fullParentPathName", "postedDate", "type"], "form"),
    ],
)
def test_layouts_are_told_apart(header: list[str], form: str) -> None:
    assert recognise(header, KNOWN, "a/file.csv").layout.form == form


def test_the_real_files_are_recognised(mirror: Path) -> None:
    for pattern, form in (
        ("usaspending-transactions/*.csv", "form-api"),
        ("usaspending-transactions-history/FY2022*.csv", "form-api-before-award-ids"),
        ("usaspending-bulk/*PrimeAwardSummaries*.csv", "form-award-summaries"),
        ("usaspending-bulk/*Subawards*.csv", "form-subawards"),
    ):
        for path in mirror.glob(pattern):
            with path.open(encoding="utf-8-sig", newline="") as stream:
                assert recognise(next(csv.reader(stream)), KNOWN, path.name).layout.form == form
    for path in mirror.glob("omb-inventory-*/*.csv"):
        with path.open(encoding="cp1252", newline="") as stream, pytest.raises(InputError, match="layout that is known"):
            recognise(next(csv.reader(stream)), KNOWN, path.name)


def test_an_unknown_layout_names_the_nearest_and_what_is_missing() -> None:
    with pytest.raises(InputError) as caught:
        recognise([name for name in API if name != "Action Date"], KNOWN, "a/file.csv")
    assert "nearest is usaspending/form-api" in str(caught.value)
    assert "there is no 'Action Date';" in str(caught.value)


def test_columns_of_two_layouts_are_ambiguous() -> None:
    with pytest.raises(InputError, match="form-api and usaspending/form-transactions"):
        recognise([*API, *BULK_HEADER], KNOWN, "a/file.csv")


@settings(deadline=None)
@given(st.sampled_from(KNOWN), st.randoms(use_true_random=False), st.lists(st.text(max_size=12), max_size=5))
def test_order_and_further_columns_change_nothing(known: Any, random: Any, more: list[str]) -> None:
    header = [*known.needed, *(f"x {name}" for name in more)]
    random.shuffle(header)
    assert recognise(header, KNOWN, "a/file.csv") == known


@settings(deadline=None)
@given(st.sampled_from(KNOWN), st.data())
def test_without_a_needed_column_it_is_never_that_layout(known: Any, data: Any) -> None:
    lost = data.draw(st.sampled_from(sorted(known.needed)))
    found = None
    with contextlib.suppress(InputError):
        found = recognise(sorted(known.needed - {lost}), KNOWN, "a/file.csv")
    assert found is None or found.needed < known.needed


@settings(deadline=None, max_examples=300)
@given(st.lists(st.text(max_size=30), max_size=40))
def test_any_header_is_a_layout_or_one_sentence(header: list[str]) -> None:
    with pytest.raises(InputError, match="layout that is known"):
        recognise(header, KNOWN, "a/file.csv")


# --- What is kept


def test_a_file_is_kept_beside_its_description(folder: Folder) -> None:
    content = as_csv(API, [api_row(1), api_row(2, "-3.50")])
    added = folder.add(content, covers=YEAR)
    ((source, release),) = read_own(folder.releases)
    assert (folder.releases / release.folder / release.file).read_bytes() == content
    described = json.loads((folder.releases / release.folder / "release.json").read_text("utf-8"))
    assert described["source"] == source == "usaspending"
    assert (described["sha256"], described["completeness"]) == (added["sha256"], "complete")
    assert described["query"] == {"agency": "ICE", "since": "2024-10-01", "until": "2025-09-30"}
    assert folder.spend() == [("ICE", 2025, 2, "6.50", True)]


def test_adding_twice_changes_nothing(folder: Folder) -> None:
    content = as_csv(API, [api_row(1)])
    assert folder.add(content)["new"] is True
    before = folder.spend()
    assert folder.add(content, "other.csv", "2026-03-03")["new"] is False
    assert len(read_own(folder.releases)) == 1
    assert folder.spend() == before


def test_a_release_can_be_listed_and_removed(folder: Folder) -> None:
    name = folder.add(as_csv(API, [api_row(1)]))["release"]
    home = folder.place
    options = ("--releases", folder.releases)
    listed = json.loads(run("add", "--list", "--json", *options, home=home).stdout)
    assert [release["release"] for release in listed] == [name]
    assert run("add", "--remove", name, *options, home=home).returncode == 0
    assert read_own(folder.releases) == []
    assert "no release of yours" in assert_one_sentence(run("add", "--remove", name, *options, home=home))
    assert_one_sentence(run("add", *options, home=home))
    assert_one_sentence(run("add", "--agency", "ICE", home / "file.csv", *options, home=home))
    assert_one_sentence(run("add", home / "nothing.csv", *options, home=home))


def test_the_day_of_a_download_is_that_in_its_name(folder: Folder) -> None:
    path = folder.file(as_csv(API, [api_row(1)]), "Contracts_PrimeTransactions_2025-10-22_H14M09S33_1.csv")
    assert own.add(folder.releases, path)["retrieved"].startswith("2025-10-22")


def test_a_file_that_changed_since_is_refused(folder: Folder) -> None:
    folder.add(as_csv(API, [api_row(1)]))
    ((_, release),) = read_own(folder.releases)
    path = folder.releases / release.folder / release.file
    path.write_bytes(path.read_bytes().replace(b"10.00", b"99.00"))
    with pytest.raises(InputError, match="changed since it was added"):
        folder.build()


@pytest.mark.parametrize("damage", [b"{", b"[]", b"{}", b"\xff", b'{"source": "usaspending"}'])
def test_a_description_that_is_damaged_is_one_sentence(folder: Folder, damage: bytes) -> None:
    folder.add(as_csv(API, [api_row(1)]))
    ((_, release),) = read_own(folder.releases)
    (folder.releases / release.folder / "release.json").write_bytes(damage)
    with pytest.raises(InputError, match=r"release.json: can't be read"):
        folder.build()


def test_a_description_leads_nowhere_else(folder: Folder) -> None:
    folder.add(as_csv(API, [api_row(1)]))
    ((_, release),) = read_own(folder.releases)
    path = folder.releases / release.folder / "release.json"
    for name in ("../../../../file.csv", "/etc/passwd"):
        path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"file": name}), "utf-8")
        with pytest.raises(InputError, match="another folder"):
            folder.build()


def test_a_file_that_a_source_pins_is_that_release(mirror: Path, folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder.place / "cache"))
    monkeypatch.delenv("CUSTODIET_MIRROR")
    path = next(mirror.glob("usaspending-bulk/*Subawards*.csv"))
    assert own.add(folder.releases, path)["release"] == "usaspending-bulk-subawards-2025-03-28"
    assert read_own(folder.releases) == []
    custodiet.build(folder.place / "r.duckdb", offline=True, releases=folder.releases)
    with custodiet.open_register(folder.place / "r.duckdb") as register:
        assert register.rows("select release from releases where status = 'read'") == [
            ("usaspending-bulk-subawards-2025-03-28",)
        ]


# --- Archives and pages


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def test_the_files_of_an_archive_are_parts_of_one_release(folder: Folder) -> None:
    first, second = as_csv(BULK_HEADER, [bulk_row(1)]), as_csv(BULK_HEADER, [bulk_row(2), bulk_row(3)])
    notes = {"Data_Dictionary.xlsx": b"PK", "readme.txt": b"hello", "Empty_Subawards.csv": b"a,b\n"}
    assert folder.add(zipped(**{"a_2.csv": second, "a_1.csv": first, **notes}), "it.zip")["rows"] == 3
    with folder.build() as register:
        (award,) = questions.awards(register, words="70CDCR25P00000002") or questions.award(register, "70CDCR25P00000002")
        assert award["obligations"] == "10.00"
        cell = questions.cite(register, **award["acts"][0]["citation"])
        assert (cell["row"], cell["text"]) == (2, "10.00")


def test_archives_that_mean_harm_are_refused(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    one = as_csv(BULK_HEADER, [bulk_row(1)])
    other = as_csv(API, [api_row(1)])
    bad = {
        "leads outside": {"../evil.csv": one},
        "leads outside of": {"/evil.csv": one},
        "far more": {"bomb.csv": bytes(60_000_000)},
        "different columns": {"a.csv": one, "b.csv": other},
        "inside an archive": {"a.zip": zipped(x=one)},
        "no data": {"readme.txt": b"hello"},
    }
    for says, files in bad.items():
        with pytest.raises(InputError, match=says):
            folder.add(zipped(**files), "it.zip")
    monkeypatch.setattr(archives, "MEMBER_LIMIT", 2)
    with pytest.raises(InputError, match="3 files"):
        folder.add(zipped(a=one, b=one, c=one), "it.zip")
    assert read_own(folder.releases) == []


def test_an_archive_that_lies_about_its_size_is_counted(folder: Folder) -> None:
    content = bytearray(zipped(bomb=bytes(60_000_000)))
    at = content.rindex(b"PK\x01\x02") + 24
    content[at : at + 4] = struct.pack("<I", 100)
    with pytest.raises(InputError):
        folder.add(bytes(content), "it.zip")


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_damaged_archive_is_one_sentence(data: Any) -> None:
    content = bytearray(zipped(a=as_csv(BULK_HEADER, [bulk_row(1), bulk_row(2)])))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    with contextlib.suppress(InputError):
        assert len(b"".join(archives.read_zip(bytes(content[:cut]), "it.zip").values())) < 10_000


def a_page(numbers: range, *, more: bool) -> dict[str, Any]:
    return {"limit": 100, "results": [an_action(number) for number in numbers], "page_metadata": {"page": 1, "hasNext": more}}


def test_pages_are_read_one_by_one_a_line_or_as_a_folder(folder: Folder) -> None:
    pages = [a_page(range(100), more=True), a_page(range(100, 130), more=False)]
    lines = "\n".join(map(json.dumps, pages)).encode()
    assert folder.add(lines, "pages.jsonl")["rows"] == 130
    (folder.place / "pages").mkdir()
    for number, page in enumerate(pages):
        folder.file(json.dumps(page).encode(), f"pages/{number}.json")
    assert own.add(folder.releases, folder.place / "pages", retrieved=dt.date(2026, 2, 2))["rows"] == 130
    ((_, _, actions, total, _),) = folder.spend()
    assert actions == 130
    assert Decimal(total) == sum(Decimal(str(an_action(number)["Transaction Amount"])) for number in range(130))


def test_a_last_page_that_says_that_more_follow_is_not_whole(folder: Folder) -> None:
    added = folder.add(
        json.dumps(a_page(range(50), more=True)).encode(), "page.json", covers=("ICE", "2025-10-01", "2025-12-31")
    )
    assert (added["completeness"], "more follow" in added["completeness_reason"]) == ("incomplete", True)
    with folder.build() as register:
        (finding,) = questions.findings(register, rule="source-incomplete")
        assert (finding["outcome"], finding["subject"]["id"]) == ("gap", "ICE FY2026")


# --- People


def test_planted_people_are_in_no_part_of_the_register(folder: Folder) -> None:
    header = [*BULK_HEADER, "sole_proprietorship", "recipient_doing_business_as_name", "recipient_parent_name",
              "recipient_address_line_1", "highly_compensated_officer_1_name", "recipient_zip_4_code"]  # fmt: skip
    people = ["t", "PLANTED TRADING", "PLANTED PARENT", "12 Planted Lane", "Planted Officer", "99999-0001"]
    plain = ["f", "ACME", "ACME HOLDINGS", "12 Planted Lane", "Planted Officer", "99999-0001"]
    rows = [[*bulk_row(1, recipient_name="PLANTED AND PLANTED LLC"), *people], [*bulk_row(2), *plain]]
    folder.add(as_csv(header, rows))
    location = {"Recipient Location": {"address_line1": "12 Planted Lane", "city_name": "Townsville"}}
    page = {"results": [an_action(1, **location), an_action(2, **{"Recipient Name": "PLANTED, PERSON"}, **location)]}
    folder.add(json.dumps(page).encode(), "page.json")
    with folder.build() as register:
        tables = [f'"{schema}"."{name}"' for schema, name in register.rows(
            "select table_schema, table_name from information_schema.tables"
        )]  # fmt: skip
        dump = "".join(str(register.rows(f"select * from {table}")) for table in tables)
        assert register.rows("select count(*) from transactions where recipient = $name", {"name": WITHHELD}) == [(2,)]
        parents = register.rows(
            "select distinct uei, parent_name from transactions where parent_name is not null order by all"
        )
        assert parents == [
            ("ABCDEFGHJKL1", "ACME HOLDINGS"), (None, WITHHELD),
        ]  # fmt: skip
    for person in ("PLANTED", "Planted", "555-0142", "99999-0001", "Townsville"):
        assert person not in dump


# --- Older files


def test_files_with_duns_numbers_and_days_of_excel_are_read(folder: Folder) -> None:
    drop = {"contract_transaction_unique_key", "contract_award_unique_key", "recipient_uei"}
    header = [name for name in BULK_HEADER if name not in drop] + ["recipient_duns", "award_description"]
    full = dict(
        zip(
            BULK_HEADER,
            bulk_row(1, "12.50", "12/22/09", parent_award_id_piid="GS35F", parent_award_agency_id="4730"),
            strict=True,
        )
    )
    row = [full.get(name, "") for name in header[:-2]] + ["123456789", "GUARD SERVICES"]
    folder.add(as_csv(header, [row]))
    with folder.build() as register:
        assert register.rows("select duns, uei, award_key, parent_piid, description, fiscal_year from transactions") == [
            ("123456789", None, "CONT_AWD_70CDCR25P00000001_7012_GS35F_4730", "GS35F", "GUARD SERVICES", 2010)
        ]  # fmt: skip


# --- Overlaps


def test_the_same_actions_in_two_layouts_count_once(folder: Folder) -> None:
    folder.add(as_csv(API, [api_row(n, f"{n}.00") for n in range(1, 6)]), retrieved="2026-01-01")
    folder.add(as_csv(BULK_HEADER, [bulk_row(n, f"{n}.00") for n in range(3, 9)]), "b.csv", "2026-02-01")
    assert folder.spend() == [("ICE", 2025, 8, "36.00", False)]


def test_the_newest_row_of_an_action_counts(folder: Folder) -> None:
    folder.add(as_csv(API, [api_row(1, "10.00")]), retrieved="2026-01-01")
    folder.add(as_csv(BULK_HEADER, [bulk_row(1, "12.00")]), "b.csv", "2026-02-01")
    assert folder.spend() == [("ICE", 2025, 1, "12.00", False)]
    folder.add(as_csv(API, [api_row(1, "11.00")]), "c.csv", "2025-12-01")
    assert folder.spend() == [("ICE", 2025, 1, "12.00", False)]


def test_two_actions_under_one_modification_stay_two(folder: Folder) -> None:
    other = bulk_row(
        1, "5.00", contract_transaction_unique_key="7012_-NONE-_70CDCR25P00000001_0_-NONE-_1", transaction_number="1"
    )
    folder.add(as_csv(BULK_HEADER, [bulk_row(1, "10.00"), other]), retrieved="2026-01-01")
    assert folder.spend() == [("ICE", 2025, 2, "15.00", False)]
    folder.add(as_csv(API, [api_row(1, "5.00"), api_row(1, "10.00")]), "b.csv", "2026-02-01")
    assert folder.spend() == [("ICE", 2025, 2, "15.00", False)]


def test_a_complete_release_takes_the_days_that_it_covers(folder: Folder) -> None:
    """What it no longer has was taken back; what lies outside of its days stays."""
    folder.add(as_csv(API, [api_row(1, day="2024-10-05"), api_row(2, day="2025-03-05"), api_row(3, day="2025-04-05")]),
               covers=YEAR, retrieved="2025-10-10")  # fmt: skip
    folder.add(
        as_csv(API, [api_row(3, "7.00", day="2025-04-05")]), "b.csv", "2026-02-01", ("ICE", "2025-03-01", "2025-09-30")
    )
    assert folder.spend() == [("ICE", 2025, 2, "17.00", True)]
    with folder.build() as register:
        (told,) = [release for release in questions.sources(register) if release.get("superseded")]
        assert [(part["agency"], part["fiscal_year"], part["rows"]) for part in told["superseded"]] == [("ICE", 2025, 2)]


def test_another_agency_s_release_takes_nothing(folder: Folder) -> None:
    folder.add(as_csv(API, [api_row(1), api_row(2, agency="CBP")]), retrieved="2025-10-10")
    folder.add(as_csv(API, [api_row(3)]), "b.csv", "2026-02-01", YEAR)
    assert [(row[0], row[2]) for row in folder.spend()] == [("CBP", 1), ("ICE", 1)]


def test_a_release_that_was_cut_off_gives_way_even_to_an_older_whole_one(folder: Folder) -> None:
    whole = [api_row(n, "5.00") for n in range(150)] + [api_row(999, "-3.00")]
    folder.add(as_csv(API, whole), covers=YEAR, retrieved="2025-10-10")
    folder.add(as_csv(API, [api_row(n, "6.00") for n in range(100)]), "b.csv", "2026-02-01", YEAR)
    assert folder.spend() == [("ICE", 2025, 151, "747.00", True)]


def test_rows_without_keys_are_joined_cell_for_cell_while_nothing_speaks_against_it(folder: Folder) -> None:
    folder.add(as_csv(BEFORE, [api_row(1)[:-1], api_row(2)[:-1]]), retrieved="2026-01-01")
    folder.add(as_csv(API, [api_row(2), api_row(3)]), "b.csv", "2026-02-01")
    assert folder.spend() == [("ICE", 2025, 3, "30.00", False)]


def test_a_year_that_can_t_be_joined_row_by_row_is_the_newest_s(folder: Folder) -> None:
    folder.add(as_csv(BEFORE, [api_row(1, text="OLD WORDS")[:-1], api_row(2)[:-1]]), retrieved="2026-01-01")
    folder.add(as_csv(API, [api_row(1, text="NEW WORDS"), api_row(3)]), "b.csv", "2026-02-01")
    assert folder.spend() == [("ICE", 2025, 2, "20.00", False)]
    with folder.build() as register:
        (told,) = [release for release in questions.sources(register) if release.get("superseded")]
        assert told["rows"] == 2


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(st.sampled_from(["api", "bulk", "before"]), st.sets(st.integers(0, 12), min_size=1)), min_size=1, max_size=4
    )
)
def test_however_files_overlap_each_action_counts_once(files: list[tuple[str, set[int]]]) -> None:
    loaded = []
    for number, (kind, numbers) in enumerate(files):
        rows = {
            "api": lambda n: api_row(n, f"{n + 1}.00"), "bulk": lambda n: bulk_row(n, f"{n + 1}.00"),
            "before": lambda n: api_row(n, f"{n + 1}.00")[:-1],
        }[kind]  # fmt: skip
        header = {"api": API, "bulk": BULK_HEADER, "before": BEFORE}[kind]
        when = dt.datetime(2026, 1, number + 1, tzinfo=dt.UTC)
        taken = own_files.take(as_csv(header, [rows(n) for n in sorted(numbers)]), f"{number}.csv", SPECS, retrieved=when)
        loaded.append(as_loaded(taken))
    every = set().union(*(numbers for _, numbers in files))
    kinds = {kind for kind, _ in files}
    with memory_register() as register:
        load_releases(register, Releases(transactions=loaded), [])
        load_transactions(register, loaded)
        (row,) = questions.spend(register)
    actions, total = row["actions"], row["obligations"]
    if kinds <= {"api", "bulk"} or kinds == {"before"} or "bulk" not in kinds:
        assert (actions, total) == (len(every), f"{sum(every) + len(every)}.00")
    else:
        # Words differ between the layouts, so a year may be one release's alone; never more than all.
        assert actions <= len(every)
        assert Decimal(total) <= sum(every) + len(every)


def test_a_bulk_file_of_one_state_proves_no_year(mirror: Path, folder: Folder) -> None:
    folder.add(bulk_csv(range(40)))
    with folder.build() as register:
        (row,) = questions.spend(register)
        assert (row["complete"], row["partial_parts"]) == (False, ["ICE FY2026"])
        with pytest.raises(CustodietError):
            questions.spend(register, agency="TSA")


# --- How a year changed


def test_gone_needs_two_complete_later_states(folder: Folder) -> None:
    def state(day: str, numbers: set[int], amount: str = "10.00") -> None:
        folder.add(as_csv(API, [api_row(n, amount if n == 1 else "-1.00") for n in sorted(numbers)]), f"{day}.csv", day, YEAR)

    state("2025-10-10", {1, 2, 3, 4})
    state("2025-10-11", {1, 2, 4})
    with folder.build() as register:
        found = questions.diff_transactions(register, 2025)
        assert [row["id"] for row in found["missing"]] == ["70CDCR25P00000003"]
        assert found["vanished"] == []
    state("2025-10-12", {1, 2, 5}, "12.00")
    state("2025-10-13", {1, 4, 5}, "12.00")
    with folder.build() as register:
        found = questions.diff_transactions(register, 2025, agency="ice")
        ids = {change: [row["id"][-1] for row in found[change]] for change in
               ("appeared", "changed", "vanished", "missing", "returned")}  # fmt: skip
        assert ids == {"appeared": ["5"], "changed": ["1"], "vanished": ["3"], "missing": ["2"], "returned": ["4"]}
        assert (found["changed"][0]["before"], found["changed"][0]["after"]) == ("10.00", "12.00")
        with pytest.raises(CustodietError, match="there are of: 2025"):
            questions.diff_transactions(register, 2024)


def test_a_state_that_was_cut_off_proves_nothing_gone(folder: Folder) -> None:
    folder.add(as_csv(API, [api_row(n, "5.00") for n in range(101)] + [api_row(999, "-1.00")]), "a.csv", "2025-10-10", YEAR)
    for day in ("2025-10-11", "2025-10-12"):
        folder.add(as_csv(API, [api_row(n, "5.00", text=day) for n in range(100)]), f"{day}.csv", day, YEAR)
    with folder.build() as register:
        found = questions.diff_transactions(register, 2025)
        assert found["vanished"] == []
        assert len(found["missing"]) == 2


def test_states_without_keys_are_compared_by_number(register: custodiet.Register) -> None:
    found = questions.diff_transactions(register, 2022, agency="CBP")
    assert [state["complete"] for state in found["states"]] == [False, False]
    assert len(found["missing"]) == 4
    assert found["vanished"] == []


def test_a_file_that_is_none_of_ours_is_named_and_not_repeated(tmp_path: Path) -> None:
    for name, content in (("passwd", "root:x:0:0\nuser:x:1000:1000:A, B, C:/home\n"), ("note.csv", "my secret,diary\n1,2\n")):
        (tmp_path / name).write_text(content)
        said = assert_one_sentence(run("add", tmp_path / name, "--releases", tmp_path / "own", home=tmp_path))
        assert name in said
        assert "the first row has no column of any layout" in said
        assert "root" not in said
        assert "diary" not in said
