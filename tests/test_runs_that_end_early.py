"""Runs that fail, fill the disk or are interrupted leave nothing; processes leave no trace."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from time import sleep

import pytest

import run
from model import recorder
from model.checks import LawError
from model.results import Chunk
from scenarios import compare as comparing
from scenarios import store, tables

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")

ROOT = Path(__file__).parents[1]


def _written() -> list[str]:
    return sorted(str(path) for path in Path().rglob("*"))


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (LawError("sources equal sinks: off"), run.FAILED, "error: a law was broken: sources"),
        (OSError(28, "No space left"), run.FAILED, "error: results: No space left"),
        (OSError("odd"), run.FAILED, "error: results: odd"),
        (KeyError("a\nb"), run.FAILED, "error: unexpected KeyError: 'a\\nb' (COMMONWATT_DEBUG=1"),
        (KeyboardInterrupt(), run.INTERRUPTED, "interrupted; nothing was written"),
    ],
)
def test_a_run_that_fails_says_why_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    message: str,
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(comparing, "compare", fail)
    assert run.main(["compare", "fontana"]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.strip().startswith(message)
    assert captured.err.strip().count("\n") == 0
    assert _written() == []


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (OSError(28, "No space left on device"), run.FAILED, "error: results: No space left on"),
        (KeyboardInterrupt(), run.INTERRUPTED, "interrupted; nothing was written"),
    ],
)
def test_a_run_that_ends_while_it_is_streamed_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    message: str,
    short: tuple[str, ...],
) -> None:
    """The disk is full, or somebody has enough, when half of a chunk is written."""
    monkeypatch.setattr(recorder, "HOME_STEPS_AT_ONCE", 20)
    write = tables.Parts.write
    streamed: list[list[str]] = []

    def fail(self: tables.Parts, chunk: Chunk) -> None:
        if chunk.first_step == 20:
            streamed.append(_written())
            raise error
        write(self, chunk)

    monkeypatch.setattr(tables.Parts, "write", fail)
    assert run.main(["compare", "fontana", *short]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(message)
    assert captured.err.count("\n") == 1
    (then,) = streamed
    assert sum(path.endswith("gross.00000.steps.parquet") for path in then) == 1
    assert not any(path.startswith("results/sim_") for path in then)
    assert _written() == []


def _started(pattern: str, *more: str) -> "subprocess.Popen[str]":
    """Start a long run of two processes, and wait until there is a file of some name."""
    asked = ["compare", "fontana_mixed", "--start", "2016-09-01", "--days", "300", "--workers", "2"]
    asked += ["--arms", "self_use,market", *more]
    # Whoever is started in the background is deaf to Ctrl-C, and passes that on.
    heard = signal.signal(signal.SIGINT, signal.default_int_handler)
    running = subprocess.Popen(
        [sys.executable, str(ROOT / "run.py"), *asked, "--quiet"],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    signal.signal(signal.SIGINT, heard)
    while not list(Path().rglob(pattern)):
        assert running.poll() is None
        sleep(0.05)
    return running


def test_ctrl_c_ends_every_process_and_leaves_nothing_if_nothing_was_kept() -> None:
    """A terminal tells all processes of a command at once."""
    with _started("market.ledger.bin") as running:
        os.killpg(running.pid, signal.SIGINT)
        _, told = running.communicate(timeout=60)
    assert (running.returncode, told) == (run.INTERRUPTED, "interrupted; nothing was written\n")
    assert _written() == []


def test_ctrl_c_tells_how_to_go_on_with_what_was_kept() -> None:
    with _started("*.1.state", "--checkpoint-every", "0") as running:
        os.killpg(running.pid, signal.SIGINT)
        _, told = running.communicate(timeout=60)
    how = r"of 28800 steps; go on with: commonwatt resume results\n"
    assert running.returncode == run.INTERRUPTED
    assert re.fullmatch(rf"interrupted after [1-9]\d* {how}", told)
    (left,) = Path("results").iterdir()
    assert [path.name for path in left.iterdir() if path.is_file()] == ["job.json"]


def test_a_run_that_is_killed_leaves_no_folder_of_results_and_no_process() -> None:
    with _started("market.ledger.bin") as running:
        running.kill()  # the processes that it started are not told
        running.communicate(timeout=60)  # they hold the other end, until they find that it is gone
    left = {path.name for path in Path("results").iterdir()}
    assert len(left) == 1
    assert left.pop().startswith(".sim_")


def test_two_workers_leave_the_same_bytes_as_one(
    capsys: pytest.CaptureFixture[str], short: tuple[str, ...]
) -> None:
    """Arms that are lived and bounds that are solved, under a cap."""
    contents, cap = [], ("--set", "grid.community_import_kw_max=2")
    for count in ("1", "2"):
        arms = ("--arms", "self_use,market,bound", "--workers", count)
        asked = ["compare", "fontana", *short, *cap, *arms]
        assert run.main([*asked, "--json", "--out", f"with_{count}"]) == run.OK
        folder = Path(json.loads(capsys.readouterr().out)["result_folder"])
        assert store.verify(folder) == []
        contents.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert contents[0] == contents[1]
