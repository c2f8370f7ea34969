"""Import prices that no calendar gives: a file's, wholesale prices with an adder, random ones.

T is the number of steps lived, K of all that are priced.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from profiles.arrays import Booleans, Floats, Integers
from profiles.tariffs import price_lookup
from profiles.tariffs.config import RepeatYear, TariffConfig
from profiles.tariffs.price_series import RateSeries
from profiles.tariffs.span import Span
from profiles.tariffs.time_of_use import Imports

_DAY_MINUTES = 1440


@dataclass(frozen=True, slots=True, eq=False)
class Retail:
    """Prices that a home pays, from a file."""

    series: RateSeries
    repeat_year: RepeatYear
    lowest_of_year_cents_per_kwh: float | None = None  # no two years are the same

    def imports(self, span: Span) -> Imports:
        """Look prices up; the peak and the cheap steps are the dear and the cheap of a day."""
        price, export = price_lookup.on_steps(self.series, span, self.repeat_year)
        return Imports(price, *peak_and_cheap(price, span.local.day), export)


@dataclass(frozen=True, slots=True, eq=False)
class Wholesale:
    """Prices of a wholesale market, from a file, and what is added to them."""

    series: RateSeries
    config: TariffConfig
    lowest_of_year_cents_per_kwh: float | None = None

    def imports(self, span: Span) -> Imports:
        """Look wholesale prices up and add the adder; they say what is peak and what is cheap."""
        config = self.config
        price, _ = price_lookup.on_steps(self.series, span, config.repeat_year)
        adder = config.adder_cents_per_kwh
        if adder is None:
            # Of the steps lived: those only looked ahead to are on nobody's bill.
            adder = config.retail_reference_cents_per_kwh - float(price[: span.steps_count].mean())
        peak, cheap = (
            price > config.peak_above_cents_per_kwh,
            (price < config.cheap_below_cents_per_kwh),
        )
        return Imports(price + adder, peak, cheap)


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """Prices drawn evenly between limits, or read from a file that keeps them."""

    config: TariffConfig
    seed: int
    series: RateSeries | None = None
    lowest_of_year_cents_per_kwh: float | None = None

    def imports(self, span: Span) -> Imports:
        """Draw or look up prices; what the file does not have is drawn."""
        buy, sell = self._drawn(span)
        if self.series is not None:
            buy, export = price_lookup.on_steps(self.series, span, self.config.repeat_year)
            sell = sell if export is None else export
        return Imports(buy, *peak_and_cheap(buy, span.local.day), sell)

    def _drawn(self, span: Span) -> tuple[Floats, Floats]:
        """Draw both prices of each step: the same ones whenever a run starts or ends."""
        config = self.config
        length = 60 if config.draw_every == "hour" else span.step_minutes
        day, minute = np.divmod(span.utc_minutes, _DAY_MINUTES)
        days, place = np.unique(day, return_inverse=True)
        drawn = np.stack([self._of_day(number, _DAY_MINUTES // length) for number in days.tolist()])
        share = drawn[place, :, minute // length]  # (K, 2)
        low, high = np.array([*limits_of(config).values()]).T
        buy, sell = (low + share * (high - low)).T
        return buy, sell

    def _of_day(self, day: int, count: int) -> Floats:
        """Draw a day's shares of the way from the lowest to the highest price, (2, count)."""
        # A stream of its own for this purpose and day, of the run's one seed.
        stream = np.random.SeedSequence(self.seed, spawn_key=(*b"band", day))
        return np.random.default_rng(stream).random((2, count))


def limits_of(config: TariffConfig) -> Mapping[str, tuple[float, float]]:
    """Say between which prices the band lies, by the column of a file [cents/kWh]."""
    return {
        "import_cents_per_kwh": (config.buy_min_cents_per_kwh, config.buy_max_cents_per_kwh),
        "export_cents_per_kwh": (config.sell_min_cents_per_kwh, config.sell_max_cents_per_kwh),
    }


def within_band(series: RateSeries, config: TariffConfig) -> RateSeries:
    """Move the prices of a series to the limits of the band, where they lie outside."""
    bought, sold = limits_of(config).values()
    export = series.export_cents_per_kwh
    buy = np.clip(series.rate_per_kwh, *bought)
    if export is not None:
        export = np.clip(export, *sold)
    return replace(series, rate_per_kwh=buy, export_cents_per_kwh=export)


def peak_and_cheap(price_cents_per_kwh: Floats, day: Integers) -> tuple[Booleans, Booleans]:
    """Tell the dear and the cheap steps of each day, where a file does not.

    Dear is a price above the day's median and in its upper quarter, cheap one below the median
    and in the lower quarter. A day of one price has neither, and a day that is ordinary but for
    a few hours has only those.

    Parameters
    ----------
    price_cents_per_kwh : ndarray, shape (K,)
        Import prices.
    day : ndarray, shape (K,)
        Number of each step's local day.

    Returns
    -------
    peak, cheap : ndarray, shape (K,)
        No step is both.
    """
    peak, cheap = (np.zeros(day.size, np.bool_) for _ in range(2))
    for number in np.unique(day):
        steps = day == number
        price = price_cents_per_kwh[steps]
        lower, middle, upper = np.quantile(price, (0.25, 0.5, 0.75))
        peak[steps] = (price > middle) & (price >= upper)
        cheap[steps] = (price < middle) & (price <= lower)
    return peak, cheap
