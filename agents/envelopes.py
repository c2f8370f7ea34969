"""Piecewise linear costs of stored energy that are not convex: their pieces and lower envelopes.

Segments (value per stored kWh, width in stored kWh) stand from empty to full: the cost falls by
value times width along each. They end with a value of minus infinity; where a value rises, a
convex piece ends. Nothing is compiled before it is called, see ``agents/nonconvex.py``.
"""

import numpy as np
from numba import njit

from profiles.arrays import Floats, Integers

TINY = 1e-12

Piece = tuple[Floats, Floats, float]
"""Values, ends of the segments with the start in front [stored kWh], cost at the start."""


@njit
def pieces(segments: Floats, at: int) -> Integers:
    """Places at which convex pieces begin, and the place behind the last segment."""
    found = [at]
    k = at
    while segments[0, k] > -np.inf:
        rise = segments[0, k] - segments[0, k - 1] if k > at else 0.0
        if rise > TINY * (1.0 + abs(segments[0, k])):
            found.append(k)
        k += 1
    found.append(k)
    return np.array(found)


@njit
def convolved(
    own: Floats, mine: tuple[int, int], later: Floats, theirs: tuple[int, int],
    begins: tuple[float, float], usable: float,
) -> Piece:  # fmt: skip
    """Merge one piece of each, named by first and end place, and keep what lies in 0..usable.

    ``begins`` is where the merged piece starts [stored kWh], perhaps outside, and its cost there.
    """
    (i, end_i), (k, end_k), (at, cents) = mine, theirs, begins
    value, edge = np.empty(end_i - i + end_k - k), np.empty(end_i - i + end_k - k + 1)
    count = 0
    edge[0] = min(max(at, 0.0), usable)
    while i < end_i or k < end_k:
        if k == end_k or (i < end_i and own[0, i] >= later[0, k]):
            price, width = own[0, i], own[1, i]
            i += 1
        else:
            price, width = later[0, k], later[1, k]
            k += 1
        cents -= price * max(min(width, -at), 0.0)  # what lies below empty
        at += width
        end = min(max(at, 0.0), usable)
        if end > edge[count]:
            value[count], edge[count + 1] = price, end
            count += 1
    return value[:count], edge[: count + 1], cents


@njit
def _push(segments: Floats, count: int, value: float, width: float) -> tuple[Floats, int]:
    """Append a segment, joined with the one before it if the value is the same."""
    if width <= 0.0:
        return segments, count
    if count > 0 and abs(segments[0, count - 1] - value) <= TINY * (1.0 + abs(value)):
        segments[1, count - 1] += width
        return segments, count
    if count + 1 == segments.shape[1]:
        more = np.empty((2, 2 * segments.shape[1]))
        more[:, :count] = segments[:, :count]
        segments = more
    segments[0, count], segments[1, count] = value, width
    return segments, count + 1


@njit
def _lowest_at(cents: Floats, value: Floats) -> int:
    """Tell which cost is lowest here; of equal ones the one that falls most. NaN takes no part."""
    best = -1
    for j in range(cents.size):
        if np.isnan(value[j]):
            continue
        lower = best < 0 or cents[j] < cents[best]
        if lower or (cents[j] == cents[best] and value[j] > value[best]):
            best = j
    return best


@njit
def _crossing(
    cents: Floats, value: Floats, lowest: int, passed: float, length: float
) -> tuple[int, float]:
    """First cost to fall below the lowest, and where; (-1, length) if none does in ``length``."""
    nearest, where = -1, length
    for j in range(cents.size):
        if value[j] > value[lowest]:
            place = max((cents[j] - cents[lowest]) / (value[j] - value[lowest]), passed)
            if place < where:
                nearest, where = j, place
    return nearest, where


@njit
def lowest(pieces: list[Piece]) -> Floats:
    """Segments of the lowest of several costs, each linear between its own edges."""
    grid = np.unique(np.array([place for _, edge, _ in pieces for place in edge]))
    place = np.zeros(len(pieces), np.int64)
    cents = np.array([cost for _, _, cost in pieces])
    value = np.empty(len(pieces))
    result, count = np.empty((2, 2 * grid.size + 1)), 0
    for g in range(grid.size - 1):
        length = grid[g + 1] - grid[g]
        for j in range(len(pieces)):
            own, edge, _ = pieces[j]
            here = edge[0] <= grid[g] and grid[g + 1] <= edge[-1]
            value[j] = own[place[j]] if here else np.nan
        best, passed = _lowest_at(cents, value), 0.0
        while best >= 0:
            nearest, where = _crossing(cents, value, best, passed, length)
            result, count = _push(result, count, value[best], where - passed)
            best, passed = nearest, where
        for j in range(len(pieces)):
            if not np.isnan(value[j]):
                cents[j] -= value[j] * length
                place[j] += pieces[j][1][place[j] + 1] == grid[g + 1]
    result[0, count] = -np.inf
    return result[:, : count + 1].copy()
