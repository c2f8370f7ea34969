"""The coordinator as an agent: it sees community sums and publishes forward prices."""

import mesa

from agents import pricing
from agents.prices import Prices
from agents.pricing import Storage
from market.config import MarketConfig
from profiles.arrays import Floats


class Coordinator(mesa.Agent):
    """Sets the price signal. It is never shown a home's profile."""

    def __init__(self, model: mesa.Model, rules: MarketConfig) -> None:
        super().__init__(model)
        self.rules = rules

    def set_prices(self, net_kwh: Floats, storage: Storage, grid: Prices) -> Floats:
        """Publish the community's marginal price over the horizon.

        Parameters
        ----------
        net_kwh : ndarray, shape (H,)
            Sum over homes of expected load less PV [kWh].
        storage : Storage
            Sum of the homes' batteries.
        grid : Prices
            Tariff and export price over the horizon.

        Returns
        -------
        ndarray, shape (H,)
            Price [cents per delivered kWh].
        """
        return pricing.marginal(net_kwh, storage, grid, self.rules)
