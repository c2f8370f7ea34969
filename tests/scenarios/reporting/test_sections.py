"""Which sections a report has, and which rows and pictures stand in them."""

from dataclasses import replace
from pathlib import Path

from scenarios.reporting import folders, sections, sheets
from scenarios.reporting.folders import Collection


def test_one_run_has_no_differences_and_its_name_stands_once(collection: Collection) -> None:
    one = Collection(collection.runs[:1], [])
    found = {each.name: each for each in sections.sections(one.runs, sheets.sheets(one))}
    assert [*found] == ["runs", "arms", "steps", "time", "homes", "carbon", "reproduce"]
    for name in ("arms", "steps", "carbon"):
        assert all(label != "run" for label, _ in found[name].tables[0].headings)
    assert sections.title(one.runs) == "fontana_mixed: 4 homes, 3 days from 2017-07-01 00:00"


def test_runs_have_differences_and_what_differs(collection: Collection) -> None:
    laid = sheets.sheets(collection)
    found = {each.name: each for each in sections.sections(collection.runs, laid)}
    assert [*found] == [
        "runs", "differences", "arms", "steps", "time", "homes", "carbon", "knobs", "reproduce",
    ]  # fmt: skip
    assert [each.heading for each in found["steps"].drawings] == ["plain", "<b>cheap & free"]
    assert sections.title(collection.runs) == "2 runs of fontana_mixed"


def test_an_outage_has_a_section_of_every_arm(outage_run: Path) -> None:
    runs = folders.collected([outage_run])
    laid = sheets.sheets(runs)
    found = {each.name: each for each in sections.sections(runs.runs, laid)}
    assert [*found][1:3] == ["arms", "outage"]
    assert len(found["outage"].tables[0].rows) == len(laid["arms"].rows)


def test_seeds_have_repetitions(batch: Path) -> None:
    found = folders.collected([batch])
    names = [each.name for each in sections.sections(found.runs, sheets.sheets(found))]
    assert names == ["runs", "differences", "repetitions", "arms", "steps", "time", "homes",
                     "knobs", "reproduce"]  # fmt: skip


def test_no_pair_of_arms_stands_twice_and_the_plainer_is_held_against(
    collection: Collection,
) -> None:
    laid = sheets.sheets(collection)
    found = {each.name: each for each in sections.sections(collection.runs, laid)}
    rows = [tuple(cell.text for cell in row[:3]) for row in found["arms"].tables[1].rows]
    pairs = [(arm, baseline) for run, arm, baseline in rows if run == "plain"]
    assert pairs == [
        ("self_use", "grid_only"),
        ("plan_alone", "grid_only"), ("plan_alone", "self_use"),
        ("market", "grid_only"), ("market", "self_use"), ("market", "plan_alone"),
    ]  # fmt: skip


def test_of_many_runs_only_leading_arms_and_baselines_are_shown_and_few_are_drawn(
    collection: Collection,
) -> None:
    one = collection.runs[0]
    many = Collection(
        [
            replace(one, label=str(k), manifest=one.manifest.model_copy(update={"scenario": each}))
            for k in range(12)
            for each in [
                one.manifest.scenario.model_copy(
                    update={"run": one.manifest.scenario.run.model_copy(update={"days": k + 1})}
                )
            ]
        ],
        [],
    )
    found = {each.name: each for each in sections.sections(many.runs, sheets.sheets(many))}
    shown = {row[1].text for row in found["arms"].tables[0].rows}
    assert shown == {"grid_only", "self_use", "plan_alone", "market"}
    assert {row[0].text for row in found["differences"].tables[0].rows} == {"market"}
    assert len(found["steps"].drawings) == sections.DRAWN_MAX
