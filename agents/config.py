"""The knobs of homes, batteries, connections and strategies."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from profiles.config import Section
from profiles.grid_capacity import KW_MAX

StrategyName = Literal[
    "grid_only",
    "self_use",
    "time_of_use",
    "plan_alone",
    "market",
    "score_rule",
    "score_rule_corrected",
]


class HomesConfig(Section):
    """Which of the profiles' homes take part, and with what."""

    count: int | None = Field(default=None, ge=1)
    """How many homes take part, counted from the lowest id. null takes all."""

    types: Mapping[str, Annotated[int, Field(ge=0)]] = {}
    """How many homes of each type take part, as {ev: 3, flat: 2}, counted from the lowest id; the
    profiles name the types. Empty takes homes of any type."""

    without_pv: Annotated[tuple[int, ...], Field(strict=False)] = ()
    """Ids of homes whose panels are left out, so that a community has buyers by day too."""

    feeders: Mapping[str, Annotated[tuple[int, ...], Field(strict=False, min_length=1)]] = {}
    """Which homes hang on which feeder: a list of ids under the name of each; only the mechanism
    `regional` asks. Empty deals them out by `market.regional.feeders_count`."""

    wallet_usd_initial: float = Field(default=0.0, ge=-1e9, le=1e9)
    """Money in every home's wallet when the run starts [USD]; it takes part in no decision."""

    @model_validator(mode="after")
    def _counted_once(self) -> Self:
        if self.types and self.count is not None:
            raise ValueError(f"count: must be null where types are counted (got {self.count})")
        if self.types and not any(self.types.values()):
            raise ValueError("types: must name at least 1 home (got 0)")
        return self

    @model_validator(mode="after")
    def _hung_once(self) -> Self:
        hung = [home_id for ids in self.feeders.values() for home_id in ids]
        for home_id in hung:
            if hung.count(home_id) > 1:
                raise ValueError(f"feeders: must name each home once (got {home_id} twice)")
        return self


class BatteryConfig(Section):
    """One home battery; every home has the same."""

    kind: Literal["individual", "none"] = "individual"
    """`individual` gives every home its own battery, `none` gives it none."""

    capacity_kwh: float = Field(default=13.5, gt=0, le=10_000)
    """Nominal capacity of the cells [kWh]: a common wall battery."""

    soc_min_fraction: float = Field(default=0.1, ge=0, le=1)
    """Share of the capacity that is kept back [1]; deep discharge ages cells."""

    soc_max_fraction: float = Field(default=0.8, ge=0, le=1)
    """Share of the capacity that is filled at most [1]; so does a full charge."""

    reserve_fraction: float = Field(default=0.0, ge=0, le=1)
    """Share of the capacity, above `soc_min_fraction`, that is kept for outages [1]: nothing else
    takes it out while the grid is there. A run starts with it filled. None: outages are rare."""

    soc_initial_fraction: float = Field(default=0.1, ge=0, le=1)
    """Charge at the start of a run [1]. Empty in every arm, so that no arm is given energy."""

    power_kw_max: float = Field(default=5.0, gt=0, le=10_000)
    """AC power, either direction [kW]."""

    charge_efficiency_fraction: float = Field(default=0.9486832980505138, gt=0, le=1)
    """Energy that reaches the cells per AC energy in [1]; the root of 0.9, so that a round trip
    keeps 90 %."""

    discharge_efficiency_fraction: float = Field(default=0.9486832980505138, gt=0, le=1)
    """AC energy out per energy taken from the cells [1]; likewise."""

    fade_fraction_per_cycle: float = Field(default=3.3e-5, ge=0, le=0.01)
    """State of health lost per full cycle [1]; 6,000 cycles leave 80 %. It is reported and does
    not shrink the capacity during a run."""

    @model_validator(mode="after")
    def _charge_in_order(self) -> Self:
        low, high, start = self.soc_min_fraction, self.soc_max_fraction, self.soc_initial_fraction
        if high < low:
            raise ValueError(
                f"soc_max_fraction: must be at least soc_min_fraction, {low:g} (got {high:g})"
            )
        if self.reserve_fraction > high - low:
            raise ValueError(
                f"reserve_fraction: must be at most soc_max_fraction less soc_min_fraction, "
                f"{high - low:g} (got {self.reserve_fraction:g})"
            )
        if not low <= start <= high:
            raise ValueError(
                f"soc_initial_fraction: must be between soc_min_fraction and soc_max_fraction, "
                f"{low:g}..{high:g} (got {start:g})"
            )
        return self


class GridConfig(Section):
    """What every home's connection carries, traded energy too, and what the grid does in all."""

    import_kw_max: float = Field(default=20.0, gt=0)
    """Most that may flow into a home [kW], 10 kWh per half hour. More load goes unserved."""

    export_kw_max: float = Field(default=8.0, ge=0)
    """Most that may flow out of a home [kW], 4 kWh per half hour. More PV is curtailed."""

    community_import_kw_max: float | None = Field(default=None, ge=0, le=KW_MAX)
    """Most that all homes together may import [kW], in every step. null lifts it: the transformer
    is as large as all connections."""

    community_export_kw_max: float | None = Field(default=None, ge=0, le=KW_MAX)
    """Most that all homes together may export [kW], likewise."""

    capacity_path: str | None = None
    """CSV or Parquet file with both by the step of the run, instead of the two constants: columns
    timestep, import_capacity_kw, export_capacity_kw. A relative path starts at the scenario file in
    which it stands, or else at the working directory. null for none."""

    outage_start: str | None = None
    """Moment of the run at which the main grid fails, by the local clock, a date and time. Homes
    then live as an island, see docs/outages.md; none knows of it before. null for no outage."""

    outage_hours: float = Field(default=4.0, gt=0, le=8784)
    """How long it stays away [h], in whole steps; a usual planned shutdown. The run may end
    before it is back."""

    @model_validator(mode="after")
    def _capped_once(self) -> Self:
        for name in ("community_import_kw_max", "community_export_kw_max"):
            value = getattr(self, name)
            if self.capacity_path is not None and value is not None:
                raise ValueError(f"{name}: must be null beside capacity_path (got {value:g})")
        if self.capacity_path == "":
            raise ValueError("capacity_path: must name a file (got '')")
        return self


class StrategyConfig(Section):
    """How homes decide."""

    name: StrategyName = "market"
    """`grid_only` leaves batteries idle; `self_use` stores own surplus for own load;
    `time_of_use` charges in the tariff's cheapest hours, from the grid too, and serves the load at
    its peak; `plan_alone` plans against the tariff; `market` plans against the coordinator's
    forward prices and trades its whole demand curve; `score_rule` buys or sells 2 kWh where a score
    is high, before prices fall or rise; `score_rule_corrected` the other way around."""

    signal_trust_fraction: float = Field(default=0.9, ge=0, le=1)
    """How far `market` trusts the coordinator's prices [1]; the rest is a spread towards the
    grid's. All homes hear the same price, and acting on it together moves it: at 1 they buy by
    night what nobody needs by day. Chosen on months that no published figure uses."""

    guard_days: int = Field(default=7, ge=0, le=365)
    """Past local days over which `market` holds each home against its double, which plans for
    itself and trades with nobody [days]. A home that did worse plans like its double until trade
    has paid again; 0 lets it be. A week holds every kind of day."""

    cells_count: int = Field(default=24, ge=8, le=1000)
    """Cells of the grid of charges on which homes that weigh several futures plan. More are slower
    and hardly better."""

    recourse_fraction: float = Field(default=0.5, ge=0, le=1)
    """How much of its own future a home is taken to learn from one step to the next [1]; the rest
    it weighs like any other. 1 knows each future from the start, 0 never learns."""

    end_learning_fraction: float = Field(default=0.4, ge=0, le=1)
    """Share of the newest day in what energy is expected to be worth when the horizon ends [1]; 0
    keeps to the lowest import price."""


class BoundConfig(Section):
    """The best that was possible, found with all meters and prices known; see docs/bound.md."""

    home_days_max: int = Field(default=1200, ge=0)
    """Largest run whose bounds are computed without being named as arms [homes x days]: 20 homes
    for 60 days take half a minute."""

    time_limit_s: float = Field(default=900.0, gt=0)
    """Wall clock time that each bound may take [s]; one that takes longer is given up, and the
    table says so. A year of nine homes takes a minute or two."""
