"""Rows of any tables on one regular series; what breaks it is named, gaps are closed."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from profiles.config import ProfilesConfig
from profiles.errors import InputError
from profiles.recorded import grid
from profiles.recorded.files import homes_at
from profiles.recorded.grid import Grid, closed, gridded
from profiles.tables.stamps import instants, stamps

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")

X = float("nan")


def _config(**knobs: Any) -> ProfilesConfig:  # noqa: ANN401, any knob
    return ProfilesConfig.model_validate({"source": "file", "path": "a.csv", **knobs})


def _laid(text: str, **knobs: Any) -> Grid:  # noqa: ANN401, any knob
    Path("a.csv").write_text(text, encoding="utf-8")
    homes = homes_at(Path("a.csv"))
    seconds = [instants(stamps(sheet.table), "UTC", sheet.home) for sheet in homes.sheets]
    return gridded(homes.sheets, seconds, homes.ids.size, _config(**knobs))


def _wide(minutes: int, *values: str) -> str:
    """Write a home's load from midnight on."""
    starts = np.datetime64("2017-07-01T00:00") + np.arange(len(values)) * minutes
    lines = [f"{start},{value}\n" for start, value in zip(starts, values, strict=True)]
    return "ts,4\n" + "".join(lines)


@pytest.mark.parametrize("minutes", [5, 10, 15, 30, 60])
def test_the_length_of_an_interval_is_told_by_the_stamps(minutes: int) -> None:
    laid = _laid(_wide(minutes, "1", "2", "3"))
    assert (laid.native_minutes, laid.intervals_count) == (minutes, 3)
    assert laid.start_utc == np.datetime64("2017-07-01T00:00:00", "s")
    assert laid.stamp(3, "UTC")[11:] == f"{3 * minutes // 60:02}:{3 * minutes % 60:02}"


def test_rows_in_any_order_stand_in_the_order_of_time_and_home() -> None:
    rows = (
        "2017-07-01T01:00,7,4\n2017-07-01T00:00,3,1\n2017-07-01T01:00,3,3\n2017-07-01T00:00,7,2\n"
    )
    laid = _laid(f"ts,home,load_kwh\n{rows}")
    assert laid.columns["load_kwh"].tolist() == [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            _wide(7, "1", "2", "3"),
            "a.csv: ts: times must mostly be 5, 10, 15, 30, 60 minutes apart (g",
        ),
        (
            _wide(1440, "1", "2", "3"),
            "a.csv: ts: times must mostly be 5, 10, 15, 30, 60 minutes apar",
        ),
        (_wide(30, "1"), "a.csv: ts: must have 2 times or more, to tell their distance (got 1)"),
        (
            _wide(30, "1", "2", "3") + "2017-07-01T01:20,4\n",
            "a.csv:5: ts: must be a multiple of 30 minutes from the other times (got",
        ),
        (
            _wide(30, "1", "2", "3") + "2017-07-01T00:30,9\n",
            "a.csv:5: ts: must be given once for a time, first at a.csv:3 (got '2017-07-01T00:30')",
        ),
        (
            "ts,home,load_kwh\n2017-07-01T00:00,1,1\n2017-07-01T00:30,1,1\n2017-07-01T00:30,1,1\n",
            "a.csv:4: ts: must be given once for a time and home, first at a.csv:3",
        ),
        (_wide(30, "1", "-0.5"), "a.csv:3: 4: must be at least 0 (got -0.5)"),
        (_wide(30, "1", "nan"), "a.csv:3: 4: must be a finite number (got nan)"),
        (_wide(30, "1", "inf"), "a.csv:3: 4: must be a finite number (got inf)"),
        (_wide(30, "1", "1e999"), "a.csv:3: 4: must be a finite number (got inf)"),
        (
            _wide(30, "1", ""),
            "a.csv:3: 4: must be given unless profiles.fill names a method (got no",
        ),
        (
            _wide(30, "300", "250"),
            "a.csv:2: 4: must be at most 50 kWh, 100 kW, unless profiles.power",
        ),
    ],
)
def test_what_is_no_regular_series_of_plausible_values_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError) as refusal:
        _laid(text)
    assert str(refusal.value).startswith(message)


def test_the_power_that_is_believed_is_a_limit_that_is_met_and_can_be_raised() -> None:
    assert _laid(_wide(30, "50", "1")).columns["load_kwh"].max() == 50.0
    assert _laid(_wide(30, "300", "1"), power_kw_max=600.0).columns["load_kwh"].max() == 300.0


def test_two_stamps_centuries_apart_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid, "VALUES_MAX", 10**6)
    text = _wide(5, "1", "1", "1") + "2199-01-01T00:00,1\n"
    with pytest.raises(InputError, match=r"must give at most 1000000 values \(got 19\d+ intervals"):
        _laid(text)


def _grid(load: list[float], pv: list[float] | None = None) -> Grid:
    columns = {"load_kwh": np.array(load)[:, None]}
    if pv is not None:
        columns["pv_kwh"] = np.array(pv)[:, None]
    return Grid(np.datetime64("2017-07-01T08:00:00", "s"), 60, columns)


def _closed(laid: Grid, **knobs: Any) -> Grid:  # noqa: ANN401, any knob
    return closed(laid, ["a.csv: home 4"], "-08:00", _config(**knobs))


def test_without_gaps_nothing_is_marked() -> None:
    assert _closed(_grid([1.0, 2.0])).filled is None


def test_a_gap_without_a_method_is_refused_with_home_span_and_count() -> None:
    with pytest.raises(InputError) as refusal:
        _closed(_grid([1.0, X, X, 2.0, X, 1.0]))
    assert str(refusal.value) == (
        "a.csv: home 4: ts: must have no gap unless profiles.fill names a method "
        "(got 2017-07-01 01:00 to 2017-07-01 03:00, 3 missing in all)"
    )


def test_a_gap_is_closed_and_marked_whichever_column_misses_it() -> None:
    found = _closed(_grid([1.0, X, 3.0, 4.0], [0.0, 1.0, X, 3.0]), fill="linear")
    assert found.columns["load_kwh"][:, 0].tolist() == [1.0, 2.0, 3.0, 4.0]
    assert found.columns["pv_kwh"][:, 0].tolist() == [0.0, 1.0, 2.0, 3.0]
    assert found.filled is not None
    assert found.filled[:, 0].tolist() == [False, True, True, False]


def test_a_gap_may_be_as_long_as_the_limit_and_no_longer() -> None:
    laid = _grid([1.0, X, X, X, 2.0])
    assert _closed(laid, fill="zero", fill_hours_max=3.0).columns["load_kwh"].sum() == 3.0
    with pytest.raises(InputError) as refusal:
        _closed(laid, fill="zero", fill_hours_max=2.5)
    assert str(refusal.value) == (
        "a.csv: home 4: ts: a gap must be at most 2.5 hours, profiles.fill_hours_max "
        "(got 3, 2017-07-01 01:00 to 2017-07-01 04:00)"
    )


def test_a_method_that_has_nothing_to_go_by_is_refused() -> None:
    with pytest.raises(InputError) as refusal:
        _closed(_grid([1.0, X, 2.0]), fill="previous_day")
    assert str(refusal.value) == (
        "a.csv: home 4, 2017-07-01 01:00: load_kwh: the method previous_day has no value to go by"
    )


def test_what_is_unknown_is_not_zero_where_zero_is_a_reading() -> None:
    laid = _grid([1.0, X, 2.0])
    level = Grid(laid.start_utc, 60, {"temperature_c": np.array([[20.0], [X], [30.0]])})
    assert _closed(laid, fill="zero").columns["load_kwh"][1, 0] == 0.0
    assert _closed(level, fill="zero").columns["temperature_c"][1, 0] == 25.0


def _sums(*minutes: int) -> tuple[str, int]:
    """Write two homes, the second with a reading of every so many minutes only."""
    lines = ["ts,home,load_kwh"]
    start = np.datetime64("2017-07-01T00:00")
    lines += [f"{start + np.timedelta64(30 * k, 'm')},1,0.5" for k in range(48)]
    at = 0
    for each in minutes:
        lines.append(f"{start + np.timedelta64(at, 'm')},2,{each / 60}")
        at += each
    return "\n".join(lines) + "\n", at


@pytest.mark.parametrize(
    ("minutes", "since"),
    [([60] * 24, "2017-07-01 00:00"), ([30] * 24 + [60] * 12, "2017-07-01 12:00")],
)
@pytest.mark.parametrize("fill", ["none", "linear", "zero", "previous_day"])
def test_a_meter_of_a_longer_interval_is_not_taken_for_one_with_gaps(
    fill: str, minutes: list[int], since: str
) -> None:
    text, length = _sums(*minutes)
    assert length == 1440
    laid = _laid(text, fill=fill)
    limit = f"home 2: ts: must be 30 minutes apart, as the other times .*60 minutes.*from {since}"
    with pytest.raises(InputError, match=limit):
        closed(laid, ["home 1", "home 2"], "UTC", _config(fill=fill, fill_hours_max=24.0))


def test_a_few_gaps_are_no_interval() -> None:
    text, _ = _sums(*[30] * 10, 60, 60, *[30] * 5, 60, *[30] * 27)
    laid = _laid(text, fill="linear")
    names = ["home 1", "home 2"]
    done = closed(laid, names, "UTC", _config(fill="linear"))
    assert done.filled is not None
    assert done.filled.sum(axis=0).tolist() == [0, 3]
