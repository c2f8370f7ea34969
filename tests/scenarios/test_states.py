"""When a state is kept, where, and for how long it may take."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from model import snapshot
from model.bound import BoundResult
from model.community import Community
from scenarios import build, states
from scenarios.build import Ground
from scenarios.schema import Scenario
from scenarios.states import DraftError, States


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Stop both clocks: the wall's, and the processor's, which a state takes from."""
    now = [100.0, 0.0]
    monkeypatch.setattr(states, "monotonic", lambda: now[0])
    monkeypatch.setattr(states, "process_time", lambda: now[1])
    return now


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> list[str]:
    """List the files that are written, each of which takes 0.1 s of the processor."""
    names: list[str] = []

    def frozen(_: object) -> bytes:
        clock[1] += 0.1
        return b""

    monkeypatch.setattr(snapshot, "frozen", frozen)
    monkeypatch.setattr(states.whole_files, "write", lambda path, _: names.append(path.name))
    return names


def _after(saved: States, clock: list[float], community: Community, *times_s: float) -> None:
    for time_s in times_s:
        clock[0] = 100.0 + time_s
        saved.after_step(community)


@pytest.fixture
def community(three_homes: object, setup_of: Callable[..., object]) -> Community:
    """Build a community that is not lived."""
    return Community(setup_of(three_homes, "self_use"))  # type: ignore[arg-type]


def test_states_are_kept_in_turn_and_cost_at_most_their_share(
    tmp_path: Path, clock: list[float], kept: list[str], community: Community
) -> None:
    saved = States(tmp_path, "market", 3.0)
    _after(saved, clock, community, 1.0, 2.9, 3.0)
    assert kept == ["market.0.state"]
    # 0.1 s are 2 % of 5 s, which is longer than was asked for.
    _after(saved, clock, community, 6.0, 7.9, 8.0)
    assert kept == ["market.0.state", "market.1.state"]
    _after(saved, clock, community, 13.0)
    assert kept[2:] == ["market.0.state"]


def test_a_state_after_every_step_is_kept_whatever_it_costs(
    tmp_path: Path, clock: list[float], kept: list[str], community: Community
) -> None:
    _after(States(tmp_path, "market", 0.0), clock, community, 0.0, 0.0, 0.0)
    assert len(kept) == 3


def test_an_arm_that_took_no_time_is_lived_again_rather_than_kept(
    tmp_path: Path, clock: list[float], kept: list[str], community: Community
) -> None:
    saved = States(tmp_path, "market", 30.0)
    clock[0] += 0.9
    saved.over(community)
    assert kept == []
    clock[0] += 0.1
    saved.over(community)
    assert kept == ["market.0.state"]


def test_a_bound_is_solved_once(tmp_path: Path) -> None:
    found = BoundResult("optimal", "", cost_usd=1.25, step_import_kwh=np.arange(3.0))
    again = states.solved(tmp_path, "bound", lambda: found)
    assert again is found
    kept = states.solved(tmp_path, "bound", lambda: pytest.fail("it is known"))
    assert (kept.status, kept.cost_usd) == ("optimal", 1.25)
    (tmp_path / "bound.found").write_bytes(b"torn")
    assert states.solved(tmp_path, "bound", lambda: found) is found


def test_what_a_run_is_lived_on_is_remembered_and_held_against(
    tmp_path: Path, small: Scenario
) -> None:
    shared = build.ground(small)
    states.check_ground(tmp_path, shared)
    states.check_ground(tmp_path, shared)
    other = Ground(
        **{name: getattr(shared, name) for name in Ground.__slots__} | {"data_sha256": "0"}
    )
    with pytest.raises(DraftError, match="what the run is lived on has changed since"):
        states.check_ground(tmp_path, other)
    without = Ground(
        **{name: getattr(shared, name) for name in Ground.__slots__} | {"grid_inputs": ()}
    )
    with pytest.raises(DraftError, match=r"cannot be continued, \S+ has changed since"):
        states.check_ground(tmp_path, without)
    (tmp_path / "ground.json").write_text("[1]", encoding="utf-8")
    with pytest.raises(DraftError, match="must say what the run is lived on"):
        states.check_ground(tmp_path, shared)


def test_no_steps_are_kept_where_there_is_no_folder(tmp_path: Path) -> None:
    assert states.steps_kept(tmp_path / "none") == 0
