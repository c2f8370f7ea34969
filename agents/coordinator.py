"""The coordinator as an agent: it sees community sums and publishes forward prices."""

import mesa

from agents import pricing
from agents.pricing import Outlook
from market.config import MarketConfig
from profiles.arrays import Floats


class Coordinator(mesa.Agent):
    """Sets the price signal. It is never shown a home's profile."""

    def __init__(self, model: mesa.Model, rules: MarketConfig) -> None:
        super().__init__(model)
        self.rules = rules

    def set_prices(self, outlook: Outlook) -> Floats:
        """Publish the prices that the market's signal expects over the horizon.

        Parameters
        ----------
        outlook : Outlook
            Sums over homes of what they expect and store, the clock, the grid's prices.

        Returns
        -------
        ndarray, shape (H,)
            Price [cents per delivered kWh].
        """
        return pricing.SIGNALS[self.rules.price_signal](outlook, self.rules)
