"""What a home reckons with once it has heard the price signal: by hand."""

import numpy as np
import pytest

from agents import prices, pricing
from agents.prices import Prices
from market.config import MarketConfig
from profiles.arrays import Floats


def _rules(**knobs: float) -> MarketConfig:
    return MarketConfig.model_validate({"margin_fraction": 0.0, **knobs})


RULES = _rules()  # loss 5 %, no fee, no margin, prices from 10 cents


def _grid(*tariff: float, export: float = 5.0) -> Prices:
    return prices.of_grid(np.array(tariff), np.full(len(tariff), export))


def _reckoned(price: list[list[float]], *, trust: float = 1.0, **rules: float) -> list[Floats]:
    grid = _grid(*[35.0] * len(price[0]))
    heard = pricing.reckoned(np.array(price), grid, _rules(**rules), trust)
    return [heard.buy_cents_per_kwh, heard.sell_cents_per_kwh]


def test_a_home_that_hears_less_than_exporting_pays_reckons_with_what_a_trade_may_cost() -> None:
    # Nobody delivers 0.95 kWh for less than exporting 1 kWh pays: 19 / 0.95.
    heard = pricing.reckoned(np.array([[12.0]]), _grid(35.0, export=19.0), RULES, 1.0)
    assert heard.buy_cents_per_kwh[0] == pytest.approx([20.0])
    assert heard.sell_cents_per_kwh[0] == pytest.approx([19.0])


def test_every_future_has_its_own_prices() -> None:
    buy, sell = _reckoned([[12.0, 30.0], [35.0, 8.0]])
    assert buy == pytest.approx(np.array([[12.0, 30.0], [35.0, 10.0]]))
    assert sell == pytest.approx(0.95 * np.array([[12.0, 30.0], [35.0, 10.0]]))


def test_scarce_energy_is_believed_in_full_and_costs_more_than_the_tariff() -> None:
    # The grid has no more at 35: a buyer pays 60 whatever he trusts, a seller gets 0.95 of it.
    buy, sell = _reckoned([[60.0, 30.0]], trust=0.5)
    assert buy[0] == pytest.approx([60.0, 32.5])
    assert sell[0] == pytest.approx([57.0, 28.5])


def test_scarcity_is_above_the_tariff_itself() -> None:
    buy, sell = _reckoned([[35.0]], trust=0.5, fee_cents_per_kwh=3.0)
    assert (buy[0, 0], sell[0, 0]) == (35.0, pytest.approx(0.95 * 32.0))


def test_what_a_seller_keeps_is_less_the_loss_and_the_margin() -> None:
    assert pricing.kept_fraction(_rules(margin_fraction=0.25)) == pytest.approx(0.95 / 1.25)
