"""A network is trained into a folder, in one go or several, and not judged by what it has seen."""

import csv
import errno
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from forecasting.learned import checkpoint, presets, state, training
from forecasting.learned.checkpoint import Checkpoint
from forecasting.learned.errors import TrainingError, TrainingInterrupted
from forecasting.learned.learner import Learner, LossError
from forecasting.learned.unseen import check_unseen
from profiles import fontana, whole_files
from profiles.errors import InputError
from profiles.recorded import write
from scenarios.failures import told
from scenarios.training import run
from tests.forecasting.learned import tiny

SETTINGS = ("homes.count=2", "run.step_minutes=60", "training.train_until=2016-10-01")
QUICK = (*SETTINGS, "training.epochs_max=1", "training.steps_per_epoch=1")
Trainer = Callable[..., str]


@pytest.fixture
def train(monkeypatch: pytest.MonkeyPatch) -> Trainer:
    """Train a tiny network: `train(folder, "seed=3")`."""
    monkeypatch.setattr(presets, "PRESETS", tiny.presets(epochs_max=3))

    def trained(folder: Path, *settings: str, scenario: str = "fontana") -> str:
        return run((scenario, [*SETTINGS, *settings], {}, []), folder, quiet=True)

    return trained


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def _stop_after(monkeypatch: pytest.MonkeyPatch, epochs: int) -> None:
    """Interrupt the next training when so many epochs are over."""
    kept = state.Keeper.keep

    def keep(keeper: state.Keeper, over: Any, tensors: Any) -> None:  # noqa: ANN401, handed on
        kept(keeper, over, tensors)
        if len(over) == epochs:
            raise KeyboardInterrupt

    monkeypatch.setattr(state.Keeper, "keep", keep)


def test_a_folder_holds_weights_what_they_are_and_the_losses(
    train: Trainer, tmp_path: Path
) -> None:
    folder = tmp_path / "new" / "folder"
    line = train(folder, "seed=3")
    assert sorted(_files(folder)) == ["checkpoint.json", "history.csv", "weights.safetensors"]
    found = checkpoint.load(folder)
    assert (found.home_ids, found.source) == ((1, 2), "2 homes of fontana")
    assert str(found.train_start_utc) == "2016-08-01T08:00:00"
    assert str(found.train_end_utc) == "2016-10-01T08:00:00"
    year = fontana.read(60).select([1, 2])
    learned_from = year.load_kwh[: (61 - 29) * 24 - 6]  # but for validation and a gap of 6 hours
    # Of the tiny network's 6 hours, 28 days and 1 more are validation.
    np.testing.assert_allclose(found.scalers["mean_kwh"], learned_from.mean(axis=0), rtol=1e-12)
    rows = list(csv.DictReader((folder / "history.csv").read_text().splitlines()))
    losses = [float(row["validation_loss"]) for row in rows]
    best = int(np.argmin(losses)) + 1
    assert found.meta["best_epoch"] == best
    assert [each["validation_loss"] for each in found.meta["epochs"]] == losses
    assert found.meta["command"] == (
        "python run.py train fontana --set homes.count=2 --set run.step_minutes=60 "
        "--set training.train_until=2016-10-01 --set seed=3"
    )
    assert line == (
        f"{folder}: patch, {found.meta['weights_count']} weights, trained on 2 homes of fontana, "
        f"2016-08-01 00:00 to 2016-10-01 00:00; epoch {best} of 3 is kept, validation loss "
        f"{min(losses):.4f}"
    )


def test_changing_what_comes_after_the_span_changes_no_byte(train: Trainer, tmp_path: Path) -> None:
    """Meters of October and November change: one kWh more in every hour."""
    year = fontana.read(60).select([1, 2]).between(0, 122 * 24)
    changed = year.load_kwh.copy()
    changed[61 * 24 :] += 1.0
    trained = {}
    for name, load_kwh in (("as it was", year.load_kwh), ("changed", changed)):
        path = tmp_path / f"{name}.parquet"
        write.write_long(replace(year, load_kwh=load_kwh), path)
        file = (f"profiles.path={path}", "profiles.source=file", "profiles.zone='-08:00'")
        train(tmp_path / name, *file)
        trained[name] = _files(tmp_path / name)
    mine, its = trained.values()
    assert mine["weights.safetensors"] == its["weights.safetensors"]
    assert mine["history.csv"] == its["history.csv"]
    told_of = [json.loads(each["checkpoint.json"]) for each in (mine, its)]
    for each in told_of:
        del each["meta"]["command"], each["meta"]["inputs_sha256"], each["source"]
    assert told_of[0] == told_of[1]


def test_interrupted_it_goes_on_and_leaves_the_same_bytes(
    train: Trainer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(tmp_path / "whole")
    with monkeypatch.context() as patch:
        _stop_after(patch, 2)
        with pytest.raises(TrainingInterrupted, match=r"cut: what is finished is kept, the same"):
            train(tmp_path / "cut")
    assert sorted(_files(tmp_path / "cut" / "training")) == ["epoch_2.safetensors", "state.json"]
    train(tmp_path / "cut")
    assert _files(tmp_path / "cut") == _files(tmp_path / "whole")


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("seed=1", "begun with seed 0 (now 1)"),
        ("training.batch_windows=8", "begun with batch_windows 16 (now 8)"),
        ("training.target=generation", "begun with target 'consumption' (now 'generation')"),
        ("training.validation_days=20", "begun with validation_start_utc"),
        ("training.train_from=2016-08-02", "begun with span_utc"),
        ("homes.count=3", "begun with other data"),
    ],
)
def test_another_config_or_other_data_is_refused(
    setting: str, message: str, train: Trainer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        _stop_after(patch, 1)
        with pytest.raises(TrainingInterrupted):
            train(tmp_path)
    before = _files(tmp_path / "training")
    with pytest.raises(InputError) as error:
        train(tmp_path, setting)
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert _files(tmp_path / "training") == before


def test_a_folder_with_a_trained_network_is_left_alone(train: Trainer, tmp_path: Path) -> None:
    train(tmp_path)
    before = _files(tmp_path)
    with pytest.raises(InputError, match=r"must be a folder without a trained network"):
        train(tmp_path)
    assert _files(tmp_path) == before


def test_two_trainings_do_not_share_a_folder(train: Trainer, tmp_path: Path) -> None:
    folder = tmp_path / "one"
    with whole_files.alone(folder), pytest.raises(InputError) as refused:
        train(folder)
    shown = f"{folder}: must not be in use, another program writes into it"
    assert str(refused.value) == shown
    assert list(tmp_path.iterdir()) == []
    train(folder)
    assert checkpoint.load(folder).home_ids == (1, 2)


def test_a_trained_network_is_safe_where_its_training_was_not_cleared_away_whole(
    train: Trainer, tmp_path: Path
) -> None:
    train(tmp_path)
    (tmp_path / "training").mkdir()
    (tmp_path / "training" / "epoch_3.safetensors").write_bytes(b"left")
    with pytest.raises(InputError, match=r"must be a folder without a trained network"):
        train(tmp_path, "seed=4")


def test_a_disk_that_is_full_in_the_end_loses_no_epoch(
    train: Trainer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(tmp_path / "whole")
    kept = whole_files.write

    def full(path: Path, content: bytes) -> None:
        if path.name == "checkpoint.json":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        kept(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(whole_files, "write", full)
        with pytest.raises(TrainingError) as error:
            train(tmp_path / "full")
    refused, text = told(error.value)
    assert not refused
    assert text == (
        f"{tmp_path / 'full'}: cannot be written (No space left on device); all epochs are kept, "
        "the same command goes on from there"
    )
    with monkeypatch.context() as patch:
        patch.setattr(training, "_epoch", None)  # nothing is left to be learned
        train(tmp_path / "full")
    assert _files(tmp_path / "full") == _files(tmp_path / "whole")


def test_a_loss_that_is_no_number_stops_and_keeps_the_last_good_network(
    train: Trainer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn, steps = Learner.learn, iter(range(1, 100))

    def diverged(learner: Learner, *batch: Any) -> float:  # noqa: ANN401, handed on
        if next(steps) == 11:
            raise LossError("the loss is nan, its gradient nan")
        return learn(learner, *batch)

    monkeypatch.setattr(Learner, "learn", diverged)
    with pytest.raises(TrainingError) as error:
        train(tmp_path)
    assert str(error.value) == (
        f"{tmp_path}: epoch 3: the loss is nan, its gradient nan; training stopped, the network "
        f"of epoch {checkpoint.load(tmp_path).meta['best_epoch']} is kept"
    )
    assert len(checkpoint.load(tmp_path).meta["epochs"]) == 2


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["training.train_until=2016-08-20"], "--set training.train_until=2016-08-20: training."),
        (["homes.count=40"], "--set homes.count=40: homes.count: must be at most 9 (got 40)"),
        (["training.epochs_max=0"], "--set training.epochs_max=0: training.epochs_max: must be at"),
        (["training.device=cuda"], "--set training.device=cuda: training.device: must be cpu or"),
    ],
)
def test_what_cannot_be_trained_is_refused_and_nothing_written(
    settings: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(InputError) as error:
        run(("fontana", [*SETTINGS, *settings], {}, []), tmp_path / "new", quiet=True)
    assert str(error.value).startswith(message)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("preset", "until"), [("patch", "2016-10-01"), ("compact", "2016-12-15")])
def test_every_preset_trains(preset: str, until: str, tmp_path: Path) -> None:
    settings = [*QUICK, f"training.preset={preset}", f"training.train_until={until}"]
    settings += ["training.validation_every_steps=200"]
    run(("fontana", settings, {"--seed": 3}, ["unlimited"]), tmp_path, quiet=True)
    found = checkpoint.load(tmp_path)
    assert (found.preset, found.meta["seed"], len(found.meta["epochs"])) == (preset, 3, 1)
    assert "--seed 3 --override unlimited" in found.meta["command"]


@pytest.fixture
def trained(train: Trainer, tmp_path: Path) -> Checkpoint:
    train(tmp_path)
    return checkpoint.load(tmp_path)


def _days(first: str, end: str) -> tuple[np.datetime64, np.datetime64]:
    return np.datetime64(f"{first}T08:00:00", "s"), np.datetime64(f"{end}T08:00:00", "s")


def test_days_that_trained_a_network_do_not_judge_it(trained: Checkpoint) -> None:
    year = fontana.read(30)  # in other steps
    with pytest.raises(InputError) as error:
        check_unseen(trained, year, _days("2016-09-30", "2016-10-07"))
    assert str(error.value) == (
        "checkpoint: was trained on home 1 and 1 more from 2016-08-01 to 2016-10-01, which must "
        "not overlap 2016-09-30 to 2016-10-07 (--allow-seen lets it)"
    )
    check_unseen(trained, year, _days("2016-09-30", "2016-10-07"), allow_seen=True)


def test_other_days_and_other_homes_judge_it(trained: Checkpoint) -> None:
    year = fontana.read(30)
    check_unseen(trained, year, _days("2016-10-01", "2016-10-07"))
    check_unseen(trained, year, _days("2016-07-01", "2016-08-01"))
    check_unseen(trained, year.select([3, 4]), _days("2016-09-30", "2016-10-07"))
