"""A scenario: everything that a run depends on, in sections that a person types."""

import json
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from agents.config import BatteryConfig, BoundConfig, GridConfig, HomesConfig, StrategyConfig
from forecasting.config import ForecastConfig
from forecasting.federated.config import FederatedConfig
from forecasting.learned.config import TrainingConfig
from market.config import MarketConfig
from profiles import strict_yaml
from profiles.carbon import CarbonConfig
from profiles.config import ProfilesConfig, Section, validated
from profiles.errors import InputError
from profiles.strict_yaml import Document
from profiles.tariffs.config import TariffConfig
from scenarios import family
from scenarios.layers import layered

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

    carbon: CarbonConfig = CarbonConfig()
    """What carbon dioxide the grid's energy causes."""

    forecast: ForecastConfig = ForecastConfig()
    """How homes look ahead."""

    strategy: StrategyConfig = StrategyConfig()
    """How homes decide."""

    market: MarketConfig = MarketConfig()
    """Rules of trade between homes."""

    grid: GridConfig = GridConfig()
    """What every home's connection carries."""

    bound: BoundConfig = BoundConfig()
    """How much may be spent on the best that was possible, beside which the arms are shown."""

    training: TrainingConfig = TrainingConfig()
    """Which network `train` trains, on which days, and how. It takes part in no run."""

    federated: FederatedConfig = FederatedConfig()
    """How homes train a shared network between the steps of a run, and in the command
    `federate`."""

    run: RunConfig = RunConfig()
    """Which days are simulated, and in which steps."""

    seed: int = Field(default=0, ge=0, le=SEED_MAX)
    """Start of every random draw; the same seed gives the same run."""

    @field_validator("name", "purpose")
    @classmethod
    def _shows_in_one_line(cls, text: str) -> str:
        if not text.isprintable():
            raise ValueError(f"must be printable, in one line (got {text[:60]!a})")
        return text

    @field_validator("homes")
    @classmethod
    def _in_order(cls, homes: HomesConfig) -> HomesConfig:
        """Sort the ids: the order in which they are typed must not name another run."""
        feeders = {name: tuple(sorted(homes.feeders[name])) for name in sorted(homes.feeders)}
        without_pv = tuple(sorted(homes.without_pv))
        return homes.model_copy(update={"without_pv": without_pv, "feeders": feeders})

    @model_validator(mode="after")
    def _has_a_network_to_train(self) -> Self:
        if self.federated.enabled and self.forecast.name != "transformer":
            limit = "must be false without the forecaster transformer (got true)"
            raise ValueError(f"federated.enabled: {limit}")
        return self

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a scenario by shipped name or from a YAML or JSON file, parents included.

        Whether it fits its data is found out where it is run (`scenarios.load`).

        Raises
        ------
        InputError
            One line: where the value was typed, the field, its limit and the value.
        """
        return validated(family.typed(str(path)), cls, also=("base",))

    def overridden(self, name: str) -> Self:
        """Return the scenario under an override, a shipped name or the path of a file.

        Raises
        ------
        InputError
            One line: where the value was typed, the field, its limit and the value.
        """
        below = Document(self.model_dump(mode="json"), {}, self.name)
        return validated(layered([below, family.override(name)]), type(self))

    def save(self, path: str | Path) -> None:
        """Write the scenario, complete, to a file whose name ends in .yaml, .yml or .json.

        `load` reads it back to an equal scenario. A file of that name is replaced, in one piece.

        Raises
        ------
        InputError
            If the name ends otherwise, or the file cannot be written.
        """
        target = Path(path)
        if target.suffix not in (".yaml", ".yml", ".json"):
            raise InputError(f"{path}: must end in .yaml, .yml or .json (got {target.suffix!r})")
        data = self.model_dump(mode="json")
        text = self.as_json() if target.suffix == ".json" else strict_yaml.dump(data)
        part = target.with_name(f".{target.name}.part")
        try:
            part.write_text(text, encoding="utf-8")
            part.replace(target)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise InputError(f"{path}: cannot be written ({error.strerror})") from None

    def as_json(self) -> str:
        """Write the scenario as JSON, complete, which `load` reads back to the same scenario."""
        return json.dumps(self.model_dump(mode="json"), indent=2) + "\n"


def purposes() -> dict[str, str]:
    """Say what each shipped scenario is for, and what it needs, in alphabetical order of names."""
    return {name: _marked(name) for name in family.shipped()}


def purpose(name: str) -> str:
    """Say what a shipped scenario is for."""
    return Scenario.load(name).purpose


def needs(name: str) -> str | None:
    """Name the knob that must name a file of the user's before a shipped scenario can be run.

    None where it runs as it is.
    """
    tariff = Scenario.load(name).tariff
    return "tariff.path" if tariff.name in ("file", "lmp") and tariff.path is None else None


def _marked(name: str) -> str:
    needed = needs(name)
    return purpose(name) + (f" [needs {needed}]" if needed else "")
