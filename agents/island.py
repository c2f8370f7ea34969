"""A step without the main grid: homes share what panels and batteries give, so that most is served.

Nobody imports or exports. Each home's own energy serves its own load first. What panels spare goes
to those who would go dark, then to those who would draw on their batteries, unless cells lose less
than the lines do. Then batteries serve those who would still go dark, and what panels spare after
that is charged, at home first. Within a stage all give in proportion to what they can, and all
receive in proportion to what they lack. All of it goes over the lines between homes, with their
loss, and within every home's connection. The rules of trade are not asked, in any arm: this is no
market. What is given is paid for at the grid's tariff, within the range of prices of trades.

n homes.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from agents import battery
from agents.dealing import Dealt
from agents.decisions import Situation
from agents.metering import Flows
from agents.scheduler import MarketScheduler
from market.orders import SLIVER_KWH, Terms, Trades, joined, no_orders, no_trades
from profiles.arrays import Booleans, Floats


@dataclass(slots=True)
class _Sharing:
    """What homes have given each other in a step so far, stage by stage."""

    scheduler: MarketScheduler
    situation: Situation
    terms: Terms
    stages: list[Trades]

    @property
    def received_kwh(self) -> Floats:
        """Delivered to each home, (n,)."""
        return joined(self.stages).bought_kwh(self.situation.fleet.homes_count)

    @property
    def given_kwh(self) -> Floats:
        """Injected by each home, (n,)."""
        return joined(self.stages).sold_kwh(self.situation.fleet.homes_count)

    def share(self, spare_kwh: Floats, lacking_kwh: Floats) -> None:
        """Bring what some can spare to those who lack it, neighbours on a feeder first; (n,)."""
        rules = self.scheduler.rules
        price = max(rules.price_min_cents_per_kwh, self.terms.tariff_cents_per_kwh)
        price = min(price, rules.price_max_cents_per_kwh)
        fleet = self.situation.fleet
        before = self.given_kwh, self.received_kwh
        for among, loss_fraction in self._ways():
            given_kwh, received_kwh = self.given_kwh, self.received_kwh
            spare = np.minimum(
                spare_kwh - (given_kwh - before[0]), fleet.export_kwh_max - given_kwh
            )
            lacking = np.minimum(
                lacking_kwh - (received_kwh - before[1]), fleet.import_kwh_max - received_kwh
            )
            spare, lacking = (
                np.where(among, np.maximum(kwh, 0.0), 0.0) for kwh in (spare, lacking)
            )
            arriving = (1.0 - loss_fraction) * spare
            shared_kwh = min(float(arriving.sum()), float(lacking.sum()))
            if shared_kwh > SLIVER_KWH:
                sold_kwh = spare * (shared_kwh / float(arriving.sum()))
                bought_kwh = lacking * (shared_kwh / float(lacking.sum()))
                self.stages.append(self.scheduler.share(bought_kwh, sold_kwh, loss_fraction, price))

    def _ways(self) -> Iterator[tuple[Booleans, float]]:
        """Name the homes, (n,), that share with each other in turn, and what is lost between them.

        What is left after the feeders lies on different ones: in each, all is given or all served.
        """
        loss_fraction, feeder = self.terms.loss_fraction, self.terms.feeder
        everybody = np.ones(self.situation.fleet.homes_count, np.bool_)
        if feeder is None:
            yield everybody, loss_fraction
            return
        for name in np.unique(feeder):
            yield feeder == name, loss_fraction
        keeps = 1.0 - self.terms.between_loss_fraction
        yield everybody, 1.0 - (1.0 - loss_fraction) * keeps


def lived(scheduler: MarketScheduler, situation: Situation, terms: Terms, *, idle: bool) -> Dealt:
    """Live a step of an outage.

    Parameters
    ----------
    scheduler : MarketScheduler
        Writes down who gives to whom.
    situation : Situation
        What the n homes have and need; its fleet says how far batteries may be emptied.
    terms : Terms
        The grid's tariff of the step, the losses on the way, and the feeders if they matter.
    idle : bool
        Whether batteries hold still, whatever happens.

    Returns
    -------
    Dealt
        Without orders; every flow of the grid is 0.
    """
    fleet, state = situation.fleet, situation.state
    reach_kwh = battery.reach(fleet, state)
    if idle:
        reach_kwh = np.zeros(fleet.homes_count), np.zeros(fleet.homes_count)
    held_kwh, room_kwh = -reach_kwh[0], reach_kwh[1]
    need_kwh = situation.load_kwh - situation.pv_kwh  # (n,) below 0 is what panels spare
    sharing = _Sharing(scheduler, situation, terms, [no_trades()])

    def left_kwh() -> Floats:
        return need_kwh + sharing.given_kwh - sharing.received_kwh

    sharing.share(-need_kwh, need_kwh - held_kwh)
    keeps = fleet.charge_efficiency_fraction * fleet.discharge_efficiency_fraction
    stored_first = np.where(keeps > 1.0 - terms.loss_fraction, room_kwh, 0.0)
    sharing.share(-left_kwh() - stored_first, left_kwh())
    rest_kwh = np.maximum(left_kwh(), 0.0)
    sharing.share(held_kwh - rest_kwh, rest_kwh - held_kwh)
    sharing.share(-left_kwh() - room_kwh, room_kwh + left_kwh())
    return _closed(situation, sharing, reach_kwh)


def _closed(situation: Situation, sharing: _Sharing, reach_kwh: tuple[Floats, Floats]) -> Dealt:
    """Let batteries and panels close every home's balance; what is then missing goes dark."""
    fleet = situation.fleet
    given_kwh, received_kwh = sharing.given_kwh, sharing.received_kwh
    left_kwh = situation.load_kwh - situation.pv_kwh + given_kwh - received_kwh
    battery_kwh, after = battery.carry_out(fleet, situation.state, np.clip(-left_kwh, *reach_kwh))
    left_kwh = left_kwh + battery_kwh
    nothing_kwh = np.zeros(fleet.homes_count)
    flows = Flows(
        load_kwh=situation.load_kwh,
        pv_kwh=situation.pv_kwh,
        import_kwh=nothing_kwh,
        export_kwh=nothing_kwh,
        p2p_in_kwh=received_kwh,
        p2p_out_kwh=given_kwh,
        charge_kwh=np.maximum(battery_kwh, 0.0),
        discharge_kwh=np.maximum(-battery_kwh, 0.0),
        curtailed_kwh=np.maximum(-left_kwh, 0.0),
        unserved_kwh=np.maximum(left_kwh, 0.0),
    )
    trades = joined(sharing.stages)
    return Dealt(sharing.terms, no_orders(), trades, battery_kwh, after, flows)
