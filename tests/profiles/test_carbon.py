"""Marginal rates of carbon dioxide: which there are, which are refused, how days are paired."""

from collections.abc import Mapping
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet
from pydantic import ValidationError

from profiles.carbon import Carbon, CarbonConfig, load
from profiles.errors import InputError
from profiles.local_time import utc_from_local

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")

SHIPPED = "profiles/data/carbon_caiso_pge.parquet"
CALIFORNIA = "America/Los_Angeles"


def _rates(**config: str) -> Carbon:
    found = load(CarbonConfig.model_validate(config))
    assert found is not None
    return found


def _file(rows: Mapping[str, object], column: str = "carbon_kg_per_kwh") -> None:
    lines = [f"ts,{column}", *(f"{stamp},{rate}" for stamp, rate in rows.items())]
    Path("x.csv").write_text("\n".join(lines), encoding="utf-8")


def test_nobody_is_given_the_rates_of_another_place_unasked() -> None:
    assert load(CarbonConfig()) is None


def test_the_shipped_year_is_complete_and_says_where_it_comes_from() -> None:
    found = _rates(name="caiso_pge")
    content = files("profiles").joinpath("data", Path(SHIPPED).name).read_bytes()
    assert (found.input.name, found.input.sha256) == (SHIPPED, sha256(content).hexdigest())
    series = found.series
    assert (series.step_minutes, series.zoned, series.rate_per_kwh.size) == (30, True, 368 * 48)
    assert 0.0 <= series.rate_per_kwh.min() < series.rate_per_kwh.max() < 1.0
    stamps = parquet.read_table(files("profiles").joinpath("data", Path(SHIPPED).name))["ts_utc"]
    apart = np.diff(np.array(stamps).astype("datetime64[s]"))
    assert (apart == np.timedelta64(30, "m")).all()


def test_the_shipped_year_covers_every_day_of_any_clock_once_days_are_paired() -> None:
    for repeat_year in ("date", "weekday"):
        found = _rates(name="caiso_pge", repeat_year=repeat_year)
        for zone in ("-12:00", "-08:00", CALIFORNIA, "UTC", "Pacific/Kiritimati"):
            start = utc_from_local("2015-12-20", zone)
            rates = found.kg_per_kwh(start, 60, 800 * 24, zone)
            assert rates.shape == (800 * 24,)
            assert 0.2 < rates.mean() < 0.3


def test_the_sun_makes_noon_cleaner_than_the_evening() -> None:
    """The stamps are UTC: noon of California's clock is when its sun shines."""
    start = utc_from_local("2019-12-01", CALIFORNIA)
    rates = _rates(name="caiso_pge").kg_per_kwh(start, 60, 365 * 24, CALIFORNIA)
    by_hour = rates.reshape(-1, 24).mean(axis=0)
    assert by_hour[10:14].max() < 0.8 * by_hour[18:22].min()


def test_a_run_of_the_year_itself_takes_its_own_days() -> None:
    start = np.datetime64("2020-07-01T07:00:00", "s")
    found = _rates(name="caiso_pge", repeat_year="weekday").kg_per_kwh(start, 30, 48, CALIFORNIA)
    table = parquet.read_table(files("profiles").joinpath("data", Path(SHIPPED).name))
    stamps = np.array(table["ts_utc"]).astype("datetime64[s]")
    first = int(np.flatnonzero(stamps == start)[0])
    expected = np.array(table["carbon_kg_per_kwh"])[first : first + 48]
    np.testing.assert_array_equal(found, expected)


def test_a_step_takes_the_mean_of_its_parts_and_an_hour_holds_for_its_halves() -> None:
    _file({"2026-07-01T00:00Z": 0.1, "2026-07-01T01:00Z": 0.4})
    found = _rates(name="file", path="x.csv")
    start = np.datetime64("2026-07-01T00:00:00", "s")
    assert found.kg_per_kwh(start, 30, 4, "UTC").tolist() == [0.1, 0.1, 0.4, 0.4]
    _file({"2026-07-01T00:00Z": 0.1, "2026-07-01T00:15Z": 0.4})
    found = _rates(name="file", path="x.csv")
    assert found.kg_per_kwh(start, 30, 1, "UTC").tolist() == [pytest.approx(0.25)]
    assert found.input.name == "carbon.path: x.csv"


def test_days_of_another_year_stand_in_only_where_that_was_asked_for() -> None:
    with pytest.raises(InputError) as refusal:
        _rates(name="caiso_pge").kg_per_kwh(np.datetime64("2017-07-01", "s"), 30, 1, "UTC")
    message = str(refusal.value)
    assert "must have a rate for 2017-07-01 00:00 UTC (got 2019-11-30 00:00 to" in message
    assert message.endswith("carbon.repeat_year takes those of another year)")


ROWS = {"2026-07-01T00:00Z": 0.1, "2026-07-01T01:00Z": 0.4}


@pytest.mark.parametrize(
    ("rows", "column", "message"),
    [
        ({**ROWS, "2026-07-01T02:00Z": "n/a"}, "", "x.csv:4: carbon_kg_per_kwh: must be a number"),
        ({**ROWS, "2026-07-01T02:00Z": ""}, "", "x.csv:4: carbon_kg_per_kwh: must be given (got"),
        ({**ROWS, "2026-07-01T02:00Z": 250}, "", "x.csv:4: carbon_kg_per_kwh: must be from -3 to"),
        ({**ROWS, "2026-07-01T02:00Z": "nan"}, "", "x.csv:4: carbon_kg_per_kwh: must be a fin"),
        ({**ROWS, "2026-07-01T04:00Z": 0.1}, "", "x.csv:4: ts: must be 60 minutes after the row"),
        (ROWS, "carbon_g_per_kwh", "x.csv:1: must have the column carbon_kg_per_kwh (got 'ts, ca"),
        ({}, "", "x.csv: must have rows below the names of the columns (got 0)"),
    ],
)
def test_a_wrong_file_is_refused_in_one_line_with_its_place(
    rows: Mapping[str, object], column: str, message: str
) -> None:
    _file(rows, column or "carbon_kg_per_kwh")
    with pytest.raises(InputError) as refusal:
        _rates(name="file", path="x.csv")
    assert str(refusal.value).startswith(message)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("none.csv", "carbon.path: must be a file (got 'none.csv')"),
        ("x.txt", "carbon.path: must end in .csv or .parquet (got 'x.txt')"),
        (f"{'a' * 999}.csv", "carbon.path: must be a file (got"),
    ],
)
def test_a_path_that_leads_to_no_file_is_refused(path: str, message: str) -> None:
    with pytest.raises(InputError) as refusal:
        _rates(name="file", path=path)
    assert str(refusal.value).startswith(message)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"name": "file"}, "path: must be a file with rates (got null)"),
        ({"name": "caiso_pge", "path": "x.csv"}, "path: must be null unless the name is file"),
        ({"path": "x.csv"}, "path: must be null unless the name is file (it is none)"),
        ({"name": "file", "path": "a\nb"}, "must be the path of a file"),
        ({"name": "moon"}, "'none', 'caiso_pge' or 'file'"),
        ({"repeat_year": "month"}, "'none', 'date' or 'weekday'"),
    ],
)
def test_knobs_that_do_not_go_together_are_refused(typed: dict[str, str], message: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        CarbonConfig.model_validate(typed)
    assert message in str(refusal.value)
