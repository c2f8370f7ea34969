"""One small comparison that many tests read, and profiles that need no file."""

import numpy as np
import pytest

from profiles.checking import checked
from profiles.profiles import Profiles
from scenarios.compare import Comparison, compare
from scenarios.load import load
from scenarios.schema import Scenario

SMALL = ("homes.count=4", "forecast.samples_count=2", "forecast.horizon_hours=12", "run.days=1")


@pytest.fixture(scope="session")
def small() -> Scenario:
    """Four homes, one of them without panels, for a day."""
    return load("fontana_mixed", SMALL)


@pytest.fixture(scope="session")
def comparison(small: Scenario) -> Comparison:
    """All arms of it."""
    return compare(small)


@pytest.fixture(scope="session")
def meters() -> Profiles:
    """20 days of three homes, by the hour, from 2017-03-01 00:00 UTC."""
    shape = (20 * 24, 3)
    profiles = Profiles(
        home_ids=np.array([2, 3, 7]),
        start_utc=np.datetime64("2017-03-01T00:00:00", "s"),
        step_minutes=60,
        zone="UTC",
        load_kwh=np.ones(shape),
        pv_kwh=np.ones(shape),
        appliances_kwh={},
        weather={},
    )
    return checked(profiles, "test")
