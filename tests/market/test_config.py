"""What a scenario may say about the market."""

import pytest
from pydantic import ValidationError

from market.config import MarketConfig, RegionalConfig, SupplyDemandConfig
from profiles.config import Section, validated
from profiles.errors import InputError
from profiles.strict_yaml import parse


class Market(Section):
    """A typed file with a market."""

    market: MarketConfig


def test_the_defaults_are_the_rules_of_trade() -> None:
    assert MarketConfig().model_dump() == {
        "mechanism": "call_auction",
        "price_signal": "rehearsed",
        "rehearsal": {
            "rounds_count": 1,
            "step_fraction": 0.3,
            "trust_fraction": 0.9,
            "homes_max": 32,
            "quota_slope": 0.3,
            "quota_cents_per_kwh_max": 20.0,
            "capacity_fraction": 0.92,
        },
        "supply_demand": {
            "base_cents_per_kwh": 35.0,
            "peak_hours": (16.0, 20.0),
            "peak_factor": 1.4,
            "night_hours": (0.0, 6.0),
            "night_factor": 0.8,
            "imbalance_min_fraction": 0.2,
            "shortage_slope": 0.5,
            "surplus_slope": 0.3,
        },
        "regional": {"feeders_count": 2, "between_loss_fraction": 0.02},
        "loss_fraction": 0.05,
        "price_min_cents_per_kwh": 10.0,
        "price_max_cents_per_kwh": 100.0,
        "order_max_kwh": 2.0,
        "sold_per_day_max_kwh": 10.0,
        "margin_fraction": 0.05,
        "fee_cents_per_kwh": 0.0,
        "fixed_cost_cents": 0.0,
        "trade_min_kwh": 0.0,
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rounds_count", 0),
        ("rounds_count", 1.5),
        ("step_fraction", 0.0),
        ("step_fraction", 1.1),
        ("trust_fraction", -0.1),
        ("homes_max", 0),
        ("quota_slope", -1.0),
        ("quota_cents_per_kwh_max", float("nan")),
        ("capacity_fraction", 0.0),
    ],
)
def test_a_figure_of_the_rehearsal_out_of_range_is_refused_by_name(
    field: str, value: object
) -> None:
    with pytest.raises(ValidationError) as caught:
        MarketConfig.model_validate({"rehearsal": {field: value}})
    assert [error["loc"] for error in caught.value.errors()] == [("rehearsal", field)]


def test_whole_numbers_and_lifted_limits_are_accepted() -> None:
    config = MarketConfig.model_validate({"order_max_kwh": 3, "sold_per_day_max_kwh": None})
    assert config.order_max_kwh == 3.0
    assert config.sold_per_day_max_kwh is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mechanism", "lottery"),
        ("price_signal", "loud"),
        ("loss_fraction", 1.0),
        ("loss_fraction", -0.1),
        ("price_min_cents_per_kwh", -1.0),
        ("price_max_cents_per_kwh", float("nan")),
        ("price_max_cents_per_kwh", float("inf")),
        ("order_max_kwh", 0.0),
        ("sold_per_day_max_kwh", 0.0),
        ("margin_fraction", 1.0),
        ("fee_cents_per_kwh", "2"),
        ("fixed_cost_cents", -1.0),
        ("trade_min_kwh", True),
        ("unknown", 1.0),
    ],
)
def test_a_value_out_of_range_or_of_another_type_is_refused_by_name(
    field: str, value: object
) -> None:
    with pytest.raises(ValidationError) as caught:
        MarketConfig.model_validate({field: value})
    assert [error["loc"] for error in caught.value.errors()] == [(field,)]


@pytest.mark.parametrize(
    ("field", "value", "place"),
    [
        ("base_cents_per_kwh", -1.0, ()),
        ("peak_hours", [16, 25], (1,)),
        ("peak_hours", [16], (1,)),
        ("night_hours", [-1, 6], (0,)),
        ("night_hours", ["0", 6], (0,)),
        ("peak_factor", -0.1, ()),
        ("night_factor", True, ()),
        ("imbalance_min_fraction", -0.1, ()),
        ("shortage_slope", -0.1, ()),
        ("surplus_slope", None, ()),
    ],
)
def test_a_figure_of_the_price_signal_out_of_range_is_refused_by_name(
    field: str, value: object, place: tuple[int, ...]
) -> None:
    with pytest.raises(ValidationError) as caught:
        MarketConfig.model_validate({"supply_demand": {field: value}})
    assert [error["loc"] for error in caught.value.errors()] == [("supply_demand", field, *place)]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("feeders_count", 0),
        ("feeders_count", 2.0),
        ("between_loss_fraction", -0.01),
        ("between_loss_fraction", 1.0),
    ],
)
def test_a_figure_of_the_feeders_out_of_range_is_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(ValidationError) as caught:
        MarketConfig.model_validate({"regional": {field: value}})
    assert [error["loc"] for error in caught.value.errors()] == [("regional", field)]


@pytest.mark.parametrize("hours", [[20, 16], [6, 6]])
def test_hours_that_end_before_they_begin_are_refused(hours: list[int]) -> None:
    text = f"market: {{supply_demand: {{night_hours: [{hours[0]}, {hours[1]}]}}}}"
    limit = f"must begin before they end (got {hours[0]} to {hours[1]})"
    with pytest.raises(InputError) as refusal:
        validated(parse(text, "x.yaml"), Market)
    assert str(refusal.value) == f"x.yaml:1: market.supply_demand.night_hours: {limit}"


def test_a_highest_price_below_the_lowest_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"price_max.* at least price_min.*120 \(got 100\)"):
        MarketConfig(price_min_cents_per_kwh=120.0)


@pytest.mark.parametrize("section", [MarketConfig, RegionalConfig, SupplyDemandConfig])
def test_every_field_explains_itself(section: type[Section]) -> None:
    assert all(field.description for field in section.model_fields.values())
