"""What a run leaves behind: every column once, with unit and meaning, and the tables themselves.

T steps, n homes, k trades, r federated rounds, c steps of a chunk. ``model/recorder.py`` fills
the tables chunk by chunk, ``scenarios/store.py`` publishes them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol, Self

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
    Column(
        "forecast_load_kwh",
        np.float64,
        "kWh",
        "consumption of all homes as expected when the local day began, NaN without",
    ),
    Column("forecast_pv_kwh", np.float64, "kWh", "generation of all homes, likewise"),
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

ROUND_COLUMNS = (
    Column("step", np.int64, "", "step of the run after which the round was, 0 first"),
    Column("round", np.int64, "", "number of the round, 0 first"),
    Column("asked_count", np.int64, "", "homes that were asked"),
    Column("participants_count", np.int64, "", "homes whose updates were taken"),
    Column("samples_count", np.int64, "", "windows they trained on, 0 with noise"),
    Column("dropped_count", np.int64, "", "homes that did not answer"),
    Column("late_count", np.int64, "", "homes that answered after the time-out"),
    Column("refused_count", np.int64, "", "homes whose updates were refused"),
    Column("refused", np.str_, "", "ids of these homes, a reason behind each"),
    Column("loss_before", np.float64, "", "mean over windows, of what was sent, NaN without"),
    Column("loss_after", np.float64, "", "likewise, of what homes made of it"),
    Column("norm_mean", np.float64, "", "length of the updates, NaN where masked"),
    Column("norm_max", np.float64, "", "of the longest, NaN where masked"),
    Column("norm_shared", np.float64, "", "how far the shared network moved"),
    Column("divergence", np.float64, "", "spread of the updates per length of their mean, or NaN"),
    Column("bytes_up", np.int64, "bytes", "from homes to the coordinator"),
    Column("bytes_down", np.int64, "bytes", "from the coordinator to homes"),
    Column("changed", np.bool_, "", "whether the shared network moved"),
    Column("epsilon", np.float64, "", "budget of privacy spent so far, NaN without noise"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Steps that follow each other, whole: what homes did in them, and their trades."""

    first_step: int
    steps: Columns  # STEP_COLUMNS, (c, n) each
    trades: Columns  # TRADE_COLUMNS, (k,) each, in order of time

    @property
    def steps_count(self) -> int:
        """Number of steps, c."""
        return int(self.steps["load_kwh"].shape[0])

    @property
    def cash_microcents(self) -> Integers:
        """Money that flowed into each home per step, shape (c, n)."""
        columns = self.steps
        received = columns["export_credit_microcents"] + columns["p2p_received_microcents"]
        paid = columns["import_cost_microcents"] + columns["p2p_paid_microcents"]
        besides = columns["baseline_credit_microcents"] - columns["fixed_charge_microcents"]
        cash: Integers = received - paid - columns["fee_microcents"] + besides
        return cash


class Tape(Protocol):
    """Where a run puts its chunks while it lives, in order, and where they are read again."""

    @property
    def ledger(self) -> BinaryIO:
        """File that the ledger is written to."""

    def write(self, chunk: Chunk) -> None:
        """Put the next chunk down; nobody writes to its arrays any more."""

    def chunks(self) -> Iterator[Chunk]:
        """Read all chunks that were put down, in order of time."""

    def ledger_parts(self) -> Iterator[bytes]:
        """Read the ledger from the start; there is nothing where it was not kept."""

    def mark(self) -> tuple[int, int]:
        """Let what is on it outlast the program, and tell how much it is: chunks, ledger [B]."""

    def rewind(self, mark: tuple[int, int]) -> None:
        """Forget what was put down after a mark; `ValueError` if there is less."""


@dataclass(slots=True, eq=False)
class Totals:
    """Sums that grow with a run. They are the same to the bit however it is cut into chunks."""

    homes: Columns  # STEP_COLUMNS summed over steps, (n,) each
    steps: Columns  # STEP_COLUMNS summed over homes, (T,) each
    stored_kwh_final: Floats  # (n,) in the cells when the last step ends
    trades_count: int = 0

    @classmethod
    def of_nothing(cls, steps_count: int, homes_count: int) -> Self:
        """Return the totals of a run before its first step."""
        kinds = {
            c.name: np.float64 if np.issubdtype(c.dtype, np.floating) else np.int64
            for c in STEP_COLUMNS
        }
        return cls(
            homes={name: np.zeros(homes_count, kind) for name, kind in kinds.items()},
            steps={name: np.zeros(steps_count, kind) for name, kind in kinds.items()},
            stored_kwh_final=np.zeros(homes_count),
        )

    def add(self, chunk: Chunk) -> None:
        """Add a chunk; chunks come in order of time."""
        span = slice(chunk.first_step, chunk.first_step + chunk.steps_count)
        for name, column in chunk.steps.items():
            total = self.homes[name]
            self.steps[name][span] = column.sum(axis=1, dtype=total.dtype)
            for row in column:  # one after the other: a sum of floats hangs on their order
                total += row
        self.stored_kwh_final = chunk.steps["stored_kwh"][-1].copy()
        self.trades_count += int(chunk.trades["step"].size)


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """Everything that one run measured."""

    home_ids: Integers  # (n,)
    start_utc: np.datetime64  # [s] of the first step
    step_minutes: int
    zone: str
    tape: Tape  # holds steps, trades and ledger
    totals: Totals  # of all steps
    prices: Columns  # PRICE_COLUMNS, (T,) each
    rounds: Columns  # ROUND_COLUMNS, (r,) each; none where nobody learns
    peak: Booleans  # (T,) whether the tariff is at its peak
    stored_kwh_initial: Floats  # (n,)
    stored_value_cents_per_kwh: Floats  # (n,) what a stored kWh left over is worth
    capacity_kwh: Floats  # (n,)
    health_fraction: Floats  # (n,) at the end
    cycles: Floats  # (n,) full cycles of the run
    charge_efficiency_fraction: Floats  # (n,)
    energy_residual_kwh_max: float  # largest violation of an energy balance
    money_sum_microcents: int  # sum over homes, grid and operator: 0
    ledger_head: str
    outage: range = range(0)  # steps in which the main grid was away

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
        return self.totals.homes[name]

    def step_sums(self, name: str) -> NDArray[Any]:
        """Sum a column of `STEP_COLUMNS` over the homes, shape (T,)."""
        return self.totals.steps[name]

    @property
    def stored_kwh_final(self) -> Floats:
        """What each home's cells hold at the end, shape (n,) [kWh]."""
        return self.totals.stored_kwh_final

    @property
    def trades_count(self) -> int:
        """Number of trades, k."""
        return self.totals.trades_count

    def chunks(self) -> Iterator[Chunk]:
        """Read steps and trades part by part, in order of time: for runs of any size."""
        return self.tape.chunks()

    @property
    def steps(self) -> Columns:
        """Whole columns of `STEP_COLUMNS`, (T, n) each: for runs that fit into memory."""
        return _joined(STEP_COLUMNS, [chunk.steps for chunk in self.chunks()])

    @property
    def trades(self) -> Columns:
        """Whole columns of `TRADE_COLUMNS`, (k,) each, in order of time: likewise."""
        return _joined(TRADE_COLUMNS, [chunk.trades for chunk in self.chunks()])

    @property
    def cash_microcents(self) -> Integers:
        """Money that flowed into each home per step, shape (T, n)."""
        return np.concatenate([chunk.cash_microcents for chunk in self.chunks()])

    @property
    def ledger(self) -> bytes:
        """The whole ledger; empty where it was not kept."""
        return b"".join(self.tape.ledger_parts())


def _joined(columns: tuple[Column, ...], parts: list[Columns]) -> Columns:
    """Lay the parts of each column end to end; a single part is handed out as it is."""
    if len(parts) == 1:
        return parts[0]
    return {c.name: np.concatenate([part[c.name] for part in parts]) for c in columns}
