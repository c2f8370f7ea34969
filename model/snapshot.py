"""The state of a community between two steps, as plain JSON and arrays, and back again.

What a run changes as it goes is listed here, class by class (`_CHANGES`); all else is built anew
from the setup, so a state is laid into a community that has just been built from the same one. It
goes on as if it had never stopped, to the byte. Caches of what can be worked out again to the same
bits, as the models of `ridge`, are left out.

A state is a file of NumPy's format npz: arrays, and the JSON in which they have their places.
Nothing of it is ever executed.
"""

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from importlib import import_module
from io import BytesIO
from types import MappingProxyType
from typing import Any, BinaryIO
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from model.community import Community

_CHANGES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "model.community.Community": (
            "state", "index", "steps", "running", "energy_residual_kwh_max",
            "money_sum_microcents", "recorder", "rehearsal", "scheduler", "foresight", "guard",
            "rounds", "learners",
        ),
        "model.recorder.Recorder": (
            "totals", "prices", "_first", "_rows_count", "_steps", "_trades",
        ),
        "model.foresight.Foresight": ("_predictor", "_sampler", "_experience"),
        "agents.guard.Guard": ("_double", "_gain_cents", "_by_day", "_day", "alone"),
        "agents.memory.Experience": ("_benefit_cents",),
        "agents.rehearsal.Rehearsal": ("quota_cents_per_kwh", "_price", "_of_day", "_day"),
        "agents.scheduler.MarketScheduler": (
            "ledger", "_rng", "_credited", "_sold_today_kwh", "_day",
        ),
        "market.ledger.Ledger": ("_balances", "_head", "_blocks_count"),
        "forecasting.samples.Sampler": ("expected_kwh", "bias_kwh"),
        "forecasting.baselines.Baseline": (),
        "forecasting.perfect.Perfect": (),
        "forecasting.perfect.HalfPerfect": (),
        "forecasting.ridge.Ridge": (),
        "forecasting.transformer.Transformer": ("load", "pv"),
        "forecasting.learned.issuing.Issuer": ("issued",),
        "forecasting.federated.learners.Learners": ("state",),
    }
)  # fmt: skip
"""What a run changes, by class; it is laid into the object that is there."""

_RECORDS = frozenset(
    {
        "agents.fleet.FleetState",
        "market.standing.Credited",
        "model.results.Totals",
        "model.bound.BoundResult",
        "forecasting.federated.rounds.Round",
        "forecasting.learned.issuing.Issued",
    }
)
"""Classes whose objects are made anew from all of their fields."""

_TEXT = "json"
_FAULTS = (BadZipFile, EOFError, KeyError, OSError, TypeError, ValueError)


class SnapshotError(ValueError):
    """A state does not belong to the community or the tape that it was meant for."""


class TornError(SnapshotError):
    """What was read is no state, or not a whole one; nothing was made of it."""


def frozen(community: Community) -> bytes:
    """Write the state of a community down, which has to be between two steps.

    Parameters
    ----------
    community : Community
        It stays as it is. What it has put onto its tape is not in the state, but how much that is
        (`Tape.mark`).
    """
    return packed((*community.recorder.tape.mark(), community))


def thaw(community: Community, content: bytes) -> None:
    """Lay a state into a community that was just built from the same setup.

    Parameters
    ----------
    community : Community
        Its tape holds what the one before had put onto it; what came after the state goes.
    content : bytes
        From `frozen`.

    Raises
    ------
    SnapshotError
        If it belongs to another community, or the tape holds less than it says. The community is
        of no use then.
    TornError
        If it is no whole state.
    """
    told, arrays = _opened(content)
    try:
        chunks_count, ledger_bytes, _ = told["tuple"]
        community.recorder.tape.rewind((chunks_count, ledger_bytes))
        _thawed(told, (None, None, community), arrays)
    except _FAULTS as error:
        raise SnapshotError(_line(error)) from None


def index_of(content: BinaryIO) -> int:
    """Read how many steps a community had lived; `TornError` if that is no state of one."""
    try:
        with np.load(content, allow_pickle=False) as file:
            return int(json.loads(file[_TEXT].tobytes())["tuple"][2]["fields"]["index"])
    except _FAULTS as error:
        raise _torn(error) from None


def packed(value: object) -> bytes:
    """Write down a value whose parts are numbers, texts, arrays and objects of listed classes."""
    arrays: dict[str, NDArray[Any]] = {}
    text = json.dumps(_told(value, arrays)).encode()
    file = BytesIO()
    np.savez(file, allow_pickle=False, **{_TEXT: np.frombuffer(text, np.uint8)}, **arrays)
    return file.getvalue()


def unpacked(content: bytes) -> Any:  # noqa: ANN401, whatever was packed
    """Read what `packed` wrote, if it held records alone and none of what a run changes.

    Raises
    ------
    TornError
        If it is something else.
    """
    told, arrays = _opened(content)
    try:
        return _thawed(told, None, arrays)
    except _FAULTS as error:
        raise _torn(error) from None


def _opened(content: bytes) -> tuple[Any, dict[str, NDArray[Any]]]:
    """Read text and arrays; whatever is cut off or changed on its way is found by their checks."""
    try:
        with np.load(BytesIO(content), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        return json.loads(arrays.pop(_TEXT).tobytes()), arrays
    except _FAULTS as error:
        raise _torn(error) from None


def _torn(error: Exception) -> TornError:
    return TornError(f"must be the state of a run ({_line(error)})")


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:80]


def _told(value: object, arrays: dict[str, NDArray[Any]]) -> object:
    """Say what a value is, in JSON; arrays are put aside, without the rows of zeros they end in."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.ndarray):
        place = str(len(arrays))
        arrays[place] = _cut(value)
        return {"array": place, "rows": len(value)}
    if isinstance(value, np.random.Generator):
        return {"generator": value.bit_generator.state}
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    return _told_parts(value, arrays)


def _told_parts(value: object, arrays: dict[str, NDArray[Any]]) -> object:
    if isinstance(value, dict):
        return {"dict": [[_told(part, arrays) for part in pair] for pair in value.items()]}
    if isinstance(value, tuple | list | deque):
        return {type(value).__name__: [_told(each, arrays) for each in value]}
    name = _named(type(value))
    names = _CHANGES.get(name)
    if name in _RECORDS and is_dataclass(value):
        names = tuple(each.name for each in fields(value))
    if names is None:
        raise TypeError(f"a state holds no {name}")
    told = {each: _told(getattr(value, each), arrays) for each in names}
    return {"object": name, "fields": told}


def _thawed(told: Any, own: Any, arrays: Mapping[str, NDArray[Any]]) -> Any:  # noqa: ANN401, any value
    """Make a value again; what a run changes is laid into ``own``, the object that is there."""
    if not isinstance(told, dict):
        return told
    kind = next(iter(told))
    if kind == "array":
        return _whole(arrays[told["array"]], told["rows"])
    if kind == "generator":
        own.bit_generator.state = told["generator"]
        return own
    if kind == "bytes":
        return bytes.fromhex(told["bytes"])
    return _thawed_parts(kind, told, own, arrays)


def _thawed_parts(kind: str, told: Any, own: Any, arrays: Mapping[str, NDArray[Any]]) -> Any:  # noqa: ANN401, as above
    if kind == "object":
        return _thawed_object(told, own, arrays)
    if kind == "dict":
        return {_thawed(k, None, arrays): _thawed(v, None, arrays) for k, v in told["dict"]}
    there = own if isinstance(own, tuple) else (None,) * len(told[kind])
    parts = [_thawed(*each, arrays) for each in zip(told[kind], there, strict=True)]
    if kind == "deque":
        return deque(parts, own.maxlen)
    return tuple(parts) if kind == "tuple" else parts


def _thawed_object(told: Any, own: object, arrays: Mapping[str, NDArray[Any]]) -> object:  # noqa: ANN401
    name, known = told["object"], told["fields"]
    if name in _RECORDS:
        module, _, short = name.rpartition(".")
        made = {each: _thawed(part, None, arrays) for each, part in known.items()}
        return getattr(import_module(module), short)(**made)
    if _named(type(own)) != name or {*known} != {*_CHANGES[name]}:
        raise ValueError(f"{name} is in the place of {_named(type(own))}")
    for each, part in known.items():
        before = getattr(own, each)
        after = _thawed(part, before, arrays)
        if after is not before:
            setattr(own, each, after)
    return own


def _named(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _cut(array: NDArray[Any]) -> NDArray[Any]:
    """Leave out the rows at the end all of whose bytes are zero."""
    array = np.ascontiguousarray(array)
    if not array.size:
        return array
    used = np.flatnonzero(array.view(np.uint8).reshape(len(array), -1).any(axis=1))
    return array[: int(used[-1]) + 1 if used.size else 0]


def _whole(array: NDArray[Any], rows_count: int) -> NDArray[Any]:
    """Put the rows of zeros back."""
    whole = np.zeros((rows_count, *array.shape[1:]), array.dtype)
    whole[: len(array)] = array
    return whole
