"""What a scenario holds, and its defaults."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from agents.config import HomesConfig
from scenarios.load import dump, load
from scenarios.schema import SEED_MAX, RunConfig, Scenario


def _models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    yield model
    for field in model.model_fields.values():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _models(field.annotation)


def test_every_knob_says_what_it_is() -> None:
    models = list(_models(Scenario))
    assert len(models) == 11
    for model in models:
        assert all(field.description for field in model.model_fields.values()), model


def test_every_knob_has_a_default() -> None:
    assert all(
        not field.is_required() for m in _models(Scenario) for field in m.model_fields.values()
    )


def test_a_week_of_half_hours_in_july_is_the_default() -> None:
    assert Scenario().run == RunConfig(start="2017-07-01", days=7, step_minutes=30)


@pytest.mark.parametrize("step_minutes", [0, 10, 45, 30.5, "30", True])
def test_a_step_is_a_quarter_a_half_or_a_whole_hour(step_minutes: Any) -> None:  # noqa: ANN401, anything
    with pytest.raises(ValidationError):
        RunConfig(step_minutes=step_minutes)


def test_a_seed_has_at_most_the_digits_that_a_file_may_spell() -> None:
    scenario = Scenario(seed=SEED_MAX)
    assert len(str(SEED_MAX)) == 18
    assert f'"seed": {SEED_MAX}' in dump(scenario)
    with pytest.raises(ValidationError):
        Scenario(seed=SEED_MAX + 1)


def test_the_order_in_which_homes_are_typed_does_not_matter() -> None:
    typed = Scenario(homes=HomesConfig(without_pv=(10, 4, 9)))
    assert typed.homes.without_pv == (4, 9, 10)
    assert typed == Scenario(homes=HomesConfig(without_pv=(4, 9, 10)))
    assert load("base", ["homes.without_pv=[10, 4, 9]"]).homes == typed.homes
