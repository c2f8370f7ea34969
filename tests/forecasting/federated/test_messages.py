"""What may cross between homes and the coordinator."""

import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

from forecasting.federated.messages import Order, Reason, Refusal, Update

PAGE = Path(__file__).parents[3] / "docs" / "federated.md"


def test_every_reason_of_a_refusal_is_explained_to_its_reader() -> None:
    rows = re.findall(r"^\| (`.*?`) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert set(get_args(Reason)) <= told


def test_no_message_has_a_place_for_a_reading() -> None:
    assert {field.name for field in fields(Update)} == {
        "client", "round", "samples_count", "delta", "loss_before", "loss_after",
    }  # fmt: skip
    assert {field.name for field in fields(Refusal)} == {"client", "round", "reason"}
    assert {field.name for field in fields(Order)} == {
        "round", "weights", "learning_rate", "clip_norm", "turns_count",
    }  # fmt: skip
