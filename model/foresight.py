"""What the homes of a run make of the days behind them: forecasts, futures, worth of energy."""

import numpy as np

from agents.config import StrategyConfig
from agents.fleet import Fleet
from agents.memory import NO_LIMIT_KWH, Experience, Memory
from forecasting import samples
from forecasting.config import ForecastConfig
from forecasting.forecast import Forecast, Predictor, Samples
from market.config import MarketConfig
from model.clock import Clock
from profiles.arrays import Floats
from profiles.profiles import Profiles


class Foresight:
    """Forecaster, sampler and memory of one run.

    Parameters
    ----------
    profiles : Profiles
        The whole record; forecasters see what is visible alone.
    fleet : Fleet
        The n homes.
    clock : Clock
        Of the run.
    knobs : tuple of ForecastConfig, StrategyConfig, MarketConfig
        How homes look ahead, plan and may trade.
    predictor : Predictor
        Forecasts these homes.
    """

    def __init__(
        self,
        profiles: Profiles,
        fleet: Fleet,
        clock: Clock,
        knobs: tuple[ForecastConfig, StrategyConfig, MarketConfig],
        predictor: Predictor,
    ) -> None:
        forecast, strategy, rules = knobs
        self.horizon_steps = forecast.horizon_steps(profiles.step_minutes)
        self._clock, self._strategy, self._rules = clock, strategy, rules
        self._predictor = predictor
        self._sampler = samples.sampler(self._predictor, profiles, forecast)
        self._experience = Experience(
            fleet,
            profiles.steps_per_day,
            strategy.cells_count,
            clock.prices(0, self.horizon_steps).lowest_tariff_cents_per_kwh,
            strategy.end_learning_fraction,
        )

    def prepare(self, seen: Profiles) -> None:
        """Work out beforehand what the next step asks of the past; it changes no number."""
        self._sampler.prepare(seen)

    def forecast(self, seen: Profiles) -> Forecast:
        """Forecast every home."""
        return self._predictor.predict(seen, self.horizon_steps)

    def futures(self, seen: Profiles, forecast: Forecast) -> Samples:
        """Draw the futures that plans weigh."""
        return self._sampler.draw(seen, forecast)

    def memory(self, index: int, quota_cents_per_kwh: Floats) -> Memory:
        """Recall what homes know when a step begins, besides what they see."""
        ahead = self.horizon_steps
        day = self._clock.day[index : index + ahead]
        most_kwh = self._rules.order_max_kwh
        return Memory(
            self._experience.at_end(index + ahead - 1),
            quota_cents_per_kwh,
            int(np.count_nonzero(day == day[0])),
            NO_LIMIT_KWH if most_kwh is None else most_kwh,
            self._strategy.recourse_fraction,
        )

    def learn(self, index: int, benefit_cents: Floats | None) -> None:
        """Take in what energy was worth after a step, where homes planned on a grid."""
        if benefit_cents is not None:
            self._experience.learn(index, benefit_cents)
