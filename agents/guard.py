"""No home shall be worse off for trading: one that is plans for itself until trade pays again.

Beside each home that trades its double is lived, which plans on the same forecasts against the
grid's prices alone and trades with nobody. Where a home did worse than its double over the past
days, it values energy as the double does; it still trades what then pays. n homes.
"""

from collections import deque
from dataclasses import replace

import numpy as np

from agents import battery, curves, prices
from agents.decisions import Decisions, Situation, best_batteries, planned_exactly
from agents.fleet import Fleet, FleetState
from agents.metering import meter
from market.settlement import MICROCENTS_PER_CENT
from profiles.arrays import Booleans, Floats, Integers


class Guard:
    """Keeps the doubles, and says who plans for itself.

    Parameters
    ----------
    fleet, state : Fleet, FleetState
        The n homes and what they hold when the run starts.
    days_count : int
        Past local days over which a home is held against its double.
    """

    def __init__(self, fleet: Fleet, state: FleetState, days_count: int) -> None:
        self._fleet, self._double = fleet, state
        self._gain_cents = np.zeros(fleet.homes_count)  # since the start
        self._by_day: deque[Floats] = deque(maxlen=days_count + 1)  # gains as days began
        self._day: int | None = None
        self.alone: Booleans = np.zeros(fleet.homes_count, np.bool_)  # who plans for itself

    def applied(
        self, situation: Situation, decisions: Decisions, grid: tuple[float, float], day: int
    ) -> Decisions:
        """Live the doubles through a step, and let the homes that lost plan like them.

        Parameters
        ----------
        situation, decisions : Situation, Decisions
            What the homes know, and decided with the market in view.
        grid : tuple of float
            Tariff and export price of the step [cents/kWh].
        day : int
            Of the local calendar; a new one decides anew who plans for itself.
        """
        if day != self._day:
            self._judge(situation, day)
        fleet = self._fleet.on_grid(self._double.stored_kwh)
        double = replace(situation, fleet=fleet, state=self._double)
        known = situation.prices
        alone = prices.of_grid(known.tariff_cents_per_kwh, known.export_cents_per_kwh)
        plan = planned_exactly(double, alone)
        nothing_kwh = np.zeros(self._fleet.homes_count)
        wanted_kwh = best_batteries(double, plan, nothing_kwh, nothing_kwh, grid)
        battery_kwh, self._double = battery.carry_out(fleet, self._double, wanted_kwh)
        metered = situation.load_kwh, situation.pv_kwh
        flows = meter(fleet, metered, battery_kwh, (nothing_kwh, nothing_kwh), grid)
        self._gain_cents = self._gain_cents + grid[0] * flows.import_kwh
        self._gain_cents -= grid[1] * flows.export_kwh
        if not self.alone.any():
            return decisions
        return replace(decisions, curves=curves.chosen(self.alone, plan.curves, decisions.curves))

    def _judge(self, situation: Situation, day: int) -> None:
        """Hold each home against its double; what it holds more is worth what refilling costs."""
        self._day = day
        self._by_day.append(self._gain_cents + self._ahead_cents(situation))
        self.alone = self._by_day[-1] < self._by_day[0]

    def _ahead_cents(self, situation: Situation) -> Floats:
        """Value what homes hold more than their doubles, shape (n,)."""
        lowest = situation.prices.lowest_tariff_cents_per_kwh
        worth = lowest * self._fleet.discharge_efficiency_fraction
        return worth * (situation.state.stored_kwh - self._double.stored_kwh)

    def live_through(self, situation: Situation, after: FleetState) -> None:
        """Let the doubles live a step of an outage as their homes do: nobody is ahead by it.

        Parameters
        ----------
        situation : Situation
            What the homes knew in it.
        after : FleetState
            What they hold when it ends.
        """
        self._gain_cents = self._gain_cents + self._ahead_cents(situation)
        self._double = after

    def settle(self, cash_microcents: Integers) -> None:
        """Take in what the homes received in the step for energy and trade, shape (n,)."""
        self._gain_cents = self._gain_cents + cash_microcents / MICROCENTS_PER_CENT
