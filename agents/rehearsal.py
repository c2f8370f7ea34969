"""The market ahead of time: what homes would trade in every future, and at what price.

The coordinator announces prices for the steps ahead, homes plan with them, and the market is
cleared step by step along each future as it will be when its time comes: homes answer trial prices
with the sum of what they would buy and sell. The prices found are nearer to those that will be
than those announced; a few rounds, one step's prices being the next one's first guess, find prices
that come true. The same play tells how much each home would sell of what a day allows it to,
and so what a kWh of this quota is worth.

n homes, M futures, H steps ahead, S steps of a day.
"""

from dataclasses import replace

import numpy as np

from agents import pricing, worth
from agents.decisions import Situation
from forecasting.forecast import Samples
from market.config import MarketConfig
from profiles.arrays import Floats, Integers

ROUNDING_CENTS = 1e-6
OVER_KWH_MAX = 4.0  # that one round answers: a plan that is far off tells no more than which way


class Rehearsal:
    """Remembers the prices of the last step, and what a kWh of quota was worth.

    Parameters
    ----------
    rules : MarketConfig
        Of trade.
    rng : numpy.random.Generator
        Draws who takes part in a large community.
    homes_count, steps_per_day : int
        n and S.
    """

    def __init__(
        self, rules: MarketConfig, rng: np.random.Generator, homes_count: int, steps_per_day: int
    ) -> None:
        self.rules = rules
        self._steps_per_day = steps_per_day
        self.panel: Integers = np.arange(homes_count)
        if homes_count > rules.rehearsal.homes_max:
            drawn = rng.choice(homes_count, rules.rehearsal.homes_max, replace=False)
            self.panel = np.sort(drawn)
        self.quota_cents_per_kwh = np.zeros((homes_count, 2))
        # As of the step before, (H,): mean over the futures, and of each by the day it was made of.
        self._price: Floats | None = None
        self._of_day: dict[int, Floats] = {}
        self._day: int | None = None

    def quota(self, day: int) -> Floats:
        """Begin a step of a local day, and say what a kWh of quota is worth, shape (n, 2)."""
        if self._day is not None and day != self._day:
            self.quota_cents_per_kwh[:, 0] = self.quota_cents_per_kwh[:, 1]
        self._day = day
        return self.quota_cents_per_kwh.copy()

    def play(
        self,
        situation: Situation,
        first_guess: Floats,
        room_kwh: Floats,
        capacity_kwh: Floats | None,
    ) -> tuple[Situation, Floats]:
        """Try prices until they come true: homes answer each with the sum of their trades.

        Parameters
        ----------
        situation : Situation
            What the n homes know; each answers from its own.
        first_guess : ndarray, shape (H,)
            Prices to begin a run with [cents per delivered kWh].
        room_kwh : ndarray, shape (n,)
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
        samples, memory = situation.samples, situation.memory
        if samples is None or memory is None:
            raise ValueError("samples: a rehearsal needs them")
        knobs, grid = self.rules.rehearsal, situation.prices
        floor = pricing.floor_cents_per_kwh(grid.export_cents_per_kwh, self.rules)
        usual = np.maximum(grid.tariff_cents_per_kwh, floor)
        top, supply_kwh = usual, np.full(usual.size, np.inf)
        if capacity_kwh is not None:
            top = np.maximum(usual, self.rules.price_max_cents_per_kwh)
            share = self.panel.size / situation.fleet.homes_count
            supply_kwh = knobs.capacity_fraction * share * capacity_kwh
        start = self._remembered(first_guess, samples)
        # Rounding is not scarcity, and the last step's price is another day's.
        scarce = start > usual + ROUNDING_CENTS
        scarce[:, -1] = False
        start = np.where(scarce, start, np.minimum(start, usual))
        price = np.clip(start, floor, top)
        for _ in range(knobs.rounds_count):
            trial = replace(memory, quota_cents_per_kwh=self.quota_cents_per_kwh)
            panel = replace(situation, memory=trial).rows(self.panel)
            found, sold_kwh = self._once(panel, price, supply_kwh)
            price = price + knobs.step_fraction * (found - price)
            self._reprice(sold_kwh, room_kwh, top.size - memory.today_steps)
        self._price = samples.weights @ price
        self._of_day = dict(zip(samples.days_ago.tolist(), price, strict=True))
        known = replace(memory, quota_cents_per_kwh=self.quota_cents_per_kwh.copy())
        return replace(situation, memory=known), price

    def _remembered(self, first_guess: Floats, samples: Samples) -> Floats:
        """Prices of the step before, moved on: a future's own, or the mean if it is new, (M, H)."""
        if self._price is None:
            return np.repeat(first_guess[None], samples.weights.size, axis=0)
        known = [self._of_day.get(day, self._price) for day in samples.days_ago.tolist()]
        return np.stack([_moved_on(price, self._steps_per_day) for price in known])

    def _once(self, panel: Situation, price: Floats, supply_kwh: Floats) -> tuple[Floats, Floats]:
        """One round: prices found (M, H), and sales of the panel, today and later (p, 2) [kWh]."""
        samples, memory, grid = panel.samples, panel.memory, panel.prices
        if samples is None or memory is None:
            raise ValueError("samples: a rehearsal needs them")
        rules, ahead = self.rules, grid.tariff_cents_per_kwh.size
        heard = pricing.reckoned(price, grid, rules, rules.rehearsal.trust_fraction)
        net_kwh = samples.load_kwh - samples.pv_kwh
        limits = panel.fleet.limits
        _, kept = worth.benefits_after(
            net_kwh,
            heard.quotes(samples.weights.size),
            *memory.limits,
            limits,
            memory.recourse_fraction,
            samples.weights,
            memory.end_benefit_cents,
            True,
        )
        steps = np.empty((ahead, 4))
        steps[:, 0], steps[:, 1] = grid.tariff_cents_per_kwh, grid.export_cents_per_kwh
        steps[:, 2], steps[:, 3] = pricing.kept_fraction(rules), 1.0 - rules.loss_fraction
        bounds = np.empty((ahead, 2))
        bounds[:, 0] = pricing.floor_cents_per_kwh(grid.export_cents_per_kwh, rules)
        bounds[:, 1] = rules.price_max_cents_per_kwh
        return worth.rehearse(
            net_kwh, steps, supply_kwh, *memory.limits, limits, panel.held_kwh, kept,
            samples.weights, bounds,
        )  # fmt: skip

    def _reprice(self, sold_kwh: Floats, room_kwh: Floats, later_steps: int) -> None:
        """Raise the worth of quota where more would be sold than may be, else lower it."""
        if self.rules.sold_per_day_max_kwh is None:
            return
        quota, knobs = self.quota_cents_per_kwh, self.rules.rehearsal
        days = max(1, -(-later_steps // self._steps_per_day))  # of quota
        full = np.full(self.panel.size, days * self.rules.sold_per_day_max_kwh)
        over_kwh = sold_kwh - np.stack((room_kwh[self.panel], full), axis=1)
        moved = quota[self.panel] + knobs.quota_slope * np.clip(
            over_kwh, -OVER_KWH_MAX, OVER_KWH_MAX
        )
        quota[self.panel] = np.clip(moved, 0.0, knobs.quota_cents_per_kwh_max)
        if self.panel.size < quota.shape[0]:
            others = np.ones(quota.shape[0], np.bool_)
            others[self.panel] = False
            quota[others] = quota[self.panel].mean(axis=0)


def _moved_on(price: Floats, steps_per_day: int) -> Floats:
    """Last step's prices, one step on; the new last step is like the same time a day earlier."""
    last = price[-steps_per_day] if price.size >= steps_per_day else price[-1]
    return np.append(price[1:], last)
