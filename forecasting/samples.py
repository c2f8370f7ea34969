"""Possible futures, from the errors that each home's forecasts made on the days before.

n homes, M samples, H steps of horizon, t the step being lived. Sample m is the forecast plus the
error of the forecast issued on an earlier day at the same time, so the errors of a day stay
together over homes and steps; where forecasts have quantiles, errors may be made as large as today
expects them (`past.py`). The days are those on which the community was expected to be most like
today. All follows from the visible past, and the mean error that is taken off also from where
the run began: each day moves it by its share.
"""

from dataclasses import dataclass, field

import numpy as np

from forecasting.config import ForecastConfig, FuturesConfig
from forecasting.forecast import Forecast, Predictor, Samples
from forecasting.past import past_error, pv_envelope, spread_error
from profiles.arrays import Booleans, Floats, Integers
from profiles.errors import InputError
from profiles.local_time import SATURDAY, local_time
from profiles.profiles import Profiles

SPREAD_MIN_KWH = 1e-6


def history_steps(predictor: Predictor, samples_count: int, steps_per_day: int) -> int:
    """Return how many visible steps `draw` needs for this many samples."""
    days = 0 if predictor.is_exact else samples_count
    return predictor.history_steps(steps_per_day) + days * steps_per_day


@dataclass(slots=True)
class Sampler:
    """Draws the futures of one run; what the community was expected to use, it keeps."""

    predictor: Predictor
    samples_count: int  # M; with 0, or with exact forecasts, the forecast is the one sample
    knobs: FuturesConfig
    weekend: Booleans  # (T,)
    expected_kwh: dict[int, tuple[float, float]] = field(default_factory=dict)  # by issue time
    # Mean errors of load and generation (n, H), by slot of the day.
    bias_kwh: dict[int, tuple[Floats, Floats]] = field(default_factory=dict)

    def draw(self, seen: Profiles, forecast: Forecast) -> Samples:
        """Draw futures around a forecast from the predictor's own past errors.

        Parameters
        ----------
        seen : Profiles
            Everything known; its last step is the one being lived.
        forecast : Forecast
            Issued on `seen`.

        Returns
        -------
        Samples
            Consumption kept at 0 or above, generation near the largest of its slot
            (`pv_envelope`) or below, so that nights stay dark. Column 0 is what was metered.

        Raises
        ------
        InputError
            If the visible past is too short for so many samples.
        """
        if self.predictor.is_exact or self.samples_count == 0:
            alone = np.ones(1), np.zeros(1, np.int64)
            return Samples(forecast.load_kwh[:, None], forecast.pv_kwh[:, None], *alone)
        candidates = self._candidates(seen.steps_count, seen.steps_per_day)
        distance = self._distances(seen, candidates)
        nearest = np.argsort(distance, kind="stable")[: self.samples_count]
        weights = np.exp(-0.5 * (distance[nearest] - distance[nearest[0]]))
        homes_count, horizon_steps = forecast.load_kwh.shape
        load_kwh, pv_kwh = np.empty((2, homes_count, nearest.size, horizon_steps))
        for row, days_ago in enumerate(candidates[nearest].tolist()):
            load_kwh[:, row], pv_kwh[:, row] = self._error(seen, forecast, days_ago)
        weights /= weights.sum()
        pv_most_kwh = pv_envelope(seen, horizon_steps) * (1.0 + self.knobs.pv_headroom_fraction)
        pv_expected_kwh = np.minimum(forecast.pv_kwh, pv_most_kwh)
        share, bias_kwh = self.knobs.bias_fraction, self._bias(seen, forecast, candidates)
        load_kwh += (forecast.load_kwh - share * bias_kwh[0])[:, None]
        pv_kwh += (pv_expected_kwh - share * bias_kwh[1])[:, None]
        np.maximum(load_kwh, 0.0, out=load_kwh)
        np.clip(pv_kwh, 0.0, pv_most_kwh[:, None], out=pv_kwh)
        load_kwh[:, :, 0] = seen.load_kwh[-1, :, None]
        pv_kwh[:, :, 0] = seen.pv_kwh[-1, :, None]
        return Samples(load_kwh, pv_kwh, weights, candidates[nearest])

    def prepare(self, seen: Profiles) -> None:
        """Work out what the next step asks of the past: what was expected on the days before it.

        Parameters
        ----------
        seen : Profiles
            What is known before the next step. It changes no number: a forecast of the past is
            what it is, whenever it is worked out.
        """
        if self.predictor.is_exact or self.samples_count == 0:
            return
        for days_ago in self._candidates(seen.steps_count + 1, seen.steps_per_day).tolist():
            self._expected_kwh(seen, seen.steps_count - days_ago * seen.steps_per_day)

    def _candidates(self, steps_count: int, steps_per_day: int) -> Integers:
        """How many days ago each candidate is, the latest first, where so many steps are known."""
        spare_steps = steps_count - self.predictor.history_steps(steps_per_day)
        known_days = max(0, spare_steps // steps_per_day)
        if known_days < self.samples_count:
            raise InputError(
                f"forecast.samples_count: must be at most {known_days} with "
                f"{steps_count} steps of history (got {self.samples_count})"
            )
        most = max(self.samples_count, self.knobs.candidates_days)
        return np.arange(1, min(most, known_days) + 1)

    def _distances(self, seen: Profiles, candidates: Integers) -> Floats:
        """How unlike today the candidates were expected to be, (candidates,)."""
        knobs, day, now = self.knobs, seen.steps_per_day, seen.steps_count - 1
        issued = now - day * np.concatenate(([0], candidates))
        expected = np.array([self._expected_kwh(seen, step) for step in issued.tolist()])
        spread = np.maximum(expected[1:].std(axis=0), SPREAD_MIN_KWH)
        unlike = (((expected[1:] - expected[0]) / spread) ** 2).sum(axis=1)
        other_kind = self.weekend[issued[1:]] != self.weekend[now]
        old = knobs.age_weight_per_day * (candidates - 1)
        return np.asarray(knobs.likeness_weight * unlike + knobs.weekend_weight * other_kind + old)

    def _error(self, seen: Profiles, today: Forecast, days_ago: int) -> tuple[Floats, Floats]:
        """Return the errors of an earlier day, as they were or as large as today expects them."""
        if self.knobs.spread == "quantiles":
            return spread_error(self.predictor, seen, today, days_ago)
        return past_error(self.predictor, seen, today.load_kwh.shape[1], days_ago)

    def _bias(self, seen: Profiles, today: Forecast, candidates: Integers) -> tuple[Floats, Floats]:
        """Return the mean error of forecasts issued at this time; each day moves it a little."""
        slot = (seen.steps_count - 1) % seen.steps_per_day
        known = self.bias_kwh.get(slot)
        days = candidates if known is None else candidates[:1]
        errors = [self._error(seen, today, ago) for ago in days.tolist()]
        mean = [np.mean([error[kind] for error in errors], axis=0) for kind in (0, 1)]
        if known is not None:
            weight = 1.0 / candidates.size
            mean = [old + weight * (new - old) for old, new in zip(known, mean, strict=True)]
        self.bias_kwh[slot] = mean[0], mean[1]
        return self.bias_kwh[slot]

    def _expected_kwh(self, seen: Profiles, step: int) -> tuple[float, float]:
        """Load and generation of the community that were expected at a step for the day ahead."""
        if step not in self.expected_kwh:
            day = seen.steps_per_day
            forecast = self.predictor.issued_at(seen, step, day)
            self.expected_kwh[step] = (
                float(forecast.load_kwh[:, 1:].sum()),
                float(forecast.pv_kwh[:, 1:].sum()),
            )
            self.expected_kwh.pop(step - (self.knobs.candidates_days + 1) * day, None)
        return self.expected_kwh[step]


def sampler(predictor: Predictor, profiles: Profiles, config: ForecastConfig) -> Sampler:
    """Make the sampler of a run.

    Parameters
    ----------
    predictor : Predictor
        Forecasts the homes.
    profiles : Profiles
        The whole record, of which it takes the calendar alone.
    config : ForecastConfig
        Count of samples, how days are chosen.
    """
    clock = local_time(
        profiles.start_utc, profiles.step_minutes, profiles.steps_count, profiles.zone
    )
    return Sampler(predictor, config.samples_count, config.futures, clock.weekday >= SATURDAY)
