"""What the forecaster `ridge` is shown: recent steps, the same time of earlier days, the calendar.

k is the number of issue times, n the number of homes, D the steps of a day, J = D - 1 the steps
ahead, F the number of features. Nothing after a forecast's issue time enters its features.
"""

import numpy as np

from profiles.arrays import Booleans, Floats, Integers

MONTH_DAYS, WEEK_DAYS = 28, 7
HISTORY_DAYS = MONTH_DAYS + 1  # whole days that must lie before an issue time
LAGS = (0, 1, 2, 4)  # steps
RATIO_MAX, RATIO_FLOOR_KWH = 2.0, 0.05  # of three hours to their slots' mean, so nights stay tame


def features(kwh: Floats, issued: Integers, weekend: Booleans, day: int) -> Floats:
    """Compose the features of one quantity, shape (k, n, J, F).

    Parameters
    ----------
    kwh : ndarray, shape (T, n)
        What was metered; nothing after the last issue time is read.
    issued : ndarray, shape (k,)
        Consecutive steps, each `HISTORY_DAYS` or more days after the first.
    weekend : ndarray of bool
        By step, those ahead included.
    day : int
        D.
    """
    first, last = int(issued[0]), int(issued[-1])
    start = first - day + 1  # what follows is counted from here
    month = _slot_mean(kwh, start, last + day, MONTH_DAYS, day)
    week = _slot_mean(kwh, start, last + day, WEEK_DAYS, day)
    known = kwh[start : last + 1]
    usual = month[: known.shape[0]]
    residual = known - usual
    now = issued - start
    means = {hours: _trailing_mean(residual, now, hours * day // 24) for hours in (2, 4, 12, 24)}
    ahead = now[:, None] + np.arange(1, day)  # (k, J)
    shape = (issued.size, known.shape[1], day - 1)

    def by_home(values: Floats) -> Floats:  # (k, n) to (k, n, J)
        return np.broadcast_to(values[:, :, None], shape)

    def by_slot(values: Floats) -> Floats:  # (k, J) to (k, n, J)
        return np.broadcast_to(values[:, None, :], shape)

    target_month = month[ahead].transpose(0, 2, 1)
    angle = 2.0 * np.pi * ((ahead + start) % day) / day
    hours3 = day // 8
    ratio = (_trailing_mean(known, now, hours3) * hours3 + RATIO_FLOOR_KWH) / (
        _trailing_mean(usual, now, hours3) * hours3 + RATIO_FLOOR_KWH
    )
    columns = [by_home(known[now - lag]) for lag in LAGS]
    columns += [kwh[ahead + start - back * day].transpose(0, 2, 1) for back in (1, WEEK_DAYS)]
    columns += [week[ahead].transpose(0, 2, 1), target_month]
    columns += [by_home(mean) for mean in means.values()]
    shared = (residual[now], means[4], means[24])
    columns += [by_home(np.broadcast_to(of.mean(1)[:, None], shape[:2])) for of in shared]
    columns += [by_home(np.minimum(ratio, RATIO_MAX + 1.0) - 1.0) * target_month]
    columns += [by_home(means[4]) * by_slot(of) for of in (np.sin(angle), np.cos(angle))]
    columns += [by_home(means[4]) * target_month]
    columns += [by_slot(wave(j * angle)) for j in (1, 2, 3) for wave in (np.sin, np.cos)]
    columns += [by_slot(weekend[ahead + start].astype(np.float64))]
    return np.stack(columns, axis=-1)


def _slot_mean(kwh: Floats, start: int, stop: int, days: int, day: int) -> Floats:
    """Mean of the same slot over the days before each step of a span, (steps, n)."""
    total = np.zeros((stop - start, kwh.shape[1]))
    for back in range(1, days + 1):
        total += kwh[start - back * day : stop - back * day]
    return total / days


def _trailing_mean(values: Floats, now: Integers, steps: int) -> Floats:
    """Mean over the last steps up to and including each issue time, (k, n)."""
    total = np.zeros((now.size, values.shape[1]))
    for back in range(steps):  # not from running sums, whose last bits depend on where they begin
        total += values[now - back]
    return total / steps
