"""Writes down every step in arrays that are made once. T steps, n homes, k trades."""

from dataclasses import dataclass, field

import numpy as np

from agents.fleet import FleetState
from agents.metering import Flows
from agents.scoring import Rating
from market.orders import Orders, Trades
from market.settlement import Bills
from model.results import PRICE_COLUMNS, STEP_COLUMNS, TRADE_COLUMNS, Columns
from profiles.arrays import Booleans, Floats, Integers


@dataclass(slots=True)
class Recorder:
    """The growing record of a run."""

    home_ids: Integers  # (n,)
    steps: Columns  # (T, n) each
    prices: Columns  # (T,) each
    trades: list[Columns] = field(default_factory=list)

    def step(
        self, index: int, flows: Flows, bills: Bills, state: FleetState, fallback_kwh: Floats
    ) -> None:
        """Keep what n homes did, paid and hold."""
        for name in Flows.__slots__:
            self.steps[name][index] = getattr(flows, name)
        for name in Bills.__slots__:
            amount = getattr(bills, name)
            # A column that stays 0, as under most tariffs, takes no memory until it is written to.
            if name in self.steps and amount.any():
                self.steps[name][index] = amount
        self.steps["stored_kwh"][index] = state.stored_kwh
        self.steps["fallback_kwh"][index] = fallback_kwh

    def rating(self, index: int, rating: Rating) -> None:
        """Keep how ready n homes were to trade when the step was decided."""
        self.steps["score"][index] = rating.score
        self.steps["light"][index] = rating.light

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
        self.trades.append(
            {
                "step": np.full(trades.seller.size, index),
                "seller_id": self.home_ids[trades.seller],
                "buyer_id": self.home_ids[trades.buyer],
                "delivered_kwh": trades.delivered_kwh,
                "injected_kwh": trades.injected_kwh,
                "price_cents_per_kwh": trades.price_cents_per_kwh,
                "amount_microcents": bills.trade_amount_microcents,
                "fee_microcents": bills.trade_fee_microcents,
            }
        )

    def trades_table(self) -> Columns:
        """All trades as columns (k,), in order of time."""
        return {
            column.name: np.concatenate(
                [np.empty(0, column.dtype), *(part[column.name] for part in self.trades)]
            )
            for column in TRADE_COLUMNS
        }


def recorder(home_ids: Integers, steps_count: int, filled: Booleans | None = None) -> Recorder:
    """Make room for ``steps_count`` steps; ``filled`` (T, n) marks made-up meter values."""
    shape = (steps_count, home_ids.size)
    steps: Columns = {column.name: np.zeros(shape, column.dtype) for column in STEP_COLUMNS}
    if filled is not None:
        steps["filled"][:] = filled
    return Recorder(
        home_ids=home_ids,
        steps=steps,
        prices={column.name: np.zeros(steps_count, column.dtype) for column in PRICE_COLUMNS},
    )


def fallback_kwh(orders: Orders, flows: Flows) -> Floats:
    """Energy offered to the market, left unmatched and served by the grid, shape (n,) [kWh]."""
    count = flows.import_kwh.size
    wanted = np.bincount(orders.home, np.maximum(orders.quantity_kwh, 0.0), count)
    offered = np.bincount(orders.home, np.maximum(-orders.quantity_kwh, 0.0), count)
    unbought = np.maximum(wanted - flows.p2p_in_kwh, 0.0)
    unsold = np.maximum(offered - flows.p2p_out_kwh, 0.0)
    return np.minimum(unbought, flows.import_kwh) + np.minimum(unsold, flows.export_kwh)
