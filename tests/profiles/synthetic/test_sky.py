"""Weather that is drawn at random."""

import numpy as np
import pytest

from profiles.config import SyntheticConfig
from profiles.synthetic import sky
from profiles.synthetic.days import Days, days_of
from profiles.synthetic.sky import Weather, weather_of


def _year(step_minutes: int = 60) -> Days:
    return days_of("2017-01-01", 365, step_minutes, "America/Los_Angeles", (None, None))


@pytest.fixture(scope="module")
def year() -> Days:
    return _year()


@pytest.fixture(scope="module")
def usual(year: Days) -> Weather:
    return weather_of(SyntheticConfig(), year, 0)


def _of_months(weather: Weather, year: Days, column: str, months: set[int]) -> float:
    chosen = np.isin(year.local.month, list(months))
    return float(getattr(weather, column)[chosen].mean())


def test_the_mean_of_the_year_is_the_one_asked_for(year: Days) -> None:
    found = [weather_of(SyntheticConfig(heat_wave_c=0.0), year, seed) for seed in range(6)]
    means_c = [weather.temperature_c.mean() for weather in found]
    # The day warms up in ten hours and cools in fourteen, but its shape averages to 0.
    assert np.mean(means_c) == pytest.approx(19.5, abs=0.4)
    clouds = [weather.cloud_fraction.mean() for weather in found]
    assert np.mean(clouds) == pytest.approx(0.28, abs=0.04)


def test_summer_is_warm_and_clear(usual: Weather, year: Days) -> None:
    summer_c = _of_months(usual, year, "temperature_c", {7, 8})
    winter_c = _of_months(usual, year, "temperature_c", {1, 2})
    assert 11.0 < summer_c - winter_c < 17.0
    assert 25.0 < summer_c < 30.0


def test_south_of_the_equator_january_is_warm(year: Days) -> None:
    south = weather_of(SyntheticConfig(latitude_degrees=-34.1), year, 0)
    assert _of_months(south, year, "temperature_c", {1, 2}) > 24.0
    assert _of_months(south, year, "ghi_w_per_m2", {12, 1}) > 220.0


def test_afternoons_are_warm_and_dawns_cool(usual: Weather, year: Days) -> None:
    hour = year.local.minute // 60
    summer = np.isin(year.local.month, [6, 7, 8])
    by_hour = [usual.temperature_c[summer & (hour == each)].mean() for each in range(24)]
    assert int(np.argmax(by_hour)) in (15, 16, 17)  # by daylight saving time
    assert int(np.argmin(by_hour)) in (5, 6, 7)
    assert 10.0 < max(by_hour) - min(by_hour) < 16.0


def test_heat_waves_last_for_days_and_come_in_the_warm_half(year: Days) -> None:
    seeds = range(5)
    extra = [
        weather_of(SyntheticConfig(), year, seed).temperature_c
        - weather_of(SyntheticConfig(heat_wave_c=0.0), year, seed).temperature_c
        for seed in seeds
    ]
    hot_days = [np.count_nonzero(each.reshape(365, 24).max(axis=1) > 2.0) for each in extra]
    assert 8 < np.mean(hot_days) < 30
    assert max(each.max() for each in extra) <= 6.0 * 1.3 + 1e-9
    winter = np.isin(year.local.month, [11, 12, 1, 2, 3])
    assert all(np.abs(each[winter]).max() < 1e-9 for each in extra)


def test_clouds_last(usual: Weather) -> None:
    """Neighbouring hours are alike, days less so, weeks not at all."""
    cloud = usual.cloud_fraction
    alike = [np.corrcoef(cloud[:-lag], cloud[lag:])[0, 1] for lag in (1, 24, 24 * 14)]
    assert alike[0] > 0.75
    assert 0.15 < alike[1] < alike[0]
    assert abs(alike[2]) < 0.2


def test_days_of_one_kind_follow_each_other(usual: Weather) -> None:
    daily_c = usual.temperature_c[: 364 * 24].reshape(364, 24).mean(axis=1)
    weekly = np.convolve(daily_c, np.ones(31) / 31, mode="valid")
    anomaly = daily_c[15:-15] - weekly
    assert np.corrcoef(anomaly[:-1], anomaly[1:])[0, 1] > 0.4


def test_no_cloud_is_the_clear_sky(year: Days) -> None:
    config = SyntheticConfig(cloud_mean_fraction=0.0, cloud_season_fraction=0.0)
    clear = weather_of(config, year, 0)
    assert not clear.cloud_fraction.any()
    for name in ("ghi_w_per_m2", "dni_w_per_m2", "dhi_w_per_m2"):
        assert np.array_equal(getattr(clear, name), getattr(clear.sun, name)), name


def test_a_covered_sky_leaves_a_quarter_and_no_beam(year: Days) -> None:
    config = SyntheticConfig(cloud_mean_fraction=1.0, cloud_season_fraction=0.0)
    covered = weather_of(config, year, 0)
    assert covered.cloud_fraction.min() == 1.0
    np.testing.assert_allclose(covered.ghi_w_per_m2, 0.25 * covered.sun.ghi_w_per_m2, atol=1e-9)
    assert not covered.dni_w_per_m2.any()
    np.testing.assert_allclose(covered.dhi_w_per_m2, covered.ghi_w_per_m2, atol=1e-9)


def test_light_is_never_negative_nor_above_the_clear_sky(usual: Weather) -> None:
    for name in ("ghi_w_per_m2", "dni_w_per_m2"):
        light, clear = getattr(usual, name), getattr(usual.sun, name)
        assert light.min() >= 0.0
        assert (light <= clear).all()
    assert usual.dhi_w_per_m2.min() >= 0.0
    assert (usual.dhi_w_per_m2 <= usual.ghi_w_per_m2 + 1e-9).all()


def test_parts_of_the_light_add_up_under_clouds(usual: Weather) -> None:
    height = np.cos(np.radians(usual.sun.zenith_degrees))
    high = usual.sun.zenith_degrees < 85.0
    parts = usual.dni_w_per_m2 * height + usual.dhi_w_per_m2
    np.testing.assert_allclose(parts[high], usual.ghi_w_per_m2[high], atol=1e-6)


def test_the_range_of_numbers_covers_every_step(year: Days) -> None:
    at = sky._solar_days(year, -117.4)
    assert at.size == year.steps_count
    # Local noon by the sun of Fontana lies ten minutes before that of its zone.
    noon = at[12] % 1.0 * 24.0
    assert noon == pytest.approx(12.5 + (-117.4 + 120.0) / 15.0, abs=1e-6)
