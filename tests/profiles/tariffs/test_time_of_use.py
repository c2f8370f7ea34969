"""Tables of a year, looked up by the local clock."""

import numpy as np

from profiles.local_time import utc_from_local
from profiles.tariffs.day_kinds import NO_HOLIDAYS
from profiles.tariffs.span import span_of
from profiles.tariffs.time_of_use import TimeOfUse


def telling() -> TimeOfUse:
    """Price each minute so that the price tells month, kind of day and minute."""
    month, kind, minute = np.indices((12, 2, 1440))
    peak = minute >= 960
    return TimeOfUse(10_000.0 * (month + 1) + 5_000.0 * kind + minute, peak, ~peak, NO_HOLIDAYS)


def test_a_step_is_priced_by_the_moment_it_starts() -> None:
    # Saturday, 28 February, 23:00, and the first hour of March, a Sunday.
    span = span_of(utc_from_local("2026-02-28T23:00", "-08:00"), 30, 4, "-08:00")
    found = telling().imports(span)
    assert found.import_cents_per_kwh.tolist() == [26_380, 26_410, 35_000, 35_030]
    assert found.peak.tolist() == [True, True, False, False]
    assert found.cheap.tolist() == [False, False, True, True]
    assert found.export_cents_per_kwh is None


def test_the_lowest_price_is_that_of_the_whole_year() -> None:
    assert telling().lowest_of_year_cents_per_kwh == 10_000.0
