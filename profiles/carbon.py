"""How much carbon dioxide one more kWh from the grid causes, step by step.

The rates are marginal: those of the plants that answer to a change in demand. K is the number of
steps.
"""

from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from typing import Literal, Self

import numpy as np
from pydantic import field_validator, model_validator

from profiles.arrays import Floats
from profiles.config import Section
from profiles.profiles import Input
from profiles.tables.table import opened, typed_path
from profiles.tariffs import price_lookup
from profiles.tariffs.config import RepeatYear, path_in_one_line
from profiles.tariffs.price_series import RateSeries, series_of
from profiles.tariffs.span import span_of

COLUMN = "carbon_kg_per_kwh"
LIMITS_KG_PER_KWH = (-3.0, 3.0)
"""What is believed of a grid; lignite is about 1. Grams, or pounds per MWh, lie far above."""

_SHIPPED = "carbon_caiso_pge.parquet"


class CarbonConfig(Section):
    """What carbon dioxide the grid's energy causes. It decides nothing; it is reported."""

    name: Literal["none", "caiso_pge", "file"] = "none"
    """Where marginal rates come from: `caiso_pge` is a year of PG&E's part of California, December
    2019 to November 2020, that ships with the project; `file` a file of your own; `none` reports no
    carbon, for no rate holds everywhere."""

    path: str | None = None
    """CSV or Parquet file of the name `file`, with `ts` or `ts_utc` and `carbon_kg_per_kwh`."""

    repeat_year: RepeatYear = "none"
    """Whether a series of another year may be used, as with prices: each day of the run is paired
    with the same `date` of the series, or with the same `weekday` within three days of that date.
    None refuses a series that does not cover the run."""

    @field_validator("path")
    @classmethod
    def _shows_in_one_line(cls, path: str | None) -> str | None:
        return path_in_one_line(path)

    @model_validator(mode="after")
    def _fits_the_name(self) -> Self:
        if self.name == "file" and self.path is None:
            raise ValueError("path: must be a file with rates (got null)")
        if self.name != "file" and self.path is not None:
            raise ValueError(f"path: must be null unless the name is file (it is {self.name})")
        return self


@dataclass(frozen=True, slots=True, eq=False)
class Carbon:
    """Rates for any span of time."""

    series: RateSeries
    repeat_year: RepeatYear
    input: Input  # the file that was read

    def kg_per_kwh(
        self, start_utc: np.datetime64, step_minutes: int, steps_count: int, zone: str
    ) -> Floats:
        """Rate of each step, shape (K,) [kg per kWh].

        Raises
        ------
        InputError
            If the series does not cover a step.
        """
        span = span_of(start_utc, step_minutes, steps_count, zone)
        return price_lookup.on_steps(self.series, span, self.repeat_year)[0]


def load(config: CarbonConfig) -> Carbon | None:
    """Load the rates that a scenario names; None if it names none.

    Raises
    ------
    InputError
        If a file is missing ("carbon.path: ...") or wrong, with its place.
    """
    if config.name == "none":
        return None
    if config.path is None:
        with as_file(files("profiles").joinpath("data", _SHIPPED)) as path:
            file = replace(opened(path, ()), name=f"profiles/data/{_SHIPPED}")
        source = replace(file.input, name=file.name)
    else:
        file = opened(typed_path("carbon.path", config.path), ())
        source = replace(file.input, name=f"carbon.path: {file.input.name}")
    series = series_of(file, (COLUMN,), limits={COLUMN: LIMITS_KG_PER_KWH})
    series = replace(series, meaning="rate", section="carbon")
    return Carbon(series, config.repeat_year, source)
