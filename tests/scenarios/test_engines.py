"""How a run of a batch is made, wherever it is made."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from model.checks import LawError
from profiles.errors import InputError
from scenarios import engines, job, store
from scenarios.batch_folder import Planned
from scenarios.engines import Made, Making
from scenarios.plan import plan
from scenarios.sweep_source import Typed


@pytest.fixture
def run() -> Planned:
    """Plan a run that takes a moment."""
    options = {"--days": 1, "--homes": 2}
    (found,) = plan(
        Typed("fontana", options=options, grid=["seed=1"], more={"--arms": ["gross"]})
    ).runs
    return found


@pytest.fixture
def making(tmp_path: Path) -> Making:
    """Make runs in a new folder."""
    (tmp_path / "runs").mkdir()
    return Making(tmp_path)


def test_a_run_leaves_a_folder_of_results_and_tells_its_steps(run: Planned, making: Making) -> None:
    told: list[int] = []
    assert making(run, told.append) == Made()
    assert store.verify(making.folder / "runs" / "00001") == []
    assert told == list(range(1, run.steps_count + 1))


@pytest.mark.parametrize(
    ("error", "made"),
    [
        (InputError("load.csv:3: must be"), Made("load.csv:3: must be")),
        (LawError("off"), Made("a law was broken: off")),
        (OSError(errno.ENOSPC, "No space left"), Made("results: No space left", stops=True)),
        (OSError(errno.EACCES, "Permission denied"), Made("results: Permission denied")),
    ],
)
def test_a_run_that_fails_says_why_in_one_line(
    error: Exception,
    made: Made,
    run: Planned,
    making: Making,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(job, "execute", _raising(error))
    assert making(run, lambda _: None) == made


def _raising(error: Exception) -> Callable[..., Path]:
    def fail(*_: object, **__: object) -> Path:
        raise error

    return fail


def test_a_full_disk_is_known_behind_another_error(
    run: Planned, making: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = _raising(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))

    def fail(*_: object, **__: object) -> Path:
        try:
            return full()
        except OSError:
            raise InputError("--out x: cannot be written") from None

    monkeypatch.setattr(job, "execute", fail)
    assert making(run, lambda _: None) == Made("--out x: cannot be written", stops=True)


def test_whoever_asked_for_a_run_may_be_gone(
    run: Planned, making: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "execute", _raising(BrokenPipeError()))
    with pytest.raises(BrokenPipeError):
        making(run, lambda _: None)


def test_one_process_makes_runs_here_in_turn(run: Planned, making: Making) -> None:
    told: list[tuple[int, int]] = []
    second = run.model_copy(update={"number": 2})
    made = engines.processes(1)(
        making, [run, second], lambda which, steps: told.append((which.number, steps))
    )
    assert [(which.number, found) for which, found in made] == [(1, Made()), (2, Made())]
    assert told[-1] == (2, run.steps_count)
    one, two = (making.folder / "runs" / name / "DONE" for name in ("00001", "00002"))
    assert one.read_bytes() == two.read_bytes()
    assert len(making.shelf.found) == 1


def test_what_is_kept_from_run_to_run_leaves_no_trace(making: Making, tmp_path: Path) -> None:
    """Runs that plan, in an order in which days change and come back."""
    asked = Typed(
        "fontana",
        ["forecast.samples_count=2", "forecast.horizon_hours=6"],
        {"--homes": 2, "--days": 1},
        grid=[
            "run.start=2017-07-01,2017-07-03",
            "market.loss_fraction=0,0.1",
        ],
        more={"--arms": ["plan_alone"]},
    )
    runs = plan(asked).runs
    for run in (*runs[::2], *runs[1::2]):
        assert making(run, lambda _: None) == Made()
    for run in runs:
        alone = Making(tmp_path / run.name)
        (alone.folder / "runs").mkdir(parents=True)
        assert alone(run, lambda _: None) == Made()
        one, other = (each / "runs" / run.name / "DONE" for each in (alone.folder, making.folder))
        assert one.read_bytes() == other.read_bytes()
