"""The community's program: cases solved on paper."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from agents.community_lp import CommunityProblem, compose, solve
from agents.linear_program import LinearProgram
from agents.metering import Flows
from market.config import MarketConfig

ROUND_TRIP = 0.9
Make = Callable[..., Any]
LIFTED: dict[str, object] = {"order_max_kwh": None, "sold_per_day_max_kwh": None}


def solved(problem: CommunityProblem) -> tuple[float, Flows]:
    """Cost [cents] and flows."""
    plan = solve(problem, 60.0)
    assert (plan.status, plan.reason) == ("optimal", "")
    assert plan.flows is not None
    return plan.cents, plan.flows


def test_one_home_charges_at_20_cents_for_its_load_at_50(fleet: Make, problem_of: Make) -> None:
    cents, flows = solved(problem_of(fleet(1), [[0.0], [1.0]], [[0.0], [0.0]], [20.0, 50.0]))
    assert cents == pytest.approx(20.0 / ROUND_TRIP)
    np.testing.assert_allclose(flows.import_kwh, [[1.0 / ROUND_TRIP], [0.0]], atol=1e-9)
    np.testing.assert_allclose(flows.charge_kwh, [[1.0 / ROUND_TRIP], [0.0]], atol=1e-9)
    np.testing.assert_allclose(flows.discharge_kwh, [[0.0], [1.0]], atol=1e-9)


def test_it_buys_at_once_where_the_round_trip_costs_more_than_it_saves(
    fleet: Make, problem_of: Make
) -> None:
    cents, _ = solved(problem_of(fleet(1), [[0.0], [1.0]], [[0.0], [0.0]], [47.0, 50.0]))
    assert cents == pytest.approx(50.0)


def test_what_is_left_in_store_is_worth_its_price(fleet: Make, problem_of: Make) -> None:
    """2.5 kWh of power at 20 cents, worth 30 cents per stored kWh: more than it costs."""
    worth = np.array([30.0])
    problem = problem_of(fleet(1), [[0.0]], [[0.0]], [20.0], stored_value_cents_per_kwh=worth)
    cents, _ = solved(problem)
    assert cents == pytest.approx(2.5 * (20.0 - 30.0 * np.sqrt(ROUND_TRIP)))


def test_only_what_is_gained_in_store_counts(fleet: Make, problem_of: Make) -> None:
    """A battery that is full already and stays so gains nothing."""
    homes = fleet(1)
    problem = problem_of(
        homes, [[0.0]], [[0.0]], [20.0],
        stored_value_cents_per_kwh=np.array([30.0]), stored_kwh=homes.stored_kwh_max,
    )  # fmt: skip
    assert solved(problem)[0] == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("market", "cents", "delivered_kwh"),
    [
        (LIFTED, 0.0, 1.9),
        (LIFTED | {"loss_fraction": 0.1}, 4.0, 1.8),
        (LIFTED | {"fee_cents_per_kwh": 10.0}, 19.0, 1.9),
        # Above 40 - 5 / 0.95 cents of fee nobody gains from trading.
        (LIFTED | {"fee_cents_per_kwh": 35.0}, 66.0, 0.0),
        # The order limit binds the seller at 1 kWh injected, and then the buyer.
        ({"order_max_kwh": 1.0}, 0.95 * 40.0 - 5.0, 0.95),
        ({"sold_per_day_max_kwh": 1.5}, (1.9 - 1.425) * 40.0 - 0.5 * 5.0, 1.425),
        # None of the rules that only say who trades at what price changes the bound.
        (
            LIFTED | {"margin_fraction": 0.5, "trade_min_kwh": 9.0, "fixed_cost_cents": 99.0},
            0.0,
            1.9,
        ),
        (LIFTED | {"price_min_cents_per_kwh": 60.0}, 0.0, 1.9),
    ],
)
def test_one_trade_on_paper(
    fleet: Make, market: dict[str, object], cents: float, delivered_kwh: float, problem_of: Make
) -> None:
    """Home 1 has 2 kWh of sun to spare, home 2 needs 1.9 kWh; the grid asks 40 and pays 5."""
    homes = fleet(2, kind="none")
    found, flows = solved(problem_of(homes, [[0.0, 1.9]], [[2.0, 0.0]], [40.0], market=market))
    assert found == pytest.approx(cents, abs=1e-9)
    np.testing.assert_allclose(flows.p2p_in_kwh, [[0.0, delivered_kwh]], atol=1e-9)
    kept = 1.0 - MarketConfig.model_validate(market).loss_fraction
    np.testing.assert_allclose(flows.p2p_out_kwh, [[delivered_kwh / kept, 0.0]], atol=1e-9)


def test_without_trade_everybody_is_on_their_own(fleet: Make, problem_of: Make) -> None:
    homes = fleet(2, kind="none")
    cents, flows = solved(problem_of(homes, [[0.0, 1.9]], [[2.0, 0.0]], [40.0]))
    assert cents == pytest.approx(1.9 * 40.0 - 2.0 * 5.0)
    assert not flows.p2p_in_kwh.any()


def test_the_order_limit_binds_a_buyer_too(fleet: Make, problem_of: Make) -> None:
    """Two sellers could deliver 1.9 kWh; the buyer may take 1."""
    homes = fleet(3, kind="none")
    market = {"order_max_kwh": 1.0}
    cents, flows = solved(
        problem_of(homes, [[0.0, 0.0, 3.0]], [[1.0, 1.0, 0.0]], [40.0], market=market)
    )
    assert flows.p2p_in_kwh.max() == pytest.approx(1.0)
    assert cents == pytest.approx(2.0 * 40.0 - (2.0 - 1.0 / 0.95) * 5.0)


def test_the_day_limit_counts_local_days(fleet: Make, problem_of: Make) -> None:
    """1.5 kWh to spare in each of three steps, 2 kWh a day may be sold; the third is tomorrow."""
    homes = fleet(2, kind="none")
    load = [[0.0, 1.425]] * 3
    market = {"sold_per_day_max_kwh": 2.0}
    problem = problem_of(homes, load, [[1.5, 0.0]] * 3, [40.0] * 3, market=market)
    cents, flows = solved(replace(problem, day=np.array([7, 7, 8])))
    assert flows.p2p_out_kwh[:2].sum() == pytest.approx(2.0)
    assert flows.p2p_out_kwh[2, 0] == pytest.approx(1.5)
    assert cents == pytest.approx(0.95 * 40.0 - 1.0 * 5.0)
    assert solved(problem)[0] == pytest.approx((3 * 1.425 - 1.9) * 40.0 - 2.5 * 5.0)


def test_one_cable_carries_grid_and_trade(fleet: Make, problem_of: Make) -> None:
    """Home 1 spares 9 kWh and lets 4 out; home 2 needs 12 and lets 10 in."""
    homes = fleet(2, kind="none")
    problem = problem_of(homes, [[0.0, 12.0]], [[9.0, 0.0]], [40.0], market=LIFTED)
    cents, flows = solved(problem)
    assert flows.p2p_out_kwh[0, 0] + flows.export_kwh[0, 0] == pytest.approx(4.0)
    assert flows.p2p_in_kwh[0, 1] + flows.import_kwh[0, 1] == pytest.approx(10.0)
    assert flows.unserved_kwh[0, 1] == pytest.approx(2.0)
    assert flows.curtailed_kwh[0, 0] == pytest.approx(5.0)
    assert cents == pytest.approx((10.0 - 3.8) * 40.0)  # nobody is billed for what is not served


def test_homes_share_what_the_grid_carries(fleet: Make, problem_of: Make) -> None:
    """Both need 1 kWh in the second step, when all of them may import 1.5; before, 0.5."""
    load = [[0.0, 0.0], [1.0, 1.0]]
    caps = np.array([0.5, 1.5])
    problem = problem_of(fleet(2, kind="none"), load, np.zeros((2, 2)), [40.0, 40.0])
    cents, flows = solved(replace(problem, import_cap_kwh=caps))
    np.testing.assert_allclose(flows.import_kwh.sum(axis=1), [0.0, 1.5], atol=1e-9)
    assert flows.unserved_kwh.sum() == pytest.approx(0.5)
    assert cents == pytest.approx(60.0)
    # A battery that is filled before, 0.5 kWh, serves 0.45 of the 0.5.
    problem = problem_of(fleet(2), load, np.zeros((2, 2)), [40.0, 40.0])
    cents, flows = solved(replace(problem, import_cap_kwh=caps))
    assert flows.unserved_kwh.sum() == pytest.approx(0.5 - 0.5 * ROUND_TRIP)
    assert cents == pytest.approx(80.0)


def test_what_the_grid_does_not_take_is_curtailed(fleet: Make, problem_of: Make) -> None:
    homes = fleet(2, kind="none")
    problem = problem_of(homes, np.zeros((1, 2)), [[2.0, 1.0]], [40.0])
    cents, flows = solved(replace(problem, export_cap_kwh=np.array([1.0])))
    assert cents == pytest.approx(-5.0)
    assert flows.curtailed_kwh.sum() == pytest.approx(2.0)


def test_imports_within_the_allowance_are_credited(
    fleet: Make, problem_of: Make, credited: Make
) -> None:
    """June gives 1 kWh of the 1.5 imported, July 2 kWh of the 0.75."""
    problem = problem_of(
        fleet(1, kind="none"), [[1.0], [0.5], [0.75]], np.zeros((3, 1)), [40.0] * 3
    )
    problem = credited(problem, cents=[8.0] * 3, allowance_kwh=[0.4, 0.6, 2.0], period=[5, 5, 6])
    assert solved(problem)[0] == pytest.approx(2.25 * 40.0 - (1.0 + 0.75) * 8.0)


def test_a_credit_that_changes_within_a_period_is_taken_where_it_is_highest(
    fleet: Make, problem_of: Make, credited: Make
) -> None:
    """The bill credits imports as they come, 1 kWh at 2 cents; the bound takes 1 kWh at 8."""
    problem = problem_of(fleet(1, kind="none"), [[1.0], [1.0]], np.zeros((2, 1)), [40.0] * 2)
    problem = credited(problem, cents=[2.0, 8.0], allowance_kwh=[0.5, 0.5], period=[5, 5])
    assert solved(problem)[0] == pytest.approx(80.0 - 8.0)


def test_knowing_the_credit_a_home_buys_from_the_grid_rather_than_its_neighbour(
    fleet: Make, problem_of: Make, credited: Make
) -> None:
    """A kWh sold spares its buyer 0.95 (30 - 8) cents and its seller forgoes 21: no trade then."""
    homes = fleet(2, kind="none")
    problem = problem_of(homes, [[0.0, 0.95]], [[1.0, 0.0]], [30.0], 21.0, market=LIFTED)
    assert solved(problem)[0] == pytest.approx(0.0, abs=1e-9)
    problem = credited(problem, cents=[8.0], allowance_kwh=[5.0], period=[5])
    cents, flows = solved(problem)
    assert not flows.p2p_in_kwh.any()
    assert cents == pytest.approx(0.95 * 22.0 - 21.0)


@pytest.mark.parametrize(
    ("buy", "sell", "lived_cents", "cents"),
    [
        (40.0, 60.0, 40.0, 5 * 40.0 - 4 * 60.0),
        (-10.0, 5.0, -10.0, -5 * 10.0 - 4 * 5.0),
        (-10.0, -20.0, -10.0, -10.0),
    ],
)
def test_prices_out_of_order_loosen_the_bound(
    fleet: Make, buy: float, sell: float, lived_cents: float, cents: float, problem_of: Make
) -> None:
    """A home imports or exports; the program does both where that pays, up to the cable."""
    problem = problem_of(fleet(1, kind="none"), [[1.0]], [[0.0]], [buy], sell)
    assert solved(problem)[0] == pytest.approx(cents)
    assert cents <= lived_cents


def test_a_home_alone_is_a_row_of_the_community(fleet: Make, problem_of: Make) -> None:
    rng = np.random.default_rng(4)
    homes = fleet(3)
    problem = problem_of(
        homes, rng.gamma(2.0, 0.4, (8, 3)), rng.gamma(1.0, 0.5, (8, 3)), [40.0] * 8
    )
    alone = [solved(problem.home(row))[0] for row in range(3)]
    assert sum(alone) == pytest.approx(solved(problem)[0])


def composed(*futures: tuple[float, CommunityProblem], tied: bool = False) -> float:
    """Cost [cents] of weighted futures in one program; all may have to start as the first."""
    program = LinearProgram()
    flows = [compose(problem, program, weight) for weight, problem in futures]
    if tied:
        starts = [np.stack((each.charge[0], each.discharge[0])) for each in flows]
        for start in starts[1:]:
            same = program.rows(np.zeros(start.shape), 0.0)
            program.put(same, starts[0], 1.0)
            program.put(same, start, -1.0)
    outcome = program.solve(60.0, lambda: None)
    assert outcome.status == "optimal"
    return outcome.cost


def test_every_cost_of_a_future_counts_by_its_weight(
    fleet: Make, problem_of: Make, credited: Make
) -> None:
    """Cables that leave 2 kWh unserved, and a fee; imports with a credit; sun and store."""
    market = LIFTED | {"fee_cents_per_kwh": 1.0}
    short = problem_of(fleet(2, kind="none"), [[0.0, 12.0]], [[9.0, 0.0]], [40.0], market=market)
    billed = problem_of(fleet(1, kind="none"), [[1.0], [0.5]], np.zeros((2, 1)), [40.0] * 2)
    billed = credited(billed, cents=[8.0] * 2, allowance_kwh=[0.4, 0.6], period=[5, 5])
    homes = fleet(1)
    worth = np.array([30.0])
    sunny = problem_of(homes, [[0.0]], [[3.5]], [40.0], stored_value_cents_per_kwh=worth)
    stored_kwh = homes.stored_kwh_min[0] + 2.5 * np.sqrt(ROUND_TRIP)
    cents = (
        6.2 * 40.0 + 3.8 * 1.0 + 2.0 * 1000.0,
        1.5 * 40.0 - 1.0 * 8.0,
        -1.0 * 5.0 - stored_kwh * 30.0,
    )
    expected = 0.2 * cents[0] + 0.3 * cents[1] + 0.5 * cents[2]
    assert composed((0.2, short), (0.3, billed), (0.5, sunny)) == pytest.approx(expected)


def test_futures_that_share_their_first_step_decide_it_once(fleet: Make, problem_of: Make) -> None:
    """In one future of two the energy is needed at 50 cents, in the other it is sold at 5."""
    needed, sold = (
        problem_of(fleet(1), [[0.0], [load_kwh]], np.zeros((2, 1)), [20.0, 50.0])
        for load_kwh in (1.0, 0.0)
    )
    apart = composed((0.5, needed), (0.5, sold))
    assert apart == pytest.approx(0.5 * 20.0 / ROUND_TRIP)
    together = composed((0.5, needed), (0.5, sold), tied=True)
    assert together == pytest.approx(20.0 / ROUND_TRIP - 0.5 * 5.0)


def test_what_has_no_solution_is_told_rather_than_raised(fleet: Make, problem_of: Make) -> None:
    homes = fleet(1)
    problem = problem_of(homes, [[1.0]], [[0.0]], [40.0], stored_kwh=homes.stored_kwh_max + 99.0)
    plan = solve(problem, 60.0)
    assert (plan.status, plan.reason, plan.flows) == ("failed", "Infeasible", None)
    assert np.isnan(plan.cents)
