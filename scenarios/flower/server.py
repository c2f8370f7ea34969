"""The app of a SuperLink: the coordinator, which holds rounds with the homes of its nodes.

Rounds, guards, strategies and checkpoint are those of `federate`; only where homes are is new.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from flwr.app import Context
from flwr.serverapp import Grid, ServerApp

from forecasting.federated import offline, pace
from forecasting.learned import presets
from forecasting.learned.errors import TrainingError
from forecasting.learned.state import Keeper
from profiles import whole_files
from profiles.config import validated
from profiles.errors import FitError, InputError
from scenarios import clients, family, lessons, store, training
from scenarios.flower import facts, post
from scenarios.flower.facts import OF_ONE_HOME, Facts
from scenarios.layers import Layers
from scenarios.schema import Scenario
from scenarios.training import Place, Taught

MARK = "commonwatt: "
"""Begins what is told in Flower's log, as JSON: `work` and how much of it, `told` or `error`."""

app = ServerApp()


@dataclass(frozen=True, slots=True)
class Asked:
    """What `flwr run` was told."""

    scenario: str
    place: Place
    nodes_count: int
    wait_seconds: float


@app.main()
def main(grid: Grid, context: Context) -> None:
    """Hold the rounds that the configuration of the run asks for."""
    try:
        _tell({"told": coordinate(grid, _asked(context.run_config))})
    except (InputError, TrainingError) as error:
        _tell({"error": str(error), "refused": isinstance(error, InputError)})
        raise


def coordinate(grid: Grid, asked: Asked) -> str:
    """Let the homes of a grid train a network into a folder.

    Returns
    -------
    str
        What was trained and where it is, in one line.

    Raises
    ------
    InputError
        Before anything is computed, if homes or what was typed do not fit.
    TrainingError
        If training ended early; the message says what is kept.
    """
    document = family.typed(asked.scenario)
    scenario = validated(document, Scenario, also=("base",))
    store.check_writable(asked.place.folder)
    training.check_folder(asked.place)
    wanted = _wanted(document, scenario)
    nodes = post.nodes_of(grid, asked.nodes_count, asked.wait_seconds)
    told = post.introduced(grid, nodes, asked.wait_seconds)
    facts.check_alike(wanted, told.values())
    try:
        clients.check(scenario.federated, len(told), pace.offline)
    except FitError as error:
        raise document.refusal(error) from None
    homes = {each.home_id: node for node, each in told.items()}
    circle = post.Post(grid, homes, scenario.federated.timeout_seconds).circle()
    taught = _taught(scenario, tuple(told.values()))
    with whole_files.alone(asked.place.folder):
        training.check_folder(asked.place)
        keeper = Keeper(asked.place.unfinished, _begun(tuple(told.values())))
        start = taught.task, scenario.seed
        trained = offline.hold(start, circle, scenario.federated, keeper, _progress)
        made = training.kept(taught, trained, asked.place, keeper)
        return training.outcome(asked.place.folder, made, trained)


def _asked(config: Mapping[str, Any]) -> Asked:
    if not config["out"]:
        raise InputError("out: must be a folder for the checkpoint (got '')")
    return Asked(
        scenario=str(config["scenario"]),
        place=Place(Path(str(config["out"])), str(config["command"])),
        nodes_count=int(config["nodes"]),
        wait_seconds=float(config["wait-seconds"]),
    )


def _wanted(document: Layers, scenario: Scenario) -> Mapping[str, Any]:
    """Name what homes are asked, as far as their coordinator knows it."""
    task = presets.task_of(scenario.training, scenario.run.step_minutes)
    recipe = presets.recipe_of(scenario.training)
    try:
        return {**lessons.asked(scenario, task, recipe), **facts.asked(scenario)}
    except FitError as error:
        raise document.refusal(error) from None


def _begun(told: tuple[Facts, ...]) -> dict[str, Any]:
    """Name all that decides the outcome, in JSON's terms."""
    digests = "".join(str(each.identity[OF_ONE_HOME]) for each in told)
    homes = {"homes": [each.home_id for each in told]}
    shared = {name: value for name, value in told[0].identity.items() if name != OF_ONE_HOME}
    return {**shared, **homes, OF_ONE_HOME: sha256(digests.encode()).hexdigest()}


def _taught(scenario: Scenario, told: tuple[Facts, ...]) -> Taught:
    first, inputs = told[0], {digest for each in told for digest in each.inputs_sha256}
    begins, ends = first.identity["span_utc"]
    return Taught(
        scenario=scenario,
        task=presets.task_of(scenario.training, scenario.run.step_minutes),
        recipe=presets.recipe_of(scenario.training),
        device="cpu",
        home_ids=tuple(each.home_id for each in told),
        source=f"{len(told)} homes over Flower",
        span_utc=(np.datetime64(begins), np.datetime64(ends)),
        step_minutes=first.step_minutes,
        zone=first.zone,
        validation_start_utc=str(first.identity["validation_start_utc"]),
        inputs_sha256=tuple(sorted(inputs)),
        seen={each.home_id: each.marks for each in told},
    )


def _progress(work: str, done: int, total: int) -> None:
    _tell({"work": work, "done": done, "total": total})


def _tell(what: Mapping[str, Any]) -> None:
    logging.getLogger("flwr").info("%s%s", MARK, json.dumps(what))
