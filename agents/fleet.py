"""The homes as arrays: what never changes (``Fleet``) and what a step changes (``FleetState``).

n is the number of homes; row i is the home with the i-th id.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from agents.config import BatteryConfig, GridConfig
from agents.planning import CHARGE, DISCHARGE, EXPORT, IMPORT, POWER, RANGE
from profiles.arrays import Floats, Integers


@dataclass(frozen=True, slots=True)
class Fleet:
    """Ratings of n homes. A home without a battery has no range and no power."""

    home_ids: Integers  # (n,)
    capacity_kwh: Floats  # (n,) nominal
    stored_kwh_min: Floats  # (n,)
    stored_kwh_max: Floats  # (n,)
    reserve_kwh: Floats  # (n,) above the minimum, kept for outages
    power_kwh_max: Floats  # (n,) AC energy per step, either direction
    charge_efficiency_fraction: Floats  # (n,) AC to cell
    discharge_efficiency_fraction: Floats  # (n,) cell to AC
    import_kwh_max: Floats  # (n,) per step, through the connection
    export_kwh_max: Floats  # (n,) per step, through the connection
    fade_fraction_per_cycle: Floats  # (n,)
    feeder: Integers  # (n,) number of the part of the network that the home hangs on

    @property
    def homes_count(self) -> int:
        """Number of homes, n."""
        return self.home_ids.size

    @property
    def limits(self) -> Floats:
        """The ratings as the planner's kernels take them, shape (n, 6)."""
        limits = np.empty((self.homes_count, 6))
        limits[:, RANGE] = self.stored_kwh_max - self.stored_kwh_min
        limits[:, POWER] = self.power_kwh_max
        limits[:, CHARGE] = self.charge_efficiency_fraction
        limits[:, DISCHARGE] = self.discharge_efficiency_fraction
        limits[:, IMPORT] = self.import_kwh_max
        limits[:, EXPORT] = self.export_kwh_max
        return limits

    def on_grid(self, stored_kwh: Floats) -> Self:
        """Return the homes as they are while the grid is there: the reserve is not to be used.

        Where an outage has left less of it than there should be, what is held stays, and so does
        all that is charged until the reserve is full again.

        Parameters
        ----------
        stored_kwh : ndarray, shape (n,)
            In the cells when a step begins [kWh].
        """
        if not self.reserve_kwh.any():
            return self
        full_kwh = self.stored_kwh_min + self.reserve_kwh
        return replace(self, stored_kwh_min=np.minimum(full_kwh, stored_kwh))

    def rows(self, rows: Integers) -> Self:
        """Return the homes of some rows."""
        return replace(self, **{name: getattr(self, name)[rows] for name in self.__slots__})


@dataclass(frozen=True, slots=True)
class FleetState:
    """What the batteries of n homes hold and have done."""

    stored_kwh: Floats  # (n,) in the cells
    throughput_kwh: Floats  # (n,) through the cells, both directions, since the start

    def cycles(self, fleet: Fleet) -> Floats:
        """Full cycles since the start, shape (n,)."""
        capacity_kwh = np.where(fleet.capacity_kwh > 0.0, fleet.capacity_kwh, 1.0)
        return self.throughput_kwh / (2.0 * capacity_kwh)

    def health_fraction(self, fleet: Fleet) -> Floats:
        """State of health: 1 when new, falling linearly with full cycles, shape (n,)."""
        return np.maximum(0.0, 1.0 - fleet.fade_fraction_per_cycle * self.cycles(fleet))


def fleet_of(
    home_ids: Integers,
    battery: BatteryConfig,
    grid: GridConfig,
    step_hours: float,
    feeder: Integers | None = None,
) -> Fleet:
    """Equip homes with a battery and a connection each, as configured.

    Without ``feeder``, the number of each home's feeder, all hang on the same.
    """
    ones = np.ones(home_ids.size)
    owned = ones * (battery.kind == "individual")
    return Fleet(
        home_ids=home_ids,
        capacity_kwh=owned * battery.capacity_kwh,
        stored_kwh_min=owned * battery.capacity_kwh * battery.soc_min_fraction,
        stored_kwh_max=owned * battery.capacity_kwh * battery.soc_max_fraction,
        reserve_kwh=owned * battery.capacity_kwh * battery.reserve_fraction,
        power_kwh_max=owned * battery.power_kw_max * step_hours,
        charge_efficiency_fraction=ones * battery.charge_efficiency_fraction,
        discharge_efficiency_fraction=ones * battery.discharge_efficiency_fraction,
        import_kwh_max=ones * grid.import_kw_max * step_hours,
        export_kwh_max=ones * grid.export_kw_max * step_hours,
        fade_fraction_per_cycle=ones * battery.fade_fraction_per_cycle,
        feeder=np.zeros_like(home_ids) if feeder is None else feeder,
    )


def initial_state(fleet: Fleet, battery: BatteryConfig) -> FleetState:
    """Batteries at their configured first charge, their reserve filled, no cycle behind them."""
    stored_kwh = fleet.capacity_kwh * battery.soc_initial_fraction
    stored_kwh = np.maximum(stored_kwh, fleet.stored_kwh_min + fleet.reserve_kwh)
    stored_kwh = np.minimum(stored_kwh, fleet.stored_kwh_max)
    return FleetState(stored_kwh, np.zeros(fleet.homes_count))
