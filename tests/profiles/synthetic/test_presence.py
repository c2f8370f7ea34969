"""When people are at home."""

from itertools import pairwise

import numpy as np

from profiles.synthetic.days import Days, days_of
from profiles.synthetic.homes import Homes
from profiles.synthetic.presence import presence_of

FOURTH, WEDNESDAY, SUNDAY = 2, 9, 13  # of July 2018: a Wednesday, the next one, a Sunday
NO_DAYS_OFF = (None, None)


def test_nobody_is_called_away_on_a_weekend_or_a_holiday(homes: Homes, july: Days) -> None:
    called = presence_of(homes, july, 0).called
    assert not called[:, july.free].any()
    works = homes.works > 0.0
    assert called[works][:, WEDNESDAY].mean() > 0.9
    assert not called[~works].any()


def test_a_holiday_is_lived_like_a_sunday_where_it_is_one(homes: Homes, july: Days) -> None:
    plain = days_of("2018-07-02", 14, 30, "America/Los_Angeles", NO_DAYS_OFF)
    noon = (july.local.minute >= 600) & (july.local.minute < 900)
    works = homes.works > 0.0

    def at_home(days: Days, day: int) -> float:
        fraction = presence_of(homes, days, 0).active_fraction[works]
        return float(fraction[:, noon & (days.row == day)].mean())

    assert at_home(plain, FOURTH) < 0.1
    assert at_home(july, FOURTH) > 0.4
    assert at_home(july, SUNDAY) > 0.4
    assert at_home(july, WEDNESDAY) < 0.1


def test_the_times_of_a_day_follow_each_other(homes: Homes, july: Days) -> None:
    lived = presence_of(homes, july, 0)
    times = (lived.wake_minute, lived.leave_minute, lived.return_minute, lived.sleep_minute)
    for early, late in pairwise(times):
        assert (early + 20.0 <= late).all()


def test_the_share_of_a_step_is_that_of_its_spells(homes: Homes, july: Days) -> None:
    lived = presence_of(homes, july, 0)
    assert lived.active_fraction.min() >= 0.0
    assert lived.active_fraction.max() <= 1.0
    home, day = np.argwhere(lived.called)[0]
    minutes = lived.leave_minute[home, day] - lived.wake_minute[home, day]
    morning = (july.row == day) & (july.local.minute < 720)
    assert abs(30.0 * lived.active_fraction[home, morning].sum() - minutes) < 1e-6


def test_a_trip_empties_the_home_for_days(homes: Homes) -> None:
    year = days_of("2018-01-01", 365, 60, "America/Los_Angeles", NO_DAYS_OFF)
    lived = presence_of(homes, year, 0)
    assert 0.015 < lived.away.mean() < 0.06
    inside = np.repeat(lived.away[:, :, None], 24, axis=2).reshape(60, -1)
    evening = np.flatnonzero(year.local.minute == 1200)
    assert not lived.active_fraction[:, evening][lived.away[:, year.row[evening]]].any()
    assert inside.any()
    assert not (lived.away & (lived.out | lived.called)).any()


def test_habits_follow_the_wall_clock_over_a_change(homes: Homes) -> None:
    """On 8 March 2026 the clock jumps: people rise by it, an hour of the sun earlier."""
    days = days_of("2026-03-02", 14, 30, "America/Los_Angeles", NO_DAYS_OFF)
    wake = presence_of(homes, days, 0).wake_minute
    step = (wake // 30.0).astype(np.int64)
    wall = days.local.minute[step] + wake % 30.0
    working = ~days.free
    before, after = wall[:, working][:, :5].mean(), wall[:, working][:, 5:].mean()
    assert abs(before - after) < 5.0
