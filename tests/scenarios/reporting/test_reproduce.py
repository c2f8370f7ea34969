"""Whoever has the report alone can make its runs again, to the same bytes."""

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

import run as program
from scenarios.reporting import folders, reproduce
from scenarios.reporting.folders import Collection


def test_the_recipe_makes_the_run_again_to_the_same_bytes(
    batch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = folders.collected([batch]).runs[3]
    recipe = reproduce.recipe(found)
    monkeypatch.chdir(tmp_path)
    (tmp_path / reproduce.FILE).write_text(recipe.scenario, encoding="utf-8")
    name, *words = shlex.split(recipe.command)
    assert name == "commonwatt"
    assert program.main([*words, "--quiet", "--out", "again"]) == program.OK
    (again,) = Path("again").iterdir()
    assert (again / "DONE").read_text(encoding="utf-8").strip() == recipe.sha256 == found.sha256
    assert recipe.ledger_head == found.manifest.ledger_heads["self_use"]


def test_commands_name_what_is_not_usual(collection: Collection) -> None:
    one = collection.runs[0]
    arms = "gross,grid_only,self_use,plan_alone,market,bound"
    assert reproduce.recipe(one).command == f"commonwatt compare scenario.yaml --arms {arms}"
    simulated = one.manifest.model_copy(update={"simulated": True, "arms": ("market",)})
    command = reproduce.recipe(replace(one, manifest=simulated)).command
    assert command == "commonwatt simulate scenario.yaml"


def test_files_of_a_large_run_were_asked_for(collection: Collection) -> None:
    one = collection.runs[0]
    figures = one.course.figures.model_copy(update={"steps_count": 1_000_000})
    large = replace(one, course=replace(one.course, figures=figures))
    assert reproduce.recipe(large).command.endswith(" --csv")


def test_inputs_and_versions_are_named(collection: Collection) -> None:
    recipe = reproduce.recipe(collection.runs[0])
    assert [name for name, _ in recipe.inputs] == sorted(collection.runs[0].manifest.inputs)
    assert all(len(sha256) == 64 for _, sha256 in recipe.inputs)
    one, two = collection.runs
    older = two.manifest.model_copy(update={"versions": {"numpy": "1.0", "new": "2"}})
    found = dict(reproduce.versions([one, replace(two, manifest=older)]))
    assert found["numpy"] == f"{one.manifest.versions['numpy']}, 1.0"
    assert found["new"] == "-, 2"


def test_of_many_runs_the_values_of_knobs_are_listed(collection: Collection) -> None:
    few = reproduce.knobs(collection.runs, 2)
    assert [(knob.path, knob.values) for knob in few] == [
        ("tariff.name", ["pge_tou_c", "two_level"]),
        ("tariff.export_cents_per_kwh", ["5.0", "7.0"]),
    ]
    one = collection.runs[0]
    seeds = [
        replace(one, manifest=one.manifest.model_copy(
            update={"scenario": one.manifest.scenario.model_copy(update={"seed": seed % 12})}
        ))
        for seed in range(24)
    ]  # fmt: skip
    (knob,) = reproduce.knobs(seeds, 6)
    assert (knob.path, knob.left_count) == ("seed", 4)
    assert knob.values == [*map(str, range(8))]
