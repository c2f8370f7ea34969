"""A battery to plan for, what steps cost by trying, a step with decisions, a community's run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from types import ModuleType

import mesa
import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from agents import curves, planning
from agents.community_lp import CommunityProblem
from agents.curves import Curves
from agents.dealing import Dealing
from agents.decisions import Decisions, Situation
from agents.fleet import Fleet
from agents.planning import CHARGE, DISCHARGE, EXPORT, IMPORT, POWER, RANGE
from agents.scheduler import MarketScheduler
from market.config import MarketConfig
from market.ledger import Ledger
from market.standing import standing

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """One battery to plan for."""

    load: Floats  # (H,)
    pv: Floats  # (H,)
    prices: Floats  # (H, 2)
    limits: tuple[float, ...]
    held: float
    terminal: float
    kernels: ModuleType = planning

    def plan(self) -> Floats:
        """Plan battery energies (H,)."""
        battery, _, _ = self.kernels.plan(
            self.load[None],
            self.pv[None],
            self.prices,
            np.array([self.limits]),
            np.array([self.held]),
            np.array([self.terminal]),
        )
        return battery[0]

    def segments(self) -> tuple[Floats, Floats]:
        """Value energy held at the start; a free step 0 is put in front, as it is not read."""
        _, value, width = self.kernels.value_segments(
            np.insert(self.load, 0, 0.0)[None, None],
            np.insert(self.pv, 0, 0.0)[None, None],
            np.insert(self.prices, 0, 0.0, axis=0),
            np.array([self.limits]),
            np.array([self.terminal]),
        )
        return value, width

    def cents(self) -> float:
        """Cost of living the plan at the real prices, less what is left in the battery."""
        held, cents = self.held, 0.0
        for h, energy in enumerate(self.plan()):
            cents += planning.stage_cents(
                energy, self.load[h], self.pv[h], tuple(self.prices[h]), self.limits
            )
            held += energy * self.limits[CHARGE] if energy > 0 else energy / self.limits[DISCHARGE]
            assert -1e-9 <= held <= self.limits[RANGE] + 1e-9
            assert abs(energy) <= self.limits[POWER] + 1e-9
        return cents - self.terminal * held


def cents_by_trying(
    battery: float, load: float, pv: float, price: Floats, limits: tuple[float, ...]
) -> float:
    """Cost of a step by trying every sensible amount of curtailment; see ``stage_cents``."""
    base = load - pv + battery
    tries = [0.0, pv, -base, -limits[EXPORT] - base, limits[IMPORT] - base]
    best = np.inf
    for curtailed in tries:
        if not -1e-12 <= curtailed <= pv + 1e-12:
            continue
        flow = base + curtailed
        unserved = max(flow - limits[IMPORT], 0.0)
        if flow < -limits[EXPORT] - 1e-12 or (unserved > 1e-12 and curtailed > 1e-12):
            continue
        flow -= unserved
        cents = (price[0] if flow > 0 else price[1]) * flow
        best = min(best, cents + planning.UNSERVED_CENTS_PER_KWH * unserved)
    return float(best)


def _problem_of(
    fleet: Fleet,
    load_kwh: ArrayLike,
    pv_kwh: ArrayLike,
    buy: ArrayLike,
    sell: ArrayLike = 5.0,
    **given: object,
) -> CommunityProblem:
    """Put homes with empty batteries into steps of one day; what is left in store is worth 0."""
    load = np.array(load_kwh, dtype=np.float64)
    market = given.pop("market", None)
    nothing = np.zeros(len(load))
    known = CommunityProblem(
        fleet=fleet,
        stored_kwh=fleet.stored_kwh_min,
        stored_value_cents_per_kwh=np.zeros(fleet.homes_count),
        load_kwh=load,
        pv_kwh=np.array(pv_kwh, dtype=np.float64),
        import_cents_per_kwh=np.array(buy, dtype=np.float64),
        export_cents_per_kwh=np.broadcast_to(np.array(sell, dtype=np.float64), len(load)),
        day=np.zeros(len(load), np.int64),
        standing=standing(nothing, nothing, nothing, np.zeros(len(load), np.int64)),
        rules=None if market is None else MarketConfig.model_validate(market),
    )
    return replace(known, **given)  # type: ignore[arg-type]


def _credited(problem: CommunityProblem, **columns: ArrayLike) -> CommunityProblem:
    """Lay a credit over a problem: cents per kWh, what each step adds to the allowance, month."""
    steps_count = len(problem.load_kwh)
    terms = standing(
        np.zeros(steps_count),
        np.array(columns["cents"], dtype=np.float64),
        np.array(columns["allowance_kwh"], dtype=np.float64),
        np.array(columns["period"], dtype=np.int64),
    )
    return replace(problem, standing=terms)


@pytest.fixture(scope="session")
def case_of() -> type[Case]:
    """Give the class of cases."""
    return Case


@pytest.fixture(scope="session")
def stage_oracle() -> Callable[..., float]:
    """Give the cost of a step by trying."""
    return cents_by_trying


@pytest.fixture(scope="session")
def problem_of() -> Callable[..., CommunityProblem]:
    """Give a community: `problem_of(fleet, load, pv, buy, sell, market={...}, ...)`."""
    return _problem_of


@pytest.fixture(scope="session")
def credited() -> Callable[..., CommunityProblem]:
    """Give its imports a credit: `credited(problem, cents=..., allowance_kwh=..., period=...)`."""
    return _credited


def _dealing(
    homes: Situation,
    values: Sequence[float] | None = None,
    set_point_kwh: Sequence[float] | None = None,
    signal: float = float("nan"),
    **rules: object,
) -> Dealing:
    """Energy that is injected loses a fifth; no margin is asked, and orders have no limit."""
    fleet, count = homes.fleet, homes.fleet.homes_count
    knobs = {"loss_fraction": 0.2, "margin_fraction": 0.0, "order_max_kwh": None} | rules
    scheduler = MarketScheduler(
        mesa.Model(seed=0),
        MarketConfig.model_validate(knobs),
        fleet,
        Ledger(bytes(32), fleet.home_ids),
        np.random.default_rng(0),
        standing(np.zeros(1), np.zeros(1), np.zeros(1), np.zeros(1, np.int64)),
    )
    worth, wanted_kwh = curves.none(count), np.zeros(count)
    if values is not None:
        usable_kwh = fleet.stored_kwh_max - fleet.stored_kwh_min
        worth = Curves(np.arange(count + 1), np.array(values, np.float64), usable_kwh)
    if set_point_kwh is not None:
        wanted_kwh = np.array(set_point_kwh, np.float64)
    terms = scheduler.open(17000, (35.0, 5.0), signal)
    return Dealing(scheduler, homes, Decisions(wanted_kwh, worth), terms, signal)


@pytest.fixture(scope="session")
def dealing() -> Callable[..., Dealing]:
    """Open the market of a step, at 35 and 5 cents, for homes that have decided.

    `dealing(situation, [40, 50])` values what home 1 stores at 40 cents a kWh, empty or full, and
    what home 2 stores at 50; with `set_point_kwh` batteries follow it. Rules may be given.
    """
    return _dealing
