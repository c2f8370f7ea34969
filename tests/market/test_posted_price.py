"""Matching at a given price against figures on paper and a matching told home by home."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market.mechanisms.posted_price import trade
from market.orders import Terms, Trades
from tests.market.rows import Row, any_rows, orders_of


def _terms(posted: float = 20.0, loss: float = 0.0) -> Terms:
    return Terms(30.0, 5.0, loss, 10.0, 30.0, posted)


def _traded(rows: list[Row], posted: float = 20.0, loss: float = 0.0, seed: int = 0) -> Trades:
    return trade(orders_of(rows), _terms(posted, loss), np.random.default_rng(seed))


def _pairs(trades: Trades) -> list[tuple[int, int, float]]:
    columns = (trades.seller, trades.buyer, trades.delivered_kwh)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def test_the_largest_meet_first_and_the_last_is_served_in_part() -> None:
    rows = [(0, 1.0, 30.0), (1, 2.5, 30.0), (2, 2.0, 30.0), (3, -1.5, 10.0), (4, -2.5, 10.0)]
    trades = _traded(rows)
    # 4 kWh for 5.5: home 1 is served, home 2 in part, home 0 not at all.
    assert _pairs(trades) == [(4, 1, 2.5), (3, 2, 1.5)]
    assert trades.price_cents_per_kwh.tolist() == [20.0, 20.0]


def test_sellers_are_left_over_as_buyers_are() -> None:
    rows = [(0, -1.0, 10.0), (1, -2.0, 10.0), (2, -1.5, 10.0), (3, 3.0, 30.0)]
    assert _pairs(_traded(rows)) == [(1, 3, 2.0), (2, 3, 1.0)]


def test_a_curve_says_how_much_a_home_wants_at_the_price() -> None:
    curve = [(0, 0.5, 28.0), (0, 0.75, 20.0), (0, 1.0, 19.0), (1, -9.0, 10.0)]
    assert _pairs(_traded(curve, posted=25.0)) == [(1, 0, 0.5)]
    assert _pairs(_traded(curve, posted=20.0)) == [(1, 0, 1.25)]
    assert _pairs(_traded(curve, posted=12.0)) == [(1, 0, 2.25)]


def test_a_home_is_as_large_as_all_that_it_wants() -> None:
    # Home 0 wants 1.2 in three orders, home 1 wants 1 in one.
    rows = [(0, 0.4, 30.0), (0, 0.4, 29.0), (0, 0.4, 28.0), (1, 1.0, 30.0), (2, -1.2, 10.0)]
    assert _pairs(_traded(rows)) == [(2, 0, pytest.approx(1.2))]


def test_an_order_whose_limit_is_worse_than_the_price_does_not_trade() -> None:
    assert _pairs(_traded([(0, 1.0, 19.9), (1, -1.0, 10.0)])) == []
    assert _pairs(_traded([(0, 1.0, 30.0), (1, -1.0, 20.1)])) == []
    assert _pairs(_traded([(0, 1.0, 20.0), (1, -1.0, 20.0)])) == [(1, 0, 1.0)]


def test_the_loss_makes_two_injected_kwh_of_one_delivered() -> None:
    trades = _traded([(0, 1.0, 30.0), (1, -3.0, 10.0)], loss=0.5)
    assert _pairs(trades) == [(1, 0, 1.0)]
    assert trades.injected_kwh.tolist() == [2.0]
    # Delivered, 3 kWh are 1.5: less than home 2 has to give.
    rows = [(0, 1.0, 30.0), (1, -3.0, 10.0), (2, -3.5, 10.0)]
    assert _pairs(_traded(rows, loss=0.5)) == [(2, 0, 1.0)]


@pytest.mark.parametrize("posted", [float("nan"), 9.99, 30.01])
def test_without_a_price_that_is_allowed_nobody_trades(posted: float) -> None:
    assert _pairs(_traded([(0, 1.0, 50.0), (1, -1.0, 1.0)], posted)) == []


@pytest.mark.parametrize("rows", [[], [(0, 1.0, 30.0)], [(0, -1.0, 10.0)], [(3, 0.0, 20.0)]])
def test_one_side_alone_does_not_trade(rows: list[Row]) -> None:
    assert _pairs(_traded(rows)) == []


def test_a_home_does_not_trade_with_itself() -> None:
    rows = [(0, 2.0, 30.0), (0, -1.5, 10.0), (1, -4.0, 10.0)]
    assert _pairs(_traded(rows)) == [(1, 0, 0.5)]


def test_the_seed_decides_between_equals_and_nothing_else() -> None:
    rows = [(home, 1.0, 30.0) for home in range(6)] + [(6, -2.0, 10.0), (7, 1.5, 30.0)]
    served = {tuple(sorted(_traded(rows, seed=seed).buyer.tolist())) for seed in range(40)}
    assert {buyers[-1] for buyers in served} == {7}  # the largest always
    assert {buyers[0] for buyers in served} == set(range(6))


def _by_hand(rows: list[Row], posted: float, loss: float) -> dict[int, float]:
    """Tell what each home buys (above 0) or sells, delivered, where no two are equally large."""
    net: dict[int, float] = {}
    for home, kwh, limit in rows:
        if kwh > 0 and limit >= posted:
            net[home] = net.get(home, 0.0) + kwh
        if kwh < 0 and limit <= posted:
            net[home] = net.get(home, 0.0) + kwh * (1.0 - loss)
    left = min(sum(max(kwh, 0) for kwh in net.values()), sum(max(-kwh, 0) for kwh in net.values()))
    done: dict[int, float] = {}
    for sign in (1.0, -1.0):
        to_give = left
        for home, kwh in sorted(net.items(), key=lambda item: -sign * item[1]):
            if sign * kwh > 0.0 and to_give > 0.0:
                done[home] = sign * min(sign * kwh, to_give)
                to_give -= abs(done[home])
    return done


@settings(deadline=None, max_examples=300)
@given(
    rows=any_rows(),
    posted=st.sampled_from([10.0, 17.5, 20.0, 30.0]),
    loss=st.sampled_from([0, 0.5]),
)
def test_homes_trade_what_a_matching_home_by_home_gives_them(
    rows: list[Row], posted: float, loss: float
) -> None:
    # A little more for a higher id: no two homes are equally large.
    rows = [(home, kwh * (1.0 + home * np.pi / 100.0), limit) for home, kwh, limit in rows]
    trades = _traded(rows, posted, loss)
    bought, sold = trades.bought_kwh(9), trades.sold_kwh(9)
    found = bought - (1.0 - loss) * sold
    expected = _by_hand(rows, posted, loss)
    assert found == pytest.approx([expected.get(home, 0.0) for home in range(9)], abs=1e-9)
    assert not ((bought > 0.0) & (sold > 0.0)).any()


@settings(deadline=None)
@given(rows=any_rows(), random=st.randoms(use_true_random=False))
def test_the_order_of_the_input_leaves_no_trace(rows: list[Row], random: Random) -> None:
    rows = [(home, kwh * 0.3, limit) for home, kwh, limit in rows]  # sums that round
    shuffled = random.sample(rows, len(rows))
    one, two = _traded(rows, loss=0.05), _traded(shuffled, loss=0.05)
    for name in ("seller", "buyer", "delivered_kwh", "injected_kwh", "price_cents_per_kwh"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes(), name
