"""How far a mean over days can be trusted, although one day resembles the next.

D is the number of days of a run. The method is the equal-weighted cosine estimator of Lazarus,
Lewis, Stock and Watson: the cosines of lowest frequency say how much the mean of days that hang
together would vary, and Student's t with as many degrees of freedom how well so few of them can
say it. `docs/arms.md` tells why, and how often such intervals hold the truth.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from model.metrics import CASH_SIGNS, MICROCENTS_PER_USD, cost_usd
from model.results import Results
from profiles.arrays import Floats, Integers
from profiles.local_time import LocalTime, local_time

CONFIDENCE_FRACTION = 0.95

# Cosines that are looked at: 0.4 D^(2/3), the rule of reference [1] of `mean_interval`, and two at
# least, for with one alone the interval of a week says nothing.
_COSINES, _COSINES_POWER, _COSINES_MIN = 0.4, 2.0 / 3.0, 2
_DAY_MINUTES = 1440


def mean_interval(daily: Floats) -> tuple[float, float] | None:
    """Say between which values the mean of a series of days lies, with 95 % confidence.

    Parameters
    ----------
    daily : ndarray, shape (D,)
        One value per day, in order of time; neighbours may resemble each other.

    Returns
    -------
    tuple of float or None
        Lower and upper end, in the unit of `daily`; None for less than two days.

    References
    ----------
    .. [1] E. Lazarus, D. J. Lewis, J. H. Stock, M. W. Watson, "HAR inference: recommendations for
       practice," J. Bus. Econ. Stat. 36(4), 2018.
    """
    count = daily.size
    if count < 2:
        return None
    cosines = min(count - 1, max(_COSINES_MIN, round(_COSINES * count**_COSINES_POWER)))
    middle = (np.arange(count) + 0.5) / count
    waves = np.cos(np.pi * np.outer(np.arange(1, cosines + 1), middle))  # (cosines, D)
    # The waves know no mean, so the mean of the days need not be taken off.
    amplitude = np.sqrt(2.0 / count) * (waves @ daily)
    error = float(np.sqrt((amplitude**2).mean() / count))
    quantile = float(special.stdtrit(cosines, 0.5 + 0.5 * CONFIDENCE_FRACTION))
    mean = float(daily.mean())
    return mean - quantile * error, mean + quantile * error


def independent_interval(values: Floats) -> tuple[float, float] | None:
    """Say between which values the mean of independent draws lies, with 95 % confidence.

    Parameters
    ----------
    values : ndarray, shape (S,)
        One value per seed.

    Returns
    -------
    tuple of float or None
        Lower and upper end by Student's t, in the unit of `values`; None for less than two.
    """
    count = values.size
    if count < 2:
        return None
    mean, error = float(values.mean()), float(values.std(ddof=1)) / float(np.sqrt(count))
    width = float(special.stdtrit(count - 1, 0.5 + 0.5 * CONFIDENCE_FRACTION)) * error
    return mean - width, mean + width


@dataclass(frozen=True, slots=True, eq=False)
class Paid:
    """What all homes of a run paid and stored, step by step."""

    paid_microcents: Integers  # (T,) all entries of the bills, each with its sign
    stored_kwh: Floats  # (T,) in the cells when the step ends
    stored_kwh_initial: float
    worth_cents_per_kwh: float  # of a kWh gained in store, mean over homes by capacity
    cost_usd: float  # of the whole run, each home's store at its own worth


def day_costs_usd(results: Results) -> Floats:
    """Split the cost of all homes into days, as `split_into_days` does.

    Returns
    -------
    ndarray, shape (D,)
        Cost of each day [USD]; the last one may be cut off by the end of the run.
    """
    paid_microcents = np.zeros(results.steps_count, np.int64)
    for column, sign in CASH_SIGNS.items():
        paid_microcents += sign * results.step_sums(column)
    paid = Paid(
        paid_microcents,
        results.step_sums("stored_kwh"),
        float(results.stored_kwh_initial.sum()),
        mean_worth_cents_per_kwh(results.capacity_kwh, results.stored_value_cents_per_kwh),
        cost_usd(results),
    )
    local = local_time(results.start_utc, results.step_minutes, results.steps_count, results.zone)
    return split_into_days(paid, days_of(local))


def mean_worth_cents_per_kwh(capacity_kwh: Floats, worth_cents_per_kwh: Floats) -> float:
    """Average what a stored kWh is worth over homes, by their capacity if there is any."""
    weight = capacity_kwh if capacity_kwh.any() else None
    return float(np.average(worth_cents_per_kwh, weights=weight))


def split_into_days(paid: Paid, day: Integers) -> Floats:
    """Split the cost of all homes into days of the local clock, from the start of the run.

    Energy in store is valued day by day, at what it is worth at the end of the run. Homes whose
    stored energy differs in worth count by their capacity; what that mean leaves over, and the
    rounding, is spread over the days, so that they add up to `cost_usd`.

    Parameters
    ----------
    paid : Paid
        What was paid, of all homes.
    day : ndarray, shape (T,)
        Number of the day of each step, from 0.

    Returns
    -------
    ndarray, shape (D,)
        Cost of each day [USD]; the last one may be cut off by the end of the run.
    """
    paid_usd = np.bincount(day, paid.paid_microcents / MICROCENTS_PER_USD)
    gained_kwh = np.diff(paid.stored_kwh, prepend=paid.stored_kwh_initial)
    costs_usd = paid_usd - np.bincount(day, gained_kwh) * paid.worth_cents_per_kwh / 100.0
    left_usd = paid.cost_usd - float(costs_usd.sum())
    return np.asarray(costs_usd + left_usd / costs_usd.size)


def days_of(local: LocalTime) -> Integers:
    """Count the day of each step, shape (T,): a day begins at the time at which the run does."""
    clock = local.day * _DAY_MINUTES + local.minute
    # An hour that the clock shows twice lies on the day of its first.
    return np.maximum.accumulate((clock - clock[0]) // _DAY_MINUTES)
