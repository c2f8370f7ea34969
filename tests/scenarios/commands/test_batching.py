"""The command `resume`."""

from collections.abc import Callable
from pathlib import Path

import pytest

import run
from model.community import Community
from scenarios import store

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")


def test_a_run_that_was_interrupted_is_gone_on_with(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], short: tuple[str, ...]
) -> None:
    step = Community.step

    def interrupted(self: Community) -> None:
        if self.index == 30:
            raise KeyboardInterrupt
        step(self)

    asked = ["compare", "fontana", *short, "--arms", "self_use", "--checkpoint-every", "0"]
    with monkeypatch.context() as patch:
        patch.setattr(Community, "step", interrupted)
        assert run.main(asked) == run.INTERRUPTED
    told = "interrupted after 30 of 48 steps; go on with: commonwatt resume results\n"
    assert capsys.readouterr().err == told
    assert run.main(["resume", "results", "--quiet"]) == run.OK
    (folder,) = Path("results").iterdir()
    assert capsys.readouterr().out == f"result_folder: {folder}\n"
    assert store.verify(folder) == []


def test_where_nothing_is_unfinished_there_is_nothing_to_go_on_with(
    refused: Callable[[list[str]], str],
) -> None:
    told = "error: results: must hold a run that was ended early (there is none)\n"
    assert refused(["resume", "results"]) == told
