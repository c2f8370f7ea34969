"""Checkpoints as rungs: asked as they are, tuned to homes, refused where they do not fit."""

import itertools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from forecasting.evaluation import networks
from forecasting.evaluation.course import Course
from forecasting.learned.batched import outlook
from forecasting.learned.checkpoint import Checkpoint
from forecasting.learned.energy import EnergyTask
from forecasting.learned.network import EnergyShape
from forecasting.learned.patch import PatchTask
from profiles.errors import InputError
from profiles.profiles import Profiles


def test_windows_are_laid_out_by_origin_and_home(checkpoint: Checkpoint, habits: Course) -> None:
    origins = habits.origins(habits.validation)[:4]
    found = networks.trained(checkpoint)(habits)(origins)
    windows = checkpoint.task.windows(habits.record, checkpoint.scalers)
    alone = outlook(checkpoint.network, checkpoint.task, windows, np.array([1]), origins[2:3])
    assert found.mean is not None
    assert found.median is not None
    assert found.quantiles is not None
    assert found.quantile_levels is not None
    assert found.mean.shape == (4, 3, 24)
    assert found.mean[2, 1] == pytest.approx(alone.mean_kwh[0], rel=1e-5)
    assert found.quantiles[2, 1] == pytest.approx(alone.quantiles_kwh[0], rel=1e-5)
    assert np.array_equal(found.median, found.quantiles[..., 2])
    assert found.quantile_levels.tolist() == [0.1, 0.25, 0.5, 0.75, 0.9]


def test_a_shorter_horizon_is_the_beginning_of_a_longer_one(
    checkpoint: Checkpoint, habits: Course
) -> None:
    origins = habits.origins(habits.validation)[:3]
    whole = networks.trained(checkpoint)(habits)(origins).mean
    part = networks.trained(checkpoint)(replace(habits, horizon_steps=7))(origins).mean
    assert whole is not None
    assert part is not None
    assert np.array_equal(part, whole[..., :7])


def test_tuning_goes_some_of_the_way_to_the_mean_of_the_weights(
    checkpoint: Checkpoint, habits: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows = checkpoint.task.windows(habits.record, checkpoint.scalers)

    def tuned(steps: int, share: float) -> np.ndarray:
        """Take what came last for the best."""
        monkeypatch.setattr(networks, "TUNE_EVERY", steps)
        monkeypatch.setattr(networks, "TUNE_STEPS", steps)
        monkeypatch.setattr(networks, "TUNE_SHARES", (share,))
        losses = itertools.count(0, -1)
        monkeypatch.setattr(networks, "_loss", lambda *_: float(next(losses)))
        return networks.tune(checkpoint, windows, habits, 1)["head.weight"].numpy()

    start = checkpoint.network.state_dict()["head.weight"].numpy()
    first, both = tuned(1, 1.0), tuned(2, 1.0)
    # A step of AdamW is as long as its rate, whatever the gradient: the mean of two is 1.5 long.
    assert np.abs(first - start).max() == pytest.approx(networks.TUNE_RATE, rel=0.02)
    assert networks.TUNE_RATE < np.abs(both - start).max() < 1.6 * networks.TUNE_RATE
    assert tuned(2, 0.5) - start == pytest.approx((both - start) / 2.0, abs=1e-6)


def test_tuning_never_makes_validation_worse_and_changes_the_checkpoint_in_nothing(
    checkpoint: Checkpoint, habits: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(networks, "TUNE_EVERY", 20)
    monkeypatch.setattr(networks, "TUNE_STEPS", 20)
    before = {name: each.clone() for name, each in checkpoint.network.state_dict().items()}
    windows = checkpoint.task.windows(habits.record, checkpoint.scalers)
    checked = networks._of_home(checkpoint.task, habits, habits.validation, 1)
    weights = networks.tune(checkpoint, windows, habits, 1)
    network = checkpoint.task.network()
    network.load_state_dict(weights)
    losses = [
        networks._loss(checkpoint.task, each, windows, checked)
        for each in (network, checkpoint.network)
    ]
    assert losses[0] < losses[1]  # there was something to learn
    for name, each in checkpoint.network.state_dict().items():
        assert torch.equal(each, before[name])


def test_each_home_is_asked_its_own_network(
    checkpoint: Checkpoint, habits: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = checkpoint.network.state_dict()
    other = {name: each * 1.5 for name, each in own.items()}
    monkeypatch.setattr(networks, "tune", lambda *at: other if at[-1] == 2 else own)
    origins = habits.origins(habits.validation)[:2]
    plain, tuned = (
        rung(checkpoint)(habits)(origins) for rung in (networks.trained, networks.tuned)
    )
    assert plain.mean is not None
    assert tuned.mean is not None
    assert tuned.quantiles is not None
    assert tuned.quantiles.shape == (2, 3, 24, 5)
    assert tuned.mean[:, :2] == pytest.approx(plain.mean[:, :2], rel=1e-5)
    assert np.abs(tuned.mean[:, 2] - plain.mean[:, 2]).max() > 0.01


def test_homes_that_trained_keep_their_scalers_and_others_are_fitted(
    checkpoint: Checkpoint, habits: Course, random_community: Callable[..., Profiles]
) -> None:
    means = {"mean_kwh": np.array([7.0, 8.0, 9.0])}
    stored = replace(checkpoint, scalers={**checkpoint.scalers, **means})
    assert networks.scalers(stored, habits)["mean_kwh"].tolist() == [7.0, 8.0, 9.0]
    # The same ids, but other meters.
    strangers = random_community(seed=9, days=60)
    record = replace(habits.record, profiles=strangers)
    course = replace(habits, record=record, values=strangers.load_kwh)
    fitted = networks.scalers(stored, course)["mean_kwh"]
    wanted = strangers.load_kwh[slice(*habits.train)].mean(axis=0)
    assert fitted == pytest.approx(wanted, rel=1e-6)


def test_a_network_of_other_steps_or_of_a_shorter_horizon_is_refused_in_one_line(
    checkpoint: Checkpoint, habits: Course
) -> None:
    networks.check_fits(checkpoint, habits)
    with pytest.raises(InputError) as refused:
        networks.check_fits(replace(checkpoint, step_minutes=30), habits)
    assert str(refused.value) == (
        "checkpoint: was trained on steps of 30 minutes, which the run must have (got 60)"
    )
    with pytest.raises(InputError) as refused:
        networks.check_fits(checkpoint, replace(habits, horizon_steps=25))
    assert str(refused.value) == (
        "checkpoint: patch looks 24 steps ahead, which the horizon must not exceed (got 25)"
    )


def test_the_price_is_the_mean_of_what_is_expected_beside_each_home(
    checkpoint: Checkpoint, habits: Course
) -> None:
    torch.manual_seed(2)
    shape = EnergyShape(
        look_back_steps=24, width=8, heads_count=2, layers_count=1, feed_forward=8, head_width=8,
        horizons_steps=(24, 168, 720),
    )  # fmt: skip
    task = EnergyTask(shape)
    scalers = task.scalers(habits.record, *habits.train)
    other = replace(
        checkpoint, task=task, network=task.network().eval(), scalers=scalers, preset="full"
    )
    assert networks.forecasts_price(other, habits)
    assert not networks.forecasts_price(checkpoint, habits)
    cents = habits.record.price_cents_per_kwh[:, None]
    course = replace(habits, values=cents, metered=np.ones(cents.shape, np.bool_))
    origins = habits.origins(habits.validation)[:3]
    found = networks.price(other)(course)(origins).median
    assert found is not None
    assert found.shape == (3, 1, 24)
    windows = task.windows(habits.record, scalers)
    homes, at = np.arange(3), np.full(3, origins[1])
    each = outlook(other.network, task, windows, homes, at).price_cents_per_kwh
    assert each is not None
    assert found[1, 0] == pytest.approx(each[:, :24].mean(axis=0), rel=1e-5)


def test_the_loss_of_validation_does_not_depend_on_how_it_is_cut(
    checkpoint: Checkpoint, habits: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows = checkpoint.task.windows(habits.record, checkpoint.scalers)
    pool = networks._of_home(checkpoint.task, habits, habits.validation, 0)
    assert pool[0].size % 7 == 4
    whole = networks._loss(checkpoint.task, checkpoint.network, windows, pool)
    monkeypatch.setattr(networks, "_CHUNK", 7)
    cut = networks._loss(checkpoint.task, checkpoint.network, windows, pool)
    assert cut == pytest.approx(whole, rel=1e-5)


def test_a_network_that_looks_back_further_than_origins_may_is_refused(
    checkpoint: Checkpoint, habits: Course
) -> None:
    shape = replace(checkpoint.task.shape, look_back_days=29)
    with pytest.raises(
        InputError, match=r"looks 696 steps back, of which origins have at least 672"
    ):
        networks.check_fits(replace(checkpoint, task=PatchTask("consumption", shape)), habits)
