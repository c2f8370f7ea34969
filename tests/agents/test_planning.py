"""The planner is held against HiGHS, against a brute-force grid, and against itself."""

from dataclasses import dataclass

import highspy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from agents import planning
from agents.planning import CHARGE, DISCHARGE, EXPORT, IMPORT, POWER, RANGE

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """One battery to plan for."""

    load: Floats  # (H,)
    pv: Floats  # (H,)
    prices: Floats  # (H, 2)
    limits: tuple[float, ...]
    held: float
    terminal: float

    def plan(self) -> Floats:
        """Plan battery energies (H,)."""
        battery, _, _ = planning.plan(
            self.load[None],
            self.pv[None],
            self.prices,
            np.array([self.limits]),
            np.array([self.held]),
            np.array([self.terminal]),
        )
        return battery[0]

    def segments(self) -> tuple[Floats, Floats]:
        """Value energy held at the start; a free step 0 is put in front, as it is not read."""
        _, value, width = planning.value_segments(
            np.insert(self.load, 0, 0.0)[None, None],
            np.insert(self.pv, 0, 0.0)[None, None],
            np.insert(self.prices, 0, 0.0, axis=0),
            np.array([self.limits]),
            np.array([self.terminal]),
        )
        return value, width

    def cents(self) -> float:
        """Cost of living the plan at the real prices, less what is left in the battery."""
        held, cents = self.held, 0.0
        for h, energy in enumerate(self.plan()):
            cents += planning.stage_cents(
                energy, self.load[h], self.pv[h], tuple(self.prices[h]), self.limits
            )
            held += energy * self.limits[CHARGE] if energy > 0 else energy / self.limits[DISCHARGE]
            assert -1e-9 <= held <= self.limits[RANGE] + 1e-9
            assert abs(energy) <= self.limits[POWER] + 1e-9
        return cents - self.terminal * held


def random_case(rng: np.random.Generator) -> Case:
    """Surplus and need, full and empty, any efficiencies, connections that bind now and then."""
    steps = int(rng.integers(1, 49))
    export = np.round(rng.uniform(0.0, 20.0, steps), 2)
    spread = np.round(rng.uniform(0.0, 60.0, steps), 2) * (rng.random(steps) < 0.9)
    limits = (
        rng.uniform(0.1, 12.0),
        rng.uniform(0.1, 3.0),
        rng.uniform(0.7, 1.0),
        rng.uniform(0.7, 1.0),
        rng.choice([0.3, 1.0, 10.0]),
        rng.choice([0.0, 0.3, 4.0]),
    )
    return Case(
        load=rng.gamma(1.5, 0.4, steps),
        pv=rng.gamma(1.5, 0.6, steps) * (rng.random(steps) < 0.5),
        prices=np.stack((export + spread, export), axis=1),
        limits=tuple(float(limit) for limit in limits),
        held=float(limits[0] * rng.choice([0.0, 1.0, rng.random()])),
        terminal=float(rng.uniform(0.0, 40.0)),
    )


def highs_cents(case: Case) -> float:
    """Solve the same problem as a linear program.

    Per step: charge, discharge, import, export, curtailed, unserved, stored.
    """
    steps = case.load.size
    usable, power, into, out, import_max, export_max = case.limits
    buy, sell = case.prices[:, 0], case.prices[:, 1]
    unserved = planning.UNSERVED_CENTS_PER_KWH
    zero, one = np.zeros(steps), np.ones(steps)
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = 7 * steps, 2 * steps
    worth = zero.copy()
    worth[-1] = -case.terminal
    program.col_cost_ = np.concatenate((zero, zero, buy, -sell, zero, unserved * one, worth))
    program.col_lower_ = np.zeros(7 * steps)
    program.col_upper_ = np.concatenate(
        (power * one, power * one, import_max * one, export_max * one, case.pv, case.load,
         usable * one)
    )  # fmt: skip
    net = case.load - case.pv
    start = zero.copy()
    start[0] = case.held
    program.row_lower_ = program.row_upper_ = np.concatenate((net, start))
    starts, index, value = [0], [], []
    for h in range(steps):
        signs = (-1.0, 1.0, 1.0, -1.0, -1.0, 1.0)
        index += [k * steps + h for k in range(6)]
        value += signs
        starts.append(len(index))
    for h in range(steps):
        index += [h, steps + h, 6 * steps + h]
        value += [-into, 1.0 / out, 1.0]
        if h:
            index.append(6 * steps + h - 1)
            value.append(-1.0)
        starts.append(len(index))
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_, program.a_matrix_.index_ = np.array(starts), np.array(index)
    program.a_matrix_.value_ = np.array(value)
    solver = highspy.Highs()
    solver.silent()
    solver.passModel(program)
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return float(solver.getInfo().objective_function_value)


def test_a_plan_costs_what_highs_finds_in_a_thousand_random_cases() -> None:
    rng = np.random.default_rng(20170701)
    cases = [random_case(rng) for _ in range(1000)]
    planned = np.array([case.cents() for case in cases])
    best = np.array([highs_cents(case) for case in cases])
    np.testing.assert_allclose(planned, best, rtol=1e-9, atol=1e-9)


def test_value_segments_are_the_slopes_of_the_best_cost() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        case = random_case(rng)
        value, width = case.segments()
        assert width.sum() == pytest.approx(case.limits[RANGE], abs=1e-9)
        assert (np.diff(value) < 0.0).all()
        edges = np.concatenate(([0.0], np.cumsum(width)))
        costs = [
            highs_cents(
                Case(case.load, case.pv, case.prices, case.limits, float(held), case.terminal)
            )
            for held in np.minimum(edges, case.limits[RANGE])
        ]
        np.testing.assert_allclose(-np.diff(costs), value * width, atol=1e-7)


def test_the_first_action_of_a_plan_is_the_best_battery_of_its_step() -> None:
    rng = np.random.default_rng(2)
    for _ in range(200):
        case = random_case(rng)
        limits = np.array([case.limits])
        curve = planning.value_segments(
            case.load[None, None], case.pv[None, None], case.prices, limits,
            np.array([case.terminal]),
        )  # fmt: skip
        first = planning.best_batteries(
            np.array([case.held]), case.load[:1], case.pv[:1], tuple(case.prices[0]), limits, curve
        )
        assert first[0] == pytest.approx(case.plan()[0], abs=1e-12)


def grid_cents(case: Case, cell: float) -> float:
    """Cost of the best plan among those that move stored energy by whole cells."""
    usable, power, into, out, import_max, _ = case.limits
    stored = np.arange(round(usable / cell) + 1) * cell
    best = -case.terminal * stored
    for h in range(case.load.size - 1, -1, -1):
        now = np.full(stored.size, np.inf)
        for cells in range(-stored.size + 1, stored.size):
            energy = cells * cell / into if cells > 0 else cells * cell * out
            charge_max = max(import_max - case.load[h] + case.pv[h], 0.0)
            if energy > min(power, charge_max) + 1e-9 or energy < -power - 1e-9:
                continue
            cents = oracle_stage_cents(
                energy, case.load[h], case.pv[h], case.prices[h], case.limits
            )
            first, last = max(0, -cells), min(stored.size, stored.size - cells)
            now[first:last] = np.minimum(
                now[first:last], cents + best[first + cells : last + cells]
            )
        best = now
    return float(best[round(case.held / cell)])


def oracle_stage_cents(
    battery: float, load: float, pv: float, price: Floats, limits: tuple[float, ...]
) -> float:
    """Cost of a step by trying every sensible amount of curtailment; see ``stage_cents``."""
    base = load - pv + battery
    tries = [0.0, pv, -base, -limits[EXPORT] - base, limits[IMPORT] - base]
    best = np.inf
    for curtailed in tries:
        if not -1e-12 <= curtailed <= pv + 1e-12:
            continue
        flow = base + curtailed
        unserved = max(flow - limits[IMPORT], 0.0)
        if flow < -limits[EXPORT] - 1e-12 or (unserved > 1e-12 and curtailed > 1e-12):
            continue
        flow -= unserved
        cents = (price[0] if flow > 0 else price[1]) * flow
        best = min(best, cents + planning.UNSERVED_CENTS_PER_KWH * unserved)
    return float(best)


def odd_case(rng: np.random.Generator, kind: str) -> Case:
    """Quarter kWh everywhere and no loss, so that a grid of quarters holds the optimum."""
    steps = 24
    buy = rng.integers(20, 55, steps).astype(float)
    sell = np.full(steps, 5.0)
    odd = rng.random(steps) < 0.3
    if kind == "exporting costs":
        sell[odd] = -rng.integers(1, 20, odd.sum())
    elif kind == "importing pays":
        buy[odd] = -rng.integers(1, 20, odd.sum())
        sell[odd] = buy[odd] - rng.integers(0, 10, odd.sum())
    else:
        sell[odd] = buy[odd] + rng.integers(1, 30, odd.sum())
    return Case(
        load=rng.integers(0, 9, steps) * 0.25,
        pv=rng.integers(0, 9, steps) * 0.25 * (rng.random(steps) < 0.5),
        prices=np.stack((buy, sell), axis=1),
        limits=(4.0, 1.0, 1.0, 1.0, float(rng.choice([1.5, 10.0])), float(rng.choice([0.5, 4.0]))),
        held=2.0,
        terminal=18.0,
    )


@pytest.mark.parametrize("kind", ["exporting costs", "importing pays"])
def test_with_negative_prices_a_plan_costs_what_the_grid_finds(kind: str) -> None:
    rng = np.random.default_rng(3)
    for _ in range(60):
        case = odd_case(rng, kind)
        assert case.cents() == pytest.approx(grid_cents(case, 0.25), abs=1e-9)


@pytest.mark.parametrize("kind", ["exporting costs", "importing pays", "exporting pays"])
def test_the_value_of_energy_is_that_of_a_grid_over_the_convex_envelopes(kind: str) -> None:
    rng = np.random.default_rng(6)
    cells = np.arange(17) * 0.25
    for _ in range(40):
        case = odd_case(rng, kind)
        value, width = case.segments()
        ends = np.cumsum(width)
        worth = (value * np.clip(cells[:, None] - (ends - width), 0.0, width)).sum(axis=1)
        cents = envelope_grid_cents(case)
        np.testing.assert_allclose(cents[0] - cents, worth, rtol=0, atol=1e-9)


def envelope_grid_cents(case: Case) -> Floats:
    """Cost from each of 17 levels on (a quarter kWh apart), every step's cost made convex."""
    best = -case.terminal * np.arange(17) * 0.25
    moves = np.arange(-4, 5)
    for h in range(case.load.size - 1, -1, -1):
        room = max(case.limits[IMPORT] - case.load[h] + case.pv[h], 0.0)
        cents = np.array(
            [
                oracle_stage_cents(k * 0.25, case.load[h], case.pv[h], case.prices[h], case.limits)
                if k * 0.25 <= room + 1e-9
                else np.inf
                for k in moves
            ]
        )
        cents = lower_envelope(cents)
        now = np.full(17, np.inf)
        for k, cost in zip(moves, cents, strict=True):
            first, last = max(0, -k), min(17, 17 - k)
            now[first:last] = np.minimum(now[first:last], cost + best[first + k : last + k])
        best = now
    return best


def lower_envelope(cents: Floats) -> Floats:
    """Largest convex sequence that is nowhere above: the best chord over each place."""
    found = cents.copy()
    for i in range(cents.size):
        for left in range(i):
            for right in range(i + 1, cents.size):
                share = (i - left) / (right - left)
                if np.isfinite(cents[[left, right]]).all():
                    found[i] = min(found[i], (1 - share) * cents[left] + share * cents[right])
    return found


def test_where_exporting_pays_more_than_importing_the_envelope_stays_close_to_the_grid() -> None:
    # 30 % of these steps break convexity: far more than any tariff. The envelope may then
    # value energy a little too well, and living the plan may cost more than the optimum.
    rng = np.random.default_rng(4)
    cases = [odd_case(rng, "exporting pays") for _ in range(150)]
    lived = np.array([case.cents() for case in cases])
    best = np.array([grid_cents(case, 0.25) for case in cases])
    assert (lived >= best - 1e-9).all()
    assert np.mean(lived - best) < 0.5
    assert np.max(lived - best) < 10.0
    assert np.mean(lived - best < 1e-9) > 0.8


def test_with_losses_and_negative_prices_a_plan_is_no_worse_than_a_fine_grid() -> None:
    rng = np.random.default_rng(5)
    for _ in range(10):
        case = odd_case(rng, "importing pays")
        lossy = Case(
            case.load, case.pv, case.prices, (4.0, 1.0, 0.9, 0.9, 10.0, 4.0), 2.0, case.terminal
        )
        assert lossy.cents() <= grid_cents(lossy, 0.02) + 1e-9


def test_a_full_battery_serves_the_dear_evening_by_hand() -> None:
    # 1 kWh held, no losses; evening at 50, then night at 20, 1 kWh of load in each: the evening
    # is served, the night bought. Left over, a kWh would be worth 10.
    case = Case(
        load=np.array([1.0, 1.0]),
        pv=np.zeros(2),
        prices=np.array([[50.0, 5.0], [20.0, 5.0]]),
        limits=(2.0, 1.0, 1.0, 1.0, 10.0, 4.0),
        held=1.0,
        terminal=10.0,
    )
    np.testing.assert_allclose(case.plan(), [-1.0, 0.0])
    assert case.cents() == pytest.approx(20.0)


def test_a_home_without_a_battery_has_an_empty_plan() -> None:
    case = Case(np.ones(3), np.zeros(3), np.full((3, 2), 5.0), (0, 0, 0.9, 0.9, 10, 4), 0.0, 9.0)
    np.testing.assert_array_equal(case.plan(), np.zeros(3))


@settings(max_examples=200, deadline=None)
@given(base=st.floats(-8, 14), pv=st.floats(0, 6), buy=st.floats(-30, 60), sell=st.floats(-30, 60))
def test_curtailment_and_unserved_load_leave_the_cheapest_flow(
    base: float, pv: float, buy: float, sell: float
) -> None:
    limits = (0.0, 0.0, 1.0, 1.0, 10.0, 4.0)
    flow, curtailed, unserved = planning.exchange(base, pv, (buy, sell), limits)
    assert flow == pytest.approx(base + curtailed - unserved, abs=1e-12)
    if base + pv >= -limits[EXPORT]:
        assert -limits[EXPORT] - 1e-12 <= flow <= limits[IMPORT]
        assert -1e-12 <= curtailed <= pv + 1e-12
        cents = (buy if flow > 0 else sell) * flow
        best = oracle_stage_cents(0.0, base + pv, pv, np.array([buy, sell]), limits)
        assert cents + planning.UNSERVED_CENTS_PER_KWH * unserved == pytest.approx(best, abs=1e-6)


def test_many_samples_outgrow_the_first_buffer_and_stay_right() -> None:
    # Rising prices and a huge battery give lists as long as the horizon.
    steps = 400
    prices = np.stack((np.linspace(100.0, 10.0, steps), np.linspace(99.0, 9.0, steps)), axis=1)
    load = np.full((1, 2, steps), 0.1)
    limits = np.array([[500.0, 1.0, 0.95, 0.95, 10.0, 4.0]])
    offset, value, width = planning.value_segments(
        load, np.zeros_like(load), prices, limits, np.array([1.0])
    )
    first, second = slice(offset[0], offset[1]), slice(offset[1], offset[2])
    assert offset[1] > 64
    np.testing.assert_array_equal(value[first], value[second])
    assert width[first].sum() == pytest.approx(500.0)
