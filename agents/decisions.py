"""What a strategy is shown, what it decides, and how decisions are carried out.

n homes, H steps ahead.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from agents import curves, nonconvex, planning, threads, worth
from agents.curves import Curves
from agents.fleet import Fleet, FleetState
from agents.memory import Memory
from agents.near import Near
from agents.prices import Prices
from forecasting.forecast import Samples
from profiles.arrays import Floats, Integers


@dataclass(frozen=True, slots=True)
class Situation:
    """All that n homes know when a step is decided. The step's own meters have been read."""

    fleet: Fleet
    state: FleetState
    load_kwh: Floats  # (n,) this step
    pv_kwh: Floats  # (n,) this step
    peak: bool  # whether the grid wants this step relieved
    cheap: bool  # whether it has energy to spare: the cheapest hours of the day
    prices: Prices
    near: Near  # the next three hours, the step included
    samples: Samples | None  # where the strategy plans
    memory: Memory | None  # likewise

    @property
    def held_kwh(self) -> Floats:
        """Energy above the lower charge limit, shape (n,) [kWh]."""
        return self.state.stored_kwh - self.fleet.stored_kwh_min

    def rows(self, rows: Integers) -> Self:
        """Return the situation of some homes only."""
        samples = self.samples
        if samples is not None:
            load_kwh, pv_kwh = samples.load_kwh[rows], samples.pv_kwh[rows]
            samples = replace(samples, load_kwh=load_kwh, pv_kwh=pv_kwh)
        state = FleetState(self.state.stored_kwh[rows], self.state.throughput_kwh[rows])
        return replace(
            self,
            fleet=self.fleet.rows(rows),
            state=state,
            load_kwh=self.load_kwh[rows],
            pv_kwh=self.pv_kwh[rows],
            near=self.near.rows(rows),
            samples=samples,
            memory=None if self.memory is None else self.memory.rows(rows),
        )


@dataclass(frozen=True, slots=True)
class Decisions:
    """What n homes want of their batteries.

    A home with segments in ``curves`` leaves its battery free: it moves as market and grid make
    it worth while. A home without follows ``battery_kwh`` whatever the market brings.
    """

    battery_kwh: Floats  # (n,) AC set-point, positive charges; 0 where the battery is free
    curves: Curves  # value of energy held after this step
    benefit_cents: Floats | None = None  # (n, K + 2) of it, where homes plan on a grid


def planned(situation: Situation, prices: Prices) -> Decisions:
    """Value stored energy by weighing the futures that are possible.

    Where a price is negative, or exporting pays more than importing, it is `planned_exactly`.
    """
    fleet, samples, memory = situation.fleet, situation.samples, situation.memory
    if samples is None or memory is None:
        raise ValueError("samples: a planning strategy needs them")
    if nonconvex.needed(prices.pairs(samples.weights)):
        return planned_exactly(situation, prices)
    limits, homes_count = fleet.limits, fleet.homes_count
    quotes, weights = prices.quotes(samples.weights.size), samples.weights
    quota, today, depth = memory.limits

    def on_grid(rows: slice) -> Floats:
        after, _ = worth.benefits_after(
            samples.load_kwh[rows] - samples.pv_kwh[rows], quotes, quota[rows], today, depth,
            limits[rows], memory.recourse_fraction, weights, memory.end_benefit_cents[rows],
            False,
        )  # fmt: skip
        return after

    benefit_cents = np.concatenate(threads.over_homes(on_grid, homes_count))
    usable_kwh = fleet.stored_kwh_max - fleet.stored_kwh_min
    found = curves.of_benefits(benefit_cents, usable_kwh)
    return Decisions(np.zeros(homes_count), found, benefit_cents)


def planned_exactly(situation: Situation, prices: Prices) -> Decisions:
    """Value stored energy by planning each future exactly, under mean prices, and averaging.

    What a home will have learned by then, how deep the market is and what energy came to be worth
    at the end of a horizon are left out.
    """
    fleet, samples = situation.fleet, situation.samples
    if samples is None:
        raise ValueError("samples: a planning strategy needs them")
    pairs, limits = prices.pairs(samples.weights), fleet.limits
    kernels = nonconvex if nonconvex.needed(pairs) else planning
    terminal = prices.lowest_tariff_cents_per_kwh * fleet.discharge_efficiency_fraction

    def exactly(rows: slice) -> Curves:
        offset, value, width = kernels.value_segments(
            samples.load_kwh[rows], samples.pv_kwh[rows], pairs, limits[rows], terminal[rows]
        )
        return curves.mean(offset, value, width, samples.weights.size)

    found = curves.joined(threads.over_homes(exactly, fleet.homes_count))
    return Decisions(np.zeros(fleet.homes_count), found)


def best_batteries(
    situation: Situation,
    decisions: Decisions,
    bought_kwh: Floats,
    sold_kwh: Floats,
    grid: tuple[float, float],
) -> Floats:
    """Battery energy of each home once its trades are known, AC, shape (n,) [kWh].

    Parameters
    ----------
    situation, decisions : Situation, Decisions
        What was known and decided.
    bought_kwh, sold_kwh : ndarray, shape (n,)
        Delivered and injected by the market; they use up the home's connection [kWh].
    grid : tuple of float
        Tariff and export price of this step [cents/kWh], for all that was not traded.
    """
    limits = situation.fleet.limits
    limits[:, planning.IMPORT] -= bought_kwh
    limits[:, planning.EXPORT] -= sold_kwh
    odd = nonconvex.needed(np.array([grid])) or not decisions.curves.falls
    batteries = nonconvex.best_batteries if odd else planning.best_batteries
    free = batteries(
        situation.held_kwh,
        situation.load_kwh + sold_kwh - bought_kwh,
        situation.pv_kwh,
        grid,
        limits,
        decisions.curves.arrays,
    )
    return np.where(np.diff(decisions.curves.offset) > 0, free, decisions.battery_kwh)
