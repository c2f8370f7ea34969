"""Feeders first, then what they leave: against figures on paper and a linear programme."""

from dataclasses import replace

import highspy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market.mechanisms import call_auction
from market.mechanisms.regional import trade
from market.orders import Terms, Trades
from tests.market.rows import Row, any_rows, orders_of, told

FEEDER = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2])
_ROWS = any_rows(10.0, 30.0)  # nobody is held to the range
_BETWEEN = st.sampled_from([0.0, 0.02, 0.5])


def _terms(loss: float = 0.0, between: float = 0.5) -> Terms:
    step = Terms(30.0, 5.0, loss, 10.0, 30.0)
    return replace(step, feeder=FEEDER, between_loss_fraction=between)


def _traded(rows: list[Row], terms: Terms | None = None) -> Trades:
    return trade(orders_of(rows), terms or _terms(), np.random.default_rng(0))


def test_neighbours_are_served_first_and_each_feeder_has_its_price() -> None:
    rows = [(0, 1.0, 30.0), (1, -1.0, 20.0), (3, 1.0, 18.0), (4, -1.0, 10.0)]
    # Over all feeders, home 4 would serve home 0.
    assert told(_traded(rows)) == [(1, 0, 1.0, 25.0), (4, 3, 1.0, 14.0)]


def test_what_a_feeder_leaves_goes_to_another_and_loses_more() -> None:
    rows = [(0, 3.0, 30.0), (1, -1.0, 10.0), (3, -6.0, 12.0)]
    trades = _traded(rows, _terms(loss=0.5, between=0.5))
    # Inside, home 1 delivers 0.5 and home 0 sets the price. Of the 6 kWh of home 3 a quarter
    # arrives: 1.5 kWh of the 2.5 that home 0 still wants, at its limit.
    assert told(trades) == [(1, 0, 0.5, 30.0), (3, 0, 1.5, 30.0)]
    assert trades.injected_kwh.tolist() == [1.0, 6.0]


def test_a_seller_asks_as_much_per_injected_kwh_wherever_it_goes() -> None:
    # Half is lost, so 14 cents per injected kWh are 28 per delivered one.
    assert told(_traded([(0, 1.0, 27.9), (3, -4.0, 14.0)])) == []
    assert told(_traded([(0, 1.0, 28.0), (3, -4.0, 14.0)])) == [(3, 0, 1.0, 28.0)]


def test_who_sold_to_a_neighbour_does_not_buy_from_afar() -> None:
    # Home 1 sells at 25; home 3 has energy at 10, which home 1 would take at 20.
    rows = [(0, 1.0, 30.0), (1, -1.0, 20.0), (1, 1.0, 20.0), (3, -1.0, 10.0)]
    assert told(_traded(rows, _terms(between=0.0)))[1:] == []
    rows = [(0, 1.0, 30.0), (1, -1.0, 20.0), (2, 1.0, 20.0), (3, -1.0, 10.0)]
    assert told(_traded(rows, _terms(between=0.0)))[1:] == [(3, 2, 1.0, 15.0)]


def test_without_orders_there_is_no_trade() -> None:
    assert told(_traded([])) == []


@settings(deadline=None)
@given(rows=_ROWS)
def test_homes_of_one_feeder_hold_a_call_auction(rows: list[Row]) -> None:
    one = replace(_terms(0.05), feeder=np.zeros(9, np.int64))
    auction = call_auction.trade(orders_of(rows), one, np.random.default_rng(0))
    for terms in (one, replace(one, feeder=None)):
        found = _traded(rows, terms)
        np.testing.assert_allclose(found.bought_kwh(9), auction.bought_kwh(9), atol=1e-12)
        np.testing.assert_allclose(found.sold_kwh(9), auction.sold_kwh(9), atol=1e-12)
        assert set(found.price_cents_per_kwh) == set(auction.price_cents_per_kwh)


@settings(deadline=None)
@given(rows=_ROWS, loss=st.sampled_from([0.0, 0.05]), between=_BETWEEN)
def test_every_kwh_is_lost_where_it_travels_and_no_seller_gets_less_than_it_asks(
    rows: list[Row], loss: float, between: float
) -> None:
    terms = _terms(loss, between)
    trades = _traded(rows, terms)
    arriving = np.where(
        FEEDER[trades.seller] == FEEDER[trades.buyer], 1.0 - loss, (1.0 - loss) * (1.0 - between)
    )
    np.testing.assert_allclose(trades.delivered_kwh, arriving * trades.injected_kwh, rtol=1e-12)
    for seller, share, price in zip(
        trades.seller, arriving, trades.price_cents_per_kwh, strict=True
    ):
        least = min(limit for home, kwh, limit in rows if home == seller and kwh < 0.0)
        assert share * price >= (1.0 - loss) * least - 1e-9
    assert not set(trades.seller.tolist()) & set(trades.buyer.tolist()) or _crosses_itself(rows)


def _crosses_itself(rows: list[Row]) -> bool:
    sides = {(home, kwh > 0.0) for home, kwh, _ in rows if kwh != 0.0}
    return any((home, not buys) in sides for home, buys in sides)


def _worth(rows: list[Row], trades: Trades, loss: float) -> float:
    """Worth to buyers less worth to sellers, each home's best orders first [cents]."""
    total = 0.0
    for sign, energy, keeps in (
        (1.0, trades.bought_kwh(9), 1.0),
        (-1.0, trades.sold_kwh(9), 1.0 - loss),
    ):
        for home in range(9):
            left = energy[home]
            mine = [(limit, abs(kwh)) for h, kwh, limit in rows if h == home and sign * kwh > 0.0]
            for limit, kwh in sorted(mine, reverse=sign > 0.0):
                total += sign * keeps * limit * min(kwh, left)
                left -= min(kwh, left)
    return total


def _best_worth(rows: list[Row], loss: float, between: float) -> float:
    """Largest worth over all ways to fill the orders and to move energy, by a programme."""
    solver = highspy.Highs()  # type: ignore[no-untyped-call]  # the package has no types here
    solver.setOptionValue("output_flag", False)
    columns: list[dict[int, float]] = []  # entries by row: what is wanted, what is on offer
    for home, kwh, limit in rows:
        feeder = int(FEEDER[home])
        value = limit if kwh > 0.0 else -(1.0 - loss) * limit
        columns.append({feeder: 1.0} if kwh > 0.0 else {3 + feeder: -1.0})
        solver.addCol(-value, 0.0, abs(kwh), 0, [], [])
    for start in range(3):
        for end in range(3):
            kept = (1.0 - loss) * (1.0 if start == end else 1.0 - between)
            columns.append({end: -kept, 3 + start: 1.0})
            solver.addCol(0.0, 0.0, 1e3, 0, [], [])
    for row in range(6):
        places = [place for place, column in enumerate(columns) if row in column]
        solver.addRow(0.0, 0.0, len(places), places, [columns[place][row] for place in places])
    solver.run()
    return -float(solver.getInfo().objective_function_value)


@settings(deadline=None)
@given(rows=_ROWS, loss=st.sampled_from([0.0, 0.05]), between=_BETWEEN)
def test_no_way_to_fill_the_orders_is_worth_less_than_none_or_more_than_the_best(
    rows: list[Row], loss: float, between: float
) -> None:
    # One order per home, so that nobody could trade with itself.
    rows = list({home: (home, kwh, limit) for home, kwh, limit in rows}.values())
    worth = _worth(rows, _traded(rows, _terms(loss, between)), loss)
    assert -1e-6 <= worth <= _best_worth(rows, loss, between) + 1e-6


def test_where_neighbours_have_nothing_to_trade_the_worth_is_the_best() -> None:
    rows: list[Row] = [(0, 1.0, 30.0), (1, 1.5, 24.0), (3, -1.0, 11.0), (4, -1.0, 18.0)]
    worth = _worth(rows, _traded(rows, _terms(0.05, 0.02)), 0.05)
    assert worth == pytest.approx(_best_worth(rows, 0.05, 0.02)) != 0.0
