"""What goes into the record comes out of it."""

from collections.abc import Callable
from dataclasses import fields

import numpy as np
import pytest

from agents.fleet import FleetState
from agents.metering import Flows
from agents.scoring import Rating
from market.orders import Orders, Trades, no_orders, no_trades
from market.settlement import Bills
from model.recorder import Recorder, fallback_kwh, recorder
from model.results import PRICE_COLUMNS, STEP_COLUMNS, TRADE_COLUMNS

IDS = np.array([4, 7])
TRADES = Trades(
    seller=np.array([0, 1, 0]),
    buyer=np.array([1, 0, 1]),
    delivered_kwh=np.array([0.5, 1.0, 1.5]),
    injected_kwh=np.array([1.0, 2.0, 3.0]),
    price_cents_per_kwh=np.array([20.0, 24.0, 12.0]),
)


@pytest.fixture
def record() -> Recorder:
    """Make room for three steps of two homes."""
    return recorder(IDS, 3)


def _bills(start: int = 0) -> Bills:
    """Amounts that differ in every column and home."""
    columns = {
        field.name: np.array([start + 10 * place, start + 10 * place + 1])
        for place, field in enumerate(fields(Bills))
    }
    columns["trade_amount_microcents"] = np.array([101, 102, 103])
    columns["trade_fee_microcents"] = np.array([1, 2, 3])
    return Bills(**columns)


def test_the_record_has_every_column_in_its_type(record: Recorder) -> None:
    assert {name: column.dtype for name, column in record.steps.items()} == {
        column.name: np.dtype(column.dtype) for column in STEP_COLUMNS
    }
    assert {name: column.dtype for name, column in record.prices.items()} == {
        column.name: np.dtype(column.dtype) for column in PRICE_COLUMNS
    }
    assert {column.shape for column in record.steps.values()} == {(3, 2)}
    assert {column.shape for column in record.prices.values()} == {(3,)}


def test_what_homes_did_paid_and_hold_is_kept_in_its_row(record: Recorder) -> None:
    energies = {
        field.name: np.array([1.0, 2.0]) + 10 * place for place, field in enumerate(fields(Flows))
    }
    state = FleetState(np.array([5.0, 6.0]), np.array([50.0, 60.0]))
    bills = _bills(start=7)
    record.step(1, Flows(**energies), bills, state, np.array([0.25, 0.5]))
    record.rating(1, Rating(np.array([62.5, 30.0]), np.array([1, -1], np.int8)))
    expected = {name: energy.tolist() for name, energy in energies.items()}
    expected |= {"stored_kwh": [5.0, 6.0], "fallback_kwh": [0.25, 0.5], "filled": [False, False]}
    expected |= {"score": [62.5, 30.0], "light": [1, -1]}
    for name in record.steps:
        if name.endswith("_microcents"):
            expected[name] = getattr(bills, name).tolist()
    assert {name: column[1].tolist() for name, column in record.steps.items()} == expected
    assert not any(column[[0, 2]].any() for column in record.steps.values())


def test_what_was_made_up_is_marked_from_the_start() -> None:
    marks = np.array([[False, True], [False, False], [True, True]])
    assert recorder(IDS, 3, marks).steps["filled"].tolist() == marks.tolist()


def test_the_clearing_price_is_the_mean_over_the_energy(record: Recorder) -> None:
    record.market(2, (35.0, 5.0), 31.0, TRADES, 48.5)
    # (0.5 * 20 + 1 * 24 + 1.5 * 12) / 3 kWh
    assert {name: column[2] for name, column in record.prices.items()} == {
        "tariff_cents_per_kwh": 35.0,
        "export_cents_per_kwh": 5.0,
        "signal_cents_per_kwh": 31.0,
        "clearing_cents_per_kwh": pytest.approx(52.0 / 3.0),
        "carbon_kg_per_kwh": 0.0,  # known beforehand; the community puts it beside the rest
        "scarcity_cents_per_kwh": 48.5,
    }


def test_without_trades_there_is_no_clearing_price(record: Recorder) -> None:
    record.market(0, (35.0, 5.0), float("nan"), no_trades())
    assert np.isnan(record.prices["clearing_cents_per_kwh"][0])
    assert np.isnan(record.prices["scarcity_cents_per_kwh"][0])
    assert np.isnan(record.prices["signal_cents_per_kwh"][0])


def test_trades_are_listed_in_order_of_time_by_the_homes_ids(record: Recorder) -> None:
    record.trade(0, TRADES, _bills())
    record.trade(1, no_trades(), _bills())
    record.trade(2, TRADES, _bills())
    table = record.trades_table()
    assert table["step"].tolist() == [0, 0, 0, 2, 2, 2]
    assert table["seller_id"].tolist() == [4, 7, 4] * 2
    assert table["buyer_id"].tolist() == [7, 4, 7] * 2
    assert table["delivered_kwh"].tolist() == [0.5, 1.0, 1.5] * 2
    assert table["injected_kwh"].tolist() == [1.0, 2.0, 3.0] * 2
    assert table["price_cents_per_kwh"].tolist() == [20.0, 24.0, 12.0] * 2
    assert table["amount_microcents"].tolist() == [101, 102, 103] * 2
    assert table["fee_microcents"].tolist() == [1, 2, 3] * 2


@pytest.mark.parametrize("steps_with_trades", [0, 1])
def test_the_list_of_trades_has_its_types_even_when_it_is_empty(
    record: Recorder, steps_with_trades: int
) -> None:
    for index in range(steps_with_trades):
        record.trade(index, TRADES, _bills())
    table = record.trades_table()
    assert {name: column.dtype for name, column in table.items()} == {
        column.name: np.dtype(column.dtype) for column in TRADE_COLUMNS
    }
    assert {column.size for column in table.values()} == {3 * steps_with_trades}


def _orders(*rows: tuple[int, float]) -> Orders:
    home, quantity = (np.array(column) for column in zip(*rows, strict=True))
    return Orders(home, quantity, np.full(home.size, 20.0), np.zeros(home.size, np.bool_))


def test_what_the_market_left_and_the_grid_served_is_counted(
    flows: Callable[..., Flows],
) -> None:
    # Home 0 bids for 3 kWh, buys 1, and imports half a kWh of the rest, as it does not charge.
    # Home 1 offers 2 kWh, injects half of one and exports one.
    orders = _orders((0, 2.0), (0, 1.0), (1, -2.0))
    lived = flows(
        3, p2p_in_kwh=[1, 0, 0], import_kwh=[0.5, 0, 2], p2p_out_kwh=[0, 0.5, 0],
        export_kwh=[0, 1, 0],
    )  # fmt: skip
    # Home 2 imports without having asked the market.
    assert fallback_kwh(orders, lived).tolist() == [0.5, 1.0, 0.0]


def test_the_grid_is_no_fallback_for_more_than_was_left(flows: Callable[..., Flows]) -> None:
    lived = flows(2, p2p_in_kwh=[1, 0], import_kwh=[5, 0], p2p_out_kwh=[0, 1], export_kwh=[0, 5])
    assert fallback_kwh(_orders((0, 3.0), (1, -2.5)), lived).tolist() == [2.0, 1.5]


def test_without_a_market_nothing_falls_back(flows: Callable[..., Flows]) -> None:
    left = fallback_kwh(no_orders(), flows(2, import_kwh=[5, 0], export_kwh=[0, 5]))
    assert left.tolist() == [0.0, 0.0]
    assert left.dtype == np.float64
