"""Equally likely futures, from the errors that each home's forecasts made on the days before.

n homes, M samples, H steps of horizon, t the step being lived. Sample m is the forecast plus
the error of the forecast issued m days ago at the same time of day, so the errors of a day
stay together over homes and steps. All is worked out anew from the visible past: the result
depends on nothing else.
"""

import numpy as np

from forecasting.forecast import Forecast, Predictor, Samples
from profiles.arrays import Floats
from profiles.errors import InputError
from profiles.profiles import Profiles

# Long enough to hold a clear day in most weather, short enough to follow the season.
ENVELOPE_DAYS = 21


def history_steps(predictor: Predictor, samples_count: int, steps_per_day: int) -> int:
    """Return how many visible steps `draw` needs for this many samples."""
    days = 0 if predictor.is_exact else samples_count
    return predictor.history_steps(steps_per_day) + days * steps_per_day


def draw(predictor: Predictor, seen: Profiles, forecast: Forecast, samples_count: int) -> Samples:
    """Draw futures around a forecast from the predictor's own past errors.

    Parameters
    ----------
    predictor : Predictor
        Made the forecast; it is asked again as of 1..M days ago.
    seen : Profiles
        Everything known; its last step is the one being lived.
    forecast : Forecast
        Issued on `seen`.
    samples_count : int
        M, one past day each. With 0, or with exact forecasts, the forecast is the one sample.

    Returns
    -------
    Samples
        Consumption kept at 0 or above, generation within 0 and the largest of its slot
        (`pv_envelope`), so that nights stay dark. Column 0 is what was metered.

    Raises
    ------
    InputError
        If the visible past is too short for so many samples.
    """
    if predictor.is_exact or samples_count == 0:
        return Samples(forecast.load_kwh[:, None, :], forecast.pv_kwh[:, None, :])
    spare_steps = seen.steps_count - predictor.history_steps(seen.steps_per_day)
    if spare_steps < samples_count * seen.steps_per_day:
        raise InputError(
            f"forecast.samples_count: must be at most {max(0, spare_steps // seen.steps_per_day)}"
            f" with {seen.steps_count} steps of history (got {samples_count})"
        )
    homes_count, horizon_steps = forecast.load_kwh.shape
    load_kwh, pv_kwh = np.empty((2, homes_count, samples_count, horizon_steps))
    pv_kwh_max = pv_envelope(seen, horizon_steps)
    for row in range(samples_count):
        load_error_kwh, pv_error_kwh = past_error(predictor, seen, horizon_steps, row + 1)
        load_error_kwh += forecast.load_kwh
        np.maximum(load_error_kwh, 0.0, out=load_kwh[:, row])
        pv_error_kwh += forecast.pv_kwh
        np.clip(pv_error_kwh, 0.0, pv_kwh_max, out=pv_kwh[:, row])
    load_kwh[:, :, 0] = seen.load_kwh[-1, :, None]
    pv_kwh[:, :, 0] = seen.pv_kwh[-1, :, None]
    return Samples(load_kwh, pv_kwh)


def past_error(
    predictor: Predictor, seen: Profiles, horizon_steps: int, days_ago: int
) -> tuple[Floats, Floats]:
    """Compare the forecast issued at the same time of an earlier day with what came.

    A forecast issued m days ago can be judged for m days only. A longer horizon repeats the
    errors of the last day that is known: the same slot, one day earlier.

    Parameters
    ----------
    predictor : Predictor
        Asked as of `days_ago` days before the last step of `seen`.
    seen : Profiles
        Everything known; what lies after that moment is compared with, not shown.
    horizon_steps, days_ago : int
        H, and m >= 1.

    Returns
    -------
    load_error_kwh, pv_error_kwh : ndarray, shape (n, H)
        What came less what was forecast [kWh per step]; 0 in column 0.
    """
    day = seen.steps_per_day
    issued = seen.steps_count - 1 - days_ago * day
    known = min(horizon_steps, days_ago * day + 1)
    past = predictor.predict(seen.until(issued), known)
    came = slice(issued, issued + known)
    load_error_kwh = seen.load_kwh[came].T - past.load_kwh
    pv_error_kwh = seen.pv_kwh[came].T - past.pv_kwh
    if known < horizon_steps:
        columns = np.arange(horizon_steps)
        columns[known:] = known - day + np.arange(horizon_steps - known) % day
        return load_error_kwh[:, columns], pv_error_kwh[:, columns]
    return load_error_kwh, pv_error_kwh


def pv_envelope(seen: Profiles, horizon_steps: int) -> Floats:
    """Return the most that each home's panels gave around each slot of the horizon.

    Parameters
    ----------
    seen : Profiles
        Everything known, at least a day.
    horizon_steps : int
        H; column 0 is the last visible step.

    Returns
    -------
    ndarray, shape (n, H)
        Largest generation in the slot or its two neighbours over the last 21 days, or as many
        whole days as are visible [kWh per step].
    """
    day = seen.steps_per_day
    days = min(ENVELOPE_DAYS, seen.steps_count // day)
    slot_kwh = seen.pv_kwh[-days * day :].reshape(days, day, -1).max(axis=0)
    # The neighbours of the first and last slot are each other: the row is a closed day.
    around = np.concatenate((slot_kwh[-1:], slot_kwh, slot_kwh[:1]))
    widest = np.maximum(np.maximum(around[:-2], around[1:-1]), around[2:])
    # Slot 0 of the row is the step after the last visible one, which is column 0.
    slots = (np.arange(horizon_steps) - 1) % day
    return np.ascontiguousarray(widest[slots].T)
