"""The market cleared ahead of time: prices at which homes take what homes and grid offer."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents import worth
from agents.planning import CHARGE, DISCHARGE, EXPORT, IMPORT, POWER, RANGE
from profiles.arrays import Floats

CELLS = 8
DEEP = 1e9  # kWh
NOTHING_KEPT = np.zeros(CELLS + 2)
STEP = 0.5**worth.HALVINGS  # of the interval that a price is looked for in


@dataclass(frozen=True)
class Play:
    """Homes without batteries unless given, a tariff of 35 and 5 for exports, no loss."""

    net: Floats  # (n, M, H)
    limits: Floats  # (n, 6)
    held: Floats  # (n,)
    kept: Floats  # (n, H + 1, M, K + 2)
    grid: tuple[float, float, float, float] = (35.0, 5.0, 1.0, 1.0)  # and what is kept, arrives
    bounds: tuple[float, float] = (10.0, 100.0)
    quota: Floats | None = None  # (n, 2)
    supply_kwh: float = np.inf
    depth: float = DEEP
    today: int = 1000
    weights: Floats | None = None

    def played(self) -> tuple[Floats, Floats]:
        """Clear all steps: prices (M, H) and sales (n, 2)."""
        homes, futures, ahead = self.net.shape
        weights = np.full(futures, 1.0 / futures) if self.weights is None else self.weights
        return worth.rehearse(
            self.net,
            np.tile(np.array(self.grid), (ahead, 1)),
            np.full(ahead, self.supply_kwh),
            np.zeros((homes, 2)) if self.quota is None else self.quota,
            self.today,
            self.depth,
            self.limits,
            self.held,
            self.kept,
            weights,
            np.tile(np.array(self.bounds), (ahead, 1)),
        )


def _play(net: Floats, **given: object) -> Play:
    homes, futures, ahead = net.shape
    limits = np.zeros((homes, 6))
    limits[:, [CHARGE, DISCHARGE, IMPORT, EXPORT]] = 1.0, 1.0, 100.0, 100.0
    kept = np.zeros((homes, ahead + 1, futures, CELLS + 2))
    known = Play(net, limits, np.zeros(homes), kept)
    return replace(known, **given)  # type: ignore[arg-type]


def _of(*steps: list[float]) -> Floats:
    """Lay out what homes need by step, one future: (n, 1, H)."""
    return np.array(steps).T[:, None]


def test_surplus_brings_the_lowest_price_and_shortage_the_tariff() -> None:
    # Of 3 kWh two are wanted, by one home; then one kWh is offered to a home that wants two.
    price, sold = _play(_of([-1.0, -2.0, 2.0], [-1.0, 0.0, 2.0])).played()
    assert price.tolist() == [[10.0, 35.0]]
    # Sellers share what is wanted in proportion: 2 of 3 kWh, then all of one.
    assert sold[:, 0] == pytest.approx([2.0 / 3.0 + 1.0, 4.0 / 3.0, 0.0])
    assert sold[:, 1].tolist() == [0.0, 0.0, 0.0]


def test_what_is_lost_on_the_way_is_sold_and_not_delivered() -> None:
    lossy = (35.0, 5.0, 0.8, 0.8)
    price, sold = _play(_of([-2.0, 1.0]), grid=lossy).played()
    assert price.tolist() == [[10.0]]
    assert sold[0, 0] == pytest.approx(1.25)
    # 1.25 kWh delivered would take 1.5625; what is offered brings 0.8 of 1.5, too little.
    assert _play(_of([-1.5, 1.25]), grid=lossy).played()[0].tolist() == [[35.0]]


def test_a_home_trades_no_more_than_an_order_may_hold() -> None:
    # Two homes offer one kWh at most each, a third wants two of its three: no shortage.
    price, sold = _play(_of([-2.0, -2.0, 3.0]), depth=1.0).played()
    assert price.tolist() == [[10.0]]
    assert sold[:, 0] == pytest.approx([0.5, 0.5, 0.0])


def test_sales_are_counted_by_day_and_by_how_likely_a_future_is() -> None:
    net = np.array([[[-1.0, -2.0, -3.0], [0.0, -5.0, 0.0]], [[9.0, 9.0, 9.0], [9.0, 9.0, 9.0]]])
    _, sold = _play(net, today=2, weights=np.array([0.75, 0.25])).played()
    assert sold[0] == pytest.approx([0.75 * 3.0 + 0.25 * 5.0, 0.75 * 3.0])


def test_a_home_whose_quota_is_worth_more_than_the_market_brings_exports() -> None:
    # At the tariff of 35 a sale brings no more than exporting does: 35 - 30 = 5.
    scarce = np.array([[30.0, 0.0], [0.0, 0.0]])
    _, sold = _play(_of([-1.0, 2.0]), quota=scarce).played()
    assert sold[0, 0] == 0.0
    assert _play(_of([-1.0, 2.0]), quota=0.9 * scarce).played()[1][0, 0] == pytest.approx(1.0)


def _with_battery(play: Play, row: int, cents_per_kwh: float, held: float) -> Play:
    """Give a home a battery of 4 kWh and 1 kWh a step, worth the same per kWh throughout."""
    limits, kept, now = play.limits.copy(), play.kept.copy(), play.held.copy()
    limits[row, [RANGE, POWER]], now[row] = (4.0, 1.0), held
    kept[row] = cents_per_kwh * np.minimum(np.arange(CELLS + 2), CELLS) * 4.0 / CELLS
    return replace(play, limits=limits, kept=kept, held=now)


def test_a_battery_that_balances_the_community_sets_the_price() -> None:
    # It sells for 20 and more, up to 1 kWh, and half a kWh is wanted; or it buys for less.
    for net, held in ((0.5, 2.0), (-0.5, 1.0)):
        play = _with_battery(_play(_of([net, 0.0])), 1, 20.0, held)
        price, sold = play.played()
        assert price[0, 0] == pytest.approx(20.0, abs=25.0 * STEP)
        assert sold[:, 0] == pytest.approx([max(-net, 0.0), max(net, 0.0)])


def test_what_a_battery_gave_is_missing_in_the_next_step() -> None:
    # It holds 1.2 kWh: 1 kWh is given at 20 cents to a home that wants no more; 0.2 are left.
    play = _with_battery(_play(_of([0.9, 0.0], [0.9, 0.0])), 1, 20.0, 1.2)
    price, sold = play.played()
    assert price[0] == pytest.approx([20.0, 35.0], abs=25.0 * STEP)
    assert sold[1, 0] == pytest.approx(1.2)


def test_beyond_what_the_grid_can_bring_the_price_rises_until_batteries_give() -> None:
    # 1.5 kWh are wanted and the grid brings 1: a battery worth 60 cents gives the rest.
    play = _with_battery(_play(_of([1.5, 0.0]), supply_kwh=1.0), 1, 60.0, 2.0)
    assert play.played()[0][0, 0] == pytest.approx(60.0, abs=65.0 * STEP)
    # At the tariff the battery itself wants 1 kWh more: that can come too, or else the dear kWh
    # makes it wait. With nothing to give the price is the highest of all.
    assert replace(play, supply_kwh=2.5).played()[0].tolist() == [[35.0]]
    waits, _ = replace(play, supply_kwh=2.4).played()
    assert waits[0, 0] == pytest.approx(60.0, abs=65.0 * STEP)
    assert replace(play, held=np.zeros(2)).played()[0].tolist() == [[100.0]]


def _random(rng: np.random.Generator, homes: int) -> Play:
    """One step of one future with batteries of all kinds."""
    net = rng.uniform(-2.0, 2.0, (homes, 1, 1))
    limits = np.empty((homes, 6))
    limits[:, RANGE] = rng.choice([0.0, 2.0, 6.0], homes)
    limits[:, POWER] = rng.uniform(0.3, 2.0, homes)
    limits[:, [CHARGE, DISCHARGE]] = rng.uniform(0.8, 1.0, (homes, 2))
    limits[:, [IMPORT, EXPORT]] = rng.uniform(2.5, 4.0, (homes, 2))
    slopes = -np.sort(-rng.uniform(0.0, 90.0, (homes, CELLS)), axis=1)
    benefit = np.cumsum(slopes * limits[:, [RANGE]] / CELLS, axis=1)
    kept = np.zeros((homes, 2, 1, CELLS + 2))
    kept[:, 1, 0, 1:-1], kept[:, 1, 0, -1] = benefit, benefit[:, -1]
    keeps, arrives = rng.uniform(0.85, 0.95), rng.uniform(0.95, 1.0)
    play = _play(net, limits=limits, held=rng.uniform(0.0, 1.0, homes) * limits[:, RANGE])
    return replace(play, kept=kept, grid=(35.0, 5.0, keeps, arrives))


def _wanted(play: Play, price: float) -> tuple[float, float]:
    """Delivered kWh asked for and on offer at a price, home by home as each does best."""
    tariff, export, keeps, arrives = play.grid
    flow = play.net[:, 0, 0].copy()
    for i, limits in enumerate(play.limits):
        if limits[RANGE] <= 0.0:
            continue
        quote = max(tariff, price), price, min(max(keeps * price, export), price), export
        power = limits[POWER]
        battery = np.linspace(-power, power, 20_001)
        after = play.held[i] + np.where(
            battery > 0.0, battery * limits[CHARGE], battery / limits[DISCHARGE]
        )
        grid = np.linspace(0.0, limits[RANGE], CELLS + 1)
        into, out = np.maximum(flow[i] + battery, 0.0), np.maximum(-flow[i] - battery, 0.0)
        gain = np.interp(after, grid, play.kept[i, 1, 0, :-1]) - quote[1] * into + quote[2] * out
        possible = (after >= 0.0) & (after <= limits[RANGE]) & (into <= limits[IMPORT])
        flow[i] += battery[np.where(possible & (out <= limits[EXPORT]), gain, -np.inf).argmax()]
    return float(np.maximum(flow, 0.0).sum()), float(np.maximum(-flow, 0.0).sum() * arrives)


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    homes=st.integers(2, 4),
    supply_kwh=st.sampled_from([np.inf, 0.5]),
)
def test_a_price_balances_what_homes_want_and_offer(
    seed: int, homes: int, supply_kwh: float
) -> None:
    play = replace(_random(np.random.default_rng(seed), homes), supply_kwh=supply_kwh)
    price, sold = play.played()
    found, off = float(price[0, 0]), 66.0 * STEP
    highest = 35.0 if np.isinf(supply_kwh) else 100.0
    assert 10.0 <= found <= highest
    more, less = _wanted(play, found - off), _wanted(play, found + off)
    offered = supply_kwh if found > 35.0 else 0.0
    if found < highest and found != 35.0:  # at the tariff the grid serves the rest
        assert less[0] - less[1] <= offered + 1e-3
    if found == 35.0:
        assert less[0] - less[1] <= supply_kwh + 1e-3
    if found > 10.0:
        assert more[0] - more[1] >= offered - 1e-3
    assert (sold >= 0.0).all()
    bought, given_up = _wanted(play, found)
    assert sold.sum() * play.grid[3] <= max(bought, more[0]) + 1e-3
    assert sold.sum() * play.grid[3] <= max(given_up, less[1]) + 1e-3
