"""What is typed is refused at its knob with its limit, and a valid scenario stays in force."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import knobs, sheet
from dashboard.sheet import Sheet
from profiles import strict_yaml
from profiles.errors import FitError, InputError
from scenarios import family
from scenarios.load import load
from scenarios.schema import Scenario

PATHS = [*knobs.controls()]


def _beyond(field: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Give texts that a schema does not allow, with the limit that refuses them."""
    for option in (field, *field.get("anyOf", ())):
        for key, step, limit in (
            ("minimum", -1, "must be at least"),
            ("exclusiveMinimum", 0, "must be above"),
            ("maximum", 1, "must be at most"),
            ("exclusiveMaximum", 0, "must be below"),
        ):
            if key in option:
                whole = option["type"] == "integer"
                yield str(int(option[key]) + step if whole else option[key] + step), limit
        if "enum" in option:
            yield "no such choice", "must be"
            continue
        for kind, text, limit in (
            ("number", "seven", "must be a number"),
            ("integer", "2.5", "must be a whole number"),
            ("array", "{}", "must be a list"),
            ("object", "[]", "must be a mapping"),
        ):
            if option.get("type") == kind:
                yield text, limit


BEYOND = [
    (path, text, limit)
    for path, control in knobs.controls().items()
    for text, limit in _beyond(dict(control.knob.field))
]


@pytest.mark.parametrize(("path", "text", "limit"), BEYOND)
def test_every_bound_is_refused_at_its_knob(path: str, text: str, limit: str) -> None:
    plain = Sheet(Scenario())
    found = plain.with_typed(path, text, {})
    assert found.scenario == plain.scenario
    assert found.typed == {path: text}
    assert list(found.faults) == [path]
    assert found.faults[path].startswith((limit, "must have at most 18 digits")), found.faults
    assert found.shown({})[path] == text
    assert path in found.changed()


def test_there_are_bounds_for_most_knobs() -> None:
    assert len({path for path, _, _ in BEYOND}) > 80


@pytest.mark.parametrize("text", ["-3", "0", "1e9", "seven", ".nan", "[1]", "0x10"])
def test_the_words_are_those_of_the_command_line(text: str) -> None:
    with pytest.raises(InputError) as error:
        load("fontana_mixed", [f"battery.capacity_kwh={text}"])
    found = Sheet(Scenario.load("fontana_mixed")).with_typed("battery.capacity_kwh", text, {})
    assert str(error.value).endswith(found.faults["battery.capacity_kwh"])


def test_what_does_not_go_together_waits_and_counts_when_it_does() -> None:
    first = Sheet(Scenario()).with_typed("battery.soc_min_fraction", "0.9", {})
    assert first.scenario == Scenario()
    assert first.faults["battery.soc_max_fraction"].startswith("must be at least soc_min_fraction")
    assert "battery.soc_max_fraction: must be" in first.faults["battery.soc_min_fraction"]
    second = first.with_typed("battery.soc_max_fraction", "0.95", {})
    assert set(second.typed) == {"battery.soc_min_fraction", "battery.soc_max_fraction"}
    assert second.faults["battery.soc_initial_fraction"].endswith("(got 0.1)")
    third = second.with_typed("battery.soc_initial_fraction", "0.92", {})
    assert (third.typed, third.faults) == ({}, {})
    assert third.scenario.battery.soc_max_fraction == 0.95


def test_one_bad_value_does_not_hold_up_another() -> None:
    bad = Sheet(Scenario()).with_typed("battery.capacity_kwh", "-1", {})
    both = bad.with_typed("run.days", "3", {})
    assert both.scenario.run.days == 3
    assert both.typed == {"battery.capacity_kwh": "-1"}
    mended = both.with_typed("battery.capacity_kwh", "6", {})
    assert (mended.typed, mended.faults) == ({}, {})
    assert (mended.scenario.run.days, mended.scenario.battery.capacity_kwh) == (3, 6.0)


def test_a_fault_within_a_list_says_where() -> None:
    found = Sheet(Scenario()).with_typed("homes.without_pv", "[1, two]", {})
    assert found.faults == {"homes.without_pv": "1: must be a whole number (got 'two')"}


def test_a_knob_goes_back_to_its_default() -> None:
    mixed = Sheet(Scenario.load("fontana_mixed"))
    assert "homes.without_pv" in mixed.changed()
    plain = mixed.without("homes.without_pv", {})
    assert plain.scenario.homes.without_pv == ()
    assert "homes.without_pv" not in plain.changed()
    assert Sheet(Scenario()).changed() == []


@given(
    typed=st.dictionaries(
        st.sampled_from(PATHS),
        st.one_of(
            st.sampled_from(["", "0", "1", "-1", "1e400", "null", "[]", "{a: 1}", "5: 6", "\0"]),
            st.integers(-10, 10_000).map(str),
            st.floats(allow_nan=True).map(str),
            st.text(max_size=12),
        ),
        max_size=5,
    )
)
def test_whatever_is_typed_a_valid_scenario_stays_in_force(typed: dict[str, str]) -> None:
    found = sheet.settled(Scenario(), typed, {})
    assert Scenario.model_validate_json(found.scenario.model_dump_json(), strict=False)
    assert set(found.typed) <= set(typed)
    assert set(found.typed) <= set(found.faults)
    assert not found.faults or found.typed
    accepted = {path: text for path, text in typed.items() if path not in found.typed}
    assert sheet.settled(Scenario(), accepted, {}).scenario == found.scenario


@pytest.mark.parametrize("kind", ["yaml", "json"])
@pytest.mark.parametrize("name", family.shipped())
def test_what_is_saved_is_loaded_again(tmp_path: Path, name: str, kind: str) -> None:
    scenario = Scenario.load(name)
    path = tmp_path / f"4f.{kind}"
    path.write_text(sheet.written(scenario, kind, {}), encoding="utf-8")
    assert sheet.read(path, f"mine.{kind}", {}) == scenario
    assert Scenario.load(path) == scenario


def test_files_are_saved_and_found_by_the_visitor_s_names(tmp_path: Path) -> None:
    files = {"/machine/7a.csv": "homes.csv"}
    scenario = Scenario().model_copy(
        update={
            "profiles": Scenario().profiles.model_copy(
                update={"source": "file", "path": "/machine/7a.csv"}
            )
        }
    )
    text = sheet.written(scenario, "yaml", files)
    assert "machine" not in text
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    assert sheet.read(path, "x.yaml", files) == scenario
    with pytest.raises(InputError, match=r"^x.yaml:\d+: profiles.path: must be a file that was"):
        sheet.read(path, "x.yaml", {})


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("base: /etc/passwd", "mine.yaml:1: base: must be one of base, dynamic_caiso"),
        ("base: ../fontana", "mine.yaml:1: base: must be one of base, dynamic_caiso"),
        ("base: [fontana]", "mine.yaml:1: base: must be one of base, dynamic_caiso"),
        ("profiles: {path: /etc/passwd}", "mine.yaml:1: profiles.path: must be a file that"),
        ("carbon:\n  path: ../../x", "mine.yaml:2: carbon.path: must be a file that was"),
        ("battery:\n  capacity_kwh: -1", "mine.yaml:2: battery.capacity_kwh: must be above 0"),
        ("batery: {}", "mine.yaml:1: batery: is not a known key"),
        ("run: !!python/object:os.system x", "mine.yaml:1: tags are not allowed"),
        ("", "mine.yaml:1: the file is empty"),
        ("a: &x [*x]", "mine.yaml:1: anchors (&) and aliases (*) are not allowed"),
    ],
)
def test_a_scenario_that_reads_other_files_or_is_wrong_is_refused(
    tmp_path: Path, text: str, refusal: str
) -> None:
    path = tmp_path / "4f1c.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        sheet.read(path, "mine.yaml", {})
    assert str(error.value).startswith(refusal)
    assert "4f1c" not in str(error.value)


def test_a_scenario_stands_on_a_shipped_one(tmp_path: Path) -> None:
    path = tmp_path / "4f1c.yaml"
    path.write_text("base: fontana_mixed\nrun: {days: 2}\n", encoding="utf-8")
    found = sheet.read(path, "two_days.yaml", {})
    assert (found.name, found.run.days) == ("two_days", 2)
    assert found.homes.without_pv == (4, 8, 9, 10)


def test_what_the_data_refuses_is_put_to_its_knob() -> None:
    held = Sheet(Scenario()).with_typed("run.days", "400", {})
    with pytest.raises(FitError) as error:
        sheet.check(held.scenario)
    blamed = held.blaming(error.value)
    assert blamed.faults == {
        "run.days": "must be at most 350, 15 days of history come first (got 400)"
    }
    assert blamed.scenario == held.scenario
    assert blamed.with_typed("run.days", "3", {}).faults == {}
    sheet.check(blamed.with_typed("run.days", "3", {}).scenario)


def test_yaml_of_the_page_is_strict_yaml() -> None:
    text = sheet.written(Scenario(), "yaml", {})
    assert strict_yaml.parse(text, "x").data == Scenario().model_dump(mode="json")
