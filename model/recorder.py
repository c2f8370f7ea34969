"""Writes down every step: a chunk of them in memory, which goes to the tape when it is full.

T steps, n homes, k trades.
"""

import numpy as np

from agents.fleet import FleetState
from agents.metering import Flows
from agents.scoring import Rating
from market.orders import Orders, Trades
from market.settlement import Bills
from model.results import (
    PRICE_COLUMNS,
    STEP_COLUMNS,
    TRADE_COLUMNS,
    Chunk,
    Columns,
    Tape,
    Totals,
)
from profiles.arrays import Booleans, Floats, Integers

HOME_STEPS_AT_ONCE = 250_000  # of a chunk, in memory and in a row group of Parquet

_EXPECTED = ("forecast_load_kwh", "forecast_pv_kwh")


class Recorder:
    """The growing record of a run.

    Steps come in order, each by `rating`, `step`, `market` and `trade`.

    Parameters
    ----------
    home_ids : ndarray, shape (n,)
        Names of the homes.
    steps_count : int
        T.
    tape : Tape
        Is handed full chunks.
    filled : ndarray, shape (T, n), optional
        Marks made-up meter values; none if None.
    """

    def __init__(
        self, home_ids: Integers, steps_count: int, tape: Tape, filled: Booleans | None = None
    ) -> None:
        self.tape = tape
        self.totals = Totals.of_nothing(steps_count, home_ids.size)
        self.prices: Columns = {c.name: np.zeros(steps_count, c.dtype) for c in PRICE_COLUMNS}
        for name in _EXPECTED:
            self.prices[name][:] = np.nan
        self._home_ids, self._steps_count, self._filled = home_ids, steps_count, filled
        self._chunk_steps = max(1, HOME_STEPS_AT_ONCE // home_ids.size)
        self._first, self._rows_count = 0, 0  # of the chunk in memory
        self._steps: Columns = {}
        self._trades: list[Columns] = []

    def step(
        self, index: int, flows: Flows, bills: Bills, state: FleetState, fallback_kwh: Floats
    ) -> None:
        """Keep what n homes did, paid and hold."""
        row = self._row(index)
        for name in Flows.__slots__:
            self._steps[name][row] = getattr(flows, name)
        for name in Bills.__slots__:
            amount = getattr(bills, name)
            # A column that stays 0, as under most tariffs, takes no memory until it is written to.
            if name in self._steps and amount.any():
                self._steps[name][row] = amount
        self._steps["stored_kwh"][row] = state.stored_kwh
        self._steps["fallback_kwh"][row] = fallback_kwh
        if self._filled is not None:
            self._steps["filled"][row] = self._filled[index]

    def rating(self, index: int, rating: Rating) -> None:
        """Keep how ready n homes were to trade when the step was decided."""
        row = self._row(index)
        self._steps["score"][row] = rating.score
        self._steps["light"][row] = rating.light

    def forecast(self, index: int, load_kwh: Floats, pv_kwh: Floats, *, day_begins: bool) -> None:
        """Keep what all homes together are expected to do, as the step ``index`` is lived.

        The first forecast of a day counts for all that it reaches, a later one where no other
        reached. Its own step is none of them: the meters have read it.

        Parameters
        ----------
        index : int
            Step that is lived.
        load_kwh, pv_kwh : ndarray, shape (H,)
            Sums over homes, from that step on [kWh per step].
        day_begins : bool
            Whether it is the first step of a local day.
        """
        for name, sums_kwh in zip(_EXPECTED, (load_kwh, pv_kwh), strict=True):
            ahead = self.prices[name][index + 1 : index + sums_kwh.size]
            expected = sums_kwh[1 : 1 + ahead.size]
            ahead[:] = np.where(day_begins | np.isnan(ahead), expected, ahead)

    def market(
        self,
        index: int,
        grid: tuple[float, float],
        signal: float,
        trades: Trades,
        scarcity_cents_per_kwh: float = np.nan,
    ) -> None:
        """Keep the step's prices; the clearing price is the mean over the energy traded."""
        tariff, export = grid
        self.prices["tariff_cents_per_kwh"][index] = tariff
        self.prices["export_cents_per_kwh"][index] = export
        self.prices["signal_cents_per_kwh"][index] = signal
        self.prices["scarcity_cents_per_kwh"][index] = scarcity_cents_per_kwh
        delivered = trades.delivered_kwh
        self.prices["clearing_cents_per_kwh"][index] = (
            np.average(trades.price_cents_per_kwh, weights=delivered) if delivered.size else np.nan
        )

    def trade(self, index: int, trades: Trades, bills: Bills) -> None:
        """Keep the trades by the homes' ids."""
        if not trades.seller.size:
            return
        self._trades.append(
            {
                "step": np.full(trades.seller.size, index),
                "seller_id": self._home_ids[trades.seller],
                "buyer_id": self._home_ids[trades.buyer],
                "delivered_kwh": trades.delivered_kwh,
                "injected_kwh": trades.injected_kwh,
                "price_cents_per_kwh": trades.price_cents_per_kwh,
                "amount_microcents": bills.trade_amount_microcents,
                "fee_microcents": bills.trade_fee_microcents,
            }
        )

    def newest(self) -> Chunk:
        """Show the step that was kept last, as a chunk of its own."""
        row, index = self._rows_count - 1, self._first + self._rows_count - 1
        steps = {name: column[row : row + 1] for name, column in self._steps.items()}
        trades = [part for part in self._trades[-1:] if part["step"][0] == index]
        return Chunk(index, steps, _listed(trades))

    def finish(self) -> None:
        """Hand what is left to the tape; the steps so far are then all there."""
        if not self._rows_count:
            return
        steps = {name: column[: self._rows_count] for name, column in self._steps.items()}
        chunk = Chunk(self._first, steps, _listed(self._trades))
        self.totals.add(chunk)
        self.tape.write(chunk)
        self._first, self._rows_count = self._first + self._rows_count, 0
        self._steps, self._trades = {}, []

    def _row(self, index: int) -> int:
        """Return the row of a step in the chunk, which is a new one if the last is full."""
        if index == self._first + self._chunk_steps:
            self.finish()
        if not self._steps:
            rows = min(self._chunk_steps, self._steps_count - index)
            shape = rows, self._home_ids.size
            self._steps = {column.name: np.zeros(shape, column.dtype) for column in STEP_COLUMNS}
        self._rows_count = index - self._first + 1
        return index - self._first


def _listed(parts: list[Columns]) -> Columns:
    """Lay trades of several steps end to end, (k,)."""
    return {
        column.name: np.concatenate(
            [np.empty(0, column.dtype), *(part[column.name] for part in parts)]
        )
        for column in TRADE_COLUMNS
    }


def fallback_kwh(orders: Orders, flows: Flows) -> Floats:
    """Energy offered to the market, left unmatched and served by the grid, shape (n,) [kWh]."""
    count = flows.import_kwh.size
    wanted = np.bincount(orders.home, np.maximum(orders.quantity_kwh, 0.0), count)
    offered = np.bincount(orders.home, np.maximum(-orders.quantity_kwh, 0.0), count)
    unbought = np.maximum(wanted - flows.p2p_in_kwh, 0.0)
    unsold = np.maximum(offered - flows.p2p_out_kwh, 0.0)
    return np.minimum(unbought, flows.import_kwh) + np.minimum(unsold, flows.export_kwh)
