"""Planning under any prices is held against a grid, an integer program and the plain planner."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import highspy
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from agents import nonconvex, planning
from agents.planning import RANGE

Floats = NDArray[np.float64]
Make = Callable[..., Any]

KINDS = ("exporting costs", "importing pays", "exporting pays", "both pay")


def grid_cents(case: Any, cell: float, trying: Make) -> float:  # noqa: ANN401, a case
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
            cents = trying(energy, case.load[h], case.pv[h], case.prices[h], case.limits)
            first, last = max(0, -cells), min(stored.size, stored.size - cells)
            now[first:last] = np.minimum(
                now[first:last], cents + best[first + cells : last + cells]
            )
        best = now
    return float(best[round(case.held / cell)])


def odd_case(case_of: Make, rng: np.random.Generator, kind: str) -> Any:  # noqa: ANN401, a case
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
    elif kind == "both pay":
        buy[odd] = -rng.integers(1, 20, odd.sum())
    else:
        sell[odd] = buy[odd] + rng.integers(1, 30, odd.sum())
    return case_of(
        load=rng.integers(0, 9, steps) * 0.25,
        pv=rng.integers(0, 9, steps) * 0.25 * (rng.random(steps) < 0.5),
        prices=np.stack((buy, sell), axis=1),
        limits=(4.0, 1.0, 1.0, 1.0, float(rng.choice([1.5, 10.0])), float(rng.choice([0.5, 4.0]))),
        held=2.0,
        terminal=18.0,
        kernels=nonconvex,
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_plan_costs_what_the_grid_finds(kind: str, case_of: Make, stage_oracle: Make) -> None:
    # 30 % of the steps have odd prices: far more than any tariff.
    rng = np.random.default_rng(3)
    for _ in range(60):
        case = odd_case(case_of, rng, kind)
        assert case.cents() == pytest.approx(grid_cents(case, 0.25, stage_oracle), abs=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_segments_are_the_slopes_of_the_grids_cost(
    kind: str, case_of: Make, stage_oracle: Make
) -> None:
    rng = np.random.default_rng(6)
    cells = np.arange(17) * 0.25
    for _ in range(20):
        case = odd_case(case_of, rng, kind)
        value, width = case.segments()
        ends = np.cumsum(width)
        worth = (value * np.clip(cells[:, None] - (ends - width), 0.0, width)).sum(axis=1)
        levels = [case_of(**fields(case) | {"held": float(held)}) for held in cells]
        cents = np.array([grid_cents(level, 0.25, stage_oracle) for level in levels])
        np.testing.assert_allclose(cents[0] - cents, worth, rtol=0, atol=1e-9)


def fields(case: Any) -> dict[str, Any]:  # noqa: ANN401, a case
    """List what a case is made of."""
    return {name: getattr(case, name) for name in case.__dataclass_fields__}


def any_case(case_of: Make, rng: np.random.Generator) -> Any:  # noqa: ANN401, a case
    """Any prices, efficiencies and limits, few steps: a small program solves it to the end."""
    steps = 8
    limits = (
        rng.uniform(1.0, 6.0), rng.uniform(0.3, 2.0), rng.uniform(0.7, 1.0), rng.uniform(0.7, 1.0),
        rng.choice([0.5, 1.5, 10.0]), rng.choice([0.0, 0.3, 4.0]),
    )  # fmt: skip
    return case_of(
        load=rng.gamma(1.5, 0.4, steps),
        pv=rng.gamma(1.5, 0.6, steps) * (rng.random(steps) < 0.5),
        prices=rng.uniform(-30.0, 60.0, (steps, 2)),
        limits=tuple(float(limit) for limit in limits),
        held=float(limits[0] * rng.choice([0.0, 1.0, rng.random()])),
        terminal=float(rng.uniform(0.0, 40.0)),
        kernels=nonconvex,
    )


def program_cents(case: Any) -> float:  # noqa: ANN401, a case
    """Solve it with binaries that forbid charging beside discharging, importing beside exporting.

    Unserved load is paid dearly and, as at the meter, none is left where PV is turned down.
    """
    usable, power, into, out, import_max, export_max = case.limits
    solver = highspy.Highs()
    solver.silent()
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_abs_gap", 1e-9)
    solver.setOptionValue("mip_feasibility_tolerance", 1e-10)
    solver.setOptionValue("primal_feasibility_tolerance", 1e-10)
    stored, cents = case.held, 0.0
    for h, (need, pv) in enumerate(zip(case.load, case.pv, strict=True)):
        charge, give = solver.addVariable(0.0, power), solver.addVariable(0.0, power)
        bought, sold = solver.addVariable(0.0, import_max), solver.addVariable(0.0, export_max)
        spilt, dark = solver.addVariable(0.0, pv), solver.addVariable(0.0, need)
        charges, buys, lacks = (solver.addBinary() for _ in range(3))
        solver.addConstr(need - pv + charge - give - bought + sold + spilt - dark == 0)
        solver.addConstr(charge <= power * charges)
        solver.addConstr(give + power * charges <= power)
        solver.addConstr(bought <= import_max * buys)
        solver.addConstr(sold + export_max * buys <= export_max)
        solver.addConstr(dark <= need * lacks)
        solver.addConstr(spilt + pv * lacks <= pv)
        left = solver.addVariable(0.0, usable)
        solver.addConstr(left - stored - into * charge + (1.0 / out) * give == 0)
        # Load is not let go dark to charge, nor because energy earns more outside.
        solver.addConstr(charge <= power * (1 - lacks))
        stored = left
        buy, sell = case.prices[h]
        cents = cents + buy * bought - sell * sold + planning.UNSERVED_CENTS_PER_KWH * dark
    solver.minimize(cents - case.terminal * stored)
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return float(solver.getInfo().objective_function_value)


def test_with_losses_a_plan_costs_what_a_mixed_integer_program_finds(case_of: Make) -> None:
    rng = np.random.default_rng(7)
    cases = [any_case(case_of, rng) for _ in range(40)]
    planned = np.array([case.cents() for case in cases])
    best = np.array([program_cents(case) for case in cases])
    np.testing.assert_allclose(planned, best, rtol=1e-6, atol=1e-5)


def test_with_losses_a_plan_is_no_worse_than_a_fine_grid(case_of: Make, stage_oracle: Make) -> None:
    rng = np.random.default_rng(5)
    for kind in KINDS:
        case = odd_case(case_of, rng, kind)
        lossy = case_of(**fields(case) | {"limits": (4.0, 1.0, 0.9, 0.9, 10.0, 4.0)})
        assert lossy.cents() <= grid_cents(lossy, 0.02, stage_oracle) + 1e-9


def test_under_usual_prices_both_planners_agree(case_of: Make) -> None:
    rng = np.random.default_rng(8)
    for _ in range(100):
        case = any_case(case_of, rng)
        usual = np.sort(np.abs(case.prices), axis=1)[:, ::-1].copy()
        case = case_of(**fields(case) | {"prices": usual})
        plain = case_of(**fields(case) | {"kernels": planning})
        assert case.cents() == pytest.approx(plain.cents(), abs=1e-9)
        found, known = case.segments(), plain.segments()
        cells = np.linspace(0.0, case.limits[RANGE], 50)
        worth = [
            (value * np.clip(cells[:, None] - (np.cumsum(width) - width), 0.0, width)).sum(axis=1)
            for value, width in (found, known)
        ]
        np.testing.assert_allclose(worth[0], worth[1], atol=1e-8)


def test_the_first_action_of_a_plan_is_the_best_battery_of_its_step(case_of: Make) -> None:
    rng = np.random.default_rng(2)
    for _ in range(100):
        case = any_case(case_of, rng)
        limits, terminal = np.array([case.limits]), np.array([case.terminal])
        curve = nonconvex.value_segments(
            case.load[None, None], case.pv[None, None], case.prices, limits, terminal
        )
        first = nonconvex.best_batteries(
            np.array([case.held]), case.load[:1], case.pv[:1], tuple(case.prices[0]), limits, curve
        )
        assert first[0] == pytest.approx(case.plan()[0], abs=1e-9)


@given(
    need=st.floats(0, 14), pv=st.floats(0, 6), buy=st.floats(-30, 60), sell=st.floats(-30, 60),
    share=st.floats(0, 1),
)  # fmt: skip
def test_between_its_points_the_cost_of_a_step_is_linear(
    need: float, pv: float, buy: float, sell: float, share: float
) -> None:
    limits = (10.0, 2.5, 0.9, 0.8, 10.0, 4.0)
    found = np.empty(nonconvex.POINTS_MAX)
    count = nonconvex._points(need, pv, (buy, sell), limits, found)
    for left, right in pairwise(found[:count]):
        place = left + share * (right - left)
        ends = [planning.stage_cents(x, need, pv, (buy, sell), limits) for x in (left, right)]
        between = planning.stage_cents(place, need, pv, (buy, sell), limits)
        assert between == pytest.approx(ends[0] + share * (ends[1] - ends[0]), abs=1e-6)


def test_prices_need_this_planner_where_one_is_negative_or_exporting_pays_more() -> None:
    usual = np.array([[30.0, 5.0], [5.0, 5.0], [0.0, 0.0]])
    assert not nonconvex.needed(usual)
    assert nonconvex.needed(np.vstack((usual, [[5.0, 5.1]])))
    assert nonconvex.needed(np.vstack((usual, [[5.0, -0.1]])))
    assert nonconvex.needed(np.vstack((usual, [[-1.0, -2.0]])))


def test_energy_is_sold_dear_and_bought_back_cheap_within_the_day_by_hand(case_of: Make) -> None:
    # 1 kWh held, no losses, no load. First exporting pays 60 though importing costs 40 only; then
    # importing costs 30, and what is left is worth 35. Sell 1, buy 1 back, keep it.
    case = case_of(
        load=np.zeros(2), pv=np.zeros(2), prices=np.array([[40.0, 60.0], [30.0, 5.0]]),
        limits=(2.0, 1.0, 1.0, 1.0, 10.0, 4.0), held=1.0, terminal=35.0, kernels=nonconvex,
    )  # fmt: skip
    np.testing.assert_allclose(case.plan(), [-1.0, 1.0])
    assert case.cents() == pytest.approx(-60.0 + 30.0 - 35.0)


def test_earning_in_both_directions_makes_no_more_segments_than_are_kept(
    case_of: Make, stage_oracle: Make
) -> None:
    # Paid 5 cents for importing and for exporting, all day, over a narrow connection.
    rng, root = np.random.default_rng(9), 0.9**0.5
    for _ in range(10):
        case = case_of(
            load=rng.gamma(1.5, 0.4, 48), pv=rng.gamma(1.5, 0.6, 48) * (rng.random(48) < 0.5),
            prices=np.full((48, 2), (-5.0, 5.0)), limits=(9.45, 2.5, root, root, 1.5, 0.5),
            held=0.0, terminal=15.0, kernels=nonconvex,
        )  # fmt: skip
        value, width = case.segments()
        assert value.size <= nonconvex.SEGMENTS_MAX
        assert width.sum() == pytest.approx(9.45)
    assert case.cents() <= grid_cents(case, 0.05, stage_oracle) + 1e-6


def test_energy_bought_for_the_battery_goes_in_where_it_may_not_go_out() -> None:
    # 1 kWh was bought, the connection lets 0.3 out, and exporting costs money.
    limits = np.array([[9.45, 2.5, 1.0, 1.0, 10.0, 0.3]])
    rising = (np.array([0, 2]), np.array([-20.0, 60.0]), np.array([2.0, 7.45]))
    need, none = np.array([-1.0]), np.zeros(1)
    stored = nonconvex.best_batteries(none, need, none, (30.0, -5.0), limits, rising)
    assert stored[0] == pytest.approx(0.7)


@given(seed=st.integers(0, 10_000))
def test_after_trades_no_battery_energy_is_better(seed: int, stage_oracle: Make) -> None:
    rng = np.random.default_rng(seed)
    usable, power = rng.choice([1.0, 9.45]), rng.choice([0.25, 2.5])
    into = out = rng.choice([1.0, 0.9])
    held, load = usable * rng.random(), rng.gamma(1.5, 0.4)
    pv = rng.gamma(1.5, 0.6) * (rng.random() < 0.5)
    import_max, export_max = rng.choice([0.25, 1.5, 10.0]), rng.choice([0.0, 0.3, 4.0])
    bought = min(import_max, rng.uniform(0, 2), load + min(power, (usable - held) / into))
    row = (usable, power, into, out, import_max - bought, export_max)
    price = tuple(rng.uniform(-30.0, 60.0, 2).tolist())
    value, width = rng.uniform(-40.0, 60.0, 4), rng.dirichlet(np.ones(4)) * usable
    curve = (np.array([0, 4]), value, width)
    need, sun = np.array([load - bought]), np.array([pv])
    found = nonconvex.best_batteries(np.array([held]), need, sun, price, np.array([row]), curve)

    def cents(battery: float) -> float:
        x = battery * into if battery > 0 else battery / out
        ends = np.cumsum(width)
        worth = (value * np.clip(held + x - (ends - width), 0.0, width)).sum()
        return stage_oracle(battery, load - bought, pv, np.array(price), row) - float(worth)

    high = min(power, max(row[4] - load + bought + pv, 0.0), (usable - held) / into)
    tried = [cents(battery) for battery in np.linspace(-min(power, held * out), high, 401)]
    assert cents(found[0]) <= min(tried) + 1e-6


def test_a_home_without_a_battery_has_an_empty_plan(case_of: Make) -> None:
    prices = np.full((3, 2), (5.0, 9.0))
    limits = (0.0, 0.0, 0.9, 0.9, 10.0, 4.0)
    case = case_of(np.ones(3), np.zeros(3), prices, limits, 0.0, 9.0, nonconvex)
    np.testing.assert_array_equal(case.plan(), np.zeros(3))
    assert case.segments()[0].size == 0
