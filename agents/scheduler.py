"""The market scheduler as an agent: it opens, collects, clears and settles each step."""

import mesa
import numpy as np

from agents.fleet import Fleet
from agents.metering import Flows
from market import limits, matching, orders, pairing, records, settlement, standing
from market.config import MarketConfig
from market.ledger import Ledger
from market.limits import Room
from market.orders import Orders, Terms, Trades
from market.settlement import Bills
from market.standing import Standing
from profiles.arrays import Floats


class MarketScheduler(mesa.Agent):
    """Runs one market per step under the rules, and keeps the ledger."""

    def __init__(
        self,
        model: mesa.Model,
        rules: MarketConfig,
        fleet: Fleet,
        ledger: Ledger,
        rng: np.random.Generator,
        terms: Standing,
    ) -> None:
        super().__init__(model)
        self.rules = rules
        self.ledger = ledger
        self._fleet = fleet
        self._rng = rng
        self._standing = terms
        self._credited = standing.nothing_credited(fleet.homes_count)
        self._sold_today_kwh = np.zeros(fleet.homes_count)
        self._day = -1
        self._before = (self._rng.bit_generator.state, self._sold_today_kwh)

    @property
    def trades_at_all(self) -> bool:
        """Whether homes may trade with each other."""
        return self.rules.mechanism != "none"

    def quota_left_kwh(self, day: int) -> Floats:
        """Tell what each home may still sell on a day, shape (n,) [kWh]; infinite if unlimited."""
        self._renew(day)
        most = self.rules.sold_per_day_max_kwh
        return np.inf - self._sold_today_kwh if most is None else most - self._sold_today_kwh

    def _renew(self, day: int) -> None:
        if day != self._day:
            self._day = day
            self._sold_today_kwh = np.zeros(self._fleet.homes_count)

    @property
    def trades_at_a_posted_price(self) -> bool:
        """Whether the coordinator must post the price of the step."""
        return self.rules.mechanism in matching.POSTED

    def open(self, day: int, grid: tuple[float, float], signal_cents_per_kwh: float) -> Terms:
        """Open the market of a step; a new local day lifts what was sold the day before.

        Parameters
        ----------
        day : int
            Day of the local calendar.
        grid : tuple of float
            Tariff and export price of the step [cents/kWh].
        signal_cents_per_kwh : float
            The coordinator's price of the step [cents per delivered kWh], nan if it gave none.
        """
        self._renew(day)
        by_feeder = self.rules.mechanism in matching.BY_FEEDER
        feeder = self._fleet.feeder if by_feeder else None
        return orders.terms(self.rules, *grid, signal_cents_per_kwh, feeder)

    def clear(
        self, handed_in: Orders, terms: Terms, sold_kwh_max: Floats | float = np.inf
    ) -> Trades:
        """Apply the rules to what was handed in, and match.

        Parameters
        ----------
        handed_in : Orders
            What homes want.
        terms : Terms
            Prices of the step.
        sold_kwh_max : ndarray, shape (n,), optional
            Most that each home may inject in this clearing [kWh], besides what the rules say.
        """
        self._before = (self._rng.bit_generator.state, self._sold_today_kwh)
        sell_kwh_max = np.minimum(self._fleet.export_kwh_max, sold_kwh_max)
        room = Room(self._fleet.import_kwh_max, sell_kwh_max, self._sold_today_kwh)
        allowed = limits.apply(handed_in, self.rules, terms, room)
        smallest_kwh = limits.trade_min_kwh(self.rules, terms)
        trades = matching.match(self.rules.mechanism, allowed, terms, self._rng, smallest_kwh)
        self._sold_today_kwh = self._sold_today_kwh + trades.sold_kwh(self._fleet.homes_count)
        return trades

    def take_back(self) -> None:
        """Undo the last clearing: nothing was sold, and what was drawn will be drawn again."""
        self._rng.bit_generator.state, self._sold_today_kwh = self._before

    def share(
        self, bought_kwh: Floats, sold_kwh: Floats, loss_fraction: float, price: float
    ) -> Trades:
        """Write down who gives to whom where it is not the market that decides.

        Parameters
        ----------
        bought_kwh, sold_kwh : ndarray, shape (n,)
            Delivered to and injected by each home [kWh], in balance after the loss.
        loss_fraction : float
            Share of the injected energy that is lost [1].
        price : float
            What is paid [cents per delivered kWh].
        """
        return pairing.pair(bought_kwh, sold_kwh, loss_fraction, price, self._rng)

    def settle(self, index: int, trades: Trades, flows: Flows, terms: Terms) -> Bills:
        """Turn trades and meter readings of a step into money; steps come in order, each once."""
        due, self._credited = standing.fall_due(
            self._standing, index, self._credited, flows.import_kwh
        )
        return settlement.settle(
            trades,
            flows.import_kwh,
            flows.export_kwh,
            (terms.tariff_cents_per_kwh, terms.export_cents_per_kwh),
            self.rules.fee_cents_per_kwh,
            due,
        )

    def post(
        self, interval: tuple[int, int, int], trades: Trades, flows: Flows, bills: Bills
    ) -> None:
        """Write the step into the ledger; ``interval`` is its index, start and length [s]."""
        written = records.postings(
            trades, bills, flows.import_kwh, flows.export_kwh, self._fleet.home_ids
        )
        self.ledger.post(*interval, written)
