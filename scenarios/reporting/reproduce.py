"""How a run is made again, by somebody who has nothing but the report."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from scenarios.arms import BOUNDS, chosen
from scenarios.csv_tables import BASELINE_FILE, OPTIMIZED_FILE
from scenarios.manifest import Manifest
from scenarios.reporting.folders import Reported
from scenarios.reporting.points import as_yaml, differing
from scenarios.store import CSV_HOME_STEPS_MAX

FILE = "scenario.yaml"
"""Name under which the scenario of a run is to be saved."""

_VALUES_MAX, _VALUE_LENGTH_MAX = 8, 60


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that makes a run again to the same bytes."""

    label: str
    scenario: str  # content of the file
    command: str
    sha256: str  # what DONE holds then
    ledger_head: str
    inputs: list[tuple[str, str]]  # name and hash of each file that was read


@dataclass(frozen=True, slots=True)
class Knob:
    """A knob in which runs differ."""

    path: str
    values: list[str]  # one per run, or those that there are
    left_count: int  # values that are not listed


def recipe(run: Reported) -> Recipe:
    """Say how a run is made again."""
    written = run.manifest
    return Recipe(
        label=run.label,
        scenario=as_yaml(written.scenario),
        command=_command(run),
        sha256=run.sha256,
        ledger_head=written.ledger_heads.get(written.ledger_arm, ""),
        inputs=[(name, file.sha256) for name, file in sorted(written.inputs.items())],
    )


def versions(runs: Sequence[Reported]) -> list[tuple[str, str]]:
    """List what runs were made with; several versions of a thing are all named."""
    names = dict.fromkeys(name for run in runs for name in run.manifest.versions)
    return [
        (name, ", ".join(dict.fromkeys(run.manifest.versions.get(name, "-") for run in runs)))
        for name in names
    ]


def knobs(runs: Sequence[Reported], columns_max: int) -> list[Knob]:
    """List the knobs in which runs differ.

    Parameters
    ----------
    runs : sequence of Reported
        The runs.
    columns_max : int
        Of more runs than these only the values that occur are listed.
    """
    found = []
    for path, values in differing([run.manifest.scenario for run in runs]).items():
        texts = [_text(value) for value in values]
        if len(runs) > columns_max:
            occurring = list(dict.fromkeys(texts))
            left = max(0, len(occurring) - _VALUES_MAX)
            found.append(Knob(path, occurring[:_VALUES_MAX], left))
        else:
            found.append(Knob(path, texts, 0))
    return found


def _text(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= _VALUE_LENGTH_MAX else f"{text[: _VALUE_LENGTH_MAX - 3]}..."


def _command(run: Reported) -> str:
    written, figures = run.manifest, run.course.figures
    command = f"commonwatt {'simulate' if written.simulated else 'compare'} {FILE}"
    if not written.simulated:
        bounds = [name for name in figures.bounds if name in BOUNDS]
        usual = [arm.name for arm in chosen(None, written.scenario)]
        if [*written.arms] != usual or len(bounds) < len(BOUNDS):
            command += f" --arms {','.join([*written.arms, *bounds])}"
    return (
        f"{command} --csv"
        if _asked_for_csv(written, figures.steps_count * figures.homes_count)
        else command
    )


def _asked_for_csv(written: Manifest, home_steps: int) -> bool:
    large = home_steps > CSV_HOME_STEPS_MAX
    return large and bool({BASELINE_FILE, OPTIMIZED_FILE} & written.outputs.keys())
