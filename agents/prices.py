"""The prices that a plan reckons with. F is 1, or M where each future has prices of its own."""

from dataclasses import dataclass

import numpy as np

from profiles.arrays import Floats


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of H steps, the step being lived first.

    A tariff may make exporting pay more than importing costs for some hours, or either
    negative; plans stay right (``agents.nonconvex``).
    """

    buy_cents_per_kwh: Floats  # (F, H) for a kWh that flows into a home; above the tariff if scarce
    sell_cents_per_kwh: Floats  # (F, H) for a kWh that leaves it
    tariff_cents_per_kwh: Floats  # (H,) what the grid asks
    export_cents_per_kwh: Floats  # (H,) what the grid pays

    def quotes(self, futures_count: int) -> Floats:
        """Tariff, buy, sell and export price as ``agents.worth`` takes them, shape (M, H, 4)."""
        shape = (futures_count, self.tariff_cents_per_kwh.size)
        quotes = np.empty((*shape, 4))
        quotes[..., 0] = np.maximum(self.tariff_cents_per_kwh, self.buy_cents_per_kwh)
        quotes[..., 1], quotes[..., 2] = self.buy_cents_per_kwh, self.sell_cents_per_kwh
        quotes[..., 3] = self.export_cents_per_kwh
        return quotes

    def pairs(self, weights: Floats) -> Floats:
        """Buy and sell, mean over the futures, as the exact planners take them, shape (H, 2)."""
        futures = weights if self.buy_cents_per_kwh.shape[0] > 1 else np.ones(1)
        both = np.stack((self.buy_cents_per_kwh, self.sell_cents_per_kwh), axis=-1)
        return np.asarray(np.tensordot(futures, both, axes=1))

    @property
    def lowest_tariff_cents_per_kwh(self) -> float:
        """Lowest import price of the horizon [cents/kWh]: what refilling will cost later."""
        return float(self.tariff_cents_per_kwh.min())


def of_grid(tariff_cents_per_kwh: Floats, export_cents_per_kwh: Floats) -> Prices:
    """Prices of a home that deals with the grid alone."""
    return Prices(
        tariff_cents_per_kwh[None],
        export_cents_per_kwh[None],
        tariff_cents_per_kwh,
        export_cents_per_kwh,
    )
