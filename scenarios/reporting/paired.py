"""Differences that are paired: between runs by day, or by seed where seeds were repeated.

What two runs have in common, the weather and the load of a day or what a seed draws, does not
count as noise then. D days, S seeds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from model.baselines import BASELINES
from model.intervals import independent_interval, mean_interval
from profiles.arrays import Floats
from scenarios.reporting.course import Course
from scenarios.reporting.folders import Reported

Over = Literal["days", "seeds", ""]


@dataclass(frozen=True, slots=True)
class Saved:
    """What one way of living saves against another, per day, and how sure that is."""

    usd_per_day: float
    low_usd_per_day: float | None  # ends of the 95 % interval; None where nothing can be paired
    high_usd_per_day: float | None
    over: Over
    pairs_count: int  # days or seeds


@dataclass(frozen=True, slots=True)
class Between:
    """One arm in two runs, or in two points of a sweep."""

    arm: str
    baseline: str  # label of the run that others are held against
    run: str
    baseline_usd_per_day: float
    run_usd_per_day: float
    saved: Saved


@dataclass(frozen=True, slots=True)
class Repeated:
    """Two arms of a point, over its seeds."""

    run: str  # label of its first run
    arm: str
    baseline: str
    saved: Saved


def between(points: Sequence[Sequence[Reported]]) -> list[Between]:
    """Hold every point but the first against the first, arm by arm.

    Two points that share at least two seeds are paired by these, if they draw what homes live
    through. Others are represented by their first runs, which are paired by day if they live
    through the same ones.

    Parameters
    ----------
    points : sequence
        Runs by point, as `points.points` gives them.
    """
    return [
        _between(points[0], other, arm)
        for other in points[1:]
        for arm in points[0][0].course.arms
        if arm in other[0].course.arms
    ]


def repeated(points: Sequence[Sequence[Reported]]) -> list[Repeated]:
    """Hold the arms of each point against the baselines, over its seeds, where it has several.

    There is no interval where its seeds do not draw what homes live through.
    """
    return [
        Repeated(point[0].label, arm, baseline, _over_seeds(point, arm, baseline))
        for point in points
        if len(point) > 1
        for arm in _shared_arms(point)
        for baseline in BASELINES
        if baseline in _shared_arms(point) and baseline != arm
    ]


def of_arm(first: Course, second: Course, arm: str, labels: tuple[str, str]) -> Between:
    """Hold an arm of the second run against that of the first.

    Where both live through the same days the interval is that of `mean_interval`, over the
    daily differences; else there is none.
    """
    before, after = _per_day(first, arm), _per_day(second, arm)
    if not _same_days(first, second):
        return Between(arm, *labels, before, after, Saved(before - after, None, None, "", 0))
    daily = first.arms[arm].day_costs_usd - second.arms[arm].day_costs_usd
    low, high = mean_interval(daily) or (None, None)
    return Between(
        arm, *labels, before, after, Saved(before - after, low, high, "days", daily.size)
    )


def _between(point: Sequence[Reported], other: Sequence[Reported], arm: str) -> Between:
    labels = point[0].label, other[0].label
    pairs = _seed_pairs(point, other, arm)
    if len(pairs) < 2 or not all(_drawn(side) for side in zip(*pairs, strict=True)):
        return of_arm(point[0].course, other[0].course, arm, labels)
    costs = np.array([[_per_day(one.course, arm), _per_day(two.course, arm)] for one, two in pairs])
    first_usd, second_usd = costs.mean(axis=0).tolist()
    saved = _independent(costs[:, 0] - costs[:, 1])
    return Between(arm, *labels, first_usd, second_usd, saved)


def _seed_pairs(
    point: Sequence[Reported], other: Sequence[Reported], arm: str
) -> list[tuple[Reported, Reported]]:
    """Pair runs of one seed."""
    by_seed = {run.manifest.seed: run for run in point if arm in run.course.arms}
    return [
        (by_seed[run.manifest.seed], run)
        for run in other
        if run.manifest.seed in by_seed and arm in run.course.arms
    ]


def _over_seeds(point: Sequence[Reported], arm: str, baseline: str) -> Saved:
    costs = [(_per_day(run.course, baseline), _per_day(run.course, arm)) for run in point]
    saved = _independent(np.array([before - after for before, after in costs]))
    return saved if _drawn(point) else replace(saved, low_usd_per_day=None, high_usd_per_day=None)


def _drawn(runs: Sequence[Reported]) -> bool:
    """Whether each run lives through other loads, sun or prices than the others.

    Seeds of metered homes only settle ties: that they agree says nothing about other days.
    """
    return len({_world(run.course) for run in runs}) == len(runs)


def _world(course: Course) -> tuple[object, ...]:
    arm = course.leading
    figures = course.figures.arms[arm]
    return figures.load_kwh, figures.pv_kwh, course.arms[arm].tariff_cents_per_kwh.tobytes()


def _independent(saved: Floats) -> Saved:
    low, high = independent_interval(saved) or (None, None)
    return Saved(float(saved.mean()), low, high, "seeds", saved.size)


def _shared_arms(point: Sequence[Reported]) -> list[str]:
    return [arm for arm in point[0].course.arms if all(arm in run.course.arms for run in point)]


def _per_day(course: Course, arm: str) -> float:
    return course.figures.arms[arm].cost_usd / course.figures.days


def _same_days(first: Course, second: Course) -> bool:
    """Whether two runs live through the same span; their steps may differ in length."""
    one, two = first.figures, second.figures
    return (one.start_utc, one.zone, one.days) == (two.start_utc, two.zone, two.days) and (
        first.days_count == second.days_count
    )
