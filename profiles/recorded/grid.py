"""Rows of any tables laid on one regular series of intervals, gaps refused or closed.

T is the number of intervals, n of homes. What is missing is NaN until its gap is closed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from profiles.arrays import Booleans, Floats, Integers
from profiles.config import ProfilesConfig
from profiles.errors import InputError
from profiles.local_time import local_stamp
from profiles.recorded import gaps
from profiles.recorded.columns import ENERGIES, is_flow, range_of
from profiles.recorded.files import EVERY_ROW, Field, Sheet
from profiles.tables.table import VALUES_MAX, Table

NATIVE_MINUTES = (5, 10, 15, 30, 60)
_EVEN_COUNT = 4  # so many even distances in a row are an interval, not gaps


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Values of n homes (or of one place) over T intervals."""

    start_utc: np.datetime64  # [s]
    native_minutes: int
    columns: Mapping[str, Floats]  # (T, n) each
    filled: Booleans | None = None  # (T, n) None without gaps

    @property
    def intervals_count(self) -> int:
        """Number of intervals T."""
        return int(next(iter(self.columns.values())).shape[0])

    def stamp(self, t: int, zone: str) -> str:
        """Write the start of an interval as the clock shows it; T is the end."""
        return local_stamp(self.start_utc + t * np.timedelta64(self.native_minutes, "m"), zone)


def gridded(
    sheets: Sequence[Sheet], seconds: Sequence[Integers], homes_count: int, config: ProfilesConfig
) -> Grid:
    """Lay the rows of all sheets on a grid.

    Parameters
    ----------
    sheets : sequence of Sheet
        At least one with at least one row.
    seconds : sequence of ndarray
        Start of the interval of each row, by sheet [Unix s].
    homes_count : int
        Number of homes n.
    config : ProfilesConfig
        Says how much power is believed and whether gaps are allowed.

    Raises
    ------
    InputError
        With the first row that is no part of a regular series, is given twice, or has a value
        that cannot be.
    """
    first_s, native_s, count = _series(sheets, seconds)
    quantities = list(dict.fromkeys(field.quantity for sheet in sheets for field in sheet.fields))
    if count * homes_count * len(quantities) > VALUES_MAX:
        raise InputError(
            f"{sheets[0].table.file.name}: must give at most {VALUES_MAX} values (got {count} "
            f"intervals of {homes_count} homes with {len(quantities)} columns)"
        )
    columns = {name: np.full((count, homes_count), np.nan) for name in quantities}
    for name, untold in _untold(sheets, quantities, homes_count):
        columns[name][:, untold] = 0.0  # without a column for panels there are none
    most_kwh = config.power_kw_max * native_s / 3600
    for sheet, starts in zip(sheets, seconds, strict=True):
        steps = (starts - first_s) // native_s
        _check_once(sheet, steps, count, homes_count)
        for field in sheet.fields:
            values = _values(sheet.table, field, most_kwh, config)
            home = sheet.home if field.home == EVERY_ROW else field.home
            columns[field.quantity][steps, home] = values
    start_utc = np.datetime64(first_s, "s")
    return Grid(start_utc, native_s // 60, columns)


def closed(grid: Grid, labels: Sequence[str], zone: str, config: ProfilesConfig) -> Grid:
    """Close the gaps by the method that the scenario names.

    Parameters
    ----------
    grid : Grid
        Readings, NaN where missing.
    labels : sequence of str
        File and home of each column, for messages, n of them.
    zone : str
        Clock of messages.
    config : ProfilesConfig
        The method, and the longest gap that it may close.

    Raises
    ------
    InputError
        If there is a gap and no method, or it is too long for it.
    """
    missing = np.zeros((grid.intervals_count, len(labels)), dtype=np.bool_)
    for values in grid.columns.values():
        missing |= np.isnan(values)
    length, first, home = gaps.longest(missing)
    if length == 0:
        return grid
    _check_distances(grid, missing, labels, zone)
    span = f"{grid.stamp(first, zone)} to {grid.stamp(first + length, zone)}"
    many = int(missing[:, home].sum())
    if config.fill == "none":
        limit = "must have no gap unless profiles.fill names a method"
        raise InputError(f"{labels[home]}: ts: {limit} (got {span}, {many} missing in all)")
    hours = length * grid.native_minutes / 60
    if hours > config.fill_hours_max:
        limit = f"a gap must be at most {config.fill_hours_max:g} hours, profiles.fill_hours_max"
        raise InputError(f"{labels[home]}: ts: {limit} (got {hours:g}, {span})")
    day_count = 24 * 60 // grid.native_minutes
    filled = {
        name: gaps.fill(values, _method(name, config), day_count)
        for name, values in grid.columns.items()
    }
    for name, values in filled.items():
        left = np.argwhere(np.isnan(values))
        if left.size:
            t, home = left[0].tolist()
            limit = f"the method {config.fill} has no value to go by"
            raise InputError(f"{labels[home]}, {grid.stamp(t, zone)}: {name}: {limit}")
    return replace(grid, columns=filled, filled=missing)


def _check_distances(grid: Grid, missing: Booleans, labels: Sequence[str], zone: str) -> None:
    """Refuse a home whose meter has a longer interval than the others, or changes to one.

    Its readings would be taken for those of a shorter interval, and what lies between for gaps.
    """
    for home in np.flatnonzero(missing.any(axis=0)).tolist():
        read = np.flatnonzero(~missing[:, home])
        apart = np.diff(read)
        if apart.size < _EVEN_COUNT:
            continue
        windows = np.lib.stride_tricks.sliding_window_view(apart, _EVEN_COUNT)
        even = np.flatnonzero((windows == windows[:, :1]).all(axis=1) & (windows[:, 0] > 1))
        if even.size:
            row = int(even[0])
            limit = f"must be {grid.native_minutes} minutes apart, as the other times"
            minutes = int(apart[row]) * grid.native_minutes
            since = grid.stamp(int(read[row]), zone)
            got = f"{minutes} minutes, again and again from {since}"
            raise InputError(f"{labels[home]}: ts: {limit} (got {got})")


def _method(name: str, config: ProfilesConfig) -> str:
    """Choose the method for a column: no temperature and no charge is 0 for being unknown."""
    return "linear" if config.fill == "zero" and not is_flow(name) else config.fill


def _untold(
    sheets: Sequence[Sheet], quantities: Sequence[str], homes_count: int
) -> Iterator[tuple[str, int]]:
    """Find the energies that the files of some homes have no column for."""
    told = {(field.quantity, field.home) for sheet in sheets for field in sheet.fields}
    for name in quantities:
        homes = range(0 if (name, EVERY_ROW) in told else homes_count)
        untold = [home for home in homes if (name, home) not in told]
        if untold and name not in ENERGIES:
            files = [s.table.file for s in sheets if name not in {f.quantity for f in s.fields}]
            raise InputError(f"{files[0].head}: {name}: is missing, which other homes have")
        yield from ((name, home) for home in untold)


def _series(sheets: Sequence[Sheet], seconds: Sequence[Integers]) -> tuple[int, int, int]:
    """Find the first start, the length [s] and the number of intervals."""
    name = sheets[0].table.file.name
    starts = np.unique(np.concatenate(seconds))
    if starts.size < 2:
        raise InputError(f"{name}: ts: must have 2 times or more, to tell their distance (got 1)")
    distances, counts = np.unique(np.diff(starts), return_counts=True)
    native_s = int(distances[np.argmax(counts)])
    if native_s % 60 or native_s // 60 not in NATIVE_MINUTES:
        limit = f"times must mostly be {', '.join(map(str, NATIVE_MINUTES))} minutes apart"
        raise InputError(f"{name}: ts: {limit} (got {native_s / 60:g})")
    phases, counts = np.unique(starts % native_s, return_counts=True)
    phase = phases[np.argmax(counts)]
    for sheet, own in zip(sheets, seconds, strict=True):
        astray = own % native_s != phase
        if astray.any():
            limit = f"must be a multiple of {native_s // 60} minutes from the other times"
            raise sheet.table.refusal(astray, "ts", limit)
    first_s = int(starts[0])
    return first_s, native_s, (int(starts[-1]) - first_s) // native_s + 1


def _check_once(sheet: Sheet, steps: Integers, count: int, homes_count: int) -> None:
    """Refuse a second row for the same time (and home)."""
    key = steps if sheet.home is None else steps * homes_count + sheet.home
    cells = count if sheet.home is None else count * homes_count
    if key.size <= cells and np.bincount(key, minlength=1).max() <= 1:
        return
    again = np.ones(key.size, dtype=np.bool_)
    again[np.unique(key, return_index=True)[1]] = False
    row = int(np.flatnonzero(again)[0])
    first = int(np.flatnonzero(key == key[row])[0])
    whose = "" if sheet.home is None else " and home"
    limit = f"must be given once for a time{whose}, first at {sheet.table.place(first)}"
    raise sheet.table.refusal(again, "ts", limit)


def _values(table: Table, field: Field, most_kwh: float, config: ProfilesConfig) -> Floats:
    """Return a column (rows,), NaN where a cell is empty and gaps may be closed."""
    energy = field.quantity in ENERGIES
    values = table.numbers(field.column, *range_of(field.quantity))
    wrong = values > most_kwh
    if energy and wrong.any():
        limit = (
            f"must be at most {most_kwh:g} kWh, {config.power_kw_max:g} kW, unless "
            f"profiles.power_kw_max is higher; is it in W or Wh?"
        )
        raise table.refusal(wrong, field.column, limit)
    empty = np.isnan(values)
    if config.fill == "none" and empty.any():
        limit = "must be given unless profiles.fill names a method"
        raise table.refusal(empty, field.column, limit, "nothing")
    return values
