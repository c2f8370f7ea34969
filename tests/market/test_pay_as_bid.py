"""Best bid meets best ask: against figures on paper, and the call auction's allocation."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market.mechanisms import call_auction
from market.mechanisms.pay_as_bid import trade
from market.orders import Terms, Trades
from tests.market.rows import Row, any_rows, orders_of, told


def _terms(loss: float = 0.0) -> Terms:
    return Terms(30.0, 5.0, loss, 10.0, 30.0)


def _traded(rows: list[Row], loss: float = 0.0, seed: int = 0) -> Trades:
    return trade(orders_of(rows), _terms(loss), np.random.default_rng(seed))


def test_the_dearest_bid_meets_the_cheapest_ask_half_way() -> None:
    rows = [(0, 1.0, 28.0), (1, 1.0, 20.0), (2, -1.5, 12.0), (3, -1.0, 16.0), (4, -9.0, 24.0)]
    assert told(_traded(rows)) == [
        (2, 0, 1.0, 20.0),  # 28 and 12
        (2, 1, 0.5, 16.0),  # 20 and 12
        (3, 1, 0.5, 18.0),  # 20 and 16
    ]


def test_limits_beyond_the_range_count_as_its_ends() -> None:
    assert told(_traded([(0, 1.0, 90.0), (1, -1.0, 1.0)])) == [(1, 0, 1.0, 20.0)]


def test_the_loss_makes_two_injected_kwh_of_one_delivered() -> None:
    trades = _traded([(0, 1.0, 28.0), (1, -3.0, 12.0)], loss=0.5)
    assert told(trades) == [(1, 0, 1.0, 20.0)]
    assert trades.injected_kwh.tolist() == [2.0]


def test_those_at_the_margin_share_what_is_left() -> None:
    rows = [(0, -2.0, 12.0), (1, 1.0, 25.0), (2, 1.0, 20.0), (3, 3.0, 20.0)]
    assert _traded(rows).bought_kwh(4).tolist() == [0.0, 1.0, 0.25, 0.75]


def test_the_seed_decides_who_among_equals_meets_the_cheapest() -> None:
    rows = [(0, 1.0, 28.0), (1, 1.0, 28.0), (2, -1.0, 12.0), (3, -1.0, 20.0)]
    paid = {tuple(_traded(rows, seed=seed).buyer.tolist()) for seed in range(20)}
    assert paid == {(0, 1), (1, 0)}
    assert {tuple(_traded(rows, seed=seed).seller.tolist()) for seed in range(20)} == {(2, 3)}


def test_a_home_that_crosses_itself_trades_only_its_best_with_others() -> None:
    # Home 0 would sell itself 1 kWh: its dearest bid stays, and none of its asks.
    rows = [(0, 1.0, 30.0), (0, 1.0, 26.0), (0, -1.0, 12.0), (1, -1.0, 14.0), (2, -4.0, 29.0)]
    assert told(_traded(rows)) == [(1, 0, 1.0, 22.0)]


@pytest.mark.parametrize(
    "rows", [[], [(0, 1.0, 28.0)], [(0, -1.0, 12.0)], [(0, 1.0, 15.0), (1, -1.0, 16.0)]]
)
def test_without_a_crossing_nobody_trades(rows: list[Row]) -> None:
    assert told(_traded(rows)) == []


@settings(deadline=None, max_examples=200)
@given(rows=any_rows(), loss=st.sampled_from([0.0, 0.05, 0.5]), seed=st.integers(0, 3))
def test_homes_get_what_the_call_auction_gives_them(
    rows: list[Row], loss: float, seed: int
) -> None:
    mine = _traded(rows, loss, seed)
    auction = call_auction.trade(orders_of(rows), _terms(loss), np.random.default_rng(seed))
    np.testing.assert_allclose(mine.bought_kwh(9), auction.bought_kwh(9), atol=1e-9)
    np.testing.assert_allclose(mine.sold_kwh(9), auction.sold_kwh(9), atol=1e-9)
    assert not set(mine.seller.tolist()) & set(mine.buyer.tolist())
    if auction.buyer.size:  # uniform price: some pay more, some less, none beyond the range
        assert mine.price_cents_per_kwh.min() >= 10.0
        assert mine.price_cents_per_kwh.max() <= 30.0


@settings(deadline=None)
@given(rows=any_rows(), random=st.randoms(use_true_random=False))
def test_the_order_of_the_input_leaves_no_trace(rows: list[Row], random: Random) -> None:
    rows = [(home, kwh * 0.3, limit) for home, kwh, limit in rows]  # sums that round
    one, two = _traded(rows, 0.05), _traded(random.sample(rows, len(rows)), 0.05)
    for name in Trades.__slots__:
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes(), name
