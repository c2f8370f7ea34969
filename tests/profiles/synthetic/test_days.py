"""Days by the wall clock, whatever the clock does."""

import numpy as np
import pytest

from profiles.errors import InputError
from profiles.synthetic.days import Days, days_of

ZONE = "America/Los_Angeles"


def _days(start: str, days: int, step_minutes: int = 30, zone: str = ZONE) -> Days:
    return days_of(start, days, step_minutes, zone, (None, None))


def _minute(days: Days, wall_minute: float) -> list[float]:
    return days.minute(np.full((1, days.count), wall_minute))[0].tolist()


@pytest.mark.parametrize(
    ("start", "steps"), [("2026-03-07", [48, 46, 48]), ("2026-10-31", [48, 50, 48])]
)
def test_a_day_has_an_hour_less_or_more_where_the_clock_changes(
    start: str, steps: list[int]
) -> None:
    assert np.bincount(_days(start, 3).row).tolist() == steps


def test_days_start_at_local_midnight() -> None:
    days = _days("2018-07-02", 2)
    assert days.start_utc == np.datetime64("2018-07-02T07:00")
    assert days.local.minute[[0, 48]].tolist() == [0, 0]


@pytest.mark.parametrize("start", ["2026-03-07", "2026-10-31", "2018-07-02"])
@pytest.mark.parametrize("step_minutes", [15, 30, 60])
def test_a_wall_time_is_found_at_the_step_that_shows_it(start: str, step_minutes: int) -> None:
    days = _days(start, 3, step_minutes)
    for wall in range(180, 1440, 15):  # from 3:00 on every clock shows every time
        for day, minute in enumerate(_minute(days, wall)):
            step, rest = divmod(minute, step_minutes)
            assert days.row[int(step)] == day
            assert days.local.minute[int(step)] + rest == wall


def test_a_time_that_the_clock_leaves_out_is_the_moment_at_which_it_jumps() -> None:
    days = _days("2026-03-08", 1)
    assert _minute(days, 120.0) == _minute(days, 150.0) == _minute(days, 180.0) == [120.0]


def test_a_time_that_the_clock_shows_twice_is_the_first() -> None:
    days = _days("2026-11-01", 1)
    assert _minute(days, 75.0) == [75.0]
    assert _minute(days, 120.0) == [180.0]


def test_after_midnight_is_the_next_day_even_behind_the_last() -> None:
    days = _days("2018-07-02", 2)
    assert _minute(days, 1455.0) == [1455.0, 2895.0]


def test_days_off_are_marked(july: Days) -> None:
    assert np.flatnonzero(july.free).tolist() == [2, 5, 6, 12, 13]


@pytest.mark.parametrize(
    ("start", "zone"), [("2018-11-04", "America/Sao_Paulo"), ("2018-07-02", "Mars")]
)
def test_a_record_that_cannot_start_at_midnight_is_refused(start: str, zone: str) -> None:
    with pytest.raises(InputError):
        _days(start, 1, zone=zone)
