"""A scenario: everything that a run depends on, in sections that a person types."""

from typing import Literal

from pydantic import Field, field_validator

from agents.config import BatteryConfig, GridConfig, HomesConfig, StrategyConfig
from forecasting.config import ForecastConfig
from market.config import MarketConfig
from profiles.config import ProfilesConfig, Section, TariffConfig

SEED_MAX = 10**18 - 1  # 18 digits, as many as a scenario file may spell


class RunConfig(Section):
    """Which days are simulated, and in which steps."""

    start: str = "2017-07-01"
    """First simulated moment by the local clock, a date or a date and time. 15 days of history
    must lie before it."""

    days: int = Field(default=7, ge=1)
    """Length of the run [days]; a week holds every kind of day once. Days are those of the local
    clock, of 23 and 25 hours when it changes."""

    step_minutes: Literal[15, 30, 60] = 30
    """Length of a step [min]: a market, a plan and a block of the ledger each."""


class Scenario(Section):
    """One community, its market and its run. Together with an arm it gives the same bytes."""

    name: str = "base"
    """What the scenario is called; a file that does not say is called by its own name."""

    purpose: str = "Every knob at its default, to read and to start from."
    """What the scenario is for, in a sentence."""

    profiles: ProfilesConfig = ProfilesConfig()
    """Where the meter readings come from."""

    homes: HomesConfig = HomesConfig()
    """Which homes take part, and with what."""

    battery: BatteryConfig = BatteryConfig()
    """The battery that every home has."""

    tariff: TariffConfig = TariffConfig()
    """What the grid charges and pays."""

    forecast: ForecastConfig = ForecastConfig()
    """How homes look ahead."""

    strategy: StrategyConfig = StrategyConfig()
    """How homes decide."""

    market: MarketConfig = MarketConfig()
    """Rules of trade between homes."""

    grid: GridConfig = GridConfig()
    """What every home's connection carries."""

    run: RunConfig = RunConfig()
    """Which days are simulated, and in which steps."""

    seed: int = Field(default=0, ge=0, le=SEED_MAX)
    """Start of every random draw; the same seed gives the same run."""

    @field_validator("homes")
    @classmethod
    def _in_order(cls, homes: HomesConfig) -> HomesConfig:
        """Sort the ids: the order in which they are typed must not name another run."""
        return homes.model_copy(update={"without_pv": tuple(sorted(homes.without_pv))})
