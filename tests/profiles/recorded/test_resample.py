"""Intervals become steps: energy is conserved, and the words for it are exact."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.recorded.resample import brought, marked, plan


@pytest.mark.parametrize(
    ("native", "step", "steps", "told"),
    [
        (60, 60, [1.0, 2.0, 4.0], "metered by the hour, used as metered"),
        (
            60,
            30,
            [0.5, 0.5, 1.0, 1.0, 2.0, 2.0],
            "metered by the hour; every hour was split into 2 equal parts",
        ),
        (30, 30, [1.0, 2.0, 4.0], "metered every 30 minutes, used as metered"),
        (15, 30, [3.0], "metered every 15 minutes; 2 were summed to a step; 15 minutes at the end"),
        (5, 15, [7.0], "metered every 5 minutes; 3 were summed to a step"),
        # 10 minutes are two parts of 5; three parts make a quarter of an hour.
        (
            10,
            15,
            [2.0, 5.0],
            "metered every 10 minutes; every interval was split into 2 equal parts; 3 were summed",
        ),
    ],
)
def test_intervals_are_cut_and_summed_as_far_as_needed(
    native: int, step: int, steps: list[float], told: str
) -> None:
    made = plan(native, step, 3, 0)
    assert made is not None
    assert brought(np.array([1.0, 2.0, 4.0]), "flow", made).tolist() == steps
    assert made.told.startswith(told)
    assert made.steps_count == len(steps)


def test_what_fills_no_step_at_either_end_is_left_out_and_said() -> None:
    made = plan(15, 60, 10, 45)  # from 00:45 to 03:15
    assert made is not None
    assert (made.lead_minutes, made.steps_count) == (15, 2)
    assert brought(np.arange(10.0), "flow", made).tolist() == [1 + 2 + 3 + 4, 5 + 6 + 7 + 8]
    assert made.told == (
        "metered every 15 minutes; 4 were summed to a step; 15 minutes at the start that fill no "
        "step were left out; 15 minutes at the end that fill no step were left out"
    )


def test_a_series_that_never_meets_a_step_has_no_plan() -> None:
    assert plan(60, 60, 24, 30) is None
    assert plan(15, 30, 24, 7) is None


def test_a_series_shorter_than_a_step_has_none() -> None:
    made = plan(15, 60, 3, 15)
    assert made is not None
    assert made.steps_count == 0


def test_a_level_is_a_mean_and_a_state_the_last() -> None:
    made, cut = plan(15, 30, 4, 0), plan(60, 30, 2, 0)
    assert made is not None
    assert cut is not None
    values = np.array([1.0, 3.0, 4.0, 8.0])
    assert brought(values, "level", made).tolist() == [2.0, 6.0]
    assert brought(values, "state", made).tolist() == [3.0, 8.0]
    for how in ("level", "state"):
        assert brought(values[:2], how, cut).tolist() == [1.0, 1.0, 3.0, 3.0]  # type: ignore[arg-type]


def test_a_step_is_marked_if_a_part_of_it_is() -> None:
    made, cut = plan(15, 30, 4, 0), plan(60, 30, 2, 0)
    assert made is not None
    assert cut is not None
    marks = np.array([[False, True], [False, False], [True, False], [True, False]])
    assert marked(marks, made).tolist() == [[False, True], [True, False]]
    assert marked(marks[:2], cut)[:, 1].tolist() == [True, True, False, False]


@given(
    st.sampled_from([5, 10, 15, 30, 60]),
    st.sampled_from([15, 30, 60]),
    st.integers(1, 8),
    st.integers(0, 2**32 - 1),
)
def test_whole_days_keep_their_energy(native: int, step: int, hours: int, seed: int) -> None:
    count = hours * 60 // native
    kwh = np.random.default_rng(seed).uniform(0.0, 5.0, (count, 3))
    made = plan(native, step, count, 0)
    assert made is not None
    steps = brought(kwh, "flow", made)
    assert steps.shape == (hours * 60 // step, 3)
    hourly = kwh.reshape(hours, -1, 3).sum(axis=1)
    np.testing.assert_allclose(steps.reshape(hours, -1, 3).sum(axis=1), hourly, rtol=1e-13)
