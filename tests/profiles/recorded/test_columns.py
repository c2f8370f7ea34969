"""The columns that files may have."""

import pytest

from profiles.recorded.columns import (
    APPLIANCES,
    ENERGIES,
    METERED,
    WEATHER_UNITS,
    is_flow,
    range_of,
    weather_how,
)


def test_a_home_has_nine_appliances_whose_columns_are_energies() -> None:
    assert len(APPLIANCES) == len(set(APPLIANCES)) == 9
    assert {f"{name}_kwh" for name in APPLIANCES} < set(ENERGIES) < set(METERED)


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("temperature_c", "level"),
        ("irradiance_w_per_m2", "level"),
        ("rain_mm", "flow"),
        ("cloud_fraction", "level"),
        ("temperature", None),
        ("temperature_f", None),
        ("", None),
    ],
)
def test_the_unit_says_how_weather_is_resampled(name: str, how: str | None) -> None:
    assert weather_how(name) == how


def test_energy_and_rain_are_amounts_and_charge_and_heat_are_not() -> None:
    assert all(is_flow(name) for name in (*ENERGIES, "charge_kwh", "rain_mm"))
    assert not any(is_flow(name) for name in ("soc_fraction", "cycles", "temperature_c"))
    assert len(WEATHER_UNITS) == 6


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("load_kwh", (0.0, float("inf"))),
        ("soc_fraction", (0.0, 1.0)),
        ("charge_kwh", (-10_000.0, 10_000.0)),
        ("temperature_c", (-90.0, 70.0)),
        ("cloud_fraction", (0.0, 1.0)),
        ("ghi_w_per_m2", (-50.0, 2000.0)),
    ],
)
def test_what_is_believed_depends_on_the_unit(name: str, expected: tuple[float, float]) -> None:
    assert range_of(name) == expected
