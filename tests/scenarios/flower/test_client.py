"""The app of a node: it answers for its own home only, and bounds its updates by its own knobs."""

from pathlib import Path

import pytest
import torch
from flwr.app import ConfigRecord, Message, RecordDict

from forecasting.federated.messages import Order, Update
from scenarios.flower import facts, records
from scenarios.flower.facts import Facts
from scenarios.load import load
from scenarios.schema import Scenario
from tests.scenarios.flower.grid import QUICK, GridOfNodes, answered


def _written(folder: Path, *more: str) -> tuple[Scenario, str]:
    scenario = load("fontana", [*QUICK, *more])
    scenario.save(folder / "scenario.json")
    return scenario, str(folder / "scenario.json")


def _asked(kind: str, content: RecordDict, node: dict[str, str | int]) -> Message:
    GridOfNodes({})  # which tells Flower who asks
    return answered(Message(content, dst_node_id=5, message_type=kind), node)


def test_a_node_introduces_its_home(tmp_path: Path) -> None:
    scenario, path = _written(tmp_path)
    question = RecordDict({"question": ConfigRecord({"about": "home"})})
    reply = _asked("query", question, {"scenario": path, "home": 3})
    told = Facts.read(str(reply.content.config_records["facts"]["json"]))
    assert told == Facts.read(facts.facts_of(scenario, facts.lesson_of_home(scenario, 3)).as_json())


def test_an_update_is_as_short_as_the_node_wants_it(tmp_path: Path) -> None:
    scenario, path = _written(
        tmp_path, "federated.privacy.noise_multiplier=1.0", "federated.privacy.clip_norm=0.01"
    )
    weights = facts.lesson_of_home(scenario, 3).task.network().state_dict()
    order = records.of_order(Order(0, weights, 1e-3, None))
    reply = _asked("train", order, {"scenario": path, "home": 3})
    update = records.answer_in(reply.content, 3, 0)
    assert isinstance(update, Update)
    length = torch.cat([each.reshape(-1) for each in update.delta.values()]).norm()
    assert float(length) == pytest.approx(0.01, rel=1e-4)
    assert (update.samples_count, update.loss_before, update.loss_after) == (1, 0.0, 0.0)


def test_a_home_spares_its_windows_by_the_rounds_that_the_order_tells_of(tmp_path: Path) -> None:
    scenario, path = _written(tmp_path, "federated.windows_per_round=null")
    weights = facts.lesson_of_home(scenario, 3).task.network().state_dict()
    counts = []
    for turns_count in (0.0, 1000.0):
        order = records.of_order(Order(0, weights, 1e-3, None, turns_count))
        reply = _asked("train", order, {"scenario": path, "home": 3})
        update = records.answer_in(reply.content, 3, 0)
        assert isinstance(update, Update)
        counts.append(update.samples_count)
    assert counts[1] < counts[0] / 4


@pytest.mark.parametrize(
    ("node", "message"),
    [
        ({}, "node: must name a home and a scenario"),
        ({"scenario": "fontana", "home": "3"}, "node: must name a home and a scenario"),
        ({"scenario": "nowhere", "home": 3}, "nowhere"),
        ({"scenario": "fontana", "home": 77}, "must have home 77"),
    ],
)
def test_a_node_that_says_it_wrong_is_told_so(node: dict[str, str | int], message: str) -> None:
    reply = _asked("query", RecordDict({"question": ConfigRecord()}), node)
    assert reply.has_error()
    assert message in str(reply.error.reason)
