"""From a scenario to a community that can take its first step."""

from dataclasses import dataclass

import numpy as np

from agents.fleet import fleet_of, initial_state
from model.community import Community, Setup
from model.results import Tape
from profiles.profiles import Profiles
from profiles.tariffs import catalogue
from profiles.tariffs.tariff import Tariff
from scenarios import fit
from scenarios.arms import Arm
from scenarios.genesis import fingerprint, genesis
from scenarios.schema import Scenario


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What all arms of a scenario share: the homes' meters, the simulated steps, the tariff."""

    profiles: Profiles  # of the homes that take part
    first_step: int
    steps_count: int
    tariff: Tariff
    data_sha256: str  # of what meters and tariff say


def ground(scenario: Scenario, profiles: Profiles | None = None) -> Ground:
    """Read what a scenario is run on.

    Parameters
    ----------
    scenario : Scenario
        What is run.
    profiles : Profiles, optional
        What `fit.read_profiles` gives for it, if it has been read already.

    Raises
    ------
    InputError
        If the scenario does not fit its profiles.
    """
    profiles = profiles or fit.read_profiles(scenario)
    fit.check(scenario, profiles)
    ids = fit.home_ids(scenario, profiles)
    without_pv = [home_id for home_id in scenario.homes.without_pv if home_id in ids]
    metered = profiles.select(ids).without_pv(without_pv)
    first_step, steps_count = fit.span(scenario, profiles)
    tariff = catalogue.load(scenario.tariff, scenario.seed)
    prices = tariff.grid_prices(
        metered.start_utc + np.timedelta64(first_step * metered.step_minutes, "m"),
        metered.step_minutes,
        steps_count,
        metered.zone,
        scenario.forecast.horizon_steps(metered.step_minutes),
    )
    return Ground(metered, first_step, steps_count, tariff, fingerprint(metered, prices))


def setup(scenario: Scenario, arm: Arm, shared: Ground) -> Setup:
    """Put together one arm of a scenario.

    Parameters
    ----------
    scenario : Scenario
        What is run.
    arm : Arm
        The strategy, whether homes trade, and whether they have panels and batteries.
    shared : Ground
        From `ground` for this scenario.
    """
    rules, battery, profiles = scenario.market, scenario.battery, shared.profiles
    if not arm.equipped:
        battery = battery.model_copy(update={"kind": "none"})
        profiles = profiles.without_pv(profiles.home_ids.tolist())
    fleet = fleet_of(profiles.home_ids, battery, scenario.grid, scenario.run.step_minutes / 60)
    return Setup(
        profiles=profiles,
        first_step=shared.first_step,
        steps_count=shared.steps_count,
        fleet=fleet,
        state=initial_state(fleet, battery),
        strategy=scenario.strategy.model_copy(update={"name": arm.strategy}),
        forecast=scenario.forecast,
        rules=rules if arm.trades else rules.model_copy(update={"mechanism": "none"}),
        tariff=shared.tariff,
        seed=scenario.seed,
        genesis=genesis(scenario.model_dump(mode="json"), shared.data_sha256, arm.name),
    )


def community(
    scenario: Scenario, arm: Arm, shared: Ground | None = None, tape: Tape | None = None
) -> Community:
    """Build the community of one arm, ready for its first step."""
    return Community(setup(scenario, arm, shared or ground(scenario)), tape)
