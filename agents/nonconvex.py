"""The exact planner for any prices: some negative, or exporting that pays more than importing.

The cost to go of a battery is then piecewise linear but no longer convex. It is the lower envelope
of convex pieces, and so is the cost of a step; one step back in time convolves every piece of the
one with every piece of the other (a merge of falling segments each, as in ``agents/planning.py``,
whose symbols hold here too) and takes the lower envelope of the results.

Segments (value per stored kWh, width in stored kWh) stand from empty to full and end with a value
of minus infinity, but their values may rise where a piece ends. Such hours are rare, so nothing is
compiled before the first: what is kept on disk would not notice a change of the other file.
"""

import numpy as np
from numba import njit

from agents import envelopes
from agents.planning import (
    BUY,
    CHARGE,
    DISCHARGE,
    EXPORT,
    IMPORT,
    POWER,
    RANGE,
    SELL,
    TINY,
    Pair,
    Ratings,
    ratings,
    stage_cents,
)  # fmt: skip
from profiles.arrays import Floats, Integers

POINTS_MAX = 11  # places where the cost of one step may change its slope, at most
# Prices at which a battery earns both ways make ever finer segments. What is finer than rounding
# is dropped; beyond so many segments, as much as it takes, each time at ten times the tolerance.
TOLERANCE_CENTS, SEGMENTS_MAX = 1e-11, 256


def needed(prices: Floats) -> bool:
    """Tell whether some of the prices (H, 2) are outside 0 <= sell <= buy."""
    buy, sell = prices[:, BUY], prices[:, SELL]
    return bool(((sell < 0.0) | (sell > buy)).any())


@njit
def _points(need: float, pv: float, prices: Pair, limits: Ratings, found: Floats) -> int:
    """Battery energies (AC kWh, ascending) between which the cost of a step is linear."""
    buy, sell = prices
    net, import_max, export_max = need - pv, limits[IMPORT], limits[EXPORT]
    high = min(limits[POWER], max(import_max - net, 0.0))
    low = min(max(-limits[POWER], -need - export_max), high)  # what was bought may have to go in
    found[:8] = (low, high, 0.0, -net, -need, -net - export_max, import_max - net,
                 import_max - need)  # fmt: skip
    count = 8
    if sell > 0.0 > buy:
        # Earning on both sides: where exporting the PV and curtailing it to import pay the same.
        found[8] = buy * pv / (sell - buy) - net
        found[9] = buy * import_max / sell - net
        found[10] = -sell * export_max / buy - need
        count = 11
    kept = 0
    for i in range(count):
        if low <= found[i] <= high:
            found[kept] = found[i]
            kept += 1
    found[:kept].sort()
    return kept


@njit
def _stored(battery: float, limits: Ratings) -> float:
    return battery * limits[CHARGE] if battery > 0.0 else battery / limits[DISCHARGE]


@njit
def _stage(
    need: float, pv: float, prices: Pair, limits: Ratings, own: Floats
) -> tuple[float, float]:
    """Write a step's segments from full charge to full discharge; where they start, at what cost.

    Its cost over stored kWh is read from the right, as energy taken in leaves less for later.
    """
    battery = np.empty(POINTS_MAX)
    points_count = _points(need, pv, prices, limits, battery)
    start = x = _stored(battery[points_count - 1], limits)
    cents = now = stage_cents(battery[points_count - 1], need, pv, prices, limits)
    count = 0
    for i in range(points_count - 2, -1, -1):
        after = _stored(battery[i], limits)
        if x - after < TINY:
            continue
        cents_after = stage_cents(battery[i], need, pv, prices, limits)
        own[0, count], own[1, count] = (now - cents_after) / (x - after), x - after
        x, now = after, cents_after
        count += 1
    own[0, count] = -np.inf
    return start, cents


@njit
def _before(need: float, pv: float, prices: Pair, limits: Ratings, later: Floats) -> Floats:
    """Segments of energy held when a step begins, from those of energy held when it ends."""
    own = np.empty((2, POINTS_MAX))
    top, top_cents = _stage(need, pv, prices, limits, own)
    mine, theirs = envelopes.pieces(own, 0), envelopes.pieces(later, 0)
    found = []
    taken, saved = 0.0, 0.0  # stored kWh and cents up to the piece
    for i in range(mine.size - 1):
        begin, cents = -(top - taken), top_cents - saved
        for k in range(theirs.size - 1):
            piece = envelopes.convolved(
                own, (mine[i], mine[i + 1]), later, (theirs[k], theirs[k + 1]), (begin, cents),
                limits[RANGE],
            )  # fmt: skip
            if piece[0].size > 0:
                found.append(piece)
            for j in range(theirs[k], theirs[k + 1]):
                begin += later[1, j]
                cents -= later[0, j] * later[1, j]
        for j in range(mine[i], mine[i + 1]):
            taken += own[1, j]
            saved += own[0, j] * own[1, j]
    now = envelopes.simplified(envelopes.lowest(found), TOLERANCE_CENTS)
    tolerance_cents = TOLERANCE_CENTS
    while now.shape[1] > SEGMENTS_MAX:
        tolerance_cents *= 10.0
        now = envelopes.simplified(now, tolerance_cents)
    return now


@njit
def _backward(
    need: Floats, pv: Floats, prices: Floats, limits: Ratings, terminal: float
) -> list[Floats]:
    """Segments of energy held when step h begins, for h = H .. 1, in this order."""
    found = [np.array([[terminal, -np.inf], [limits[RANGE], 0.0]])]
    for h in range(need.size - 1, 0, -1):
        price = (prices[h, BUY], prices[h, SELL])
        found.append(_before(need[h], pv[h], price, limits, found[-1]))
    return found


@njit
def _worth(held: float, later: Floats) -> float:
    """Value of holding ``held`` kWh [cents]: the area under the segments up to it."""
    cents, k = 0.0, 0
    while held > 0.0 and later[0, k] > -np.inf:
        cents += min(later[1, k], held) * later[0, k]
        held -= later[1, k]
        k += 1
    return cents


@njit
def _best_battery(
    held: float, need: float, pv: float, prices: Pair, limits: Ratings, later: Floats
) -> float:
    """Battery energy (AC kWh) that minimises this step's cost less the value of what is held.

    Between breakpoints both are linear, so all breakpoints are tried. Of equal costs the smallest
    movement is taken.
    """
    steps = np.empty(POINTS_MAX)
    count = _points(need, pv, prices, limits, steps)
    low = max(_stored(steps[0], limits), -held)
    high = min(_stored(steps[count - 1], limits), limits[RANGE] - held)
    best, best_cents = 0.0, np.inf
    i, k, edge = 0, 0, -held
    while i < count or later[0, k] > -np.inf:
        if i < count:
            x = _stored(steps[i], limits)
            i += 1
        else:
            edge += later[1, k]
            k += 1
            x = edge
        x = min(max(x, low), high)
        battery = x / limits[CHARGE] if x > 0.0 else x * limits[DISCHARGE]
        cents = stage_cents(battery, need, pv, prices, limits) - _worth(held + x, later)
        tie = abs(cents - best_cents) <= TINY * (1.0 + abs(cents))
        if (tie and abs(battery) < abs(best)) or (not tie and cents < best_cents):
            best, best_cents = battery, cents
    return best


@njit(nogil=True)
def value_segments(
    load: Floats, pv: Floats, prices: Floats, limits: Floats, terminal: Floats
) -> tuple[Integers, Floats, Floats]:
    """Segments of energy held after step 0, as ``planning.value_segments`` gives them."""
    homes, samples = load.shape[:2]
    offset = np.zeros(homes * samples + 1, np.int64)
    found = [np.empty((2, 0))]
    for row in range(homes * samples):
        i, m = row // samples, row % samples
        one = ratings(limits, i)
        offset[row + 1] = offset[row]
        if one[RANGE] > 0.0:
            first = _backward(load[i, m], pv[i, m], prices, one, terminal[i])[-1]
            found.append(first[:, :-1].copy())
            offset[row + 1] += first.shape[1] - 1
    value, width = np.empty(offset[-1]), np.empty(offset[-1])
    end = 0
    for part in found:
        value[end : end + part.shape[1]] = part[0]
        width[end : end + part.shape[1]] = part[1]
        end += part.shape[1]
    return offset, value, width


@njit
def best_batteries(
    held: Floats, need: Floats, pv: Floats, prices: Pair, limits: Floats,
    curves: tuple[Integers, Floats, Floats],
) -> Floats:  # fmt: skip
    """Battery energy (n,) [AC kWh] that suits each home best this step; 0 without segments."""
    offset, value, width = curves
    battery = np.zeros(held.size)
    for i in range(held.size):
        count = offset[i + 1] - offset[i]
        if count > 0:
            later = np.full((2, count + 1), -np.inf)
            later[0, :count] = value[offset[i] : offset[i + 1]]
            later[1, :count] = width[offset[i] : offset[i + 1]]
            one = ratings(limits, i)
            battery[i] = _best_battery(held[i], need[i], pv[i], prices, one, later)
    return battery


@njit
def plan(
    load: Floats, pv: Floats, prices: Floats, limits: Floats, held: Floats, terminal: Floats
) -> tuple[Floats, Floats, Floats]:
    """Plan H steps of n batteries from ``held`` (n,) on, as ``planning.plan`` does."""
    homes, ahead = load.shape
    battery, more, less = np.zeros((homes, ahead)), np.zeros((homes, ahead)), np.zeros(load.shape)
    for i in range(homes):
        one, now = ratings(limits, i), held[i]
        if one[RANGE] <= 0.0:
            continue
        stages = _backward(load[i], pv[i], prices, one, terminal[i])
        for h in range(ahead):
            later, price = stages[ahead - 1 - h], (prices[h, BUY], prices[h, SELL])
            energy = _best_battery(now, load[i, h], pv[i, h], price, one, later)
            now = min(max(now + _stored(energy, one), 0.0), one[RANGE])
            battery[i, h] = energy
            left, k = now, 0
            while left > later[1, k] - TINY and later[0, k + 1] > -np.inf:
                left -= later[1, k]
                k += 1
            more[i, h] = later[0, k] if left < later[1, k] - TINY else 0.0
            less[i, h] = later[0, k] if left > TINY or k == 0 else later[0, k - 1]
    return battery, more, less
