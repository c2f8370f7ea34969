"""What the commands of batches check, plan and tell."""

import shutil
from pathlib import Path

import pytest

from profiles.errors import InputError
from scenarios import batch, batch_folder, batch_session, engines
from scenarios.batch_session import Means
from scenarios.plan import plan
from scenarios.sweep_source import Typed

ROOT = Path(__file__).parents[2]
REFUSED = [
    (Means("ray"), "--engine: must be processes or dask (got 'ray')"),
    (Means("dask"), "--engine dask: needs --address, as in --address tcp://10.0.0.1:8786"),
    (Means(address="tcp://a:1"), "--address: goes with --engine dask (it is processes)"),
    (Means("dask", "tcp://a:1", 2), "--workers: goes with --engine processes, a cluster has its"),
]


@pytest.mark.parametrize(("means", "message"), REFUSED)
def test_means_that_do_not_go_together_are_refused(means: Means, message: str) -> None:
    with pytest.raises(InputError) as refused:
        means.check()
    assert str(refused.value).startswith(message)


def test_there_is_a_process_for_each_core_unless_somebody_says_how_many() -> None:
    assert Means(workers=3).processes_count == 3
    assert Means().processes_count >= 1
    Means().check()
    Means("dask", "tcp://a:1").check()


ONE = Means(workers=1, quiet=True)


def _begun(out: Path, sweep: str = "fontana") -> Path:
    """Lay out a batch of one run that is not made."""
    typed = Typed(
        sweep,
        options={"--days": 1, "--homes": 2},
        more={"--arms": ["grid_only"], "--repetitions": 1},
    )
    planned = plan(typed)
    return batch_folder.created(planned.typed, planned.runs, out)


def test_a_batch_below_the_folder_of_results_is_found(tmp_path: Path) -> None:
    folder = _begun(tmp_path / "results")
    told, code = batch_session.resume(tmp_path / "results", ONE)
    assert (told, code) == (f"1 of 1 runs done\nbatch_folder: {folder}", batch_session.DONE)
    with pytest.raises(InputError, match="must be that of a batch, or hold a run that can be"):
        batch_session.resume(tmp_path / "results", ONE)  # nothing is left to be done


def test_of_several_batches_it_is_said_what_to_type(tmp_path: Path) -> None:
    first, _ = _begun(tmp_path), _begun(tmp_path)
    with pytest.raises(InputError) as refused:
        batch_session.resume(tmp_path, ONE)
    assert str(refused.value) == (
        f"{tmp_path}: holds 2 batches that are not finished; go on with one: "
        f"commonwatt resume {first}"
    )


def test_a_damaged_run_is_told_on_the_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = _begun(tmp_path)
    batch.go_on(folder, engines.processes(1), lambda *_: None)
    (folder / "runs" / "00001" / "trades.parquet").unlink()
    told, code = batch_session.resume(folder, ONE)
    assert (told, code) == (f"1 of 1 runs done\nbatch_folder: {folder}", batch_session.DONE)
    line = capsys.readouterr().err
    assert line.startswith("run 1 (fontana #1): trades.parquet: cannot be read (No ")
    assert line.endswith("; it is made again, what was there is in damaged/00001\n")
    assert line.count("\n") == 1
    assert batch_folder.verify(folder) == []


@pytest.mark.usefixtures("in_an_empty_folder")
def test_data_typed_relative_are_found_wherever_a_batch_is_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the sweep, in a scenario beside it, and in an override: each from where it stands."""
    events = ROOT / "scenarios" / "catalogue" / "demand" / "stadium_evening.csv"
    for name in ("deep/own.csv", "deep/sets/its.csv"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(events, name)
    Path("deep/sets/its.yaml").write_text(
        "base: fontana\nprofiles: {events_path: its.csv}\n", encoding="utf-8"
    )
    Path("deep/sweep.yaml").write_text(
        "runs:\n  - {scenario: sets/its.yaml}\n"
        "  - {scenario: fontana, set: {profiles.events_path: own.csv}}\n",
        encoding="utf-8",
    )
    folder = _begun(tmp_path / "out", "deep/sweep.yaml")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    told, code = batch_session.resume(folder, ONE)
    assert (told.splitlines()[0], code) == ("2 of 2 runs done", batch_session.DONE)
    read = [run.job.scenario.profiles.events_path for run in batch_folder.read(folder).runs]
    deep = tmp_path / "deep"
    assert read == [str(deep / "sets" / "its.csv"), str(deep / "own.csv")]
