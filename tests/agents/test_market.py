"""Planning with the community's prices."""

from collections.abc import Callable

import numpy as np

from agents.decisions import Situation, planned
from agents.fleet import Fleet
from agents.prices import Prices
from agents.strategies import market, plan_alone
from forecasting.forecast import Samples
from model import metrics
from model.community import Community, Setup
from profiles.profiles import Profiles


def test_energy_is_worth_what_the_community_pays_for_it(
    fleet: Callable[..., Fleet], situation: Callable[..., Situation]
) -> None:
    # Homes need nothing, but neighbours pay 40 in a step that the grid pays 5 for.
    future = Samples(np.zeros((1, 1, 2)), np.zeros((1, 1, 2)))
    signal = Prices(
        np.array([30.0, 42.0]), np.array([28.0, 40.0]), np.full(2, 42.0), np.full(2, 5.0)
    )
    homes = situation(fleet(1, power_kw_max=2.0), [0.0], [0.0], [0.0], signal, future)
    decided = market.decide(homes)
    # 1 kWh AC may be sold in that step; the end is worth 42 e_d, which is more. So the first
    # room is worth what may be bought for it later, 42 / e_c, and no less than 42 e_d.
    assert decided.curves.value_cents_per_kwh.tolist() == (
        planned(homes).curves.value_cents_per_kwh.tolist()
    )
    alone = plan_alone.decide(homes).curves
    assert alone.value_cents_per_kwh.tolist() != decided.curves.value_cents_per_kwh.tolist()


def test_trading_costs_the_community_less_than_planning_alone(
    three_homes: Profiles,
    setup_of: Callable[..., Setup],
    lived: Callable[[Setup], Community],
) -> None:
    arms = {
        strategy: lived(setup_of(three_homes, strategy, days=3, market={"mechanism": mechanism}))
        for strategy, mechanism in (("plan_alone", "none"), ("market", "call_auction"))
    }
    cost = {name: metrics.home_costs_usd(arm.results()) for name, arm in arms.items()}
    assert cost["market"].sum() < cost["plan_alone"].sum()
    assert (cost["market"] <= cost["plan_alone"] + 0.03).all()  # a cent a day at most
    assert arms["market"].results().trades["step"].size > 0
