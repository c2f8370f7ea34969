"""Series of prices from a user's file: one row per interval, none missing, named by its start."""

from dataclasses import dataclass

import numpy as np

from profiles.arrays import Floats, Integers
from profiles.errors import InputError
from profiles.tariffs.table_file import Table

STEP_MINUTES = (5, 10, 15, 30, 60)

CENTS_MIN, CENTS_MAX = -500.0, 2000.0  # wholesale markets are capped below 1,000 cents/kWh

# Units by the end of a column's name [cents/kWh].
_UNITS = {"_cents_per_kwh": 1.0, "_usd_per_mwh": 0.1}


@dataclass(frozen=True, slots=True, eq=False)
class PriceSeries:
    """Prices of R rows, one after the other."""

    name: str  # of the file, as messages give it
    start_minutes: int  # since 1970: in UTC, or by a clock without a zone
    step_minutes: int
    zoned: bool  # whether the stamps have a zone; without one they are the run's local clock
    price_cents_per_kwh: Floats  # (R,)
    export_cents_per_kwh: Floats | None  # (R,) where the file has the column

    @property
    def end_minutes(self) -> int:
        """End of the last row [min since 1970]."""
        return self.start_minutes + self.step_minutes * self.price_cents_per_kwh.size


def series_of(table: Table, either: tuple[str, ...], also: str | None = None) -> PriceSeries:
    """Read a series out of the cells of a file.

    Parameters
    ----------
    table : Table
        With a column `ts`, or `ts_utc` for stamps in UTC.
    either : tuple of str
        Columns of which the file has exactly one, the price. The end of the name is its unit.
    also : str, optional
        A second column of prices that it may have.

    Raises
    ------
    InputError
        With the file and the place: another column than these, a cell that is no instant or no
        price, rows that are not in steps of 5, 10, 15, 30 or 60 minutes, a row given twice, a gap.
    """
    time = _only(table, ("ts", "ts_utc"))
    price = _only(table, either)
    known = {time, price} | ({also} if also else set())
    for column in table.columns:
        if column not in known:
            listed = ", ".join((time, *either, *([also] if also else [])))
            raise InputError(f"{_head(table)}: {column!r} is not a known column (known: {listed})")
    minutes, zoned = table.instants(time)
    step_minutes = _step(table, time, minutes)
    export = _cents(table, also) if also and also in table.columns else None
    return PriceSeries(
        name=table.name,
        start_minutes=int(minutes[0]),
        step_minutes=step_minutes,
        zoned=zoned or time == "ts_utc",
        price_cents_per_kwh=_cents(table, price),
        export_cents_per_kwh=export,
    )


def _head(table: Table) -> str:
    return f"{table.name}:1" if table.lines else table.name


def _only(table: Table, names: tuple[str, ...]) -> str:
    """Find the one of these columns that a table has."""
    found = [name for name in names if name in table.columns]
    if len(found) == 1:
        return found[0]
    limit = f"must have the column {' or '.join(names)}"
    limit += ", one of them" if len(names) > 1 else ""
    got = ", ".join(found or table.columns)[:100]
    raise InputError(f"{_head(table)}: {limit} (got {got!r})")


def _cents(table: Table, column: str) -> Floats:
    unit = next(size for end, size in _UNITS.items() if column.endswith(end))
    return table.numbers(column, CENTS_MIN / unit, CENTS_MAX / unit) * unit


def _step(table: Table, column: str, minutes: Integers) -> int:
    """Find the length of a step, and see that rows follow each other."""
    if minutes.size < 2:
        raise InputError(f"{table.name}: must have 2 rows or more (got {minutes.size})")
    apart = np.diff(minutes)
    step = int(apart[0])
    wrong = np.flatnonzero((apart != step) | (apart <= 0))
    row = int(wrong[0]) + 1 if wrong.size else 1
    if apart[row - 1] == 0:
        raise table.refusal(row, column, "must be given once, and the row before has it too")
    if apart[row - 1] < 0:
        raise table.refusal(row, column, "must be later than the row before")
    if step not in STEP_MINUTES:
        listed = ", ".join(map(str, STEP_MINUTES))
        raise table.refusal(
            1, column, f"must be {listed} minutes after the row before, not {step},"
        )
    if wrong.size:
        limit = f"must be {step} minutes after the row before, not {apart[row - 1]},"
        raise table.refusal(row, column, limit)
    return step
