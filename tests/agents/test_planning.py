"""The planner is held against HiGHS, and against itself."""

from collections.abc import Callable
from typing import Any

import highspy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from agents import planning
from agents.planning import EXPORT, IMPORT, RANGE

Floats = NDArray[np.float64]
Make = Callable[..., Any]


def random_case(case_of: Make, rng: np.random.Generator) -> Any:  # noqa: ANN401, a case
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
    return case_of(
        load=rng.gamma(1.5, 0.4, steps),
        pv=rng.gamma(1.5, 0.6, steps) * (rng.random(steps) < 0.5),
        prices=np.stack((export + spread, export), axis=1),
        limits=tuple(float(limit) for limit in limits),
        held=float(limits[0] * rng.choice([0.0, 1.0, rng.random()])),
        terminal=float(rng.uniform(0.0, 40.0)),
    )


def highs_cents(case: Any) -> float:  # noqa: ANN401, a case
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


def test_a_plan_costs_what_highs_finds_in_a_thousand_random_cases(case_of: Make) -> None:
    rng = np.random.default_rng(20170701)
    cases = [random_case(case_of, rng) for _ in range(1000)]
    planned = np.array([case.cents() for case in cases])
    best = np.array([highs_cents(case) for case in cases])
    np.testing.assert_allclose(planned, best, rtol=1e-9, atol=1e-9)


def test_value_segments_are_the_slopes_of_the_best_cost(case_of: Make) -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        case = random_case(case_of, rng)
        value, width = case.segments()
        assert width.sum() == pytest.approx(case.limits[RANGE], abs=1e-9)
        assert (np.diff(value) < 0.0).all()
        edges = np.concatenate(([0.0], np.cumsum(width)))
        costs = [
            highs_cents(
                case_of(case.load, case.pv, case.prices, case.limits, float(held), case.terminal)
            )
            for held in np.minimum(edges, case.limits[RANGE])
        ]
        np.testing.assert_allclose(-np.diff(costs), value * width, atol=1e-7)


def test_the_first_action_of_a_plan_is_the_best_battery_of_its_step(case_of: Make) -> None:
    rng = np.random.default_rng(2)
    for _ in range(200):
        case = random_case(case_of, rng)
        limits = np.array([case.limits])
        curve = planning.value_segments(
            case.load[None, None], case.pv[None, None], case.prices, limits,
            np.array([case.terminal]),
        )  # fmt: skip
        first = planning.best_batteries(
            np.array([case.held]), case.load[:1], case.pv[:1], tuple(case.prices[0]), limits, curve
        )
        assert first[0] == pytest.approx(case.plan()[0], abs=1e-12)


def test_a_full_battery_serves_the_dear_evening_by_hand(case_of: Make) -> None:
    # 1 kWh held, no losses; evening at 50, then night at 20, 1 kWh of load in each: the evening
    # is served, the night bought. Left over, a kWh would be worth 10.
    case = case_of(
        load=np.array([1.0, 1.0]),
        pv=np.zeros(2),
        prices=np.array([[50.0, 5.0], [20.0, 5.0]]),
        limits=(2.0, 1.0, 1.0, 1.0, 10.0, 4.0),
        held=1.0,
        terminal=10.0,
    )
    np.testing.assert_allclose(case.plan(), [-1.0, 0.0])
    assert case.cents() == pytest.approx(20.0)


def test_a_home_without_a_battery_has_an_empty_plan(case_of: Make) -> None:
    case = case_of(np.ones(3), np.zeros(3), np.full((3, 2), 5.0), (0, 0, 0.9, 0.9, 10, 4), 0.0, 9.0)
    np.testing.assert_array_equal(case.plan(), np.zeros(3))


@settings(max_examples=200, deadline=None)
@given(base=st.floats(-8, 14), pv=st.floats(0, 6), buy=st.floats(-30, 60), sell=st.floats(-30, 60))
def test_curtailment_and_unserved_load_leave_the_cheapest_flow(
    stage_oracle: Make, base: float, pv: float, buy: float, sell: float
) -> None:
    limits = (0.0, 0.0, 1.0, 1.0, 10.0, 4.0)
    flow, curtailed, unserved = planning.exchange(base, pv, (buy, sell), limits)
    assert flow == pytest.approx(base + curtailed - unserved, abs=1e-12)
    if base + pv >= -limits[EXPORT]:
        assert -limits[EXPORT] - 1e-12 <= flow <= limits[IMPORT]
        assert -1e-12 <= curtailed <= pv + 1e-12
        cents = (buy if flow > 0 else sell) * flow
        best = stage_oracle(0.0, base + pv, pv, np.array([buy, sell]), limits)
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
