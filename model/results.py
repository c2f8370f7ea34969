"""What a run leaves behind: every column once, with unit and meaning, and the tables themselves.

T steps, n homes, k trades. ``model/recorder.py`` fills them, ``scenarios/store.py`` writes them.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.arrays import Booleans, Floats, Integers
from profiles.local_time import days_between

Columns = dict[str, NDArray[Any]]  # by name


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    dtype: type
    unit: str  # "" for counts and names
    meaning: str


STEP_COLUMNS = (
    Column("load_kwh", np.float64, "kWh", "consumption of the home"),
    Column("pv_kwh", np.float64, "kWh", "what the panels could generate"),
    Column("import_kwh", np.float64, "kWh", "from the grid"),
    Column("export_kwh", np.float64, "kWh", "to the grid"),
    Column("p2p_in_kwh", np.float64, "kWh", "bought from other homes, delivered"),
    Column("p2p_out_kwh", np.float64, "kWh", "sold to other homes, injected"),
    Column("charge_kwh", np.float64, "kWh", "into the battery, AC"),
    Column("discharge_kwh", np.float64, "kWh", "out of the battery, AC"),
    Column("curtailed_kwh", np.float64, "kWh", "generation turned down"),
    Column("unserved_kwh", np.float64, "kWh", "load that connection or grid could not carry"),
    Column("stored_kwh", np.float64, "kWh", "in the cells when the step ends"),
    Column("fallback_kwh", np.float64, "kWh", "orders left unmatched; the grid serves them"),
    Column("import_cost_microcents", np.int64, "microcents", "paid to the grid"),
    Column("export_credit_microcents", np.int64, "microcents", "received from the grid"),
    Column("p2p_paid_microcents", np.int64, "microcents", "paid to other homes"),
    Column("p2p_received_microcents", np.int64, "microcents", "received from other homes"),
    Column("fee_microcents", np.int64, "microcents", "paid to the operator"),
    Column("fixed_charge_microcents", np.int64, "microcents", "standing charge paid to the grid"),
    Column(
        "baseline_credit_microcents",
        np.int64,
        "microcents",
        "received from the grid for imports within the allowance",
    ),
    Column("score", np.float32, "", "readiness to trade, 0 to 100"),
    Column("light", np.int8, "", "1 green, -1 red, 0 neither"),
    Column("filled", np.bool_, "", "whether a meter value was missing and was filled"),
)

PRICE_COLUMNS = (
    Column("tariff_cents_per_kwh", np.float64, "cents/kWh", "the grid's import price"),
    Column("export_cents_per_kwh", np.float64, "cents/kWh", "the grid's export price"),
    Column("signal_cents_per_kwh", np.float64, "cents/kWh", "the coordinator's price, NaN without"),
    Column("clearing_cents_per_kwh", np.float64, "cents/kWh", "price of the trades, NaN without"),
    Column("carbon_kg_per_kwh", np.float64, "kg/kWh", "marginal CO2 of the grid, NaN without"),
    Column(
        "scarcity_cents_per_kwh",
        np.float64,
        "cents/kWh",
        "import price at which homes keep within the grid's capacity, NaN where it does not bind",
    ),
)

TRADE_COLUMNS = (
    Column("step", np.int64, "", "step of the run, 0 first"),
    Column("seller_id", np.int64, "", "home that sells"),
    Column("buyer_id", np.int64, "", "home that buys"),
    Column("delivered_kwh", np.float64, "kWh", "what the buyer receives"),
    Column("injected_kwh", np.float64, "kWh", "what the seller gives"),
    Column("price_cents_per_kwh", np.float64, "cents/kWh", "per delivered kWh"),
    Column("amount_microcents", np.int64, "microcents", "from buyer to seller"),
    Column("fee_microcents", np.int64, "microcents", "from buyer to operator"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """Everything that one run measured."""

    home_ids: Integers  # (n,)
    start_utc: np.datetime64  # [s] of the first step
    step_minutes: int
    zone: str
    steps: Columns  # STEP_COLUMNS, (T, n) each
    prices: Columns  # PRICE_COLUMNS, (T,) each
    trades: Columns  # TRADE_COLUMNS, (k,) each, in order of time
    peak: Booleans  # (T,) whether the tariff is at its peak
    stored_kwh_initial: Floats  # (n,)
    stored_value_cents_per_kwh: Floats  # (n,) what a stored kWh left over is worth
    capacity_kwh: Floats  # (n,)
    health_fraction: Floats  # (n,) at the end
    cycles: Floats  # (n,) full cycles of the run
    charge_efficiency_fraction: Floats  # (n,)
    energy_residual_kwh_max: float  # largest violation of an energy balance
    money_sum_microcents: int  # sum over homes, grid and operator: 0
    ledger: bytes
    ledger_head: str

    @property
    def steps_count(self) -> int:
        """Number of steps, T."""
        return int(self.peak.size)

    @property
    def homes_count(self) -> int:
        """Number of homes, n."""
        return int(self.home_ids.size)

    @property
    def days(self) -> float:
        """Length of the run by the local calendar [days], whose days have 23 to 25 hours."""
        length = np.timedelta64(60 * self.step_minutes, "s")
        return days_between(self.start_utc, self.start_utc + self.steps_count * length, self.zone)

    def home_sums(self, name: str) -> NDArray[Any]:
        """Sum a column of `STEP_COLUMNS` over the steps, shape (n,)."""
        return np.asarray(self.steps[name].sum(axis=0))

    def step_sums(self, name: str) -> NDArray[Any]:
        """Sum a column of `STEP_COLUMNS` over the homes, shape (T,)."""
        return np.asarray(self.steps[name].sum(axis=1))

    @property
    def stored_kwh_final(self) -> Floats:
        """What each home's cells hold at the end, shape (n,) [kWh]."""
        stored: Floats = self.steps["stored_kwh"][-1]
        return stored

    @property
    def cash_microcents(self) -> Integers:
        """Money that flowed into each home per step, shape (T, n)."""
        columns = self.steps
        received = columns["export_credit_microcents"] + columns["p2p_received_microcents"]
        paid = columns["import_cost_microcents"] + columns["p2p_paid_microcents"]
        besides = columns["baseline_credit_microcents"] - columns["fixed_charge_microcents"]
        cash: Integers = received - paid - columns["fee_microcents"] + besides
        return cash
