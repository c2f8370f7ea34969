"""A community that was written down between two steps goes on as if it had never stopped.

The laid-in state is held against a run left alone, for every strategy and after any step; and
every attribute of a community that changes while it lives has to be in the state, or said here.
"""

from collections import deque
from collections.abc import Callable, Iterator
from io import BytesIO
from types import MappingProxyType
from typing import Any

import mesa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model import recorder, snapshot
from model.bound import BoundResult
from model.community import Community
from model.setup import Setup
from model.snapshot import SnapshotError, TornError
from model.tape import Held
from profiles.grid_capacity import GridCapacity
from profiles.profiles import Profiles

PASSING = {
    "seen", "forecast", "situation", "bills",  # set anew in every step before they are read
    "signal_cents_per_kwh",
    "_before",  # of the scheduler: how things stood before the last clearing of a step
}  # fmt: skip
LEFT_OUT = {
    "Held",  # the tape, which is laid in by its owner
    "Ridge",  # all of it is worked out again to the same bits, from what is visible
}
FOREIGN = {"mesa", "random", "numpy", "pydantic", "zoneinfo", "function"}

SETUPS: dict[str, dict[str, object]] = {
    "grid_only": {"strategy": "grid_only"},
    "self_use": {"strategy": "self_use"},
    "time_of_use": {"strategy": "time_of_use"},
    "plan_alone": {"strategy": "plan_alone", "market": {"mechanism": "none"}},
    "market": {"strategy": "market", "market": {"sold_per_day_max_kwh": 3.0}},
    "regional": {"strategy": "market", "market": {"mechanism": "regional"}, "seed": 5},
    "ridge": {"strategy": "market", "forecast": {"name": "ridge"}},
    "perfect": {"strategy": "market", "forecast": {"name": "perfect"}},
    "score_rule": {
        "strategy": "score_rule",
        "market": {"mechanism": "posted_price", "price_signal": "supply_demand"},
    },
    "baseline": {"strategy": "self_use", "tariff": "pge_e_tou_c_2026"},
    "capped": {"strategy": "market", "capacity": GridCapacity.constant(2.0, 1.0, 200)},
}


@pytest.fixture(scope="module")
def made(
    three_homes: Profiles, setup_of: Callable[..., Setup]
) -> Callable[[str], Callable[[], Setup]]:
    """Set a run up by name, as often as is asked."""

    def named(name: str) -> Callable[[], Setup]:
        return lambda: setup_of(three_homes, days=1.0, **SETUPS[name])

    return named


def _lived(community: Community, steps_count: int) -> Community:
    for _ in range(steps_count):
        community.step()
    return community


def _on_the_same_tape(tape: Held) -> Held:
    """Copy a tape, as files are found by the process that goes on."""
    again = Held(kept=list(tape.kept))
    again.ledger.write(tape.ledger.getvalue())
    again.ledger.seek(0)
    return again


def _outcome(community: Community) -> list[object]:
    """Collect all that a run leaves, to the bit."""
    results = community.results()
    tables = (results.steps, results.trades, results.prices, results.rounds, results.totals.homes)
    return [
        results.ledger,
        results.ledger_head,
        results.energy_residual_kwh_max,
        results.cycles.tobytes(),
        [chunk.steps_count for chunk in results.chunks()],
        *({name: column.tobytes() for name, column in table.items()} for table in tables),
    ]


@pytest.mark.parametrize("name", SETUPS)
@settings(max_examples=2)
@given(first=st.integers(0, 47), second=st.integers(0, 47))
def test_a_run_that_stops_twice_leaves_what_one_leaves_that_never_does(
    made: Callable[[str], Callable[[], Setup]], name: str, first: int, second: int
) -> None:
    """It goes on in a community of a setup of its own, as another process would."""
    setup = made(name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recorder, "HOME_STEPS_AT_ONCE", 100)  # a chunk is of 33 steps
        tape, wanted = Held(), _outcome(_lived(Community(setup()), 48))
        community = Community(setup(), tape)
        for stop in sorted((first, second)):
            state = snapshot.frozen(_lived(community, stop - community.index))
            assert snapshot.index_of(BytesIO(state)) == stop
            _lived(community, min(5, 48 - stop))  # what is lived beyond the state is forgotten
            tape = _on_the_same_tape(tape)
            community = Community(setup(), tape)
            snapshot.thaw(community, state)
        assert _outcome(_lived(community, 48 - community.index)) == wanted


def test_a_run_that_is_over_hands_its_results_over_again(
    made: Callable[[str], Callable[[], Setup]],
) -> None:
    setup, tape = made("market"), Held()
    community = _lived(Community(setup(), tape), 48)
    wanted, state = _outcome(community), snapshot.frozen(community)
    again = Community(setup(), _on_the_same_tape(tape))
    snapshot.thaw(again, state)
    assert again.finished
    assert _outcome(again) == wanted


@pytest.mark.parametrize("name", SETUPS)
def test_whatever_a_run_changes_is_in_its_state(
    made: Callable[[str], Callable[[], Setup]], name: str
) -> None:
    """Walk two communities side by side: all that differs has to be laid in, or be passing."""
    setup, tape = made(name), Held()
    lived = _lived(Community(setup(), tape), 40)
    fresh = Community(setup(), _on_the_same_tape(tape))
    changed = {path.split(".")[0] for path in _differences(lived, fresh)}
    assert {"index", "recorder", "scheduler"} <= changed
    snapshot.thaw(fresh, snapshot.frozen(lived))
    assert list(_differences(lived, fresh)) == []


def _differences(
    one: Any,  # noqa: ANN401, whatever a community is made of
    other: Any,  # noqa: ANN401, likewise
    path: str = "",
    walked: set[int] | None = None,
) -> Iterator[str]:
    """Name every attribute, item and element in which two objects differ, however deep."""
    walked = set() if walked is None else walked
    if id(one) in walked:
        return
    mine, theirs = (
        {name: part for name, part in _parts(each).items() if name not in PASSING}
        for each in (one, other)
    )
    if type(one) is not type(other) or mine.keys() != theirs.keys() or _own(one) != _own(other):
        yield path
        return
    if mine:
        walked.add(id(one))  # agents know their model
    for name in mine:
        yield from _differences(mine[name], theirs[name], f"{path}.{name}".strip("."), walked)


def _own(value: Any) -> object:  # noqa: ANN401, likewise
    """Tell what a value without parts is, NaN being equal to itself."""
    if isinstance(value, np.ndarray):
        return str(value.dtype), value.shape, value.tobytes()
    if isinstance(value, np.random.Generator):
        return value.bit_generator.state
    is_plain = isinstance(value, bool | int | float | str | bytes | np.datetime64)
    return repr(value) if is_plain else None


def _parts(value: Any) -> dict[str, Any]:  # noqa: ANN401, likewise
    """List what an object is made of, but for what is others' or can be worked out again."""
    kind = type(value)
    if kind.__module__.split(".")[0] in FOREIGN or kind.__name__ in LEFT_OUT:
        return {}
    if isinstance(value, dict | MappingProxyType):
        return {repr(key): each for key, each in value.items()}
    if isinstance(value, tuple | list | deque):
        return {str(place): each for place, each in enumerate(value)}
    names = {name for each in kind.__mro__ for name in getattr(each, "__slots__", ())}
    if kind.__module__ != "builtins":
        names |= {*getattr(value, "__dict__", ())}
    if isinstance(value, mesa.Model):
        names -= {*vars(mesa.Model(seed=0))} - {"steps", "running"}
    return {name: getattr(value, name) for name in names if hasattr(value, name)}


def test_a_state_that_is_torn_anywhere_is_told_from_a_whole_one(
    made: Callable[[str], Callable[[], Setup]],
) -> None:
    community = _lived(Community(made("market")()), 3)
    state = snapshot.frozen(community)
    for length in (0, 1, len(state) // 2, len(state) - 1):
        with pytest.raises(TornError):
            snapshot.index_of(BytesIO(state[:length]))
        with pytest.raises(TornError):
            snapshot.thaw(community, state[:length])
    changed = bytearray(state)
    changed[len(state) // 2] ^= 1
    with pytest.raises(TornError):
        snapshot.thaw(community, bytes(changed))
    assert community.index == 3


def test_the_state_of_another_community_is_refused(
    made: Callable[[str], Callable[[], Setup]],
) -> None:
    tape = Held()
    state = snapshot.frozen(_lived(Community(made("market")(), tape), 3))
    with pytest.raises(SnapshotError, match="NoneType"):  # nobody is on guard there
        snapshot.thaw(Community(made("self_use")(), _on_the_same_tape(tape)), state)
    with pytest.raises(SnapshotError, match="tape holds"):
        snapshot.thaw(Community(made("market")()), state)


@pytest.mark.parametrize("value", [object(), {1, 2}, np.int64(3), Held()])
def test_what_nobody_thought_of_is_not_written_down(value: object) -> None:
    with pytest.raises(TypeError, match="a state holds no "):
        snapshot.packed([value])


def test_a_record_comes_back_as_it_went() -> None:
    rows = np.array([[0.5, -0.0], [np.nan, 1e-300], [0.0, 0.0]])
    record = BoundResult("optimal", "", cost_usd=0.1 + 0.2, home_costs_usd=rows)
    back = snapshot.unpacked(snapshot.packed([record, None, (1, True, "a"), float("inf")]))
    assert back[1:] == [None, (1, True, "a"), float("inf")]
    assert isinstance(back[0], BoundResult)
    assert back[0].cost_usd == 0.1 + 0.2
    assert back[0].home_costs_usd is not None
    assert back[0].home_costs_usd.tobytes() == rows.tobytes()
    with pytest.raises(TornError):
        snapshot.unpacked(b"")
