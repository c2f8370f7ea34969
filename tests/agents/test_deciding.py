"""Strategies by name."""

from typing import get_args

import pytest

from agents.config import StrategyName
from agents.deciding import STRATEGIES
from agents.strategies import grid_only, market, plan_alone, score_rule, self_use, time_of_use


def test_every_name_that_can_be_typed_has_a_strategy() -> None:
    assert tuple(STRATEGIES) == get_args(StrategyName)


def test_a_name_leads_to_its_own_module() -> None:
    decide = {name: strategy.decide for name, strategy in STRATEGIES.items()}
    assert decide == {
        "grid_only": grid_only.decide,
        "self_use": self_use.decide,
        "time_of_use": time_of_use.decide,
        "plan_alone": plan_alone.decide,
        "market": market.decide,
        "score_rule": score_rule.decide,
        "score_rule_corrected": score_rule.decide_corrected,
    }


def test_only_those_that_plan_are_told_of_the_future_and_only_traders_of_its_prices() -> None:
    assert [name for name, strategy in STRATEGIES.items() if strategy.plans] == [
        "plan_alone",
        "market",
    ]
    assert [name for name, strategy in STRATEGIES.items() if strategy.listens] == [
        "market",
        "score_rule",
        "score_rule_corrected",
    ]


def test_only_without_a_battery_in_its_plan_does_a_home_leave_it_idle_whatever_happens() -> None:
    assert [name for name, strategy in STRATEGIES.items() if strategy.idle] == ["grid_only"]


def test_nobody_can_add_a_strategy_from_outside() -> None:
    with pytest.raises(TypeError):
        STRATEGIES["other"] = STRATEGIES["market"]  # type: ignore[index]
