"""A live run is shown step by step, held, ended and saved as its visitor wants."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from dashboard import live_driver
from dashboard.live_driver import LiveDriver, Phase, Status
from dashboard.place import LIVES_MAX, Place
from dashboard.uploads import Uploads
from profiles.errors import InputError
from scenarios import load, store
from scenarios.schema import Scenario

WAIT_S = 60.0


class Watched:
    """A driver, and what it showed and told."""

    def __init__(self, folder: Path) -> None:
        self.place = Place(folder, Uploads())
        self.shown: list[tuple[str, Any]] = []
        self.phases: list[Phase] = []
        self.errors: list[Exception] = []
        self.over, self.enough = Event(), Event()
        self.at_step: Callable[[int], None] = lambda _: None
        self.at_phase: Callable[[Phase], None] = lambda _: None
        self.driver = LiveDriver(self._show, self._told, self.errors.append)

    def start(self, scenario: Scenario) -> None:
        """Begin, and wait until it is over."""
        self.driver.start(scenario, self.place, self.place.folder)
        assert self.over.wait(WAIT_S)

    @property
    def frames(self) -> list[Any]:
        """Frames that were shown."""
        return [argument for method, argument in self.shown if method == "append"]

    def _show(self, method: str, argument: Any) -> None:  # noqa: ANN401, as the driver has it
        self.shown.append((method, argument))
        if method == "append":
            self.at_step(len(self.frames))

    def _told(self, status: Status) -> None:
        if self.phases[-1:] != [status.phase]:
            self.phases.append(status.phase)
            self.at_phase(status.phase)
        if status.phase in (Phase.DONE, Phase.STOPPED):
            self.over.set()


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    found = Watched(tmp_path)
    yield found
    found.driver.stop()


@pytest.fixture(scope="module")
def quick() -> Scenario:
    settings = ("run.days=1", "homes.count=2", "forecast.samples_count=1", "run.step_minutes=60")
    return load.load("fontana_mixed", (*settings, "forecast.horizon_hours=6"))


def test_a_run_is_shown_from_its_header_to_its_figures_and_saved(
    watched: Watched, quick: Scenario
) -> None:
    watched.start(quick)
    assert [method for method, _ in watched.shown] == ["clear", "load", *["append"] * 24, "finish"]
    assert [frame["index"] for frame in watched.frames] == list(range(24))
    assert watched.shown[1][1]["steps_count"] == 24
    assert watched.phases == [Phase.PREPARING, Phase.RUNNING, Phase.FINISHING, Phase.DONE]
    (folder,) = watched.place.folder.iterdir()
    assert watched.driver.status.saved == folder
    assert store.verify(folder) == []
    assert watched.errors == []


def test_a_run_that_is_held_goes_on_where_it_was(watched: Watched, quick: Scenario) -> None:
    def hold(step: int) -> None:
        if step == 3:
            watched.driver.pause()
            assert watched.driver.status.phase is Phase.PAUSED
            watched.enough.set()

    watched.at_step = hold
    watched.driver.start(quick, watched.place, watched.place.folder)
    assert watched.enough.wait(WAIT_S)
    assert not watched.over.wait(0.2)
    assert len(watched.frames) == 3
    watched.driver.resume()
    assert watched.over.wait(WAIT_S)
    assert [frame["index"] for frame in watched.frames] == list(range(24))


def test_a_run_that_is_stopped_saves_nothing_and_can_start_again(
    watched: Watched, quick: Scenario
) -> None:
    watched.at_step = lambda step: watched.driver.stop() if step == 5 else None
    watched.start(quick)
    assert watched.phases[-1] is Phase.STOPPED
    assert len(watched.frames) == 5
    assert list(watched.place.folder.iterdir()) == []
    watched.driver.reset()
    assert watched.driver.status == Status()
    assert watched.shown[-1] == ("clear", None)


def test_a_run_that_is_held_can_be_stopped(watched: Watched, quick: Scenario) -> None:
    watched.at_step = lambda step: watched.driver.pause() if step == 2 else watched.enough.set()
    watched.driver.start(quick, watched.place, watched.place.folder)
    while watched.driver.status.phase is not Phase.PAUSED:
        assert not watched.over.wait(0.01)
    watched.driver.stop()
    assert watched.over.wait(WAIT_S)
    assert len(watched.frames) == 2


def test_a_run_is_stopped_while_its_bound_is_computed(watched: Watched, quick: Scenario) -> None:
    watched.at_phase = lambda phase: watched.driver.stop() if phase is Phase.FINISHING else None
    watched.start(quick)
    assert watched.phases[-2:] == [Phase.FINISHING, Phase.STOPPED]
    assert list(watched.place.folder.iterdir()) == []
    assert watched.errors == []
    assert [watched.place.lives.acquire(blocking=False) for _ in range(LIVES_MAX)] == [True] * 4


def test_a_stop_is_not_undone_by_a_pause(watched: Watched, quick: Scenario) -> None:
    def halt(step: int) -> None:
        if step == 3:
            watched.driver.stop()
            watched.driver.pause()

    watched.at_step = halt
    watched.start(quick)
    assert Phase.PAUSED not in watched.phases
    assert len(watched.frames) == 3


def test_a_run_that_is_paused_is_never_told_to_be_running(
    watched: Watched, quick: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pause comes at the worst time: when the step has been held, and before it is told."""
    held = LiveDriver._hold

    def hold(driver: LiveDriver, since_s: float) -> None:
        held(driver, since_s)
        if len(watched.frames) == 4:
            driver.pause()

    monkeypatch.setattr(LiveDriver, "_hold", hold)
    monkeypatch.setattr(live_driver, "_TELL_EVERY_S", 0.0)
    watched.at_phase = lambda phase: watched.enough.set() if phase is Phase.PAUSED else None
    watched.driver.start(quick, watched.place, watched.place.folder)
    assert watched.enough.wait(WAIT_S)
    assert not watched.over.wait(0.2)
    assert watched.driver.status.phase is Phase.PAUSED
    assert len(watched.frames) == 5


def test_another_run_starts_at_once_when_one_has_ended_or_was_stopped(
    watched: Watched, quick: Scenario
) -> None:
    starts = [0]

    def again(phase: Phase) -> None:
        if phase is Phase.STOPPED and not starts[0]:
            starts[0] += 1
            Thread(target=watched.driver.start, args=(quick, watched.place, out)).start()

    out = watched.place.folder
    watched.at_phase = again
    watched.at_step = lambda step: watched.driver.stop() if step == 2 else None
    watched.start(quick)
    watched.over.clear()
    assert watched.over.wait(WAIT_S)
    assert watched.driver.status.phase is Phase.DONE
    watched.over.clear()
    watched.at_step = lambda step: watched.enough.set() if step == 2 + 24 + 2 else None
    watched.driver.start(quick, watched.place, out)
    assert watched.enough.wait(WAIT_S)
    watched.driver.stop()
    watched.driver.start(quick, watched.place, out)  # waits for the one that ends
    assert watched.driver.status.busy
    assert watched.errors == []


def test_only_one_run_is_under_way_in_a_session(watched: Watched, quick: Scenario) -> None:
    def again(step: int) -> None:
        if step == 1:
            watched.driver.reset()  # is for a run that is over
            assert watched.shown[-1][0] == "append"
            with pytest.raises(InputError, match="one is under way already"):
                watched.driver.start(quick, watched.place, watched.place.folder)

    watched.at_step = again
    watched.start(quick)
    assert watched.errors == []


def test_only_so_many_runs_are_under_way_in_a_server(watched: Watched, quick: Scenario) -> None:
    for _ in range(LIVES_MAX):
        assert watched.place.lives.acquire(blocking=False)
    with pytest.raises(InputError, match="as many as this server can carry"):
        watched.driver.start(quick, watched.place, watched.place.folder)
    watched.place.lives.release()
    watched.start(quick)
    assert watched.driver.status.phase is Phase.DONE


def test_a_scenario_that_does_not_fit_its_data_ends_with_its_sentence(
    watched: Watched, quick: Scenario
) -> None:
    early = quick.model_copy(update={"run": quick.run.model_copy(update={"start": "2015-01-01"})})
    watched.start(early)
    assert watched.driver.status.phase is Phase.STOPPED
    assert [str(error).partition(":")[0] for error in watched.errors] == ["run.start"]
    assert watched.place.lives.acquire(blocking=False)


def test_a_folder_that_cannot_be_written_is_refused_before_the_first_step(
    watched: Watched, quick: Scenario
) -> None:
    (watched.place.folder / "file").touch()
    with pytest.raises(InputError, match="must be a folder"):
        watched.driver.start(quick, watched.place, watched.place.folder / "file")
    assert watched.shown == []
