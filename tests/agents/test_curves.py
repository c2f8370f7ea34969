"""Averaging value segments is exact: held against a fine evaluation of each list."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents import curves


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
