"""Energy and money are conserved in any community, recomputed from the recorded tables alone."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.config import BatteryConfig, GridConfig, StrategyConfig, StrategyName
from agents.deciding import STRATEGIES
from agents.fleet import fleet_of, initial_state
from forecasting.config import ForecastConfig
from market.config import MarketConfig
from market.ledger import verify
from market.matching import MECHANISMS
from model.community import Community
from model.results import Results
from model.setup import Setup
from profiles.checking import checked
from profiles.grid_capacity import GridCapacity
from profiles.profiles import Profiles
from profiles.tariffs import catalogue
from profiles.tariffs.config import TariffConfig

HISTORY_DAYS = 15
STEPS_COUNT = 12
FEEDERS_COUNT = 3


def random_profiles(rng: np.random.Generator, homes_count: int, step_minutes: int) -> Profiles:
    """Draw homes of very different size, some with far more PV or load than a connection takes."""
    per_day = 24 * 60 // step_minutes
    shape = (HISTORY_DAYS * per_day + STEPS_COUNT, homes_count)
    size = rng.choice([0.0, 0.3, 3.0, 12.0], homes_count)
    panels = rng.choice([0.0, 1.0, 8.0], homes_count)
    return checked(
        Profiles(
            home_ids=np.sort(rng.choice(1000, homes_count, replace=False)),
            start_utc=np.datetime64("2026-06-01T07:00:00", "s"),
            step_minutes=step_minutes,
            zone="America/Los_Angeles",
            load_kwh=rng.gamma(1.0, 1.0, shape) * size,
            pv_kwh=rng.gamma(1.0, 1.0, shape) * panels * (rng.random((shape[0], 1)) < 0.5),
            appliances_kwh={},
            weather={},
        ),
        "random homes",
    )


def random_capacity(seed: int, size_kw: float | None) -> GridCapacity | None:
    """Draw caps of up to twice a size, each step and direction another."""
    if size_kw is None:
        return None
    return GridCapacity(*np.random.default_rng([seed, 1]).uniform(0, 2 * size_kw, (2, STEPS_COUNT)))


def lived(
    seed: int,
    strategy: StrategyName,
    rules: MarketConfig,
    export: float,
    size_kw: float | None = None,
    outage: range = range(0),
) -> Results:
    """Live a few steps of a random community, with caps of that size if it has one."""
    rng = np.random.default_rng(seed)
    step_minutes = int(rng.choice([15, 30, 60]))
    profiles = random_profiles(rng, int(rng.integers(1, 8)), step_minutes)
    into, out = rng.uniform(0.7, 1.0, 2)
    battery = BatteryConfig(
        kind="individual" if rng.random() < 0.9 else "none",
        capacity_kwh=float(rng.uniform(0.5, 30.0)),
        soc_initial_fraction=float(rng.uniform(0.1, 0.8)),
        reserve_fraction=0.5 if outage else 0.0,
        charge_efficiency_fraction=float(into),
        discharge_efficiency_fraction=float(out),
    )
    feeder = np.arange(profiles.homes_count) % FEEDERS_COUNT
    fleet = fleet_of(profiles.home_ids, battery, GridConfig(), step_minutes / 60.0, feeder)
    community = Community(
        Setup(
            profiles=profiles,
            first_step=HISTORY_DAYS * profiles.steps_per_day,
            steps_count=STEPS_COUNT,
            fleet=fleet,
            state=initial_state(fleet, battery),
            strategy=StrategyConfig(name=strategy),
            forecast=ForecastConfig(),
            rules=rules,
            tariff=catalogue.load(TariffConfig(export_cents_per_kwh=export)),
            seed=seed,
            genesis=bytes(32),
            capacity=random_capacity(seed, size_kw),
            outage=outage,
        )
    )
    while not community.finished:
        community.step()
    return community.results()


RULES = st.builds(
    MarketConfig,
    mechanism=st.sampled_from(sorted(set(MECHANISMS) - {"none"})),
    price_signal=st.sampled_from(["marginal", "supply_demand"]),
    loss_fraction=st.sampled_from([0.0, 0.05, 0.4]),
    price_min_cents_per_kwh=st.sampled_from([0.0, 10.0, 36.0]),
    order_max_kwh=st.sampled_from([None, 0.5, 2.0]),
    sold_per_day_max_kwh=st.sampled_from([None, 3.0]),
    margin_fraction=st.sampled_from([0.0, 0.05]),
    fee_cents_per_kwh=st.sampled_from([0.0, 2.5]),
    fixed_cost_cents=st.sampled_from([0.0, 1.0]),
    trade_min_kwh=st.sampled_from([0.0, 0.1]),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 2**32),
    strategy=st.sampled_from(list(STRATEGIES)),
    rules=RULES,
    export=st.sampled_from([5.0, -8.0, 0.0, 45.0]),
    size_kw=st.sampled_from([None, 0.0, 5.0, 30.0]),
    outage=st.sampled_from([range(0), range(2, 9)]),
)
def test_energy_and_money_are_conserved_at_every_step(
    seed: int, strategy: StrategyName, rules: MarketConfig, export: float, size_kw: float | None,
    outage: range,
) -> None:  # fmt: skip
    results = lived(seed, strategy, rules, export, size_kw, outage)
    s = results.steps
    sources = s["pv_kwh"] - s["curtailed_kwh"] + s["import_kwh"] + s["p2p_in_kwh"]
    sources = sources + s["discharge_kwh"] + s["unserved_kwh"]
    sinks = s["load_kwh"] + s["export_kwh"] + s["p2p_out_kwh"] + s["charge_kwh"]
    np.testing.assert_allclose(sources, sinks, rtol=0, atol=1e-9)
    for name, column in s.items():
        if name.endswith("_kwh"):
            assert (column >= 0.0).all(), name
    trades = results.trades
    sums = s["p2p_in_kwh"].sum(), s["p2p_out_kwh"].sum()
    traded = trades["delivered_kwh"].sum(), trades["injected_kwh"].sum()
    np.testing.assert_allclose(sums, traded, rtol=0, atol=1e-9)
    ends = [np.searchsorted(results.home_ids, trades[end]) for end in ("seller_id", "buyer_id")]
    afar = np.not_equal(*(rows % FEEDERS_COUNT for rows in ends)) & (rules.mechanism == "regional")
    keeps = (1 - rules.loss_fraction) * np.where(afar, 1 - rules.regional.between_loss_fraction, 1)
    arriving = keeps * trades["injected_kwh"]
    np.testing.assert_allclose(trades["delivered_kwh"], arriving, rtol=0, atol=1e-9)

    grid = s["import_cost_microcents"].sum() - s["export_credit_microcents"].sum()
    grid += s["fixed_charge_microcents"].sum() - s["baseline_credit_microcents"].sum()
    assert results.cash_microcents.sum() + grid + s["fee_microcents"].sum() == 0
    assert s["p2p_paid_microcents"].sum() == s["p2p_received_microcents"].sum()
    assert verify(results.ledger, results.ledger_head).ok


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 2**32),
    strategy=st.sampled_from(["grid_only", "self_use", "time_of_use", "plan_alone", "market"]),
    rules=RULES,
    export=st.sampled_from([5.0, -8.0, 0.0, 45.0]),
    size_kw=st.sampled_from([0.0, 2.0, 8.0, 30.0, 80.0]),
)
def test_no_cap_is_ever_exceeded(
    seed: int, strategy: StrategyName, rules: MarketConfig, export: float, size_kw: float
) -> None:
    results = lived(seed, strategy, rules, export, size_kw)
    s, caps = results.steps, random_capacity(seed, size_kw)
    assert caps is not None
    for name, most_kw in (
        ("import_kwh", caps.import_capacity_kw),
        ("export_kwh", caps.export_capacity_kw),
    ):
        over_kwh = s[name].sum(axis=1) - most_kw * results.step_minutes / 60
        assert over_kwh.max() <= 1e-9 * results.homes_count, name
    assert (s["unserved_kwh"] <= s["load_kwh"] + 1e-9).all()
    assert (s["curtailed_kwh"] <= s["pv_kwh"] + 1e-9).all()
    # Who is cut off may not buy and sell at once, and no trade is dearer than scarcity allows.
    assert not ((s["p2p_in_kwh"] > 1e-9) & (s["p2p_out_kwh"] > 1e-9)).any()
    price = results.trades["price_cents_per_kwh"]
    assert (price <= max(rules.price_max_cents_per_kwh, 51.0) + 1e-9).all()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), rules=RULES)
def test_trades_keep_the_rules(seed: int, rules: MarketConfig) -> None:
    results = lived(seed, "market", rules, 5.0)
    s, trades = results.steps, results.trades
    if rules.order_max_kwh is not None:
        assert s["p2p_in_kwh"].max() <= rules.order_max_kwh + 1e-9
        assert s["p2p_out_kwh"].max() <= rules.order_max_kwh + 1e-9
    if rules.sold_per_day_max_kwh is not None:  # the steps lie within one local day
        assert s["p2p_out_kwh"].sum(axis=0).max() <= rules.sold_per_day_max_kwh + 1e-9
    assert not ((s["p2p_in_kwh"] > 1e-9) & (s["p2p_out_kwh"] > 1e-9)).any()
    if trades["step"].size:
        tariff = results.prices["tariff_cents_per_kwh"][trades["step"]]
        price = trades["price_cents_per_kwh"]
        assert (price + rules.fee_cents_per_kwh <= tariff + 1e-9).all()
        assert (price >= rules.price_min_cents_per_kwh - 1e-9).all()
        assert trades["delivered_kwh"].min() >= rules.trade_min_kwh


def test_the_random_homes_reach_every_corner() -> None:
    # Curtailment, unserved load and trade all occur, or the laws above would be empty words.
    runs = [lived(seed, "market", MarketConfig(), 5.0) for seed in range(12)]
    for name in ("curtailed_kwh", "unserved_kwh", "p2p_in_kwh", "charge_kwh", "discharge_kwh"):
        assert sum(run.steps[name].sum() for run in runs) > 0.0, name
    assert max(run.energy_residual_kwh_max for run in runs) == pytest.approx(0.0, abs=1e-9)
