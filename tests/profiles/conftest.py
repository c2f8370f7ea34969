"""Readings whose every value tells its step and home."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from profiles.config import SyntheticConfig
from profiles.profiles import Profiles
from profiles.synthetic.days import Days, days_of
from profiles.synthetic.generator import generate
from profiles.synthetic.homes import Homes, draw
from profiles.synthetic.household_types import names

START_UTC = np.datetime64("2017-07-01T08:00:00", "s")


def build(**changes: Any) -> Profiles:  # noqa: ANN401, any field
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
        "weather": {"temperature_c": np.arange(96.0) / 2 - 20},
        "sensors": {"soc_fraction": homes / 10 + 0 * steps},
        "home_types": ("flat", "flat", "ev"),
        "filled": homes == 5,
    }
    return Profiles(**fields | changes)


@pytest.fixture(scope="session")
def readings() -> Callable[..., Profiles]:
    """Give the builder of three homes; a keyword replaces a field."""
    return build


@pytest.fixture(scope="session")
def july() -> Days:
    """Two weeks of half hours from Monday, 2 July 2018; the fourth is a holiday."""
    return days_of("2018-07-02", 14, 30, "America/Los_Angeles", ("US", "CA"))


@pytest.fixture(scope="session")
def homes() -> Homes:
    """Sixty homes in the usual mixture of kinds."""
    return draw(0, names(60, None), (0.6, 0.0), (3.5, 6.5), 180.0)


@pytest.fixture(scope="session")
def community() -> Profiles:
    """Forty generated homes over three weeks of summer, from 25 June 2018."""
    return generate(SyntheticConfig(homes_count=40, days=21, start="2018-06-25"), 30, 0)
