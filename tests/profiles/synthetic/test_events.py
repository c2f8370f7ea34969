"""Events in steps."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from profiles.synthetic.events import spread


def test_an_event_across_three_steps_by_hand() -> None:
    """2 kW from 0:20 to 1:05: 10 minutes, a whole half hour, 5 minutes."""
    kwh = spread(np.array([[20.0]]), np.array([[45.0]]), np.array([2.0]), 4, 30)
    np.testing.assert_allclose(kwh, [[2 * 10 / 60, 1.0, 2 * 5 / 60, 0.0]], atol=1e-12)


def test_events_add_up_and_homes_stay_apart() -> None:
    start, minutes = np.array([[0.0, 0.0], [30.0, 0.0]]), np.array([[30.0, 15.0], [30.0, 0.0]])
    kwh = spread(start, minutes, np.array([[1.0], [3.0]]), 2, 30)
    np.testing.assert_allclose(kwh, [[0.75, 0.0], [0.0, 1.5]], atol=1e-12)


def test_what_runs_beyond_the_record_is_cut_off() -> None:
    kwh = spread(np.array([[50.0, -20.0]]), np.array([[100.0, 30.0]]), np.array([6.0]), 2, 30)
    np.testing.assert_allclose(kwh, [[1.0, 1.0]], atol=1e-12)


def test_nothing_happens_where_nothing_lasts() -> None:
    nothing = spread(np.zeros((2, 3)), np.full((2, 3), -5.0), np.ones(1), 4, 30)
    assert not nothing.any()
    assert nothing.shape == (2, 4)


@given(
    st.lists(
        st.tuples(st.integers(-60, 400), st.integers(0, 200), st.floats(0.0, 12.0)),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from([15, 30, 60]),
)
def test_steps_hold_what_minutes_add_up_to(
    events: list[tuple[int, int, float]], step_minutes: int
) -> None:
    """The oracle runs every event minute by minute."""
    steps_count = 360 // step_minutes
    expected_kwh = np.zeros(steps_count)
    for start, minutes, power_kw in events:
        for minute in range(max(start, 0), min(start + minutes, 360)):
            expected_kwh[minute // step_minutes] += power_kw / 60.0
    start, minutes, power_kw = (
        np.array([column], dtype=float) for column in zip(*events, strict=True)
    )
    kwh = spread(start, minutes, power_kw, steps_count, step_minutes)
    np.testing.assert_allclose(kwh[0], expected_kwh, atol=1e-9)
