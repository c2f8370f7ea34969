"""Time of a run: which step it is, what the clock on the wall says, what the grid charges.

T steps are simulated and H looked ahead, so prices are known for T + H steps.
"""

from dataclasses import dataclass

import numpy as np

from agents import prices
from agents.prices import Prices
from profiles.arrays import Booleans, Floats, Integers
from profiles.grid_prices import GridPrices
from profiles.local_time import local_time
from profiles.profiles import Profiles
from profiles.tariffs import Tariff


@dataclass(frozen=True, slots=True, eq=False)
class Clock:
    """The calendar of a run. ``index`` counts simulated steps from 0, also inside ``step()``."""

    first_step: int  # in the profiles
    steps_count: int
    start_unix_s: int
    step_minutes: int
    day: Integers  # (T + H,) local calendar
    minute: Integers  # (T + H,) since local midnight, by the wall clock
    peak: Booleans  # (T + H,)
    cheap: Booleans  # (T + H,)
    tariff_cents_per_kwh: Floats  # (T + H,)
    export_cents_per_kwh: Floats  # (T + H,)
    grid_prices: GridPrices  # (T + H,) each

    def prices(self, index: int, horizon_steps: int) -> Prices:
        """Grid prices of the step ``index`` and those after it, shapes (H,)."""
        ahead = slice(index, index + horizon_steps)
        return prices.of_grid(self.tariff_cents_per_kwh[ahead], self.export_cents_per_kwh[ahead])

    def minutes(self, index: int, horizon_steps: int) -> Integers:
        """Local time of the step ``index`` and those after it, shape (H,) [min]."""
        return self.minute[index : index + horizon_steps]

    def grid(self, index: int) -> tuple[float, float]:
        """Tariff and export price of one step [cents/kWh]."""
        return float(self.tariff_cents_per_kwh[index]), float(self.export_cents_per_kwh[index])

    def period(self, index: int) -> tuple[bool, bool]:
        """Tell whether one step is in the tariff's peak, and in the cheapest hours of its day."""
        return bool(self.peak[index]), bool(self.cheap[index])

    def interval(self, index: int) -> tuple[int, int, int]:
        """Index, start [Unix s] and length [s] of a step, as the ledger writes them."""
        seconds = self.step_minutes * 60
        return index, self.start_unix_s + index * seconds, seconds


def clock_of(
    profiles: Profiles,
    span: tuple[int, int],
    horizon_steps: int,
    tariff: Tariff,
    export_cents_per_kwh: float,
) -> Clock:
    """Set the clock for the ``span`` (first step in the profiles, count of steps)."""
    first_step, steps_count = span
    start = profiles.start_utc + np.timedelta64(first_step * profiles.step_minutes, "m")
    known_count = steps_count + horizon_steps
    local = local_time(start, profiles.step_minutes, known_count, profiles.zone)
    nothing = np.zeros(known_count)
    grid_prices = GridPrices(
        import_cents_per_kwh=tariff.import_cents_per_kwh(local),
        export_cents_per_kwh=np.full(known_count, export_cents_per_kwh),
        peak=tariff.is_peak(local),
        cheap=np.zeros(known_count, dtype=np.bool_),
        fixed_cents=nothing,
        baseline_cents_per_kwh=nothing,
        baseline_kwh=nothing,
        billing_period=local.month,
    )
    return Clock(
        first_step=first_step,
        steps_count=steps_count,
        start_unix_s=int(start.astype("datetime64[s]").astype(np.int64)),
        step_minutes=profiles.step_minutes,
        day=local.day,
        minute=local.minute,
        cheap=tariff.is_cheap(local),
        peak=grid_prices.peak,
        tariff_cents_per_kwh=grid_prices.import_cents_per_kwh,
        export_cents_per_kwh=grid_prices.export_cents_per_kwh,
        grid_prices=grid_prices,
    )
