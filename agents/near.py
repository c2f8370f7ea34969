"""What the next three hours hold: the need of every home, and the price. n homes, H steps ahead."""

from dataclasses import dataclass
from typing import Self

from forecasting.forecast import Forecast
from profiles.arrays import Floats, Integers
from profiles.profiles import Profiles

MINUTES = 180
DAYS_OF_A_WEEK = 7


@dataclass(frozen=True, slots=True)
class Near:
    """The step being lived and those that begin within three hours of its start."""

    need_kwh: Floats  # (n,) load less generation; below 0 if the sun brings more
    price_cents_per_kwh: float  # now
    price_ahead_cents_per_kwh: float  # mean of the steps after it; the same if there are none

    def rows(self, rows: Integers) -> Self:
        """Return what lies ahead of some homes."""
        return type(self)(
            self.need_kwh[rows], self.price_cents_per_kwh, self.price_ahead_cents_per_kwh
        )


def near(seen: Profiles, forecast: Forecast | None, price_cents_per_kwh: Floats) -> Near:
    """Look three hours ahead, by the forecast if there is one, else by the days before.

    The days before are the last seven, or as many whole ones as are known: the mean of the same
    hours, which is what the forecaster `slot_mean` says, for a fraction of its effort.

    Parameters
    ----------
    seen : Profiles
        Everything known of the n homes; its last step is the one being lived.
    forecast : Forecast, optional
        Issued on ``seen``; not used if it does not reach as far.
    price_cents_per_kwh : ndarray, shape (H,)
        Price of the step being lived and those after it.
    """
    steps_count = MINUTES // seen.step_minutes
    if forecast is not None and forecast.load_kwh.shape[1] >= steps_count:
        ahead = slice(steps_count)
        need_kwh = (forecast.load_kwh[:, ahead] - forecast.pv_kwh[:, ahead]).sum(axis=1)
    else:
        need_kwh = _by_the_days_before(seen, steps_count)
    now, later = float(price_cents_per_kwh[0]), price_cents_per_kwh[1:steps_count]
    return Near(need_kwh, now, float(later.mean()) if later.size else now)


def _by_the_days_before(seen: Profiles, steps_count: int) -> Floats:
    now_kwh: Floats = seen.load_kwh[-1] - seen.pv_kwh[-1]
    day = seen.steps_per_day
    days_count = min(DAYS_OF_A_WEEK, seen.steps_count // day)
    if days_count == 0:
        return steps_count * now_kwh
    last = slice(seen.steps_count - days_count * day, None)  # its first step is the next one's hour
    # Views: the sums touch three hours of each day, not the whole of it.
    load_kwh, pv_kwh = (
        kwh[last].reshape(days_count, day, -1)[:, : steps_count - 1].sum(axis=(0, 1))
        for kwh in (seen.load_kwh, seen.pv_kwh)
    )
    return now_kwh + (load_kwh - pv_kwh) / days_count
