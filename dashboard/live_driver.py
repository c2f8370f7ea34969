"""Lives a scenario in a thread, as fast as it goes or at a pace, and shows it step by step."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from threading import Condition, Thread
from time import monotonic
from typing import Any

from dashboard import loading
from dashboard.place import Place
from profiles.errors import InputError
from scenarios import store
from scenarios.live import LiveRun
from scenarios.schema import Scenario

STOPS_WITHIN_S = 2.0  # so long a new run waits for one that was told to stop
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
    saved: Path | None = None  # the folder, once it is done

    @property
    def busy(self) -> bool:
        """Whether a run is under way."""
        return self.phase in (Phase.PREPARING, Phase.RUNNING, Phase.PAUSED, Phase.FINISHING)


class StoppedError(Exception):
    """Somebody has stopped the run."""


class LiveDriver:
    """One live run at a time.

    Parameters
    ----------
    show : callable
        Told a method of the player and its argument: ``clear``, ``load``, ``append``, ``finish``.
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
        self._changed = Condition()  # guards what follows, and the order in which it is told
        self._stopped = self._paused = False
        self._waited_s = 0.0  # by request, which is no measure of how fast it goes

    def start(self, scenario: Scenario, place: Place, out: Path) -> None:
        """Begin a run whose results go to a new folder below ``out``.

        Raises
        ------
        InputError
            If a run is under way already, here or in too many other sessions, or nothing can be
            written there.
        """
        with self._changed:
            self._changed.wait_for(lambda: not self.status.busy, STOPS_WITHIN_S * self._stopped)
            if self.status.busy:
                raise InputError("live run: one is under way already; stop it first")
            store.check_writable(out)
            if not place.lives.acquire(blocking=False):
                raise InputError(
                    "live run: as many as this server can carry are under way; wait a bit"
                )
            self._stopped = self._paused = False
            self._tell(Status(Phase.PREPARING))
        work = (scenario, place, out)
        Thread(target=self._guarded, args=work, daemon=True, name="live-run").start()

    def pause(self) -> None:
        """Hold after the step that is being lived."""
        with self._changed:
            if self.status.phase is Phase.RUNNING and not self._stopped:
                self._paused = True
                self._tell(replace(self.status, phase=Phase.PAUSED))

    def resume(self) -> None:
        """Go on."""
        with self._changed:
            if self.status.phase is Phase.PAUSED:
                self._paused = False
                self._tell(replace(self.status, phase=Phase.RUNNING))

    def stop(self) -> None:
        """End early, whatever the run is at; nothing is saved."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def reset(self) -> None:
        """Forget the run that is over, its picture too; one that is under way goes on."""
        with self._changed:
            if not self.status.busy:
                self.show("clear", None)
                self._tell(Status())

    def _guarded(self, scenario: Scenario, place: Place, out: Path) -> None:
        """Live a run; when its end is told, nothing of it is left that another would wait for."""
        error = None
        try:
            with ExitStack() as stack:
                stack.callback(place.lives.release)
                end = self._live(scenario, out, stack)
        except Exception as raised:  # noqa: BLE001, it is told on the page
            end = replace(self.status, phase=Phase.STOPPED, left_s=None)
            error = None if isinstance(raised, StoppedError) else raised
        if error is not None:
            self.failed(error)
        self._tell(end)

    def _live(self, scenario: Scenario, out: Path, stack: ExitStack) -> Status:
        self.show("clear", None)
        loading.check_sizes(scenario)
        run = LiveRun(scenario)
        stack.callback(run.leave)
        self._go_on()
        self.show("load", run.header())
        self._walk(run)
        self._tell(Status(Phase.FINISHING, run.index, run.steps_count))
        figures, folder = run.finish(out, lambda *_: self._go_on())
        self.show("finish", figures.model_dump(mode="json"))
        return Status(Phase.DONE, run.index, run.steps_count, saved=folder)

    def _go_on(self) -> None:
        """End here if somebody has stopped the run."""
        if self._stopped:
            raise StoppedError

    def _walk(self, run: LiveRun) -> None:
        """Live step by step, until the end or until somebody stops it."""
        began_s = told_s = 0.0  # when the first step was over: it compiles, and tells nothing
        while not run.finished:
            step_s = monotonic()
            self.show("append", run.step())
            self._hold(step_s)
            now_s = monotonic()
            if run.index == 1:
                began_s, self._waited_s = now_s, 0.0
                self._tell_running(Status(Phase.RUNNING, 1, run.steps_count))
            elif now_s - told_s >= _TELL_EVERY_S:
                told_s = now_s
                left_s = (now_s - began_s - self._waited_s) / (run.index - 1)
                left_s *= run.steps_count - run.index
                self._tell_running(Status(Phase.RUNNING, run.index, run.steps_count, left_s))

    def _hold(self, since_s: float) -> None:
        """Wait until the next step is due, and while the run is paused; a stop ends both."""
        pace = self.steps_per_s_max
        with self._changed:
            if pace is not None:
                due_s = max(0.0, since_s + 1.0 / pace - monotonic())
                self._changed.wait_for(lambda: self._stopped, due_s)
            paused_s = monotonic()
            self._changed.wait_for(lambda: self._stopped or not self._paused)
            self._waited_s += monotonic() - paused_s
            self._go_on()

    def _tell_running(self, status: Status) -> None:
        """Tell how far it is, unless it was paused since."""
        with self._changed:
            if not self._paused:
                self._tell(status)

    def _tell(self, status: Status) -> None:
        with self._changed:
            self.status = status
            self._changed.notify_all()
            self.told(status)
