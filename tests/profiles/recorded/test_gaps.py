"""Gaps: the longest is found, and each method closes them as it says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.recorded.gaps import fill, longest

X = np.nan


def test_the_longest_gap_is_told_with_its_begin_and_column() -> None:
    missing = np.zeros((9, 3), np.bool_)
    assert longest(missing) == (0, 0, 0)
    missing[[0, 1, 4], 0] = missing[6:, 2] = True
    assert longest(missing) == (3, 6, 2)
    missing[:, 1] = True
    assert longest(missing) == (9, 0, 1)


@pytest.mark.parametrize(
    ("method", "values", "expected"),
    [
        ("linear", [1, X, X, 4, X, 6], [1, 2, 3, 4, 5, 6]),
        ("linear", [X, 2, X, 3, X, X], [2, 2, 2.5, 3, 3, 3]),
        ("zero", [X, 2, X, 3, X, X], [0, 2, 0, 3, 0, 0]),
        ("previous_day", [1, 2, X, X, X, 6], [1, 2, 1, 2, 1, 6]),  # a day of two intervals
    ],
)
def test_a_gap_is_closed_as_by_hand(
    method: str, values: list[float], expected: list[float]
) -> None:
    table = np.array(values)[:, None]
    assert fill(table, method, 2)[:, 0].tolist() == expected
    assert np.isnan(table).any(), "the readings are left as they were"


def test_what_a_method_has_nothing_to_go_by_for_is_left_missing() -> None:
    first_day = np.array([[1.0], [X], [3.0], [X]])
    assert np.isnan(fill(first_day, "previous_day", 2)[:, 0]).tolist() == [0, 1, 0, 1]
    assert np.isnan(fill(np.full((3, 1), X), "linear", 2)).all()


@given(st.integers(0, 2**32 - 1), st.sampled_from(["linear", "previous_day", "zero"]))
def test_what_was_metered_stays_and_what_is_made_up_stays_within_it(seed: int, method: str) -> None:
    rng = np.random.default_rng(seed)
    table = rng.uniform(0.0, 3.0, (48, 4))
    missing = rng.random((48, 4)) < 0.3
    missing[:8] = False
    filled = fill(np.where(missing, X, table), method, 8)
    assert np.array_equal(filled[~missing], table[~missing])
    assert filled.min() >= 0.0
    assert filled.max() <= table.max()
