"""What a person types to have a scenario run many times.

The grid, the list and the hypercube are multiplied: every combination of the grid with every item
of the list with every sample. Whole runs that are listed come behind, and all of them are repeated.
"""

import math
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field, JsonValue, field_validator, model_validator

from profiles.config import Section
from scenarios.schema import SEED_MAX

RUNS_MAX = 10_000
"""Runs of a batch; beyond, the list of runs is a burden by itself."""

Knobs = Mapping[str, JsonValue]
"""Value by dotted path, such as ``market.loss_fraction``."""

_Grid = Mapping[str, list[JsonValue]]
_Items = Annotated[tuple[Knobs, ...], Field(strict=False)]
_Names = Annotated[tuple[str, ...], Field(strict=False)]


class Range(Section):
    """Between which values a knob of the hypercube is drawn."""

    low: int | float
    """Lowest value, in the unit of the knob. Where both ends are whole numbers, so are those
    between them: write 5.0 for a battery of any size."""

    high: int | float
    """Highest value, likewise; itself possible."""

    log: bool = False
    """Whether it is the logarithm that is spread evenly, as suits values from 0.01 to 10."""

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, typed: Any) -> Any:  # noqa: ANN401, whatever was typed
        if not isinstance(typed, list):
            return typed
        if len(typed) != 2:
            raise ValueError(f"must be [low, high] (got {len(typed)} values)")
        return {"low": typed[0], "high": typed[1]}

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if self.high <= self.low:
            raise ValueError(f"high: must be above low, {self.low:g} (got {self.high:g})")
        if self.log and self.low <= 0:
            raise ValueError(f"low: must be above 0 for a logarithm (got {self.low:g})")
        return self

    def at(self, share: float) -> int | float:
        """Return the value at a share of the range, from 0 up to but not including 1."""
        whole = isinstance(self.low, int) and isinstance(self.high, int)
        low, high = self.low, self.high + 1 if whole else self.high
        if self.log:
            value = math.exp(math.log(low) + share * (math.log(high) - math.log(low)))
        else:
            value = low + share * (high - low)
        return math.floor(min(max(value, self.low), self.high)) if whole else value


class Hypercube(Section):
    """Samples that cover a space of knobs: each knob has one value in every slice of its range."""

    runs_count: int = Field(ge=1, le=RUNS_MAX)
    """How many samples, and so slices of every range."""

    seed: int = Field(default=0, ge=0, le=SEED_MAX)
    """Start of the draws of this hypercube, which nothing else uses."""

    knobs: dict[str, Range]
    """Range by dotted path, as ``[low, high]`` or ``{low: , high: , log: true}``."""

    @field_validator("knobs")
    @classmethod
    def _some(cls, knobs: dict[str, Range]) -> dict[str, Range]:
        if not knobs:
            raise ValueError("must name at least 1 knob (got 0)")
        return knobs


class Whole(Section):
    """A run that is listed as it is."""

    scenario: str | None = None
    """Shipped name, or file; null for the scenario of the sweep."""

    override: _Names = ()
    """Overrides on top of those of the sweep."""

    set: Mapping[str, JsonValue] = {}
    """Value by dotted path; they count more than those of the sweep."""

    label: str | None = Field(default=None, min_length=1, max_length=100)
    """What the run is called; null names it by what is set."""

    @field_validator("label")
    @classmethod
    def _shows_in_one_line(cls, text: str | None) -> str | None:
        if text is not None and not text.isprintable():
            raise ValueError(f"must be printable, in one line (got {text[:60]!a})")
        return text


_Wholes = Annotated[tuple[Whole, ...], Field(strict=False)]


class Sweep(Section):
    """A scenario to be run many times, and what differs from run to run."""

    scenario: str | None = None
    """Shipped name, or file, whose path starts at the sweep's; null where each run names its own.
    """

    override: _Names = ()
    """Shipped overrides, or files, that are laid over the scenario."""

    arms: _Names | None = None
    """Arms and bounds of each run; null for all that a scenario can run."""

    simulate: bool = False
    """Whether the scenario's own strategy is run instead of arms."""

    csv: bool = False
    """Whether CSV files are written however long they are."""

    set: Mapping[str, JsonValue] = {}
    """Value by dotted path, of every run."""

    grid: Mapping[str, list[JsonValue]] = {}
    """Values by dotted path; every combination is run."""

    list: _Items = ()
    """Values by dotted path; every item is run."""

    latin_hypercube: Hypercube | None = None
    """Samples of a space of knobs; null for none."""

    repetitions: int | None = Field(default=None, ge=1, le=RUNS_MAX)
    """How often each run is made, each time with another seed, the same seeds for all runs, so
    that they can be compared in pairs; null makes it once with the scenario's own."""

    seed: int = Field(default=0, ge=0, le=SEED_MAX)
    """Start of the seeds of the repetitions."""

    runs: _Wholes = ()
    """Whole runs, behind the others."""

    @field_validator("grid")
    @classmethod
    def _values(cls, grid: _Grid) -> _Grid:
        for knob, values in grid.items():
            if not values:
                raise ValueError(f"{knob}: must have at least 1 value (got 0)")
        return grid

    @field_validator("list")
    @classmethod
    def _items(cls, items: _Items) -> _Items:
        for place, item in enumerate(items):
            if not item:
                raise ValueError(f"{place}: must set at least 1 knob (got 0)")
        return items

    @model_validator(mode="after")
    def _plans_runs(self) -> Self:
        if self.arms is not None and self.simulate:
            raise ValueError("arms: must be left out where simulate is true")
        if not (self.varies or self.runs or self.repetitions):
            known = "grid, list, latin_hypercube, repetitions or runs"
            raise ValueError(f"must vary something by {known} (got none of them)")
        for place, run in enumerate(self.runs):
            if run.scenario is None and self.scenario is None:
                raise ValueError(f"runs.{place}: must name a scenario, the sweep has none")
        if self.scenario is None and (self.varies or not self.runs):
            raise ValueError("scenario: is missing")
        if self.count > RUNS_MAX:
            raise ValueError(f"must plan at most {RUNS_MAX} runs (got {self.count})")
        return self

    @property
    def varies(self) -> bool:
        """Whether points are to be made, beside the runs that are listed."""
        return bool(self.grid or self.list or self.latin_hypercube)

    @property
    def count(self) -> int:
        """Number of runs."""
        samples = self.latin_hypercube.runs_count if self.latin_hypercube else 1
        made = math.prod(map(len, self.grid.values())) * max(1, len(self.list)) * samples
        points = made if self.varies or not self.runs else 0
        return (points + len(self.runs)) * (self.repetitions or 1)
