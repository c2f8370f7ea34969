"""From a scenario to a community that can take its first step."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from agents.fleet import fleet_of, initial_state
from forecasting.forecast import Predictor
from model.community import Community
from model.results import Tape
from model.setup import Setup
from profiles import carbon
from profiles.arrays import Floats
from profiles.config import Section
from profiles.grid_capacity import GridCapacity
from profiles.profiles import Input, Profiles
from profiles.tariffs import catalogue
from profiles.tariffs.tariff import Tariff
from scenarios import capacity, fit, kept, networks, outage
from scenarios.arms import Arm
from scenarios.genesis import fingerprint, genesis
from scenarios.schema import Scenario

Knobs = TypeVar("Knobs", bound=Section)


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What all arms of a scenario share: the homes' meters, the simulated steps, the tariff."""

    profiles: Profiles  # of the homes that take part
    first_step: int
    steps_count: int
    tariff: Tariff
    outage: range  # of the simulated steps, in which the main grid is away
    capacity: GridCapacity | None  # of the simulated steps and of what plans look ahead to
    carbon_kg_per_kwh: Floats | None  # (T,)
    grid_inputs: tuple[Input, ...]  # files of tariff, capacity, carbon and networks
    data_sha256: str  # of what meters, tariff, grid and networks say
    predictor: Predictor  # of the scenario; what it has worked out serves the next arm too


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
    metered = fit.taking_part(scenario, profiles)
    first_step, steps_count = fit.span(scenario, profiles)
    tariff = catalogue.load(scenario.tariff, scenario.seed)
    start_utc = metered.start_utc + np.timedelta64(first_step * metered.step_minutes, "m")
    lived = (start_utc, metered.step_minutes, steps_count, metered.zone)
    ahead_steps = scenario.forecast.horizon_steps(metered.step_minutes)
    rates = carbon.load(scenario.carbon)
    limits = capacity.load(scenario, profiles, metered.homes_count, steps_count)
    grid_prices = tariff.grid_prices(*lived, ahead_steps)
    known = kept.predictor(
        fit.asked(scenario), scenario, lambda: networks.predictor(scenario, metered, tariff)
    )
    metered, weights = networks.furnished(scenario, metered, known)
    return Ground(
        profiles=metered,
        first_step=first_step,
        steps_count=steps_count,
        tariff=tariff,
        outage=outage.steps(scenario, metered, (first_step, steps_count)),
        capacity=limits,
        carbon_kg_per_kwh=None if rates is None else rates.kg_per_kwh(*lived),
        grid_inputs=(
            *tariff.inputs,
            *(() if limits is None else limits.inputs),
            *(() if rates is None else (rates.input,)),
            *weights,
        ),
        data_sha256=fingerprint(metered, grid_prices, limits, weights),
        predictor=known,
    )


def setup(scenario: Scenario, arm: Arm, shared: Ground) -> Setup:
    """Put together one arm of a scenario.

    Parameters
    ----------
    scenario : Scenario
        What is run.
    arm : Arm
        The strategy, whether homes trade, whether they have panels and batteries, and what is
        laid over the scenario.
    shared : Ground
        From `ground` for this scenario.
    """
    described = genesis(scenario.model_dump(mode="json"), shared.data_sha256, arm.name)
    if arm.override is not None:
        scenario = scenario.overridden(arm.override)
    rules, battery, profiles = scenario.market, scenario.battery, shared.profiles
    if not arm.equipped:
        battery = battery.model_copy(update={"kind": "none"})
        profiles = profiles.without_pv(profiles.home_ids.tolist())
    feeder = fit.feeder(scenario, profiles.home_ids)
    step_hours = scenario.run.step_minutes / 60
    fleet = fleet_of(profiles.home_ids, battery, scenario.grid, step_hours, feeder)
    return Setup(
        profiles=profiles,
        first_step=shared.first_step,
        steps_count=shared.steps_count,
        fleet=fleet,
        state=initial_state(fleet, battery),
        strategy=scenario.strategy.model_copy(update={"name": arm.strategy}),
        # Homes with neither panels nor batteries do not look ahead; no forecaster is made for them.
        forecast=_changed(
            scenario.forecast, name=arm.forecaster if arm.equipped else "persistence"
        ),
        rules=_changed(
            rules,
            mechanism=arm.mechanism if arm.trades else "none",
            price_signal=arm.price_signal,
        ),
        tariff=shared.tariff,
        capacity=shared.capacity,
        seed=scenario.seed,
        genesis=described,
        carbon_kg_per_kwh=shared.carbon_kg_per_kwh,
        predictor=shared.predictor if arm.equipped and not arm.forecaster else None,
        federated=scenario.federated,
        outage=shared.outage,
    )


def _changed(section: Knobs, **knobs: str | None) -> Knobs:
    """Copy a section with those knobs changed that are not None."""
    return section.model_copy(
        update={name: value for name, value in knobs.items() if value is not None}
    )


def community(
    scenario: Scenario, arm: Arm, shared: Ground | None = None, tape: Tape | None = None
) -> Community:
    """Build the community of one arm, ready for its first step."""
    return Community(setup(scenario, arm, shared or ground(scenario)), tape)
