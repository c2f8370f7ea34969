"""What a scenario holds, and its defaults."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from agents.config import HomesConfig
from profiles.errors import InputError
from scenarios import family
from scenarios.load import load
from scenarios.schema import SEED_MAX, RunConfig, Scenario, needs, purpose, purposes


def _models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    yield model
    for field in model.model_fields.values():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _models(field.annotation)


def test_every_knob_says_what_it_is() -> None:
    models = list(_models(Scenario))
    assert len(models) == 23
    for model in models:
        assert all(field.description for field in model.model_fields.values()), model


def test_every_knob_has_a_default() -> None:
    assert all(
        not field.is_required() for m in _models(Scenario) for field in m.model_fields.values()
    )


def test_a_week_of_half_hours_in_july_is_the_default() -> None:
    assert Scenario().run == RunConfig(start="2017-07-01", days=7, step_minutes=30)


def test_only_a_network_can_be_trained_between_the_steps_of_a_run(tmp_path: Path) -> None:
    path = tmp_path / "rounds.yaml"
    path.write_text("federated:\n  enabled: true\n")
    limit = "must be false without the forecaster transformer (got true)"
    with pytest.raises(InputError) as refusal:
        load(str(path))
    assert str(refusal.value) == f"{path}:2: federated.enabled: {limit}"
    assert load(str(path), ["forecast.name=transformer"]).federated.enabled
    assert not load("base", ["forecast.name=transformer"]).federated.enabled


@pytest.mark.parametrize("step_minutes", [0, 10, 45, 30.5, "30", True])
def test_a_step_is_a_quarter_a_half_or_a_whole_hour(step_minutes: Any) -> None:  # noqa: ANN401, anything
    with pytest.raises(ValidationError):
        RunConfig(step_minutes=step_minutes)


def test_a_seed_has_at_most_the_digits_that_a_file_may_spell() -> None:
    scenario = Scenario(seed=SEED_MAX)
    assert len(str(SEED_MAX)) == 18
    assert f'"seed": {SEED_MAX}' in scenario.as_json()
    with pytest.raises(ValidationError):
        Scenario(seed=SEED_MAX + 1)


def test_the_order_in_which_homes_are_typed_does_not_matter() -> None:
    typed = Scenario(homes=HomesConfig(without_pv=(10, 4, 9)))
    assert typed.homes.without_pv == (4, 9, 10)
    assert typed == Scenario(homes=HomesConfig(without_pv=(4, 9, 10)))
    assert load("base", ["homes.without_pv=[10, 4, 9]"]).homes == typed.homes
    hung = Scenario(homes=HomesConfig(feeders={"b": (3, 1), "a": (2,)})).homes.feeders
    assert list(hung.items()) == [("a", (2,)), ("b", (1, 3))]


@pytest.mark.parametrize("name", family.shipped())
def test_unlimited_lifts_three_rules_and_nothing_else(name: str) -> None:
    scenario = Scenario.load(name)
    free = scenario.overridden("unlimited")
    lifted = {"order_max_kwh": None, "sold_per_day_max_kwh": None, "margin_fraction": 0.0}
    market = scenario.market.model_copy(update=lifted)
    assert free == scenario.model_copy(update={"market": market})
    assert free != scenario
    assert free.overridden("unlimited") == free


def test_an_override_that_asks_for_too_much_is_refused_where_it_does(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("market:\n  loss_fraction: 2\n")
    with pytest.raises(
        InputError, match=r"bad.yaml:2: market.loss_fraction: must be below 1 \(got"
    ):
        Scenario().overridden(str(path))


def test_every_shipped_scenario_says_what_it_is_for() -> None:
    assert list(purposes()) == list(family.shipped())
    assert all(purposes().values())


def test_a_scenario_that_needs_a_file_is_marked() -> None:
    assert needs("dynamic_caiso") == "tariff.path"
    assert purposes()["dynamic_caiso"] == f"{purpose('dynamic_caiso')} [needs tariff.path]"
    assert needs("dynamic_london") is None  # its file ships
    assert purposes()["dynamic_london"] == purpose("dynamic_london")


@pytest.mark.parametrize("ending", ["yaml", "yml", "json"])
def test_a_saved_scenario_loads_back_equal(ending: str, tmp_path: Path) -> None:
    scenario = Scenario.load("fontana_mixed").model_copy(update={"name": "NO", "purpose": "12:30"})
    path = tmp_path / f"mine.{ending}"
    scenario.save(path)
    scenario.save(path)
    assert Scenario.load(path) == scenario
    assert load(str(path)) == scenario
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@given(
    name=st.text(max_size=10).filter(lambda text: text.isprintable()),
    fraction=st.floats(0.0, 0.99),
    cents=st.floats(0.0, 100.0),
)
def test_any_values_survive_saving(
    name: str, fraction: float, cents: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    typed = {"name": name, "market": {"loss_fraction": fraction, "fee_cents_per_kwh": cents}}
    scenario = Scenario.model_validate(typed)
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    scenario.save(path)
    assert Scenario.load(path) == scenario


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("mine.txt", "must end in .yaml, .yml or .json (got '.txt')"),
        ("mine", "must end in .yaml, .yml or .json (got '')"),
        ("no/such/folder.yaml", "cannot be written (No such file or directory)"),
        ("folder.yaml", "cannot be written (Is a directory)"),
    ],
)
def test_a_scenario_is_not_saved_where_it_could_not_be_found(
    name: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(InputError) as refusal:
        Scenario().save(tmp_path / name)
    assert message in str(refusal.value)
    assert [file.name for file in tmp_path.iterdir()] == ["folder.yaml"]


def test_a_wrong_file_is_refused_where_it_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("run:\n  days: 0\n")
    with pytest.raises(InputError, match=r"bad.yaml:2: run.days: must be at least 1 \(got 0\)$"):
        Scenario.load(path)
