"""Scenarios from files: inheritance, overrides, and where a refusal points."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.errors import InputError
from profiles.strict_yaml import Value, read
from scenarios import fit
from scenarios.family import OPTIONS, REFERENCE, groups, shipped
from scenarios.load import load
from scenarios.schema import Scenario, needs

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")

ROOT = Path(__file__).parents[2]


def _write(name: str, text: str) -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


def _keys(value: Value) -> Value:
    return {key: _keys(each) for key, each in value.items()} if isinstance(value, dict) else None


def test_base_spells_every_knob_with_its_default() -> None:
    typed = read(ROOT / "scenarios" / "base.yaml").data
    assert _keys(typed) == _keys(Scenario().model_dump(mode="json"))
    assert load("base") == Scenario()


def test_the_shipped_scenarios_load_and_say_what_they_are_for() -> None:
    assert groups()[REFERENCE] == ("base", "fontana", "fontana_mixed", "london", "synthetic")
    for name in shipped():
        loaded = Scenario.load(name) if needs(name) else load(name)
        assert loaded.name == name
        assert loaded.purpose.endswith(".")


def test_fontana_mixed_differs_from_fontana_by_four_roofs() -> None:
    fontana, mixed = load("fontana"), load("fontana_mixed")
    assert fontana.homes.without_pv == ()
    assert mixed.homes.without_pv == (4, 8, 9, 10)
    changed = {"name", "purpose", "homes"}
    assert fontana.model_dump(exclude=changed) == mixed.model_dump(exclude=changed)


def test_synthetic_simulates_the_last_day_of_ten_homes() -> None:
    scenario = load("synthetic")
    profiles = fit.read_profiles(scenario)
    assert profiles.homes_count == 10
    assert fit.span(scenario, profiles) == (365 * 48, 48)
    assert profiles.steps_count == 366 * 48


def test_a_place_without_known_holidays_is_blamed_where_it_was_typed() -> None:
    text = "base: synthetic\nprofiles:\n  synthetic:\n    holidays_country: XX\n"
    _write("x.yaml", text)
    with pytest.raises(InputError, match=r"^x.yaml:4: profiles.synthetic.holidays_country: must"):
        load("x.yaml")


def test_a_file_holds_what_differs_from_its_parents() -> None:
    _write("a.yaml", "base: fontana_mixed\nname: first\npurpose: A.\nbattery: {capacity_kwh: 5}\n")
    _write("b.yaml", "base: a.yaml\nbattery: {power_kw_max: 2.5}\n")
    loaded = load("b.yaml")
    assert (loaded.battery.capacity_kwh, loaded.battery.power_kw_max) == (5.0, 2.5)
    assert loaded.homes.without_pv == (4, 8, 9, 10)
    assert (loaded.name, loaded.purpose) == ("b", "")


def test_a_parent_is_found_beside_the_file_that_names_it() -> None:
    Path("deep").mkdir()
    _write("deep/parent.yaml", "seed: 5\n")
    _write("deep/child.yaml", "base: parent.yaml\n")
    assert load("deep/child.yaml").seed == 5


def test_overrides_count_more_than_files_and_options_most() -> None:
    _write("a.yaml", "seed: 1\nrun: {days: 2}\n")
    assert load("a.yaml", ["seed=2"]).seed == 2
    assert load("a.yaml", ["seed=2", "seed=3"]).seed == 3
    assert load("a.yaml", ["seed=2"], {"--seed": 4}).seed == 4
    assert load("a.yaml", ["seed=2"]).run.days == 2


def test_every_option_sets_its_knob() -> None:
    values: dict[str, Value] = {
        "--start": "2017-01-01", "--days": 3, "--homes": 2, "--seed": 9, "--rounds": 4,
    }  # fmt: skip
    loaded = load("fontana", options=values)
    assert values.keys() == OPTIONS.keys()
    assert (loaded.run.start, loaded.run.days) == ("2017-01-01", 3)
    assert (loaded.homes.count, loaded.seed) == (2, 9)
    assert loaded.federated.rounds_count == 4


def test_a_json_file_is_a_scenario_too() -> None:
    _write("a.json", json.dumps({"base": "fontana", "seed": 8}))
    assert load("a.json").seed == 8


@pytest.mark.parametrize("name", ["base", "fontana_mixed"])
def test_what_is_dumped_loads_back_to_the_same(name: str) -> None:
    scenario = load(name, ["market.order_max_kwh=null", "seed=123456789012345678"])
    assert load(_write("params.json", scenario.as_json())) == scenario


@settings(max_examples=30)
@given(
    name=st.text(max_size=10).filter(str.isprintable),
    fraction=st.floats(0.0, 0.99),
    price_cents=st.floats(-100, 1000),
    seed=st.integers(0, 10**18 - 1),
)
def test_any_values_survive_a_dump(
    name: str, fraction: float, price_cents: float, seed: int
) -> None:
    typed = {
        "name": name,
        "market": {"loss_fraction": fraction},
        "tariff": {"export_cents_per_kwh": price_cents},
        "seed": seed,
    }
    scenario = Scenario.model_validate(typed)
    assert load(_write("params.json", scenario.as_json())) == scenario


BAD = [
    (
        "batery: {}\n",
        "x.yaml:1: batery: is not a known key (known: base, name, purpose, profiles, homes,",
    ),
    ("market:\n  los: 1\n", "x.yaml:2: market.los: is not a known key (known: mechanism, price_"),
    ("seed: 1\nseed: 2\n", "x.yaml:2: seed: given twice, first in line 1"),
    ("seed: one\n", "x.yaml:1: seed: must be a whole number (got 'one')"),
    ("seed: 1.5\n", "x.yaml:1: seed: must be a whole number (got 1.5)"),
    ("seed: -1\n", "x.yaml:1: seed: must be at least 0 (got -1)"),
    ("battery:\n\n  capacity_kwh: -3\n", "x.yaml:3: battery.capacity_kwh: must be above 0"),
    ("battery: 5\n", "x.yaml:1: battery: must be a mapping (key: value) (got 5)"),
    ("battery:\n", "x.yaml:1: battery: must be a mapping (key: value) (got None)"),
    ("battery:\n  soc_max_fraction: 0.05\n", "x.yaml:2: battery.soc_max_fraction: must be at"),
    ("homes: {count: 3.7}\n", "x.yaml:1: homes.count: must be a whole number (got 3.7)"),
    ("homes: {count: 10}\n", "x.yaml:1: homes.count: must be at most 9 (got 10)"),
    ("homes:\n  without_pv: [4, 7]\n", "x.yaml:2: homes.without_pv: must be among 1, 2, 3, 4, 5"),
    ("homes:\n  without_pv:\n   - 4\n   - a\n", "x.yaml:4: homes.without_pv.1: must be a whole"),
    ("run: {start: 2016-08-15}\n", "x.yaml:1: run.start: must be 2016-08-16 00:00 or later"),
    ("run: {start: 2017-07-26}\n", "x.yaml:1: run.start: must be 2017-07-25 00:00 or earlier"),
    ("run:\n  days: 351\n", "x.yaml:2: run.days: must be at most 350, 15 days of history"),
    ("run: {start: 2017}\n", "x.yaml:1: run.start: must be text (got 2017)"),
    ("run: {step_minutes: 20}\n", "x.yaml:1: run.step_minutes: must be 15, 30 or 60 (got 20)"),
    ("forecast: {samples_count: 29}\n", "x.yaml:1: forecast.samples_count: must be at most 28"),
    (
        "run: {start: 2016-08-16}\nforecast:\n  samples_count: 9\n",
        "x.yaml:3: forecast.samples_count: must be at most 8 with 15 days of history before the",
    ),
    ("tariff:\n  name: moon\n", "x.yaml:2: tariff.name: must be one of pge_e_elec_2026, "),
    (
        "tariff: {name: lmp}\n",
        "x.yaml:1: tariff.path: must be a file with prices, see docs/tariffs.md (got null)",
    ),
    (
        "tariff:\n  name: lmp\n  path: no.csv\n",
        "x.yaml:3: tariff.path: must be a file (got 'no.csv')",
    ),
    ("tariff: {path: no.csv}\n", "x.yaml:1: tariff.path: must be null for pge_tou_c (got 'no.c"),
    (
        "tariff:\n  baseline_territory: P\n",
        "x.yaml:2: tariff.baseline_territory: must be null, the tariff has no baseline (got 'P')",
    ),
    ("profiles: {source: moon}\n", "x.yaml:1: profiles.source: must be 'fontana', 'synthetic' or "),
    ("strategy: {name: magic}\n", "x.yaml:1: strategy.name: must be 'grid_only', 'self_use', "),
    (
        "base: moon\n",
        "x.yaml:1: base: must be a file or one of base, dynamic_caiso, ",
    ),
    ("base: 5\n", "x.yaml:1: base: must be text (got 5)"),
    ("base: .\n", "x.yaml:1: base: must be a file or one of"),
    (f"base: {'a' * 999}\n", "x.yaml:1: base: must be a file or one of"),
    ("base: x.yaml\n", "x.yaml:1: base: x.yaml stands on this file"),
    ("", "x.yaml:1: the file is empty"),
]


@pytest.mark.parametrize(("text", "message"), BAD)
def test_a_wrong_file_is_refused_in_one_line_that_says_where(text: str, message: str) -> None:
    with pytest.raises(InputError) as refusal:
        load(_write("x.yaml", text))
    assert str(refusal.value).startswith(message)
    assert "\n" not in str(refusal.value)


def test_a_wrong_value_of_a_parent_names_the_parent() -> None:
    _write("parent.yaml", "battery:\n  capacity_kwh: -3\n")
    _write("child.yaml", "base: parent.yaml\nbattery: {power_kw_max: 1}\n")
    with pytest.raises(InputError, match=r"^parent.yaml:2: battery.capacity_kwh: must be above"):
        load("child.yaml")
    assert load("child.yaml", ["battery.capacity_kwh=3"]).battery.capacity_kwh == 3.0


def test_days_typed_over_the_start_of_a_file_are_blamed() -> None:
    _write("late.yaml", "run: {start: 2017-07-01}\n")
    with pytest.raises(InputError, match=r"^--days 80: run.days: must be at most 31 from"):
        load("late.yaml", options={"--days": 80})


def test_parents_in_a_circle_are_refused() -> None:
    _write("a.yaml", "base: b.yaml\n")
    _write("b.yaml", "seed: 1\nbase: ./a.yaml\n")
    with pytest.raises(InputError, match=r"^b.yaml:2: base: a.yaml stands on this file$"):
        load("a.yaml")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("moon", "moon: must be a file or one of base, dynamic_caiso, "),
        ("moon.yaml", "moon.yaml: no such file"),
        ("no/such/folder.yaml", "no/such/folder.yaml: no such file"),
        (".", ".: a folder, not a file"),
        ("a" * 5000, "aaa"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(name: str, message: str) -> None:
    with pytest.raises(InputError) as refusal:
        load(name)
    assert str(refusal.value).startswith(message)


@pytest.mark.parametrize(
    ("overrides", "options", "message"),
    [
        (["battery.capacity_kwh=-3"], {}, "--set battery.capacity_kwh=-3: battery.capacity_kwh: "),
        (["moon.x=1"], {}, "--set moon.x=1: moon: is not a known key"),
        (["base=fontana"], {}, "--set base=fontana: base: is not a known key"),
        (["homes.without_pv=[77]"], {}, "--set homes.without_pv=[77]: homes.without_pv: must be"),
        ([], {"--days": 0}, "--days 0: run.days: must be at least 1 (got 0)"),
        ([], {"--days": 999}, "--days 999: run.days: must be at most 350"),
        ([], {"--days": 60}, "--days 60: run.days: must be at most 31 from 2017-07-01 (got 60)"),
        ([], {"--homes": 10}, "--homes 10: homes.count: must be at most 9 (got 10)"),
        ([], {"--start": "soon"}, "--start soon: run.start: 'soon': not a date or time"),
        ([], {"--seed": -1}, "--seed -1: seed: must be at least 0 (got -1)"),
    ],
)
def test_a_wrong_override_is_named_as_it_was_typed(
    overrides: list[str], options: dict[str, Value], message: str
) -> None:
    with pytest.raises(InputError) as refusal:
        load("fontana", overrides, options)
    assert str(refusal.value).startswith(message)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("market: {price_min_cents_per_kwh: 101}\n", "x.yaml:1: market.price_max_cents_per_kwh: "),
        ("seed: 1\ntariff:\n  sell_min_cents_per_kwh: 60\n", "x.yaml:2: tariff.sell_max_cents"),
    ],
)
def test_a_default_that_does_not_fit_is_not_blamed(text: str, place: str) -> None:
    with pytest.raises(InputError) as refusal:
        load(_write("x.yaml", "base: fontana\n" + text.replace("seed: 1\n", "")))
    assert str(refusal.value).startswith(place.replace(":1:", ":2:"))
    with pytest.raises(InputError, match=r"^--set market.price_min_cents_per_kwh=101: market"):
        load("fontana", ["market.price_min_cents_per_kwh=101"])


def test_a_json_file_may_be_indented_with_tabs() -> None:
    assert load(_write("a.json", '{\n\t"base": "fontana",\n\t"seed": 8\n}\n')).seed == 8


@pytest.mark.parametrize("field", ["name", "purpose"])
def test_what_a_terminal_prints_holds_no_control_characters(field: str) -> None:
    with pytest.raises(InputError, match=rf"x.yaml:1: {field}: must be printable, in one line"):
        load(_write("x.yaml", f'{field}: "a\\e[2Jb"\n'))
