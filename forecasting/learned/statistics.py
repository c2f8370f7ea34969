"""What the same time of day was like on the days before: what networks of days start from.

T is the number of metered steps, n the number of homes, D the steps of a day, k the number of
steps asked about, S the number of statistics. What is said of a step was metered a day or more
before it, by the clock on the wall: where that changed in between, by an hour more or less.
"""

import numpy as np
from numpy.typing import NDArray

from profiles.arrays import Booleans, Floats, Integers
from profiles.local_time import LocalTime

Kwh = NDArray[np.float32]

MONTH_DAYS, WEEK_DAYS = 28, 7
NAMES = (
    "mean_7_days",
    "mean_28_days",
    "median_7_days",
    "median_28_days",
    "highest_7_days",
    "lowest_7_days",
    "yesterday",
    "two_days_ago",
    "three_days_ago",
    "fading_mean",  # each day back weighs `FADE` as much as the one after it
    "low_28_days",
    "high_28_days",  # all but two days lie below
    "mean_workdays",
    "mean_free_days",
)
# Places among them.
MEAN_WEEK, MEAN_MONTH, YESTERDAY, MEAN_WORK, MEAN_FREE = 0, 1, 6, 12, 13
FADE = 0.8
OUTER_DAYS = 2  # beyond the low and the high of four weeks, which are thus about tenths
CHUNK = 1 << 21  # readings looked at together, so that they stay in memory's fast part


def same_time(clock: LocalTime, day: int, steps: Integers, back_days: int, known: int) -> Integers:
    """Find the steps at which the clock showed the same time some days before.

    Days from before the record are taken from as many whole weeks later as it needs.

    Parameters
    ----------
    clock : LocalTime
        The local clock, the steps asked about included.
    day : int
        D.
    steps : ndarray, shape (k,)
        Steps, each a day or more after the first that is metered.
    back_days : int
        How many days before.
    known : int
        The last that may be pointed to lies so many days before [days]; when the clock has
        just been put forward, the same time may not have come yet.

    Returns
    -------
    ndarray, shape (k,)
        Steps, from 0 on.
    """
    step_minutes = 24 * 60 // day
    wall = (clock.day * 24 * 60 + clock.minute) // step_minutes - np.arange(clock.day.size)
    before = _within(steps - back_days * day, day)
    found = _within(before + wall[steps] - wall[before], day)
    return np.minimum(found, steps - known * day)


def _within(steps: Integers, day: int) -> Integers:
    """Move steps from before the record by whole weeks to after its first."""
    week = WEEK_DAYS * day
    return steps + np.maximum(-(steps // week), 0) * week


def slot_statistics(kwh: Kwh, clock: LocalTime, free: Booleans, day: int, steps: Integers) -> Kwh:
    """Tell of steps what was metered at the same time of the days before.

    Parameters
    ----------
    kwh : ndarray, shape (T, n)
        What was metered; nothing later than a day before a step is read for it.
    clock : LocalTime
        The local clock, the steps asked about included.
    free : ndarray of bool
        Whether a step falls on a day off, as long as `clock`.
    day : int
        D.
    steps : ndarray, shape (k,)
        Steps from D to T + D - 1.

    Returns
    -------
    ndarray, shape (k, n, S)
        In the order of `NAMES` [kWh per step].
    """
    back = range(1, MONTH_DAYS + 1)
    before = np.stack([same_time(clock, day, steps, days, 1) for days in back])  # (28, k)
    out = np.empty((steps.size, kwh.shape[1], len(NAMES)), np.float32)
    size = max(1, CHUNK // (MONTH_DAYS * kwh.shape[1]))
    for start in range(0, steps.size, size):
        part = slice(start, start + size)
        out[part] = _summary(kwh[before[:, part]], free[before[:, part]])
    return out


def _summary(days: Kwh, free: Booleans) -> Kwh:
    """Sum the days before up, yesterday first: (28, k, n) and (28, k) to (k, n, S)."""
    week, every = days[:WEEK_DAYS], np.ones(free.shape)
    middle = MONTH_DAYS // 2
    ordered = _partly_ordered(days, OUTER_DAYS, middle - 1, middle, MONTH_DAYS - 1 - OUTER_DAYS)
    columns = (
        _mean(week, every[:WEEK_DAYS]),
        _mean(days, every),
        _partly_ordered(week, WEEK_DAYS // 2)[..., WEEK_DAYS // 2],
        (ordered[..., middle - 1] + ordered[..., middle]) / 2,
        week.max(axis=0),
        week.min(axis=0),
        *days[:3],
        _mean(days, FADE ** np.arange(MONTH_DAYS)[:, None] * every),
        ordered[..., OUTER_DAYS],
        ordered[..., MONTH_DAYS - 1 - OUTER_DAYS],
        _mean(days, ~free * every),
        _mean(days, free * every),
    )
    return np.stack(columns, axis=-1)


def _mean(days: Kwh, weights: Floats) -> Kwh:
    """Weighted mean over the first axis, day by day: `sum` rounds as the shape happens to be."""
    total = weights.sum(axis=0)
    shares = np.asarray(weights / np.where(total > 0.0, total, 1.0), np.float32)
    mean = np.zeros(days.shape[1:], np.float32)
    for each, share in zip(days, shares, strict=True):
        mean += each * share[:, None]
    return mean


def _partly_ordered(days: Kwh, *places: int) -> Kwh:
    """Put what belongs in some places of the order there, last axis: (28, k, n) to (k, n, 28)."""
    return np.partition(np.ascontiguousarray(days.transpose(1, 2, 0)), places, axis=-1)
