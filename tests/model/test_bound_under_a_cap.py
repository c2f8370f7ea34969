"""The bound under a cap of the grid: it keeps it, it costs more, and no capped arm does better."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.config import BoundConfig
from agents.deciding import STRATEGIES
from agents.planning import UNSERVED_CENTS_PER_KWH
from model import metrics
from model.bound import BoundResult, bound, problem_of
from model.clock import clock_of
from model.setup import Setup
from profiles.grid_capacity import GridCapacity
from profiles.profiles import Profiles

Make = Callable[..., Any]
STEPS = 48
TINY = 1e-6
NO_MARKET = {"mechanism": "none"}


def best(setup: Setup) -> BoundResult:
    """Compute a bound that must be there."""
    found = bound(setup, BoundConfig())
    assert (found.status, found.reason) == ("optimal", "")
    return found


def with_unserved_usd(found: BoundResult) -> float:
    """Cost of a bound and of the load that it leaves unserved [USD]."""
    assert found.cost_usd is not None
    assert found.unserved_kwh is not None
    return found.cost_usd + found.unserved_kwh * UNSERVED_CENTS_PER_KWH / 100.0


@settings(max_examples=6)
@given(data=st.data())
def test_no_capped_arm_costs_less_than_its_capped_bound(
    synthetic_homes: Make, setup_of: Make, lived: Make, data: st.DataObject
) -> None:
    """Load that goes unserved is counted; so is what the grid could not take."""
    homes = synthetic_homes(seed=data.draw(st.integers(0, 2**16)))
    capacity = GridCapacity.constant(
        data.draw(st.sampled_from([0.0, 1.5, 2.5, 6.0])),
        data.draw(st.sampled_from([0.0, 1.0, 100.0])),
        STEPS,
    )
    knobs: dict[str, Any] = {
        "forecast": {"samples_count": 2, "horizon_hours": 12},
        "battery": {"capacity_kwh": data.draw(st.sampled_from([3.0, 13.5]))},
        "capacity": capacity,
    }
    rules = {"loss_fraction": data.draw(st.sampled_from([0.0, 0.05]))}
    alone = best(setup_of(homes, market=NO_MARKET, **knobs))
    together = best(setup_of(homes, market=rules, **knobs))
    assert with_unserved_usd(together) <= with_unserved_usd(alone) + TINY
    for found in (alone, together):
        assert found.step_import_kwh is not None
        assert (found.step_import_kwh <= capacity.import_capacity_kw / 2 + TINY).all()
    for name in STRATEGIES:
        for market, found in ((NO_MARKET, alone), (rules, together)):
            results = lived(setup_of(homes, name, market=market, **knobs)).results()
            dark_kwh = float(results.home_sums("unserved_kwh").sum())
            dark_usd = dark_kwh * UNSERVED_CENTS_PER_KWH / 100.0
            assert with_unserved_usd(found) <= metrics.cost_usd(results) + dark_usd + TINY, name


def test_the_program_is_told_the_capacity_of_every_step_of_the_run(
    three_homes: Profiles, setup_of: Make
) -> None:
    """And of none beyond: mean power of a half hour becomes energy, and days repeat."""
    kw = np.arange(float(STEPS))
    setup = setup_of(three_homes, days=2, capacity=GridCapacity(kw, 2.0 * kw))
    span = setup.first_step, setup.steps_count
    clock = clock_of(setup.profiles, span, 24, setup.tariff, setup.capacity)
    problem = problem_of(setup, clock)
    assert problem.import_cap_kwh is not None
    assert problem.export_cap_kwh is not None
    np.testing.assert_array_equal(problem.import_cap_kwh, np.tile(kw / 2, 2))
    np.testing.assert_array_equal(problem.export_cap_kwh, np.tile(kw, 2))
    free = problem_of(replace(setup, capacity=None), replace(clock, capacity_kwh=None))
    assert not free.tied


def test_a_tighter_cap_costs_more_until_nothing_comes_in(
    three_homes: Profiles, setup_of: Make
) -> None:
    """Without imports the load is what sun and batteries serve, and the rest stays dark."""
    costs = []
    for kw in (1000.0, 1.5, 1.0, 0.0):
        cap = GridCapacity.constant(kw, 1000.0, STEPS)
        found = best(setup_of(three_homes, capacity=cap))
        costs.append(with_unserved_usd(found))
        assert (found.peak_import_kw or 0.0) <= kw + TINY
    assert found.import_kwh == pytest.approx(0.0, abs=TINY)
    assert (found.unserved_kwh or 0.0) > 1.0
    free = best(setup_of(three_homes))
    assert costs[0] == pytest.approx(with_unserved_usd(free), abs=1e-9)
    assert (np.diff(costs) > 0.01).all()


def test_homes_that_share_a_cap_have_no_bill_of_their_own(
    three_homes: Profiles, setup_of: Make
) -> None:
    """What one takes another cannot: the best of each is decided for all."""
    cap = GridCapacity.constant(1000.0, 1000.0, STEPS)
    free = best(setup_of(three_homes, market=NO_MARKET))
    capped = best(setup_of(three_homes, market=NO_MARKET, capacity=cap))
    assert free.home_costs_usd is not None
    assert capped.home_costs_usd is None
    assert capped.cost_usd == pytest.approx(free.home_costs_usd.sum(), abs=TINY)
