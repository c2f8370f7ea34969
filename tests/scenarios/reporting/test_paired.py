"""Differences between runs: by day, by seed, and none where nothing is shared."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from model.intervals import mean_interval
from scenarios.reporting import folders, paired
from scenarios.reporting.folders import Collection, Reported
from scenarios.reporting.points import points


def per_day(run: Reported, arm: str) -> float:
    return run.course.figures.arms[arm].cost_usd / run.course.figures.days


def test_runs_of_the_same_days_are_paired_by_day(collection: Collection) -> None:
    found = {one.arm: one for one in paired.between(points(collection.runs))}
    first, second = (run.course for run in collection.runs)
    assert [*found] == [*first.arms]
    for arm, one in found.items():
        daily = first.arms[arm].day_costs_usd - second.arms[arm].day_costs_usd
        saved = one.saved
        assert (saved.over, saved.pairs_count) == ("days", 3)
        assert saved.usd_per_day == pytest.approx(daily.mean())
        assert (saved.low_usd_per_day, saved.high_usd_per_day) == mean_interval(daily)


def test_a_run_against_itself_saves_nothing_for_certain(collection: Collection) -> None:
    one = collection.runs[0].course
    saved = paired.of_arm(one, one, "market", ("a", "b")).saved
    assert saved.usd_per_day == saved.low_usd_per_day == saved.high_usd_per_day == 0.0


def test_held_the_other_way_around_the_signs_change(collection: Collection) -> None:
    one, two = (run.course for run in collection.runs)
    there = paired.of_arm(one, two, "market", ("a", "b")).saved
    back = paired.of_arm(two, one, "market", ("b", "a")).saved
    assert back.usd_per_day == -there.usd_per_day
    assert back.low_usd_per_day == pytest.approx(-(there.high_usd_per_day or 0.0))


def test_other_days_leave_a_difference_without_an_interval(collection: Collection) -> None:
    one, two = (run.course for run in collection.runs)
    figures = two.figures.model_copy(update={"start_utc": "2017-07-02T08:00:00Z"})
    saved = paired.of_arm(one, replace(two, figures=figures), "market", ("a", "b")).saved
    assert (saved.low_usd_per_day, saved.high_usd_per_day, saved.over) == (None, None, "")
    assert saved.usd_per_day == pytest.approx(
        per_day(collection.runs[0], "market") - per_day(collection.runs[1], "market")
    )


def test_points_that_share_seeds_are_paired_by_them(batch: Path) -> None:
    runs = folders.collected([batch]).runs
    found = {one.arm: one for one in paired.between(points(runs))}
    for arm, one in found.items():
        saved = np.array([per_day(runs[k], arm) - per_day(runs[k + 2], arm) for k in (0, 1)])
        low, high = (
            stats.t.interval(0.95, 1, saved.mean(), stats.sem(saved)) if saved.any() else (0, 0)
        )
        assert (one.baseline, one.run) == ("00001", "00003")
        assert (one.saved.over, one.saved.pairs_count) == ("seeds", 2)
        assert one.saved.usd_per_day == pytest.approx(saved.mean())
        assert one.saved.low_usd_per_day == pytest.approx(low)
        assert one.saved.high_usd_per_day == pytest.approx(high)


def test_seeds_of_metered_homes_draw_no_other_days_and_are_not_taken_for_doubt(
    collection: Collection,
) -> None:
    runs = [
        replace(run, manifest=run.manifest.model_copy(update={"seed": seed}))
        for run in collection.runs
        for seed in (1, 2)
    ]
    found = {one.arm: one for one in paired.between([runs[:2], runs[2:]])}
    assert {one.saved.over for one in found.values()} == {"days"}
    assert found == {one.arm: one for one in paired.between([[runs[0]], [runs[2]]])}
    for one in paired.repeated([runs[:2]]):
        assert (one.saved.over, one.saved.pairs_count) == ("seeds", 2)
        assert (one.saved.low_usd_per_day, one.saved.high_usd_per_day) == (None, None)


def test_arms_are_held_against_baselines_over_seeds(batch: Path) -> None:
    runs = folders.collected([batch]).runs
    found = paired.repeated(points(runs))
    assert [(one.run, one.arm, one.baseline) for one in found] == [
        ("00001", "grid_only", "self_use"),
        ("00001", "self_use", "grid_only"),
        ("00003", "grid_only", "self_use"),
        ("00003", "self_use", "grid_only"),
    ]
    saved = [per_day(runs[k], "grid_only") - per_day(runs[k], "self_use") for k in (0, 1)]
    low, high = stats.t.interval(0.95, 1, np.mean(saved), stats.sem(saved))
    assert found[1].saved.usd_per_day == pytest.approx(np.mean(saved))
    assert (found[1].saved.low_usd_per_day, found[1].saved.high_usd_per_day) == (
        pytest.approx(low),
        pytest.approx(high),
    )
