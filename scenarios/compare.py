"""Run the arms of a scenario, one after the other, over the same ground."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from model.results import Results
from profiles.grid_capacity import GridCapacity
from profiles.profiles import Input, Profiles
from scenarios import build
from scenarios.arms import Arm, chosen, own
from scenarios.schema import Scenario

Progress = Callable[[str, int, int], None]
"""Told the arm, how many steps are done and how many there are, over all arms."""


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """What the arms of one scenario measured."""

    scenario: Scenario
    arms: dict[str, Results]  # in the order of the table of arms
    simulated: bool  # one arm as the scenario describes it, instead of a comparison
    profiles: Profiles  # what the homes that took part were metered, and where it comes from
    tariff_inputs: tuple[Input, ...]  # files that the tariff was read from
    capacity: GridCapacity | None  # what the grid could bring and take, of the run and beyond
    data_sha256: str  # of what meters, tariff and grid said

    @property
    def last(self) -> str:
        """Name of the most advanced arm: the market, where it was run."""
        return list(self.arms)[-1]


def compare(
    scenario: Scenario, arms: Iterable[str] | None = None, progress: Progress | None = None
) -> Comparison:
    """Live through a scenario in several ways.

    Parameters
    ----------
    scenario : Scenario
        What is run.
    arms : iterable of str, optional
        Names of arms; all if None.
    progress : callable, optional
        Called after every step.

    Returns
    -------
    Comparison
        The results by arm.

    Raises
    ------
    InputError
        Before anything is computed, if an arm is refused or the scenario does not fit its data.
    """
    return _run(scenario, chosen(arms, scenario), progress, simulated=False)


def simulate(scenario: Scenario, progress: Progress | None = None) -> Comparison:
    """Run the scenario's own strategy and mechanism; parameters as in `compare`."""
    return _run(scenario, (own(scenario),), progress, simulated=True)


def _run(
    scenario: Scenario, arms: tuple[Arm, ...], progress: Progress | None, *, simulated: bool
) -> Comparison:
    shared = build.ground(scenario)
    total = shared.steps_count * len(arms)
    results: dict[str, Results] = {}
    for done_arms, arm in enumerate(arms):
        community = build.community(scenario, arm, shared)
        while not community.finished:
            community.step()
            if progress is not None:
                progress(arm.name, done_arms * shared.steps_count + community.index, total)
        results[arm.name] = community.results()
        community.leave()
    return Comparison(
        scenario,
        results,
        simulated,
        shared.profiles,
        shared.tariff.inputs,
        shared.capacity,
        shared.data_sha256,
    )
