"""The record of what the meters read: views, choices of homes, and what is refused."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.checking import checked
from profiles.errors import InputError
from profiles.profiles import Profiles

START_UTC = np.datetime64("2017-07-01T08:00:00", "s")
Readings = Callable[..., Profiles]


def test_the_record_counts_its_steps_and_homes(readings: Readings) -> None:
    profiles = readings()
    assert (profiles.steps_count, profiles.homes_count, profiles.steps_per_day) == (96, 3, 48)
    assert replace(profiles, step_minutes=15).steps_per_day == 96


@given(t=st.integers(0, 95))
def test_until_ends_with_its_step_and_shows_nothing_later(t: int, readings: Readings) -> None:
    profiles = checked(readings(), "test")
    past = profiles.until(t)
    for part, whole in (
        (past.load_kwh, profiles.load_kwh),
        (past.pv_kwh, profiles.pv_kwh),
        (past.appliances_kwh["fridge"], profiles.appliances_kwh["fridge"]),
        (past.weather["temperature_c"], profiles.weather["temperature_c"]),
    ):
        assert part.shape[0] == t + 1
        assert np.array_equal(part, whole[: t + 1])
        assert np.shares_memory(part, whole)
        assert not part.flags.writeable
    for part, whole in (
        (past.sensors["soc_fraction"], profiles.sensors["soc_fraction"]),
        (past.filled, profiles.filled),
    ):
        assert part is not None
        assert whole is not None
        assert np.array_equal(part, whole[: t + 1])
    assert past.home_types == profiles.home_types
    assert past.steps_count == past.local_time().day.size == t + 1
    assert (past.start_utc, past.zone) == (profiles.start_utc, profiles.zone)


def test_at_reads_the_meters_of_one_step(readings: Readings) -> None:
    step = readings().at(7)
    assert step.load_kwh.tolist() == [7.1, 7.2, 7.5]
    assert step.pv_kwh.tolist() == [107.1, 107.2, 107.5]


@pytest.mark.parametrize("t", [-1, -96, 96, 1000])
def test_a_step_outside_the_record_is_an_index_error(t: int, readings: Readings) -> None:
    with pytest.raises(IndexError, match=rf"step {t} is not one of 0\.\.95"):
        readings().until(t)
    with pytest.raises(IndexError, match=rf"step {t} is not one of 0\.\.95"):
        readings().at(t)


def test_select_keeps_the_named_homes_in_the_order_of_their_ids(readings: Readings) -> None:
    few = checked(readings(), "test").select([5, 1])
    assert few.home_ids.tolist() == [1, 5]
    assert few.load_kwh[3].tolist() == [3.1, 3.5]
    assert few.pv_kwh[3].tolist() == [103.1, 103.5]
    assert few.appliances_kwh["fridge"][3].tolist() == [203.1, 203.5]
    assert few.weather["temperature_c"].size == 96
    assert few.sensors["soc_fraction"][3].tolist() == [0.1, 0.5]
    assert few.home_types == ("flat", "ev")
    assert few.filled is not None
    assert few.filled[3].tolist() == [False, True]
    assert not few.load_kwh.flags.writeable
    assert not few.home_ids.flags.writeable


def test_without_pv_takes_it_from_the_named_homes_only(readings: Readings) -> None:
    before = checked(readings(), "test")
    after = before.without_pv([2])
    assert after.pv_kwh[:, 1].tolist() == [0.0] * 96
    assert np.array_equal(after.pv_kwh[:, [0, 2]], before.pv_kwh[:, [0, 2]])
    assert before.pv_kwh[0, 1] == 100.2
    assert after.load_kwh is before.load_kwh
    assert not after.pv_kwh.flags.writeable


def test_an_unknown_home_is_refused_and_the_known_ones_are_named(readings: Readings) -> None:
    with pytest.raises(InputError, match=r"homes: 7 is not one of 1, 2, 5$"):
        readings().select([1, 7])
    with pytest.raises(InputError, match=r"homes: 7 is not one of 1, 2, 5$"):
        readings().without_pv([7])


def test_a_long_list_of_known_homes_is_shortened(readings: Readings) -> None:
    many = readings(
        home_ids=np.arange(500),
        load_kwh=np.zeros((2, 500)),
        pv_kwh=np.zeros((2, 500)),
        appliances_kwh={},
        weather={},
    )
    with pytest.raises(InputError, match=r"900 is not one of 0, 1, .* 9, \.\.\., 497, 498, 499$"):
        many.select([900])


def test_a_home_named_twice_or_none_at_all_is_refused(readings: Readings) -> None:
    with pytest.raises(InputError, match="each may be named once"):
        readings().select([1, 1])
    with pytest.raises(InputError, match="at least 1 home"):
        readings().select([])


@given(t=st.integers(0, 95))
def test_a_step_is_found_by_its_start(t: int, readings: Readings) -> None:
    assert readings().step_at(START_UTC + np.timedelta64(30 * t, "m")) == t


@pytest.mark.parametrize("minutes", [-30, 96 * 30, 15, 1])
def test_a_start_off_the_raster_is_refused_with_the_first_and_last(
    minutes: int, readings: Readings
) -> None:
    limits = "from 2017-07-01 00:00 to 2017-07-02 23:30 by the clock of -08:00"
    with pytest.raises(InputError, match=limits):
        readings().step_at(START_UTC + np.timedelta64(minutes, "m"))


def test_the_local_clock_starts_at_local_midnight(readings: Readings) -> None:
    local = readings().local_time()
    assert local.minute[:3].tolist() == [0, 30, 60]
    assert set(local.month.tolist()) == {7}
