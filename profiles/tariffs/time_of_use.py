"""Prices that come back every year: by month, kind of day and time of day of the local clock."""

from dataclasses import dataclass

from profiles.arrays import Booleans, Floats
from profiles.tariffs.day_kinds import HolidayRule, kinds_of
from profiles.tariffs.span import Span


@dataclass(frozen=True, slots=True, eq=False)
class Imports:
    """What a kWh from the grid costs in each of K steps, and what is said of the step."""

    import_cents_per_kwh: Floats  # (K,)
    peak: Booleans  # (K,)
    cheap: Booleans  # (K,)
    export_cents_per_kwh: Floats | None = None  # (K,) where the same source says it


@dataclass(frozen=True, slots=True, eq=False)
class TimeOfUse:
    """Tables of a year, whatever the zone: the span brings the local clock."""

    cents_per_kwh: Floats  # (12, 2, 1440) by month, kind of day and minute of the day
    peak: Booleans  # (12, 2, 1440)
    cheap: Booleans  # (12, 2, 1440)
    holidays: HolidayRule

    def imports(self, span: Span) -> Imports:
        """Look up what holds when each step starts."""
        month, kind = span.local.month - 1, kinds_of(span.local.day, self.holidays)
        at = month, kind, span.local.minute
        return Imports(self.cents_per_kwh[at], self.peak[at], self.cheap[at])

    @property
    def lowest_of_year_cents_per_kwh(self) -> float:
        """Lowest price of the year, whichever part of it is run."""
        return float(self.cents_per_kwh.min())
