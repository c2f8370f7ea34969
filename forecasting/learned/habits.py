"""What a home's own past lets expect of a day ahead: a regression by home and step ahead.

T is the number of metered steps, n the number of homes, D the steps of a day, N the number of
windows learned from. Homes differ in how long the unusual lasts and in which days they go by: what
heats a house lasts for hours, a kettle does not, who works away from home has a Saturday. One week
tells them apart badly, a year tells it well.

What a step uses above its usual, the mean of the same time of 28 days, is regressed on what the
origin was above its own and on how else the same time of the days before was. A ridge [1]_ draws
what is not known well to 0, thus the expectation to the usual.

References
----------
.. [1] A. E. Hoerl, R. W. Kennard, "Ridge regression," Technometrics 12(1), 1970.
"""

import numpy as np

from forecasting.learned.statistics import MONTH_DAYS, WEEK_DAYS, Kwh
from profiles.arrays import Booleans, Floats

RECENT_HOURS, LONG_HOURS = 2, 12
NOW = ("last_step", "last_2_hours", "last_12_hours", "last_day", "last_week")
"""What an origin was above its usual, on the mean."""
SLOT = ("yesterday", "mean_7_days", "mean_days_alike", "last_week", "usual", "one")
"""What the same time was on other days above the usual; then the usual, and a constant."""
FEATURES_COUNT = len(NOW) + len(SLOT)

PENALTY = 1000.0  # of the coefficients of standardised features, as so many windows count
SPREAD_MIN = 1e-3  # in units of a home's mean; a feature that varies less says nothing
LEVEL_MIN_KWH = 1e-9
HOMES = 64  # looked at together, for the sake of memory


def steps_of(hours: int, day: int) -> int:
    """Count the steps of some hours, of D to a day."""
    return hours * day // 24


def habits(kwh: Floats, metered: Booleans, free: Booleans, day: int) -> Floats:
    """Learn what each home's departures from the usual tell of those to come.

    Days are taken by the steps that they have, whatever the clock on the wall does. Closed gaps
    count as usual. The usual is the mean of as many days as half of what is known, where that is
    less than 28.

    Parameters
    ----------
    kwh, metered : ndarray, shape (T, n)
        A span, and which of it are readings.
    free : ndarray of bool, shape (T,)
        Whether a step falls on a day off.
    day : int
        D.

    Returns
    -------
    ndarray, shape (n, D, F)
        Coefficients by steps ahead, from 1 on, of `NOW` and `SLOT` [1; that of the constant in
        kWh per step]; 0 of less than two weeks.
    """
    homes_count, days_count = kwh.shape[1], kwh.shape[0] // day
    before = min(MONTH_DAYS, days_count // 2)
    found = np.zeros((homes_count, day, FEATURES_COUNT))
    if before < WEEK_DAYS:
        return found
    span = slice(days_count * day)
    for first in range(0, homes_count, HOMES):
        part = slice(first, first + HOMES)
        level_kwh = kwh[span, part].mean(axis=0) + LEVEL_MIN_KWH
        shape = (days_count, day, level_kwh.size)
        days = (kwh[span, part] / level_kwh).reshape(shape)
        above, slot = _slots(days, metered[span, part].reshape(shape), free[span], before)
        found[part] = _solved(_origins(above, slot, day), slot, above, day)
        found[part, :, -1] *= level_kwh[:, None]
    return found


def expected(learned: Floats, above: Kwh, others: Kwh, usual: Kwh) -> Kwh:
    """Say what habits let expect of the day after an origin, B windows at once.

    Parameters
    ----------
    learned : ndarray, shape (B, D, F)
        What `habits` found of the windows' homes.
    above : ndarray, shape (B, k)
        What the last `LONG_HOURS` used above their usual, the origin last [kWh per step].
    others : ndarray, shape (B, D, 4)
        The same time on other days, in the order of `SLOT`, nothing taken off [kWh per step].
    usual : ndarray, shape (B, D)
        The mean of 28 days [kWh per step].

    Returns
    -------
    ndarray, shape (B, D)
        None below 0 [kWh per step].
    """
    day = usual.shape[1]
    slot = others - usual[..., None]
    recent = above[:, -steps_of(RECENT_HOURS, day) :]
    means = [each.mean(axis=1) for each in (recent, above, slot[..., 0], slot[..., 1])]
    now = np.stack((above[:, -1], *means), axis=-1)[:, None]
    now = np.broadcast_to(now, (*usual.shape, len(NOW)))
    rest = np.stack((usual, np.ones_like(usual)), axis=-1)
    shown = np.concatenate((now, slot, rest), axis=-1)
    departure = (learned.astype(np.float32) * shown).sum(axis=-1)
    return np.asarray(np.maximum(usual + departure, 0.0), np.float32)


def _slots(days: Floats, metered: Booleans, free: Booleans, before: int) -> tuple[Floats, Floats]:
    """Compare days with those before: above the usual (n, N'), and `SLOT` (n, N', 6)."""
    count, day, _ = days.shape
    off = free.reshape(count, day, 1).astype(float)
    at = np.arange(before, count)
    sums, sums_off, counts_off = _summed(days), _summed(days * off), _summed(off)
    total, total_off = (each[at] - each[at - before] for each in (sums, sums_off))
    off_count = counts_off[at] - counts_off[at - before]
    alike = np.where(off[at] > 0.0, total_off, total - total_off)
    alike /= np.maximum(np.where(off[at] > 0.0, off_count, before - off_count), 1.0)
    usual = total / before
    week = (sums[at] - sums[at - WEEK_DAYS]) / WEEK_DAYS
    others = (days[at - 1], week, alike, days[at - WEEK_DAYS])
    columns = (*(each - usual for each in others), usual, np.ones_like(usual))
    above = (days[at] - usual) * metered[at]
    flat = [each.reshape(-1, days.shape[-1]).T for each in (above, *columns)]
    return flat[0], np.stack(flat[1:], axis=-1)


def _origins(above: Floats, slot: Floats, day: int) -> Floats:
    """Tell of every step what `NOW` is when it is the origin: (n, N', 5)."""
    sums = _summed(above.T).T
    now = np.zeros((*above.shape, len(NOW)))
    now[..., 0] = above
    for place, hours in ((1, RECENT_HOURS), (2, LONG_HOURS)):
        steps = steps_of(hours, day)
        now[:, steps - 1 :, place] = (sums[:, steps:] - sums[:, :-steps]) / steps
    # The day and the week that end with an origin are those columns of the day that follows.
    for place, column in ((3, 0), (4, 1)):
        sums = _summed(slot[..., column].T).T
        now[:, :-day, place] = (sums[:, day + 1 :] - sums[:, 1:-day]) / day
    return now


def _solved(now: Floats, slot: Floats, above: Floats, day: int) -> Floats:
    """Solve each step ahead: (n, D, F); windows begin after a day and end before the last."""
    shown = np.concatenate((slot, above[..., None]), axis=-1)
    end, places = now.shape[1] - day, np.arange(FEATURES_COUNT)
    now = now[:, day:end]
    found = np.empty((now.shape[0], day, FEATURES_COUNT))
    for ahead in range(1, day + 1):
        later = shown[:, day + ahead : end + ahead]
        across, within = now.swapaxes(1, 2) @ later, later.swapaxes(1, 2) @ later
        upper = np.concatenate((now.swapaxes(1, 2) @ now, across), axis=-1)
        lower = np.concatenate((across.swapaxes(1, 2), within), axis=-1)
        products = np.concatenate((upper, lower), axis=1)  # of features, then of what came
        inner = products[:, :-1, :-1]
        square = inner[:, places, places] / now.shape[1]
        spread = square - (inner[:, -1] / now.shape[1]) ** 2
        # The penalty of a standardised feature is that of the feature times its variance.
        penalty = PENALTY * np.maximum(spread, SPREAD_MIN**2)
        penalty[:, -1] = 0.0
        inner[:, places, places] += penalty
        found[:, ahead - 1] = np.linalg.solve(inner, products[:, :-1, -1:])[..., 0]
    return found


def _summed(values: Floats) -> Floats:
    """Sum up along the first axis, from nothing on."""
    return np.concatenate((np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0)))
