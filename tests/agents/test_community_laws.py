"""Laws that the best run of a community keeps, whatever the homes and the rules."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents import battery, metering
from agents.community_lp import CommunityPlan, CommunityProblem, solve
from agents.fleet import FleetState
from agents.metering import Flows
from market.orders import Terms
from market.pairing import pair
from model import checks

Make = Callable[..., Any]


@st.composite
def communities(draw: st.DrawFn, fleet: Make, problem_of: Make, credited: Make) -> CommunityProblem:
    """Make a few homes and steps, prices that are usual less the credit too, and any rules."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    homes_count, steps_count = draw(st.integers(1, 4)), draw(st.integers(1, 12))
    shape = (steps_count, homes_count)
    sell = rng.uniform(0.0, 15.0, steps_count)
    lift = st.sampled_from([None, 0.3, 1.5])
    market = {
        "loss_fraction": draw(st.sampled_from([0.0, 0.05, 0.3])),
        "order_max_kwh": draw(lift),
        "sold_per_day_max_kwh": draw(lift),
        "fee_cents_per_kwh": draw(st.sampled_from([0.0, 4.0])),
    }
    credit_cents = draw(st.sampled_from([0.0, 6.0]))
    homes = fleet(
        homes_count,
        capacity_kwh=draw(st.sampled_from([1.0, 13.5])),
        charge_efficiency_fraction=draw(st.sampled_from([0.8, 0.95, 1.0])),
        import_kw_max=draw(st.sampled_from([2.0, 20.0])),
        export_kw_max=draw(st.sampled_from([0.0, 1.0, 8.0])),
    )
    problem = problem_of(
        homes, rng.gamma(1.5, 0.4, shape), rng.gamma(1.0, 0.8, shape) * (rng.random(shape) < 0.6),
        sell + credit_cents + rng.uniform(0.0, 50.0, steps_count), sell,
        market=draw(st.sampled_from([None, market])),
        stored_value_cents_per_kwh=np.full(homes_count, 20.0),
        day=np.arange(steps_count) // 5,
    )  # fmt: skip
    each = np.ones(steps_count)
    return credited(
        problem, cents=credit_cents * each, allowance_kwh=0.2 * each, period=problem.day
    )


def lived(problem: CommunityProblem, plan: CommunityPlan) -> float:
    """Carry a plan out with the batteries and meters of a run, law by law; its bill in cents."""
    assert plan.flows is not None
    fleet, planned = problem.fleet, plan.flows
    state = FleetState(problem.stored_kwh, np.zeros(fleet.homes_count))
    loss = 0.0 if problem.rules is None else problem.rules.loss_fraction
    fee = 0.0 if problem.rules is None else problem.rules.fee_cents_per_kwh
    cents, imported = 0.0, np.zeros(problem.load_kwh.shape)
    for t, stored_kwh in enumerate(plan.stored_kwh):
        gain = stored_kwh - state.stored_kwh
        wanted = np.where(
            gain > 0.0,
            gain / fleet.charge_efficiency_fraction,
            gain * fleet.discharge_efficiency_fraction,
        )
        moved, after = battery.carry_out(fleet, state, wanted)
        sold, bought = planned.p2p_out_kwh[t], planned.p2p_in_kwh[t]
        delivered = (1.0 - loss) * sold.sum()
        bought = bought * (delivered / bought.sum()) if bought.sum() > 0.0 else bought
        trades = pair(bought, sold, loss, 0.0, np.random.default_rng(0))
        traded = trades.bought_kwh(fleet.homes_count), trades.sold_kwh(fleet.homes_count)
        grid = problem.import_cents_per_kwh[t], problem.export_cents_per_kwh[t]
        metered = problem.load_kwh[t], problem.pv_kwh[t]
        flows = metering.meter(fleet, metered, moved, traded, grid)
        checks.energy(fleet, state, after, flows, trades, Terms(*grid, loss, *grid))
        cents += float(flows.import_kwh.sum() * grid[0] - flows.export_kwh.sum() * grid[1])
        cents += fee * float(traded[0].sum())
        imported[t], state = flows.import_kwh, after
    gained_kwh = state.stored_kwh - problem.stored_kwh
    terms = problem.standing
    for period in np.unique(problem.day):  # one credit and one allowance each
        of_period = problem.day == period
        within = np.minimum(imported[of_period].sum(axis=0), terms.allowance_kwh[of_period][0])
        cents -= float(within.sum()) * terms.baseline_cents_per_kwh[of_period][0]
    return cents - float(gained_kwh @ problem.stored_value_cents_per_kwh)


@settings(max_examples=60)
@given(data=st.data())
def test_a_plan_can_be_lived_at_its_cost(
    fleet: Make, problem_of: Make, credited: Make, data: st.DataObject
) -> None:
    """Under usual prices: nothing flows both ways at once, and every energy law holds."""
    problem = data.draw(communities(fleet, problem_of, credited))
    plan = solve(problem, 60.0)
    assert plan.status == "optimal"
    assert lived(problem, plan) == pytest.approx(plan.cents, abs=1e-5)


@settings(max_examples=60)
@given(data=st.data())
def test_a_plan_keeps_every_law_as_it_stands(
    fleet: Make, problem_of: Make, credited: Make, data: st.DataObject
) -> None:
    """Re-evaluated from the flows, with rules of trade and caps, outside the solver."""
    problem = data.draw(communities(fleet, problem_of, credited))
    share = data.draw(st.sampled_from([0.3, 0.8]))
    peak_kwh = problem.load_kwh.sum(axis=1).max()
    caps = np.full(len(problem.day), share * peak_kwh)
    problem = replace(problem, import_cap_kwh=caps, export_cap_kwh=0.5 * caps)
    plan = solve(problem, 60.0)
    flows, homes, tiny = plan.flows, problem.fleet, 1e-6
    assert flows is not None
    sources = flows.pv_kwh - flows.curtailed_kwh + flows.import_kwh + flows.p2p_in_kwh
    sources = sources + flows.discharge_kwh + flows.unserved_kwh
    sinks = flows.load_kwh + flows.export_kwh + flows.p2p_out_kwh + flows.charge_kwh
    np.testing.assert_allclose(sources, sinks, atol=tiny)
    before = np.vstack((problem.stored_kwh, plan.stored_kwh[:-1]))
    gained = homes.charge_efficiency_fraction * flows.charge_kwh
    gained = gained - flows.discharge_kwh / homes.discharge_efficiency_fraction
    np.testing.assert_allclose(plan.stored_kwh, before + gained, atol=tiny)
    assert (plan.stored_kwh >= homes.stored_kwh_min - tiny).all()
    assert (plan.stored_kwh <= homes.stored_kwh_max + tiny).all()
    assert (np.maximum(flows.charge_kwh, flows.discharge_kwh) <= homes.power_kwh_max + tiny).all()
    assert (flows.import_kwh + flows.p2p_in_kwh <= homes.import_kwh_max + tiny).all()
    assert (flows.export_kwh + flows.p2p_out_kwh <= homes.export_kwh_max + tiny).all()
    assert (flows.curtailed_kwh <= flows.pv_kwh + tiny).all()
    assert (flows.unserved_kwh <= flows.load_kwh + tiny).all()
    assert (flows.import_kwh.sum(axis=1) <= caps + tiny).all()
    assert (flows.export_kwh.sum(axis=1) <= 0.5 * caps + tiny).all()
    assert all((getattr(flows, name) >= 0.0).all() for name in Flows.__slots__)
    _keeps_the_rules(problem, flows, tiny)


def _keeps_the_rules(problem: CommunityProblem, flows: Flows, tiny: float) -> None:
    rules = problem.rules
    if rules is None:
        assert not flows.p2p_in_kwh.any()
        return
    kept = 1.0 - rules.loss_fraction
    np.testing.assert_allclose(
        flows.p2p_in_kwh.sum(axis=1), kept * flows.p2p_out_kwh.sum(axis=1), atol=tiny
    )
    most_kwh = rules.order_max_kwh or np.inf
    assert max(flows.p2p_in_kwh.max(), flows.p2p_out_kwh.max()) <= most_kwh + tiny
    for day in np.unique(problem.day):
        sold = flows.p2p_out_kwh[problem.day == day].sum(axis=0)
        assert (sold <= (rules.sold_per_day_max_kwh or np.inf) + tiny).all()
