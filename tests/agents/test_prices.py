"""The prices that a plan reckons with."""

import numpy as np

from agents import prices
from agents.prices import Prices

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
