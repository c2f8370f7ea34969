"""What goes into the record comes out of it."""

import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.fleet import FleetState
from agents.metering import Flows
from agents.scoring import Rating
from market.orders import Orders, Trades, no_orders, no_trades
from market.settlement import Bills, settle
from model import recorder
from model.recorder import Recorder, fallback_kwh
from model.results import PRICE_COLUMNS, STEP_COLUMNS, TRADE_COLUMNS, Chunk, Columns, Tape, Totals
from model.tape import Held

IDS = np.array([4, 7])
TRADES = Trades(
    seller=np.array([0, 1, 0]),
    buyer=np.array([1, 0, 1]),
    delivered_kwh=np.array([0.5, 1.0, 1.5]),
    injected_kwh=np.array([1.0, 2.0, 3.0]),
    price_cents_per_kwh=np.array([20.0, 24.0, 12.0]),
)
STATE = FleetState(np.array([5.0, 6.0]), np.array([50.0, 60.0]))


@pytest.fixture
def record() -> Recorder:
    """Make room for three steps of two homes."""
    return Recorder(IDS, 3, Held())


def _only_chunk(record: Recorder) -> Chunk:
    """End a run that fits into one chunk."""
    record.finish()
    (chunk,) = record.tape.chunks()
    return chunk


def _bills(start: int = 0) -> Bills:
    """Amounts that differ in every column and home."""
    columns = {
        field.name: np.array([start + 10 * place, start + 10 * place + 1])
        for place, field in enumerate(fields(Bills))
    }
    columns["trade_amount_microcents"] = np.array([101, 102, 103])
    columns["trade_fee_microcents"] = np.array([1, 2, 3])
    return Bills(**columns)


def test_the_record_has_every_column_in_its_type(
    record: Recorder, flows: Callable[..., Flows]
) -> None:
    for index in range(3):
        record.step(index, flows(2), _bills(), STATE, np.zeros(2))
    steps = _only_chunk(record).steps
    assert {name: column.dtype for name, column in steps.items()} == {
        column.name: np.dtype(column.dtype) for column in STEP_COLUMNS
    }
    assert {name: column.dtype for name, column in record.prices.items()} == {
        column.name: np.dtype(column.dtype) for column in PRICE_COLUMNS
    }
    assert {column.shape for column in steps.values()} == {(3, 2)}
    assert {column.shape for column in record.prices.values()} == {(3,)}


def test_what_homes_did_paid_and_hold_is_kept_in_its_row(
    record: Recorder, flows: Callable[..., Flows]
) -> None:
    energies = {
        field.name: np.array([1.0, 2.0]) + 10 * place for place, field in enumerate(fields(Flows))
    }
    bills, nothing = _bills(start=7), settle(no_trades(), np.zeros(2), np.zeros(2), (1.0, 1.0), 0.0)
    empty = FleetState(np.zeros(2), np.zeros(2))
    record.step(0, flows(2), nothing, empty, np.zeros(2))
    record.rating(1, Rating(np.array([62.5, 30.0]), np.array([1, -1], np.int8)))
    record.step(1, Flows(**energies), bills, STATE, np.array([0.25, 0.5]))
    record.step(2, flows(2), nothing, empty, np.zeros(2))
    expected = {name: energy.tolist() for name, energy in energies.items()}
    expected |= {"stored_kwh": [5.0, 6.0], "fallback_kwh": [0.25, 0.5], "filled": [False, False]}
    expected |= {"score": [62.5, 30.0], "light": [1, -1]}
    steps = _only_chunk(record).steps
    for name in steps:
        if name.endswith("_microcents"):
            expected[name] = getattr(bills, name).tolist()
    assert {name: column[1].tolist() for name, column in steps.items()} == expected
    assert not any(column[[0, 2]].any() for column in steps.values())


def test_what_was_made_up_is_marked(flows: Callable[..., Flows]) -> None:
    marks = np.array([[False, True], [False, False], [True, True]])
    record = Recorder(IDS, 3, Held(), marks)
    for index in range(3):
        record.step(index, flows(2), _bills(), STATE, np.zeros(2))
    assert _only_chunk(record).steps["filled"].tolist() == marks.tolist()
    assert record.totals.homes["filled"].tolist() == [1, 2]


def test_the_clearing_price_is_the_mean_over_the_energy(record: Recorder) -> None:
    record.market(2, (35.0, 5.0), 31.0, TRADES, 48.5)
    # (0.5 * 20 + 1 * 24 + 1.5 * 12) / 3 kWh
    known = {name: column[2] for name, column in record.prices.items() if "forecast" not in name}
    assert known == {
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


def test_the_first_forecast_of_a_day_counts_and_later_ones_fill_what_it_left() -> None:
    record = Recorder(IDS, 7, Held())
    for index, begins in ((0, True), (1, False), (2, False), (3, True), (4, False)):
        expected = 10.0 * index + np.arange(3)  # three steps, the first of which is metered
        record.forecast(index, expected, -expected, day_begins=begins)
    load_kwh = record.prices["forecast_load_kwh"].tolist()
    # 1 and 2 from step 0; 3 from step 1, before its day began; 4 and 5 from step 3; 6 from step 4.
    assert np.isnan(load_kwh[0])
    assert load_kwh[1:] == [1.0, 2.0, 12.0, 31.0, 32.0, 42.0]
    assert record.prices["forecast_pv_kwh"][1:].tolist() == [-each for each in load_kwh[1:]]


def test_the_newest_step_is_shown_as_a_chunk_of_its_own(
    monkeypatch: pytest.MonkeyPatch, flows: Callable[..., Flows]
) -> None:
    """Chunks of two steps: the newest is the last of a full one, then the first of another."""
    monkeypatch.setattr(recorder, "HOME_STEPS_AT_ONCE", 4)
    record = Recorder(IDS, 4, Held())
    for index, trades in enumerate((TRADES, no_trades(), TRADES, no_trades())):
        load_kwh = [1.0 + index, 2.0]
        record.step(index, flows(2, load_kwh=load_kwh), _bills(), STATE, np.zeros(2))
        record.trade(index, trades, _bills())
        newest = record.newest()
        assert (newest.first_step, newest.steps_count) == (index, 1)
        assert newest.steps["load_kwh"].tolist() == [load_kwh]
        assert newest.trades["step"].tolist() == [index] * trades.seller.size
    record.finish()
    assert [chunk.steps_count for chunk in record.tape.chunks()] == [2, 2]


def _traded(record: Recorder, flows: Callable[..., Flows], with_trades: Sequence[bool]) -> Columns:
    for index, trades in enumerate(with_trades):
        record.step(index, flows(2), _bills(), STATE, np.zeros(2))
        record.trade(index, TRADES if trades else no_trades(), _bills())
    return _only_chunk(record).trades


def test_trades_are_listed_in_order_of_time_by_the_homes_ids(
    record: Recorder, flows: Callable[..., Flows]
) -> None:
    table = _traded(record, flows, [True, False, True])
    assert table["step"].tolist() == [0, 0, 0, 2, 2, 2]
    assert table["seller_id"].tolist() == [4, 7, 4] * 2
    assert table["buyer_id"].tolist() == [7, 4, 7] * 2
    assert table["delivered_kwh"].tolist() == [0.5, 1.0, 1.5] * 2
    assert table["injected_kwh"].tolist() == [1.0, 2.0, 3.0] * 2
    assert table["price_cents_per_kwh"].tolist() == [20.0, 24.0, 12.0] * 2
    assert table["amount_microcents"].tolist() == [101, 102, 103] * 2
    assert table["fee_microcents"].tolist() == [1, 2, 3] * 2
    assert record.totals.trades_count == 6


@pytest.mark.parametrize("trades", [False, True])
def test_the_list_of_trades_has_its_types_even_when_it_is_empty(
    record: Recorder, flows: Callable[..., Flows], trades: bool
) -> None:
    table = _traded(record, flows, [trades])
    assert {name: column.dtype for name, column in table.items()} == {
        column.name: np.dtype(column.dtype) for column in TRADE_COLUMNS
    }
    assert {column.size for column in table.values()} == {3 * trades}


def _ran(steps_count: int, homes_count: int, home_steps_at_once: int, tape: Tape) -> Totals:
    """Record random numbers of all magnitudes, the same ones however they are cut."""
    rng = np.random.default_rng(1)
    trades = replace(TRADES, seller=np.zeros(3, np.int64), buyer=np.zeros(3, np.int64))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recorder, "HOME_STEPS_AT_ONCE", home_steps_at_once)
        record = Recorder(np.arange(homes_count), steps_count, tape)
    for index in range(steps_count):
        noise = 10 ** rng.uniform(-9, 9, (len(fields(Flows)), homes_count))
        amounts = rng.integers(0, 10**12, (len(fields(Bills)) - 2, homes_count))
        bills = Bills(*amounts, np.arange(3), np.arange(3))
        light = rng.integers(-1, 2, homes_count, np.int8)
        record.rating(index, Rating(rng.uniform(0.0, 100.0, homes_count), light))
        record.step(index, Flows(*noise), bills, FleetState(noise[0], noise[1]), noise[2])
        record.trade(index, trades if index % 2 else no_trades(), bills)
    record.finish()
    return record.totals


def _bytes(totals: Totals) -> dict[str, bytes | int]:
    found = {f"homes {name}": sums.tobytes() for name, sums in totals.homes.items()}
    found |= {f"steps {name}": sums.tobytes() for name, sums in totals.steps.items()}
    return found | {
        "stored": totals.stored_kwh_final.tobytes(),
        "trades": totals.trades_count.to_bytes(8),
    }


@given(
    steps_count=st.integers(1, 9),
    homes_count=st.integers(1, 4),
    home_steps_at_once=st.integers(1, 40),
)
def test_a_run_is_the_same_to_the_bit_however_it_is_cut_into_chunks(
    steps_count: int, homes_count: int, home_steps_at_once: int
) -> None:
    whole, cut = Held(), Held()
    expected = _ran(steps_count, homes_count, 10**9, whole)
    assert _bytes(_ran(steps_count, homes_count, home_steps_at_once, cut)) == _bytes(expected)
    (chunk,) = whole.kept
    chunk_steps = min(steps_count, max(1, home_steps_at_once // homes_count))
    lengths = [each.steps_count for each in cut.kept]
    assert lengths[:-1] == [chunk_steps] * (len(lengths) - 1)
    assert (sum(lengths), max(lengths)) == (steps_count, chunk_steps)
    for name, column in chunk.steps.items():
        assert np.concatenate([each.steps[name] for each in cut.kept]).tolist() == column.tolist()
        kind = np.float64 if column.dtype.kind == "f" else np.int64
        assert expected.steps[name] == pytest.approx(column.sum(axis=1, dtype=kind))
        assert expected.homes[name] == pytest.approx(column.sum(axis=0, dtype=kind))
        if column.dtype.kind == "i":
            exact = [sum(home) for home in column.T.tolist()]
            assert expected.homes[name].tolist() == exact
    for name, column in chunk.trades.items():
        assert np.concatenate([each.trades[name] for each in cut.kept]).tolist() == column.tolist()


class _Nowhere(Held):
    """A tape that keeps nothing."""

    def write(self, chunk: Chunk) -> None:
        """Forget it."""


def test_the_memory_of_a_record_does_not_grow_with_the_run() -> None:
    peaks = []
    for steps_count in (30, 300):
        tracemalloc.start()
        _ran(steps_count, 500, 500 * 10, _Nowhere())
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    chunk_bytes = 10 * 500 * 8 * len(STEP_COLUMNS)
    by_step_bytes = 270 * 8 * (len(STEP_COLUMNS) + len(PRICE_COLUMNS))  # sums and prices
    assert peaks[0] > 0.8 * chunk_bytes
    assert peaks[1] < peaks[0] + by_step_bytes + 0.1 * chunk_bytes


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
