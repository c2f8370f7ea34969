"""What a bill holds besides energy: a standing charge, and a credit for the first kWh imported.

T is the number of steps of a run, n of homes. The credit is paid for imports from the grid, as they
come, until the home's allowance of the billing period is used up. Sums are rounded, not steps:
what a step posts is the rounded sum since the period began less what was posted before. So a
period's total is its exact amount rounded once, however the period is cut into steps.
"""

from dataclasses import dataclass

import numpy as np

from market.settlement import MICROCENTS_PER_CENT, Due
from profiles.arrays import Booleans, Floats, Integers


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """What the grid bills in each step of a run whatever the step's energy costs."""

    fixed_charge_microcents: Integers  # (T,) due from every home
    baseline_cents_per_kwh: Floats  # (T,) credited within the allowance
    allowance_kwh: Floats  # (T,) of every home, for the whole billing period of the step
    opens: Booleans  # (T,) whether the step is the first of a billing period
    has_credit: bool  # whether any step can bring one


@dataclass(frozen=True, slots=True, eq=False)
class Credited:
    """What every home has had of its allowance since the billing period began."""

    import_kwh: Floats  # (n,) imported within the allowance
    credit_microcents: Floats  # (n,) for that, before rounding


def standing(
    fixed_cents: Floats,
    baseline_cents_per_kwh: Floats,
    baseline_kwh: Floats,
    billing_period: Integers,
) -> Standing:
    """Put together what falls due in the T steps of a run.

    Parameters
    ----------
    fixed_cents : ndarray, shape (T,)
        Standing charge of every home that falls due in the step [cents].
    baseline_cents_per_kwh : ndarray, shape (T,)
        Credited for an import within the allowance [cents/kWh].
    baseline_kwh : ndarray, shape (T,)
        Allowance of every home that the step adds to its billing period [kWh]; steps outside the
        run add none.
    billing_period : ndarray, shape (T,)
        Number of the billing period; a change of it opens a new one.
    """
    opens = np.ones(billing_period.size, dtype=np.bool_)
    opens[1:] = billing_period[1:] != billing_period[:-1]
    first = np.flatnonzero(opens)
    steps_count = np.diff(first, append=billing_period.size)  # of each period
    allowance_kwh = np.repeat(np.add.reduceat(baseline_kwh, first), steps_count)
    parts = np.split(fixed_cents, first[1:])
    return Standing(
        fixed_charge_microcents=np.concatenate([_posted(part) for part in parts]),
        baseline_cents_per_kwh=baseline_cents_per_kwh,
        allowance_kwh=allowance_kwh,
        opens=opens,
        has_credit=bool(np.any((baseline_cents_per_kwh != 0.0) & (allowance_kwh > 0.0))),
    )


def nothing_credited(homes_count: int) -> Credited:
    """Return the state in which a billing period begins."""
    return Credited(np.zeros(homes_count), np.zeros(homes_count))


def fall_due(
    terms: Standing, index: int, before: Credited, import_kwh: Floats
) -> tuple[Due, Credited]:
    """Tell what a step bills besides its energy, and what the homes have been credited then.

    Parameters
    ----------
    terms : Standing
        Of the run.
    index : int
        The step; steps are taken in order, each once.
    before : Credited
        State of the n homes when the step begins.
    import_kwh : ndarray, shape (n,)
        Bought from the grid in the step [kWh].
    """
    fixed = int(terms.fixed_charge_microcents[index])
    if not terms.has_credit:
        return Due(fixed, np.zeros(import_kwh.size, dtype=np.int64)), before
    if terms.opens[index]:
        before = nothing_credited(import_kwh.size)
    left_kwh = np.maximum(terms.allowance_kwh[index] - before.import_kwh, 0.0)
    within_kwh = np.minimum(import_kwh, left_kwh)
    rate = terms.baseline_cents_per_kwh[index] * MICROCENTS_PER_CENT
    after = Credited(before.import_kwh + within_kwh, before.credit_microcents + rate * within_kwh)
    posted = np.rint(after.credit_microcents) - np.rint(before.credit_microcents)
    return Due(fixed, posted.astype(np.int64)), after


def _posted(cents: Floats) -> Integers:
    """Round the running sum of a period, and give each step what it adds to it."""
    total = np.rint(np.cumsum(cents * MICROCENTS_PER_CENT)).astype(np.int64)
    return np.diff(total, prepend=0)
