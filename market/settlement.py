"""What every home pays and receives for one step, in integer microcents.

n is the number of homes, k of trades. One cent is a million microcents. Every amount is rounded
once, when it arises, and both parties book the same integer: the sum over homes, grid and
operator is exactly 0.
"""

from dataclasses import dataclass

import numpy as np

from market.orders import Trades
from profiles.arrays import Floats, Integers

MICROCENTS_PER_CENT = 1_000_000


@dataclass(frozen=True, slots=True)
class Due:
    """What a step bills besides energy and trade; `market/standing.py` works it out."""

    fixed_charge_microcents: int  # of every home
    baseline_credit_microcents: Integers  # (n,)


@dataclass(frozen=True, slots=True)
class Bills:
    """Amounts of one step; below 0 only where a price is."""

    import_cost_microcents: Integers  # (n,) home to grid
    export_credit_microcents: Integers  # (n,) grid to home
    p2p_paid_microcents: Integers  # (n,) home as a buyer
    p2p_received_microcents: Integers  # (n,) home as a seller
    fee_microcents: Integers  # (n,) home as a buyer, to the operator
    fixed_charge_microcents: Integers  # (n,) home to grid, the standing charge
    baseline_credit_microcents: Integers  # (n,) grid to home, for imports within the allowance
    trade_amount_microcents: Integers  # (k,) buyer to seller
    trade_fee_microcents: Integers  # (k,) buyer to operator

    @property
    def energy_microcents(self) -> Integers:
        """Money that each home receives for energy and trade, less what it pays, shape (n,)."""
        received = self.export_credit_microcents + self.p2p_received_microcents
        paid = self.import_cost_microcents + self.p2p_paid_microcents + self.fee_microcents
        return received - paid

    @property
    def cash_microcents(self) -> Integers:
        """Money that flows into each home, shape (n,)."""
        besides = self.baseline_credit_microcents - self.fixed_charge_microcents
        return self.energy_microcents + besides


def settle(
    trades: Trades,
    import_kwh: Floats,
    export_kwh: Floats,
    grid: tuple[float, float],
    fee_cents_per_kwh: float,
    due: Due | None = None,
) -> Bills:
    """Price the metered energy and the trades of one step.

    The buyer pays the price per delivered kWh and the seller receives that amount, which is
    `(1 - loss) * price` per injected kWh. The fee goes from the buyer to the operator.

    Parameters
    ----------
    trades : Trades
        The k trades of the step.
    import_kwh, export_kwh : ndarray, shape (n,)
        Energy bought from and sold to the grid [kWh].
    grid : tuple of float
        Tariff and export price [cents/kWh].
    fee_cents_per_kwh : float
        Fee [cents per delivered kWh].
    due : Due, optional
        Standing charge and baseline credit; none of either if None.

    Returns
    -------
    Bills
        Amounts of the n homes and the k trades.
    """
    homes_count = import_kwh.size
    tariff_cents_per_kwh, export_cents_per_kwh = grid
    due = due or Due(0, np.zeros(homes_count, dtype=np.int64))
    amount = _microcents(trades.delivered_kwh, trades.price_cents_per_kwh)  # (k,)
    fee = _microcents(trades.delivered_kwh, fee_cents_per_kwh)  # (k,)
    return Bills(
        import_cost_microcents=_microcents(import_kwh, tariff_cents_per_kwh),
        export_credit_microcents=_microcents(export_kwh, export_cents_per_kwh),
        p2p_paid_microcents=_sum_by_home(trades.buyer, amount, homes_count),
        p2p_received_microcents=_sum_by_home(trades.seller, amount, homes_count),
        fee_microcents=_sum_by_home(trades.buyer, fee, homes_count),
        fixed_charge_microcents=np.full(homes_count, due.fixed_charge_microcents),
        baseline_credit_microcents=due.baseline_credit_microcents,
        trade_amount_microcents=amount,
        trade_fee_microcents=fee,
    )


def _microcents(energy_kwh: Floats, price_cents_per_kwh: Floats | float) -> Integers:
    return np.rint(energy_kwh * price_cents_per_kwh * MICROCENTS_PER_CENT).astype(np.int64)


def _sum_by_home(home: Integers, amount: Integers, homes_count: int) -> Integers:
    total = np.zeros(homes_count, dtype=np.int64)
    np.add.at(total, home, amount)  # integers throughout, where bincount would add floats
    return total
