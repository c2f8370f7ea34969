"""What a person types about profiles, and how a typed file is checked.

Numbers are strict: text is no number, true is no number, and neither is NaN.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Literal, Self, TypeVar, get_args

from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from profiles.errors import InputError, shown_name
from profiles.local_time import YEAR_FIRST, YEAR_LAST, check_zone, utc_from_local
from profiles.strict_yaml import Document
from profiles.synthetic.household_types import TYPES

_LIMITS = {
    "greater_than": "must be above {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be below {lt}",
    "less_than_equal": "must be at most {le}",
    "finite_number": "must be a finite number",
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "too_long": "must have at most {max_length} items",
    **dict.fromkeys(("dict_type", "mapping_type", "model_type"), "must be a mapping (key: value)"),
    "literal_error": "must be {expected}",
}


class Section(
    BaseModel,
    frozen=True,
    extra="forbid",
    strict=True,
    allow_inf_nan=False,
    use_attribute_docstrings=True,
):
    """A part of a typed file: unknown keys and wrong types are refused, nothing is converted."""


HOME_DAYS_MAX = 4_000_000
"""Home-days that may be generated at once: about 18 GB in steps of 30 minutes."""


_OF_FILES = {"path": None, "weather_path": None, "zone": None, "fill": "none"}


class SyntheticConfig(Section):
    """Homes that are generated. The defaults are a community of inland Southern California."""

    homes_count: int | None = Field(default=None, ge=1, le=100_000)
    """Number of homes; null is as many as `types` counts, or 10 without it. Homes are numbered
    from 1, and what home 7 does is the same however many there are."""

    types: dict[str, Annotated[int, Field(ge=1, le=100_000)]] | None = None
    """How many homes of each kind (house, family, flat, ev, retired), in this order; null takes a
    pattern that repeats every ten homes, so that the kind of a home depends on its number only."""

    start: str = "2017-07-18"
    """First local date. The default makes 2018-07-18, a Wednesday in summer, the last day."""

    days: int = Field(default=366, ge=1, le=3660)
    """Length of the record [local days]: a year of history, and a day to simulate."""

    zone: str = "America/Los_Angeles"
    """Local clock by which people live: an IANA name, or a fixed offset."""

    holidays_country: str | None = "US"
    """Country (ISO 3166) whose public holidays are lived like Sundays; null for none."""

    holidays_subdivision: str | None = "CA"
    """State or other part of the country that has holidays of its own; null for none."""

    latitude_degrees: float = Field(default=34.1, ge=-65.0, le=65.0)
    """Of the homes, north positive; where the sun rises every day. Fontana, California."""

    longitude_degrees: float = Field(default=-117.4, ge=-180.0, le=180.0)
    """Of the homes, east positive."""

    temperature_mean_c: float = Field(default=19.5, ge=-10.0, le=35.0)
    """Mean of the year [C]: inland Southern California."""

    temperature_season_c: float = Field(default=7.0, ge=0.0, le=30.0)
    """How far the warmest and coldest day of the year lie from that mean [C]."""

    temperature_day_c: float = Field(default=7.5, ge=0.0, le=20.0)
    """How far afternoon and dawn of a clear day lie from its mean [C]; a dry climate."""

    heat_wave_c: float = Field(default=6.0, ge=0.0, le=15.0)
    """How much warmer the days of a usual heat wave are [C]; about four begin in a year."""

    cloud_mean_fraction: float = Field(default=0.28, ge=0.0, le=1.0)
    """Share of the sky that clouds cover in the mean of the year [1]."""

    cloud_season_fraction: float = Field(default=0.10, ge=0.0, le=0.5)
    """By how much that share is larger in midwinter and smaller in midsummer [1]."""

    pv_fraction: float = Field(default=0.6, ge=0.0, le=1.0)
    """Share of homes with a roof of their own that have panels [1]; flats have none. With it
    about half of all homes do, so that there are sellers and buyers."""

    pv_kw_min: float = Field(default=3.5, gt=0.0, le=100.0)
    """Smallest rating of a home's panels [kW]."""

    pv_kw_max: float = Field(default=6.5, gt=0.0, le=100.0)
    """Largest rating of a home's panels [kW]; 5 kW, the middle, is a usual roof in California."""

    ev_fraction: float = Field(default=0.0, ge=0.0, le=1.0)
    """Share of homes with a roof of their own, beside the kind `ev`, that have an electric car
    [1]. None, for the pattern has two homes of that kind in ten already."""

    @property
    def count(self) -> int:
        """Number of homes."""
        if self.homes_count is not None:
            return self.homes_count
        return 10 if self.types is None else sum(self.types.values())

    @field_validator("types")
    @classmethod
    def _known_types(cls, types: dict[str, int] | None) -> dict[str, int] | None:
        if types is not None and not types:
            raise ValueError("must name at least 1 kind (got 0)")
        for name in types or {}:
            if name not in TYPES:
                raise ValueError(f"must be among {', '.join(TYPES)} (got {name!r})")
        return types

    @field_validator("start")
    @classmethod
    def _a_date(cls, start: str) -> str:
        try:
            year = date.fromisoformat(start).year
        except ValueError:
            raise ValueError(f"must be a date like 2017-07-18 (got {start!r})") from None
        if not YEAR_FIRST < year < YEAR_LAST - 10:
            limit = f"the year must be from {YEAR_FIRST + 1} to {YEAR_LAST - 11}"
            raise ValueError(f"{limit} (got {start})")
        return start

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        counted = self.count if self.types is None else sum(self.types.values())
        if self.count != counted:
            raise ValueError(
                f"homes_count: must be null or what types counts, {counted} (got {self.count})"
            )
        if self.count * self.days > HOME_DAYS_MAX:
            raise ValueError(
                f"homes_count: must be at most {HOME_DAYS_MAX // self.days} for {self.days} days "
                f"(got {self.count})"
            )
        self._check_midnights()
        if self.pv_kw_max < self.pv_kw_min:
            raise ValueError(
                f"pv_kw_max: must be at least pv_kw_min, {self.pv_kw_min:g} "
                f"(got {self.pv_kw_max:g})"
            )
        return self

    def _check_midnights(self) -> None:
        """Refuse a record that cannot begin or end at midnight by its clock."""
        first = date.fromisoformat(self.start)
        for field, day in (("start", first), ("days", first + timedelta(days=self.days))):
            try:
                utc_from_local(day.isoformat(), self.zone)
            except InputError as error:
                # The message of an unknown zone names the zone itself.
                named = str(error).startswith("zone: ")
                raise ValueError(str(error) if named else f"{field}: {error}") from None


class ProfilesConfig(Section):
    """Where the meter readings come from."""

    source: Literal["fontana", "synthetic", "file"] = "fontana"
    """`fontana` is nine metered homes of Fontana, California, 2016-08-01 to 2017-07-31, which ship
    with the project; `synthetic` homes generated from the seed; `file` a file or folder of your
    own."""

    synthetic: SyntheticConfig = SyntheticConfig()
    """Homes that are generated; read only where the source is `synthetic`."""

    path: str | None = None
    """CSV or Parquet file, or folder with one per home, of the source `file`. A relative path
    starts at the scenario file in which it stands, or else at the working directory."""

    weather_path: str | None = None
    """CSV or Parquet file with weather of the same span, as `path`; null for none."""

    events_path: str | None = None
    """File of hours in which homes use more or less, of any source; see docs/data.md."""

    zone: str | None = None
    """Clock by which days and tariffs are read: an IANA name, whose days have 23 and 25 hours when
    the clock changes, or an offset like "-08:00". Stamps without a zone are of this clock. null
    takes the one that the stamps have."""

    fill: Literal["none", "linear", "previous_day", "zero"] = "none"
    """How gaps are closed; `none` refuses them, because a made-up value should be asked for."""

    fill_hours_max: float = Field(default=3.0, gt=0, le=8784)
    """Longest gap that is closed [h]; over more, neighbours say little about a home."""

    power_kw_max: float = Field(default=100.0, gt=0, le=1_000_000)
    """Highest mean power of an interval believed of a home [kW]; more is taken for a wrong unit."""

    @model_validator(mode="after")
    def _fits_the_source(self) -> Self:
        if self.zone is not None:
            check_zone(self.zone)  # its message begins with the field
        if self.source == "file" and not self.path:
            raise ValueError(f"path: must name a file or folder (got {self.path!r})")
        for knob, free in _OF_FILES.items():
            if self.source != "file" and getattr(self, knob) != free:
                limit = f"must be {free or 'null'} unless the source is file"
                raise ValueError(f"{knob}: {limit} (it is {self.source})")
        return self


Model = TypeVar("Model", bound=BaseModel)


def validated(document: Document, model: type[Model], also: Sequence[str] = ()) -> Model:
    """Check a document against a model.

    Parameters
    ----------
    document : Document
        What was read.
    model : type of BaseModel
        What it should be.
    also : sequence of str
        Keys that the caller has taken out of the top of the document; a message names them.

    Returns
    -------
    BaseModel
        An instance of `model`.

    Raises
    ------
    InputError
        One line for the first thing that is wrong: "file:line: field: limit (got value)".
    """
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
    path, reason = list(map(str, first["loc"])), _reason(first, model, also)
    if first["type"] == "value_error" and ": " in reason:
        # A check of several fields begins its message with the one that is to blame.
        field, reason = reason.split(": ", 1)
        path.append(field)
    # A key may hold whatever a person typed, line breaks too.
    field = f"{'.'.join(map(shown_name, path))}: " if path else ""
    raise InputError(f"{document.blame('.'.join(path))}: {field}{reason}") from None


def _reason(error: ErrorDetails, model: type[BaseModel], also: Sequence[str]) -> str:
    """Say what is wrong, in the words of the person who typed it."""
    if error["type"] == "missing":
        return "is missing"
    if error["type"] == "extra_forbidden":
        section = error["loc"][:-1]
        known = ", ".join([*(() if section else also), *_known(section, model)])
        return f"is not a known key (known: {known})"
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])  # a check of our own, which names value and limit
    known_limit = _LIMITS.get(error["type"])
    context = {
        key: f"{value:g}" if isinstance(value, float) else value
        for key, value in error.get("ctx", {}).items()
    }
    limit = known_limit.format(**context) if known_limit else error["msg"]
    got = repr(error["input"])
    return f"{limit} (got {got if len(got) <= 60 else got[:57] + '...'})"


def _known(path: tuple[int | str, ...], model: type[BaseModel]) -> list[str]:
    """List the keys of the section at a path."""
    for part in path:
        if isinstance(part, str) and part in model.model_fields:
            model = next(_sections(model.model_fields[part].annotation), model)
    return list(model.model_fields)


def _sections(annotation: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401, any annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _sections(argument)
