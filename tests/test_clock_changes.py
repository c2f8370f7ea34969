"""A run over the days on which the clock of Los Angeles changes: 46 and 50 half hours."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from pyarrow import parquet

from profiles.errors import InputError
from scenarios import store
from scenarios.compare import Comparison, compare
from scenarios.load import load
from scenarios.summary import summary

ZONE = ZoneInfo("America/Los_Angeles")
HALF_HOUR = timedelta(minutes=30)
SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)
STEPS = {SPRING: 46, AUTUMN: 50}


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC)


def _instants(first: date, last: date) -> Iterator[datetime]:
    """Give every half hour from one midnight to another, as a clock that never changes counts."""
    instant = _midnight(first)
    while instant < _midnight(last):
        yield instant
        instant += HALF_HOUR


def _kwh(instant: datetime, home: int) -> tuple[float, float]:
    """Let load and sun follow the clock on the wall, a little different in every half hour."""
    clock = instant.astimezone(ZONE)
    hour = clock.hour + clock.minute / 60
    number = int(instant.timestamp()) // 1800
    load = 0.3 + (0.9 if 16 <= hour < 22 else 0.0) + 0.001 * (number % 97) + 0.05 * home
    sun = max(0.0, 1.0 - abs(hour - 12.5) / 5.5) * (0.0, 1.2, 2.5)[home - 1]
    return load, sun


def _tariff(instant: datetime) -> float:
    """Price by pge_tou_c, read off the clock of the standard library [cents/kWh]."""
    clock = instant.astimezone(ZONE)
    summer = 6 <= clock.month <= 9
    if 16 <= clock.hour < 20:
        return 51.0 if summer else 40.0
    if clock.hour < 6:
        return 28.0
    return 35.0 if summer else 33.0


def _scenario(folder: Path, day: date, *, days: int = 1) -> str:
    """Write three homes with what a clock on the wall shows: an hour is missing or comes twice."""
    lines = ["ts,home,load_kwh,pv_kwh"]
    for instant in _instants(day - timedelta(days=15), day + timedelta(days=days)):
        shown = instant.astimezone(ZONE).replace(tzinfo=None).isoformat(" ", "minutes")
        lines += [
            f"{shown},{home},{load},{pv}"
            for home in (1, 2, 3)
            for load, pv in [_kwh(instant, home)]
        ]
    (folder / "homes.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    text = (
        "base: base\n"
        "profiles: {source: file, path: homes.csv, zone: America/Los_Angeles}\n"
        "forecast: {samples_count: 2, horizon_hours: 12}\n"
        f"run: {{start: {day}, days: {days}}}\n"
    )
    (folder / "own.yaml").write_text(text, encoding="utf-8")
    return str(folder / "own.yaml")


@pytest.fixture(scope="module", params=[SPRING, AUTUMN], ids=["spring", "autumn"])
def lived(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[date, Comparison]:
    """All arms over the day."""
    scenario = load(_scenario(tmp_path_factory.mktemp("day"), request.param))
    return request.param, compare(scenario)


def test_the_day_has_its_46_or_50_steps_and_is_one_day(lived: tuple[date, Comparison]) -> None:
    day, comparison = lived
    for results in comparison.arms.values():
        assert results.steps_count == STEPS[day]
        assert results.start_utc == np.datetime64(_midnight(day).replace(tzinfo=None), "s")
        assert results.days == 1.0
    assert summary(comparison).days == 1.0


def test_every_step_has_the_tariff_of_its_local_hour(lived: tuple[date, Comparison]) -> None:
    day, comparison = lived
    instants = list(_instants(day, day + timedelta(days=1)))
    expected = [_tariff(instant) for instant in instants]
    assert expected.count(40.0) == 8, "four hours of peak, whatever the clock does"
    assert expected.count(28.0) == STEPS[day] - 36, "it changes in the small hours"
    for results in comparison.arms.values():
        assert results.prices["tariff_cents_per_kwh"].tolist() == expected
        assert results.peak.tolist() == [price == 40.0 for price in expected]


def test_every_step_has_the_readings_of_its_instant(lived: tuple[date, Comparison]) -> None:
    day, comparison = lived
    results = comparison.arms["grid_only"]
    rows = [[_kwh(t, home) for home in (1, 2, 3)] for t in _instants(day, day + timedelta(days=1))]
    found = np.stack([results.steps["load_kwh"], results.steps["pv_kwh"]], axis=2)
    assert found.tolist() == np.array(rows).tolist()


def test_the_bill_of_the_day_is_the_sum_over_its_steps(lived: tuple[date, Comparison]) -> None:
    day, comparison = lived
    cents = 0.0
    for instant in _instants(day, day + timedelta(days=1)):
        for home in (1, 2, 3):
            load, sun = _kwh(instant, home)
            net = load - sun
            cents += net * (_tariff(instant) if net > 0.0 else 5.0)
    figures = summary(comparison)
    assert figures.arms["grid_only"].cost_usd == pytest.approx(cents / 100, abs=1e-6)
    gains = [home.trading_gain_usd_per_day for home in figures.homes]
    costs = [home.cost_usd["plan_alone"] - home.cost_usd["market"] for home in figures.homes]
    assert gains == pytest.approx(costs, abs=1e-12), "a day is a day"


def test_the_stored_clock_shows_the_hour_twice_or_not_at_all(
    tmp_path: Path, lived: tuple[date, Comparison]
) -> None:
    day, comparison = lived
    folder = store.save(comparison, tmp_path)
    prices = parquet.read_table(folder / "prices.parquet").to_pylist()
    shown = [row["start_local"][-5:] for row in prices if row["arm"] == "market"]
    assert shown.count("01:30") == (2 if day == AUTUMN else 1)
    assert shown.count("02:30") == (0 if day == SPRING else 1)
    assert (shown[0], shown[-1]) == ("00:00", "23:30")


def test_days_before_and_after_keep_their_length(tmp_path: Path) -> None:
    name = _scenario(tmp_path, date(2026, 3, 7), days=3)
    for start, days, steps in (
        ("2026-03-07", 3, 142),
        ("2026-03-07", 1, 48),
        ("2026-03-08", 2, 94),
        ("2026-03-07T12:00", 1, 46),
        ("2026-03-09", 1, 48),
    ):
        scenario = load(name, options={"--start": start, "--days": days})
        results = compare(scenario, ["grid_only"]).arms["grid_only"]
        assert (results.steps_count, results.days) == (steps, float(days))


def test_limits_of_a_run_are_local_days(tmp_path: Path) -> None:
    name = _scenario(tmp_path, SPRING)
    with pytest.raises(InputError, match=r"run.days: must be at most 1, 15 days of history"):
        load(name, options={"--days": 2})
    with pytest.raises(InputError, match=r"run.start: must be 2026-03-08 00:00 or later, after 15"):
        load(name, options={"--start": "2026-03-07T23:30"})
    with pytest.raises(InputError, match=r"run.start: must be 2026-03-08 00:00 or earlier for 1 "):
        load(name, options={"--start": "2026-03-08T00:30"})
