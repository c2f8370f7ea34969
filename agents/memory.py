"""What homes that plan carry from step to step: what stored energy turned out to be worth.

n homes, K cells of the planning grid, S steps of a day.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from agents.fleet import Fleet
from profiles.arrays import Floats, Integers

NO_LIMIT_KWH = 1e9


@dataclass(frozen=True, slots=True)
class Memory:
    """What n homes know when a step begins, besides what they see."""

    end_benefit_cents: Floats  # (n, K + 2) of energy held when the horizon ends, see agents.worth
    quota_cents_per_kwh: Floats  # (n, 2) cost of selling a kWh of the day's quota, today and later
    today_steps: int  # of the horizon, before the quota is renewed
    depth_kwh: float  # that one home can trade in a step, each way
    recourse_fraction: float  # of its own future that a home will have learned a step ahead

    @property
    def limits(self) -> tuple[Floats, int, float]:
        """Quota, today's steps and depth, as the planner's kernels take them."""
        return self.quota_cents_per_kwh, self.today_steps, self.depth_kwh

    def rows(self, rows: Integers) -> Self:
        """Return what some homes know."""
        return replace(
            self,
            end_benefit_cents=self.end_benefit_cents[rows],
            quota_cents_per_kwh=self.quota_cents_per_kwh[rows],
        )


class Experience:
    """Learns, slot of the day by slot, what energy is worth to each home.

    Parameters
    ----------
    fleet : Fleet
        The n homes.
    steps_per_day, cells_count : int
        S and K.
    lowest_tariff_cents_per_kwh : float
        Lowest import price of the first horizon: until a slot has been lived, a stored kWh is
        worth what refilling costs, after the loss of taking it out.
    learning_fraction : float
        Share of the newest day in what is expected [1].
    """

    def __init__(
        self,
        fleet: Fleet,
        steps_per_day: int,
        cells_count: int,
        lowest_tariff_cents_per_kwh: float,
        learning_fraction: float,
    ) -> None:
        usable_kwh = fleet.stored_kwh_max - fleet.stored_kwh_min
        full_cents = lowest_tariff_cents_per_kwh * fleet.discharge_efficiency_fraction * usable_kwh
        share = np.minimum(np.arange(cells_count + 2) / cells_count, 1.0)
        first = np.maximum(full_cents, 0.0)[:, None] * share
        self._learning_fraction = learning_fraction
        self._benefit_cents = np.repeat(first[None], steps_per_day, axis=0)  # (S, n, K + 2)

    def at_end(self, slot: int) -> Floats:
        """Benefit of what is held after a slot of the day, shape (n, K + 2) [cents]."""
        return np.asarray(self._benefit_cents[slot % self._benefit_cents.shape[0]])

    def learn(self, slot: int, benefit_cents: Floats) -> None:
        """Take in what energy was worth after a slot, shape (n, K + 2) [cents]."""
        known = self.at_end(slot)
        known += self._learning_fraction * (benefit_cents - benefit_cents[:, :1] - known)
