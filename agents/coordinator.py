"""The coordinator as an agent: it sees community sums and publishes forward prices."""

import mesa
import numpy as np

from agents import pricing
from agents.decisions import Situation
from agents.pricing import Outlook
from agents.rehearsal import Rehearsal
from market.config import MarketConfig
from profiles.arrays import Floats


class Coordinator(mesa.Agent):
    """Sets the price signal. It is never shown a home's profile.

    Parameters
    ----------
    model : mesa.Model
        The community.
    rules : MarketConfig
        Rules of trade, the price signal among them.
    rng : numpy.random.Generator
        Draws who rehearses in a large community.
    homes_count, steps_per_day : int
        n, and the steps of a day.
    """

    def __init__(
        self,
        model: mesa.Model,
        rules: MarketConfig,
        rng: np.random.Generator,
        homes_count: int,
        steps_per_day: int,
    ) -> None:
        super().__init__(model)
        self.rules = rules
        self._rehearsal = Rehearsal(rules, rng, homes_count, steps_per_day)

    def quota(self, day: int) -> Floats:
        """Return what a kWh of each home's daily sales is worth, today and later, shape (n, 2)."""
        return self._rehearsal.quota(day)

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

    def rehearse(
        self,
        situation: Situation,
        first_guess: Floats,
        quota_kwh: Floats,
        capacity_kwh: Floats | None,
    ) -> tuple[Situation, Floats]:
        """Try prices until they come true: homes answer each with the sum of their trades.

        Parameters
        ----------
        situation : Situation
            What the n homes know; each answers from its own.
        first_guess : ndarray, shape (H,)
            Prices to begin a run with [cents per delivered kWh].
        quota_kwh : ndarray, shape (n,)
            What each home may still sell today [injected kWh].
        capacity_kwh : ndarray, shape (H,), optional
            Most that all homes may import in each step [kWh].

        Returns
        -------
        situation : Situation
            The same, with what the homes' quotas are worth.
        price_cents_per_kwh : ndarray, shape (M, H)
            Prices in each future [cents per delivered kWh].
        """
        return self._rehearsal.play(situation, first_guess, quota_kwh, capacity_kwh)
