"""The auction against figures on paper, exact fractions and a linear programme."""

from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

import highspy
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from market.mechanisms.call_auction import Clearing, clear, trade
from market.orders import Orders, Terms
from tests.market.rows import Row, any_rows, orders_of

_REAL_ROWS = st.lists(
    st.tuples(
        st.integers(0, 8),
        st.floats(-2.0, 2.0).filter(lambda kwh: abs(kwh) > 1e-3 or kwh == 0.0),
        st.floats(0.0, 40.0),
    ),
    max_size=24,
)
_LOSS = st.sampled_from([0.0, 0.25, 0.5])


def _terms(loss: float = 0.0, floor: float = 10.0, ceiling: float = 30.0) -> Terms:
    return Terms(ceiling, 5.0, loss, floor, ceiling)


def _cleared(rows: list[Row], loss: float = 0.0) -> tuple[float, list[float]]:
    outcome = clear(orders_of(rows), _terms(loss))
    return outcome.price_cents_per_kwh, outcome.accepted_kwh.tolist()


def test_the_price_is_the_middle_of_those_that_clear() -> None:
    rows = [(0, 1.0, 28.0), (1, 1.0, 16.0), (2, -1.0, 12.0), (3, -1.0, 26.0)]
    # One kWh changes hands at any price from 16 (the bid left out) to 26 (the ask left out).
    assert _cleared(rows) == (21.0, [1.0, 0.0, -1.0, 0.0])


def test_the_loss_makes_two_injected_kwh_of_one_delivered() -> None:
    rows = [(0, 1.0, 28.0), (1, -3.0, 12.0)]
    assert _cleared(rows, loss=0.5) == (12.0, [1.0, -2.0])


def test_the_long_side_shares_what_is_left_at_the_margin() -> None:
    rows = [(0, 3.0, 28.0), (1, -1.0, 11.0), (2, -1.0, 20.0), (3, -3.0, 20.0), (4, -9.0, 25.0)]
    assert _cleared(rows) == (20.0, [3.0, -1.0, -0.5, -1.5, 0.0])


def test_bids_share_as_asks_do() -> None:
    rows = [(0, -2.0, 12.0), (1, 1.0, 25.0), (2, 1.0, 20.0), (3, 3.0, 20.0)]
    assert _cleared(rows) == (20.0, [-2.0, 1.0, 0.25, 0.75])


def test_orders_that_just_touch_trade_the_largest_volume() -> None:
    assert _cleared([(0, 1.0, 20.0), (1, -1.0, 20.0)]) == (20.0, [1.0, -1.0])


def test_sums_that_differ_by_rounding_do_not_move_the_price() -> None:
    rows = [(0, 0.1, 28.0), (1, 0.2, 28.0), (2, 1.0, 16.0), (3, -0.3, 12.0), (4, -1.0, 24.0)]
    price, accepted = _cleared(rows)
    assert price == 20.0
    np.testing.assert_allclose(accepted, [0.1, 0.2, 0.0, -0.3, 0.0], rtol=1e-12, atol=0.0)


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [(0, 1.0, 28.0)],
        [(0, -1.0, 12.0)],
        [(0, 1.0, 15.0), (1, -1.0, 16.0)],
        [(0, 1.0, 9.0), (1, -1.0, 5.0)],  # below the floor
        [(0, 1.0, 50.0), (1, -1.0, 40.0)],  # above the ceiling
        [(0, 1e-13, 28.0), (1, -1.0, 12.0)],  # rounding, not an order
    ],
)
def test_without_a_crossing_there_is_no_price_and_no_trade(rows: list[Row]) -> None:
    price, accepted = _cleared(rows)
    assert np.isnan(price)
    assert accepted == [0.0] * len(rows)
    assert trade(orders_of(rows), _terms(), np.random.default_rng(0)).buyer.size == 0


def test_a_floor_above_the_ceiling_means_no_trade() -> None:
    orders = orders_of([(0, 1.0, 28.0), (1, -1.0, 1.0)])
    assert np.isnan(clear(orders, _terms(floor=12.0, ceiling=8.0)).price_cents_per_kwh)


def test_homes_are_paired_at_the_clearing_price() -> None:
    orders = orders_of([(4, 0.5, 28.0), (4, 0.25, 26.0), (2, -3.0, 12.0)])
    trades = trade(orders, _terms(0.5), np.random.default_rng(0))
    np.testing.assert_array_equal(trades.seller, [2])
    np.testing.assert_array_equal(trades.buyer, [4])
    np.testing.assert_array_equal(trades.delivered_kwh, [0.75])
    np.testing.assert_array_equal(trades.injected_kwh, [1.5])
    np.testing.assert_array_equal(trades.price_cents_per_kwh, [12.0])


def _clip(limit: float, terms: Terms) -> float:
    return min(max(limit, terms.price_floor_cents_per_kwh), terms.price_ceiling_cents_per_kwh)


def _curves(rows: list[Row], terms: Terms) -> tuple[list[Any], list[Any]]:
    """Bids and asks that have a price at all, as (limit, delivered) in exact fractions."""
    floor, ceiling = terms.price_floor_cents_per_kwh, terms.price_ceiling_cents_per_kwh
    kept = 1 - Fraction(terms.loss_fraction)
    bids = [
        (Fraction(_clip(limit, terms)), Fraction(kwh))
        for _, kwh, limit in rows
        if kwh > 0 and limit >= floor
    ]
    asks = [
        (Fraction(_clip(limit, terms)), Fraction(-kwh) * kept)
        for _, kwh, limit in rows
        if kwh < 0 and limit <= ceiling
    ]
    return bids, asks


def _volume_and_price(rows: list[Row], terms: Terms) -> tuple[Fraction, Fraction | None]:
    """Largest volume over all prices, and the middle of the prices at which supply meets it."""
    bids, asks = _curves(rows, terms)
    limits = sorted({limit for limit, _ in bids + asks})
    between = [(low + high) / 2 for low, high in pairwise(limits)]
    volume, prices = Fraction(0), []
    for price in sorted(limits + between):
        demand = sum((kwh for limit, kwh in bids if limit >= price), Fraction(0))
        supply = sum((kwh for limit, kwh in asks if limit <= price), Fraction(0))
        eager_demand = sum((kwh for limit, kwh in bids if limit > price), Fraction(0))
        eager_supply = sum((kwh for limit, kwh in asks if limit < price), Fraction(0))
        volume = max(volume, min(demand, supply))
        if eager_demand <= supply and eager_supply <= demand:
            prices.append(price)
    return volume, (min(prices) + max(prices)) / 2 if volume else None


@settings(deadline=None, max_examples=300)
@given(rows=any_rows(), loss=_LOSS)
@example(rows=[(0, 1.0, 20.0), (1, -1.0, 15.0), (1, -1.0, 20.0), (2, 1.0, 15.0)], loss=0.0)
def test_volume_and_price_equal_those_of_exact_arithmetic(rows: list[Row], loss: float) -> None:
    terms = _terms(loss)
    outcome = clear(orders_of(rows), terms)
    volume, price = _volume_and_price(rows, terms)
    assert np.maximum(outcome.accepted_kwh, 0.0).sum() == pytest.approx(float(volume), abs=1e-12)
    if price is None:
        assert np.isnan(outcome.price_cents_per_kwh)
    else:
        assert outcome.price_cents_per_kwh == float(price)


def _best_welfare(rows: list[Row], terms: Terms) -> float:
    """Largest total surplus of bids and asks, by a linear programme [cents]."""
    solver = highspy.Highs()  # type: ignore[no-untyped-call]  # the package has no types here
    solver.setOptionValue("output_flag", False)
    bids, asks = _curves(rows, terms)
    columns = [(float(limit), float(kwh), 1.0) for limit, kwh in bids]
    columns += [(-float(limit), float(kwh), -1.0) for limit, kwh in asks]
    for value, kwh, _ in columns:
        solver.addCol(-value, 0.0, kwh, 0, [], [])
    signs = [sign for _, _, sign in columns]
    solver.addRow(0.0, 0.0, len(columns), list(range(len(columns))), signs)
    solver.run()
    return -float(solver.getInfo().objective_function_value)


@settings(deadline=None, max_examples=200)
@given(rows=_REAL_ROWS, loss=st.sampled_from([0.0, 0.05, 0.3]))
def test_the_welfare_is_the_best_possible(rows: list[Row], loss: float) -> None:
    terms = _terms(loss)
    accepted = clear(orders_of(rows), terms).accepted_kwh
    value = [
        _clip(limit, terms) * (kwh if kwh > 0.0 else kwh * (1.0 - loss))
        for (_, _, limit), kwh in zip(rows, accepted, strict=True)
    ]
    assert sum(value) == pytest.approx(_best_welfare(rows, terms), abs=1e-6)


def _assert_fair(outcome: Clearing, orders: Orders) -> None:
    price, accepted = outcome.price_cents_per_kwh, outcome.accepted_kwh
    signed_gain = np.sign(orders.quantity_kwh) * (orders.limit_cents_per_kwh - price)
    assert (signed_gain[accepted != 0.0] >= 0.0).all()  # no trade worse than its limit
    better = signed_gain > 0.0
    np.testing.assert_array_equal(accepted[better], orders.quantity_kwh[better])
    for sign in (1.0, -1.0):
        margin = (signed_gain == 0.0) & (np.sign(orders.quantity_kwh) == sign)
        fractions = accepted[margin] / orders.quantity_kwh[margin]
        np.testing.assert_allclose(fractions, fractions[:1].repeat(margin.sum()), rtol=1e-12)
        assert (fractions <= 1.0).all()


@settings(deadline=None, max_examples=300)
@given(rows=st.one_of(any_rows(), _REAL_ROWS), loss=st.sampled_from([0.0, 0.05, 0.5]))
def test_nobody_trades_against_its_limit_and_the_margin_is_shared(
    rows: list[Row], loss: float
) -> None:
    terms, orders = _terms(loss), orders_of(rows)
    outcome = clear(orders, terms)
    if np.isnan(outcome.price_cents_per_kwh):
        assert not outcome.accepted_kwh.any()
        return
    assert 10.0 <= outcome.price_cents_per_kwh <= 30.0
    bought = np.maximum(outcome.accepted_kwh, 0.0).sum()
    sold = np.maximum(-outcome.accepted_kwh, 0.0).sum()
    assert bought == pytest.approx((1.0 - loss) * sold, rel=1e-12)
    limited = [(home, kwh, _clip(limit, terms)) for home, kwh, limit in rows]
    possible = [
        (limit >= 10.0 if kwh > 0.0 else limit <= 30.0) and kwh != 0.0 for _, kwh, limit in rows
    ]
    kept = np.array(possible)
    _assert_fair(
        Clearing(outcome.price_cents_per_kwh, outcome.accepted_kwh[kept]),
        orders_of([row for row, keep in zip(limited, possible, strict=True) if keep]),
    )


@settings(deadline=None)
@given(rows=_REAL_ROWS, random=st.randoms(use_true_random=False))
@example(rows=[(home % 3, 0.1 * (home + 1), 25.0) for home in range(9)], random=None)
def test_the_order_of_the_input_leaves_no_trace(rows: list[Row], random: Random | None) -> None:
    rows = [*rows, (9, -1.7, 12.0)]
    places = list(reversed(range(len(rows))))
    if random is not None:
        random.shuffle(places)
    orders, shuffled = orders_of(rows), orders_of([rows[place] for place in places])
    first, second = clear(orders, _terms(0.05)), clear(shuffled, _terms(0.05))
    assert first.accepted_kwh[places].tobytes() == second.accepted_kwh.tobytes()
    one = trade(orders, _terms(0.05), np.random.default_rng(7))
    two = trade(shuffled, _terms(0.05), np.random.default_rng(7))
    for name in ("seller", "buyer", "delivered_kwh", "injected_kwh", "price_cents_per_kwh"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes(), name


@settings(deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.floats(0.01, 2.0), st.floats(5.0, 35.0), st.floats(0.01, 2.0), st.floats(0.0, 9.0)
        ),
        max_size=10,
    ),
    loss=st.sampled_from([0.0, 0.05]),
)
def test_a_home_whose_limits_do_not_cross_stays_on_one_side(
    rows: list[tuple[float, float, float, float]], loss: float
) -> None:
    both: list[Row] = []
    for home, (buy, bid, sell, gap) in enumerate(rows):
        both += [(home, buy, bid), (home, -sell, bid + gap)]
    trades = trade(orders_of(both), _terms(loss), np.random.default_rng(0))
    assert not set(trades.seller.tolist()) & set(trades.buyer.tolist())


def test_a_large_auction_balances_to_the_last_digits() -> None:
    rng = np.random.default_rng(2)
    rows_count = 20_000
    orders = Orders(
        rng.integers(0, 5_000, rows_count),
        rng.normal(0.0, 1.0, rows_count),
        rng.uniform(5.0, 35.0, rows_count),
        np.zeros(rows_count, dtype=np.bool_),
    )
    accepted = clear(orders, _terms(0.05)).accepted_kwh
    bought, sold = accepted[accepted > 0].sum(), -accepted[accepted < 0].sum()
    assert bought > 1_000.0
    assert bought == pytest.approx(0.95 * sold, rel=1e-12)
