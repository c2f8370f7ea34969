"""What the next three hours hold."""

from collections.abc import Callable

import numpy as np
import pytest

from agents.near import Near, near
from forecasting.baselines import SLOT_MEAN
from forecasting.forecast import points
from profiles.profiles import Profiles

PRICES = np.array([20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 99.0, 99.0])


def test_the_need_is_the_forecast_of_three_hours_this_step_included(three_homes: Profiles) -> None:
    forecast = points(np.full((3, 48), 2.0), np.array([[0.5] * 48, [3.0] * 48, [0.0] * 48]))
    found = near(three_homes, forecast, PRICES)
    assert found.need_kwh.tolist() == [9.0, -6.0, 12.0]  # six half hours


def test_the_price_ahead_is_the_mean_of_the_steps_after_this_one(three_homes: Profiles) -> None:
    found = near(three_homes, None, PRICES)
    assert (found.price_cents_per_kwh, found.price_ahead_cents_per_kwh) == (20.0, 50.0)
    alone = near(three_homes, None, PRICES[:1])
    assert (alone.price_cents_per_kwh, alone.price_ahead_cents_per_kwh) == (20.0, 20.0)


@pytest.mark.parametrize("step_minutes", [15, 30, 60])
@pytest.mark.parametrize("t", [7 * 24, 9 * 24 + 5, 12 * 24 + 23])
def test_without_a_forecast_the_need_is_what_the_mean_of_a_week_says(
    synthetic_homes: Callable[..., Profiles], step_minutes: int, t: int
) -> None:
    homes = synthetic_homes(step_minutes=step_minutes)
    seen = homes.until(t * 60 // step_minutes)
    forecast = SLOT_MEAN.predict(seen, 180 // step_minutes)
    expected = near(seen, forecast, PRICES).need_kwh
    np.testing.assert_allclose(near(seen, None, PRICES).need_kwh, expected, atol=1e-12)
    # So it is where the forecast ends too early.
    short = SLOT_MEAN.predict(seen, 2)
    np.testing.assert_allclose(near(seen, short, PRICES).need_kwh, expected, atol=1e-12)


def test_a_past_of_less_than_a_week_counts_its_whole_days(three_homes: Profiles) -> None:
    seen = three_homes.until(2 * 48 + 9)
    net_kwh = seen.load_kwh - seen.pv_kwh
    later = net_kwh[10:15].sum(axis=0) + net_kwh[58:63].sum(axis=0)
    expected = net_kwh[-1] + later / 2
    np.testing.assert_allclose(near(seen, None, PRICES).need_kwh, expected)


def test_without_a_day_behind_it_the_step_goes_on(three_homes: Profiles) -> None:
    seen = three_homes.until(9)
    expected = 6.0 * (seen.load_kwh[-1] - seen.pv_kwh[-1])
    np.testing.assert_allclose(near(seen, None, PRICES).need_kwh, expected)


def test_rows_keep_the_need_of_their_homes() -> None:
    part = Near(np.array([1.0, 2.0, 3.0]), 20.0, 30.0).rows(np.array([2, 0]))
    assert part.need_kwh.tolist() == [3.0, 1.0]
    assert (part.price_cents_per_kwh, part.price_ahead_cents_per_kwh) == (20.0, 30.0)
