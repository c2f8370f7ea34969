"""The mean of updates is what a textbook says, whatever their order and number."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from forecasting.federated.averaging import Mean
from tests.forecasting.federated.small import LIKE, Rows, any_rows, row_of, update_of

_WEIGHTS = st.lists(st.integers(1, 960), min_size=8, max_size=8)


def _mean(rows: Rows, weights: list[int]) -> Rows:
    mean = Mean(LIKE)
    for row, weight in zip(rows, weights, strict=False):
        mean.add(update_of(row), weight)
    return row_of(mean.result())


def test_a_home_with_three_times_the_windows_counts_three_times() -> None:
    mean = Mean({"w": torch.zeros(2)})
    mean.add({"w": torch.tensor([1.0, -2.0])}, 64)
    mean.add({"w": torch.tensor([5.0, 2.0])}, 192)
    found = mean.result()
    assert found is not None
    assert found["w"].tolist() == [4.0, 1.0]  # (1 + 3 x 5) / 4, (-2 + 3 x 2) / 4
    assert (mean.count, mean.weight) == (2, 256)


def test_without_an_update_there_is_no_mean() -> None:
    mean = Mean(LIKE)
    assert mean.result() is None
    assert (mean.count, mean.weight) == (0, 0.0)


@given(any_rows(), _WEIGHTS)
def test_the_mean_is_that_of_numpy_in_double_precision(rows: Rows, weights: list[int]) -> None:
    wanted = np.average(rows.astype(np.float64), axis=0, weights=weights[: len(rows)])
    assert np.abs(_mean(rows, weights) - wanted).max() <= 1e-6 * np.abs(rows).max()


@given(any_rows(), _WEIGHTS, st.randoms(use_true_random=False))
def test_the_order_of_updates_changes_the_last_digits_only(
    rows: Rows, weights: list[int], random: np.random.Generator
) -> None:
    order = list(range(len(rows)))
    random.shuffle(order)
    other = _mean(rows[order], [weights[place] for place in order])
    assert np.abs(other - _mean(rows, weights)).max() <= 1e-6 * np.abs(rows).max()


@given(any_rows(most=1), _WEIGHTS)
def test_equal_updates_come_back_to_the_last_digit(rows: Rows, weights: list[int]) -> None:
    assert (_mean(np.repeat(rows, 8, axis=0), weights) == rows[0]).all()


@given(any_rows(most=1), st.integers(1, 960))
def test_the_mean_of_one_is_that_one(rows: Rows, weight: int) -> None:
    assert (_mean(rows, [weight]) == rows[0]).all()


def test_a_thousand_updates_lose_no_digits() -> None:
    rows = np.random.default_rng(1).normal(size=(1000, 7)).astype(np.float32)
    weights = np.random.default_rng(2).integers(1, 960, size=1000)
    wanted = np.average(rows.astype(np.float64), axis=0, weights=weights)
    assert np.abs(_mean(rows, weights.tolist()) - wanted).max() < 1e-6


def test_updates_are_only_read_and_none_is_kept() -> None:
    sent, mean = update_of(range(7)), Mean(LIKE)
    mean.add(sent, 2.0)
    assert row_of(sent).tolist() == list(range(7))
    for tensor in sent.values():
        tensor.fill_(9.0)
    assert row_of(mean.result()).tolist() == list(range(7))
    assert all((tensor == 0).all() for tensor in LIKE.values())


@pytest.mark.parametrize("weight", [0.0, -1.0, float("nan")])
def test_an_update_without_weight_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="weight: must be above 0"):
        Mean(LIKE).add(update_of(range(7)), weight)
