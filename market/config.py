"""The rules of trade that a scenario may set, under `market`."""

from typing import Literal, Self

from pydantic import Field, model_validator

from profiles.config import Section


class MarketConfig(Section):
    """Rules of trade between homes; the grid at tariff stays the counterparty of last resort."""

    mechanism: Literal["call_auction", "none"] = "call_auction"
    """How orders become trades: `call_auction` clears whole curves at one price per step;
    `none` lets homes deal with the grid alone."""

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
