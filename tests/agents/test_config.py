"""What a person may type about homes, batteries, connections and strategies."""

import pytest
from pydantic import BaseModel, ValidationError

from agents.config import BatteryConfig, GridConfig, HomesConfig, StrategyConfig, StrategyName
from agents.deciding import STRATEGIES
from profiles.config import validated
from profiles.errors import InputError
from profiles.strict_yaml import parse

BETWEEN = "soc_initial_fraction: must be between soc_min_fraction and soc_max_fraction, 0.1..0.8"
SECTIONS = (HomesConfig, BatteryConfig, GridConfig, StrategyConfig)


def test_the_default_battery_is_a_common_wall_battery() -> None:
    battery = BatteryConfig()
    assert (battery.capacity_kwh, battery.power_kw_max) == (13.5, 5.0)
    assert (battery.soc_min_fraction, battery.soc_max_fraction) == (0.1, 0.8)


def test_a_round_trip_keeps_ninety_percent_by_default() -> None:
    battery = BatteryConfig()
    kept = battery.charge_efficiency_fraction * battery.discharge_efficiency_fraction
    assert kept == pytest.approx(0.9, abs=1e-15)


def test_every_run_starts_empty_by_default() -> None:
    assert BatteryConfig().soc_initial_fraction == BatteryConfig().soc_min_fraction


def test_a_half_hour_of_the_default_connection_carries_ten_and_four_kwh() -> None:
    assert (GridConfig().import_kw_max * 0.5, GridConfig().export_kw_max * 0.5) == (10.0, 4.0)


@pytest.mark.parametrize("section", SECTIONS)
def test_every_field_says_what_it_is(section: type[BaseModel]) -> None:
    assert all(field.description for field in section.model_fields.values())


@pytest.mark.parametrize("section", SECTIONS)
def test_an_unknown_key_is_refused(section: type[BaseModel]) -> None:
    with pytest.raises(ValidationError, match="extra_forbidden"):
        section.model_validate({"capacity_kw": 1.0})


@pytest.mark.parametrize(
    ("section", "field", "allowed", "refused"),
    [
        (HomesConfig, "count", 1, 0),
        (BatteryConfig, "capacity_kwh", 10_000.0, 10_000.1),
        (BatteryConfig, "capacity_kwh", 1e-9, 0.0),
        (BatteryConfig, "power_kw_max", 10_000.0, 10_000.1),
        (BatteryConfig, "power_kw_max", 1e-9, 0.0),
        (BatteryConfig, "soc_min_fraction", 0.0, -0.01),
        (BatteryConfig, "soc_max_fraction", 1.0, 1.01),
        (BatteryConfig, "charge_efficiency_fraction", 1.0, 1.01),
        (BatteryConfig, "charge_efficiency_fraction", 1e-9, 0.0),
        (BatteryConfig, "discharge_efficiency_fraction", 1.0, 1.01),
        (BatteryConfig, "discharge_efficiency_fraction", 1e-9, 0.0),
        (BatteryConfig, "fade_fraction_per_cycle", 0.01, 0.011),
        (BatteryConfig, "fade_fraction_per_cycle", 0.0, -1e-9),
        (GridConfig, "import_kw_max", 1e-9, 0.0),
        (GridConfig, "export_kw_max", 0.0, -1e-9),
        (GridConfig, "community_import_kw_max", 0.0, -1e-9),
        (GridConfig, "community_export_kw_max", 1e9, 1.1e9),
    ],
)
def test_a_bound_is_allowed_and_what_lies_beyond_is_not(
    section: type[BaseModel], field: str, allowed: float, refused: float
) -> None:
    assert getattr(section.model_validate({field: allowed}), field) == allowed
    with pytest.raises(ValidationError) as error:
        section.model_validate({field: refused})
    assert error.value.errors()[0]["loc"] == (field,)


@pytest.mark.parametrize("value", ["13.5", True, None, float("nan"), float("inf")])
def test_a_rating_is_a_finite_number(value: object) -> None:
    with pytest.raises(ValidationError):
        BatteryConfig.model_validate({"capacity_kwh": value})


def test_homes_are_counted_in_whole_numbers() -> None:
    with pytest.raises(ValidationError):
        HomesConfig.model_validate({"count": 3.7})


@pytest.mark.parametrize(
    ("knobs", "message"),
    [
        ({"types": {"ev": 1}, "count": 3}, "count: must be null where types are counted (got 3)"),
        ({"types": {"ev": 0, "flat": 0}}, "types: must name at least 1 home (got 0)"),
    ],
)
def test_homes_are_counted_once_and_there_is_one(knobs: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError) as error:
        HomesConfig.model_validate(knobs)
    assert error.value.errors()[0]["msg"] == f"Value error, {message}"


@pytest.mark.parametrize("count", [-1, 2.5, "2", True])
def test_homes_of_a_type_are_counted_in_whole_numbers(count: object) -> None:
    with pytest.raises(ValidationError):
        HomesConfig.model_validate({"types": {"ev": count}})


def test_homes_without_panels_may_come_as_a_list() -> None:
    assert HomesConfig.model_validate({"without_pv": [4, 8]}).without_pv == (4, 8)


def test_a_home_hangs_on_one_feeder_and_a_feeder_has_a_home() -> None:
    homes = HomesConfig.model_validate({"feeders": {"north": [4, 8], "south": [2]}})
    assert homes.feeders == {"north": (4, 8), "south": (2,)}
    with pytest.raises(ValidationError, match=r"feeders: must name each home once \(got 4 twice"):
        HomesConfig.model_validate({"feeders": {"north": [4, 8], "south": [4]}})
    with pytest.raises(ValidationError, match="at least 1 item"):
        HomesConfig.model_validate({"feeders": {"north": []}})


def test_the_strategies_that_can_be_typed_are_those_that_there_are() -> None:
    typed = StrategyConfig.model_json_schema()["properties"]["name"]["enum"]
    assert typed == list(STRATEGIES)


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_strategy_is_chosen_by_its_name(name: StrategyName) -> None:
    assert StrategyConfig(name=name).name == name


@pytest.mark.parametrize(
    ("knobs", "message"),
    [
        (
            {"soc_min_fraction": 0.5, "soc_max_fraction": 0.4},
            "soc_max_fraction: must be at least soc_min_fraction, 0.5 (got 0.4)",
        ),
        (
            {"soc_initial_fraction": 0.05},
            f"{BETWEEN} (got 0.05)",
        ),
        (
            {"soc_initial_fraction": 0.9},
            f"{BETWEEN} (got 0.9)",
        ),
    ],
)
def test_charges_out_of_order_are_refused_by_field_limit_and_value(
    knobs: dict[str, float], message: str
) -> None:
    with pytest.raises(ValidationError) as error:
        BatteryConfig.model_validate(knobs)
    (only,) = error.value.errors()
    assert only["msg"] == f"Value error, {message}"


@pytest.mark.parametrize(
    ("knobs", "message"),
    [
        (
            {"capacity_path": "a.csv", "community_import_kw_max": 5.0},
            "community_import_kw_max: must be null beside capacity_path (got 5)",
        ),
        (
            {"capacity_path": "a.csv", "community_export_kw_max": 0.0},
            "community_export_kw_max: must be null beside capacity_path (got 0)",
        ),
        ({"capacity_path": ""}, "capacity_path: must name a file (got '')"),
    ],
)
def test_the_grid_is_capped_by_constants_or_by_a_file(
    knobs: dict[str, object], message: str
) -> None:
    with pytest.raises(ValidationError) as error:
        GridConfig.model_validate(knobs)
    assert error.value.errors()[0]["msg"] == f"Value error, {message}"


def test_a_refusal_stands_in_one_line_with_the_place() -> None:
    with pytest.raises(InputError) as error:
        validated(parse("power_kw_max: 4\nkind: huge\n", "battery.yaml"), BatteryConfig)
    assert str(error.value) == "battery.yaml:2: kind: must be 'individual' or 'none' (got 'huge')"


def test_a_battery_of_one_fixed_charge_is_allowed() -> None:
    fixed = BatteryConfig(soc_min_fraction=0.3, soc_max_fraction=0.3, soc_initial_fraction=0.3)
    assert fixed.soc_min_fraction == fixed.soc_max_fraction


def test_a_reserve_has_room_between_the_limits_of_charge() -> None:
    assert BatteryConfig(reserve_fraction=0.7).reserve_fraction == 0.7
    limit = r"reserve_fraction: must be at most soc_max_fraction less soc_min_fraction, 0.7 \(got"
    with pytest.raises(ValidationError, match=limit):
        BatteryConfig(reserve_fraction=0.71)
