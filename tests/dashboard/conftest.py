"""A dashboard that runs in a process of its own, as a presenter starts it."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[str]:
    """Start a dashboard on a folder of runs and give its address; end it afterwards."""
    command = [sys.executable, str(ROOT / "run.py"), "dashboard", str(folder), "--no-open"]
    with subprocess.Popen(
        [*command, "--port", str(free_port()), *arguments],
        cwd=folder,
        env=os.environ | {"NUMBA_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            said = process.stdout.readline()
            assert said.startswith("dashboard: http://127.0.0.1:"), said
            yield said.removeprefix("dashboard: ").strip()
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a dashboard on a folder without runs."""
    with serving(tmp_path_factory.mktemp("results")) as found:
        yield found
