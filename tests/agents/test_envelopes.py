"""Pieces, merges and lower envelopes against values computed point by point."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numba.typed import List
from numpy.typing import NDArray

from agents import envelopes

Floats = NDArray[np.float64]
PLACES = np.linspace(0.0, 4.0, 161)  # fortieths, among them all edges of the drawn segments

values = st.lists(st.integers(-20, 20), min_size=1, max_size=6)


def segments(values: list[int], usable: float = 4.0) -> Floats:
    """Spread values over equal widths of the range and end the list."""
    widths = [usable / len(values)] * len(values)
    return np.array([[*map(float, values), -np.inf], [*widths, 0.0]])


def cents_at(segments: Floats, places: Floats) -> Floats:
    """Cost at each place, 0 where the segments start."""
    value, width = segments[:, :-1]
    ends = np.cumsum(width)
    return -(value * np.clip(places[:, None] - (ends - width), 0.0, width)).sum(axis=1)


def test_a_piece_ends_where_the_value_rises() -> None:
    assert envelopes.pieces(segments([5, 3, 4, 4, 1]), 0).tolist() == [0, 2, 5]
    assert envelopes.pieces(segments([5, 3]), 0).tolist() == [0, 2]


@given(values, values)
def test_merging_two_convex_pieces_is_the_cheapest_way_to_share(
    ours: list[int], theirs: list[int]
) -> None:
    own, later = (segments(sorted(v, reverse=True), 2.0) for v in (ours, theirs))
    value, edge, cents = envelopes.convolved(
        own, (0, len(ours)), later, (0, len(theirs)), (0.0, 0.0), 4.0
    )
    fine = np.linspace(0.0, 2.0, 241)  # 120ths hold the edges of up to six segments
    sums = cents_at(own, fine)[:, None] + cents_at(later, fine)[None, :]
    asked = (0, 60, 240, 333, 480)
    best = [min(sums[k, j - k] for k in range(max(0, j - 240), min(240, j) + 1)) for j in asked]
    found = cents + cents_at(
        np.vstack((np.append(value, -np.inf), np.append(np.diff(edge), 0.0))),
        np.array(asked) / 120.0,
    )
    np.testing.assert_allclose(found, best, atol=1e-9)


@given(values, st.floats(-1.5, 1.5))
def test_what_lies_outside_the_battery_is_cut_off(ours: list[int], start: float) -> None:
    own = segments(sorted(ours, reverse=True))
    nothing = np.array([[-np.inf], [0.0]])
    value, edge, cents = envelopes.convolved(
        own, (0, len(ours)), nothing, (0, 0), (start, 7.0), 4.0
    )
    assert edge[0] == max(start, 0.0)
    assert abs(edge[-1] - min(start + 4.0, 4.0)) < 1e-12
    places = np.linspace(edge[0], edge[-1], 9)
    whole = 7.0 + cents_at(own, places - start)
    part = np.vstack((np.append(value, -np.inf), np.append(np.diff(edge), 0.0)))
    np.testing.assert_allclose(cents + cents_at(part, places - edge[0]), whole, atol=1e-9)


@given(st.lists(st.tuples(values, st.integers(-30, 30)), min_size=1, max_size=5))
def test_the_envelope_is_the_lowest_everywhere(drawn: list[tuple[list[int], int]]) -> None:
    pieces, all_cents = [], []
    for ours, offset in drawn:
        own = segments(ours)
        ends = np.concatenate(([0.0], np.cumsum(own[1, :-1])))
        pieces.append((own[0, :-1].copy(), ends, float(offset)))
        all_cents.append(offset + cents_at(own, PLACES))
    found = envelopes.lowest(List(pieces))
    lowest = np.min(all_cents, axis=0)
    np.testing.assert_allclose(lowest[0] + cents_at(found, PLACES), lowest, atol=1e-9)
    assert abs(found[1, :-1].sum() - 4.0) < 1e-12
    assert (found[1, :-1] > 0.0).all()


def test_two_costs_that_cross_once_by_hand() -> None:
    # One costs 1 and falls by 1 per kWh; the other costs 4 and falls by 4: they meet at 1 kWh.
    slow = (np.array([1.0]), np.array([0.0, 4.0]), 1.0)
    fast = (np.array([4.0]), np.array([0.0, 4.0]), 4.0)
    np.testing.assert_allclose(
        envelopes.lowest(List([slow, fast]))[:, :-1], [[1.0, 4.0], [1.0, 3.0]]
    )


@given(values, st.floats(0.0, 5.0))
def test_fewer_segments_stay_within_the_tolerance(ours: list[int], tolerance: float) -> None:
    own = segments(ours)
    found = envelopes.simplified(own, tolerance)
    assert found.shape[1] <= own.shape[1]
    assert abs(found[1, :-1].sum() - 4.0) < 1e-12
    apart = cents_at(found, PLACES) - cents_at(own, PLACES)
    assert np.abs(apart).max() <= tolerance + 1e-9
    assert abs(apart[-1]) < 1e-9


def test_segments_that_only_rounding_made_are_dropped() -> None:
    noisy = np.array([[5.0, 7.0, 5.0, -np.inf], [1.0, 1e-15, 2.0, 0.0]])
    np.testing.assert_allclose(envelopes.simplified(noisy, 1e-11)[:, :-1], [[5.0], [3.0]])
