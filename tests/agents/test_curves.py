"""Averaging value segments is exact: held against a fine evaluation of each list."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents import curves
from agents.curves import Curves


def test_the_mean_of_two_lists_by_hand() -> None:
    # 1 kWh at 30 then 3 at 10, and 2 at 20 then 2 at 0: cut at 1 and 2 kWh.
    found = curves.mean(
        np.array([0, 2, 4]), np.array([30.0, 10.0, 20.0, 0.0]), np.array([1.0, 3.0, 2.0, 2.0]), 2
    )
    np.testing.assert_allclose(found.value_cents_per_kwh, [25.0, 15.0, 5.0])
    np.testing.assert_allclose(found.width_kwh, [1.0, 1.0, 2.0])
    np.testing.assert_array_equal(found.offset, [0, 3])


def test_homes_without_segments_keep_none() -> None:
    found = curves.mean(np.array([0, 0, 0, 1, 2]), np.array([7.0, 9.0]), np.array([1.0, 1.0]), 2)
    np.testing.assert_array_equal(found.offset, [0, 0, 1])
    np.testing.assert_allclose(found.value_cents_per_kwh, [8.0])


def test_no_curves_for_homes_that_follow_a_set_point() -> None:
    empty = curves.none(3)
    assert empty.offset.tolist() == [0, 0, 0, 0]
    assert empty.width_kwh.size == 0


def test_curves_of_neighbours_are_laid_end_to_end() -> None:
    first = Curves(np.array([0, 2, 2]), np.array([30.0, 10.0]), np.array([1.0, 3.0]))
    last = Curves(np.array([0, 1]), np.array([20.0]), np.array([4.0]))
    both = curves.joined([first, curves.none(1), last])
    assert both.offset.tolist() == [0, 2, 2, 2, 3]
    assert both.value_cents_per_kwh.tolist() == [30.0, 10.0, 20.0]
    assert both.width_kwh.tolist() == [1.0, 3.0, 4.0]
    assert both.offset.dtype == np.int64
    assert curves.joined([first]) is first


@settings(max_examples=100, deadline=None)
@given(data=st.data(), samples=st.integers(1, 7))
def test_the_mean_has_the_mean_area_everywhere(data: st.DataObject, samples: int) -> None:
    total = 10.0
    lists = []
    for _ in range(samples):
        cuts = data.draw(st.lists(st.floats(0.1, 9.9), max_size=6, unique=True).map(sorted))
        widths = np.diff([0.0, *cuts, total])
        values = -np.sort(-np.array([data.draw(st.floats(-5, 60)) for _ in widths]))
        lists.append((values, widths))
    offset = np.cumsum([0, *(values.size for values, _ in lists)])
    found = curves.mean(
        offset,
        np.concatenate([values for values, _ in lists]),
        np.concatenate([widths for _, widths in lists]),
        samples,
    )
    assert found.width_kwh.sum() == pytest.approx(total)
    assert (np.diff(found.value_cents_per_kwh) < 1e-9).all()
    for held in np.linspace(0.0, total, 23):
        areas = [_area(values, widths, held) for values, widths in lists]
        mean = _area(found.value_cents_per_kwh, found.width_kwh, held)
        assert mean == pytest.approx(np.mean(areas), abs=1e-8)


def _area(values: np.ndarray, widths: np.ndarray, held: float) -> float:
    ends = np.cumsum(widths)
    return float((values * np.clip(held - (ends - widths), 0.0, widths)).sum())


def test_rising_values_are_pooled_into_the_smallest_falling_curve_above() -> None:
    # 10 over 1 kWh and 40 over 2 kWh become 30 over 3 kWh, then 50 in front of 30 stays.
    value, width = np.array([50.0, 10.0, 40.0, 7.0, 9.0]), np.array([1.0, 1.0, 2.0, 1.0, 1.0])
    rising = Curves(np.array([0, 3, 3, 5]), value, width)
    pooled = curves.falling(rising)
    assert pooled.offset.tolist() == [0, 2, 2, 3]
    assert pooled.value_cents_per_kwh.tolist() == [50.0, 30.0, 8.0]
    assert pooled.width_kwh.tolist() == [1.0, 3.0, 2.0]


@given(st.lists(st.tuples(st.integers(-30, 30), st.integers(1, 5)), min_size=1, max_size=12))
def test_a_falling_curve_is_the_concave_hull_of_what_energy_is_worth(
    drawn: list[tuple[int, int]],
) -> None:
    value, width = (np.array(column, dtype=float) for column in zip(*drawn, strict=True))
    pooled = curves.falling(Curves(np.array([0, value.size]), value, width))
    edges = np.concatenate(([0.0], np.cumsum(width)))
    worth = np.concatenate(([0.0], np.cumsum(value * width)))
    found = np.concatenate(([0.0], np.cumsum(pooled.value_cents_per_kwh * pooled.width_kwh)))
    at = np.concatenate(([0.0], np.cumsum(pooled.width_kwh)))
    assert (np.diff(pooled.value_cents_per_kwh) <= 0.0).all()
    hull = [
        max(
            float(np.interp(x, edges[[i, j]], worth[[i, j]]))
            for i in range(edges.size)
            for j in range(i, edges.size)
            if edges[i] <= x <= edges[j]
        )
        for x in edges
    ]
    np.testing.assert_allclose(np.interp(edges, at, found), hull, atol=1e-9)


def test_values_fall_within_a_home_and_may_rise_from_one_to_the_next() -> None:
    width = np.ones(4)
    two = np.array([0, 0, 2, 2, 4, 4])
    assert Curves(two, np.array([9.0, 3.0, 7.0, 7.0]), width).falls
    assert not Curves(two, np.array([3.0, 9.0, 7.0, 1.0]), width).falls
    assert not Curves(two, np.array([9.0, 3.0, 1.0, 7.0]), width).falls
    assert curves.none(3).falls


WAIT = curves.WAITING_CENTS_PER_KWH


def test_cells_of_a_grid_become_segments_by_hand() -> None:
    # Three cells of 2 kWh worth 30, 10 and 10 cents a kWh; a home without a battery; one flat.
    benefit = np.array([[5.0, 65.0, 85.0, 105.0, 105.0], [0.0] * 5, [0.0, 8.0, 16.0, 24.0, 24.0]])
    found = curves.of_benefits(benefit, np.array([6.0, 0.0, 12.0]))
    assert found.offset.tolist() == [0, 2, 2, 3]
    assert found.value_cents_per_kwh == pytest.approx([30.0 - WAIT, 10.0 - WAIT, 2.0 - WAIT])
    assert found.width_kwh == pytest.approx([2.0, 4.0, 12.0])


@given(seed=st.integers(0, 1000), cells=st.integers(1, 40))
def test_segments_of_a_grid_are_worth_what_its_points_say(seed: int, cells: int) -> None:
    rng = np.random.default_rng(seed)
    slopes = -np.sort(-rng.integers(1, 9, cells) * rng.uniform(1.0, 9.0))
    benefit = np.concatenate(([0.0], np.cumsum(slopes * 7.0 / cells)))
    found = curves.of_benefits(np.append(benefit, benefit[-1])[None], np.array([7.0]))
    assert found.falls
    assert (np.diff(found.value_cents_per_kwh) < 0.0).all()
    for k, held in enumerate(np.linspace(0.0, 7.0, cells + 1)):
        area = _area(found.value_cents_per_kwh, found.width_kwh, held)
        assert area + WAIT * held == pytest.approx(benefit[k], abs=1e-4)


def test_homes_take_their_segments_from_one_set_or_the_other() -> None:
    one = Curves(np.array([0, 2, 2, 3]), np.array([30.0, 10.0, 7.0]), np.array([1.0, 3.0, 5.0]))
    other = Curves(np.array([0, 1, 3, 4]), np.array([20.0, 9.0, 8.0, 6.0]), np.full(4, 2.0))
    found = curves.chosen(np.array([True, False, False]), one, other)
    assert found.offset.tolist() == [0, 2, 4, 5]
    assert found.value_cents_per_kwh.tolist() == [30.0, 10.0, 9.0, 8.0, 6.0]
    assert found.width_kwh.tolist() == [1.0, 3.0, 2.0, 2.0, 2.0]
    found = curves.chosen(np.array([False, True, True]), one, other)
    assert found.offset.tolist() == [0, 1, 1, 2]
    assert found.value_cents_per_kwh.tolist() == [20.0, 7.0]
    everyone = curves.chosen(np.ones(3, np.bool_), one, other)
    assert [column.tolist() for column in everyone.arrays] == [c.tolist() for c in one.arrays]
