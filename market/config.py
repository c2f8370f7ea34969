"""The rules of trade that a scenario may set, under `market`."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from profiles.config import Section

Hour = Annotated[float, Field(ge=0, le=24)]


class SupplyDemandConfig(Section):
    """The price signal `supply_demand`: a price by the hour, moved by the community's imbalance.

    The imbalance is (demand - supply) / demand of the community's forecast, 0 without demand.
    """

    base_cents_per_kwh: float = Field(default=35.0, ge=0)
    """Price in hours without a factor [cents per delivered kWh]: the summer's middle price of the
    reference tariff."""

    peak_hours: Annotated[tuple[Hour, Hour], Field(strict=False)] = (16.0, 20.0)
    """From and until which hour of the local clock [h] energy is dearest, the end not included."""

    peak_factor: float = Field(default=1.4, ge=0)
    """What the base is multiplied by in these hours, also where they are night hours too."""

    night_hours: Annotated[tuple[Hour, Hour], Field(strict=False)] = (0.0, 6.0)
    """From and until which hour of the local clock [h] energy is cheapest, the end not included."""

    night_factor: float = Field(default=0.8, ge=0)
    """What the base is multiplied by in these hours."""

    imbalance_min_fraction: float = Field(default=0.2, ge=0)
    """Imbalance [1], either way, up to which the price stays: a dead band against noise."""

    shortage_slope: float = Field(default=0.5, ge=0)
    """How much the price rises with a shortage: by half, if there is no supply at all."""

    surplus_slope: float = Field(default=0.3, ge=0)
    """How much the price falls with a surplus: by 0.3, if supply is twice the demand."""

    @model_validator(mode="after")
    def _hours_in_order(self) -> Self:
        for name in ("peak_hours", "night_hours"):
            first, end = getattr(self, name)
            if first >= end:
                raise ValueError(f"{name}: must begin before they end (got {first:g} to {end:g})")
        return self


class RegionalConfig(Section):
    """The mechanism `regional`: feeders, the parts of the network that homes share a cable in."""

    feeders_count: int = Field(default=2, ge=1)
    """Feeders that the homes are dealt to, in blocks of neighbouring ids as equal as can be, unless
    `homes.feeders` says which home hangs on which. With two there is a within and a between."""

    between_loss_fraction: float = Field(default=0.02, ge=0, lt=1)
    """Share [1] of what would arrive within a feeder that is lost on the way to another: two
    transformers lie between, of about 1 % each."""


class RehearsalConfig(Section):
    """The price signal `rehearsed`: the market, cleared ahead of time along every future."""

    rounds_count: int = Field(default=1, ge=1, le=100)
    """Rounds in each step. One is enough, as every step goes on from the prices of the last."""

    step_fraction: float = Field(default=0.3, gt=0, le=1)
    """How far the announced prices move towards those found, in a round [1]: at 1 they swing."""

    trust_fraction: float = Field(default=0.9, ge=0, le=1)
    """How far buyers trust the prices while they rehearse [1], as `strategy.signal_trust_fraction`
    says how far they do in earnest."""

    homes_max: int = Field(default=32, ge=2, le=10_000)
    """Most homes that take part; in a larger community as many are drawn at the start, who stand
    for all. A draw of this size tells the whole community's price."""

    quota_slope: float = Field(default=0.3, ge=0, le=100)
    """By how much a kWh of the day's quota gains for each kWh sold too many, in a round
    [cents/kWh per kWh]."""

    quota_cents_per_kwh_max: float = Field(default=20.0, ge=0, le=1000)
    """Most that a kWh of the day's quota can be worth [cents/kWh]."""

    capacity_fraction: float = Field(default=0.92, gt=0, le=1)
    """Share of what the grid can bring that plans count on [1], where it is limited: forecasts
    err, and what is missing then comes dear."""


class MarketConfig(Section):
    """Rules of trade between homes; the grid at tariff stays the counterparty of last resort."""

    mechanism: Literal[
        "call_auction", "posted_price", "mid_market", "pay_as_bid", "regional", "none"
    ] = "call_auction"
    """How orders become trades: `call_auction` clears whole curves at one price per step;
    `posted_price` matches at the coordinator's price, the largest quantity first; `mid_market`
    trades half way between the grid's two prices; `pay_as_bid` lets the dearest bid meet the
    cheapest ask, each pair half way between its limits; `regional` holds an auction in every
    feeder and one between them; `none` lets homes deal with the grid alone."""

    price_signal: Literal["rehearsed", "marginal", "supply_demand"] = "rehearsed"
    """Which price the coordinator expects and publishes, and `posted_price` trades at: `rehearsed`
    clears the market ahead of time; `marginal` plans one battery for the whole community;
    `supply_demand` moves a price by the hour with the community's imbalance."""

    rehearsal: RehearsalConfig = RehearsalConfig()
    """Figures of the price signal `rehearsed`."""

    supply_demand: SupplyDemandConfig = SupplyDemandConfig()
    """Figures of the price signal of that name."""

    regional: RegionalConfig = RegionalConfig()
    """Figures of the mechanism of that name."""

    loss_fraction: float = Field(default=0.05, ge=0, lt=1)
    """Share of the injected energy [1] lost between two homes: the buyer receives, and pays
    for, the rest."""

    price_min_cents_per_kwh: float = Field(default=10.0, ge=0)
    """Lowest price of a trade [cents per delivered kWh]; trades below it are not allowed."""

    price_max_cents_per_kwh: float = 100.0
    """Highest price of a trade [cents per delivered kWh], whatever the tariff is."""

    order_max_kwh: float | None = Field(default=2.0, gt=0)
    """Most that one home may buy (delivered) or sell (injected) in one step [kWh]; it keeps a
    large home from taking a whole step's market. null lifts it."""

    sold_per_day_max_kwh: float | None = Field(default=10.0, gt=0)
    """Most that one home may inject for sale in one local day [kWh]. null lifts it."""

    margin_fraction: float = Field(default=0.05, ge=0, lt=1)
    """Added to what a battery asks [1]; it pays for the wear that the planner does not see."""

    fee_cents_per_kwh: float = Field(default=0.0, ge=0)
    """What the buyer pays to the operator on top of the price [cents per delivered kWh]."""

    fixed_cost_cents: float = Field(default=0.0, ge=0)
    """Effort of one trade [cents]. It is posted to no account: it only raises the smallest
    trade that pays."""

    trade_min_kwh: float = Field(default=0.0, ge=0)
    """Smallest trade between two homes [delivered kWh]; smaller ones are dropped."""

    @model_validator(mode="after")
    def _prices_in_order(self) -> Self:
        low, high = self.price_min_cents_per_kwh, self.price_max_cents_per_kwh
        if high < low:
            raise ValueError(
                f"price_max_cents_per_kwh: must be at least price_min_cents_per_kwh, {low:g} "
                f"(got {high:g})"
            )
        return self
