"""The prices that a plan reckons with."""

from dataclasses import dataclass

import numpy as np

from profiles.arrays import Floats


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of H steps, the step being lived first.

    A tariff may make exporting pay more than importing costs for some hours, or either
    negative; plans stay right (``agents.nonconvex``).
    """

    buy_cents_per_kwh: Floats  # (H,) for a kWh that flows into a home
    sell_cents_per_kwh: Floats  # (H,) for a kWh that leaves it
    tariff_cents_per_kwh: Floats  # (H,) what the grid asks
    export_cents_per_kwh: Floats  # (H,) what the grid pays

    @property
    def pairs(self) -> Floats:
        """Buy and sell as the planner's kernels take them, shape (H, 2)."""
        return np.stack((self.buy_cents_per_kwh, self.sell_cents_per_kwh), axis=1)

    @property
    def lowest_tariff_cents_per_kwh(self) -> float:
        """Lowest import price of the horizon [cents/kWh]: what refilling will cost later."""
        return float(self.tariff_cents_per_kwh.min())


def of_grid(tariff_cents_per_kwh: Floats, export_cents_per_kwh: Floats) -> Prices:
    """Prices of a home that deals with the grid alone."""
    return Prices(
        tariff_cents_per_kwh, export_cents_per_kwh, tariff_cents_per_kwh, export_cents_per_kwh
    )
