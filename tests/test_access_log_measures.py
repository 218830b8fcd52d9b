"""Measures of query logs: the real one recounted by hand, and a made-up trap for each definition."""

import csv
import re
from collections import Counter
from pathlib import Path
from statistics import median

import pytest

from custodiet.access_log.accounts import screen_accounts
from custodiet.access_log.log import Options
from custodiet.access_log.policy import Policy
from custodiet.access_log.privacy import group_rare, keep_organisation, keep_reason, suppress
from custodiet.access_log.statistics import binomial_tail, discoveries, wilson
from custodiet.model.errors import InputError
from logs import FLOCK_14, audit, flock_row, integrity_of, measures_of, records_of, write_log

# --- The real log


@pytest.fixture(scope="module")
def eugene(mirror: Path) -> Path:
    return mirror / "access-logs" / "eugene-or"


def test_eugene_is_what_a_recount_of_its_file_says(eugene: Path) -> None:
    path = eugene / "EPDSearchAuditLogs.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    cameras = [int(row["cameraCount"]) for row in rows]
    reasons = [row["reason"] for row in rows]
    folded = [" ".join(reason.lower().replace("+", " ").split()) for reason in reasons]
    generic = re.compile(r"^(criminal |active |ongoing )?inv(est(igations?)?)?\.?$")
    found = measures_of(path, options=Options(time_zone="America/Los_Angeles"))
    assert found["rows"] == found["sightings"] == found["searches"] == len(rows) == 4294
    assert found["devices"] == {"max": max(cameras), "median": median(cameras), "sum": sum(cameras)}
    assert found["networks"] is None
    assert found["accounts"]["accounts"] == len({row["userId"] for row in rows}) == 147
    assert found["reason"]["empty"] == reasons.count("") == 5
    assert found["reason"]["generic_investigation"] == sum(bool(generic.match(one)) for one in folded)
    assert found["reason"]["distinct_raw"] == len(set(reasons) - {""})
    assert found["reason"]["distinct_normalised"] == len(set(folded) - {""})
    assert found["period"]["utc"]["start"].startswith("2025-06-18")
    assert found["period"]["utc"]["end"].startswith("2025-12-02")
    assert sum(n for n in found["hours"].values() if n is not None) == 4294


def test_eugene_from_the_command_line(eugene: Path, tmp_path: Path) -> None:
    found = audit(tmp_path, eugene / "EPDSearchAuditLogs.csv")
    values = {one["id"]: one for one in found["measures"]}
    assert values["rows"]["value"] == 4294
    assert values["case_number"]["state"] == "undefined"
    assert values["case_number"]["value"] is None
    assert set(values["rows"]) >= {"id", "value", "n", "interval", "definition", "state"}
    assert set(found) >= {"measures", "findings", "integrity"}


def test_the_workbook_of_eugene_has_other_rows_and_says_so(eugene: Path) -> None:
    workbook = eugene / "EPDSearchAuditLogs.xlsx"
    found = integrity_of(eugene / "EPDSearchAuditLogs.csv", workbook)
    assert [file["rows"] for file in found["files"]] == [4294, 4377]
    assert found["repeats_within_files"] == 83
    assert any("differ in rows" in warning and "4,377" in warning for warning in found["warnings"])
    assert measures_of(workbook)["searches"] == 4294


# --- Rows, sightings and searches


def test_a_search_in_two_files_is_one_search_and_two_sightings(tmp_path: Path) -> None:
    first = write_log(tmp_path / "a.csv", [flock_row(1), flock_row(2), flock_row(2)])
    second = write_log(tmp_path / "b.csv", [flock_row(2), flock_row(3, Reason="theft")])
    found = measures_of(first, second)
    assert (found["rows"], found["sightings"], found["searches"]) == (5, 4, 3)


def test_without_ids_equal_rows_of_two_files_are_one_search_only_where_each_has_one(tmp_path: Path) -> None:
    headers = FLOCK_14[1:]
    once, twice = flock_row(1), flock_row(1, SearchTime="04/08/2026, 10:00:00 AM UTC")
    first = write_log(tmp_path / "a.csv", [once, twice, twice], headers)
    second = write_log(tmp_path / "b.csv", [once, twice, flock_row(1, Reason="theft")], headers)
    found = records_of(first, second)
    assert found["searches"]["value"] == 5
    assert "can't be paired" in found["searches"]["why"]


def test_the_rows_of_a_search_that_disagree_are_told(tmp_path: Path) -> None:
    first = write_log(tmp_path / "a.csv", [flock_row(1)])
    second = write_log(tmp_path / "b.csv", [flock_row(1, TotalDevicesSearched="51")])
    assert integrity_of(first, second)["searches_whose_rows_disagree"] == 1


# --- States: absent, blank and masked are different facts


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("", "empty"), (" ", "empty"), ("n/a", "placeholder"), ("---", "placeholder"), ("***", "masked_vendor_marker"),
        ("REDACTED", "masked_agency"), (" REDACTED", "masked_agency"), ("[REDACTED]", "masked_agency"),
        ("###", "masked_agency"), ("* * *", "masked_agency"), ("████", "masked_agency"),
        ("7923.600 GC", "exemption_citation"),
        ("(b)(7)(E)", "exemption_citation"), ("RCW 42.56.240", "exemption_citation"), ("RCW 46.61.502", "value"),
        ("459PC", "value"), ("stolen vehicle", "value"),
    ],
)  # fmt: skip
def test_state_of_a_reason(tmp_path: Path, text: str, state: str) -> None:
    found = integrity_of(write_log(tmp_path / "a.csv", [flock_row(1, Reason=text)]))
    assert found["files"][0]["states"]["reason"] == {state: 1}


def test_a_name_cut_short_is_partial(tmp_path: Path) -> None:
    found = integrity_of(write_log(tmp_path / "a.csv", [flock_row(1, Name="J. Smi"), flock_row(2, Name="Some Body")]))
    assert found["files"][0]["states"]["searcher"] == {"partial": 1, "value": 1}


def test_a_share_over_a_column_that_is_absent_or_masked_is_undefined(tmp_path: Path) -> None:
    absent = write_log(tmp_path / "a.csv", [flock_row(1)], ("ID", "Org Name", "Total Networks Searched",
        "Total Devices Searched", "Time Frame", "Reason", "Search Time", "Search Type", "Moderation"))  # fmt: skip
    masked = write_log(tmp_path / "b.csv", [flock_row(1, CaseNo="REDACTED")])
    blank = write_log(tmp_path / "c.csv", [flock_row(1, CaseNo=""), flock_row(2)])
    assert records_of(absent)["case_number"]["state"] == "undefined"
    assert measures_of(masked)["case_number"] == {"state": "masked_agency", "filled": None, "share": None}
    record = records_of(blank)["case_number"]
    assert record["value"]["filled"] == 1
    assert record["value"]["share"] == 0.5
    assert record["interval"][0] < 0.5 < record["interval"][1]


def test_a_column_withheld_by_letter_is_not_one_that_was_not_exported(tmp_path: Path) -> None:
    path = write_log(tmp_path / "a.csv", [flock_row(1)], [name for name in FLOCK_14 if name != "ID"])
    found = records_of(path, options=Options(policy=Policy(withheld_by_letter=("judicial_process",))))
    assert found["judicial_process"]["why"] == "judicial_process: withheld by letter"


# --- Reasons


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("investigation", "generic_investigation"), ("Criminal Inv.", "generic_investigation"),
        ("active+investigation", "generic_investigation"), ("INVEST", "generic_investigation"),
        ("investigation of theft", None), ("26-001234", "number_only"), ("#4711", "number_only"), ("0", "placeholder"),
        ("459PC", "code"), ("10851(a) CVC", "code"), ("1700", "code"), ("920", "code"), ("10-50", "code"), ("ST2", None),
        ("-", "placeholder"), ("XXX", "placeholder"), ("theft", None),
    ],
)  # fmt: skip
def test_kind_of_a_reason(tmp_path: Path, reason: str, kind: str | None) -> None:
    found = measures_of(write_log(tmp_path / "a.csv", [flock_row(1, Reason=reason)]))["reason"]
    kinds = {name for name in ("empty", "placeholder", "generic_investigation", "number_only", "code") if found[name]}
    assert kind in kinds if kind else not kinds


# --- Windows


def test_lookback_by_limit_tolerance_network_and_age(tmp_path: Path) -> None:
    search = "04/08/2026, 09:00:00 AM UTC"
    rows = [
        # Exactly 30 days; 20 minutes more; 31 days on one network; wholly older than 30 days.
        flock_row(1, TimeFrame=f"03/09/2026, 09:00:00 AM UTC\n{search}", SearchTime=search),
        flock_row(2, TimeFrame=f"03/09/2026, 08:40:00 AM UTC\n{search}", SearchTime=search),
        flock_row(3, TimeFrame=f"03/08/2026, 09:00:00 AM UTC\n{search}", SearchTime=search, TotalNetworksSearched="1"),
        flock_row(4, TimeFrame="01/01/2026, 09:00:00 AM UTC\n01/02/2026, 09:00:00 AM UTC", SearchTime=search),
    ]
    found = measures_of(write_log(tmp_path / "a.csv", rows))
    assert found["lookback"]["30"] == {
        "beyond": 3, "beyond_with_tolerance": 2, "beyond_one_network": 1, "wholly_older": 1,
    }  # fmt: skip
    assert set(found["lookback"]) == {"1", "3", "21", "30", "60", "90", "150", "180", "365"}
    assert found["end_after_search"] == 0


@pytest.mark.parametrize(
    "frame",
    [
        "04/01/2026, 09:00:00 AM UTC\n04/08/2026, 10:00:00 AM UTC",
        "04/01/2026, 09:00:00 AM UTC to 04/08/2026, 10:00:00 AM UTC",
        "4/1/2026, 9:00:00 AM UTC 4/8/2026, 10:00:00 AM UTC",
        "04/01/2026, 09:00:00 AM UTC\r\n04/08/2026, 10:00:00 AM UTC",
    ],
)
def test_time_frames_of_every_form(tmp_path: Path, frame: str) -> None:
    found = measures_of(write_log(tmp_path / "a.csv", [flock_row(1, TimeFrame=frame)]))
    assert found["window"]["min_hours"] == 169
    assert found["end_after_search"] == 1


def test_local_hours_follow_daylight_saving(tmp_path: Path) -> None:
    rows = [flock_row(n, SearchTime="01/08/2026, 08:30:00 PM UTC") for n in range(12)]
    rows += [flock_row(n, SearchTime="07/08/2026, 08:30:00 PM UTC") for n in range(20, 32)]
    path = write_log(tmp_path / "a.csv", rows)
    assert measures_of(path)["hours"] is None
    hours = measures_of(path, options=Options(time_zone="America/Los_Angeles"))["hours"]
    assert (hours["12"], hours["13"]) == (12, 12)


def test_times_of_no_stated_zone_become_utc_with_a_time_zone(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Reason,DateTime\ntheft,2025-01-31 12:00:00\ntheft,2025-07-31 12:00:00\n", "utf-8")
    assert measures_of(path)["period"]["utc"] is None
    found = measures_of(path, options=Options(time_zone="America/Los_Angeles"))["period"]
    assert found["utc"] == {"start": "2025-01-31T20:00:00Z", "end": "2025-07-31T19:00:00Z"}


# --- Who searched


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Town WA PD", "own_state"), ("Blaine CO OK SO", "other_state"), ("Pueblo CO SO", "other_state"),
        ("Texas State Police", "other_state"), ("US Border Patrol", "federal"), ("Some Office [Federal]", "federal"),
        ("Metro Police", "unknown"), ("Office of Justice Police", "unknown"), ("Navajo Nation PD", "tribal"),
        ("Lakeside HOA", "private"), ("Mountain View CA PD (Santa Clara County)", "other_state"),
        ("Old Town WA SO [Inactive]", "own_state"), ("Washington State Patrol", "own_state"),
    ],
)  # fmt: skip
def test_kind_of_an_organisation(tmp_path: Path, name: str, kind: str) -> None:
    path = write_log(tmp_path / "a.csv", [flock_row(1, OrgName=name)])
    found = measures_of(path, options=Options(producer="Town WA PD"))["outside"]
    assert found[kind] == 1
    assert sum(found.values()) == 1


def test_doors_need_a_dated_sharing_list(tmp_path: Path) -> None:
    rows = [
        flock_row(1, OrgName="US Border Patrol"), flock_row(2, OrgName="DEA Seattle"),
        flock_row(3, OrgName="Other TX PD", Reason="assist ICE"), flock_row(4),
    ]  # fmt: skip
    path = write_log(tmp_path / "a.csv", rows)
    headers = ("Organization Name", "Networks Shared With Me", "Networks I'm Sharing")
    listing = [
        dict(zip(headers, ("US Border Patrol", "", "Town"), strict=True)),
        dict(zip(headers, ("DEA Seattle", "x", ""), strict=True)),
    ]
    dated = write_log(tmp_path / "SharedNetworks_2026_April_1.csv", listing)
    undated = write_log(tmp_path / "sharing.csv", listing)
    assert measures_of(path)["doors"] == {"front": None, "back": None, "side": 1, "cannot_tell": 2}
    assert measures_of(path, options=Options(sharing=undated))["doors"]["cannot_tell"] == 2
    assert measures_of(path, options=Options(sharing=dated))["doors"] == {"front": 1, "back": 1, "side": 1, "cannot_tell": 0}


def test_repeated_targets_and_masked_plates(tmp_path: Path) -> None:
    rows = [flock_row(n, LicensePlate=plate) for n, plate in enumerate(["AAA0001"] * 3 + ["BBB0002", "***", ""])]
    assert measures_of(write_log(tmp_path / "a.csv", rows))["repeat_targets"] == {
        "targets": 2, "searched_again": 1, "ten_or_more": 0, "max": 3,
    }  # fmt: skip
    assert measures_of(write_log(tmp_path / "b.csv", rows[4:]))["repeat_targets"] is None


def test_a_plate_is_one_target_however_it_is_typed(tmp_path: Path) -> None:
    rows = [
        flock_row(number, LicensePlate=text) for number, text in enumerate(("ABC0001", "abc0001", " Abc0001 ", "XYZ0001"))
    ]
    found = measures_of(write_log(tmp_path / "log.csv", rows))["repeat_targets"]
    assert (found["targets"], found["searched_again"], found["max"]) == (2, 1, 3)


def test_a_word_counts_in_filler_and_beside_a_mask(tmp_path: Path) -> None:
    rows = [flock_row(1, Reason="test"), flock_row(2, Reason="immigration ***"), flock_row(3, Reason="***")]
    found = measures_of(write_log(tmp_path / "log.csv", rows))
    assert (found["lexicons"]["training_and_test"], found["lexicons"]["immigration"]) == (1, 1)
    assert found["reason"]["placeholder"] == 1


def test_outliers_among_accounts_are_found_and_steady_accounts_are_not() -> None:
    steady = [{"n": 40 + number % 5, "days": 10, "long_days": 0} for number in range(30)]
    found = screen_accounts([*steady, {"n": 4000, "days": 10, "long_days": 0}, {"n": 40, "days": 10, "long_days": 9}])
    assert (found["volume_candidates"], found["shared_candidates"]) == (1, 1)
    found = screen_accounts(steady)
    assert (found["volume_candidates"], found["shared_candidates"]) == (0, 0)


# --- Statistics, against published or exact values


def test_wilson_interval_of_a_published_case() -> None:
    # Newcombe 1998, table I: 81 of 263.
    low, high = wilson(81, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)


def test_false_discoveries_of_the_paper_s_example() -> None:
    # Benjamini and Hochberg 1995, section 4.1: four of fifteen at 0.05.
    values = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
        0.7590,
        1.0,
    ]
    assert sum(discoveries(values, 0.05)) == 4


def test_binomial_tail_is_exact() -> None:
    assert binomial_tail(2, 3, 0.5) == pytest.approx(0.5)
    assert binomial_tail(0, 3, 0.5) == 1


# --- Suppression


def test_no_small_cell_can_be_had_by_subtraction() -> None:
    for counts in (
        {"a": 3, "b": 50, "c": 40},
        {"a": 3, "b": 4, "c": 40, "d": 90},
        {"a": 1, "b": 2},
        {"a": 0, "b": 9, "c": 100},
    ):
        shown = suppress(counts, 10)
        hidden = [counts[name] for name, value in shown.items() if value is None]
        assert all(value is None or value == 0 or value >= 10 for value in shown.values())
        assert not hidden or len(hidden) > 1 or set(shown.values()) <= {None, 0}
        assert not hidden or sum(hidden) >= 10 or all(value in (None, 0) for value in shown.values())


def test_a_rare_name_is_added_to_the_rest_and_the_rest_is_never_rare() -> None:
    shown, rest = group_rare(Counter(a=100, b=50, c=2), 10, 5)
    assert shown == [("a", 100)]
    assert rest == 52


# --- The allow-list


@pytest.mark.parametrize(
    ("reason", "kept"),
    [("Daytime search for best result", "daytime search for best result"), ("best", "[other]"), ("John Page", "[other]"),
     ("suspect Best", "suspect [other]"), ("search from alerts page of Zorvath", "search from alerts page of [other]")],
)  # fmt: skip
def test_a_vendor_s_phrase_is_kept_whole_and_its_words_are_not(reason: str, kept: str) -> None:
    assert keep_reason(reason) == kept


def test_kept_words() -> None:
    assert keep_reason("Stolen Vehicle") == "stolen vehicle"
    assert keep_reason("stolen+vehicle ABC1234 Jane Doe") == "stolen vehicle [other]"
    assert keep_reason("459 PC") == "459pc"
    assert keep_reason("DOB 01/02/1980") == "[other]"
    assert keep_organisation("Town WA PD") == "Town WA PD"
    assert keep_organisation("Jane Doe") == "[other]"


# --- Integrity


def test_truncation_at_a_spreadsheet_s_end_and_at_round_numbers() -> None:
    from custodiet.access_log.integrity import find_truncation

    assert find_truncation(1_048_575)
    assert find_truncation(1_000_000)
    assert find_truncation(55_000)
    assert find_truncation(4_294) is None
    assert find_truncation(500) is None


def test_a_rewritten_column_is_found(tmp_path: Path) -> None:
    rows = [flock_row(n, Reason="Investigation", CaseNo=f"26-{n:06}") for n in range(150)]
    found = integrity_of(write_log(tmp_path / "a.csv", rows))
    assert [one["column"] for one in found["constant_columns"]] == ["reason"]


def test_no_trend_crosses_a_change_of_form(tmp_path: Path) -> None:
    days = ["11/05/2025", "12/05/2025", "12/20/2025", "01/05/2026"]
    rows = [flock_row(100 * at + n, SearchTime=f"{day}, 09:00:00 AM UTC") for at, day in enumerate(days) for n in range(12)]
    found = integrity_of(write_log(tmp_path / "a.csv", rows))
    assert [change["day"] for change in found["changes_of_form"]] == ["2025-12-17", "2026-01-01"]
    segments = [month["segment"] for month in found["months"]]
    assert len(segments) == len(set(segments)) == 3


def test_a_policy_s_audits_are_counted(tmp_path: Path) -> None:
    rows = [flock_row(1, SearchTime="01/05/2026, 09:00:00 AM UTC"), flock_row(2, SearchTime="08/05/2026, 09:00:00 AM UTC")]
    path = write_log(tmp_path / "a.csv", rows)
    policy = Policy.model_validate({"audits": {"every_months": "3", "done": ["2026-02-01", "2025-02-01"]}})
    assert measures_of(path, options=Options(policy=policy))["audits"] == {"done": 1, "due": 2}
    assert measures_of(path)["audits"] is None


def test_a_log_of_no_searches_is_refused(tmp_path: Path) -> None:
    headers = ("Timestamp", "User", "Event Type", "Entity Type", "Entity Details", "Event Id")
    path = write_log(
        tmp_path / "events.csv", [dict(zip(headers, ("2026-01-01T00:00:00Z", "u", "add", "user", "x", "1"), strict=True))]
    )
    with pytest.raises(InputError, match="holds no searches"):
        measures_of(path)
