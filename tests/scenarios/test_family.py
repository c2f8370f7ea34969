"""What was typed, layer over layer, each value with its place."""

import json
from pathlib import Path

import pytest

from profiles import own_files
from profiles.errors import InputError
from scenarios import family

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")


def test_shipped_scenarios_are_named_in_order() -> None:
    names = family.shipped()
    assert names == tuple(sorted(names))
    assert {"base", "fontana", "fontana_mixed"} <= set(names)


def test_every_shipped_scenario_stands_in_one_group_those_to_start_from_in_the_first() -> None:
    groups = family.groups()
    named = [name for names in groups.values() for name in names]
    assert sorted(named) == list(family.shipped())
    assert next(iter(groups)) == family.REFERENCE
    assert "base" in groups[family.REFERENCE]
    assert groups["grid"] == ("export_cap", "import_cap", "outage_24h", "outage_4h")


def test_a_scenario_of_the_catalogue_is_a_base_like_any_other_and_finds_its_data() -> None:
    Path("mine.yaml").write_text("base: stadium_evening\n")
    typed = family.typed("mine.yaml")
    profiles = typed.data["profiles"]
    assert isinstance(profiles, dict)
    assert own_files.found(str(profiles["events_path"])).is_file()
    place = typed.place("profiles.events_path")
    assert place.startswith("scenarios/catalogue/demand/stadium_evening.yaml:")


def test_a_value_knows_whether_file_override_or_option_typed_it() -> None:
    Path("a.yaml").write_text("base: fontana_mixed\nbattery:\n  capacity_kwh: 5\n")
    typed = family.typed("a.yaml", ["market.loss_fraction=0.04"], {"--seed": 7})
    assert typed.data["seed"] == 7
    assert typed.place("battery.capacity_kwh") == "a.yaml:3"
    assert typed.place("market.loss_fraction") == "--set market.loss_fraction=0.04"
    assert typed.place("seed") == "--seed 7"
    assert typed.place("homes.without_pv").startswith("scenarios/fontana_mixed.yaml:")


def test_name_and_purpose_are_those_of_the_file_itself() -> None:
    Path("mine.yaml").write_text("base: fontana\n")
    assert (family.typed("mine.yaml").data["name"], family.typed("mine.yaml").data["purpose"]) == (
        "mine",
        "",
    )


def test_what_is_neither_shipped_nor_a_file_is_refused_with_what_there_is() -> None:
    with pytest.raises(
        InputError, match=r"^moon: must be a file or one of base, dynamic_caiso, dy"
    ):
        family.typed("moon")


def test_an_override_lies_over_the_scenario_and_under_settings_and_options() -> None:
    Path("dear.yaml").write_text("name: dear\nmarket:\n  fee_cents_per_kwh: 3\nseed: 4\n")
    typed = family.typed("fontana", ["seed=5"], {"--days": 3}, ["unlimited", "dear.yaml"])
    assert (typed.data["name"], typed.data["seed"]) == ("fontana", 5)
    assert typed.place("market.fee_cents_per_kwh") == "dear.yaml:3"
    assert typed.place("market.order_max_kwh").startswith("scenarios/overrides/unlimited.yaml:")
    assert typed.place("market.loss_fraction").startswith("scenarios/base.yaml:")


def test_the_data_of_an_override_are_found_beside_it(tmp_path: Path) -> None:
    Path("deep").mkdir()
    Path("deep/mine.yaml").write_text("carbon: {name: file, path: x.csv}\n")
    typed = family.typed("base", overrides=["deep/mine.yaml"])
    assert typed.data["carbon"] == {
        "name": "file", "path": str(tmp_path / "deep" / "x.csv"), "repeat_year": "none",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("moon", "--override moon: must be a file or one of unlimited"),
        ("moon.yaml", "moon.yaml: no such file"),
        ("based.yaml", "based.yaml:2: base: an override stands on no other file"),
        ("twice.yaml", "twice.yaml:2: seed: given twice"),
    ],
)
def test_what_is_no_override_is_refused(name: str, message: str) -> None:
    Path("based.yaml").write_text("seed: 1\nbase: fontana\n")
    Path("twice.yaml").write_text("seed: 1\nseed: 2\n")
    with pytest.raises(InputError) as refusal:
        family.typed("fontana", overrides=[name])
    assert str(refusal.value).startswith(message)


def test_the_data_of_a_shipped_scenario_are_found_from_any_folder() -> None:
    Path("mine.yaml").write_text("base: london\n")
    for name in ("london", "mine.yaml"):
        path = family.typed(name).data["profiles"]["path"]
        assert path == "shipped:profiles/data/london.parquet"
        assert own_files.found(path).is_file()


def test_shipped_overrides_are_named() -> None:
    assert family.shipped_overrides() == ("unlimited",)
    assert not set(family.shipped_overrides()) & set(family.shipped())


def test_networks_are_found_beside_the_scenario_that_names_them(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("base: fontana\nforecast: {transformer: {checkpoint: nets/a}}\n", "utf-8")
    whole = json.dumps(family.typed(str(file)).data["forecast"])
    assert json.loads(whole)["transformer"]["checkpoint"] == str(tmp_path / "nets" / "a")
