"""Contract actions: exact sums, honest completeness, and no natural person in the register."""

import csv
import io
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from custodiet import CustodietError, Register, questions
from custodiet.model.errors import InputError
from custodiet.register.money import load_awards, load_bulk, load_transactions
from custodiet.register.releases import Loaded, Releases, load_releases
from custodiet.sources.obtain import Obtained
from custodiet.sources.spec import read_form, read_specs
from custodiet.sources.tables import read_csv
from custodiet.sources.usaspending.bulk import read_bulk
from custodiet.sources.usaspending.read import fiscal_year, read_transactions
from custodiet.sources.usaspending.recipients import WITHHELD, kind_of
from custodiet.store import memory_register

HEADER = (
    "Agency,Award ID,Recipient Name,Federal Action Obligation,Action Date,Modification,Product/Service Description,"
    "NAICS Description,Transaction Description,Generated Award ID"
)


def a_row(
    amount: str = "1.00", number: int = 1, recipient: str = "ACME INC", agency: str = "ICE", day: str = "2024-11-05"
) -> str:
    piid = f"70CDCR25P{number:08}"
    return f'{agency},{piid},"{recipient}",{amount},{day},0,GUARDS,SECURITY,WORK,CONT_AWD_{piid}_7012_-NONE-_-NONE-'


def loaded(rows: list[str], name: str = "made-up") -> Loaded:
    ((spec, folder),) = [pair for pair in read_specs() if pair[0].id == "usaspending"]
    release = spec.releases[0].model_copy(
        update={
            "release": name,
            "assertions": spec.releases[0].assertions.model_copy(update={"rows": len(rows), "distinct": {}}),
        }
    )
    table = read_csv("\n".join([HEADER, *rows]).encode(), "utf-8", "a/file.csv")
    reading = read_transactions(table, release, read_form(folder, release.form), "a/file.csv")
    return Loaded(spec, release, table, reading, Obtained(b"", "a/file.csv"))


def spend_of(*files: Loaded) -> list[dict]:
    with memory_register() as register:
        load_releases(register, Releases(transactions=list(files)), [])
        load_transactions(register, list(files))
        return questions.spend(register)


def published(mirror: Path) -> dict[tuple[str, int], Decimal]:
    sums: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    seen = set()
    for path in sorted((mirror / "usaspending-transactions").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as stream:
            for row in csv.DictReader(stream):
                cells = tuple(row.values())
                if cells not in seen:
                    seen.add(cells)
                    year, month = int(row["Action Date"][:4]), int(row["Action Date"][5:7])
                    sums[row["Agency"], year + (month >= 10)] += Decimal(row["Federal Action Obligation"])
    return sums


def test_sums_by_year_and_agency_equal_a_recount_to_the_cent(mirror: Path, register: Register) -> None:
    found = {(row["agency"], row["year"]): Decimal(row["obligations"]) for row in questions.spend(register)}
    assert found == published(mirror)
    by_year = {row["year"]: Decimal(row["obligations"]) for row in questions.spend(register, by=("year",))}
    assert by_year[2025] == found["ICE", 2025] + found["CBP", 2025]
    assert sum(Decimal(row["obligations"]) for row in questions.spend(register, by=("vendor",))) == sum(found.values())


def test_the_three_years_that_were_cut_off_are_caught_and_no_other(register: Register) -> None:
    gaps = questions.findings(register, rule="source-incomplete", outcome="gap")
    assert [gap["subject"]["id"] for gap in gaps] == ["CBP FY2021", "ICE FY2022", "ICE FY2023"]
    assert questions.count_findings(register)["rules"]["source-incomplete"]["clear"] == 9
    rows = {(row["agency"], row["year"]): row for row in questions.spend(register)}
    assert not rows["ICE", 2022]["complete"]
    assert rows["ICE", 2022]["fuller"]["obligations"] == "2853538083.39"
    assert rows["CBP", 2025]["complete"]


def test_no_individual_s_name_is_in_the_register(mirror: Path, register: Register) -> None:
    names = set()
    for folder in ("usaspending-transactions", "usaspending-transactions-history"):
        for path in (mirror / folder).glob("*.csv"):
            with path.open(encoding="utf-8-sig", newline="") as stream:
                names |= {row["Recipient Name"] for row in csv.DictReader(stream)}
    people = {name for name in names if kind_of(name) == "individual"}
    assert len(people) > 100
    held = {name for (name,) in register.rows("select distinct recipient from transactions")}
    assert not people & held
    assert WITHHELD in held
    for release in [name for (name,) in register.rows("select distinct release from transactions")]:
        raw = {name for (name,) in register.rows(f'select distinct "Recipient Name" from raw."{release}"')}
        assert not people & raw


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("DOE, JANE", "individual"),
        ("DOE, JANE Q.", "individual"),
        ("MARIA T GONZALEZ", "individual"),
        ("ROE DONALD", "individual"),
        ("ROE ERIC M", "individual"),
        ("ZORBADOE SAMUEL A", "individual"),
        ("NICHOLAS SAMUEL Q JR", "individual"),
        ("HARRY Q ROEBUCK ESQ", "individual"),
        ("JOHANN ROEBUCK", "individual"),
        ("ROE, JERRY FARRIER SERVICE", "individual"),
        ("DOE,JANE", "individual"),
        ("DAVID W. STANTON, P.S.C.", "organisation"),
        ("DOE, JANE CONSULTING LLC", "organisation"),
        ("DOE, JOHN & SONS", "organisation"),
        ("SAN LUIS, CITY OF", "organisation"),
        ("MUNICIPIO DE SAN JUAN", "organisation"),
        ("LN CURTIS & SONS", "organisation"),
        ("ROBIN'S MESSENGER SERVICE", "organisation"),
        ("WEST VIRGINIA UNIVERSITY", "organisation"),
        ("MERILL LYNCH", "organisation"),
        ("HURON VALLEY GUNS", "organisation"),
        ("POSIT SOFTWARE PBC", "organisation"),
        ("DOE AND SONS, LLC", "organisation"),
        ("PALANTIR TECHNOLOGIES INC.", "organisation"),
        ("CLARK COUNTY", "organisation"),
        ("BRINK'S, INCORPORATED", "organisation"),
        ("PRISONS, FEDERAL BUREAU OF", "organisation"),
        ("AARDVARK", "organisation"),
        ("FOREIGN AWARDEES (UNDISCLOSED)", "undisclosed"),
        ("", "undisclosed"),
    ],
)
def test_recipients_are_told_apart(name: str, kind: str) -> None:
    assert kind_of(name) == kind


def test_a_row_that_repeats_another_counts_once_within_and_between_files() -> None:
    rows = [a_row("10.10"), a_row("10.10"), a_row("-3.05", 2)]
    (once,) = spend_of(loaded(rows, "one"))
    assert (once["obligations"], once["actions"]) == ("7.05", 2)
    (twice,) = spend_of(loaded(rows, "one"), loaded(rows, "two"))
    assert (twice["obligations"], twice["actions"]) == ("7.05", 2)


def test_an_exact_number_of_pages_without_a_negative_amount_is_a_fetch_that_broke_off() -> None:
    hundred = [a_row("5.00", number) for number in range(100)]
    assert spend_of(loaded(hundred))[0]["complete"] is False
    assert spend_of(loaded([*hundred[:-1], a_row("-5.00", 99)]))[0]["complete"] is True
    assert spend_of(loaded(hundred[:-1]))[0]["complete"] is True


def test_fiscal_years_begin_in_october() -> None:
    assert [fiscal_year(day) for day in ("2024-09-30", "2024-10-01", "2025-01-01")] == [2024, 2025, 2025]


@pytest.mark.parametrize(("row", "says"), [(a_row('"1,000.00"'), "no amount"), (a_row(day="11/5/24"), "no day")])
def test_an_amount_or_day_that_can_t_be_read_is_named(row: str, says: str) -> None:
    with pytest.raises(InputError, match=rf"a/file.csv, row 2, column .*{says}"):
        loaded([a_row(), row])


def test_the_whole_story_of_one_award(register: Register) -> None:
    award = questions.show(register, "70CDCR26FR0000015")
    assert (award["kind"], award["recipients"], award["obligations"]) == ("award", ["AI SOLUTIONS 87 LLC"], "636500.00")
    assert [act["action_date"] for act in award["acts"]] == ["2025-12-16", "2026-03-11"]
    cell = questions.cite(register, **award["acts"][0]["citation"])
    assert Decimal(cell["text"]) == Decimal("636500")
    assert questions.awards(register, vendor="ai solutions 87")[0]["piid"] == "70CDCR26FR0000015"


def test_a_mistyped_contract_number_gets_its_repair_as_a_suggestion(register: Register) -> None:
    gaps = questions.findings(register, rule="contract-number-unresolved", agency="ICE", outcome="gap")
    assert len(gaps) == 7
    assert all("70CTD022FR0000002 (BOOZ ALLEN HAMILTON INC)" in gap["reason"] for gap in gaps)
    clear = questions.findings(register, rule="contract-number-unresolved", agency="ICE", outcome="clear")
    assert any("70CDCR20D00000011 is the agreement above contracts with B.I. INCORPORATED" in f["reason"] for f in clear)
    found = questions.findings(register, rule="contract-number-unresolved")
    assert not [f["reason"] for f in found if f["reason"].endswith("..")]


def test_wrong_questions_about_money_get_one_sentence(register: Register) -> None:
    for wrong in ({"by": ("colour",)}, {"by": ()}, {"agency": "TSA"}, {"year": 1800}):
        with pytest.raises(CustodietError):
            questions.spend(register, **wrong)
    with memory_register() as empty, pytest.raises(CustodietError, match="no contract transactions"):
        questions.spend(empty)
    with memory_register() as empty, pytest.raises(CustodietError, match="no contract transactions"):
        questions.awards(empty)


def test_bulk_files_are_read_with_identifiers_and_without_people(mirror: Path, register: Register) -> None:
    assert register.rows("select count(*), count(distinct uei) from award_summaries") == [(1369, 121)]
    assert register.rows("select count(*), count(*) filter (repeats) from subawards") == [(482, 39)]
    days = register.rows("select min(first_action), max(last_action) from award_summaries")
    assert days[0][0].year > 2000
    columns = {
        name
        for (name,) in register.rows(
            "select column_name from information_schema.columns where table_schema = 'raw' and table_name like '%bulk%'"
        )
    }
    assert not {c for c in columns if any(part in c for part in ("phone", "fax", "address", "officer_", "zip"))}
    path = next((mirror / "usaspending-bulk").glob("*PrimeAwardSummaries*"))
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    total = sum(Decimal(row["total_obligated_amount"] or 0) for row in rows)
    assert register.rows("select sum(obligated) from award_summaries") == [(total,)]


def test_planted_people_are_dropped_by_the_parser() -> None:
    ((spec, folder),) = [pair for pair in read_specs() if pair[0].id == "usaspending"]
    release = next(r for r in spec.releases if r.role == "award-summaries")
    form = read_form(folder, release.form)
    headers = [c.header for c in form.columns] + [
        "recipient_phone_number", "recipient_address_line_1", "highly_compensated_officer_1_name", "recipient_zip_4_code",
        "recipient_city_name",
    ]  # fmt: skip
    words = "GUARDS. POC: JANE PLANTED 202-555-0142"
    planted = ["555-0142", "12 Planted Lane", "Planted Officer", "99999-0001", "Townsville"]
    values = {
        "award_key": "K",
        "piid": "P",
        "agency": "X",
        "first_action": "12/22/17",
        "last_action": "5/31/21 0:00",
        "obligated": "5",
        "is_sole_proprietor": "t",
        "description": words,
    }
    for name in ("recipient", "recipient_raw", "dba"):
        values[name] = "PLANTED PERSON TRADING"
    row = [values.get(str(c.field), "") for c in form.columns] + planted
    out = io.StringIO()
    csv.writer(out).writerows([headers, row])
    table = read_csv(out.getvalue().encode(), "utf-8", "a/file.csv")
    asserted = release.assertions.model_copy(update={"rows": 1, "filled": {}, "distinct": {}})
    reading = read_bulk(table, release.model_copy(update={"assertions": asserted}), form, "a/file.csv")
    assert reading.records[0]["recipient"] == WITHHELD
    assert (reading.records[0]["first_action"], reading.records[0]["last_action"]) == ("2017-12-22", "2021-05-31")
    bulk = Loaded(spec, release, table, reading, Obtained(b"", "a/file.csv"))
    with memory_register() as register:
        load_releases(register, Releases(bulk=[bulk]), [])
        load_bulk(register, [bulk])
        dump = str(register.rows(f'select * from raw."{release.release}"')) + str(
            register.rows("select * from award_summaries")
        )
    assert "Townsville" in dump
    assert dump.count("GUARDS. POC: [name withheld]") == 2
    for person in ("PLANTED", "Planted", "555-0142", "99999-0001"):
        assert person not in dump


def test_a_planted_contact_is_in_no_table_of_a_register() -> None:
    planted = "GUARDS, COR: JANE PLANTED, (202) 555-0142, PLANT.ED@ICE.DHS.GOV"
    file = loaded([a_row().replace(",WORK,", f',"{planted}",'), a_row("2.00", 2)])
    with memory_register() as register:
        load_releases(register, Releases(transactions=[file]), [])
        load_transactions(register, [file])
        load_awards(register)
        tables = register.rows("select table_schema, table_name from information_schema.tables")
        dump = "".join(str(register.rows(f'select * from "{schema}"."{table}"')) for schema, table in tables)
    assert dump.count("GUARDS, COR: [name withheld]") == 3  # the raw row, the action, the award
    for person in ("PLANTED", "555-0142", "PLANT.ED"):
        assert person not in dump
