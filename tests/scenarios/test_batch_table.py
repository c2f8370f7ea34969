"""The runs of a batch as a table."""

import csv
import json
from pathlib import Path

import duckdb
import pytest
from pyarrow import parquet

from scenarios import batch, batch_folder, batch_table, engines
from scenarios.batch_table import Column
from scenarios.plan import plan
from scenarios.sweep_source import Typed


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a batch of three runs, one of which has another arm, another another knob."""
    place = tmp_path_factory.mktemp("table")
    (place / "s.yaml").write_text(
        "scenario: fontana\narms: [grid_only, self_use]\nset: {run.days: 1, homes.count: 2}\n"
        "list:\n  - {market.loss_fraction: 0}\n  - {market.loss_fraction: 0.1}\n"
        "runs: [{label: 'all, without', set: {homes.without_pv: [1, 2]}}]\n",
        encoding="utf-8",
    )
    made = plan(Typed(str(place / "s.yaml")))
    return batch.begin(made, place, engines.processes(1), lambda *_: None).folder


def test_a_row_tells_what_varied_what_it_cost_and_what_it_left(folder: Path) -> None:
    with (folder / "runs.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["number"] for row in rows] == ["1", "2", "3"]
    assert [row["market.loss_fraction"] for row in rows] == ["0.0", "0.1", ""]
    assert [row["homes.without_pv"] for row in rows] == ["", "", "[1, 2]"]
    assert rows[2]["label"] == "all, without"
    for row in rows:
        run = folder / "runs" / f"{int(row['number']):05}"
        told = json.loads((run / "summary.json").read_bytes())
        for arm in ("grid_only", "self_use"):
            assert float(row[f"cost_usd_{arm}"]) == told["arms"][arm]["cost_usd"]
            assert float(row[f"import_kwh_{arm}"]) == told["arms"][arm]["import_kwh"]
        assert row["result_sha256"] == (run / "DONE").read_text().strip()
        assert (row["status"], row["problem"]) == ("done", "")


def test_the_parquet_holds_the_same_with_units(folder: Path) -> None:
    table = parquet.read_table(folder / "runs.parquet")
    with (folder / "runs.csv").open(encoding="utf-8", newline="") as file:
        names, *rows = csv.reader(file)
    assert table.column_names == names
    assert len(set(names)) == len(names)
    told = [[batch_table._written(cell) for cell in row.values()] for row in table.to_pylist()]
    assert told == rows
    field = table.schema.field("cost_usd_grid_only")
    assert field.metadata[b"unit"] == b"USD"
    assert field.metadata[b"meaning"].startswith(b"Imports, less exports")
    assert table.schema.field("import_kwh_self_use").metadata[b"unit"] == b"kWh"


def test_a_database_reads_it(folder: Path) -> None:
    asked = "SELECT number FROM '{}' WHERE \"market.loss_fraction\" > 0"
    for name in ("runs.csv", "runs.parquet"):
        assert duckdb.sql(asked.format(folder / name)).fetchall() == [(2,)]


def test_runs_that_are_not_whole_have_a_row_without_figures(folder: Path) -> None:
    found = batch_folder.read(folder)
    (folder / "failed").mkdir()
    strangers = tuple(found.runs[0].model_copy(update={"number": number}) for number in (1, 4, 5))
    batch_folder.fail(folder, strangers[2], "off")
    columns = batch_table.columns(folder, found.model_copy(update={"runs": strangers}))
    cells = {column.name: column.cells for column in columns}
    assert cells["status"] == ["done", "unfinished", "failed"]
    assert cells["problem"] == [None, None, "off"]
    assert cells["cost_usd_self_use"][1:] == [None, None]
    assert cells["result_sha256"][1:] == [None, None]


@pytest.mark.parametrize(
    ("cells", "kind", "plain"),
    [
        ([1, None], "int64", [1, None]),
        ([1, 0.5], "double", [1, 0.5]),
        ([True, False], "bool", [True, False]),
        (["a", None], "string", ["a", None]),
        ([None], "string", [None]),
        ([1, "a", [1], True], "string", ["1", "a", "[1]", "true"]),
    ],
)
def test_a_column_has_one_type(cells: list[object], kind: str, plain: list[object]) -> None:
    column = Column("x", "", "", cells)  # type: ignore[arg-type]
    assert (str(column.kind), column.plain) == (kind, plain)
