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
    assert known.pairs(np.ones(1)).tolist() == [[35.0, 5.0], [51.0, 4.0], [28.0, -1.0]]
    assert known.tariff_cents_per_kwh.tolist() == TARIFF.tolist()
    assert known.export_cents_per_kwh.tolist() == EXPORT.tolist()


def test_refilling_costs_the_lowest_tariff_of_the_horizon_whatever_homes_ask() -> None:
    known = Prices(np.array([[7.0, 8.0, 9.0]]), EXPORT[None], TARIFF, EXPORT)
    assert known.lowest_tariff_cents_per_kwh == 28.0


def test_a_plan_reckons_with_what_homes_ask_and_pay() -> None:
    known = Prices(np.array([[7.0, 8.0, 9.0]]), np.array([[6.0, 6.5, 6.7]]), TARIFF, EXPORT)
    for weights in (np.ones(1), np.array([0.25, 0.75])):  # one signal for all futures
        assert known.pairs(weights).tolist() == [[7.0, 6.0], [8.0, 6.5], [9.0, 6.7]]


def test_where_each_future_has_its_prices_an_exact_plan_reckons_with_their_mean() -> None:
    buy, sell = np.array([[8.0], [16.0]]), np.array([[4.0], [8.0]])
    known = Prices(buy, sell, TARIFF[:1], EXPORT[:1])
    assert known.pairs(np.array([0.25, 0.75])).tolist() == [[14.0, 7.0]]


def test_a_plan_of_futures_is_told_grid_and_market_for_each() -> None:
    buy, sell = np.array([[8.0, 70.0], [16.0, 30.0]]), np.array([[6.0, 66.0], [8.0, 29.0]])
    known = Prices(buy, sell, TARIFF[:2], EXPORT[:2])
    # 70 is more than the tariff: where energy is scarce, the grid has none at its tariff.
    first = [[35.0, 8.0, 6.0, 5.0], [70.0, 70.0, 66.0, 4.0]]
    second = [[35.0, 16.0, 8.0, 5.0], [51.0, 30.0, 29.0, 4.0]]
    assert known.quotes(2).tolist() == [first, second]
    alone = prices.of_grid(TARIFF[:1], EXPORT[:1])
    assert alone.quotes(3).tolist() == [[[35.0, 35.0, 5.0, 5.0]]] * 3


@given(st.lists(st.floats(0.0, 100.0), min_size=1, max_size=20))
def test_rounding_makes_no_odd_prices_of_usual_ones(signal: list[float]) -> None:
    count = len(signal)
    grid = prices.of_grid(np.linspace(28.0, 51.3, count), np.full(count, 5.0))
    rules = MarketConfig(loss_fraction=0.0, margin_fraction=0.0)
    heard = pricing.reckoned(np.array([signal]), grid, rules, 1.0)
    assert not nonconvex.needed(heard.pairs(np.ones(1)))
