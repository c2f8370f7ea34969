"""Run the arms of a scenario over the same ground, one after the other or side by side."""

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from agents import threads
from agents.deciding import STRATEGIES
from model.bound import BoundResult, bound
from model.community import Community
from model.results import Results
from model.tape import Held
from profiles.grid_capacity import GridCapacity
from profiles.profiles import Input, Profiles
from scenarios import build, states, workers
from scenarios.arms import BOUNDS, Arm, chosen, chosen_bounds, own
from scenarios.build import Ground
from scenarios.schema import Scenario
from scenarios.states import States
from scenarios.tables import Parts

Progress = Callable[[str, int, int], None]
"""Told the arm, how many steps are done and how many there are, over all arms."""

# Another process costs about four seconds of imports. A step that plans takes about as long as
# 100 homes, and a home-step some 20 microseconds: from half a minute of work on it pays.
_PAYS_FROM_HOME_STEPS, _STEP_AS_HOMES = 1_500_000, 100


@dataclass(frozen=True, slots=True, eq=False)
class Means:
    """With what arms are run; it changes no result."""

    parts: Path | None = None
    """Folder that arms are streamed into, made if need be; they are held in memory if None."""

    workers: int | None = 1
    """Cores to be used, by processes that share the arms or threads that share the homes; as many
    as pay if None. A program that asks for more than one must run nothing when it is imported."""

    profiles: Profiles | None = None
    """What `fit.read_profiles` gives for the scenario; read if None."""

    checkpoint_every_s: float | None = None
    """How often the state of an arm is kept in the folder [s], from which a later call goes on;
    never if None."""


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
        return leading(self.arms)


@dataclass(frozen=True, slots=True, eq=False)
class Life:
    """Lives an arm, or solves a bound; it can be handed to another process."""

    scenario: Scenario
    shared: Ground
    parts: Path | None = None
    last: str = "market"  # the arm whose ledger is published
    threads_count: int = 1
    asked: bool = False  # whether bounds are computed whatever the size
    checkpoint_every_s: float | None = None  # as in `Means`

    def __call__(self, arm: Arm, told: Callable[[int], None]) -> Results | BoundResult:
        """Live the arm or solve the bound; ``told`` is how many steps are done, now and then."""
        return self._solved(arm, told) if arm.name in BOUNDS else self._lived(arm, told)

    def _lived(self, arm: Arm, told: Callable[[int], None]) -> Results:
        with threads.using(self.threads_count), self._tape(arm) as tape:
            community = build.community(self.scenario, arm, self.shared, tape)
            try:
                return self._through(community, self._states(arm), told)
            finally:
                community.leave()

    def _through(
        self, community: Community, kept: States | None, told: Callable[[int], None]
    ) -> Results:
        """Live a community to its end, from where an earlier call was ended."""
        if kept is not None and not kept.restore(community):
            tape = community.recorder.tape
            tape.rewind((0, tape.mark()[1]))  # something may be left of a state that was torn
        community.prepare()
        while not community.finished:
            community.step()
            told(community.index)
            if kept is not None and not community.finished:
                kept.after_step(community)
        found = community.results()
        if kept is not None:
            kept.over(community)
        return found

    def _solved(self, arm: Arm, told: Callable[[int], None]) -> BoundResult:
        known = build.setup(self.scenario, arm, self.shared)
        alive = partial(told, 0)
        solve = partial(bound, known, self.scenario.bound, asked=self.asked, alive=alive)
        kept = self._states(arm)
        found = solve() if kept is None else states.solved(kept.folder, arm.name, solve)
        told(self.shared.steps_count)
        return found

    def _states(self, arm: Arm) -> States | None:
        if self.parts is None or self.checkpoint_every_s is None:
            return None
        return States(self.parts, arm.name, self.checkpoint_every_s)

    def _tape(self, arm: Arm) -> "Parts | nullcontext[Held]":
        if self.parts is None:
            return nullcontext(Held())
        ids = self.shared.profiles.home_ids
        return Parts(self.parts, arm.name, ids, keeps_ledger=arm.name == self.last)


def compare(
    scenario: Scenario,
    arms: Iterable[str] | None = None,
    progress: Progress | None = None,
    means: Means | None = None,
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
    means : Means, optional
        Where tables are kept, and how many processes work; in memory and one if None.

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
    return _run(scenario, (*lived, *solved), progress, means or Means(), asked=names is not None)


def simulate(
    scenario: Scenario, progress: Progress | None = None, means: Means | None = None
) -> Comparison:
    """Run the scenario's own strategy and mechanism; parameters as in `compare`."""
    return _run(scenario, (own(scenario),), progress, means or Means(), simulated=True)


def cores_count() -> int:
    """Count the processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _run(
    scenario: Scenario,
    arms: tuple[Arm, ...],
    progress: Progress | None,
    means: Means,
    *,
    simulated: bool = False,
    asked: bool = False,
) -> Comparison:
    """Live through arms and compute bounds; where that is done in turn, arms come first."""
    shared = build.ground(scenario, means.profiles)
    every_s = means.checkpoint_every_s
    if means.parts is not None:
        means.parts.mkdir(parents=True, exist_ok=True)
        if every_s is not None:
            states.check_ground(means.parts, shared)
    processes_count = _processes_count(means, arms, shared)
    threads_count = max(1, (means.workers or cores_count()) // processes_count)
    last = leading([arm.name for arm in arms if arm.name not in BOUNDS])
    life = Life(scenario, shared, means.parts, last, threads_count, asked, every_s)
    done = dict.fromkeys((arm.name for arm in arms), 0)

    def told(arm: Arm, steps_count: int) -> None:
        done[arm.name] = steps_count
        if progress is not None:
            progress(arm.name, sum(done.values()), len(arms) * shared.steps_count)

    found = dict(zip(done, workers.spread(life, arms, processes_count, told), strict=True))
    return gathered(scenario, shared, found, simulated=simulated)


def gathered(
    scenario: Scenario,
    shared: Ground,
    found: Mapping[str, Results | BoundResult],
    *,
    simulated: bool = False,
) -> Comparison:
    """Put together what came of arms and bounds, by name, that were run over the same ground."""
    return Comparison(
        scenario,
        {name: each for name, each in found.items() if isinstance(each, Results)},
        {name: each for name, each in found.items() if isinstance(each, BoundResult)},
        simulated,
        shared.profiles,
        shared.grid_inputs,
        shared.capacity,
        shared.data_sha256,
    )


def leading(names: Collection[str]) -> str:
    """Return the arm whose figures lead: the market where it was run, else the last."""
    *_, last = names
    return "market" if "market" in names else last


def _processes_count(means: Means, arms: tuple[Arm, ...], shared: Ground) -> int:
    if means.workers is not None:
        return min(means.workers, len(arms))
    plans_count = sum(STRATEGIES[arm.strategy].plans for arm in arms)  # a bound is a plan, too
    work = plans_count * shared.steps_count * (shared.profiles.homes_count + _STEP_AS_HOMES)
    return min(cores_count(), len(arms)) if work >= _PAYS_FROM_HOME_STEPS else 1
