"""The best that was possible: what a community pays if it knows the whole run beforehand.

``bound`` is the cheapest run of all homes together, under the rules of trade; ``own_bound`` that of
each home alone. Both are one linear program (``agents/community_lp.py``), solved rather than lived.
T steps, n homes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import fsum
from time import monotonic
from typing import Literal

import numpy as np

from agents import community_lp
from agents.community_lp import CommunityPlan, CommunityProblem, Island
from agents.config import BoundConfig
from agents.linear_program import Status
from agents.metering import Flows
from model.clock import Clock, clock_of, standing_of, stored_value_cents_per_kwh
from model.metrics import MICROCENTS_PER_USD, in_outage
from model.setup import Setup
from profiles.arrays import Floats

CENT_USD = 0.01
"""Where less is to be had, no share of it is told."""


@dataclass(frozen=True, slots=True)
class BoundResult:
    """What is known of one bound; without an optimum every figure is None."""

    status: Status | Literal["not computed"]
    reason: str  # in words, where there is no optimum
    cost_usd: float | None = None  # as ``metrics.cost_usd`` counts the cost of an arm
    home_costs_usd: Floats | None = None  # (n,) where every home is on its own
    import_kwh: float | None = None
    export_kwh: float | None = None
    p2p_kwh: float | None = None  # delivered
    curtailed_kwh: float | None = None
    unserved_kwh: float | None = None
    outage: dict[str, float] | None = None  # as ``metrics.outage`` tells of an arm
    peak_import_kw: float | None = None  # of the community
    peak_window_import_kwh: float | None = None
    step_import_kwh: Floats | None = None  # (T,) of the community


def bound(
    setup: Setup,
    config: BoundConfig,
    *,
    asked: bool = False,
    alive: Callable[[], None] = lambda: None,
) -> BoundResult:
    """Compute the best that was possible in a run.

    Parameters
    ----------
    setup : Setup
        Homes, span, tariff and rules; whether there is a market says whether homes trade. Strategy,
        forecast and seed do not matter.
    config : BoundConfig
        How large a run may be, how long the solver may take.
    asked : bool
        Whether to compute it whatever the size.
    alive : callable
        Called now and then while the solver works.
    """
    home_days = setup.fleet.homes_count * setup.steps_count / setup.profiles.steps_per_day
    if home_days > config.home_days_max and not asked:
        return BoundResult(
            "not computed",
            f"{home_days:.0f} homes x days, and more than {config.home_days_max} are computed only "
            f"where the arm is named",
        )
    span = setup.first_step, setup.steps_count
    ahead_steps = setup.forecast.horizon_steps(setup.profiles.step_minutes)
    clock = clock_of(setup.profiles, span, ahead_steps, setup.tariff, setup.capacity)
    problem = problem_of(setup, clock)
    together = problem.rules is not None or problem.tied
    alone = [] if together else [problem.home(row) for row in range(setup.fleet.homes_count)]
    plans = _solved(alone or [problem], config.time_limit_s, alive)
    missing = [plan for plan in plans if plan.status != "optimal"]
    if missing:
        status, reason = missing[0].status, missing[0].reason
        if status == "time limit":
            reason = f"no optimum within {config.time_limit_s:g} s"
        return BoundResult(status, reason)
    return _result(setup, clock, plans, by_home=not together)


def problem_of(setup: Setup, clock: Clock) -> CommunityProblem:
    """Collect what the run of ``setup`` brings, from beginning to end."""
    lived = slice(setup.first_step, setup.first_step + setup.steps_count)
    steps, grid = slice(setup.steps_count), clock.grid_prices
    import_cap_kwh, export_cap_kwh = clock.capacity(0, setup.steps_count) or (None, None)
    return CommunityProblem(
        fleet=setup.fleet,
        stored_kwh=setup.state.stored_kwh,
        stored_value_cents_per_kwh=stored_value_cents_per_kwh(clock, setup.tariff, setup.fleet),
        load_kwh=setup.profiles.load_kwh[lived],
        pv_kwh=setup.profiles.pv_kwh[lived],
        import_cents_per_kwh=grid.import_cents_per_kwh[steps],
        export_cents_per_kwh=grid.export_cents_per_kwh[steps],
        day=clock.day[steps],
        standing=standing_of(clock),
        rules=None if setup.rules.mechanism == "none" else setup.rules,
        import_cap_kwh=import_cap_kwh,
        export_cap_kwh=export_cap_kwh,
        island=Island(setup.outage, setup.rules.loss_fraction) if setup.outage else None,
    )


def captured_fractions(
    costs_usd: Mapping[str, float], bounds: Mapping[str, BoundResult]
) -> dict[str, float | None]:
    """Tell how much of what is possible ``market`` saves; None where it is not known.

    Parameters
    ----------
    costs_usd : mapping
        Cost of all homes by arm [USD].
    bounds : mapping
        By name; ``bound`` counts.
    """
    best_usd = bounds["bound"].cost_usd if "bound" in bounds else None
    found: dict[str, float | None] = {}
    for name, key in (
        ("grid_only", "captured_of_bound_fraction"),
        ("plan_alone", "trading_captured_fraction"),
    ):
        possible_usd = 0.0
        if best_usd is not None and {name, "market"} <= costs_usd.keys():
            possible_usd = costs_usd[name] - best_usd
        saved = possible_usd > CENT_USD
        found[key] = (costs_usd[name] - costs_usd["market"]) / possible_usd if saved else None
    return found


def _solved(
    problems: list[CommunityProblem], time_limit_s: float, alive: Callable[[], None]
) -> list[CommunityPlan]:
    """Solve one after the other until one has no optimum; all share the time."""
    end_s = monotonic() + time_limit_s
    plans: list[CommunityPlan] = []
    for problem in problems:
        plans.append(community_lp.solve(problem, max(end_s - monotonic(), 0.0), alive))
        if plans[-1].status != "optimal":
            break
        alive()
    return plans


def _result(
    setup: Setup, clock: Clock, plans: list[CommunityPlan], *, by_home: bool
) -> BoundResult:
    flows = [plan.flows for plan in plans if plan.flows is not None]
    fixed_microcents = int(standing_of(clock).fixed_charge_microcents.sum())
    homes_count = setup.fleet.homes_count
    fixed_usd = fixed_microcents * homes_count / len(plans) / MICROCENTS_PER_USD
    costs_usd = np.array([plan.cents / 100.0 + fixed_usd for plan in plans])
    step_import_kwh = np.sum([each.import_kwh.sum(axis=1) for each in flows], axis=0)
    peak = clock.grid_prices.peak[: setup.steps_count]
    hours = setup.profiles.step_minutes / 60.0
    return BoundResult(
        status="optimal",
        reason="",
        cost_usd=fsum(costs_usd),
        home_costs_usd=costs_usd if by_home else None,
        import_kwh=float(step_import_kwh.sum()),
        export_kwh=_total(flows, "export_kwh"),
        p2p_kwh=_total(flows, "p2p_in_kwh"),
        curtailed_kwh=_total(flows, "curtailed_kwh"),
        unserved_kwh=_total(flows, "unserved_kwh"),
        outage=_outage(setup, flows),
        peak_import_kw=float(step_import_kwh.max()) / hours,
        peak_window_import_kwh=float(step_import_kwh[peak].sum()),
        step_import_kwh=step_import_kwh,
    )


def _total(flows: list[Flows], name: str) -> float:
    return fsum(float(getattr(each, name).sum()) for each in flows)


def _outage(setup: Setup, flows: list[Flows]) -> dict[str, float] | None:
    if not setup.outage:
        return None
    sums = (
        fsum(float(getattr(each, name)[setup.outage].sum()) for each in flows)
        for name in ("load_kwh", "unserved_kwh", "p2p_in_kwh")
    )
    return in_outage(setup.outage, setup.profiles.step_minutes, *sums)
