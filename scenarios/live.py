"""A run that is watched while it lives: several arms in lockstep, a frame for every step.

In the end it leaves the folder of results that `compare` would leave.
"""

from collections.abc import Iterable
from functools import partial
from pathlib import Path

import numpy as np

from model.bound import BoundResult
from model.results import Results
from model.rounds import rounds_of
from profiles.errors import InputError
from profiles.profiles import Profiles
from scenarios import build, frames, stage, store
from scenarios.arms import ARMS, BOUNDS, chosen
from scenarios.compare import Life, Progress, gathered
from scenarios.equipment import equipment
from scenarios.frames import Json, Teller
from scenarios.schema import Scenario
from scenarios.stage import Span, Stage, Window
from scenarios.summary import Summary, summary

HOMES_MAX = 100
"""More are not lived live: a step of them takes too long to be watched, and all stay in memory."""

_USUAL = ("grid_only", "self_use", "plan_alone", "market")


def usual_arms(scenario: Scenario) -> tuple[str, ...]:
    """Name the arms that a scenario is watched in, if nobody says otherwise."""
    trades = scenario.market.mechanism != "none"
    return tuple(name for name in _USUAL if trades or not ARMS[name].trades)


class LiveRun:
    """Several arms of a scenario, each one step further at a time; all is held in memory.

    Parameters
    ----------
    scenario : Scenario
        What is run.
    arms : iterable of str, optional
        Names of arms; `usual_arms` if None.
    profiles : Profiles, optional
        What `fit.read_profiles` gives for the scenario; read if None.

    Raises
    ------
    InputError
        If the scenario does not fit its data, an arm is refused, or homes or steps are too many.
    """

    def __init__(
        self,
        scenario: Scenario,
        arms: Iterable[str] | None = None,
        profiles: Profiles | None = None,
    ) -> None:
        picked = chosen(usual_arms(scenario) if arms is None else arms, scenario)
        self.scenario, self.ground = scenario, build.ground(scenario, profiles)
        homes_count, self.steps_count = self.ground.profiles.homes_count, self.ground.steps_count
        for name, count, most, things in (
            ("homes.count", homes_count, HOMES_MAX, "homes"),
            ("run.days", self.steps_count, stage.STEPS_MAX, "steps"),
        ):
            if count > most:
                limit = f"a live run has at most {most} {things}"
                raise InputError(f"{name}: {limit} (got {count}; compare runs any number)")
        self.communities = {arm.name: build.community(scenario, arm, self.ground) for arm in picked}
        for community in self.communities.values():
            community.prepare()
        self._stage = self._set()
        self._teller = Teller(self._stage)

    @property
    def index(self) -> int:
        """Steps lived so far."""
        return min(community.index for community in self.communities.values())

    @property
    def finished(self) -> bool:
        """Whether every step has been lived."""
        return self.index >= self.steps_count

    def header(self) -> Json:
        """Return the timeline without a step, to which frames are appended."""
        return frames.header(self._stage)

    def step(self) -> Json:
        """Live one step in every arm, and tell it as a frame.

        Raises
        ------
        RuntimeError
            If the run is over.
        LawError
            If a law is broken, as in any run.
        """
        lived = {}
        for name, community in self.communities.items():
            community.step()
            recorder, newest = community.recorder, rounds_of(community.rounds[-1:])
            lived[name] = recorder.newest(), recorder.prices, newest
        return self._teller.frame(lived)

    def finish(self, out: Path, progress: Progress | None = None) -> tuple[Summary, Path]:
        """Compute the bounds, as far as `compare` does so unasked, and store what was lived.

        Parameters
        ----------
        out : Path
            Parent of the new folder of results.
        progress : callable, optional
            Called now and then while a bound is computed, and after each. What it raises while
            the solver works ends the bound; what it raises then ends the run: nothing is stored.

        Returns
        -------
        figures : Summary
            What the run tells.
        folder : Path
            Where it is stored.

        Raises
        ------
        InputError
            If nothing can be written there, or not all of it.
        RuntimeError
            If the run is not over.
        """
        if not self.finished:
            raise RuntimeError(f"only {self.index} of {self.steps_count} steps are lived")
        store.check_writable(out)
        found: dict[str, Results | BoundResult] = {
            name: community.results() for name, community in self.communities.items()
        }
        trades, life = self.scenario.market.mechanism != "none", Life(self.scenario, self.ground)
        for name, bound in BOUNDS.items():
            if trades or not bound.trades:
                told = partial(self._told, progress, name)
                found[name] = life(bound, told)
        comparison = gathered(self.scenario, self.ground, found)
        return summary(comparison), store.save(comparison, out)

    def leave(self) -> None:
        """Let go of the models, which Mesa would otherwise keep alive for good."""
        for community in self.communities.values():
            community.leave()

    def _told(self, progress: Progress | None, name: str, steps_count: int) -> None:
        if progress is not None:
            progress(name, steps_count, self.steps_count)

    def _set(self) -> Stage:
        """Say what is known before the first step.

        Beyond 60 homes those have a row whose meters will turn most: who trades most is not known.
        """
        ground, scenario = self.ground, self.scenario
        profiles, first = ground.profiles, ground.first_step
        arms = {name: community.results() for name, community in self.communities.items()}
        one = next(iter(arms.values()))
        lived = slice(first, first + ground.steps_count)
        net_kwh = np.abs(profiles.load_kwh[lived] - profiles.pv_kwh[lived]).sum(axis=0)
        return Stage(
            scenario=scenario.name,
            seed=scenario.seed,
            span=Span(one.start_utc, one.step_minutes, ground.steps_count, one.zone),
            window=Window(0, ground.steps_count),
            arms=tuple(arms),
            home_ids=one.home_ids,
            equipment=tuple(equipment(arms, profiles, scenario.homes.wallet_usd_initial)),
            row_of=stage.rows(profiles.homes_count, net_kwh),
        )
