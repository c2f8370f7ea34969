"""Every rule of trade binds somewhere, and the best orders come first."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market.config import MarketConfig
from market.limits import Room, apply, trade_min_kwh
from market.orders import Orders, Terms, terms
from tests.market.rows import orders_of

Row = tuple[int, float, float, bool]


def _rows(orders: Orders) -> list[Row]:
    columns = (
        orders.home,
        orders.quantity_kwh,
        orders.limit_cents_per_kwh,
        orders.from_battery,
    )
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _room(buy: float = 10.0, sell: float = 10.0, sold: float = 0.0, homes_count: int = 4) -> Room:
    return Room(np.full(homes_count, buy), np.full(homes_count, sell), np.full(homes_count, sold))


def _applied(
    rows: list[Row], room: Room | None = None, tariff: float = 35.0, **rules: float | None
) -> list[Row]:
    config = MarketConfig.model_validate(rules)
    return _rows(
        apply(
            orders_of(rows), config, terms(config, tariff, 5.0), _room() if room is None else room
        )
    )


def test_a_battery_asks_its_margin_and_the_sun_does_not() -> None:
    rows = [(0, -1.0, 20.0, True), (1, -1.0, 20.0, False)]
    assert _applied(rows, margin_fraction=0.25) == [(0, -1.0, 25.0, True), (1, -1.0, 20.0, False)]


def test_the_margin_can_price_a_battery_out_of_the_market() -> None:
    assert _applied([(0, -1.0, 34.0, True)], margin_fraction=0.05) == []


def test_a_buyer_keeps_the_fee_back() -> None:
    assert _applied([(0, 1.0, 30.0, False)], fee_cents_per_kwh=4.0) == [(0, 1.0, 26.0, False)]


def test_a_bid_above_the_ceiling_comes_down_to_it() -> None:
    assert _applied([(0, 1.0, 99.0, False)]) == [(0, 1.0, 35.0, False)]
    rows = _applied([(0, 1.0, 99.0, False)], price_max_cents_per_kwh=22.0)
    assert rows == [(0, 1.0, 22.0, False)]


def test_a_bid_below_the_floor_is_dropped() -> None:
    assert _applied([(0, 1.0, 9.99, False), (1, 1.0, 10.0, False)]) == [(1, 1.0, 10.0, False)]


def test_an_ask_below_the_floor_rises_to_it() -> None:
    assert _applied([(0, -1.0, 3.0, False)]) == [(0, -1.0, 10.0, False)]


def test_an_ask_above_the_ceiling_is_dropped() -> None:
    assert _applied([(0, -1.0, 35.01, False), (1, -1.0, 35.0, False)]) == [(1, -1.0, 35.0, False)]


def test_a_floor_above_the_ceiling_leaves_no_orders() -> None:
    assert _applied([(0, 1.0, 50.0, False), (1, -1.0, 1.0, False)], tariff=9.0) == []


def test_the_order_limit_shortens_the_marginal_bid_and_drops_the_rest() -> None:
    rows = [(0, 1.0, 15.0, False), (0, 1.5, 30.0, False), (0, 1.0, 20.0, False)]
    assert _applied(rows) == [(0, 1.5, 30.0, False), (0, 0.5, 20.0, False)]


def test_the_order_limit_keeps_the_cheapest_asks() -> None:
    rows = [(0, -1.0, 30.0, False), (0, -1.5, 12.0, False), (0, -1.0, 20.0, False)]
    assert _applied(rows) == [(0, -1.5, 12.0, False), (0, -0.5, 20.0, False)]


def test_the_order_limit_holds_for_each_side_on_its_own() -> None:
    rows = [(0, 3.0, 15.0, False), (0, -3.0, 30.0, False)]
    assert _applied(rows) == [(0, 2.0, 15.0, False), (0, -2.0, 30.0, False)]


def test_the_connection_limits_what_a_home_buys() -> None:
    rows = _applied([(1, 2.0, 20.0, False)], _room(buy=0.75))
    assert rows == [(1, 0.75, 20.0, False)]


def test_the_connection_limits_what_a_home_sells() -> None:
    rows = _applied([(1, -2.0, 20.0, False)], _room(sell=0.75))
    assert rows == [(1, -0.75, 20.0, False)]


def test_the_day_limits_what_a_home_sells_but_not_what_it_buys() -> None:
    rows = [(1, -2.0, 20.0, False), (1, 2.0, 15.0, False)]
    assert _applied(rows, _room(sold=9.5)) == [(1, 2.0, 15.0, False), (1, -0.5, 20.0, False)]
    assert _applied(rows, _room(sold=10.5)) == [(1, 2.0, 15.0, False)]


def test_null_lifts_the_order_and_the_day_limit() -> None:
    rows = [(0, 7.0, 15.0, False), (0, -8.0, 30.0, False)]
    assert _applied(rows, _room(sold=50.0), order_max_kwh=None, sold_per_day_max_kwh=None) == rows


def test_of_equal_asks_the_sun_goes_before_the_battery() -> None:
    rows = [(0, -1.5, 20.0, True), (0, -1.5, 20.0, False)]
    kept = _applied(rows, margin_fraction=0.0)
    assert kept == [(0, -1.5, 20.0, False), (0, -0.5, 20.0, True)]


def test_the_fixed_cost_raises_the_smallest_trade_that_pays() -> None:
    config = MarketConfig(fixed_cost_cents=5.0, trade_min_kwh=0.125)
    assert trade_min_kwh(config, terms(config, 35.0, 5.0)) == 0.2  # 5 / (35 - 10)
    assert trade_min_kwh(config, terms(config, 60.0, 5.0)) == 0.125  # 5 / 50 is less


def test_without_a_spread_no_trade_pays_a_fixed_cost() -> None:
    step = Terms(10.0, 5.0, 0.05, 10.0, 10.0)
    assert trade_min_kwh(MarketConfig(fixed_cost_cents=1.0), step) == float("inf")
    assert trade_min_kwh(MarketConfig(trade_min_kwh=0.5), step) == 0.5


_ROWS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.integers(-12, 12).map(lambda eighths: eighths / 8),
        st.integers(0, 10).map(lambda fives: 5.0 * fives),
        st.booleans(),
    ),
    max_size=30,
)


def _kept_by_hand(rows: list[Row], config: MarketConfig, step: Terms, room: Room) -> list[Row]:
    """Apply the rules once more, a row at a time."""
    kept: list[Row] = []
    floor, ceiling = step.price_floor_cents_per_kwh, step.price_ceiling_cents_per_kwh
    for home in range(room.buy_kwh_max.size):
        bids = [
            (-min(limit - config.fee_cents_per_kwh, ceiling), battery, quantity)
            for row, quantity, limit, battery in rows
            if row == home and quantity > 0 and limit - config.fee_cents_per_kwh >= floor
        ]
        asks = [
            (max(limit * (1 + config.margin_fraction * battery), floor), battery, -quantity)
            for row, quantity, limit, battery in rows
            if row == home and quantity < 0
        ]
        asks = [ask for ask in asks if ask[0] <= ceiling]
        buy = min(float(room.buy_kwh_max[home]), config.order_max_kwh or np.inf)
        sell = min(float(room.sell_kwh_max[home]), config.order_max_kwh or np.inf)
        day = (config.sold_per_day_max_kwh or np.inf) - float(room.sold_today_kwh[home])
        for sign, side, cap in ((1, bids, buy), (-1, asks, max(0.0, min(sell, day)))):
            left = cap
            for cost, battery, size in sorted(side):
                kwh = min(size, left)
                left -= kwh
                if kwh > 0:
                    kept.append((home, sign * kwh, -sign * cost, battery))
    return kept


@settings(deadline=None)
@given(rows=_ROWS, order_max=st.sampled_from([None, 0.5, 2.0]), sold=st.integers(0, 11))
def test_the_kernel_agrees_with_the_rules_told_row_by_row(
    rows: list[Row], order_max: float | None, sold: int
) -> None:
    config = MarketConfig(order_max_kwh=order_max, fee_cents_per_kwh=2.5, margin_fraction=0.25)
    step, room = terms(config, 35.0, 12.0), _room(1.25, 3.0, float(sold))
    expected = _kept_by_hand(rows, config, step, room)
    assert _rows(apply(orders_of(rows), config, step, room)) == expected


@settings(deadline=None)
@given(rows=_ROWS, random=st.randoms(use_true_random=False))
def test_the_order_of_the_input_leaves_no_trace(rows: list[Row], random: Random) -> None:
    shuffled = random.sample(rows, len(rows))
    assert _applied(rows) == _applied(shuffled)


@pytest.mark.parametrize("orders_count", [50, 3_000, 120_000])
def test_a_home_with_many_orders_is_sorted_as_well(orders_count: int) -> None:
    rng = np.random.default_rng(5)
    limit = rng.uniform(12.0, 30.0, orders_count)
    quantity = rng.uniform(0.01, 0.02, orders_count)
    home = np.zeros(orders_count, dtype=np.int64)
    config = MarketConfig(order_max_kwh=None)
    orders = Orders(home, quantity, limit, np.zeros(orders_count, dtype=np.bool_))
    room = _room(buy=np.inf, homes_count=1)
    kept = apply(orders, config, terms(config, 35.0, 5.0), room)
    np.testing.assert_array_equal(kept.limit_cents_per_kwh, np.sort(limit)[::-1])
    np.testing.assert_array_equal(kept.quantity_kwh, quantity[np.argsort(-limit)])
