"""The command `report`: what it prints, what it refuses, and that it waits with heavy imports."""

from collections.abc import Callable
from pathlib import Path

import pytest

import run
from scenarios import store
from scenarios.compare import Comparison


@pytest.mark.usefixtures("in_an_empty_folder")
def test_a_run_becomes_a_page(comparison: Comparison, capsys: pytest.CaptureFixture[str]) -> None:
    folder = store.save(comparison, Path("results"))
    assert run.main(["report", str(folder)]) == run.OK
    assert capsys.readouterr().out == "report: report.html\n"
    assert Path("report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert Path("report_tables", "arms.csv").exists()
    assert run.main(["report", str(folder), "--out", "mine.html"]) == run.OK
    assert Path("mine_tables", "runs.parquet").exists()


@pytest.mark.usefixtures("in_an_empty_folder")
def test_bad_input_is_refused_in_one_line(refused: Callable[[list[str]], str]) -> None:
    assert refused(["report", "nowhere"]) == "error: nowhere: no such folder\n"
    assert refused(["report"]).startswith("error: Missing argument")
    assert "must end in .html" in refused(["report", "x", "--out", "x.pdf"])
