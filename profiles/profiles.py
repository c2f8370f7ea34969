"""What the meters of a community read: load and solar generation of every home and step.

T is the number of steps, n the number of homes. Energy is per step; a step is named by its
start. The load flows into the home; `pv_kwh` is generation, never negative.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from profiles.arrays import Floats, Integers
from profiles.errors import InputError
from profiles.local_time import YEAR_FIRST, YEAR_LAST, LocalTime, local_stamp, local_time

STEP_MINUTES = (15, 30, 60)

Number = TypeVar("Number", np.float64, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What the meters of one step read."""

    load_kwh: Floats  # (n,)
    pv_kwh: Floats  # (n,)


@dataclass(frozen=True, slots=True, eq=False)
class Profiles:
    """Metered energy of n homes over T steps.

    Homes stand in the order of their ids, so the order of a file never matters. Readers pass
    what they read through `checked`; a method that hands out part of it does not check again.
    """

    home_ids: Integers  # (n,) strictly increasing
    start_utc: np.datetime64  # [s] start of step 0
    step_minutes: int  # 15, 30 or 60
    zone: str  # IANA name or fixed offset
    load_kwh: Floats  # (T, n) energy per step
    pv_kwh: Floats  # (T, n) energy per step
    appliances_kwh: Mapping[str, Floats]  # (T, n) each; empty where unknown
    weather: Mapping[str, Floats]  # (T,) each, unit in the name; empty where unknown

    @property
    def steps_count(self) -> int:
        """Number of steps T."""
        return int(self.load_kwh.shape[0])

    @property
    def homes_count(self) -> int:
        """Number of homes n."""
        return int(self.load_kwh.shape[1])

    @property
    def steps_per_day(self) -> int:
        """Steps of a day whose clock does not change."""
        return 24 * 60 // self.step_minutes

    def until(self, t: int) -> "Profiles":
        """Keep what is known once step `t` has been metered: views of the steps 0 to t.

        Raises
        ------
        IndexError
            If there is no step `t`; a negative number does not count from the end.
        """
        end = self._row(t) + 1
        return Profiles(
            self.home_ids,
            self.start_utc,
            self.step_minutes,
            self.zone,
            self.load_kwh[:end],
            self.pv_kwh[:end],
            {name: column[:end] for name, column in self.appliances_kwh.items()},
            {name: column[:end] for name, column in self.weather.items()},
        )

    def at(self, t: int) -> Step:
        """Return what the meters of step `t` read, as views; IndexError if there is none."""
        row = self._row(t)
        return Step(self.load_kwh[row], self.pv_kwh[row])

    def local_time(self) -> LocalTime:
        """Read the local clock at the start of every step."""
        return local_time(self.start_utc, self.step_minutes, self.steps_count, self.zone)

    def select(self, home_ids: Iterable[int]) -> "Profiles":
        """Keep the named homes, in the order of their ids.

        Raises
        ------
        InputError
            If an id is unknown or named twice, or none is named.
        """
        columns = self._columns(home_ids)
        if columns.size == 0:
            raise InputError("homes: must name at least 1 home (got 0)")
        return replace(
            self,
            home_ids=_frozen(self.home_ids[columns]),
            load_kwh=_frozen(self.load_kwh.take(columns, axis=1)),
            pv_kwh=_frozen(self.pv_kwh.take(columns, axis=1)),
            appliances_kwh={
                name: _frozen(kwh.take(columns, axis=1))
                for name, kwh in self.appliances_kwh.items()
            },
        )

    def without_pv(self, home_ids: Iterable[int]) -> "Profiles":
        """Take the solar generation of the named homes away.

        Raises
        ------
        InputError
            If an id is unknown or named twice.
        """
        pv_kwh = self.pv_kwh.copy()
        pv_kwh[:, self._columns(home_ids)] = 0.0
        return replace(self, pv_kwh=_frozen(pv_kwh))

    def step_at(self, start_utc: np.datetime64) -> int:
        """Find the step that starts at an instant.

        Raises
        ------
        InputError
            If no step starts then; the message gives the first and the last that does.
        """
        seconds = (start_utc - self.start_utc) / np.timedelta64(1, "s")
        step = seconds / (60 * self.step_minutes)
        if 0 <= step < self.steps_count and step == int(step):
            return int(step)
        length = np.timedelta64(self.step_minutes * 60, "s")
        first = local_stamp(self.start_utc, self.zone)
        last = local_stamp(self.start_utc + (self.steps_count - 1) * length, self.zone)
        raise InputError(
            f"start: must be the start of a {self.step_minutes}-minute step from {first} to "
            f"{last} by the clock of {self.zone} (got {local_stamp(start_utc, self.zone)})"
        )

    def _row(self, t: int) -> int:
        if not 0 <= t < self.load_kwh.shape[0]:
            raise IndexError(f"step {t} is not one of 0..{self.steps_count - 1}")
        return t

    def _columns(self, home_ids: Iterable[int]) -> Integers:
        wanted = sorted(home_ids)
        known = self.home_ids.tolist()
        column = {home_id: index for index, home_id in enumerate(known)}
        for home_id in wanted:
            if home_id not in column:
                raise InputError(f"homes: {home_id} is not one of {_listed(known)}")
        if len(set(wanted)) < len(wanted):
            raise InputError(f"homes: each may be named once (got {_listed(wanted)})")
        return np.array([column[home_id] for home_id in wanted], dtype=np.int64)


def checked(profiles: Profiles, source: str) -> Profiles:
    """Refuse profiles that break a rule, and make their arrays read-only.

    Parameters
    ----------
    profiles : Profiles
        As a reader built them.
    source : str
        File or generator, named in the message.

    Returns
    -------
    Profiles
        The same object.

    Raises
    ------
    InputError
        With the source, the home and local start of the step, the field, the limit, the first
        wrong value and how many there are.
    """
    _check_frame(profiles, source)
    columns = {"load_kwh": profiles.load_kwh, "pv_kwh": profiles.pv_kwh}
    columns |= {f"appliances_kwh.{name}": kwh for name, kwh in profiles.appliances_kwh.items()}
    weather = {f"weather.{name}": column for name, column in profiles.weather.items()}
    shape = (profiles.load_kwh.shape[0], profiles.home_ids.size)
    for field, column in (columns | weather).items():
        wanted = shape if field in columns else shape[:1]
        if column.shape != wanted or column.dtype != np.float64:
            raise InputError(
                f"{source}: {field}: must have shape {wanted}, float64 "
                f"(got {column.shape}, {column.dtype})"
            )
        _check_values(profiles, source, field, column)
        column.setflags(write=False)
    profiles.home_ids.setflags(write=False)
    return profiles


def _check_frame(profiles: Profiles, source: str) -> None:
    """Check everything but the columns: ids, length of a step, start and zone."""
    if profiles.step_minutes not in STEP_MINUTES:
        limit = " or ".join(map(str, STEP_MINUTES))
        raise InputError(f"{source}: step_minutes: must be {limit} (got {profiles.step_minutes})")
    ids = profiles.home_ids
    if ids.ndim != 1 or ids.size == 0 or ids.dtype != np.int64:
        raise InputError(
            f"{source}: home_ids: must be a list of whole numbers "
            f"(got shape {ids.shape}, {ids.dtype})"
        )
    wrong = np.flatnonzero(np.diff(ids, prepend=-1) <= 0)
    if wrong.size:
        raise InputError(
            f"{source}: home_ids: must be at least 0 and strictly increasing "
            f"(got {ids[wrong[0]]} in place {wrong[0] + 1})"
        )
    if profiles.load_kwh.ndim != 2 or profiles.load_kwh.shape[0] == 0:
        raise InputError(
            f"{source}: load_kwh: must have 1 step or more (got shape {profiles.load_kwh.shape})"
        )
    _check_start(profiles, source)


def _check_start(profiles: Profiles, source: str) -> None:
    start = profiles.start_utc
    # An instant that is none at all (NaT) fails this comparison too.
    if not np.datetime64(str(YEAR_FIRST)) <= start < np.datetime64(str(YEAR_LAST + 1)):
        raise InputError(
            f"{source}: start_utc: must be from {YEAR_FIRST} to {YEAR_LAST} (got {start})"
        )
    minute = int(local_time(start, profiles.step_minutes, 1, profiles.zone).minute[0])
    if minute % profiles.step_minutes or start.astype("datetime64[m]") != start:
        raise InputError(
            f"{source}: start_utc: must be a multiple of {profiles.step_minutes} minutes after "
            f"midnight by the clock of {profiles.zone} (got {start})"
        )


def _check_values(profiles: Profiles, source: str, field: str, column: Floats) -> None:
    """Refuse a value that is not finite or, where energy is meant, negative."""
    lowest = 0.0 if column.ndim == 2 else -np.inf
    wrong = np.argwhere(~(np.isfinite(column) & (column >= lowest)))
    if wrong.size == 0:
        return
    first = tuple(wrong[0].tolist())
    length = np.timedelta64(profiles.step_minutes * 60, "s")
    place = local_stamp(profiles.start_utc + first[0] * length, profiles.zone)
    if column.ndim == 2:
        place = f"home {profiles.home_ids[first[1]]}, {place}"
    limit = "must be at least 0" if np.isfinite(column[first]) else "must be a finite number"
    raise InputError(
        f"{source}: {place}: {field}: {limit} (got {column[first]}, {len(wrong)} such in all)"
    )


def _frozen(array: NDArray[Number]) -> NDArray[Number]:
    array.setflags(write=False)
    return array


def _listed(ids: list[int]) -> str:
    """Name ids, the middle of a long list left out."""
    shown = [str(home_id) for home_id in ids]
    return ", ".join(shown if len(shown) <= 20 else [*shown[:10], "...", *shown[-3:]])
