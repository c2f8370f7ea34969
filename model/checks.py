"""The laws of energy and money, checked at every step for every home.

A run that breaks one stops. n is the number of homes. Energies to 1e-9 kWh, money exactly.
"""

import numpy as np

from agents.fleet import Fleet, FleetState
from agents.metering import Flows
from market.orders import Terms, Trades
from market.settlement import Bills
from profiles.arrays import Booleans, Floats, Integers

TOLERANCE_KWH = 1e-9


class LawError(RuntimeError):
    """A law of energy or money does not hold: the run is wrong and must not be used."""


def energy(
    fleet: Fleet,
    before: FleetState,
    after: FleetState,
    flows: Flows,
    trades: Trades,
    terms: Terms,
) -> float:
    """Check every energy law of one step.

    Parameters
    ----------
    fleet : Fleet
        Ratings of the n homes.
    before, after : FleetState
        What the batteries held.
    flows : Flows
        What the meters read.
    trades : Trades
        The k trades that were settled.
    terms : Terms
        For what each trade loses on its way.

    Returns
    -------
    float
        Largest residual of a balance [kWh].

    Raises
    ------
    LawError
        Naming the law, the first home that breaks it and by how much.
    """
    sources = flows.pv_kwh - flows.curtailed_kwh + flows.import_kwh + flows.p2p_in_kwh
    sources = sources + flows.discharge_kwh + flows.unserved_kwh
    sinks = flows.load_kwh + flows.export_kwh + flows.p2p_out_kwh + flows.charge_kwh
    gained = fleet.charge_efficiency_fraction * flows.charge_kwh
    gained = gained - flows.discharge_kwh / fleet.discharge_efficiency_fraction
    home = np.abs(sources - sinks)
    cell = np.abs(after.stored_kwh - before.stored_kwh - gained)
    _demand(fleet, home <= TOLERANCE_KWH, "sources equal sinks", home)
    _demand(fleet, cell <= TOLERANCE_KWH, "what is stored follows what flows", cell)
    shared = _shared(fleet, flows, trades, terms)
    _limits(fleet, after, flows)
    return float(max(home.max(), cell.max(), shared))


def _shared(fleet: Fleet, flows: Flows, trades: Trades, terms: Terms) -> float:
    """Check that what one home injects arrives at another, less the loss of that trade."""
    bought = np.abs(flows.p2p_in_kwh - trades.bought_kwh(fleet.homes_count))
    sold = np.abs(flows.p2p_out_kwh - trades.sold_kwh(fleet.homes_count))
    _demand(fleet, bought <= TOLERANCE_KWH, "what flows in was traded", bought)
    _demand(fleet, sold <= TOLERANCE_KWH, "what flows out was traded", sold)
    arriving = terms.arriving_fraction(trades.seller, trades.buyer) * trades.injected_kwh
    lost = np.abs(trades.delivered_kwh - arriving)
    if not (lost <= TOLERANCE_KWH).all():
        worst = int(np.argmax(lost))
        seller, buyer = fleet.home_ids[trades.seller[worst]], fleet.home_ids[trades.buyer[worst]]
        raise LawError(
            f"delivered equals injected less the loss: from home {seller} to home {buyer} off by "
            f"{lost[worst]:.3g} kWh"
        )
    return float(max(bought.max(), sold.max(), lost.max(initial=0.0)))


def _limits(fleet: Fleet, after: FleetState, flows: Flows) -> None:
    within = TOLERANCE_KWH
    into = flows.import_kwh + flows.p2p_in_kwh - fleet.import_kwh_max
    out = flows.export_kwh + flows.p2p_out_kwh - fleet.export_kwh_max
    power = np.maximum(flows.charge_kwh, flows.discharge_kwh) - fleet.power_kwh_max
    low, high = fleet.stored_kwh_min - after.stored_kwh, after.stored_kwh - fleet.stored_kwh_max
    both = flows.charge_kwh * flows.discharge_kwh
    _demand(fleet, low <= within, "the battery holds at least its minimum", low)
    _demand(fleet, high <= within, "the battery holds at most its maximum", high)
    _demand(fleet, power <= within, "the battery keeps to its power", power)
    _demand(fleet, both == 0.0, "a battery charges or discharges", both)
    both = flows.import_kwh * flows.export_kwh
    _demand(fleet, both == 0.0, "a home imports or exports", both)
    _demand(fleet, into <= within, "the connection carries what flows in", into)
    _demand(fleet, out <= within, "the connection carries what flows out", out)
    wasted = flows.curtailed_kwh - flows.pv_kwh
    _demand(fleet, wasted <= within, "at most the PV is curtailed", wasted)
    dark = flows.unserved_kwh - flows.load_kwh
    _demand(fleet, dark <= within, "at most the load goes unserved", dark)
    for name in Flows.__slots__:
        flow = getattr(flows, name)
        _demand(fleet, flow >= 0.0, f"{name} is not negative", flow)


def capacity(flows: Flows, most_kwh: tuple[float, float]) -> None:
    """Check that all homes together keep within what the grid can bring and take.

    Parameters
    ----------
    flows : Flows
        What the n homes did.
    most_kwh : tuple of float
        Most that they may import and export [kWh], each held to 1e-9 kWh a home.

    Raises
    ------
    LawError
        Naming the direction and by how much it is too much.
    """
    for kwh, most, does in zip(
        (flows.import_kwh, flows.export_kwh), most_kwh, ("imports", "exports"), strict=True
    ):
        over = float(kwh.sum()) - most
        if not over <= TOLERANCE_KWH * kwh.size:
            law = f"the community {does} no more than the grid's capacity"
            raise LawError(f"{law}: off by {over:.3g} kWh")


def money(fleet: Fleet, bills: Bills, balances_microcents: tuple[Integers, Integers]) -> int:
    """Check that one step's money adds up to zero and stands in the ledger.

    Parameters
    ----------
    fleet : Fleet
        For the homes' names.
    bills : Bills
        What the n homes pay and receive.
    balances_microcents : tuple of ndarray, shapes (n,)
        The homes' balances in the ledger before and after the step.

    Returns
    -------
    int
        Sum over homes, grid and operator [microcents]: 0.

    Raises
    ------
    LawError
        Naming the law and by how much it is broken.
    """
    before, after = balances_microcents
    cash = bills.cash_microcents
    grid = int(bills.import_cost_microcents.sum()) - int(bills.export_credit_microcents.sum())
    grid += int(bills.fixed_charge_microcents.sum()) - int(bills.baseline_credit_microcents.sum())
    operator = int(bills.fee_microcents.sum())
    total = int(cash.sum()) + grid + operator
    if total != 0:
        raise LawError(f"money adds up to zero: off by {total} microcents")
    off = after - before - cash
    _demand(fleet, off == 0, "the ledger holds what was billed", off)
    return total


def _demand(fleet: Fleet, holds: Booleans, law: str, amount: Floats | Integers) -> None:
    if holds.all():
        return
    row = int(np.argmin(holds))
    raise LawError(
        f"{law}: home {fleet.home_ids[row]} is off by {amount[row]:.3g} "
        f"({np.count_nonzero(~holds)} homes)"
    )
