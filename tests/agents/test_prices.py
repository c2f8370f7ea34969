"""The prices that a plan reckons with."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agents import nonconvex, prices, pricing
from agents.prices import Prices
from market.config import MarketConfig

TARIFF, EXPORT = np.array([35.0, 51.0, 28.0]), np.array([5.0, 4.0, -1.0])


def test_a_home_that_deals_with_the_grid_buys_at_tariff_and_sells_at_export() -> None:
    known = prices.of_grid(TARIFF, EXPORT)
    assert known.pairs.tolist() == [[35.0, 5.0], [51.0, 4.0], [28.0, -1.0]]
    assert known.tariff_cents_per_kwh.tolist() == TARIFF.tolist()
    assert known.export_cents_per_kwh.tolist() == EXPORT.tolist()


def test_refilling_costs_the_lowest_tariff_of_the_horizon_whatever_homes_ask() -> None:
    known = Prices(np.array([7.0, 8.0, 9.0]), EXPORT, TARIFF, EXPORT)
    assert known.lowest_tariff_cents_per_kwh == 28.0


def test_a_plan_reckons_with_what_homes_ask_and_pay() -> None:
    known = Prices(np.array([7.0, 8.0, 9.0]), np.array([6.0, 6.5, 6.7]), TARIFF, EXPORT)
    assert known.pairs.tolist() == [[7.0, 6.0], [8.0, 6.5], [9.0, 6.7]]


@given(st.lists(st.floats(0.0, 100.0), min_size=1, max_size=20))
def test_rounding_makes_no_odd_prices_of_usual_ones(signal: list[float]) -> None:
    count = len(signal)
    grid = prices.of_grid(np.linspace(28.0, 51.3, count), np.full(count, 5.0))
    rules = MarketConfig(loss_fraction=0.0, margin_fraction=0.0)
    assert not nonconvex.needed(pricing.reckoned(np.array(signal), grid, rules, 1.0).pairs)
