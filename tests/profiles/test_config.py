"""What a person may type about profiles, and how a typed file is checked."""

from datetime import date, timedelta
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, ValidationError

from profiles.config import ProfilesConfig, Section, SyntheticConfig, validated
from profiles.errors import InputError
from profiles.strict_yaml import parse
from profiles.tariffs.config import TariffConfig


class Home(Section):
    """A home of the scenario below."""

    count: int = Field(gt=0, le=9)
    share_fraction: float = 1.0


class Scenario(Section):
    """A scenario with a section that may be left out, and a list of sections."""

    seed: int
    tariff: TariffConfig = TariffConfig()
    homes: list[Home] | None = None


def test_the_defaults_are_the_reference_case() -> None:
    assert ProfilesConfig().source == "fontana"


def test_a_section_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        TariffConfig().name = "two_level"  # type: ignore[misc]


@pytest.mark.parametrize("model", [ProfilesConfig, SyntheticConfig])
def test_every_field_says_what_it_is(model: type[BaseModel]) -> None:
    assert all(field.description for field in model.model_fields.values())


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"source": "file"}, r"path: must name a file or folder \(got None\)"),
        ({"source": "file", "path": ""}, r"path: must name a file or folder \(got ''\)"),
        ({"path": "a.csv"}, r"path: must be null unless the source is file \(it is fontana\)"),
        ({"source": "synthetic", "fill": "zero"}, r"fill: must be none unless the source is file"),
        ({"zone": "-08:00"}, r"zone: must be null unless the source is file \(it is fontana\)"),
        ({"zone": "Mars/Olympus"}, r"zone: must be an IANA name like .* \(got 'Mars/Olympus'\)"),
        ({"zone": "-8"}, r"zone: must be an IANA name"),
        ({"zone": "+15:00"}, r"zone: must be an IANA name"),
    ],
)
def test_profiles_that_cannot_be_read_are_refused_where_they_are_typed(
    typed: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        ProfilesConfig.model_validate(typed)


@pytest.mark.parametrize(
    ("field", "allowed", "refused"),
    [
        ("fill_hours_max", 8784.0, 8784.1),
        ("fill_hours_max", 0.1, 0.0),
        ("power_kw_max", 1e6, 1.1e6),
        ("power_kw_max", 0.1, 0.0),
    ],
)
def test_the_limits_of_what_is_believed_are_bounded(
    field: str, allowed: float, refused: float
) -> None:
    assert getattr(ProfilesConfig.model_validate({field: allowed}), field) == allowed
    with pytest.raises(ValidationError):
        ProfilesConfig.model_validate({field: refused})


def test_a_document_becomes_its_model() -> None:
    text = "seed: 7\ntariff: {name: two_level}\nhomes:\n  - {count: 3}\n"
    scenario = validated(parse(text, "s.yaml"), Scenario)
    assert scenario == Scenario(
        seed=7, tariff=TariffConfig(name="two_level"), homes=[Home(count=3)]
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seed: 1.5\n", "s.yaml:1: seed: must be a whole number (got 1.5)"),
        ("seed: true\n", "s.yaml:1: seed: must be a whole number (got True)"),
        ("seed: '1'\n", "s.yaml:1: seed: must be a whole number (got '1')"),
        ("\ntariff: {}\n", "s.yaml:2: seed: is missing"),
        ("seed: 1\ntariff: 5\n", "s.yaml:2: tariff: must be a mapping (key: value) (got 5)"),
        (
            "seed: 1\ntariff:\n  export_cents_per_kwh: -500\n",
            "s.yaml:3: tariff.export_cents_per_kwh: must be at least -100 (got -500)",
        ),
        (
            "seed: 1\ntariff:\n  name: 5\n",
            "s.yaml:3: tariff.name: must be text (got 5)",
        ),
        (
            "seed: 1\ntariff:\n  nmae: a\n",
            "s.yaml:3: tariff.nmae: is not a known key (known: name, path, node, ",
        ),
        ("seed: 1\nbatery: {}\n", "is not a known key (known: seed, tariff, homes)"),
        (
            "seed: 1\nhomes:\n  - count: 1\n  - count: 0\n",
            "s.yaml:4: homes.1.count: must be above 0 (got 0)",
        ),
        (
            "seed: 1\nhomes:\n  - count: 1\n    cuont: 0\n",
            "s.yaml:4: homes.0.cuont: is not a known key (known: count, share_fraction)",
        ),
        ("seed: 1\nhomes: 3\n", "s.yaml:2: homes: must be a list (got 3)"),
        (f"seed: {list(range(99))}\n", "15, 16...)"),
    ],
)
def test_the_first_wrong_thing_is_refused_in_one_line(text: str, message: str) -> None:
    with pytest.raises(InputError) as refusal:
        validated(parse(text, "s.yaml"), Scenario)
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_list_of_fixed_length_is_refused_in_words_of_this_project() -> None:
    class Pair(Section):
        pair: Annotated[tuple[int, int], Field(strict=False)]

    with pytest.raises(InputError) as refusal:
        validated(parse("pair: [1, 2, 3]", "s.yaml"), Pair)
    assert str(refusal.value) == "s.yaml:1: pair: must have at most 2 items (got [1, 2, 3])"


def test_a_source_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(
        InputError, match=r"s.yaml:1: source: must be 'fontana', 'synthetic' or 'file' \(got"
    ):
        validated(parse("source: moon", "s.yaml"), ProfilesConfig)


def test_the_generated_year_ends_with_a_day_in_summer() -> None:
    config = SyntheticConfig()
    last = date.fromisoformat(config.start) + timedelta(days=config.days - 1)
    assert last == date(2018, 7, 18)
    assert config.count == 10


def test_types_count_the_homes() -> None:
    assert SyntheticConfig(types={"ev": 3, "flat": 2}).count == 5
    assert SyntheticConfig(types={"ev": 3, "flat": 2}, homes_count=5).count == 5
    assert SyntheticConfig(homes_count=7).count == 7


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("types: {ev: 3}\nhomes_count: 4", "s.yaml:2: homes_count: must be null or what types"),
        (
            "types: {moon: 3}",
            "s.yaml:1: types: must be among house, family, flat, ev, retired (got",
        ),
        ("types: {ev: 0}", "s.yaml:1: types.ev: must be at least 1 (got 0)"),
        ("types: {ev: 1.5}", "s.yaml:1: types.ev: must be a whole number (got 1.5)"),
        ("types: {}", "s.yaml:1: types: must name at least 1 kind (got 0)"),
        ("types: 3", "s.yaml:1: types: must be a mapping (key: value) (got 3)"),
        ("homes_count: 0", "s.yaml:1: homes_count: must be at least 1 (got 0)"),
        ("homes_count: 99999", "s.yaml:1: homes_count: must be at most 10928 for 366 days (got"),
        ("days: 3661", "s.yaml:1: days: must be at most 3660 (got 3661)"),
        ("start: soon", "s.yaml:1: start: must be a date like 2017-07-18 (got 'soon')"),
        ("start: 2017-07-18T05:00", "s.yaml:1: start: must be a date like 2017-07-18 (got"),
        (
            "start: 1970-01-01",
            "s.yaml:1: start: the year must be from 1971 to 2188 (got 1970-01-01",
        ),
        (
            "start: 2189-01-01",
            "s.yaml:1: start: the year must be from 1971 to 2188 (got 2189-01-01",
        ),
        (
            "zone: Mars",
            "s.yaml:1: zone: must be an IANA name like America/Los_Angeles or an offset",
        ),
        (
            "start: 2018-11-04\nzone: America/Sao_Paulo",
            "s.yaml:1: start: 2018-11-04: the clock of America/Sao_Paulo leaves this time out",
        ),
        (
            "start: 2018-11-01\ndays: 3\nzone: America/Sao_Paulo",
            "s.yaml:2: days: 2018-11-04: the clock of America/Sao_Paulo leaves this time out",
        ),
        ("latitude_degrees: 70", "s.yaml:1: latitude_degrees: must be at most 65 (got 70)"),
        ("pv_fraction: 1.5", "s.yaml:1: pv_fraction: must be at most 1 (got 1.5)"),
        (
            "pv_kw_max: 2",
            "s.yaml:1: pv_kw_max: must be at least pv_kw_min, 3.5 (got 2)",
        ),
    ],
)
def test_homes_that_cannot_be_generated_are_refused_in_one_line(text: str, message: str) -> None:
    with pytest.raises(InputError) as refusal:
        validated(parse(text, "s.yaml"), SyntheticConfig)
    assert str(refusal.value).startswith(message)
    assert "\n" not in str(refusal.value)


def test_a_key_of_several_lines_is_named_in_one() -> None:
    with pytest.raises(InputError) as refusal:
        validated(parse('"home\\nhome": 1', "s.yaml"), ProfilesConfig)
    assert str(refusal.value).startswith(r"s.yaml:1: 'home\nhome': is not a known key (known: ")
