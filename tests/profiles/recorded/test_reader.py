"""Users' files become profiles: what is in them, and what is said about them."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from profiles.config import ProfilesConfig
from profiles.errors import FitError, InputError
from profiles.profiles import Profiles
from profiles.recorded.reader import read

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")


def _read(step_minutes: int = 60, path: str = "a.csv", **knobs: Any) -> Profiles:  # noqa: ANN401
    typed = {"source": "file", "path": path, "zone": "-08:00", **knobs}
    return read(ProfilesConfig.model_validate(typed), step_minutes)


def _write(name: str, *rows: str) -> None:
    Path(name).write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")


def _hours(name: str, head: str, *values: str, start: str = "2017-07-01T00:00") -> None:
    starts = np.datetime64(start) + np.arange(len(values)) * 60
    pairs = zip(starts, values, strict=True)
    _write(name, head, *(f"{start},{value}" for start, value in pairs))


def test_everything_that_a_long_table_tells_is_read() -> None:
    _write(
        "a.csv",
        "ts,home,load_kwh,pv_kwh,fridge_kwh,soc_fraction,charge_kwh,type",
        "2017-07-01 01:00,5,2,0.5,0.2,0.4,-1,ev",
        "2017-07-01 00:00,5,1,0,0.1,0.3,1,ev",
        "2017-07-01 00:00,2,3,0,0.3,0.8,0,flat",
        "2017-07-01 01:00,2,4,0,0.4,0.6,0,flat",
    )
    found = _read(30)
    assert found.home_ids.tolist() == [2, 5]
    assert found.start_utc == np.datetime64("2017-07-01T08:00:00", "s")
    assert (found.zone, found.step_minutes) == ("-08:00", 30)
    assert found.load_kwh.tolist() == [[1.5, 0.5], [1.5, 0.5], [2.0, 1.0], [2.0, 1.0]]
    assert found.pv_kwh[:, 1].tolist() == [0.0, 0.0, 0.25, 0.25]
    assert list(found.appliances_kwh) == ["fridge"]
    assert found.appliances_kwh["fridge"][:, 0].tolist() == [0.15, 0.15, 0.2, 0.2]
    assert found.sensors["soc_fraction"][:, 1].tolist() == [0.3, 0.3, 0.4, 0.4]
    assert found.sensors["charge_kwh"][:, 1].tolist() == [0.5, 0.5, -0.5, -0.5]
    assert found.home_types == ("flat", "ev")
    assert found.filled is None


def test_load_alone_is_enough() -> None:
    _hours("a.csv", "ts,1", "1", "2")
    found = _read()
    assert (found.home_types, found.sensors, found.weather) == ((), {}, {})
    assert found.load_kwh.tolist() == [[1.0], [2.0]]
    assert found.pv_kwh.tolist() == [[0.0], [0.0]]


def test_a_home_without_a_column_for_panels_has_none() -> None:
    _hours("a.csv", "ts,load_kwh_1,load_kwh_2,pv_kwh_2", "1,2,0.5", "1,2,0.7")
    assert _read().pv_kwh.tolist() == [[0.0, 0.5], [0.0, 0.7]]
    Path("a").mkdir()
    _hours("a/1.csv", "ts,load_kwh", "1", "1")
    _hours("a/2.csv", "ts,load_kwh,pv_kwh,ev_charging_kwh", "2,0.5,1", "2,0.7,1")
    found = _read(path="a")
    assert found.pv_kwh.tolist() == [[0.0, 0.5], [0.0, 0.7]]
    assert found.appliances_kwh["ev_charging"][:, 0].tolist() == [0.0, 0.0]
    assert found.filled is None


def test_a_sensor_is_read_of_every_home_or_of_none() -> None:
    Path("a").mkdir()
    _hours("a/1.csv", "ts,load_kwh,soc_fraction", "1,0.5", "1,0.5")
    _hours("a/2.csv", "ts,load_kwh", "2", "2")
    with pytest.raises(InputError, match=r"^a/2.csv:1: soc_fraction: is missing, which other ho"):
        _read(path="a")


def test_the_origin_names_every_file_without_its_path() -> None:
    Path("deep/homes").mkdir(parents=True)
    for home in (1, 2):
        _hours(f"deep/homes/{home}.csv", "ts,load_kwh", "1", "2")
    _write("deep/homes/homes.csv", "home,type", "1,a", "2,a")
    _hours("deep/weather.csv", "ts,temperature_c", "20", "21")
    found = _read(30, "deep/homes", weather_path="deep/weather.csv").origin
    names = ["homes/1.csv", "homes/2.csv", "homes/homes.csv", "weather.csv"]
    assert [each.name for each in found.inputs] == names
    content = Path("deep/homes/1.csv").read_bytes()
    assert found.inputs[0].sha256 == sha256(content).hexdigest()
    assert found.inputs[0].bytes_count == len(content)
    assert found.resampling == "metered by the hour; every hour was split into 2 equal parts"
    assert (found.fill, found.weather_filled_count) == ("none", 0)


def test_gaps_are_marked_in_every_step_that_they_reach() -> None:
    _hours("a.csv", "ts,1,2", "1,1", ",1", "3,1", "4,")
    found = _read(30, fill="linear")
    assert found.load_kwh[:, 0].tolist() == [0.5, 0.5, 1.0, 1.0, 1.5, 1.5, 2.0, 2.0]
    assert found.filled is not None
    assert np.argwhere(found.filled).tolist() == [[2, 0], [3, 0], [6, 1], [7, 1]]
    assert found.origin.fill == "linear"


def test_a_home_that_is_shorter_than_others_is_a_gap() -> None:
    Path("a").mkdir()
    _hours("a/1.csv", "ts,load_kwh", "1", "1", "1", "1")
    _hours("a/2.csv", "ts,load_kwh", "2", "2")
    with pytest.raises(InputError) as refusal:
        _read(path="a")
    assert str(refusal.value) == (
        "a/2.csv: home 2: ts: must have no gap unless profiles.fill names a method "
        "(got 2017-07-01 02:00 to 2017-07-01 04:00, 2 missing in all)"
    )
    assert _read(path="a", fill="linear").load_kwh[:, 1].tolist() == [2.0] * 4
    with pytest.raises(InputError, match=r"^a/2.csv: home 2: ts: a gap must be at most 1 hours"):
        _read(path="a", fill="linear", fill_hours_max=1.0)


def test_readings_too_small_for_kwh_are_taken_for_mwh() -> None:
    _hours("a.csv", "ts,1", "0.0012", "0.0034")
    with pytest.raises(InputError) as refusal:
        _read()
    assert str(refusal.value) == (
        "a.csv: load_kwh: must reach 0.01 kW at some time (got 0.0034 at most; is it in MWh?)"
    )
    _hours("a.csv", "ts,1", "0.0012", "0.01")
    assert _read().load_kwh.max() == 0.01
    _hours("a.csv", "ts,1", "0", "0")
    assert _read().load_kwh.max() == 0.0


def test_what_fills_no_step_is_left_out() -> None:
    rows = [f"2017-07-01T{8 + n // 4:02}:{15 * (n % 4):02},{n}" for n in range(1, 8)]
    _write("a.csv", "ts,1", *rows)
    found = _read(30)
    assert found.start_utc == np.datetime64("2017-07-01T16:30:00", "s")
    assert found.load_kwh[:, 0].tolist() == [2 + 3, 4 + 5, 6 + 7]
    assert "15 minutes at the start that fill no step were left out" in found.origin.resampling


def test_weather_is_cut_to_the_span_of_the_meters() -> None:
    _hours("a.csv", "ts,1", "1", "2")
    weather = ["20,0", "22,1", "24,3", "26,0"]
    _hours("w.csv", "ts,temperature_c,rain_mm", *weather, start="2017-06-30T23:00")
    found = _read(30, weather_path="w.csv")
    assert found.weather["temperature_c"].tolist() == [22.0, 22.0, 24.0, 24.0]
    assert found.weather["rain_mm"].tolist() == [0.5, 0.5, 1.5, 1.5]


def test_gaps_of_the_weather_are_closed_and_counted() -> None:
    _hours("a.csv", "ts,1", "1", "2", "3")
    _hours("w.csv", "ts,temperature_c", "20", "", "30")
    found = _read(weather_path="w.csv", fill="zero")
    assert found.weather["temperature_c"].tolist() == [20.0, 25.0, 30.0]
    assert found.origin.weather_filled_count == 1
    assert found.filled is None


@pytest.mark.parametrize(
    ("head", "values", "message"),
    [
        (
            "ts,temperature",
            ["20", "21"],
            "w.csv:1: temperature: must end in its unit, _c, _fraction",
        ),
        ("ts,temperature_c", ["20", "x"], "w.csv:3: temperature_c: must be a number (got 'x')"),
        ("ts,temperature_c", ["20", "nan"], "w.csv:3: temperature_c: must be a finite number"),
        (
            "ts,temperature_c",
            ["20", ""],
            "w.csv:3: temperature_c: must be given unless profiles.fi",
        ),
        (
            "time,temperature_c",
            ["1", "2"],
            "w.csv:1: ts: is missing (columns: time, temperature_c)",
        ),
        (
            "ts,temperature_c",
            ["20", "21"],
            "w.csv: ts: must reach from 2017-07-01 00:00 to 2017-07-01 03:00 as the meters do (g",
        ),
    ],
)
def test_weather_that_does_not_fit_is_refused(head: str, values: list[str], message: str) -> None:
    _hours("a.csv", "ts,1", "1", "2", "3")
    _hours("w.csv", head, *values)
    with pytest.raises(InputError) as refusal:
        _read(weather_path="w.csv")
    assert str(refusal.value).startswith(message)


def test_a_table_of_times_alone_is_no_weather() -> None:
    _hours("a.csv", "ts,1", "1", "2")
    _write("w.csv", "ts", "2017-07-01T00:00", "2017-07-01T01:00")
    with pytest.raises(InputError, match=r"^w.csv:1: must have a column of weather beside ts"):
        _read(weather_path="w.csv")


def test_knobs_that_do_not_fit_the_files_are_named() -> None:
    _hours("a.csv", "ts,1", "1", "2")
    for knobs, knob in (
        ({"path": "none.csv"}, "profiles.path"),
        ({"zone": None}, "profiles.zone"),
        ({"weather_path": "none.csv"}, "profiles.weather_path"),
    ):
        with pytest.raises(FitError) as refusal:
            _read(**knobs)  # type: ignore[arg-type]
        assert refusal.value.path == knob


def test_weather_without_a_zone_needs_one_even_if_the_meters_have_theirs() -> None:
    _write("a.csv", "ts,1", "2017-07-01T00:00Z,1", "2017-07-01T01:00Z,1")
    _hours("w.csv", "ts,temperature_c", "20", "21")
    with pytest.raises(FitError, match=r"the stamps of w.csv have no zone"):
        _read(zone=None, weather_path="w.csv")
    assert _read(zone="UTC", weather_path="w.csv").weather["temperature_c"].tolist() == [20.0, 21.0]


def test_steps_that_never_meet_the_local_hours_are_refused() -> None:
    _hours("a.csv", "ts,1", "1", "2", start="2017-07-01T00:30")
    with pytest.raises(InputError) as refusal:
        _read(60)
    assert str(refusal.value) == (
        "a.csv: ts: must begin at multiples of 60 minutes after midnight by the clock of -08:00 "
        "(got 2017-07-01 00:30)"
    )
