"""Records: whatever is written is read back bit by bit, and what is none is refused."""

import numpy as np
import pytest
import torch
from flwr.app import Array, ArrayRecord, ConfigRecord, MetricRecord, RecordDict
from hypothesis import given
from hypothesis import strategies as st

from forecasting.federated.messages import Order, Refusal, Update
from forecasting.learned import durable
from scenarios.flower import records

VALUES = st.lists(st.floats(width=32), min_size=1, max_size=12)
DELTA = {"scale": torch.tensor([1.0, 2.0])}
UPDATE = Update(3, 4, 32, DELTA, 0.5, 0.25)


@given(values=VALUES, rate=st.floats(1e-9, 1.0), number=st.integers(0, 10**6))
def test_an_order_arrives_as_it_was_sent(values: list[float], rate: float, number: int) -> None:
    sent = {"scale": torch.tensor(values, dtype=torch.float32), "one": torch.zeros(())}
    found = records.order_in(records.of_order(Order(number, sent, rate, None, 7.5)), 0.5)
    figures = found.round, found.learning_rate, found.clip_norm, found.turns_count
    assert figures == (number, rate, 0.5, 7.5)
    assert {name: durable.packed({name: each}) for name, each in found.weights.items()} == {
        name: durable.packed({name: each}) for name, each in sent.items()
    }


@given(values=VALUES, count=st.integers(0, 2**40), loss=st.floats(allow_nan=False))
def test_an_update_arrives_as_it_was_sent(values: list[float], count: int, loss: float) -> None:
    delta = {"scale": torch.tensor(values, dtype=torch.float32)}
    found = records.answer_in(records.of_answer(Update(3, 4, count, delta, loss, 0.0)), 3, 4)
    assert isinstance(found, Update)
    figures = found.client, found.round, found.samples_count, found.loss_before, found.loss_after
    assert figures == (3, 4, count, loss, 0.0)
    assert durable.packed(found.delta) == durable.packed(delta)


@pytest.mark.parametrize("reason", ["loss", "count"])
def test_a_home_may_say_why_it_sends_nothing(reason: str) -> None:
    content = RecordDict({"refusal": ConfigRecord({"reason": reason})})
    assert records.answer_in(content, 3, 4) == Refusal(3, 4, reason)  # type: ignore[arg-type]


def _with(**changed: object) -> RecordDict:
    content = records.of_answer(UPDATE)
    for name, record in changed.items():
        content[name] = record
    return content


def _bytes(content: bytes) -> ArrayRecord:
    return ArrayRecord({"safetensors": Array(np.frombuffer(content, dtype=np.uint8))})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (RecordDict(), "keys"),
        (RecordDict({"refusal": ConfigRecord({"reason": "nonsense"})}), "keys"),
        (_with(update=MetricRecord({"client": 3})), "keys"),
        (_with(delta=ArrayRecord({"other": Array(np.zeros(3))})), "keys"),
        (_with(delta=_bytes(b"")), "shape"),
        (_with(delta=_bytes(b"\x80\x04pickled")), "shape"),
        (_with(delta=_bytes(durable.packed(DELTA)[:-1])), "shape"),
        (
            _with(delta=ArrayRecord({"safetensors": Array("uint8", (1,), "pickle", b"x")})),
            "shape",
        ),
        (
            _with(delta=ArrayRecord({"safetensors": Array("uint8", (1,), "numpy.ndarray", b"x")})),
            "shape",
        ),
    ],
)
def test_what_is_no_update_is_refused(content: RecordDict, reason: str) -> None:
    assert records.answer_in(content, 3, 4) == Refusal(3, 4, reason)  # type: ignore[arg-type]


def test_nobody_answers_for_another_home() -> None:
    assert records.answer_in(records.of_answer(UPDATE), 2, 4) == Refusal(2, 4, "not_asked")


def test_a_judgement_that_is_none_counts_no_windows() -> None:
    assert records.judgement_in(records.of_judgement(0.5, 7)) == (0.5, 7)
    broken = (
        {},
        {"loss": 0.5},
        {"loss": 1, "windows_count": 7},
        {"loss": 0.5, "windows_count": -1},
    )
    for figures in broken:
        content = RecordDict({"judged": MetricRecord(figures)})
        assert records.judgement_in(content) == (0.0, 0)
    assert records.judgement_in(RecordDict()) == (0.0, 0)
