"""Gaps of meter readings: refused, or closed by a method that a person named, and marked.

T is the number of intervals, n of homes. A missing value is NaN.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from profiles.arrays import Booleans, Floats, Integers


def longest(missing: Booleans) -> tuple[int, int, int]:
    """Find the longest gap of a table of marks (T, n).

    Returns
    -------
    length, first, home : int
        Intervals in the gap, where it begins and in which column; zeros if there is none.
    """
    best = (0, 0, 0)
    for home in np.flatnonzero(missing.any(axis=0)).tolist():
        starts, ends = _runs(missing[:, home])
        widest = int(np.argmax(ends - starts))
        length = int(ends[widest] - starts[widest])
        if length > best[0]:
            best = (length, int(starts[widest]), home)
    return best


def fill(values: Floats, method: str, day_count: int) -> Floats:
    """Close the gaps of a table (T, n).

    Parameters
    ----------
    values : ndarray, shape (T, n)
        NaN where missing; left as it is.
    method : str
        ``linear`` draws a line between the values on either side, and goes on with the nearest
        at the ends; ``previous_day`` repeats the value of 24 hours before; ``zero`` puts 0.
    day_count : int
        Intervals in 24 hours.

    Returns
    -------
    ndarray, shape (T, n)
        NaN is left where the method has nothing to go by.
    """
    return _METHODS[method](values.copy(), day_count)


def _linear(values: Floats, _: int) -> Floats:
    time = np.arange(values.shape[0])
    for home in np.flatnonzero(np.isnan(values).any(axis=0)).tolist():
        column = values[:, home]
        known = ~np.isnan(column)
        if known.any():
            column[~known] = np.interp(time[~known], time[known], column[known])
    return values


def _previous_day(values: Floats, day_count: int) -> Floats:
    missing = np.isnan(values)
    for t in np.flatnonzero(missing[day_count:].any(axis=1)) + day_count:
        values[t] = np.where(missing[t], values[t - day_count], values[t])
    return values


def _zero(values: Floats, _: int) -> Floats:
    return np.nan_to_num(values, copy=False, nan=0.0)


def _runs(missing: Booleans) -> tuple[Integers, Integers]:
    """Begin and end of each run of marks."""
    edges = np.diff(missing.astype(np.int8), prepend=0, append=0)
    return np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)


_METHODS: Mapping[str, Callable[[Floats, int], Floats]] = MappingProxyType(
    {"linear": _linear, "previous_day": _previous_day, "zero": _zero}
)
