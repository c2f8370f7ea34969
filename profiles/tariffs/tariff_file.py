"""A tariff as it is typed: seasons, kinds of day, hours and prices, in a YAML or JSON file.

The shipped files stand in `data/`; `data/README.md` says where their figures come from.
"""

import re
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from profiles.arrays import Booleans, Floats
from profiles.config import Section, validated
from profiles.errors import InputError
from profiles.strict_yaml import Document
from profiles.tariffs.day_kinds import KINDS, NO_HOLIDAYS, HolidayRule, known_names
from profiles.tariffs.time_of_use import TimeOfUse

_MINUTES_PER_DAY = 1440
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
_DAYS = ("weekday", "weekend day or holiday")  # how messages call the kinds of day


class PeriodConfig(Section):
    """A price and the hours of the day in which it holds."""

    name: str
    """What the utility calls it."""

    days: Literal["all", "weekdays", "weekends_and_holidays"] = "all"
    """Days on which it holds."""

    hours: Annotated[tuple[str, ...], Field(strict=False, min_length=1)]
    """Spans of the local clock, "16:00-20:00", the end not included; "24:00" ends the day."""

    import_cents_per_kwh: float = Field(ge=-100.0, le=1000.0)
    """Charged for energy taken from the grid [cents/kWh], before any baseline credit."""

    peak: bool = False
    """Whether these are the hours that the grid wants relieved."""

    cheap: bool = False
    """Whether these are the hours of the lowest price, in which `time_of_use` charges."""

    @model_validator(mode="after")
    def _not_both(self) -> Self:
        if self.peak and self.cheap:
            raise ValueError("cheap: must be false in hours of the peak (got True)")
        return self


class SeasonConfig(Section):
    """Months that share their periods."""

    name: str
    """What the utility calls it."""

    months: Annotated[
        tuple[Annotated[int, Field(ge=1, le=12)], ...], Field(strict=False, min_length=1)
    ]
    """Months of the year, 1 to 12; each belongs to one season."""

    periods: Annotated[tuple[PeriodConfig, ...], Field(strict=False, min_length=1)]
    """Prices of the day; each minute of each kind of day belongs to one period."""


class HolidaysConfig(Section):
    """Days that the utility treats like weekends."""

    country: str
    """Country whose calendar holds them, two letters, such as US."""

    subdivision: str | None = None
    """Part of the country with a calendar of its own, such as CA; null takes the country's."""

    names: Annotated[tuple[str, ...], Field(strict=False, min_length=1)]
    """The holidays that count, by their English names."""

    saturday_moves_to_friday: bool = False
    """Whether the Friday before is a holiday too, where one falls on a Saturday."""

    sunday_moves_to_monday: bool = False
    """Whether the Monday after is a holiday too, where one falls on a Sunday."""


class BaselineConfig(Section):
    """Imports that are credited, up to an allowance."""

    credit_cents_per_kwh: float = Field(ge=-100.0, le=1000.0)
    """Taken off the price of imports within the allowance [cents/kWh]."""

    territory: str
    """Territory whose allowance holds where a scenario names none."""

    kwh_per_day: dict[str, dict[str, Annotated[float, Field(ge=0.0, le=1000.0)]]]
    """Allowance [kWh/day] by territory and season."""


class TariffFile(Section):
    """A tariff as it stands in its file."""

    name: str
    """Name by which a scenario asks for it."""

    description: str
    """What it is and where its figures come from, in a sentence."""

    fixed_cents_per_day: float = Field(default=0.0, ge=-1000.0, le=10_000.0)
    """Standing charge of every home [cents/day]."""

    baseline: BaselineConfig | None = None
    """Credit for the first kilowatt-hours; none if left out."""

    holidays: HolidaysConfig | None = None
    """Holidays of its calendar; none if left out."""

    seasons: Annotated[tuple[SeasonConfig, ...], Field(strict=False, min_length=1)]
    """Seasons of the year, which together hold every month once."""

    def season_of_month(self) -> list[str]:
        """Name the season of each month, January first."""
        by_month = {month: season.name for season in self.seasons for month in season.months}
        return [by_month[month] for month in range(1, 13)]

    def holiday_rule(self) -> HolidayRule:
        """Say which days count as holidays."""
        return HolidayRule(**self.holidays.model_dump()) if self.holidays else NO_HOLIDAYS


def read(document: Document) -> tuple[TariffFile, TimeOfUse]:
    """Check what a tariff's file says, and lay its prices out over the year.

    Parameters
    ----------
    document : Document
        What was read.

    Returns
    -------
    TariffFile, TimeOfUse
        The file as it was typed; its prices by month, kind of day and minute.

    Raises
    ------
    InputError
        If a key, a span or a price is wrong, a month or a minute of the day has no price or two,
        a season has no allowance, or a holiday is not known; with the line.
    """
    file = validated(document, TariffFile)
    shape = (12, len(_DAYS), _MINUTES_PER_DAY)
    cents_per_kwh = np.full(shape, np.nan)
    peak, cheap = (np.zeros(shape, np.bool_) for _ in range(2))
    for index, season in enumerate(file.seasons):
        day = _day(season, document, f"seasons.{index}.periods")
        for place, month in enumerate(season.months):
            if not np.isnan(cents_per_kwh[month - 1, 0, 0]):
                path = f"seasons.{index}.months.{place}"
                raise _refusal(document, path, "a month must stand once in a tariff", str(month))
            cents_per_kwh[month - 1], peak[month - 1], cheap[month - 1] = day
    missing = np.flatnonzero(np.isnan(cents_per_kwh[:, 0, 0])) + 1
    if missing.size:
        listed = ", ".join(map(str, missing))
        raise _refusal(document, "seasons", "must hold every month", f"none for {listed}")
    _check_baseline(file, document)
    _check_holidays(file, document)
    for table in (cents_per_kwh, peak, cheap):
        table.setflags(write=False)
    return file, TimeOfUse(cents_per_kwh, peak, cheap, file.holiday_rule())


def _day(season: SeasonConfig, document: Document, path: str) -> tuple[Floats, Booleans, Booleans]:
    """Spread the periods of a season over the minutes of both kinds of day, (2, 1440) each."""
    cents_per_kwh = np.full((len(_DAYS), _MINUTES_PER_DAY), np.nan)
    peak, cheap = (np.zeros(cents_per_kwh.shape, dtype=np.bool_) for _ in range(2))
    for index, period in enumerate(season.periods):
        for place, text in enumerate(period.hours):
            where = f"{path}.{index}.hours.{place}"
            minutes = _span(text)
            if minutes is None:
                limit = "must be a span of the day like 16:00-20:00 or 20:00-24:00"
                raise _refusal(document, where, limit, repr(text))
            for kind in KINDS[period.days]:
                taken = np.flatnonzero(~np.isnan(cents_per_kwh[kind, minutes]))
                if taken.size:
                    twice = f"two at {_clock(int(taken[0]) + minutes.start)} of a {_DAYS[kind]}"
                    raise _refusal(document, where, "a minute must have one price", twice)
                cents_per_kwh[kind, minutes] = period.import_cents_per_kwh
                peak[kind, minutes], cheap[kind, minutes] = period.peak, period.cheap
    free = np.argwhere(np.isnan(cents_per_kwh))
    if free.size:
        none = f"none at {_clock(int(free[0, 1]))} of a {_DAYS[free[0, 0]]}"
        raise _refusal(document, path, "must price every minute", none)
    return cents_per_kwh, peak, cheap


def _check_baseline(file: TariffFile, document: Document) -> None:
    if file.baseline is None:
        return
    known = file.baseline.kwh_per_day
    if file.baseline.territory not in known:
        limit = f"must be one of {', '.join(known)}" if known else "must have an allowance"
        got = repr(file.baseline.territory)
        raise _refusal(document, "baseline.territory", limit, got)
    seasons = {season.name for season in file.seasons}
    for territory, by_season in known.items():
        if by_season.keys() != seasons:
            path, got = f"baseline.kwh_per_day.{territory}", ", ".join(by_season) or "none"
            limit = f"must have an allowance for each of {', '.join(sorted(seasons))}"
            raise _refusal(document, path, limit, got)


def _check_holidays(file: TariffFile, document: Document) -> None:
    if file.holidays is None:
        return
    country, part = file.holidays.country, file.holidays.subdivision
    known = known_names(country, part)
    if not known:
        limit, got = "must be a country, and a part of it, with a known calendar", (country, part)
        raise _refusal(document, "holidays.country", limit, "-".join(filter(None, got)))
    for place, name in enumerate(file.holidays.names):
        if name not in known:
            limit = f"must be one of {', '.join(known)}"
            raise _refusal(document, f"holidays.names.{place}", limit, repr(name))


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
