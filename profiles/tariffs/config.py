"""What a person types about the grid's prices."""

from typing import Literal

from pydantic import Field, field_validator, model_validator

from profiles.config import Section

RepeatYear = Literal["none", "date", "weekday"]


def path_in_one_line(path: str | None) -> str | None:
    """Refuse a path that no message could show (`ValueError`)."""
    if path is not None and (not path or not path.isprintable()):
        raise ValueError(f"must be the path of a file (got {path[:60]!a})")
    return path


class TariffConfig(Section):
    """What the grid charges and pays."""

    name: str = "pge_tou_c"
    """Name of a shipped tariff, or `file`, `lmp` or `band`: `file` reads prices or a tariff from
    `path`, `lmp` wholesale prices from `path`, `band` draws prices at random or reads them."""

    path: str | None = None
    """File of a tariff that reads one: a series of prices (.csv, .parquet), or for `file` a
    tariff of your own (.yaml, .json)."""

    node: str | None = None
    """Node of the wholesale market whose prices `lmp` reads, where its file has several: a NODE of
    OASIS, or what a column's name begins with, such as sp15; null takes the only one."""

    export_cents_per_kwh: float = Field(default=5.0, ge=-100.0, le=1000.0)
    """Paid for energy sent to the grid [cents/kWh] where no file or band says it; negative where
    sending costs money. The default is that of the reference case."""

    export_path: str | None = None
    """File with what energy sent to the grid earns hour by hour, such as the credits of net
    billing: a series, or a table by month, kind of day and hour."""

    fixed_cents_per_day: float | None = Field(default=None, ge=-1000.0, le=10_000.0)
    """Standing charge of every home [cents/day]; null takes that of the tariff's file, and none
    where the tariff has no such file."""

    baseline_territory: str | None = None
    """Territory whose baseline allowance holds, by its name in the tariff's file; null takes the
    file's own."""

    repeat_year: RepeatYear = "none"
    """Whether a series of another year may be used: each day of the run is paired with the same
    `date` of the series, or with the same `weekday` within three days of that date. None refuses
    a series that does not cover the run, because weather and prices of different years do not
    belong together."""

    adder_cents_per_kwh: float | None = Field(default=None, ge=-100.0, le=1000.0)
    """Added to the wholesale price by `lmp` [cents/kWh], for the wires and the retailer; null
    chooses it so that the mean price of the run is the retail reference."""

    retail_reference_cents_per_kwh: float = Field(default=27.0, ge=-100.0, le=1000.0)
    """Mean import price of a run under `lmp` [cents/kWh]; the default is that of the reference
    case."""

    cheap_below_cents_per_kwh: float = Field(default=2.0, ge=-100.0, le=1000.0)
    """Under `lmp`, a wholesale price below this makes a step cheap [cents/kWh]."""

    peak_above_cents_per_kwh: float = Field(default=4.0, ge=-100.0, le=1000.0)
    """Under `lmp`, a wholesale price above this makes a step one of the peak [cents/kWh]."""

    buy_min_cents_per_kwh: float = Field(default=28.0, ge=-100.0, le=1000.0)
    """Lowest import price of `band` [cents/kWh]; the lowest of pge_tou_c."""

    buy_max_cents_per_kwh: float = Field(default=51.0, ge=-100.0, le=1000.0)
    """Highest import price of `band` [cents/kWh]; the highest of pge_tou_c."""

    sell_min_cents_per_kwh: float = Field(default=3.0, ge=-100.0, le=1000.0)
    """Lowest export price of `band` [cents/kWh]; the mean of both is the 5 cents of the reference
    case."""

    sell_max_cents_per_kwh: float = Field(default=7.0, ge=-100.0, le=1000.0)
    """Highest export price of `band` [cents/kWh]."""

    draw_every: Literal["hour", "step"] = "hour"
    """How long a price that `band` draws holds; wholesale prices are made by the hour."""

    outside_band: Literal["refuse", "clip"] = "refuse"
    """What `band` does with a price of its file that lies outside: refuse the file, or take the
    limit instead."""

    @field_validator("path", "export_path")
    @classmethod
    def _shows_in_one_line(cls, path: str | None) -> str | None:
        return path_in_one_line(path)

    @model_validator(mode="after")
    def _limits_in_order(self) -> "TariffConfig":
        pairs = (
            ("cheap_below_cents_per_kwh", "peak_above_cents_per_kwh"),
            ("buy_min_cents_per_kwh", "buy_max_cents_per_kwh"),
            ("sell_min_cents_per_kwh", "sell_max_cents_per_kwh"),
        )
        for low, high in pairs:
            least, most = getattr(self, low), getattr(self, high)
            if least > most:
                raise ValueError(f"{high}: must be at least {low}, {least:g} (got {most:g})")
        return self
