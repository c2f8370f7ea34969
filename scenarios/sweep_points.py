"""The runs that follow from a sweep, each said by what it changes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, product

import numpy as np
from scipy.stats import qmc

from scenarios.sweep import Hypercube, Knobs, Sweep

_Choices = list[tuple[Knobs, Mapping[str, str]]]  # knobs, and where each is typed


@dataclass(frozen=True, slots=True)
class Point:
    """What differs in one run."""

    knobs: Knobs
    places: Mapping[str, str]  # dotted path in the sweep of each knob, such as "grid.seed.0"
    whole: int | None = None  # place among the runs that are listed
    repetition: int | None = None  # 1 first
    seed: int | None = None  # of the repetition


def points(sweep: Sweep) -> Iterator[Point]:
    """List what is run: the grid's last knob changes fastest, repetitions faster still."""
    drawn = seeds(sweep)
    for point in _once(sweep):
        if not drawn:
            yield point
        for number, seed in enumerate(drawn, 1):
            yield Point(point.knobs, point.places, point.whole, number, seed)


def seeds(sweep: Sweep) -> list[int]:
    """Spawn a seed for each repetition; more repetitions begin with the same ones.

    53 bits each, which every reader of numbers holds exactly.
    """
    spawned = np.random.SeedSequence(sweep.seed).spawn(sweep.repetitions or 0)
    return [int(each.generate_state(1, np.uint64)[0] >> np.uint64(11)) for each in spawned]


def _once(sweep: Sweep) -> Iterator[Point]:
    if sweep.varies or not sweep.runs:
        gridded: list[_Choices] = [
            [({knob: value}, {knob: f"grid.{knob}.{n}"}) for n, value in enumerate(values)]
            for knob, values in sweep.grid.items()
        ]
        listed: _Choices = [
            (item, {knob: f"list.{n}.{knob}" for knob in item}) for n, item in enumerate(sweep.list)
        ]
        factors = [*gridded, listed or [({}, {})], _samples(sweep.latin_hypercube)]
        for parts in product(*factors):
            knobs = [knobs.items() for knobs, _ in parts]
            places = [places.items() for _, places in parts]
            yield Point(dict(chain(*knobs)), dict(chain(*places)))
    for n, run in enumerate(sweep.runs):
        yield Point(run.set, {knob: f"runs.{n}.set.{knob}" for knob in run.set}, n)


def _samples(cube: Hypercube | None) -> _Choices:
    """Draw the samples of a hypercube.

    References
    ----------
    .. [1] M. D. McKay, R. J. Beckman, W. J. Conover, "A comparison of three methods for selecting
       values of input variables in the analysis of output from a computer code," Technometrics
       21(2), 1979.
    """
    if cube is None:
        return [({}, {})]
    sampler = qmc.LatinHypercube(len(cube.knobs), rng=np.random.default_rng(cube.seed))
    shares = sampler.random(cube.runs_count)  # (runs, knobs), each in [0, 1)
    places = {knob: f"latin_hypercube.knobs.{knob}" for knob in cube.knobs}
    return [
        (
            {
                knob: each.at(share)
                for (knob, each), share in zip(cube.knobs.items(), row, strict=True)
            },
            places,
        )
        for row in shares.tolist()
    ]
