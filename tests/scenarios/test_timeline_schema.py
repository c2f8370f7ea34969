"""The published form of a timeline."""

import json

import pytest
from pydantic import ValidationError

import run
from scenarios import timeline
from scenarios.compare import Comparison
from scenarios.timeline_schema import RowSteps, Timeline, schema
from tests.scenarios import timelines


def test_the_schema_is_published(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["schema", "timeline"]) == run.OK
    printed = json.loads(capsys.readouterr().out)
    assert printed == schema()
    assert printed["properties"]["format"]["const"] == "commonwatt.timeline"
    assert set(printed["required"]) == set(Timeline.model_fields)
    for name, section in printed["$defs"].items():
        for field, told in section["properties"].items():
            assert told.get("description"), f"{name}.{field}"


def test_the_steps_are_the_columns_that_are_written(comparison: Comparison) -> None:
    told = timelines.of_comparison(comparison)
    for shown in told["arms"].values():
        assert list(shown["steps"]) == list(RowSteps.model_fields)


@pytest.mark.parametrize(
    ("key", "value"),
    [("version", 2), ("format", "another"), ("homes", []), ("extra", 1), ("local", None),
     ("tariff_cents_per_kwh", [float("nan")])],
)  # fmt: skip
def test_what_is_no_timeline_does_not_pass(comparison: Comparison, key: str, value: object) -> None:
    told = timelines.of_comparison(comparison) | {key: value}
    with pytest.raises(ValidationError):
        Timeline.model_validate_json(json.dumps(told))


def test_a_number_that_does_not_exist_is_null(comparison: Comparison) -> None:
    told = json.loads(timeline.as_json(timelines.of_comparison(comparison)))
    for arm in told["arms"].values():
        arm["steps"]["score"][0][0] = None
    read = Timeline.model_validate_json(json.dumps(told))
    assert [arm.steps.score[0][0] for arm in read.arms.values()] == [None] * len(read.arms)
