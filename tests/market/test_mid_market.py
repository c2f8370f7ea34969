"""The mid-market rate against figures on paper and the published rule of sharing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.mechanisms.mid_market import trade
from market.orders import Terms, Trades
from tests.market.rows import Row, orders_of


def _traded(
    rows: list[Row], loss: float = 0.0, floor: float = 10.0, ceiling: float = 35.0
) -> Trades:
    terms = Terms(35.0, 5.0, loss, floor, ceiling)
    return trade(orders_of(rows), terms, np.random.default_rng(0))


def test_the_price_is_the_middle_of_tariff_and_export() -> None:
    trades = _traded([(0, 1.0, 35.0), (1, -2.0, 5.0)])
    assert trades.price_cents_per_kwh.tolist() == [20.0]
    assert trades.delivered_kwh.tolist() == [1.0]


@pytest.mark.parametrize(("floor", "ceiling", "price"), [(22.0, 35.0, 22.0), (10.0, 18.0, 18.0)])
def test_the_price_stays_in_the_range_of_the_step(
    floor: float, ceiling: float, price: float
) -> None:
    trades = _traded([(0, 1.0, 35.0), (1, -2.0, 5.0)], floor=floor, ceiling=ceiling)
    assert trades.price_cents_per_kwh.tolist() == [price]


def test_a_range_without_a_price_is_a_step_without_trade() -> None:
    assert _traded([(0, 1.0, 35.0), (1, -2.0, 5.0)], floor=12.0, ceiling=8.0).buyer.size == 0


@pytest.mark.parametrize("rows", [[], [(0, 1.0, 35.0)], [(0, -1.0, 5.0)], [(3, 0.0, 20.0)]])
def test_one_side_alone_does_not_trade(rows: list[Row]) -> None:
    assert _traded(rows).buyer.size == 0


def test_a_home_that_would_rather_wait_does() -> None:
    assert _traded([(0, 1.0, 19.9), (1, -1.0, 5.0)]).buyer.size == 0
    assert _traded([(0, 1.0, 35.0), (1, -1.0, 20.1)]).buyer.size == 0


def test_the_longer_side_is_served_in_proportion() -> None:
    buyers: list[Row] = [(0, 1.0, 35.0), (1, 3.0, 35.0)]
    short = _traded([*buyers, (2, -2.0, 5.0), (3, -2.0, 5.0)], loss=0.5)
    # 4 kWh injected are 2 delivered, for 4 wanted: each buyer gets half.
    np.testing.assert_allclose(short.bought_kwh(4), [0.5, 1.5, 0.0, 0.0])
    np.testing.assert_allclose(short.sold_kwh(4), [0.0, 0.0, 2.0, 2.0])
    long = _traded([*buyers, (2, -8.0, 5.0), (3, -24.0, 5.0)], loss=0.5)
    np.testing.assert_allclose(long.bought_kwh(4), [1.0, 3.0, 0.0, 0.0])
    np.testing.assert_allclose(long.sold_kwh(4), [0.0, 0.0, 2.0, 6.0])


@given(
    net=st.lists(st.floats(-3.0, 3.0), min_size=2, max_size=20),
)
def test_every_seller_earns_and_every_buyer_pays_the_published_mean(net: list[float]) -> None:
    """Long et al.: the longer side deals in part with the grid, and all of it at the mean price."""
    rows = [(home, kwh, 35.0 if kwh > 0 else 5.0) for home, kwh in enumerate(net)]
    trades = _traded(rows)
    wanted = sum(kwh for kwh in net if kwh > 1e-9)
    offered = -sum(kwh for kwh in net if kwh < -1e-9)
    shared = min(wanted, offered)
    bought, sold = trades.bought_kwh(len(net)), trades.sold_kwh(len(net))
    for home, kwh in enumerate(net):
        if kwh > 1e-9:
            paid = 20.0 * bought[home] + 35.0 * (kwh - bought[home])
            mean = (20.0 * shared + 35.0 * (wanted - shared)) / wanted
            assert paid == pytest.approx(kwh * mean, abs=1e-6)
        elif kwh < -1e-9:
            earned = 20.0 * sold[home] + 5.0 * (-kwh - sold[home])
            mean = (20.0 * shared + 5.0 * (offered - shared)) / offered
            assert earned == pytest.approx(-kwh * mean, abs=1e-6)
