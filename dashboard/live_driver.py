"""Lives a scenario in a thread, as fast as it goes or at a pace, and shows it step by step."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any

from dashboard.place import Place
from profiles.errors import InputError
from scenarios import store
from scenarios.live import LiveRun
from scenarios.schema import Scenario

_TELL_EVERY_S = 0.25  # what is written beside the picture; the picture itself shows every step


class Phase(StrEnum):
    """What a live run is at."""

    IDLE = "idle"
    PREPARING = "preparing"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHING = "finishing"
    DONE = "done"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Status:
    """How far a live run is."""

    phase: Phase = Phase.IDLE
    index: int = 0  # steps that are over
    steps_count: int = 0
    left_s: float | None = None  # until the last step is over; None if nobody knows
    saved: str | None = None  # name of the folder, once it is done

    @property
    def busy(self) -> bool:
        """Whether a run is under way."""
        return self.phase in (Phase.PREPARING, Phase.RUNNING, Phase.PAUSED, Phase.FINISHING)


class LiveDriver:
    """One live run at a time.

    Parameters
    ----------
    show : callable
        Told a method of the player and its argument: ``load``, ``append``, ``finish``.
    told : callable
        Told the status when it changes, and a few times a second while it runs.
    failed : callable
        Told what ended a run early.
    """

    def __init__(
        self,
        show: Callable[[str, Any], None],
        told: Callable[[Status], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self.show, self.told, self.failed = show, told, failed
        self.status = Status()
        self.steps_per_s_max: float | None = None
        self._stopped, self._going = Event(), Event()
        self._thread: Thread | None = None
        self._waited_s = 0.0  # by request, which is no measure of how fast it goes

    def start(self, scenario: Scenario, place: Place, out: Path) -> None:
        """Begin a run whose results go to a new folder below ``out``.

        Raises
        ------
        InputError
            If a run is under way already, here or in too many other sessions, or nothing can be
            written there.
        """
        if self._thread is not None and self._thread.is_alive():
            raise InputError("live run: one is under way already; stop it first")
        store.check_writable(out)
        if not place.lives.acquire(blocking=False):
            raise InputError("live run: as many as this server can carry are under way; wait a bit")
        self._stopped.clear()
        self._going.set()
        self._tell(Status(Phase.PREPARING))
        work = self._guarded, (scenario, place, out)
        self._thread = Thread(target=work[0], args=work[1], daemon=True, name="live-run")
        self._thread.start()

    def pause(self) -> None:
        """Hold after the step that is being lived."""
        if self.status.phase is Phase.RUNNING:
            self._going.clear()
            self._tell(replace(self.status, phase=Phase.PAUSED))

    def resume(self) -> None:
        """Go on."""
        if self.status.phase is Phase.PAUSED:
            self._tell(replace(self.status, phase=Phase.RUNNING))
            self._going.set()

    def stop(self) -> None:
        """End early; nothing is saved."""
        self._stopped.set()
        self._going.set()

    def reset(self) -> None:
        """Forget the run that is over."""
        if not self.status.busy:
            self._tell(Status())

    def _guarded(self, scenario: Scenario, place: Place, out: Path) -> None:
        with ExitStack() as stack:
            stack.callback(place.lives.release)
            try:
                self._live(scenario, out, stack)
            except Exception as error:  # noqa: BLE001, it is told on the page
                self._tell(replace(self.status, phase=Phase.STOPPED, left_s=None))
                self.failed(error)

    def _live(self, scenario: Scenario, out: Path, stack: ExitStack) -> None:
        run = LiveRun(scenario)
        stack.callback(run.leave)
        self.show("load", run.header())
        self._walk(run)
        if self._stopped.is_set():
            self._tell(replace(self.status, phase=Phase.STOPPED, left_s=None))
            return
        self._tell(Status(Phase.FINISHING, run.index, run.steps_count))
        figures, folder = run.finish(out)
        self.show("finish", figures.model_dump(mode="json"))
        self._tell(Status(Phase.DONE, run.index, run.steps_count, saved=folder.name))

    def _walk(self, run: LiveRun) -> None:
        """Live step by step, until the end or until somebody stops it."""
        began_s = told_s = 0.0  # when the first step was over: it compiles, and tells nothing
        while not run.finished and not self._stopped.is_set():
            step_s = monotonic()
            self.show("append", run.step())
            self._hold(step_s)
            now_s = monotonic()
            if run.index == 1:
                began_s, self._waited_s = now_s, 0.0
                self._tell(Status(Phase.RUNNING, 1, run.steps_count))
            elif now_s - told_s >= _TELL_EVERY_S and self._going.is_set():
                told_s = now_s
                left_s = (now_s - began_s - self._waited_s) / (run.index - 1)
                left_s *= run.steps_count - run.index
                self._tell(Status(Phase.RUNNING, run.index, run.steps_count, left_s))

    def _hold(self, since_s: float) -> None:
        """Wait while the run is paused, and until the next step is due."""
        pace = self.steps_per_s_max
        if pace is not None:
            self._stopped.wait(max(0.0, since_s + 1.0 / pace - monotonic()))
        paused_s = monotonic()
        self._going.wait()
        self._waited_s += monotonic() - paused_s

    def _tell(self, status: Status) -> None:
        self.status = status
        self.told(status)
