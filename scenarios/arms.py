"""The arms of a comparison: the same homes, weather, tariff and seed, lived in several ways."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from agents.config import StrategyName
from forecasting.config import PredictorName
from profiles.errors import InputError
from scenarios.schema import Scenario


@dataclass(frozen=True, slots=True)
class Arm:
    """One way to live through a scenario."""

    name: str
    strategy: StrategyName
    trades: bool  # by the scenario's mechanism, or its own
    meaning: str
    equipped: bool = True  # with the scenario's panels and batteries; else with neither
    override: str | None = None  # laid over the scenario in this arm alone
    forecaster: PredictorName | None = None  # instead of the scenario's
    mechanism: str | None = None  # likewise
    price_signal: str | None = None  # likewise

    def describes(self, scenario: Scenario) -> bool:
        """Whether it is what the scenario says by its own knobs."""
        market = scenario.market
        return (
            self.equipped
            and self.override is None
            and self.strategy == scenario.strategy.name
            and self.trades == (market.mechanism != "none")
            and self.forecaster in (None, scenario.forecast.name)
            and self.mechanism in (None, market.mechanism)
            and self.price_signal in (None, market.price_signal)
        )


def _by_score(name: StrategyName, meaning: str) -> Arm:
    return Arm(
        name,
        name,
        trades=True,
        meaning=meaning,
        mechanism="posted_price",
        price_signal="supply_demand",
    )


_TABLE = (
    Arm("gross", "grid_only", trades=False, meaning="load alone, no panels", equipped=False),
    Arm("grid_only", "grid_only", trades=False, meaning="panels, no battery, no trade"),
    Arm("self_use", "self_use", trades=False, meaning="battery stores own surplus, no trade"),
    Arm("time_of_use", "time_of_use", trades=False, meaning="battery follows the tariff's hours"),
    Arm("plan_alone", "plan_alone", trades=False, meaning="plans against the tariff, no trade"),
    Arm("market", "market", trades=True, meaning="plans with the community's prices and trades"),
    Arm(
        "unlimited",
        "market",
        trades=True,
        meaning="the market without limits on orders and days and without margin",
        override="unlimited",
    ),
    Arm(
        "market_perfect",
        "market",
        trades=True,
        meaning="the market, knowing load and sun of the days ahead",
        forecaster="perfect",
    ),
    _by_score("score_rule", "trades by score, before prices fall or rise"),
    _by_score("score_rule_corrected", "the same the other way around"),
)
ARMS: Mapping[str, Arm] = MappingProxyType({arm.name: arm for arm in _TABLE})

_BOUNDS = (
    Arm(
        "own_bound", "plan_alone", trades=False, meaning="best of each home, knowing all, no trade"
    ),
    Arm("bound", "market", trades=True, meaning="best of all homes together, knowing all"),
)
BOUNDS: Mapping[str, Arm] = MappingProxyType({arm.name: arm for arm in _BOUNDS})
"""Arms that are solved rather than lived: no strategy and no mechanism does better."""


def chosen(names: Iterable[str] | None, scenario: Scenario) -> tuple[Arm, ...]:
    """Pick arms to live by name, in the order of the table, which starts with the plainest.

    Where nothing but bounds is named, ``grid_only`` is lived beside them.

    Parameters
    ----------
    names : iterable of str, optional
        Names of `ARMS` and `BOUNDS`, each once; if None all but those whose override changes
        nothing.
    scenario : Scenario
        Says whether homes can trade.

    Returns
    -------
    tuple of Arm
        At least one.

    Raises
    ------
    InputError
        If a name is unknown or given twice, none is given, or an arm trades where the
        scenario has no market.
    """
    wanted = (
        list(names)
        if names is not None
        else [arm.name for arm in _TABLE if _differs(arm, scenario)]
    )
    for name in wanted:
        if name not in ARMS and name not in BOUNDS:
            known = ", ".join([*ARMS, *BOUNDS])
            raise InputError(f"arms: must be among {known} (got {name!r})")
        if wanted.count(name) > 1:
            raise InputError(f"arms: each may be named once (got {name!r} twice)")
    if not wanted:
        raise InputError("arms: must name at least 1 arm (got 0)")
    arms = tuple(arm for arm in _TABLE if arm.name in wanted)
    trading = [arm.name for arm in (*_TABLE, *_BOUNDS) if arm.name in wanted and arm.trades]
    if trading and scenario.market.mechanism == "none":
        raise InputError(
            f"market.mechanism: must let homes trade in the arm {trading[0]} (got 'none'; "
            f"--arms leaves it out)"
        )
    return arms or (ARMS["grid_only"],)


def chosen_bounds(names: Iterable[str] | None) -> tuple[Arm, ...]:
    """Pick bounds by name, both if None; `chosen` has accepted the names."""
    wanted = list(BOUNDS) if names is None else list(names)
    return tuple(arm for arm in _BOUNDS if arm.name in wanted)


def _differs(arm: Arm, scenario: Scenario) -> bool:
    """Whether an arm is not another one under a name of its own."""
    return arm.override is None or scenario.overridden(arm.override) != scenario


def own(scenario: Scenario) -> Arm:
    """Return the arm that the scenario describes by its own strategy and mechanism."""
    strategy, trades = scenario.strategy.name, scenario.market.mechanism != "none"
    for arm in _TABLE:
        if arm.describes(scenario):
            return arm
    name = f"{strategy}_trading" if trades else f"{strategy}_without_trade"
    return Arm(name, strategy, trades, meaning="the scenario's own strategy and mechanism")
