"""Series of prices, or of other rates per kWh, from a file: one row per interval, none missing.

A row is named by its start.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from profiles.arrays import Floats, Integers
from profiles.errors import InputError
from profiles.tables.stamps import Stamps, stamps
from profiles.tables.table import File, Table, table

STEP_MINUTES = (5, 10, 15, 30, 60)

CENTS_MIN, CENTS_MAX = -500.0, 2000.0  # wholesale markets are capped below 1,000 cents/kWh

# Units by the end of a column's name [cents/kWh], [kg/kWh].
_UNITS = {"_cents_per_kwh": 1.0, "_usd_per_mwh": 0.1, "_usd_mwh": 0.1, "_kg_per_kwh": 1.0}


@dataclass(frozen=True, slots=True, eq=False)
class RateSeries:
    """Rates of R rows, one after the other: what a kWh costs, or what it causes."""

    name: str  # of the file, as messages give it
    start_minutes: int  # since 1970: in UTC, or by a clock without a zone
    step_minutes: int
    zoned: bool  # whether the stamps have a zone; without one they are the run's local clock
    rate_per_kwh: Floats  # (R,) cents of a price, kg of carbon dioxide
    export_cents_per_kwh: Floats | None  # (R,) where the file has the column
    meaning: str = "price"  # as messages call the rate
    section: str = "tariff"  # of a scenario, whose knobs messages name

    @property
    def end_minutes(self) -> int:
        """End of the last row [min since 1970]."""
        return self.start_minutes + self.step_minutes * self.rate_per_kwh.size


def series_of(
    file: File,
    either: tuple[str, ...],
    also: str | None = None,
    limits: Mapping[str, tuple[float, float]] | None = None,
    beside: tuple[str, ...] = (),
) -> RateSeries:
    """Read a series out of a file.

    Parameters
    ----------
    file : File
        With a column `ts`, or `ts_utc` for stamps in UTC.
    either : tuple of str
        Columns of which the file has exactly one, the rate. The end of the name is its unit.
    also : str, optional
        A second column of prices that it may have.
    limits : mapping, optional
        Lowest and highest rate by column, where they are others than -500 and 2000 [cents/kWh].
    beside : tuple of str
        Columns that it may have too, and that are left alone.

    Raises
    ------
    InputError
        With the file and the place: another column than these, a cell that is no instant or no
        price, rows that are not in steps of 5, 10, 15, 30 or 60 minutes, a row given twice, a gap.
    """
    time = _only(file, ("ts", "ts_utc"))
    price = _only(file, either)
    file.check_known((time, *either, *([also] if also else []), *beside))
    rows = table(file)
    found = stamps(rows, time)
    step = step_minutes(found, np.arange(rows.rows_count))
    limits = limits or {}
    paid = also if also in file.columns else None
    return RateSeries(
        name=file.name,
        start_minutes=int(found.clock_s[0]) // 60,
        step_minutes=step,
        zoned=found.zoned or time == "ts_utc",
        rate_per_kwh=_rates(rows, price, limits),
        export_cents_per_kwh=_rates(rows, paid, limits) if paid else None,
    )


def step_minutes(found: Stamps, order: Integers) -> int:
    """Find the length of a step [min], and see that rows follow each other.

    Parameters
    ----------
    found : Stamps
        The stamps of a table.
    order : ndarray, shape (R,)
        Which rows are the series, one after the other.

    Raises
    ------
    InputError
        With the first row that is no step after the one before it.
    """
    if order.size < 2:
        raise InputError(f"{found.table.file.name}: must have 2 rows or more (got 1)")
    apart = np.diff(found.clock_s[order]) // 60
    step = int(apart[0])
    listed = step if step in STEP_MINUTES else ", ".join(map(str, STEP_MINUTES))
    rules = (
        (apart == 0, "must be given once, and the row before has it too"),
        (apart < 0, "must be later than the row before"),
        (
            ~np.isin(apart, STEP_MINUTES) | (apart != step),
            f"must be {listed} minutes after the row before",
        ),
    )
    for broken, limit in rules:
        if broken.any():
            minutes = int(apart[broken][0])
            got = str(minutes) if minutes > 0 else ""
            wrong = np.zeros(found.clock_s.size, np.bool_)
            wrong[order[1:][broken]] = True
            raise found.table.refusal(wrong, found.column, limit, got)
    return step


def _only(file: File, names: tuple[str, ...]) -> str:
    """Find the one of these columns that a file has."""
    found = [name for name in names if name in file.columns]
    if len(found) == 1:
        return found[0]
    limit = f"must have the column {' or '.join(names)}"
    limit += ", one of them" if len(names) > 1 else ""
    got = ", ".join(found or file.columns)[:100]
    raise InputError(f"{file.head}: {limit} (got {got!r})")


def _rates(rows: Table, column: str, limits: Mapping[str, tuple[float, float]]) -> Floats:
    unit = next(size for end, size in _UNITS.items() if column.endswith(end))
    low, high = limits.get(column, (CENTS_MIN, CENTS_MAX))
    rows.check_given(column)
    return rows.numbers(column, low / unit, high / unit) * unit
