"""A SuperLink and two SuperNodes on this machine: the bytes of `federate`, and no process left."""

import os
import signal
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from time import monotonic, sleep

import pytest

import run
from forecasting.learned.errors import TrainingError
from profiles.errors import InputError
from scenarios import federating
from scenarios.flower import loopback
from tests.scenarios.flower.grid import QUICK, check_alike

TYPED = "fontana", QUICK, {}, []
OPTIONS = [f"--set={knob}" for knob in QUICK]
WAIT_S = 10.0


def _holding(text: str) -> list[str]:
    """Name the processes in whose environment something stands."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if text.encode() in (folder / "environ").read_bytes():
                found.append(folder.name)
        except OSError:  # it just ended, or is somebody else's
            continue
    return found


def _left(text: str) -> list[str]:
    """Name those that do not end within a while."""
    until = monotonic() + WAIT_S
    while (found := _holding(text)) and monotonic() < until:
        sleep(0.1)
    return found


def _come(text: str) -> list[str]:
    """Name them as soon as there are any; a process takes a while to begin."""
    until = monotonic() + WAIT_S
    while not (found := _holding(text)) and monotonic() < until:
        sleep(0.1)
    return found


def test_two_homes_over_flower_train_the_network_of_federate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "passing").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "passing"))
    folder, here = tmp_path / "flower", tmp_path / "here"
    code = run.main(["federate", "fontana", "--flower", "--quiet", f"--out={folder}", *OPTIONS])
    assert (code, capsys.readouterr().out[: len(str(folder))]) == (run.OK, str(folder))
    federating.run(TYPED, here, quiet=True)
    check_alike(folder, here)
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        path.name for path in here.iterdir()
    )
    assert _left(f"FLWR_HOME={tmp_path}") == []
    assert list((tmp_path / "passing").glob("commonwatt-*")) == []


def test_what_hangs_on_a_process_ends_with_it_however_it_ends(tmp_path: Path) -> None:
    lines = (
        "from pathlib import Path",
        "from time import sleep",
        "from scenarios.flower import loopback",
        "from scenarios.training import Place",
        f"stage = loopback._Stage(Path({str(tmp_path)!r}), Place(Path(), ''), [])",
        "inner = ['sh', '-c', 'sleep 300 & sleep 300']",
        "with loopback._leashed(inner, stage, 2):",
        "    print('begun', flush=True)",
        "    sleep(300)",
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    command = [sys.executable, "-c", "\n".join(lines)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as holder:
        assert holder.stdout is not None
        begun, there = holder.stdout.readline(), _come(f"FLWR_HOME={tmp_path}")
        holder.send_signal(signal.SIGKILL)
    assert begun == b"begun\n"
    assert there
    assert _left(f"FLWR_HOME={tmp_path}") == []


def test_without_the_library_one_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(loopback, "find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"^--flower: needs the library flwr: pip install "):
        loopback.run(TYPED, tmp_path / "network")
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_asked_is_refused_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(subprocess, "Popen", None)
    secure = [*QUICK, "federated.privacy.secure=true"]
    with pytest.raises(InputError, match=r"privacy\.secure: must be false over Flower"):
        loopback.run(("fontana", secure, {}, []), tmp_path / "network")
    with pytest.raises(InputError, match=r"homes\.count: must be at most 9"):
        loopback.run(("fontana", [*QUICK, "homes.count=20"], {}, []), tmp_path / "network")
    assert not (tmp_path / "network").exists()


@pytest.mark.parametrize(
    ("said", "kind", "message"),
    [
        ('INFO : commonwatt: {"error": "home 3: no", "refused": true}', InputError, "home 3: no"),
        ('INFO : commonwatt: {"error": "disk", "refused": false}', TrainingError, "disk"),
        ("Traceback", TrainingError, "network/flower.log: tells why Flower ended early"),
    ],
)
def test_what_the_coordinator_complains_of_is_what_is_said(
    said: str, kind: type[Exception], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program of Flower's name stands for it."""
    flwr = tmp_path / "flwr"
    flwr.write_text(f"#!/bin/sh\necho '{said}'\n", encoding="utf-8")
    flwr.chmod(0o755)
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(tmp_path))
    stage = loopback._Stage(tmp_path, loopback.Place(tmp_path / "network", ""), [1, 2])
    with stage.log.open("wb") as log, pytest.raises(kind, match=f"{message}$"):
        loopback._held(stage, log.fileno(), quiet=True)
    kept = tmp_path / "network" / loopback.LOG
    assert kept.exists() == (kind is TrainingError)
    assert not kept.exists() or said in kept.read_text(encoding="utf-8")
