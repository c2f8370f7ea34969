"""A stretch of time that is to be priced, and what the local clock shows in it.

T steps are lived; plans look H further, so K = T + H are priced.
"""

from dataclasses import dataclass

import numpy as np

from profiles.arrays import Integers
from profiles.local_time import LocalTime, local_time

_LONGEST_DAY_HOURS = 26  # of a local day; the clock moves by an hour, two at most


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """Steps of one length, one after the other."""

    start_utc: np.datetime64  # [s]
    step_minutes: int
    steps_count: int  # T, lived
    zone: str  # of the local clock
    local: LocalTime  # (K,)
    day_steps: Integers  # (K,) steps of the whole local day that a step belongs to

    @property
    def utc_minutes(self) -> Integers:
        """Start of each step since 1970 in UTC, shape (K,) [min]."""
        first = int(self.start_utc.astype("datetime64[m]").astype(np.int64))
        return first + np.arange(self.local.day.size, dtype=np.int64) * self.step_minutes

    @property
    def clock_minutes(self) -> Integers:
        """Start of each step since 1970 as the local clock shows it, shape (K,) [min]."""
        return self.local.day * 1440 + self.local.minute


def span_of(
    start_utc: np.datetime64, step_minutes: int, steps_count: int, zone: str, ahead_steps: int = 0
) -> Span:
    """Lay out T steps and H further ones.

    Parameters
    ----------
    start_utc : datetime64
        Start of the first step, UTC.
    step_minutes : int
        Length of a step [min].
    steps_count : int
        Number of steps T that are lived.
    zone : str
        IANA name or fixed offset of the local clock.
    ahead_steps : int
        Number of steps H that plans look beyond the last one lived.

    Raises
    ------
    InputError
        If the zone is unknown.
    """
    known_count = steps_count + ahead_steps
    # A local day at either end may lie partly outside; its length is that of the whole day.
    margin = _LONGEST_DAY_HOURS * 60 // step_minutes
    earlier = start_utc - np.timedelta64(margin * step_minutes, "m")
    wide = local_time(earlier, step_minutes, known_count + 2 * margin, zone).day
    lengths = np.bincount(wide - wide.min())
    local = local_time(start_utc, step_minutes, known_count, zone)
    day_steps = lengths[local.day - wide.min()].astype(np.int64)
    return Span(start_utc, step_minutes, steps_count, zone, local, day_steps)
