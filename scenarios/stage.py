"""What a timeline is about: homes and their rows, arms, and the steps that it shows.

T steps of the run, n homes, r rows.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from profiles.arrays import Floats, Integers
from profiles.errors import InputError, shown
from profiles.local_time import days_between, local_stamp, local_time
from scenarios.compare import leading
from scenarios.equipment import Equipment

ROWS_MAX = 60
"""Homes that stand for themselves; where there are more, one more row is all others together."""
STEPS_MAX = 1500
"""Steps of a timeline: 31 days of half hours, with an hour more where the clock changes."""
DAYS_MAX = 31
"""Days of a long run that are shown unasked."""

_BASELINES = ("self_use", "grid_only", "plan_alone")


@dataclass(frozen=True, slots=True)
class Window:
    """Some steps of a run that follow each other."""

    first_step: int
    steps_count: int

    @property
    def end_step(self) -> int:
        """Step behind the last."""
        return self.first_step + self.steps_count


@dataclass(frozen=True, slots=True)
class Span:
    """The steps of a run and its clock."""

    start_utc: np.datetime64
    step_minutes: int
    steps_count: int  # T
    zone: str

    @property
    def local_day(self) -> Integers:
        """Day of each step by the local calendar, since 1970, shape (T,)."""
        return local_time(self.start_utc, self.step_minutes, self.steps_count, self.zone).day

    def at(self, step: int) -> np.datetime64:
        """Return the start of a step, UTC."""
        return self.start_utc + step * np.timedelta64(60 * self.step_minutes, "s")

    def local(self, window: Window) -> list[str]:
        """Write the start of each step by the local clock, as in 2017-07-01 16:00."""
        first = self.at(window.first_step)
        clock = local_time(first, self.step_minutes, window.steps_count, self.zone)
        times = clock.day.astype("datetime64[D]") + clock.minute.astype("timedelta64[m]")
        return [text.replace("T", " ") for text in np.datetime_as_string(times).tolist()]

    def days(self, window: Window) -> float:
        """Return the length of a window by the local calendar [days]."""
        return days_between(self.at(window.first_step), self.at(window.end_step), self.zone)


def window(span: Span, start: str | None = None, days: int | None = None) -> Window:
    """Choose the steps of a timeline.

    Parameters
    ----------
    span : Span
        Of the run.
    start : str, optional
        First local date; that of the run if None.
    days : int, optional
        Local dates from there on, as far as the run goes; all if None.

    Raises
    ------
    InputError
        If the date is no date of the run, or these are more than `STEPS_MAX` steps.
    """
    day = span.local_day
    first, end = 0, span.steps_count
    if start is not None:
        within = np.flatnonzero(day == _day(start))
        if not within.size:
            known = (np.datetime64(int(day[place]), "D") for place in (0, -1))
            raise InputError(f"--start: must be from {' to '.join(map(str, known))} (got {start})")
        first = int(within[0])
    if days is not None:
        if days < 1:
            raise InputError(f"--days: must be at least 1 (got {days})")
        end = first + int(np.searchsorted(day[first:] - day[first], days))
    if end - first > STEPS_MAX:
        raise InputError(
            f"--days: must choose at most {STEPS_MAX} steps (got {end - first}; --start DATE "
            f"and --days N choose a part of the run)"
        )
    return Window(first, end - first)


def default_window(span: Span) -> Window:
    """Choose a run's first 31 local dates, or as many whole ones as fit into a timeline."""
    if span.steps_count <= STEPS_MAX:
        return Window(0, span.steps_count)
    day = span.local_day
    last = min(int(day[0]) + DAYS_MAX, int(day[STEPS_MAX]))  # behind the last date that is whole
    return Window(0, int(np.searchsorted(day, last)))


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """Everything about a timeline that is known before its first step."""

    scenario: str
    seed: int
    span: Span
    window: Window
    arms: tuple[str, ...]
    home_ids: Integers  # (n,) increasing
    equipment: tuple[Equipment, ...]  # (n,)
    row_of: Integers  # (n,) row of each home

    @property
    def title(self) -> str:
        """Say in a line what is shown."""
        start_local = local_stamp(self.span.at(self.window.first_step), self.span.zone)
        days = self.span.days(self.window)
        return title(self.scenario, self.home_ids.size, days, start_local)

    @property
    def rows_count(self) -> int:
        """Number of rows, r."""
        return int(self.row_of.max()) + 1

    @property
    def has_others(self) -> bool:
        """Whether the last row stands for several homes."""
        return self.home_ids.size > ROWS_MAX

    @property
    def optimized(self) -> str:
        """Arm that is shown: the market where it is there, else the last."""
        return leading(self.arms)

    @property
    def baseline(self) -> str | None:
        """Arm that is shown beside it; None where no other was lived."""
        return baseline_of(self.arms)

    @property
    def shown(self) -> tuple[str, ...]:
        """Arms that are shown step by step; of the others there is the cost."""
        return tuple(name for name in (self.optimized, self.baseline) if name is not None)


def baseline_of(arms: Collection[str]) -> str | None:
    """Choose the arm that is shown beside the one that leads; None where there is no other."""
    others = [name for name in arms if name != leading(arms)]
    usual = [name for name in _BASELINES if name in others]
    return next(iter([*usual, *others]), None)


def title(scenario: str, homes_count: int, days: float, start_local: str) -> str:
    """Say in a line what a run is, or a part of one."""
    return f"{scenario}: {_many(homes_count, 'home')}, {_many(days, 'day')} from {start_local}"


def rows(homes_count: int, weight: Floats | Sequence[float]) -> Integers:
    """Deal homes to rows, shape (n,): those that weigh most, in their order, then all others.

    Among homes that weigh the same, the first ones are kept.
    """
    if homes_count <= ROWS_MAX:
        return np.arange(homes_count)
    kept = np.sort(np.argsort(-np.asarray(weight), kind="stable")[:ROWS_MAX])
    row_of = np.full(homes_count, ROWS_MAX)
    row_of[kept] = np.arange(ROWS_MAX)
    return row_of


def _day(typed: str) -> int:
    """Read a date as days since 1970."""
    try:
        return (date.fromisoformat(typed) - date(1970, 1, 1)).days
    except ValueError:
        raise InputError(f"--start: must be a date like 2017-07-01 (got {shown(typed)})") from None


def _many(count: float, thing: str) -> str:
    return f"{count:g} {thing}{'' if count == 1 else 's'}"
