"""The local clock: hand-read days, and the standard library's clock as an oracle."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.errors import InputError
from profiles.local_time import (
    LocalTime,
    check_zone,
    days_between,
    days_later,
    local_stamp,
    local_time,
    utc_from_local,
    utc_of_wall,
)

LOS_ANGELES = "America/Los_Angeles"
ZONES = [LOS_ANGELES, "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]


def day_number(year: int, month: int, day: int) -> int:
    return (date(year, month, day) - date(1970, 1, 1)).days


def year_of_half_hours() -> LocalTime:
    return local_time(utc_from_local("2017-01-01", LOS_ANGELES), 30, 365 * 48, LOS_ANGELES)


def test_the_spring_day_has_46_half_hours_and_no_two_o_clock() -> None:
    local = year_of_half_hours()
    minutes = local.minute[local.day == day_number(2017, 3, 12)]
    assert minutes.tolist() == [0, 30, 60, 90, *range(180, 1440, 30)]
    assert minutes.size == 46


def test_the_autumn_day_has_50_half_hours_and_one_o_clock_twice() -> None:
    local = year_of_half_hours()
    minutes = local.minute[local.day == day_number(2017, 11, 5)]
    assert minutes.tolist() == [0, 30, 60, 90, 60, 90, *range(120, 1440, 30)]
    assert minutes.size == 50


def test_all_other_days_have_48_half_hours() -> None:
    days, counts = np.unique(year_of_half_hours().day, return_counts=True)
    changes = [day_number(2017, 3, 12), day_number(2017, 11, 5)]
    assert days.size == 365
    assert days[counts != 48].tolist() == changes


def test_a_fixed_offset_never_changes_its_clock() -> None:
    local = local_time(utc_from_local("2016-08-01", "-08:00"), 30, 365 * 48, "-08:00")
    assert np.array_equal(local.minute, np.tile(np.arange(0, 1440, 30), 365))
    assert np.array_equal(local.day, np.repeat(np.arange(365) + day_number(2016, 8, 1), 48))
    assert (local.month[0], local.month[-1]) == (8, 7)
    assert local.weekday[0] == 0, "1 August 2016 was a Monday"


def test_the_clock_is_read_only() -> None:
    with pytest.raises(ValueError, match="read-only"):
        year_of_half_hours().minute[0] = 1


def test_no_steps_give_an_empty_clock() -> None:
    assert local_time(np.datetime64("2017-01-01", "s"), 30, 0, LOS_ANGELES).day.size == 0


@given(
    st.sampled_from(ZONES),
    st.datetimes(datetime(1971, 1, 1), datetime(2090, 1, 1)),  # noqa: DTZ001, drawn naive, meant UTC
    st.sampled_from([15, 30, 60]),
    st.integers(1, 300),
)
def test_every_step_agrees_with_the_standard_library(
    zone: str, start: datetime, step_minutes: int, steps_count: int
) -> None:
    start = start.replace(second=0, microsecond=0)
    local = local_time(np.datetime64(start, "s"), step_minutes, steps_count, zone)
    for step in range(steps_count):
        instant = start.replace(tzinfo=UTC) + timedelta(minutes=step * step_minutes)
        clock = instant.astimezone(ZoneInfo(zone))
        assert local.day[step] == (clock.date() - date(1970, 1, 1)).days
        assert local.month[step] == clock.month
        assert local.weekday[step] == clock.weekday()
        assert local.minute[step] == 60 * clock.hour + clock.minute


@pytest.mark.parametrize(
    ("stamp", "zone", "utc"),
    [
        ("2017-07-01", "-08:00", "2017-07-01T08:00:00"),
        ("2017-07-01", LOS_ANGELES, "2017-07-01T07:00:00"),
        ("2017-01-01 16:30", LOS_ANGELES, "2017-01-02T00:30:00"),
        ("2017-07-01T16:00", "+05:45", "2017-07-01T10:15:00"),
        ("2017-07-01T16:00+02:00", LOS_ANGELES, "2017-07-01T14:00:00"),
        ("2017-07-01T16:00Z", LOS_ANGELES, "2017-07-01T16:00:00"),
        ("2017-11-05T01:30", LOS_ANGELES, "2017-11-05T08:30:00"),
    ],
)
def test_a_typed_time_becomes_utc(stamp: str, zone: str, utc: str) -> None:
    assert utc_from_local(stamp, zone) == np.datetime64(utc, "s")


def test_a_datetime_is_taken_like_its_text() -> None:
    typed = datetime(2017, 7, 1, 16)  # noqa: DTZ001, a local time is what is meant
    assert utc_from_local(typed, "-08:00") == np.datetime64("2017-07-02T00:00:00", "s")


@pytest.mark.parametrize(
    ("stamp", "zone", "reason"),
    [
        ("tomorrow", "-08:00", "not a date or time like"),
        ("2017-02-29", "-08:00", "not a date or time like"),
        ("", "-08:00", "not a date or time like"),
        ("0001-01-01", "+08:00", "the year must be"),
        ("9999-12-31", "-08:00", "the year must be"),
        ("2017-07-01T00:00:00.5", "-08:00", "must be whole seconds"),
        ("2017-03-12T02:30", LOS_ANGELES, "leaves this time out"),
    ],
)
def test_a_time_that_is_none_is_refused_in_one_line(stamp: str, zone: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason) as refusal:
        utc_from_local(stamp, zone)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "zone",
    ["", "Mars/Olympus", "America", "/etc/hostname", "../UTC", "-8", "-15:00", "+05:60", "U\0TC"],
)
def test_a_zone_that_is_none_is_refused(zone: str) -> None:
    with pytest.raises(InputError, match="zone: must be an IANA name"):
        local_time(np.datetime64("2017-01-01", "s"), 30, 1, zone)
    with pytest.raises(InputError, match="zone: must be an IANA name"):
        check_zone(zone)


@given(
    st.sampled_from([*ZONES, "-08:00", "+05:45"]), st.integers(365 * 86400, 80 * 365 * 86400 // 60)
)
def test_a_stamp_reads_back_as_its_instant_or_the_first_of_two(zone: str, seconds: int) -> None:
    instant = np.datetime64(seconds // 60 * 60, "s")
    back = utc_from_local(local_stamp(instant, zone), zone)
    assert (instant - back) / np.timedelta64(1, "m") in (0, 30, 60)


def _wall(stamp: str) -> np.ndarray:
    return np.array([np.datetime64(stamp, "s").astype(np.int64)])


@pytest.mark.parametrize(
    ("wall", "first", "second"),
    [
        ("2026-11-01T00:30", "2026-11-01T07:30", "2026-11-01T07:30"),
        ("2026-11-01T01:30", "2026-11-01T08:30", "2026-11-01T09:30"),
        ("2026-11-01T02:00", "2026-11-01T10:00", "2026-11-01T10:00"),
        ("2026-03-08T01:59", "2026-03-08T09:59", "2026-03-08T09:59"),
        ("2026-03-08T03:00", "2026-03-08T10:00", "2026-03-08T10:00"),
    ],
)
def test_a_wall_clock_shows_an_hour_twice_in_autumn(wall: str, first: str, second: str) -> None:
    found = [int(each[0]) for each in utc_of_wall(_wall(wall), LOS_ANGELES)]
    assert found == [int(_wall(first)[0]), int(_wall(second)[0])]


@pytest.mark.parametrize("wall", ["2026-03-08T02:00", "2026-03-08T02:59"])
def test_what_the_clock_leaves_out_comes_back_in_the_wrong_order(wall: str) -> None:
    first, second = utc_of_wall(_wall(wall), LOS_ANGELES)
    assert first[0] > second[0]


@given(
    st.sampled_from([*ZONES, "-08:00"]),
    st.lists(
        st.datetimes(datetime(1971, 1, 1), datetime(2037, 1, 1)),  # noqa: DTZ001, a wall clock
        min_size=1,
        max_size=20,
    ),
)
def test_wall_clocks_agree_with_the_standard_library(zone: str, shown: list[datetime]) -> None:
    shown = sorted(each.replace(second=0, microsecond=0) for each in shown)
    seconds = np.array([np.datetime64(each, "s").astype(np.int64) for each in shown])
    for wall, *both in zip(shown, *utc_of_wall(seconds, zone), strict=True):
        if zone == "-08:00":
            expected = [wall.replace(tzinfo=UTC).timestamp() + 8 * 3600] * 2
        else:
            clock = wall.replace(tzinfo=ZoneInfo(zone))
            expected = [clock.replace(fold=fold).timestamp() for fold in (0, 1)]
        if expected[0] <= expected[1]:
            assert both == expected
        else:  # left out
            assert both[0] > both[1]


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-03-08T08:00", 1, "2026-03-09T07:00"),  # 23 hours
        ("2026-11-01T07:00", 1, "2026-11-02T08:00"),  # 25 hours
        ("2026-03-09T07:00", -1, "2026-03-08T08:00"),
        ("2026-03-07T10:30", 1, "2026-03-08T10:30"),  # 02:30 is left out: half past three
        ("2026-10-31T08:30", 1, "2026-11-01T08:30"),  # the first 01:30 of two
        ("2026-01-01T08:00", 365, "2027-01-01T08:00"),
    ],
)
def test_days_are_those_of_the_local_calendar(start: str, days: int, end: str) -> None:
    found = days_later(np.datetime64(start, "s"), days, LOS_ANGELES)
    assert found == np.datetime64(end, "s")


def test_days_between_two_instants_are_what_the_clock_says_went_by() -> None:
    midnights = ["2026-03-08T08:00", "2026-03-09T07:00", "2026-11-01T07:00", "2026-11-02T08:00"]
    instants = [np.datetime64(each, "s") for each in midnights]
    assert days_between(instants[0], instants[1], LOS_ANGELES) == 1.0
    assert days_between(instants[2], instants[3], LOS_ANGELES) == 1.0
    assert days_between(instants[0], instants[3], LOS_ANGELES) == 239.0
    assert days_between(instants[0], instants[1], "-08:00") == 23 / 24
    assert days_between(instants[1], instants[0], LOS_ANGELES) == -1.0
