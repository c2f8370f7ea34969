"""What a result folder was made from and what it holds, so that others can make it again.

The time of writing does not stand in it: the same scenario gives the same bytes. Files that ship
are named by their place in the project; of a user's files the whole paths are part of the scenario.
"""

import platform
import tomllib
from collections.abc import Mapping
from hashlib import sha256
from importlib import metadata
from pathlib import Path

import numpy as np

from profiles.config import Section
from profiles.profiles import Input, Profiles
from scenarios.compare import Comparison
from scenarios.schema import Scenario

_PACKAGES = (
    "highspy", "holidays", "matplotlib", "mesa", "numba", "numpy", "pandas", "pvlib", "pyarrow",
    "pydantic", "pyyaml", "scipy", "torch", "tzdata",
)  # fmt: skip


class File(Section):
    """One file as it was written."""

    bytes_count: int
    """Length [bytes]."""

    sha256: str
    """Hash of the content, in hexadecimal."""


class Fill(Section):
    """How gaps of the data were closed."""

    method: str
    """Name of the method; none if gaps are refused."""

    steps_count: dict[str, int]
    """Steps with a filled value, by id of the home; the homes without any are left out."""

    weather_count: int
    """Intervals of the weather with a filled value."""


class Manifest(Section):
    """Everything that says whether two runs are the same."""

    scenario: Scenario
    """What was run, with every default."""

    seed: int
    """Start of every random draw."""

    arms: tuple[str, ...]
    """Arms in the order in which they were run."""

    simulated: bool
    """Whether the one arm is the scenario's own, instead of a comparison."""

    versions: dict[str, str]
    """Versions of the language and of the libraries that can change a number."""

    inputs: dict[str, File]
    """Data files that were read."""

    data_sha256: str
    """Hash of what meters, tariff and grid said, whatever files they were read from."""

    resampling: str
    """How metered intervals were brought to the step."""

    fill: Fill
    """How gaps of the data were closed, and how many."""

    ledger_arm: str
    """Arm whose ledger is stored."""

    ledger_heads: dict[str, str]
    """Hash of the last block by arm."""

    outputs: dict[str, File]
    """The other files of the folder."""


def manifest(comparison: Comparison, outputs: Mapping[str, bytes | Path]) -> Manifest:
    """Describe a comparison and the files it was written to.

    Parameters
    ----------
    comparison : Comparison
        What was run.
    outputs : mapping
        Path (or content) of every written file by its name.
    """
    scenario, origin = comparison.scenario, comparison.profiles.origin
    return Manifest(
        scenario=scenario,
        seed=scenario.seed,
        arms=tuple(comparison.arms),
        simulated=comparison.simulated,
        versions=versions(),
        inputs={each.name: _file(each) for each in (*origin.inputs, *comparison.grid_inputs)},
        data_sha256=comparison.data_sha256,
        resampling=origin.resampling,
        fill=_fill(comparison.profiles),
        ledger_arm=comparison.last,
        ledger_heads={name: results.ledger_head for name, results in comparison.arms.items()},
        outputs={name: described(content) for name, content in sorted(outputs.items())},
    )


def described(content: bytes | Path) -> File:
    """Measure and hash a content, or a file part by part."""
    if isinstance(content, bytes):
        return File(bytes_count=len(content), sha256=sha256(content).hexdigest())
    digest, length = sha256(), 0
    with content.open("rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
            length += len(part)
    return File(bytes_count=length, sha256=digest.hexdigest())


def _file(read: Input) -> File:
    return File(bytes_count=read.bytes_count, sha256=read.sha256)


def _fill(profiles: Profiles) -> Fill:
    filled = np.zeros(profiles.load_kwh.shape) if profiles.filled is None else profiles.filled
    counts = zip(profiles.home_ids.tolist(), filled.sum(axis=0).tolist(), strict=True)
    return Fill(
        method=profiles.origin.fill,
        steps_count={str(home): int(count) for home, count in counts if count},
        weather_count=profiles.origin.weather_filled_count,
    )


def versions() -> dict[str, str]:
    """List the versions that a run depends on."""
    found = {name: metadata.version(name) for name in _PACKAGES}
    return {"python": platform.python_version(), "commonwatt": _own_version(), **found}


def _own_version() -> str:
    """Return the installed version, or that of the checkout that is run without installing."""
    try:
        return metadata.version("commonwatt")
    except metadata.PackageNotFoundError:
        project = Path(__file__).parents[1] / "pyproject.toml"
        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
