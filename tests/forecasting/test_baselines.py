"""Baselines against hand-made tables and a plain loop."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.baselines import (
    PERSISTENCE,
    SEASONAL_DAY,
    SEASONAL_WEEK,
    SLOT_MEAN,
    Baseline,
)
from profiles.arrays import Floats
from profiles.errors import InputError
from profiles.profiles import Profiles

Community = Callable[..., Profiles]

ALL = [PERSISTENCE, SEASONAL_DAY, SEASONAL_WEEK, SLOT_MEAN]


def by_name(baseline: Baseline) -> str:
    return baseline.name


@pytest.fixture(scope="module")
def counted(community: Community) -> Profiles:
    """Eight days of hours: load is the number of the step, PV a hundred times that."""
    steps = np.arange(192.0)[:, None]
    return community(np.hstack((steps, steps + 1000)), np.hstack((100 * steps, 100 * steps)))


def test_persistence_keeps_the_last_load_and_repeats_the_last_day_of_pv(counted: Profiles) -> None:
    forecast = PERSISTENCE.predict(counted, 4)
    assert forecast.load_kwh.tolist() == [[191.0] * 4, [1191.0] * 4]
    assert forecast.pv_kwh[0].tolist() == [19100.0, 16800.0, 16900.0, 17000.0]


def test_seasonal_day_reads_the_same_slot_of_the_day_before(counted: Profiles) -> None:
    forecast = SEASONAL_DAY.predict(counted, 4)
    assert forecast.load_kwh[1].tolist() == [1191.0, 1168.0, 1169.0, 1170.0]
    assert forecast.pv_kwh[0].tolist() == [19100.0, 16800.0, 16900.0, 17000.0]


def test_seasonal_week_reads_the_same_slot_of_the_week_before(counted: Profiles) -> None:
    # Seven days are 168 hours: the step after 191 was last seen as step 24.
    forecast = SEASONAL_WEEK.predict(counted, 4)
    assert forecast.load_kwh[0].tolist() == [191.0, 24.0, 25.0, 26.0]
    assert forecast.pv_kwh[1].tolist() == [19100.0, 2400.0, 2500.0, 2600.0]


def test_slot_mean_averages_the_slot_over_seven_days(counted: Profiles) -> None:
    # The slots of step 192 were 168, 144, ... 24, in the mean 96.
    forecast = SLOT_MEAN.predict(counted, 3)
    assert forecast.load_kwh[0].tolist() == [191.0, 96.0, 97.0]
    assert forecast.pv_kwh[0].tolist() == [19100.0, 9600.0, 9700.0]


def test_a_long_horizon_reuses_the_whole_period(counted: Profiles) -> None:
    day = SEASONAL_DAY.predict(counted, 50).load_kwh[0]
    assert day[[24, 25, 48, 49]].tolist() == [191.0, 168.0, 191.0, 168.0]
    week = SEASONAL_WEEK.predict(counted, 171).load_kwh[0]
    assert week[[168, 169, 170]].tolist() == [191.0, 24.0, 25.0]
    mean = SLOT_MEAN.predict(counted, 27).load_kwh[0]
    assert mean[[24, 25, 26]].tolist() == [119.0, 96.0, 97.0]


@pytest.mark.parametrize("baseline", ALL, ids=by_name)
def test_a_horizon_of_one_step_is_the_metered_step(baseline: Baseline, counted: Profiles) -> None:
    forecast = baseline.predict(counted, 1)
    assert forecast.load_kwh.tolist() == [[191.0], [1191.0]]
    assert forecast.pv_kwh.tolist() == [[19100.0], [19100.0]]


@pytest.mark.parametrize(
    ("baseline", "steps"),
    [(PERSISTENCE, 24), (SEASONAL_DAY, 24), (SEASONAL_WEEK, 168), (SLOT_MEAN, 168)],
)
def test_history_is_just_enough_or_refused_in_one_line(
    baseline: Baseline, steps: int, counted: Profiles
) -> None:
    assert baseline.history_steps(24) == steps
    baseline.predict(counted.until(steps - 1), 48)
    with pytest.raises(InputError) as refused:
        baseline.predict(counted.until(steps - 2), 48)
    assert str(refused.value) == (
        f"forecast.name: {baseline.name} needs at least {steps} steps of history (got {steps - 1})"
    )


@pytest.mark.parametrize("baseline", ALL, ids=by_name)
def test_nights_stay_dark(baseline: Baseline, random_community: Community) -> None:
    seen = random_community(seed=1, days=8)
    pv_kwh = baseline.predict(seen, 49).pv_kwh
    hour = (np.arange(49) - 1) % 24
    assert np.all(pv_kwh[:, (hour <= 6) | (hour >= 18)] <= 1e-15)
    assert np.all(pv_kwh[:, (hour > 6) & (hour < 18)] > 0)


def plain_loop(name: str, kwh: Floats, day: int, ahead: int) -> float:
    """Forecast one home, one step ahead of the last of `kwh`: an independent reading."""
    target = len(kwh) - 1 + ahead

    def latest(lag: int) -> float:
        step = target
        while step >= len(kwh):
            step -= lag
        return float(kwh[step])

    if ahead == 0 or name == "last":
        return float(kwh[-1])
    if name == "day":
        return latest(day)
    if name == "week":
        return latest(7 * day)
    slot_values = kwh[-7 * day :][(np.arange(7 * day) - ahead + 1) % day == 0]
    assert len(slot_values) == 7
    return float(sum(slot_values) / 7)


RULES = {
    PERSISTENCE.name: ("last", "day"),
    SEASONAL_DAY.name: ("day", "day"),
    SEASONAL_WEEK.name: ("week", "week"),
    SLOT_MEAN.name: ("mean", "mean"),
}


@settings(deadline=None)
@given(
    seed=st.integers(0, 2**32),
    baseline=st.sampled_from(ALL),
    step_minutes=st.sampled_from([15, 30, 60]),
    cut=st.integers(0, 30),
    horizon_days=st.floats(0.05, 9),
)
def test_every_baseline_equals_a_plain_loop(
    random_community: Community,
    seed: int,
    baseline: Baseline,
    step_minutes: int,
    cut: int,
    horizon_days: float,
) -> None:
    whole = random_community(seed, days=9, homes_count=2, step_minutes=step_minutes)
    seen = whole.until(whole.steps_count - 1 - cut)
    day = seen.steps_per_day
    horizon = max(1, int(horizon_days * day))
    forecast = baseline.predict(seen, horizon)
    load_rule, pv_rule = RULES[baseline.name]
    for home in range(2):
        for ahead in {0, 1, horizon // 3, horizon // 2, horizon - 1} & set(range(horizon)):
            load = plain_loop(load_rule, seen.load_kwh[:, home], day, ahead)
            pv = plain_loop(pv_rule, seen.pv_kwh[:, home], day, ahead)
            assert forecast.load_kwh[home, ahead] == pytest.approx(load, rel=1e-14)
            assert forecast.pv_kwh[home, ahead] == pytest.approx(pv, rel=1e-14)
