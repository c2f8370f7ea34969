"""Reads what was typed for a batch: a file, the command line, or one over the other."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import JsonValue

from profiles.config import validated
from profiles.errors import InputError
from profiles.strict_yaml import Document, Value, parse, read
from scenarios import family, layers
from scenarios.layers import Layers
from scenarios.sweep import Sweep

_OF_A_SWEEP = ("scenario", "runs")  # one of them makes a file a sweep's instead of a scenario's


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


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A sweep, and what all of its runs stand on."""

    document: Layers  # knows where each part of the sweep was typed
    sweep: Sweep
    folder: Path  # at which the paths of the sweep start
    beside: tuple[Document, ...]  # of the command line
    overrides: tuple[str, ...]  # likewise
    laid: dict[tuple[str, ...], Layers] = field(default_factory=dict)  # scenarios under overrides


def source_of(typed: Typed) -> Source:
    """Read the sweep, or make one of what the command line says.

    Raises
    ------
    InputError
        If it is none, or says twice what a knob is to be.
    """
    document = Document({"scenario": typed.name_or_path}, {}, typed.name_or_path)
    folder = Path()
    if typed.name_or_path not in family.shipped() and Path(typed.name_or_path).is_file():
        found = read(Path(typed.name_or_path))
        if any(key in found.data for key in _OF_A_SWEEP):
            document, folder = found, Path(typed.name_or_path).parent
    options = dict(typed.options)
    above = [_gridded(text) for text in typed.grid]
    for n, text in enumerate(typed.grid):
        knob = text.partition("=")[0]
        _check_free(
            knob,
            f"--grid {text}",
            [(each.partition("=")[0], f"--grid {each}") for each in typed.grid[:n]],
        )
    for option, value in typed.more.items():
        above.append(layers.override(option.removeprefix("--"), value, f"{option} {short(value)}"))
    laid = layers.layered([document, *above])
    if "--seed" in options and laid.data.get("repetitions") is not None:
        seed = options.pop("--seed")  # the repetitions have seeds of their own, which start here
        laid = layers.layered([laid, layers.override("seed", seed, f"--seed {seed}")])
    sweep = validated(laid, Sweep)
    beside = tuple(family.typed_beside(typed.settings, options))
    source = Source(laid, sweep, folder, beside, tuple(typed.overrides))
    _check_apart(source, typed)
    return source


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


def _check_apart(source: Source, typed: Typed) -> None:
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
            raise InputError(f"{where}: {knob}: must be said once, not by {there} too")


def short(value: JsonValue) -> str:
    """Write a value as it is told to people."""
    text = f"{value:.6g}" if isinstance(value, float) else json.dumps(value).strip('"')
    return text if text.isprintable() else repr(text)
