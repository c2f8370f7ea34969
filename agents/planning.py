"""The exact planner: what one battery is worth, under given prices, as falling value segments.

The cost to go of a battery is convex and piecewise linear in its stored energy, so it is kept as
the list of its slopes: segments (value per stored kWh, width in stored kWh) in falling order of
value, from empty to full. One step back in time merges the step's own segments into the list
(an infimal convolution) and cuts off what lies outside the battery. ``docs/physics.md`` derives it.
All prices must be 0 <= sell <= buy; ``agents/nonconvex.py`` plans under any others.

Symbols: n homes, M samples, H steps ahead. ``held`` is energy above the lower charge limit [kWh].
A row of ``limits`` is one home's ``(RANGE, POWER, CHARGE, DISCHARGE, IMPORT, EXPORT)``: usable
stored kWh, AC kWh per step, two efficiencies, connection kWh per step each way. A row of ``prices``
is ``(BUY, SELL)`` [cents/kWh]. ``need`` is load plus what was sold less what was bought [kWh].

All kernels live in this one file: Numba's cache notices a change of the file a kernel stands in,
not of the files it calls.
"""

import numpy as np
from numba import njit

from profiles.arrays import Floats, Integers

Pair = tuple[float, float]
Ratings = tuple[float, float, float, float, float, float]

RANGE, POWER, CHARGE, DISCHARGE, IMPORT, EXPORT = range(6)
BUY, SELL = range(2)
# Planning pays this for load it cannot serve; nobody is billed for it.
UNSERVED_CENTS_PER_KWH = 1000.0
SEGMENTS_MAX = 7  # of one step's own, at most
TINY = 1e-12


@njit(cache=True)
def ratings(limits: Floats, row: int) -> Ratings:
    """One home's row as a tuple: inside the kernels tuples cost nothing, views of arrays do."""
    return (
        limits[row, RANGE], limits[row, POWER], limits[row, CHARGE],
        limits[row, DISCHARGE], limits[row, IMPORT], limits[row, EXPORT],
    )  # fmt: skip


@njit(cache=True)
def exchange(base: float, pv: float, prices: Pair, limits: Ratings) -> tuple[float, float, float]:
    """Cheapest grid flow of a step whose net need is ``base`` before PV is curtailed.

    Returns grid flow (import positive), curtailed and unserved energy [kWh]. With prices of the
    usual sign nothing is curtailed unless the connection binds; where exporting costs money, or
    importing earns it, PV is turned down as far as that pays.
    """
    if base >= limits[IMPORT]:
        return limits[IMPORT], 0.0, base - limits[IMPORT]
    low = max(base, -limits[EXPORT])
    high = min(base + pv, limits[IMPORT])
    best = low
    best_cents = prices[BUY] * low if low > 0.0 else prices[SELL] * low
    if best_cents > 0.0 and low < 0.0:
        best = max(min(high, 0.0), low)
        best_cents = prices[SELL] * best
    if high > max(low, 0.0) and prices[BUY] * high < best_cents:
        best = high
    return best, best - base, 0.0


@njit(cache=True)
def stage_cents(battery: float, need: float, pv: float, prices: Pair, limits: Ratings) -> float:
    """Cost of a step [cents] in which the battery takes ``battery`` kWh AC (negative gives)."""
    base = need - pv + battery
    flow, curtailed, unserved = exchange(base, pv, prices, limits)
    if curtailed > pv + TINY * (1.0 + abs(base)):
        return np.inf  # more would leave the home than its connection lets out
    price = prices[BUY] if flow > 0.0 else prices[SELL]
    return price * flow + UNSERVED_CENTS_PER_KWH * unserved


@njit(cache=True)
def _push(segments: Floats, count: int, value: float, width: float) -> int:
    """Append a segment unless it is empty: an empty one would break the merge."""
    segments[0, count] = value
    segments[1, count] = width
    return count + (width > 0.0)  # without a branch: which segments are empty is hard to predict


@njit(cache=True)
def _stage(need: float, pv: float, prices: Pair, limits: Ratings, own: Floats) -> tuple[int, float]:
    """Write one step's own segments in falling order; return their count and the charging width.

    The charging part comes first (dearest charge first), then the discharging part.
    """
    buy, sell = prices
    net = need - pv
    power, into, out = limits[POWER], limits[CHARGE], limits[DISCHARGE]
    charge = min(power, max(limits[IMPORT] - net, 0.0))
    surplus = min(charge, max(-net, 0.0))
    wasted = min(surplus, max(-net - limits[EXPORT], 0.0))
    dark = min(power, max(net - limits[IMPORT], 0.0))
    load = min(power, max(net, 0.0)) - dark
    spare = min(power - dark - load, max(limits[EXPORT] - max(-net, 0.0), 0.0))
    count = _push(own, 0, buy / into, (charge - surplus) * into)
    count = _push(own, count, sell / into, (surplus - wasted) * into)
    count = _push(own, count, 0.0, wasted * into)
    count = _push(own, count, UNSERVED_CENTS_PER_KWH * out, dark / out)
    count = _push(own, count, buy * out, load / out)
    count = _push(own, count, sell * out, spare / out)
    # Giving energy up for PV that is then curtailed pays only before importing earns money.
    given = dark + load + spare
    given_max = min(power, max(limits[EXPORT] + need, 0.0))
    count = _push(own, count, -TINY, (given_max - given) / out)
    own[0, count] = -np.inf
    return count, charge * into


@njit(cache=True)
def _merge(own: Floats, skip: float, keep: float, lists: Floats, at: int, top: int) -> int:
    """Merge a step's own segments with the later ones; drop ``skip``, keep the next ``keep`` kWh.

    The later segments start at ``lists[..][at]``. Both lists end with a value of minus infinity,
    and so does the merged one, written from ``top`` on; returns the place behind it.
    """
    i, start = 0, top
    while keep > 0.0:
        if own[0, i] >= lists[0, at]:
            value, width = own[0, i], own[1, i]
            i += 1
        else:
            value, width = lists[0, at], lists[1, at]
            at += 1
        if value == -np.inf:  # both lists ran out: rounding of the widths alone can do that
            lists[1, top - 1] += keep
            break
        if skip >= width:
            skip -= width
            continue
        width = min(width - skip, keep)
        skip = 0.0
        keep -= width
        if top > start and lists[0, top - 1] == value:
            lists[1, top - 1] += width
        else:
            lists[0, top] = value
            lists[1, top] = width
            top += 1
    lists[0, top] = -np.inf
    return top + 1


@njit(cache=True)
def _backward(
    need: Floats, pv: Floats, prices: Floats, limits: Ratings, terminal: float, lists: Floats,
    edges: Integers, own: Floats,
) -> None:  # fmt: skip
    """Write the value segments of energy held when step h begins, for h = H .. 1, one by one.

    Those of step h start at ``edges[h]``.
    """
    last = need.size
    edges[last] = 0
    lists[0, 0], lists[1, 0] = terminal, limits[RANGE]
    lists[0, 1] = -np.inf
    top = 2
    for h in range(last - 1, 0, -1):
        _, skip = _stage(need[h], pv[h], (prices[h, BUY], prices[h, SELL]), limits, own)
        edges[h] = top
        top = _merge(own, skip, limits[RANGE], lists, edges[h + 1], top)


@njit(cache=True)
def _buffers(ahead: int) -> tuple[Floats, Integers, Floats]:
    """Room for all lists of ``ahead`` steps (each step adds a few segments), and for one step."""
    size = (SEGMENTS_MAX * ahead // 2 + 2) * (ahead + 2)
    return np.empty((2, size)), np.empty(ahead + 1, np.int64), np.empty((2, SEGMENTS_MAX + 1))


@njit(cache=True)
def _best_battery(
    held: float, need: float, pv: float, prices: Pair, limits: Ratings, later: Floats, at: int,
    own: Floats,
) -> float:  # fmt: skip
    """Battery energy (AC kWh) that minimises this step's cost less the value of what is held.

    Energy is taken from the dearest segments of step and future (``later``, from ``at`` on) down
    to what is held; the step's own part tells what to do.
    """
    _, charge = _stage(need, pv, prices, limits, own)
    i = 0
    wanted, x = held + charge, charge
    while wanted > 0.0:
        if own[0, i] >= later[0, at]:
            if own[0, i] == -np.inf:
                break
            x -= min(own[1, i], wanted)
            wanted -= own[1, i]
            i += 1
        else:
            wanted -= later[1, at]
            at += 1
    x = min(max(x, -held), limits[RANGE] - held)
    return x / limits[CHARGE] if x > 0.0 else x * limits[DISCHARGE]


@njit(cache=True, nogil=True)
def value_segments(
    load: Floats, pv: Floats, prices: Floats, limits: Floats, terminal: Floats
) -> tuple[Integers, Floats, Floats]:
    """Segments of energy held after step 0, for each home and sample of (n, M, H) futures.

    Sample m of home i owns those from ``offset[i * M + m]`` to the next offset. ``terminal`` (n,)
    values what is held at the end [cents per stored kWh].
    """
    homes, samples, ahead = load.shape
    lists, edges, own = _buffers(ahead)
    offset = np.zeros(homes * samples + 1, np.int64)
    value, width = np.empty(64 * (homes + ahead)), np.empty(64 * (homes + ahead))
    for row in range(homes * samples):
        i, m = row // samples, row % samples
        one = ratings(limits, i)
        end = offset[row]
        if one[RANGE] > 0.0:
            _backward(load[i, m], pv[i, m], prices, one, terminal[i], lists, edges, own)
            at = edges[1]
            while lists[0, at] > -np.inf:
                if end == value.size:
                    value, width = np.append(value, value), np.append(width, width)
                value[end], width[end] = lists[0, at], lists[1, at]
                end += 1
                at += 1
        offset[row + 1] = end
    return offset, value[:end].copy(), width[:end].copy()


@njit(cache=True)
def best_batteries(
    held: Floats, need: Floats, pv: Floats, prices: Pair, limits: Floats,
    curves: tuple[Integers, Floats, Floats],
) -> Floats:  # fmt: skip
    """Battery energy (n,) [AC kWh] that suits each home best this step; 0 without segments."""
    offset, value, width = curves
    battery = np.zeros(held.size)
    most = int(np.max(np.diff(offset))) + 1
    later, own = np.empty((2, most)), np.empty((2, SEGMENTS_MAX + 1))
    for i in range(held.size):
        count = offset[i + 1] - offset[i]
        if count > 0:
            later[0, :count] = value[offset[i] : offset[i + 1]]
            later[1, :count] = width[offset[i] : offset[i + 1]]
            later[0, count] = -np.inf
            battery[i] = _best_battery(
                held[i], need[i], pv[i], prices, ratings(limits, i), later, 0, own
            )
    return battery


@njit(cache=True)
def plan(
    load: Floats, pv: Floats, prices: Floats, limits: Floats, held: Floats, terminal: Floats
) -> tuple[Floats, Floats, Floats]:
    """Plan H steps of n batteries from ``held`` (n,) on; load, pv (n, H), prices (H, 2).

    Returns battery energy (n, H) [AC kWh], and the value of one stored kWh more and of one less
    after each step (n, H) [cents].
    """
    homes, ahead = load.shape
    lists, edges, own = _buffers(ahead)
    battery, more, less = np.zeros((homes, ahead)), np.zeros((homes, ahead)), np.zeros(load.shape)
    for i in range(homes):
        one, now = ratings(limits, i), held[i]
        if one[RANGE] <= 0.0:
            continue
        _backward(load[i], pv[i], prices, one, terminal[i], lists, edges, own)
        for h in range(ahead):
            price, at = (prices[h, BUY], prices[h, SELL]), edges[h + 1]
            energy = _best_battery(now, load[i, h], pv[i, h], price, one, lists, at, own)
            now += energy * one[CHARGE] if energy > 0.0 else energy / one[DISCHARGE]
            now = min(max(now, 0.0), one[RANGE])
            battery[i, h] = energy
            left = now
            while left > lists[1, at] - TINY and lists[0, at + 1] > -np.inf:
                left -= lists[1, at]
                at += 1
            more[i, h] = lists[0, at] if left < lists[1, at] - TINY else 0.0
            less[i, h] = lists[0, at] if left > TINY or at == edges[h + 1] else lists[0, at - 1]
    return battery, more, less


@njit(cache=True)
def exchanges(
    base: Floats, pv: Floats, prices: Pair, import_max: Floats, export_max: Floats
) -> tuple[Floats, Floats, Floats]:
    """Grid flow (import positive), curtailed and unserved energy of n homes (n,) [kWh]."""
    flow, curtailed, unserved = np.empty(base.size), np.empty(base.size), np.empty(base.size)
    for i in range(base.size):
        limits = (0.0, 0.0, 1.0, 1.0, import_max[i], export_max[i])
        flow[i], curtailed[i], unserved[i] = exchange(base[i], pv[i], prices, limits)
    return flow, curtailed, unserved
