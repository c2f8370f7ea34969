"""The forecaster that knows the future."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from forecasting.perfect import Perfect
from profiles.profiles import Profiles

Community = Callable[..., Profiles]


@pytest.fixture(scope="module")
def whole(community: Community) -> Profiles:
    """Two days of hours: load is the number of the step, PV a hundred times that."""
    steps = np.arange(48.0)[:, None]
    return community(np.hstack((steps, steps + 1000)), np.hstack((100 * steps, 100 * steps + 1)))


def test_it_reads_ahead_from_the_step_being_lived(whole: Profiles) -> None:
    forecast = Perfect(whole).predict(whole.until(10), 4)
    assert forecast.load_kwh.tolist() == [[10.0, 11, 12, 13], [1010.0, 1011, 1012, 1013]]
    assert forecast.pv_kwh.tolist() == [[1000.0, 1100, 1200, 1300], [1001.0, 1101, 1201, 1301]]


def test_beyond_the_end_it_repeats_the_last_day(whole: Profiles) -> None:
    load_kwh = Perfect(whole).predict(whole, 51).load_kwh[0]
    assert load_kwh[:3].tolist() == [47.0, 24.0, 25.0]
    assert load_kwh[[24, 25, 48, 49, 50]].tolist() == [47.0, 24.0, 47.0, 24.0, 25.0]


def test_data_shorter_than_a_day_repeat_as_a_whole(whole: Profiles) -> None:
    short = whole.until(2)
    assert Perfect(short).predict(short, 6).load_kwh[0].tolist() == [2.0, 0.0, 1.0, 2.0, 0.0, 1.0]


def test_it_finds_the_homes_and_the_span_that_are_seen(whole: Profiles) -> None:
    later = replace(
        whole.select([2]).until(20),
        start_utc=whole.start_utc + np.timedelta64(5 * 3600, "s"),
    )
    # 21 steps that begin at step 5 end at step 25.
    assert Perfect(whole).predict(later, 3).load_kwh.tolist() == [[1025.0, 1026.0, 1027.0]]


def test_unknown_homes_and_steps_are_refused(whole: Profiles) -> None:
    with pytest.raises(ValueError, match="other homes or steps"):
        Perfect(whole.until(10)).predict(whole, 3)
    with pytest.raises(ValueError, match="other homes or steps"):
        Perfect(whole.select([1])).predict(whole, 3)


def test_it_is_exact_and_needs_no_past(whole: Profiles) -> None:
    assert Perfect(whole).is_exact
    assert Perfect(whole).history_steps(24) == 1
    assert Perfect(whole).predict(whole.until(0), 2).load_kwh[0].tolist() == [0.0, 1.0]
