"""What a person types about profiles, and how a typed file is checked.

Numbers are strict: text is no number, true is no number, and neither is NaN.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Literal, Self, TypeVar, get_args

from pydantic import BaseModel, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from profiles.errors import InputError
from profiles.local_time import check_zone
from profiles.strict_yaml import Document

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
    "model_type": "must be a mapping (key: value)",
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


class ProfilesConfig(Section):
    """Where the meter readings come from."""

    source: Literal["fontana", "file"] = "fontana"
    """`fontana` is nine metered homes of Fontana, California, 2016-08-01 to 2017-07-31, which ship
    with the project; `file` is a file or folder of your own."""

    path: str | None = None
    """CSV or Parquet file, or folder with one per home, of the source `file`. A relative path
    starts at the scenario file in which it stands, or else at the working directory."""

    weather_path: str | None = None
    """CSV or Parquet file with weather of the same span, as `path`; null for none."""

    zone: str | None = None
    """Clock by which days and tariffs are read: an IANA name, whose days have 23 and 25 hours when
    the clock changes, or an offset like "-08:00". Stamps without a zone are of this clock. null
    takes the one that the stamps have."""

    fill: Literal["none", "linear", "previous_day", "zero"] = "none"
    """How gaps are closed; `none` refuses them, because a made-up value should be asked for."""

    fill_hours_max: float = Field(default=3.0, gt=0, le=8784)
    """Longest gap that is closed [h]; over more, neighbours say little about a home."""

    power_kw_max: float = Field(default=100.0, gt=0, le=1_000_000)
    """Highest mean power of an interval that is believed of a home [kW]: five times the largest
    connection of a house. More is taken for a wrong unit, such as Wh for kWh."""

    @model_validator(mode="after")
    def _file_is_named(self) -> Self:
        if self.source == "file" and not self.path:
            raise ValueError(f"path: must name a file or folder (got {self.path!r})")
        if self.source != "file" and self.path is not None:
            raise ValueError(f"path: must be null unless the source is file (it is {self.source})")
        if self.zone is not None:
            check_zone(self.zone)  # its message begins with the field
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
    field = f"{'.'.join(path)}: " if path else ""
    raise InputError(f"{document.place('.'.join(path))}: {field}{reason}") from None


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
    context = {key: _short(value) for key, value in error.get("ctx", {}).items()}
    limit = known_limit.format(**context) if known_limit else error["msg"]
    got = repr(error["input"])
    return f"{limit} (got {got if len(got) <= 60 else got[:57] + '...'})"


def _short(value: object) -> object:
    return f"{value:g}" if isinstance(value, float) else value


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
