"""From what was typed to a folder of results, in one call; what is told where that is ended."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from model.community import Community
from profiles.errors import InputError
from scenarios import job, session, store
from scenarios.compare import compare
from scenarios.failures import StoppedError
from scenarios.job import Job
from scenarios.load import load
from scenarios.session import Means
from scenarios.summary import summary

SETTINGS = ("homes.count=2", "run.days=1", "forecast.samples_count=1")
NOTHING: session.Typed = ("fontana", SETTINGS, {}, ())
ARMS = ("grid_only", "self_use")
QUICKLY = Means(1, quiet=True, checkpoint_every_s=0.0)

asked = partial(Job, arms=ARMS)


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Let the 21st step of a process raise an error."""

    def by(error: BaseException) -> None:
        step, lived = Community.step, []

        def fail(self: Community) -> None:
            lived.append(self)
            if len(lived) == 21:
                raise error
            step(self)

        monkeypatch.setattr(Community, "step", fail)

    return by


def test_what_was_typed_is_lived_stored_and_told(tmp_path: Path) -> None:
    typed: session.Typed = ("fontana", SETTINGS, {"--seed": 7}, ("unlimited",))
    figures, folder = session.run(typed, asked, tmp_path / "out", QUICKLY)
    scenario = load(*typed)
    assert (scenario.seed, scenario.market.order_max_kwh) == (7, None)
    assert list((tmp_path / "out").iterdir()) == [folder]
    assert folder.name.startswith("sim_")
    assert store.verify(folder) == []
    assert figures == summary(compare(scenario, ARMS))
    assert (folder / "baseline_results.csv").exists()


def test_nothing_is_lived_where_nothing_can_be_stored(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="must be a folder"):
        session.run(NOTHING, _unasked, tmp_path / "file", QUICKLY)


def test_a_run_that_fails_leaves_no_folder(
    tmp_path: Path, ended: Callable[[BaseException], None]
) -> None:
    ended(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        session.run(NOTHING, asked, tmp_path / "out", QUICKLY)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (KeyboardInterrupt(), 130, "interrupted after 20 of 96 steps"),
        (OSError(28, "No space left on device"), 1, "results: No space left on device"),
    ],
)
def test_a_run_that_is_ended_from_outside_says_how_to_go_on(
    tmp_path: Path,
    ended: Callable[[BaseException], None],
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    code: int,
    told: str,
) -> None:
    out = tmp_path / "my results"
    ended(error)
    with pytest.raises(StoppedError) as stopped:
        session.run(NOTHING, asked, out, QUICKLY)
    assert str(stopped.value) == f"{told}; go on with: commonwatt resume '{out}'"
    assert stopped.value.exit_code == code
    monkeypatch.undo()
    (draft,) = job.unfinished(out)
    figures, folder = session.go_on(draft, QUICKLY)
    assert list(out.iterdir()) == [folder]
    assert figures == summary(compare(load(*NOTHING), ARMS))


def test_a_run_that_is_ended_again_before_it_goes_on_tells_what_is_kept(
    tmp_path: Path, ended: Callable[[BaseException], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    ended(KeyboardInterrupt())
    with pytest.raises(StoppedError):
        session.run(NOTHING, asked, tmp_path, QUICKLY)
    (draft,) = job.unfinished(tmp_path)
    monkeypatch.setattr("scenarios.compare.compare", _interrupted)
    with pytest.raises(StoppedError, match="interrupted after 20 steps; go on with: "):
        session.go_on(draft, QUICKLY)


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_run_that_is_ended_before_it_kept_anything_leaves_nothing(
    tmp_path: Path, ended: Callable[[BaseException], None]
) -> None:
    ended(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        session.run(NOTHING, asked, tmp_path / "out", Means(1, quiet=True))
    assert list(tmp_path.iterdir()) == []


def _unasked(**_: object) -> Job:
    raise AssertionError("nothing may be run")
