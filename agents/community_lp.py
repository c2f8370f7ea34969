"""The community's whole run as one linear program: the best that is possible.

Everything is known from the start, and one will decides for all homes. Who pays whom within the
community cancels out, so that prices of trades do not appear, nor the rules that only limit them.
``docs/bound.md`` lists the program, what it holds and what it leaves out.

T steps, n homes. Energies are AC kWh per step, prices cents per kWh.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from agents.fleet import Fleet
from agents.linear_program import LinearProgram, Status
from agents.metering import Flows
from agents.planning import UNSERVED_CENTS_PER_KWH
from market.config import MarketConfig
from market.standing import Standing
from profiles.arrays import Booleans, Floats, Integers


@dataclass(frozen=True, slots=True)
class Island:
    """When the main grid is away, and what homes lose that then share what they have."""

    steps: range
    loss_fraction: float  # of what a home gives to others


@dataclass(frozen=True, slots=True, eq=False)
class CommunityProblem:
    """What n homes live through in T steps, all of it known."""

    fleet: Fleet
    stored_kwh: Floats  # (n,) in the cells when the first step begins
    stored_value_cents_per_kwh: Floats  # (n,) what is left in the cells at the end is worth
    load_kwh: Floats  # (T, n)
    pv_kwh: Floats  # (T, n)
    import_cents_per_kwh: Floats  # (T,)
    export_cents_per_kwh: Floats  # (T,)
    day: Integers  # (T,) of the local calendar
    standing: Standing  # for the credit of imports within an allowance
    rules: MarketConfig | None  # of trade; None where nobody trades
    import_cap_kwh: Floats | None = None  # (T,) of all homes together
    export_cap_kwh: Floats | None = None  # (T,) of all homes together
    island: Island | None = None  # where the main grid fails

    @property
    def tied(self) -> bool:
        """Whether the homes share what the grid carries, or what they have without it."""
        caps = self.import_cap_kwh, self.export_cap_kwh
        return self.island is not None or any(cap is not None for cap in caps)

    @property
    def islanded(self) -> Booleans:
        """Whether the main grid is away, by step, shape (T, 1)."""
        steps = range(0) if self.island is None else self.island.steps
        return np.isin(np.arange(self.load_kwh.shape[0]), steps)[:, None]

    @property
    def least_kwh(self) -> Floats:
        """What cells hold at least when a step ends, shape (T, n): the reserve until an outage.

        When it is filled again after one is left open, which can only make the bound cheaper.
        """
        fleet = self.fleet
        kept_kwh = np.minimum(fleet.stored_kwh_min + fleet.reserve_kwh, self.stored_kwh)
        return np.where(np.maximum.accumulate(self.islanded), fleet.stored_kwh_min, kept_kwh)

    def home(self, row: int) -> Self:
        """Return the problem of one home."""
        rows = np.array([row])
        return replace(
            self,
            fleet=self.fleet.rows(rows),
            stored_kwh=self.stored_kwh[rows],
            stored_value_cents_per_kwh=self.stored_value_cents_per_kwh[rows],
            load_kwh=self.load_kwh[:, rows],
            pv_kwh=self.pv_kwh[:, rows],
        )


@dataclass(frozen=True, slots=True, eq=False)
class CommunityPlan:
    """The cheapest run, or why there is none."""

    status: Status
    reason: str  # empty where there is an optimum
    cents: float  # energy, fees, less credits, less what is gained in store; nan without
    flows: Flows | None  # of the whole run, shapes (T, n)
    stored_kwh: Floats  # (T, n) when each step ends; empty without


def solve(
    problem: CommunityProblem, time_limit_s: float, alive: Callable[[], None] = lambda: None
) -> CommunityPlan:
    """Find the cheapest run.

    Parameters
    ----------
    problem : CommunityProblem
        Homes, meters, prices, rules.
    time_limit_s : float
        Wall clock time that the solver may take [s].
    alive : callable
        Called now and then while the solver works.

    Returns
    -------
    CommunityPlan
        Its cost leaves out standing charges, which nobody decides, and the penalty for unserved
        load, for which nobody is billed.
    """
    program = LinearProgram()
    flows = compose(problem, program)
    outcome = program.solve(time_limit_s, alive)
    if outcome.status != "optimal":
        return CommunityPlan(outcome.status, outcome.reason, outcome.cost, None, np.empty((0, 0)))
    found, stored_kwh = flows.read(problem, outcome.values)
    held_cents = float(problem.stored_value_cents_per_kwh @ problem.stored_kwh)
    unserved_cents = UNSERVED_CENTS_PER_KWH * float(found.unserved_kwh.sum())
    cents = outcome.cost + held_cents - unserved_cents
    return CommunityPlan("optimal", "", cents, found, stored_kwh)


class FlowColumns:
    """The flows of all homes and steps as columns of a program, with their cost and their limits.

    Curtailed and unserved energy have columns only where there can be any: where there is PV, and
    where a home's connection, or a cap, cannot carry its load.
    """

    def __init__(self, problem: CommunityProblem, program: LinearProgram, weight: float) -> None:
        fleet, rules = problem.fleet, problem.rules
        buy, sell = (
            weight * price[:, None]
            for price in (problem.import_cents_per_kwh, problem.export_cents_per_kwh)
        )
        nothing = np.zeros(problem.load_kwh.shape)
        worth = nothing.copy()
        worth[-1] = weight * problem.stored_value_cents_per_kwh
        self.stored = program.columns(-worth, problem.least_kwh, fleet.stored_kwh_max)
        self.charge = program.columns(nothing, 0.0, fleet.power_kwh_max)
        self.discharge = program.columns(nothing, 0.0, fleet.power_kwh_max)
        away = problem.islanded
        self.bought = program.columns(buy, nothing, np.where(away, 0.0, fleet.import_kwh_max))
        self.sold = program.columns(-sell, nothing, np.where(away, 0.0, fleet.export_kwh_max))
        self.p2p_in = self.p2p_out = np.empty((0, 0), np.int64)
        if rules is not None or problem.island is not None:
            most_kwh = 0.0 if rules is None else rules.order_max_kwh
            most = np.where(away, np.inf, np.inf if most_kwh is None else most_kwh)
            most_in, most_out = (
                np.minimum(most, limit) for limit in (fleet.import_kwh_max, fleet.export_kwh_max)
            )
            fee = 0.0 if rules is None else rules.fee_cents_per_kwh
            self.p2p_in = program.columns(weight * fee, nothing, most_in)
            self.p2p_out = program.columns(0.0, nothing, most_out)
        self.sunny = np.nonzero(problem.pv_kwh > 0.0)
        self.curtailed = program.columns(0.0, 0.0, problem.pv_kwh[self.sunny])
        scarce = problem.load_kwh > fleet.import_kwh_max
        if problem.import_cap_kwh is not None or problem.island is not None:
            scarce = problem.load_kwh > 0.0
        self.scarce = np.nonzero(scarce)
        load_kwh = problem.load_kwh[self.scarce]
        self.unserved = program.columns(weight * UNSERVED_CENTS_PER_KWH, 0.0, load_kwh)

    def read(self, problem: CommunityProblem, values: Floats) -> tuple[Flows, Floats]:
        """Return flows and stored energy, shapes (T, n) [kWh]; rounding below 0 is taken off."""
        values = np.maximum(values, 0.0)
        curtailed_kwh, unserved_kwh = np.zeros_like(problem.pv_kwh), np.zeros_like(problem.pv_kwh)
        curtailed_kwh[self.sunny] = values[self.curtailed]
        unserved_kwh[self.scarce] = values[self.unserved]
        nothing = np.zeros_like(problem.pv_kwh)
        flows = Flows(
            load_kwh=problem.load_kwh,
            pv_kwh=problem.pv_kwh,
            import_kwh=values[self.bought],
            export_kwh=values[self.sold],
            p2p_in_kwh=values[self.p2p_in] if self.p2p_in.size else nothing,
            p2p_out_kwh=values[self.p2p_out] if self.p2p_out.size else nothing,
            charge_kwh=values[self.charge],
            discharge_kwh=values[self.discharge],
            curtailed_kwh=curtailed_kwh,
            unserved_kwh=unserved_kwh,
        )
        return flows, values[self.stored]


def compose(problem: CommunityProblem, program: LinearProgram, weight: float = 1.0) -> FlowColumns:
    """Add a run to a program, which may hold others and get rows that tie them.

    Parameters
    ----------
    problem : CommunityProblem
        Homes, meters, prices, rules.
    program : LinearProgram
        Gets the columns and the rows of the run.
    weight : float
        How much its cost counts [1]: the probability of a future that is one of several.

    Returns
    -------
    FlowColumns
        Where the program holds the flows.
    """
    flows = FlowColumns(problem, program, weight)
    _balance_cells(problem, program, flows)
    _balance_homes(problem, program, flows)
    _share_caps(problem, program, flows)
    if problem.standing.has_credit:
        _credit_imports(problem, program, flows, weight)
    if flows.p2p_in.size:
        _share(problem, program, flows)
    return flows


def _balance_cells(problem: CommunityProblem, program: LinearProgram, flows: FlowColumns) -> None:
    """Hold that what is stored follows what flows."""
    before_kwh = np.zeros(problem.load_kwh.shape)
    before_kwh[0] = problem.stored_kwh
    cell = program.rows(before_kwh, before_kwh)
    program.put(cell, flows.stored, 1.0)
    program.put(cell[1:], flows.stored[:-1], -1.0)
    program.put(cell, flows.charge, -problem.fleet.charge_efficiency_fraction)
    program.put(cell, flows.discharge, 1.0 / problem.fleet.discharge_efficiency_fraction)


def _balance_homes(problem: CommunityProblem, program: LinearProgram, flows: FlowColumns) -> None:
    """Hold that sources equal sinks in every home and step."""
    net_kwh = problem.load_kwh - problem.pv_kwh
    home = program.rows(net_kwh, net_kwh)
    for sources in (flows.bought, flows.discharge):
        program.put(home, sources, 1.0)
    for sinks in (flows.sold, flows.charge):
        program.put(home, sinks, -1.0)
    program.put(home[flows.sunny], flows.curtailed, -1.0)
    program.put(home[flows.scarce], flows.unserved, 1.0)
    if flows.p2p_in.size:
        program.put(home, flows.p2p_in, 1.0)
        program.put(home, flows.p2p_out, -1.0)


def _share_caps(problem: CommunityProblem, program: LinearProgram, flows: FlowColumns) -> None:
    """Hold that all homes together keep to what the grid carries."""
    for cap_kwh, columns in (
        (problem.import_cap_kwh, flows.bought),
        (problem.export_cap_kwh, flows.sold),
    ):
        if cap_kwh is not None:
            program.put(program.rows(-np.inf, cap_kwh)[:, None], columns, 1.0)


def _credit_imports(
    problem: CommunityProblem, program: LinearProgram, flows: FlowColumns, weight: float
) -> None:
    """Credit imports of a billing period within the allowance, as ``market/standing.py`` does.

    Where the credit per kWh changes within a period, imports may be credited in the best order
    rather than in that of time: the bound stays one.
    """
    terms, homes_count = problem.standing, problem.fleet.homes_count
    period = np.cumsum(terms.opens)
    keys = np.stack((period, terms.baseline_cents_per_kwh))
    (periods, rates), of_step = np.unique(keys, axis=1, return_inverse=True)
    nothing = np.zeros((rates.size, homes_count))
    credited = program.columns(-weight * rates[:, None], nothing, np.inf)  # (rates, n)
    imported = program.rows(nothing - np.inf, 0.0)  # credited is at most what is imported
    program.put(imported, credited, 1.0)
    program.put(imported[of_step], flows.bought, -1.0)
    allowance_kwh = terms.allowance_kwh[terms.opens][:, None]  # (periods, 1)
    allowed = program.rows(-np.inf, np.repeat(allowance_kwh, homes_count, axis=1))
    program.put(allowed[periods.astype(np.int64) - 1], credited, 1.0)


def _share(problem: CommunityProblem, program: LinearProgram, flows: FlowColumns) -> None:
    """Hold what the homes share: energy less the loss, their cables, the day's limit on sales."""
    fleet, rules, island = problem.fleet, problem.rules, problem.island
    loss_fraction = island.loss_fraction if island else rules.loss_fraction if rules else 0.0
    shared = program.rows(np.zeros(problem.load_kwh.shape[0]), 0.0)[:, None]
    program.put(shared, flows.p2p_in, 1.0)
    program.put(shared, flows.p2p_out, loss_fraction - 1.0)
    # More than load, charging and what goes out again never comes in.
    most_kwh = problem.load_kwh + fleet.power_kwh_max + fleet.export_kwh_max
    tight = np.nonzero(most_kwh > fleet.import_kwh_max)
    into = program.rows(-np.inf, fleet.import_kwh_max[tight[1]])
    program.put(into, flows.bought[tight], 1.0)
    program.put(into, flows.p2p_in[tight], 1.0)
    out = program.rows(-np.inf, np.broadcast_to(fleet.export_kwh_max, problem.load_kwh.shape))
    program.put(out, flows.sold, 1.0)
    program.put(out, flows.p2p_out, 1.0)
    if rules is not None and rules.sold_per_day_max_kwh is not None:
        days, of_step = np.unique(problem.day, return_inverse=True)
        nothing = np.zeros((days.size, fleet.homes_count))
        daily = program.rows(nothing - np.inf, rules.sold_per_day_max_kwh)
        sales = np.flatnonzero(~problem.islanded)  # what is given in an outage is none
        program.put(daily[of_step[sales]], flows.p2p_out[sales], 1.0)
