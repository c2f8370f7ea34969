"""What a person may type about the grid's prices."""

from typing import Any

import pytest
from pydantic import ValidationError

from profiles.config import validated
from profiles.errors import InputError
from profiles.strict_yaml import parse
from profiles.tariffs.config import TariffConfig

PRICES = [name for name in TariffConfig.model_fields if name.endswith("_cents_per_kwh")]


def test_the_defaults_are_the_reference_case() -> None:
    config = TariffConfig()
    assert (config.name, config.export_cents_per_kwh) == ("pge_tou_c", 5.0)
    assert config.retail_reference_cents_per_kwh == 27.0
    assert (config.cheap_below_cents_per_kwh, config.peak_above_cents_per_kwh) == (2.0, 4.0)
    assert (config.path, config.export_path, config.adder_cents_per_kwh) == (None, None, None)


def test_every_field_says_what_it_is() -> None:
    assert all(field.description for field in TariffConfig.model_fields.values())


def test_a_whole_number_is_a_price() -> None:
    assert TariffConfig(export_cents_per_kwh=7).export_cents_per_kwh == 7.0


@pytest.mark.parametrize("name", PRICES)
@pytest.mark.parametrize("value", ["5", True, float("nan"), float("inf"), -100.1, 1000.1])
def test_a_price_is_a_finite_number_within_its_bounds(name: str, value: Any) -> None:  # noqa: ANN401, anything
    with pytest.raises(ValidationError):
        TariffConfig(**{name: value})


@pytest.mark.parametrize("bound", [-100.0, 1000.0])
def test_the_bounds_themselves_are_allowed(bound: float) -> None:
    assert TariffConfig(export_cents_per_kwh=bound).export_cents_per_kwh == bound


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "buy_min_cents_per_kwh: 60",
            "buy_max_cents_per_kwh: must be at least buy_min_cents_per_kwh, 60 (got 51)",
        ),
        (
            "sell_max_cents_per_kwh: 2",
            "x.yaml:1: sell_max_cents_per_kwh: must be at least sell_min_cents_per_kwh, 3 (got 2)",
        ),
        (
            "peak_above_cents_per_kwh: 1",
            "peak_above_cents_per_kwh: must be at least cheap_below_cents_per_kwh, 2 (got 1)",
        ),
        ("path: ''", "x.yaml:1: path: must be the path of a file (got '')"),
        ('path: "a\\nb.csv"', "x.yaml:1: path: must be the path of a file (got 'a\\nb.csv')"),
        ("export_path: 5", "x.yaml:1: export_path: must be text (got 5)"),
        ("repeat_year: true", "must be 'none', 'date' or 'weekday' (got True)"),
        ("draw_every: day", "must be 'hour' or 'step' (got 'day')"),
        ("outside_band: cut", "must be 'refuse' or 'clip' (got 'cut')"),
        ("fixed_cents_per_day: -1001", "must be at least -1000 (got -1001)"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(text: str, message: str) -> None:
    with pytest.raises(InputError) as refusal:
        validated(parse(text, "x.yaml"), TariffConfig)
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_prices_may_be_negative_and_exports_may_pay_more_than_imports_cost() -> None:
    band = {"buy_min": -20, "buy_max": -10, "sell_min": 0, "sell_max": 90}
    config = TariffConfig(**{f"{name}_cents_per_kwh": cents for name, cents in band.items()})
    assert config.buy_max_cents_per_kwh < config.sell_min_cents_per_kwh
