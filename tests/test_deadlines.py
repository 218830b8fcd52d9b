"""Deadlines, counted by hand: each case says which days were left out and why."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custodiet.governance.deadlines import Stop, day_received, trace_deadline
from custodiet.governance.records_laws import law_of, load_laws
from custodiet.model.calendar import Calendar, count_business_days, count_calendar_days, inauguration_day, local_day
from custodiet.model.errors import QuestionError


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


# The federal holidays of four years, by 5 U.S.C. 6103(a), (b) and E.O. 11582, written out by hand.
FEDERAL = [
    "2025-01-01", "2025-01-20", "2025-02-17", "2025-05-26", "2025-06-19", "2025-07-04", "2025-09-01", "2025-10-13",
    "2025-11-11", "2025-11-27", "2025-12-25",
    "2026-01-01", "2026-01-19", "2026-02-16", "2026-05-25", "2026-06-19", "2026-07-03", "2026-09-07", "2026-10-12",
    "2026-11-11", "2026-11-26", "2026-12-25",
    # 19 June and 25 December 2027 are Saturdays; 4 July is a Sunday; 1 January 2028 is a Saturday.
    "2027-01-01", "2027-01-18", "2027-02-15", "2027-05-31", "2027-06-18", "2027-07-05", "2027-09-06", "2027-10-11",
    "2027-11-11", "2027-11-25", "2027-12-24", "2027-12-31",
    "2028-01-17", "2028-02-21", "2028-05-29", "2028-06-19", "2028-07-04", "2028-09-04", "2028-10-09", "2028-11-10",
    "2028-11-23", "2028-12-25",
]  # fmt: skip


def test_federal_holidays_on_weekdays_are_those_of_the_statute():
    calendar = Calendar("us")
    days = (day("2025-01-01") + dt.timedelta(days=number) for number in range(4 * 365 + 1))
    assert [str(each) for each in days if each.weekday() < 5 and calendar.holiday(each)] == FEDERAL


@given(st.dates(day("2025-01-01"), day("2028-06-01")), st.integers(1, 90))
def test_business_days_agree_with_numpy(start: dt.date, days: int):
    """A second way to count: numpy's business days with the holidays written out above."""
    expected = np.busday_offset(np.datetime64(start), 0, roll="backward", holidays=FEDERAL)
    expected = np.busday_offset(expected, days, holidays=FEDERAL).astype(object)
    assert count_business_days(Calendar("us"), start, days).end == expected


@given(st.dates(day("2025-01-01"), day("2028-01-01")), st.integers(1, 60), st.sets(st.integers(0, 40), max_size=12))
def test_a_pause_moves_the_end_by_the_days_it_takes(start: dt.date, days: int, offsets: set[int]):
    paused = {start + dt.timedelta(days=offset) for offset in offsets}
    count = count_business_days(Calendar("us"), start, days, paused)
    counted = [each for each in (start + dt.timedelta(days=n) for n in range(1, (count.end - start).days + 1))
               if each.weekday() < 5 and str(each) not in FEDERAL and each not in paused]  # fmt: skip
    assert len(counted) == days
    assert counted[-1] == count.end


@pytest.mark.parametrize(
    ("received", "due"),
    [
        # Thanksgiving week: 26 November is left out; Friday 27 November is the first day, 24 December the twentieth.
        ("2026-11-25", "2026-12-24"),
        # Christmas Eve and 26 December 2025 were given off by executive order: no legal public holidays, so both count.
        ("2025-12-01", "2025-12-30"),
        # 4 July 2026 is a Saturday: Friday 3 July is left out (5 U.S.C. 6103(b)(1)).
        ("2026-06-22", "2026-07-21"),
        # Year's end 2027: Christmas and New Year's Day are Saturdays, so 24 and 31 December are left out.
        ("2027-12-06", "2028-01-05"),
        # A leap year: 21 February is left out, 29 February is the eleventh day.
        ("2028-02-11", "2028-03-13"),
        # Inauguration Day 2021, a Wednesday after Martin Luther King's Birthday: both are left out in Washington.
        ("2021-01-05", "2021-02-04"),
        # Received on a Saturday: the count begins on Monday 2 March.
        ("2026-02-28", "2026-03-27"),
    ],
)
def test_twenty_days_of_the_act(received: str, due: str):
    """5 U.S.C. 552(a)(6)(A)(i)."""
    trace = trace_deadline(law_of("us"), day(received))
    assert trace.due == day(due)


def test_inauguration_day_says_that_it_may_not_count():
    step = trace_deadline(law_of("us"), day("2021-01-05")).find("determination")
    assert "5 U.S.C. 6103(c)" in step.sentence
    assert "one business day earlier" in step.sentence
    # In 2025 it fell on the holiday of that Monday: nothing hangs on it.
    assert "6103(c)" not in trace_deadline(law_of("us"), day("2025-01-10")).find("determination").sentence
    assert [inauguration_day(year) for year in (2021, 2024, 2029, 2013, 1965)] == [
        day("2021-01-20"), None, day("2029-01-20"), day("2013-01-21"), None,
    ]  # fmt: skip


@pytest.mark.parametrize("received", ["2026-02-28", "2026-03-01"])
def test_of_a_weekend_request_the_next_business_day_is_the_first(received: str):
    """5 U.S.C. 552(a)(6)(A)(i): twenty days after the receipt, Saturdays, Sundays and holidays excepted."""
    trace = trace_deadline(law_of("us"), day(received))
    assert f"({day(received):%A})" in trace.find("received").sentence
    assert "of business days March 2, 2026 is the first" in trace.find("received").sentence
    weekdays = [date for n in range(60) if (date := day(received) + dt.timedelta(n + 1)).weekday() < 5]
    assert weekdays[0] == day("2026-03-02")
    assert weekdays[19] == trace.due == day("2026-03-27")


@pytest.mark.parametrize(
    ("sent", "law", "received"),
    [
        # Half past ten at night in Los Angeles is half past one in Washington.
        ("2026-11-24T22:30-08:00", "us", "2026-11-25"),
        ("2026-11-24T20:59-08:00", "us", "2026-11-24"),
        # Midnight in Washington, in daylight saving time.
        ("2026-06-30T18:00-10:00", "us", "2026-07-01"),
        # From London in the small hours it is still the day before in Washington.
        ("2026-11-20T03:00+00:00", "us", "2026-11-19"),
        # The night on which the clocks go forward.
        ("2026-03-07T23:30-08:00", "us", "2026-03-08"),
        # The same moment, asked of an office in Honolulu.
        ("2026-11-25T06:30+00:00", "hi", "2026-11-24"),
        # Year's end.
        ("2026-12-31T21:30-08:00", "us", "2027-01-01"),
    ],
)
def test_the_offices_own_day_counts(sent: str, law: str, received: str):
    assert day_received(law_of(law), dt.datetime.fromisoformat(sent)) == day(received)


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(QuestionError, match="without a time zone"):
        day_received(law_of("us"), dt.datetime(2026, 11, 20, 22, 0))  # noqa: DTZ001
    with pytest.raises(ValueError, match="no time zone"):
        local_day(dt.datetime(2026, 11, 20, 22, 0), "America/New_York")  # noqa: DTZ001


def test_a_letter_needs_its_day_of_arrival():
    with pytest.raises(QuestionError, match="on which the office has it"):
        day_received(law_of("us"), day("2026-11-20"), by_post=True)


def test_unusual_circumstances_add_ten_working_days():
    """5 U.S.C. 552(a)(6)(B): from 24 December 2026, leaving out 25 December and 1 January."""
    trace = trace_deadline(law_of("us"), day("2026-11-25"), extended=True)
    assert trace.find("extension").date == day("2027-01-11")
    assert trace.find("silence").date == day("2027-01-12")
    assert trace_deadline(law_of("us"), day("2026-11-25")).find("silence").date == day("2026-12-25")


def test_a_misdirected_request_starts_at_the_latest_after_ten_days():
    """552(a)(6)(A): ten days; as calendar days 12 November, as working days (11 November left out) 17 November."""
    trace = trace_deadline(law_of("us"), day("2026-11-02"), misdirected=True)
    assert trace.find("routed").date == day("2026-11-17")
    assert "November 12, 2026" in trace.find("routed").sentence
    assert trace.due == day("2026-12-16")
    assert trace_deadline(law_of("us"), day("2026-11-02"), routed=day("2026-11-05")).find("routed").date == day("2026-11-05")


def test_a_stopped_clock():
    """552(a)(6)(A)(ii)(I): asked on 15 January, answered on 21 January 2026; 16, 20 and 21 January do not count."""
    law = law_of("us")
    assert trace_deadline(law, day("2026-01-05")).due == day("2026-02-03")
    trace = trace_deadline(law, day("2026-01-05"), stops=[Stop(day("2026-01-15"), day("2026-01-21"))])
    assert trace.due == day("2026-02-06")
    open_stop = trace_deadline(law, day("2026-01-05"), stops=[Stop(day("2026-01-15"), None)])
    assert open_stop.due is None
    assert open_stop.find("silence").date is None
    assert "stands still" in open_stop.find("determination").sentence


def test_expedition_is_decided_ten_days_after_the_request_itself():
    """552(a)(6)(E)(ii)(I): calendar days, from the date of the request, not from its receipt."""
    trace = trace_deadline(law_of("us"), dt.datetime.fromisoformat("2026-11-24T22:30-08:00"), expedited=True)
    assert trace.find("expedition").date == day("2026-12-04")
    assert trace_deadline(law_of("us"), day("2026-11-24")).find("expedition") is None


def test_appeals():
    """The Act: 90 days, 29 in December, 31, 28 and 2 in March. DHS: 90 working days (6 CFR 5.8(a)(1))."""
    assert trace_deadline(law_of("us"), day("2026-11-02"), determined=day("2026-12-02")).find("appeal").date == day(
        "2027-03-02"
    )
    # 27 February 2027 is a Saturday: for the requester, the day before is safe.
    step = trace_deadline(law_of("us"), day("2026-10-01"), determined=day("2026-11-29")).find("appeal")
    assert step.date == day("2027-02-27")
    assert "have it there by February 26, 2027" in step.sentence
    # 1 in December, 19 in January, 19 in February, 23 in March, 22 in April, 6 in May.
    dhs = trace_deadline(law_of("us-dhs"), day("2026-11-25"), determined=day("2026-12-30"), appealed=day("2027-01-15"))
    assert dhs.find("appeal").date == day("2027-05-10")
    # 18 January and 15 February are left out.
    assert dhs.find("appeal decision").date == day("2027-02-16")
    assert trace_deadline(law_of("us"), day("2026-11-02")).find("appeal").date is None


@pytest.mark.parametrize(
    ("law", "received", "key", "due"),
    [
        # Cal. Gov. Code 7922.535(a): ten calendar days; 27 November is a holiday of the state, then comes the weekend.
        ("ca", "2026-11-20", "determination", "2026-11-30"),
        ("ca", "2026-11-17", "determination", "2026-11-30"),
        # 31 March is Cesar Chavez Day.
        ("ca", "2026-03-21", "determination", "2026-04-01"),
        # 14 days more at most, 7922.535(b).
        ("ca", "2026-11-20", "extension", "2026-12-14"),
        # N.Y. Pub. Off. Law 89(3)(a): five business days, Thanksgiving left out; then twenty more, Christmas left out.
        ("ny", "2026-11-20", "acknowledgement", "2026-11-30"),
        ("ny", "2026-11-20", "determination", "2026-12-29"),
        # Tex. Gov't Code 552.301(b): Thanksgiving and the Friday after it are left out.
        ("tx", "2026-11-20", "determination", "2026-12-08"),
        # Patriots' Day, 20 April 2026.
        ("ma", "2026-04-10", "determination", "2026-04-27"),
        # Emancipation Day in the District, 16 April 2026.
        ("dc", "2026-04-08", "determination", "2026-04-30"),
        # 65 P.S. 67.901 and 67.902(b)(2): five business days, Christmas left out, then 30 days.
        ("pa", "2026-12-21", "determination", "2026-12-29"),
        ("pa", "2026-12-21", "extension", "2027-01-28"),
        # Ala. Code 36-12-44: ten days (a Sunday goes to Monday), then 15 business days.
        ("al", "2026-11-19", "acknowledgement", "2026-11-30"),
        ("al", "2026-11-20", "determination", "2026-12-21"),
        # RCW 42.56.520: five business days over Presidents' Day, 16 February 2026.
        ("wa", "2026-02-13", "acknowledgement", "2026-02-23"),
    ],
)
def test_states(law: str, received: str, key: str, due: str):
    assert trace_deadline(law_of(law), day(received)).find(key).date == day(due)


def test_emancipation_day_stops_no_federal_clock():
    """It is a holiday of the District's government, not of 5 U.S.C. 6103."""
    assert Calendar("us", inauguration=True).holiday(day("2026-04-16")) is None
    assert Calendar("us-dc").holiday(day("2026-04-16")) == "Emancipation Day"


def test_michigan_takes_an_e_mail_as_received_a_business_day_later():
    """MCL 15.235(1): sent on Friday 20 November 2026, received on Monday 23 November."""
    assert day_received(law_of("mi"), day("2026-11-20")) == day("2026-11-23")
    trace = trace_deadline(law_of("mi"), day("2026-04-17"))
    # Monday 20 April is the day of receipt; no holiday follows in that week.
    assert trace.due == day("2026-04-27")


def test_alabama_is_silent_after_thirty_business_days():
    """Ala. Code 36-12-44(a)(5): after the acknowledgement of 30 November, 22 business days in December (25 left out), and
    8 in January (1 left out) end on the 13th; what follows, follows on the 14th.
    """
    assert trace_deadline(law_of("al"), day("2026-11-20")).find("silence").date == day("2027-01-14")


def test_a_law_without_a_number_has_no_day():
    trace = trace_deadline(law_of("nc"), day("2026-11-20"))
    assert trace.due is None
    assert trace.find("production").date is None


def test_days_in_an_impossible_order_are_refused():
    law = law_of("us")
    for wrong in (
        {"received": day("2026-11-01")}, {"routed": day("2026-11-01")}, {"determined": day("2026-11-01")},
        {"determined": day("2026-12-20"), "appealed": day("2026-12-10")},
    ):  # fmt: skip
        with pytest.raises(QuestionError):
            trace_deadline(law, day("2026-11-20"), **wrong)


def test_nothing_unverified_prints_as_a_flat_sentence():
    """Every step of every law: a grade of S or R begins with a warning and ends with what to check."""
    seen = 0
    for law in load_laws().values():
        trace = trace_deadline(
            law, day("2026-11-20"), extended=True, expedited=True, determined=day("2026-12-30"), appealed=day("2027-01-15"),
            misdirected=True, stops=[Stop(day("2026-11-24"), day("2026-11-30"))],
        )  # fmt: skip
        for step in trace.steps:
            flat = step.provision is None or step.provision.grade == "V"
            assert step.verified == flat
            assert step.sentence.startswith("Not verified. ") != flat
            assert ("[unverified: " in step.sentence) != flat
            seen += not flat
    assert seen > 50


def test_calendar_days_count_every_day():
    count = count_calendar_days(day("2028-02-28"), 2)
    assert count.end == day("2028-03-01")
    assert count.skipped == ()
