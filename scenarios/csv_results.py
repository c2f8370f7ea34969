"""Reads one arm from a plain CSV file, whoever wrote it, and checks that it agrees with itself.

`csv_tables` says what the columns mean. Rows may come in any order, numbers as integers or floats,
other columns are passed over. T steps, n homes, k trades.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from market.orders import sum_by_home
from model.results import Columns
from profiles.arrays import Floats, Integers
from profiles.errors import InputError
from scenarios import csv_columns
from scenarios.csv_columns import AMOUNT_MAX, CsvColumns
from scenarios.csv_tables import COLUMNS

AGREEMENT_KWH = 1e-5
"""Amounts that say the same may differ by this much, and by half a decimal for each trade."""

_HALF_DECIMAL_KWH = 5e-7
_AMOUNTS = tuple(name for name in COLUMNS if name not in ("step", "household_id", "p2p_trades"))
_LIMITS = {"battery_pct": (0.0, 100.0), "wallet": (-AMOUNT_MAX, AMOUNT_MAX)}
_TRADE = r"(\d{1,15})(?:\.0+)?:(\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)"
_TRADES = re.compile(rf"{_TRADE}(?:-{_TRADE})*", re.ASCII)
_ONE_TRADE = re.compile(_TRADE, re.ASCII)


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """What a table sums up to."""

    grid_buy_kwh: float
    grid_sell_kwh: float
    p2p_kwh: float  # delivered
    trades_count: int
    self_sufficiency_fraction: float | None  # of the load, not from the grid; None without load
    loss_fraction: float | None  # of what was injected for others; None if nothing was
    loss_residual_kwh_max: float  # most that a seller's step is off by, had all the same loss
    balance_residual_kwh_max: float  # see `CsvResults.balance_residual_kwh`
    wallet_usd_final: Floats  # (n,)


@dataclass(frozen=True, slots=True, eq=False)
class CsvResults:
    """One table: what every home did in every step."""

    step: Integers  # (T,) without a gap
    household_id: Integers  # (n,) increasing
    amounts: Columns  # (T, n) each, by the name of the column
    trades: Columns  # (k,) step, seller_id, buyer_id, delivered_kwh; by step and buyer

    @property
    def balance_residual_kwh(self) -> Floats:
        """What came in and neither went out nor stayed, shape (T - 1, n) [kWh].

        The loss of the battery and curtailed generation, less load that was not served. The first
        step has none, because the table does not tell what was stored before it.
        """
        amounts = self.amounts
        gained = amounts["production"] + amounts["grid_buy"] + amounts["p2p_buy_amount"]
        spent = amounts["consumption"] + amounts["grid_sell"] + amounts["p2p_sell_amount"]
        kept = np.diff(amounts["stored_kwh"], axis=0)
        return np.asarray((gained - spent)[1:] - kept)

    def figures(self) -> Figures:
        """Sum the table up."""
        amounts = self.amounts
        grid_buy_kwh = float(amounts["grid_buy"].sum())
        load_kwh = float(amounts["consumption"].sum())
        sold, delivered = amounts["p2p_sell_amount"], self.traded_kwh("seller_id")
        kept = float(delivered.sum() / sold.sum()) if sold.any() else None
        residual = self.balance_residual_kwh
        return Figures(
            grid_buy_kwh=grid_buy_kwh,
            grid_sell_kwh=float(amounts["grid_sell"].sum()),
            p2p_kwh=float(amounts["p2p_buy_amount"].sum()),
            trades_count=int(self.trades["step"].size),
            self_sufficiency_fraction=1.0 - grid_buy_kwh / load_kwh if load_kwh > 0.0 else None,
            loss_fraction=None if kept is None else max(0.0, 1.0 - kept),
            loss_residual_kwh_max=float(np.abs(delivered - (kept or 0.0) * sold).max()),
            balance_residual_kwh_max=float(np.abs(residual).max(initial=0.0)),
            wallet_usd_final=amounts["wallet"][-1],
        )

    def traded_kwh(self, party: str) -> Floats:
        """Add up what was delivered by step and `seller_id` or `buyer_id`, shape (T, n) [kWh]."""
        return self._added_up(party, self.trades["delivered_kwh"])

    def rounding_kwh(self, party: str) -> Floats:
        """Tell how far a sum of trades may be off for having been written, shape (T, n) [kWh]."""
        each = np.full(self.trades["step"].size, _HALF_DECIMAL_KWH)
        return AGREEMENT_KWH + self._added_up(party, each)

    def _added_up(self, party: str, kwh: Floats) -> Floats:
        shape = self.step.size, self.household_id.size
        place = (self.trades["step"] - self.step[0]) * shape[1]
        place = place + np.searchsorted(self.household_id, self.trades[party])
        return sum_by_home(place, kwh, shape[0] * shape[1]).reshape(shape)


def read(path: Path) -> CsvResults:
    """Read a table.

    Parameters
    ----------
    path : Path
        A CSV file with the columns of `csv_tables`.

    Raises
    ------
    InputError
        One line: file, line, column, limit and value of the first thing that is malformed,
        missing, there twice, or at odds with the rest.
    """
    columns = csv_columns.read(path, COLUMNS)
    step, home = columns.whole_numbers("step"), columns.whole_numbers("household_id")
    steps, homes, order = _arranged(columns, step, home)
    shape = steps.size, homes.size
    amounts = {
        name: columns.numbers(name, *_LIMITS.get(name, (0.0, AMOUNT_MAX)))[order].reshape(shape)
        for name in _AMOUNTS
    }
    trades = _trades(columns, homes, step, home, order)
    table = CsvResults(steps, homes, amounts, trades)
    _check_trades(columns, table, order)
    return table


def _arranged(
    columns: CsvColumns, step: Integers, home: Integers
) -> tuple[Integers, Integers, Integers]:
    """List steps and homes, and the rows in their order, (T * n,): each pair must be there once."""
    refuse_gap(columns, "step", step)
    steps, homes = np.unique(step), np.unique(home)
    place = (step - steps[0]) * homes.size + np.searchsorted(homes, home)
    order = np.argsort(place, kind="stable")
    there = place[order]
    twice = np.flatnonzero(there[1:] == there[:-1])
    if twice.size:
        first, second = (int(order[twice[0] + late]) for late in (0, 1))
        limit = f"must stand once in a step, see line {columns.lines[first]}"
        raise columns.refusal(second, "household_id", limit, str(home[second]))
    if there.size != steps.size * homes.size:
        gap = np.flatnonzero(there != np.arange(there.size))
        missing = int(gap[0]) if gap.size else there.size
        where = f"step {steps[0] + missing // homes.size}"
        raise InputError(
            f"{columns.name}: {where}: household_id: {homes[missing % homes.size]} is missing"
        )
    return steps, homes, order


def refuse_gap(columns: CsvColumns, name: str, step: Integers) -> None:
    """Refuse a column of steps that do not follow each other, in whatever order they come.

    Raises
    ------
    InputError
        For the first row behind a gap.
    """
    order = np.argsort(step, kind="stable")
    gap = np.flatnonzero(np.diff(step[order]) > 1)
    if gap.size:
        row, before = int(order[gap[0] + 1]), int(step[order[gap[0]]])
        limit = f"must follow {before} without a gap"
        raise columns.refusal(row, name, limit, str(step[row]))


def _trades(
    columns: CsvColumns, homes: Integers, step: Integers, home: Integers, order: Integers
) -> Columns:
    """Take the trades out of their cells, row by row in the order of steps and homes."""
    texts = columns.texts["p2p_trades"]
    rows: list[int] = []
    sellers: list[int] = []
    delivered: list[float] = []
    for row in order.tolist():
        text = texts[row].strip()
        if not text:
            continue
        if not _TRADES.fullmatch(text):
            limit = "must be empty or like 3:0.5-7:1.25, seller:kWh of each trade"
            raise columns.refusal(row, "p2p_trades", limit, text)
        for seller, kwh in _ONE_TRADE.findall(text):
            rows.append(row)
            sellers.append(int(seller))
            delivered.append(float(kwh))
    row_of, seller_id = np.array(rows, dtype=np.int64), np.array(sellers, dtype=np.int64)
    delivered_kwh = np.array(delivered, dtype=np.float64)
    for wrong, limit in (
        (~np.isin(seller_id, homes), "a seller must be a household_id of this file"),
        (seller_id == home[row_of], "a home must not buy from itself"),
        (~np.isfinite(delivered_kwh), "must hold finite numbers"),
    ):
        if wrong.any():
            row = int(row_of[wrong.argmax()])
            raise columns.refusal(row, "p2p_trades", limit, texts[row])
    return {
        "step": step[row_of],
        "seller_id": seller_id,
        "buyer_id": home[row_of],
        "delivered_kwh": delivered_kwh,
    }


def _check_trades(columns: CsvColumns, table: CsvResults, order: Integers) -> None:
    """Hold what each home bought and sold against the trades that name it."""
    bought, sold = table.amounts["p2p_buy_amount"], table.amounts["p2p_sell_amount"]
    received, delivered = table.traded_kwh("buyer_id"), table.traded_kwh("seller_id")
    received_off, delivered_off = (table.rounding_kwh(p) for p in ("buyer_id", "seller_id"))
    for column, wrong, kwh, limit in (
        ("p2p_buy_amount", np.abs(bought - received) > received_off, received, "p2p_trades"),
        ("p2p_sell_amount", delivered > sold + delivered_off, delivered, "at least its trades"),
        ("p2p_sell_amount", (sold > AGREEMENT_KWH) & (delivered <= 0.0), delivered, "its trades"),
    ):
        if wrong.any():
            place = int(wrong.argmax())
            row = int(order[place])
            total = f"must be {limit} added up, {kwh.flat[place]:.6f}"
            raise columns.refusal(row, column, total, columns.texts[column][row])
