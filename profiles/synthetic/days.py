"""Local days as people live them: what the wall clock shows, told in minutes of the record.

D is the number of days, T of steps, h of homes. A day on which the clock changes has an hour less
or more; habits follow the wall clock all the same.
"""

from dataclasses import dataclass

import numpy as np

from profiles.arrays import Booleans, Floats, Integers
from profiles.local_time import LocalTime, local_time, utc_from_local
from profiles.synthetic.days_off import free_days

_MINUTES_PER_DAY = 1440


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """The local days of a record that starts and ends at midnight."""

    start_utc: np.datetime64  # [s] of step 0
    step_minutes: int
    local: LocalTime  # of every step, (T,)
    row: Integers  # (T,) day of every step, 0..D-1
    free: Booleans  # (D,) weekend or public holiday
    slot_minutes: Floats  # (D + 1, slots) minute of the record at which the wall clock shows a slot

    @property
    def count(self) -> int:
        """Number of days D."""
        return self.free.size

    @property
    def steps_count(self) -> int:
        """Number of steps T."""
        return self.row.size

    @property
    def step_hours(self) -> float:
        """Length of a step [h]."""
        return self.step_minutes / 60.0

    def minute(self, wall_minute: Floats) -> Floats:
        """Say when the wall clock shows a time.

        Parameters
        ----------
        wall_minute : ndarray, shape (h, D)
            Minutes after midnight of each day, from 0; 1440 and more is the day after.

        Returns
        -------
        ndarray, shape (h, D)
            Minutes since the record's start. A time that the clock shows twice is the first of
            the two, one that it leaves out the moment at which it jumps.
        """
        later, rest = np.divmod(wall_minute, _MINUTES_PER_DAY)
        row = np.minimum(np.arange(self.count) + later.astype(np.int64), self.count)
        slot = (rest // self.step_minutes).astype(np.int64)
        return np.asarray(self.slot_minutes[row, slot] + rest % self.step_minutes)


def days_of(
    start: str, days: int, step_minutes: int, zone: str, off: tuple[str | None, str | None]
) -> Days:
    """Lay out the days of a record.

    Parameters
    ----------
    start : str
        First local date.
    days : int
        Number of local days D.
    step_minutes : int
        Length of a step, 15, 30 or 60 [min].
    zone : str
        IANA name or fixed offset.
    off : tuple of str
        Country and subdivision whose public holidays are free days, or None.

    Raises
    ------
    InputError
        If the start is no date, midnight does not exist on it or the zone is unknown.
    """
    start_utc = utc_from_local(start, zone)
    last_date = str(np.datetime64(start, "D") + np.timedelta64(days, "D"))
    minutes = int((utc_from_local(last_date, zone) - start_utc) / np.timedelta64(1, "m"))
    steps_count = minutes // step_minutes
    local = local_time(start_utc, step_minutes, steps_count, zone)
    row = local.day - local.day[0]
    calendar_days = local.day[0] + np.arange(days)
    return Days(
        start_utc=start_utc,
        step_minutes=step_minutes,
        local=local,
        row=row,
        free=free_days(calendar_days, *off),
        slot_minutes=_slot_minutes(row, local.minute // step_minutes, days, step_minutes),
    )


def _slot_minutes(row: Integers, slot: Integers, days: int, step_minutes: int) -> Floats:
    """Find when the wall clock of each day first shows each slot, (D + 1, slots) [min]."""
    slots = _MINUTES_PER_DAY // step_minutes
    minutes = np.full((days + 1, slots), np.inf)
    at = np.arange(row.size, dtype=np.float64) * step_minutes
    np.minimum.at(minutes, (row, slot), at)
    minutes[days] = row.size * step_minutes + np.arange(slots) * step_minutes
    # A slot that the clock leaves out begins with the next that it shows.
    return np.minimum.accumulate(minutes.ravel()[::-1])[::-1].reshape(days + 1, slots)
