"""Which runs are the same but for their seed, and by which knobs the others differ.

A point is what runs have in common that differ by no more than their seed: repetitions of it.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from profiles import strict_yaml
from scenarios.manifest import Manifest
from scenarios.reporting.folders import Reported
from scenarios.schema import Scenario

_TITLES = ("name", "purpose")  # they decide nothing
SEED = "seed"


def points(runs: Sequence[Reported]) -> list[list[Reported]]:
    """Put runs together that differ only in their seed, in the order of their first ones.

    A second run of the same seed is a point of its own: made of other data, or by another version.
    """
    found: dict[str, list[list[Reported]]] = {}
    for run in runs:
        of_knobs = found.setdefault(_knobs(run.manifest), [])
        seed = run.manifest.seed
        free = [point for point in of_knobs if all(seed != each.manifest.seed for each in point)]
        if free:
            free[0].append(run)
        else:
            of_knobs.append([run])
    order = {id(run): place for place, run in enumerate(runs)}
    every = [point for of_knobs in found.values() for point in of_knobs]
    return sorted(every, key=lambda point: order[id(point[0])])


def _knobs(manifest: Manifest) -> str:
    """Write all that decides a run but its seed."""
    knobs = {path: value for path, value in flat(manifest.scenario).items() if path != SEED}
    return json.dumps([knobs, manifest.simulated], sort_keys=True)


def flat(scenario: Scenario) -> dict[str, Any]:
    """List every knob that may decide something, by its dotted path."""
    return {
        path: value
        for path, value in _leaves(scenario.model_dump(mode="json"), "")
        if path not in _TITLES
    }


def _leaves(section: Mapping[str, Any], prefix: str) -> list[tuple[str, Any]]:
    found = []
    for name, value in section.items():
        path = f"{prefix}{name}"
        nested = isinstance(value, dict) and value
        found += _leaves(value, f"{path}.") if nested else [(path, value)]
    return found


def differing(scenarios: Sequence[Scenario]) -> dict[str, list[Any]]:
    """List the knobs that are not the same in all scenarios, each with its values.

    Returns
    -------
    dict
        One value per scenario by the path of the knob; None where a scenario does not have it.
    """
    each = [flat(scenario) for scenario in scenarios]
    paths = list(dict.fromkeys(path for knobs in each for path in knobs))
    columns = {path: [knobs.get(path) for knobs in each] for path in paths}
    return {path: values for path, values in columns.items() if _texts(values)}


def _texts(values: Sequence[Any]) -> bool:
    """Whether values differ; 1 and true do, and so do 1 and 1.0."""
    return len({json.dumps(value, sort_keys=True) for value in values}) > 1


def as_yaml(scenario: Scenario) -> str:
    """Write a scenario as a file of its own that says only what differs from the defaults.

    `Scenario.load` reads it back to an equal scenario, whatever other files there are.
    """
    data = scenario.model_dump(mode="json")
    plain = Scenario(name=scenario.name, purpose=scenario.purpose).model_dump(mode="json")
    own = _unlike(data, plain)
    return strict_yaml.dump({"name": data["name"], "purpose": data["purpose"], **own})


def _unlike(data: Mapping[str, Any], plain: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what differs from the defaults, section by section."""
    found = {}
    for name, value in data.items():
        default = plain.get(name)
        if value == default and type(value) is type(default):
            continue
        if isinstance(value, dict) and isinstance(default, dict) and default:
            found[name] = _unlike(value, default)
        else:
            found[name] = value
    return found
