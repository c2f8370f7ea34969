"""Bills in integer microcents that add up to nothing."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from market.orders import Trades, no_trades
from market.settlement import Bills, Due, settle


def _one_trade() -> Trades:
    return Trades(
        seller=np.array([0]),
        buyer=np.array([1]),
        delivered_kwh=np.array([0.5]),
        injected_kwh=np.array([0.625]),
        price_cents_per_kwh=np.array([20.0]),
    )


def test_one_trade_and_the_grid_on_paper() -> None:
    bills = settle(_one_trade(), np.array([0.0, 2.0]), np.array([1.0, 0.0]), (35.0, 5.0), 2.0)
    np.testing.assert_array_equal(bills.import_cost_microcents, [0, 70_000_000])
    np.testing.assert_array_equal(bills.export_credit_microcents, [5_000_000, 0])
    np.testing.assert_array_equal(bills.p2p_paid_microcents, [0, 10_000_000])
    np.testing.assert_array_equal(bills.p2p_received_microcents, [10_000_000, 0])
    np.testing.assert_array_equal(bills.fee_microcents, [0, 1_000_000])
    np.testing.assert_array_equal(bills.trade_amount_microcents, [10_000_000])
    np.testing.assert_array_equal(bills.trade_fee_microcents, [1_000_000])
    np.testing.assert_array_equal(bills.cash_microcents, [15_000_000, -81_000_000])
    np.testing.assert_array_equal(bills.energy_microcents, [15_000_000, -81_000_000])


def test_a_negative_price_pays_the_home_that_imports() -> None:
    zero = np.zeros(1)
    bills = settle(no_trades(), np.ones(1), zero, (-3.0, -4.0), 0.0)
    assert bills.cash_microcents.tolist() == [3_000_000]
    bills = settle(no_trades(), zero, np.ones(1), (-3.0, -4.0), 0.0)
    assert bills.cash_microcents.tolist() == [-4_000_000]


def test_charge_and_credit_stand_beside_the_price_of_energy() -> None:
    due = Due(1_500_000, np.array([0, 16_000_000]))
    bills = settle(no_trades(), np.array([0.0, 2.0]), np.array([1.0, 0.0]), (35.0, 5.0), 0.0, due)
    assert bills.import_cost_microcents.tolist() == [0, 70_000_000]  # before the credit
    assert bills.fixed_charge_microcents.tolist() == [1_500_000, 1_500_000]
    assert bills.baseline_credit_microcents.tolist() == [0, 16_000_000]
    assert bills.energy_microcents.tolist() == [5_000_000, -70_000_000]  # neither is in it
    assert bills.cash_microcents.tolist() == [3_500_000, -55_500_000]


def test_amounts_are_rounded_to_the_nearest_microcent() -> None:
    imports = np.array([1e-6 / 3.0, 2e-6 / 3.0])
    bills = settle(no_trades(), imports, np.zeros(2), (1.0, 0.0), 0.0)
    assert bills.import_cost_microcents.dtype == np.int64
    assert bills.import_cost_microcents.tolist() == [0, 1]


def test_large_sums_stay_exact_beyond_the_integers_of_a_float() -> None:
    many = 3
    trades = Trades(
        seller=np.zeros(many, dtype=np.int64),
        buyer=np.ones(many, dtype=np.int64),
        delivered_kwh=np.array([1e8, 1e-6, 1e8]),
        injected_kwh=np.array([1e8, 1e-6, 1e8]),
        price_cents_per_kwh=np.array([90.0, 1.0, 90.0]),
    )
    bills = settle(trades, np.zeros(2), np.zeros(2), (1.0, 1.0), 0.0)
    assert bills.p2p_received_microcents.tolist() == [18_000_000_000_000_001, 0]


def _sum_of_all_accounts(bills: Bills) -> int:
    grid = bills.import_cost_microcents.sum() - bills.export_credit_microcents.sum()
    grid += bills.fixed_charge_microcents.sum() - bills.baseline_credit_microcents.sum()
    operator = bills.trade_fee_microcents.sum()
    return int(bills.cash_microcents.sum() + grid + operator)


@given(
    seed=st.integers(0, 10_000),
    tariff=st.floats(-20.0, 100.0),
    export=st.floats(-20.0, 60.0),
    fee=st.floats(0.0, 5.0),
)
def test_homes_grid_and_operator_add_up_to_exactly_nothing(
    seed: int, tariff: float, export: float, fee: float
) -> None:
    rng = np.random.default_rng(seed)
    delivered = rng.random(30)
    trades = Trades(
        rng.integers(0, 7, 30),
        rng.integers(0, 7, 30),
        delivered,
        delivered / 0.95,
        rng.uniform(10.0, 100.0, 30),
    )
    due = Due(int(rng.integers(-(10**7), 10**7)), rng.integers(-(10**7), 10**7, 7))
    bills = settle(trades, rng.random(7), rng.random(7), (tariff, export), fee, due)
    assert _sum_of_all_accounts(bills) == 0
    assert bills.p2p_paid_microcents.sum() == bills.trade_amount_microcents.sum()
    assert bills.fee_microcents.sum() == bills.trade_fee_microcents.sum()
