"""Steps of a span, and how long the local days are that they belong to."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.local_time import utc_from_local
from profiles.tariffs.span import span_of

CALIFORNIA = "America/Los_Angeles"


@pytest.mark.parametrize(
    ("date", "steps"), [("2026-03-08", 46), ("2026-11-01", 50), ("2026-07-04", 48)]
)
def test_a_day_has_as_many_steps_as_the_clock_gives_it(date: str, steps: int) -> None:
    day = span_of(utc_from_local(date, CALIFORNIA), 30, 50, CALIFORNIA)
    assert np.count_nonzero(day.local.day == day.local.day[0]) == steps
    assert (day.day_steps[:steps] == steps).all()
    assert (day.day_steps[steps:] == 48).all()


@pytest.mark.parametrize(("step_minutes", "steps"), [(15, 100), (30, 50), (60, 25)])
def test_a_day_counts_as_a_whole_though_the_run_sees_only_its_evening(
    step_minutes: int, steps: int
) -> None:
    evening = span_of(utc_from_local("2026-11-01T20:00", CALIFORNIA), step_minutes, 3, CALIFORNIA)
    assert evening.day_steps.tolist() == [steps] * 3


def test_steps_looked_ahead_to_follow_those_lived() -> None:
    span = span_of(np.datetime64("2026-01-01T00:00:00", "s"), 30, 4, "-08:00", ahead_steps=2)
    assert span.steps_count == 4
    assert np.diff(span.utc_minutes).tolist() == [30] * 5
    assert span.utc_minutes[0] - span.clock_minutes[0] == 480
    assert span.local.minute.tolist() == [960, 990, 1020, 1050, 1080, 1110]


@given(
    start=st.integers(0, 365 * 48 - 1),
    steps_count=st.integers(1, 200),
    zone=st.sampled_from([CALIFORNIA, "Europe/London", "Australia/Lord_Howe", "+05:45", "UTC"]),
    step_minutes=st.sampled_from([15, 30]),
)
def test_a_whole_local_day_has_the_steps_that_it_is_said_to_have(
    start: int, steps_count: int, zone: str, step_minutes: int
) -> None:
    start_utc = np.datetime64("2026-01-01T00:00:00", "s") + np.timedelta64(30 * start, "m")
    days = span_of(start_utc, step_minutes, steps_count, zone, ahead_steps=3 * 96)
    for number in np.unique(days.local.day)[1:-1]:
        steps = days.local.day == number
        assert set(days.day_steps[steps].tolist()) == {int(np.count_nonzero(steps))}
