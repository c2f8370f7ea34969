"""What is refused of profiles, with its place."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from profiles.checking import checked
from profiles.errors import InputError
from profiles.profiles import Profiles

START_UTC = np.datetime64("2017-07-01T08:00:00", "s")
Readings = Callable[..., Profiles]


def spoilt(step: int, home: int, value: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    kwh = np.zeros((96, 3))
    kwh[step, home] = value
    return kwh


def test_checked_profiles_are_the_same_object_and_read_only(readings: Readings) -> None:
    profiles = readings()
    assert checked(profiles, "test") is profiles
    arrays = [profiles.home_ids, profiles.load_kwh, profiles.pv_kwh]
    arrays += [*profiles.appliances_kwh.values(), *profiles.weather.values()]
    arrays += [*profiles.sensors.values()]
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
        (
            {"sensors": {"soc_fraction": np.full((96, 3), np.inf)}},
            "a.csv: home 1, 2017-07-01 00:00: sensors.soc_fraction: must be a finite number (got",
        ),
        ({"home_types": ("flat",)}, "a.csv: home_types: must name one for each of 3 homes (got 1)"),
        ({"filled": np.zeros((96, 2), np.bool_)}, "a.csv: filled: must have shape (96, 3), bool"),
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
    changes: dict[str, Any], message: str, readings: Readings
) -> None:
    with pytest.raises(InputError) as refusal:
        checked(readings(**changes), "a.csv")
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)
