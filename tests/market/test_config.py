"""What a scenario may say about the market."""

import pytest
from pydantic import ValidationError

from market.config import MarketConfig


def test_the_defaults_are_the_rules_of_trade() -> None:
    assert MarketConfig().model_dump() == {
        "mechanism": "call_auction",
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


def test_whole_numbers_and_lifted_limits_are_accepted() -> None:
    config = MarketConfig.model_validate({"order_max_kwh": 3, "sold_per_day_max_kwh": None})
    assert config.order_max_kwh == 3.0
    assert config.sold_per_day_max_kwh is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mechanism", "lottery"),
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


def test_a_highest_price_below_the_lowest_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"price_max.* at least price_min.*120 \(got 100\)"):
        MarketConfig(price_min_cents_per_kwh=120.0)


def test_every_field_explains_itself() -> None:
    assert all(field.description for field in MarketConfig.model_fields.values())
