"""Run the arms of a scenario, one after the other, over the same ground."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from model.bound import BoundResult, bound
from model.results import Results
from profiles.grid_capacity import GridCapacity
from profiles.profiles import Input, Profiles
from scenarios import build
from scenarios.arms import Arm, chosen, chosen_bounds, own
from scenarios.schema import Scenario

Progress = Callable[[str, int, int], None]
"""Told the arm, how many steps are done and how many there are, over all arms."""


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """What the arms of one scenario measured."""

    scenario: Scenario
    arms: dict[str, Results]  # in the order of the table of arms
    bounds: dict[str, BoundResult]  # the best that was possible, by name
    simulated: bool  # one arm as the scenario describes it, instead of a comparison
    profiles: Profiles  # what the homes that took part were metered, and where it comes from
    grid_inputs: tuple[Input, ...]  # files that tariff, capacity and carbon were read from
    capacity: GridCapacity | None  # what the grid could bring and take, of the run and beyond
    data_sha256: str  # of what meters, tariff and grid said

    @property
    def last(self) -> str:
        """Name of the arm whose figures lead: the market where it was run, else the last."""
        return "market" if "market" in self.arms else list(self.arms)[-1]


def compare(
    scenario: Scenario, arms: Iterable[str] | None = None, progress: Progress | None = None
) -> Comparison:
    """Live through a scenario in several ways.

    Parameters
    ----------
    scenario : Scenario
        What is run.
    arms : iterable of str, optional
        Names of arms and bounds; all if None. A bound that is named is computed whatever the size.
    progress : callable, optional
        Called after every step, and now and then while a bound is computed.

    Returns
    -------
    Comparison
        The results by arm.

    Raises
    ------
    InputError
        Before anything is computed, if an arm is refused or the scenario does not fit its data.
    """
    names = None if arms is None else list(arms)
    lived, solved = chosen(names, scenario), chosen_bounds(names)
    return _run(scenario, (lived, solved), progress, asked=names is not None)


def simulate(scenario: Scenario, progress: Progress | None = None) -> Comparison:
    """Run the scenario's own strategy and mechanism; parameters as in `compare`."""
    return _run(scenario, ((own(scenario),), ()), progress, simulated=True)


def _run(
    scenario: Scenario,
    chosen_arms: tuple[tuple[Arm, ...], tuple[Arm, ...]],
    progress: Progress | None,
    *,
    simulated: bool = False,
    asked: bool = False,
) -> Comparison:
    """Live through the arms first, then compute the bounds."""
    shared = build.ground(scenario)
    arms, solved = chosen_arms
    steps_count = shared.steps_count
    total = steps_count * (len(arms) + len(solved))
    results: dict[str, Results] = {}
    for done_arms, arm in enumerate(arms):
        community = build.community(scenario, arm, shared)
        while not community.finished:
            community.step()
            if progress is not None:
                progress(arm.name, done_arms * steps_count + community.index, total)
        results[arm.name] = community.results()
        community.leave()
    bounds: dict[str, BoundResult] = {}
    for done_arms, arm in enumerate(solved, start=len(arms)):
        tell = progress or _nobody
        known = build.setup(scenario, arm, shared)
        alive = partial(tell, arm.name, done_arms * steps_count, total)
        bounds[arm.name] = bound(known, scenario.bound, asked=asked, alive=alive)
        tell(arm.name, (done_arms + 1) * steps_count, total)
    return Comparison(
        scenario,
        results,
        bounds,
        simulated,
        shared.profiles,
        shared.grid_inputs,
        shared.capacity,
        shared.data_sha256,
    )


def _nobody(*_: object) -> None:
    """Tell nobody."""
