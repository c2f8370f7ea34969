"""What stored energy is worth, held against trying every battery energy and a linear program."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from agents import planning, worth
from agents.planning import CHARGE, DISCHARGE, EXPORT, IMPORT, POWER, RANGE
from profiles.arrays import Floats

UNSERVED = planning.UNSERVED_CENTS_PER_KWH
FOREVER, DEEP = 10_000, 1e9  # steps before the quota is renewed; kWh


@dataclass(frozen=True)
class Case:
    """One home that weighs M futures of H steps; what ends them is linear or concave."""

    net: Floats  # (M, H)
    prices: Floats  # (M, H, 4)
    limits: Floats  # (6,)
    final: Floats  # (K + 1,) benefit at the points of the grid
    depth: float = DEEP
    quota: tuple[float, float] = (0.0, 0.0)
    today: int = FOREVER
    recourse: float = 0.5
    weights: Floats | None = None

    @property
    def shares(self) -> Floats:
        """Weights, equal unless given."""
        return np.ones(len(self.net)) / len(self.net) if self.weights is None else self.weights

    def benefit(self) -> Floats:
        """Ask the kernel for the benefit after step 0, shape (K + 1,)."""
        final = np.append(self.final, self.final[-1])
        after, kept = worth.benefits_after(
            self.net[None], self.prices, np.array([self.quota]), self.today, self.depth,
            self.limits[None], self.recourse, self.shares, final[None], True,
        )  # fmt: skip
        assert after[0, -1] == after[0, -2]
        for m in range(self.net.shape[0]):  # all futures are one before anything is learned
            assert kept[0, 1, m].tolist() == after[0].tolist()
        return after[0, :-1]


def _limits(
    range_kwh: float = 4.0, power: float = 1.0, into: float = 0.9, out: float = 0.8,
    most: tuple[float, float] = (10.0, 4.0),
) -> Floats:  # fmt: skip
    limits = np.empty(6)
    limits[[RANGE, POWER, CHARGE, DISCHARGE]] = range_kwh, power, into, out
    limits[[IMPORT, EXPORT]] = most
    return limits


def _stage_cents(flow: Floats, quote: Floats, depth: float, limits: Floats) -> Floats:
    """Cost of flows into the home: the market first, then the grid, then nobody."""
    tariff, buy, sell, export = quote
    into, out = np.maximum(flow, 0.0), np.maximum(-flow, 0.0)
    bought = np.minimum(into, min(depth, limits[IMPORT]))
    sold = np.minimum(out, min(depth, limits[EXPORT]))
    imported = np.minimum(into, limits[IMPORT]) - bought
    exported = np.minimum(out, limits[EXPORT]) - sold
    paid = buy * bought + tariff * imported + UNSERVED * (into - bought - imported)
    cents: Floats = paid - sell * sold - export * exported
    return cents


def _choices(held: float, net: float, depth: float, limits: Floats, points: int) -> Floats:
    """List battery energies at which anything changes: the best is among them."""
    into, out = limits[CHARGE], limits[DISCHARGE]
    charge = min(limits[POWER], max(limits[IMPORT] - net, 0.0), (limits[RANGE] - held) / into)
    give = min(limits[POWER], held * out)
    ends = np.linspace(0.0, limits[RANGE], points) - held
    battery = np.concatenate(
        (
            np.where(ends > 0.0, ends / into, ends * out),
            np.array([limits[IMPORT], min(depth, limits[IMPORT]), 0.0]) - net,
            -np.array([min(depth, limits[EXPORT]), limits[EXPORT]]) - net,
            [0.0, charge, -give],
        )
    )
    return np.clip(battery, -give, charge)


def _after(held: float, battery: Floats, limits: Floats) -> Floats:
    return held + np.where(battery > 0.0, battery * limits[CHARGE], battery / limits[DISCHARGE])


def _gain(
    held: float, battery: Floats, step: tuple[float, Floats], case: Case, benefit: Floats
) -> Floats:
    """Benefit of what is then held less the cost of the step, for each battery energy."""
    net, quote = step
    grid = np.linspace(0.0, case.limits[RANGE], benefit.size)
    cents = _stage_cents(net + battery, quote, case.depth, case.limits)
    gained: Floats = np.interp(_after(held, battery, case.limits), grid, benefit) - cents
    return gained


def _by_trying(case: Case) -> Floats:
    """Benefit after step 0 by trying every choice at every point, step by step backwards."""
    points, (futures, ahead) = case.final.size, case.net.shape
    benefits = np.repeat(case.final[None], futures, axis=0)
    for h in range(ahead - 1, 0, -1):
        mean = case.shares @ benefits
        mixed = case.recourse * benefits + (1.0 - case.recourse) * mean
        for m in range(futures):
            quote = case.prices[m, h].copy()
            quote[2] = max(quote[2] - case.quota[int(h >= case.today)], quote[3])
            for k, held in enumerate(np.linspace(0.0, case.limits[RANGE], points)):
                net = case.net[m, h]
                choices = _choices(held, net, case.depth, case.limits, points)
                benefits[m, k] = _gain(held, choices, (net, quote), case, mixed[m]).max()
    found: Floats = case.shares @ benefits
    return found


def _by_program(case: Case, held: float, terminal: float) -> float:
    """Cost of living steps 1 to H - 1 of the one future as a linear program, less what is left."""
    limits, steps = case.limits, case.net.shape[1] - 1
    # Columns of a step: charge, discharge, import, buy, sell, export, curtail, unserved, stored.
    cost = np.zeros((steps, 9))
    cost[:, 2:6] = case.prices[0, 1:] * [1.0, 1.0, -1.0, -1.0]
    cost[:, 7], cost[-1, 8] = UNSERVED, -terminal
    depth, power = case.depth, limits[POWER]
    most = [power, power, None, depth, depth, None, None, None, limits[RANGE]]
    equal, fixed = np.zeros((2 * steps, steps, 9)), np.zeros(2 * steps)
    fixed[1] = held
    less, below = np.zeros((2 * steps, steps, 9)), np.tile(limits[[IMPORT, EXPORT]], steps)
    for h in range(steps):
        equal[2 * h, h, :8] = [-1, 1, 1, 1, -1, -1, -1, 1]
        fixed[2 * h] = case.net[0, h + 1]
        equal[2 * h + 1, h, [0, 1, 8]] = [-limits[CHARGE], 1.0 / limits[DISCHARGE], 1.0]
        equal[2 * h + 1, max(h - 1, 0), 8] -= h > 0
        less[2 * h, h, [2, 3]] = less[2 * h + 1, h, [4, 5]] = 1.0
    found = linprog(
        cost.ravel(), less.reshape(2 * steps, -1), below, equal.reshape(2 * steps, -1), fixed,
        [(0.0, limit) for _ in range(steps) for limit in most],
    )  # fmt: skip
    assert found.status == 0
    return float(found.fun)


def _quotes(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
    return -np.sort(-rng.uniform(0.0, 60.0, (*shape, 4)), axis=-1)


def _random_case(rng: np.random.Generator, futures: int, ahead: int, cells: int) -> Case:
    limits = _limits(
        rng.uniform(0.5, 8.0), rng.uniform(0.3, 3.0), rng.uniform(0.7, 1.0), rng.uniform(0.7, 1.0),
        (rng.uniform(1.0, 4.0), rng.uniform(0.0, 3.0)),
    )  # fmt: skip
    slopes = -np.sort(-rng.uniform(0.0, 60.0, cells)) * limits[RANGE] / cells
    return Case(
        net=rng.uniform(-3.0, 4.5, (futures, ahead)),
        prices=_quotes(rng, (futures, ahead)),
        limits=limits,
        final=np.concatenate(([0.0], np.cumsum(slopes))),
        depth=float(rng.choice([0.0, 0.5, 1.5, DEEP])),
        quota=(rng.uniform(0.0, 20.0), rng.uniform(0.0, 20.0)),
        today=int(rng.integers(1, ahead + 1)),
        recourse=float(rng.choice([0.0, 0.3, 1.0])),
        weights=rng.dirichlet(np.ones(futures)),
    )


@settings(max_examples=60)
@given(seed=st.integers(0, 10_000), futures=st.integers(1, 3), ahead=st.integers(1, 5))
def test_the_worth_of_energy_is_that_of_trying_everything(
    seed: int, futures: int, ahead: int
) -> None:
    case = _random_case(np.random.default_rng(seed), futures, ahead, cells=9)
    found, tried = case.benefit(), _by_trying(case)
    assert found - found[0] == pytest.approx(tried - tried[0], abs=1e-5)


@settings(max_examples=100)
@given(seed=st.integers(0, 10_000), held=st.floats(0.0, 1.0))
def test_the_battery_does_what_gains_most(seed: int, held: float) -> None:
    rng = np.random.default_rng(seed)
    case = _random_case(rng, 1, 1, cells=11)
    limits, net, quote = case.limits, case.net[0, 0], case.prices[0, 0]
    now, own = held * limits[RANGE], np.empty((2, worth.SEGMENTS_MAX))
    ahead = np.append(case.final, case.final[-1])
    found = worth.battery_at(now, net, tuple(quote), case.depth, tuple(limits), ahead, own)
    choices = _choices(now, net, case.depth, limits, 12)
    known = (net, quote), case, case.final
    best = _gain(now, choices, *known).max()
    assert _gain(now, np.array([found]), *known)[0] == pytest.approx(best, abs=1e-6)
    assert abs(found) <= limits[POWER] + 1e-9
    assert -1e-9 <= _after(now, np.array([found]), limits)[0] <= limits[RANGE] + 1e-9


def _deterministic(seed: int, cells: int, depth: float) -> tuple[Case, float]:
    """Build a case with one future and an end worth the same per kWh whatever is left."""
    rng = np.random.default_rng(seed)
    terminal, ahead = float(rng.uniform(5.0, 40.0)), 9
    prices = _quotes(rng, (1, ahead))
    if depth == DEEP:  # the market is the grid
        prices[..., 1], prices[..., 2] = prices[..., 0], prices[..., 3]
    final = np.linspace(0.0, 4.0 * terminal, cells + 1)
    return Case(rng.uniform(-2.5, 3.0, (1, ahead)), prices, _limits(), final, depth), terminal


def _by_exact_planner(case: Case, terminal: float) -> Callable[[Floats], Floats]:
    net = case.net[:, None]
    _, value, width = planning.value_segments(
        np.maximum(net, 0.0), np.maximum(-net, 0.0),
        np.ascontiguousarray(case.prices[0][:, [0, 3]]), case.limits[None], np.array([terminal]),
    )  # fmt: skip
    ends = np.concatenate(([0.0], np.cumsum(width)))
    cents = np.concatenate(([0.0], np.cumsum(value * width)))
    return lambda held: np.interp(held, ends, cents)


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000))
def test_a_finer_grid_comes_ever_closer_to_the_exact_plan(seed: int) -> None:
    held, errors, absolute = np.linspace(0.0, 4.0, 13), [], []
    for cells in (12, 96, 768):
        case, terminal = _deterministic(seed, cells, DEEP)
        absolute.append(case.benefit()[:: cells // 12])
        exact = _by_exact_planner(case, terminal)(held)
        errors.append(float(np.abs(absolute[-1] - absolute[-1][0] - exact).max()))
    # Reading between points of a concave curve can only lose, and less where they are denser.
    for coarse, fine in pairwise(absolute):
        assert (fine >= coarse - 1e-6).all()
    assert errors[2] < min(0.05, errors[0] + 1e-6)


@pytest.mark.parametrize("depth", [0.4, 1.0, DEEP])
@pytest.mark.parametrize("seed", range(4))
def test_a_market_that_is_not_bottomless_is_planned_as_a_linear_program_would(
    seed: int, depth: float
) -> None:
    case, terminal = _deterministic(seed, 960, depth)
    found = case.benefit()
    cents = [_by_program(case, held, terminal) for held in (0.0, 0.5, 2.0, 4.0)]
    gained = found[[120, 480, 960]] - found[0]
    assert gained == pytest.approx(cents[0] - np.array(cents[1:]), abs=0.05)


def test_who_knows_each_future_plans_for_each_and_takes_the_mean() -> None:
    case = _random_case(np.random.default_rng(3), 3, 6, cells=24)
    knowing = Case(case.net, case.prices, case.limits, case.final, 1.0, recourse=1.0)
    each = [
        Case(case.net[[m]], case.prices[[m]], case.limits, case.final, 1.0).benefit()
        for m in range(3)
    ]
    assert knowing.benefit() == pytest.approx(np.mean(each, axis=0))


def test_a_future_that_is_learned_in_time_is_worth_more_than_one_that_is_not() -> None:
    # 1 kWh is wanted at 50 cents in the last step of one future only; before it, exporting
    # brings 20. Who knows takes 50 or 20; who does not, 25 by keeping it.
    net = np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
    quote = np.array([[0, 0, 0, 0], [60.0, 60.0, 20.0, 20.0], [50.0, 50.0, 0.0, 0.0]])
    limits = _limits(range_kwh=1.0, into=1.0, out=1.0)
    worths = [
        Case(net, np.stack((quote, quote)), limits, np.zeros(9), recourse=recourse).benefit()
        for recourse in (1.0, 0.5, 0.0)
    ]
    known, half, never = (float(benefit[-1] - benefit[0]) for benefit in worths)
    assert known == pytest.approx((50.0 + 20.0) / 2)
    assert never == pytest.approx((50.0 + 0.0) / 2)
    # Half of it: 37.5 for keeping it where it is wanted, 20 for selling it where it is not.
    assert half == pytest.approx((37.5 + 20.0) / 2)


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000), futures=st.integers(1, 4))
def test_more_energy_is_worth_more_and_each_kwh_less(seed: int, futures: int) -> None:
    case = _random_case(np.random.default_rng(seed), futures, 12, cells=32)
    cells = np.diff(case.benefit())
    assert (cells >= -1e-6).all()
    assert (np.diff(cells) <= 1e-5).all()


def test_a_kwh_of_quota_costs_as_much_as_it_brings_less() -> None:
    # Selling at 30 in the next step, exporting at 10, nothing later: today's quota counts before
    # it is renewed, tomorrow's after, and exporting is always possible.
    quote = np.array([[[0, 0, 0, 0], [60.0, 40.0, 30.0, 10.0]]], dtype=float)
    limits = _limits(range_kwh=1.0, into=1.0, out=1.0)
    for today, quota, left in ((2, (5.0, 9.0), 25.0), (1, (5.0, 9.0), 21.0), (2, (50.0, 0), 10.0)):
        case = Case(np.zeros((1, 2)), quote, limits, np.zeros(9), 2.0, quota, today)
        benefit = case.benefit()
        assert benefit[-1] - benefit[0] == pytest.approx(left)


def test_a_home_without_a_battery_gains_nothing_by_holding_energy() -> None:
    case = Case(np.ones((2, 3)), np.ones((2, 3, 4)), _limits(0.0), np.zeros(9))
    assert case.benefit().tolist() == [0.0] * 9
