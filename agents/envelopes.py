"""Piecewise linear costs of stored energy that are not convex: their pieces and lower envelopes.

Segments (value per stored kWh, width in stored kWh) stand from empty to full: the cost falls by
value times width along each. They end with a value of minus infinity; where a value rises, a
convex piece ends. Nothing is compiled before it is called, see ``agents/nonconvex.py``.
"""

import numpy as np
from numba import njit

from profiles.arrays import Floats, Integers

TINY = 1e-12
START, END, CENTS, VALUE = range(4)  # rows of cells

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
def _cells(piece: Piece) -> Floats:
    """Write a piece as cells: start, end, cost at the start, value; shape (4, count)."""
    value, edge, cents = piece
    cells = np.empty((4, value.size))
    for k in range(value.size):
        cells[START, k], cells[END, k] = edge[k], edge[k + 1]
        cells[CENTS, k], cells[VALUE, k] = cents, value[k]
        cents -= value[k] * (edge[k + 1] - edge[k])
    return cells


@njit
def _emit(cells: Floats, count: int, one: Floats, at: float, end: float) -> int:
    """Append the part of a cell from ``at`` to ``end``, joined with the last if it goes on so."""
    cents = one[CENTS] - one[VALUE] * (at - one[START])
    if end <= at:
        return count
    if count > 0 and cells[END, count - 1] == at:
        last = cells[:, count - 1]
        same = abs(last[VALUE] - one[VALUE]) <= TINY * (1.0 + abs(one[VALUE]))
        reached = last[CENTS] - last[VALUE] * (at - last[START])
        if same and abs(reached - cents) <= TINY * (1.0 + abs(cents)):
            last[END] = end
            return count
    cells[START, count], cells[END, count] = at, end
    cells[CENTS, count], cells[VALUE, count] = cents, one[VALUE]
    return count + 1


@njit
def _lower(a: Floats, b: Floats) -> Floats:
    """Cells of the lower of two costs; where one of them has none, the other's."""
    first, second = a.shape[1], b.shape[1]
    cells, count = np.empty((4, 4 * (first + second))), 0
    i, j = 0, 0
    at = min(a[START, 0], b[START, 0])
    while i < first or j < second:
        in_a, in_b = i < first and a[START, i] <= at, j < second and b[START, j] <= at
        end_a = np.inf if i == first else (a[END, i] if in_a else a[START, i])
        end_b = np.inf if j == second else (b[END, j] if in_b else b[START, j])
        end = min(end_a, end_b)
        if in_a and in_b:
            lead = (b[CENTS, j] - b[VALUE, j] * (at - b[START, j])) - (
                a[CENTS, i] - a[VALUE, i] * (at - a[START, i])
            )  # of a over b
            gain = b[VALUE, j] - a[VALUE, i]  # by which b falls faster
            crossing = at + lead / gain if lead * gain > 0.0 else end
            crossing = min(max(crossing, at), end)
            a_first = lead > 0.0 or (lead == 0.0 and gain <= 0.0)
            count = _emit(cells, count, a[:, i] if a_first else b[:, j], at, crossing)
            count = _emit(cells, count, b[:, j] if a_first else a[:, i], crossing, end)
        elif in_a or in_b:
            count = _emit(cells, count, a[:, i] if in_a else b[:, j], at, end)
        at = end
        i += in_a and end_a <= at
        j += in_b and end_b <= at
    return cells[:, :count].copy()


@njit
def lowest(pieces: list[Piece]) -> Floats:
    """Segments of the lowest of several costs, each linear between its own edges.

    Together they must cover all from the lowest edge to the highest.
    """
    costs = [_cells(piece) for piece in pieces]
    while len(costs) > 1:  # in pairs, so that every cell is looked at a few times only
        costs = [
            _lower(costs[k], costs[k + 1]) if k + 1 < len(costs) else costs[k]
            for k in range(0, len(costs), 2)
        ]
    cells = costs[0]
    segments = np.empty((2, cells.shape[1] + 1))
    segments[0, :-1], segments[1, :-1] = cells[VALUE], cells[END] - cells[START]
    segments[:, -1] = -np.inf, 0.0
    return segments


@njit
def simplified(segments: Floats, tolerance_cents: float) -> Floats:
    """Fewer segments through some of the same edges, nowhere off by more than the tolerance.

    Each new segment reaches as far as the cone allows in which all edges passed lie [1]_.

    References
    ----------
    .. [1] H. Imai, M. Iri, "Computational-geometric methods for polygonal approximations of a
       curve," Computer Vision, Graphics, and Image Processing 36(1), 1986.
    """
    last = segments.shape[1] - 1
    result, count = np.empty_like(segments), 0
    i = 0
    while i < last:
        width, cents = 0.0, 0.0
        low, high = -np.inf, np.inf
        k = i
        while k < last and low <= high:
            width += segments[1, k]
            cents += segments[0, k] * segments[1, k]
            k += 1
            if low <= cents / width <= high:
                result[0, count], result[1, count] = cents / width, width
                i = k
            low = max(low, (cents - tolerance_cents) / width)
            high = min(high, (cents + tolerance_cents) / width)
        count += 1
    result[:, count] = segments[:, last]
    return result[:, : count + 1].copy()
