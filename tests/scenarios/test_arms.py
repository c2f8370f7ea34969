"""Which arms there are, and which are refused."""

import pytest

from agents.config import StrategyConfig, StrategyName
from market.config import MarketConfig
from profiles.errors import InputError
from scenarios.arms import ARMS, BOUNDS, chosen, chosen_bounds, own
from scenarios.schema import Scenario

NO_MARKET = Scenario(market=MarketConfig(mechanism="none"))


def test_the_plainest_arm_comes_first() -> None:
    assert list(ARMS) == [
        "gross", "grid_only", "self_use", "time_of_use", "plan_alone", "market", "unlimited",
        "market_perfect", "score_rule", "score_rule_corrected",
    ]  # fmt: skip
    assert [arm.name for arm in chosen(None, Scenario())] == list(ARMS)


def test_the_arms_from_the_market_on_trade() -> None:
    assert [arm.name for arm in ARMS.values() if arm.trades] == list(ARMS)[5:]


def test_the_score_rules_post_a_price_of_supply_and_demand_whatever_the_scenario_says() -> None:
    for name in ("score_rule", "score_rule_corrected"):
        arm = ARMS[name]
        assert (arm.mechanism, arm.price_signal) == ("posted_price", "supply_demand")
        assert arm.forecaster is None
    assert ARMS["market_perfect"].forecaster == "perfect"


def test_only_unlimited_is_lived_under_an_override() -> None:
    overridden = {arm.name: arm.override for arm in ARMS.values() if arm.override}
    assert overridden == {"unlimited": "unlimited"}


def test_an_arm_whose_override_changes_nothing_is_left_out_unless_it_is_named() -> None:
    free = Scenario().overridden("unlimited")
    assert [arm.name for arm in chosen(None, free)] == [n for n in ARMS if n != "unlimited"]
    assert [arm.name for arm in chosen(["unlimited"], free)] == ["unlimited"]
    assert own(free).name == "market"


def test_only_gross_is_without_panels_and_batteries() -> None:
    assert [arm.name for arm in ARMS.values() if not arm.equipped] == ["gross"]


def test_arms_stand_in_the_order_of_the_table_however_they_are_named() -> None:
    assert [arm.name for arm in chosen(["market", "grid_only"], Scenario())] == [
        "grid_only",
        "market",
    ]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (
            ["moon"],
            f"arms: must be among {', '.join([*ARMS, *BOUNDS])} (got 'moon')",
        ),
        ([""], "must be among"),
        (["market", "market"], "arms: each may be named once (got 'market' twice)"),
        ([], "arms: must name at least 1 arm (got 0)"),
    ],
)
def test_other_names_are_refused(names: list[str], message: str) -> None:
    with pytest.raises(InputError) as refusal:
        chosen(names, Scenario())
    assert message in str(refusal.value)


def test_bounds_are_solved_beside_the_arms_that_are_lived() -> None:
    assert list(BOUNDS) == ["own_bound", "bound"]
    assert [arm.trades for arm in BOUNDS.values()] == [False, True]
    assert chosen_bounds(None) == tuple(BOUNDS.values())
    assert [arm.name for arm in chosen_bounds(["bound", "market", "own_bound"])] == list(BOUNDS)
    assert [arm.name for arm in chosen(["bound", "market"], Scenario())] == ["market"]
    assert chosen_bounds(["market"]) == ()


def test_bounds_alone_are_shown_beside_the_baseline() -> None:
    assert [arm.name for arm in chosen(["bound"], Scenario())] == ["grid_only"]


def test_a_bound_with_trade_is_refused_where_nobody_may_trade() -> None:
    with pytest.raises(InputError, match=r"in the arm bound \(got 'none'"):
        chosen(["grid_only", "bound"], NO_MARKET)
    assert len(chosen(["grid_only", "own_bound"], NO_MARKET)) == 1


@pytest.mark.parametrize("name", [arm.name for arm in ARMS.values() if arm.trades])
def test_arms_that_trade_are_refused_where_nobody_may(name: str) -> None:
    with pytest.raises(InputError, match=rf"homes trade in the arm {name} \(got 'none'"):
        chosen([name], NO_MARKET)


def test_the_market_is_refused_where_nobody_may_trade() -> None:
    with pytest.raises(InputError, match=r"^market\.mechanism: must let homes trade.*'none'"):
        chosen(None, NO_MARKET)
    assert len(chosen(["grid_only", "plan_alone"], NO_MARKET)) == 2


@pytest.mark.parametrize(
    ("strategy", "mechanism", "name"),
    [
        ("market", "call_auction", "market"),
        ("plan_alone", "none", "plan_alone"),
        ("grid_only", "none", "grid_only"),
        ("self_use", "call_auction", "self_use_trading"),
        ("time_of_use", "none", "time_of_use"),
        ("time_of_use", "call_auction", "time_of_use_trading"),
        ("market", "none", "market_without_trade"),
        ("market", "regional", "market"),
        ("score_rule", "call_auction", "score_rule_trading"),
        ("score_rule_corrected", "none", "score_rule_corrected_without_trade"),
    ],
)
def test_a_scenario_names_its_own_arm(strategy: StrategyName, mechanism: str, name: str) -> None:
    scenario = Scenario(
        strategy=StrategyConfig(name=strategy),
        market=MarketConfig.model_validate({"mechanism": mechanism}),
    )
    arm = own(scenario)
    assert (arm.name, arm.strategy, arm.trades) == (name, strategy, mechanism != "none")
    assert arm.equipped


def test_the_rule_as_an_arm_lives_it_is_that_arm() -> None:
    own_market = MarketConfig(mechanism="posted_price", price_signal="supply_demand")
    scenario = Scenario(strategy=StrategyConfig(name="score_rule"), market=own_market)
    assert own(scenario) == ARMS["score_rule"]
    other_signal = MarketConfig(mechanism="posted_price")
    scenario = scenario.model_copy(update={"market": other_signal})
    assert own(scenario).name == "score_rule_trading"
    assert own(scenario).price_signal is None
