"""The record that forecasters hand over."""

import dataclasses

import numpy as np
import pytest

from forecasting.forecast import points


def test_net_is_consumption_less_generation() -> None:
    forecast = points(np.array([[1.0, 2.0, 0.5]]), np.array([[0.0, 2.5, 0.5]]))
    assert forecast.net_kwh.tolist() == [[1.0, -0.5, 0.0]]


def test_points_carry_no_quantiles_and_no_price() -> None:
    forecast = points(np.ones((4, 6)), np.zeros((4, 6)))
    assert forecast.quantile_levels.shape == (0,)
    assert forecast.load_quantiles_kwh.shape == (4, 6, 0)
    assert forecast.pv_quantiles_kwh.shape == (4, 6, 0)
    assert forecast.price_cents_per_kwh is None


def test_a_forecast_cannot_be_rewritten() -> None:
    forecast = points(np.ones((1, 2)), np.zeros((1, 2)))
    with pytest.raises(dataclasses.FrozenInstanceError):
        forecast.load_kwh = np.zeros((1, 2))  # type: ignore[misc]
