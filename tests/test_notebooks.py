"""The notebooks of the documents run to their end, and show what is stored in them."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))


def _shown(notebook: nbformat.NotebookNode) -> list[list[list[str]]]:
    """List what cells show: the kinds of each output, in their order."""
    return [
        [sorted(each.get("data", {"text": ""})) for each in cell["outputs"]]
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what a kernel writes out of the folders of whoever runs the tests."""
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_what_is_stored(path: Path) -> None:
    stored = nbformat.read(path, as_version=4)
    nbformat.validate(stored)
    run = nbformat.read(path, as_version=4)
    for cell in run.cells:
        cell.pop("outputs", None) if cell.cell_type != "code" else cell.update(outputs=[])
    resources = {"metadata": {"path": str(ROOT)}}
    NotebookClient(run, timeout=600, kernel_name="python3", resources=resources).execute()
    assert _shown(run) == _shown(stored)
    counts = [cell.execution_count for cell in stored.cells if cell.cell_type == "code"]
    assert counts == [*range(1, len(counts) + 1)], "stored as it ran, from top to bottom"


def test_there_are_notebooks_for_tariffs_and_forecasters() -> None:
    assert [path.stem for path in NOTEBOOKS] == ["a-forecaster", "two-tariffs"]


def test_the_costs_that_a_notebook_shows_are_those_of_its_run() -> None:
    """The first table is redone: figures that went stale would mislead a reader."""
    from scenarios.notebook import compare  # noqa: PLC0415, what it brings takes a second

    stored = nbformat.read(ROOT / "docs" / "notebooks" / "two-tariffs.ipynb", as_version=4)
    tables = [
        each["data"]["text/html"]
        for cell in stored.cells
        for each in cell.get("outputs", [])
        if "text/html" in each.get("data", {})
    ]
    knobs = {"homes.count": 4, "run.days": 3, "tariff.name": "pge_tou_c"}
    arms = ["gross", "grid_only", "self_use", "plan_alone", "market"]
    assert compare("fontana_mixed", knobs, arms)._repr_html_() == tables[0]
