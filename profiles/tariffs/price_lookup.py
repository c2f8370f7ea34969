"""Rates of a run's steps out of a series whose rows have another length, zone or year.

A longer row holds for all steps within it; of shorter rows a step takes the mean. R is the number
of rows, K of steps.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import gcd

import numpy as np

from profiles.arrays import Floats, Integers
from profiles.errors import InputError
from profiles.local_time import local_time
from profiles.tariffs.config import RepeatYear
from profiles.tariffs.price_series import RateSeries
from profiles.tariffs.span import Span

_DAY_MINUTES = 1440
_DAY_0 = date(1970, 1, 1)


def on_steps(
    series: RateSeries, span: Span, repeat_year: RepeatYear
) -> tuple[Floats, Floats | None]:
    """Give each step of a span its rate: a price, or another figure per kWh.

    Parameters
    ----------
    series : RateSeries
        What was read.
    span : Span
        Steps lived and looked ahead.
    repeat_year : {"none", "date", "weekday"}
        How days that the series does not cover are paired with days of it.

    Returns
    -------
    rate_per_kwh, export_cents_per_kwh : ndarray, shape (K,)
        The latter is None if the series has none.

    Raises
    ------
    InputError
        If the series does not cover a step that is lived. A step that is only looked ahead to
        takes the price of the last day at the same time.
    """
    if repeat_year != "none" and series.zoned:
        series = _by_local_clock(series, span.zone)
    asked = minutes = span.utc_minutes if series.zoned else span.clock_minutes
    if repeat_year != "none":
        minutes = _paired(series, asked, align_weekday=repeat_year == "weekday")
    phase = int(minutes[0]) - series.start_minutes
    part = gcd(series.step_minutes, span.step_minutes, phase)
    # (K, parts): each step in parts of which every one lies within a single row.
    parts = minutes[:, None] + np.arange(0, span.step_minutes, part)
    rows = _rows(series, parts, span.steps_count)
    lacking = np.flatnonzero((rows < 0).any(axis=1))
    if lacking.size:
        raise _refusal(series, int(asked[lacking[0]]), repeat_year)
    export = series.export_cents_per_kwh
    return _mean(series.rate_per_kwh[rows]), None if export is None else _mean(export[rows])


def _mean(parts: Floats) -> Floats:
    """Average over a step; equal parts keep their value to the last digit."""
    first = parts[:, 0]
    same = (parts == first[:, None]).all(axis=1)
    return np.where(same, first, parts.mean(axis=1))


def _rows(series: RateSeries, minutes: Integers, steps_count: int) -> Integers:
    """Find the row of each part of each step; -1 where there is none."""
    late_days = np.maximum(0, (minutes - series.end_minutes) // _DAY_MINUTES + 1)
    late_days[:steps_count] = 0  # a step that is lived has a price of its own
    rows = (minutes - late_days * _DAY_MINUTES - series.start_minutes) // series.step_minutes
    return np.where((rows >= 0) & (rows < series.rate_per_kwh.size), rows, -1)


def _refusal(series: RateSeries, minutes: int, repeat_year: RepeatYear) -> InputError:
    clock = "UTC" if series.zoned else "by the local clock"
    covered = f"{_stamp(series.start_minutes)} to {_stamp(series.end_minutes)}"
    advice = f"; {series.section}.repeat_year takes those of another year"
    got = f"{covered}{advice if repeat_year == 'none' else ''}"
    wanted = f"{series.meaning} for {_stamp(minutes)} {clock}"
    return InputError(f"{series.name}: must have a {wanted} (got {got})")


def _stamp(minutes: int) -> str:
    return f"{datetime.fromtimestamp(60 * minutes, UTC):%Y-%m-%d %H:%M}"


def _by_local_clock(series: RateSeries, zone: str) -> RateSeries:
    """Lay rows out by the local clock, whose days have 24 hours each.

    Of an hour that the clock shows twice the first counts; one that it leaves out takes the price
    before it.
    """
    count, step = series.rate_per_kwh.size, series.step_minutes
    start_utc = np.datetime64(series.start_minutes, "m")
    local = local_time(start_utc, step, count, zone)
    clock = local.day * _DAY_MINUTES + local.minute
    slots = (clock - clock[0]) // step
    rows = np.zeros(int(slots.max()) + 1, np.int64)
    # A series that starts within such an hour shows earlier times after its first.
    kept = np.flatnonzero(slots >= 0)[::-1]
    rows[slots[kept]] = kept
    rows = np.maximum.accumulate(rows)
    export = series.export_cents_per_kwh
    return replace(
        series,
        start_minutes=int(clock[0]),
        zoned=False,
        rate_per_kwh=series.rate_per_kwh[rows],
        export_cents_per_kwh=None if export is None else export[rows],
    )


def _paired(series: RateSeries, minutes: Integers, *, align_weekday: bool) -> Integers:
    """Move days that a series does not cover to days that it does."""
    first = _DAY_0 + timedelta(days=-(-series.start_minutes // _DAY_MINUTES))
    last = _DAY_0 + timedelta(days=series.end_minutes // _DAY_MINUTES - 1)
    days, place = np.unique(minutes // _DAY_MINUTES, return_inverse=True)
    moved = np.zeros(days.size, np.int64)
    for index, number in enumerate(days.tolist()):
        day = _DAY_0 + timedelta(days=number)
        if first <= day <= last:
            continue
        found = next(_candidates(day, first, last, align_weekday), None)
        # A day without a pair follows the one before it: beyond the end, like any other such day.
        moved[index] = (found - day).days if found else moved[max(0, index - 1)]
    return minutes + moved[place] * _DAY_MINUTES


def _candidates(day: date, first: date, last: date, align_weekday: bool) -> Iterator[date]:
    """List the days of a series that may stand for another, the best of the first year first."""
    for year in range(first.year, last.year + 1):
        try:
            near = day.replace(year=year)
        except ValueError:  # 29 February
            near = day.replace(year=year, day=28)
        shift = (day.weekday() - near.weekday() + 3) % 7 - 3
        shifts = (shift, shift - 7, shift + 7) if align_weekday else (0,)
        for days in shifts:
            found = near + timedelta(days=days)
            if first <= found <= last:
                yield found
