"""The market scheduler applies the rules of each step and keeps count of the day."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import mesa
import numpy as np
import pytest

from agents.fleet import Fleet
from agents.metering import Flows
from agents.scheduler import MarketScheduler
from market.config import MarketConfig
from market.ledger import Ledger, verify
from market.orders import Orders, Trades, no_trades
from market.standing import Standing, standing

FleetOf = Callable[..., Fleet]
TARIFF, EXPORT = 35.0, 5.0


def _terms(fixed_cents: float = 0.0, rate: float = 0.0, kwh_per_step: float = 0.0) -> Standing:
    """Four steps of one billing period."""
    fixed, rates, allowance = np.full((3, 4), [[fixed_cents], [rate], [kwh_per_step]])
    return standing(fixed, rates, allowance, np.full(4, 7))


def _scheduler(fleet: Fleet, terms: Standing | None = None, **rules: object) -> MarketScheduler:
    return MarketScheduler(
        mesa.Model(seed=0),
        MarketConfig.model_validate({"loss_fraction": 0.2} | rules),
        fleet,
        Ledger(bytes(32), fleet.home_ids),
        np.random.default_rng(0),
        terms or _terms(),
    )


def _orders(quantity_kwh: Sequence[float], limit: Sequence[float] | None = None) -> Orders:
    """One order per home; buyers bid 30 and sellers ask 12 unless told otherwise."""
    quantity = np.array(quantity_kwh, dtype=np.float64)
    limits = np.where(quantity > 0, 30.0, 12.0) if limit is None else np.array(limit)
    return Orders(np.arange(quantity.size), quantity, limits, np.zeros(quantity.size, np.bool_))


def _sold(market: MarketScheduler, day: int, orders: Orders) -> list[float]:
    trades = market.clear(orders, market.open(day, (TARIFF, EXPORT), np.nan))
    sold: list[float] = trades.sold_kwh(3).tolist()
    return sold


def test_the_grid_bounds_the_price_of_a_trade(fleet: FleetOf) -> None:
    market = _scheduler(fleet(3), fee_cents_per_kwh=1.0)
    terms = market.open(17000, (TARIFF, 12.0), 20.0)
    assert terms.price_floor_cents_per_kwh == pytest.approx(15.0)  # 12 / 0.8
    assert terms.price_ceiling_cents_per_kwh == pytest.approx(34.0)
    assert terms.posted_cents_per_kwh == 20.0


def test_a_seller_and_a_buyer_find_each_other(fleet: FleetOf) -> None:
    market = _scheduler(fleet(3))
    trades = market.clear(_orders([-1.0, 2.0]), market.open(17000, (TARIFF, EXPORT), np.nan))
    assert trades.seller.tolist() == [0]
    assert trades.buyer.tolist() == [1]
    assert trades.injected_kwh.tolist() == [1.0]
    assert trades.delivered_kwh == pytest.approx([0.8])
    assert trades.price_cents_per_kwh.tolist() == [30.0]  # demand is left: the buyer's limit


def test_no_home_trades_more_than_an_order_may_hold(fleet: FleetOf) -> None:
    market = _scheduler(fleet(3), order_max_kwh=0.5)
    assert _sold(market, 17000, _orders([-3.0, 3.0])) == pytest.approx([0.5, 0.0, 0.0])
    # Two offer 0.5 each, of which 0.8 would arrive; the buyer takes 0.5 of that 0.8.
    both = _sold(market, 17000, _orders([-3.0, 3.0, -3.0]))
    assert both == pytest.approx([0.3125, 0.0, 0.3125])
    free = _scheduler(fleet(3), order_max_kwh=None)
    assert _sold(free, 17000, _orders([-3.0, 3.0])) == pytest.approx([3.0, 0.0, 0.0])


def test_what_was_sold_counts_until_local_midnight(fleet: FleetOf) -> None:
    market = _scheduler(fleet(3), sold_per_day_max_kwh=2.5)
    orders = _orders([-1.0, 2.0])
    days = [_sold(market, day, orders)[0] for day in (17000, 17000, 17000, 17000, 17001)]
    assert days == pytest.approx([1.0, 1.0, 0.5, 0.0, 1.0])


def test_only_what_was_traded_counts_against_the_day(fleet: FleetOf) -> None:
    market = _scheduler(fleet(3), sold_per_day_max_kwh=1.5)
    assert _sold(market, 17000, _orders([-1.5, 0.0])) == [0.0] * 3  # nobody buys
    assert _sold(market, 17000, _orders([-1.5, 2.0]))[0] == pytest.approx(1.5)


def test_every_home_has_its_own_day(fleet: FleetOf) -> None:
    market = _scheduler(fleet(3), sold_per_day_max_kwh=1.0)
    assert _sold(market, 17000, _orders([-1.0, 2.0])) == pytest.approx([1.0, 0.0, 0.0])
    assert _sold(market, 17000, _orders([-1.0, 2.0, -1.0])) == pytest.approx([0.0, 0.0, 1.0])


def test_the_day_can_be_without_limit(fleet: FleetOf) -> None:
    market = _scheduler(fleet(3), sold_per_day_max_kwh=None)
    assert [_sold(market, 17000, _orders([-2.0, 2.0]))[0] for _ in range(9)] == [2.0] * 9


def test_a_clearing_that_is_taken_back_leaves_no_trace(fleet: FleetOf) -> None:
    orders = _orders([-1.0, -1.0, -1.0, 0.7, 0.9, 0.6])

    def pairs(market: MarketScheduler) -> list[tuple[int, int]]:
        trades = market.clear(orders, market.open(17000, (TARIFF, EXPORT), np.nan))
        return list(zip(trades.seller.tolist(), trades.buyer.tolist(), strict=True))

    rules = {"sold_per_day_max_kwh": 1.0}
    plain, tried = (_scheduler(fleet(6), **rules) for _ in range(2))
    for _ in range(4):
        pairs(tried)
        tried.take_back()
    assert pairs(tried) == pairs(plain)
    assert pairs(tried) == pairs(plain)  # of the day's kWh as much is left


def test_a_clearing_may_hold_sellers_back(fleet: FleetOf) -> None:
    market = _scheduler(fleet(3))
    terms = market.open(17000, (TARIFF, EXPORT), np.nan)
    most_kwh = np.array([0.25, np.inf, np.inf])
    trades = market.clear(_orders([-1.0, 2.0, -0.5]), terms, most_kwh)
    assert trades.sold_kwh(3) == pytest.approx([0.25, 0.0, 0.5])


def test_the_connection_carries_trades_too(fleet: FleetOf) -> None:
    market = _scheduler(fleet(3, export_kw_max=1.0), order_max_kwh=None)
    assert _sold(market, 17000, _orders([-3.0, 3.0]))[0] == pytest.approx(0.5)
    market = _scheduler(fleet(3, import_kw_max=1.0), order_max_kwh=None)
    assert _sold(market, 17000, _orders([-3.0, 3.0]))[0] == pytest.approx(0.5 / 0.8)


def test_a_trade_that_does_not_pay_its_effort_is_not_made(fleet: FleetOf) -> None:
    # Ceiling less floor is 25 cents, so 5 cents of effort need 0.2 kWh; 0.16 would be delivered.
    market = _scheduler(fleet(3), fixed_cost_cents=5.0)
    assert _sold(market, 17000, _orders([-0.2, 2.0])) == [0.0] * 3
    assert _sold(market, 17000, _orders([-0.3, 2.0]))[0] == pytest.approx(0.3)


def test_without_a_mechanism_nobody_trades(fleet: FleetOf) -> None:
    market = _scheduler(fleet(3), mechanism="none")
    assert not market.trades_at_all
    assert _sold(market, 17000, _orders([-1.0, 1.0])) == [0.0] * 3
    assert _scheduler(fleet(3)).trades_at_all


def test_a_posted_price_is_what_homes_trade_at(fleet: FleetOf) -> None:
    market = _scheduler(fleet(3), mechanism="posted_price")
    assert market.trades_at_a_posted_price
    assert not _scheduler(fleet(3)).trades_at_a_posted_price
    trades = market.clear(_orders([-1.0, 2.0]), market.open(17000, (TARIFF, EXPORT), 17.5))
    assert trades.price_cents_per_kwh.tolist() == [17.5]


def test_only_the_regional_market_tells_feeders_apart(fleet: FleetOf) -> None:
    homes = replace(fleet(3), feeder=np.array([0, 1, 1]))
    regional = _scheduler(homes, mechanism="regional", regional={"between_loss_fraction": 0.5})
    orders = _orders([-1.0, 2.0])
    trades = regional.clear(orders, regional.open(17000, (TARIFF, EXPORT), np.nan))
    assert (trades.injected_kwh.tolist(), trades.delivered_kwh.tolist()) == ([1.0], [0.4])
    auction = _scheduler(homes, regional={"between_loss_fraction": 0.5})
    assert auction.open(17000, (TARIFF, EXPORT), np.nan).feeder is None
    trades = auction.clear(orders, auction.open(17000, (TARIFF, EXPORT), np.nan))
    assert trades.delivered_kwh.tolist() == [0.8]


def test_the_same_seed_pairs_the_same_homes(fleet: FleetOf) -> None:
    orders = _orders([-1.0, -1.0, -1.0, 0.7, 0.9, 0.6])

    def pairs() -> list[tuple[int, int]]:
        market = _scheduler(fleet(6))
        trades = market.clear(orders, market.open(17000, (TARIFF, EXPORT), np.nan))
        return list(zip(trades.seller.tolist(), trades.buyer.tolist(), strict=True))

    assert pairs() == pairs()


def test_trades_and_meters_become_bills_at_the_prices_of_the_step(
    fleet: FleetOf, flows: Callable[..., Flows]
) -> None:
    market = _scheduler(fleet(3), fee_cents_per_kwh=2.0)
    terms = market.open(17000, (TARIFF, EXPORT), np.nan)
    trades = Trades(
        np.array([0]), np.array([1]), np.array([0.8]), np.array([1.0]), np.array([30.0])
    )
    metered = flows(3, import_kwh=[0.0, 2.0, 1.0], export_kwh=[4.0, 0.0, 0.0])
    bills = market.settle(0, trades, metered, terms)
    # Home 1: 4 kWh at 5, and 0.8 at 30 from home 2, which pays 2 kWh at 35 and the fee besides.
    cents = [20.0 + 24.0, -70.0 - 24.0 - 1.6, -35.0]
    assert bills.cash_microcents / 1e6 == pytest.approx(cents)


def test_every_step_is_a_block_of_the_ledger(fleet: FleetOf, flows: Callable[..., Flows]) -> None:
    market = _scheduler(fleet(3))
    terms = market.open(17000, (TARIFF, EXPORT), np.nan)
    metered = flows(3, import_kwh=[1.0, 0.0, 2.0])
    for index in range(2):
        bills = market.settle(index, no_trades(), metered, terms)
        market.post((index, 1000 + 1800 * index, 1800), no_trades(), metered, bills)
    assert market.ledger.homes_microcents.tolist() == [-70_000_000, 0, -140_000_000]
    assert verify(market.ledger.to_bytes()).blocks_count == 2


def test_the_allowance_is_kept_from_step_to_step(
    fleet: FleetOf, flows: Callable[..., Flows]
) -> None:
    # 1 cent each step; 8 cents/kWh for the first 3 kWh, of which each of four steps brings 0.75.
    market = _scheduler(fleet(2), _terms(fixed_cents=1.0, rate=8.0, kwh_per_step=0.75))
    terms = market.open(17000, (TARIFF, EXPORT), np.nan)
    metered = flows(2, import_kwh=[2.0, 0.5])
    bills = [market.settle(index, no_trades(), metered, terms) for index in range(4)]
    credited = [bill.baseline_credit_microcents.tolist() for bill in bills]
    assert credited == [
        [16_000_000, 4_000_000],
        [8_000_000, 4_000_000],
        [0, 4_000_000],
        [0, 4_000_000],
    ]
    assert [bill.fixed_charge_microcents.tolist() for bill in bills] == [[1_000_000] * 2] * 4
    assert bills[1].cash_microcents.tolist() == [-63_000_000, -14_500_000]
