"""From what was typed for a batch to the runs that it makes, each held against its data first."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import JsonValue

from profiles.config import validated
from profiles.errors import FitError, InputError
from profiles.profiles import Profiles
from profiles.strict_yaml import Document, Value, parse, read
from scenarios import arms, family, fit, kept, layers, networks
from scenarios.batch_folder import Planned
from scenarios.job import Job
from scenarios.layers import Layers
from scenarios.schema import Scenario
from scenarios.sweep import Sweep
from scenarios.sweep_points import Point, points

Told = Callable[[str, int, int], None]
"""Told what is done, how many runs are over, and how many there are."""

_OF_A_SWEEP = ("scenario", "runs")  # one of them makes a file a sweep's instead of a scenario's
_LABEL_LENGTH_MAX = 150


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed for a batch."""

    name_or_path: str  # of a sweep or a scenario
    settings: Sequence[str] = ()  # as `scenarios.load.load` takes them, and the next two
    options: Mapping[str, Value] = field(default_factory=dict)
    overrides: Sequence[str] = ()
    grid: Sequence[str] = ()  # such as "market.loss_fraction=0,0.05"
    more: Mapping[str, Value] = field(
        default_factory=dict
    )  # "--repetitions", "--arms", ... by name


@dataclass(frozen=True, slots=True)
class Plan:
    """The runs of a batch, none of them begun."""

    typed: dict[str, JsonValue]  # the sweep, complete, and what was laid over its scenarios
    runs: tuple[Planned, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Source:
    """A sweep, and what all of its runs stand on."""

    document: Layers  # knows where each part of the sweep was typed
    sweep: Sweep
    folder: Path  # at which the paths of the sweep start
    beside: tuple[Document, ...]  # of the command line
    overrides: tuple[str, ...]  # likewise
    laid: dict[tuple[str, ...], Layers] = field(default_factory=dict)  # scenarios under overrides


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
    source = _source(typed)
    _check_apart(source, typed)
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


def _source(typed: Typed) -> _Source:
    """Read the sweep, or make one of what the command line says."""
    document = Document({"scenario": typed.name_or_path}, {}, typed.name_or_path)
    folder = Path()
    if typed.name_or_path not in family.shipped() and Path(typed.name_or_path).is_file():
        found = read(Path(typed.name_or_path))
        if any(key in found.data for key in _OF_A_SWEEP):
            document, folder = found, Path(typed.name_or_path).parent
    options = dict(typed.options)
    above = [_gridded(text) for text in typed.grid]
    for option, value in typed.more.items():
        above.append(layers.override(option.removeprefix("--"), value, f"{option} {_short(value)}"))
    laid = layers.layered([document, *above])
    if "--seed" in options and laid.data.get("repetitions") is not None:
        seed = options.pop("--seed")  # the repetitions have seeds of their own, which start here
        laid = layers.layered([laid, layers.override("seed", seed, f"--seed {seed}")])
    sweep = validated(laid, Sweep)
    beside = tuple(family.typed_beside(typed.settings, options))
    return _Source(laid, sweep, folder, beside, tuple(typed.overrides))


def _gridded(text: str) -> Document:
    """Read what varies as a person types it, "market.loss_fraction=0,0.05"."""
    knob, equals, values = text.partition("=")
    typed = f"--grid {text[:80]}"
    if not (knob and equals) or not text.isprintable():
        limit = "must look like market.loss_fraction=0,0.05,0.1"
        raise InputError(f"--grid: {limit} (got {text[:60]!a})")
    try:
        listed = parse(f"value: [{values}]", typed).data["value"]
    except InputError as error:  # a line number says nothing about a single line
        raise InputError(str(error).replace(f"{typed}:1:", f"{typed}:", 1)) from None
    return Document({"grid": {knob: listed}}, {}, typed)


def _check_apart(source: _Source, typed: Typed) -> None:
    """Refuse a knob about which two parts of what was typed have something to say."""
    sweep, place = source.sweep, source.document.place
    varied = [(knob, place(f"grid.{knob}")) for knob in sweep.grid]
    listed = {knob: place(f"list.{n}.{knob}") for n, item in enumerate(sweep.list) for knob in item}
    varied += listed.items()
    cube = sweep.latin_hypercube
    varied += [
        (knob, place(f"latin_hypercube.knobs.{knob}")) for knob in (cube.knobs if cube else ())
    ]
    fixed = [(knob, place(f"set.{knob}")) for knob in sweep.set]
    own = [
        (knob, place(f"runs.{n}.set.{knob}"))
        for n, run in enumerate(sweep.runs)
        for knob in run.set
    ]
    beside = [(text.partition("=")[0], f"--set {text}") for text in typed.settings]
    names = [option for option in typed.options if option != "--seed" or not sweep.repetitions]
    beside += [(family.OPTIONS[name], f"{name} {typed.options[name]}") for name in names]
    seeds = [("seed", place("repetitions"))] if sweep.repetitions else []
    for first, others in (
        (varied, fixed), (varied, beside), (own, beside), (seeds, [*varied, *fixed, *own, *beside]),
    ):  # fmt: skip
        for knob, where in first:
            _check_free(knob, where, others)
    for n, (knob, where) in enumerate(varied):
        _check_free(knob, where, varied[:n])


def _check_free(knob: str, where: str, others: Sequence[tuple[str, str]]) -> None:
    for other, there in others:
        if f"{knob}.".startswith(f"{other}.") or f"{other}.".startswith(f"{knob}."):
            raise InputError(f"{where}: {knob}: must be said once (so does {there})")


def _planned(source: _Source, number: int, point: Point) -> tuple[Planned, str]:
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


def _document(source: _Source, point: Point) -> Layers:
    """Lay what is a run's own over its scenario."""
    whole = None if point.whole is None else source.sweep.runs[point.whole]
    name, where = source.sweep.scenario, "scenario"
    if whole is not None and whole.scenario is not None:
        name, where = whole.scenario, f"runs.{point.whole}.scenario"
    assert name is not None  # noqa: S101, the sweep was checked
    overrides = [*source.sweep.override, *(() if whole is None else whole.override)]
    key = (where, name, *overrides)
    if key not in source.laid:
        paths = [_at(source.folder, each, family.shipped_overrides()) for each in overrides]
        path = _at(source.folder, name, family.shipped())
        if path not in family.shipped() and not Path(path).is_file():
            known = ", ".join(family.shipped())
            limit = f"must be a sweep, a scenario's file or one of {known}"
            place = source.document.place(where)
            told = f"{place}: {where}: " if place != name else f"{name}: "
            raise InputError(f"{told}{limit} (got {name!r})" if place != name else f"{told}{limit}")
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


def _at(folder: Path, name: str, known: Sequence[str]) -> str:
    """Name a file that a sweep names from where the program runs."""
    return name if name in known else str(folder / name)


def _profiles(scenario: Scenario) -> Profiles:
    """Read what a run is checked against.

    Homes that are generated from another seed are as many, of the same kinds and days, which is
    all that the check asks, but for networks, which look for what they have seen. So a hundred
    seeds are checked against the homes of one.
    """
    drawn = scenario.profiles.source == "synthetic" and scenario.forecast.name != networks.NAME
    return fit.read_profiles(scenario.model_copy(update={"seed": 0}) if drawn else scenario)


def _arms_count(source: _Source, document: Layers, scenario: Scenario) -> int:
    if source.sweep.simulate:
        return 1
    names = source.sweep.arms
    try:
        return len(arms.chosen(names, scenario)) + len(arms.chosen_bounds(names))
    except InputError as error:
        path = str(error).partition(": ")[0]
        place = source.document.place("arms") if path == "arms" else document.blame(path)
        raise InputError(f"{place}: {error}") from None


def _label(source: _Source, point: Point, scenario: Scenario) -> str:
    """Say in a line what is a run's own."""
    whole = None if point.whole is None else source.sweep.runs[point.whole]
    label = ", ".join(f"{knob}={_short(value)}" for knob, value in point.knobs.items())
    if whole is not None:
        names = [each for each in (whole.scenario, *whole.override, label) if each]
        label = whole.label or ", ".join(names)
    label = (label or scenario.name)[:_LABEL_LENGTH_MAX]
    return label if point.repetition is None else f"{label} #{point.repetition}"


def _varied(source: _Source, point: Point) -> dict[str, JsonValue]:
    whole = None if point.whole is None else source.sweep.runs[point.whole]
    named: dict[str, JsonValue] = {}
    if whole is not None and whole.scenario is not None:
        named["scenario"] = whole.scenario
    if whole is not None and whole.override:
        named["override"] = ", ".join(whole.override)
    return {**named, **point.knobs}


def _short(value: JsonValue) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else json.dumps(value).strip('"')
    return text if text.isprintable() else repr(text)
