"""The commands `batch` and `resume`."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import run
from model.community import Community
from profiles.errors import InputError
from scenarios import batch_session, drafts, job, store
from scenarios.schema import Scenario

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")

ASKED = ["--days", "1", "--homes", "2", "--arms", "gross", "--quiet"]
HERE = [*ASKED, "--workers", "1"]
GRID = ["batch", "fontana", "--grid", "market.loss_fraction=0,0.05"]


def test_a_batch_tells_where_it_is_and_can_be_verified(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main([*GRID, *HERE, "--repetitions", "2"]) == run.OK
    captured = capsys.readouterr()
    assert captured.err == ""
    first, last = captured.out.splitlines()
    assert first == "4 of 4 runs done"
    folder = Path(last.removeprefix("batch_folder: "))
    assert folder.parent == Path("results")
    assert run.main(["verify", str(folder)]) == run.OK
    assert capsys.readouterr().out == f"ok: {folder}\n"
    (folder / "runs/00003/ledger.bin").unlink()
    assert run.main(["verify", str(folder)]) == run.NOT_VERIFIED
    assert f"{folder}: runs/00003/ledger.bin: cannot be read" in capsys.readouterr().err


def test_runs_that_failed_are_told_and_tried_again(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(job, "execute", _refusing)
        assert run.main([*GRID, *HERE]) == 3
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    folder = lines[-1].removeprefix("batch_folder: ")
    assert lines == [
        "0 of 2 runs done", f"try again: commonwatt resume {folder}", f"batch_folder: {folder}",
    ]  # fmt: skip
    assert captured.err.splitlines() == [
        "run 1 (market.loss_fraction=0): load.csv:3: off",
        "run 2 (market.loss_fraction=0.05): load.csv:3: off",
    ]
    assert run.main(["resume", folder, "--workers", "1", "--json", "--quiet"]) == run.OK
    told = json.loads(capsys.readouterr().out)
    assert told == {"batch_folder": folder, "runs_count": 2, "done_count": 2, "failures": []}


def _refusing(*_: object, **__: object) -> Path:
    raise InputError("load.csv:3: off")


def test_an_interruption_says_how_to_go_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(job, "execute", interrupted)
    assert run.main([*GRID, *HERE]) == run.INTERRUPTED
    (folder,) = Path("results").iterdir()
    told = f"interrupted after 0 of 2 runs; go on with: commonwatt resume {folder}\n"
    assert capsys.readouterr().err == told


def test_a_dry_run_shows_first_and_last_runs_and_writes_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = ["batch", "fontana", "--grid", "battery.capacity_kwh=1,2,3,4,5,6,7,8,9,10"]
    assert run.main([*asked, *HERE, "--dry-run"]) == run.OK
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "10 runs; what varies: battery.capacity_kwh"
    assert lines[1:8] == [
        " 1  seed 0  battery.capacity_kwh=1",
        " 2  seed 0  battery.capacity_kwh=2",
        " 3  seed 0  battery.capacity_kwh=3",
        "...",
        " 8  seed 0  battery.capacity_kwh=8",
        " 9  seed 0  battery.capacity_kwh=9",
        "10  seed 0  battery.capacity_kwh=10",
    ]
    assert lines[-1].startswith("about ")
    assert lines[-1].endswith("; measured on a day of run 1")
    assert list(Path().iterdir()) == []
    assert run.main([*GRID, *HERE, "--dry-run", "--json"]) == run.OK
    told = json.loads(capsys.readouterr().out)
    assert [each["varied"] for each in told["runs"]] == [
        {"market.loss_fraction": 0}, {"market.loss_fraction": 0.05},
    ]  # fmt: skip
    assert set(told["estimate"]) >= {"seconds", "bytes_count"}


def test_a_run_that_was_interrupted_is_gone_on_with(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], short: tuple[str, ...]
) -> None:
    step = Community.step

    def interrupted(self: Community) -> None:
        if self.index == 30:
            raise KeyboardInterrupt
        step(self)

    asked = ["compare", "fontana", *short, "--arms", "self_use", "--checkpoint-every", "0"]
    with monkeypatch.context() as patch:
        patch.setattr(Community, "step", interrupted)
        assert run.main(asked) == run.INTERRUPTED
    told = "interrupted after 30 of 48 steps; go on with: commonwatt resume results\n"
    assert capsys.readouterr().err == told
    assert run.main(["resume", "results", "--quiet"]) == run.OK
    (folder,) = Path("results").iterdir()
    assert capsys.readouterr().out == f"result_folder: {folder}\n"
    assert store.verify(folder) == []


def test_a_run_that_cannot_be_continued_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    every = {"homes": {"count": 2}, "run": {"days": 1}}
    asked = job.Job(scenario=Scenario.model_validate(every), arms=("gross",))
    with monkeypatch.context() as patch:
        patch.setattr(store, "write", _interrupted)
        for name in ("sim_1", "sim_2"):
            with pytest.raises(KeyboardInterrupt):
                job.execute(asked, Path("results") / name, checkpoint_every_s=0)
    older, newer = job.unfinished(Path("results"))
    begun = json.loads((older / "job.json").read_text(encoding="utf-8"))
    begun["versions"]["numpy"] = "1.0"
    (older / "job.json").write_text(json.dumps(begun), encoding="utf-8")
    assert run.main(["resume", "results", "--quiet"]) == batch_session.PARTLY
    captured = capsys.readouterr()
    assert captured.out == f"result_folder: {drafts.folder_of(newer)}\n"
    assert captured.err.startswith(f"{older}: cannot be continued with numpy ")
    assert captured.err.count("\n") == 1
    assert job.unfinished(Path("results")) == [older]
    assert run.main(["resume", "results", "--quiet"]) == run.REFUSED  # it is alone by now


def _interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["batch", "fontana"], "error: fontana: must vary something by grid, list, latin_hyper"),
        (["batch", "s.yaml"], "error: s.yaml:2: market.los_fraction: is not a known key"),
        (["batch", "fontana", "--repetitions", "0"], "error: --repetitions 0: repetitions: must"),
        ([*GRID, "--engine", "ray"], "error: --engine: must be processes or dask"),
        ([*GRID, "--out", "s.yaml"], "error: --out s.yaml: must be a folder"),
        (["batch"], "error: Missing argument 'SWEEP_OR_SCENARIO'"),
        (["resume", "none"], "error: none: must be that of a batch, or hold a run that can be"),
    ],
)
def test_bad_input_is_refused_before_anything_is_written(
    arguments: list[str], message: str, refused: Callable[[list[str]], str]
) -> None:
    text = "scenario: fontana\ngrid: {market.los_fraction: [0]}\n"
    Path("s.yaml").write_text(text, encoding="utf-8")
    assert refused([*arguments, "--quiet"]).startswith(message)
