"""The community's program without the main grid, and with a reserve; cases on paper."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from agents.community_lp import Island, solve

Make = Callable[..., Any]


def test_without_the_grid_homes_share_over_the_lines_whatever_the_rules(
    fleet: Make, problem_of: Make
) -> None:
    """Home 1 spares 2 kWh, 1.6 of which arrive; what is left then goes dark."""
    homes = fleet(2, kind="none")
    load, pv = [[0.0, 2.0], [0.0, 2.0]], [[2.0, 0.0], [2.0, 0.0]]
    for market in (None, {"order_max_kwh": 0.1, "sold_per_day_max_kwh": 0.1}):
        known = problem_of(
            homes, load, pv, [30.0, 30.0], market=market, island=Island(range(1), 0.2)
        )
        plan = solve(known, 10.0)
        assert plan.flows is not None
        assert plan.flows.p2p_in_kwh[0] == pytest.approx([0.0, 1.6])
        assert plan.flows.unserved_kwh == pytest.approx(np.array([[0.0, 0.4], [0.0, 0.0]]))
        assert not plan.flows.import_kwh[0].any()
        assert not plan.flows.export_kwh[0].any()
        assert plan.flows.p2p_in_kwh[1].sum() == pytest.approx(0.08 if market else 0.0)


def test_a_reserve_is_kept_until_an_outage_and_free_from_then_on(
    fleet: Make, problem_of: Make
) -> None:
    homes = fleet(1, capacity_kwh=10.0, reserve_fraction=0.2)
    known = problem_of(
        homes, [[1.0]] * 3, [[0.0]] * 3, [30.0] * 3, stored_kwh=np.array([3.0]),
        island=Island(range(1, 2), 0.05),
    )  # fmt: skip
    assert known.least_kwh.tolist() == [[3.0], [1.0], [1.0]]
    plan = solve(known, 10.0)
    assert plan.flows is not None
    assert plan.flows.import_kwh[0] == pytest.approx([1.0])
    assert plan.flows.unserved_kwh.sum() == pytest.approx(0.0)
    free = replace(known, island=None)
    assert free.least_kwh.tolist() == [[3.0]] * 3
