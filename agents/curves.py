"""What stored energy is worth to each home: value segments, kept one after another.

Home i owns the segments ``offset[i]:offset[i + 1]``. They start at the home's lower charge limit
and their widths add up to its usable range. A home without a battery, or whose battery follows a
set-point, owns none.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit

from profiles.arrays import Booleans, Floats, Integers

TINY = 1e-12
EQUAL_CENTS_PER_KWH = 1e-6  # cells of a grid that differ by less are one segment
WAITING_CENTS_PER_KWH = 0.1  # what a kWh charged later is better by: more is known then


@dataclass(frozen=True, slots=True)
class Curves:
    """Value segments of n homes, K in all."""

    offset: Integers  # (n + 1,)
    value_cents_per_kwh: Floats  # (K,) per stored kWh, falling within a home (but see `falling`)
    width_kwh: Floats  # (K,) stored energy

    @property
    def arrays(self) -> tuple[Integers, Floats, Floats]:
        """The three arrays, as kernels take them."""
        return self.offset, self.value_cents_per_kwh, self.width_kwh

    @property
    def falls(self) -> bool:
        """Whether no home's values rise."""
        rises = np.diff(self.value_cents_per_kwh) > 0.0
        first = self.offset[(self.offset > 0) & (self.offset < self.value_cents_per_kwh.size)]
        rises[first - 1] = False  # from one home to the next
        return not rises.any()


def none(homes_count: int) -> Curves:
    """Curves of homes that own no segment."""
    return Curves(np.zeros(homes_count + 1, np.int64), np.empty(0), np.empty(0))


def joined(parts: Sequence[Curves]) -> Curves:
    """Put curves of homes that follow each other together."""
    if len(parts) == 1:
        return parts[0]
    ends = np.cumsum([0, *(part.offset[-1] for part in parts)])
    starts = [part.offset[:-1] + end for part, end in zip(parts, ends[:-1], strict=True)]
    return Curves(
        np.concatenate([*starts, ends[-1:]]),
        np.concatenate([part.value_cents_per_kwh for part in parts]),
        np.concatenate([part.width_kwh for part in parts]),
    )


def mean(offset: Integers, value: Floats, width: Floats, samples_count: int) -> Curves:
    """Average every home's ``samples_count`` lists at equal stored energy.

    The mean of piecewise linear functions has the mean of their slopes, so the average is exact.
    """
    return Curves(*_mean(offset, value, width, samples_count))


def of_benefits(benefit_cents: Floats, usable_kwh: Floats) -> Curves:
    """Cells of a planning grid as segments; equal neighbours are joined.

    Parameters
    ----------
    benefit_cents : ndarray, shape (n, K + 2)
        Benefit at K + 1 equally spaced charges, the last one twice, as in ``agents.worth``.
    usable_kwh : ndarray, shape (n,)
        Range that the grid covers; 0 gives no segment.
    """
    return Curves(*_of_benefits(benefit_cents, usable_kwh))


def chosen(first: Booleans, one: Curves, other: Curves) -> Curves:
    """Take the segments of some homes from one set and of the rest from another.

    Parameters
    ----------
    first : ndarray of bool, shape (n,)
        Whose segments are those of ``one``.
    one, other : Curves
        Of the same n homes.
    """
    counts = np.where(first, np.diff(one.offset), np.diff(other.offset))
    offset = np.concatenate(([0], np.cumsum(counts)))
    value, width = np.empty(offset[-1]), np.empty(offset[-1])
    for curves, whose in ((one, first), (other, ~first)):
        into = np.repeat(whose, counts)
        taken = np.repeat(whose, np.diff(curves.offset))
        value[into] = curves.value_cents_per_kwh[taken]
        width[into] = curves.width_kwh[taken]
    return Curves(offset, value, width)


def falling(curves: Curves) -> Curves:
    """Smallest curves above the given ones whose values fall, as a demand curve has to.

    Values rise only where prices are negative or exporting pays more than importing. There,
    energy is bid at its mean over the stretch. A market that fills such a bid in part leaves a
    home with less than it hoped for; what it then does is the best with what it has.
    """
    return Curves(*_falling(*curves.arrays))


@njit(cache=True)
def _falling(offset: Integers, value: Floats, width: Floats) -> tuple[Integers, Floats, Floats]:
    """Pool neighbours whose values rise, home by home."""
    starts, count = np.zeros_like(offset), 0
    values, widths = np.empty_like(value), np.empty_like(width)
    for i in range(offset.size - 1):
        for k in range(offset[i], offset[i + 1]):
            values[count], widths[count] = value[k], width[k]
            count += 1
            while count - 1 > starts[i] and values[count - 1] > values[count - 2]:
                both = widths[count - 2] + widths[count - 1]
                cents = (
                    values[count - 2] * widths[count - 2] + values[count - 1] * widths[count - 1]
                )
                count -= 1
                values[count - 1], widths[count - 1] = cents / both, both
        starts[i + 1] = count
    return starts, values[:count].copy(), widths[:count].copy()


@njit(cache=True, nogil=True)
def _mean(
    offset: Integers, value: Floats, width: Floats, samples: int
) -> tuple[Integers, Floats, Floats]:
    homes = (offset.size - 1) // samples
    means, widths = np.empty_like(value), np.empty_like(width)
    starts = np.zeros(homes + 1, np.int64)
    for i in range(homes):
        first = offset[i * samples : (i + 1) * samples + 1]
        starts[i + 1] = starts[i] + _mean_of_one(
            first, value, width, means[starts[i] :], widths[starts[i] :]
        )
    return starts, means[: starts[homes]].copy(), widths[: starts[homes]].copy()


@njit(cache=True)
def _mean_of_one(
    offset: Integers, value: Floats, width: Floats, means: Floats, widths: Floats
) -> int:
    """Average the lists of one home; return the count of segments written."""
    samples = offset.size - 1
    at = offset[:-1].copy()
    ends = offset[1:]
    if at[0] == ends[0]:
        return 0
    left = width[at]
    count = 0
    while True:
        reach = left.min()
        total = 0.0
        for m in range(samples):
            total += value[at[m]]
        if count > 0 and means[count - 1] == total / samples:
            widths[count - 1] += reach
        else:
            means[count], widths[count] = total / samples, reach
            count += 1
        for m in range(samples):
            left[m] -= reach
            while left[m] <= TINY:
                at[m] += 1
                if at[m] == ends[m]:  # all lists are equally long: all end here
                    return count
                left[m] += width[at[m]]


@njit(cache=True)
def _of_benefits(benefit: Floats, usable: Floats) -> tuple[Integers, Floats, Floats]:
    homes, cells = benefit.shape[0], benefit.shape[1] - 2
    starts, count = np.zeros(homes + 1, np.int64), 0
    values, widths = np.empty(homes * cells), np.empty(homes * cells)
    for i in range(homes):
        cell = usable[i] / cells
        for k in range(cells if cell > 0.0 else 0):
            # A hair less: of equal times to charge the latest is taken, when more is known.
            value = (benefit[i, k + 1] - benefit[i, k]) / cell - WAITING_CENTS_PER_KWH
            value = max(value, 0.0)  # or energy that is worth nothing would be given away
            # Rounding must not decide which of two homes goes first that value energy alike.
            value = np.rint(value / EQUAL_CENTS_PER_KWH) * EQUAL_CENTS_PER_KWH
            if k > 0 and values[count - 1] - value < 0.5 * EQUAL_CENTS_PER_KWH:
                values[count - 1] = min(values[count - 1], value)
                widths[count - 1] += cell
            else:
                values[count], widths[count] = value, cell
                count += 1
        starts[i + 1] = count
    return starts, values[:count].copy(), widths[:count].copy()
