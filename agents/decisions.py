"""What a strategy is shown, what it decides, and how decisions are carried out.

n homes, H steps ahead.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from agents import curves, nonconvex, planning, threads
from agents.curves import Curves
from agents.fleet import Fleet, FleetState
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

    @property
    def held_kwh(self) -> Floats:
        """Energy above the lower charge limit, shape (n,) [kWh]."""
        return self.state.stored_kwh - self.fleet.stored_kwh_min

    def rows(self, rows: Integers) -> Self:
        """Return the situation of some homes only."""
        samples = self.samples
        if samples is not None:
            samples = Samples(samples.load_kwh[rows], samples.pv_kwh[rows])
        state = FleetState(self.state.stored_kwh[rows], self.state.throughput_kwh[rows])
        return replace(
            self,
            fleet=self.fleet.rows(rows),
            state=state,
            load_kwh=self.load_kwh[rows],
            pv_kwh=self.pv_kwh[rows],
            near=self.near.rows(rows),
            samples=samples,
        )


@dataclass(frozen=True, slots=True)
class Decisions:
    """What n homes want of their batteries.

    A home with segments in ``curves`` leaves its battery free: it moves as market and grid make
    it worth while. A home without follows ``battery_kwh`` whatever the market brings.
    """

    battery_kwh: Floats  # (n,) AC set-point, positive charges; 0 where the battery is free
    curves: Curves  # value of energy held after this step


def planned(situation: Situation) -> Decisions:
    """Value stored energy by planning each sample of the future and averaging.

    Energy held at the end of the horizon is worth the lowest import price of the horizon: what
    refilling costs later, after the loss of taking it out.
    """
    fleet, samples = situation.fleet, situation.samples
    if samples is None:
        raise ValueError("samples: a planning strategy needs them")
    terminal = situation.prices.lowest_tariff_cents_per_kwh * fleet.discharge_efficiency_fraction
    pairs = situation.prices.pairs
    odd = nonconvex.needed(pairs)
    value_segments = nonconvex.value_segments if odd else planning.value_segments
    limits, samples_count = fleet.limits, samples.load_kwh.shape[1]

    def worth(rows: slice) -> Curves:
        futures = samples.load_kwh[rows], samples.pv_kwh[rows]
        offset, value, width = value_segments(*futures, pairs, limits[rows], terminal[rows])
        return curves.mean(offset, value, width, samples_count)

    each = curves.joined(threads.over_homes(worth, fleet.homes_count))
    return Decisions(np.zeros(fleet.homes_count), each)


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
