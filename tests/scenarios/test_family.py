"""What was typed, layer over layer, each value with its place."""

from pathlib import Path

import pytest

from profiles.errors import InputError
from scenarios import family


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_shipped_scenarios_are_named_in_order() -> None:
    names = family.shipped()
    assert names == tuple(sorted(names))
    assert {"base", "fontana", "fontana_mixed"} <= set(names)


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
    with pytest.raises(InputError, match=r"^moon: must be a file or one of base, fontana, "):
        family.typed("moon")
