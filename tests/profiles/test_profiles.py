"""The record of what the meters read: views, choices of homes, and what is refused."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.errors import InputError
from profiles.profiles import Profiles, checked

START_UTC = np.datetime64("2017-07-01T08:00:00", "s")


def three_homes(**changes: Any) -> Profiles:  # noqa: ANN401, any field
    """Build two days of half hours whose every value tells its step and home."""
    steps, homes = np.meshgrid(np.arange(96.0), [1.0, 2.0, 5.0], indexing="ij")
    fields: dict[str, Any] = {
        "home_ids": np.array([1, 2, 5]),
        "start_utc": START_UTC,
        "step_minutes": 30,
        "zone": "-08:00",
        "load_kwh": steps + homes / 10,
        "pv_kwh": 100 + steps + homes / 10,
        "appliances_kwh": {"fridge": 200 + steps + homes / 10},
        "weather": {"temperature_c": np.arange(96.0) - 20},
    }
    return Profiles(**fields | changes)


def spoilt(step: int, home: int, value: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    kwh = np.zeros((96, 3))
    kwh[step, home] = value
    return kwh


def test_the_record_counts_its_steps_and_homes() -> None:
    profiles = three_homes()
    assert (profiles.steps_count, profiles.homes_count, profiles.steps_per_day) == (96, 3, 48)
    assert replace(profiles, step_minutes=15).steps_per_day == 96


@given(st.integers(0, 95))
def test_until_ends_with_its_step_and_shows_nothing_later(t: int) -> None:
    profiles = checked(three_homes(), "test")
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
    assert past.steps_count == past.local_time().day.size == t + 1
    assert (past.start_utc, past.zone) == (profiles.start_utc, profiles.zone)


def test_at_reads_the_meters_of_one_step() -> None:
    step = three_homes().at(7)
    assert step.load_kwh.tolist() == [7.1, 7.2, 7.5]
    assert step.pv_kwh.tolist() == [107.1, 107.2, 107.5]


@pytest.mark.parametrize("t", [-1, -96, 96, 1000])
def test_a_step_outside_the_record_is_an_index_error(t: int) -> None:
    with pytest.raises(IndexError, match=rf"step {t} is not one of 0\.\.95"):
        three_homes().until(t)
    with pytest.raises(IndexError, match=rf"step {t} is not one of 0\.\.95"):
        three_homes().at(t)


def test_select_keeps_the_named_homes_in_the_order_of_their_ids() -> None:
    few = checked(three_homes(), "test").select([5, 1])
    assert few.home_ids.tolist() == [1, 5]
    assert few.load_kwh[3].tolist() == [3.1, 3.5]
    assert few.pv_kwh[3].tolist() == [103.1, 103.5]
    assert few.appliances_kwh["fridge"][3].tolist() == [203.1, 203.5]
    assert few.weather["temperature_c"].size == 96
    assert not few.load_kwh.flags.writeable
    assert not few.home_ids.flags.writeable


def test_without_pv_takes_it_from_the_named_homes_only() -> None:
    before = checked(three_homes(), "test")
    after = before.without_pv([2])
    assert after.pv_kwh[:, 1].tolist() == [0.0] * 96
    assert np.array_equal(after.pv_kwh[:, [0, 2]], before.pv_kwh[:, [0, 2]])
    assert before.pv_kwh[0, 1] == 100.2
    assert after.load_kwh is before.load_kwh
    assert not after.pv_kwh.flags.writeable


def test_an_unknown_home_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(InputError, match=r"homes: 7 is not one of 1, 2, 5$"):
        three_homes().select([1, 7])
    with pytest.raises(InputError, match=r"homes: 7 is not one of 1, 2, 5$"):
        three_homes().without_pv([7])


def test_a_long_list_of_known_homes_is_shortened() -> None:
    many = three_homes(
        home_ids=np.arange(500),
        load_kwh=np.zeros((2, 500)),
        pv_kwh=np.zeros((2, 500)),
        appliances_kwh={},
        weather={},
    )
    with pytest.raises(InputError, match=r"900 is not one of 0, 1, .* 9, \.\.\., 497, 498, 499$"):
        many.select([900])


def test_a_home_named_twice_or_none_at_all_is_refused() -> None:
    with pytest.raises(InputError, match="each may be named once"):
        three_homes().select([1, 1])
    with pytest.raises(InputError, match="at least 1 home"):
        three_homes().select([])


@given(st.integers(0, 95))
def test_a_step_is_found_by_its_start(t: int) -> None:
    assert three_homes().step_at(START_UTC + np.timedelta64(30 * t, "m")) == t


@pytest.mark.parametrize("minutes", [-30, 96 * 30, 15, 1])
def test_a_start_off_the_raster_is_refused_with_the_first_and_last(minutes: int) -> None:
    limits = "from 2017-07-01 00:00 to 2017-07-02 23:30 by the clock of -08:00"
    with pytest.raises(InputError, match=limits):
        three_homes().step_at(START_UTC + np.timedelta64(minutes, "m"))


def test_checked_profiles_are_the_same_object_and_read_only() -> None:
    profiles = three_homes()
    assert checked(profiles, "test") is profiles
    arrays = [profiles.home_ids, profiles.load_kwh, profiles.pv_kwh]
    arrays += [*profiles.appliances_kwh.values(), *profiles.weather.values()]
    assert not any(array.flags.writeable for array in arrays)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"load_kwh": spoilt(33, 2, -0.5)},
            "a.csv: home 5, 2017-07-01 16:30: load_kwh: must be at least 0 (got -0.5, 1 such",
        ),
        (
            {"pv_kwh": spoilt(48, 0, np.nan)},
            "a.csv: home 1, 2017-07-02 00:00: pv_kwh: must be a finite number (got nan, 1 such",
        ),
        (
            {"pv_kwh": spoilt(0, 1, -1e-12)},
            "a.csv: home 2, 2017-07-01 00:00: pv_kwh: must be at least 0 (got -1e-12",
        ),
        (
            {"load_kwh": np.full((96, 3), np.inf)},
            "a.csv: home 1, 2017-07-01 00:00: load_kwh: must be a finite number (got inf, 288",
        ),
        (
            {"appliances_kwh": {"ac": spoilt(2, 0, -1.0)}},
            "a.csv: home 1, 2017-07-01 01:00: appliances_kwh.ac: must be at least 0 (got -1.0",
        ),
        (
            {"weather": {"temperature_c": np.full(96, np.nan)}},
            "a.csv: 2017-07-01 00:00: weather.temperature_c: must be a finite number (got nan, 96",
        ),
        ({"weather": {"wind": np.zeros(95)}}, "a.csv: weather.wind: must have shape (96,)"),
        ({"pv_kwh": np.zeros((95, 3))}, "a.csv: pv_kwh: must have shape (96, 3)"),
        ({"load_kwh": np.zeros((96, 2))}, "a.csv: load_kwh: must have shape (96, 3)"),
        ({"load_kwh": np.zeros((0, 3))}, "a.csv: load_kwh: must have 1 step or more"),
        ({"load_kwh": np.zeros(3)}, "a.csv: load_kwh: must have 1 step or more"),
        ({"load_kwh": np.zeros((96, 3), np.float32)}, "a.csv: load_kwh: must have shape"),
        ({"home_ids": np.array([1, 5, 2])}, "strictly increasing (got 2 in place 3)"),
        ({"home_ids": np.array([1, 2, 2])}, "strictly increasing (got 2 in place 3)"),
        ({"home_ids": np.array([-1, 2, 3])}, "home_ids: must be at least 0"),
        ({"home_ids": np.array([], np.int64)}, "home_ids: must be a list of whole numbers"),
        ({"home_ids": np.array([1.0, 2.0, 3.0])}, "home_ids: must be a list of whole numbers"),
        ({"step_minutes": 20}, "a.csv: step_minutes: must be 15 or 30 or 60 (got 20)"),
        ({"zone": "Mars"}, "zone: must be an IANA name"),
        ({"start_utc": np.datetime64("NaT", "s")}, "start_utc: must be from 1970 to 2199"),
        ({"start_utc": np.datetime64("1066-10-14", "s")}, "start_utc: must be from 1970"),
        (
            {"start_utc": START_UTC + np.timedelta64(15, "m")},
            "start_utc: must be a multiple of 30 minutes after midnight",
        ),
        ({"start_utc": START_UTC + np.timedelta64(1, "s")}, "start_utc: must be a multiple of 30"),
    ],
)
def test_a_broken_rule_is_refused_in_one_line_with_its_place(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError) as refusal:
        checked(three_homes(**changes), "a.csv")
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_the_local_clock_starts_at_local_midnight() -> None:
    local = three_homes().local_time()
    assert local.minute[:3].tolist() == [0, 30, 60]
    assert set(local.month.tolist()) == {7}
