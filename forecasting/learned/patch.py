"""The preset `patch`: one series of each home, seen as days, forecast with a band around it.

B is the number of windows in a batch, D the steps of a day, L the days looked back upon, H the
steps ahead, Q the number of quantile levels, S the number of statistics, n the number of homes.

A network sees every window in units of its own level, so that one set of weights serves homes of
any size, and homes that it has never seen.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from forecasting.config import TargetName
from forecasting.learned.habits import (
    LONG_HOURS,
    expected,
    habits,
    steps_of,
)
from forecasting.learned.network import PatchInputs, PatchShape, PatchTransformer
from forecasting.learned.record import Record, mean_metered
from forecasting.learned.statistics import (
    MEAN_FREE,
    MEAN_MONTH,
    MEAN_WEEK,
    MEAN_WORK,
    NAMES,
    WEEK_DAYS,
    YESTERDAY,
    Kwh,
    same_time,
    slot_statistics,
)
from forecasting.learned.task import Outlook, Scalers
from forecasting.quantiles import LEVELS
from profiles.arrays import Booleans, Integers
from profiles.errors import InputError
from profiles.local_time import SATURDAY, LocalTime

QUANTILES_WEIGHT, MEAN_WEIGHT = 2.0, 0.25  # of the two parts of the loss
# What a window is measured by is its own mean, some of that of four weeks, and a little of that
# of the training span: an empty week, or an empty month, must not blow noise up.
USUAL_WEIGHT, FLOOR_WEIGHT = 0.05, 0.01
LEVEL_MIN_KWH = 1e-6  # per step, for homes without any generation
# All but one of days alike, which is of either kind; two of weeks; what the home's habits say.
STATISTICS_COUNT = MEAN_WORK + 4
CALENDAR_COUNT = 7
MINUTES_PER_DAY = 24 * 60


class PatchTargets(NamedTuple):
    """What became of a batch of windows."""

    energy: Tensor  # (B, H) in units of the windows' levels, NaN where nothing was metered
    weight: Tensor  # (B,) level of a window by the mean of its home: loss counts in those units


@dataclass(frozen=True, slots=True)
class PatchTask:
    """Forecast one target of every home over one horizon.

    Raises
    ------
    InputError
        If the shape is not one of this preset: it may come from a file.
    """

    target: TargetName
    shape: PatchShape

    def __post_init__(self) -> None:
        """Refuse a network that could not be shown what this preset shows."""
        shape, day = self.shape, self.shape.steps_per_day
        shown = {"calendar_count": CALENDAR_COUNT, "statistics_count": STATISTICS_COUNT}
        for name, count in (shown | {"quantiles_count": len(LEVELS)}).items():
            if getattr(shape, name) != count:
                raise InputError(f"shape.{name}: must be {count} (got {getattr(shape, name)})")
        if (ahead := shape.horizon_steps) < day:
            raise InputError(f"shape.horizon_steps: must be at least {day} (got {ahead})")
        most = (WEEK_DAYS - 1) * day  # what is usual of these steps needs a day before them
        if shape.skip_steps > most:
            raise InputError(f"shape.skip_steps: must be at most {most} (got {shape.skip_steps})")

    @property
    def history_steps(self) -> int:
        """Return how many steps an origin needs before and including itself."""
        return max(self.shape.look_back_days, WEEK_DAYS) * self.shape.steps_per_day

    @property
    def horizon_steps(self) -> int:
        """Return how many steps after the origin are forecast and learned from."""
        return self.shape.horizon_steps

    @property
    def heads(self) -> tuple[str, ...]:
        """Return the layers that turn what is known of a step into numbers."""
        return ("residual", "head", "usual", "recent")

    def network(self) -> PatchTransformer:
        """Make the network, its weights drawn from torch's generator."""
        return PatchTransformer(self.shape)

    def scalers(self, record: Record, first: int, end: int) -> Scalers:
        """Tell each home's mean over what was read in a span, (n,), and what its habits are.

        Windows have levels of their own besides.
        """
        kwh, metered = record.energy_kwh(self.target)[first:end], record.metered[first:end]
        free = record.clock.weekday[first:end] >= SATURDAY
        return {
            "mean_kwh": mean_metered(kwh, metered),
            "habits": habits(kwh, metered, free, self.shape.steps_per_day),
        }

    def windows(self, record: Record, scalers: Scalers) -> "PatchWindows":
        """Make what hands out batches; rows of ``scalers`` are the homes of ``record``."""
        return PatchWindows(self, record, scalers)

    def loss(self, outputs: Tensor, targets: PatchTargets) -> Tensor:
        """Weigh the quantiles' pinball loss and the mean's square, what is NaN left out."""
        metered = torch.isfinite(targets.energy)
        error = torch.where(metered, targets.energy, 0.0)[..., None] - outputs  # (B, H, K)
        levels = targets.energy.new_tensor(LEVELS)
        pinball = torch.maximum(levels * error[..., 1:], (levels - 1.0) * error[..., 1:])
        each = QUANTILES_WEIGHT * pinball.mean(dim=-1) + MEAN_WEIGHT * error[..., 0].square()
        each = each * targets.weight[:, None] * metered
        return each.sum() / metered.sum().clamp(min=1)


@dataclass(slots=True, eq=False)
class PatchWindows:
    """Hands out windows of a record; what it has found out about a step, it keeps."""

    task: PatchTask
    record: Record
    scalers: Scalers
    kwh: Kwh = field(init=False)  # (T, n)
    metered: Booleans = field(init=False)  # (T, n)
    calendar: Kwh = field(init=False)  # (T + ahead, CALENDAR_COUNT)
    free: Booleans = field(init=False)  # (T + ahead,) whether a step falls on a day off
    slots: Kwh = field(init=False)  # (T + D, n, S), of the steps that are told of
    is_told: Booleans = field(init=False)  # (T + D,)

    def __post_init__(self) -> None:
        """Lay the calendar out; statistics follow as windows ask for them."""
        self.kwh = self.record.energy_kwh(self.task.target).astype(np.float32)
        self.metered = self.record.metered
        self.calendar = calendar(self.record.clock)
        self.free = self.record.clock.weekday >= SATURDAY
        steps = self.kwh.shape[0] + self.record.steps_per_day
        self.slots = np.empty((steps, self.kwh.shape[1], len(NAMES)), np.float32)
        self.is_told = np.zeros(steps, np.bool_)

    def inputs(self, homes: Integers, origins: Integers) -> PatchInputs:
        """Return what the network is called with; nothing after an origin is read.

        Raises
        ------
        IndexError
            If an origin has less than `PatchTask.history_steps` behind it: indices below 0 would
            read the end of the record.
        """
        if origins.min() < self.task.history_steps - 1:
            raise IndexError(f"origin {origins.min()} has too few steps behind it")
        shape, home = self.task.shape, homes[:, None]
        history = self.kwh[_last(origins, shape.look_back_days * shape.steps_per_day), home]
        level = self._level(homes, origins)
        mean, usual = history.mean(axis=1), self._usual(homes, origins)
        size = (mean / usual, history.std(axis=1) / level, np.log(mean / usual + USUAL_WEIGHT))
        patches = origins[:, None] - shape.steps_per_day * np.arange(shape.look_back_days)[::-1]
        last = _last(origins, shape.skip_steps)
        recent = self.kwh[last, home] - self._told(last)[last, home, MEAN_WEEK]
        shown = (
            history / level[:, None],
            self.calendar[patches],
            np.stack(size, axis=-1),
            self.calendar[_ahead(origins, shape.horizon_steps)],
            self._statistics(homes, origins) / level[:, None, None],
            recent / level[:, None],
        )
        return PatchInputs(*map(torch.from_numpy, shown))

    def targets(self, homes: Integers, origins: Integers) -> PatchTargets:
        """Return what the network should have said; empty weeks of a home count for little."""
        ahead, home = _ahead(origins, self.task.horizon_steps), homes[:, None]
        level = self._level(homes, origins)
        energy = np.where(self.metered[ahead, home], self.kwh[ahead, home], np.float32(np.nan))
        weight = level / (self.scalers["mean_kwh"][homes] + LEVEL_MIN_KWH)
        return PatchTargets(
            torch.from_numpy(energy / level[:, None]),
            torch.from_numpy(weight.astype(np.float32)),
        )

    def outlook(self, outputs: Tensor, homes: Integers, origins: Integers) -> Outlook:
        """Turn (B, H, 1 + Q) in units of the windows' levels into energy, none below 0."""
        level = self._level(homes, origins)[:, None, None]
        kwh = np.maximum(outputs.numpy() * level, 0.0).astype(np.float64)
        return Outlook(kwh[..., 0], np.array(LEVELS), np.sort(kwh[..., 1:], axis=-1))

    def _level(self, homes: Integers, origins: Integers) -> Kwh:
        """Mean of the days looked back upon, and a little of what is usual, (B,)."""
        steps = self.task.shape.look_back_days * self.record.steps_per_day
        mean = self.kwh[_last(origins, steps), homes[:, None]].mean(axis=1)
        return mean + np.float32(USUAL_WEIGHT) * self._usual(homes, origins)

    def _usual(self, homes: Integers, origins: Integers) -> Kwh:
        """Mean of the last four weeks, (B,), and a little of what the scalers say."""
        ahead = _ahead(origins, self.record.steps_per_day)
        floor = self.scalers["mean_kwh"][homes] * FLOOR_WEIGHT + LEVEL_MIN_KWH
        mean = self._told(ahead)[ahead, homes[:, None], MEAN_MONTH].mean(axis=1)
        return mean + floor.astype(np.float32)

    def _statistics(self, homes: Integers, origins: Integers) -> Kwh:
        """Statistics of the steps ahead, (B, H, S), all of them known at the origin."""
        day = self.record.steps_per_day
        steps = np.arange(self.task.horizon_steps)
        soon = origins[:, None] + 1 + steps % day
        told = self._told(soon)[soon, homes[:, None]]
        later, home = origins[:, None] + 1 + steps % (WEEK_DAYS * day), homes[:, None]
        weeks = [self.kwh[self._weeks_before(later, back), home] for back in (1, 2, 3, 4)]
        free = self.free[_ahead(origins, steps.size)]
        alike = np.where(free, told[..., MEAN_FREE], told[..., MEAN_WORK])
        both = np.stack((alike, weeks[0], sum(weeks) / len(weeks)), axis=-1)
        return np.concatenate(
            (told[..., :MEAN_WORK], both, self._own(homes, origins, told, both)), axis=-1
        )

    def _own(self, homes: Integers, origins: Integers, told: Kwh, both: Kwh) -> Kwh:
        """Expect what the homes' habits say, (B, H, 1); beyond a day the usual."""
        day, home = self.record.steps_per_day, homes[:, None]
        steps = _last(origins, steps_of(LONG_HOURS, day))
        above = self.kwh[steps, home] - self._told(steps)[steps, home, MEAN_MONTH]
        others = told[:, :day, [YESTERDAY, MEAN_WEEK]], both[:, :day, :2]
        own = told[..., MEAN_MONTH].copy()
        own[:, :day] = expected(
            self.scalers["habits"][homes], above, np.concatenate(others, axis=-1), own[:, :day]
        )
        return own[..., None]

    def _weeks_before(self, steps: Integers, weeks: int) -> Integers:
        """Find the same time of the same day of the week, known a week before."""
        day = self.record.steps_per_day
        return same_time(self.record.clock, day, steps, weeks * WEEK_DAYS, WEEK_DAYS)

    def _told(self, steps: Integers) -> Kwh:
        """Return the table once it tells of some steps, of any shape; it learns what is new."""
        missing = np.unique(steps[~self.is_told[steps]])
        if missing.size:
            asked = self.record.clock, self.free, self.record.steps_per_day, missing
            self.slots[missing] = slot_statistics(self.kwh, *asked)
            self.is_told[missing] = True
        return self.slots


def patch_task(target: TargetName, step_minutes: int, horizon_days: int) -> PatchTask:
    """Lay the preset out for a length of step and a horizon.

    Parameters
    ----------
    target : str
        "consumption" or "generation".
    step_minutes : int
        15, 30 or 60.
    horizon_days : int
        How far it looks ahead [days]: 1, 7 or 30.
    """
    day = MINUTES_PER_DAY // step_minutes
    # What the last hours were like says little about the days after tomorrow.
    short = horizon_days == 1
    return PatchTask(
        target,
        PatchShape(
            steps_per_day=day,
            horizon_steps=horizon_days * day,
            statistics_count=STATISTICS_COUNT,
            tokens_count=2 if short else horizon_days,
            layers_count=3 if short else 2,
            skip_steps=day if short else 0,
        ),
    )


def calendar(clock: LocalTime) -> Kwh:
    """Write local times as waves of a day, half a day and a week, and whether a day is free."""
    day = 2.0 * np.pi * clock.minute / MINUTES_PER_DAY
    week = 2.0 * np.pi * (clock.weekday + clock.minute / MINUTES_PER_DAY) / WEEK_DAYS
    waves = [wave(angle) for angle in (day, 2.0 * day, week) for wave in (np.sin, np.cos)]
    return np.stack((*waves, clock.weekday >= SATURDAY), axis=-1).astype(np.float32)


def _last(origins: Integers, count: int) -> Integers:
    return origins[:, None] + np.arange(1 - count, 1)


def _ahead(origins: Integers, count: int) -> Integers:
    return origins[:, None] + np.arange(1, count + 1)
