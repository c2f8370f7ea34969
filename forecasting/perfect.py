"""Forecasters that know the future: the yardstick for all others, never real ones."""

from dataclasses import dataclass

import numpy as np

from forecasting.forecast import Forecast, Predictor, points
from profiles.arrays import Floats, Integers
from profiles.profiles import Profiles


@dataclass(frozen=True, slots=True)
class Perfect:
    """Reads ahead in the measurements. Beyond their end it repeats their last day."""

    whole: Profiles  # what `seen` is the beginning of

    @property
    def is_exact(self) -> bool:
        """Whether its errors are zero by construction: always."""
        return True

    def history_steps(self, steps_per_day: int) -> int:  # noqa: ARG002 - the contract's signature
        """Return 1: only the step being lived must be visible."""
        return 1

    def issued_at(self, seen: Profiles, step: int, horizon_steps: int) -> Forecast:
        """Forecast as of a visible step, from what was known by then alone."""
        return self.predict(seen.until(step), horizon_steps)

    def predict(self, seen: Profiles, horizon_steps: int) -> Forecast:
        """Return what will be metered.

        Parameters
        ----------
        seen : Profiles
            Everything known, of all or some homes; its last step is the one being lived.
        horizon_steps : int
            Columns of the forecast [steps], at least 1.

        Returns
        -------
        Forecast
            Points without quantiles or price.

        Raises
        ------
        ValueError
            If `seen` holds homes or steps that the measurements do not.
        """
        now = self.whole.step_at(seen.start_utc) + seen.steps_count - 1
        if now >= self.whole.steps_count or not np.isin(seen.home_ids, self.whole.home_ids).all():
            raise ValueError(
                "perfect: the forecast is asked for other homes or steps than it knows"
            )
        steps = now + np.arange(horizon_steps)
        beyond = steps >= self.whole.steps_count
        day = min(self.whole.steps_per_day, self.whole.steps_count)
        last_day_start = self.whole.steps_count - day
        steps[beyond] = last_day_start + (steps[beyond] - self.whole.steps_count) % day
        rows = np.searchsorted(self.whole.home_ids, seen.home_ids)
        return points(
            _read(self.whole.load_kwh, steps, rows), _read(self.whole.pv_kwh, steps, rows)
        )


@dataclass(frozen=True, slots=True)
class HalfPerfect:
    """Knows the future of consumption or of generation, and forecasts the other like anybody.

    It tells which of the two a plan suffers from.
    """

    load: Predictor
    pv: Predictor

    @property
    def is_exact(self) -> bool:
        """Whether its errors are zero by construction: one half's are not."""
        return False

    def history_steps(self, steps_per_day: int) -> int:
        """Return how many visible steps both halves need."""
        halves = (self.load, self.pv)
        return max(half.history_steps(steps_per_day) for half in halves)

    def issued_at(self, seen: Profiles, step: int, horizon_steps: int) -> Forecast:
        """Forecast as of a visible step, from what was known by then and half of what came."""
        load = self.load.issued_at(seen, step, horizon_steps)
        return points(load.load_kwh, self.pv.issued_at(seen, step, horizon_steps).pv_kwh)

    def predict(self, seen: Profiles, horizon_steps: int) -> Forecast:
        """Forecast every home; parameters as in `Predictor.predict`."""
        return self.issued_at(seen, seen.steps_count - 1, horizon_steps)


def _read(kwh: Floats, steps: Integers, rows: Integers) -> Floats:
    """Take steps and homes out of (T, n), laid out as (n, H)."""
    return np.ascontiguousarray(kwh[np.ix_(steps, rows)].T)
