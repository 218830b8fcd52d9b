"""Files that people open: neutral for spreadsheets, and the same bytes every time."""

import csv
import io
import time
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from custodiet.exports.tables import flatten, neutralise, to_json, write_csv, write_xlsx

RECORDS = [
    {
        "id": "=1+1",
        "n": -3,
        "who": {"id": "@x"},
        "citations": [{"release": "r", "row": 1, "column": "c"}],
        "numbers": {"b": 1, "a": 2},
    },
    {"id": "+cmd", "n": 4.5, "who": {"id": "plain"}, "citations": [], "numbers": {}},
]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_text_that_starts_like_a_formula_gets_a_quote(start: str) -> None:
    assert neutralise(start + "x") == "'" + start + "x"


def test_numbers_stay_numbers() -> None:
    assert neutralise(-3) == -3


def test_records_are_laid_flat() -> None:
    assert flatten(RECORDS[0]) == {
        "id": "=1+1",
        "n": -3,
        "who_id": "@x",
        "citations": "r row 1 c",
        "numbers": '{"a": 2, "b": 1}',
    }


def test_csv_holds_every_record() -> None:
    stream = io.StringIO()
    write_csv(RECORDS, stream)
    rows = list(csv.DictReader(io.StringIO(stream.getvalue())))
    assert [row["id"] for row in rows] == ["'=1+1", "'+cmd"]
    assert rows[0]["n"] == "-3"


def test_a_workbook_is_the_same_to_the_byte_and_holds_no_formula(tmp_path: Path) -> None:
    write_xlsx(RECORDS, tmp_path / "a.xlsx", "t")
    time.sleep(1.1)
    write_xlsx(RECORDS, tmp_path / "b.xlsx", "t")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    rows = CalamineWorkbook.from_path(tmp_path / "a.xlsx").get_sheet_by_index(0).to_python()
    assert rows[1][:2] == ["'=1+1", -3.0]


def test_json_refuses_what_it_can_t_write() -> None:
    with pytest.raises(TypeError):
        to_json({"x": object()})
