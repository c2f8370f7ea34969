"""What energy sent to the grid earns: one price, a series, or credits by month, day and hour.

K is the number of steps that are priced.
"""

from dataclasses import dataclass

import numpy as np

from profiles.arrays import Floats, Integers
from profiles.errors import InputError
from profiles.tables.table import File, Table, table
from profiles.tariffs import price_lookup
from profiles.tariffs.config import RepeatYear
from profiles.tariffs.day_kinds import KINDS, HolidayRule, kinds_of
from profiles.tariffs.price_series import CENTS_MAX, CENTS_MIN, RateSeries
from profiles.tariffs.span import Span

TABLE_COLUMNS = ("month", "day_kind", "hour", "export_cents_per_kwh")
"""Columns of a table of credits, as utilities publish them for net billing."""


@dataclass(frozen=True, slots=True, eq=False)
class FlatExport:
    """The same price at all times."""

    cents_per_kwh: float

    def exports(self, span: Span) -> Floats:
        """Price each step, shape (K,) [cents/kWh]."""
        return np.full(span.local.day.size, self.cents_per_kwh)


@dataclass(frozen=True, slots=True, eq=False)
class ExportSeries:
    """Prices from a file, interval by interval."""

    series: RateSeries
    repeat_year: RepeatYear

    def exports(self, span: Span) -> Floats:
        """Price each step, shape (K,) [cents/kWh]."""
        return price_lookup.on_steps(self.series, span, self.repeat_year)[0]


@dataclass(frozen=True, slots=True, eq=False)
class ExportTable:
    """Credits by month, kind of day and hour of the local clock."""

    cents_per_kwh: Floats  # (12, 2, 24)
    holidays: HolidayRule

    def exports(self, span: Span) -> Floats:
        """Price each step, shape (K,) [cents/kWh]."""
        kind = kinds_of(span.local.day, self.holidays)
        return self.cents_per_kwh[span.local.month - 1, kind, span.local.minute // 60]


def table_of(file: File, holidays: HolidayRule) -> ExportTable:
    """Read credits by month, kind of day and hour.

    Parameters
    ----------
    file : File
        With the columns of `TABLE_COLUMNS`; `day_kind` is weekdays, weekends_and_holidays or all.
    holidays : HolidayRule
        Which holidays count.

    Raises
    ------
    InputError
        With the place, if a column or a cell is wrong, or an hour has no credit or two.
    """
    file.check_known(TABLE_COLUMNS)
    file.check_has(*TABLE_COLUMNS)
    rows = table(file)
    month = rows.whole("month", 1, 12)
    hour = rows.whole("hour", 0, 23)
    codes, kinds = _kinds(rows)
    rows.check_given("export_cents_per_kwh")
    cents = rows.numbers("export_cents_per_kwh", CENTS_MIN, CENTS_MAX)
    found = np.full((12, 2, 24), np.nan)
    for row in range(cents.size):
        at = month[row] - 1, list(kinds[codes[row]]), hour[row]
        if not np.isnan(found[at]).all():
            again = np.arange(cents.size) == row
            raise rows.refusal(again, "hour", "an hour must have one credit, and this has two")
        found[at] = cents[row]
    free = np.argwhere(np.isnan(found))
    if free.size:
        lacking, kind, at_hour = free[0].tolist()
        words = tuple(KINDS)[1 + kind]
        raise InputError(
            f"{file.name}: every hour must have a credit (got none for month {lacking + 1}, "
            f"{words}, hour {at_hour})"
        )
    return ExportTable(found, holidays)


def _kinds(rows: Table) -> tuple[Integers, list[tuple[int, ...]]]:
    """Read the kind of day of each row as a code, and the places in a table of each code."""
    codes, texts = rows.texts("day_kind")
    words = [text.strip() for text in texts.to_pylist()]
    unknown = np.array([word not in KINDS for word in words], dtype=np.bool_)[codes]
    if unknown.any():
        raise rows.refusal(unknown, "day_kind", f"must be one of {', '.join(KINDS)}")
    return codes, [KINDS[word] for word in words]
