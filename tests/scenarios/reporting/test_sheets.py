"""The tables of a report: their columns, and what stands in them of a batch."""

from pathlib import Path

from scenarios.reporting import folders, sheets
from scenarios.reporting.folders import Collection


def test_every_row_has_a_value_for_each_column(collection: Collection) -> None:
    laid = sheets.sheets(collection)
    assert [*laid] == [
        "runs", "differences", "repeated", "arms", "outage", "against", "added", "carbon",
        "homes", "days",
    ]  # fmt: skip
    for sheet in laid.values():
        assert {len(row) for row in sheet.rows} <= {len(sheet.fields)}
        assert len({field.name for field in sheet.fields}) == len(sheet.fields)


def test_knobs_that_vary_are_columns_of_the_runs_and_numbers_where_they_are(batch: Path) -> None:
    runs = sheets.sheets(folders.collected([batch]))["runs"]
    assert [field.name for field in runs.fields[:2]] == ["run", "tariff.export_cents_per_kwh"]
    assert runs.column("tariff.export_cents_per_kwh") == [5.0, 5.0, 9.0, 9.0]
    assert runs.column("seed") == [1, 2, 1, 2]


def test_knobs_that_are_text_stay_text(collection: Collection) -> None:
    runs = sheets.sheets(collection)["runs"]
    assert runs.column("tariff.name") == ["pge_tou_c", "two_level"]


def test_a_run_without_rates_has_no_carbon_and_without_arms_no_steps(batch: Path) -> None:
    laid = sheets.sheets(folders.collected([batch]))
    assert laid["carbon"].rows == []
    added = laid["added"]
    assert set(added.column("solar_usd")) == set(added.column("trading_usd")) == {None}
    assert None not in added.column("battery_usd")


def test_bounds_stand_below_the_arms_with_what_is_known(collection: Collection) -> None:
    arms = sheets.sheet(collection.runs[0].course, "arms")
    assert arms.column("arm")[-1] == "bound"
    assert arms.column("trades_count")[-1] is None
    assert arms.column("cost_usd")[-1] == collection.runs[0].course.figures.bounds["bound"].cost_usd
