"""What is written reads back to the same bits."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from profiles.checking import checked
from profiles.config import ProfilesConfig
from profiles.errors import InputError
from profiles.profiles import Profiles
from profiles.recorded import write
from profiles.recorded.reader import read
from profiles.recorded.write import write_long, write_weather

ReadingsOf = Callable[..., Profiles]
SUFFIXES = ("csv", "parquet")


def _back(path: Path, step_minutes: int = 30, **knobs: str) -> Profiles:
    typed = {"source": "file", "path": str(path), "power_kw_max": 1e6, **knobs}
    return read(ProfilesConfig.model_validate(typed), step_minutes)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_column_comes_back(tmp_path: Path, readings: ReadingsOf, suffix: str) -> None:
    written = readings(filled=None)
    write_long(written, tmp_path / f"a.{suffix}")
    write_weather(written, tmp_path / f"w.{suffix}")
    found = _back(tmp_path / f"a.{suffix}", weather_path=str(tmp_path / f"w.{suffix}"))
    for one, other in (
        (found.load_kwh, written.load_kwh),
        (found.pv_kwh, written.pv_kwh),
        (found.appliances_kwh["fridge"], written.appliances_kwh["fridge"]),
        (found.sensors["soc_fraction"], written.sensors["soc_fraction"]),
        (found.weather["temperature_c"], written.weather["temperature_c"]),
        (found.home_ids, written.home_ids),
    ):
        assert one.tobytes() == np.ascontiguousarray(other).tobytes()
    assert (found.start_utc, found.zone) == (written.start_utc, "-08:00")
    assert found.home_types == written.home_types


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(("start", "steps"), [("2026-03-08T08:00", 46), ("2026-11-01T07:00", 50)])
def test_a_day_on_which_the_clock_changes_comes_back(
    tmp_path: Path, readings: ReadingsOf, suffix: str, start: str, steps: int
) -> None:
    zone = "America/Los_Angeles"
    kwh = np.arange(3.0 * steps).reshape(steps, 3)
    written = readings(
        start_utc=np.datetime64(start, "s"), zone=zone, load_kwh=kwh, pv_kwh=kwh, weather={},
        appliances_kwh={}, sensors={}, filled=None,
    )  # fmt: skip
    write_long(written, tmp_path / f"a.{suffix}")
    found = _back(tmp_path / f"a.{suffix}", zone=zone)
    assert np.array_equal(found.load_kwh, kwh)
    assert (found.start_utc, found.zone) == (written.start_utc, zone)
    assert np.unique(found.local_time().day).size == 1


@given(arrays.arrays(np.float64, (4, 1), elements=st.floats(0.0, 1000.0)))
def test_any_number_comes_back_bit_by_bit(
    tmp_path_factory: pytest.TempPathFactory, kwh: np.ndarray
) -> None:
    kwh[0, 0] = 1.0  # a community whose meters stand still is taken for one in MWh
    start = np.datetime64("2017-07-01T00:00:00", "s")
    profiles = checked(Profiles(np.array([3]), start, 30, "UTC", kwh, kwh[::-1].copy(), {}, {}), "")
    path = tmp_path_factory.mktemp("back") / "a.csv"
    write_long(profiles, path)
    found = _back(path)
    assert found.load_kwh.tobytes() == profiles.load_kwh.tobytes()
    assert found.pv_kwh.tobytes() == profiles.pv_kwh.tobytes()


def test_a_csv_file_is_plain_text(tmp_path: Path, readings: ReadingsOf) -> None:
    write_long(readings(appliances_kwh={}, sensors={}), tmp_path / "a.csv")
    lines = (tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()
    assert lines[:3] == [
        "ts,home,load_kwh,pv_kwh,type",
        "2017-07-01T00:00-08:00,1,0.1,100.1,flat",
        "2017-07-01T00:00-08:00,2,0.2,100.2,flat",
    ]
    assert len(lines) == 1 + 96 * 3


def test_a_long_table_is_written_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, readings: ReadingsOf
) -> None:
    write_long(readings(), tmp_path / "whole.csv")
    monkeypatch.setattr(write, "_ROWS_AT_ONCE", 7)
    write_long(readings(), tmp_path / "parts.csv")
    whole, parts = ((tmp_path / f"{name}.csv").read_bytes() for name in ("whole", "parts"))
    assert whole == parts


def test_another_ending_is_refused(tmp_path: Path, readings: ReadingsOf) -> None:
    with pytest.raises(InputError, match=r"must end in .csv or .parquet \(got '.txt'\)"):
        write_long(readings(), tmp_path / "a.txt")
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, readings: ReadingsOf
) -> None:
    (tmp_path / "a.csv").write_text("old", encoding="utf-8")

    def fail(*_: object) -> Iterator[None]:
        raise OSError(28, "No space left")
        yield

    monkeypatch.setattr(write, "_rows", fail)
    with pytest.raises(OSError, match="No space left"):
        write_long(readings(), tmp_path / "a.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "old"
