"""Rounds on a past: homes that learn together, apart in everything but what they send."""

import ast
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forecasting.federated.config import FederatedConfig
from forecasting.federated.home import Home
from forecasting.federated.messages import Order, Refusal, Update
from forecasting.federated.offline import federate, judged, members_of
from forecasting.federated.pace import offline as pace_of
from forecasting.learned import durable
from forecasting.learned.errors import TrainingError
from forecasting.learned.state import STATE, Keeper, best_of
from forecasting.learned.training import Lesson, Trained
from tests.forecasting.learned import tiny

ROOT = Path(__file__).parents[3]
KNOBS = FederatedConfig(
    rounds_count=4, clients_per_round=2, windows_per_round=40, batch_windows=16, norm_max_fraction=9
)


def lesson(homes_count: int = 3, seed: int = 5) -> Lesson:
    return tiny.lesson(tiny.homes(homes_count=homes_count), seed)


def held(folder: Path, given: Lesson, knobs: FederatedConfig = KNOBS) -> Trained:
    return federate(given, knobs, Keeper(folder / "training", {}), lambda *_: None)


def content(found: Trained) -> bytes:
    return durable.packed(found.weights) + repr(found.epochs).encode()


def test_rounds_make_the_network_better_for_homes_that_it_is_judged_on(tmp_path: Path) -> None:
    knobs = KNOBS.model_copy(update={"rounds_count": 15})
    found = held(tmp_path, lesson(), knobs)
    losses = [epoch.validation_loss for epoch in found.epochs]
    assert losses[best_of(found.epochs)] < 0.9 * losses[0]
    assert found.scalers == {}
    assert [epoch.held["round"] for epoch in found.epochs if epoch.held] == list(range(15))


def test_the_network_that_is_kept_is_that_of_the_best_round(tmp_path: Path) -> None:
    given = lesson()
    found = held(tmp_path, given)
    members = members_of(given, KNOBS, pace_of(KNOBS, 3))
    best = found.epochs[best_of(found.epochs)].validation_loss
    assert judged(each.judge(found.weights) for each in members.values()) == pytest.approx(
        best, rel=1e-6
    )


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    one, two, three = (
        content(held(tmp_path / name, lesson(seed=seed)))
        for name, seed in zip("abc", (5, 5, 6))  # noqa: B905
    )
    assert one == two != three


def test_a_member_holds_the_meters_of_its_own_home_alone() -> None:
    given = lesson()
    for home_id, member in members_of(given, KNOBS, pace_of(KNOBS, 3)).items():
        record = member.windows.record  # type: ignore[attr-defined]
        assert record.profiles.home_ids.tolist() == [home_id]
        assert record.profiles.load_kwh.shape[1] == 1


def test_a_home_with_few_windows_learns_from_no_more_than_twice_as_many_in_all_rounds() -> None:
    given, knobs = lesson(), KNOBS.model_copy(update={"windows_per_round": None})
    pace = pace_of(knobs, 3)
    member = members_of(given, knobs, pace)[1]
    order = Order(0, given.task.network().state_dict(), 0.01, None, pace.turns_count)
    update = member.train(order)
    assert isinstance(update, Update)
    turns_count = 4 * 2 / 3  # rounds, and the share of homes that each asks
    assert update.samples_count == round(2 * member.learning.count / turns_count) < 480
    unending = member.train(replace(order, turns_count=0.0))
    assert isinstance(unending, Update)
    assert unending.samples_count == min(480, member.learning.count)


def test_what_a_home_metered_changes_no_update_of_another() -> None:
    given = lesson()
    other = given.record.profiles.load_kwh.copy()
    other[:, 1] *= 3.0
    changed = replace(
        given,
        record=replace(given.record, profiles=replace(given.record.profiles, load_kwh=other)),
    )
    order = Order(0, given.task.network().state_dict(), 0.01, None)
    sent = [members_of(each, KNOBS, pace_of(KNOBS, 3))[1].train(order) for each in (given, changed)]
    one, two = (each for each in sent if isinstance(each, Update))
    assert durable.packed(one.delta) == durable.packed(two.delta)
    assert (one.loss_before, one.loss_after) == (two.loss_before, two.loss_after)


def test_what_comes_after_the_span_of_learning_changes_no_update() -> None:
    given = lesson()
    later = given.record.profiles.load_kwh.copy()
    later[given.parts.train_end :] = 9.0
    changed = replace(
        given,
        record=replace(given.record, profiles=replace(given.record.profiles, load_kwh=later)),
    )
    order = Order(0, given.task.network().state_dict(), 0.01, None)
    sent = [members_of(each, KNOBS, pace_of(KNOBS, 3))[1].train(order) for each in (given, changed)]
    one, two = (each for each in sent if isinstance(each, Update))
    assert durable.packed(one.delta) == durable.packed(two.delta)


def test_a_home_without_a_window_says_so() -> None:
    given = lesson()
    filled = np.zeros(given.record.profiles.load_kwh.shape, np.bool_)
    filled[:, 2] = True
    profiles = replace(given.record.profiles, filled=filled)
    bare = replace(given, record=replace(given.record, profiles=profiles))
    member = members_of(bare, KNOBS, pace_of(KNOBS, 3))[3]
    order = Order(0, given.task.network().state_dict(), 0.01, None)
    assert member.train(order) == Refusal(3, 0, "count")
    assert member.judge(order.weights) == (0.0, 0)


def test_homes_whose_loss_is_no_number_are_told_in_the_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = Home.fit

    def broken(home: Home, order: Order, *given: object) -> Update | Refusal:
        if home.id == 2:
            return Refusal(2, order.round, "loss")
        return fit(home, order, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Home, "fit", broken)
    found = held(tmp_path, lesson(), KNOBS.model_copy(update={"clients_per_round": 3}))
    assert {epoch.held["refused"] for epoch in found.epochs if epoch.held} == {"2 loss"}


def test_a_network_that_can_no_longer_be_judged_ends_it_with_the_best_so_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As noise makes of it that leaves no weight a number."""
    whole = held(tmp_path / "whole", lesson())
    judge, homes = Home.judge, 3
    calls = iter(range(100))
    monkeypatch.setattr(
        Home, "judge", lambda *given: judge(*given) if next(calls) < 2 * homes else float("nan")
    )
    found = held(tmp_path / "parts", lesson())
    assert found.stopped == "round 3: the loss of validation is nan"
    assert found.epochs == whole.epochs[:2]
    with pytest.raises(TrainingError, match="no round was over, so nothing is kept"):
        held(tmp_path / "none", lesson())


def test_killed_at_any_moment_it_goes_on_to_the_same_end(tmp_path: Path) -> None:
    module = "tests.forecasting.learned.killed"
    command = [sys.executable, "-m", module, str(tmp_path), "federate"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    killed, wrong = ast.literal_eval(done.stdout)
    assert wrong == []
    assert killed >= 12  # and those of a random delay that came in time


def test_a_full_disk_loses_no_finished_round(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = content(held(tmp_path / "whole", lesson()))
    keep, calls = Keeper.keep, iter(range(1, 100))

    def full(keeper: Keeper, *given: object) -> None:
        if next(calls) == 3:
            raise OSError(28, "No space left on device")
        keep(keeper, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Keeper, "keep", full)
    with pytest.raises(TrainingError, match="epoch 2 is kept"):
        held(tmp_path / "full", lesson())
    assert content(held(tmp_path / "full", lesson())) == whole


def test_rounds_that_tell_no_loss_are_kept_without_one_and_gone_on_from(tmp_path: Path) -> None:
    nobody = KNOBS.model_copy(update={"dropout_fraction": 1.0, "rounds_count": 2})
    found = held(tmp_path, lesson(), nobody)
    assert [epoch.training_loss for epoch in found.epochs] == [None, None]
    told = json.loads((tmp_path / "training" / STATE).read_text(), parse_constant=pytest.fail)
    assert [epoch["training_loss"] for epoch in told["epochs"]] == [None, None]
    assert held(tmp_path, lesson(), nobody).epochs == found.epochs


def test_progress_is_told_once_a_round(tmp_path: Path) -> None:
    said: list[tuple[str, int, int]] = []
    federate(lesson(), KNOBS, Keeper(tmp_path, {}), lambda *each: said.append(each))
    assert [each[1:] for each in said] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert said[0][0].startswith("round 1 of 4, validation ")
