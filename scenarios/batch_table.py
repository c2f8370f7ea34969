"""The runs of a batch as one table, a row each, as CSV and as Parquet."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from profiles import whole_files
from profiles.strict_yaml import Value
from scenarios import batch_folder, stored
from scenarios.batch_folder import Batch, Planned
from scenarios.summary import Savings, Summary
from scenarios.summary_arms import Measures

CSV_FILE, PARQUET_FILE = "runs.csv", "runs.parquet"

_OF_ARMS = (
    "cost_usd", "import_kwh", "export_kwh", "p2p_kwh", "peak_import_kw", "unserved_kwh",
    "carbon_kg",
)  # fmt: skip

Cell = Value


@dataclass(frozen=True, slots=True)
class Column:
    """One column, with the cell of every run."""

    name: str
    unit: str
    meaning: str
    cells: list[Cell]  # null where a run has nothing to say

    @property
    def kind(self) -> pa.DataType:
        """Type of its cells."""
        kinds = {type(cell) for cell in self.cells if cell is not None}
        if kinds == {bool}:
            return pa.bool_()
        if kinds == {int}:
            return pa.int64()
        return pa.float64() if kinds and kinds <= {int, float} else pa.string()

    @property
    def plain(self) -> list[Cell]:
        """Cells of one type: what is no number and no text is JSON."""
        if self.kind == pa.float64():
            return [None if cell is None else float(cell) for cell in self.cells]  # type: ignore[arg-type]
        if self.kind != pa.string():
            return self.cells
        return [
            cell if cell is None or isinstance(cell, str) else json.dumps(cell)
            for cell in self.cells
        ]


def write(folder: Path, batch: Batch) -> None:
    """Write the table of a batch, of the runs that are whole and of the others.

    Parameters
    ----------
    folder : Path
        Of the batch.
    batch : Batch
        What it runs.
    """
    found = columns(folder, batch)
    text, binary = io.StringIO(), io.BytesIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in found])
    plain = [column.plain for column in found]
    writer.writerows([_written(cell) for cell in row] for row in zip(*plain, strict=True))
    fields = [
        pa.field(each.name, each.kind, metadata={"unit": each.unit, "meaning": each.meaning})
        for each in found
    ]
    arrays = [pa.array(cells, each.type) for cells, each in zip(plain, fields, strict=True)]
    parquet.write_table(pa.table(arrays, pa.schema(fields)), binary, compression="zstd")
    whole_files.write(folder / CSV_FILE, text.getvalue().encode())
    whole_files.write(folder / PARQUET_FILE, binary.getvalue())


def columns(folder: Path, batch: Batch) -> list[Column]:
    """Put together what is told of every run."""
    hashes = [batch_folder.result_hash(folder, run) for run in batch.runs]
    told = [
        None if done is None else stored.summary(batch_folder.run_folder(folder, run))
        for run, done in zip(batch.runs, hashes, strict=True)
    ]
    problems = [batch_folder.problem(folder, run) for run in batch.runs]
    own = [
        *_planned(batch),
        Column("status", "", "done, failed or unfinished", [
            "done" if done else "failed" if problem else "unfinished"
            for done, problem in zip(hashes, problems, strict=True)
        ]),
        Column("problem", "", "why a run came to nothing", [each or None for each in problems]),
    ]  # fmt: skip
    last = Column("result_sha256", "", "hash of all that the run wrote: its DONE", list(hashes))
    names = {column.name for column in own}
    knobs = [column for column in _varied(batch.runs) if column.name not in names]
    return [*own[:2], *knobs, *own[2:], *_figures(told), last]


def _planned(batch: Batch) -> Iterator[Column]:
    runs = batch.runs
    yield Column("number", "", "place in the batch, 1 first", [run.number for run in runs])
    yield Column("label", "", "what is the run's own", [run.label for run in runs])
    yield Column("scenario", "", "name", [run.job.scenario.name for run in runs])
    yield Column("repetition", "", "1 first", [run.repetition for run in runs])
    yield Column("seed", "", "seed of the scenario", [run.seed for run in runs])
    yield Column("start", "", "first moment by the local clock", [
        run.job.scenario.run.start for run in runs
    ])  # fmt: skip
    yield Column("days", "days", "length of the run", [run.job.scenario.run.days for run in runs])
    yield Column("homes_count", "1", "homes that take part", [run.homes_count for run in runs])


def _varied(runs: Iterable[Planned]) -> Iterator[Column]:
    for knob in dict.fromkeys(knob for run in runs for knob in run.varied):
        yield Column(knob, "", "what varies", [run.varied.get(knob) for run in runs])


def _figures(told: list[Summary | None]) -> Iterator[Column]:
    """List the figures of what was run, a column for each arm or bound that any run has."""
    for arm in dict.fromkeys(arm for each in told if each for arm in each.arms):
        for name in _OF_ARMS:
            cells: list[Cell] = [
                getattr(each.arms[arm], name) if each and arm in each.arms else None
                for each in told
            ]
            yield _column(f"{name}_{arm}", Measures.model_fields[name].description, cells)
    for bound in dict.fromkeys(bound for each in told if each for bound in each.bounds):
        cells = [
            each.bounds[bound].cost_usd if each and bound in each.bounds else None for each in told
        ]
        yield _column(f"cost_usd_{bound}", "Cost of the best that was possible [USD].", cells)
    for name, field in Savings.model_fields.items():
        cells = [getattr(each.savings, name) if each and each.savings else None for each in told]
        if any(cell is not None for cell in cells):
            yield _column(name, field.description, cells)


def _column(name: str, described: str | None, cells: list[Cell]) -> Column:
    """Take the unit out of what a field says of itself, "Import [kWh]."."""
    meaning = " ".join((described or "").split())
    unit = re.search(r"\[([^\]]*)\]", meaning)
    return Column(name, unit[1] if unit else "", meaning, cells)


def _written(cell: Cell) -> str:
    """Write a cell so that every number is read back as it is."""
    if isinstance(cell, bool):
        return str(cell).lower()
    return "" if cell is None else cell if isinstance(cell, str) else repr(cell)
