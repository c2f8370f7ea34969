"""A tariff: what the grid charges and pays in any span of time.

T is the number of steps lived, H of those that plans look further, K = T + H.
"""

from dataclasses import dataclass, fields
from typing import Protocol

import numpy as np

from profiles.arrays import Floats, Integers
from profiles.profiles import Input
from profiles.tariffs.day_kinds import NO_HOLIDAYS, HolidayRule
from profiles.tariffs.grid_prices import GridPrices
from profiles.tariffs.span import Span, span_of
from profiles.tariffs.time_of_use import Imports


class ImportSource(Protocol):
    """Where import prices come from."""

    @property
    def lowest_of_year_cents_per_kwh(self) -> float | None:
        """Lowest price of any year, None if years differ [cents/kWh]."""

    def imports(self, span: Span) -> Imports:
        """Price each step of a span."""


class ExportSource(Protocol):
    """Where export prices come from."""

    def exports(self, span: Span) -> Floats:
        """Price each step of a span, shape (K,) [cents/kWh]."""


@dataclass(frozen=True, slots=True)
class Charges:
    """What a bill holds besides energy at its price."""

    fixed_cents_per_day: float = 0.0
    baseline_cents_per_kwh: float = 0.0  # credit within the allowance
    baseline_kwh_per_day: tuple[float, ...] = (0.0,) * 12  # allowance, January first


@dataclass(frozen=True, slots=True, eq=False)
class Tariff:
    """Prices for any span of time."""

    name: str
    description: str
    source: ImportSource
    exports: ExportSource
    charges: Charges = Charges()
    holidays: HolidayRule = NO_HOLIDAYS
    inputs: tuple[Input, ...] = ()  # files that were read

    def grid_prices(
        self,
        start_utc: np.datetime64,
        step_minutes: int,
        steps_count: int,
        zone: str,
        ahead_steps: int = 0,
    ) -> GridPrices:
        """Price T steps and H further ones, which plans look ahead to.

        Parameters
        ----------
        start_utc : datetime64
            Start of the first step, UTC.
        step_minutes : int
            Length of a step [min].
        steps_count : int
            Number of steps T that are lived.
        zone : str
            IANA name or fixed offset of the local clock, which the tariff reads.
        ahead_steps : int
            Number of further steps H.

        Returns
        -------
        GridPrices
            Read-only arrays of shape (T + H,). Standing charge and allowance of a local day are
            spread evenly over its steps, 46, 48 or 50 of 30 minutes, so that every whole day adds
            up to them.

        Raises
        ------
        InputError
            If the zone is unknown, or a file that prices are read from does not cover the T steps.
        """
        span = span_of(start_utc, step_minutes, steps_count, zone, ahead_steps)
        known, charges, month = self.source.imports(span), self.charges, span.local.month - 1
        exports = known.export_cents_per_kwh
        exports = self.exports.exports(span) if exports is None else exports
        months = span.local.day.astype("datetime64[D]").astype("datetime64[M]")
        prices = GridPrices(
            import_cents_per_kwh=known.import_cents_per_kwh,
            export_cents_per_kwh=exports,
            peak=known.peak,
            cheap=known.cheap,
            fixed_cents=charges.fixed_cents_per_day / span.day_steps,
            baseline_cents_per_kwh=np.full(month.size, charges.baseline_cents_per_kwh),
            baseline_kwh=np.array(charges.baseline_kwh_per_day)[month] / span.day_steps,
            billing_period=months.astype(np.int64),
        )
        for field in fields(prices):
            getattr(prices, field.name).setflags(write=False)
        return prices

    def lowest_import_cents_per_kwh(self, prices_cents_per_kwh: Floats, day: Integers) -> float:
        """Say at what price stored energy could be had again, which is what it is worth.

        The lowest price of the year, where years are alike. Else the mean over the local days of
        the lowest price of each, or 0 if that is negative: one cheap or negative hour of a long
        run says nothing about the energy that is left at its end.

        Parameters
        ----------
        prices_cents_per_kwh : ndarray, shape (T,)
            Import prices of the steps lived.
        day : ndarray, shape (T,)
            Number of each step's local day.
        """
        lowest = self.source.lowest_of_year_cents_per_kwh
        if lowest is not None:
            return lowest
        first_steps = np.flatnonzero(np.diff(day, prepend=day[0] - 1))
        return max(0.0, float(np.minimum.reduceat(prices_cents_per_kwh, first_steps).mean()))
