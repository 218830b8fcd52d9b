"""Exports: each format opens in the tool that it is for, loses no cent, names no person, and is whole or absent."""

import asyncio
import csv
import datetime as dt
import io
import json
import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from command import assert_one_sentence, run, start
from custodiet import Register
from custodiet.exports import sheets
from custodiet.exports.cells import XLSX_CELL_LIMIT, cut, neutralise
from custodiet.exports.contracts import parent_key
from custodiet.exports.export import FORMATS, export
from custodiet.exports.ocds import money
from custodiet.exports.published import published_tables
from custodiet.model.errors import ExportError, QuestionError
from custodiet.register.money import load_bulk, load_transactions
from custodiet.register.releases import Loaded, Releases, load_releases
from custodiet.sources.obtain import Obtained
from custodiet.sources.spec import read_form, read_specs
from custodiet.sources.tables import read_csv
from custodiet.sources.usaspending.bulk import read_bulk
from custodiet.sources.usaspending.recipients import WITHHELD
from custodiet.store import memory_register
from test_money import a_row, loaded

SCHEMAS = Path(__file__).parent / "ocds"
EXTENSION = Path(__file__).parent.parent / "docs" / "ocds-obligations"
FILES = {"xlsx": "r.xlsx", "sqlite": "r.db", "ocds": "r.json", "ftm": "r.jsonl"}
FEW = ("sources", "releases", "release_parts", "transactions", "award_summaries")


def place(folder: Path, format_: str) -> Path:
    return folder / FILES.get(format_, format_)


def everything_in(path: Path) -> str:
    """All text of an export, whatever its format."""
    if path.is_dir():
        return "".join(everything_in(file) for file in sorted(path.iterdir()))
    if path.suffix == ".parquet":
        return str(duckdb.connect().execute(f"select * from '{path}'").fetchall())
    if path.suffix == ".xlsx":
        book = CalamineWorkbook.from_path(path)
        return str([book.get_sheet_by_name(name).to_python() for name in book.sheet_names])
    if path.suffix == ".db":
        return "\n".join(sqlite3.connect(path).iterdump())
    return path.read_text("utf-8")


def bytes_of(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(path.iterdir())} if path.is_dir() else {"": path.read_bytes()}


def a_summary(**values: str) -> Loaded:
    ((spec, folder),) = [pair for pair in read_specs() if pair[0].id == "usaspending"]
    release = next(r for r in spec.releases if r.role == "award-summaries")
    form = read_form(folder, release.form)
    out = io.StringIO()
    csv.writer(out).writerows([[c.header for c in form.columns], [values.get(str(c.field), "") for c in form.columns]])
    table = read_csv(out.getvalue().encode(), "utf-8", "a/file.csv")
    asserted = release.assertions.model_copy(update={"rows": 1, "filled": {}, "distinct": {}})
    reading = read_bulk(table, release.model_copy(update={"assertions": asserted}), form, "a/file.csv")
    return Loaded(spec, release, table, reading, Obtained(b"", "a/file.csv"))


def made_up(rows: list[str], *summaries: Loaded) -> Register:
    register = memory_register()
    actions = loaded(rows)
    load_releases(register, Releases(transactions=[actions], bulk=list(summaries)), [actions and (actions.spec, Path())])
    load_transactions(register, [actions])
    load_bulk(register, list(summaries))
    return register


def releases_of(register: Register, tmp_path: Path, **options: str) -> list[dict]:
    export(register, tmp_path / "r.json", format="ocds", **options)
    return json.loads((tmp_path / "r.json").read_text("utf-8"))["releases"]


def entities_of(register: Register, tmp_path: Path, **options: str) -> list[dict]:
    export(register, tmp_path / "r.jsonl", format="ftm", **options)
    return [json.loads(line) for line in (tmp_path / "r.jsonl").read_text("utf-8").splitlines()]


def test_every_table_and_column_is_described() -> None:
    with memory_register() as register:
        tables = {table.name: table for table in published_tables(register)}
        for table in tables.values():
            assert table.about, table.name
            own = {column.name for column in table.columns}
            assert table.key, table.name
            assert set(table.key) <= own
            flat = {column.name for column in table.flat}
            assert set(table.search) <= flat
            for name in flat | own:
                assert table.describe(name), f"{table.name}.{name}: say in exports/descriptions.yml what it is"
            for column, target in table.references.items():
                other, _, key = target.partition(".")
                assert column in own
                assert tables[other].key == (key,)


@pytest.mark.parametrize("format_", FORMATS)
def test_no_person_is_in_any_format(format_: str, tmp_path: Path) -> None:
    planted = a_summary(
        award_key="CONT_AWD_70CDCR25P00000009_7012_-NONE-_-NONE-", piid="70CDCR25P00000009", agency="ICE", obligated="5",
        recipient="PLANTED PERSON TRADING", recipient_raw="PLANTED PERSON TRADING", dba="PLANTED PERSON TRADING",
        uei="PLANTEDUEI99", is_sole_proprietor="t", first_action="12/22/17", last_action="5/31/21 0:00",
    )  # fmt: skip
    with made_up([a_row(recipient="DOE, JANE"), a_row("2.00", 2), a_row("3.00", 9, "DOE, JANE Q.")], planted) as register:
        path = place(tmp_path, format_)
        export(register, path, format=format_)
        text = everything_in(path)
    assert "70CDCR25P00000009" in text
    assert "JANE" not in text
    assert "PLANTED PERSON" not in text
    if format_ == "ftm":
        assert '"Person"' not in text
        assert WITHHELD not in text
    else:
        assert WITHHELD in text
    if format_ in ("ocds", "ftm"):
        # Nor what identifies the person elsewhere.
        assert "PLANTEDUEI99" not in text


@pytest.mark.parametrize("format_", FORMATS)
def test_the_same_register_gives_the_same_bytes(format_: str, register: Register, tmp_path: Path) -> None:
    options = {} if format_ in ("ocds", "ftm") else {"tables": FEW if format_ == "xlsx" else (*FEW, "use_cases", "findings")}
    for number in (1, 2):
        (tmp_path / str(number)).mkdir()
        export(register, place(tmp_path / str(number), format_), format=format_, agency="ICE", **options)
        time.sleep(1.1 if format_ == "xlsx" else 0)
    first, second = (bytes_of(place(tmp_path / number, format_)) for number in "12")
    assert first == second


@pytest.mark.long
def test_no_cent_is_lost_and_all_rows_are_there(register: Register, tmp_path: Path) -> None:
    ((count, total),) = register.rows("select count(*), sum(obligation) from transactions")
    for format_ in ("csv", "jsonl", "parquet", "sqlite", "xlsx"):
        export(register, place(tmp_path, format_), format=format_, tables=("transactions",))
    with (tmp_path / "csv" / "transactions.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert (len(rows), sum(Decimal(row["obligation"]) for row in rows)) == (count, total)
    lines = [json.loads(line) for line in (tmp_path / "jsonl" / "transactions.jsonl").read_text("utf-8").splitlines()]
    assert (len(lines), sum(Decimal(line["obligation"]) for line in lines)) == (count, total)
    parquet = tmp_path / "parquet" / "transactions.parquet"
    assert duckdb.connect().execute(f"select count(*), sum(obligation) from '{parquet}'").fetchall() == [(count, total)]
    database = sqlite3.connect(tmp_path / "r.db")
    assert database.execute("select count(*), sum(obligation_cents) from transactions").fetchall() == [(count, total * 100)]
    assert sum(Decimal(text) for (text,) in database.execute("select obligation from transactions")) == total
    sheet = CalamineWorkbook.from_path(tmp_path / "r.xlsx").get_sheet_by_name("transactions").to_python()
    position = sheet[0].index("obligation")
    assert sum(Decimal(repr(row[position])) for row in sheet[1:]) == total


def test_nested_answers_are_flat_in_csv_and_nested_in_json_and_parquet(register: Register, tmp_path: Path) -> None:
    ((identifier, state, row),) = register.rows(
        "select use_case_id, appeal.state, appeal.citation.row from use_cases "
        "where published_id = 'DHS-2577' and bureau = 'ICE' and inventory_year = 2025"
    )
    for format_ in ("csv", "jsonl", "parquet"):
        export(register, place(tmp_path, format_), format=format_, tables=("use_cases",), agency="ICE")
    with (tmp_path / "csv" / "use_cases.csv").open(encoding="utf-8", newline="") as stream:
        flat = next(row for row in csv.DictReader(stream) if row["use_case_id"] == identifier)
    assert flat["appeal_state"] == state
    assert f" row {row} " in flat["appeal_citation"]
    lines = (tmp_path / "jsonl" / "use_cases.jsonl").read_text("utf-8").splitlines()
    nested = next(case for case in map(json.loads, lines) if case["use_case_id"] == identifier)
    assert (nested["appeal"]["state"], nested["appeal"]["citation"]["row"]) == (state, row)
    assert {(case["agency"], case["bureau"]) for case in map(json.loads, lines)} == {("DHS", "ICE")}
    parquet = tmp_path / "parquet" / "use_cases.parquet"
    found = duckdb.connect().execute(f"select appeal.state from '{parquet}' where use_case_id = '{identifier}'").fetchall()
    assert found == [(state,)]


def test_the_description_beside_the_files_is_true(register: Register, tmp_path: Path) -> None:
    import hashlib

    export(register, tmp_path / "csv", format="csv", tables=("rules", "award_summaries"), agency="ICE")
    package = json.loads((tmp_path / "csv" / "datapackage.json").read_text("utf-8"))
    ((fingerprint,),) = register.rows("select value from meta where key = 'fingerprint'")
    assert package["custodiet"]["fingerprint"] == fingerprint
    assert {resource["path"] for resource in package["resources"]} == {"rules.csv", "award_summaries.csv"}
    for resource in package["resources"]:
        content = (tmp_path / "csv" / resource["path"]).read_bytes()
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        rows = list(csv.reader(io.StringIO(content.decode())))
        assert rows[0] == [field["name"] for field in resource["schema"]["fields"]]
        assert len(rows) - 1 == resource["rows"]
    readme = (tmp_path / "csv" / "README.md").read_text("utf-8")
    for (sha256,) in register.rows("select sha256 from releases where status = 'read'"):
        assert sha256 in readme


def test_what_a_spreadsheet_would_run_is_neutral_there_and_exact_elsewhere(tmp_path: Path) -> None:
    evil = '=HYPERLINK(""http://x"")'
    with made_up([a_row("-5.00", recipient=f"{evil} LLC"), a_row("2.50", 2)]) as register:
        for format_ in FORMATS:
            export(register, place(tmp_path, format_), format=format_)
    with (tmp_path / "csv" / "transactions.csv").open(encoding="utf-8", newline="") as stream:
        row = next(csv.DictReader(stream))
    assert row["recipient"].startswith("'=")
    assert row["obligation"] == "-5.00"
    sheet = CalamineWorkbook.from_path(tmp_path / "r.xlsx").get_sheet_by_name("transactions").to_python()
    assert sheet[1][sheet[0].index("recipient")].startswith("'=")
    assert sheet[1][sheet[0].index("obligation")] == -5.0
    for path in (tmp_path / "jsonl", tmp_path / "parquet", tmp_path / "r.db", tmp_path / "r.json", tmp_path / "r.jsonl"):
        text = everything_in(path)
        assert "=HYPERLINK" in text, path
        assert "'=HYPERLINK" not in text.replace("''", "").replace(", '=", ", =").replace("('=", "(=").replace(",'=", ",="), (
            path
        )


def test_a_workbook_refuses_what_a_sheet_can_t_hold(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "XLSX_ROW_LIMIT", 1000)
    with pytest.raises(ExportError, match=r"award_summaries has 1,369 rows .*holds 999 below .*parquet\.$"):
        export(register, tmp_path / "r.xlsx", format="xlsx", tables=("sources", "award_summaries"))
    assert list(tmp_path.iterdir()) == []


def test_a_cell_that_is_cut_says_so(tmp_path: Path) -> None:
    with made_up([a_row()]) as register:
        register.run("insert into pages values ('system', 's', $name, [], '{}')", {"name": "x" * 40_000})
        done = export(register, tmp_path / "r.xlsx", format="xlsx", tables=("pages",))
    assert done.cuts == 1
    sheet = CalamineWorkbook.from_path(tmp_path / "r.xlsx").get_sheet_by_name("pages").to_python()
    assert sheet[1][2].endswith("[cut here: 40,000 characters]")
    assert len(sheet[1][2]) == XLSX_CELL_LIMIT


@given(st.integers(min_value=1, max_value=10**6))
def test_no_cell_is_longer_than_a_spreadsheet_s(more: int) -> None:
    assert len(cut("x" * (XLSX_CELL_LIMIT + more))) == XLSX_CELL_LIMIT


@given(st.text())
def test_no_text_is_taken_for_a_formula(text: str) -> None:
    assert not neutralise(text).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_datasette_opens_the_sqlite_file(register: Register, tmp_path: Path) -> None:
    datasette = pytest.importorskip("datasette.app")
    export(register, tmp_path / "r.db", format="sqlite", agency="ICE")
    database = sqlite3.connect(tmp_path / "r.db")
    assert database.execute("pragma foreign_key_check").fetchall() == []
    assert database.execute("pragma integrity_check").fetchall() == [("ok",)]
    metadata = json.loads((tmp_path / "r.metadata.json").read_text("utf-8"))

    async def ask(path: str) -> dict:
        opened = datasette.Datasette([str(tmp_path / "r.db")], metadata=metadata)
        await opened.invoke_startup()
        answer = await opened.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json() if ".json" in path else {"text": answer.text}

    found = asyncio.run(
        ask(
            "/r/transactions.json?_shape=objects&_search=skip+tracing&piid=70CDCR26FR0000015&is_current=1&repeats=0&_sort=modification"
        )
    )
    assert [row["obligation"] for row in found["rows"]] == ["636500.00", "0.00"]
    page = asyncio.run(ask("/r/transactions"))["text"]
    assert metadata["databases"]["r"]["tables"]["transactions"]["description"][:20] in page
    assert "no award&#39;s value" in page or "no award's value" in page


@pytest.mark.long
def test_keys_and_references_of_the_whole_register_hold(register: Register, tmp_path: Path) -> None:
    export(register, tmp_path / "r.db", format="sqlite")
    database = sqlite3.connect(tmp_path / "r.db")
    assert database.execute("pragma foreign_key_check").fetchall() == []
    for table in published_tables(register):
        assert database.execute(f'select count(*) from "{table.name}"').fetchall() == [(table.rows,)]


def validators() -> tuple[Callable, Callable]:
    jsonschema = pytest.importorskip("jsonschema")
    release = json.loads((SCHEMAS / "release-schema.json").read_text("utf-8"))
    package = json.loads((SCHEMAS / "release-package-schema.json").read_text("utf-8"))
    assert release["id"].endswith("/1__1__5/release-schema.json")
    # Releases are held against the release schema one by one: the reference to its address would need a network.
    package["properties"]["releases"]["items"] = {"type": "object"}
    # What our extension adds, as a JSON Merge Patch of the standard's schema.
    patch = json.loads((EXTENSION / "release-schema.json").read_text("utf-8"))
    for name, definition in patch["definitions"].items():
        release["definitions"].setdefault(name, {}).setdefault("properties", {}).update(definition.get("properties", {}))
    checker = jsonschema.FormatChecker()
    return (
        jsonschema.Draft4Validator(release, format_checker=checker).validate,
        jsonschema.Draft4Validator(package, format_checker=checker).validate,
    )


@pytest.mark.long
def test_all_awards_are_valid_ocds_releases(register: Register, tmp_path: Path) -> None:
    validate_release, validate_package = validators()
    export(register, tmp_path / "r.json", format="ocds")
    package = json.loads((tmp_path / "r.json").read_text("utf-8"))
    validate_package(package | {"releases": package["releases"][:2]})
    for release in package["releases"]:
        validate_release(release)
        # The checker of formats knows no date-time without another library.
        assert dt.datetime.fromisoformat(release["date"]).tzinfo
        parties = {party["id"] for party in release["parties"]}
        assert release["buyer"]["id"] in parties
        assert {each["id"] for award in release["awards"] for each in award.get("suppliers", ())} <= parties
        assert "value" not in release["awards"][0]
        assert "implementation" not in release.get("contracts", [{}])[0]
        for contract in release.get("contracts", ()):
            assert contract["awardID"] == release["awards"][0]["id"]
            ids = [obligation["id"] for obligation in contract.get("obligations", ())]
            assert len(ids) == len(set(ids))
    identifiers = [(release["ocid"], release["id"]) for release in package["releases"]]
    assert len(set(identifiers)) == len(identifiers)
    ((awards, total),) = register.rows(
        "select count(distinct award_key), sum(obligation) from transactions where is_current and not repeats"
    )
    ((summaries, valued),) = register.rows(
        "select count(*), count(current_value) filter (not starts_with(award_key, 'CONT_IDV')) from award_summaries"
    )
    assert len(identifiers) == awards + summaries
    contracts = [contract for release in package["releases"] for contract in release.get("contracts", ())]
    assert sum(Decimal(repr(each["value"]["amount"])) for c in contracts for each in c.get("obligations", ())) == total
    assert sum("value" in contract for contract in contracts) == valued
    assert not any("value" in contract and "obligations" in contract for contract in contracts)


def test_an_extended_contract_as_a_release(register: Register, tmp_path: Path) -> None:
    (release,) = [r for r in releases_of(register, tmp_path, agency="ICE") if "70CDCR26FR0000015" in r["ocid"]]
    assert release["buyer"]["name"] == "U.S. Immigration and Customs Enforcement"
    assert release["date"] == "2026-08-22T00:00:00Z"
    assert release["awards"][0]["suppliers"][0]["name"] == "AI SOLUTIONS 87 LLC"
    (contract,) = release["contracts"]
    assert contract["dateSigned"] == "2025-12-16T00:00:00Z"
    assert [(a["id"], a["date"][:10]) for a in contract["amendments"]] == [("P00001", "2026-03-11")]
    assert [o["value"]["amount"] for o in contract["obligations"]] == [636500, 0]
    assert release["relatedProcesses"][0]["identifier"] == "CONT_IDV_70CDCR26D00000006_7012"
    for obligation in contract["obligations"]:
        cell = register.rows(
            'select obligation from transactions where release = $release and "row" = $row', obligation["source"]
        )
        assert cell == [(Decimal(str(obligation["value"]["amount"])),)]


def test_two_awards_of_one_name_are_joined_by_identifier_only(tmp_path: Path) -> None:
    key = "CONT_AWD_70CDCR25P00000001_7012_-NONE-_-NONE-"
    summary = a_summary(
        award_key=key, piid="70CDCR25P00000001", agency="ICE", recipient="Acme Inc.", uei="ACMEUEI00001", obligated="1",
        current_value="7.25", first_action="12/22/17", last_action="5/31/21 0:00",
    )  # fmt: skip
    with made_up([a_row(), a_row("2.00", 2)], summary) as register:
        releases = releases_of(register, tmp_path)
        entities = entities_of(register, tmp_path)
    ids = {(r["awards"][0]["id"][9:26], r["awards"][0]["suppliers"][0]["id"]) for r in releases}
    assert ("70CDCR25P00000001", "US-SAM-ACMEUEI00001") in ids
    assert [supplier.startswith("custodiet-name-") for number, supplier in ids if number == "70CDCR25P00000002"] == [True]
    assert [r["contracts"][0].get("value", {}).get("amount") for r in releases] == [None, None, 7.25]
    suppliers = [e for e in entities if e["schema"] == "Company"]
    assert sorted("uniqueEntityId" in e["properties"] for e in suppliers) == [False, True]
    contracts = {e["properties"]["title"][0]: e["properties"] for e in entities if e["schema"] == "Contract"}
    assert contracts["70CDCR25P00000001"]["amount"] == ["7.25"]
    assert "amount" not in contracts["70CDCR25P00000002"]


@pytest.mark.parametrize(
    ("key", "parent"),
    [
        ("CONT_AWD_70X_7012_47QRAD20D1155_4732", "CONT_IDV_47QRAD20D1155_4732"),
        ("CONT_AWD_70X_7012_-NONE-_-NONE-", None),
        ("CONT_IDV_70X_7012", None),
        ("", None),
    ],
)
def test_the_parent_is_read_from_the_key(key: str, parent: str | None) -> None:
    assert parent_key(key) == parent


@given(st.decimals(min_value=-(10**13), max_value=10**13, places=2))
def test_json_numbers_keep_every_cent(amount: Decimal) -> None:
    assert Decimal(json.dumps(money(amount)["amount"])) == amount


@pytest.mark.long
def test_followthemoney_loads_every_entity(register: Register, tmp_path: Path) -> None:
    model = pytest.importorskip("followthemoney").model
    entities = entities_of(register, tmp_path)
    ids = {entity["id"] for entity in entities}
    assert len(ids) == len(entities)
    schemata: dict[str, int] = defaultdict(int)
    for entity in entities:
        schema = model.get(entity["schema"])
        schema.validate({"properties": entity["properties"]})
        proxy = model.get_proxy(entity, cleaned=False)
        # A value that the model's own cleaning refuses would be lost on the way in.
        for name, values in entity["properties"].items():
            assert sorted(proxy.get(name)) == sorted(set(values)), (entity["id"], name)
            kind = schema.get(name).type
            for value in values:
                assert kind.clean(value, proxy=proxy) is not None, (entity["id"], name, value)
                if kind.name == "entity":
                    assert value in ids
        schemata[entity["schema"]] += 1
    assert set(schemata) == {"Document", "PublicBody", "Company", "Organization", "Contract", "ContractAward"}
    ((contracts,),) = register.rows(
        "select count(*) from "
        "(select award_key from transactions where is_current union select award_key from award_summaries)"
    )
    assert schemata["Contract"] == contracts


def test_an_agency_s_part_is_that_agency_s(register: Register, tmp_path: Path) -> None:
    whole = {table.name: table.rows for table in published_tables(register)}
    ice = {table.name: table.rows for table in published_tables(register, agency="ICE")}
    dhs = {table.name: table.rows for table in published_tables(register, agency="Homeland Security")}
    ((actions, cases),) = register.rows(
        "select (select count(*) from transactions where agency = 'ICE'), "
        "(select count(*) from use_cases where agency = 'DHS' and bureau = 'ICE')"
    )
    assert (ice["transactions"], ice["use_cases"]) == (actions, cases)
    assert dhs["transactions"] == whole["transactions"]
    assert ice["answers"] < dhs["answers"] < whole["answers"]
    assert 0 < ice["findings"] < dhs["findings"] < whole["findings"]
    assert ice["claims"] == whole["claims"]
    with pytest.raises(QuestionError, match="no agency or bureau"):
        published_tables(register, agency="Nowhere")


@pytest.mark.parametrize("format_", FORMATS)
def test_what_is_not_ours_stays_unless_it_is_forced(format_: str, tmp_path: Path) -> None:
    path = place(tmp_path, format_)
    if path.suffix:
        path.write_text("my notes")
    else:
        path.mkdir()
        (path / "notes.txt").write_text("my notes")
    before = bytes_of(path)
    with made_up([a_row()]) as register:
        with pytest.raises(ExportError, match="no export of Custodiet"):
            export(register, path, format=format_)
        assert bytes_of(path) == before
        export(register, path, format=format_, force=True)
        # What is there now is ours, and needs no force.
        export(register, path, format=format_)
    assert "my notes" not in everything_in(path)
    assert not [file for file in tmp_path.iterdir() if file.name.startswith(".")]


def test_a_folder_is_no_file_and_a_file_no_folder(tmp_path: Path) -> None:
    with made_up([a_row()]) as register:
        with pytest.raises(ExportError, match="is a folder, and this format is one file"):
            export(register, tmp_path, format="ocds", force=True)
        (tmp_path / "file").touch()
        with pytest.raises(ExportError, match="is a file, and this format is a folder"):
            export(register, tmp_path / "file", format="csv", force=True)


def test_wrong_questions_get_one_sentence(register_file: Path, tmp_path: Path) -> None:
    for wrong in (
        ("--format", "pdf"), ("--format", "csv", "--tables", "persons"), ("--format", "ocds", "--tables", "rules"),
        ("--format", "ftm", "--agency", "Treasury"), ("--format", "csv", "--agency", "Nowhere"),
    ):  # fmt: skip
        done = run("export", *wrong, "--out", tmp_path / "x", "--register", register_file, home=tmp_path)
        assert_one_sentence(done)
    assert not (tmp_path / "x").exists()
    with memory_register() as empty, pytest.raises(QuestionError, match="no contract transactions"):
        export(empty, tmp_path / "x", format="ocds")


@pytest.mark.long
@pytest.mark.parametrize("format_", ["csv", "sqlite", "ocds"])
def test_an_export_that_is_killed_leaves_what_was_there(format_: str, register_file: Path, tmp_path: Path) -> None:
    path = place(tmp_path / "place", format_)
    with made_up([a_row()]) as small:
        export(small, path, format=format_)
    before = bytes_of(path)
    options = ("--format", format_, "--out", path, "--register", register_file)
    caught = 0
    for delay in (0.3, 0.6, 0.9, 1.4):
        process = start("export", *options, home=tmp_path)
        time.sleep(delay)
        was_running = process.poll() is None
        process.kill()
        process.communicate()
        if not was_running:
            break
        caught += 1
        assert bytes_of(path) == before
    assert caught > 1
    done = run("export", *options, home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert bytes_of(path) != before
    assert not [file for file in path.parent.iterdir() if file.name.startswith(".")]
