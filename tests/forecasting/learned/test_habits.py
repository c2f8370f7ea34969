"""Habits, against a process that is known and a ridge that is worked out window by window."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.learned import habits as module
from forecasting.learned import record
from forecasting.learned.habits import FEATURES_COUNT, PENALTY, SPREAD_MIN, expected, habits
from forecasting.learned.patch import patch_task
from forecasting.learned.statistics import NAMES, same_time, slot_statistics
from profiles.arrays import Booleans, Floats
from profiles.profiles import Profiles

DAY = 24
WEEKEND = np.arange(7) >= 5


def days_off(steps_count: int) -> Booleans:
    return np.asarray(WEEKEND[np.arange(steps_count) // DAY % 7])


def known(kwh: Floats, day: int = DAY) -> Floats:
    return habits(kwh, np.ones(kwh.shape, np.bool_), days_off(kwh.shape[0]), day)


def said(kwh: Floats, learned: Floats, origin: int) -> Floats:
    """Ask about the day after an origin, one home after the other."""
    steps = origin + 1 + np.arange(DAY)
    usual = [month(kwh, t) for t in range(origin - 11, origin + 1)]
    above = kwh[origin - 11 : origin + 1] - np.array(usual)
    others = np.array([[*others_of(kwh, t, 28)] for t in steps])  # (D, 4, n)
    ahead = np.array([month(kwh, t) for t in steps])
    shown = (above.T, others.transpose(2, 0, 1), ahead.T)
    return np.asarray(expected(learned, *(each.astype(np.float32) for each in shown)))


def month(kwh: Floats, step: int, before: int = 28) -> Floats:
    """Mean of the same time of the days before."""
    return np.asarray(np.mean([kwh[step - back * DAY] for back in range(1, before + 1)], axis=0))


def others_of(kwh: Floats, step: int, before: int) -> list[Floats]:
    back = range(1, before + 1)
    off = days_off(kwh.shape[0] + DAY)
    alike = [kwh[step - days * DAY] for days in back if off[step - days * DAY] == off[step]]
    week = np.mean([kwh[step - days * DAY] for days in range(1, 8)], axis=0)
    return [kwh[step - DAY], week, np.mean(alike, axis=0), kwh[step - 7 * DAY]]


def row(kwh: Floats, above: Floats, origin: int, ahead: int, before: int) -> list[float]:
    """Work the features of a window of one home out."""
    step = origin + ahead
    usual = month(kwh, step, before)
    day = range(origin + 1, origin + 1 + DAY)
    apart = [[x - month(kwh, t, before) for x in others_of(kwh, t, before)[:2]] for t in day]
    now = [
        above[origin],
        above[origin - 1 : origin + 1].mean(),
        above[origin - 11 : origin + 1].mean(),
    ]
    slot = [x - usual for x in others_of(kwh, step, before)]
    return [*map(float, (*now, *np.mean(apart, axis=0), *slot, usual, 1.0))]


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 1000), days=st.sampled_from([17, 20, 33]))
def test_they_are_those_of_a_ridge_that_is_worked_out_window_by_window(
    seed: int, days: int
) -> None:
    rng = np.random.default_rng(seed)
    steps, before = days * DAY, min(28, days // 2)
    kwh, metered = rng.random((steps + 5, 1)) + 0.1, rng.random((steps + 5, 1)) < 0.9
    learned = habits(kwh, metered, days_off(steps + 5), DAY)[0]
    level = kwh[:steps].mean()
    own = kwh[:steps, 0] / level
    above = np.zeros(steps)
    for t in range(before * DAY, steps):
        above[t] = (own[t] - month(own, t, before)) * metered[t, 0]
    for ahead in (1, 5, DAY):
        origins = range((before + 1) * DAY, steps - DAY)
        shown = np.array([row(own, above, t, ahead, before) for t in origins])
        came = np.array([above[t + ahead] for t in origins])
        spread = np.maximum(shown.var(axis=0), SPREAD_MIN**2)
        spread[-1] = 0.0
        inner = shown.T @ shown + PENALTY * np.diag(spread)
        plain = np.linalg.solve(inner, shown.T @ came)
        plain[-1] *= level
        assert learned[ahead - 1] == pytest.approx(plain, abs=1e-9)


def test_of_what_fades_by_half_every_step_half_is_expected_after_one_and_a_quarter_after_two() -> (
    None
):
    rng = np.random.default_rng(1)
    excess = np.zeros((400 * DAY, 2))
    for t in range(1, excess.shape[0]):
        excess[t] = np.array([0.5, 0.9]) * excess[t - 1] + rng.standard_normal(2)
    habit = 10.0 + np.sin(2.0 * np.pi * np.arange(excess.shape[0]) / DAY)[:, None]
    learned, after = known((excess + habit)[: 300 * DAY]), []
    for origin in range(330 * DAY, 380 * DAY, 17):
        found = said(excess + habit, learned, origin)[:, :6] - habit[origin + 1 : origin + 7, 0]
        best = excess[origin][:, None] * np.array([[0.5], [0.9]]) ** np.arange(1, 7)
        after.append(found - best)
    spread = excess.std(axis=0)[:, None]
    assert np.sqrt(np.mean(np.square(after), axis=0)) == pytest.approx(
        np.zeros((2, 6)), abs=0.2 * spread.max()
    )


def test_who_has_a_different_day_off_is_expected_to_have_it_again() -> None:
    rng = np.random.default_rng(3)
    off = days_off(400 * DAY)[:, None]
    kwh = np.where(off, 3.0, 1.0) + 0.1 * rng.random((400 * DAY, 1))
    learned = known(kwh[: 350 * DAY])
    friday = 380 * DAY - 1
    while not (days_off(friday + 2)[-1] and not days_off(friday + 1)[-1]):
        friday += DAY
    saturday, monday = (said(kwh, learned, friday + days * DAY) for days in (0, 2))
    # From the morning on nearer to what such days use than to the usual, 1.6.
    assert saturday[:, 6:].min() > 2.3
    assert monday[:, 6:].max() < 1.35


def test_before_two_weeks_are_known_and_where_nothing_changes_the_usual_is_expected() -> None:
    assert not known(np.random.default_rng(2).random((14 * DAY - 1, 3))).any()
    for kwh in (np.tile(np.arange(24.0)[:, None], (60, 1)), np.zeros((60 * DAY, 1))):
        found = said(kwh, known(kwh[: 40 * DAY]), 50 * DAY)
        assert found[0] == pytest.approx(kwh[50 * DAY + 1 :][:DAY, 0], abs=1e-6)


def test_a_home_has_the_habits_of_its_own_meters_however_many_homes_there_are() -> None:
    rng = np.random.default_rng(4)
    kwh = rng.random((40 * DAY, module.HOMES + 3)) * rng.random(module.HOMES + 3)
    among = known(kwh)
    for home in (0, module.HOMES - 1, module.HOMES, module.HOMES + 2):
        alone = known(kwh[:, home : home + 1])[0]
        assert among[home] == pytest.approx(alone, abs=1e-12)
        assert alone.shape == (DAY, FEATURES_COUNT)


def test_less_than_nothing_is_never_expected() -> None:
    usual = np.full((1, DAY), 0.1, np.float32)
    learned = np.full((1, DAY, FEATURES_COUNT), -1.0)
    above, others = np.ones((1, 12), np.float32), np.ones((1, DAY, 4), np.float32)
    assert not expected(learned, above, others, usual).any()


def test_the_last_hours_are_as_long_in_steps_of_any_length() -> None:
    assert [module.steps_of(2, day) for day in (24, 48, 96)] == [2, 4, 8]


@settings(max_examples=5, deadline=None)
@given(home=st.integers(0, 2), origin=st.integers(29 * DAY, 34 * DAY))
def test_a_window_shows_what_is_expected_by_the_local_clock(
    random_community: Callable[..., Profiles], home: int, origin: int
) -> None:
    homes = replace(random_community(seed=5, days=35), zone="America/Los_Angeles")
    task, at = patch_task("consumption", 60, 1), (np.array([home]), np.array([origin]))
    seen = record.record(homes, np.zeros(homes.steps_count), DAY)
    windows = task.windows(seen, task.scalers(seen, 0, homes.steps_count))
    kwh, ahead = homes.load_kwh.astype(np.float32), origin + 1 + np.arange(DAY)
    before = np.arange(origin - 11, origin + 1)
    free = seen.clock.weekday >= 5
    told, past = (
        slot_statistics(kwh, seen.clock, free, DAY, steps)[:, home] for steps in (ahead, before)
    )
    alike = np.where(free[ahead], told[:, NAMES.index("mean_free_days")], told[:, 12])
    last_week = kwh[same_time(seen.clock, DAY, ahead, 7, 7), home]
    others = np.stack((told[:, NAMES.index("yesterday")], told[:, 0], alike, last_week), axis=-1)
    given = (kwh[before, home] - past[:, 1])[None], others[None], told[None, :, 1]
    own = expected(windows.scalers["habits"][[home]], *given)[0]
    shown = windows.inputs(*at).statistics[0, :, 15].numpy() * windows._level(*at)
    assert shown == pytest.approx(own, rel=1e-3, abs=1e-5)
    assert own != pytest.approx(told[:, 1], rel=1e-3)
