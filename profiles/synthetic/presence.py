"""When somebody is at home and up.

h is the number of homes, D of days, T of steps. Times of a day are minutes of the record, found
through the wall clock.
"""

from dataclasses import dataclass

import numpy as np

from profiles.arrays import Booleans, Floats
from profiles.synthetic.days import Days
from profiles.synthetic.draws import Purpose, bell, daily
from profiles.synthetic.events import spread
from profiles.synthetic.homes import Homes

_TRIP_START_FRACTION = 0.006  # of the days; a trip then lasts 2 to 10 days, about 3 % of the year
_OUTING_FRACTION = 0.55  # of the days on which nothing calls people away


@dataclass(frozen=True, slots=True, eq=False)
class Presence:
    """The days of h homes. On a day of travel every time but `away` means nothing."""

    away: Booleans  # (h, D) on a trip
    called: Booleans  # (h, D) everybody is out for work or school
    out: Booleans  # (h, D) the home is empty between leaving and returning
    wake_minute: Floats  # (h, D)
    leave_minute: Floats  # (h, D)
    return_minute: Floats  # (h, D)
    sleep_minute: Floats  # (h, D)
    active_fraction: Floats  # (h, T) of the step in which somebody is at home and up


def presence_of(homes: Homes, days: Days, seed: int) -> Presence:
    """Live through the days of h homes."""
    drawn = daily(seed, Purpose.PRESENCE, homes.home_ids, days.count, 17)
    away = _trips(drawn[15], drawn[16])
    called = (homes.works[:, None] > 0.0) & ~days.free & ~away
    wake = homes.wake_minute[:, None] + np.where(days.free, 65.0, 0.0) + 18.0 * bell(drawn[0:3])
    outing_start = 600.0 + 360.0 * drawn[12]
    leave = np.where(called, homes.leave_minute[:, None] + 12.0 * bell(drawn[3:6]), outing_start)
    leave = np.maximum(leave, wake + 20.0)
    back = np.where(
        called,
        homes.return_minute[:, None] + 35.0 * bell(drawn[6:9]),
        leave + 60.0 + 180.0 * drawn[13],
    )
    back = np.maximum(back, leave + 60.0)
    late = np.where(days.free, 25.0, 0.0)
    sleep = homes.sleep_minute[:, None] + late + 22.0 * bell(drawn[9:12])
    sleep = np.maximum(sleep, back + 60.0)
    out = called | (~away & (drawn[14] < _OUTING_FRACTION))
    wake, leave, back, sleep = (days.minute(time) for time in (wake, leave, back, sleep))
    present = [(wake, np.where(out, leave, back)), (back, sleep)]
    return Presence(
        away=away,
        called=called,
        out=out,
        wake_minute=wake,
        leave_minute=leave,
        return_minute=back,
        sleep_minute=sleep,
        active_fraction=_fraction(present, away, days),
    )


def _trips(starts: Floats, lengths: Floats) -> Booleans:
    """Mark the days of travel, (h, D): a trip that starts during another prolongs it."""
    away = np.zeros(starts.shape, dtype=np.bool_)
    left_days = np.zeros(starts.shape[0])
    for day in range(starts.shape[1]):
        begins = starts[:, day] < _TRIP_START_FRACTION
        left_days = np.where(begins, 2.0 + np.floor(9.0 * lengths[:, day]), left_days)
        away[:, day] = left_days > 0.0
        left_days = left_days - 1.0
    return away


def _fraction(spells: list[tuple[Floats, Floats]], away: Booleans, days: Days) -> Floats:
    """Measure the share of every step that lies in one of the spells of its day, (h, T)."""
    start = np.hstack([first for first, _ in spells])
    minutes = np.hstack([np.where(away, 0.0, last - first) for first, last in spells])
    # A power of 1 kW for a whole step is the length of the step in kWh.
    lived = spread(start, minutes, np.ones(1), days.steps_count, days.step_minutes)
    return np.asarray(np.minimum(lived / days.step_hours, 1.0))
