"""What the grid charges and pays in each step of a run, and what it bills besides.

T is the number of steps. A tariff (`profiles/tariffs/tariff.py`) makes them for a span of time.
"""

from dataclasses import dataclass

from profiles.arrays import Booleans, Floats, Integers


@dataclass(frozen=True, slots=True, eq=False)
class GridPrices:
    """Prices by step; the last four columns are what a bill shows as entries of its own."""

    import_cents_per_kwh: Floats  # (T,) for energy from the grid, before any credit
    export_cents_per_kwh: Floats  # (T,) paid for energy sent to the grid
    peak: Booleans  # (T,) hours that the grid wants relieved
    cheap: Booleans  # (T,) hours in which the grid has energy to spare
    fixed_cents: Floats  # (T,) standing charge of every home that falls due in the step
    baseline_cents_per_kwh: Floats  # (T,) credited for imports within the allowance
    baseline_kwh: Floats  # (T,) allowance of every home that the step adds to its billing period
    billing_period: Integers  # (T,) number of the billing period, a calendar month
