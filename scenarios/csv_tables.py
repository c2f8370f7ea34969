"""One arm as a plain CSV file, one row per step and home, for spreadsheets and other tools."""

from pathlib import Path

import numpy as np

from model.metrics import MICROCENTS_PER_USD
from model.results import Chunk, Results
from profiles.arrays import Floats, Integers

BASELINE_FILE, OPTIMIZED_FILE = "baseline_results.csv", "optimized_results.csv"
COLUMNS = (
    "step", "household_id", "production", "consumption", "stored_kwh", "battery_pct", "wallet",
    "grid_buy", "grid_sell", "p2p_trades", "p2p_buy_amount", "p2p_sell_amount",
)  # fmt: skip
"""Energies in kWh per step (`stored_kwh` at its end), `battery_pct` in % of the capacity, `wallet`
in USD at the end of the step, `p2p_trades` on the buyer's row as "seller:kWh-seller:kWh"."""

_ROW = "%d,%d,%.6f,%.6f,%.6f,%.6f,%.6f,%.6f,%.6f,%s,%.6f,%.6f\n"
_DECIMALS = 6


def write(path: Path, results: Results, wallet_usd_initial: float) -> None:
    """Write the file.

    Parameters
    ----------
    path : Path
        To create.
    results : Results
        One arm.
    wallet_usd_initial : float
        Money in every wallet when the run starts [USD].
    """
    cash_microcents = np.zeros(results.homes_count, dtype=np.int64)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(COLUMNS) + "\n")
        for chunk in results.chunks():
            cash = cash_microcents + chunk.cash_microcents.cumsum(axis=0)
            cash_microcents = cash[-1]
            wallet_usd = wallet_usd_initial + cash / MICROCENTS_PER_USD
            file.write(_rows(results, chunk, wallet_usd))


def _rows(results: Results, chunk: Chunk, wallet_usd: Floats) -> str:
    """Format the steps of a chunk, a row per step and home."""
    steps = chunk.steps
    capacity_kwh = np.where(results.capacity_kwh > 0.0, results.capacity_kwh, np.inf)
    step = np.arange(chunk.first_step, chunk.first_step + chunk.steps_count)
    columns = (
        np.repeat(step, results.homes_count),
        np.tile(results.home_ids, step.size),
        _rounded(steps["pv_kwh"]),
        _rounded(steps["load_kwh"]),
        _rounded(steps["stored_kwh"]),
        _rounded(100.0 * steps["stored_kwh"] / capacity_kwh),
        _rounded(wallet_usd),
        _rounded(steps["import_kwh"]),
        _rounded(steps["export_kwh"]),
        _bought(results.home_ids, chunk),
        _rounded(steps["p2p_in_kwh"]),
        _rounded(steps["p2p_out_kwh"]),
    )
    lists = (column if isinstance(column, list) else column.tolist() for column in columns)
    return "".join([_ROW % row for row in zip(*lists, strict=True)])


def _rounded(values: Floats | Integers) -> Floats:
    """Round and flatten; adding 0 turns -0 into 0."""
    return np.asarray(np.round(values, _DECIMALS) + 0.0, dtype=np.float64).ravel()


def _bought(home_ids: Integers, chunk: Chunk) -> list[str]:
    """Name the sellers and delivered amounts of each home and step."""
    trades = chunk.trades
    row = (trades["step"] - chunk.first_step) * home_ids.size
    row += np.searchsorted(home_ids, trades["buyer_id"])
    texts = [""] * (chunk.steps_count * home_ids.size)
    sellers, delivered_kwh = trades["seller_id"].tolist(), trades["delivered_kwh"].tolist()
    for place, seller, kwh in zip(row.tolist(), sellers, delivered_kwh, strict=True):
        texts[place] += f"{'-' if texts[place] else ''}{seller}:{kwh:.6f}"
    return texts
