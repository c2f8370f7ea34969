"""Terms of a step, and sums over trades."""

import numpy as np
import pytest

from market.config import MarketConfig
from market.orders import Trades, joined, no_trades, sum_by_home, terms


def test_the_price_lies_between_what_the_grid_pays_and_what_it_asks() -> None:
    step = terms(MarketConfig(loss_fraction=0.2), 35.0, 12.0)
    assert step.price_floor_cents_per_kwh == 15.0  # 12 / 0.8
    assert step.price_ceiling_cents_per_kwh == 35.0
    assert (step.tariff_cents_per_kwh, step.export_cents_per_kwh) == (35.0, 12.0)
    assert step.loss_fraction == 0.2


def test_the_configured_prices_bind_where_they_are_tighter() -> None:
    step = terms(MarketConfig(price_max_cents_per_kwh=30.0), 35.0, -3.0)
    assert step.price_floor_cents_per_kwh == 10.0
    assert step.price_ceiling_cents_per_kwh == 30.0


def test_the_fee_lowers_the_ceiling_because_the_buyer_pays_it_on_top() -> None:
    step = terms(MarketConfig(fee_cents_per_kwh=4.0), 35.0, 5.0)
    assert step.price_ceiling_cents_per_kwh == 31.0


def test_a_tariff_below_the_lowest_price_leaves_no_room_for_trade() -> None:
    step = terms(MarketConfig(), 8.0, 5.0)
    assert step.price_floor_cents_per_kwh > step.price_ceiling_cents_per_kwh


@pytest.mark.parametrize(("signal", "posted"), [(4.0, 10.0), (22.5, 22.5), (73.5, 33.0)])
def test_the_posted_price_is_the_signal_within_the_range_of_the_step(
    signal: float, posted: float
) -> None:
    step = terms(MarketConfig(fee_cents_per_kwh=2.0), 35.0, 5.0, signal)
    assert step.posted_cents_per_kwh == posted


def test_without_a_signal_no_price_is_posted() -> None:
    assert np.isnan(terms(MarketConfig(), 35.0, 5.0).posted_cents_per_kwh)


def _trades() -> Trades:
    return Trades(
        seller=np.array([0, 0, 3]),
        buyer=np.array([1, 2, 1]),
        delivered_kwh=np.array([0.75, 0.5, 0.25]),
        injected_kwh=np.array([1.5, 1.0, 0.5]),
        price_cents_per_kwh=np.array([20.0, 20.0, 20.0]),
    )


def test_a_home_buys_and_sells_the_sum_of_its_trades() -> None:
    np.testing.assert_array_equal(_trades().bought_kwh(4), [0.0, 1.0, 0.5, 0.0])
    np.testing.assert_array_equal(_trades().sold_kwh(4), [2.5, 0.0, 0.0, 0.5])


def test_small_trades_can_be_left_out_on_both_sides() -> None:
    large = _trades().at_least(0.5)
    np.testing.assert_array_equal(large.delivered_kwh, [0.75, 0.5])
    np.testing.assert_array_equal(large.sold_kwh(4), [2.5, 0.0, 0.0, 0.0])
    np.testing.assert_array_equal(large.bought_kwh(4), [0.0, 0.75, 0.5, 0.0])


@pytest.mark.parametrize("homes_count", [0, 3])
def test_no_trades_add_up_to_zero_energy(homes_count: int) -> None:
    bought = no_trades().bought_kwh(homes_count)
    assert bought.dtype == np.float64
    np.testing.assert_array_equal(bought, np.zeros(homes_count))


def test_energies_are_added_per_home() -> None:
    total = sum_by_home(np.array([2, 0, 2]), np.array([1.0, 2.0, 4.0]), 4)
    np.testing.assert_array_equal(total, [2.0, 0.0, 5.0, 0.0])


def test_more_is_lost_on_the_way_to_another_feeder() -> None:
    config = MarketConfig.model_validate({"regional": {"between_loss_fraction": 0.2}})
    seller, buyer = np.array([0, 0, 2]), np.array([1, 2, 1])
    apart = terms(config, 35.0, 5.0, feeder=np.array([4, 4, 7]))
    assert apart.arriving_fraction(seller, buyer) == pytest.approx([0.95, 0.76, 0.76])
    together = terms(config, 35.0, 5.0)
    assert together.arriving_fraction(seller, buyer).tolist() == [0.95, 0.95, 0.95]


def test_trades_of_several_markets_stand_behind_each_other() -> None:
    both = joined([_trades(), no_trades(), _trades()])
    np.testing.assert_array_equal(both.seller, [0, 0, 3, 0, 0, 3])
    np.testing.assert_array_equal(both.sold_kwh(4), [5.0, 0.0, 0.0, 1.0])
    assert both.seller.dtype == both.buyer.dtype == np.int64
