"""What a step comes to once homes have decided, under whatever prices the grid asks and pays.

n homes.
"""

from dataclasses import dataclass

import numpy as np

from agents import battery, bidding
from agents.decisions import Decisions, Situation, best_batteries
from agents.fleet import FleetState
from agents.metering import Flows, meter
from agents.scheduler import MarketScheduler
from market import orders
from market.orders import SLIVER_KWH, Orders, Terms, Trades, no_orders
from profiles.arrays import Floats


@dataclass(frozen=True, slots=True)
class Dealt:
    """The outcome of one step under some terms."""

    terms: Terms
    orders: Orders
    trades: Trades
    battery_kwh: Floats  # (n,) AC, positive charges
    after: FleetState
    flows: Flows


@dataclass(frozen=True, slots=True)
class Part:
    """Part of the way from one outcome to another.

    At some price batteries change their mind all at once. Where that is more than is wanted, every
    home goes the same share of its way: in what it sells, and in what its battery does.
    """

    start: Dealt
    end: Dealt
    share_fraction: float

    @property
    def sold_kwh_max(self) -> Floats:
        """Most that each home may sell, (n,) [kWh]; only what the change adds is held back."""
        count = self.start.battery_kwh.size
        before, after = (dealt.trades.sold_kwh(count) for dealt in (self.start, self.end))
        part = before + self.share_fraction * (after - before)
        return np.where(after - before > SLIVER_KWH, part, np.inf)


@dataclass(frozen=True, slots=True)
class Dealing:
    """A step whose decisions are made and whose market is open."""

    scheduler: MarketScheduler
    situation: Situation
    decisions: Decisions
    terms: Terms  # the grid's own prices
    signal_cents_per_kwh: float

    def terms_at(self, tariff_cents_per_kwh: float, export_cents_per_kwh: float) -> Terms:
        """Set terms as if the grid's prices were these.

        A price that is posted moves with them: by as much as either is away from the grid's own.
        """
        known = self.terms
        moved = tariff_cents_per_kwh - known.tariff_cents_per_kwh
        moved += export_cents_per_kwh - known.export_cents_per_kwh
        return orders.terms(
            self.scheduler.rules,
            tariff_cents_per_kwh,
            export_cents_per_kwh,
            self.signal_cents_per_kwh + moved,
            known.feeder,
        )

    def deal(self, terms: Terms, part: Part | None = None) -> Dealt:
        """Let homes trade and use their batteries; the last outcome is what the market books.

        Parameters
        ----------
        terms : Terms
            The prices that homes reckon with in this step.
        part : Part, optional
            How far homes go towards these terms from others.
        """
        situation, decisions = self.situation, self.decisions
        fleet, state = situation.fleet, situation.state
        handed_in = no_orders()
        if self.scheduler.trades_at_all:
            handed_in = bidding.quote(situation, decisions, terms)
        sold_kwh_max = np.inf if part is None else part.sold_kwh_max
        trades = self.scheduler.clear(handed_in, terms, sold_kwh_max)
        traded = trades.bought_kwh(fleet.homes_count), trades.sold_kwh(fleet.homes_count)
        grid = _grid(terms)
        wanted_kwh = best_batteries(situation, decisions, *traded, grid)
        if part is not None:
            other_kwh = best_batteries(situation, decisions, *traded, _grid(part.start.terms))
            wanted_kwh = other_kwh + part.share_fraction * (wanted_kwh - other_kwh)
        battery_kwh, after = battery.carry_out(fleet, state, wanted_kwh)
        metered = situation.load_kwh, situation.pv_kwh
        flows = meter(fleet, metered, battery_kwh, traded, grid)
        return Dealt(terms, handed_in, trades, battery_kwh, after, flows)

    def deal_again(self, terms: Terms, part: Part | None = None) -> Dealt:
        """Deal anew, as if homes had not dealt yet."""
        self.scheduler.take_back()
        return self.deal(terms, part)


def _grid(terms: Terms) -> tuple[float, float]:
    return terms.tariff_cents_per_kwh, terms.export_cents_per_kwh
