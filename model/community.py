"""The community: one step tells the whole story, from forecast to ledger."""

from dataclasses import replace
from typing import TYPE_CHECKING

import mesa
import numpy as np

from agents import capacity, island, pricing, scoring
from agents.coordinator import Coordinator
from agents.dealing import Dealing, Dealt
from agents.deciding import STRATEGIES
from agents.decisions import Decisions, Situation
from agents.guard import Guard
from agents.household import Household
from agents.memory import Memory
from agents.near import near
from agents.pricing import Outlook
from agents.rehearsal import Rehearsal
from agents.scheduler import MarketScheduler
from forecasting import predictors
from forecasting.federated.rounds import Round
from forecasting.forecast import Forecast, Predictor, Samples
from market.ledger import Ledger
from market.orders import Terms, no_trades
from market.settlement import settle
from model import checks, learning
from model.clock import clock_of, standing_of, stored_value_cents_per_kwh
from model.foresight import Foresight
from model.recorder import Recorder, fallback_kwh
from model.results import Results, Tape
from model.rounds import rounds_of
from model.setup import Setup
from model.tape import Held
from profiles.profiles import Profiles

if TYPE_CHECKING:  # torch takes seconds to import, and most runs learn nothing
    from forecasting.federated.learners import Learners


class Community(mesa.Model):
    """Homes, a coordinator and a market scheduler, living through ``setup.steps_count`` steps.

    What they do goes to the ``tape`` as they live; it is held in memory if there is none.
    """

    def __init__(self, setup: Setup, tape: Tape | None = None) -> None:
        super().__init__(seed=setup.seed)
        self.setup, self.strategy = setup, STRATEGIES[setup.strategy.name]
        tape = tape or Held()
        self.horizon_steps = setup.forecast.horizon_steps(setup.profiles.step_minutes)
        self.clock = clock_of(
            setup.profiles,
            (setup.first_step, setup.steps_count),
            self.horizon_steps,
            setup.tariff,
            setup.capacity,
        )
        self.fleet, self.state = setup.fleet, setup.state
        filled, end = setup.profiles.filled, setup.first_step + setup.steps_count
        self.recorder = Recorder(
            setup.fleet.home_ids,
            setup.steps_count,
            tape,
            None if filled is None else filled[setup.first_step : end],
        )
        self.index = 0  # of the next step; Mesa's own counter is ahead by one inside step()
        self.energy_residual_kwh_max, self.money_sum_microcents = 0.0, 0
        # One seed, spawned by purpose: who is paired with whom draws from a stream of its own.
        pairing, panel = np.random.SeedSequence(setup.seed).spawn(2)
        self.coordinator = Coordinator(self, setup.rules)
        rng, day = np.random.default_rng(panel), setup.profiles.steps_per_day
        self.rehearsal = Rehearsal(setup.rules, rng, setup.fleet.homes_count, day)
        self.scheduler = MarketScheduler(
            self,
            setup.rules,
            setup.fleet,
            Ledger(setup.genesis, setup.fleet.home_ids, tape.ledger),
            np.random.default_rng(pairing),
            standing_of(self.clock),
        )
        ids = enumerate(setup.fleet.home_ids.tolist())
        self.households = [Household(self, row, home_id) for row, home_id in ids]
        self.seen: Profiles  # what has been metered, the step being lived included
        known = setup.fleet.on_grid(setup.state.stored_kwh)
        knobs = setup.forecast, setup.strategy, setup.rules
        predictor, self.learners = self._forecaster()
        self.foresight = Foresight(setup.profiles, known, self.clock, knobs, predictor)
        guarded = self._signals and self.strategy.listens and self.strategy.plans
        days = setup.strategy.guard_days if guarded else 0
        self.guard = Guard(setup.fleet, setup.state, days) if days else None
        self.rounds: list[Round] = []  # in which homes trained the network that they share
        self.forecast: Forecast | None = None
        self.signal_cents_per_kwh = float("nan")  # of this step, where homes listen
        self.situation: Situation
        nothing_kwh = np.zeros(setup.fleet.homes_count)
        self.bills = settle(no_trades(), nothing_kwh, nothing_kwh, (0.0, 0.0), 0.0)

    @property
    def finished(self) -> bool:
        """Whether every step has been lived."""
        return self.index >= self.setup.steps_count

    def prepare(self) -> None:
        """Work out what the next step asks of the past, lest the first take longer."""
        if self.strategy.plans and not self.finished:
            now = self.clock.first_step + self.index
            self.foresight.prepare(self.setup.profiles.until(now - 1))

    def step(self) -> None:
        """Live one step: what each line hands over is told in ``docs/data-flow.md``."""
        if self.finished:
            raise RuntimeError(f"the run is over after {self.index} steps")
        seen = self.seen = self.setup.profiles.until(self.clock.first_step + self.index)
        grid = self.clock.grid(self.index)
        load_kwh, pv_kwh = seen.load_kwh[-1], seen.pv_kwh[-1]
        self.forecast, futures = self._look_ahead(seen)
        self.situation = Situation(
            self.fleet.on_grid(self.state.stored_kwh),
            self.state,
            load_kwh,
            pv_kwh,
            *self.clock.period(self.index),
            prices=self.clock.prices(self.index, self.horizon_steps),
            near=near(seen, self.forecast, self.clock.tariff(self.index, self.horizon_steps)),
            samples=futures,
            memory=self._remember(),
        )
        self.situation = self._hear_prices(self.situation, seen)
        decisions = self.strategy.decide(self.situation)
        self.foresight.learn(self.index, decisions.benefit_cents)
        day = int(self.clock.day[self.index])
        guard = None if self.index in self.setup.outage else self.guard
        if guard is not None:
            decisions = guard.applied(self.situation, decisions, grid, day)
        self.recorder.rating(self.index, scoring.rate(self.situation))
        terms = self.scheduler.open(day, grid, self.signal_cents_per_kwh)
        dealt, scarcity = self._deal(decisions, terms)
        trades, flows, after = dealt.trades, dealt.flows, dealt.after
        self.bills = self.scheduler.settle(self.index, trades, flows, terms)
        if guard is not None:
            guard.settle(self.bills.energy_microcents)
        owned = self.scheduler.ledger.homes_microcents
        self.scheduler.post(self.clock.interval(self.index), trades, flows, self.bills)
        left_kwh = fallback_kwh(dealt.orders, flows)
        self.recorder.step(self.index, flows, self.bills, after, left_kwh)
        self.recorder.market(self.index, grid, self.signal_cents_per_kwh, trades, scarcity)
        self.recorder.trade(self.index, trades, self.bills)

        residual_kwh = checks.energy(self.situation.fleet, self.state, after, flows, trades, terms)
        balances = owned, self.scheduler.ledger.homes_microcents
        self.money_sum_microcents += checks.money(self.fleet, self.bills, balances)
        self.energy_residual_kwh_max = max(self.energy_residual_kwh_max, residual_kwh)
        self.state = after
        self.index += 1
        self.running = not self.finished
        if self.learners is not None and self.index % self.setup.federated.round_steps == 0:
            led = self.index - 1, self.coordinator, self.households
            self.rounds.append(learning.train_round(self.learners, *led))

    def _forecaster(self) -> "tuple[Predictor, Learners | None]":
        """Make the forecaster, and put together who trains it where somebody does."""
        setup = self.setup
        made = setup.forecast.name, setup.profiles, setup.forecast
        predictor = setup.predictor or predictors.make(*made)
        own = setup.federated, setup.fleet.home_ids, setup.seed, setup.first_step
        learners = learning.learners_of(predictor, *own) if self._looks_ahead else None
        if learners is None:
            return predictor, None
        learning.seat(learners, self.coordinator, self.households)
        return learners.forecaster, learners

    def _look_ahead(self, seen: Profiles) -> tuple[Forecast | None, Samples | None]:
        """Forecast if somebody asks for it, and draw futures if the strategy plans."""
        if not self._looks_ahead:
            return None, None
        forecast = self.foresight.forecast(seen)
        load_kwh, pv_kwh = forecast.load_kwh.sum(axis=0), forecast.pv_kwh.sum(axis=0)
        self.recorder.forecast(
            self.index, load_kwh, pv_kwh, day_begins=self.clock.day_begins(self.index)
        )
        if not self.strategy.plans:
            return forecast, None
        return forecast, self.foresight.futures(seen, forecast)

    def _remember(self) -> Memory | None:
        """Recall what homes that plan know, besides what they see."""
        if not self.strategy.plans:
            return None
        quota = self.rehearsal.quota(int(self.clock.day[self.index]))
        return self.foresight.memory(self.index, quota)

    @property
    def _looks_ahead(self) -> bool:
        """Whether anybody asks for forecasts."""
        return self.strategy.plans or self._signals

    @property
    def _signals(self) -> bool:
        """Whether the coordinator is asked for prices: by homes that plan, or by the market.

        Without anybody to trade with they mean nothing.
        """
        asked = self.strategy.listens or self.scheduler.trades_at_a_posted_price
        return asked and self.fleet.homes_count > 1 and self.scheduler.trades_at_all

    def _hear_prices(self, situation: Situation, seen: Profiles) -> Situation:
        """Let the coordinator set its prices, and tell homes what to reckon with."""
        self.signal_cents_per_kwh = float("nan")
        if self.forecast is None or not self._signals:
            return situation
        rules, grid = self.setup.rules, situation.prices
        price = self.coordinator.set_prices(
            Outlook(
                load_kwh=self.forecast.load_kwh.sum(axis=0),
                pv_kwh=self.forecast.pv_kwh.sum(axis=0),
                minute=self.clock.minutes(self.index, self.horizon_steps),
                storage=pricing.storage_of(situation.fleet, self.state),
                grid=grid,
            )
        )[None]
        if rules.price_signal == "rehearsed" and situation.samples and situation.memory:
            quota_kwh = self.scheduler.quota_left_kwh(int(self.clock.day[self.index]))
            ahead_kwh = self.clock.capacity(self.index, self.horizon_steps)
            situation, price = self.rehearsal.play(
                situation, price[0], quota_kwh, None if ahead_kwh is None else ahead_kwh[0]
            )
        weights = np.ones(1) if situation.samples is None else situation.samples.weights
        mean = weights @ price if price.shape[0] > 1 else price[0]
        self.signal_cents_per_kwh = float(mean[0])
        ahead = near(seen, self.forecast, mean)
        if not self.strategy.listens:
            return replace(situation, near=ahead)
        trust_fraction = self.setup.strategy.signal_trust_fraction
        heard_prices = pricing.reckoned(price, grid, rules, trust_fraction)
        return replace(situation, near=ahead, prices=heard_prices)

    def _deal(self, decisions: Decisions, terms: Terms) -> tuple[Dealt, float]:
        """Let homes trade and use their batteries within what the grid can do.

        Returns the outcome, and what an import was made to cost where the grid could bring no
        more, else nan [cents/kWh].
        """
        if self.index in self.setup.outage:
            return self._share(terms), float("nan")
        signal = self.signal_cents_per_kwh
        dealing = Dealing(self.scheduler, self.situation, decisions, terms, signal)
        dealt = dealing.deal(terms)
        ahead = self.clock.capacity(self.index, 1)
        if ahead is None:
            return dealt, float("nan")
        most_kwh = float(ahead[0][0]), float(ahead[1][0])
        dealt, scarcity = capacity.kept(dealing, dealt, most_kwh, idle=self.strategy.idle)
        checks.capacity(dealt.flows, most_kwh)
        return dealt, scarcity

    def _share(self, terms: Terms) -> Dealt:
        """Live on what homes have among them, down to their reserves, whatever they decided."""
        self.situation = replace(self.situation, fleet=self.fleet)
        dealt = island.lived(self.scheduler, self.situation, terms, idle=self.strategy.idle)
        checks.capacity(dealt.flows, (0.0, 0.0))
        if self.guard is not None:
            self.guard.live_through(self.situation, dealt.after)
        return dealt

    def leave(self) -> None:
        """Let go of the model, which Mesa would otherwise keep alive for good."""
        mesa.Agent._ids.pop(self, None)  # noqa: SLF001, Mesa offers no other way

    def results(self) -> Results:
        """Hand over what was measured; meant to be called once the run is finished."""
        self.recorder.finish()
        fleet, setup = self.fleet, self.setup
        start = setup.profiles.start_utc + np.timedelta64(
            setup.first_step * setup.profiles.step_minutes, "m"
        )
        carbon_kg_per_kwh = setup.carbon_kg_per_kwh
        if carbon_kg_per_kwh is None:
            carbon_kg_per_kwh = np.full(setup.steps_count, np.nan)
        return Results(
            home_ids=fleet.home_ids,
            start_utc=start,
            step_minutes=setup.profiles.step_minutes,
            zone=setup.profiles.zone,
            tape=self.recorder.tape,
            totals=self.recorder.totals,
            prices=self.recorder.prices | {"carbon_kg_per_kwh": carbon_kg_per_kwh},
            rounds=rounds_of(self.rounds),
            peak=self.clock.grid_prices.peak[: setup.steps_count],
            stored_kwh_initial=setup.state.stored_kwh,
            stored_value_cents_per_kwh=stored_value_cents_per_kwh(self.clock, setup.tariff, fleet),
            capacity_kwh=fleet.capacity_kwh,
            health_fraction=self.state.health_fraction(fleet),
            cycles=self.state.cycles(fleet),
            charge_efficiency_fraction=fleet.charge_efficiency_fraction,
            energy_residual_kwh_max=self.energy_residual_kwh_max,
            money_sum_microcents=self.money_sum_microcents,
            ledger_head=self.scheduler.ledger.head_hash,
            outage=setup.outage,
        )
