"""The forecaster that knows the future."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from forecasting.baselines import SLOT_MEAN
from forecasting.perfect import HalfPerfect, Perfect
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


@pytest.mark.parametrize("half", ["load", "pv"])
def test_a_half_perfect_forecast_knows_one_of_the_two(
    random_community: Community, half: str
) -> None:
    whole = random_community(seed=7, days=10)
    seen, exact = whole.until(8 * 24 + 9), Perfect(whole)
    knows = {"load": SLOT_MEAN, "pv": SLOT_MEAN} | {half: exact}
    found = HalfPerfect(**knows)
    for forecast in (found.predict(seen, 9), found.issued_at(whole, 8 * 24 + 9, 9)):
        for name in ("load_kwh", "pv_kwh"):
            knower = exact if name == f"{half}_kwh" else SLOT_MEAN
            expected = getattr(knower.predict(seen, 9), name)
            assert getattr(forecast, name).tolist() == expected.tolist()
    assert not found.is_exact
    assert found.history_steps(24) == 7 * 24


def test_the_half_that_is_not_known_is_blind(random_community: Community) -> None:
    whole = random_community(seed=8, days=10)
    changed = replace(whole, pv_kwh=whole.pv_kwh.copy(), load_kwh=whole.load_kwh.copy())
    changed.pv_kwh[200:] += 1.0
    changed.load_kwh[200:] += 1.0
    here, there = (
        HalfPerfect(Perfect(of), SLOT_MEAN).predict(of.until(199), 5) for of in (whole, changed)
    )
    assert here.pv_kwh.tobytes() == there.pv_kwh.tobytes()
    assert (here.load_kwh[:, 1:] != there.load_kwh[:, 1:]).all()


def test_a_perfect_forecast_of_an_earlier_step_is_as_of_then(whole: Profiles) -> None:
    forecast = Perfect(whole).issued_at(whole, 10, 4)
    assert forecast.load_kwh[0].tolist() == [10.0, 11.0, 12.0, 13.0]
