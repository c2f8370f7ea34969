"""A run that is ended anywhere, by whatever, goes on to the bytes of one that was left alone."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.checks import LawError
from model.community import Community
from profiles import whole_files
from profiles.errors import InputError
from scenarios import drafts, job, store
from scenarios.job import Job
from scenarios.load import load
from scenarios.states import DraftError, States

ROOT = Path(__file__).parents[2]
SMALL = ("homes.count=2", "run.days=1", "forecast.samples_count=1", "forecast.horizon_hours=6")


@pytest.fixture(scope="module")
def several() -> Job:
    """Ask for a market under a cap, an arm that plans nothing, and a bound."""
    cap = ("grid.community_import_kw_max=2", "seed=3")
    arms = ("self_use", "market", "own_bound")
    return Job(scenario=load("fontana", (*SMALL, *cap)), arms=arms)


@pytest.fixture(scope="module")
def left_alone(several: Job, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Run it, and let nothing happen."""
    return _contents(job.execute(several, tmp_path_factory.mktemp("out") / "run"))


def _contents(folder: Path) -> dict[str, bytes]:
    assert store.verify(folder) == []
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def _failing(at: int, error: BaseException) -> Callable[[Community], None]:
    """Live steps until the one that fails."""
    step, lived = Community.step, []

    def fail(self: Community) -> None:
        lived.append(self)
        if len(lived) == at:
            raise error
        step(self)

    return fail


@settings(max_examples=2)
@given(stops=st.lists(st.integers(1, 2 * 48), min_size=1, max_size=2))
def test_a_run_that_is_ended_at_any_steps_comes_to_the_same_bytes(
    several: Job,
    left_alone: dict[str, bytes],
    tmp_path_factory: pytest.TempPathFactory,
    stops: list[int],
) -> None:
    folder = tmp_path_factory.mktemp("out") / "run"
    for stop in stops:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Community, "step", _failing(stop, KeyboardInterrupt()))
            try:
                job.execute(several, folder, checkpoint_every_s=0.0)
            except KeyboardInterrupt:
                assert not folder.exists()
    assert _contents(job.execute(several, folder)) == left_alone
    assert list(folder.parent.iterdir()) == [folder]


KILLED = """
import os, signal, sys
from pathlib import Path
from model.community import Community
from scenarios import job
from scenarios.job import Job
step, lived = Community.step, []
def killed(self):
    lived.append(self)
    if len(lived) == 82:
        os.kill(os.getpid(), signal.SIGKILL)
    step(self)
Community.step = killed
asked = Job.model_validate_json(Path(sys.argv[1]).read_bytes())
job.execute(asked, Path(sys.argv[2]), checkpoint_every_s=0.0)
"""


def test_another_process_goes_on_where_one_was_killed(
    several: Job, left_alone: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "asked.json").write_text(several.model_dump_json(), encoding="utf-8")
    folder = tmp_path / "out" / "run"
    script = [sys.executable, "-c", KILLED, str(tmp_path / "asked.json"), str(folder)]
    assert subprocess.run(script, cwd=ROOT, check=False).returncode < 0
    (draft,) = job.unfinished(tmp_path / "out")
    assert drafts.steps_kept(draft) == 81
    begun: list[str] = []
    restore = States.restore

    def told(self: States, community: Community) -> bool:
        known = restore(self, community)
        begun.append(f"{self.arm} {community.index}")
        return known

    monkeypatch.setattr(States, "restore", told)
    assert job.proceed(draft, workers=1) == folder
    assert begun == ["self_use 48", "market 33"]
    assert _contents(folder) == left_alone


def test_homes_that_learn_together_go_on_learning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    knobs = ("forecast.name=transformer", "federated.enabled=true", "federated.round_steps=16")
    more = ("federated.windows_per_round=4", "federated.strategy=FedAvgM")
    # It looks ahead but does not plan, so that few forecasts are made.
    asked = Job(scenario=load("fontana", (*SMALL, *knobs, *more)), arms=("score_rule",))
    wanted = _contents(job.execute(asked, tmp_path / "alone"))
    arms = json.loads(wanted["summary.json"])["arms"]
    assert arms["score_rule"]["federated"]["changed_count"] == 3
    monkeypatch.setattr(Community, "step", _failing(37, KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        job.execute(asked, tmp_path / "ended", checkpoint_every_s=0.0)
    monkeypatch.undo()
    assert _contents(job.execute(asked, tmp_path / "ended")) == wanted


def test_a_whole_folder_is_returned_at_once(
    several: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = several.model_copy(update={"arms": ("grid_only",)})
    folder = job.execute(quick, tmp_path / "deep" / "run")
    monkeypatch.setattr(Community, "step", _failing(1, AssertionError("nothing is lived again")))
    assert job.execute(quick, folder) == folder
    (tmp_path / "mine").mkdir()
    with pytest.raises(DraftError, match="mine: must not be there, or be a whole folder"):
        job.execute(quick, tmp_path / "mine")


@pytest.mark.parametrize("error", [LawError("off"), InputError("no"), KeyError("odd")])
def test_an_error_of_the_run_leaves_nothing(
    several: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(Community, "step", _failing(30, error))
    with pytest.raises(type(error)):
        job.execute(several, tmp_path / "deep" / "run", checkpoint_every_s=0.0)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def draft(several: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Leave a draft with 29 steps of its only arm."""
    asked = several.model_copy(update={"arms": ("self_use",)})
    with monkeypatch.context() as patch:
        patch.setattr(Community, "step", _failing(30, KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            job.execute(asked, tmp_path / "run", checkpoint_every_s=0.0)
    return drafts.draft_of(tmp_path / "run")


def _changed(path: Path, change: Callable[[Any], object]) -> None:
    found = json.loads(path.read_bytes())
    change(found)
    path.write_text(json.dumps(found), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("job.json", lambda d: d["versions"].update(numpy="0.1"), " with numpy "),
        ("job.json", lambda d: d.update(program_sha256="0"), ", the program has changed since"),
        ("parts/ground.json", lambda d: d.popitem(), ", what the run is lived on has changed"),
        ("parts/ground.json", lambda d: d.update(mine="0"), ", mine has changed since"),
    ],
)
def test_a_draft_of_something_else_is_refused_in_a_line_and_stays(
    draft: Path, name: str, change: Callable[[Any], object], told: str
) -> None:
    _changed(draft / name, change)
    before = sorted(draft.rglob("*"))
    with pytest.raises(DraftError) as refused:
        job.proceed(draft, workers=1)
    assert str(refused.value).startswith(f"{draft}: cannot be continued{told}")
    assert "\n" not in str(refused.value)
    assert sorted(draft.rglob("*")) == before


def test_a_draft_that_misses_a_table_or_says_nothing_is_refused(draft: Path) -> None:
    os.truncate(draft / "parts" / "self_use.ledger.bin", 10)
    with pytest.raises(DraftError, match=r"continued, self_use: self_use.ledger.bin is not whole"):
        job.proceed(draft)
    (draft / "job.json").write_text("{}", encoding="utf-8")
    with pytest.raises(DraftError, match=r"job.json: must be that of a run"):
        job.proceed(draft)


def test_a_draft_that_another_program_works_on_is_left_to_it(draft: Path) -> None:
    with whole_files.alone(draft), pytest.raises(InputError, match="must not be in use"):
        job.proceed(draft)
    assert job.unfinished(draft.parent) == [draft]


def test_the_last_whole_state_survives_a_torn_one(draft: Path, several: Job) -> None:
    older, newer = sorted((draft / "parts").glob("*.state"), key=lambda path: path.stat().st_mtime)
    os.truncate(newer, newer.stat().st_size // 2)
    assert drafts.steps_kept(draft) == 28
    os.truncate(older, 0)
    assert drafts.steps_kept(draft) == 0
    asked = several.model_copy(update={"arms": ("self_use",)})
    wanted = _contents(job.execute(asked, draft.parent / "alone"))
    assert _contents(job.proceed(draft, workers=1)) == wanted  # from the start
