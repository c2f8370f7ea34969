"""Runs of a batch on the workers of a Dask cluster, each a process of its own."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import LocalCluster

from profiles.errors import InputError
from scenarios import batch, batch_folder, batch_session, clusters, engines, job, manifest
from scenarios.batch_session import Means
from scenarios.plan import Plan, plan
from scenarios.sweep_source import Typed


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Start a scheduler, and a worker that is a process."""
    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, dashboard_address=":0"
    ) as started:
        yield started.scheduler_address


def _planned(sweep: Path, text: str) -> Plan:
    sweep.write_text(f"scenario: fontana\narms: [self_use]\n{text}\n", encoding="utf-8")
    return plan(Typed(str(sweep), options={"--days": 1, "--homes": 2}))


def _done(folder: Path) -> bytes:
    return (folder / "DONE").read_bytes()


def test_a_cluster_leaves_what_one_process_leaves(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder is named as seen from here, where the worker was not started."""
    made = _planned(tmp_path / "s.yaml", "grid: {battery.capacity_kwh: [5, 10]}")
    here = batch.begin(made, tmp_path / "here", engines.processes(1), lambda *_: None)
    told: list[tuple[str, int, int]] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(job, "execute", None)  # whoever made a run here would fail
    with clusters.dask(address) as engine:
        there = batch.begin(made, Path("there"), engine, lambda *each: told.append(each))
    assert (there.done_count, there.failures) == (2, ())
    assert _done(there.folder) == _done(here.folder)
    assert batch_folder.verify(there.folder) == []
    assert told[-1] == ("2 of 2 runs over", 96, 96)


def test_a_run_that_fails_there_is_told_here(address: str, tmp_path: Path) -> None:
    rates = tmp_path / "rates.csv"
    made = _planned(tmp_path / "s.yaml", "grid: {battery.capacity_kwh: [5, 10]}")
    first = made.runs[0].job
    lost = {**first.scenario.carbon.model_dump(), "name": "file", "path": str(rates)}
    scenario = first.scenario.model_copy(
        update={"carbon": type(first.scenario.carbon).model_validate(lost)}
    )
    job = first.model_copy(update={"scenario": scenario})
    runs = (made.runs[0].model_copy(update={"job": job}), made.runs[1])
    with clusters.dask(address) as engine:
        ended = batch.begin(Plan(made.typed, runs), tmp_path / "out", engine, lambda *_: None)
    (failure,) = ended.failures
    assert failure.number == 1
    assert failure.problem.startswith("carbon.path: ")
    assert ended.done_count == 1


def test_a_worker_with_another_program_makes_no_run(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = _planned(tmp_path / "s.yaml", "grid: {battery.capacity_kwh: [5]}")
    here = manifest.versions()["numpy"]
    monkeypatch.setattr(clusters, "_program", lambda: {"numpy": "1.0"})
    with clusters.dask(address) as engine:
        ended = batch.begin(made, tmp_path / "out", engine, lambda *_: None)
    (failure,) = ended.failures
    assert failure.problem == f"a worker of the cluster must have numpy 1.0 (got {here})"


def test_a_worker_that_does_not_see_the_folder_says_so(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = _planned(tmp_path / "s.yaml", "grid: {battery.capacity_kwh: [5]}")
    monkeypatch.setattr(Path, "cwd", lambda: tmp_path / "nowhere")
    with clusters.dask(address) as engine:
        ended = batch.begin(made, tmp_path / "out", engine, lambda *_: None)
    (failure,) = ended.failures
    assert failure.problem == f"{tmp_path / 'nowhere'}: No such file or directory"


def test_an_estimate_counts_the_workers_of_the_cluster(address: str) -> None:
    assert Means("dask", address).processes_count == 1
    typed = Typed(
        "fontana",
        options={"--days": 1, "--homes": 2},
        grid=["battery.capacity_kwh=5,10"],
        more={"--arms": ["grid_only"]},
    )
    told = batch_session.planned(typed, Means("dask", address, quiet=True), as_json=True)
    assert json.loads(told)["estimate"]["processes_count"] == 1


def test_nobody_at_the_address_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "_PATIENCE_S", 0.2)
    for nobody in ("tcp://127.0.0.1:1", "moon://1", "tcp://127.0.0.1"):
        with pytest.raises(InputError) as refused, clusters.dask(nobody):
            pytest.fail("there is nobody")
        assert str(refused.value).startswith(f"--address {nobody}: must be a scheduler with work")
        assert "\n" not in str(refused.value)


def test_without_the_libraries_their_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "find_spec", lambda _: None)
    with pytest.raises(InputError) as refused, clusters.dask("tcp://127.0.0.1:1"):
        pytest.fail("there is no library")
    needed = "needs the library joblib: pip install 'commonwatt[cluster]'"
    assert str(refused.value) == f"--engine dask: {needed}"
