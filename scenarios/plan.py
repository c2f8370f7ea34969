"""From what was typed for a batch to the runs that it makes, each held against its data first."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from profiles.config import validated
from profiles.errors import FitError, InputError
from profiles.profiles import Profiles
from profiles.strict_yaml import Document
from scenarios import arms, family, fit, kept, layers, networks
from scenarios.batch_folder import Planned
from scenarios.job import Job
from scenarios.layers import Layers
from scenarios.schema import Scenario
from scenarios.sweep_points import Point, points
from scenarios.sweep_source import Source, Typed, short, source_of

Told = Callable[[str, int, int], None]
"""Told what is done, how many runs are over, and how many there are."""

_LABEL_LENGTH_MAX = 150


@dataclass(frozen=True, slots=True)
class Plan:
    """The runs of a batch, none of them begun."""

    typed: dict[str, JsonValue]  # the sweep, complete, and what was laid over its scenarios
    runs: tuple[Planned, ...]


def plan(typed: Typed, told: Told | None = None) -> Plan:
    """Plan the runs of a batch, and check that each can be made.

    Parameters
    ----------
    typed : Typed
        Which sweep, or which scenario and what varies in it.
    told : callable, optional
        Called after every run that was checked.

    Raises
    ------
    InputError
        One line: where what is wrong was typed, the knob, its limit and the value.
    """
    source = source_of(typed)
    runs: list[Planned] = []
    seen: dict[str, Planned] = {}
    with kept.keeping(kept.Shelf()):
        for number, point in enumerate(points(source.sweep), 1):
            run, place = _planned(source, number, point)
            same = seen.setdefault(run.job.model_dump_json(), run)
            if same is not run:
                raise InputError(
                    f"{place}: run {number} ({run.label}) must differ from run {same.number} "
                    f"({same.label})"
                )
            runs.append(run)
            if told is not None:
                told("checked", number, source.sweep.count)
    beside = layers.layered([Document({}, {}, ""), *source.beside]).data
    asked: dict[str, JsonValue] = {
        **json.loads(source.sweep.model_dump_json()),
        "command_line": {"set": beside, "override": list(source.overrides)},
    }
    return Plan(asked, tuple(runs))


def _planned(source: Source, number: int, point: Point) -> tuple[Planned, str]:
    """Check a run; return it, and where what is its own was typed."""
    document = _document(source, point)
    scenario = validated(document, Scenario, also=("base",))
    try:
        profiles = _profiles(scenario)
        fit.check(scenario, profiles)
    except FitError as error:
        raise document.refusal(error) from None
    steps_count = fit.span(scenario, profiles)[1] * _arms_count(source, document, scenario)
    chosen = source.sweep.arms
    run = Planned(
        number=number,
        label=_label(source, point, scenario),
        varied=_varied(source, point),
        repetition=point.repetition,
        seed=scenario.seed,
        steps_count=steps_count,
        homes_count=len(fit.home_ids(scenario, profiles)),
        job=Job(
            scenario=scenario, arms=chosen, simulate=source.sweep.simulate, csv=source.sweep.csv
        ),
    )
    return run, source.document.place(_last_place(point))


def _last_place(point: Point) -> str:
    """Say where in the sweep the last of what is a run's own stands."""
    if point.places:
        return list(point.places.values())[-1]
    return "repetitions" if point.whole is None else f"runs.{point.whole}"


def _document(source: Source, point: Point) -> Layers:
    """Lay what is a run's own over its scenario."""
    whole = None if point.whole is None else source.sweep.runs[point.whole]
    name, where = source.sweep.scenario, "scenario"
    if whole is not None and whole.scenario is not None:
        name, where = whole.scenario, f"runs.{point.whole}.scenario"
    assert name is not None  # noqa: S101, the sweep was checked
    named = [(each, f"override.{n}") for n, each in enumerate(source.sweep.override)]
    if whole is not None:
        named += [
            (each, f"runs.{point.whole}.override.{n}") for n, each in enumerate(whole.override)
        ]
    key = (where, name, *(each for each, _ in named))
    if key not in source.laid:
        path = _at(source, name, where, family.shipped())
        paths = [_at(source, each, there, family.shipped_overrides()) for each, there in named]
        source.laid[key] = family.typed(path, (), None, [*paths, *source.overrides])
    fixed = {knob: f"set.{knob}" for knob in source.sweep.set}
    own = [
        family.placed(layers.override(knob, value, source.document.place(there)), source.folder)
        for knobs, places in ((source.sweep.set, fixed), (point.knobs, point.places))
        for knob, value in knobs.items()
        for there in [places[knob]]
    ]
    if point.seed is not None:
        own.append(layers.override("seed", point.seed, source.document.place("repetitions")))
    return layers.layered([source.laid[key], *own, *source.beside])


def _at(source: Source, name: str, where: str, known: Sequence[str]) -> str:
    """Name a file of which a sweep speaks, or what ships, as the program finds it."""
    if name in known:
        return name
    path = source.folder / name
    if not path.is_file():
        place, field = source.document.place(where), where.partition(".")[0]
        told = f"{name}: " if place == name else f"{place}: {field}: "
        raise InputError(f"{told}must be a file or one of {', '.join(known)} (got {name!r})")
    return str(path)


def _profiles(scenario: Scenario) -> Profiles:
    """Read what a run is checked against.

    Homes that are generated from another seed are as many, of the same kinds and days, which is
    all that the check asks, but for networks, which look for what they have seen. So a hundred
    seeds are checked against the homes of one.
    """
    drawn = scenario.profiles.source == "synthetic" and scenario.forecast.name != networks.NAME
    return fit.read_profiles(scenario.model_copy(update={"seed": 0}) if drawn else scenario)


def _arms_count(source: Source, document: Layers, scenario: Scenario) -> int:
    if source.sweep.simulate:
        return 1
    names = source.sweep.arms
    try:
        return len(arms.chosen(names, scenario)) + len(arms.chosen_bounds(names))
    except InputError as error:
        path = str(error).partition(": ")[0]
        place = source.document.place("arms") if path == "arms" else document.blame(path)
        raise InputError(f"{place}: {error}") from None


def _label(source: Source, point: Point, scenario: Scenario) -> str:
    """Say in a line what is a run's own."""
    whole = None if point.whole is None else source.sweep.runs[point.whole]
    label = ", ".join(f"{knob}={short(value)}" for knob, value in point.knobs.items())
    if whole is not None:
        names = [each for each in (whole.scenario, *whole.override, label) if each]
        label = whole.label or ", ".join(names)
    label = (label or scenario.name)[:_LABEL_LENGTH_MAX]
    return label if point.repetition is None else f"{label} #{point.repetition}"


def _varied(source: Source, point: Point) -> dict[str, JsonValue]:
    whole = None if point.whole is None else source.sweep.runs[point.whole]
    named: dict[str, JsonValue] = {}
    if whole is not None and whole.scenario is not None:
        named["scenario"] = whole.scenario
    if whole is not None and whole.override:
        named["override"] = ", ".join(whole.override)
    return {**named, **point.knobs}
