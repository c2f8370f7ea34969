"""Strategies by name: a new one is one file in ``strategies/`` and one line here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from agents.config import StrategyName
from agents.decisions import Decisions, Situation
from agents.strategies import grid_only, market, plan_alone, score_rule, self_use, time_of_use


@dataclass(frozen=True, slots=True)
class Strategy:
    """How homes decide, and what they must be told for it."""

    decide: Callable[[Situation], Decisions]
    plans: bool  # needs samples of the future
    listens: bool  # needs the coordinator's forward prices
    idle: bool = False  # batteries hold still, whatever happens


STRATEGIES: Mapping[StrategyName, Strategy] = MappingProxyType(
    {
        "grid_only": Strategy(grid_only.decide, plans=False, listens=False, idle=True),
        "self_use": Strategy(self_use.decide, plans=False, listens=False),
        "time_of_use": Strategy(time_of_use.decide, plans=False, listens=False),
        "plan_alone": Strategy(plan_alone.decide, plans=True, listens=False),
        "market": Strategy(market.decide, plans=True, listens=True),
        "score_rule": Strategy(score_rule.decide, plans=False, listens=True),
        "score_rule_corrected": Strategy(score_rule.decide_corrected, plans=False, listens=True),
    }
)
