"""What the grid charges for a kWh, by month and time of day of the local clock.

T is the number of steps. A step is priced by the moment it starts. The shipped tariffs are YAML
files in `data/`; `data/README.md` says where their figures come from.
"""

import re
from dataclasses import dataclass
from importlib.resources import files
from typing import Annotated

import numpy as np
from pydantic import Field

from profiles.arrays import Booleans, Floats
from profiles.config import Section, validated
from profiles.errors import InputError
from profiles.local_time import LocalTime
from profiles.strict_yaml import Document, parse

_MINUTES_PER_DAY = 1440
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
_FILE = re.compile(r"tariff_(\w+)\.yaml")


class PeriodConfig(Section):
    """A price and the hours of the day in which it holds."""

    name: str
    """What the utility calls it."""

    hours: Annotated[tuple[str, ...], Field(strict=False, min_length=1)]
    """Spans of the local clock, "16:00-20:00", the end not included; "24:00" ends the day."""

    import_cents_per_kwh: float = Field(ge=-100.0, le=1000.0)
    """Charged for energy taken from the grid [cents/kWh]."""

    peak: bool = False
    """Whether these are the hours that the grid wants relieved."""


class SeasonConfig(Section):
    """Months that share their periods."""

    name: str
    """What the utility calls it."""

    months: Annotated[
        tuple[Annotated[int, Field(ge=1, le=12)], ...], Field(strict=False, min_length=1)
    ]
    """Months of the year, 1 to 12; each belongs to one season."""

    periods: Annotated[tuple[PeriodConfig, ...], Field(strict=False, min_length=1)]
    """Prices of the day; each minute belongs to one period."""


class TariffFile(Section):
    """A tariff as it stands in its file."""

    name: str
    """Name by which a scenario asks for it."""

    description: str
    """What it is and where its figures come from, in a sentence."""

    seasons: Annotated[tuple[SeasonConfig, ...], Field(strict=False, min_length=1)]
    """Seasons of the year, which together hold every month once."""


@dataclass(frozen=True, slots=True, eq=False)
class Tariff:
    """Import prices of a year, whatever the zone: the caller brings the local clock."""

    name: str
    description: str
    cents_per_kwh: Floats  # (12, 1440) by month and minute of the day
    peak: Booleans  # (12, 1440)

    def import_cents_per_kwh(self, local: LocalTime) -> Floats:
        """Look up the import price of each step, shape (T,) [cents/kWh]."""
        return np.asarray(self.cents_per_kwh[local.month - 1, local.minute])

    def is_peak(self, local: LocalTime) -> Booleans:
        """Tell which steps start in a peak period, shape (T,)."""
        return np.asarray(self.peak[local.month - 1, local.minute])

    def is_cheap(self, local: LocalTime) -> Booleans:
        """Tell which steps start in the cheapest hours of their day, shape (T,).

        A day on which every hour costs the same has none.
        """
        lowest = self.cents_per_kwh.min(axis=1, keepdims=True)  # (12, 1)
        varies = self.cents_per_kwh.max(axis=1, keepdims=True) > lowest
        cheap = (self.cents_per_kwh == lowest) & varies
        return np.asarray(cheap[local.month - 1, local.minute])

    @property
    def lowest_import_cents_per_kwh(self) -> float:
        """Lowest import price of any season [cents/kWh]."""
        return float(self.cents_per_kwh.min())


def names() -> tuple[str, ...]:
    """Name the shipped tariffs, in alphabetical order."""
    found = (_FILE.fullmatch(file.name) for file in files("profiles").joinpath("data").iterdir())
    return tuple(sorted(match[1] for match in found if match))


def load(name: str) -> Tariff:
    """Load a shipped tariff.

    Raises
    ------
    InputError
        If there is none of this name; the message names those there are.
    """
    if name not in names():
        raise InputError(f"tariff.name: must be one of {', '.join(names())} (got {name!r})")
    file = files("profiles").joinpath("data", f"tariff_{name}.yaml")
    return from_document(parse(file.read_text(encoding="utf-8"), file.name))


def from_document(document: Document) -> Tariff:
    """Build a tariff from what its file says.

    Raises
    ------
    InputError
        If a key, a span or a price is wrong, or a month or a minute of the day has no price or
        two; with the line.
    """
    file = validated(document, TariffFile)
    cents_per_kwh = np.full((12, _MINUTES_PER_DAY), np.nan)
    peak = np.zeros((12, _MINUTES_PER_DAY), dtype=np.bool_)
    for index, season in enumerate(file.seasons):
        day = _day(season, document, f"seasons.{index}.periods")
        for place, month in enumerate(season.months):
            if not np.isnan(cents_per_kwh[month - 1, 0]):
                path = f"seasons.{index}.months.{place}"
                raise _refusal(document, path, "a month must stand once in a tariff", str(month))
            cents_per_kwh[month - 1], peak[month - 1] = day
    missing = np.flatnonzero(np.isnan(cents_per_kwh[:, 0])) + 1
    if missing.size:
        listed = ", ".join(map(str, missing))
        raise _refusal(document, "seasons", "must hold every month", f"none for {listed}")
    cents_per_kwh.setflags(write=False)
    peak.setflags(write=False)
    return Tariff(file.name, file.description, cents_per_kwh, peak)


def _day(season: SeasonConfig, document: Document, path: str) -> tuple[Floats, Booleans]:
    """Spread the periods of a season over the minutes of a day, (1440,) each."""
    cents_per_kwh = np.full(_MINUTES_PER_DAY, np.nan)
    peak = np.zeros(_MINUTES_PER_DAY, dtype=np.bool_)
    for index, period in enumerate(season.periods):
        for place, text in enumerate(period.hours):
            where = f"{path}.{index}.hours.{place}"
            span = _span(text)
            if span is None:
                limit = "must be a span of the day like 16:00-20:00 or 20:00-24:00"
                raise _refusal(document, where, limit, repr(text))
            taken = np.flatnonzero(~np.isnan(cents_per_kwh[span]))
            if taken.size:
                twice = _clock(int(taken[0]) + span.start)
                raise _refusal(document, where, "a minute must have one price", f"two at {twice}")
            cents_per_kwh[span] = period.import_cents_per_kwh
            peak[span] = period.peak
    free = np.flatnonzero(np.isnan(cents_per_kwh))
    if free.size:
        raise _refusal(document, path, "must price every minute", f"none at {_clock(int(free[0]))}")
    return cents_per_kwh, peak


def _span(text: str) -> slice | None:
    """Turn "16:00-20:00" into minutes of the day, or None if it is no such span."""
    match = _SPAN.fullmatch(text)
    if match is None:
        return None
    first, end = (60 * int(match[hour]) + int(match[hour + 1]) for hour in (1, 3))
    return slice(first, end) if first < end <= _MINUTES_PER_DAY else None


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _refusal(document: Document, path: str, limit: str, got: str) -> InputError:
    return InputError(f"{document.place(path)}: {path}: {limit} (got {got})")
