"""The folder of a batch."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from profiles.errors import InputError
from scenarios import batch_folder, drafts, engines, manifest, runs
from scenarios.batch_folder import Batch, Planned
from scenarios.plan import Plan, plan
from scenarios.sweep_source import Typed


@pytest.fixture(scope="module")
def planned() -> Plan:
    """Two runs of a day of two homes, that take a moment."""
    options = {"--days": 1, "--homes": 2}
    return plan(Typed("fontana", options=options, grid=["seed=1,2"], more={"--arms": ["gross"]}))


@pytest.fixture
def folder(planned: Plan, tmp_path: Path) -> Path:
    """Give the folder of a batch of which nothing was run."""
    return batch_folder.created(planned.typed, planned.runs, tmp_path / "out")


@pytest.fixture
def make(folder: Path) -> Callable[[Planned], None]:
    """Make a run of it."""
    return lambda run: engines.Making(folder)(run, lambda _: None) and None


def test_what_is_run_is_written_first_and_read_back(planned: Plan, folder: Path) -> None:
    assert folder.name.startswith("batch_")
    assert sorted(path.name for path in folder.iterdir()) == ["batch.json", "failed", "runs"]
    found = batch_folder.read(folder)
    assert found.runs == planned.runs
    assert found.typed == planned.typed
    assert found.versions == manifest.versions()
    lines = (folder / "batch.json").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line.rstrip(",")).get("number") for line in lines[-3:-1]] == [1, 2]
    batch_folder.check_versions(folder, found)


def test_a_batch_is_no_run_among_others(folder: Path) -> None:
    (folder / "DONE").write_text("")
    assert batch_folder.is_batch(folder)
    assert runs.names(folder.parent) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda text: text.replace('"seed":2', '"seed":3', 1), "differs from what was written"),
        (lambda text: text.replace('"number":2', '"number":1', 1), "differs from what was"),
        (lambda text: text[:-5], "is not that of a batch"),
        (lambda _: "[]", "is not that of a batch"),
    ],
)
def test_a_list_of_runs_that_was_changed_is_refused(
    change: Callable[[str], str], problem: str, folder: Path
) -> None:
    path = folder / "batch.json"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(InputError, match=f"batch_.*/batch.json: {problem}"):
        batch_folder.read(folder)
    assert problem in batch_folder.verify(folder)[0]


def test_what_is_no_batch_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        batch_folder.read(tmp_path / "none")
    with pytest.raises(InputError, match=r"batch.json: cannot be read \(No such file"):
        batch_folder.read(tmp_path)


def test_another_version_does_not_go_on(folder: Path) -> None:
    found = batch_folder.read(folder)
    older = found.model_copy(update={"versions": {**found.versions, "numpy": "1.0"}})
    with pytest.raises(InputError, match=r"was begun by numpy 1\.0, which must"):
        batch_folder.check_versions(folder, older)


def test_another_state_of_the_program_does_not_go_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = batch_folder.read(folder)
    monkeypatch.setattr(drafts, "program_sha256", lambda: "other")
    with pytest.raises(InputError, match="was begun by a program that has changed since"):
        batch_folder.check_versions(folder, found)


def test_a_run_that_failed_says_why_until_it_is_tried_again(planned: Plan, folder: Path) -> None:
    first, second = planned.runs
    batch_folder.fail(folder, second, "a law was broken")
    assert (folder / "failed" / "00002.json").read_text(encoding="utf-8").count("\n") == 1
    assert batch_folder.problem(folder, second) == "a law was broken"
    assert batch_folder.problem(folder, first) == ""
    batch_folder.forgive(folder, second)
    assert batch_folder.problem(folder, second) == ""


def test_it_is_done_as_soon_as_every_run_is(
    planned: Plan, folder: Path, make: Callable[[Planned], None]
) -> None:
    first, second = planned.runs
    batch = batch_folder.read(folder)
    make(first)
    batch_folder.finish(folder, batch)
    assert not (folder / "DONE").exists()
    assert batch_folder.verify(folder) == [
        "runs/00002: is not finished", "DONE: is missing, the batch is not finished",
    ]  # fmt: skip
    make(second)
    assert not batch_folder.is_finished(folder, batch)
    batch_folder.finish(folder, batch)
    assert batch_folder.is_finished(folder, batch)
    assert batch_folder.verify(folder) == []
    own = folder / "runs" / "00002"
    assert batch_folder.result_hash(folder, second) == (own / "DONE").read_text().strip()
    (own / "summary.json").write_text("{}")
    assert batch_folder.verify(folder) == ["runs/00002/summary.json: differs from what was written"]
    (own / "manifest.json").write_text("{}")
    assert batch_folder.result_hash(folder, second) is None
    assert not batch_folder.is_finished(folder, batch)
    (folder / "DONE").write_text("0")
    assert "runs/00002/manifest.json" in batch_folder.verify(folder)[0]


def test_done_holds_the_hash_of_the_list_and_of_every_run(
    planned: Plan, folder: Path, make: Callable[[Planned], None]
) -> None:
    for run in planned.runs:
        make(run)
    batch_folder.finish(folder, batch_folder.read(folder))
    first = (folder / "DONE").read_bytes()
    other: Batch = batch_folder.read(folder).model_copy(update={"sha256": "0"})
    batch_folder.finish(folder, other)
    assert (folder / "DONE").read_bytes() != first
    assert "DONE: differs from what was written" in batch_folder.verify(folder)


def test_one_program_is_at_work_in_a_batch(folder: Path) -> None:
    with batch_folder.at_work(folder), batch_folder.at_a_run(folder):
        _check_in_use(folder)


def _check_in_use(folder: Path) -> None:
    with pytest.raises(InputError, match="must not be in use"), batch_folder.at_work(folder):
        pytest.fail("somebody is at work")


def test_a_process_that_outlives_its_batch_is_waited_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_folder, "_PATIENCE_S", 0.0)
    with batch_folder.at_a_run(folder):
        _check_in_use(folder)
    with batch_folder.at_work(folder):
        pass
