"""The same scenario gives the same bytes from a checkout that lies elsewhere."""

import subprocess
import sys
from pathlib import Path

import pytest

import run
from profiles.own_files import ROOT

RUN = ["compare", "mine.yaml", "--homes", "2", "--days", "1", "--arms", "grid_only", "--quiet"]
MINE = "base: stadium_evening\ncarbon: {name: none}\n"
CODE = "import run, sys; print(run.__file__, file=sys.stderr); sys.exit(run.main(sys.argv[1:]))"


def written(out: Path) -> dict[str, bytes]:
    (folder,) = out.iterdir()
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.usefixtures("in_an_empty_folder")
def test_a_scenario_with_shipped_files_gives_the_same_bytes_from_another_checkout(
    tmp_path: Path,
) -> None:
    elsewhere = tmp_path / "checkout"
    elsewhere.mkdir()
    for path in (path for path in ROOT.iterdir() if (path / "__init__.py").exists()):
        (elsewhere / path.name).symlink_to(path)
    for name in ("run.py", "pyproject.toml"):
        (elsewhere / name).symlink_to(ROOT / name)
    Path("mine.yaml").write_text(MINE, encoding="utf-8")

    assert run.main([*RUN, "--out", "here"]) == run.OK
    command = [sys.executable, "-c", CODE, *RUN, "--out", "there"]
    there = subprocess.run(
        command, env={"PYTHONPATH": str(elsewhere)}, capture_output=True, text=True, check=False
    )
    assert (there.returncode, there.stderr) == (0, f"{elsewhere / 'run.py'}\n")

    here = written(Path("here"))
    assert written(Path("there")) == here
    assert b'"shipped:scenarios/catalogue/demand/stadium_evening.csv"' in here["manifest.json"]
    assert all(str(place).encode() not in b"".join(here.values()) for place in (ROOT, elsewhere))
